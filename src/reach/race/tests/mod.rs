#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
//! The race over a scripted exchange, in virtual time: what a route does is data, and every start is asserted to the
//! millisecond. The round trip of every script is 50 ms.

mod ending;
mod moving;
mod starting;

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::time::{Instant, sleep};
use url::Host;

use super::*;
use crate::exposure::Exposure;
use crate::reach::{EventSender, Outcome, Replay};
use crate::transport::{
    Candidates, Cause, Destination, HANDSHAKES, Handshakes, Isolation, PATIENCE, PrivateAddresses, Protocol, Resolvers,
    Route, Strategy, StrategyKind, TorStall, Trust,
};

/// What one candidate does, step by step.
#[derive(Clone, Debug)]
enum Step {
    /// Stays at the stage for so long, then passes it.
    Pass(Stage, u64),
    /// Fails at the stage after so long.
    Fail(Stage, u64, Cause),
    /// Says nothing more, at the stage; transport's stage timeout ends it after so long, if it has one.
    Swallow(Stage, Option<u64>),
    /// Tor makes a way to an onion service in so long, and may take so long.
    Circuit(u64, u64),
    /// The head comes.
    Head,
    /// So many bytes come after so long.
    Bytes(u64, u64),
    /// The answer is complete and proven.
    Done,
    /// The judge refutes what came; over a proved name or not.
    Refute(bool),
}

#[derive(Clone, Debug)]
struct Script {
    resolve: (u64, Result<Vec<IpAddr>, Cause>),
    candidates: Vec<Vec<Step>>,
}

#[derive(Default)]
struct Fake {
    scripts: HashMap<String, Script>,
    began: Mutex<Vec<(u64, String, Option<IpAddr>)>>,
    live: Arc<AtomicUsize>,
    most: AtomicUsize,
    start: Mutex<Option<Instant>>,
    shaking: Arc<Mutex<HashMap<IpAddr, Vec<Instant>>>>,
    handshakes: Handshakes,
}

struct Guard(Arc<AtomicUsize>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A handshake under way to a /24, and when it began.
struct Shaking(Arc<Mutex<HashMap<IpAddr, Vec<Instant>>>>, IpAddr, Instant);

impl Drop for Shaking {
    fn drop(&mut self) {
        let mut shaking = self.0.lock().unwrap();
        let begun = shaking.get_mut(&self.1).unwrap();
        let at = begun.iter().position(|begun| *begun == self.2).unwrap();
        begun.remove(at);
    }
}

struct Reply {
    steps: VecDeque<Step>,
    state: Judgement,
    _guard: Guard,
}

impl Fake {
    fn guard(&self) -> Guard {
        let now = self.live.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(now, Ordering::SeqCst);
        Guard(self.live.clone())
    }

    fn shake(&self, address: IpAddr) -> Shaking {
        let prefix = match address {
            IpAddr::V4(v4) => {
                let [a, b, c, _] = v4.octets();
                IpAddr::from([a, b, c, 0])
            }
            v6 => v6,
        };
        let now = Instant::now();
        let mut shaking = self.shaking.lock().unwrap();
        let begun = shaking.entry(prefix).or_default();
        begun.push(now);
        // Those that were silent for long do not count: one more may go beyond the cap then.
        let young = begun.iter().filter(|begun| **begun + PATIENCE > now).count();
        assert!(young <= HANDSHAKES, "handshakes under way to {prefix}/24: {young}");
        Shaking(self.shaking.clone(), prefix, now)
    }

    fn elapsed(&self) -> u64 {
        let start = *self.start.lock().unwrap().get_or_insert_with(Instant::now);
        u64::try_from(start.elapsed().as_millis()).unwrap()
    }

    fn began(&self) -> Vec<(u64, String)> {
        self.began.lock().unwrap().iter().map(|(at, name, _)| (*at, name.clone())).collect()
    }
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

impl Exchange for Fake {
    type Reply = Reply;

    async fn resolve(&self, route: &Route, trace: &Trace, candidates: &Candidates) -> Result<(), Failure> {
        let _guard = self.guard();
        self.elapsed();
        let script = &self.scripts[route.strategy.name.as_deref().unwrap()];
        trace.enter(Stage::Dns);
        if script.resolve.0 > 0 {
            sleep(ms(script.resolve.0)).await;
        }
        match &script.resolve.1 {
            Err(cause) => return Err(Failure::new(Stage::Dns, cause.clone())),
            Ok(_) if !route.strategy.is_direct() => candidates.add([Candidate::to(route, None)], &[], Trust::Authentic),
            Ok(addresses) => {
                let to = addresses.iter().map(|a| Candidate::to(route, Some(SocketAddr::new(*a, 443))));
                candidates.add(to, addresses, Trust::Claimed);
            }
        }
        Ok(())
    }

    async fn begin(&self, candidate: &Candidate, trace: &Trace) -> Result<Reply, Failure> {
        let _turn = self.handshakes.admit(candidate, trace, &self.handshakes.racer()).await;
        let guard = self.guard();
        let name = candidate.route.strategy.name.as_deref().unwrap().to_owned();
        let script = &self.scripts[&name];
        let address = candidate.address.map(|a| a.ip());
        self.began.lock().unwrap().push((self.elapsed(), name, address));
        let number = match (&script.resolve.1, address) {
            (Ok(all), Some(address)) => all.iter().position(|a| *a == address).unwrap(),
            _ => 0,
        };
        let _shaking = address.map(|address| {
            trace.dialled(address);
            self.shake(address)
        });
        let mut steps: VecDeque<Step> = script.candidates[number].clone().into();
        while let Some(step) = steps.pop_front() {
            match step {
                Step::Pass(stage, time) => {
                    trace.enter(stage);
                    sleep(ms(time)).await;
                }
                Step::Fail(stage, time, cause) => {
                    trace.enter(stage);
                    if time > 0 {
                        sleep(ms(time)).await;
                    }
                    return Err(Failure::new(stage, cause));
                }
                Step::Swallow(stage, limit) => {
                    trace.enter(stage);
                    match limit {
                        Some(limit) => sleep(ms(limit)).await,
                        None => std::future::pending().await,
                    }
                    return Err(Failure::new(stage, Cause::Silence));
                }
                Step::Circuit(time, limit) => {
                    trace.enter(Stage::Proxy);
                    trace.makes_circuit(ms(limit));
                    sleep(ms(time)).await;
                    trace.circuit_made();
                }
                Step::Head => {
                    trace.progressed(100);
                    return Ok(Reply { steps, state: Judgement::NeedMore, _guard: guard });
                }
                Step::Bytes(..) | Step::Done | Step::Refute(_) => panic!("comes after the head"),
            }
        }
        panic!("a script ends")
    }

    async fn more(&self, reply: &mut Reply, trace: &Trace) -> Result<bool, Failure> {
        let _guard = self.guard();
        match reply.steps.front().cloned().unwrap() {
            Step::Bytes(time, bytes) => {
                sleep(ms(time)).await;
                trace.progressed(bytes);
                reply.steps.pop_front();
                Ok(true)
            }
            Step::Fail(stage, time, cause) => {
                sleep(ms(time)).await;
                Err(Failure::new(stage, cause))
            }
            Step::Done => Ok(false),
            Step::Refute(proved) => {
                if proved {
                    trace.proved_name();
                }
                reply.state = Judgement::Refuted(Finding::CaptivePortal);
                Ok(true)
            }
            step => panic!("{step:?} comes before the head"),
        }
    }
}

struct Looks;

impl Judge<Reply> for Looks {
    fn judge(&self, reply: &Reply) -> Judgement {
        reply.state.clone()
    }
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn strategy(name: &str) -> Strategy {
    let server = |host: &str| Destination { host: Host::parse(host).unwrap(), port: 1080 };
    let kind = match name.split('.').next().unwrap() {
        "direct" => StrategyKind::Direct { dns: Resolvers::default() },
        "tor" => StrategyKind::TorSocks5 { server: server("127.0.0.1") },
        _ => StrategyKind::Socks5 { server: server(&format!("{}.example", name.replace('.', "-"))), login: None },
    };
    Strategy { name: name.parse().ok(), ..kind.into() }
}

/// Lanes with their scripts, in order.
fn setup(lanes: &[(&str, Script)]) -> (Plan, Arc<Fake>) {
    let route = |name: &str| Route {
        strategy: strategy(name),
        destination: Destination { host: Host::Domain("vk.com".to_owned()), port: 443 },
        exposure: Exposure::Open,
        private: PrivateAddresses::Allowed,
        isolation: Isolation::default(),
    };
    let plan = Plan {
        events: EventSender::default(),
        warms_tor: false,
        tor_may_take: None,
        routes: lanes.iter().map(|(name, _)| (route(name), ms(250))).collect(),
        replay: Replay::Safe,
        credentials: false,
        budget: ms(10_000),
        tls: true,
        hop: 0,
    };
    let scripts = lanes.iter().map(|(name, script)| ((*name).to_owned(), script.clone())).collect();
    (plan, Arc::new(Fake { scripts, ..Fake::default() }))
}

fn direct(candidates: &[(&str, Vec<Step>)]) -> Script {
    Script {
        resolve: (0, Ok(candidates.iter().map(|(address, _)| ip(address)).collect())),
        candidates: candidates.iter().map(|(_, steps)| steps.clone()).collect(),
    }
}

fn proxy(steps: Vec<Step>) -> Script {
    Script { resolve: (0, Ok(vec![])), candidates: vec![steps] }
}

const RTT: u64 = 50;

/// TCP and TLS 1.3 in a round trip each, then the answer in one more.
fn healthy() -> Vec<Step> {
    vec![
        Step::Pass(Stage::Tcp, RTT),
        Step::Pass(Stage::Tls, RTT),
        Step::Pass(Stage::FirstByte, RTT),
        Step::Head,
        Step::Bytes(RTT, 1000),
        Step::Done,
    ]
}

async fn run(plan: Plan, fake: &Arc<Fake>) -> Raced<Reply> {
    race(plan, fake.clone(), Arc::new(Looks)).await
}

fn starts(list: &[(u64, &str)]) -> Vec<(u64, String)> {
    list.iter().map(|(at, name)| (*at, (*name).to_owned())).collect()
}
