//! How a proxy is set up, and how it is broken.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use percent_encoding::{NON_ALPHANUMERIC, percent_encode};

/// The options of a proxy.
#[derive(Clone, Debug, Default)]
pub(crate) struct ProxySettings {
    pub(crate) login: Option<(String, String)>,
    pub(crate) fault: Fault,
    /// Whether a request was answered with the reply of [`Fault::FirstReply`].
    replied: Arc<AtomicBool>,
    /// A Tor: it accepts any login and isolates by it; it knows onion names.
    tor: bool,
}

/// How a proxy is broken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// It works.
    #[default]
    None,
    /// It answers with bytes that no proxy sends.
    Garbage,
    /// It accepts connections and sends nothing.
    Hang,
    /// It sends nothing after a request for a host.
    HangOnRequest,
    /// It says that it has reached the host, and closes.
    CutAfterReply,
    /// It closes after a request for a host.
    Close,
    /// It answers every request with this: a SOCKS5 REP, or an HTTP status.
    Reply(u16),
    /// A SOCKS5 server answers its first request with this REP, and works from then on: a Tor whose circuit broke.
    FirstReply(u16),
}

impl ProxySettings {
    pub(crate) fn tor() -> Self {
        Self { tor: true, ..Self::default() }
    }

    pub(crate) fn shadowsocks() -> Self {
        let login = ("chacha20-ietf-poly1305".to_owned(), "of-the-lab".to_owned());
        Self { login: Some(login), ..Self::default() }
    }

    /// The REP with which this request is refused, if that is the fault.
    pub(crate) fn refusal(&self) -> Option<u8> {
        let code = match self.fault {
            Fault::Reply(code) => code,
            Fault::FirstReply(code) if !self.replied.swap(true, Ordering::Relaxed) => code,
            _ => return None,
        };
        Some(u8::try_from(code).unwrap_or(1))
    }

    pub(crate) fn is_tor(&self) -> bool {
        self.tor
    }

    /// `user:password@`, or nothing, in the form of a URL.
    pub(crate) fn login_text(&self) -> String {
        let encoded = |text: &str| percent_encode(text.as_bytes(), NON_ALPHANUMERIC).to_string().replace("%2D", "-");
        self.login
            .as_ref()
            .map_or(String::new(), |(user, password)| format!("{}:{}@", encoded(user), encoded(password)))
    }
}
