//! Why a document or an item of a signed community is not believed. The English sentence is the error's own text.

use super::Language;
use crate::signed::{ChainError, CharterError, EnvelopeError, EventError, FileError, FreezeError, HeadError};

/// What a signed community consists of is not believed, and why.
#[derive(Clone, Copy, Debug)]
pub enum Unbelieved {
    /// An envelope.
    Envelope(EnvelopeError),
    /// A charter by itself.
    Charter(CharterError),
    /// A charter in its chain.
    Chain(ChainError),
    /// A head.
    Head(HeadError),
    /// A freeze.
    Freeze(FreezeError),
    /// An event.
    Event(EventError),
    /// A file.
    File(FileError),
}

/// Why a part of a signed community is not believed.
pub fn unbelieved(language: Language, what: Unbelieved) -> String {
    language.phrasebook().unbelieved(what)
}
