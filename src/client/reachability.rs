//! How something was reached, or why not.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::community::{Community, Restriction};
use crate::reach::{
    Attempt, AttemptId, Case, Context, Finding, Outcome, PageSimilarity, Verdict, VerdictCode, compare_pages,
    same_site, sightings, verdict,
};
use crate::sentences::{self, Language};
use crate::source::{self, Platform};
use crate::transport::{Strategy, is_onion_host};

/// What the attempts mean, and the attempts.
///
/// `Debug` is redacted: a log must not say who reads what, by which proxies. So is what serde makes of it: it serialises
/// as its [`account`](Reachability::account) in the client's language, which names no host, proxy, address or login.
/// [`account_in_full`](Reachability::account_in_full) names them, and is asked for by name.
#[derive(Clone)]
#[non_exhaustive]
pub struct Reachability {
    /// What was asked for.
    pub url: String,
    /// What the attempts mean for the first strategy that was allowed.
    pub verdict: Verdict,
    /// By which way an authentic answer came; `None`: none did.
    pub reached_by: Option<Strategy>,
    /// Every attempt of every way, in the order in which they were started.
    pub attempts: Vec<Attempt>,
    asked: Arc<Target>,
    /// Which request of a chain of redirects the verdict speaks of.
    hop: u32,
    took: Duration,
    /// What is known of the community from elsewhere.
    known: Vec<Restriction>,
}

/// What was asked for, as far as sentences need it.
#[derive(Clone)]
pub(super) struct Target {
    /// The URL or link, as it is shown.
    pub(super) url: String,
    /// The URL of each hop, by [`Attempt::hop`]. Never empty.
    pub(super) hops: Vec<Url>,
    /// What people call the platform, where it is one.
    pub(super) platform: Option<Platform>,
    /// The strategy that the verdict is about.
    pub(super) subject: Strategy,
    /// What else is known.
    pub(super) context: Context,
    /// What was asked for came, where anything did.
    pub(super) read: bool,
    /// How long the user waited; of a probe, each way's own time counts.
    pub(super) took: Option<Duration>,
    /// In which it is worded when it is serialised.
    pub(super) language: Language,
}

impl Reachability {
    /// Judges the attempts.
    pub(super) fn of(asked: Target, reached_by: Option<Strategy>, attempts: Vec<Attempt>) -> Self {
        let pages = compare_pages(&asked.subject, &attempts, asked.context.country).map(Box::new);
        let differing = pages.as_deref().filter(|pages| pages.similarity != PageSimilarity::Same);
        let hop = differing.map_or_else(|| telling_hop(&asked.subject, &attempts), |pages| pages.hop);
        // A probe reads nothing for its user: of two pages, it was reached by the way whose page it does not doubt.
        let doubted = differing.filter(|pages| pages.similarity == PageSimilarity::Unexplained && asked.took.is_none());
        let reached_by = match doubted {
            Some(pages) if reached_by.as_ref() == Some(&asked.subject) => Some(pages.by.clone()),
            _ => reached_by,
        };
        let is_of_subject = |attempt: &Attempt| attempt.hop == hop && attempt.strategy == asked.subject;
        let (subject, others) = if attempts.iter().all(is_of_subject) {
            (Cow::Borrowed(&attempts[..]), Vec::new())
        } else {
            let of_hop = attempts.iter().filter(|attempt| attempt.hop == hop).cloned();
            let (subject, others): (Vec<_>, Vec<_>) = of_hop.partition(is_of_subject);
            (Cow::Owned(subject), others)
        };
        let clock_ahead = Attempt::clock_ahead_of_all(&attempts);
        let redirected = is_redirected(&attempts, hop);
        let led_in_cleartext = is_led_in_cleartext(&asked.subject, &attempts, hop);
        let context = Context { clock_ahead, redirected, led_in_cleartext, pages, ..asked.context.clone() };
        let verdict = verdict(&Case { subject: &subject, others: &others, context });
        let took = asked.took.or_else(|| reached_by.as_ref().map(|way| time_of(&attempts, way))).unwrap_or_default();
        let (url, known) = (asked.url.clone(), Vec::new());
        Self { url, verdict, reached_by, attempts, asked: Arc::new(asked), hop, took, known }
    }

    /// A verdict that stands from an earlier access, so that nothing was tried.
    pub(super) fn standing(asked: Target, verdict: Verdict) -> Self {
        let url = asked.url.clone();
        Self {
            url,
            verdict,
            reached_by: None,
            attempts: Vec::new(),
            asked: Arc::new(asked),
            hop: 0,
            took: Duration::ZERO,
            known: Vec::new(),
        }
    }

    /// The block that the answer itself states: HTTP 451 (RFC 7725), or a notice of the platform's own. The link of a 451
    /// leads to the blocking party, which is not the one that ordered it: no authority is read out of it.
    pub fn restriction(&self) -> Option<Restriction> {
        let statement = self.verdict.statement.as_ref()?;
        let mut restriction = match (self.verdict.code, &self.asked.platform) {
            (VerdictCode::Legal451, _) => {
                Restriction::new(statement.text.clone().unwrap_or_default(), Restriction::HTTP_451)
            }
            (VerdictCode::PlatformBlocked, Some(platform)) => source::notice::restriction(statement, platform.name()),
            _ => return None,
        };
        restriction.link.clone_from(&statement.link);
        let Target { subject, context, .. } = &*self.asked;
        let seen_from = subject.country.or(context.country.filter(|_| subject.is_direct()));
        restriction.observed_in = seen_from.map(|country| country.code().to_ascii_uppercase());
        Some(restriction)
    }

    /// The same, where the host proved that the words are its own: what anybody on the way may have written is no fact
    /// about a community.
    pub(super) fn proved_restriction(&self) -> Option<Restriction> {
        let proved = |attempt: &Attempt| {
            attempt.proved_name && matches!(attempt.outcome, Outcome::Refuted(Finding::Legal451(_)))
        };
        self.restriction().filter(|_| self.verdict.code == VerdictCode::Legal451 && self.attempts.iter().any(proved))
    }

    /// Every block that somebody states: the answer itself, and what is known of the community. What the answer repeats is
    /// told once.
    pub fn restrictions(&self) -> Vec<Restriction> {
        let mut all = self.known.clone();
        let same = |one: &Restriction, other: &Restriction| {
            one.stated_by == other.stated_by && one.text.starts_with(&other.text)
        };
        all.extend(self.restriction().filter(|said| !all.iter().any(|known| same(known, said))));
        all
    }

    /// The same, beside what is known of the community.
    pub(super) fn knowing(self, community: &Community) -> Self {
        Self { known: community.restrictions.clone(), ..self }
    }

    /// The same with better evidence: what became of the attempts that were still running.
    pub(super) fn with_attempts(self, attempts: Vec<Attempt>) -> Self {
        Self { known: self.known, ..Self::of(Arc::unwrap_or_clone(self.asked), self.reached_by, attempts) }
    }

    /// The attempt with this number.
    pub fn attempt(&self, id: AttemptId) -> Option<&Attempt> {
        self.attempts.iter().find(|attempt| attempt.id == id)
    }

    /// The attempts that carried the verdict.
    pub fn evidence(&self) -> impl Iterator<Item = &Attempt> {
        self.verdict.evidence.iter().filter_map(|id| self.attempt(*id))
    }

    /// The same with no more than `most` attempts, as a rule: what carried the verdict and what showed most to somebody stays
    /// in any case, of the others the first.
    pub(super) fn shortened(mut self, most: usize) -> Self {
        if self.attempts.len() <= most {
            return self;
        }
        let shown = sightings(&self.attempts).into_iter().map(|sighting| sighting.by);
        let kept: HashSet<AttemptId> = self.verdict.evidence.iter().copied().chain(shown).collect();
        let mut others = most.saturating_sub(kept.len());
        self.attempts.retain(|attempt| {
            let first = !kept.contains(&attempt.id) && others > 0;
            others -= usize::from(first);
            first || kept.contains(&attempt.id)
        });
        self
    }

    /// What happened, in one or two plain sentences.
    pub fn sentence(&self, language: Language) -> String {
        sentences::verdict(language, &self.told())
    }

    /// The client's language when it was made, in which it serialises: see [`Builder::language`](super::Builder::language).
    pub fn language(&self) -> Language {
        self.asked.language
    }

    /// What its sentence is told from.
    pub(super) fn told(&self) -> sentences::VerdictContext<'_> {
        sentences::VerdictContext {
            verdict: &self.verdict,
            host: self.host(),
            platform: self.asked.platform.as_ref(),
            subject: &self.asked.subject,
            reached: self.reached_by.as_ref().map(|way| (way, self.took)),
            read: self.asked.read,
            attempts: &self.attempts,
            tls: self.telling_url().is_some_and(|url| url.scheme() == "https"),
            vpn: self.asked.context.vpn,
            unvalidated: self.asked.context.unvalidated,
        }
    }

    /// The host that the verdict speaks of.
    pub(super) fn host(&self) -> &str {
        let host = self.telling_url().and_then(Url::host_str).unwrap_or_default();
        // The dot of an absolute name is no part of what it is called (RFC 6066 section 3 does the same).
        host.strip_suffix('.').unwrap_or(host)
    }

    fn telling_url(&self) -> Option<&Url> {
        let hops = &self.asked.hops;
        usize::try_from(self.hop).ok().and_then(|hop| hops.get(hop)).or(hops.last())
    }

    /// The strategy that the verdict speaks of.
    pub(super) fn subject(&self) -> &Strategy {
        &self.asked.subject
    }

    /// How long the way took that reached it.
    pub(super) fn took(&self) -> Duration {
        self.took
    }

    /// It was reached, by the direct way.
    pub fn is_direct(&self) -> bool {
        self.reached_by.as_ref().is_some_and(Strategy::is_direct)
    }
}

impl fmt::Debug for Reachability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reachability")
            .field("verdict", &self.verdict.code)
            .field("rule", &self.verdict.rule.code())
            .field("reached_by", &self.reached_by.as_ref().map(Strategy::scheme))
            .field("attempts", &self.attempts.len())
            .finish_non_exhaustive()
    }
}

/// Whether the host before this hop surely wrote the redirect that leads to it: it proved its name, or redirected a direct way
/// and a proxy alike.
fn is_redirected(attempts: &[Attempt], hop: u32) -> bool {
    let Some(before) = hop.checked_sub(1) else { return false };
    let answered = || attempts.iter().filter(|attempt| attempt.hop == before && attempt.outcome == Outcome::Proven);
    let (by_direct, by_proxy) =
        (answered().any(|a| a.strategy.is_direct()), answered().any(|a| !a.strategy.is_direct()));
    answered().any(|attempt| attempt.proved_name) || by_direct && by_proxy
}

/// An answer in cleartext in the name of another site led the subject to this hop. An onion service is its own name.
fn is_led_in_cleartext(subject: &Strategy, attempts: &[Attempt], hop: u32) -> bool {
    let of_subject = || attempts.iter().filter(|attempt| attempt.strategy == *subject);
    let Some(here) = of_subject().find(|attempt| attempt.hop == hop).map(|attempt| &attempt.destination.host) else {
        return false;
    };
    of_subject().any(|attempt| {
        let from = &attempt.destination.host;
        let is_answer = attempt.hop < hop && attempt.outcome == Outcome::Proven;
        is_answer && !attempt.tls && !is_onion_host(from) && !same_site(from, here)
    })
}

/// Where a chain of redirects stops for the subject: that is what there is to say of it. Each address on the chain may
/// be blocked by itself.
fn telling_hop(subject: &Strategy, attempts: &[Attempt]) -> u32 {
    let of_subject = || attempts.iter().filter(|attempt| attempt.strategy == *subject);
    let proven = |hop: u32| of_subject().any(|attempt| attempt.hop == hop && attempt.outcome == Outcome::Proven);
    let stopped = of_subject().map(|attempt| attempt.hop).filter(|hop| !proven(*hop)).min();
    let reached = || of_subject().map(|attempt| attempt.hop).max();
    let any = || attempts.iter().map(|attempt| attempt.hop).max();
    stopped.or_else(reached).or_else(any).unwrap_or_default()
}

/// From the start of the race to the end of the way's last proven attempt: what the user waited for.
fn time_of(attempts: &[Attempt], way: &Strategy) -> Duration {
    attempts
        .iter()
        .filter(|attempt| attempt.strategy == *way && attempt.outcome == Outcome::Proven)
        .map(|attempt| attempt.started.saturating_add(attempt.took))
        .max()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use proptest::prelude::*;

    use super::*;
    use crate::transport::{Cause, Failure, Stage, Strategy};
    use proptest::strategy::Strategy as _;

    fn attempt(number: u64, way: &str, outcome: Outcome, stage: Stage) -> Attempt {
        let strategy: Strategy = way.parse().unwrap();
        let direct = strategy.is_direct();
        Attempt {
            id: AttemptId::new(number),
            entered: Some(stage),
            address: direct.then(|| [192, 0, 2, u8::try_from(number).unwrap()].into()),
            stage,
            proved_name: outcome == Outcome::Proven,
            outcome,
            started: Duration::from_millis(number),
            took: Duration::from_millis(200),
            ..Attempt::of_test(strategy)
        }
    }

    fn reset(number: u64, way: &str) -> Attempt {
        let cut = Outcome::Failed(Failure::new(Stage::Tls, Cause::Reset));
        attempt(number, way, cut, Stage::Tls)
    }

    fn judged(attempts: Vec<Attempt>) -> Reachability {
        let asked = Target {
            url: "https://site.example/".to_owned(),
            hops: vec!["https://site.example/".parse().unwrap()],
            platform: None,
            subject: Strategy::direct(),
            context: Context::default(),
            read: true,
            took: None,
            language: Language::En,
        };
        Reachability::of(asked, None, attempts)
    }

    const TOR: &str = "tor+socks5://127.0.0.1:9050";
    const PROXY: &str = "https://proxy.example";

    proptest! {
        #[test]
        fn evidence_is_found_whatever_the_order_of_arrival(
            attempts in Just(vec![
                attempt(11, TOR, Outcome::Proven, Stage::Progress),
                reset(12, "direct:"),
                attempt(13, PROXY, Outcome::Proven, Stage::Progress),
                reset(14, "direct:"),
                attempt(15, TOR, Outcome::Pending, Stage::Proxy),
                attempt(16, PROXY, Outcome::Pending, Stage::Tcp),
            ]).prop_shuffle(),
            begun in 2..6_usize,
        ) {
            let all = judged(attempts.clone());
            // As after `GetResponse::settle`: the same attempts, of which some were not there before.
            let settled = judged(attempts[..begun].to_vec()).with_attempts(attempts);
            for met in [all, settled] {
                prop_assert_eq!(met.verdict.rule.code(), "tls.reset.other_vantage");
                let told = [met.account(Language::En), met.account_in_full(Language::Ru)];
                prop_assert_eq!(met.evidence().count(), met.verdict.evidence.len());
                for id in &met.verdict.evidence {
                    let shown = met.attempt(*id).unwrap();
                    let cut = shown.strategy.is_direct() && shown.outcome.code() == "reset";
                    let read = !shown.strategy.is_direct() && shown.outcome == Outcome::Proven;
                    prop_assert!(cut || read, "attempt {id} is {} {}", shown.strategy.scheme(), shown.outcome.code());
                    for account in &told {
                        let shown_there = account.attempt(*id).unwrap();
                        prop_assert_eq!(shown_there.outcome.as_str(), shown.outcome.code());
                        prop_assert_eq!(&account.verdict.evidence, &met.verdict.evidence);
                    }
                }
                let has = |direct| met.evidence().any(|attempt| attempt.strategy.is_direct() == direct);
                prop_assert!(has(true) && has(false), "a comparison rests on both sides");
            }
        }
    }

    #[test]
    fn a_shortened_report_keeps_its_evidence() {
        let mut attempts: Vec<Attempt> =
            (1..=90).map(|number| attempt(number, PROXY, Outcome::Pending, Stage::Tcp)).collect();
        attempts.extend([reset(91, "direct:"), attempt(92, TOR, Outcome::Proven, Stage::Progress)]);
        let short = judged(attempts).shortened(64);
        assert_eq!(short.attempts.len(), 64);
        let evidence: Vec<u64> = short.evidence().map(|attempt| attempt.id.number()).collect();
        assert_eq!(evidence, [91, 92]);
        assert_eq!(short.attempts[0].id.number(), 1);
    }
}
