//! Small servers on free ports of 127.0.0.1. Each ends when its value is dropped.

#![allow(dead_code, reason = "each test uses its part")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A request as an HTTP server read it.
#[derive(Clone, Debug)]
pub(crate) struct ReceivedRequest {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) authorization: Option<String>,
    pub(crate) body: String,
}

/// The answer of the server.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    /// Another line of its head.
    pub(crate) header: &'static str,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(body: impl Into<String>) -> Self {
        Self { status: 200, content_type: "application/json", header: "x-small: 1", body: body.into().into_bytes() }
    }

    pub(crate) fn page(body: impl Into<Vec<u8>>) -> Self {
        Self { status: 200, content_type: "text/html; charset=utf-8", header: "x-small: 1", body: body.into() }
    }
}

/// An HTTP/1.1 server that closes after each answer.
pub(crate) struct HttpServer {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<ReceivedRequest>>>,
}

impl HttpServer {
    pub(crate) fn start(answer: impl Fn(&ReceivedRequest) -> Answer + Send + Sync + 'static) -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, answer) = (asked.clone(), Arc::new(answer));
        let address = serve(move |stream| {
            let mut reader = BufReader::new(stream);
            let Some(request) = read_request(&mut reader) else { return };
            log.lock().unwrap().push(request.clone());
            let Answer { status, content_type, header, body } = answer(&request);
            let head = format!(
                "HTTP/1.1 {status} Said\r\ncontent-type: {content_type}\r\n{header}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            let mut stream = reader.into_inner();
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
        });
        Self { address, asked }
    }

    pub(crate) fn asked(&self) -> Vec<ReceivedRequest> {
        self.asked.lock().unwrap().clone()
    }
}

/// Accepts connections and sends nothing; reports the first one.
pub(crate) fn silent() -> (SocketAddr, std::sync::mpsc::Receiver<()>) {
    let (tell, told) = std::sync::mpsc::channel();
    let address = serve(move |mut stream| {
        let _ = tell.send(());
        let _ = stream.read_to_end(&mut Vec::new());
    });
    (address, told)
}

/// A SOCKS5 proxy with a login that leads every connection to one address, whatever name it is given.
pub(crate) fn socks5(user: &'static str, password: &'static str, to: SocketAddr) -> SocketAddr {
    serve(move |stream| {
        let _ = relay(stream, user, password, to);
    })
}

/// A port without a listener.
pub(crate) fn nobody() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

fn serve(connection: impl Fn(TcpStream) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let connection = Arc::new(connection);
    // The thread ends with the test's process.
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let connection = connection.clone();
            thread::spawn(move || connection(stream));
        }
    });
    address
}

fn read_request(reader: &mut BufReader<TcpStream>) -> Option<ReceivedRequest> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (mut authorization, mut length) = (None, 0);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        match name.to_ascii_lowercase().as_str() {
            "authorization" => authorization = Some(value.trim().to_owned()),
            "content-length" => length = value.trim().parse().ok()?,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(ReceivedRequest { method, path, authorization, body: String::from_utf8_lossy(&body).into_owned() })
}

fn relay(mut client: TcpStream, user: &str, password: &str, to: SocketAddr) -> std::io::Result<()> {
    let mut two = [0; 2];
    client.read_exact(&mut two)?;
    client.read_exact(&mut vec![0; two[1].into()])?;
    client.write_all(&[5, 2])?;
    client.read_exact(&mut two)?;
    let mut name = vec![0; two[1].into()];
    client.read_exact(&mut name)?;
    let mut length = [0];
    client.read_exact(&mut length)?;
    let mut word = vec![0; length[0].into()];
    client.read_exact(&mut word)?;
    if name != user.as_bytes() || word != password.as_bytes() {
        return client.write_all(&[1, 1]);
    }
    client.write_all(&[1, 0])?;
    let mut head = [0; 5];
    client.read_exact(&mut head)?;
    assert_eq!(head[3], 3, "a proxy is given a name, never an address");
    client.read_exact(&mut vec![0; usize::from(head[4]) + 2])?;
    let mut server = TcpStream::connect(to)?;
    client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0])?;
    let (mut up_from, mut up_to) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || {
        let _ = std::io::copy(&mut up_from, &mut up_to);
        let _ = up_to.shutdown(Shutdown::Write);
    });
    std::io::copy(&mut server, &mut client)?;
    client.shutdown(Shutdown::Write)
}
