//! What proves that an answer is a file of a mirror: it is a signed document, or has the digest that one states.
//!
//! Anything else may be the work of this route alone, so the next one is asked.

use std::fmt;
use std::sync::Arc;

use http::StatusCode;
use jiff::Timestamp;
use url::Url;

use crate::reach::{AnswerFault, Finding, Judgement};
use crate::signed::{Chain, ChainError, Digest, DocumentKind, Envelope, Freeze, Head, PublicKey};
use crate::source::{PageJudge, PlainJudge, ReceivedPage};

/// What a file must be.
///
/// A host that proved its name is at fault itself if a document is not signed as it must be: that is verified later and said. Any
/// other answer may be the work of the route, so it must verify here.
#[derive(Clone)]
pub(super) enum Expected {
    /// The first charter of the community with this id.
    First(Digest),
    /// A charter that continues this chain, or contradicts it.
    Charter(Arc<Chain>, Timestamp),
    /// The same, where there may be none.
    NextCharter(Arc<Chain>, Timestamp),
    /// A head that one of these keys signed, or that names a charter after this one and can't be verified yet.
    Head(Vec<PublicKey>, u64),
    /// A freeze of the community with this chain.
    Freeze(Arc<Chain>, Timestamp),
    /// A file with this digest.
    File(Digest),
    /// A file that begins with so many bytes of this digest. What follows is newer than the head, and is not read.
    Grown(Digest, usize),
    /// The same file, or what follows the beginning that is kept of it.
    Rest(Arc<[u8]>, Digest, usize),
    /// The same, of which another form is no fault of the home: its own head does not name the file, or only the rest is asked for.
    Perhaps(Box<Expected>),
}

impl Expected {
    fn is_optional(&self) -> bool {
        matches!(self, Expected::Freeze(..) | Expected::NextCharter(..))
    }

    /// The kind of the document, if it is one.
    pub(super) fn kind(&self) -> Option<DocumentKind> {
        match self {
            Expected::First(_) | Expected::Charter(..) | Expected::NextCharter(..) => Some(DocumentKind::Charter),
            Expected::Head(..) => Some(DocumentKind::Head),
            Expected::Freeze(..) => Some(DocumentKind::Freeze),
            Expected::File(_) | Expected::Grown(..) | Expected::Rest(..) | Expected::Perhaps(_) => None,
        }
    }

    pub(super) fn is(&self, status: StatusCode, body: &[u8], proved_name: bool) -> bool {
        match self {
            Expected::Perhaps(file) => return proved_name || file.is(status, body, proved_name),
            Expected::File(digest) => return Digest::of(body) == *digest,
            Expected::Grown(digest, bytes) => {
                return body.get(..*bytes).is_some_and(|begin| Digest::of(begin) == *digest);
            }
            Expected::Rest(kept, digest, bytes) if status == StatusCode::PARTIAL_CONTENT => {
                let rest = bytes.checked_sub(kept.len()).and_then(|rest| body.get(..rest));
                return rest.is_some_and(|rest| Digest::of_parts([kept, rest]) == *digest);
            }
            Expected::Rest(_, digest, bytes) => return Expected::Grown(*digest, *bytes).is(status, body, proved_name),
            _ => {}
        }
        let envelope = self.kind().and_then(|kind| Envelope::parse(body, kind).ok());
        envelope.is_some_and(|envelope| proved_name || self.verifies(&envelope))
    }

    fn verifies(&self, envelope: &Envelope) -> bool {
        match self {
            Expected::First(id) => envelope.digest() == *id,
            Expected::Charter(chain, now) | Expected::NextCharter(chain, now) => {
                let extended = Chain::clone(chain).extend(envelope, *now);
                matches!(
                    extended,
                    Ok(_)
                        | Err(ChainError::Disputed
                            | ChainError::RecoveryVoid
                            | ChainError::OtherPrevious
                            | ChainError::Frozen)
                )
            }
            Expected::Head(signers, known) => {
                envelope.is_signed_by(signers, 1) || Head::read(envelope).is_ok_and(|head| head.charter > *known)
            }
            Expected::Freeze(chain, now) => Freeze::verify(envelope, chain, *now).is_ok(),
            Expected::File(_) | Expected::Grown(..) | Expected::Rest(..) | Expected::Perhaps(_) => false,
        }
    }
}

impl fmt::Debug for Expected {
    /// Redacted: keys and digests name the community.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Expected").field(&self.kind()).finish()
    }
}

impl PageJudge for Expected {
    fn judge(&self, page: &ReceivedPage<'_>) -> Judgement {
        let plain = PlainJudge.judge(page);
        if plain != Judgement::Proven {
            return plain;
        }
        // No other host is contacted on a mirror's word.
        if let Some(target) = page.redirects_to()
            && page.proved_name
            && !is_same_site(page.url, &target)
        {
            return Judgement::Refuted(Finding::OriginFault { status: None, what: AnswerFault::Redirect });
        }
        // A host that proved its name can redirect within its site, and can say that it has no such file.
        let says_no = page.redirects_to().is_some() || !page.status.is_success();
        let is_file = page.status.is_success() && self.is(page.status, page.body, page.proved_name);
        // Almost no mirror has a freeze or a recovery. Without TLS, other routes would be asked for one at each reading, and an observer
        // who hides it could hide the whole mirror.
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

/// Whether a redirect stays at the same host. It may lead from `http` to `https`.
fn is_same_site(from: &Url, to: &Url) -> bool {
    let is_upgrade = from.scheme() == "http" && to.scheme() == "https" && from.port().is_none() && to.port().is_none();
    from.host() == to.host() && (from.origin() == to.origin() || is_upgrade)
}

/// Whether every route that answered was sent to another host.
pub(super) fn leads_elsewhere(finding: &Finding) -> bool {
    matches!(finding, Finding::OriginFault { what: AnswerFault::Redirect, .. })
}

/// Whether every route that answered showed something other than the file.
pub(super) fn is_foreign(finding: &Finding) -> bool {
    matches!(finding, Finding::OriginFault { what: AnswerFault::OtherFile, .. })
}
