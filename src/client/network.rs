//! The network that the device is on, as the app knows it from its system.

use std::fmt;

use crate::reach::{Context, NetworkId};

/// What the app knows of the network: `NetworkCapabilities` on Android, `NWPath` on iOS.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Network {
    /// An id of the app's choice, the same whenever the device is on this network. It is kept as a keyed hash only.
    pub id: String,
    /// Of which kind it is.
    pub kind: NetworkKind,
    /// Each byte costs: background work reads the newest posts and nothing further back.
    pub metered: bool,
    /// The system has found the internet behind it. Where it says `false`, a verdict says so too.
    pub validated: bool,
}

/// The kinds of networks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NetworkKind {
    /// Wi-Fi.
    Wifi,
    /// A mobile carrier.
    Cell,
    /// A VPN, whatever carries it. What is learned of ways behind it is kept apart from the network without it, and a
    /// verdict about the direct way speaks of the VPN.
    Vpn,
    /// Another one, or unknown.
    #[default]
    Other,
}

codes! {
    NetworkKind {
        Wifi = "wifi",
        Cell = "cell",
        Vpn = "vpn",
        Other = "other",
    }
}

impl Network {
    /// A network that is neither metered nor known to be without the internet.
    pub fn new(id: impl Into<String>, kind: NetworkKind) -> Self {
        Self { id: id.into(), kind, metered: false, validated: true }
    }

    /// Under which name the ledger remembers it.
    pub(super) fn ledger_id(&self) -> NetworkId {
        match self.kind {
            // The same Wi-Fi behind a VPN is another network; no id of an app's holds a NUL.
            NetworkKind::Vpn => NetworkId(format!("{}\0vpn", self.id)),
            NetworkKind::Wifi | NetworkKind::Cell | NetworkKind::Other => NetworkId(self.id.clone()),
        }
    }

    pub(super) fn is_vpn(&self) -> bool {
        self.kind == NetworkKind::Vpn
    }

    /// What a verdict should know of it.
    pub(super) fn context(&self) -> Context {
        Context { vpn: self.is_vpn(), unvalidated: !self.validated, ..Context::default() }
    }
}

impl Default for Network {
    fn default() -> Self {
        Self::new("", NetworkKind::Other)
    }
}

impl fmt::Debug for Network {
    /// Without the id: it may well be the name of a Wi-Fi.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id: _, kind, metered, validated } = self;
        f.debug_struct("Network")
            .field("kind", kind)
            .field("metered", metered)
            .field("validated", validated)
            .finish_non_exhaustive()
    }
}
