//! The failures of an exchange that are found here and not on the connection.

use crate::transport::{Cause, Failure, LimitKind, Protocol, Stage};

/// Whether the body may be complete elsewhere.
pub(super) fn broke_off(failure: &Failure) -> bool {
    !matches!(failure.cause, Cause::Limit { .. } | Cause::Malformed { .. } | Cause::NotAccepted { .. })
}

/// The rest of the handed-out body does not exist here. Another try elsewhere may find it: not all servers of a host
/// are alike.
pub(super) fn another_file() -> Failure {
    Failure::new(Stage::Progress, Cause::Malformed { expected: Protocol::SameFile })
}

pub(super) fn too_much() -> Failure {
    Failure::new(Stage::Progress, Cause::Limit { limit: LimitKind::Body })
}

pub(super) fn spent(stage: Stage) -> Failure {
    Failure::new(stage, Cause::Limit { limit: LimitKind::IdleBudget })
}
