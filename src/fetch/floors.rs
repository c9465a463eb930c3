//! The minimum exposure of a page, and what happens if it rises while a request is under way.

use std::fmt;
use std::future::pending;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::redirect::RedirectError;
use crate::exposure::Exposure;

/// Knows the minimum exposure of a page. A redirect may lead to a page that was once read with a higher exposure than
/// the request.
pub trait Floors: fmt::Debug + Send + Sync {
    /// The minimum exposure of a request for this page. The URL has its fragment.
    ///
    /// # Errors
    /// [`RedirectError::Exposure`] if the URL asks for an exposure that does not exist.
    fn least<'a>(&'a self, url: &'a Url) -> BoxFuture<'a, Result<Bound, RedirectError>>;

    /// Changes whenever any exposure is raised: requests under way are then checked against [`Floors::least`] again.
    fn raises(&self) -> watch::Receiver<()>;
}

/// Notices that a page requires a higher exposure than its hop was planned for.
pub(crate) struct Raises<'a> {
    floors: Option<&'a Arc<dyn Floors>>,
    raised: Option<watch::Receiver<()>>,
    /// An exposure was raised, and the hop was not checked against it yet.
    unchecked: bool,
}

impl<'a> Raises<'a> {
    /// Watches what is raised from now on.
    pub(crate) fn of(floors: Option<&'a Arc<dyn Floors>>) -> Self {
        let mut raised = floors.map(|floors| floors.raises());
        raised.as_mut().map(watch::Receiver::mark_unchanged).unwrap_or_default();
        Self { floors, raised, unchecked: false }
    }

    /// The minimum for this page now. If the answer does not come in time, that must not count as a low minimum.
    pub(crate) async fn least(&mut self, url: &Url, deadline: Instant) -> Result<Bound, RedirectError> {
        let Some(floors) = self.floors else { return Ok(Bound::default()) };
        if let Some(raised) = &mut self.raised {
            raised.mark_unchanged();
        }
        timeout_at(deadline, floors.least(url)).await.unwrap_or(Ok(Bound::HIGHEST))
    }

    /// An exposure was raised. Cancel-safe.
    pub(crate) async fn signalled(&mut self) {
        if self.unchecked {
            return;
        }
        let Some(raised) = self.raised.as_mut() else { return pending().await };
        if raised.changed().await.is_err() {
            return pending().await;
        }
        self.unchecked = true;
    }

    /// Whether a hop to this page, planned within `bound`, must not continue. Cancel-safe.
    pub(crate) async fn forbid(&mut self, url: &Url, bound: Bound, deadline: Instant) -> bool {
        let forbid = self.least(url, deadline).await.map_or(true, |least| bound.joined(least) != bound);
        self.unchecked = false;
        forbid
    }
}

/// The minimum for one page and for everything that it redirects to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bound {
    /// The least exposure.
    pub exposure: Exposure,
    /// Direct strategies are left out, as by [`Request::avoid_direct`](super::Request::avoid_direct).
    pub avoid_direct: bool,
}

impl Bound {
    /// For a page about which nothing can be found out: Tor alone.
    pub const HIGHEST: Self = Self { exposure: Exposure::Tor, avoid_direct: true };

    /// Adds the other minimum to this one.
    pub(crate) fn rise(&mut self, other: Self) {
        *self = self.joined(other);
    }

    /// The stricter of both in each part.
    pub(crate) fn joined(self, other: Self) -> Self {
        Self { exposure: self.exposure.max(other.exposure), avoid_direct: self.avoid_direct || other.avoid_direct }
    }
}
