//! The client over a lab: the whole production stack on the lab's network.

use std::sync::Arc;

use byway::Exposure;
use byway::internals::fetch::{Fetched, HttpClient, Request};
use byway::internals::reach::{Layer, Ledger, NetworkId, VerdictCode};
use byway::internals::transport::{Dialer, Overrides, Strategy};
use byway::internals::wire::tls::{Roots, TlsClient};
use byway::net::Net;
use byway::{Builder, Byway, GetResponse, Language, OpenError, Opened, Reachability, VkToken};
use byway_lab::Lab;

/// The result of a probe of a page, and what the user then gets.
pub(crate) struct Probed {
    pub(crate) reachability: Reachability,
    pub(crate) got: Option<GetResponse>,
}

impl Probed {
    /// The verdict's code and layer, and the scheme of the route that read the page.
    pub(crate) fn told(&self) -> (VerdictCode, Option<Layer>, Option<&str>) {
        let Reachability { verdict, reached_by, .. } = &self.reachability;
        (verdict.code, verdict.layer, reached_by.as_ref().map(Strategy::scheme))
    }

    /// The page that the user reads.
    pub(crate) fn text(&self) -> Option<&str> {
        self.got.as_ref().map(|got| std::str::from_utf8(&got.response.body).unwrap())
    }
}

impl std::fmt::Debug for Probed {
    /// What a failed assertion should show.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{:?}\n{}", self.reachability.verdict, self.reachability.sentence(Language::En))?;
        for attempt in &self.reachability.attempts {
            let (stage, outcome) = (attempt.stage, attempt.outcome.code());
            writeln!(f, "{} {stage} {outcome} {:?} {:?}", attempt.strategy.redacted(), attempt.address, attempt.took)?;
        }
        writeln!(f, "read: {:?}", self.text())
    }
}

/// The client on the lab's phone, with these strategies.
pub(crate) async fn byway(lab: &Lab, ways: &[&str], exposure: Exposure) -> Byway {
    builder(lab, ways).exposure(exposure).build().await.unwrap()
}

/// The same, not built yet.
pub(crate) fn builder(lab: &Lab, ways: &[&str]) -> Builder {
    Byway::builder()
        .strategies(strategies(ways))
        .roots(roots(lab))
        .vk_token(VkToken::service("token"))
        .net(lab.client())
}

/// Probes a page, then reads it. The verdict is about the first strategy.
pub(crate) async fn probe(lab: &Lab, ways: &[&str], url: &str) -> Probed {
    let reachability = byway(lab, ways, Exposure::Open).await.probe(url).await.unwrap();
    let got = byway(lab, ways, Exposure::Open).await.get(url).await.ok();
    Probed { reachability, got }
}

/// Opens a community of the lab's VK.
pub(crate) async fn open(lab: &Lab, ways: &[&str], exposure: Exposure, name: &str) -> Result<Opened, OpenError> {
    byway(lab, ways, exposure).await.open(&format!("vk.com/{name}")).await
}

/// The room below the client, for what the client does not offer: replay, credentials, isolation.
pub(crate) fn engine(lab: &Lab, ways: &[&str]) -> HttpClient {
    let net: Arc<dyn Net> = lab.client();
    let tls = TlsClient::new(net.clone(), &roots(lab)).unwrap();
    let dialer = Dialer::new(net, &tls, Overrides::default());
    HttpClient::new(dialer, tls, Arc::new(Ledger::in_memory()), strategies(ways), NetworkId("wifi".into()))
}

pub(crate) fn get(url: &str) -> Request {
    Request::get(url.parse().unwrap())
}

/// Fetches with the first route that works.
pub(crate) async fn fetch(lab: &Lab, ways: &[&str], request: Request) -> Fetched {
    engine(lab, ways).fetch(request).await
}

fn strategies(ways: &[&str]) -> Vec<Strategy> {
    ways.iter().map(|way| way.parse().unwrap_or_else(|error| panic!("{way}: {error}"))).collect()
}

pub(crate) fn roots(lab: &Lab) -> Roots {
    Roots::from_certificates(&lab.ca_der()).unwrap()
}
