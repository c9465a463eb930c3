//! Tor: its time, its circuits, its start.

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
