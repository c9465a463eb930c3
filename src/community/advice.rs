use serde::{Deserialize, Serialize};

use super::Field;

/// A community's own advice on how to read it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AccessAdvice {
    /// The advised means.
    pub kind: AdviceKind,
    /// The community's words.
    pub text: String,
    /// The part of the community in which they were found.
    pub field: Field,
}

impl AccessAdvice {
    /// Advice of this kind, in these words, found in this field.
    pub fn new(kind: AdviceKind, text: impl Into<String>, field: Field) -> Self {
        Self { kind, text: text.into(), field }
    }
}

/// The means by which a community asks to be read.
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
