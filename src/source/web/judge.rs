//! What the answers of a site prove: where an address has moved to for good, and who said so.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::StatusCode;
use url::Url;

use crate::reach::Judgement;
use crate::source::{PageJudge, PlainJudge, ReceivedPage};

/// Judges as [`PlainJudge`] does, and notes what hosts said that proved their names: an answer in cleartext may be anybody's.
#[derive(Debug, Default)]
pub(super) struct SiteJudge(Mutex<Proved>);

#[derive(Debug, Default)]
struct Proved {
    answers: HashSet<Url>,
    /// Permanent redirects (301, 308).
    moves: HashMap<Url, Url>,
}

impl SiteJudge {
    /// Where `from` has moved to, by permanent redirects alone.
    pub(super) fn moved(&self, from: &Url) -> Option<Url> {
        let Proved { moves, .. } = &*self.proved();
        let mut at = from;
        for _ in 0..moves.len() {
            let Some(next) = moves.get(at) else { break };
            at = next;
        }
        (at != from).then(|| at.clone())
    }

    /// Whether the answer at an address came from a host that proved its name.
    pub(super) fn is_proved(&self, url: &Url) -> bool {
        self.proved().answers.contains(url)
    }

    fn proved(&self) -> MutexGuard<'_, Proved> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl PageJudge for SiteJudge {
    fn judge(&self, page: &ReceivedPage<'_>) -> Judgement {
        if page.proved_name {
            let mut proved = self.proved();
            let is_permanent = matches!(page.status, StatusCode::MOVED_PERMANENTLY | StatusCode::PERMANENT_REDIRECT);
            if let Some(target) = page.redirects_to().filter(|_| is_permanent) {
                proved.moves.insert(page.url.clone(), target);
            }
            proved.answers.insert(page.url.clone());
        }
        PlainJudge.judge(page)
    }
}

/// The request's judge is the one that is asked afterwards.
impl PageJudge for Arc<SiteJudge> {
    fn judge(&self, page: &ReceivedPage<'_>) -> Judgement {
        SiteJudge::judge(self, page)
    }
}
