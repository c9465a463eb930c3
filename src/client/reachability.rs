//! How something was reached, or why it was not.

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

/// The attempts of an access, and what they mean.
///
/// `Debug` is redacted: a log must not say who reads what, or over which proxies. Serialising redacts as well: the
/// result is the [`account`](Reachability::account) in the client's language, which names no host, proxy, address or
/// login. To get the names, call [`account_in_full`](Reachability::account_in_full).
#[derive(Clone)]
#[non_exhaustive]
pub struct Reachability {
    /// What was asked for.
    pub url: String,
    /// What the attempts mean for the first strategy that was allowed.
    pub verdict: Verdict,
    /// The route over which an authentic answer came; `None` if none came.
    pub reached_by: Option<Strategy>,
    /// The attempts of all routes, in the order in which they were started.
    pub attempts: Vec<Attempt>,
    /// What earlier requests of the same operation showed to somebody. The verdict does not rely on them.
    pub(super) earlier: Vec<Attempt>,
    asked: Arc<Target>,
    /// Which request of a chain of redirects the verdict is about.
    hop: u32,
    took: Duration,
    /// What is known of the community from elsewhere.
    known: Vec<Restriction>,
}

/// What was asked for, as far as the sentences need it.
#[derive(Clone)]
pub(super) struct Target {
    /// The URL or link, as it is shown.
    pub(super) url: String,
    /// The URL of each hop, by [`Attempt::hop`]. Never empty.
    pub(super) hops: Vec<Url>,
    /// The platform that the host belongs to, by the name that people use.
    pub(super) platform: Option<Platform>,
    /// The strategy that the verdict is about.
    pub(super) subject: Strategy,
    /// What else is known.
    pub(super) context: Context,
    /// Whether what was asked for came, if anything came.
    pub(super) read: bool,
    /// How long the user waited. `None` for a probe, where the time of each route counts.
    pub(super) took: Option<Duration>,
    /// The language of the sentences when it is serialised.
    pub(super) language: Language,
}

impl Reachability {
    /// Judges the attempts.
    pub(super) fn of(asked: Target, reached_by: Option<Strategy>, attempts: Vec<Attempt>) -> Self {
        let pages = compare_pages(&asked.subject, &attempts, asked.context.country).map(Box::new);
        let differing = pages.as_deref().filter(|pages| pages.similarity != PageSimilarity::Same);
        let hop = differing.map_or_else(|| telling_hop(&asked.subject, &attempts), |pages| pages.hop);
        // A probe reads nothing for its user. If two routes gave different pages, the probe counts the route whose page
        // is not in doubt.
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
        let answered_from_outside = attempts.iter().any(Attempt::was_answered_from_outside);
        let context = asked.context.clone();
        let context = Context { clock_ahead, redirected, led_in_cleartext, pages, answered_from_outside, ..context };
        let verdict = verdict(&Case { subject: &subject, others: &others, context });
        let took = asked.took.or_else(|| reached_by.as_ref().map(|way| time_of(&attempts, way))).unwrap_or_default();
        let (url, known) = (asked.url.clone(), Vec::new());
        let earlier = Vec::new();
        Self { url, verdict, reached_by, attempts, earlier, asked: Arc::new(asked), hop, took, known }
    }

    /// A verdict of an earlier access that still applies, so nothing was tried.
    pub(super) fn standing(asked: Target, verdict: Verdict) -> Self {
        let url = asked.url.clone();
        Self {
            url,
            verdict,
            reached_by: None,
            attempts: Vec::new(),
            earlier: Vec::new(),
            asked: Arc::new(asked),
            hop: 0,
            took: Duration::ZERO,
            known: Vec::new(),
        }
    }

    /// The block that the answer itself states: HTTP 451 (RFC 7725), or a notice of the platform. The link of a 451
    /// leads to the party that blocks, which need not be the one that ordered the block. So no authority is taken from
    /// it.
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

    /// The same, but only if the host proved that the words are its own. Words that anybody on the path may have
    /// written say nothing certain about a community.
    pub(super) fn proved_restriction(&self) -> Option<Restriction> {
        let proved = |attempt: &Attempt| {
            attempt.proved_name && matches!(attempt.outcome, Outcome::Refuted(Finding::Legal451(_)))
        };
        self.restriction().filter(|_| self.verdict.code == VerdictCode::Legal451 && self.attempts.iter().any(proved))
    }

    /// Every block that somebody states: the answer itself, and what is known of the community. A block that both state
    /// is listed once.
    pub fn restrictions(&self) -> Vec<Restriction> {
        let mut all = self.known.clone();
        let same = |one: &Restriction, other: &Restriction| {
            one.stated_by == other.stated_by && one.text.starts_with(&other.text)
        };
        all.extend(self.restriction().filter(|said| !all.iter().any(|known| same(known, said))));
        all
    }

    /// The same, together with what is known of the community.
    pub(super) fn knowing(self, community: &Community) -> Self {
        Self { known: community.restrictions.clone(), ..self }
    }

    /// The same with more evidence: how the attempts ended that were still running.
    pub(super) fn with_attempts(self, attempts: Vec<Attempt>) -> Self {
        let Self { known, earlier, .. } = self;
        Self { known, earlier, ..Self::of(Arc::unwrap_or_clone(self.asked), self.reached_by, attempts) }
    }

    /// The same as the last request of an operation. `earlier`: what the requests before it showed.
    #[cfg(feature = "upload")]
    pub(super) fn after(self, earlier: Vec<Attempt>) -> Self {
        Self { earlier, ..self }
    }

    /// The attempt with this number.
    pub fn attempt(&self, id: AttemptId) -> Option<&Attempt> {
        self.attempts.iter().find(|attempt| attempt.id == id)
    }

    /// The attempts that the verdict relies on.
    pub fn evidence(&self) -> impl Iterator<Item = &Attempt> {
        self.verdict.evidence.iter().filter_map(|id| self.attempt(*id))
    }

    /// The same with at most `most` attempts, as a rule. The attempts that the verdict relies on and those that showed
    /// most to somebody always stay; of the others, the first ones.
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

    /// The client's language when this was made. It serialises in this language: see
    /// [`Builder::language`](super::Builder::language).
    pub fn language(&self) -> Language {
        self.asked.language
    }

    /// What the sentence is made from.
    pub(super) fn told(&self) -> sentences::VerdictContext<'_> {
        sentences::VerdictContext {
            verdict: &self.verdict,
            host: self.host(),
            platform: self.asked.platform.as_ref(),
            subject: &self.asked.subject,
            reached: self.reached_by.as_ref().map(|way| (way, self.took)),
            read: self.asked.read,
            attempts: &self.attempts,
            earlier: &self.earlier,
            tls: self.telling_url().is_some_and(|url| url.scheme() == "https"),
            vpn: self.asked.context.vpn,
            unvalidated: self.asked.context.unvalidated,
        }
    }

    /// The host that the verdict is about.
    pub(super) fn host(&self) -> &str {
        let host = self.telling_url().and_then(Url::host_str).unwrap_or_default();
        // People don't write the dot at the end of an absolute name (RFC 6066 section 3 leaves it out as well).
        host.strip_suffix('.').unwrap_or(host)
    }

    fn telling_url(&self) -> Option<&Url> {
        let hops = &self.asked.hops;
        usize::try_from(self.hop).ok().and_then(|hop| hops.get(hop)).or(hops.last())
    }

    /// The strategy that the verdict is about.
    pub(super) fn subject(&self) -> &Strategy {
        &self.asked.subject
    }

    /// How long the route took that reached it.
    pub(super) fn took(&self) -> Duration {
        self.took
    }

    /// Whether it was reached over the direct route.
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

/// Whether it is certain that the host before this hop wrote the redirect that leads to the hop: the host proved its
/// name, or it redirected a direct route and a proxy alike.
fn is_redirected(attempts: &[Attempt], hop: u32) -> bool {
    let Some(before) = hop.checked_sub(1) else { return false };
    let answered = || attempts.iter().filter(|attempt| attempt.hop == before && attempt.outcome == Outcome::Proven);
    let (by_direct, by_proxy) =
        (answered().any(|a| a.strategy.is_direct()), answered().any(|a| !a.strategy.is_direct()));
    answered().any(|attempt| attempt.proved_name) || by_direct && by_proxy
}

/// Whether an answer in cleartext, in the name of another site, led the subject to this hop. An onion service proves
/// its name by its address.
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

/// The hop at which a chain of redirects stops for the subject: the verdict is about this hop. Each address on the
/// chain may be blocked by itself.
fn telling_hop(subject: &Strategy, attempts: &[Attempt]) -> u32 {
    let of_subject = || attempts.iter().filter(|attempt| attempt.strategy == *subject);
    let proven = |hop: u32| of_subject().any(|attempt| attempt.hop == hop && attempt.outcome == Outcome::Proven);
    let stopped = of_subject().map(|attempt| attempt.hop).filter(|hop| !proven(*hop)).min();
    let reached = || of_subject().map(|attempt| attempt.hop).max();
    let any = || attempts.iter().map(|attempt| attempt.hop).max();
    stopped.or_else(reached).or_else(any).unwrap_or_default()
}

/// From the start of the race to the end of the last proven attempt of this route: what the user waited for.
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
            // As after `GetResponse::settle`: the same attempts, some of which were not there before.
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
