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
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{sleep, timeout};

use crate::net::{Datagram, Net};

mod service;

pub use service::{EchConfigList, ServiceBinding};

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
    // Absolute: no search list applies.
    name.set_fqdn(true);
    if name.is_root() {
        return Err(Error::Name);
    }
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
        let names = self.names(message);
        let found: Vec<IpAddr> = records(message)
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

    /// The name that was asked for and its aliases.
    fn names<'a>(&'a self, message: &'a Message) -> HashSet<&'a Name> {
        let mut names = HashSet::from([self.query.name()]);
        for _ in 0..MAX_ALIASES {
            let before = names.len();
            for record in records(message) {
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
        names
    }
}

/// The records of an answer that are looked at.
fn records(message: &Message) -> impl Iterator<Item = &Record> {
    message.answers.iter().filter(|record| record.dns_class == DNSClass::IN).take(MAX_RECORDS)
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

    use hickory_proto::rr::rdata::{A, AAAA, CNAME};
    use proptest::prelude::*;
    use tokio::time::Instant;

    use super::*;
    use crate::net::scripted::{ECONNREFUSED, Scripted, Touch};

    const SERVER: &str = "9.9.9.9:53";

    fn name(text: &str) -> Name {
        let mut name = Name::from_ascii(text).unwrap();
        name.set_fqdn(true);
        name
    }

    fn a(owner: &str, address: [u8; 4]) -> Record {
        Record::from_rdata(name(owner), 60, RData::A(A(address.into())))
    }

    fn aaaa(owner: &str, address: &str) -> Record {
        Record::from_rdata(name(owner), 60, RData::AAAA(AAAA(address.parse().unwrap())))
    }

    fn alias(owner: &str, target: &str) -> Record {
        Record::from_rdata(name(owner), 60, RData::CNAME(CNAME(name(target))))
    }

    /// An answer to `question` with those of `records` that a resolver would give for its type.
    fn answer(question: &[u8], code: ResponseCode, records: &[Record]) -> Vec<u8> {
        let question = Message::from_vec(question).unwrap();
        let kind = question.queries[0].query_type();
        let mut answer = Message::new(question.metadata.id, MessageType::Response, OpCode::Query);
        answer.metadata.response_code = code;
        answer.add_query(question.queries[0].clone());
        for record in records {
            if record.record_type() == kind || record.record_type() == RecordType::CNAME {
                answer.add_answer(record.clone());
            }
        }
        answer.to_vec().unwrap()
    }

    fn resolver(code: ResponseCode, records: Vec<Record>) -> Scripted {
        Scripted::new().datagrams(SERVER, move |question| vec![answer(question, code, &records)])
    }

    async fn ask(net: &Scripted) -> Result<Vec<IpAddr>, Error> {
        addresses(net, SERVER.parse().unwrap(), "a.example").await
    }

    fn ips(addresses: &[&str]) -> Vec<IpAddr> {
        addresses.iter().map(|address| address.parse().unwrap()).collect()
    }

    #[test]
    fn the_question_is_the_bytes_of_rfc_1035() {
        let question = Question::new(0x1234, &name("a.example"), RecordType::A).unwrap();
        let expected = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x01\
            \x01a\x07example\x00\x00\x01\x00\x01\
            \x00\x00\x29\x04\xd0\x00\x00\x00\x00\x00\x00";
        assert_eq!(question.bytes, expected);
    }

    #[test]
    fn an_answer_with_compressed_names_and_an_alias_is_read() {
        let question = Question::new(0x1234, &name("a.example"), RecordType::A).unwrap();
        let bytes = b"\x12\x34\x81\x80\x00\x01\x00\x02\x00\x00\x00\x00\
            \x01a\x07example\x00\x00\x01\x00\x01\
            \xc0\x0c\x00\x05\x00\x01\x00\x00\x00\x3c\x00\x04\x01b\xc0\x0e\
            \xc0\x27\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xcb\x00\x71\x09";
        let message = question.read(bytes).unwrap();
        assert_eq!(question.addresses(&message).unwrap(), ips(&["203.0.113.9"]));
    }

    #[tokio::test(start_paused = true)]
    async fn both_kinds_are_asked_for_at_once_and_v6_comes_first() {
        let net =
            resolver(ResponseCode::NoError, vec![a("a.example", [203, 0, 113, 9]), aaaa("a.example", "2001:db8::9")]);
        let begun = Instant::now();
        assert_eq!(ask(&net).await.unwrap(), ips(&["2001:db8::9", "203.0.113.9"]));
        assert_eq!(begun.elapsed(), Duration::ZERO);
        assert_eq!(net.touches(), vec![Touch::Datagram(SERVER.parse().unwrap()); 2]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_chain_of_aliases_is_followed_in_any_order_and_strangers_are_not() {
        let net = resolver(
            ResponseCode::NoError,
            vec![
                a("c.example", [203, 0, 113, 9]),
                alias("b.example", "c.example"),
                alias("A.example", "b.example"),
                a("evil.example", [203, 0, 113, 66]),
            ],
        );
        assert_eq!(ask(&net).await.unwrap(), ips(&["203.0.113.9"]));
    }

    #[tokio::test(start_paused = true)]
    async fn an_alias_that_leads_in_a_circle_is_no_address() {
        let net =
            resolver(ResponseCode::NoError, vec![alias("a.example", "b.example"), alias("b.example", "a.example")]);
        assert!(matches!(ask(&net).await, Err(Error::NoAddress)));
    }

    #[tokio::test(start_paused = true)]
    async fn each_reason_is_kept() {
        let error = ask(&resolver(ResponseCode::NXDomain, vec![])).await.unwrap_err();
        assert!(matches!(error, Error::NxDomain), "{error:?}");
        let error = ask(&resolver(ResponseCode::ServFail, vec![])).await.unwrap_err();
        assert!(matches!(error, Error::Rcode(2)), "{error:?}");
        let error = ask(&resolver(ResponseCode::Refused, vec![])).await.unwrap_err();
        assert!(matches!(error, Error::Rcode(5)), "{error:?}");
        let error = ask(&resolver(ResponseCode::NoError, vec![])).await.unwrap_err();
        assert!(matches!(error, Error::NoAddress), "{error:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_kind_is_given_fifty_milliseconds_once_the_other_has_answered() {
        let net = Scripted::new().datagrams(SERVER, |question| {
            let kind = Message::from_vec(question).unwrap().queries[0].query_type();
            let records = [a("a.example", [203, 0, 113, 9])];
            if kind == RecordType::A { vec![answer(question, ResponseCode::NoError, &records)] } else { vec![] }
        });
        let begun = Instant::now();
        assert_eq!(ask(&net).await.unwrap(), ips(&["203.0.113.9"]));
        assert_eq!(begun.elapsed(), RESOLUTION_DELAY);
    }

    #[tokio::test(start_paused = true)]
    async fn a_lost_question_is_asked_again_after_a_second_and_a_half() {
        let asked = std::sync::atomic::AtomicUsize::new(0);
        let net = Scripted::new().datagrams(SERVER, move |question| {
            if asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst) < 2 {
                return vec![];
            }
            vec![answer(question, ResponseCode::NoError, &[a("a.example", [203, 0, 113, 9])])]
        });
        let begun = Instant::now();
        assert_eq!(ask(&net).await.unwrap(), ips(&["203.0.113.9"]));
        assert_eq!(begun.elapsed(), RESEND);
    }

    #[tokio::test(start_paused = true)]
    async fn datagrams_with_another_id_are_passed_over_and_a_flood_of_them_ends_it() {
        let net = Scripted::new().datagrams(SERVER, |question| {
            let true_answer = answer(question, ResponseCode::NoError, &[a("a.example", [203, 0, 113, 9])]);
            let mut forged = answer(question, ResponseCode::NXDomain, &[]);
            forged[0] ^= 0xFF;
            vec![forged.clone(), vec![], vec![1], forged, true_answer]
        });
        assert_eq!(ask(&net).await.unwrap(), ips(&["203.0.113.9"]));
        let net = Scripted::new().datagrams(SERVER, |question| vec![vec![!question[0]; 12]; MAX_STRANGERS]);
        assert!(matches!(ask(&net).await, Err(Error::Malformed)));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_to_another_question_is_none() {
        let net = Scripted::new().datagrams(SERVER, |question| {
            let message = Message::from_vec(question).unwrap();
            let mut other = Message::new(message.metadata.id, MessageType::Response, OpCode::Query);
            other.add_query(Query::query(name("b.example"), message.queries[0].query_type()));
            vec![other.to_vec().unwrap()]
        });
        assert!(matches!(ask(&net).await, Err(Error::Malformed)));
        let echo = Scripted::new().datagrams(SERVER, |question| vec![question.to_vec()]);
        assert!(matches!(ask(&echo).await, Err(Error::Malformed)), "a question is no answer");
    }

    #[tokio::test(start_paused = true)]
    async fn a_cut_answer_is_asked_for_over_tcp() {
        let net = Scripted::new()
            .datagrams(SERVER, |question| {
                let mut cut = answer(question, ResponseCode::NoError, &[]);
                cut[2] |= 0x02;
                vec![cut]
            })
            .peer(SERVER, |mut peer| async move {
                let length = peer.read(2).await;
                let question = peer.read(usize::from(length[1])).await;
                let whole = answer(&question, ResponseCode::NoError, &[a("a.example", [203, 0, 113, 9])]);
                peer.write(u16::try_from(whole.len()).unwrap().to_be_bytes()).await;
                peer.write(whole).await;
            });
        assert_eq!(ask(&net).await.unwrap(), ips(&["203.0.113.9"]));
    }

    #[tokio::test(start_paused = true)]
    async fn a_cut_answer_without_tcp_keeps_its_errno() {
        let net = Scripted::new()
            .datagrams(SERVER, |question| {
                let mut cut = answer(question, ResponseCode::NoError, &[]);
                cut[2] |= 0x02;
                vec![cut]
            })
            .failing(SERVER, ECONNREFUSED);
        let error = ask(&net).await.unwrap_err();
        assert!(matches!(&error, Error::Io(error) if error.raw_os_error() == Some(ECONNREFUSED)), "{error:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_name_that_cannot_be_asked_for_is_not() {
        let net = Scripted::new();
        for name in ["", ".", "a..b", &"a".repeat(64), &"abc.".repeat(80)] {
            let error = addresses(&net, SERVER.parse().unwrap(), name).await.unwrap_err();
            assert!(matches!(error, Error::Name), "{name}: {error:?}");
        }
        assert!(net.touches().is_empty());
    }

    #[test]
    fn many_records_are_cut_to_a_bounded_number() {
        let question = Question::new(7, &name("a.example"), RecordType::A).unwrap();
        let records: Vec<_> = (0..200).map(|last| a("a.example", [203, 0, 113, last])).collect();
        let message = question.read(&answer(&question.bytes, ResponseCode::NoError, &records)).unwrap();
        assert_eq!(question.addresses(&message).unwrap().len(), MAX_ADDRESSES);
    }

    proptest! {
        #[test]
        fn garbage_is_an_error_and_never_a_panic(garbage in prop::collection::vec(any::<u8>(), 0..600)) {
            let question = Question::new(7, &name("a.example"), RecordType::A).unwrap();
            let _ = question.read(&garbage);
        }

        #[test]
        fn a_damaged_answer_never_panics(at in 2..90usize, byte: u8, cut in 0..100usize) {
            let question = Question::new(7, &name("a.example"), RecordType::A).unwrap();
            let records = [alias("a.example", "b.example"), a("b.example", [203, 0, 113, 9])];
            let mut bytes = answer(&question.bytes, ResponseCode::NoError, &records);
            if let Some(damaged) = bytes.get_mut(at) {
                *damaged = byte;
            }
            bytes.truncate(bytes.len().saturating_sub(cut));
            if let Ok(message) = question.read(&bytes) {
                let _ = question.addresses(&message);
            }
        }
    }
}
