//! Programs that speak a pluggable transport of Tor, as the app names them.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::is_transport;

/// Where a pluggable transport of Tor is found: obfs4, snowflake, webtunnel, meek and the like.
///
/// A bridge line names the transport that its bridge expects. Only the app says which program speaks it: one that Byway starts
/// with Tor and ends with it, or one that runs already on this device, for example as a library in the app (IPtProxy). Nothing is
/// fetched. Such a program opens connections of its own, which the app's [`Net`](crate::net::Net) does not see.
///
/// ```
/// use byway::TorTransport;
///
/// let started: TorTransport = "obfs4,meek_lite=/usr/bin/obfs4proxy".parse()?;
/// let running: TorTransport = "snowflake=127.0.0.1:52000".parse()?;
/// assert_eq!(running, TorTransport::at(["snowflake"], "127.0.0.1:52000".parse().unwrap())?);
/// # Ok::<(), byway::TorTransportError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TorTransport {
    names: Vec<String>,
    served_by: ServedBy,
}

/// What speaks a transport.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ServedBy {
    /// A program that is started (pt-spec, "Managed proxy interface").
    Program(PathBuf),
    /// The SOCKS5 port of one that runs.
    Address(SocketAddr),
}

impl TorTransport {
    /// A program that is started when a bridge needs one of these transports, by its absolute path. It is given no more of this
    /// process's environment than Tor's specification of such programs says.
    ///
    /// # Errors
    ///
    /// [`TorTransportError::Name`], [`TorTransportError::Path`].
    pub fn program<N: Into<String>>(
        names: impl IntoIterator<Item = N>,
        path: impl Into<PathBuf>,
    ) -> Result<Self, TorTransportError> {
        let path = path.into();
        // A relative one would be looked for wherever the environment says.
        if !path.is_absolute() {
            return Err(TorTransportError::Path);
        }
        Self::new(names, ServedBy::Program(path))
    }

    /// A program that runs already and speaks these transports at this SOCKS5 port of loopback.
    ///
    /// # Errors
    ///
    /// [`TorTransportError::Name`]; [`TorTransportError::NotLoopback`], because what passes to it is not yet disguised.
    pub fn at<N: Into<String>>(
        names: impl IntoIterator<Item = N>,
        address: SocketAddr,
    ) -> Result<Self, TorTransportError> {
        if !address.ip().is_loopback() || address.port() == 0 {
            return Err(TorTransportError::NotLoopback);
        }
        Self::new(names, ServedBy::Address(address))
    }

    fn new<N: Into<String>>(
        names: impl IntoIterator<Item = N>,
        served_by: ServedBy,
    ) -> Result<Self, TorTransportError> {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        if names.is_empty() || names.len() > MAX_NAMES || !names.iter().all(|name| is_transport(name)) {
            return Err(TorTransportError::Name);
        }
        Ok(Self { names, served_by })
    }

    /// The transports, as bridge lines name them.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// The program that is started, if one is.
    pub fn path(&self) -> Option<&Path> {
        match &self.served_by {
            ServedBy::Program(path) => Some(path),
            ServedBy::Address(_) => None,
        }
    }

    /// The port of the program that runs already, if one does.
    pub fn address(&self) -> Option<SocketAddr> {
        match &self.served_by {
            ServedBy::Program(_) => None,
            ServedBy::Address(address) => Some(*address),
        }
    }
}

impl FromStr for TorTransport {
    type Err = TorTransportError;

    /// Parses `NAME=/PATH` or `NAME=ADDRESS:PORT`, with several names as `NAME,NAME=...`.
    ///
    /// # Errors
    ///
    /// See [`TorTransportError`].
    fn from_str(text: &str) -> Result<Self, TorTransportError> {
        let (names, served_by) = text.split_once('=').ok_or(TorTransportError::Form)?;
        match served_by.parse() {
            Ok(address) => Self::at(names.split(','), address),
            Err(_) => Self::program(names.split(','), served_by),
        }
    }
}

impl fmt::Debug for TorTransport {
    /// Without the path, which may name the person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TorTransport").field("names", &self.names).finish_non_exhaustive()
    }
}

/// Why a text names no transport of Tor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TorTransportError {
    /// There is no `=`.
    #[error("a transport of Tor is `NAME=/PATH` or `NAME=ADDRESS:PORT`, for example `obfs4=/usr/bin/obfs4proxy`")]
    Form,
    /// A name is not one that a bridge line can have.
    #[error("the name of a transport has letters, digits and `_` only, as in `obfs4`; several are parted by commas")]
    Name,
    /// The path is not absolute.
    #[error("the program of a transport is written with its whole path, as in `obfs4=/usr/bin/obfs4proxy`")]
    Path,
    /// The address is not on this device.
    #[error("a transport that runs already has an address of this device, as in `snowflake=127.0.0.1:52000`")]
    NotLoopback,
}

codes! {
    TorTransportError {
        Form = "tor_transport_form",
        Name = "tor_transport_name",
        Path = "tor_transport_path",
        NotLoopback = "tor_transport_not_loopback",
    }
}

/// More than any program speaks.
const MAX_NAMES: usize = 16;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_transport_is_a_program_or_a_port_of_this_device() {
        let program: TorTransport = "obfs4,meek_lite=/usr/bin/obfs4proxy".parse().unwrap();
        assert_eq!(program.names().collect::<Vec<_>>(), ["obfs4", "meek_lite"]);
        assert_eq!((program.path(), program.address()), (Some(Path::new("/usr/bin/obfs4proxy")), None));
        assert!(!format!("{program:?}").contains("/usr"));
        let port: TorTransport = "snowflake=[::1]:52000".parse().unwrap();
        assert_eq!((port.path(), port.address()), (None, Some("[::1]:52000".parse().unwrap())));

        use TorTransportError as E;
        for (text, error) in [
            ("", E::Form),
            ("obfs4", E::Form),
            ("=/usr/bin/obfs4proxy", E::Name),
            ("obfs4,=/usr/bin/obfs4proxy", E::Name),
            ("obfs-4=/usr/bin/obfs4proxy", E::Name),
            ("obfs4=", E::Path),
            ("obfs4=obfs4proxy", E::Path),
            ("obfs4=../obfs4proxy", E::Path),
            ("obfs4=192.0.2.3:443", E::NotLoopback),
            ("obfs4=127.0.0.1:0", E::NotLoopback),
        ] {
            assert_eq!(text.parse::<TorTransport>(), Err(error), "{text}");
        }
    }
}
