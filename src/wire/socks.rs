//! The client side of a SOCKS5 handshake (RFC 1928, login by RFC 1929, Tor's extended replies by proposal 304).
//!
//! Exactly the bytes of the handshake are read: the host's first bytes belong to the next protocol.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use url::Host;
use zeroize::Zeroizing;

/// The login of a SOCKS5 handshake.
#[derive(Clone, Copy)]
pub enum Login<'a> {
    /// No login.
    None,
    /// User and password, sent if the proxy asks for them.
    Offered(&'a str, &'a str),
    /// User and password, required by the client even if the proxy would accept anyone: Tor isolates the circuits of
    /// different users (`IsolateSOCKSAuth`).
    Always(&'a str, &'a str),
}

/// Error of a handshake.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The stream failed, or ended (`UnexpectedEof`).
    #[error("the connection to the SOCKS proxy failed: {0}")]
    Io(#[from] io::Error),
    /// The proxy does not speak SOCKS5.
    #[error("what came is not SOCKS5")]
    Malformed,
    /// The proxy requires a login that was not given, or rejects the given one.
    #[error("the SOCKS proxy does not accept the login")]
    Login,
    /// The proxy did not connect.
    #[error("the SOCKS proxy answered: {0}")]
    Reply(Reply),
    /// The host's name, the user or the password exceeds the protocol's 255 bytes, or a name is empty.
    #[error("a name is empty or longer than SOCKS5 can carry")]
    TooLong,
}

/// The proxy's reason for not connecting (REP).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[allow(missing_docs, reason = "the messages are the documentation")]
pub enum Reply {
    #[error("general failure")]
    GeneralFailure,
    #[error("not allowed by its rules")]
    NotAllowed,
    #[error("network unreachable")]
    NetworkUnreachable,
    #[error("host unreachable")]
    HostUnreachable,
    #[error("connection refused")]
    ConnectionRefused,
    #[error("TTL expired")]
    TtlExpired,
    #[error("command not supported")]
    CommandNotSupported,
    #[error("address type not supported")]
    AddressTypeNotSupported,
    #[error("onion service descriptor not found")]
    OnionDescriptorNotFound,
    #[error("onion service descriptor invalid")]
    OnionDescriptorInvalid,
    #[error("onion service introduction failed")]
    OnionIntroductionFailed,
    #[error("onion service rendezvous failed")]
    OnionRendezvousFailed,
    #[error("onion service wants client authorization")]
    OnionMissingAuthorization,
    #[error("onion service does not accept the client authorization")]
    OnionWrongAuthorization,
    #[error("onion address invalid")]
    OnionAddressInvalid,
    #[error("onion service introduction timed out")]
    OnionIntroductionTimedOut,
    #[error("reply {0:#04x}")]
    Other(u8),
}

impl Reply {
    /// The reply with this code, which is not 0 (success).
    pub fn of(code: u8) -> Self {
        let known = REPLIES.iter().find(|(known, _)| *known == code);
        known.map_or(Reply::Other(code), |(_, reply)| *reply)
    }

    /// The code of the reply.
    pub fn code(self) -> u8 {
        match self {
            Reply::Other(code) => code,
            known => REPLIES.iter().find(|(_, reply)| *reply == known).map_or(0, |(code, _)| *code),
        }
    }
}

/// Asks the proxy behind `stream` to connect to `host` and `port`. Afterwards the stream leads there. A domain is
/// passed on unresolved.
///
/// # Errors
/// See [`Error`]. There is no time limit here.
#[cfg(any(test, feature = "internals"))]
pub async fn connect<S>(stream: &mut S, host: &Host<String>, port: u16, login: Login<'_>) -> Result<(), Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    greet(stream, host, port, login).await?.send(stream).await
}

/// A request that a proxy may get which has taken the greeting and the login. Until then nothing of it is sent.
pub struct Request(Vec<u8>);

/// Greets the proxy behind `stream` and gives it the login that it wants.
///
/// # Errors
/// See [`Error`]. There is no time limit here.
pub async fn greet<S>(stream: &mut S, host: &Host<String>, port: u16, login: Login<'_>) -> Result<Request, Error>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let request = request(host, port)?;
    let credentials = match login {
        Login::None => None,
        Login::Offered(user, password) | Login::Always(user, password) => Some(credentials(user, password)?),
    };
    let greeting: &[u8] = match login {
        Login::None => &[VERSION, 1, NO_LOGIN],
        Login::Offered(..) => &[VERSION, 2, NO_LOGIN, BY_PASSWORD],
        Login::Always(..) => &[VERSION, 1, BY_PASSWORD],
    };
    send(stream, greeting).await?;
    match (read(stream).await?, &credentials) {
        ([VERSION, NO_LOGIN], _) if !matches!(login, Login::Always(..)) => {}
        ([VERSION, BY_PASSWORD], Some(credentials)) => {
            send(stream, credentials).await?;
            match read(stream).await? {
                // RFC 1929 has version 1 here; some proxies repeat the version of SOCKS.
                [LOGIN_VERSION | VERSION, 0] => {}
                [LOGIN_VERSION | VERSION, _] => return Err(Error::Login),
                _ => return Err(Error::Malformed),
            }
        }
        // A proxy that asks for a password without an offer requires a login too.
        ([VERSION, NO_METHOD], _) | ([VERSION, BY_PASSWORD], None) => return Err(Error::Login),
        _ => return Err(Error::Malformed),
    }
    Ok(Request(request))
}

impl Request {
    /// Sends it, and waits for the reply. Afterwards the stream leads to the host.
    ///
    /// # Errors
    /// See [`Error`]. There is no time limit here.
    pub async fn send<S>(self, stream: &mut S) -> Result<(), Error>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        send(stream, &self.0).await?;
        // A refusal counts even if the rest of it never arrives.
        match read(stream).await? {
            [VERSION, SUCCESS] => {}
            [VERSION, code] => return Err(Error::Reply(Reply::of(code))),
            _ => return Err(Error::Malformed),
        }
        let [_reserved, kind] = read(stream).await?;
        let address = match kind {
            IPV4 => 4,
            IPV6 => 16,
            DOMAIN => {
                let [length] = read(stream).await?;
                usize::from(length)
            }
            _ => return Err(Error::Malformed),
        };
        // The address and port that the proxy bound. They are not used.
        let mut bound = [0; MAX_BOUND];
        let bound = bound.get_mut(..address + PORT).ok_or(Error::Malformed)?;
        stream.read_exact(bound).await?;
        Ok(())
    }
}

async fn send<S: AsyncWrite + Unpin>(stream: &mut S, bytes: &[u8]) -> io::Result<()> {
    stream.write_all(bytes).await?;
    stream.flush().await
}

async fn read<S: AsyncRead + Unpin, const N: usize>(stream: &mut S) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}

fn request(host: &Host<String>, port: u16) -> Result<Vec<u8>, Error> {
    let mut request = vec![VERSION, CONNECT, 0];
    match host {
        Host::Domain(name) => {
            request.push(DOMAIN);
            put(&mut request, name)?;
        }
        Host::Ipv4(address) => {
            request.push(IPV4);
            request.extend(address.octets());
        }
        Host::Ipv6(address) => {
            request.push(IPV6);
            request.extend(address.octets());
        }
    }
    request.extend(port.to_be_bytes());
    Ok(request)
}

fn credentials(user: &str, password: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
    // Allocated at full size: growing would leave copies of the password behind.
    let mut message = Zeroizing::new(Vec::with_capacity(1 + 2 * 256));
    message.push(LOGIN_VERSION);
    put(&mut message, user)?;
    // RFC 1929 requires at least one byte; proxies with users without passwords do not.
    if password.is_empty() {
        message.push(0);
    } else {
        put(&mut message, password)?;
    }
    Ok(message)
}

/// Writes a text, prefixed with its length in one byte.
fn put(message: &mut Vec<u8>, text: &str) -> Result<(), Error> {
    let length = u8::try_from(text.len()).ok().filter(|length| *length > 0).ok_or(Error::TooLong)?;
    message.push(length);
    message.extend(text.as_bytes());
    Ok(())
}

const VERSION: u8 = 5;
const LOGIN_VERSION: u8 = 1;
const NO_LOGIN: u8 = 0;
const BY_PASSWORD: u8 = 2;
const NO_METHOD: u8 = 0xFF;
const CONNECT: u8 = 1;
const IPV4: u8 = 1;
const DOMAIN: u8 = 3;
const IPV6: u8 = 4;
const SUCCESS: u8 = 0;
const PORT: usize = 2;
const MAX_BOUND: usize = 255 + PORT;

const REPLIES: [(u8, Reply); 16] = [
    (1, Reply::GeneralFailure),
    (2, Reply::NotAllowed),
    (3, Reply::NetworkUnreachable),
    (4, Reply::HostUnreachable),
    (5, Reply::ConnectionRefused),
    (6, Reply::TtlExpired),
    (7, Reply::CommandNotSupported),
    (8, Reply::AddressTypeNotSupported),
    (0xF0, Reply::OnionDescriptorNotFound),
    (0xF1, Reply::OnionDescriptorInvalid),
    (0xF2, Reply::OnionIntroductionFailed),
    (0xF3, Reply::OnionRendezvousFailed),
    (0xF4, Reply::OnionMissingAuthorization),
    (0xF5, Reply::OnionWrongAuthorization),
    (0xF6, Reply::OnionAddressInvalid),
    (0xF7, Reply::OnionIntroductionTimedOut),
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use std::io::Cursor;

    use futures_util::FutureExt;
    use proptest::prelude::*;

    use super::*;

    /// A handshake with a proxy whose bytes are all available at once. Returns the result, what was sent, and what was
    /// left unread.
    fn against(proxy: &[u8], host: &Host<String>, login: Login<'_>) -> (Result<(), Error>, Vec<u8>, Vec<u8>) {
        let mut sent = Vec::new();
        let mut input = Cursor::new(proxy);
        let result = {
            let mut stream = tokio::io::join(&mut input, &mut sent);
            connect(&mut stream, host, 443, login).now_or_never().unwrap()
        };
        let read = usize::try_from(input.position()).unwrap();
        (result, sent, proxy[read..].to_vec())
    }

    fn domain() -> Host<String> {
        Host::Domain("a.example".into())
    }

    #[test]
    fn the_name_stays_unresolved_and_only_the_answer_is_read() {
        let proxy = b"\x05\x00\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00first bytes of the host";
        let (result, sent, left) = against(proxy, &domain(), Login::None);
        result.unwrap();
        assert_eq!(sent, b"\x05\x01\x00\x05\x01\x00\x03\x09a.example\x01\xbb");
        assert_eq!(left, b"first bytes of the host");
    }

    #[test]
    fn every_kind_of_bound_address_is_read_to_its_end() {
        for bound in [&[1u8; 7][..], &[&[4][..], &[9; 18]].concat(), b"\x03\x05proxy\x00\x50", b"\x03\x00\x00\x50"] {
            let proxy = [b"\x05\x00\x05\x00\x00", bound, b"!"].concat();
            let (result, _, left) = against(&proxy, &domain(), Login::None);
            result.unwrap();
            assert_eq!(left, b"!");
        }
    }

    #[test]
    fn addresses_travel_as_addresses() {
        let proxy = b"\x05\x00\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00";
        let (_, sent, _) = against(proxy, &Host::Ipv4([203, 0, 113, 9].into()), Login::None);
        assert_eq!(&sent[3..], b"\x05\x01\x00\x01\xcb\x00\x71\x09\x01\xbb");
        let (_, sent, _) = against(proxy, &Host::Ipv6("2001:db8::1".parse().unwrap()), Login::None);
        assert_eq!(&sent[3..], b"\x05\x01\x00\x04\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x01\xbb");
    }

    #[test]
    fn a_login_is_sent_when_asked_for() {
        let proxy = b"\x05\x02\x01\x00\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00";
        let (result, sent, _) = against(proxy, &domain(), Login::Offered("user", "word"));
        result.unwrap();
        assert!(sent.starts_with(b"\x05\x02\x00\x02\x01\x04user\x04word\x05\x01"));
        let odd = b"\x05\x02\x05\x00\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00";
        against(odd, &domain(), Login::Offered("user", "word")).0.expect("a yes under SOCKS' own version is a yes");
        let proxy = b"\x05\x00\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00";
        let (result, sent, _) = against(proxy, &domain(), Login::Offered("user", "word"));
        result.unwrap();
        assert!(!sent.windows(4).any(|window| window == b"word"));
    }

    #[test]
    fn an_empty_password_is_a_password() {
        let (_, sent, _) = against(b"\x05\x02", &domain(), Login::Offered("user", ""));
        assert!(sent.ends_with(b"\x01\x04user\x00"));
    }

    #[test]
    fn isolation_offers_no_way_around_its_login() {
        let (result, sent, _) = against(b"\x05\x00", &domain(), Login::Always("a", "b"));
        assert!(matches!(result, Err(Error::Malformed)), "{result:?}");
        assert_eq!(sent, b"\x05\x01\x02");
    }

    #[test]
    fn each_fault_is_told_as_what_it_is() {
        type Check = fn(&Error) -> bool;
        let closed: Check = |error| matches!(error, Error::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof);
        let malformed: Check = |error| matches!(error, Error::Malformed);
        let login: Check = |error| matches!(error, Error::Login);
        let cases: &[(&[u8], Check)] = &[
            (b"", closed),
            (b"\x05", closed),
            (b"HTTP/1.1 400 Bad Request\r\n\r\n", malformed),
            (b"\x04\x5a", malformed),
            (b"\x05\x01", malformed),
            (b"\x05\xff", login),
            (b"\x05\x02\x01\x01", login),
            (b"\x05\x02\x05\x01", login),
            (b"\x05\x02\x02\x00", malformed),
            (b"\x05\x02\x01", closed),
            (b"\x05\x00", closed),
            (b"\x05\x00\x04\x00\x00\x01", malformed),
            (b"\x05\x00\x05\x00\x00\x02", malformed),
            (b"\x05\x00\x05\x00\x00\x01\x00\x00", closed),
            (b"\x05\x00\x05\x00\x00\x03\xff\x00", closed),
        ];
        for (proxy, check) in cases {
            let (result, ..) = against(proxy, &domain(), Login::Offered("user", "word"));
            assert!(result.as_ref().is_err_and(check), "{proxy:02x?}: {result:?}");
        }
        let (result, ..) = against(b"\x05\x02", &domain(), Login::None);
        assert!(matches!(result, Err(Error::Login)), "a login that was not offered: {result:?}");
    }

    #[test]
    fn every_reply_keeps_its_code_even_when_it_is_cut_short() {
        for code in 1..=255u8 {
            let (result, ..) = against(&[5, 0, 5, code], &domain(), Login::None);
            assert!(matches!(result, Err(Error::Reply(reply)) if reply.code() == code), "{code}: {result:?}");
        }
        assert_eq!(Reply::of(5), Reply::ConnectionRefused);
        assert_eq!(Reply::of(0xF0), Reply::OnionDescriptorNotFound);
        assert_eq!(Reply::of(0xF7), Reply::OnionIntroductionTimedOut);
        assert_eq!(Reply::of(9), Reply::Other(9));
    }

    #[test]
    fn what_does_not_fit_is_said_before_anything_is_sent() {
        let long = "a".repeat(256);
        for (host, login) in [
            (Host::Domain(long.clone()), Login::None),
            (Host::Domain(String::new()), Login::None),
            (domain(), Login::Offered(&long, "b")),
            (domain(), Login::Offered("", "b")),
            (domain(), Login::Offered("a", &long)),
        ] {
            let (result, sent, _) = against(b"", &host, login);
            assert!(matches!(result, Err(Error::TooLong)));
            assert!(sent.is_empty());
        }
    }

    proptest! {
        #[test]
        fn garbage_is_an_error_or_an_end_and_never_a_panic(
            start in prop::sample::select(vec![&b""[..], b"\x05\x00", b"\x05\x02\x01\x00", b"\x05\x00\x05\x00\x00"]),
            garbage in prop::collection::vec(any::<u8>(), 0..600),
        ) {
            let proxy = [start, &garbage].concat();
            let _ = against(&proxy, &domain(), Login::Offered("user", "word"));
        }
    }
}
