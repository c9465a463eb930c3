//! The network that the device is on, as the system describes it to the app.

use std::fmt;

use crate::reach::{Context, NetworkId};

/// What the app knows of the network: `NetworkCapabilities` on Android, `NWPath` on iOS.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Network {
    /// An id that the app chooses, the same whenever the device is on this network. Only a keyed hash of it is stored.
    pub id: String,
    /// The kind of network.
    pub kind: NetworkKind,
    /// Each byte costs money: background work reads the newest posts and nothing older.
    pub metered: bool,
    /// The system has found that the network leads to the internet. If this is `false`, a verdict says so too.
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
    /// A VPN, on whatever network. What is learned of routes behind it is kept apart from the network without it, and a
    /// verdict about the direct route says that it is about the VPN.
    Vpn,
    /// Another kind, or unknown.
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

    /// The name under which the ledger remembers the network.
    pub(super) fn ledger_id(&self) -> NetworkId {
        match self.kind {
            // The same Wi-Fi behind a VPN is another network. No id that an app gives contains a NUL.
            NetworkKind::Vpn => NetworkId(format!("{}\0vpn", self.id)),
            NetworkKind::Wifi | NetworkKind::Cell | NetworkKind::Other => NetworkId(self.id.clone()),
        }
    }

    pub(super) fn is_vpn(&self) -> bool {
        self.kind == NetworkKind::Vpn
    }

    /// What a verdict should know of the network.
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
    /// Leaves out the id: it may well be the name of a Wi-Fi.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id: _, kind, metered, validated } = self;
        f.debug_struct("Network")
            .field("kind", kind)
            .field("metered", metered)
            .field("validated", validated)
            .finish_non_exhaustive()
    }
}
