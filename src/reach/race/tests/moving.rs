//! When a race leaves an attempt for the next one.

use super::*;

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
