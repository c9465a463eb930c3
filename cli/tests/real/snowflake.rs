//! A broker of snowflake that has no volunteer to name: it keeps what a client asks it, and says so.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};

/// What the broker says where no volunteer is free.
const NO_ONE: &str = r#"{"error":"no snowflake proxies currently available"}"#;

/// Serves until the process ends. Returns where, and what is asked: the path and the body of each request.
pub(crate) fn broker() -> (SocketAddr, Receiver<(String, String)>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let at = listener.local_addr().unwrap();
    let (asked, requests) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let Some(request) = answer(&stream) else { continue };
            if asked.send(request).is_err() {
                return;
            }
        }
    });
    (at, requests)
}

fn answer(mut stream: &TcpStream) -> Option<(String, String)> {
    let mut reader = BufReader::new(stream);
    let (mut path, mut length, mut line) = (String::new(), 0, String::new());
    while reader.read_line(&mut line).ok()? > 2 {
        if path.is_empty() {
            line.split(' ').nth(1)?.clone_into(&mut path);
        }
        if let Some(number) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = number.trim().parse().ok()?;
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let length = NO_ONE.len();
    let answer = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{NO_ONE}");
    stream.write_all(answer.as_bytes()).ok()?;
    Some((path, String::from_utf8_lossy(&body).into_owned()))
}
