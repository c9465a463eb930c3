//! DNS over TLS (RFC 7858), and the framing of DNS over TCP (RFC 7766).

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::message::{Question, absolute};
use super::{Error, Heard, QuestionType};

/// Asks for all `kinds` of `name` at once on one stream, padded (RFC 8467). Reports each answer as it arrives, in any
/// order (RFC 7766 section 6.2.1.1), and returns after the last one. There is no time limit here.
///
/// # Errors
///
/// The stream ended, or carried something other than DNS, before every question was answered.
pub async fn over_stream<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    name: &str,
    kinds: &[QuestionType],
    heard: Heard<'_>,
) -> Result<(), Error> {
    let name = absolute(name)?;
    let mut open: Vec<Question> = Vec::new();
    for &kind in kinds {
        // Answers are distinguished by their ids.
        let question = loop {
            let question = Question::draw_padded(&name, kind)?;
            if open.iter().all(|other| other.id != question.id) {
                break question;
            }
        };
        open.push(question);
    }
    let mut frames = Vec::new();
    for question in &open {
        frames.extend(question.framed()?);
    }
    stream.write_all(&frames).await?;
    stream.flush().await?;
    while !open.is_empty() {
        let bytes = read_framed(stream).await?;
        let found = open.iter().enumerate().find_map(|(at, question)| Some((at, question.read(&bytes).ok()?)));
        let Some((at, message)) = found else { return Err(Error::Malformed) };
        let question = open.swap_remove(at);
        heard(question.kind, &question.said(&message));
    }
    Ok(())
}

/// Reads one message without its length prefix (RFC 1035 section 4.2.2). At most 65,535 bytes.
pub(super) async fn read_framed<S: AsyncRead + Unpin>(stream: &mut S) -> Result<Vec<u8>, Error> {
    let length = stream.read_u16().await?;
    let mut bytes = vec![0; usize::from(length)];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}
