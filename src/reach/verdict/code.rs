//! The code and the layer of a verdict.

use serde::{Deserialize, Serialize};

/// What the attempts mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum VerdictCode {
    /// It was reached and read.
    Reachable,
    /// The resolver gives false answers for the name.
    DnsTampered,
    /// Connections to the address are cut here and not elsewhere.
    TcpBlocked,
    /// The connection is cut in TLS here and not elsewhere.
    TlsInterfered,
    /// A cleartext request is cut here and not elsewhere.
    HttpInterfered,
    /// A certificate is forged here; other networks see the true one.
    TlsMitm,
    /// A provider's page replaces the host's page.
    BlockPage,
    /// HTTP 451 (RFC 7725).
    #[serde(rename = "legal_451")]
    Legal451,
    /// The platform itself hides the content.
    PlatformBlocked,
    /// Answers stop coming after their first part, here and not elsewhere.
    Frozen,
    /// Answers come much more slowly than elsewhere.
    Throttled,
    /// The network wants a login.
    CaptivePortal,
    /// There is no network.
    Offline,
    /// The network lets only a few addresses through.
    WhitelistOnly,
    /// The host answers on no network.
    OriginDown,
    /// The host answers with a fault of its own.
    OriginFault,
    /// The platform says that the community no longer exists.
    Gone,
    /// Our own proxy or Tor failed.
    RouteFailed,
    /// Blocked or down: we can't tell.
    Unknown,
}

codes! {
    VerdictCode {
        Reachable = "reachable",
        DnsTampered = "dns_tampered",
        TcpBlocked = "tcp_blocked",
        TlsInterfered = "tls_interfered",
        HttpInterfered = "http_interfered",
        TlsMitm = "tls_mitm",
        BlockPage = "block_page",
        Legal451 = "legal_451",
        PlatformBlocked = "platform_blocked",
        Frozen = "frozen",
        Throttled = "throttled",
        CaptivePortal = "captive_portal",
        Offline = "offline",
        WhitelistOnly = "whitelist_only",
        OriginDown = "origin_down",
        OriginFault = "origin_fault",
        Gone = "gone",
        RouteFailed = "route_failed",
        Unknown = "unknown",
    }
}

codes! {
    Layer {
        Network = "network",
        Dns = "dns",
        Tcp = "tcp",
        Tls = "tls",
        Http = "http",
        Platform = "platform",
        Route = "route",
    }
}

impl VerdictCode {
    /// Whether the code says that someone blocks the host.
    pub fn blames(self) -> bool {
        match self {
            VerdictCode::DnsTampered
            | VerdictCode::TcpBlocked
            | VerdictCode::TlsInterfered
            | VerdictCode::HttpInterfered
            | VerdictCode::TlsMitm
            | VerdictCode::BlockPage
            | VerdictCode::Legal451
            | VerdictCode::PlatformBlocked
            | VerdictCode::Frozen
            | VerdictCode::Throttled
            | VerdictCode::WhitelistOnly => true,
            VerdictCode::Reachable
            | VerdictCode::CaptivePortal
            | VerdictCode::Offline
            | VerdictCode::OriginDown
            | VerdictCode::OriginFault
            | VerdictCode::Gone
            | VerdictCode::RouteFailed
            | VerdictCode::Unknown => false,
        }
    }
}

/// The layer of a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Layer {
    /// The network as a whole: no uplink, a portal, a rate.
    Network,
    /// The name's address.
    Dns,
    /// The connection to an address.
    Tcp,
    /// The ClientHello, the certificate, or what flows inside TLS.
    Tls,
    /// The request or its answer.
    Http,
    /// The platform's own decision.
    Platform,
    /// Our own proxy or Tor.
    Route,
}
