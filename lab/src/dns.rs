//! Resolvers, and their lies.
//!
//! Messages are real (RFC 1035, by hickory-proto): over UDP and, with a length prefix, over TCP; over TLS (RFC 7858)
//! and HTTPS (RFC 8484) if a scenario says so. The lab's hosts define what a name truly resolves to, including their
//! HTTPS records (RFC 9460). A [`Lie`] replaces that for one name at one resolver, over every protocol. A censor's
//! injected answer races the true one instead, if the question can be read.

use std::net::IpAddr;
use std::sync::{Arc, Weak};
use std::time::Duration;

use hickory_proto::op::{Message, MessageType, ResponseCode};
use hickory_proto::rr::rdata::svcb::{Alpn, EchConfigList, SvcParamKey, SvcParamValue};
use hickory_proto::rr::rdata::{A, AAAA, HTTPS, SVCB};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use http::{Method, header};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

use crate::lie::{HttpsRecord, Lie, is_within};
use crate::log::What;
use crate::machine::Machine;
use crate::node::{Health, Service, ip};
use crate::page::{App, Ask, Page};
use crate::stream::BoxWire;
use crate::world::{Shared, World};

/// A resolver of the lab. Its answer for a name stays the same until it is changed.
#[derive(Clone, Debug)]
pub struct Resolver(pub(crate) Machine);

impl Resolver {
    /// Gives it this name, in DNS and in its certificate.
    pub fn named(self, name: &str) -> Self {
        self.0.edit(|node| node.names.push(name.to_ascii_lowercase()));
        self.0.world.forget_certificates();
        self
    }

    /// Also answers over TLS on port 853 (RFC 7858), with a certificate of the lab's authority for its name and
    /// address.
    pub fn tls(self) -> Self {
        self.0.edit(|node| node.ports.insert(853, Service::DnsTls));
        self
    }

    /// Also answers over HTTPS on port 443, at `/dns-query` by POST (RFC 8484), with the same certificate.
    pub fn https(self) -> Self {
        let doh: Arc<dyn App> = Arc::new(Doh { world: Arc::downgrade(&self.0.world), resolver: self.0.index });
        self.0.edit(|node| {
            node.ports.insert(443, Service::Web { tls: true });
            node.app = Some(doh);
        });
        self
    }

    /// Shows this certificate over TLS and HTTPS.
    pub fn certificate(self, certificate: crate::Certificate) -> Self {
        self.0.edit(|node| node.certificate = certificate);
        self.0.world.forget_certificates();
        self
    }

    /// The round trip to it.
    pub fn rtt(self, rtt: Duration) -> Self {
        self.0.edit(|node| node.rtt = rtt);
        self
    }

    /// Answers for `name` (and its subdomains) with `lie`.
    pub fn lies(self, name: &str, lie: Lie) -> Self {
        self.0.edit(|node| {
            node.lies.retain(|(about, _)| about != name);
            node.lies.push((name.to_ascii_lowercase(), lie));
        });
        self
    }

    /// Says that `name` does not exist.
    pub fn nxdomain(self, name: &str) -> Self {
        self.lies(name, Lie::NxDomain)
    }

    /// Fails on `name`.
    pub fn servfail(self, name: &str) -> Self {
        self.lies(name, Lie::ServFail)
    }

    /// Refuses to answer for `name`.
    pub fn refuses(self, name: &str) -> Self {
        self.lies(name, Lie::Refused)
    }

    /// Never answers for `name`.
    pub fn silent(self, name: &str) -> Self {
        self.lies(name, Lie::Silence)
    }

    /// Gives `name` this address.
    pub fn answers(self, name: &str, address: &str) -> Self {
        self.lies(name, Lie::Addresses(vec![ip(address)]))
    }

    /// Truncates its answers for `name` over UDP.
    pub fn truncates(self, name: &str) -> Self {
        self.lies(name, Lie::Truncated)
    }

    /// Answers every name that does not exist with this address, as some providers do for advertising.
    pub fn rewrites_nxdomain(self, address: &str) -> Self {
        let address = ip(address);
        self.0.edit(|node| node.rewrites_nxdomain = Some(address));
        self
    }

    /// The address.
    pub fn address(&self) -> IpAddr {
        self.0.address()
    }

    /// Nothing answers at its address any more.
    pub fn down(self) -> Self {
        self.0.edit(|node| node.health = Health::Swallows);
        self
    }
}

/// The query in a datagram: its message, name (lower case, no final dot) and type.
pub(crate) fn query(bytes: &[u8]) -> Option<(Message, String, RecordType)> {
    let message = Message::from_vec(bytes).ok()?;
    let query = message.queries.first()?;
    let name = query.name().to_ascii().trim_end_matches('.').to_ascii_lowercase();
    let kind = query.query_type();
    Some((message, name, kind))
}

/// The answer to a query; `None` is silence. The host's other records go along with addresses.
pub(crate) fn answer(
    query: &Message,
    kind: RecordType,
    truth: &Lie,
    published: Option<&HttpsRecord>,
) -> Option<Vec<u8>> {
    let mut answer = Message::new(query.metadata.id, MessageType::Response, query.metadata.op_code);
    answer.metadata.recursion_desired = query.metadata.recursion_desired;
    answer.metadata.recursion_available = true;
    answer.add_queries(query.queries.iter().cloned());
    let code = match truth {
        Lie::Silence => return None,
        Lie::Garbage => return Some(b"\xff\x00garbage".to_vec()),
        Lie::NxDomain => ResponseCode::NXDomain,
        Lie::ServFail => ResponseCode::ServFail,
        Lie::Refused => ResponseCode::Refused,
        Lie::Truncated => {
            answer.metadata.truncation = true;
            ResponseCode::NoError
        }
        Lie::Addresses(addresses) => {
            let name = query.queries.first()?.name().clone();
            for address in addresses {
                let data = match (address, kind) {
                    (IpAddr::V4(v4), RecordType::A) => RData::A(A(*v4)),
                    (IpAddr::V6(v6), RecordType::AAAA) => RData::AAAA(AAAA(*v6)),
                    _ => continue,
                };
                answer.add_answer(Record::from_rdata(name.clone(), 60, data));
            }
            if let Some(published) = published.filter(|_| kind == RecordType::HTTPS) {
                answer.add_answer(Record::from_rdata(name, 60, RData::HTTPS(published.record())));
            }
            ResponseCode::NoError
        }
    };
    answer.metadata.response_code = code;
    answer.to_vec().ok()
}

impl HttpsRecord {
    fn record(&self) -> HTTPS {
        let mut parameters = Vec::new();
        if !self.alpn.is_empty() {
            parameters.push((SvcParamKey::Alpn, SvcParamValue::Alpn(Alpn(self.alpn.clone()))));
        }
        if let Some(ech) = &self.ech {
            parameters.push((SvcParamKey::EchConfigList, SvcParamValue::EchConfigList(EchConfigList(ech.clone()))));
        }
        HTTPS(SVCB::new(1, Name::root(), parameters))
    }
}

/// The reply of this resolver to a question over a stream, where an answer has room.
fn reply(world: &Shared, resolver: usize, question: &[u8], over: &'static str) -> Option<Vec<u8>> {
    let (message, name, kind) = query(question)?;
    world.note(resolver, What::Asked { name: name.clone(), kind: kind.to_string(), over });
    let lie = match opinion(world, resolver, &name) {
        Lie::Truncated => world.state().resolve(&name).map_or(Lie::NxDomain, Lie::Addresses),
        other => other,
    };
    answer(&message, kind, &lie, published(world, resolver, &name).as_ref())
}

/// What the host of this name publishes, according to this resolver: nothing if it lies about the name.
pub(crate) fn published(world: &Shared, resolver: usize, name: &str) -> Option<HttpsRecord> {
    let state = world.state();
    if state.nodes[resolver].lies.iter().any(|(about, lie)| is_within(name, about) && *lie != Lie::Truncated) {
        return None;
    }
    state.nodes.iter().find(|node| node.names.iter().any(|own| own == name))?.https_record.clone()
}

/// The answer of this resolver for a name.
pub(crate) fn opinion(world: &Shared, resolver: usize, name: &str) -> Lie {
    let state = world.state();
    let node = &state.nodes[resolver];
    if let Some((_, lie)) = node.lies.iter().find(|(about, _)| is_within(name, about)) {
        return lie.clone();
    }
    match (state.resolve(name), node.rewrites_nxdomain) {
        (Some(addresses), _) => match world.real.get() {
            Some(real) => Lie::Addresses(addresses.into_iter().map(|address| real.seen_by_client(address)).collect()),
            None => Lie::Addresses(addresses),
        },
        (None, Some(address)) => Lie::Addresses(vec![address]),
        (None, None) => Lie::NxDomain,
    }
}

/// DNS over TCP (RFC 7766): queries with a length prefix, one after another.
pub(crate) async fn serve_tcp(world: Shared, resolver: usize, stream: BoxWire) -> std::io::Result<()> {
    serve_framed(world, resolver, stream, "tcp").await
}

/// The same inside TLS (RFC 7858).
pub(crate) async fn serve_tls(world: Shared, resolver: usize, stream: BoxWire) -> std::io::Result<()> {
    let Some(config) = world.tls_config(resolver) else { return Ok(()) };
    let mut config = rustls::ServerConfig::clone(&config);
    config.alpn_protocols = vec![b"dot".to_vec()];
    match TlsAcceptor::from(Arc::new(config)).accept(stream).await {
        Ok(stream) => {
            world.shook_hands(resolver, stream.get_ref().1);
            serve_framed(world, resolver, stream, "tls").await
        }
        Err(error) => {
            world.handshake_failed(resolver, &error);
            Ok(())
        }
    }
}

async fn serve_framed<S: AsyncRead + AsyncWrite + Unpin>(
    world: Shared,
    resolver: usize,
    mut stream: S,
    over: &'static str,
) -> std::io::Result<()> {
    loop {
        let length = usize::from(stream.read_u16().await?);
        let mut bytes = vec![0; length];
        stream.read_exact(&mut bytes).await?;
        if query(&bytes).is_none() {
            return Ok(());
        }
        let Some(answer) = reply(&world, resolver, &bytes, over) else { continue };
        let length = u16::try_from(answer.len()).unwrap_or(u16::MAX);
        let mut framed = length.to_be_bytes().to_vec();
        framed.extend_from_slice(&answer);
        stream.write_all(&framed).await?;
        stream.flush().await?;
    }
}

/// DNS over HTTPS (RFC 8484), by POST. The world owns it, so it must not own the world.
struct Doh {
    world: Weak<World>,
    resolver: usize,
}

impl App for Doh {
    fn answer(&self, ask: &Ask) -> Page {
        let plain = |status| Page::new("").status(status);
        let Some(world) = self.world.upgrade() else { return plain(503) };
        if ask.path != DOH_PATH {
            return plain(404);
        }
        if ask.method != Method::POST {
            return plain(405);
        }
        if ask.headers.get(header::CONTENT_TYPE).is_none_or(|kind| kind != DNS_MESSAGE) {
            return plain(415);
        }
        if query(&ask.body).is_none() {
            return plain(400);
        }
        match reply(&world, self.resolver, &ask.body, "https") {
            Some(answer) => Page::new(answer).header("content-type", DNS_MESSAGE),
            None => plain(200).after(NEVER),
        }
    }
}

/// The path of a resolver of the lab over HTTPS.
pub(crate) const DOH_PATH: &str = "/dns-query";

/// RFC 8484 section 6.
const DNS_MESSAGE: &str = "application/dns-message";

/// Longer than any client waits.
const NEVER: Duration = Duration::from_secs(24 * 3600);
