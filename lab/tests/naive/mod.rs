//! A client that knows nothing about censorship: it looks up, connects to the first address, handshakes, and sends a
//! request.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use byway::net::{BoxStream, Net};
use byway_lab::Lab;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};

/// Trusts the lab's authority, and speaks HTTP/1.1.
pub(crate) fn tls(lab: &Lab) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(lab.ca_der()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    Arc::new(config).into()
}

/// `https://HOST/PATH` as one exchange.
pub(crate) async fn get(lab: &Lab, host: &str, path: &str) -> io::Result<String> {
    let stream = connect(lab, host, 443).await?;
    exchange(secure(lab, host, stream).await?, host, path).await
}

/// `http://HOST/PATH` as one exchange.
pub(crate) async fn get_in_the_clear(lab: &Lab, host: &str, path: &str) -> io::Result<String> {
    exchange(connect(lab, host, 80).await?, host, path).await
}

pub(crate) async fn connect(lab: &Lab, host: &str, port: u16) -> io::Result<BoxStream> {
    let net = lab.client();
    let addresses: Vec<IpAddr> = net.lookup(host).await?;
    net.connect(SocketAddr::new(addresses[0], port)).await
}

pub(crate) async fn secure(lab: &Lab, host: &str, stream: BoxStream) -> io::Result<TlsStream<BoxStream>> {
    tls(lab).connect(host.to_owned().try_into().unwrap(), stream).await
}

pub(crate) async fn exchange<S: AsyncReadExt + AsyncWriteExt + Unpin>(
    mut stream: S,
    host: &str,
    path: &str,
) -> io::Result<String> {
    let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    stream.flush().await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// `https://HOST/PATH` through a SOCKS5 proxy.
pub(crate) async fn get_through(
    lab: &Lab,
    proxy: SocketAddr,
    login: Option<(&str, &str)>,
    host: &str,
    path: &str,
) -> io::Result<String> {
    let stream = tunnel(lab, proxy, login, host, 443).await?;
    exchange(secure(lab, host, stream).await?, host, path).await
}

/// A SOCKS5 tunnel.
pub(crate) async fn tunnel(
    lab: &Lab,
    proxy: SocketAddr,
    login: Option<(&str, &str)>,
    host: &str,
    port: u16,
) -> io::Result<BoxStream> {
    let mut stream = lab.client().connect(proxy).await?;
    let method = if login.is_some() { 2 } else { 0 };
    stream.write_all(&[5, 1, method]).await?;
    let mut chosen = [0; 2];
    stream.read_exact(&mut chosen).await?;
    if chosen != [5, method] {
        return Err(io::Error::other(format!("the proxy chose {chosen:?}")));
    }
    if let Some((user, password)) = login {
        let mut message = vec![1, u8::try_from(user.len()).unwrap()];
        message.extend_from_slice(user.as_bytes());
        message.push(u8::try_from(password.len()).unwrap());
        message.extend_from_slice(password.as_bytes());
        stream.write_all(&message).await?;
        stream.read_exact(&mut chosen).await?;
        if chosen[1] != 0 {
            return Err(io::Error::other("the proxy does not take the login"));
        }
    }
    let mut request = vec![5, 1, 0, 3, u8::try_from(host.len()).unwrap()];
    request.extend_from_slice(host.as_bytes());
    request.extend_from_slice(&port.to_be_bytes());
    stream.write_all(&request).await?;
    let mut reply = [0; 10];
    stream.read_exact(&mut reply).await?;
    if reply[1] == 0 { Ok(stream) } else { Err(io::Error::other(format!("REP {}", reply[1]))) }
}
