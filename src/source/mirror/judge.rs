//! What proves that an answer is a file of a mirror: it is a signed document, or has the digest that one states.
//!
//! Anything else may be the work of this route alone, so the next one is asked.

use crate::reach::{AnswerFault, Finding, Judgement};
use crate::signed::{Digest, DocumentKind, Envelope};
use crate::source::{PageJudge, PlainJudge, ReceivedPage};

/// What a file must be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Expected {
    /// A document of this kind, in its envelope. Who signed it is verified later: that is not the route's fault.
    Document(DocumentKind),
    /// A file with this digest.
    File(Digest),
    /// A file that begins with so many bytes of this digest. What follows is newer than the head, and is not read.
    Grown(Digest, usize),
}

impl Expected {
    fn is_optional(self) -> bool {
        matches!(self, Expected::Document(DocumentKind::Freeze))
    }

    fn is(self, body: &[u8]) -> bool {
        match self {
            Expected::Document(kind) => Envelope::parse(body, kind).is_ok(),
            Expected::File(digest) => Digest::of(body) == digest,
            Expected::Grown(digest, bytes) => body.get(..bytes).is_some_and(|begin| Digest::of(begin) == digest),
        }
    }
}

impl PageJudge for Expected {
    fn judge(&self, page: &ReceivedPage<'_>) -> Judgement {
        let plain = PlainJudge.judge(page);
        if plain != Judgement::Proven {
            return plain;
        }
        // A host that proved its name can send away, and can say that it has no such file.
        let says_no = page.redirects_to().is_some() || !page.status.is_success();
        let is_file = page.status.is_success() && self.is(page.body);
        // Almost no mirror has a freeze. Without TLS, other routes would be asked for one at each reading, and an observer who hides
        // it could hide the whole mirror.
        if self.is_optional() && !page.status.is_success() && page.redirects_to().is_none() {
            return plain;
        }
        match (page.proved_name, says_no, is_file) {
            (_, _, true) | (true, true, _) => plain,
            (true, false, false) => {
                Judgement::Refuted(Finding::OriginFault { status: None, what: AnswerFault::OtherFile })
            }
            (false, _, false) => Judgement::Refuted(Finding::Unvouched),
        }
    }
}

/// Whether every route that answered showed something other than the file.
pub(super) fn is_foreign(finding: &Finding) -> bool {
    matches!(finding, Finding::OriginFault { what: AnswerFault::OtherFile, .. })
}
