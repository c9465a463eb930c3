//! A client of Tor's SOCKS port: whether a circuit carries an answer.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Tor's own time limit for a stream is two minutes; in a network on one machine half of it is more than enough.
const PATIENCE: Duration = Duration::from_secs(60);

/// Proposal 304: the onion service wants a key.
const WANTS_A_KEY: u8 = 0xF4;

/// Whether an HTTP server answers through Tor.
pub(super) fn answers(socks: SocketAddr, circuit: usize, host: &str, port: u16) -> bool {
    let answer = || -> io::Result<bool> {
        let (mut stream, reply) = ask(socks, circuit, host, port)?;
        if reply != 0 {
            return Ok(false);
        }
        stream.write_all(b"HEAD / HTTP/1.0\r\n\r\n")?;
        let mut start = [0; 7];
        stream.read_exact(&mut start)?;
        Ok(&start == b"HTTP/1.")
    };
    answer().unwrap_or(false)
}

/// Whether a restricted onion service was found: a client without a key is told that it needs one.
pub(super) fn asks_for_a_key(socks: SocketAddr, host: &str) -> bool {
    ask(socks, 0, host, 80).is_ok_and(|(_, reply)| reply == WANTS_A_KEY)
}

/// Asks Tor (SOCKS5, RFC 1928) for a stream, with a separate circuit for each number: Tor isolates streams by their login (RFC
/// 1929). Returns its reply.
fn ask(socks: SocketAddr, circuit: usize, host: &str, port: u16) -> io::Result<(TcpStream, u8)> {
    let mut stream = TcpStream::connect(socks)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.write_all(&[5, 1, 2])?;
    stream.read_exact(&mut [0; 2])?;
    let user = format!("circuit {circuit}");
    let length = |text: &str| u8::try_from(text.len()).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput));
    stream.write_all(&[&[1, length(&user)?], user.as_bytes(), &[1, b'x']].concat())?;
    stream.read_exact(&mut [0; 2])?;
    stream.write_all(&[&[5, 1, 0, 3, length(host)?], host.as_bytes(), &port.to_be_bytes()].concat())?;
    // The reply contains an IPv4 address, whatever was requested.
    let mut reply = [0; 10];
    stream.read_exact(&mut reply)?;
    let [_, reply, ..] = reply;
    Ok((stream, reply))
}
