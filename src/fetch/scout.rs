//! One race for all who ask one host at once.
//!
//! An app that opens a screen asks a host for fifty things in one instant. Raced each by itself, they would be fifty
//! cold races: fifty handshakes to an address that is blocked, and fifty through the proxy. So the first goes ahead as a
//! *scout*, and the others wait for its word:
//!
//! - it has found a way: they go that way first;
//! - nothing can be connected to: they end with the scout's own evidence, at once;
//! - anything else: each goes by itself.
//!
//! A scout that is dropped in the middle says that it is lost, and one of those who wait goes in its place, at once. One
//! that is kept and not polled (an app's list that has scrolled on, say) cannot say so: those who wait call it every
//! now and then, and where it does not answer within a hedge's delay, one of them goes instead and the others follow
//! that one. Nobody waits longer than a race lasts. Requests with credentials, or that may be sent once only, wait for the word
//! like others and then send for themselves; a scout of their own kind goes ahead of them, because theirs is a slower race.
//!
//! Only requests of one community (isolation), with one exposure, to one destination, on one network wait for each other.

use std::collections::HashMap;
use std::convert::Infallible;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::{Instant, timeout_at};

use crate::exposure::Exposure;
use crate::reach::{self, Attempt, NetworkId, Outcome, Replay};
use crate::transport::{Cause, Destination, Failure, Isolation, PrivateAddresses, Stage, Strategy};

/// The scouts that are under way.
#[derive(Default)]
pub(crate) struct Scouts(Mutex<HashMap<Key, Weak<Errand>>>);

/// Who waits for each other.
#[derive(Clone, PartialEq, Eq)]
struct Key {
    destination: Destination,
    tls: bool,
    exposure: Exposure,
    avoid_direct: bool,
    private: PrivateAddresses,
    isolation: Isolation,
    network: NetworkId,
    /// One attempt in flight at a time.
    alone: bool,
}

impl Hash for Key {
    /// By the destination alone: two keys of one destination are rare, and hashing is a part of every request.
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.destination.hash(state);
    }
}

/// What becomes of who asks.
pub(crate) enum Part {
    /// Goes ahead.
    Ahead(Scout),
    /// Goes the way that was found first.
    Behind(Strategy),
    /// Need not go: this is what it would meet.
    Spared(Vec<Attempt>),
    /// Goes by itself.
    Alone,
}

impl Scouts {
    /// Waits for the scout's word, until `until` at the latest, or becomes the scout. Cancel-safe.
    pub(crate) async fn join(&self, asked: &reach::Request, network: &NetworkId, until: Instant) -> Part {
        let alone = asked.credentials || asked.replay == Replay::Once;
        let key = Key {
            destination: asked.destination.clone(),
            tls: asked.tls,
            exposure: asked.exposure,
            avoid_direct: asked.avoid_direct,
            private: asked.private,
            isolation: asked.isolation.clone(),
            network: network.clone(),
            alone,
        };
        if alone && let Some(faster) = self.find(&Key { alone: false, ..key.clone() }) {
            match faster.word(until, false).await {
                Word::Lost | Word::Away | Word::Mute => {}
                word => return word.part(asked.hop),
            }
        }
        loop {
            let errand = match self.find_or_begin(&key) {
                Ok(errand) => errand,
                Err(begun) => return Part::Ahead(begun),
            };
            match errand.word(until, true).await {
                // What `word` answers to one who may take over: it does.
                Word::Lost => return Part::Ahead(Scout { errand }),
                Word::Mute => self.give_up(&key, &errand),
                word => return word.part(asked.hop),
            }
        }
    }

    /// Nobody waits for this one any more; who does now waits for the next.
    fn give_up(&self, key: &Key, mute: &Arc<Errand>) {
        let mut errands = self.errands();
        if errands.get(key).is_some_and(|errand| errand.as_ptr() == Arc::as_ptr(mute)) {
            errands.remove(key);
        }
    }

    fn find(&self, key: &Key) -> Option<Arc<Errand>> {
        self.errands().get(key).and_then(Weak::upgrade).filter(|errand| !errand.is_over())
    }

    fn find_or_begin(&self, key: &Key) -> Result<Arc<Errand>, Scout> {
        let mut errands = self.errands();
        let known = errands.get_mut(key);
        if let Some(errand) = known.as_deref().and_then(Weak::upgrade).filter(|errand| !errand.is_over()) {
            return Ok(errand);
        }
        let word = watch::Sender::new(Word::Away);
        let errand = Arc::new(Errand { word, called: Notify::new(), answers: AtomicU64::new(0) });
        match known {
            Some(over) => *over = Arc::downgrade(&errand),
            None => {
                errands.retain(|_, errand| errand.strong_count() > 0);
                errands.insert(key.clone(), Arc::downgrade(&errand));
            }
        }
        Err(Scout { errand })
    }

    fn errands(&self) -> MutexGuard<'_, HashMap<Key, Weak<Errand>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a scout was sent for, and what is known of it. It lasts as long as somebody goes or waits for it.
struct Errand {
    word: watch::Sender<Word>,
    /// Somebody who waits wants to know whether the scout is still on its way.
    called: Notify,
    /// How often it has said so.
    answers: AtomicU64,
}

#[derive(Clone)]
enum Word {
    /// Nothing is known yet.
    Away,
    /// The scout was dropped.
    Lost,
    /// A way is open, and the scout is still on it.
    Found(Strategy),
    /// The scout came back with an answer.
    Back(Strategy),
    /// Nothing can be connected to.
    Nowhere(Arc<Vec<Attempt>>),
    /// The scout came back with neither.
    Undecided,
    /// The scout does not answer. Only who waits finds that.
    Mute,
}

impl Word {
    fn part(self, hop: u32) -> Part {
        match self {
            Word::Found(way) | Word::Back(way) => Part::Behind(way),
            Word::Nowhere(attempts) => {
                let attempts = attempts.iter().cloned();
                Part::Spared(attempts.map(|attempt| Attempt { hop, ..attempt }).collect())
            }
            Word::Away | Word::Lost | Word::Undecided | Word::Mute => Part::Alone,
        }
    }
}

impl Errand {
    fn is_over(&self) -> bool {
        matches!(&*self.word.borrow(), Word::Back(_) | Word::Nowhere(_) | Word::Undecided)
    }

    /// Waits for a word. `Away`: none came in time. `Mute`: whoever holds the scout does not poll it. `Lost`, to one that takes over: the scout is lost, and the errand is
    /// the caller's now.
    async fn word(&self, until: Instant, takes_over: bool) -> Word {
        let mut news = self.word.subscribe();
        loop {
            let word = news.borrow_and_update().clone();
            match word {
                Word::Away => {}
                // Exactly one of those who wait finds it lost.
                Word::Lost if takes_over => {
                    let taken = self.word.send_if_modified(|word| {
                        let lost = matches!(word, Word::Lost);
                        if lost {
                            *word = Word::Away;
                        }
                        lost
                    });
                    if taken {
                        return Word::Lost;
                    }
                    continue;
                }
                word => return word,
            }
            let answers = self.answers.load(Ordering::Relaxed);
            self.called.notify_one();
            let patience = Instant::now() + ANSWERS;
            match timeout_at(until.min(patience), news.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return Word::Away,
                Err(_) if Instant::now() >= until => return Word::Away,
                Err(_) if self.answers.load(Ordering::Relaxed) == answers => return Word::Mute,
                Err(_) => {}
            }
        }
    }
}

/// Who goes ahead.
pub(crate) struct Scout {
    errand: Arc<Errand>,
}

impl Scout {
    /// Says to those who call that it is on its way. To be polled beside the race, for as long as it lasts.
    pub(crate) fn answering(&self) -> impl Future<Output = Infallible> + use<> {
        let errand = self.errand.clone();
        async move {
            loop {
                errand.called.notified().await;
                errand.answers.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// An authenticated answer has begun to come this way.
    pub(crate) fn found(&self, way: &Strategy) {
        self.errand.word.send_if_modified(|word| {
            let news = matches!(word, Word::Away);
            if news {
                *word = Word::Found(way.clone());
            }
            news
        });
    }

    /// The race is over.
    pub(crate) fn back(self, won: Option<&Strategy>, attempts: &[Attempt]) {
        let word = match won {
            Some(way) => Word::Back(way.clone()),
            None if !attempts.is_empty() && attempts.iter().all(could_not_connect) => {
                Word::Nowhere(Arc::new(attempts.to_vec()))
            }
            None => Word::Undecided,
        };
        self.errand.word.send_replace(word);
    }
}

impl Drop for Scout {
    fn drop(&mut self) {
        self.errand.word.send_if_modified(|word| match word {
            Word::Away => {
                *word = Word::Lost;
                true
            }
            // It was on its way, and is not any more.
            Word::Found(way) => {
                *word = Word::Back(way.clone());
                true
            }
            Word::Lost | Word::Back(_) | Word::Nowhere(_) | Word::Undecided | Word::Mute => false,
        });
    }
}

/// Whether it ended before anything of the request was sent, for a reason that others would meet as well.
fn could_not_connect(attempt: &Attempt) -> bool {
    match &attempt.outcome {
        Outcome::Failed(Failure { cause: Cause::Limit { .. } | Cause::Forbidden { .. }, .. }) => false,
        Outcome::Failed(failure) => failure.stage < Stage::FirstByte,
        Outcome::Pending => attempt.stage < Stage::FirstByte,
        Outcome::Proven | Outcome::Refuted(_) | Outcome::Interrupted => false,
    }
}

/// How long a scout may take to say that it is on its way: a hedge's delay, which is how long whoever waits would wait
/// for a silent route, too.
const ANSWERS: Duration = Duration::from_millis(250);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use futures_util::FutureExt;
    use futures_util::future::join_all;
    use url::Host;

    use super::*;

    fn asked(credentials: bool) -> reach::Request {
        reach::Request {
            destination: Destination { host: Host::Domain("vk.com".into()), port: 443 },
            exposure: Exposure::Open,
            avoid_direct: false,
            private: PrivateAddresses::Refused,
            isolation: Isolation::of("ours"),
            replay: Replay::Safe,
            credentials,
            tls: true,
            hop: 3,
        }
    }

    fn join<'a>(scouts: &'a Scouts, asked: &'a reach::Request) -> impl Future<Output = Part> + 'a {
        static NETWORK: std::sync::OnceLock<NetworkId> = std::sync::OnceLock::new();
        scouts.join(asked, NETWORK.get_or_init(NetworkId::default), Instant::now() + Duration::from_secs(10))
    }

    fn ahead(part: Part) -> Scout {
        let Part::Ahead(scout) = part else { panic!("not the scout") };
        scout
    }

    #[tokio::test(start_paused = true)]
    async fn the_others_go_the_way_that_the_first_has_found() {
        let (scouts, plain, secret) = (Scouts::default(), asked(false), asked(true));
        let scout = ahead(join(&scouts, &plain).await);
        let mut waiting = [Box::pin(join(&scouts, &plain)), Box::pin(join(&scouts, &secret))];
        assert!(waiting.iter_mut().all(|waiting| waiting.now_or_never().is_none()));
        scout.found(&Strategy::direct());
        for waiting in waiting {
            assert!(matches!(waiting.now_or_never(), Some(Part::Behind(way)) if way == Strategy::direct()));
        }
        assert!(matches!(join(&scouts, &plain).now_or_never(), Some(Part::Behind(_))), "while it is on its way");
        scout.back(Some(&Strategy::direct()), &[]);
        assert!(matches!(join(&scouts, &plain).now_or_never(), Some(Part::Ahead(_))), "the ledger knows now");
    }

    #[tokio::test(start_paused = true)]
    async fn another_community_or_network_does_not_wait() {
        let (scouts, ours) = (Scouts::default(), asked(false));
        let _scout = ahead(join(&scouts, &ours).await);
        let theirs = reach::Request { isolation: Isolation::of("theirs"), ..ours.clone() };
        let hidden = reach::Request { exposure: Exposure::Tor, ..ours.clone() };
        for other in [theirs, hidden] {
            assert!(matches!(join(&scouts, &other).now_or_never(), Some(Part::Ahead(_))));
        }
        let elsewhere = NetworkId("another".into());
        let joined = scouts.join(&ours, &elsewhere, Instant::now()).now_or_never();
        assert!(matches!(joined, Some(Part::Ahead(_))));
    }

    #[tokio::test(start_paused = true)]
    async fn a_scout_that_is_lost_is_followed_by_exactly_one() {
        let (scouts, plain) = (Scouts::default(), asked(false));
        let scout = ahead(join(&scouts, &plain).await);
        let mut waiting: Vec<_> = (0..5).map(|_| Box::pin(join(&scouts, &plain))).collect();
        assert!(waiting.iter_mut().all(|waiting| waiting.now_or_never().is_none()));
        drop(scout);
        // One that was told so and is dropped before it could go loses nothing.
        drop(waiting.remove(0));
        let mut next = None;
        for waiting in &mut waiting {
            if let Some(part) = waiting.now_or_never() {
                assert!(next.replace(ahead(part)).is_none(), "one goes ahead");
            }
        }
        next.unwrap().back(None, &[]);
        let told = waiting.into_iter().skip(1).map(|waiting| waiting.now_or_never());
        assert!(told.into_iter().all(|part| matches!(part, Some(Part::Alone))));
        assert_eq!(scouts.errands().values().filter(|errand| errand.strong_count() > 0).count(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_longer_than_a_race_lasts() {
        let (scouts, plain) = (Scouts::default(), asked(false));
        let scout = ahead(join(&scouts, &plain).await);
        let begun = Instant::now();
        let part = tokio::select! {
            part = join(&scouts, &plain) => part,
            never = scout.answering() => match never {},
        };
        assert!(matches!(part, Part::Alone));
        assert_eq!(begun.elapsed(), Duration::from_secs(10));
    }

    #[tokio::test(start_paused = true)]
    async fn a_scout_that_nobody_polls_is_followed_by_exactly_one_after_a_hedges_delay() {
        let (scouts, plain) = (Scouts::default(), asked(false));
        let kept = ahead(join(&scouts, &plain).await);
        let begun = Instant::now();
        let waiting = join_all((0..5).map(|_| async {
            let part = join(&scouts, &plain).await;
            assert_eq!(begun.elapsed(), ANSWERS);
            match part {
                Part::Ahead(scout) => {
                    scout.found(&Strategy::direct());
                    Some(scout)
                }
                Part::Behind(_) => None,
                Part::Spared(_) | Part::Alone => panic!("neither ahead nor behind"),
            }
        }));
        assert_eq!(waiting.await.into_iter().flatten().count(), 1);
        kept.back(None, &[]);
    }

    #[tokio::test(start_paused = true)]
    async fn who_sends_credentials_holds_up_those_of_its_kind_only() {
        let (scouts, plain, secret) = (Scouts::default(), asked(false), asked(true));
        let _slow = ahead(join(&scouts, &secret).await);
        assert!(join(&scouts, &secret).now_or_never().is_none());
        assert!(matches!(join(&scouts, &plain).now_or_never(), Some(Part::Ahead(_))));
    }
}
