//! An answer as reqwest hands it out, and its body while the exposure may still be raised.

use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt};
use http::{Extensions, header};
use http_body::{Body, Frame, SizeHint};
use reqwest::ResponseBuilderExt;
use tokio::sync::watch;

use super::super::binding::Binding;
use super::super::reachability::Target;
use super::super::{Byway, Reachability};
use crate::fetch::{BodyStream, Bound, Floors, StreamError, StreamedResponse};

/// The rules for the rest of a body.
pub(super) struct BodyFloor {
    binding: Binding,
    url: url::Url,
    raised: watch::Receiver<()>,
    /// Something was raised, and nobody has yet checked what this means for the body.
    unchecked: bool,
}

impl BodyFloor {
    pub(super) fn new(binding: Binding, url: url::Url, raised: watch::Receiver<()>) -> Self {
        Self { binding, url, raised, unchecked: false }
    }
}

/// The next piece. Nothing is read while it is being checked what a raise means for the body.
async fn next_piece(body: &mut BodyStream, floor: &mut BodyFloor) -> Option<Result<Bytes, StreamError>> {
    loop {
        if floor.unchecked {
            let least = floor.binding.least(&floor.url).await.unwrap_or(Bound::HIGHEST);
            floor.unchecked = false;
            if let Err(error) = body.bind(least) {
                return Some(Err(error));
            }
        }
        tokio::select! {
            biased;
            Ok(()) = floor.raised.changed() => floor.unchecked = true,
            piece = body.next() => return piece,
        }
    }
}

/// An answer as a response of reqwest's.
pub(super) fn response(
    byway: Byway,
    answer: StreamedResponse,
    asked: Target,
    reachability: Reachability,
    floor: BodyFloor,
) -> reqwest::Response {
    let StreamedResponse { url, status, version, mut headers, body, .. } = answer;
    if body.is_decoded() {
        headers.remove(header::CONTENT_ENCODING);
        headers.remove(header::CONTENT_LENGTH);
    }
    let length = body.length();
    let body = ResponseBody { pieces: Mutex::new(pieces(byway, body, asked, floor)), left: length };
    let mut response = http::Response::new(reqwest::Body::wrap(body));
    *response.status_mut() = status;
    *response.version_mut() = version;
    *response.headers_mut() = headers;
    *response.extensions_mut() = extensions(url, reachability);
    response.into()
}

/// Tells reqwest the URL after redirects, which only a builder can do.
fn extensions(url: url::Url, reachability: Reachability) -> Extensions {
    let built = http::Response::builder().url(url).extension(reachability).body(());
    built.map(|response| response.into_parts().0.extensions).unwrap_or_default()
}

/// `byway`: if the body continues over another route, the store says which route may be used.
fn pieces(
    byway: Byway,
    body: BodyStream,
    asked: Target,
    floor: BodyFloor,
) -> BoxStream<'static, Result<Bytes, BrokenBody>> {
    stream::unfold((byway, body, asked, floor), |(byway, mut body, asked, mut floor)| async move {
        let piece = next_piece(&mut body, &mut floor).await?.map_err(|error| {
            let reachability = Reachability::of(asked.clone(), None, body.attempts().to_vec());
            BrokenBody { error, reachability: Box::new(reachability) }
        });
        Some((piece, (byway, body, asked, floor)))
    })
    .boxed()
}

/// A body that stopped before its end, and why.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub(super) struct BrokenBody {
    #[source]
    error: StreamError,
    reachability: Box<Reachability>,
}

impl BrokenBody {
    pub(super) fn reachability(&self) -> &Reachability {
        &self.reachability
    }
}

/// A body as reqwest reads it. The lock is there because reqwest shares its bodies between threads; nobody waits for
/// it.
struct ResponseBody {
    pieces: Mutex<BoxStream<'static, Result<Bytes, BrokenBody>>>,
    left: Option<u64>,
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = BrokenBody;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BrokenBody>>> {
        let pieces = self.pieces.get_mut().unwrap_or_else(PoisonError::into_inner);
        let piece = ready!(pieces.poll_next_unpin(cx));
        if let (Some(left), Some(Ok(piece))) = (&mut self.left, &piece) {
            *left = left.saturating_sub(piece.len() as u64);
        }
        Poll::Ready(piece.map(|piece| piece.map(Frame::data)))
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
