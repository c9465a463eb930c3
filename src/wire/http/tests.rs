#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

use http::Method;
use http_body_util::{BodyExt, Full};
use proptest::prelude::*;
use tokio::io::AsyncReadExt;
use tokio::task::JoinSet;

use super::driver::copy;
use super::*;
use crate::net::scripted::{ECONNRESET, Peer, pair};
use crate::wire::MessageFault;

fn get(url: &str) -> Request<Outgoing> {
    Request::builder()
        .method(Method::GET)
        .uri(url)
        .body(Full::default().map_err(|never| match never {}).boxed_unsync())
        .unwrap()
}

/// Sends one HTTP/1.1 request to a peer that plays `script` after receiving it.
async fn http1<F: Future<Output = ()> + Send + 'static>(
    script: impl FnOnce(Peer, String) -> F + Send + 'static,
) -> Result<(http::response::Parts, Bytes), Error> {
    let (stream, mut peer) = pair();
    let mut connection = Connection::start(stream, false, HeadLimits::default()).await?;
    let serve = async move {
        let head = peer.read_head().await;
        script(peer, head).await;
    };
    let mut tasks = JoinSet::new();
    tasks.spawn(serve);
    let (parts, body) = connection.send(get("http://a.example/path?query")).await?.into_parts();
    Ok((parts, body.collect().await?.to_bytes()))
}

async fn answering(answer: impl AsRef<[u8]> + Send + 'static) -> Result<(http::response::Parts, Bytes), Error> {
    http1(|mut peer, _| async move { peer.write(answer).await }).await
}

#[tokio::test(start_paused = true)]
async fn http1_is_asked_in_origin_form_with_the_authority_in_host() {
    for (url, line, host) in [
        ("http://a.example/path?query", "GET /path?query HTTP/1.1\r\n", "host: a.example\r\n"),
        ("http://a.example:80", "GET / HTTP/1.1\r\n", "host: a.example\r\n"),
        ("http://a.example:8080/", "GET / HTTP/1.1\r\n", "host: a.example:8080\r\n"),
        ("https://a.example:443/", "GET / HTTP/1.1\r\n", "host: a.example\r\n"),
        ("http://[2001:db8::1]:8080/", "GET / HTTP/1.1\r\n", "host: [2001:db8::1]:8080\r\n"),
    ] {
        let (stream, mut peer) = pair();
        let mut connection = Connection::start(stream, false, HeadLimits::default()).await.unwrap();
        let (answer, head) = tokio::join!(connection.send(get(url)), async {
            let head = peer.read_head().await;
            peer.write("HTTP/1.1 204 No Content\r\n\r\n").await;
            head
        });
        assert_eq!(answer.unwrap().status(), 204);
        assert!(head.starts_with(line) && head.contains(host), "{head}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_connection_carries_one_request_after_another() {
    let (stream, mut peer) = pair();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        for _ in 0..3 {
            peer.read_head().await;
            peer.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello").await;
        }
        peer.read_head().await;
    });
    let mut connection = Connection::start(stream, false, HeadLimits::default()).await.unwrap();
    for _ in 0..3 {
        assert!(connection.is_open());
        let answer = connection.send(get("http://a.example/")).await.unwrap();
        assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "hello");
    }
    let error = connection.send(get("http://a.example/")).await.unwrap_err();
    assert!(matches!(error, Error::Closed), "the request was out: {error:?}");
    let error = connection.send(get("http://a.example/")).await.unwrap_err();
    assert!(matches!(error, Error::NotSent(_)), "{error:?}");
    assert!(!connection.is_open());
}

#[tokio::test(start_paused = true)]
async fn a_body_outlives_its_connection_and_both_end_the_stream() {
    let (stream, mut peer) = pair();
    let mut connection = Connection::start(stream, false, HeadLimits::default()).await.unwrap();
    let (answer, ()) = tokio::join!(connection.send(get("http://a.example/")), async {
        peer.read_head().await;
        peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello").await;
    });
    drop(connection);
    let mut body = answer.unwrap().into_body();
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "hello");
    peer.write("world").await;
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "world");
    drop(body);
    assert_eq!(peer.stream.read(&mut [0; 1]).await.unwrap(), 0, "nothing goes on behind them");
}

#[tokio::test(start_paused = true)]
async fn every_byte_of_an_answer_is_observed() {
    let (stream, mut peer) = pair();
    let mut connection = Connection::start(stream, false, HeadLimits::default()).await.unwrap();
    let seen = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&seen);
    connection.observe(move |bytes| {
        counted.fetch_add(bytes, Ordering::SeqCst);
    });
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
    let (answer, ()) = tokio::join!(connection.send(get("http://a.example/")), async {
        peer.read_head().await;
        peer.write(head).await;
    });
    assert_eq!(seen.load(Ordering::SeqCst), head.len() as u64);
    peer.write("hello").await;
    answer.unwrap().into_body().collect().await.unwrap();
    assert_eq!(seen.load(Ordering::SeqCst), head.len() as u64 + 5);
}

#[tokio::test(start_paused = true)]
async fn each_fault_is_told_as_what_it_is_within_its_limit() {
    type Check = fn(&Error) -> bool;
    let too_large: Check = |error| matches!(error, Error::HeadTooLarge(_));
    let malformed: Check = |error| matches!(error, Error::Malformed(_));
    let closed: Check = |error| matches!(error, Error::Closed);
    let cases: Vec<(String, Check)> = vec![
        (String::new(), closed),
        ("HTTP/1.1 200 O".into(), closed),
        ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello".into(), closed),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n".into(), closed),
        ("SSH-2.0-OpenSSH_9.2\r\n".into(), malformed),
        ("\u{15}\u{3}\u{3}\u{0}\u{2}\u{2}(".into(), malformed),
        ("HTTP/1.1 abc OK\r\n\r\n".into(), malformed),
        ("HTTP/7.0 200 OK\r\n\r\n".into(), malformed),
        (format!("HTTP/1.1 200 OK\r\n{}\r\n", "a:\r\n".repeat(1001)), too_large),
        (format!("HTTP/1.1 200 OK\r\n{}", "a: b\r\n".repeat(100_000)), too_large),
        (format!("HTTP/1.1 200 OK\r\na: {}", "b".repeat(1_000_000)), too_large),
        (format!("HTTP/1.1 {}", "2".repeat(1_000_000)), malformed),
        ("HTTP/1.1 103 Early Hints\r\n\r\n".repeat(100_000), too_large),
    ];
    for (answer, check) in cases {
        let start = answer.get(..60).unwrap_or(&answer).to_owned();
        let result = answering(answer).await;
        assert!(result.as_ref().is_err_and(check), "{start:?}: {result:?}");
    }
    let broken_chunk = answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n").await;
    assert!(broken_chunk.is_err());
    let odd_but_fine = answering("HTTP/1.1 103 Hints\r\n\r\nHTTP/1.0 200 OK\r\n\r\nto the end").await.unwrap();
    assert_eq!(odd_but_fine.1, "to the end");
}

#[tokio::test(start_paused = true)]
async fn an_odd_form_is_read_as_browsers_read_it() {
    let many = format!("HTTP/1.1 200 OK\r\n{}Content-Length: 5\r\n\r\nhello", "a: b\r\n".repeat(250));
    let answers: &[&[u8]] = &[
        b"HTTP/1.1 200 OK\r\nContent-Length : 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length\t: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nX: folded\r\n once\r\n\ttwice\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length:\r\n 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\na junk line\r\n<!-- \xff -->\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\n: no name\r\nX(y): z\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
        b"HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 \xd0\xb4\xd0\xb0\xff\r\nContent-Length: 5\r\n\r\nhello",
        b"http/1.1 200 ok\r\ncontent-length: 5\r\n\r\nhello",
        b"HTTP/1.2 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.0 200 OK\r\n\r\nhello",
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0005;a=\"b\" \r\nhello\r\n0\r\nX: y\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\nhello",
        many.as_bytes(),
    ];
    for answer in answers {
        let start = String::from_utf8_lossy(answer).chars().take(80).collect::<String>();
        let (_, body) = answering(answer.to_vec()).await.unwrap_or_else(|error| panic!("{start:?}: {error:?}"));
        assert_eq!(body, "hello", "{start:?}");
    }
    let folded = answering("HTTP/1.1 200 OK\r\nX: one\r\n  two\r\nContent-Length: 0\r\n\r\n").await.unwrap();
    assert_eq!(folded.0.headers.get("x").unwrap(), "one two");
}

#[tokio::test(start_paused = true)]
async fn an_unclear_end_of_a_body_is_refused_by_name() {
    let cases = [
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", MessageFault::Length),
        ("HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello", MessageFault::Length),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n\r\nhello", MessageFault::Length),
        ("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\nhello", MessageFault::Length),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            MessageFault::TwoLengths,
        ),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", MessageFault::TransferCoding),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n", MessageFault::TransferCoding),
        ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", MessageFault::TransferCoding),
    ];
    for (answer, form) in cases {
        let result = answering(answer).await;
        assert!(matches!(result, Err(Error::NotAccepted(found)) if found == form), "{answer:?}: {result:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn http2_bodies_end_with_end_stream_alone() {
    for (whole, at_once) in [(false, false), (false, true), (true, false)] {
        let (mut connection, _tasks) = http2(move |mut server| async move {
            let (_, mut respond) = server.accept().await.unwrap().unwrap();
            let mut body = respond.send_response(Response::new(()), false).unwrap();
            body.send_data(Bytes::from_static(b"half"), whole).unwrap();
            if !whole {
                if !at_once {
                    let _ = tokio::time::timeout(std::time::Duration::from_secs(1), server.accept()).await;
                }
                body.send_reset(h2::Reason::NO_ERROR);
            }
            while server.accept().await.is_some() {}
        })
        .await;
        let body = connection.send(get("https://a.example/")).await;
        let read = match body {
            Ok(answer) => answer.into_body().collect().await.map(|body| body.to_bytes()),
            Err(error) => Err(error),
        };
        assert_eq!(read.is_ok(), whole, "{read:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_unprocessed_http2_request_says_so() {
    type Refuse = fn(&mut h2::server::Connection<tokio::io::DuplexStream, Bytes>);
    type Case = (Option<h2::Reason>, Refuse, fn(&Error) -> bool);
    let cases: [Case; 4] = [
        (Some(h2::Reason::REFUSED_STREAM), |_| {}, |error| matches!(error, Error::Refused)),
        (Some(h2::Reason::HTTP_1_1_REQUIRED), |_| {}, |error| matches!(error, Error::Http1Required)),
        (Some(h2::Reason::INTERNAL_ERROR), |_| {}, |error| matches!(error, Error::Closed)),
        (
            None,
            |server| server.abrupt_shutdown(h2::Reason::NO_ERROR),
            |error| matches!(error, Error::Refused | Error::Closed | Error::NotSent(_)),
        ),
    ];
    for (reset, shut, expected) in cases {
        let (mut connection, _tasks) = http2(move |mut server| async move {
            let (_, mut respond) = server.accept().await.unwrap().unwrap();
            if let Some(reason) = reset {
                respond.send_reset(reason);
            }
            shut(&mut server);
            while server.accept().await.is_some() {}
        })
        .await;
        let error = connection.send(get("https://a.example/")).await.unwrap_err();
        assert!(expected(&error), "{reset:?}: {error:?}");
    }
    // A GOAWAY without a stream: none was processed. The connection is closed after it.
    let (stream, mut peer) = pair();
    let mut connection = Connection::start(stream, true, HeadLimits::default()).await.unwrap();
    let (error, ()) = tokio::join!(connection.send(get("https://a.example/")), async {
        peer.read(1).await;
        // SETTINGS, and after the request GOAWAY with the last stream 0 and NO_ERROR.
        peer.write(b"\0\0\0\x04\0\0\0\0\0").await;
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        peer.write(b"\0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0\0").await;
        drop(peer);
    });
    let error = error.unwrap_err();
    assert!(matches!(error, Error::Refused), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_reset_keeps_its_errno_before_and_in_the_body() {
    for answer in ["", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"] {
        let error = http1(move |mut peer, _| async move {
            peer.write(answer).await;
            // The written bytes arrive first.
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            peer.reset();
        });
        let error = error.await.unwrap_err();
        assert!(matches!(&error, Error::Io(error) if error.raw_os_error() == Some(ECONNRESET)), "{error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_tls_error_under_a_connection_stays_one() {
    let alert = rustls::Error::AlertReceived(rustls::AlertDescription::BadCertificate);
    let copied = copy(&io::Error::new(io::ErrorKind::InvalidData, alert.clone()));
    assert_eq!(copied.get_ref().unwrap().downcast_ref::<rustls::Error>(), Some(&alert));
}

/// A connection to an HTTP/2 peer that plays `script`.
async fn http2<F: Future<Output = ()> + Send + 'static>(
    script: impl FnOnce(h2::server::Connection<tokio::io::DuplexStream, Bytes>) -> F + Send + 'static,
) -> (Connection, JoinSet<()>) {
    let (stream, peer) = pair();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move { script(h2::server::handshake(peer.stream).await.unwrap()).await });
    (Connection::start(stream, true, HeadLimits::default()).await.unwrap(), tasks)
}

#[tokio::test(start_paused = true)]
async fn http2_uses_pseudo_headers_and_is_observed_without_frames() {
    let (mut connection, _tasks) = http2(|mut server| async move {
        while let Some(Ok((request, mut respond))) = server.accept().await {
            assert_eq!(request.uri(), "https://a.example/path?query");
            assert!(!request.headers().contains_key(HOST));
            let mut body = respond.send_response(Response::new(()), false).unwrap();
            body.send_data(Bytes::from_static(b"hello"), true).unwrap();
        }
    })
    .await;
    let seen = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&seen);
    connection.observe(move |bytes| {
        counted.fetch_add(bytes, Ordering::SeqCst);
    });
    for round in 1..=2 {
        let mut request = get("https://a.example:443/path?query");
        request.headers_mut().insert(HOST, HeaderValue::from_static("a.example"));
        *request.uri_mut() = "https://a.example/path?query".parse().unwrap();
        let answer = connection.send(request).await.unwrap();
        assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "hello");
        assert_eq!(seen.load(Ordering::SeqCst), round * (STATUS_PSEUDO_HEADER + 5));
    }
    assert!(connection.is_http2() && connection.is_open());
}

#[tokio::test(start_paused = true)]
async fn a_large_http2_body_does_not_count_as_its_head() {
    const SIZE: usize = 20 * 1024 * 1024;
    let (mut connection, _tasks) = http2(|mut server| async move {
        let (_, mut respond) = server.accept().await.unwrap().unwrap();
        let mut body = respond.send_response(Response::new(()), false).unwrap();
        body.send_data(vec![7; SIZE].into(), true).unwrap();
        while server.accept().await.is_some() {}
    })
    .await;
    let answer = connection.send(get("https://a.example/")).await.unwrap();
    assert_eq!(answer.into_body().collect().await.unwrap().to_bytes().len(), SIZE);
}

#[tokio::test(start_paused = true)]
async fn a_refused_http2_stream_is_closed_and_no_http2_is_malformed() {
    let (mut connection, _tasks) = http2(|mut server| async move {
        let (_, mut respond) = server.accept().await.unwrap().unwrap();
        respond.send_reset(h2::Reason::INTERNAL_ERROR);
        while server.accept().await.is_some() {}
    })
    .await;
    let error = connection.send(get("https://a.example/")).await.unwrap_err();
    assert!(matches!(error, Error::Closed), "{error:?}");

    for garbage in ["HTTP/1.1 400 Bad Request\r\n\r\n", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"] {
        let (stream, mut peer) = pair();
        let mut connection = Connection::start(stream, true, HeadLimits::default()).await.unwrap();
        let (error, ()) = tokio::join!(connection.send(get("https://a.example/")), peer.write(garbage));
        let error = cause(error.unwrap_err());
        assert!(matches!(error, Error::Malformed(_)), "{error:?}");
    }
}

/// Scheduling decides whether hyper had begun the request when the connection ended; the cause is the same.
fn cause(error: Error) -> Error {
    match error {
        Error::NotSent(cause) => *cause,
        error => error,
    }
}

#[tokio::test(start_paused = true)]
async fn an_http2_head_with_too_much_in_it_is_refused() {
    // h2 reports a header list beyond the announced size as a violation, which it is.
    let oversize: fn(&Error) -> bool = |error| matches!(error, Error::Malformed(_));
    let too_many: fn(&Error) -> bool = |error| matches!(error, Error::HeadTooLarge(_));
    for (fields, value, check) in [(1, "b".repeat(100_000), oversize), (1001, "b".into(), too_many)] {
        let (mut connection, _tasks) = http2(move |mut server| async move {
            let (_, mut respond) = server.accept().await.unwrap().unwrap();
            let mut answer = Response::new(());
            for at in 0..fields {
                let name = http::HeaderName::try_from(format!("x-{at}")).unwrap();
                answer.headers_mut().insert(name, HeaderValue::from_str(&value).unwrap());
            }
            let _ = respond.send_response(answer, true);
            while server.accept().await.is_some() {}
        })
        .await;
        let error = connection.send(get("https://a.example/")).await.unwrap_err();
        assert!(check(&error), "{fields}: {error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn requests_share_an_http2_connection_and_end_independently() {
    let (mut first, _tasks) = http2(|mut server| async move {
        let mut held = Vec::new();
        while let Some(Ok((request, mut respond))) = server.accept().await {
            let mut body = respond.send_response(Response::new(()), false).unwrap();
            match request.uri().path() {
                "/slow" => held.push(body),
                path => body.send_data(Bytes::from(path.to_owned()), true).unwrap(),
            }
        }
    })
    .await;
    let joint = first.joint().unwrap();
    let slow = first.send(get("https://a.example/slow")).await.unwrap();
    let mut second = joint.join().unwrap();
    assert!(second.is_same(&first) && joint.is_of(&second));
    let seen = Arc::new([AtomicU64::new(0), AtomicU64::new(0)]);
    for (at, connection) in [&first, &second].into_iter().enumerate() {
        let seen = seen.clone();
        connection.observe(move |bytes| {
            seen[at].fetch_add(bytes, Ordering::SeqCst);
        });
    }
    let answer = second.send(get("https://a.example/quick")).await.unwrap();
    assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "/quick");
    drop((slow, first));
    let answer = second.send(get("https://a.example/again")).await.unwrap();
    assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "/again");
    let seen: Vec<u64> = seen.iter().map(|seen| seen.load(Ordering::SeqCst)).collect();
    assert_eq!(seen, [0, 2 * (STATUS_PSEUDO_HEADER + 6)]);
    drop(second);
    assert!(joint.join().is_none(), "nobody is left who keeps it open");
}

#[tokio::test(start_paused = true)]
async fn a_reset_under_http2_keeps_its_errno() {
    let (stream, mut peer) = pair();
    let mut connection = Connection::start(stream, true, HeadLimits::default()).await.unwrap();
    let (error, ()) = tokio::join!(connection.send(get("https://a.example/")), async {
        peer.read(1).await;
        peer.reset();
    });
    let error = cause(error.unwrap_err());
    assert!(matches!(&error, Error::Io(error) if error.raw_os_error() == Some(ECONNRESET)), "{error:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn garbage_is_an_error_or_an_answer_without_panic_or_wait(
        http2: bool,
        start in prop::sample::select(vec![
            &b""[..],
            b"HTTP/1.1 200 OK\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            b"\0\0\0\x04\0\0\0\0\0",                                 // SETTINGS
            b"\0\0\0\x04\0\0\0\0\0\0\0\x01\x01\x04\0\0\0\x01\x88", // SETTINGS, HEADERS with :status 200
        ]),
        garbage in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let (stream, mut peer) = pair();
            let mut connection = Connection::start(stream, http2, HeadLimits::default()).await.unwrap();
            let (answer, ()) = tokio::join!(connection.send(get("https://a.example/")), async move {
                peer.read(1).await;
                peer.write([start, &garbage].concat()).await;
            });
            if let Ok(answer) = answer {
                let _ = answer.into_body().collect().await;
            }
        });
    }
}
