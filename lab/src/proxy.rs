//! Proxies of the lab: SOCKS5, HTTP CONNECT, a Tor's SOCKS port, and Shadowsocks (in `shadowsocks`).
//!
//! A proxy resolves names and connects from its own position, outside the censor's reach unless it is told to stand
//! behind it. It has a country, because platforms answer by the visitor's country. A proxy can also be broken, in each
//! of the usual ways.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use base64::Engine;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

use crate::link::{ECONNREFUSED, EHOSTUNREACH, ENETUNREACH};
use crate::log::What;
use crate::machine::Machine;
use crate::node::{Health, Service, ip};
use crate::proxy_settings::{Fault, ProxySettings};
use crate::relay::relay;
use crate::stream::{BoxWire, Wire};
use crate::world::Shared;

/// A proxy.
#[derive(Clone, Debug)]
pub struct Proxy {
    pub(crate) machine: Machine,
    pub(crate) port: u16,
    pub(crate) scheme: &'static str,
}

impl Proxy {
    /// Gives it this address.
    pub fn at(self, address: &str) -> Self {
        self.machine.at(ip(address));
        self
    }

    /// Moves it to this port.
    pub fn on_port(mut self, port: u16) -> Self {
        self.machine.edit(|node| {
            if let Some(service) = node.ports.remove(&self.port) {
                node.ports.insert(port, service);
            }
        });
        self.port = port;
        self
    }

    /// The country where it exits to the internet.
    pub fn country(self, country: &str) -> Self {
        self.machine.edit(|node| node.country = Some(country.to_ascii_lowercase()));
        self
    }

    /// Requires this login; for a Shadowsocks server, sets its method and password.
    pub fn password(self, user: &str, password: &str) -> Self {
        self.settings(|settings| settings.login = Some((user.to_owned(), password.to_owned())))
    }

    /// Breaks it in this way.
    pub fn fault(self, fault: Fault) -> Self {
        self.settings(|settings| settings.fault = fault)
    }

    /// Answers garbage.
    pub fn garbage(self) -> Self {
        self.fault(Fault::Garbage)
    }

    /// Accepts connections and sends nothing.
    pub fn hangs(self) -> Self {
        self.fault(Fault::Hang)
    }

    /// Answers every request with this SOCKS5 REP or HTTP status.
    pub fn replies(self, code: u16) -> Self {
        self.fault(Fault::Reply(code))
    }

    /// The machine is on, and nothing listens.
    pub fn dead(self) -> Self {
        self.machine.edit(|node| node.health = Health::Refuses);
        self
    }

    /// The machine is off: packets to it are swallowed.
    pub fn down(self) -> Self {
        self.machine.edit(|node| node.health = Health::Swallows);
        self
    }

    /// Stands behind the same censor as the client.
    pub fn behind_censor(self) -> Self {
        self.machine.edit(|node| node.behind_censor = true);
        self
    }

    /// The extra round-trip time of every connection that it makes (a Tor's circuit).
    pub fn circuit(self, rtt: Duration) -> Self {
        self.machine.edit(|node| node.circuit = rtt);
        self
    }

    /// The round trip to it.
    pub fn rtt(self, rtt: Duration) -> Self {
        self.machine.edit(|node| node.rtt = rtt);
        self
    }

    /// Its first address.
    pub fn address(&self) -> IpAddr {
        self.machine.address()
    }

    /// The address and port where it listens.
    pub fn socket(&self) -> SocketAddr {
        SocketAddr::new(self.address(), self.port)
    }

    /// The strategy URL for it, login included.
    pub fn url(&self) -> String {
        let login = self.settings_copy().login_text();
        let country = self.machine.edit(|node| node.country.clone()).map_or(String::new(), |cc| format!("?cc={cc}"));
        format!("{}://{login}{}{country}", self.scheme, self.socket())
    }

    fn settings(self, edit: impl FnOnce(&mut ProxySettings)) -> Self {
        self.machine.edit(|node| {
            if let Some(
                Service::Socks5(settings) | Service::HttpProxy { settings, .. } | Service::Shadowsocks(settings),
            ) = node.ports.get_mut(&self.port)
            {
                edit(settings);
            }
        });
        self
    }

    fn settings_copy(&self) -> ProxySettings {
        self.machine.edit(|node| match node.ports.get(&self.port) {
            Some(Service::Socks5(settings) | Service::HttpProxy { settings, .. } | Service::Shadowsocks(settings)) => {
                settings.clone()
            }
            _ => ProxySettings::default(),
        })
    }
}

/// The server's side of SOCKS5 (RFC 1928, RFC 1929), then the tunnel.
pub(crate) async fn serve_socks5(
    world: Shared,
    machine: usize,
    settings: ProxySettings,
    mut stream: BoxWire,
) -> io::Result<()> {
    match settings.fault {
        Fault::Hang => return std::future::pending().await,
        Fault::Garbage => return garbage(stream).await,
        _ => {}
    }
    let [_version, count] = read(&mut stream).await?;
    let mut methods = vec![0; count.into()];
    stream.read_exact(&mut methods).await?;
    let with_login = methods.contains(&BY_PASSWORD) && (settings.login.is_some() || settings.is_tor());
    let mut login = None;
    if with_login {
        stream.write_all(&[5, BY_PASSWORD]).await?;
        let [_version] = read(&mut stream).await?;
        let (user, password) = (read_text(&mut stream).await?, read_text(&mut stream).await?);
        let right = settings.login.as_ref().is_none_or(|(u, p)| (u, p) == (&user, &password));
        stream.write_all(&[1, u8::from(!right)]).await?;
        if !right {
            return stream.shutdown().await;
        }
        login = Some(format!("{user}:{password}"));
    } else if methods.contains(&WITHOUT_LOGIN) && settings.login.is_none() {
        stream.write_all(&[5, WITHOUT_LOGIN]).await?;
    } else {
        stream.write_all(&[5, 0xff]).await?;
        return stream.shutdown().await;
    }

    let [_version, command, _reserved, kind] = read(&mut stream).await?;
    let host = match kind {
        1 => IpAddr::from(read::<4>(&mut stream).await?).to_string(),
        4 => IpAddr::from(read::<16>(&mut stream).await?).to_string(),
        _ => read_text(&mut stream).await?,
    };
    let port = u16::from_be_bytes(read(&mut stream).await?);
    let to = if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
    world.note(machine, What::Tunnel { to, login });
    let dialled = match settings.fault {
        Fault::HangOnRequest => return std::future::pending().await,
        Fault::Close => return stream.shutdown().await,
        Fault::CutAfterReply => {
            stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
            return stream.shutdown().await;
        }
        _ if command != 1 => Err(7),
        _ => match settings.refusal() {
            Some(code) => Err(code),
            None => dial(&world, machine, &host, port, settings.is_tor()).await.map_err(|error| rep(&error)),
        },
    };
    let reply = |code: u8| [5, code, 0, 1, 0, 0, 0, 0, 0, 0];
    match dialled {
        Ok(server) => {
            stream.write_all(&reply(0)).await?;
            relay(stream, server, None, None).await;
            Ok(())
        }
        Err(code) => {
            stream.write_all(&reply(code)).await?;
            stream.shutdown().await
        }
    }
}

/// The server's side of CONNECT (RFC 9110 section 9.3.6), then the tunnel.
pub(crate) async fn serve_http_proxy(
    world: Shared,
    machine: usize,
    settings: ProxySettings,
    tls: bool,
    stream: BoxWire,
) -> io::Result<()> {
    match settings.fault {
        Fault::Hang => return std::future::pending().await,
        Fault::Garbage => return garbage(stream).await,
        _ => {}
    }
    if !tls {
        return connect(world, machine, settings, stream).await;
    }
    let Some(config) = world.tls_config_of(machine, false) else { return Ok(()) };
    match TlsAcceptor::from(config).accept(stream).await {
        Ok(stream) => {
            world.shook_hands(machine, stream.get_ref().1);
            connect(world, machine, settings, Box::new(Inside(stream))).await
        }
        Err(error) => {
            world.handshake_failed(machine, &error);
            Ok(())
        }
    }
}

async fn connect(world: Shared, machine: usize, settings: ProxySettings, mut stream: BoxWire) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if head.len() > LONGEST_HEAD {
            return stream.shutdown().await;
        }
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut lines = head.lines();
    let mut words = lines.next().unwrap_or_default().split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let login = lines
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("proxy-authorization"))
        .and_then(|(_, value)| {
            base64::engine::general_purpose::STANDARD.decode(value.trim().strip_prefix("Basic ")?).ok()
        })
        .and_then(|login| String::from_utf8(login).ok());
    world.note(machine, What::Tunnel { to: target.to_owned(), login: login.clone() });

    let wrong = settings.login.is_some_and(|(user, password)| login != Some(format!("{user}:{password}")));
    let (host, port) = target.rsplit_once(':').unwrap_or((target, "443"));
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let dialled = match settings.fault {
        Fault::HangOnRequest => return std::future::pending().await,
        Fault::Close | Fault::CutAfterReply => return stream.shutdown().await,
        _ if wrong => Err(407),
        Fault::Reply(code) => Err(code),
        _ if method != "CONNECT" => Err(405),
        _ => match port.parse() {
            Ok(port) => dial(&world, machine, host, port, false).await.map_err(|_| 502),
            Err(_) => Err(400),
        },
    };
    match dialled {
        Ok(server) => {
            stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
            relay(stream, server, None, None).await;
            Ok(())
        }
        Err(status) => {
            let challenge = if status == 407 { "Proxy-Authenticate: Basic realm=\"lab\"\r\n" } else { "" };
            let answer = format!("HTTP/1.1 {status} No\r\n{challenge}Content-Length: 0\r\nConnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).await?;
            stream.shutdown().await
        }
    }
}

/// Resolves and connects from the proxy's vantage.
pub(crate) async fn dial(world: &Shared, machine: usize, host: &str, port: u16, tor: bool) -> io::Result<BoxWire> {
    if tor && world.is_cut_off(machine) {
        // It has no circuit, waits for the network to come back, and sends nothing meanwhile.
        return std::future::pending().await;
    }
    if tor && host.ends_with(".onion") {
        return world.dial_onion(machine, host, port).await;
    }
    let addresses = match host.parse::<IpAddr>() {
        Ok(address) => vec![address],
        Err(_) => world.resolve_for(machine, host).await?,
    };
    let mut last = io::Error::from_raw_os_error(EHOSTUNREACH);
    for address in addresses {
        match world.dial_from(machine, SocketAddr::new(address, port)).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// The SOCKS5 REP for an error (RFC 1928 section 6; 0xf0 is Tor's, proposal 304).
fn rep(error: &io::Error) -> u8 {
    match error.raw_os_error() {
        Some(ENETUNREACH) => 3,
        Some(EHOSTUNREACH) => 4,
        Some(ECONNREFUSED) => 5,
        _ if error.kind() == io::ErrorKind::NotFound => 0xf0,
        _ => 1,
    }
}

pub(crate) async fn garbage(mut stream: BoxWire) -> io::Result<()> {
    let _ = stream.read(&mut [0; 1024]).await?;
    stream.write_all(b"\x00\xfe\x17this is no proxy\r\n\x9c\x01").await?;
    stream.shutdown().await
}

async fn read<const N: usize>(stream: &mut BoxWire) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}

async fn read_text(stream: &mut BoxWire) -> io::Result<String> {
    let mut bytes = vec![0; stream.read_u8().await?.into()];
    stream.read_exact(&mut bytes).await?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A TLS stream as a wire: it always ends with a close.
struct Inside(tokio_rustls::server::TlsStream<BoxWire>);

impl Wire for Inside {
    fn reset(self: Box<Self>) {
        self.0.into_inner().0.reset();
    }
}

impl tokio::io::AsyncRead for Inside {
    fn poll_read(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
        buf: &mut tokio::io::ReadBuf<'_>,
    ) -> std::task::Poll<io::Result<()>> {
        std::pin::Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl tokio::io::AsyncWrite for Inside {
    fn poll_write(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
        data: &[u8],
    ) -> std::task::Poll<io::Result<usize>> {
        std::pin::Pin::new(&mut self.0).poll_write(cx, data)
    }

    fn poll_flush(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<io::Result<()>> {
        std::pin::Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<io::Result<()>> {
        std::pin::Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

const WITHOUT_LOGIN: u8 = 0;
const BY_PASSWORD: u8 = 2;
const LONGEST_HEAD: usize = 1 << 16;
