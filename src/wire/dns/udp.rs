//! Over UDP, and over TCP where an answer is cut (RFC 7766).

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
use super::{Error, Heard, Kind, says_the_same};
use crate::net::{Datagram, Net};

/// Asks `server` for all `kinds` of `name` at once, each over a socket of its own, and tells every answer as it comes:
/// the first to each question, and for a while ([`LINGER`]) those that say something else. Then it ends.
///
/// A lost question is sent again; there is no other time limit here.
pub async fn over_udp(net: &dyn Net, server: SocketAddr, name: &str, kinds: &[Kind], heard: Heard<'_>) {
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
/// If no answer was told.
async fn ask(net: &dyn Net, server: SocketAddr, name: &Name, kind: Kind, heard: Heard<'_>) -> Result<(), Error> {
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
        // Where nothing comes, what was said stays the answer.
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
        // Cut, it says nothing of its own; a caller that wants the rest asks over TCP, where nothing is raced.
        let said = question.said(&message);
        if !message.metadata.truncation && !known.iter().any(|known| says_the_same(known, &said)) {
            heard(kind, &said);
            known.push(said);
        }
    }
    Ok(())
}

/// Sends the questions, one after another, over and over. It ends with an error only. The second is the first without
/// EDNS: some resolvers, and boxes before them, are silent to what they do not know (RFC 6891 section 6.2.2).
async fn resend(questions: &[&Question], socket: &dyn Datagram) -> Result<Infallible, Error> {
    loop {
        for question in questions {
            socket.send(&question.bytes).await?;
            sleep(RESEND).await;
        }
    }
}

/// Waits for a datagram that answers the question. Others are late, misled or guessed, and passed over (RFC 5452
/// section 9.1); so many of them are an attack. Where only such came, one day it is enough.
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

/// A lost datagram is sent again: a round trip to a resolver on a bad mobile network takes up to a second.
pub(super) const RESEND: Duration = Duration::from_millis(1500);

/// How long the answer to a question without EDNS is waited for: one resend, within the four seconds of a lookup.
const BARE: Duration = Duration::from_secs(2);

/// How long one listens on behind the first answer. A forged one comes from the provider's network, the true one from
/// where the resolver is: abroad, over a bad mobile network, a second later.
pub const LINGER: Duration = Duration::from_secs(1);

/// How long one waits for an answer once something came that is not one: the question is sent once more meanwhile.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);

/// How many datagrams that answer nothing are passed over.
pub(super) const MAX_STRANGERS: usize = 64;

/// How many different answers to one question are told. More than two are rare: each injector gives one or two.
pub(super) const MAX_VERSIONS: usize = 4;
