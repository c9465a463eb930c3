#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::net::{IpAddr, SocketAddr};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hickory_proto::op::{Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::rdata::svcb::{Alpn, EchConfigList as EchList, IpHint, Mandatory, SvcParamKey, SvcParamValue};
use hickory_proto::rr::rdata::{A, AAAA, CNAME, HTTPS, SVCB};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use proptest::prelude::*;
use tokio::time::{Instant, timeout};

use super::message::{MAX_ADDRESSES, PADDED, Question, absolute};
use super::udp::{MAX_STRANGERS, MAX_VERSIONS, PATIENCE, RESEND};
use super::*;
use crate::net::scripted::{ECONNREFUSED, Peer, Scripted, Touch, pair};
use crate::wire::http::Connection;

const SERVER: &str = "9.9.9.9:53";
const ADDRESSES: &[QuestionType] = &[QuestionType::Aaaa, QuestionType::A];

fn server() -> SocketAddr {
    SERVER.parse().unwrap()
}

fn name(text: &str) -> Name {
    absolute(text).unwrap()
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

fn https(owner: &str, priority: u16, target: &Name, parameters: Vec<(SvcParamKey, SvcParamValue)>) -> Record {
    Record::from_rdata(name(owner), 60, RData::HTTPS(HTTPS(SVCB::new(priority, target.clone(), parameters))))
}

/// A resolver's answer to `question`, with those of `records` that match its type.
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

/// The reported answers and their times. Errors are in words.
type HeardAnswers = Vec<(QuestionType, Duration, Result<AnswerContent, String>)>;

#[derive(Default)]
struct Notes(Mutex<HeardAnswers>);

impl Notes {
    fn hear(&self, begun: Instant, kind: QuestionType, said: &Result<AnswerContent, Error>) {
        let said = said.as_ref().cloned().map_err(ToString::to_string);
        self.0.lock().unwrap().push((kind, begun.elapsed(), said));
    }

    fn of(self, kind: QuestionType) -> Vec<Result<AnswerContent, String>> {
        let told = self.0.into_inner().unwrap();
        told.into_iter().filter(|(asked, ..)| *asked == kind).map(|(_, _, said)| said).collect()
    }
}

async fn ask(net: &Scripted, kinds: &[QuestionType]) -> Notes {
    let (notes, begun) = (Notes::default(), Instant::now());
    over_udp(net, server(), "a.example", kinds, &|kind, said| notes.hear(begun, kind, said)).await;
    notes
}

async fn ask_for_a(net: &Scripted) -> Vec<Result<AnswerContent, String>> {
    ask(net, &[QuestionType::A]).await.of(QuestionType::A)
}

fn addresses(addresses: &[&str]) -> Result<AnswerContent, String> {
    Ok(AnswerContent::Addresses(addresses.iter().map(|address| address.parse().unwrap()).collect()))
}

fn reason(error: &Error) -> Result<AnswerContent, String> {
    Err(error.to_string())
}

#[test]
fn the_question_is_the_bytes_of_rfc_1035() {
    let question = Question::new(0x1234, &name("a.example"), QuestionType::A).unwrap();
    let expected = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x01\
        \x01a\x07example\x00\x00\x01\x00\x01\
        \x00\x00\x29\x04\xd0\x00\x00\x00\x00\x00\x00";
    assert_eq!(question.bytes, expected);
}

#[test]
fn a_padded_question_tells_nothing_of_the_name_s_length() {
    for owner in ["a.example", "a-name-that-is-rather-longer-than-the-other.example", &"abc.".repeat(60)] {
        for kind in [QuestionType::A, QuestionType::Aaaa, QuestionType::Https] {
            let question = Question::padded(0, &name(owner), kind).unwrap();
            assert_eq!(question.bytes.len() % PADDED, 0, "{owner}");
            assert_eq!(Message::from_vec(&question.bytes).unwrap().queries[0].name(), &name(owner));
        }
    }
}

#[test]
fn an_answer_with_compressed_names_and_an_alias_is_read() {
    let question = Question::new(0x1234, &name("a.example"), QuestionType::A).unwrap();
    let bytes = b"\x12\x34\x81\x80\x00\x01\x00\x02\x00\x00\x00\x00\
        \x01a\x07example\x00\x00\x01\x00\x01\
        \xc0\x0c\x00\x05\x00\x01\x00\x00\x00\x3c\x00\x04\x01b\xc0\x0e\
        \xc0\x27\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xcb\x00\x71\x09";
    let said = question.said(&question.read(bytes).unwrap()).map_err(|error| error.to_string());
    assert_eq!(said, addresses(&["203.0.113.9"]));
}

#[tokio::test(start_paused = true)]
async fn both_kinds_are_asked_for_at_once_each_over_its_own_socket() {
    let net = resolver(ResponseCode::NoError, vec![a("a.example", [203, 0, 113, 9]), aaaa("a.example", "2001:db8::9")]);
    let notes = ask(&net, ADDRESSES).await;
    assert!(notes.0.lock().unwrap().iter().all(|(_, at, _)| at.is_zero()));
    assert_eq!(notes.of(QuestionType::Aaaa), [addresses(&["2001:db8::9"])]);
    assert_eq!(net.touches(), vec![Touch::Datagram(server()); 2]);
}

#[tokio::test(start_paused = true)]
async fn a_chain_of_aliases_is_followed_without_foreign_records() {
    let net = resolver(
        ResponseCode::NoError,
        vec![
            a("c.example", [203, 0, 113, 9]),
            alias("b.example", "c.example"),
            alias("A.example", "b.example"),
            a("evil.example", [203, 0, 113, 66]),
        ],
    );
    assert_eq!(ask_for_a(&net).await, [addresses(&["203.0.113.9"])]);
}

#[tokio::test(start_paused = true)]
async fn an_alias_that_leads_in_a_circle_is_no_address() {
    let net = resolver(ResponseCode::NoError, vec![alias("a.example", "b.example"), alias("b.example", "a.example")]);
    assert_eq!(ask_for_a(&net).await, [reason(&Error::NoAddress)]);
}

#[tokio::test(start_paused = true)]
async fn each_reason_is_kept() {
    for (code, error) in [
        (ResponseCode::NXDomain, Error::NxDomain),
        (ResponseCode::ServFail, Error::Rcode(2)),
        (ResponseCode::Refused, Error::Rcode(5)),
        (ResponseCode::NoError, Error::NoAddress),
    ] {
        assert_eq!(ask_for_a(&resolver(code, vec![])).await, [reason(&error)]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_question_is_asked_again_after_a_second_and_a_half() {
    let asked = AtomicUsize::new(0);
    let net = Scripted::new().datagrams(SERVER, move |question| {
        if asked.fetch_add(1, Ordering::SeqCst) < 1 {
            return vec![];
        }
        vec![answer(question, ResponseCode::NoError, &[a("a.example", [203, 0, 113, 9])])]
    });
    let told = ask(&net, &[QuestionType::A]).await.0.into_inner().unwrap();
    assert_eq!(told, [(QuestionType::A, RESEND, addresses(&["203.0.113.9"]))]);
}

#[tokio::test(start_paused = true)]
async fn a_resolver_without_edns_is_asked_without_it() {
    let truth = |question: &[u8]| answer(question, ResponseCode::NoError, &[a("a.example", [203, 0, 113, 9])]);
    let has_edns = |question: &[u8]| Message::from_vec(question).unwrap().edns.is_some();
    for (code, raw) in [(1u8, false), (4, false), (1, true), (16, false)] {
        let net = Scripted::new().datagrams(SERVER, move |question| {
            if !has_edns(question) {
                return vec![truth(question)];
            }
            if raw {
                // A bare header, as old servers answer.
                return vec![[&question[..2], &[0x81, 0x81], &[0; 8]].concat()];
            }
            if code == 16 {
                // The high bits of the code are in the OPT record (RFC 6891 section 6.1.3).
                let mut badvers = question.to_vec();
                (badvers[2], badvers[3]) = (0x81, 0x80);
                let opt = badvers.len() - 11;
                badvers[opt + 5] = 1;
                return vec![badvers];
            }
            vec![answer(question, ResponseCode::from(0, code), &[])]
        });
        let told = ask(&net, &[QuestionType::A]).await.0.into_inner().unwrap();
        assert_eq!(told, [(QuestionType::A, Duration::ZERO, addresses(&["203.0.113.9"]))], "{code}");
    }
    let silent = Scripted::new()
        .datagrams(SERVER, move |question| if has_edns(question) { vec![] } else { vec![truth(question)] });
    let told = ask(&silent, &[QuestionType::A]).await.0.into_inner().unwrap();
    assert_eq!(told, [(QuestionType::A, RESEND, addresses(&["203.0.113.9"]))], "silence");
    let stubborn = resolver(ResponseCode::FormErr, vec![]);
    assert_eq!(ask_for_a(&stubborn).await, [reason(&Error::Rcode(1))], "it says so of the bare question, too");
}

#[tokio::test(start_paused = true)]
async fn a_forged_answer_and_the_true_one_behind_it_are_both_told() {
    let net = Scripted::new().datagrams(SERVER, |question| {
        let forged = answer(question, ResponseCode::NoError, &[a("a.example", [10, 10, 34, 35])]);
        let again = forged.clone();
        let denied = answer(question, ResponseCode::NXDomain, &[]);
        let truth = answer(question, ResponseCode::NoError, &[a("a.example", [203, 0, 113, 9])]);
        vec![forged, again, denied, truth]
    });
    let begun = Instant::now();
    let told = ask_for_a(&net).await;
    assert_eq!(told, [addresses(&["10.10.34.35"]), reason(&Error::NxDomain), addresses(&["203.0.113.9"])]);
    assert_eq!(begun.elapsed(), LINGER, "and nobody listens for ever");
}

#[tokio::test(start_paused = true)]
async fn reordered_addresses_agree_and_versions_are_bounded() {
    let net = Scripted::new().datagrams(SERVER, |question| {
        let of = |last: &[u8]| {
            let records: Vec<_> = last.iter().map(|last| a("a.example", [203, 0, 113, *last])).collect();
            answer(question, ResponseCode::NoError, &records)
        };
        vec![of(&[1, 2]), of(&[2, 1]), of(&[3]), of(&[4]), of(&[5]), of(&[6])]
    });
    let told = ask_for_a(&net).await;
    assert_eq!((told.len(), &told[1]), (MAX_VERSIONS, &addresses(&["203.0.113.3"])));
}

#[tokio::test(start_paused = true)]
async fn what_does_not_answer_the_question_is_passed_over() {
    let net = Scripted::new().datagrams(SERVER, |question| {
        let true_answer = answer(question, ResponseCode::NoError, &[a("a.example", [203, 0, 113, 9])]);
        let mut other_id = answer(question, ResponseCode::NXDomain, &[]);
        other_id[0] ^= 0xFF;
        let message = Message::from_vec(question).unwrap();
        let mut other_name = Message::new(message.metadata.id, MessageType::Response, OpCode::Query);
        other_name.add_query(Query::query(name("b.example"), message.queries[0].query_type()));
        let mut cut_short = true_answer.clone();
        cut_short.truncate(40);
        let echo = question.to_vec();
        vec![other_id, vec![], vec![1], other_name.to_vec().unwrap(), cut_short, echo, true_answer]
    });
    assert_eq!(ask_for_a(&net).await, [addresses(&["203.0.113.9"])]);
}

#[tokio::test(start_paused = true)]
async fn where_nothing_answers_the_question_it_ends() {
    let begun = Instant::now();
    let echo = Scripted::new().datagrams(SERVER, |question| vec![question.to_vec()]);
    assert_eq!(ask_for_a(&echo).await, [reason(&Error::Malformed)]);
    assert_eq!(begun.elapsed(), PATIENCE, "the question was asked once more meanwhile");
    let begun = Instant::now();
    let flood = Scripted::new().datagrams(SERVER, |question| vec![vec![!question[0]; 12]; MAX_STRANGERS]);
    assert_eq!(ask_for_a(&flood).await, [reason(&Error::Malformed)]);
    assert_eq!(begun.elapsed(), Duration::ZERO, "so many of them are an attack");
}

fn cut(question: &[u8]) -> Vec<Vec<u8>> {
    let mut cut = answer(question, ResponseCode::NoError, &[]);
    cut[2] |= 0x02;
    vec![cut]
}

async fn answer_framed(peer: &mut Peer, records: &[Record]) {
    let length = peer.read(2).await;
    let question = peer.read(usize::from(u16::from_be_bytes([length[0], length[1]]))).await;
    let whole = answer(&question, ResponseCode::NoError, records);
    peer.write(u16::try_from(whole.len()).unwrap().to_be_bytes()).await;
    peer.write(whole).await;
}

#[tokio::test(start_paused = true)]
async fn a_cut_answer_is_asked_for_over_tcp() {
    let net = Scripted::new().datagrams(SERVER, cut).peer(SERVER, |mut peer| async move {
        answer_framed(&mut peer, &[a("a.example", [203, 0, 113, 9])]).await;
    });
    assert_eq!(ask_for_a(&net).await, [addresses(&["203.0.113.9"])]);
}

#[tokio::test(start_paused = true)]
async fn a_cut_answer_without_tcp_keeps_its_errno() {
    let net = Scripted::new().datagrams(SERVER, cut).failing(SERVER, ECONNREFUSED);
    let refused = std::io::Error::from_raw_os_error(ECONNREFUSED);
    assert_eq!(ask_for_a(&net).await, [reason(&Error::Io(refused))]);
}

#[tokio::test(start_paused = true)]
async fn a_name_that_cannot_be_asked_for_is_not() {
    let net = Scripted::new();
    for name in ["", ".", "a..b", &"a".repeat(64), &"abc.".repeat(80)] {
        let notes = Notes::default();
        over_udp(&net, server(), name, &[QuestionType::A], &|kind, said| notes.hear(Instant::now(), kind, said)).await;
        assert_eq!(notes.of(QuestionType::A), [reason(&Error::Name)], "{name}");
    }
    assert!(net.touches().is_empty());
}

#[test]
fn many_records_are_cut_to_a_bounded_number() {
    let question = Question::new(7, &name("a.example"), QuestionType::A).unwrap();
    let records: Vec<_> = (0..200).map(|last| a("a.example", [203, 0, 113, last])).collect();
    let message = question.read(&answer(&question.bytes, ResponseCode::NoError, &records)).unwrap();
    let Ok(AnswerContent::Addresses(found)) = question.said(&message) else { panic!("addresses") };
    assert_eq!(found.len(), MAX_ADDRESSES);
}

/// The result of an HTTPS query.
fn services(records: &[Record]) -> Vec<ServiceBinding> {
    let question = Question::new(7, &name("a.example"), QuestionType::Https).unwrap();
    let message = question.read(&answer(&question.bytes, ResponseCode::NoError, records)).unwrap();
    match question.said(&message) {
        Ok(AnswerContent::Services(services)) => services,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_https_record_has_protocols_hints_and_the_ech_key() {
    let parameters = vec![
        (SvcParamKey::Alpn, SvcParamValue::Alpn(Alpn(vec!["h2".into(), "h3".into()]))),
        (SvcParamKey::Ipv4Hint, SvcParamValue::Ipv4Hint(IpHint(vec![A([203, 0, 113, 9].into())]))),
        (SvcParamKey::EchConfigList, SvcParamValue::EchConfigList(EchList(vec![0, 2, 0xFE, 0x0D]))),
        (SvcParamKey::Ipv6Hint, SvcParamValue::Ipv6Hint(IpHint(vec![AAAA("2001:db8::9".parse().unwrap())]))),
    ];
    let second = https("b.example", 2, &Name::root(), vec![]);
    let first = https("b.example", 1, &Name::root(), parameters);
    let found = services(&[second, alias("a.example", "b.example"), first]);
    let hints: Vec<IpAddr> = vec!["203.0.113.9".parse().unwrap(), "2001:db8::9".parse().unwrap()];
    assert_eq!(found.len(), 2, "the preferred one is first");
    assert_eq!(found[0].alpn, [b"h2".to_vec(), b"h3".to_vec()]);
    assert_eq!((found[0].priority, &found[0].hints), (1, &hints));
    assert_eq!(found[0].ech, Some(EchConfigList::new(&[0, 2, 0xFE, 0x0D])));
    assert_eq!(format!("{:?}", found[0].ech), "Some(EchConfigList(..))");
}

#[test]
fn an_https_record_that_cannot_be_followed_is_passed_over() {
    let port = vec![(SvcParamKey::Port, SvcParamValue::Port(8443))];
    let unknown = vec![(SvcParamKey::Mandatory, SvcParamValue::Mandatory(Mandatory(vec![SvcParamKey::Key(667)])))];
    for (what, record) in [
        ("alias mode", https("a.example", 0, &name("b.example"), vec![])),
        ("another name", https("a.example", 1, &name("b.example"), vec![])),
        ("another port", https("a.example", 1, &Name::root(), port)),
        ("something mandatory that is not understood", https("a.example", 1, &Name::root(), unknown)),
        ("another owner", https("c.example", 1, &Name::root(), vec![])),
    ] {
        assert_eq!(services(&[record]), [], "{what}");
    }
    assert_eq!(services(&[]), []);
}

#[tokio::test(start_paused = true)]
async fn a_stream_takes_all_questions_at_once_answers_in_any_order() {
    let (mut stream, mut peer) = pair();
    let peer = async move {
        let mut questions = Vec::new();
        for _ in 0..2 {
            let length = peer.read(2).await;
            let question = peer.read(usize::from(u16::from_be_bytes([length[0], length[1]]))).await;
            assert_eq!(question.len() % PADDED, 0);
            questions.push(question);
        }
        let records = [a("a.example", [203, 0, 113, 9]), aaaa("a.example", "2001:db8::9")];
        for question in questions.iter().rev() {
            let whole = answer(question, ResponseCode::NoError, &records);
            peer.write(u16::try_from(whole.len()).unwrap().to_be_bytes()).await;
            peer.write(whole).await;
        }
        peer.hang().await;
    };
    let (notes, begun) = (Notes::default(), Instant::now());
    let heard = |kind, said: &Result<AnswerContent, Error>| notes.hear(begun, kind, said);
    tokio::select! {
        asked = over_stream(&mut stream, "a.example", ADDRESSES, &heard) => asked.unwrap(),
        () = peer => {}
    }
    let kinds: Vec<_> = notes.0.lock().unwrap().iter().map(|(kind, ..)| *kind).collect();
    assert_eq!(kinds, [QuestionType::A, QuestionType::Aaaa]);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_ends_or_lies_keeps_what_was_told_before() {
    for (tail, is) in [(&b""[..], "io"), (&b"\x00\x05hello"[..], "malformed"), (&b"\xff\xff"[..], "io")] {
        let (mut stream, mut peer) = pair();
        let peer = async move {
            answer_framed(&mut peer, &[aaaa("a.example", "2001:db8::9")]).await;
            peer.write(tail).await;
        };
        let (notes, begun) = (Notes::default(), Instant::now());
        let heard = |kind, said: &Result<AnswerContent, Error>| notes.hear(begun, kind, said);
        let (asked, ()) = tokio::join!(over_stream(&mut stream, "a.example", ADDRESSES, &heard), peer);
        let error = asked.unwrap_err();
        assert_eq!(if matches!(error, Error::Malformed) { "malformed" } else { "io" }, is, "{error:?}");
        assert_eq!(notes.of(QuestionType::Aaaa), [addresses(&["2001:db8::9"])]);
    }
}

/// Queries a peer over HTTP/1.1 that answers each question by `reply`, with the complete response.
async fn ask_over_https(reply: impl Fn(&[u8]) -> Vec<u8>) -> (Result<(), Error>, Notes, String) {
    let (stream, mut peer) = pair();
    let mut connection = Connection::start(stream, false, HEAD).await.unwrap();
    let heads = Mutex::new(String::new());
    let peer = async {
        // A malformed answer ends the connection, so there is no second question.
        while let Some(head) = peer.next_head().await {
            let length = head.to_ascii_lowercase().split_once("content-length: ").unwrap().1.to_owned();
            let question = peer.read(length.lines().next().unwrap().parse().unwrap()).await;
            assert_eq!(&question[..2], [0, 0], "the id is 0, so that an answer may be cached");
            *heads.lock().unwrap() = head;
            peer.write(reply(&question)).await;
        }
        std::future::pending::<()>().await;
    };
    let (notes, begun) = (Notes::default(), Instant::now());
    let heard = |kind, said: &Result<AnswerContent, Error>| notes.hear(begun, kind, said);
    let endpoint = "https://dns.example:443/dns-query".parse().unwrap();
    let asked = tokio::select! {
        asked = timeout(PATIENCE, over_https(&mut connection, &endpoint, "a.example", ADDRESSES, &heard)) => asked,
        () = peer => unreachable!(),
    };
    (asked.unwrap(), notes, heads.into_inner().unwrap())
}

fn http_answer(head: &str, body: &[u8]) -> Vec<u8> {
    let mut answer = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes();
    answer.extend_from_slice(body);
    answer
}

#[tokio::test(start_paused = true)]
async fn over_https_a_message_is_posted_and_one_comes_back() {
    let (asked, notes, head) = ask_over_https(|question| {
        let records = [a("a.example", [203, 0, 113, 9]), aaaa("a.example", "2001:db8::9")];
        let message = answer(question, ResponseCode::NoError, &records);
        http_answer("200 OK\r\nContent-Type: Application/DNS-Message; charset=x", &message)
    })
    .await;
    asked.unwrap();
    assert!(head.starts_with("POST /dns-query HTTP/1.1\r\n"), "{head}");
    assert!(head.to_ascii_lowercase().contains("content-type: application/dns-message\r\n"), "{head}");
    assert!(!head.to_ascii_lowercase().contains("user-agent"), "who asks is nobody's business: {head}");
    assert_eq!(notes.of(QuestionType::A), [addresses(&["203.0.113.9"])]);
}

#[tokio::test(start_paused = true)]
async fn over_https_what_is_no_answer_has_its_error() {
    let good = "200 OK\r\nContent-Type: application/dns-message";
    let (asked, ..) = ask_over_https(|_| http_answer("403 Forbidden", b"no")).await;
    assert!(matches!(asked, Err(Error::Status(403))), "{asked:?}");
    let (asked, ..) = ask_over_https(|_| http_answer("200 OK\r\nContent-Type: text/html", b"<html>")).await;
    assert!(matches!(asked, Err(Error::ContentType)), "{asked:?}");
    let (asked, ..) = ask_over_https(|_| http_answer(good, b"no message")).await;
    assert!(matches!(asked, Err(Error::Malformed)), "{asked:?}");
    let (asked, ..) = ask_over_https(|_| http_answer(good, &[0; 70_000])).await;
    assert!(matches!(asked, Err(Error::TooLong)), "{asked:?}");
    let (asked, ..) = ask_over_https(|_| b"SSH-2.0-x\r\n\r\n".to_vec()).await;
    assert!(matches!(asked, Err(Error::Http(_))), "{asked:?}");
}

proptest! {
    #[test]
    fn garbage_is_an_error_and_never_a_panic(garbage in prop::collection::vec(any::<u8>(), 0..600)) {
        let question = Question::new(7, &name("a.example"), QuestionType::A).unwrap();
        let _ = question.read(&garbage);
    }

    #[test]
    fn a_damaged_answer_never_panics(at in 2..190usize, byte: u8, cut in 0..150usize) {
        let parameters = vec![
            (SvcParamKey::Alpn, SvcParamValue::Alpn(Alpn(vec!["h2".into()]))),
            (SvcParamKey::EchConfigList, SvcParamValue::EchConfigList(EchList(vec![7; 64]))),
        ];
        let records = [
            alias("a.example", "b.example"),
            a("b.example", [203, 0, 113, 9]),
            https("b.example", 1, &Name::root(), parameters),
        ];
        for kind in [QuestionType::A, QuestionType::Https] {
            let question = Question::new(7, &name("a.example"), kind).unwrap();
            let mut bytes = answer(&question.bytes, ResponseCode::NoError, &records);
            if let Some(damaged) = bytes.get_mut(at) {
                *damaged = byte;
            }
            bytes.truncate(bytes.len().saturating_sub(cut));
            if let Ok(message) = question.read(&bytes) {
                let _ = question.said(&message);
            }
        }
    }
}
