//! Where an address has permanently moved to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use http::StatusCode;
use url::Url;

use crate::reach::Judgement;
use crate::source::{PageJudge, PlainJudge, ReceivedPage};

/// Judges as [`PlainJudge`] does, and notes the permanent redirects (301, 308) of hosts that proved their names: a redirect in
/// cleartext may be anybody's.
#[derive(Debug, Default)]
pub(super) struct Moves(Mutex<HashMap<Url, Url>>);

impl Moves {
    /// Where `from` has moved to, by permanent redirects alone.
    pub(super) fn target(&self, from: &Url) -> Option<Url> {
        let moves = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut at = from;
        for _ in 0..moves.len() {
            let Some(next) = moves.get(at) else { break };
            at = next;
        }
        (at != from).then(|| at.clone())
    }
}

impl PageJudge for Moves {
    fn judge(&self, page: &ReceivedPage<'_>) -> Judgement {
        let is_permanent = matches!(page.status, StatusCode::MOVED_PERMANENTLY | StatusCode::PERMANENT_REDIRECT);
        if let Some(target) = page.redirects_to().filter(|_| is_permanent && page.proved_name) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(page.url.clone(), target);
        }
        PlainJudge.judge(page)
    }
}

/// The request's judge is the one that is asked afterwards.
impl PageJudge for Arc<Moves> {
    fn judge(&self, page: &ReceivedPage<'_>) -> Judgement {
        Moves::judge(self, page)
    }
}
