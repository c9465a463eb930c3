//! What an answer, a fault or a failure says about how a mirror behaved.

use http::StatusCode;

use crate::community::MirrorState;
use crate::fetch::FetchError;
use crate::reach::{AnswerFault, Finding};
use crate::signed::{ChainError, FileError, HeadError, Unbelieved};
use crate::source::PlatformMessage;

/// What a fault says about the mirror.
pub(super) fn state_of(fault: Unbelieved) -> MirrorState {
    match fault {
        // How old its head is, is compared with the others'.
        Unbelieved::Head(HeadError::Rollback) => MirrorState::Current,
        // It gives what its community signed after the freeze. The freeze may have come to it a moment ago.
        Unbelieved::Head(HeadError::Frozen) | Unbelieved::Chain(ChainError::Frozen) => MirrorState::Current,
        Unbelieved::Head(HeadError::Disputed) | Unbelieved::Chain(ChainError::Disputed) => MirrorState::Contradicts,
        Unbelieved::File(FileError::Absent | FileError::TooShort) => MirrorState::Withholds,
        Unbelieved::File(FileError::Elsewhere) => MirrorState::Redirects,
        _ => MirrorState::Tampered,
    }
}

/// What it says about the mirror that no answer of it could be used.
pub(super) fn state_of_failure(error: &FetchError) -> MirrorState {
    match error {
        FetchError::Plan(_) => MirrorState::NotAsked,
        FetchError::Redirect(_) | FetchError::TooManyRedirects(_) => MirrorState::Redirects,
        FetchError::Unreached {
            finding:
                Some(Finding::OriginFault {
                    what: AnswerFault::ServerError | AnswerFault::BrowserCheck | AnswerFault::Unasked,
                    ..
                }),
        } => MirrorState::Failing,
        FetchError::Unreached { finding: Some(Finding::Unvouched) } => MirrorState::Unvouched,
        _ => MirrorState::Unreached,
    }
}

/// Whether the mirror says that it has no such file. Any other refusal says nothing about what it has.
pub(super) fn says_absent(said: &PlatformMessage) -> bool {
    let absent = [StatusCode::NOT_FOUND, StatusCode::GONE];
    absent.iter().any(|status| said.code == Some(status.as_u16().into()))
}

/// The order of states: the gravest first.
pub(super) fn gravity(state: MirrorState) -> u8 {
    match state {
        MirrorState::Contradicts => 0,
        MirrorState::RolledBack => 1,
        MirrorState::Tampered => 2,
        MirrorState::Withholds => 3,
        MirrorState::Redirects => 4,
        MirrorState::Behind => 5,
        _ if state != MirrorState::Current => 6,
        _ => 7,
    }
}
