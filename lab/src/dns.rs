//! Resolvers, and the lies they tell.
//!
//! Messages are real (RFC 1035, by hickory-proto), over UDP and, with a length in front, over TCP. What a name truly
//! resolves to is what the lab's hosts say. A [`Lie`] replaces that for one name at one resolver; a censor's injected
//! answer races the true one instead.

use std::net::IpAddr;

use hickory_proto::op::{Message, MessageType, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA};
use hickory_proto::rr::{RData, Record, RecordType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::host::Machine;
use crate::stream::BoxWire;
use crate::world::Shared;

/// What is answered in place of the truth.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lie {
    /// The name does not exist.
    NxDomain,
    /// The resolver failed.
    ServFail,
    /// The resolver does not want to.
    Refused,
    /// Nothing.
    Silence,
    /// These addresses.
    Addresses(Vec<IpAddr>),
    /// Cut: ask again over TCP, where the truth is told.
    Truncated,
    /// Bytes that are no DNS message.
    Garbage,
}

/// A resolver of the lab. What it says of a name stands until it is told otherwise.
#[derive(Clone, Debug)]
pub struct Resolver(pub(crate) Machine);

impl Resolver {
    /// Says of `name` (and its subdomains) what `lie` is.
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
        self.lies(name, Lie::Addresses(vec![crate::host::ip(address)]))
    }

    /// Cuts its answers for `name` over UDP.
    pub fn truncates(self, name: &str) -> Self {
        self.lies(name, Lie::Truncated)
    }

    /// Answers every name that does not exist with this address, as some providers do for advertising.
    pub fn rewrites_nxdomain(self, address: &str) -> Self {
        let address = crate::host::ip(address);
        self.0.edit(|node| node.rewrites_nxdomain = Some(address));
        self
    }

    /// The address.
    pub fn address(&self) -> IpAddr {
        self.0.address()
    }

    /// Nobody is at its address any more.
    pub fn down(self) -> Self {
        self.0.edit(|node| node.health = crate::host::Health::Swallows);
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

/// The answer to a query; `None` is silence.
pub(crate) fn answer(query: &Message, kind: RecordType, truth: &Lie) -> Option<Vec<u8>> {
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
            ResponseCode::NoError
        }
    };
    answer.metadata.response_code = code;
    answer.to_vec().ok()
}

/// What this resolver says of a name.
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

/// DNS over TCP (RFC 7766): queries with a length in front, one after another.
pub(crate) async fn serve_tcp(world: Shared, resolver: usize, mut stream: BoxWire) -> std::io::Result<()> {
    loop {
        let length = usize::from(stream.read_u16().await?);
        let mut bytes = vec![0; length];
        stream.read_exact(&mut bytes).await?;
        let Some((message, name, kind)) = query(&bytes) else { return Ok(()) };
        let lie = match opinion(&world, resolver, &name) {
            Lie::Truncated => world.state().resolve(&name).map_or(Lie::NxDomain, Lie::Addresses),
            other => other,
        };
        let Some(answer) = answer(&message, kind, &lie) else { continue };
        let length = u16::try_from(answer.len()).unwrap_or(u16::MAX);
        let mut framed = length.to_be_bytes().to_vec();
        framed.extend_from_slice(&answer);
        stream.write_all(&framed).await?;
    }
}

/// `name` is `parent`, or lies under it.
pub(crate) fn is_within(name: &str, parent: &str) -> bool {
    name == parent || name.strip_suffix(parent).is_some_and(|front| front.ends_with('.'))
}
