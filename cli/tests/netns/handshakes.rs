//! N7: a censor counts handshakes to one prefix. Six addresses of a host lie in one and swallow every SYN, and no more than
//! two are tried at a time.

use std::collections::BTreeSet;
use std::time::Duration;

use byway_lab::Lab;

use crate::capture::Capture;
use crate::rows::{DIRECT, Scene};
use crate::scene::Stage;

const ADDRESSES: std::ops::Range<u8> = 10..16;
/// At most so many handshakes are in flight to one prefix.
const CAP: usize = 2;
/// So long an unanswered one is in flight, less what a busy machine takes.
const IN_FLIGHT: Duration = Duration::from_secs(3);

pub(crate) fn scene() -> Scene {
    Scene::new("N7 no more than two handshakes at a time to one prefix", |lab: &Lab| {
        for last in ADDRESSES {
            let _ = lab.host("vk.com").at(&format!("203.0.113.{last}")).https();
        }
        lab.censor().when_address("203.0.113.0/24").swallow();
    })
}

/// Counts the addresses that are tried while the first is still silent.
pub(crate) fn count(scene: &Scene) -> String {
    let stage = Stage::set(scene);
    let capture = Capture::begin(&stage.topology.client, stage.file("handshakes.pcap"));
    let run = stage.byway(&[DIRECT], &["get", "https://vk.com/", "--json"]);
    assert_eq!(run.code, 4, "{run}");
    let connects = capture.end().connects();
    let first = connects.iter().map(|(at, _)| *at).min().expect("the capture sees no handshake");
    let together: BTreeSet<_> = connects.iter().filter(|(at, _)| *at < first + IN_FLIGHT).map(|(_, to)| to).collect();
    assert!(together.len() <= CAP, "{together:?} at a time");
    format!("{} at a time, {} of {} in all", together.len(), connects.len(), ADDRESSES.len())
}
