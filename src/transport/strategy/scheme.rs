//! The schemes of strategy URLs.

/// The schemes that this version speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Direct,
    Socks5,
    Http,
    Https,
    Shadowsocks,
    Tor,
    TorSocks5,
}

impl Scheme {
    const ALL: [Self; 7] =
        [Self::Direct, Self::Socks5, Self::Http, Self::Https, Self::Shadowsocks, Self::Tor, Self::TorSocks5];

    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Socks5 => "socks5",
            Self::Http => "http",
            Self::Https => "https",
            Self::Shadowsocks => "ss",
            Self::Tor => "tor",
            Self::TorSocks5 => "tor+socks5",
        }
    }

    /// The scheme with this name or alias, in any case.
    ///
    /// `socks5h` is `socks5`: in curl it means that the proxy resolves the name, and ours always does.
    pub(crate) fn named(text: &str) -> Option<Self> {
        if text.eq_ignore_ascii_case("socks5h") {
            return Some(Self::Socks5);
        }
        Self::ALL.into_iter().find(|scheme| text.eq_ignore_ascii_case(scheme.text()))
    }

    /// The port if none is written: 1080 is registered for SOCKS, 9050 is the port in Tor's manual, 80 and 443 belong
    /// to their schemes. Shadowsocks has no default port.
    pub(super) fn default_port(self) -> Option<u16> {
        match self {
            Self::Direct | Self::Shadowsocks | Self::Tor => None,
            Self::Socks5 => Some(1080),
            Self::Http => Some(80),
            Self::Https => Some(443),
            Self::TorSocks5 => Some(9050),
        }
    }
}
