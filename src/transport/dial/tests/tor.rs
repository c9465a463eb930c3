//! Tor: its time, its circuits, its start.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;

#[tokio::test(start_paused = true)]
async fn tors_own_time_begins_when_it_has_taken_the_login() {
    let half = || {
        Scripted::new().peer(PROXY, |mut peer| async move {
            peer.read(3).await;
            peer.write(b"\x05\x02").await;
            peer.hang().await;
        })
    };
    let mute = || Scripted::new().peer(PROXY, hang);
    for (net, host, time, is_mute) in [
        (mute(), "a.example:443", timeouts::PROXY, true),
        (mute(), "abc.onion:80", timeouts::PROXY, true),
        (half(), "abc.onion:80", timeouts::PROXY, true),
        (greeted(), "a.example:443", timeouts::TOR, false),
        (greeted(), "abc.onion:80", timeouts::ONION, false),
    ] {
        let World { dialer, .. } = World::new(net);
        let (trace, begun) = (Trace::new(), Instant::now());
        let route = route("tor+socks5://192.0.2.7:1080", host);
        let failed = dialer.dial(&Candidate::to(&route, None), &trace).await.err().unwrap();
        assert_eq!((failed, begun.elapsed()), (failure(Stage::Proxy, Cause::Silence), time), "{host}");
        let seen = trace.seen();
        assert_eq!((seen.mute, seen.circuit_until.is_some()), (is_mute, time == timeouts::ONION), "{host}");
    }
}

#[tokio::test(start_paused = true)]
async fn tor_is_told_communities_apart_and_never_their_names() {
    /// The credentials that a dialer's stream shows.
    async fn shown(world: &World, label: &str, seen: &mut tokio::sync::mpsc::UnboundedReceiver<Vec<u8>>) -> Vec<u8> {
        let route = Route { isolation: Isolation::of(label), ..route("tor+socks5://192.0.2.7:1080", "a.example:443") };
        world.open(&route).await.unwrap();
        seen.recv().await.unwrap()
    }
    fn world() -> (World, tokio::sync::mpsc::UnboundedReceiver<Vec<u8>>) {
        let (send, receive) = tokio::sync::mpsc::unbounded_channel();
        let net = Scripted::new().peer(PROXY, move |mut peer| {
            let send = send.clone();
            async move {
                assert_eq!(peer.read(3).await, b"\x05\x01\x02", "no way around the isolation");
                peer.write(b"\x05\x02").await;
                send.send(peer.read(1 + 1 + 32 + 1 + 32).await).unwrap();
                peer.write(b"\x01\x00\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00").await;
                peer.hang().await;
            }
        });
        (World::new(net), receive)
    }
    let (first, mut of_first) = world();
    let (second, mut of_second) = world();
    let one = shown(&first, "community one", &mut of_first).await;
    assert_eq!(one, shown(&first, "community one", &mut of_first).await, "one community, one circuit");
    let all = HashSet::from([
        one.clone(),
        shown(&first, "community two", &mut of_first).await,
        shown(&first, "", &mut of_first).await,
        shown(&second, "community one", &mut of_second).await,
    ]);
    assert_eq!(all.len(), 4, "others, and other processes, have others");
    assert!(!one.windows(3).any(|window| window == b"one"));
}

/// A Tor whose answers to requests are these in turn: after so long, the reply. It has no more. Counts the requests, and shows the
/// login of each.
fn answering(answers: &'static [(u64, u8)]) -> (World, Arc<Mutex<Vec<Vec<u8>>>>) {
    let logins = Arc::new(Mutex::new(Vec::new()));
    let (asked, shown) = (AtomicUsize::new(0), logins.clone());
    let net = Scripted::new().peer(PROXY, move |mut peer| {
        let (answer, shown) = (answers.get(asked.fetch_add(1, Ordering::Relaxed)), shown.clone());
        async move {
            assert_eq!(peer.read(3).await, b"\x05\x01\x02");
            // One that ends between two requests says nothing to the second.
            let Some((seconds, reply)) = answer else { return };
            peer.write(b"\x05\x02").await;
            let login = peer.read(1 + 1 + 32 + 1 + 32).await;
            shown.lock().unwrap().push(login);
            peer.write(b"\x01\x00").await;
            sleep(Duration::from_secs(*seconds)).await;
            peer.write([5, *reply, 0, 1, 0, 0, 0, 0, 0, 0]).await;
            peer.hang().await;
        }
    });
    (World::new(net), logins)
}

#[tokio::test(start_paused = true)]
async fn tor_is_asked_once_more_where_a_circuit_broke() {
    const SECOND: Duration = Duration::from_secs(1);
    let reply = |code| Err(failure(Stage::Proxy, Cause::ProxyReply { code }));
    for (host, answers, requests, told, time) in [
        ("a.example:443", &[(0, 1), (0, 0)][..], 2, Ok(()), SECOND),
        ("abc.onion:80", &[(30, 1), (20, 0)], 2, Ok(()), 51 * SECOND),
        ("a.example:443", &[(0, 1), (0, 1), (0, 0)], 2, reply(1), SECOND),
        // The second answer is Tor's last word, if it gives one.
        ("a.example:443", &[(0, 1), (0, 2)], 2, reply(2), SECOND),
        ("abc.onion:80", &[(0, 1), (0, 0xF0)], 2, reply(0xF0), SECOND),
        ("a.example:443", &[(0, 1)], 1, reply(1), SECOND),
        // Both requests have the time of one.
        ("a.example:443", &[(5, 1), (3600, 0)], 2, reply(1), timeouts::TOR),
        ("a.example:443", &[(19, 1), (0, 0)], 1, reply(1), timeouts::TOR),
        ("abc.onion:80", &[(59, 1), (0, 0)], 1, reply(1), timeouts::ONION),
    ] {
        let (World { dialer, net }, logins) = answering(answers);
        let (trace, began) = (Trace::new(), Instant::now());
        let route = route("tor+socks5://192.0.2.7:1080", host);
        let candidate = Candidate::to(&route, None);
        let dialled = dialer.dial(&candidate, &trace).await.map(drop);
        assert_eq!((dialled.clone(), began.elapsed()), (told, time), "{host} {answers:?}");
        let logins = logins.lock().unwrap().clone();
        assert_eq!(logins.len(), requests, "{host} {answers:?}");
        assert_eq!(HashSet::<Vec<u8>>::from_iter(logins.iter().cloned()).len(), requests, "each circuit is another");
        let seen = trace.seen();
        assert_eq!((seen.stage, seen.mute), (Stage::Proxy, false), "Tor was told the destination");
        assert_eq!(seen.asked_tor_again, net.touches().len() == 2, "{host} {answers:?}");
        assert_eq!(seen.circuit_made.is_some(), dialled.is_ok() && seen.circuit_until.is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn what_tor_says_finally_is_asked_once() {
    for code in (2..=8).chain(0xF0..=0xF7) {
        for host in ["a.example:443", "abc.onion:80"] {
            let answers = Box::leak(Box::new([(0, code), (0, 0)]));
            let (World { dialer, net }, _) = answering(answers);
            let began = Instant::now();
            let route = route("tor+socks5://192.0.2.7:1080", host);
            let failed = dialer.dial(&Candidate::to(&route, None), &Trace::new()).await.err().unwrap();
            assert_eq!(failed, failure(Stage::Proxy, Cause::ProxyReply { code: code.into() }));
            assert_eq!((net.touches().len(), began.elapsed()), (1, Duration::ZERO), "{code:#x} {host}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn another_proxy_is_not_asked_again() {
    let net = Scripted::new().peer(PROXY, |mut peer| async move {
        peer.read(3).await;
        peer.write(b"\x05\x00").await;
        peer.write(b"\x05\x01\x00\x01\x00\x00\x00\x00\x00\x00").await;
        peer.hang().await;
    });
    let world = World::new(net);
    assert!(world.open(&route("socks5://192.0.2.7:1080", "a.example:443")).await.is_err());
    assert_eq!(world.net.touches().len(), 1);
}

/// A Tor within the process that answers with this code, and the second time opens a stream. Keeps the circuits that it was asked for.
#[derive(Debug)]
struct BrokenOnce(u16, Mutex<Vec<String>>);

impl TorStreams for BrokenOnce {
    fn start<'a>(
        &'a self,
        _: &'a (dyn Fn(TorProgress) + Send + Sync),
    ) -> BoxFuture<'a, Result<Option<Duration>, Failure>> {
        Box::pin(async { Ok(None) })
    }

    fn connect<'a>(&'a self, _: &'a Destination, circuit: &'a str) -> BoxFuture<'a, Result<BoxStream, Failure>> {
        let mut asked = self.1.lock().unwrap();
        asked.push(circuit.to_owned());
        let is_first = asked.len() == 1;
        Box::pin(async move {
            if is_first {
                return Err(failure(Stage::Proxy, Cause::ProxyReply { code: self.0 }));
            }
            Ok(Box::new(tokio::io::duplex(1).0) as BoxStream)
        })
    }
}

#[tokio::test(start_paused = true)]
async fn the_tor_within_is_asked_once_more_too() {
    for (code, requests) in [(1, 2), (2, 1), (4, 1), (6, 1), (0xF0, 1), (0xF4, 1)] {
        let tor = Arc::new(BrokenOnce(code, Mutex::default()));
        let World { dialer, .. } = World::new(Scripted::new());
        let dialer = dialer.with_tor(tor.clone());
        let route = Route {
            strategy: StrategyKind::Tor { bridges: Bridges::default() }.into(),
            ..route("direct:", "a.example:443")
        };
        let (trace, began) = (Trace::new(), Instant::now());
        let dialled = dialer.dial(&Candidate::to(&route, None), &trace).await;
        assert_eq!((dialled.is_ok(), trace.seen().asked_tor_again), (requests == 2, requests == 2), "{code:#x}");
        assert_eq!(began.elapsed(), Duration::from_secs(requests - 1), "{code:#x}");
        let circuits = tor.1.lock().unwrap();
        assert_eq!(HashSet::<&String>::from_iter(circuits.iter()).len(), usize::try_from(requests).unwrap());
    }
}

/// A Tor whose start takes this long and moves every second.
#[derive(Debug)]
struct SlowTor(Duration);

impl TorStreams for SlowTor {
    fn start<'a>(
        &'a self,
        progress: &'a (dyn Fn(TorProgress) + Send + Sync),
    ) -> BoxFuture<'a, Result<Option<Duration>, Failure>> {
        Box::pin(async move {
            for second in 0..self.0.as_secs() {
                progress(TorProgress::new(u8::try_from(second).unwrap(), None));
                sleep(Duration::from_secs(1)).await;
            }
            Ok(Some(self.0))
        })
    }

    fn connect<'a>(&'a self, _: &'a Destination, _: &'a str) -> BoxFuture<'a, Result<BoxStream, Failure>> {
        Box::pin(async { Err(failure(Stage::Proxy, Cause::ProxyReply { code: 4 })) })
    }
}

#[tokio::test(start_paused = true)]
async fn a_start_of_tor_longer_than_usual_gives_others_their_turn() {
    let World { dialer, .. } = World::new(Scripted::new());
    let dialer = dialer.with_tor(Arc::new(SlowTor(Duration::from_secs(30))));
    let tor = Route {
        strategy: StrategyKind::Tor { bridges: Bridges::default() }.into(),
        ..route("direct:", "a.example:443")
    };
    for (may_take, late_from) in [(None, None), (Some(12), Some(12)), (Some(60), None)] {
        let trace = Trace::new();
        trace.tor_may_take(may_take.map(Duration::from_secs));
        let mut late = None;
        let began = Instant::now();
        let candidate = Candidate::to(&tor, None);
        let mut dialling = std::pin::pin!(dialer.dial(&candidate, &trace));
        let failed = loop {
            tokio::select! {
                ended = &mut dialling => break ended.err().unwrap(),
                () = sleep(Duration::from_millis(250)) => {
                    let waits = trace.waiting().unwrap();
                    if waits == Wait::StalledTor {
                        late.get_or_insert(began.elapsed().as_secs());
                    } else {
                        assert_eq!((waits, late), (Wait::Tor, None), "its progress does not take the turn back");
                    }
                }
            }
        };
        assert_eq!(failed, failure(Stage::Proxy, Cause::ProxyReply { code: 4 }), "its start went on");
        assert_eq!((late, trace.waiting()), (late_from, None), "{may_take:?}");
        assert_eq!(trace.seen().tor_start, Some(Duration::from_secs(30)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_race_waits_for_a_way_to_an_onion_service_alone() {
    for (host, seconds) in [("a.example:443", None), ("abc.onion:80", Some(60))] {
        let World { dialer, .. } = World::new(Scripted::new());
        let dialer = dialer.with_tor(Arc::new(SlowTor(Duration::ZERO)));
        let route =
            Route { strategy: StrategyKind::Tor { bridges: Bridges::default() }.into(), ..route("direct:", host) };
        let (trace, began) = (Trace::new(), Instant::now());
        assert!(dialer.dial(&Candidate::to(&route, None), &trace).await.is_err());
        let seen = trace.seen();
        assert_eq!(
            (seen.circuit_until, seen.circuit_made),
            (seconds.map(|seconds| began + Duration::from_secs(seconds)), None)
        );
    }
}
