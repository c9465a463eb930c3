//! A question, its bytes, and the validation of answers to it.

use std::collections::HashSet;
use std::io;
use std::net::IpAddr;

use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::rdata::opt::EdnsOption;
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};

use super::{AnswerContent, Error, QuestionType, service};

/// The absolute name, so that no search list applies.
pub(super) fn absolute(name: &str) -> Result<Name, Error> {
    let mut name = Name::from_ascii(name).map_err(|_| Error::Name)?;
    name.set_fqdn(true);
    if name.is_root() { Err(Error::Name) } else { Ok(name) }
}

/// A question and its bytes.
pub(super) struct Question {
    pub(super) id: u16,
    pub(super) kind: QuestionType,
    pub(super) query: Query,
    pub(super) bytes: Vec<u8>,
}

impl Question {
    /// A question with a random id (RFC 5452 section 4.5).
    pub(super) fn draw(name: &Name, kind: QuestionType) -> Result<Self, Error> {
        Self::new(random_id()?, name, kind)
    }

    /// A question for an encrypted stream. It is padded, so that its length does not reveal the name's length (RFC
    /// 8467).
    pub(super) fn draw_padded(name: &Name, kind: QuestionType) -> Result<Self, Error> {
        Self::padded(random_id()?, name, kind)
    }

    pub(super) fn new(id: u16, name: &Name, kind: QuestionType) -> Result<Self, Error> {
        Self::encode(id, name, kind, None)
    }

    pub(super) fn padded(id: u16, name: &Name, kind: QuestionType) -> Result<Self, Error> {
        let bare = Self::encode(id, name, kind, Some(0))?.bytes.len();
        Self::encode(id, name, kind, Some(bare.next_multiple_of(PADDED) - bare))
    }

    fn encode(id: u16, name: &Name, kind: QuestionType, padding: Option<usize>) -> Result<Self, Error> {
        let record_type = match kind {
            QuestionType::A => RecordType::A,
            QuestionType::Aaaa => RecordType::AAAA,
            QuestionType::Https => RecordType::HTTPS,
        };
        let query = Query::query(name.clone(), record_type);
        let mut edns = Edns::new();
        edns.set_max_payload(MAX_DATAGRAM);
        if let Some(padding) = padding {
            edns.options_mut().insert(EdnsOption::Unknown(PADDING, vec![0; padding]));
        }
        let mut message = Message::new(id, MessageType::Query, OpCode::Query);
        message.metadata.recursion_desired = true;
        message.add_query(query.clone()).set_edns(edns);
        let bytes = message.to_vec().map_err(|_| Error::Name)?;
        Ok(Self { id, kind, query, bytes })
    }

    /// The same question without EDNS, for a resolver that does not support it. A resolver may answer either.
    pub(super) fn without_edns(&self) -> Result<Self, Error> {
        let mut message = Message::new(self.id, MessageType::Query, OpCode::Query);
        message.metadata.recursion_desired = true;
        message.add_query(self.query.clone());
        let bytes = message.to_vec().map_err(|_| Error::Name)?;
        Ok(Self { id: self.id, kind: self.kind, query: self.query.clone(), bytes })
    }

    /// The message with its length prefix for a stream (RFC 1035 section 4.2.2).
    pub(super) fn framed(&self) -> Result<Vec<u8>, Error> {
        let length = u16::try_from(self.bytes.len()).map_err(|_| Error::Name)?;
        let mut framed = length.to_be_bytes().to_vec();
        framed.extend(&self.bytes);
        Ok(framed)
    }

    /// Parses the message if it answers exactly this question.
    pub(super) fn read(&self, bytes: &[u8]) -> Result<Message, Error> {
        let message = Message::from_vec(bytes).map_err(|_| Error::Malformed)?;
        let metadata = &message.metadata;
        let answers = metadata.id == self.id && metadata.message_type == MessageType::Response;
        // Some resolvers omit the question in an error response.
        let echoed = match message.queries.as_slice() {
            [echo] => *echo == self.query,
            [] => metadata.response_code != ResponseCode::NoError,
            _ => false,
        };
        if answers && metadata.op_code == OpCode::Query && echoed { Ok(message) } else { Err(Error::Malformed) }
    }

    /// The content of `message`. The chain of aliases is followed in whatever order the records stand.
    pub(super) fn said(&self, message: &Message) -> Result<AnswerContent, Error> {
        match u16::from(message.metadata.response_code) {
            0 => {}
            3 => return Err(Error::NxDomain),
            // An extended code (RFC 6891) that does not fit is reported as the highest value, not as its low bits.
            code => return Err(Error::Rcode(u8::try_from(code).unwrap_or(u8::MAX))),
        }
        let names = self.names(message);
        if self.kind == QuestionType::Https {
            return Ok(AnswerContent::Services(service::bindings(
                records(message).filter(|record| names.contains(&record.name)),
            )));
        }
        let found: Vec<IpAddr> = records(message)
            .filter(|record| names.contains(&record.name))
            .filter_map(|record| match &record.data {
                RData::A(address) if self.kind == QuestionType::A => Some(IpAddr::V4(address.0)),
                RData::AAAA(address) if self.kind == QuestionType::Aaaa => Some(IpAddr::V6(address.0)),
                _ => None,
            })
            .take(MAX_ADDRESSES)
            .collect();
        if found.is_empty() { Err(Error::NoAddress) } else { Ok(AnswerContent::Addresses(found)) }
    }

    /// The queried name and its aliases.
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

/// Returns `true` if an answer says that EDNS was not understood (RFC 6891 section 7): FORMERR, NOTIMP, BADVERS.
pub(super) fn refuses_edns(message: &Message) -> bool {
    matches!(u16::from(message.metadata.response_code), 1 | 4 | 16)
}

/// The records of an answer that are read.
fn records(message: &Message) -> impl Iterator<Item = &Record> {
    message.answers.iter().filter(|record| record.dns_class == DNSClass::IN).take(MAX_RECORDS)
}

fn random_id() -> Result<u16, Error> {
    let mut id = [0; 2];
    getrandom::fill(&mut id).map_err(|_| io::Error::other("the system gives no randomness"))?;
    Ok(u16::from_be_bytes(id))
}

/// The advertised size of UDP answers: it passes every path unfragmented (DNS flag day 2020).
pub(super) const MAX_DATAGRAM: u16 = 1232;

/// The option's code: RFC 7830.
const PADDING: u16 = 12;

/// Questions are padded to a multiple of this: RFC 8467 section 4.1.
pub(super) const PADDED: usize = 128;

/// The most records read from one answer: a full message of addresses has about a thousand.
const MAX_RECORDS: usize = 256;

/// The longest chain of aliases; resolvers give up at about the same length.
const MAX_ALIASES: usize = 16;

/// The most addresses taken from one answer.
pub(super) const MAX_ADDRESSES: usize = 32;
