//! Answers in odd forms: some are read as browsers and curl read them, others are refused by choice.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use byway::internals::fetch::{FetchError, Fetched, RedirectError, Request};
use byway::internals::transport::{Cause, MessageFault, Stage};
use http::{HeaderValue, header};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::limits::tls_with;
use crate::net::{World, body, cause, error, get, ok, outcomes};

fn says(answer: &'static str) -> Arc<World> {
    World::new().name("site.example", &["192.0.2.1"]).site("192.0.2.1:80", move |_| answer.into()).up()
}

/// What a fetch meets whose host proves its name and answers so.
async fn says_over_tls(answer: &'static str) -> Fetched {
    let (acceptor, roots) = tls_with(&[]);
    let world = World::new().name("site.example", &["192.0.2.1"]).server("192.0.2.1:443", move |peer| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(mut stream) = acceptor.accept(peer.stream).await else { return };
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    });
    world.up().client_with(&["direct:"], &roots).fetch(get("https://site.example/")).await
}

#[tokio::test(start_paused = true)]
async fn an_unrequested_part_is_not_the_page() {
    for answer in [
        "HTTP/1.1 206 Partial Content\r\ncontent-range: bytes 0-3/10\r\ncontent-length: 4\r\n\r\npart",
        "HTTP/1.1 206 Partial Content\r\ncontent-range: bytes 0-3/4\r\ncontent-length: 4\r\n\r\npart",
        "HTTP/1.1 206 Partial Content\r\ncontent-length: 4\r\n\r\npart",
        "HTTP/1.1 206 P\r\ncontent-type: multipart/byteranges; boundary=x\r\ncontent-length: 4\r\n\r\npart",
        "HTTP/1.1 200 OK\r\ncontent-range: bytes 5-8/10\r\ncontent-length: 4\r\n\r\npart",
    ] {
        // In cleartext it is judged first, because a notice may stand in it.
        let world = says(answer);
        let fetched = world.client(&["direct:"]).fetch(get("http://site.example/")).await;
        assert_eq!(outcomes(&fetched.attempts), [(0, Stage::Progress, "unvouched")], "{answer}");
        let mut streamed = world.client(&["direct:"]).stream(get("http://site.example/")).await;
        assert!(matches!(streamed.result.as_mut().unwrap_err(), FetchError::Unreached { .. }), "{answer}");
        let fetched = says_over_tls(answer).await;
        assert_eq!(outcomes(&fetched.attempts), [(0, Stage::Progress, "not_accepted")], "{answer}");
        assert_eq!(cause(&fetched.attempts[0]), Cause::NotAccepted { fault: MessageFault::Part });
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_to_what_was_not_asked_is_not_the_page() {
    for answer in ["HTTP/1.1 304 Not Modified\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n"] {
        let world = says(answer);
        let fetched = world.client(&["direct:"]).fetch(get("http://site.example/")).await;
        assert_eq!(fetched.attempts[0].outcome.code(), "unvouched", "{answer}");
        assert_eq!(says_over_tls(answer).await.attempts[0].outcome.code(), "origin_fault", "{answer}");
    }
    // The app asked whether it changed.
    let mut request = get("http://site.example/");
    request.headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static("\"1\""));
    let fetched = says("HTTP/1.1 304 Not Modified\r\n\r\n").client(&["direct:"]).fetch(request).await;
    assert_eq!(fetched.result.unwrap().status, 304);
}

#[tokio::test(start_paused = true)]
async fn the_part_that_was_asked_for_is_the_answer() {
    let world = says("HTTP/1.1 206 Partial Content\r\ncontent-range: bytes 5-8/10\r\ncontent-length: 4\r\n\r\npart");
    for (asked, taken) in [("bytes=5-8", true), ("bytes=5-", true), ("bytes=0-3", false)] {
        let mut request = get("http://site.example/");
        request.headers.insert(header::RANGE, HeaderValue::from_static(asked));
        let fetched = world.client(&["direct:"]).fetch(request).await;
        assert_eq!(fetched.result.is_ok(), taken, "{asked}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_claimed_length_reserves_nothing() {
    for claimed in [u64::MAX, u64::MAX - 2, i64::MAX as u64, 1 << 40] {
        let world = World::new()
            .name("site.example", &["192.0.2.1"])
            .server("192.0.2.1:80", move |mut peer| async move {
                peer.head().await;
                peer.say(format!("HTTP/1.1 200 OK\r\ncontent-length: {claimed}\r\n\r\nhello")).await;
            })
            .up();
        let mut request = get("http://site.example/");
        request.limits.body_bytes = u64::MAX;
        request.limits.decoded_bytes = u64::MAX;
        let fetched = world.client(&["direct:"]).fetch(request).await;
        assert!(matches!(error(&fetched), FetchError::Unreached { .. }), "{claimed}");
    }
}

#[tokio::test(start_paused = true)]
async fn two_lengths_are_refused_in_our_own_name() {
    let world = says("HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n");
    let fetched = world.client(&["direct:"]).fetch(get("http://site.example/")).await;
    assert_eq!(cause(&fetched.attempts[0]), Cause::NotAccepted { fault: MessageFault::TwoLengths });
}

#[tokio::test(start_paused = true)]
async fn a_cookie_that_a_redirect_sets_comes_back_once() {
    for (set, sent) in [("seen=1", true), ("seen=1; Path=/; HttpOnly", true), ("seen=1; Secure", false)] {
        let world = World::new()
            .name("site.example", &["192.0.2.1"])
            .server("192.0.2.1:80", move |mut peer| async move {
                while let Some(head) = peer.head().await {
                    let answer = if head.to_lowercase().contains("cookie: seen=1\r\n") {
                        ok("the page")
                    } else {
                        format!("HTTP/1.1 302 F\r\nset-cookie: {set}\r\nlocation: /\r\ncontent-length: 0\r\n\r\n")
                    };
                    peer.say(answer).await;
                }
            })
            .up();
        let client = world.client(&["direct:"]);
        let fetched = client.fetch(get("http://site.example/")).await;
        assert_eq!(fetched.result.is_ok(), sent, "{set}");
        if sent {
            assert_eq!(body(&fetched), "the page");
            client.fetch(get("http://site.example/")).await;
            let heads = world.heads("192.0.2.1:80");
            assert!(!heads[2].contains("cookie"), "another chain begins without it: {}", heads[2]);
        } else {
            assert!(matches!(error(&fetched), FetchError::TooManyRedirects(_)));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_chain_s_cookie_goes_to_no_other_origin() {
    let world = World::new()
        .name("site.example", &["192.0.2.1"])
        .name("other.example", &["192.0.2.2"])
        .site("192.0.2.1:80", |_| {
            "HTTP/1.1 302 F\r\nset-cookie: a=1; Domain=example; Path=/\r\nset-cookie: b=1\r\n\
             location: http://other.example/\r\ncontent-length: 0\r\n\r\n"
                .into()
        })
        .site("192.0.2.2:80", |_| ok("there"))
        .up();
    let fetched = world.client(&["direct:"]).fetch(get("http://site.example/")).await;
    assert_eq!(body(&fetched), "there");
    assert!(!world.heads("192.0.2.2:80")[0].contains("cookie"));
}

#[tokio::test(start_paused = true)]
async fn two_locations_are_not_guessed_between() {
    let world = says("HTTP/1.1 302 F\r\nlocation: /a\r\nlocation: /b\r\ncontent-length: 0\r\n\r\n");
    let fetched = world.client(&["direct:"]).fetch(get("http://site.example/")).await;
    assert!(matches!(error(&fetched), FetchError::Redirect(RedirectError::TwoLocations)));
    let world = says("HTTP/1.1 302 F\r\nlocation: \r\ncontent-length: 4\r\n\r\nhere");
    let fetched = world.client(&["direct:"]).fetch(get("http://site.example/")).await;
    assert_eq!(body(&fetched), "here", "an empty location leads nowhere");
}

/// A site that refuses the first requests over HTTP/2 for this reason, and answers afterwards, by HTTP/1.1 too.
fn refusing(reason: h2::Reason, refusals: usize) -> (Arc<World>, byway::Roots, Arc<AtomicUsize>) {
    let (acceptor, roots) = tls_with(&[b"h2", b"http/1.1"]);
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = asked.clone();
    let world = World::new()
        .name("site.example", &["192.0.2.1"])
        .server("192.0.2.1:443", move |peer| {
            let (acceptor, asked) = (acceptor.clone(), counted.clone());
            async move {
                let mut stream = acceptor.accept(peer.stream).await.unwrap();
                if stream.get_ref().1.alpn_protocol() != Some(b"h2") {
                    let _ = stream.read(&mut [0; 4096]).await;
                    asked.fetch_add(1, Ordering::SeqCst);
                    stream.write_all(ok("by http/1.1").as_bytes()).await.unwrap();
                    let _ = stream.read(&mut [0; 1]).await;
                    return;
                }
                let mut server = h2::server::handshake(stream).await.unwrap();
                while let Some(Ok((_, mut respond))) = server.accept().await {
                    if asked.fetch_add(1, Ordering::SeqCst) < refusals {
                        respond.send_reset(reason);
                    } else {
                        let mut body = respond.send_response(http::Response::new(()), false).unwrap();
                        body.send_data(Bytes::from_static(b"by http/2"), true).unwrap();
                    }
                }
            }
        })
        .up();
    (world, roots, asked)
}

#[tokio::test(start_paused = true)]
async fn any_unprocessed_request_is_sent_again() {
    let post = || Request::post("https://site.example/".parse().unwrap(), "a=1");
    for (request, name) in [(get("https://site.example/"), "a GET"), (post(), "a POST")] {
        let (world, roots, asked) = refusing(h2::Reason::REFUSED_STREAM, 2);
        let fetched = world.client_with(&["direct:"], &roots).fetch(request.clone()).await;
        assert_eq!(body(&fetched), "by http/2", "{name}");
        assert_eq!((asked.load(Ordering::SeqCst), world.connects().len()), (3, 3), "{name}, on a new connection");

        let (world, roots, asked) = refusing(h2::Reason::HTTP_1_1_REQUIRED, usize::MAX);
        let fetched = world.client_with(&["direct:"], &roots).fetch(request).await;
        assert_eq!(body(&fetched), "by http/1.1", "{name}");
        assert_eq!(asked.load(Ordering::SeqCst), 2, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_goes_on_refusing_is_left() {
    let (world, roots, asked) = refusing(h2::Reason::REFUSED_STREAM, usize::MAX);
    let fetched = world.client_with(&["direct:"], &roots).fetch(get("https://site.example/")).await;
    assert!(matches!(error(&fetched), FetchError::Unreached { .. }));
    assert_eq!(asked.load(Ordering::SeqCst), 3);

    let (world, roots, asked) = refusing(h2::Reason::INTERNAL_ERROR, usize::MAX);
    let post = Request::post("https://site.example/".parse().unwrap(), "a=1");
    let fetched = world.client_with(&["direct:"], &roots).fetch(post).await;
    assert!(matches!(error(&fetched), FetchError::Unreached { .. }));
    assert_eq!(asked.load(Ordering::SeqCst), 1, "what may have been processed is not sent twice");
}
