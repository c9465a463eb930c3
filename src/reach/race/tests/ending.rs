//! How a race ends, and that it never loses the only route that works.

use proptest::prelude::*;
use proptest::strategy::Strategy as Strategy_;

use super::*;

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
