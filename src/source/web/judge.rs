//! What a site's answers prove: whether they are the site's at all, where an address has moved permanently, and who
//! said so.
//!
//! An answer is *vouched for* if the host proved its name, and if the host is the requested one or vouched answers led
//! to it. (An onion service is its own name.) Only a vouched answer may say that there is nothing to read. Anyone on
//! the path can write an answer in cleartext: a block page, a login page, an empty feed, a refusal, a redirect to
//! another site. Such an answer is read if it holds what was asked for, and proves nothing if it does not.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::{StatusCode, header};
use url::Url;

use super::document::{Document, read_body, same_host};
use crate::reach::{Finding, Judgement};
use crate::source::{PageJudge, PlainJudge, ReceivedPage};
use crate::transport::is_onion_host;

/// Judges like [`PlainJudge`], accepts no cleartext answer without content, and notes what hosts said that proved their
/// names.
#[derive(Debug)]
pub(super) struct SiteJudge {
    asked: Url,
    elsewhere: Elsewhere,
    proved: Mutex<Proved>,
}

/// How to treat an unvouched redirect to another site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Elsewhere {
    /// Another route is tried, to see whether the site says so, too.
    Refused,
    /// It is followed, because every route was redirected. The target must still hold what was asked for.
    Followed,
}

#[derive(Debug, Default)]
struct Proved {
    answers: HashSet<Url>,
    /// A redirect to another site was refused.
    refused_redirect: bool,
    /// Where vouched answers redirect to.
    led_to: HashSet<Url>,
    /// Permanent redirects (301, 308).
    moves: HashMap<Url, Url>,
}

impl SiteJudge {
    /// The judge of a request for this address.
    pub(super) fn new(asked: &Url, elsewhere: Elsewhere) -> Self {
        Self { asked: asked.clone(), elsewhere, proved: Mutex::default() }
    }

    /// Whether a redirect to another site was refused because it was not vouched for.
    pub(super) fn has_refused_redirect(&self) -> bool {
        self.proved().refused_redirect
    }

    /// The address to which `from` has moved, by permanent redirects alone.
    pub(super) fn moved(&self, from: &Url) -> Option<Url> {
        let Proved { moves, .. } = &*self.proved();
        let mut at = from;
        for _ in 0..moves.len() {
            let Some(next) = moves.get(at) else { break };
            at = next;
        }
        (at != from).then(|| at.clone())
    }

    /// Whether the answer at an address is vouched for.
    pub(super) fn is_proved(&self, url: &Url) -> bool {
        self.proved().answers.contains(url)
    }

    /// Notes a vouched answer. `false`: it is not vouched for.
    fn vouches(&self, page: &ReceivedPage<'_>) -> bool {
        let is_onion = page.url.host().is_some_and(|host| is_onion_host(&host));
        let mut proved = self.proved();
        let is_led = same_host(page.url, &self.asked) || proved.led_to.contains(page.url);
        if !(page.proved_name || is_onion) || !is_led {
            return false;
        }
        if let Some(target) = page.redirects_to() {
            proved.led_to.insert(target.clone());
            if matches!(page.status, StatusCode::MOVED_PERMANENTLY | StatusCode::PERMANENT_REDIRECT) {
                proved.moves.insert(page.url.clone(), target);
            }
        }
        proved.answers.insert(page.url.clone());
        true
    }

    /// Whether an unvouched answer holds what was asked for. A page counts only on the requested host: a login page
    /// elsewhere may well name a feed of its own.
    fn holds_content(&self, page: &ReceivedPage<'_>) -> bool {
        let content_type = page.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        page.status.is_success()
            && match read_body(page.body, content_type, page.headers, page.url) {
                Some(Document::Feed(_, feed)) => !feed.entries.is_empty(),
                Some(Document::Calendar(calendar)) => !calendar.is_empty(),
                Some(Document::Page(named)) => same_host(page.url, &self.asked) && named.names_any(page.url),
                None => false,
            }
    }

    fn proved(&self) -> MutexGuard<'_, Proved> {
        self.proved.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PageJudge for SiteJudge {
    fn judge(&self, page: &ReceivedPage<'_>) -> Judgement {
        let plain = PlainJudge.judge(page);
        let is_vouched = self.vouches(page);
        if plain != Judgement::Proven || is_vouched {
            return plain;
        }
        let is_good = match page.redirects_to() {
            // The redirect proves nothing yet: its target is judged.
            Some(target) if same_host(&target, &self.asked) => true,
            Some(_) if self.elsewhere == Elsewhere::Followed => true,
            Some(_) => {
                self.proved().refused_redirect = true;
                false
            }
            None => self.holds_content(page),
        };
        if is_good { Judgement::Proven } else { Judgement::Refuted(Finding::Unvouched) }
    }
}

/// The caller keeps the judge of a request, and queries it afterwards.
impl PageJudge for Arc<SiteJudge> {
    fn judge(&self, page: &ReceivedPage<'_>) -> Judgement {
        SiteJudge::judge(self, page)
    }
}
