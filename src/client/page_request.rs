//! How a page is asked for: which strategies may be used, and which rules its request follows.

use std::sync::Arc;

use url::Url;

use super::binding::Binding;
use super::get_response::{GetFault, GetOptions};
use super::known::{KnownPage, PageKnown};
use super::link::exposure_of;
use super::reachability::Target;
use super::{Byway, RouteLimits};
use crate::community::Home;
use crate::fetch::{FetchError, Request};
use crate::reach::Context;
use crate::source::Platforms;
use crate::source::vk::{self, VkPageJudge};
use crate::transport::is_local;

impl Byway {
    /// Which strategies may fetch a page. The store is asked even if something is wrong with the URL, so that an error
    /// of the store comes first.
    pub(super) async fn page_ways(&self, page: KnownPage, how: GetOptions) -> Result<RouteLimits, GetFault> {
        let url = page.url.clone();
        let PageKnown { floor, against } = self.inner.store.page(page).await?;
        let exposure = self.inner.exposure.max(how.exposure).max(floor).max(exposure_of(&url)?);
        let avoid_direct = !how.allow_direct && against.avoids_direct(self.network_mut().is_vpn());
        Ok(RouteLimits { exposure, avoid_direct, allow_direct: how.allow_direct })
    }

    /// The request for a page that the user named.
    pub(super) fn request(&self, url: &Url, ways: RouteLimits) -> Request {
        let mut request = Request::get(url.clone());
        request.exposure = ways.exposure;
        request.floors = Some(Arc::new(self.binding(ways, false)));
        request.avoid_direct = ways.avoid_direct;
        request.owners = Some(Arc::new(Platforms));
        if of_vk(url).is_some() {
            request.judge = Arc::new(VkPageJudge);
        }
        request.limits.total = self.inner.timeout;
        request
    }

    /// The rules for every hop of a request. `published`: it fetches a file that a known community publishes.
    pub(super) fn binding(&self, ways: RouteLimits, published: bool) -> Binding {
        Binding::of(&self.inner.store, ways.allow_direct, self.network_mut().is_vpn(), published)
    }

    pub(super) fn asked(&self, url: &Url, ways: RouteLimits, mut hops: Vec<Url>) -> Target {
        if hops.is_empty() {
            hops.push(url.clone());
        }
        let local_destination = url.host().is_some_and(|host| is_local(&host));
        Target {
            url: url.to_string(),
            hops,
            platform: of_vk(url).map(|_| vk::platform()),
            subject: self.subject(ways, url.host()).clone(),
            context: Context { local_destination, ..self.context() },
            read: true,
            took: None,
            language: self.language(),
        }
    }
}

/// The community at VK to which this page belongs. VK's own notices are looked for, in every call.
fn of_vk(url: &Url) -> Option<Home> {
    if !Home::is_at_vk(url) {
        return None;
    }
    url.as_str().parse().ok().filter(|home| matches!(home, Home::Vk(_)))
}

/// See [`FetchError::leads_nowhere`].
pub(super) fn leads_nowhere<T>(result: &Result<T, FetchError>) -> bool {
    result.as_ref().is_err_and(FetchError::leads_nowhere)
}
