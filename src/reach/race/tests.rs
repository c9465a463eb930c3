#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
//! The race over a scripted exchange, in virtual time: what a route does is data, and every start is asserted to the
//! millisecond. The round trip of every script is 50 ms.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
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

#[tokio::test(start_paused = true)]
async fn the_next_route_starts_when_the_table_says() {
    use Stage::{FirstByte, Progress, Proxy, Tcp, Tls};
    use Step::{Bytes, Fail, Head, Pass, Swallow};
    let cases: Vec<(&str, Vec<Step>, u64)> = vec![
        ("refused", vec![Fail(Tcp, RTT, Cause::Refused)], RTT),
        ("unreachable", vec![Fail(Tcp, 0, Cause::Unreachable)], 0),
        ("reset while connecting", vec![Fail(Tcp, RTT, Cause::Reset)], RTT),
        ("reset on the ClientHello", vec![Pass(Tcp, RTT), Fail(Tls, RTT, Cause::Reset)], 2 * RTT),
        ("closed on the ClientHello", vec![Pass(Tcp, RTT), Fail(Tls, RTT, Cause::Closed)], 2 * RTT),
        (
            "bad proxy answer",
            vec![Pass(Tcp, RTT), Fail(Proxy, RTT, Cause::Malformed { expected: Protocol::Socks5 })],
            2 * RTT,
        ),
        ("swallowed SYN", vec![Swallow(Tcp, Some(4000))], 250),
        ("swallowed ClientHello", vec![Pass(Tcp, RTT), Swallow(Tls, Some(4000))], 250),
        ("silent first byte", vec![Pass(Tcp, RTT), Pass(Tls, RTT), Swallow(FirstByte, None)], 250),
        (
            "slow first byte",
            vec![Pass(Tcp, RTT), Pass(Tls, RTT), Pass(FirstByte, 500), Head, Bytes(0, 1), Step::Done],
            250,
        ),
        (
            "body frozen after 16 KB",
            vec![
                Pass(Tcp, RTT),
                Pass(Tls, RTT),
                Pass(FirstByte, RTT),
                Head,
                Bytes(RTT, 16_384),
                Fail(Progress, 2000, Cause::Silence),
            ],
            4 * RTT + 2000,
        ),
    ];
    for (name, steps, at) in cases {
        let (plan, fake) = setup(&[("direct", direct(&[("192.0.2.1", steps)])), ("proxy", proxy(healthy()))]);
        let raced = run(plan, &fake).await;
        assert_eq!(fake.began(), starts(&[(0, "direct"), (at, "proxy")]), "{name}");
        let won = raced.won.as_ref().unwrap();
        assert_eq!(won.candidate.route.strategy.name.as_deref(), Some("proxy"), "{name}");
        let attempts = raced.attempts();
        assert_eq!(attempts[1].started, ms(at), "{name}");
        assert_eq!(attempts[1].outcome, Outcome::Proven, "{name}");
        assert_eq!(attempts[1].first_byte, Some(ms(3 * RTT)), "{name}");
        assert_eq!(attempts[1].bytes, 1100, "{name}");
        drop(raced);
        assert_eq!(fake.live.load(Ordering::SeqCst), 0, "{name}: nothing runs behind a dropped race");
    }
}

#[tokio::test(start_paused = true)]
async fn a_route_that_is_first_is_dialled_at_once_and_alone() {
    let (plan, fake) = setup(&[
        ("proxy", proxy(healthy())),
        ("direct", direct(&[("192.0.2.1", vec![Step::Swallow(Stage::Tcp, None)])])),
    ]);
    let raced = run(plan, &fake).await;
    assert!(raced.won.is_some());
    assert_eq!(fake.began(), starts(&[(0, "proxy")]));
}

#[tokio::test(start_paused = true)]
async fn a_failed_lookup_moves_on_at_once_a_silent_one_after_a_hedge() {
    for (resolve, at) in [((RTT, Err(Cause::NxDomain)), RTT), ((4000, Err(Cause::Silence)), 250)] {
        let (plan, fake) = setup(&[("direct", Script { resolve, candidates: vec![] }), ("proxy", proxy(healthy()))]);
        assert!(run(plan, &fake).await.won.is_some());
        assert_eq!(fake.began(), starts(&[(at, "proxy")]));
    }
}

#[tokio::test(start_paused = true)]
async fn with_all_swallowed_the_race_ends_after_ten_seconds() {
    let silent = |stage| vec![Step::Swallow(stage, None)];
    let (plan, fake) = setup(&[
        ("direct", direct(&[("192.0.2.1", silent(Stage::Tcp)), ("198.51.100.1", silent(Stage::Tls))])),
        ("proxy", proxy(silent(Stage::Proxy))),
        ("tor", proxy(silent(Stage::Proxy))),
    ]);
    let begun = Instant::now();
    let raced = run(plan, &fake).await;
    assert_eq!(begun.elapsed(), ms(10_000));
    assert!(raced.won.is_none());
    let attempts = raced.attempts();
    assert_eq!(fake.began(), starts(&[(0, "direct"), (250, "direct"), (250, "proxy"), (500, "tor")]));
    assert!(attempts.iter().all(|a| a.outcome == Outcome::Pending), "{attempts:?}");
    assert_eq!(
        attempts.iter().map(|a| (a.started, a.took)).collect::<Vec<_>>(),
        [0, 250, 250, 500].map(|at| (ms(at), ms(10_000 - at)))
    );
}

#[tokio::test(start_paused = true)]
async fn a_way_to_an_onion_service_has_its_own_time() {
    let silent = Step::Swallow(Stage::Tls, None);
    let through = |made| vec![Step::Circuit(made, 20_000), Step::Pass(Stage::Tls, 100), Step::Head, Step::Done];
    for (tor, won_by, until) in [
        (through(15_000), Some("tor"), 15_100),
        (through(25_000), None, 20_000),
        (vec![Step::Circuit(15_000, 20_000), silent.clone()], None, 25_000),
        (vec![Step::Circuit(1_000, 20_000), silent.clone()], None, 11_000),
    ] {
        let (plan, fake) = setup(&[("tor", proxy(tor)), ("proxy", proxy(vec![silent.clone()]))]);
        let begun = Instant::now();
        let raced = run(plan, &fake).await;
        let name = raced.won.as_ref().map(|won| won.candidate.route.strategy.name.clone().unwrap());
        assert_eq!((name.as_deref(), begun.elapsed()), (won_by, ms(until)));
        assert_eq!(fake.began()[..2], starts(&[(0, "tor"), (250, "proxy")]), "others have their turn");
    }
}

#[tokio::test(start_paused = true)]
async fn a_blocked_host_with_four_addresses_does_not_delay_the_proxy() {
    let silent = || vec![Step::Swallow(Stage::Tcp, Some(4000))];
    let (plan, fake) = setup(&[
        (
            "direct",
            direct(&[
                ("192.0.2.1", silent()),
                ("198.51.100.1", silent()),
                ("203.0.113.1", silent()),
                ("192.0.3.1", silent()),
            ]),
        ),
        ("proxy", proxy(healthy())),
    ]);
    let raced = run(plan, &fake).await;
    assert!(raced.won.is_some());
    assert_eq!(fake.began(), starts(&[(0, "direct"), (250, "direct"), (250, "proxy")]));
}

#[tokio::test(start_paused = true)]
async fn a_home_without_ipv6_does_not_call_the_proxy() {
    let (plan, fake) = setup(&[
        (
            "direct",
            direct(&[("2001:db8::1", vec![Step::Fail(Stage::Tcp, 0, Cause::Unreachable)]), ("192.0.2.1", healthy())]),
        ),
        ("proxy", proxy(healthy())),
    ]);
    let raced = run(plan, &fake).await;
    assert_eq!(raced.won.unwrap().candidate.address.unwrap().ip(), ip("192.0.2.1"));
    assert_eq!(fake.began(), starts(&[(0, "direct"), (0, "direct")]));
}

#[tokio::test(start_paused = true)]
async fn nothing_follows_what_the_app_itself_ended() {
    for stage in [Stage::Proxy, Stage::Tls, Stage::FirstByte] {
        let ended = Cause::TorNotStarted { stall: TorStall::Ended };
        let (plan, fake) = setup(&[
            ("tor", proxy(vec![Step::Fail(stage, RTT, ended)])),
            ("direct", direct(&[("192.0.2.1", healthy())])),
        ]);
        let raced = run(plan, &fake).await;
        assert!(raced.won.is_none());
        assert_eq!(fake.began(), starts(&[(0, "tor")]), "{stage}: the app sleeps");
    }
}

#[tokio::test(start_paused = true)]
async fn at_most_two_handshakes_go_to_one_prefix() {
    let silent = || vec![Step::Pass(Stage::Tcp, RTT), Step::Swallow(Stage::Tls, Some(4000))];
    let (plan, fake) =
        setup(&[("direct", direct(&[("192.0.2.1", silent()), ("192.0.2.2", silent()), ("192.0.2.3", healthy())]))]);
    let raced = run(plan, &fake).await;
    assert!(raced.won.is_some());
    // The third is due at 500 ms, and waits for the two for one and a half seconds.
    assert_eq!(fake.began(), starts(&[(0, "direct"), (250, "direct"), (2000, "direct")]));
}

#[tokio::test(start_paused = true)]
async fn a_first_byte_frees_the_handshake_and_stops_the_hedge() {
    let slow = vec![Step::Pass(Stage::Tcp, 200), Step::Head, Step::Bytes(900, 10), Step::Done];
    let (plan, fake) = setup(&[("direct", direct(&[("192.0.2.1", slow)])), ("proxy", proxy(healthy()))]);
    let begun = Instant::now();
    let raced = run(plan, &fake).await;
    assert_eq!(raced.won.unwrap().candidate.route.strategy.name.as_deref(), Some("direct"));
    assert_eq!(begun.elapsed(), ms(1100));
    assert_eq!(fake.began(), starts(&[(0, "direct")]));
}

#[tokio::test(start_paused = true)]
async fn a_refuted_answer_moves_at_once_and_is_kept() {
    for (proved, direct_candidates) in [(false, 2), (true, 1)] {
        let notice =
            vec![Step::Pass(Stage::Tcp, RTT), Step::Pass(Stage::FirstByte, RTT), Step::Head, Step::Refute(proved)];
        let (plan, fake) = setup(&[
            ("direct", direct(&[("192.0.2.1", notice.clone()), ("198.51.100.1", notice)])),
            ("proxy", proxy(healthy())),
        ]);
        let raced = run(plan, &fake).await;
        let began = fake.began();
        assert_eq!(began.iter().filter(|(_, name)| name == "direct").count(), direct_candidates, "proved: {proved}");
        assert!(began.contains(&(2 * RTT, "proxy".to_owned())));
        assert_eq!(raced.refuted[0].1, Finding::CaptivePortal);
        let kept = raced.attempts().into_iter().filter(|one| one.outcome == Outcome::Refuted(Finding::CaptivePortal));
        assert_eq!(kept.count(), direct_candidates, "each of them is evidence; proved: {proved}");
        assert_eq!(raced.won.unwrap().candidate.route.strategy.name.as_deref(), Some("proxy"));
    }
}

#[tokio::test(start_paused = true)]
async fn with_credentials_silence_moves_after_three_seconds() {
    let silent = vec![Step::Pass(Stage::Tcp, RTT), Step::Pass(Stage::Tls, RTT), Step::Swallow(Stage::FirstByte, None)];
    let (mut plan, fake) = setup(&[
        ("direct", direct(&[("192.0.2.1", silent)])),
        ("proxy", proxy(vec![Step::Fail(Stage::Tcp, RTT, Cause::Refused)])),
        ("tor", proxy(healthy())),
    ]);
    plan.credentials = true;
    let raced = run(plan, &fake).await;
    assert!(raced.won.is_some());
    assert_eq!(fake.began(), starts(&[(0, "direct"), (3000, "proxy"), (3000 + RTT, "tor")]));
    assert_eq!(fake.most.load(Ordering::SeqCst), 2, "a reply and its reading are one attempt");
    let first = &raced.attempts()[0];
    assert_eq!((&first.outcome, first.stage, first.took), (&Outcome::Pending, Stage::FirstByte, ms(3000)));
}

#[tokio::test(start_paused = true)]
async fn with_credentials_the_next_address_follows_one_that_refuses() {
    let refused = vec![Step::Fail(Stage::Tcp, RTT, Cause::Refused)];
    let (mut plan, fake) =
        setup(&[("direct", direct(&[("192.0.2.1", refused), ("198.51.100.1", healthy())])), ("tor", proxy(healthy()))]);
    plan.credentials = true;
    assert!(run(plan, &fake).await.won.is_some());
    assert_eq!(fake.began(), starts(&[(0, "direct"), (RTT, "direct")]));
}

#[tokio::test(start_paused = true)]
async fn the_silent_route_comes_back_when_nothing_else_worked() {
    let mut slow = healthy();
    slow[2] = Step::Pass(Stage::FirstByte, 4000);
    let (mut plan, fake) = setup(&[
        ("direct", direct(&[("192.0.2.1", slow)])),
        ("proxy", proxy(vec![Step::Fail(Stage::Tcp, RTT, Cause::Refused)])),
    ]);
    plan.credentials = true;
    let raced = run(plan, &fake).await;
    assert_eq!(raced.won.as_ref().unwrap().candidate.route.strategy.name.as_deref(), Some("direct"));
    assert_eq!(fake.began(), starts(&[(0, "direct"), (3000, "proxy"), (3050, "direct")]));
}

#[tokio::test(start_paused = true)]
async fn a_request_to_send_once_moves_only_while_it_was_not_sent() {
    use Stage::{FirstByte, Tcp, Tls};
    use Step::{Fail, Pass, Swallow};
    for (name, steps, moved) in [
        ("reset before it was sent", vec![Pass(Tcp, RTT), Fail(Tls, RTT, Cause::Reset)], Some(2 * RTT)),
        ("silent before it was sent", vec![Pass(Tcp, RTT), Swallow(Tls, None)], Some(3000)),
        ("reset after it was sent", vec![Pass(Tcp, RTT), Pass(Tls, RTT), Fail(FirstByte, RTT, Cause::Reset)], None),
        ("silent after it was sent", vec![Pass(Tcp, RTT), Pass(Tls, RTT), Swallow(FirstByte, None)], None),
    ] {
        let (mut plan, fake) = setup(&[("direct", direct(&[("192.0.2.1", steps)])), ("tor", proxy(healthy()))]);
        plan.replay = Replay::Once;
        let raced = run(plan, &fake).await;
        assert_eq!(raced.won.is_some(), moved.is_some(), "{name}");
        let expected: Vec<_> = [(0, "direct")].into_iter().chain(moved.map(|at| (at, "tor"))).collect();
        assert_eq!(fake.began(), starts(&expected), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn settling_waits_equally_for_each_loser_and_counts_no_gap() {
    let late = vec![Step::Pass(Stage::Tcp, RTT), Step::Fail(Stage::Tls, 900, Cause::Reset)];
    let (plan, fake) = setup(&[
        ("direct", direct(&[("192.0.2.1", late)])),
        ("proxy", proxy(vec![Step::Swallow(Stage::Proxy, None)])),
        ("tor", proxy(healthy())),
    ]);
    let raced = run(plan, &fake).await;
    assert_eq!(raced.attempts().iter().map(|a| a.took).collect::<Vec<_>>(), [ms(700), ms(450), ms(200)]);
    sleep(ms(100)).await;
    let attempts = raced.settle(ms(3000)).await;
    assert_eq!(attempts[0].outcome.code(), "reset");
    assert_eq!((attempts[1].outcome.code(), attempts[1].took), ("pending", ms(3000)));
    assert_eq!(attempts[2].outcome, Outcome::Proven);
    assert_eq!(fake.live.load(Ordering::SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn dropping_a_race_under_way_ends_every_attempt() {
    let silent = || vec![Step::Swallow(Stage::Tcp, None)];
    let (plan, fake) = setup(&[("direct", direct(&[("192.0.2.1", silent())])), ("proxy", proxy(silent()))]);
    let race = run(plan, &fake);
    assert!(tokio::time::timeout(ms(600), race).await.is_err());
    assert_eq!(fake.began().len(), 2);
    assert_eq!(fake.live.load(Ordering::SeqCst), 0);
}

/// A candidate that does not work, each in one of the ways of SCENARIOS.
fn broken_candidate() -> impl Strategy_<Value = Vec<Step>> {
    use Stage::{FirstByte, Progress, Tcp, Tls};
    let cause = prop_oneof![Just(Cause::Reset), Just(Cause::Refused), Just(Cause::Unreachable), Just(Cause::Closed)];
    let before = (prop_oneof![Just(Tcp), Just(Tls), Just(FirstByte)], 0..400u64, cause)
        .prop_map(|(stage, time, cause)| vec![Step::Fail(stage, time, cause)]);
    let swallowed =
        prop_oneof![Just(Tcp), Just(Tls), Just(FirstByte)].prop_map(|stage| vec![Step::Swallow(stage, Some(2000))]);
    let frozen = (0..400u64).prop_map(|time| {
        vec![Step::Pass(FirstByte, time), Step::Head, Step::Bytes(10, 10), Step::Fail(Progress, 2000, Cause::Silence)]
    });
    let refuted = (0..400u64, any::<bool>())
        .prop_map(|(time, proved)| vec![Step::Pass(FirstByte, time), Step::Head, Step::Refute(proved)]);
    prop_oneof![3 => before, 3 => swallowed, 1 => frozen, 1 => refuted]
}

use proptest::strategy::Strategy as Strategy_;

/// Up to three lanes of up to three candidates; one of the candidates may work, and then answers within two seconds.
fn scripts() -> impl Strategy_<Value = (Vec<Script>, Option<usize>)> {
    let lane = prop_oneof![
        4 => (0..100u64, proptest::collection::vec((0..3u8, broken_candidate()), 1..4)).prop_map(|(time, candidates)| {
            let addresses = candidates.iter().enumerate().map(|(i, (net, _))| IpAddr::from([192, 0, *net, u8::try_from(i).unwrap_or(0)])).collect();
            Script { resolve: (time, Ok(addresses)), candidates: candidates.into_iter().map(|(_, steps)| steps).collect() }
        }),
        1 => (0..100u64).prop_map(|time| Script { resolve: (time, Err(Cause::NxDomain)), candidates: vec![] }),
    ];
    (
        proptest::collection::vec(lane, 1..4),
        any::<Option<prop::sample::Index>>(),
        any::<prop::sample::Index>(),
        0..1500u64,
    )
        .prop_map(|(mut lanes, lane, candidate, time)| {
            let working = lane.map(|lane| lane.index(lanes.len())).filter(|lane| !lanes[*lane].candidates.is_empty());
            if let Some(lane) = working {
                let candidates = &mut lanes[lane].candidates;
                // A host that proved its name and refuted speaks for all its addresses: such a lane has no working candidate.
                candidates.retain(|steps| !matches!(steps.last(), Some(Step::Refute(true))));
                let count = candidates.len().max(1);
                candidates.resize(count, vec![]);
                let number = candidate.index(count);
                candidates[number] =
                    vec![Step::Pass(Stage::Tcp, time), Step::Pass(Stage::FirstByte, RTT), Step::Head, Step::Done];
                if let Ok(addresses) = &mut lanes[lane].resolve.1 {
                    addresses.truncate(count);
                }
            }
            (lanes, working)
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_race_ends_and_never_loses_the_only_working_route((lanes, working) in scripts(), credentials: bool) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let names: Vec<String> = (0..lanes.len()).map(|number| format!("direct.{number}")).collect();
            let lanes: Vec<_> = names.iter().map(String::as_str).zip(lanes).collect();
            let (mut plan, fake) = setup(&lanes);
            plan.credentials = credentials;
            // The scripted silences are longer in sum than a reader's patience; the budget is tested above.
            plan.budget = ms(40_000);
            let raced = run(plan, &fake).await;
            assert_eq!(raced.won.is_some(), working.is_some());
            let attempts = raced.attempts();
            assert!(attempts.is_sorted_by_key(|a| a.started));
            assert_eq!(attempts.iter().filter(|a| a.outcome == Outcome::Proven).count(), usize::from(working.is_some()));
            if credentials {
                for pair in attempts.windows(2) {
                    assert!(pair[0].started + pair[0].took <= pair[1].started, "one attempt in flight: {attempts:?}");
                }
            }
            drop(raced);
            assert_eq!(fake.live.load(Ordering::SeqCst), 0);
        });
    }
}

#[tokio::test(start_paused = true)]
async fn an_address_that_one_way_is_dialling_is_left_to_it() {
    let looked_up = |candidates: &[(&str, Vec<Step>)]| Script {
        resolve: (RTT, direct(candidates).resolve.1),
        ..direct(candidates)
    };
    let dead = || ("192.0.2.1", vec![Step::Swallow(Stage::Tcp, Some(4000))]);
    // Both in one prefix, to which two handshakes may be under way: the good one is not held back by the dead one twice.
    let (plan, fake) = setup(&[
        ("direct", looked_up(&[dead(), ("192.0.2.2", healthy())])),
        ("direct.other", looked_up(&[("192.0.2.1", healthy())])),
    ]);
    let raced = run(plan, &fake).await;
    assert_eq!(fake.began(), starts(&[(RTT, "direct"), (RTT + 250, "direct")]));
    assert_eq!(fake.elapsed(), RTT + 250 + 4 * RTT);
    assert_eq!(raced.won.as_ref().unwrap().candidate.address.unwrap().ip(), ip("192.0.2.2"));
    let attempts = raced.attempts();
    let left = attempts.iter().find(|attempt| attempt.strategy.name.as_deref() == Some("direct.other")).unwrap();
    // Nobody listened to it from then on: it is no silence.
    assert_eq!((left.stage, left.address, left.took), (Stage::Dns, None, ms(RTT)));
    assert_eq!(raced.settle(ms(6000)).await.len(), 3);
    assert_eq!(fake.elapsed(), RTT + 4000, "and nothing is waited for but the dead one");

    // Where nothing else is left it is tried again, as soon as the other one has failed.
    let (plan, fake) =
        setup(&[("direct", looked_up(&[dead()])), ("direct.other", looked_up(&[("192.0.2.1", healthy())]))]);
    let raced = run(plan, &fake).await;
    assert_eq!(fake.began(), starts(&[(RTT, "direct"), (RTT + 4000, "direct.other")]));
    let attempts = raced.attempts();
    assert_eq!((attempts[1].outcome.clone(), attempts[1].took), (Outcome::Proven, ms(RTT + 4 * RTT)));
}
