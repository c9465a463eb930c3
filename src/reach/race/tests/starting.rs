//! When the next route, and the next address, is started.

use super::*;

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
