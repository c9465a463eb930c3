//! Requests through the engine over a lab on real sockets: bodies both ways, redirects, refusals, cancellation.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod served_lab;

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};

use byway_ffi::{
    BywayError, Client, Exposure, Header, HttpBody, HttpCall, HttpLimits, HttpRequest, HttpSessionOptions, Language,
};
use served_lab::{LONG, ServedLab, key, request, wait};

const SESSION: HttpSessionOptions =
    HttpSessionOptions { exposure: None, allow_direct: false, isolation: None, cookies: false, limits: None };

fn get(lab: &ServedLab, path: &str) -> HttpRequest {
    request("GET", lab.url(path), HttpBody::Empty)
}

fn all(call: &HttpCall, max: i32) -> Result<Vec<u8>, BywayError> {
    let mut whole = Vec::new();
    loop {
        let piece = wait(call.read(max))?;
        if piece.is_empty() {
            return Ok(whole);
        }
        assert!(piece.len() <= max as usize);
        whole.extend(piece);
    }
}

fn begin(client: &Client, request: HttpRequest) -> Arc<HttpCall> {
    client.http(request, None).unwrap()
}

#[test]
fn answer_is_read_in_pieces_to_its_end() {
    let lab = ServedLab::new();
    let call = begin(&lab.client(), get(&lab, "/long"));
    let head = wait(call.response()).unwrap();
    assert_eq!((head.status, head.url), (200, lab.url("/long")));
    assert!(head.version.starts_with("HTTP/") && head.reachability.is_some());
    assert_eq!(all(&call, 1000).unwrap().len(), LONG);
    assert!(wait(call.read(1000)).unwrap().is_empty(), "the end stays the end");
    assert_eq!(wait(call.response()).map(drop).unwrap_err().code(), "response_taken");
}

#[test]
fn streamed_body_arrives_whole() {
    let lab = ServedLab::new();
    let client = lab.client();
    for length in [None, Some(6)] {
        let call = begin(&client, request("POST", lab.url("/echo"), HttpBody::Streamed { length }));
        for piece in ["при".as_bytes(), &"вет".as_bytes()[..0]] {
            assert!(wait(call.write(piece.to_vec())).unwrap());
        }
        wait(call.finish()).unwrap();
        wait(call.finish()).unwrap();
        assert_eq!(wait(call.write(vec![1])).unwrap_err().code(), "body_ended");
        let head = wait(call.response()).unwrap();
        assert!(head.headers.iter().any(|Header { name, value }| name == "x-method" && value == "POST"));
        assert_eq!(all(&call, 100).unwrap(), "при".as_bytes());
    }
}

#[test]
fn writing_waits_while_the_other_side_is_slow() {
    let lab = ServedLab::new();
    let call = begin(&lab.client(), request("POST", lab.url("/silent"), HttpBody::Streamed { length: None }));
    let mut written = 0;
    // More than every buffer between here and there.
    while written < 1000 {
        let mut write = pin!(call.write(vec![0; 1 << 20]));
        let start = std::time::Instant::now();
        let done = loop {
            if write.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
                break true;
            }
            if start.elapsed() > std::time::Duration::from_secs(2) {
                break false;
            }
            std::thread::yield_now();
        };
        if !done {
            break;
        }
        written += 1;
    }
    assert!(written < 1000, "a gigabyte went into buffers");
    call.cancel().unwrap();
}

#[test]
fn whole_body_is_sent() {
    let lab = ServedLab::new();
    let body = HttpBody::Whole { bytes: b"whole".to_vec() };
    let call = begin(&lab.client(), request("PUT", lab.url("/echo"), body));
    assert_eq!(wait(call.write(vec![1])).unwrap_err().code(), "no_body");
    assert_eq!(wait(call.response()).unwrap().status, 200);
    assert_eq!(all(&call, 100).unwrap(), b"whole");
}

#[test]
fn nothing_that_came_is_handed_out_after_a_cancel() {
    let lab = ServedLab::new();
    let call = begin(&lab.client(), get(&lab, "/hello"));
    assert_eq!(wait(call.response()).unwrap().status, 200);
    assert_eq!(wait(call.read(1)).unwrap(), b"H");
    call.cancel().unwrap();
    assert_eq!(wait(call.read(1)).unwrap_err().code(), "cancelled", "the rest of the piece is there already");
    assert_eq!(wait(call.response()).map(drop).unwrap_err().code(), "cancelled");
}

#[test]
fn redirect_is_followed_by_the_engine() {
    let lab = ServedLab::new();
    let client = lab.client();
    let call = begin(&client, get(&lab, "/redirect"));
    assert_eq!(wait(call.response()).unwrap().url, lab.url("/hello"));

    let none = HttpLimits {
        redirects: Some(0),
        header_bytes: None,
        headers: None,
        body_bytes: None,
        decoded_bytes: None,
        total: None,
        streamed: None,
        progress: None,
    };
    let session = client.http_session(HttpSessionOptions { limits: Some(none), ..SESSION }).unwrap();
    let call = session.call(get(&lab, "/redirect")).unwrap();
    assert_eq!(wait(call.response()).map(drop).unwrap_err().kind(), "refused");
}

#[test]
fn forbidden_request_sends_nothing_and_says_why() {
    let lab = ServedLab::new();
    let client = lab.client();
    let packets = lab.lab.packets().len();
    let call = begin(&client, HttpRequest { exposure: Some(Exposure::Tor), ..get(&lab, "/hello") });
    for _ in 0..2 {
        let error = wait(call.response()).map(drop).unwrap_err();
        assert_eq!(error.kind(), "not_permitted");
    }
    assert_eq!(all(&call, 100).unwrap_err().kind(), "not_permitted");
    assert_eq!(lab.lab.packets().len(), packets);
}

#[test]
fn cancelled_body_is_an_error_and_not_an_end() {
    let lab = ServedLab::new();
    let call = begin(&lab.client(), get(&lab, "/stall"));
    wait(call.response()).unwrap();
    let ended = std::thread::scope(|threads| {
        let reading = threads.spawn(|| all(&call, 1 << 20));
        call.cancel().unwrap();
        reading.join().unwrap()
    });
    assert!(matches!(ended, Err(BywayError::Cancelled { .. })));
    assert!(matches!(wait(call.read(1)), Err(BywayError::Cancelled { .. })));
}

#[test]
fn shutdown_ends_requests() {
    let lab = ServedLab::new();
    let client = lab.client();
    let session = client.http_session(SESSION).unwrap();
    let call = session.call(get(&lab, "/silent")).unwrap();
    wait(client.shutdown()).unwrap();
    assert!(matches!(wait(call.response()), Err(BywayError::Closed { .. })));
    let late = session.call(get(&lab, "/hello"));
    let late = late.and_then(|call| wait(call.response()));
    assert!(matches!(late, Err(BywayError::Closed { .. })));
    assert!(matches!(client.http(get(&lab, "/hello"), None), Err(BywayError::Closed { .. })));
}

#[test]
fn cookies_are_kept_only_where_asked_for() {
    let lab = ServedLab::new();
    let client = lab.client();
    for (cookies, expected) in [(false, ""), (true, "seen=yes")] {
        let session = client.http_session(HttpSessionOptions { cookies, ..SESSION }).unwrap();
        let call = session.call(get(&lab, "/hello")).unwrap();
        wait(call.response()).unwrap();
        let head = wait(session.call(get(&lab, "/echo")).unwrap().response()).unwrap();
        assert!(head.headers.iter().any(|Header { name, value }| name == "x-cookie" && value == expected));
    }
}

#[test]
fn odd_requests_are_input_errors() {
    let lab = ServedLab::new();
    let client = lab.client();
    let field = |name: &str, value: &str| vec![Header { name: name.to_owned(), value: value.to_owned() }];
    let odd = [
        (HttpRequest { method: "GE T".to_owned(), ..get(&lab, "/") }, "method"),
        (HttpRequest { url: "nothing".to_owned(), ..get(&lab, "/") }, "url"),
        (HttpRequest { url: "ftp://http.example/".to_owned(), ..get(&lab, "/") }, "url"),
        (HttpRequest { headers: field("a b", "c"), ..get(&lab, "/") }, "header"),
        (HttpRequest { headers: field("a", "c\r\nd: e"), ..get(&lab, "/") }, "header"),
        (HttpRequest { body: HttpBody::Streamed { length: Some(-1) }, ..get(&lab, "/") }, "number"),
    ];
    for (request, code) in odd {
        let error = client.http(request, None).and_then(|call| wait(call.response())).map(drop).unwrap_err();
        assert_eq!((error.kind(), error.code()), ("input", code));
    }
}

#[test]
fn nothing_an_app_still_holds_keeps_the_store_open() {
    let lab = ServedLab::new();
    let client = wait(Client::build(lab.kept(key()))).unwrap();
    let session = client.http_session(SESSION).unwrap();
    // A call whose head was taken and whose body was not, one that waits, one that still sends, and both streams.
    let read = session.call(get(&lab, "/long")).unwrap();
    wait(read.response()).unwrap();
    let waits = begin(&client, get(&lab, "/silent"));
    let sends = session.call(request("POST", lab.url("/silent"), HttpBody::Streamed { length: None })).unwrap();
    wait(sends.write(vec![1])).unwrap();
    let streams = (client.changes().unwrap(), client.engine_events(false).unwrap());
    wait(client.shutdown()).unwrap();

    let again = wait(Client::build(lab.kept(key()))).map_err(|error| error.code().to_owned()).unwrap();
    assert_eq!(session.call(get(&lab, "/hello")).map(drop).unwrap_err().code(), "closed");
    wait(again.shutdown()).unwrap();
    let folder = lab.kept(key()).data_directory.unwrap().path;
    wait(byway_ffi::wipe_at(folder, Language::En)).unwrap();
    drop((read, waits, sends, streams, session, client, again));
}
