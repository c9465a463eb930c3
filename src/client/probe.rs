//! Asks over every route separately, and compares the answers.

use std::time::Duration;

use futures_util::future::join_all;
use url::Url;

use super::access_scope::AccessScope;
use super::get_response::{GetError, GetOptions, SETTLED};
use super::known::KnownPage;
use super::link::given_url;
use super::page_request::leads_nowhere;
use super::{Action, Byway, HomeLink, LinkError, Reachability, RouteLimits};
use crate::community::Home;
use crate::exposure::Exposure;
#[cfg(doc)]
use crate::fetch::FetchError;
use crate::fetch::{Stop, web_url};
use crate::reach::Attempt;
use crate::transport::{Resolver, Strategy};

/// How to probe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProbeOptions {
    /// Who may learn of the probe, if fewer than the builder, the link and the store allow.
    pub exposure: Exposure,
    /// Also ask over direct strategies, even if a restriction or the community's access advice speaks against them.
    /// What the exposure forbids stays forbidden.
    pub allow_direct: bool,
}

impl Byway {
    /// Asks over every route that the exposure (a community's own included) allows, all at the same time, and says what
    /// happened to the first one. The others are the second vantage. It listens until every resolver has answered, for
    /// six seconds at most, even if it already believes one: a lie may come late. A route that has not brought the page
    /// after thirty seconds is given up. `link` is a community's link or any `http` or `https` URL. The page itself is
    /// asked for, without a token, so that anybody can probe.
    ///
    /// A direct probe of a community can be noticed like a direct reading. So if a recorded restriction or the
    /// community's access advice speaks against direct strategies, the probe leaves them out too, unless the user
    /// allows them: with [`ProbeOptions::allow_direct`], or permanently with [`Byway::allow_direct`]. If an exposure is
    /// raised meanwhile, what is under way is dropped and begins anew.
    ///
    /// # Errors
    ///
    /// The text is neither a link nor a URL, its exposure does not exist, or the store cannot be read;
    /// [`GetFault::Fetch`](super::GetFault::Fetch) with [`FetchError::Plan`] if no strategy may be used. It is not an
    /// error if the page is not reached: the answer says why.
    pub async fn probe(&self, link: &str) -> Result<Reachability, GetError> {
        self.probe_with(link, ProbeOptions::default()).await
    }

    /// The same, with options.
    ///
    /// # Errors
    ///
    /// As [`Byway::probe`].
    pub async fn probe_with(&self, link: &str, how: ProbeOptions) -> Result<Reachability, GetError> {
        let mut raised = self.inner.store.raises();
        let mut before = Vec::new();
        loop {
            raised.mark_unchanged();
            let (end, stop) = Stop::when_raised();
            let mut probing = Box::pin(self.probe_once(link, how, std::mem::take(&mut before), stop));
            let probed = tokio::select! {
                biased;
                // What is under way may use a direct route that is now forbidden.
                Ok(()) = raised.changed() => {
                    end.send_replace(true);
                    probing.await
                }
                probed = &mut probing => probed,
            };
            match probed.map_err(|error| error.in_language(self.language()))? {
                Probing::Done(reachability) => return Ok(*reachability),
                Probing::Stopped(attempts) => before = attempts,
            }
        }
    }

    /// Everything that is met comes after `before`.
    async fn probe_once(
        &self,
        link: &str,
        how: ProbeOptions,
        before: Vec<Attempt>,
        stop: Stop,
    ) -> Result<Probing, GetError> {
        let ProbeOptions { exposure, allow_direct } = how;
        let Probed { url, named, exposure: of_link } = probed(link)?;
        let how = GetOptions { exposure: exposure.max(of_link), allow_direct, ignore_pause: true };
        let page = |url: &Url| KnownPage { url: url.clone(), published: false };
        // The canonical form of a link may leave out something that the link named.
        let (of_link, of_page) = (self.page_ways(page(&named), how).await?, self.page_ways(page(&url), how).await?);
        let may = RouteLimits {
            exposure: of_link.exposure.max(of_page.exposure),
            avoid_direct: of_link.avoid_direct || of_page.avoid_direct,
            allow_direct,
        };
        if let Err(error) = self.inner.http.order(&self.request(&url, may)) {
            let reachability = Reachability::of(self.asked(&url, may, Vec::new()), None, before);
            return Err(GetError::met(error, reachability));
        }
        let mut access = AccessScope::new(self, Action::Probe);
        let http = access.http();
        let mut ways: Vec<Strategy> = Vec::new();
        for way in self.allowed(may) {
            // A strategy that was given twice must not double the handshakes.
            if !ways.contains(way) {
                ways.push(way.clone());
            }
        }
        let asking = ways.iter().map(|way| {
            let mut request = self.request(&url, may);
            request.limits.total = request.limits.total.min(PROBED);
            request.stop = Some(stop.clone());
            let asking = http.fetch_over(std::slice::from_ref(way), request);
            async {
                let mut fetched = asking.await;
                let urls = std::mem::take(&mut fetched.urls);
                let so_far = fetched.attempts.clone();
                let (result, losers) = fetched.split();
                let attempts = tokio::select! {
                    biased;
                    () = stop.is_set() => so_far,
                    attempts = Box::pin(losers.hear_out(SETTLED.min(self.inner.timeout))) => attempts,
                };
                (urls, result, attempts)
            }
        });
        let mut fetched = join_all(asking).await;
        let reached_by =
            fetched.iter().zip(&ways).find(|((_, result, _), _)| result.is_ok()).map(|(_, way)| way.clone());
        let leads_nowhere = fetched.first().is_some_and(|(_, result, _)| leads_nowhere(result));
        let hops = fetched.first_mut().map(|(urls, ..)| std::mem::take(urls)).unwrap_or_default();
        let attempts: Vec<Attempt> = fetched.into_iter().flat_map(|(.., attempts)| attempts).collect();
        let all = [before, attempts.clone()].concat();
        let mut asked = self.asked(&url, may, hops);
        asked.context.redirect_fault = leads_nowhere;
        asked.context.read_otherwise = leads_nowhere && reached_by.is_some();
        if reached_by.is_some() && !stop.is_over() {
            tokio::select! {
                biased;
                () = stop.is_set() => {}
                answering = http.answering(mute(&asked.subject, &attempts)) => asked.context.answering = answering,
            }
        }
        if stop.is_over() {
            return Ok(Probing::Stopped(all));
        }
        let reachability = Reachability::of(asked, reached_by, all);
        self.inner.store.flush().await;
        access.judged(&reachability);
        Ok(Probing::Done(Box::new(reachability)))
    }
}

/// How a probe ended.
enum Probing {
    Done(Box<Reachability>),
    /// An exposure was raised meanwhile: what it had met until then, and before.
    Stopped(Vec<Attempt>),
}

/// A probe measures a route and does not need the whole body, so it gives up a route that drips. This is enough for the
/// handshakes of a bad network and 300 kB at the 14 kB/s of a throttled one, and as long as somebody watches a working
/// phone.
const PROBED: Duration = Duration::from_secs(30);

/// The resolvers of the subject that gave no address for the name, and did not deny it either.
fn mute(subject: &Strategy, attempts: &[Attempt]) -> Vec<Resolver> {
    let mut mute: Vec<Resolver> = Vec::new();
    let own = attempts.iter().filter(|attempt| attempt.strategy == *subject);
    for lookup in own.flat_map(|attempt| &attempt.lookups).filter(|lookup| lookup.is_unanswered()) {
        if !mute.contains(&lookup.resolver) {
            mute.push(lookup.resolver.clone());
        }
    }
    mute
}

/// What a link asks to probe.
struct Probed {
    /// A community's link in its canonical form, or any web page.
    url: Url,
    /// The URL as it was given, which may name more.
    named: Url,
    exposure: Exposure,
}

/// Of a signed community, the first mirror in the link is probed.
fn probed(link: &str) -> Result<Probed, GetError> {
    match link.parse::<HomeLink>() {
        Ok(HomeLink { home: home @ (Home::Vk(_) | Home::Telegram(_)), exposure, .. }) => {
            let url = web_url(&home.to_string())?;
            // A link that opens Telegram's app is no address of the web, and names the channel alone.
            Ok(Probed { named: given_url(link).unwrap_or_else(|_| url.clone()), url, exposure })
        }
        Ok(HomeLink { home, exposure, .. }) if Home::names_signed(link.trim()) => {
            let url = web_url(&home.to_string())?;
            Ok(Probed { named: url.clone(), url, exposure })
        }
        Err(LinkError::Exposure(error)) => Err(error.into()),
        _ => {
            let url = web_url(link)?;
            Ok(Probed { named: url.clone(), url, exposure: Exposure::Open })
        }
    }
}
