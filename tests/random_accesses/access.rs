//! One access in one world: the production stack over the lab.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use byway::internals::fetch::{HttpClient, Payload, Request, Response};
use byway::internals::reach::{Attempt, Ledger, NetworkId, Replay, Verdict};
use byway::internals::transport::{Dialer, Overrides, Strategy};
use byway::internals::wire::tls::{Roots, TlsClient};
use byway::net::Net;
use byway::{Byway, Reachability, VkToken};
use byway_lab::{Lab, Log};
use http::{HeaderValue, header};
use tokio::runtime::Handle;
use tokio::time::timeout;

use crate::world::{Access, World};

/// The result of an access.
pub(crate) struct Ended {
    pub(crate) world: World,
    pub(crate) log: Log,
    pub(crate) packets: Log,
    /// In virtual time; `None`: it did not end within its limit.
    pub(crate) took: Option<Duration>,
    /// What the attempts mean, if the access was not cancelled.
    pub(crate) reachability: Option<Reachability>,
    /// The page.
    pub(crate) page: Option<Response>,
    /// The community's name and posts.
    pub(crate) community: Option<(String, Vec<String>)>,
    pub(crate) error: Option<String>,
    /// Sockets that were open after everything was dropped.
    pub(crate) sockets: usize,
    /// Tasks that ran then and do not belong to the lab.
    pub(crate) tasks: usize,
}

impl Ended {
    pub(crate) fn is_ok(&self) -> bool {
        self.page.is_some()
            || self.community.is_some()
            || self.reachability.as_ref().is_some_and(|r| r.reached_by.is_some())
    }

    pub(crate) fn verdict(&self) -> Option<&Verdict> {
        self.reachability.as_ref().map(|reachability| &reachability.verdict)
    }

    pub(crate) fn attempts(&self) -> &[Attempt] {
        self.reachability.as_ref().map_or(&[], |reachability| &reachability.attempts)
    }

    /// What is the same for the same seed.
    pub(crate) fn told(&self) -> (Option<&'static str>, Option<&'static str>, Option<String>, bool) {
        let reached = self.reachability.as_ref().and_then(|reachability| reachability.reached_by.as_ref());
        let verdict = self.verdict();
        (
            verdict.map(|verdict| verdict.code.code()),
            verdict.map(|verdict| verdict.rule.code()),
            reached.map(Strategy::redacted),
            self.page.is_some(),
        )
    }
}

impl fmt::Debug for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = self.told();
        writeln!(f, "took {:?}, told {told:?}, error {:?}, censored {}", self.took, self.error, self.log.censored())?;
        for attempt in self.attempts() {
            let (stage, outcome) = (attempt.stage, attempt.outcome.code());
            let Attempt { strategy, hop, address, started, took, bytes, .. } = attempt;
            let way = strategy.redacted();
            writeln!(f, "    hop {hop} {way} {stage} {outcome} {address:?} {bytes} bytes, {started:?} + {took:?}")?;
        }
        Ok(())
    }
}

/// Runs a seed's access to its end.
pub(crate) fn run(seed: u64) -> Ended {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(Box::pin(access(seed)))
}

async fn access(seed: u64) -> Ended {
    let lab = Lab::new();
    let world = World::draw(seed, &lab);
    let mut ended = Ended {
        world,
        log: lab.log(),
        packets: lab.packets(),
        took: None,
        reachability: None,
        page: None,
        community: None,
        error: None,
        sockets: 0,
        tasks: 0,
    };
    let bound = ended.world.timeout + MARGIN;
    match ended.world.access.clone() {
        Access::Fetch { url, once, credentials } => fetch(&lab, &mut ended, &url, once, credentials, bound).await,
        Access::Get(url) => {
            let Some(byway) = byway(&lab, &mut ended).await else { return ended };
            let Some(got) = bounded(&lab, &mut ended, bound, byway.get(&url)).await else {
                return left(lab, byway, ended).await;
            };
            match got {
                Ok(got) => {
                    ended.reachability = Some(got.reachability.clone());
                    ended.page = Some(got.response);
                }
                Err(error) => {
                    ended.reachability = error.reachability().cloned();
                    ended.error = Some(error.code().to_owned());
                }
            }
            return left(lab, byway, ended).await;
        }
        Access::Probe(url) => {
            let Some(byway) = byway(&lab, &mut ended).await else { return ended };
            match bounded(&lab, &mut ended, bound, byway.probe(&url)).await {
                Some(Ok(reachability)) => ended.reachability = Some(reachability),
                Some(Err(error)) => ended.error = Some(error.code().to_owned()),
                None => {}
            }
            return left(lab, byway, ended).await;
        }
        Access::Open => {
            let Some(byway) = byway(&lab, &mut ended).await else { return ended };
            match bounded(&lab, &mut ended, bound, byway.open("vk.com/club")).await {
                Some(Ok(opened)) => {
                    ended.reachability = Some(opened.reachability.clone());
                    let posts = opened.posts.iter().map(|post| post.text.clone()).collect();
                    ended.community = Some((opened.community.name.clone(), posts));
                }
                Some(Err(error)) => {
                    ended.reachability = error.reachability().cloned();
                    ended.error = Some(error.code().to_owned());
                }
                None => {}
            }
            return left(lab, byway, ended).await;
        }
    }
    left(lab, (), ended).await
}

/// The room below the client.
async fn fetch(lab: &Lab, ended: &mut Ended, url: &str, once: bool, credentials: bool, bound: Duration) {
    let url = url.parse().unwrap();
    let mut request = if once { Request::post(url, Payload::from("a=b".to_owned())) } else { Request::get(url) };
    request.exposure = ended.world.exposure;
    request.limits.total = ended.world.timeout;
    if once {
        request.replay = Replay::Once;
    }
    if credentials {
        request.headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Bearer secret"));
    }
    let net: Arc<dyn Net> = lab.client();
    let tls = TlsClient::new(net.clone(), &roots(lab)).unwrap();
    let dialer = Dialer::new(net, &tls, Overrides::default());
    let ledger = Arc::new(Ledger::in_memory());
    let engine = HttpClient::new(dialer, tls, ledger, strategies(&ended.world), NetworkId("net".into()));
    if let Some(fetched) = bounded(lab, ended, bound, engine.fetch(request)).await {
        match fetched.result {
            Ok(response) => ended.page = Some(response),
            Err(error) => ended.error = Some(error.code().to_owned()),
        }
    }
}

/// Awaits an access up to its limit, or until it is cancelled.
async fn bounded<T>(lab: &Lab, ended: &mut Ended, bound: Duration, access: impl Future<Output = T>) -> Option<T> {
    let access = Box::pin(access);
    let before = lab.elapsed();
    let result = match ended.world.cancelled {
        Some(time) => timeout(time.min(bound), access).await.ok(),
        None => timeout(bound, access).await.ok(),
    };
    if result.is_some() || ended.world.cancelled.is_some() {
        ended.took = Some(lab.elapsed() - before);
    }
    result
}

/// Drops everything, and checks what is left.
async fn left<T>(lab: Lab, all: T, mut ended: Ended) -> Ended {
    drop(all);
    // A task that was told to end does so at its next poll; a task that writes to a disk is waited for.
    tokio::time::sleep(Duration::from_millis(1)).await;
    ended.sockets = lab.open_sockets();
    ended.tasks = Handle::current().metrics().num_alive_tasks().saturating_sub(lab.running());
    ended.log = lab.log();
    ended.packets = lab.packets();
    ended
}

/// The client; `None` if the exposure allows none of the strategies.
async fn byway(lab: &Lab, ended: &mut Ended) -> Option<Byway> {
    let world = &ended.world;
    let built = Byway::builder()
        .strategies(strategies(world))
        .exposure(world.exposure)
        .timeout(world.timeout)
        .country("ru".parse().unwrap())
        .roots(roots(lab))
        .vk_token(VkToken::service("token"))
        .net(lab.client())
        .build()
        .await;
    match built {
        Ok(byway) => Some(byway),
        Err(error) => {
            ended.error = Some(error.code().to_owned());
            ended.took = Some(Duration::ZERO);
            ended.packets = lab.packets();
            None
        }
    }
}

fn strategies(world: &World) -> Vec<Strategy> {
    world.ways.iter().map(|way| way.url.parse().unwrap_or_else(|error| panic!("{}: {error}", way.url))).collect()
}

fn roots(lab: &Lab) -> Roots {
    Roots::from_certificates(&lab.ca_der()).unwrap()
}

/// A call may end this long after its own time limit: what it does then needs no network.
const MARGIN: Duration = Duration::from_millis(100);
