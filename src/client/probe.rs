//! Asking every way by itself, and comparing.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use url::Url;

use super::get::SETTLED;
use super::reachability::Asked;
use super::report::Outing;
use super::{Action, Byway, GetError, HomeLink, LinkError, Reachability, UrlError, Ways, web_url};
use crate::community::Home;
use crate::http::{FetchError, Request};
use crate::reach::Context;
use crate::source::isolation;
use crate::source::vk::VkPageJudge;
use crate::transport::{Exposure, is_local};

impl Byway {
    /// Asks every way that the exposure (a community's own included) allows by itself, all at once, and says what the first one met; the others are
    /// the second vantage. It listens until every resolver has spoken, for six seconds at most, whoever was believed
    /// before: a lie may come late. A way that has not brought the page after thirty seconds is given up. `link` is a community's link or any `http` or `https` URL. The page itself is asked for,
    /// without a token, so that anybody can probe.
    ///
    /// # Errors
    /// The text is neither, or the store cannot be read. Not reaching the page is no error: the answer says why.
    pub async fn probe(&self, link: &str) -> Result<Reachability, GetError> {
        let (url, exposure) = probed(link)?;
        let may = self.page_ways(&url).await?;
        let may = Ways { exposure: may.exposure.max(exposure), ..may };
        let mut outing = Outing::new(self, Action::Probe);
        let http = outing.http();
        let ways: Vec<_> = self.allowed(may).cloned().collect();
        let asking = ways.iter().map(|way| {
            let mut request = self.request(&url, may);
            request.limits.total = request.limits.total.min(PROBED);
            let asking = http.fetch_over(std::slice::from_ref(way), request);
            async {
                let fetched = asking.await;
                let urls = fetched.urls.clone();
                (urls, Box::pin(fetched.hear_out(SETTLED.min(self.timeout))).await)
            }
        });
        let mut fetched = join_all(asking).await;
        let reached_by =
            fetched.iter().zip(&ways).find(|((_, (result, _)), _)| result.is_ok()).map(|(_, way)| way.clone());
        let leads_nowhere = fetched.first().is_some_and(|(_, (result, _))| leads_nowhere(result));
        let hops = fetched.first_mut().map(|(urls, _)| std::mem::take(urls)).unwrap_or_default();
        let attempts = fetched.into_iter().flat_map(|(_, (_, attempts))| attempts).collect();
        let mut asked = self.asked(&url, may, hops);
        asked.context.redirect_fault = leads_nowhere;
        asked.context.read_otherwise = leads_nowhere && reached_by.is_some();
        let reachability = Reachability::of(asked, reached_by, attempts);
        self.diary.flush(&self.kept).await;
        outing.judged(&reachability);
        Ok(reachability)
    }

    /// The request for a page that the user named.
    pub(super) fn request(&self, url: &Url, ways: Ways) -> Request {
        let mut request = Request::get(url.clone());
        request.exposure = ways.exposure;
        request.floors = Some(Arc::new(self.kept.clone()));
        request.avoid_direct = ways.avoid_direct;
        if let Some(home) = of_vk(url) {
            request.isolation = isolation(&home);
            request.judge = Arc::new(VkPageJudge);
        }
        request.limits.total = self.timeout;
        request
    }

    pub(super) fn asked(&self, url: &Url, ways: Ways, mut hops: Vec<Url>) -> Asked {
        if hops.is_empty() {
            hops.push(url.clone());
        }
        let local_destination = url.host().is_some_and(|host| is_local(&host.to_owned()));
        Asked {
            url: url.to_string(),
            hops,
            platform: of_vk(url).map(|_| "VK"),
            subject: self.subject(ways).clone(),
            context: Context { local_destination, ..self.context() },
            read: true,
            took: None,
        }
    }
}

/// A probe tells how a way is, and needs not all that comes by it: whoever drips is given up. Time enough for the handshakes
/// of a bad network and 300 kB at the 14 kB/s of a throttled one, and as long as somebody looks at a phone that works.
const PROBED: Duration = Duration::from_secs(30);

/// The community at VK whose page this is: whoever asks for it, VK's own words are looked for.
fn of_vk(url: &Url) -> Option<Home> {
    url.as_str().parse().ok().filter(|home| matches!(home, Home::Vk(_)))
}

/// The host answers, and what it answers is redirects without an end.
pub(super) fn leads_nowhere<T>(result: &Result<T, FetchError>) -> bool {
    matches!(result, Err(FetchError::TooManyRedirects(_) | FetchError::Redirect(_)))
}

/// A community's link in its canonical form, or any web page; and the exposure that the link carries.
fn probed(link: &str) -> Result<(Url, Exposure), UrlError> {
    match link.parse::<HomeLink>() {
        Ok(HomeLink { home: home @ Home::Vk(_), exposure }) => Ok((web_url(&home.to_string())?, exposure)),
        Err(LinkError::Exposure(_)) => Err(UrlError::Malformed(link.trim().to_owned())),
        _ => Ok((web_url(link)?, Exposure::Open)),
    }
}
