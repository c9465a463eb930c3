//! How something was reached, or why not.

use std::fmt;
use std::time::Duration;

use url::Url;

use crate::community::{Community, Restriction};
use crate::reach::{Attempt, Case, Code, Context, Finding, Outcome, Verdict, verdict};
use crate::sentences::{self, Language};
use crate::source;
use crate::transport::Strategy;

/// What the attempts mean, and the attempts.
///
/// `Debug` is redacted: a log must not say who reads what, by which proxies.
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
    asked: Asked,
    /// Which request of a chain of redirects the verdict speaks of.
    hop: u32,
    took: Duration,
    /// What is known of the community from elsewhere.
    known: Vec<Restriction>,
}

/// What was asked for, as far as sentences need it.
#[derive(Clone)]
pub(super) struct Asked {
    /// The URL or link, as it is shown.
    pub(super) url: String,
    /// The URL of each hop, by [`Attempt::hop`]. Never empty.
    pub(super) hops: Vec<Url>,
    /// What people call the platform, where it is one.
    pub(super) platform: Option<&'static str>,
    /// The strategy that the verdict is about.
    pub(super) subject: Strategy,
    /// What else is known.
    pub(super) context: Context,
    /// What was asked for came, where anything did.
    pub(super) read: bool,
    /// How long the user waited; of a probe, each way's own time counts.
    pub(super) took: Option<Duration>,
}

impl Reachability {
    /// Judges the attempts.
    pub(super) fn of(asked: Asked, reached_by: Option<Strategy>, attempts: Vec<Attempt>) -> Self {
        let hop = telling_hop(&asked.subject, &attempts);
        let of_hop = attempts.iter().filter(|attempt| attempt.hop == hop).cloned();
        let (subject, others): (Vec<_>, Vec<_>) = of_hop.partition(|attempt| attempt.strategy == asked.subject);
        let clock_ahead = Attempt::clock_ahead_of_all(&attempts);
        let redirected = is_redirected(&attempts, hop);
        let context = Context { clock_ahead, redirected, ..asked.context.clone() };
        let verdict = verdict(&Case { subject: &subject, others: &others, context });
        let took = asked.took.or_else(|| reached_by.as_ref().map(|way| time_of(&attempts, way))).unwrap_or_default();
        Self { url: asked.url.clone(), verdict, reached_by, attempts, asked, hop, took, known: Vec::new() }
    }

    /// A verdict that stands from an earlier access, so that nothing was tried.
    pub(super) fn standing(asked: Asked, verdict: Verdict) -> Self {
        let url = asked.url.clone();
        Self {
            url,
            verdict,
            reached_by: None,
            attempts: Vec::new(),
            asked,
            hop: 0,
            took: Duration::ZERO,
            known: Vec::new(),
        }
    }

    /// The block that the answer itself states: HTTP 451 (RFC 7725), or a notice of the platform's own. The link of a 451
    /// leads to whoever blocks, who is not whoever ordered it: no authority is read out of it.
    pub fn restriction(&self) -> Option<Restriction> {
        let statement = self.verdict.statement.as_ref()?;
        let mut restriction = match (self.verdict.code, self.asked.platform) {
            (Code::Legal451, _) => Restriction::new(statement.text.clone().unwrap_or_default(), Restriction::HTTP_451),
            (Code::PlatformBlocked, Some(platform)) => source::restriction(statement, platform),
            _ => return None,
        };
        restriction.link.clone_from(&statement.link);
        let Asked { subject, context, .. } = &self.asked;
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
        self.restriction().filter(|_| self.verdict.code == Code::Legal451 && self.attempts.iter().any(proved))
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
        Self { known: self.known, ..Self::of(self.asked, self.reached_by, attempts) }
    }

    /// What happened, in one or two plain sentences.
    pub fn sentence(&self, language: Language) -> String {
        sentences::verdict(language, &self.told())
    }

    /// What its sentence is told from.
    pub(super) fn told(&self) -> sentences::Told<'_> {
        sentences::Told {
            verdict: &self.verdict,
            host: self.host(),
            platform: self.asked.platform,
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
            .field("rule", &self.verdict.rule)
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
