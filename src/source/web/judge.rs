//! What the answers of a site prove: whether they are the site's at all, where an address has permanently moved to, and
//! who said so.
//!
//! An answer is *vouched for* if its host proved its name, and if it comes from the very address that was asked for
//! (over TLS even if cleartext was asked for) or from one to which vouched answers redirect. (An onion service proves
//! its name by its address.) Only a vouched answer may say that there is nothing to read. Anybody on the path can write
//! an answer in cleartext: a block page, a login page, an empty feed, a refusal, or a redirect to a site of their own
//! or to another page of the site, which then proves its name. Such an answer is read if it contains what was asked
//! for, and proves nothing if it does not.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::StatusCode;
use jiff::Timestamp;
use url::{Position, Url};

use super::discover::{PageLinks, same_host};
use super::document::{Answered, Recognised, recognise};
use super::pace;
use crate::community::host_key;
use crate::reach::{Finding, Judgement};
use crate::source::{PageJudge, PlainJudge, ReceivedPage};
use crate::transport::is_onion_host;

/// Judges as [`PlainJudge`] does, but does not believe an answer in cleartext without content. It also notes what hosts
/// said that proved their names.
#[derive(Debug)]
pub(super) struct SiteJudge {
    asked: Url,
    /// When the site is asked.
    at: Timestamp,
    trusted: Trusted,
    noted: Mutex<Noted>,
}

/// Which answers are believed although nobody vouches for them, according to what the routes showed before.
#[derive(Clone, Debug, Default)]
pub(super) struct Trusted {
    /// Other sites (see [`host_key`]) to which redirects are followed, because every route that answered was led there.
    /// What is there must still be what was asked for.
    pub(super) sites: Vec<String>,
    /// Pages that named a feed although there was none. They are not believed again.
    pub(super) pages: Vec<PageLinks>,
    /// Targets of redirects within the site that led to nothing. They are not followed again.
    pub(super) dead_ends: Vec<Url>,
}

#[derive(Debug, Default)]
struct Noted {
    /// The addresses from which vouched answers came.
    answers: HashSet<Url>,
    /// Where vouched answers redirect to.
    led_to: HashSet<Url>,
    /// Permanent redirects (301, 308).
    moves: HashMap<Url, Url>,
    /// Other sites to which redirects were refused because nobody vouches for them.
    refused_sites: HashSet<String>,
    /// Something else was refused that nobody vouches for.
    refused_content: bool,
    /// How long vouched answers ask to wait before the site is asked again.
    wait: Option<Duration>,
    /// The target of the last redirect within the site that nobody vouches for.
    followed: Option<Url>,
}

impl SiteJudge {
    /// The judge of a request for this address.
    pub(super) fn new(asked: &Url, at: Timestamp, trusted: Trusted) -> Self {
        Self { asked: asked.clone(), at, trusted, noted: Mutex::default() }
    }

    /// The one site to which every refused answer redirects.
    pub(super) fn led_away(&self) -> Option<String> {
        let noted = self.noted();
        let mut sites = noted.refused_sites.iter();
        let site = sites.next().filter(|_| !noted.refused_content)?;
        sites.next().is_none().then(|| site.clone())
    }

    /// The target of a redirect within the site that was followed although nobody vouches for it.
    pub(super) fn followed(&self) -> Option<Url> {
        self.noted().followed.clone()
    }

    /// How long vouched answers ask to wait before the site is asked again, refuted ones included. This counts only if
    /// every answer was refuted: an accepted one says itself how long to wait.
    pub(super) fn asks_to_wait(&self) -> Option<Duration> {
        self.noted().wait
    }

    /// The address to which `from` has moved, by permanent redirects only.
    pub(super) fn moved(&self, from: &Url) -> Option<Url> {
        let Noted { moves, .. } = &*self.noted();
        let mut at = from;
        for _ in 0..moves.len() {
            let Some(next) = moves.get(at) else { break };
            at = next;
        }
        (at != from).then(|| at.clone())
    }

    /// Whether the answer at an address is vouched for.
    pub(super) fn is_vouched(&self, url: &Url) -> bool {
        self.noted().answers.contains(url)
    }

    /// Notes a vouched answer. `false` if the answer is not one.
    fn vouches(&self, page: &ReceivedPage<'_>) -> bool {
        let is_onion = page.url.host().is_some_and(|host| is_onion_host(&host));
        let mut noted = self.noted();
        let is_led = is_same_address(page.url, &self.asked) || noted.led_to.contains(page.url);
        if !(page.proved_name || is_onion) || !is_led {
            return false;
        }
        if let Some(target) = page.redirects_to() {
            noted.led_to.insert(target.clone());
            if matches!(page.status, StatusCode::MOVED_PERMANENTLY | StatusCode::PERMANENT_REDIRECT) {
                noted.moves.insert(page.url.clone(), target);
            }
        }
        noted.answers.insert(page.url.clone());
        noted.wait = noted.wait.max(pace::asked_by(page.status, page.headers, self.at));
        true
    }

    /// Whether an answer that nobody vouches for contains what was asked for. A page only counts on the host that was
    /// asked: a login page elsewhere may name a feed of its own.
    fn holds_content(&self, page: &ReceivedPage<'_>) -> bool {
        page.status.is_success()
            && match recognise(page.body, Answered { url: page.url, headers: page.headers }) {
                Recognised::Content => true,
                Recognised::Page(named) => {
                    same_host(page.url, &self.asked)
                        && named.names_any(page.url)
                        && !self.trusted.pages.contains(&named)
                }
                Recognised::Nothing => false,
            }
    }

    /// Whether a redirect that nobody vouches for is followed. It proves nothing: what it leads to is judged.
    fn may_lead_to(&self, target: &Url) -> bool {
        if same_host(target, &self.asked) {
            let is_dead_end = self.trusted.dead_ends.contains(target);
            let mut noted = self.noted();
            noted.refused_content |= is_dead_end;
            if !is_dead_end && !is_same_address(target, &self.asked) {
                noted.followed = Some(target.clone());
            }
            return !is_dead_end;
        }
        let site = host_key(target).unwrap_or_default();
        let is_trusted = self.trusted.sites.contains(&site);
        if !is_trusted {
            self.noted().refused_sites.insert(site);
        }
        is_trusted
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the two URLs differ in their scheme at most.
fn is_same_address(one: &Url, other: &Url) -> bool {
    one.host() == other.host()
        && one.port() == other.port()
        && one[Position::BeforePath..Position::AfterQuery] == other[Position::BeforePath..Position::AfterQuery]
}

impl PageJudge for SiteJudge {
    fn judge(&self, page: &ReceivedPage<'_>) -> Judgement {
        let plain = PlainJudge.judge(page);
        let is_vouched = self.vouches(page);
        if plain != Judgement::Proven || is_vouched {
            return plain;
        }
        let is_good = match page.redirects_to() {
            Some(target) => self.may_lead_to(&target),
            None => {
                let is_good = self.holds_content(page);
                self.noted().refused_content |= !is_good;
                is_good
            }
        };
        if is_good { Judgement::Proven } else { Judgement::Refuted(Finding::Unvouched) }
    }
}

/// The request and the reading share one judge: the reading asks it afterwards.
impl PageJudge for Arc<SiteJudge> {
    fn judge(&self, page: &ReceivedPage<'_>) -> Judgement {
        SiteJudge::judge(self, page)
    }
}
