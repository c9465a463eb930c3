//! DNS over HTTPS (RFC 8484), by POST: the name is in no URL, and so in no log of URLs.

use bytes::Bytes;
use futures_util::future::try_join_all;
use hickory_proto::rr::Name;
use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full};

use super::message::{Question, absolute};
use super::{Error, Heard, QuestionType};
use crate::wire::http::{self as exchange, Body, Connection, HeadLimits, Outgoing};

/// Asks for the `kinds` of `name` at `endpoint` (`https://HOST[:PORT]/PATH`) and reports each answer as it arrives.
/// Over HTTP/2 the queries run in parallel, each on its own stream; over HTTP/1.1 they run one after another. The ids
/// are 0 (RFC 8484 section 4.1), and the questions are padded (RFC 8467). There is no time limit here.
///
/// # Errors
///
/// The first error that ends the connection or shows that the peer is not a resolver. Answers reported before
/// it remain valid.
pub async fn over_https(
    connection: &mut Connection,
    endpoint: &Uri,
    name: &str,
    kinds: &[QuestionType],
    heard: Heard<'_>,
) -> Result<(), Error> {
    let name = absolute(name)?;
    let Some(joint) = connection.joint() else {
        for &kind in kinds {
            ask(connection, endpoint, &name, kind, heard).await?;
        }
        return Ok(());
    };
    let asked = kinds.iter().map(async |&kind| {
        let mut stream = joint.join().ok_or(exchange::Error::Closed)?;
        ask(&mut stream, endpoint, &name, kind, heard).await
    });
    try_join_all(asked).await.map(drop)
}

async fn ask(
    connection: &mut Connection,
    endpoint: &Uri,
    name: &Name,
    kind: QuestionType,
    heard: Heard<'_>,
) -> Result<(), Error> {
    let question = Question::padded(0, name, kind)?;
    let answer = post(connection, endpoint, &question.bytes).await?;
    let message = question.read(&answer)?;
    heard(kind, &question.said(&message));
    Ok(())
}

/// The limits of the response's head: a DNS message needs a handful of header lines.
pub const HEAD: HeadLimits = HeadLimits { bytes: 16 * 1024, headers: 64 };

async fn post(connection: &mut Connection, endpoint: &Uri, question: &[u8]) -> Result<Vec<u8>, Error> {
    let body = Full::new(Bytes::copy_from_slice(question)).map_err(|never| match never {});
    let mut request = Request::new(Outgoing::new(body));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = endpoint.clone();
    let headers = request.headers_mut();
    headers.insert(ACCEPT, HeaderValue::from_static(DNS_MESSAGE));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(DNS_MESSAGE));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(question.len()));
    let answer = connection.send(request).await?;
    if answer.status() != StatusCode::OK {
        return Err(Error::Status(answer.status().as_u16()));
    }
    let kind = answer.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(DNS_MESSAGE) {
        return Err(Error::ContentType);
    }
    whole(answer.into_body()).await
}

async fn whole(mut body: Body) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            if bytes.len() + data.len() > MAX_MESSAGE {
                return Err(Error::TooLong);
            }
            bytes.extend_from_slice(&data);
        }
    }
    Ok(bytes)
}

/// RFC 8484 section 6.
const DNS_MESSAGE: &str = "application/dns-message";

/// The length of a DNS message is two bytes (RFC 1035 section 4.2.2).
const MAX_MESSAGE: usize = 65_535;
