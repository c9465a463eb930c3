use serde::{Deserialize, Serialize};

use super::Field;

/// How a community asks to be read, in its own words.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AccessAdvice {
    /// By what.
    pub kind: AdviceKind,
    /// The words.
    pub text: String,
    /// Where they were found.
    pub field: Field,
}

impl AccessAdvice {
    /// Advice of this kind, in these words, found there.
    pub fn new(kind: AdviceKind, text: impl Into<String>, field: Field) -> Self {
        Self { kind, text: text.into(), field }
    }
}

/// By what a community asks to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AdviceKind {
    /// Through Tor or the Tor Browser.
    Tor,
    /// Through a proxy.
    Proxy,
    /// Through a VPN.
    Vpn,
}

codes! {
    AdviceKind {
        Tor = "tor",
        Proxy = "proxy",
        Vpn = "vpn",
    }
}
