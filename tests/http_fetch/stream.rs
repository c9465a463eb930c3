//! Response bodies as streams, and request bodies as streams.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use byway::internals::fetch::{FetchError, Payload, Request, StreamError, Streamed};
use byway::internals::reach::{Finding, Replay};
use byway::internals::transport::{Cause, LimitKind, Stage};
use futures_util::stream::{self, StreamExt};
use http_body_util::StreamBody;
use hyper::body::Frame;
use tokio::io::AsyncReadExt;
use tokio::time::sleep;

use crate::net::{World, get, outcomes};
use crate::resume::File;

const KB: usize = 1024;

/// Reads a body to its end or error.
async fn read(streamed: &mut Streamed) -> (Vec<u8>, Option<StreamError>) {
    let body = &mut streamed.result.as_mut().unwrap().body;
    let mut whole = Vec::new();
    while let Some(piece) = body.next().await {
        match piece {
            Ok(piece) => whole.extend_from_slice(&piece),
            Err(error) => return (whole, Some(error)),
        }
    }
    assert!(body.next().await.is_none());
    (whole, None)
}

/// A first address that serves `one` up to `until` and freezes, and a second that serves `two`.
fn freezing(one: &File, until: usize, two: &File) -> World {
    let (one, two) = (one.clone(), two.clone());
    World::new()
        .name("site.example", &["192.0.2.1", "192.0.2.2"])
        .server("192.0.2.1:80", move |peer| one.clone().serve(peer, until))
        .server("192.0.2.2:80", move |peer| two.clone().serve(peer, usize::MAX))
}

#[tokio::test(start_paused = true)]
async fn a_body_is_handed_out_while_it_comes() {
    let world = World::new()
        .name("site.example", &["192.0.2.1"])
        .server("192.0.2.1:80", |mut peer| async move {
            peer.head().await;
            peer.say("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n").await;
            peer.say(vec![b'a'; 64 * KB]).await;
            for _ in 0..100 {
                sleep(Duration::from_secs(1)).await;
                peer.say(vec![b'b'; (100_000 - 64 * KB) / 100 + 1]).await;
            }
        })
        .up();
    let mut streamed = world.client(&["direct:"]).stream(get("http://site.example/")).await;
    assert_eq!(world.elapsed(), Duration::ZERO);
    let answer = streamed.result.as_mut().unwrap();
    assert_eq!((answer.status.as_u16(), answer.body.length()), (200, Some(100_000)));
    assert_eq!(answer.body.next().await.unwrap().unwrap().len(), 64 * KB);
    let (rest, error) = read(&mut streamed).await;
    assert_eq!((rest.len(), error), (100_000 - 64 * KB, None));
    assert_eq!(world.elapsed(), Duration::from_secs(100), "beyond any limit but that of progress");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_read_far_ahead_of_the_reader() {
    const PIECE: usize = 64 * KB;
    let said = Arc::new(AtomicUsize::new(0));
    let saying = said.clone();
    let world = World::new()
        .name("site.example", &["192.0.2.1"])
        .server("192.0.2.1:80", move |mut peer| {
            let said = saying.clone();
            async move {
                peer.head().await;
                peer.say(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", 160 * PIECE)).await;
                while said.fetch_add(PIECE, Ordering::SeqCst) < 160 * PIECE && peer.say(vec![b'a'; PIECE]).await {}
            }
        })
        .up();
    let mut streamed = world.client(&["direct:"]).stream(get("http://site.example/")).await;
    let body = &mut streamed.result.as_mut().unwrap().body;
    let (mut read, mut ahead) = (0, 0);
    while let Some(piece) = body.next().await {
        read += piece.unwrap().len();
        // The other side may run as far as it can.
        sleep(Duration::from_millis(1)).await;
        ahead = ahead.max(said.load(Ordering::SeqCst) - read);
    }
    assert_eq!(read, 160 * PIECE);
    // The path between them holds 256 kB, and the server holds one piece.
    assert!(ahead <= 1024 * KB, "{ahead}");
}

#[tokio::test(start_paused = true)]
async fn what_comes_slowly_is_handed_out_three_seconds_after_its_head() {
    let world = World::new()
        .name("site.example", &["192.0.2.1"])
        .server("192.0.2.1:80", |mut peer| async move {
            peer.head().await;
            peer.say("HTTP/1.1 200 OK\r\n\r\n").await;
            for tick in 0..10 {
                peer.say(format!("tick {tick}\n")).await;
                sleep(Duration::from_secs(1)).await;
            }
        })
        .up();
    let mut streamed = world.client(&["direct:"]).stream(get("http://site.example/")).await;
    assert_eq!(world.elapsed(), Duration::from_secs(3));
    let answer = streamed.result.as_mut().unwrap();
    assert!(answer.body.next().await.unwrap().unwrap().starts_with(b"tick 0\ntick 1\ntick 2\n"));
    assert!(read(&mut streamed).await.0.ends_with(b"tick 9\n"));
}

#[tokio::test(start_paused = true)]
async fn a_body_that_freezes_in_the_stream_goes_on_elsewhere() {
    let file = File::plain("\"a\"", 1);
    let world = freezing(&file, 80_000, &file).up();
    let mut streamed = world.client(&["direct:"]).stream(get("http://site.example/")).await;
    assert_eq!(outcomes(&streamed.attempts), [(0, Stage::Progress, "ok")]);
    let (body, error) = read(&mut streamed).await;
    assert!(error.is_none() && body == file.bytes[..]);
    assert!(world.heads("192.0.2.2:80")[0].contains("range: bytes=80000-"));
    // The attempt that had well begun is recorded with its real end.
    let attempts = streamed.result.unwrap().body.attempts().to_vec();
    let silent = (0, Stage::Progress, "silence");
    assert_eq!(outcomes(&attempts), [silent, silent, (0, Stage::Progress, "ok")]);
    assert_eq!(attempts[0].took, Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn a_compressed_body_goes_on_in_the_middle_of_its_coding() {
    let file = File::plain("\"a\"", 1);
    let zipped = file.clone().gzip().await;
    let world = freezing(&zipped, 80_001, &zipped).up();
    let mut streamed = world.client(&["direct:"]).stream(get("http://site.example/")).await;
    let body = &streamed.result.as_ref().unwrap().body;
    assert_eq!((body.length(), body.is_decoded()), (None, true));
    let (body, error) = read(&mut streamed).await;
    assert!(error.is_none() && body == file.bytes[..]);
}

#[tokio::test(start_paused = true)]
async fn a_changed_file_ends_the_stream_and_is_never_spliced() {
    let (older, newer) = (File::plain("\"a\"", 1), File::plain("\"b\"", 2));
    let world = freezing(&older, 80_000, &newer).up();
    let mut streamed = world.client(&["direct:"]).stream(get("http://site.example/")).await;
    let (body, error) = read(&mut streamed).await;
    assert_eq!(error, Some(StreamError::Changed));
    assert!(body == older.bytes[..80_000]);
}

#[tokio::test(start_paused = true)]
async fn a_server_without_ranges_sends_the_file_again_past_the_known() {
    let file = File::plain("\"a\"", 1);
    let whole = file.clone();
    let world = World::new()
        .name("site.example", &["192.0.2.1", "192.0.2.2"])
        .server("192.0.2.1:80", {
            let file = file.clone();
            move |peer| file.clone().serve(peer, 80_000)
        })
        .server("192.0.2.2:80", move |mut peer| {
            let bytes = whole.bytes.clone();
            async move {
                peer.head().await;
                peer.say("HTTP/1.1 200 OK\r\netag: \"a\"\r\ncontent-length: 100000\r\n\r\n").await;
                peer.say(&bytes[..]).await;
            }
        })
        .up();
    let mut streamed = world.client(&["direct:"]).stream(get("http://site.example/")).await;
    let (body, error) = read(&mut streamed).await;
    assert!(error.is_none() && body == file.bytes[..]);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_cannot_be_recognised_again_ends_where_it_froze() {
    let file = File::plain("W/\"a\"", 1);
    let world = freezing(&file, 80_000, &file).up();
    let mut streamed = world.client(&["direct:"]).stream(get("http://site.example/")).await;
    let (body, error) = read(&mut streamed).await;
    assert!(body == file.bytes[..80_000]);
    let Some(StreamError::Broken(failure)) = error else { panic!("{error:?}") };
    assert_eq!((failure.stage, failure.cause), (Stage::Progress, Cause::Silence));
}

#[tokio::test(start_paused = true)]
async fn a_freeze_after_16_kb_restarts_before_the_app_gets_a_byte() {
    let (older, newer) = (File::plain("W/\"a\"", 1), File::plain("W/\"b\"", 2));
    let world = freezing(&older, 16 * KB, &newer).up();
    let mut streamed = world.client(&["direct:"]).stream(get("http://site.example/")).await;
    assert_eq!(outcomes(&streamed.attempts), [(0, Stage::Progress, "silence"), (0, Stage::Progress, "ok")]);
    assert!(read(&mut streamed).await.0 == newer.bytes[..]);
}

#[tokio::test(start_paused = true)]
async fn a_stream_keeps_the_limits_of_a_body_and_its_own_time() {
    let endless = || {
        World::new().name("site.example", &["192.0.2.1"]).server("192.0.2.1:80", |mut peer| async move {
            peer.head().await;
            peer.say("HTTP/1.1 200 OK\r\n\r\n").await;
            while peer.say(vec![b'a'; 64 * KB]).await {
                sleep(Duration::from_millis(100)).await;
            }
        })
    };
    let mut request = get("http://site.example/");
    request.limits.body_bytes = 1_000_000;
    let mut streamed = endless().up().client(&["direct:"]).stream(request).await;
    let (body, error) = read(&mut streamed).await;
    assert!(body.len() <= 1_000_000);
    assert_eq!(error, Some(broken(Cause::Limit { limit: LimitKind::Body })));

    let mut request = get("http://site.example/");
    request.limits.streamed = Some(Duration::from_secs(1));
    let world = endless().up();
    let mut streamed = world.client(&["direct:"]).stream(request).await;
    assert_eq!(read(&mut streamed).await.1, Some(broken(Cause::Limit { limit: LimitKind::TotalTime })));
    assert_eq!(world.elapsed(), Duration::from_secs(1));
}

fn broken(cause: Cause) -> StreamError {
    StreamError::Broken(byway::internals::failure(Stage::Progress, cause))
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_returned_if_nothing_is_better_a_notice_never() {
    let site = |answer: &'static str| {
        World::new()
            .name("site.example", &["192.0.2.1"])
            .site("192.0.2.1:80", move |_| answer.to_owned())
            .up()
            .client(&["direct:"])
    };
    let refusing = site("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 5\r\n\r\nlater");
    let mut streamed = refusing.stream(get("http://site.example/")).await;
    let answer = streamed.result.as_ref().unwrap();
    assert_eq!(answer.status, 503);
    assert!(matches!(answer.finding, Some(Finding::Unvouched)));
    assert_eq!(read(&mut streamed).await, (b"later".to_vec(), None));

    let forbidden = site("HTTP/1.1 451 No\r\ncontent-length: 3\r\n\r\nlaw");
    assert_eq!(forbidden.stream(get("http://site.example/")).await.result.unwrap().status, 451);

    let blocked = site("HTTP/1.1 302 Found\r\nlocation: http://warning.rt.ru/?id=1\r\ncontent-length: 0\r\n\r\n");
    let error = blocked.stream(get("http://site.example/")).await.result.unwrap_err();
    assert!(matches!(error, FetchError::Unreached { finding: Some(Finding::BlockPage { .. }) }), "{error:?}");
}

/// Nobody asked whether the page changed, so the 304 is no page. It is handed out like an error of the host, because an
/// app may have had a reason to expect it.
#[tokio::test(start_paused = true)]
async fn an_unrequested_304_in_cleartext_comes_with_its_finding() {
    let world = World::new()
        .name("site.example", &["192.0.2.1"])
        .site("192.0.2.1:80", |_| "HTTP/1.1 304 Not Modified\r\netag: \"a\"\r\n\r\n".to_owned())
        .up();
    let mut streamed = world.client(&["direct:"]).stream(get("http://site.example/")).await;
    assert_eq!(outcomes(&streamed.attempts), [(0, Stage::Progress, "unvouched")]);
    let answer = streamed.result.as_ref().unwrap();
    assert_eq!((answer.status.as_u16(), &answer.headers["etag"]), (304, &http::HeaderValue::from_static("\"a\"")));
    assert!(matches!(answer.finding, Some(Finding::Unvouched)), "{:?}", answer.finding);
    assert_eq!(read(&mut streamed).await, (Vec::new(), None));
}

/// A stream of these pieces, each this long after the previous one.
fn pieces(pieces: Vec<Result<&'static str, &'static str>>, every: Duration) -> Payload {
    let frames = stream::iter(pieces).then(move |piece| async move {
        sleep(every).await;
        piece.map(|text| Frame::data(Bytes::from(text)))
    });
    byway::internals::payload_stream(StreamBody::new(frames), None)
}

/// A server that reads a chunked request and returns its content.
fn echo(world: World, at: &'static str) -> World {
    world.server(at, |mut peer| async move {
        let Some(_) = peer.head().await else { return };
        let mut body = Vec::new();
        while !body.ends_with(b"0\r\n\r\n") {
            let Ok(byte) = peer.stream.read_u8().await else { return };
            body.push(byte);
        }
        peer.say(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len())).await;
        peer.say(body).await;
    })
}

#[tokio::test(start_paused = true)]
async fn a_streamed_body_changes_routes_only_before_its_first_byte() {
    // The first address has no listener.
    let world = echo(World::new().name("site.example", &["192.0.2.1", "192.0.2.2"]), "192.0.2.2:80").up();
    // It is slower than any accepted silence of the network.
    let body = pieces(vec![Ok("one"), Ok("two")], Duration::from_secs(20));
    let mut request = Request::post("http://site.example/".parse().unwrap(), body);
    request.replay = Replay::Safe;
    let fetched = world.client(&["direct:"]).fetch(request).await;
    assert_eq!(outcomes(&fetched.attempts), [(0, Stage::Tcp, "refused"), (0, Stage::Progress, "ok")]);
    assert_eq!(fetched.result.unwrap().body, "3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n");
    assert!(world.heads("192.0.2.2:80")[0].contains("transfer-encoding: chunked"));
    assert_eq!(world.elapsed(), Duration::from_secs(40));
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_was_begun_is_not_sent_again() {
    let world = World::new()
        .name("site.example", &["192.0.2.1", "192.0.2.2"])
        .server("192.0.2.1:80", |mut peer| async move {
            peer.head().await;
        })
        .site("192.0.2.2:80", |_| unreachable!())
        .up();
    let body = pieces(vec![Ok("one")], Duration::ZERO);
    let mut request = Request::post("http://site.example/".parse().unwrap(), body);
    request.replay = Replay::Safe;
    let fetched = world.client(&["direct:"]).fetch(request).await;
    assert_eq!(outcomes(&fetched.attempts), [(0, Stage::FirstByte, "closed")]);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_fails_by_itself_blames_no_route() {
    let world = echo(World::new().name("site.example", &["192.0.2.1"]), "192.0.2.1:80").up();
    let body = pieces(vec![Ok("one"), Err("the disk is gone")], Duration::ZERO);
    let fetched = world.client(&["direct:"]).fetch(Request::post("http://site.example/".parse().unwrap(), body)).await;
    let Err(FetchError::Upload(error)) = fetched.result else { panic!("{fetched:?}") };
    assert_eq!(error.to_string(), "the disk is gone");
}

#[tokio::test(start_paused = true)]
async fn a_stream_whose_length_is_stated_is_sent_with_it() {
    let world = World::new()
        .name("site.example", &["192.0.2.1"])
        .server("192.0.2.1:80", |mut peer| async move {
            peer.head().await;
            let mut body = [0; 6];
            peer.stream.read_exact(&mut body).await.unwrap();
            peer.say("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n").await;
            peer.say(body).await;
        })
        .up();
    let frames = stream::iter(["one", "two"].map(|text| Ok::<_, Infallible>(Frame::data(Bytes::from(text)))));
    let body = byway::internals::payload_stream(StreamBody::new(frames), Some(6));
    let fetched = world.client(&["direct:"]).fetch(Request::post("http://site.example/".parse().unwrap(), body)).await;
    assert_eq!(fetched.result.unwrap().body, "onetwo");
    assert!(world.heads("192.0.2.1:80")[0].contains("content-length: 6"));
}

#[tokio::test(start_paused = true)]
async fn a_long_request_is_waited_for_as_long_as_it_is_taken() {
    let taking = |most: usize| {
        World::new().name("site.example", &["192.0.2.1"]).server("192.0.2.1:80", move |mut peer| async move {
            peer.head().await;
            let mut piece = vec![0; 64 * KB];
            for taken in 0..most {
                // What fits into the path's own buffer is not visible: the last four pieces are sent at once.
                sleep(Duration::from_secs(if taken < 12 { 5 } else { 0 })).await;
                peer.stream.read_exact(&mut piece).await.unwrap();
            }
            if most < 16 {
                std::future::pending::<()>().await;
            }
            peer.say("HTTP/1.1 204 Taken\r\n\r\n").await;
        })
    };
    let send = || Request::post("http://site.example/".parse().unwrap(), vec![b'a'; 1024 * KB]);
    let world = taking(16).up();
    assert_eq!(world.client(&["direct:"]).fetch(send()).await.result.unwrap().status, 204);
    assert_eq!(world.elapsed(), Duration::from_secs(60));

    let world = taking(4).up();
    let fetched = world.client(&["direct:"]).fetch(send()).await;
    assert_eq!(outcomes(&fetched.attempts), [(0, Stage::FirstByte, "silence")]);
    assert_eq!(world.elapsed(), Duration::from_secs(28), "eight seconds after it took something last");
}
