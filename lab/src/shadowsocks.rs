//! The lab's Shadowsocks server: the crate's own server side, connected to the lab.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use shadowsocks::config::{ServerConfig, ServerType};
use shadowsocks::context::Context as Seen;
use shadowsocks::crypto::CipherKind;
use shadowsocks::relay::Address;
use shadowsocks::relay::tcprelay::ProxyServerStream;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

use crate::log::What;
use crate::proxy::{dial, garbage};
use crate::proxy_settings::{Fault, ProxySettings};
use crate::relay::relay;
use crate::stream::{BoxWire, Wire};
use crate::world::Shared;

/// The server's side of one stream: the request, then the tunnel.
pub(crate) async fn serve(world: Shared, machine: usize, settings: ProxySettings, stream: BoxWire) -> io::Result<()> {
    match settings.fault {
        Fault::Hang => return std::future::pending().await,
        Fault::Garbage => return garbage(stream).await,
        _ => {}
    }
    let (method, password) = settings.login.unwrap_or_default();
    let method: CipherKind = method.parse().map_err(|_| io::Error::other("no method"))?;
    let key = ServerConfig::new(("", 0), password, method).map_err(io::Error::other)?;
    let seen = Seen::new_shared(ServerType::Server);
    let mut stream = ProxyServerStream::from_stream(seen, stream, method, key.key());
    let Ok(to) = stream.handshake().await else {
        // Like a real server: a client with another password, or a probe, learns nothing.
        let mut stream = stream.into_inner();
        while !matches!(stream.read(&mut [0; 1024]).await, Ok(0) | Err(_)) {}
        return Ok(());
    };
    let (host, port) = match &to {
        Address::DomainNameAddress(host, port) => (host.clone(), *port),
        Address::SocketAddress(address) => (address.ip().to_string(), address.port()),
    };
    world.note(machine, What::Tunnel { to: to.to_string(), login: None });
    match settings.fault {
        Fault::HangOnRequest => return std::future::pending().await,
        Fault::Close | Fault::CutAfterReply | Fault::Reply(_) => return Ok(()),
        _ => {}
    }
    // The protocol has no answer for a refusal.
    let Ok(server) = dial(&world, machine, &host, port, false).await else { return Ok(()) };
    relay(Box::new(Encrypted(stream)), server, None, None).await;
    Ok(())
}

/// The client's stream, decrypted.
struct Encrypted(ProxyServerStream<BoxWire>);

impl Wire for Encrypted {
    fn reset(self: Box<Self>) {
        self.0.into_inner().reset();
    }
}

impl AsyncRead for Encrypted {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Encrypted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, data: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, data)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
