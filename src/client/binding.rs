//! The rules for every request of an access, hop after hop: the floors of what is asked for.

use futures_util::future::BoxFuture;
use tokio::sync::watch;
use url::Url;

use super::asked::Asked;
use super::async_store::{AsyncStore, WeakStore};
use super::known::{KnownPage, PageKnown};
use super::link::exposure_of;
use crate::community::Home;
use crate::fetch::{Bound, Floors, RedirectError};

/// The rules for every hop of a request, wherever the answers redirect to.
#[derive(Clone, Debug)]
pub(super) struct Binding {
    /// Not a handle, so that the rest of a request keeps no store open.
    kept: WeakStore,
    /// The user allowed direct strategies for this request.
    allow_direct: bool,
    vpn: bool,
    /// The request fetches a file that a known community publishes.
    published: bool,
    /// The mirrors for which the user asks with this reading, whether or not that is remembered.
    asked: Asked,
    /// Changes whenever an exposure is raised.
    raised: watch::Receiver<()>,
}

impl Binding {
    pub(super) fn of(kept: &AsyncStore, allow_direct: bool, vpn: bool, published: bool) -> Self {
        Self { kept: kept.downgrade(), allow_direct, vpn, published, asked: Asked::default(), raised: kept.raises() }
    }
}

impl Floors for Binding {
    fn least<'a>(&'a self, url: &'a Url) -> BoxFuture<'a, Result<Bound, RedirectError>> {
        Box::pin(async move {
            let Some(kept) = self.kept.upgrade() else { return Ok(Bound::HIGHEST) };
            let said = exposure_of(url).map_err(|_| RedirectError::Exposure)?;
            let page = KnownPage { url: url.clone(), published: self.published };
            let known = if self.asked.covers_page(url) { kept.asked_page(page).await } else { kept.page(page).await };
            Ok(match known {
                Ok(PageKnown { floor, against }) => Bound {
                    exposure: floor.max(said),
                    avoid_direct: !self.allow_direct && against.avoids_direct(self.vpn),
                },
                // If the floor of a page cannot be read, the highest one applies.
                Err(_) => Bound::HIGHEST,
            })
        })
    }

    fn raises(&self) -> watch::Receiver<()> {
        self.raised.clone()
    }
}

/// The rules for every request of a reading: the floor of its community, and of each page that is asked for.
#[derive(Clone, Debug)]
pub(super) struct ReadingBinding {
    page: Binding,
    home: Home,
    /// The rules when the reading began.
    start: Bound,
    /// The hosts belong to the platform and have no floor of their own.
    community_only: bool,
}

impl ReadingBinding {
    pub(super) fn of(page: Binding, home: &Home, start: Bound, asked: Asked) -> Self {
        let page = Binding { asked, ..page };
        Self { page, home: home.clone(), start, community_only: false }
    }

    /// The same, but only the community's floor counts, whichever pages are asked for.
    pub(super) fn of_the_community(&self) -> Self {
        Self { community_only: true, ..self.clone() }
    }

    async fn community(&self) -> Bound {
        let Some(kept) = self.page.kept.upgrade() else { return Bound::HIGHEST };
        match kept.bound_at(&self.home, self.page.asked.covers(&self.home)).await {
            Ok(known) => Bound {
                exposure: known.floor,
                avoid_direct: !self.page.allow_direct && known.avoids_direct(self.page.vpn),
            },
            // A reading continues while the app sleeps, unless something was raised since it began.
            Err(_) if self.page.raised.has_changed().is_ok_and(|changed| !changed) => self.start,
            Err(_) => Bound::HIGHEST,
        }
    }
}

impl Floors for ReadingBinding {
    fn least<'a>(&'a self, url: &'a Url) -> BoxFuture<'a, Result<Bound, RedirectError>> {
        Box::pin(async move {
            let community = self.community().await;
            if self.community_only {
                return Ok(community);
            }
            let mut bound = self.page.least(url).await?;
            bound.rise(community);
            Ok(bound)
        })
    }

    fn raises(&self) -> watch::Receiver<()> {
        self.page.raises()
    }
}
