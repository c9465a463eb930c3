//! Adapts the page judge of one hop to a race.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use url::Url;

use super::reply::Reply;
use crate::fetch::digest::digest;
use crate::fetch::judge::decides;
use crate::fetch::{PageJudge, ReceivedPage, redirect};
use crate::reach::{AnswerFault, Finding, Fingerprints, Judge, Judgement, PageDigest};

/// The purpose of a race.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// The whole answer.
    Whole,
    /// An answer that the judge has recognised, and of which enough has come.
    Begun,
    /// The rest of a body that was handed out in part, and nothing else.
    Rest,
}

/// The page judge of one hop, adapted to a race.
#[derive(Clone)]
pub(crate) struct HopJudge {
    pub(crate) url: Url,
    pub(crate) judge: Arc<dyn PageJudge>,
    pub(crate) wanted: Wanted,
    pub(crate) fingerprints: Fingerprints,
    /// A part of its chain of redirects came in cleartext, so it is compared with what another network reads.
    pub(crate) is_compared: bool,
}

/// What an answer is that was not asked for. In cleartext anyone on the path can have written it.
fn unasked(proved_name: bool) -> Finding {
    if proved_name { Finding::OriginFault { status: None, what: AnswerFault::Unasked } } else { Finding::Unvouched }
}

impl Judge<Box<Reply>> for HopJudge {
    fn judge(&self, reply: &Box<Reply>) -> Judgement {
        if self.wanted == Wanted::Rest {
            // An answer that is not the rest does not become a reply. A head alone may be all that comes.
            let goes_on = reply.complete || !reply.body.is_empty();
            return if goes_on { Judgement::Proven } else { Judgement::NeedMore };
        }
        let enough = reply.complete || (self.wanted == Wanted::Begun && reply.has_begun());
        if reply.settled.load(Ordering::Relaxed) {
            return if enough { Judgement::Proven } else { Judgement::NeedMore };
        }
        let page = ReceivedPage {
            url: &self.url,
            strategy: &reply.candidate.route.strategy,
            status: reply.status,
            headers: &reply.headers,
            body: &reply.body,
            complete: reply.complete,
            proved_name: reply.proved_name,
            fingerprints: &self.fingerprints,
        };
        let judgement = match self.judge.judge(&page) {
            // An error of which enough has come is judged by that.
            Judgement::NeedMore if enough && decides(page.status) => {
                self.judge.judge(&ReceivedPage { complete: true, ..page.clone() })
            }
            judgement => judgement,
        };
        match judgement {
            Judgement::Proven if reply.is_unasked => Judgement::Refuted(unasked(reply.proved_name)),
            Judgement::Proven if !enough && page.redirects_to().is_none() => {
                reply.settled.store(true, Ordering::Relaxed);
                Judgement::NeedMore
            }
            Judgement::NeedMore if enough && reply.is_unasked => Judgement::Refuted(unasked(reply.proved_name)),
            Judgement::NeedMore if enough => Judgement::Proven,
            judgement => judgement,
        }
    }

    fn digest(&self, reply: &Box<Reply>) -> Option<PageDigest> {
        let is_redirect = !matches!(redirect::location(reply.status, &reply.headers), Ok(None));
        let is_known = self.wanted == Wanted::Whole && (reply.complete || is_redirect);
        (self.is_compared && is_known).then(|| digest(&self.url, reply.status, &reply.headers, &reply.body))
    }
}
