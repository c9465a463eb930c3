//! Which routes to try, and in which order: policy, without sockets.
//!
//! A plan is made in three steps. The *filter* removes strategies that the exposure forbids, that the access advice
//! rules out, or that cannot lead to this device when it is the destination. An onion service has Tor routes only (RFC
//! 7686). The *order* is the app's. The *memory* puts the route that worked here lately first and those that failed
//! here lately last ([`Ledger::order`]), but never past a strategy that reveals less.

use std::time::Duration;

use super::{EventSender, Ledger, NetworkId};
use crate::exposure::Exposure;
use crate::transport::{
    Destination, Isolation, NextHop, PrivateAddresses, Route, Strategy, is_local, is_loopback, is_onion_host,
};

/// Whether a request may be sent twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Replay {
    /// It changes nothing on the server: it may be sent again on another route at any time.
    Safe,
    /// It moves to another route only while none of its bytes were sent.
    Once,
}

codes! {
    Replay {
        Safe = "repeatable",
        Once = "once",
    }
}

/// The routes of one race in order, each with its hedge delay: the silence after which the next one starts.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Plan {
    /// The routes and their hedge delays.
    pub routes: Vec<(Route, Duration)>,
    /// Whether the request may be sent twice.
    pub replay: Replay,
    /// The request carries credentials, so only one route may be in flight at a time.
    pub credentials: bool,
    /// How long the race continues while no route has brought a byte of an answer.
    pub budget: Duration,
    /// The destination speaks TLS. It is copied to each attempt.
    pub tls: bool,
    /// Which request of a chain of redirects this is, from 0. It is copied to each attempt.
    pub hop: u32,
    /// The Tor of this process is started beside the first route: it is one of the routes, and will probably be needed.
    pub warms_tor: bool,
    /// How long Tor's start may take before the next route starts. `None`: as long as it moves.
    pub tor_may_take: Option<Duration>,
    /// The receiver of the race's events. A new plan has no receiver.
    pub events: EventSender,
}

/// Error making a plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// No strategy was given.
    #[error("no strategy is configured; give at least one, for example `direct:`")]
    NoStrategy,
    /// None of the strategies fits the exposure.
    #[error("exposure `{exposure}` allows none of the configured strategies")]
    ExposureForbidsAll {
        /// The exposure.
        exposure: Exposure,
    },
    /// The community's access advice or a restriction rules out direct strategies, or nobody has asked for the community by its own
    /// link yet, and there are no others.
    #[error(
        "this community is blocked somewhere, asks not to be read directly, or came in a file and was never opened by its own \
         link, and only direct ways may be used; give a proxy or a Tor. What came in a file is read directly after its link was opened; for the \
         others allow direct"
    )]
    AdviceForbidsAll,
    /// The destination is this device, and every allowed strategy leads elsewhere. The destination's name is not sent
    /// there.
    #[error("the destination is this device, which no proxy elsewhere can reach; allow `direct:` for it")]
    OnThisDevice,
    /// The destination is an onion service, and no Tor strategy is allowed. Its name stays on this device: it is sent
    /// to no resolver and no proxy (RFC 7686 section 2).
    #[error(
        "an `.onion` address can be reached through Tor only, and no Tor strategy is configured; add `tor+socks5://127.0.0.1:9050`"
    )]
    OnionNeedsTor,
}

impl PlanError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            PlanError::NoStrategy => "no_strategy",
            PlanError::ExposureForbidsAll { .. } => "exposure_forbids_all",
            PlanError::AdviceForbidsAll => "advice_forbids_all",
            PlanError::OnThisDevice => "on_this_device",
            PlanError::OnionNeedsTor => "onion_needs_tor",
        }
    }
}

/// The input of a plan.
#[derive(Clone, Debug)]
pub struct Request {
    /// The destination.
    pub destination: Destination,
    /// Who may learn of the request.
    pub exposure: Exposure,
    /// The community's access advice or a recorded restriction rules out direct strategies, and the user has not
    /// allowed them: they are not tried.
    pub avoid_direct: bool,
    /// Whether private addresses may be dialled.
    pub private: PrivateAddresses,
    /// Which circuits to use. By site, the circuits of the destination's host are used.
    pub isolation: Isolation,
    /// Whether the request may be sent twice.
    pub replay: Replay,
    /// Whether the request carries credentials.
    pub credentials: bool,
    /// Whether the destination speaks TLS.
    pub tls: bool,
    /// Which request of a chain of redirects this is, from 0.
    pub hop: u32,
}

/// Orders the strategies for one request: the app's order, without those that the exposure forbids. What the ledger
/// knows about this network moves a strategy only past those that reveal at least as much.
///
/// # Errors
/// See [`PlanError`].
pub fn plan(
    strategies: &[Strategy],
    request: &Request,
    ledger: &Ledger,
    network: &NetworkId,
) -> Result<Plan, PlanError> {
    if strategies.is_empty() {
        return Err(PlanError::NoStrategy);
    }
    let onion = is_onion_host(&request.destination.host);
    if onion && !strategies.iter().any(Strategy::is_tor) {
        return Err(PlanError::OnionNeedsTor);
    }
    let mut allowed: Vec<Strategy> = Vec::new();
    for strategy in strategies.iter().filter(|strategy| strategy.is_allowed_by(request.exposure)) {
        // A repeated strategy must not double the handshakes.
        if !allowed.contains(strategy) {
            allowed.push(strategy.clone());
        }
    }
    if allowed.is_empty() {
        return Err(PlanError::ExposureForbidsAll { exposure: request.exposure });
    }
    if request.avoid_direct {
        allowed.retain(|strategy| !strategy.is_direct());
        if allowed.is_empty() {
            return Err(PlanError::AdviceForbidsAll);
        }
    }
    if onion {
        allowed.retain(Strategy::is_tor);
    }
    if is_loopback(&request.destination.host) {
        allowed.retain(Strategy::reaches_this_device);
        if allowed.is_empty() {
            return Err(PlanError::OnThisDevice);
        }
    }
    let route = |(strategy, usual): (Strategy, Option<Duration>)| {
        let route = Route {
            strategy,
            destination: request.destination.clone(),
            exposure: request.exposure,
            private: request.private,
            isolation: request.isolation.at(&request.destination),
        };
        (route, usual.map_or(HEDGE_COLD, hedge_learned))
    };
    let routes: Vec<_> = ledger.order(network, &request.destination, allowed).into_iter().map(route).collect();
    Ok(Plan {
        warms_tor: warms_tor(&routes, request, ledger, network),
        tor_may_take: routes
            .iter()
            .any(|(route, _)| is_own_tor(route))
            .then(|| tor_may_take(ledger, network))
            .flatten(),
        routes,
        replay: request.replay,
        credentials: request.credentials,
        budget: BUDGET,
        tls: request.tls,
        hop: request.hop,
        events: EventSender::default(),
    })
}

/// Whether the Tor of this process is started at once: it is a later route of this plan, direct strategies have failed on this
/// network where another one got through, and none of the routes before it is known to work for this destination. The plan
/// holds only routes that the exposure allows.
fn warms_tor(routes: &[(Route, Duration)], request: &Request, ledger: &Ledger, network: &NetworkId) -> bool {
    let Some(at) = routes.iter().position(|(route, _)| is_own_tor(route)) else { return false };
    let before = || routes.iter().take(at).map(|(route, _)| &route.strategy);
    // As a first route it starts anyway. No exit leads into the reader's own network.
    at > 0
        && !is_local(&request.destination.host)
        && ledger.has_blocked_direct(network)
        && !before().any(|strategy| ledger.works(network, &request.destination, strategy))
}

fn is_own_tor(route: &Route) -> bool {
    route.strategy.next_hop() == NextHop::Tor
}

/// As a route waits for half as long again as it usually takes, so does a start of Tor.
fn tor_may_take(ledger: &Ledger, network: &NetworkId) -> Option<Duration> {
    let usual = ledger.tor_start(network)?;
    Some(usual.mul_f64(1.5).clamp(HEDGE_LONGEST, TOR_LONGEST))
}

/// The hedge delay of a route with a known usual first byte on this network.
fn hedge_learned(usual: Duration) -> Duration {
    usual.mul_f64(1.5).clamp(HEDGE_COLD, HEDGE_LONGEST)
}

/// The hedge delay of an unknown route: the Connection Attempt Delay of RFC 8305 section 8. It is longer than the
/// handshakes of most healthy routes and shorter than a reader's patience.
const HEDGE_COLD: Duration = Duration::from_millis(250);

/// A longer time limit is cut to this one. A deadline is a point in time, and adding `Duration::MAX` to an instant
/// overflows. No reader waits for a day.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(24 * 3600);

/// The longest hedge delay. A route that usually takes longer is worth overtaking.
const HEDGE_LONGEST: Duration = Duration::from_secs(3);

/// A start of Tor that takes longer than this is worth overtaking, even if it usually does: a reader who waits sees nothing.
const TOR_LONGEST: Duration = Duration::from_secs(20);

/// How long a race continues without a byte of an answer on any route. The reader learns what is wrong within this
/// time.
pub(crate) const BUDGET: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use proptest::prelude::*;
    use proptest::strategy::Strategy as _;
    use url::Host;

    use super::*;
    use crate::reach::revealed::Revealed;
    use crate::reach::{Attempt, Outcome};
    use crate::transport::{Cause, Failure, Stage, Strategy};

    const ALL: [&str; 6] = [
        "tor+socks5://127.0.0.1:9050",
        "socks5://b.example:1080",
        "direct:?dns=udp://9.9.9.9",
        "http://a.example:3128",
        "direct:",
        "https://c.example",
    ];

    fn request(exposure: Exposure, avoid_direct: bool) -> Request {
        Request {
            destination: Destination { host: Host::Domain("vk.com".into()), port: 443 },
            exposure,
            avoid_direct,
            private: PrivateAddresses::Refused,
            isolation: Isolation::of("a community"),
            replay: Replay::Safe,
            credentials: false,
            tls: true,
            hop: 2,
        }
    }

    fn strategies(texts: &[&str]) -> Vec<Strategy> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn order(texts: &[&str], request: &Request, ledger: &Ledger) -> Result<Vec<String>, PlanError> {
        let plan = plan(&strategies(texts), request, ledger, &NetworkId::default())?;
        Ok(plan.routes.iter().map(|(route, _)| route.strategy.to_string()).collect())
    }

    #[test]
    fn the_apps_order_is_the_order_tried() {
        let order = order(&ALL, &request(Exposure::Open, false), &Ledger::in_memory()).unwrap();
        assert_eq!(order, ALL.map(|text| strategies(&[text])[0].to_string()));
    }

    fn attempt(strategy: &Strategy) -> Attempt {
        Attempt { took: Duration::from_secs(1), bytes: 1, ..Attempt::of_test(strategy.clone()) }
    }

    /// An attempt that was proven (0), lost (1) or silent.
    fn ended(strategy: &Strategy, outcome: u8) -> Attempt {
        let failed = |cause| Outcome::Failed(Failure::new(Stage::Tcp, cause));
        let outcome = match outcome {
            0 => Outcome::Proven,
            1 => failed(Cause::Reset),
            _ => Outcome::Pending,
        };
        Attempt { took: Duration::from_secs(9), outcome, ..attempt(strategy) }
    }

    #[test]
    fn what_is_forbidden_is_no_route_and_nothing_left_is_an_error() {
        let ledger = Ledger::in_memory();
        let count = |exposure, advice| order(&ALL, &request(exposure, advice), &ledger).unwrap().len();
        assert_eq!(
            (count(Exposure::Open, false), count(Exposure::Proxied, false), count(Exposure::Tor, false)),
            (6, 4, 1)
        );
        assert_eq!(count(Exposure::Open, true), 4, "advice: no direct way");
        let fails = |texts: &[&str], exposure, advice| order(texts, &request(exposure, advice), &ledger).unwrap_err();
        assert_eq!(fails(&[], Exposure::Open, false), PlanError::NoStrategy);
        for exposure in [Exposure::Proxied, Exposure::Tor] {
            assert_eq!(fails(&["direct:"], exposure, false), PlanError::ExposureForbidsAll { exposure });
        }
        assert_eq!(fails(&["direct:"], Exposure::Open, true), PlanError::AdviceForbidsAll);
    }

    #[test]
    fn a_proxy_elsewhere_is_not_told_of_this_device() {
        let ledger = Ledger::in_memory();
        let local = "socks5://127.0.0.1:1080";
        for host in ["127.0.0.1", "::1", "localhost", "app.localhost"] {
            let destination = Destination::new(host, 443).unwrap();
            let request = Request { destination, ..request(Exposure::Open, false) };
            let planned = order(&[&ALL[..], &[local]].concat(), &request, &ledger).unwrap();
            assert_eq!(planned, [ALL[0], "direct:?dns=udp://9.9.9.9", "direct:", local], "{host}");
            for elsewhere in ["socks5://b.example:1080", "https://192.168.0.1", "tor+socks5://192.168.0.1:9050"] {
                assert_eq!(order(&[elsewhere], &request, &ledger).unwrap_err(), PlanError::OnThisDevice, "{host}");
            }
        }
    }

    #[test]
    fn an_onion_service_has_tor_routes_only() {
        let ledger = Ledger::in_memory();
        for host in ["abc.onion", "a.b.ONION", "abc.onion.", "abc\u{3002}onion", "%61bc.onion"] {
            let url = format!("http://{host}/").parse().unwrap();
            for (exposure, advice) in [(Exposure::Open, false), (Exposure::Open, true), (Exposure::Tor, false)] {
                let request =
                    Request { destination: Destination::from_url(&url).unwrap(), ..request(exposure, advice) };
                assert_eq!(order(&ALL, &request, &ledger).unwrap(), [ALL[0]], "{host}");
                assert_eq!(order(&ALL[1..], &request, &ledger).unwrap_err(), PlanError::OnionNeedsTor, "{host}");
            }
        }
    }

    #[test]
    fn a_route_waits_for_half_as_long_again_as_it_usually_takes() {
        let cases = [(None, 250), (Some(10), 250), (Some(400), 600), (Some(1500), 2250), (Some(9000), 3000)];
        for (usual, hedge) in cases {
            let (ledger, request) = (Ledger::in_memory(), request(Exposure::Open, false));
            if let Some(usual) = usual {
                let usual = Duration::from_millis(usual);
                let attempt = Attempt { took: usual * 2, first_byte: Some(usual), ..attempt(&Strategy::direct()) };
                ledger.note(&NetworkId::default(), &request.destination, &[attempt]);
            }
            let plan = plan(&[Strategy::direct()], &request, &ledger, &NetworkId::default()).unwrap();
            assert_eq!(plan.routes[0].1, Duration::from_millis(hedge), "{usual:?}");
            assert_eq!((plan.tls, plan.hop, plan.budget), (true, 2, Duration::from_secs(10)));
        }
    }

    /// A ledger of a network where a direct strategy has failed for another host, and a proxy has not.
    #[cfg(feature = "tor")]
    fn censored() -> Ledger {
        let ledger = Ledger::in_memory();
        let elsewhere = Destination { host: Host::Domain("other.example".into()), port: 443 };
        let attempts = [ended(&Strategy::direct(), 1), ended(&strategies(&["socks5://b.example:1080"])[0], 0)];
        ledger.note(&NetworkId::default(), &elsewhere, &attempts);
        ledger
    }

    #[test]
    #[cfg(feature = "tor")]
    fn tor_is_warmed_where_it_is_allowed_and_likely_needed() {
        let warms = |texts: &[&str], ledger: &Ledger, request: &Request| {
            plan(&strategies(texts), request, ledger, &NetworkId::default()).unwrap().warms_tor
        };
        let (censored, open) = (censored(), request(Exposure::Open, false));
        let usual = ["direct:", "socks5://b.example:1080", "tor:"];
        assert!(warms(&usual, &censored, &open));
        assert!(warms(&usual, &censored, &request(Exposure::Proxied, false)));
        assert!(!warms(&usual, &Ledger::in_memory(), &open), "nothing has failed here");
        assert!(!warms(&usual[..2], &censored, &open), "the app does not allow it");
        assert!(!warms(&["direct:", "tor+socks5://127.0.0.1:9050"], &censored, &open), "it is not ours to start");
        assert!(!warms(&["tor:", "direct:"], &censored, &open), "it starts anyway");
        assert!(!warms(&usual, &censored, &request(Exposure::Tor, false)), "it starts anyway");
        for host in ["127.0.0.1", "192.168.0.1", "localhost", "printer.local"] {
            let destination = Destination::new(host, 443).unwrap();
            assert!(!warms(&usual, &censored, &Request { destination, ..open.clone() }), "{host}");
        }
        let elsewhere = NetworkId("another".to_owned());
        assert!(!plan(&strategies(&usual), &open, &censored, &elsewhere).unwrap().warms_tor);
        censored.note(&NetworkId::default(), &open.destination, &[ended(&Strategy::direct(), 0)]);
        assert!(!warms(&usual, &censored, &open), "direct works for this one");
    }

    #[test]
    #[cfg(feature = "tor")]
    fn a_start_of_tor_may_take_half_as_long_again_as_usual() {
        for (usual, may_take) in [(None, None), (Some(1), Some(3)), (Some(8), Some(12)), (Some(50), Some(20))] {
            let (ledger, asked) = (Ledger::in_memory(), request(Exposure::Open, false));
            let tor = strategies(&["tor:", "direct:"]);
            let started = Attempt { tor_start: usual.map(Duration::from_secs), ..attempt(&tor[0]) };
            ledger.note(&NetworkId::default(), &asked.destination, &[started]);
            let plan = plan(&tor, &asked, &ledger, &NetworkId::default()).unwrap();
            assert_eq!(plan.tor_may_take, may_take.map(Duration::from_secs), "{usual:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_was_learned_no_plan_reveals_sooner_than_the_app(
            given in Just((0..ALL.len()).collect::<Vec<_>>()).prop_shuffle(),
            races in prop::collection::vec(prop::collection::vec((0..ALL.len(), 0..3u8), 1..4), 0..6),
        ) {
            let given: Vec<Strategy> = strategies(&given.into_iter().map(|at| ALL[at]).collect::<Vec<_>>());
            let (ledger, asked) = (Ledger::in_memory(), request(Exposure::Open, false));
            for race in races {
                let attempts: Vec<Attempt> = race.into_iter().map(|(at, outcome)| ended(&given[at], outcome)).collect();
                ledger.note(&NetworkId::default(), &asked.destination, &attempts);
            }
            let plan = plan(&given, &asked, &ledger, &NetworkId::default()).unwrap();
            let place = |strategy: &Strategy| given.iter().position(|other| other == strategy).unwrap();
            for (index, (route, _)) in plan.routes.iter().enumerate() {
                for (later, _) in &plan.routes[index + 1..] {
                    let (route, later) = (&route.strategy, &later.strategy);
                    let moved = place(later) < place(route);
                    prop_assert!(!moved || Revealed::by(route).is_no_more_than(Revealed::by(later)));
                    prop_assert!(!(moved && route.is_direct()) || later.is_direct());
                    prop_assert!(!(moved && later.is_tor()) || route.is_tor());
                }
            }
        }

        #[test]
        fn no_plan_holds_a_route_that_its_exposure_forbids(picks in prop::collection::vec(0..ALL.len(), 0..10), exposure in prop::sample::select(vec![Exposure::Open, Exposure::Proxied, Exposure::Tor]), advice: bool) {
            let given: Vec<&str> = picks.into_iter().map(|pick| ALL[pick]).collect();
            let asked = request(exposure, advice);
            if let Ok(plan) = plan(&strategies(&given), &asked, &Ledger::in_memory(), &NetworkId::default()) {
                prop_assert!(!plan.routes.is_empty());
                for (index, (route, _)) in plan.routes.iter().enumerate() {
                    prop_assert!(route.strategy.is_allowed_by(exposure) && !(advice && route.strategy.is_direct()));
                    prop_assert_eq!(route.exposure, exposure);
                    prop_assert_eq!(route.private, PrivateAddresses::Refused);
                    prop_assert!(plan.routes.iter().skip(index + 1).all(|(other, _)| other.strategy != route.strategy));
                }
            }
        }
    }
}
