//! One DNS exchange: messages of RFC 1035 by hickory-proto, over a datagram or a stream of ours.
//!
//! Only the message codec is taken: its resolver would open sockets of its own, and folds the reasons together. Both
//! kinds of address are asked for at once, each over a socket of its own, so that the port, too, must be guessed by
//! who would forge an answer. The reason of a failure is kept: "there is no such name" and "I will not say" are
//! different evidence.

use std::collections::HashSet;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::{DNSClass, Name, RData, RecordType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{sleep, timeout};

use crate::net::{Datagram, Net};

/// Why there is no address.
///
/// Silence is not among them: who asks owns the time.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The name does not exist (RCODE 3).
    #[error("the name does not exist")]
    NxDomain,
    /// The resolver answered with another error: SERVFAIL (2), REFUSED (5), ...
    #[error("the resolver answered with code {0}")]
    Rcode(u8),
    /// The name exists and has no address.
    #[error("the name has no address")]
    NoAddress,
    /// What came is no answer to the question.
    #[error("what came is no answer to the question")]
    Malformed,
    /// The name cannot be asked for: a label is empty or longer than 63 bytes, or the whole longer than 255.
    #[error("the name cannot be asked for")]
    Name,
    /// The resolver cannot be reached.
    #[error("the resolver cannot be reached: {0}")]
    Io(#[from] io::Error),
}

/// The addresses of `name`, as `server` tells them: AAAA and A together. What one kind lacks the other may have; when
/// one has answered with addresses, the other is given [`RESOLUTION_DELAY`] more.
///
/// # Errors
/// See [`Error`]: that of A, unless only AAAA gives a reason. There is no time limit here.
pub async fn addresses(net: &dyn Net, server: SocketAddr, name: &str) -> Result<Vec<IpAddr>, Error> {
    let mut name = Name::from_ascii(name).map_err(|_| Error::Name)?;
    if name.is_root() {
        return Err(Error::Name);
    }
    // Absolute: no search list applies.
    name.set_fqdn(true);
    let v6 = query(net, server, &name, RecordType::AAAA);
    let v4 = query(net, server, &name, RecordType::A);
    tokio::pin!(v6, v4);
    let (v6, v4) = tokio::select! {
        v6 = &mut v6 => {
            let v4 = if v6.is_ok() { timeout(RESOLUTION_DELAY, v4).await.ok() } else { Some(v4.await) };
            (Some(v6), v4)
        }
        v4 = &mut v4 => {
            let v6 = if v4.is_ok() { timeout(RESOLUTION_DELAY, v6).await.ok() } else { Some(v6.await) };
            (v6, Some(v4))
        }
    };
    match (v6, v4) {
        (Some(Ok(mut v6)), Some(Ok(v4))) => {
            v6.extend(v4);
            Ok(v6)
        }
        (Some(Ok(found)), _) | (_, Some(Ok(found))) => Ok(found),
        // "No address of this kind" says less than any other reason.
        (Some(Err(error)), None | Some(Err(Error::NoAddress))) | (_, Some(Err(error))) => Err(error),
        (None, None) => Err(Error::NoAddress),
    }
}

/// One question, over UDP, asked again while nothing comes; over TCP where the answer is cut (RFC 7766).
async fn query(net: &dyn Net, server: SocketAddr, name: &Name, kind: RecordType) -> Result<Vec<IpAddr>, Error> {
    let question = Question::draw(name, kind)?;
    let socket = net.datagram(server).await?;
    let mut answer = question.ask(&*socket).await?;
    if answer.metadata.truncation {
        answer = question.ask_by_stream(net, server).await?;
    }
    question.addresses(&answer)
}

/// A question and its bytes.
struct Question {
    id: u16,
    query: Query,
    bytes: Vec<u8>,
}

impl Question {
    /// With a random id (RFC 5452 section 4.5).
    fn draw(name: &Name, kind: RecordType) -> Result<Self, Error> {
        let mut id = [0; 2];
        getrandom::fill(&mut id).map_err(|_| io::Error::other("the system gives no randomness"))?;
        Self::new(u16::from_be_bytes(id), name, kind)
    }

    fn new(id: u16, name: &Name, kind: RecordType) -> Result<Self, Error> {
        let query = Query::query(name.clone(), kind);
        let mut edns = Edns::new();
        edns.set_max_payload(MAX_DATAGRAM);
        let mut message = Message::new(id, MessageType::Query, OpCode::Query);
        message.metadata.recursion_desired = true;
        message.add_query(query.clone()).set_edns(edns);
        let bytes = message.to_vec().map_err(|_| Error::Name)?;
        Ok(Self { id, query, bytes })
    }

    async fn ask(&self, socket: &dyn Datagram) -> Result<Message, Error> {
        let resend = async {
            loop {
                socket.send(&self.bytes).await?;
                sleep(RESEND).await;
            }
        };
        tokio::select! {
            answer = self.hear(socket) => answer,
            failed = resend => {
                let failed: Result<std::convert::Infallible, io::Error> = failed;
                match failed {
                    Ok(never) => match never {},
                    Err(error) => Err(error.into()),
                }
            }
        }
    }

    /// Waits for a datagram with our id. Others are late, misled or guessed; so many of them are an attack.
    async fn hear(&self, socket: &dyn Datagram) -> Result<Message, Error> {
        let mut buffer = vec![0; usize::from(MAX_DATAGRAM)];
        for _ in 0..MAX_STRANGERS {
            let length = socket.receive(&mut buffer).await?;
            let bytes = buffer.get(..length).unwrap_or_default();
            if bytes.get(..2) == Some(&self.id.to_be_bytes()) {
                return self.read(bytes);
            }
        }
        Err(Error::Malformed)
    }

    async fn ask_by_stream(&self, net: &dyn Net, server: SocketAddr) -> Result<Message, Error> {
        let mut stream = net.connect(server).await?;
        let length = u16::try_from(self.bytes.len()).map_err(|_| Error::Name)?;
        let mut framed = length.to_be_bytes().to_vec();
        framed.extend(&self.bytes);
        stream.write_all(&framed).await?;
        stream.flush().await?;
        let mut length = [0; 2];
        stream.read_exact(&mut length).await?;
        let mut bytes = vec![0; usize::from(u16::from_be_bytes(length))];
        stream.read_exact(&mut bytes).await?;
        self.read(&bytes)
    }

    /// The message, if it answers this very question.
    fn read(&self, bytes: &[u8]) -> Result<Message, Error> {
        let message = Message::from_vec(bytes).map_err(|_| Error::Malformed)?;
        let metadata = &message.metadata;
        let answers = metadata.id == self.id && metadata.message_type == MessageType::Response;
        // Some resolvers leave the question out of an error.
        let echoed = match message.queries.as_slice() {
            [echo] => *echo == self.query,
            [] => metadata.response_code != ResponseCode::NoError,
            _ => false,
        };
        if answers && metadata.op_code == OpCode::Query && echoed { Ok(message) } else { Err(Error::Malformed) }
    }

    /// The addresses in `message`, along its chain of aliases in whatever order the records stand.
    fn addresses(&self, message: &Message) -> Result<Vec<IpAddr>, Error> {
        match u16::from(message.metadata.response_code) {
            0 => {}
            3 => return Err(Error::NxDomain),
            // An extended code (RFC 6891) that does not fit says no more than its low bits' absence would.
            code => return Err(Error::Rcode(u8::try_from(code).unwrap_or(u8::MAX))),
        }
        let records = || message.answers.iter().filter(|record| record.dns_class == DNSClass::IN).take(MAX_RECORDS);
        let mut names = HashSet::from([self.query.name()]);
        for _ in 0..MAX_ALIASES {
            let before = names.len();
            for record in records() {
                if let RData::CNAME(alias) = &record.data
                    && names.contains(&record.name)
                {
                    names.insert(&alias.0);
                }
            }
            if names.len() == before {
                break;
            }
        }
        let found: Vec<IpAddr> = records()
            .filter(|record| names.contains(&record.name))
            .filter_map(|record| match &record.data {
                RData::A(address) if self.query.query_type() == RecordType::A => Some(IpAddr::V4(address.0)),
                RData::AAAA(address) if self.query.query_type() == RecordType::AAAA => Some(IpAddr::V6(address.0)),
                _ => None,
            })
            .take(MAX_ADDRESSES)
            .collect();
        if found.is_empty() { Err(Error::NoAddress) } else { Ok(found) }
    }
}

/// What the other kind of address is given once one is there: RFC 8305 section 3.
pub const RESOLUTION_DELAY: Duration = Duration::from_millis(50);

/// A lost datagram is sent again: a round trip to a resolver on a bad mobile network takes up to a second.
const RESEND: Duration = Duration::from_millis(1500);

/// The largest answer over UDP that is asked for: it passes every path unfragmented (DNS flag day 2020).
const MAX_DATAGRAM: u16 = 1232;

/// How many datagrams with another id are passed over.
const MAX_STRANGERS: usize = 64;

/// How many records of an answer are looked at: a whole message of addresses is about a thousand.
const MAX_RECORDS: usize = 256;

/// How long a chain of aliases may be; resolvers give up at about as many.
const MAX_ALIASES: usize = 16;

/// How many addresses are taken from one answer.
const MAX_ADDRESSES: usize = 32;
