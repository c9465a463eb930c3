//! A body that stops is resumed on another route.

use std::sync::Arc;
use std::time::Duration;

use async_compression::tokio::write::GzipEncoder;
use byway::Stage;
use tokio::io::AsyncWriteExt;
use tokio::time::sleep;

use crate::net::{Peer, World, get, outcomes};

/// A file of 100 kB with an entity tag, as two addresses of one host serve it.
#[derive(Clone)]
pub(crate) struct File {
    tag: &'static str,
    coding: &'static str,
    pub(crate) bytes: Arc<Vec<u8>>,
}

impl File {
    pub(crate) fn plain(tag: &'static str, seed: u32) -> Self {
        // Xorshift: noise that does not shrink when it is compressed.
        let noise = std::iter::successors(Some(seed), |last| {
            let mut next = *last;
            next ^= next << 13;
            next ^= next >> 17;
            next ^= next << 5;
            Some(next)
        });
        let bytes = noise.map(|word| (word >> 24) as u8).take(100_000).collect();
        Self { tag, coding: "identity", bytes: Arc::new(bytes) }
    }

    pub(crate) async fn gzip(self) -> Self {
        let mut encoder = GzipEncoder::new(Vec::new());
        encoder.write_all(&self.bytes).await.unwrap();
        encoder.shutdown().await.unwrap();
        Self { coding: "gzip", bytes: Arc::new(encoder.into_inner()), ..self }
    }

    /// Serves the file, or the rest of it under its condition, up to the byte `until` of the file.
    pub(crate) async fn serve(self, mut peer: Peer, until: usize) {
        let Some(head) = peer.head().await else { return };
        let head = head.to_lowercase();
        let total = self.bytes.len();
        let asked = head.lines().find_map(|line| line.strip_prefix("range: bytes=")?.strip_suffix('-')?.parse().ok());
        let matches = head.contains(&format!("if-range: {}", self.tag));
        let (tag, coding) = (self.tag, self.coding);
        let from: usize = asked.filter(|_| matches).unwrap_or(0);
        let length = total - from;
        let status = if from > 0 {
            format!("206 Partial Content\r\ncontent-range: bytes {from}-{}/{total}", total - 1)
        } else {
            "200 OK".into()
        };
        peer.say(format!(
            "HTTP/1.1 {status}\r\netag: {tag}\r\ncontent-encoding: {coding}\r\ncontent-length: {length}\r\n\r\n"
        ))
        .await;
        peer.say(&self.bytes[from..until.max(from).min(total)]).await;
        if until < total {
            peer.silence().await;
        }
    }
}

/// Two addresses of one host: the first serves `one` and freezes after `until` bytes, the second serves `two`.
fn freezing(one: File, until: usize, two: File) -> World {
    World::new()
        .name("site.example", &["192.0.2.1", "192.0.2.2"])
        .server("192.0.2.1:80", move |peer| {
            let file = one.clone();
            async move {
                sleep(Duration::from_millis(100)).await;
                file.serve(peer, until).await;
            }
        })
        .server("192.0.2.2:80", move |peer| two.clone().serve(peer, usize::MAX))
}

#[tokio::test(start_paused = true)]
async fn a_body_frozen_after_16_kb_resumes_elsewhere_in_two_seconds() {
    let file = File::plain("\"a\"", 1);
    let world = freezing(file.clone(), 16 * 1024, file.clone()).up();
    let fetched = world.client(&["direct:"]).fetch(get("http://site.example/")).await;
    assert_eq!(outcomes(&fetched.attempts), [(0, Stage::Progress, "silence"), (0, Stage::Progress, "ok")]);
    assert_eq!(fetched.attempts[1].started, Duration::from_millis(2100));
    assert_eq!(world.elapsed(), Duration::from_millis(2100));
    let rest = &world.heads("192.0.2.2:80")[0];
    assert!(rest.contains("range: bytes=16384-") && rest.contains("if-range: \"a\""), "{rest}");
    let response = fetched.result.unwrap();
    assert_eq!(response.status, 200);
    assert_eq!(response.headers["content-length"], "100000");
    assert!(response.body == file.bytes[..]);
}

#[tokio::test(start_paused = true)]
async fn a_compressed_body_goes_on_in_the_middle_of_its_coding() {
    let file = File::plain("\"a\"", 1);
    let zipped = file.clone().gzip().await;
    let world = freezing(zipped.clone(), 30_001, zipped).up();
    let fetched = world.client(&["direct:"]).fetch(get("http://site.example/")).await;
    assert!(world.heads("192.0.2.2:80")[0].contains("range: bytes=30001-"));
    assert!(fetched.result.unwrap().body == file.bytes[..]);
}

#[tokio::test(start_paused = true)]
async fn a_changed_file_is_fetched_anew() {
    let newer = File::plain("\"b\"", 2);
    let world = freezing(File::plain("\"a\"", 1), 16 * 1024, newer.clone()).up();
    let fetched = world.client(&["direct:"]).fetch(get("http://site.example/")).await;
    let response = fetched.result.unwrap();
    assert!(response.body == newer.bytes[..]);
    assert_eq!(response.headers["etag"], "\"b\"");
}

#[tokio::test(start_paused = true)]
async fn a_part_of_another_file_is_never_spliced() {
    // A server that ignores the condition, and answers with a part of the newer file.
    let newer = File::plain("\"b\"", 2);
    let expected = newer.clone();
    let world = World::new()
        .name("site.example", &["192.0.2.1", "192.0.2.2"])
        .server("192.0.2.1:80", |peer| File::plain("\"a\"", 1).serve(peer, 16 * 1024))
        .server("192.0.2.2:80", move |mut peer| {
            let newer = newer.clone();
            async move {
                let head = peer.head().await.unwrap();
                let (from, status) = match head.to_lowercase().contains("range: bytes=16384-") {
                    true => (16384, "206 Partial Content\r\ncontent-range: bytes 16384-99999/100000"),
                    false => (0, "200 OK"),
                };
                let length = newer.bytes.len() - from;
                peer.say(format!("HTTP/1.1 {status}\r\netag: \"b\"\r\ncontent-length: {length}\r\n\r\n")).await;
                peer.say(&newer.bytes[from..]).await;
            }
        })
        .up();
    let fetched = world.client(&["direct:"]).fetch(get("http://site.example/")).await;
    assert!(fetched.result.unwrap().body == expected.bytes[..]);
    assert_eq!(world.heads("192.0.2.2:80").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_recognised_again_starts_anew() {
    let file = File::plain("W/\"a\"", 1);
    let world = freezing(file.clone(), 16 * 1024, file.clone()).up();
    let fetched = world.client(&["direct:"]).fetch(get("http://site.example/")).await;
    assert!(!world.heads("192.0.2.2:80")[0].contains("range"));
    assert!(fetched.result.unwrap().body == file.bytes[..]);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_breaks_goes_on_at_once() {
    let file = File::plain("\"a\"", 1);
    let whole = file.clone();
    let world = World::new()
        .name("site.example", &["192.0.2.1", "192.0.2.2"])
        .server("192.0.2.1:80", move |mut peer| {
            let file = whole.clone();
            async move {
                peer.head().await;
                peer.say("HTTP/1.1 200 OK\r\netag: \"a\"\r\ncontent-length: 100000\r\n\r\n").await;
                peer.say(&file.bytes[..50_000]).await;
            }
        })
        .server("192.0.2.2:80", {
            let file = file.clone();
            move |peer| file.clone().serve(peer, usize::MAX)
        })
        .up();
    let fetched = world.client(&["direct:"]).fetch(get("http://site.example/")).await;
    assert_eq!(outcomes(&fetched.attempts), [(0, Stage::Progress, "closed"), (0, Stage::Progress, "ok")]);
    assert_eq!(world.elapsed(), Duration::ZERO);
    assert!(world.heads("192.0.2.2:80")[0].contains("range: bytes=50000-"));
    assert!(fetched.result.unwrap().body == file.bytes[..]);
}

#[tokio::test(start_paused = true)]
async fn a_slow_body_is_waited_for() {
    let world = World::new()
        .name("site.example", &["192.0.2.1"])
        .server("192.0.2.1:80", |mut peer| async move {
            peer.head().await;
            peer.say("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n").await;
            for _ in 0..10 {
                sleep(Duration::from_millis(1990)).await;
                peer.say("x").await;
            }
        })
        .up();
    let fetched = world.client(&["direct:"]).fetch(get("http://site.example/")).await;
    assert_eq!(fetched.result.unwrap().body, "xxxxxxxxxx");
}
