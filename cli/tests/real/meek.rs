//! The far end of meek before a bridge: bytes of a session travel in the bodies of HTTP requests and answers.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What one answer may carry, as meek's own server has it.
const MOST: usize = 65_536;
/// How long an answer waits for something to carry.
const WAITS: Duration = Duration::from_millis(20);

type Sessions = Arc<Mutex<HashMap<String, Arc<Mutex<TcpStream>>>>>;

/// Serves meek before this bridge until the process ends. Returns where.
pub(crate) fn before(bridge: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let at = listener.local_addr().unwrap();
    let sessions = Sessions::default();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let sessions = sessions.clone();
            std::thread::spawn(move || while answer(&stream, &sessions, bridge).is_some() {});
        }
    });
    at
}

/// One request and its answer; `None` at the end of the connection.
fn answer(stream: &TcpStream, sessions: &Sessions, bridge: SocketAddr) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let (mut session, mut length, mut line) = (String::new(), 0, String::new());
    loop {
        line.clear();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            if line == "\r\n" {
                break;
            }
            continue;
        };
        match name.to_ascii_lowercase().as_str() {
            "x-session-id" => value.clone_into(&mut session),
            "content-length" => length = value.parse().ok()?,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let to_bridge = {
        let mut sessions = sessions.lock().unwrap();
        let open = || Arc::new(Mutex::new(TcpStream::connect(bridge).unwrap()));
        sessions.entry(session).or_insert_with(open).clone()
    };
    let mut to_bridge = to_bridge.lock().unwrap();
    to_bridge.set_read_timeout(Some(WAITS)).ok()?;
    to_bridge.write_all(&body).ok()?;
    let mut carried = vec![0; MOST];
    let length = match to_bridge.read(&mut carried) {
        Ok(length) => length,
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => 0,
        Err(_) => return None,
    };
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: {length}\r\n\r\n");
    let mut stream = stream;
    stream.write_all(&[head.as_bytes(), &carried[..length]].concat()).ok()
}
