//! Programs that speak a pluggable transport of Tor.

use crate::configuration::Language;
use crate::errors::{BywayError, Worded};

/// Where a pluggable transport of Tor is found: obfs4, snowflake, webtunnel and the like. A bridge line names the transport that
/// its bridge expects. Only the app says what speaks it; nothing is fetched. The library without Tor checks it and does not use it.
#[derive(Clone, PartialEq, uniffi::Enum)]
pub enum TorTransport {
    /// A program that is started when a bridge needs it, and ends with Tor. iOS lets an app start none.
    Program {
        /// The transports that it speaks, as bridge lines name them.
        names: Vec<String>,
        /// Its absolute path.
        path: String,
    },
    /// One that runs already on this device, for example as a library of the app (IPtProxy).
    Running {
        /// The transports that it speaks, as bridge lines name them.
        names: Vec<String>,
        /// Its SOCKS5 port on loopback, e.g. `127.0.0.1:52000`.
        address: String,
    },
}

impl TorTransport {
    pub(crate) fn checked(self, language: Language) -> Result<byway::TorTransport, BywayError> {
        let checked = match self {
            Self::Program { names, path } => byway::TorTransport::program(names, path),
            Self::Running { names, address } => match address.parse() {
                Ok(address) => byway::TorTransport::at(names, address),
                Err(_) => Err(byway::TorTransportError::NotLoopback),
            },
        };
        checked.map_err(|error| error.worded(language))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn code(refused: TorTransport) -> String {
        let error = refused.checked(Language::En).err().unwrap();
        let BywayError::Input { code, .. } = error else { return "no fault of the input".to_owned() };
        code
    }

    #[test]
    fn a_transport_crosses_as_a_program_or_a_port() {
        let names = || vec!["obfs4".to_owned(), "meek_lite".to_owned()];
        let program = TorTransport::Program { names: names(), path: "/usr/bin/obfs4proxy".to_owned() };
        assert_eq!(program.checked(Language::En).ok(), "obfs4,meek_lite=/usr/bin/obfs4proxy".parse().ok());
        let running = TorTransport::Running { names: names(), address: "127.0.0.1:52000".to_owned() };
        assert_eq!(running.checked(Language::En).ok(), "obfs4,meek_lite=127.0.0.1:52000".parse().ok());
    }

    #[test]
    fn a_port_elsewhere_and_a_relative_path_are_refused() {
        for address in ["192.0.2.3:443", "127.0.0.1", "127.0.0.1:0", "localhost:52000", ""] {
            let running = TorTransport::Running { names: vec!["obfs4".to_owned()], address: address.to_owned() };
            assert_eq!(code(running), "tor_transport_not_loopback", "{address}");
        }
        let path = "obfs4proxy".to_owned();
        let named = |name: &str| TorTransport::Program { names: vec![name.to_owned()], path: path.clone() };
        assert_eq!(code(named("obfs4")), "tor_transport_path");
        let unnamed = TorTransport::Program { names: Vec::new(), path: "/usr/bin/obfs4proxy".to_owned() };
        assert_eq!(code(unnamed), "tor_transport_name");
    }
}
