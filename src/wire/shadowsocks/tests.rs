#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::poll;
use proptest::prelude::{any, prop_assert, proptest};
use shadowsocks::config::{ServerUser, ServerUserManager};
use shadowsocks::relay::tcprelay::ProxyServerStream;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, Join, duplex, join};

use super::*;

type Pipe = Join<DuplexStream, DuplexStream>;

const LONG_KEY: &str = "YctPZ6U7xPPcU+gp3u+0tx/tRizJN9K8y+uKlW2qjlI=";

/// Every method that a strategy can name, with a password for it.
const METHODS: [(&str, &str); 6] = [
    ("aes-128-gcm", "password"),
    ("aes-256-gcm", "пароль"),
    ("chacha20-ietf-poly1305", ":@/"),
    ("2022-blake3-aes-128-gcm", "AQEBAQEBAQEBAQEBAQEBAQ=="),
    ("2022-blake3-aes-256-gcm", LONG_KEY),
    ("2022-blake3-chacha20-poly1305", LONG_KEY),
];

/// A pair of streams. The response arrives in pieces of at most `piece` bytes.
fn pipe(piece: usize) -> (Pipe, Pipe) {
    let (up_in, up_out) = duplex(4096);
    let (down_in, down_out) = duplex(piece);
    (join(down_out, up_in), join(up_out, down_in))
}

fn client(pipe: Pipe, key: (&str, &str)) -> (Tunnel<Pipe>, Arc<AtomicBool>) {
    let proved = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&proved);
    let host = Host::Domain("site.example".to_owned());
    let tunnel = connect(pipe, key, (&host, 443), move || flag.store(true, Ordering::Relaxed)).unwrap();
    (tunnel, proved)
}

fn server(pipe: Pipe, (method, password): (&str, &str)) -> ProxyServerStream<Pipe> {
    let method = method.parse().unwrap();
    let config = ServerConfig::new(("", 0), password, method).unwrap();
    ProxyServerStream::from_stream(Shared::new_shared(ServerType::Server), pipe, method, config.key())
}

#[tokio::test]
async fn a_clock_before_1970_is_an_error_and_no_panic() {
    fn early() -> SystemTime {
        SystemTime::UNIX_EPOCH - std::time::Duration::from_secs(1)
    }
    let host = Host::Domain("site.example".to_owned());
    for key in METHODS {
        let made = connect_by(early, pipe(4096).0, key, (&host, 443), || ());
        // The older methods do not write the time.
        assert_eq!(matches!(made, Err(Error::Clock)), key.0.starts_with("2022"), "{key:?}");
        // The clock is set back while the stream is open.
        let (near, _far) = pipe(4096);
        let mut tunnel = client(near, key).0;
        tunnel.clock = tunnel.clock.map(|_| early as fn() -> SystemTime);
        let written = tunnel.write_all(b"hello").await;
        assert_eq!(written.is_err(), key.0.starts_with("2022"), "{key:?}");
    }
}

fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|n| (n % 251) as u8).collect()
}

#[tokio::test]
async fn every_method_carries_a_megabyte_each_way_in_any_pieces() {
    for key in METHODS {
        for (piece, length) in [(4096, 1 << 20), (1, 2_000), (7, 40_000)] {
            let (near, far) = pipe(piece);
            let ((mut near, proved), mut far) = (client(near, key), server(far, key));
            let serve = async {
                assert_eq!(far.handshake().await.unwrap().to_string(), "site.example:443", "{key:?}");
                let mut asked = Vec::new();
                far.read_to_end(&mut asked).await.unwrap();
                assert!(asked == bytes(length), "{key:?} {}", asked.len());
                far.write_all(&asked).await.unwrap();
                far.shutdown().await.unwrap();
            };
            let ask = async {
                near.write_all(&bytes(length)).await.unwrap();
                near.shutdown().await.unwrap();
                assert!(!proved.load(Ordering::Relaxed));
                let mut answer = Vec::new();
                near.read_to_end(&mut answer).await.unwrap();
                assert!(answer == bytes(length), "{key:?} {}", answer.len());
                assert!(proved.load(Ordering::Relaxed));
            };
            tokio::join!(serve, ask);
        }
    }
}

#[tokio::test]
async fn a_user_of_a_server_of_many_is_told_by_the_key() {
    let (method, ours, theirs) = ("2022-blake3-aes-128-gcm", "AAAAAAAAAAAAAAAAAAAAAA==", "AQEBAQEBAQEBAQEBAQEBAQ==");
    let (near, far) = pipe(4096);
    let (mut near, _) = client(near, (method, &format!("{ours}:{theirs}")));
    let mut users = ServerUserManager::new();
    users.add_user(ServerUser::with_encoded_key("reader", theirs).unwrap());
    let kind = method.parse().unwrap();
    let config = ServerConfig::new(("", 0), ours, kind).unwrap();
    let context = Shared::new_shared(ServerType::Server);
    let mut far =
        ProxyServerStream::from_stream_with_user_manager(context, far, kind, config.key(), Some(Arc::new(users)));
    near.write_all(b"question").await.unwrap();
    assert_eq!(far.handshake().await.unwrap().to_string(), "site.example:443");
    far.write_all(b"answer").await.unwrap();
    let mut answer = [0; 6];
    near.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"answer");
}

#[tokio::test]
async fn nothing_goes_out_before_there_is_something_to_say() {
    for key in METHODS {
        let (near, mut far) = pipe(4096);
        let (mut near, _) = client(near, key);
        near.flush().await.unwrap();
        assert!(poll!(Box::pin(near.read_u8())).is_pending());
        assert_eq!(near.write(b"").await.unwrap(), 0);
        near.shutdown().await.unwrap();
        drop(near);
        let mut seen = Vec::new();
        far.read_to_end(&mut seen).await.unwrap();
        assert!(seen.is_empty(), "{key:?}");
    }
}

#[tokio::test]
async fn what_was_taken_is_sent_whatever_is_offered_next() {
    let key = METHODS[1];
    let (near, far) = pipe(4096);
    let ((mut near, _), mut far) = (client(near, key), server(far, key));
    // More than the pipe holds: it is accepted and buffered.
    let first = bytes(6_000);
    assert_eq!(near.write(&first).await.unwrap(), 6_000);
    assert!(poll!(Box::pin(near.write(&[1; 9_000]))).is_pending());
    let say = async {
        near.write_all(b"second").await.unwrap();
        near.shutdown().await.unwrap();
    };
    let hear = async {
        far.handshake().await.unwrap();
        let mut heard = Vec::new();
        far.read_to_end(&mut heard).await.unwrap();
        heard
    };
    let ((), heard) = tokio::join!(say, hear);
    assert!(heard == [&first[..], b"second"].concat(), "{}", heard.len());
}

#[tokio::test]
async fn what_does_not_decrypt_ends_the_stream_and_proves_nothing() {
    let answers: [&[u8]; 3] = [&[0x5a; 300], b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\0"];
    for key in METHODS {
        for answer in answers {
            let (near, mut far) = pipe(4096);
            let (mut near, proved) = client(near, key);
            near.write_all(b"question").await.unwrap();
            far.write_all(answer).await.unwrap();
            far.shutdown().await.unwrap();
            for _ in 0..2 {
                let error = near.read_u8().await.unwrap_err();
                assert!(Unauthentic::is_in(&error), "{key:?}: {error:?}");
            }
            assert!(!proved.load(Ordering::Relaxed));
        }
    }
}

#[tokio::test]
async fn a_server_that_repeats_the_request_has_no_key() {
    for key in METHODS {
        for piece in [4096, 1] {
            let (near, mut far) = pipe(piece);
            let (mut near, proved) = client(near, key);
            let echo = async {
                let mut asked = [0; 512];
                loop {
                    match far.read(&mut asked).await {
                        Ok(length) if length > 0 => far.write_all(&asked[..length]).await.unwrap(),
                        _ => break,
                    }
                }
            };
            let ask = async {
                near.write_all(b"a question that is long enough for the head of any method").await.unwrap();
                let error = near.read(&mut [0; 64]).await.unwrap_err();
                assert!(Unauthentic::is_in(&error), "{key:?} {piece}: {error}");
                assert!(!proved.load(Ordering::Relaxed), "{key:?} {piece}");
            };
            tokio::select! { () = echo => panic!("{key:?}: the stream ended"), () = ask => {} }
        }
    }
}

#[tokio::test]
async fn an_end_without_a_byte_is_an_end() {
    for key in METHODS {
        let (near, mut far) = pipe(4096);
        let (mut near, proved) = client(near, key);
        near.write_all(b"question").await.unwrap();
        far.shutdown().await.unwrap();
        assert_eq!(near.read(&mut [0; 9]).await.unwrap(), 0, "{key:?}");
        assert!(!proved.load(Ordering::Relaxed));
    }
}

/// The caller's view of a server's `b"answer"` that was modified on the path.
async fn answer_of(key: (&str, &str), spoil: impl FnOnce(&mut Vec<u8>)) -> io::Result<Vec<u8>> {
    let ((near, mut middle_near), (middle_far, far)) = (pipe(4096), pipe(4096));
    let ((mut near, _), mut far) = (client(near, key), server(far, key));
    let mut middle_far = middle_far;
    near.write_all(b"question").await.unwrap();
    let mut question = vec![0; 4096];
    let length = middle_near.read(&mut question).await.unwrap();
    middle_far.write_all(&question[..length]).await.unwrap();
    far.handshake().await.unwrap();
    far.write_all(b"answer").await.unwrap();
    far.shutdown().await.unwrap();
    let mut answer = Vec::new();
    middle_far.read_to_end(&mut answer).await.unwrap();
    spoil(&mut answer);
    middle_near.write_all(&answer).await.unwrap();
    middle_near.shutdown().await.unwrap();
    let mut heard = Vec::new();
    near.read_to_end(&mut heard).await.map(|_| heard)
}

#[tokio::test]
async fn an_answer_with_a_changed_or_missing_byte_is_refused() {
    for key in METHODS {
        assert_eq!(answer_of(key, |_| ()).await.unwrap(), b"answer", "{key:?}");
        for place in [0, 17, 40, 50] {
            let changed = answer_of(key, |answer| answer[place] ^= 1).await.unwrap_err();
            assert!(Unauthentic::is_in(&changed), "{key:?} {place}: {changed:?}");
            let cut = answer_of(key, |answer| answer.truncate(place + 1)).await.unwrap_err();
            assert!(Unauthentic::is_in(&cut), "{key:?} {place}: {cut:?}");
        }
    }
}

#[test]
fn a_password_that_is_no_key_is_an_error() {
    let host = Host::Domain("site.example".to_owned());
    for key in [("2022-blake3-aes-128-gcm", "AAAA"), ("aes-256-gcm ", "x"), ("nothing", "x")] {
        let (near, _far) = pipe(1);
        assert!(connect(near, key, (&host, 443), || ()).is_err(), "{key:?}");
    }
}

proptest! {
    #[test]
    fn whatever_comes_is_an_end_or_an_error(answer in proptest::collection::vec(any::<u8>(), 0..400), which in 0usize..6) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let heard = runtime.block_on(async {
            let (near, mut far) = pipe(4096);
            let (mut near, _) = client(near, METHODS[which]);
            near.write_all(b"question").await.unwrap();
            far.write_all(&answer).await.unwrap();
            far.shutdown().await.unwrap();
            let mut heard = Vec::new();
            near.read_to_end(&mut heard).await.map(|_| heard)
        });
        prop_assert!(heard.as_ref().is_err_and(Unauthentic::is_in) || heard.is_ok_and(|heard| heard.is_empty()));
    }
}
