//! Arti's errors as evidence: in the codes that a SOCKS port of Tor answers with, so that one sentence serves both.

use std::io;

use arti_client::{ErrorKind, HasKind};

use crate::transport::{Cause, Failure, Stage, TorStall};

/// Why Tor did not start.
pub(super) fn not_started(stall: TorStall) -> Failure {
    Failure::new(Stage::Proxy, Cause::TorNotStarted { stall })
}

/// What probably keeps it from starting, by the error with which its start ended.
pub(super) fn stall_of(error: &arti_client::Error) -> TorStall {
    match error.kind() {
        ErrorKind::LocalResourceAlreadyInUse => TorStall::InUse,
        ErrorKind::PersistentStateAccessFailed
        | ErrorKind::PersistentStateCorrupted
        | ErrorKind::FsPermissions
        | ErrorKind::CacheCorrupted
        | ErrorKind::CacheAccessFailed
        | ErrorKind::KeystoreAccessFailed
        | ErrorKind::KeystoreCorrupted => TorStall::Storage,
        ErrorKind::ClockSkew => TorStall::Clock,
        ErrorKind::SoftwareDeprecated => TorStall::Outdated,
        ErrorKind::ArtiShuttingDown => TorStall::Ended,
        ErrorKind::LocalNetworkError => TorStall::NoConnection,
        ErrorKind::TorAccessFailed => TorStall::Filtered,
        ErrorKind::DirectoryExpired | ErrorKind::TorDirectoryError | ErrorKind::TorDirectoryUnusable => {
            TorStall::Directory
        }
        _ => TorStall::Unknown,
    }
}

/// What keeps it from starting where its folders cannot be made.
pub(super) fn stall_of_files(error: &io::Error) -> TorStall {
    if error.kind() == io::ErrorKind::WouldBlock { TorStall::InUse } else { TorStall::Storage }
}

/// Why a stream was not opened.
pub(super) fn of_stream(error: &arti_client::Error) -> Failure {
    // RFC 1928 section 6, and for onion services Tor's proposal 304.
    let reply = |code| Cause::ProxyReply { code };
    let cause = match error.kind() {
        ErrorKind::ExitPolicyRejected | ErrorKind::NoExit => reply(2),
        ErrorKind::RemoteNetworkFailed => reply(3),
        ErrorKind::RemoteHostNotFound | ErrorKind::RemoteHostResolutionFailed => reply(4),
        ErrorKind::RemoteConnectionRefused | ErrorKind::RemoteStreamReset => reply(5),
        ErrorKind::RemoteNetworkTimeout | ErrorKind::ExitTimeout => reply(6),
        ErrorKind::OnionServiceNotFound => reply(0xF0),
        ErrorKind::OnionServiceProtocolViolation => reply(0xF1),
        ErrorKind::OnionServiceNotRunning => reply(0xF2),
        ErrorKind::OnionServiceConnectionFailed => reply(0xF3),
        ErrorKind::OnionServiceMissingClientAuth => reply(0xF4),
        ErrorKind::OnionServiceWrongClientAuth => reply(0xF5),
        ErrorKind::OnionServiceAddressInvalid => reply(0xF6),
        ErrorKind::InvalidStreamTarget | ErrorKind::ForbiddenStreamTarget => reply(8),
        ErrorKind::TorNetworkTimeout => Cause::Silence,
        ErrorKind::TorAccessFailed | ErrorKind::LocalNetworkError => Cause::Unreachable,
        ErrorKind::BootstrapRequired
        | ErrorKind::DirectoryExpired
        | ErrorKind::TorDirectoryError
        | ErrorKind::TorDirectoryUnusable => Cause::TorNotStarted { stall: TorStall::Directory },
        ErrorKind::ArtiShuttingDown | ErrorKind::ReactorShuttingDown => Cause::TorNotStarted { stall: TorStall::Ended },
        // The exit ended the stream without a reason, a relay left, or no path was found.
        _ => reply(1),
    };
    Failure::new(Stage::Proxy, cause)
}

/// The name or address is one that no exit may be asked for.
pub(super) fn not_an_address() -> Failure {
    Failure::new(Stage::Proxy, Cause::ProxyReply { code: 8 })
}
