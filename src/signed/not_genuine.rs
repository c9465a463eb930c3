use std::fmt;

use serde::{Serialize, Serializer};

use super::{ChainError, CharterError, EnvelopeError, EventError, FileError, FreezeError, HeadError};

/// Why something that a mirror of a signed community sent is not believed.
///
/// It serialises as its code; docs/errors.md lists the codes under signed communities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotGenuine(Unbelieved);

/// A part of a signed community that is not believed, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

impl NotGenuine {
    /// The part of a mirror that is not believed.
    pub(crate) fn new(what: impl Into<Unbelieved>) -> Self {
        Self(what.into())
    }

    /// The stable code, e.g. `head_rollback`.
    pub fn code(&self) -> &'static str {
        match self.0 {
            Unbelieved::Envelope(error) => error.code(),
            Unbelieved::Charter(error) => error.code(),
            Unbelieved::Chain(error) => error.code(),
            Unbelieved::Head(error) => error.code(),
            Unbelieved::Freeze(error) => error.code(),
            Unbelieved::Event(error) => error.code(),
            Unbelieved::File(error) => error.code(),
        }
    }

    /// The part and the error.
    pub(crate) fn what(&self) -> Unbelieved {
        self.0
    }
}

impl fmt::Display for NotGenuine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Unbelieved::Envelope(error) => error.fmt(f),
            Unbelieved::Charter(error) => error.fmt(f),
            Unbelieved::Chain(error) => error.fmt(f),
            Unbelieved::Head(error) => error.fmt(f),
            Unbelieved::Freeze(error) => error.fmt(f),
            Unbelieved::Event(error) => error.fmt(f),
            Unbelieved::File(error) => error.fmt(f),
        }
    }
}

impl Serialize for NotGenuine {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

macro_rules! from {
    ($($error:ident as $part:ident;)*) => {
        $(impl From<$error> for Unbelieved {
            fn from(error: $error) -> Self {
                Unbelieved::$part(error)
            }
        })*
    };
}

from! {
    EnvelopeError as Envelope;
    CharterError as Charter;
    ChainError as Chain;
    HeadError as Head;
    FreezeError as Freeze;
    EventError as Event;
    FileError as File;
}
