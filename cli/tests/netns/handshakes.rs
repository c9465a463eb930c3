//! N7: a censor counts handshakes to one prefix. Six addresses of a host lie in one prefix and swallow every SYN. Two
//! are tried at first, and each further one a second and a half after the previous one.

use std::collections::BTreeMap;
use std::time::Duration;

use byway_lab::Lab;

use crate::capture::Capture;
use crate::rows::{DIRECT, Scene};
use crate::scene::Stage;

const ADDRESSES: std::ops::Range<u8> = 10..16;
/// At most this many handshakes to one prefix begin within [`WINDOW`].
const CAP: usize = 2;
/// The time that a further handshake waits behind silent ones (1.5 s), less the delay of a busy machine.
const WINDOW: Duration = Duration::from_millis(1200);

pub(crate) fn scene() -> Scene {
    Scene::new("N7 handshakes to one prefix are begun two at first and then slowly", |lab: &Lab| {
        for last in ADDRESSES {
            let _ = lab.host("vk.com").at(&format!("203.0.113.{last}")).https();
        }
        lab.censor().when_address("203.0.113.0/24").swallow();
    })
}

/// Counts the addresses whose first SYN falls into one window.
pub(crate) fn count(scene: &Scene) -> String {
    let stage = Stage::set(scene);
    let capture = Capture::begin(&stage.topology.client, stage.file("handshakes.pcap"));
    let run = stage.byway(&[DIRECT], &["get", "https://vk.com/", "--json"]);
    assert_eq!(run.code, 4, "{run}");
    let connects = capture.end().connects();
    let mut begun = BTreeMap::new();
    for (at, to) in &connects {
        let first = begun.entry(to).or_insert(*at);
        *first = (*first).min(*at);
    }
    let within = |from: Duration| begun.values().filter(|at| (from..from + WINDOW).contains(*at)).count();
    let most = begun.values().map(|at| within(*at)).max().expect("the capture sees no handshake");
    assert!(most <= CAP, "{most} begin within {WINDOW:?}: {begun:?}");
    format!("{most} within {WINDOW:?}, {} of {} in all", begun.len(), ADDRESSES.len())
}
