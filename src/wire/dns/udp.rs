//! DNS over UDP, and over TCP if an answer is truncated (RFC 7766).

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::future::join_all;
use hickory_proto::op::Message;
use hickory_proto::rr::Name;
use tokio::io::AsyncWriteExt;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::message::{MAX_DATAGRAM, Question, absolute, refuses_edns};
use super::stream::read_framed;
use super::{Error, Heard, QuestionType, says_the_same};
use crate::net::{Datagram, Net};

/// Asks `server` for all `kinds` of `name` at once, each over its own socket, and reports answers as they arrive: the
/// first to each question, and for a while ([`LINGER`]) answers that differ from it. Then it returns.
///
/// A lost question is sent again. There is no other time limit here.
pub async fn over_udp(net: &dyn Net, server: SocketAddr, name: &str, kinds: &[QuestionType], heard: Heard<'_>) {
    let name = &absolute(name);
    join_all(kinds.iter().map(|&kind| async move {
        let asked = match name {
            Ok(name) => ask(net, server, name, kind, heard).await,
            Err(_) => Err(Error::Name),
        };
        if let Err(error) = asked {
            heard(kind, &Err(error));
        }
    }))
    .await;
}

/// # Errors
///
/// If no answer was reported.
async fn ask(
    net: &dyn Net,
    server: SocketAddr,
    name: &Name,
    kind: QuestionType,
    heard: Heard<'_>,
) -> Result<(), Error> {
    let question = Question::draw(name, kind)?;
    let bare = question.without_edns()?;
    let (both, alone) = ([&question, &bare], [&bare]);
    let socket = net.datagram(server).await?;
    let mut strangers = 0;
    let mut first = tokio::select! {
        first = hear(&question, &*socket, &mut strangers) => first?,
        failed = resend(&both, &*socket) => match failed? {},
    };
    let mut asked = &question;
    if refuses_edns(&first) {
        asked = &bare;
        let again = async {
            tokio::select! {
                again = hear(&bare, &*socket, &mut strangers) => again,
                failed = resend(&alone, &*socket) => match failed? {},
            }
        };
        // Without a reply, the previous answer stands.
        if let Ok(Ok(again)) = timeout(BARE, again).await {
            first = again;
        }
    }
    let until = Instant::now() + LINGER;
    let first = if first.metadata.truncation { ask_by_stream(asked, net, server).await? } else { first };
    let mut known = vec![question.said(&first)];
    known.iter().for_each(|said| heard(kind, said));
    while known.len() < MAX_VERSIONS {
        let Ok(Ok(message)) = timeout_at(until, hear(&question, &*socket, &mut strangers)).await else { break };
        // A truncated answer says nothing. A caller that wants the rest asks over TCP, where an answer cannot be raced.
        let said = question.said(&message);
        if !message.metadata.truncation && !known.iter().any(|known| says_the_same(known, &said)) {
            heard(kind, &said);
            known.push(said);
        }
    }
    Ok(())
}

/// Sends the questions in turn, again and again. Returns only with an error. The second question is the first without
/// EDNS: some resolvers, and middleboxes in front of them, ignore queries they do not understand (RFC 6891 section
/// 6.2.2).
async fn resend(questions: &[&Question], socket: &dyn Datagram) -> Result<Infallible, Error> {
    loop {
        for question in questions {
            socket.send(&question.bytes).await?;
            sleep(RESEND).await;
        }
    }
}

/// Waits for a datagram that answers the question. Other datagrams are late, misdirected or guessed, and are ignored
/// (RFC 5452 section 9.1); a large number of them is an attack. If only such datagrams arrive, the wait ends.
async fn hear(question: &Question, socket: &dyn Datagram, strangers: &mut usize) -> Result<Message, Error> {
    let mut buffer = vec![0; usize::from(MAX_DATAGRAM)];
    let mut patience = None;
    while *strangers < MAX_STRANGERS {
        let receive = socket.receive(&mut buffer);
        let length = match patience {
            None => receive.await?,
            Some(until) => timeout_at(until, receive).await.map_err(|_| Error::Malformed)??,
        };
        match question.read(buffer.get(..length).unwrap_or_default()) {
            Ok(message) => return Ok(message),
            Err(_) => {
                *strangers += 1;
                patience.get_or_insert_with(|| Instant::now() + PATIENCE);
            }
        }
    }
    Err(Error::Malformed)
}

async fn ask_by_stream(question: &Question, net: &dyn Net, server: SocketAddr) -> Result<Message, Error> {
    let mut stream = net.connect(server).await?;
    stream.write_all(&question.framed()?).await?;
    stream.flush().await?;
    question.read(&read_framed(&mut stream).await?)
}

/// The resend interval: a round trip to a resolver on a bad mobile network takes up to a second.
pub(super) const RESEND: Duration = Duration::from_millis(1500);

/// The wait for an answer to a question without EDNS: one resend, within the four seconds of a lookup.
const BARE: Duration = Duration::from_secs(2);

/// The time to listen after the first answer. A forged answer comes from the provider's network. The true one comes
/// from the resolver abroad, over a bad mobile network up to a second later.
pub const LINGER: Duration = Duration::from_secs(1);

/// The wait for an answer after a datagram that is not one. The question is sent once more meanwhile.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);

/// The most unrelated datagrams that are ignored.
pub(super) const MAX_STRANGERS: usize = 64;

/// The most different answers reported per question. More than two are rare: each injector sends one or two.
pub(super) const MAX_VERSIONS: usize = 4;
