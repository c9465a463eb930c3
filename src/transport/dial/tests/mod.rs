#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod hops;
mod permitted;
mod resolving;
mod tor;

use std::collections::HashSet;
use std::net::IpAddr;

use futures_util::future::BoxFuture;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, sleep};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{self, ServerConfig, pki_types::PrivateKeyDer};

use super::*;
use crate::exposure::Exposure;
use crate::net::scripted::{ECONNREFUSED, ECONNRESET, EHOSTUNREACH, Peer, Scripted, Touch};
use crate::transport::{Bridges, CertificateFault, Isolation, PrivateAddresses, Protocol};
use crate::transport::{Rank, parse_resolve_entry};
use crate::wire::tls::Roots;

const PROXY: &str = "192.0.2.7:1080";

/// A scripted network, and a dialer over it.
struct World {
    net: Arc<Scripted>,
    dialer: Dialer,
}

impl World {
    fn new(net: Scripted) -> Self {
        Self::with(net, &[])
    }

    fn with(net: Scripted, overrides: &[&str]) -> Self {
        Self::trusting(&Roots::default(), net, overrides)
    }

    fn trusting(roots: &Roots, net: Scripted, overrides: &[&str]) -> Self {
        let net = Arc::new(net);
        let tls = TlsClient::new(net.clone(), roots).unwrap();
        let mut known = Overrides::default();
        for entry in overrides {
            let (destination, addresses) = parse_resolve_entry(entry).unwrap();
            addresses.into_iter().for_each(|address| known.add(destination.clone(), address));
        }
        Self { dialer: Dialer::new(net.clone(), &tls, known), net }
    }

    async fn resolve(&self, route: &Route) -> Result<Vec<SocketAddr>, Failure> {
        let candidates = self.candidates(route, &Trace::new()).await?;
        Ok(candidates.into_iter().filter_map(|candidate| candidate.address).collect())
    }

    /// All candidates, in the order to try them.
    async fn candidates(&self, route: &Route, trace: &Trace) -> Result<Vec<Candidate>, Failure> {
        let candidates = Candidates::new();
        let looked_up = self.dialer.resolve(route, trace, &candidates).await;
        let found: Vec<_> =
            std::iter::from_fn(|| candidates.next(|_| Rank::Fresh)).map(|found| found.candidate).collect();
        if found.is_empty() { looked_up.map(|()| found) } else { Ok(found) }
    }

    /// Resolves and dials the first candidate.
    async fn open(&self, route: &Route) -> Result<BoxStream, Failure> {
        let trace = Trace::new();
        let candidates = self.candidates(route, &trace).await?;
        self.dialer.dial(candidates.first().unwrap(), &trace).await
    }
}

fn route(strategy: &str, destination: &str) -> Route {
    Route {
        strategy: strategy.parse().unwrap(),
        destination: destination.parse().unwrap(),
        exposure: Exposure::Open,
        private: PrivateAddresses::Allowed,
        isolation: Isolation::default(),
    }
}

fn named_by_a_stranger(strategy: &str, destination: &str) -> Route {
    Route { private: PrivateAddresses::Refused, ..route(strategy, destination) }
}

fn failure(stage: Stage, cause: Cause) -> Failure {
    Failure::new(stage, cause)
}

fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

async fn hang(peer: Peer) {
    peer.hang().await;
}

/// A Tor that takes the greeting and the login, and says nothing to the request.
fn greeted() -> Scripted {
    Scripted::new().peer(PROXY, |mut peer| async move {
        peer.read(3).await;
        peer.write(b"\x05\x02").await;
        peer.read(1).await;
        peer.write(b"\x01\x00").await;
        peer.hang().await;
    })
}
