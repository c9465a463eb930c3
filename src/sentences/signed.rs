//! What is said of a signed community: what may be believed, and why a part of it is not believed.

use super::Language;
use crate::community::{MirrorState, Trust, TrustReason, TrustState};
use crate::signed::Unbelieved;

/// Why a part of a signed community is not believed. The English sentence is the error's own text.
pub fn unbelieved(language: Language, what: Unbelieved) -> String {
    language.phrasebook().unbelieved(what)
}

impl MirrorState {
    /// How the home behaved, in one plain sentence.
    pub fn sentence(self, language: Language) -> String {
        language.phrasebook().mirror_state(self).to_owned()
    }
}

/// What may be believed, as sentences: the state, and each reason.
pub fn trust(language: Language, trust: &Trust) -> String {
    let Trust { state, reasons, copied_by } = trust;
    let book = language.phrasebook();
    let is_contradicted =
        |reason: &TrustReason| matches!(reason, TrustReason::TwoCharters { .. } | TrustReason::TwoHeads { .. });
    let is_frozen = |reason: &TrustReason| matches!(reason, TrustReason::Frozen { .. });
    let is_frozen_alone = reasons.iter().any(is_frozen) && !reasons.iter().any(is_contradicted);
    let first = match state {
        TrustState::Disputed if is_frozen_alone => book.trust_frozen(),
        _ => book.trust_state(*state, copied_by.as_deref()),
    };
    let reasons = reasons.iter().map(|reason| book.trust_reason(reason));
    let sentences: Vec<String> = std::iter::once(first).chain(reasons).collect();
    sentences.join(" ")
}
