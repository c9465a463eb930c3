//! Whom opening a link would contact, and what each of them would see. Making a preview sends nothing.

use std::fmt;

use url::Url;

use super::asked::Asked;
use super::folder::FolderLink;
use super::read_request::ReadRequest;
use super::succession::Lead;
use super::{Action, Byway, HomeLink, OpenError, OpenFault, OpenOptions, RouteLimits};
use crate::community::{CommunityId, Home};
use crate::exposure::Exposure;
use crate::fetch::{FetchError, Request};
use crate::reach::VerdictCode;
use crate::sentences::{self, Contact, Language, Observer};
use crate::source::{Contacts, Identity, OtherHome, Platform, ReadOptions, SourceError, isolation};
use crate::transport::{PlannedLookups, Strategy};

/// What opening a link would show, and to whom.
///
/// A preview serialises in full, with hosts and proxies, for the app's own use. `Debug` is redacted.
#[derive(Clone)]
#[non_exhaustive]
pub struct Preview {
    /// The link, with the exposure with which it would be opened.
    pub link: HomeLink,
    /// A copy of the community is kept on this device, so there is something to show whatever happens.
    pub kept: bool,
    /// A known restriction, or the community's access advice, speaks against the direct routes. Unless the user allows
    /// them, they are not tried, neither to open the community nor to fetch or probe a page of it.
    pub avoids_direct: bool,
    /// The hosts that would be asked. Each host after the first is asked only if those before it are not reached.
    pub hosts: Vec<String>,
    /// The routes that would be used, in the order in which they are tried. A later route is tried only if those before
    /// it fail or are slow. The observers of a strategy that is not tried see nothing.
    pub routes: Vec<PreviewRoute>,
    /// The other homes that would be asked: those of a signed community beside this one (the further mirrors of the link, those that the
    /// user named before, and those that the community names), then those of the successors to which opening leads, as far as
    /// the moves are known on this device. A move that only the answer brings is not among them; its addresses are not contacted
    /// directly, unless the user asked for their origin.
    pub others: Vec<PreviewHome>,
    /// Why nothing at all would be sent: the code of the fault with which opening would fail, `offline` if the caller
    /// asked for that, or `whitelist_only` during a pause on such a network ([`OpenOptions::ignore_pause`]).
    pub refusal: Option<&'static str>,
    /// If nothing is sent because of a fault: the fault that a reading would return.
    pub(super) fault: Option<SourceError>,
    /// The client's language when the preview was made.
    pub(super) language: Language,
}

impl Preview {
    /// Opening leads on, whether or not the link's own home may be asked. Then something is sent.
    fn with_successors(mut self, successors: Vec<PreviewHome>) -> Self {
        if successors.iter().any(|one| !one.routes.is_empty()) {
            (self.refusal, self.fault) = (None, None);
        }
        self.others.extend(successors);
        self
    }

    /// Why nothing at all would be sent, in one or two sentences; `None` if something would be sent.
    pub fn refusal_sentence(&self, language: Language) -> Option<String> {
        let code = self.refusal?;
        Some(match &self.fault {
            Some(fault) => fault.sentence(language),
            None => sentences::left_alone(language, code == OFFLINE).to_owned(),
        })
    }
}

impl fmt::Debug for Preview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Preview")
            .field("exposure", &self.link.exposure)
            .field("kept", &self.kept)
            .field("avoids_direct", &self.avoids_direct)
            .field("routes", &self.routes)
            .field("others", &self.others)
            .field("refusal", &self.refusal)
            .finish_non_exhaustive()
    }
}

/// Another home of the community or of its successor, and the routes to it.
///
/// `Debug` is redacted.
#[derive(Clone)]
#[non_exhaustive]
pub struct PreviewHome {
    /// The address.
    pub home: Home,
    /// The hosts that would be asked there, each only if those before it are not reached.
    pub hosts: Vec<String>,
    /// It is a home of a successor, to which opening leads. Each of those is asked only if those before it do not answer.
    pub is_successor: bool,
    /// The routes that would be used, as [`Preview::routes`]. Empty: nothing that is permitted leads there, and it would not be
    /// contacted. A home that only a charter names is never contacted directly.
    pub routes: Vec<PreviewRoute>,
}

impl fmt::Debug for PreviewHome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { home: _, hosts: _, is_successor, routes } = self;
        f.debug_struct("PreviewHome")
            .field("is_successor", is_successor)
            .field("routes", routes)
            .finish_non_exhaustive()
    }
}

/// One route, and who sees something when it is used.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PreviewRoute {
    /// The route.
    pub strategy: Strategy,
    /// Who sees something, in the order in which the traffic passes them.
    pub contacts: Vec<PreviewContact>,
}

/// One observer. `Debug` is redacted.
#[derive(Clone)]
#[non_exhaustive]
pub struct PreviewContact {
    /// Who it is.
    pub observer: Observer,
    strategy: Strategy,
    lookups: PlannedLookups,
    host: String,
    platform: Platform,
    identity: Identity,
    vpn: bool,
    language: Language,
}

impl fmt::Debug for PreviewContact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreviewContact").field("observer", &self.observer).finish_non_exhaustive()
    }
}

impl PreviewContact {
    /// What this observer would see, in one sentence.
    pub fn sentence(&self, language: Language) -> String {
        let Self { observer, strategy, lookups, host, platform, identity, vpn, language: _ } = self;
        let contact =
            Contact { observer: *observer, strategy, lookups, host, platform, identity: *identity, vpn: *vpn };
        sentences::contact(language, &contact)
    }

    /// The client's language when the preview was made.
    pub(super) fn language(&self) -> Language {
        self.language
    }

    /// For [`Observer::Resolver`]: the resolvers that are asked for the host, and the names for which the system's
    /// resolver is asked in addition. Empty for any other observer.
    pub fn lookups(&self) -> PlannedLookups {
        if self.observer == Observer::Resolver { self.lookups.clone() } else { PlannedLookups::default() }
    }
}

impl Byway {
    /// Says whom [`Byway::open`] would contact, and what each of them would see. Sends nothing, not even a DNS query.
    ///
    /// # Errors
    ///
    /// [`OpenFault::Link`], [`OpenFault::UnsupportedHome`], [`OpenFault::Exposure`] and [`OpenFault::Store`].
    pub async fn preview(&self, link: &str) -> Result<Preview, OpenError> {
        self.preview_with(link, OpenOptions::default()).await
    }

    /// The same for [`Byway::open_with`].
    ///
    /// # Errors
    ///
    /// As [`Byway::preview`].
    pub async fn preview_with(&self, link: &str, how: OpenOptions) -> Result<Preview, OpenError> {
        self.foresee(link, how).await.map_err(|fault| OpenError::untried(fault).in_language(self.language()))
    }

    async fn foresee(&self, link: &str, how: OpenOptions) -> Result<Preview, OpenFault> {
        if let Some(folder) = FolderLink::of(link) {
            return self.foresee_folder(folder?, how).await;
        }
        let HomeLink { home, exposure, mirrors } = self.read_link(link).await?;
        let source = self.inner.sources.of(&home).ok_or(OpenFault::UnsupportedHome)?;
        // Opening the link asks for its address.
        let known = self.inner.store.at_if_asked(&home, true).await?;
        let ways = self.ways(&known, OpenOptions { exposure: how.exposure.max(exposure), ..how });
        let asks = source.contacts(&home);
        let mut preview = Preview {
            link: HomeLink { mirrors, ..HomeLink::new(home, ways.exposure) },
            kept: known.community.is_some(),
            avoids_direct: ways.avoid_direct,
            hosts: asks.urls.iter().filter_map(Url::host_str).map(str::to_owned).collect(),
            routes: Vec::new(),
            others: Vec::new(),
            refusal: None,
            fault: None,
            language: self.language(),
        };
        let named = asks.identity == Identity::Reader && ways.exposure == Exposure::Tor;
        preview.fault = asks.refusal.clone().or(named.then(|| SourceError::TokenNamesReader(asks.platform.clone())));
        preview.refusal = preview.fault.as_ref().map(SourceError::code);
        if how.offline {
            (preview.refusal, preview.fault) = (Some(OFFLINE), None);
        } else if preview.refusal.is_none()
            && !how.ignore_pause
            && self.inner.dial_backoff.verdict(self.inner.net.now()).is_some()
        {
            preview.refusal = Some(VerdictCode::WhitelistOnly.code());
        }
        let is_silent = how.offline || preview.refusal == Some(VerdictCode::WhitelistOnly.code());
        let named: Vec<Home> = [&preview.link.home].into_iter().chain(&preview.link.mirrors).cloned().collect();
        let successors = match known.id().filter(|_| !is_silent) {
            Some(id) => self.foreseen_successors(id, &named, OpenOptions { exposure: ways.exposure, ..how }).await,
            None => Vec::new(),
        };
        let (Some(url), None) = (asks.urls.first(), preview.refusal) else {
            return Ok(preview.with_successors(successors));
        };
        match self.foreseen_routes(&preview.link.home, url, &asks, ways) {
            Ok(routes) => preview.routes = routes,
            Err(error) => {
                preview.refusal = Some(error.code());
                preview.fault = Some(SourceError::Unreached(error));
                return Ok(preview.with_successors(successors));
            }
        }
        let home = &preview.link.home;
        let request = ReadRequest::of(how, Action::Open).asked(named);
        let asked = self.asked_mirrors(home, &request).await;
        let mut reading = ReadOptions::new(ways.exposure, self.language(), self.wall());
        reading.avoid_direct = ways.avoid_direct;
        for other in self.other_homes(home, &known, &asked, &reading, &request).await {
            preview.others.extend(self.foreseen_other(other, false));
        }
        Ok(preview.with_successors(successors))
    }

    /// The homes of the communities to which opening a kept community leads, by what is remembered of their moves. `named`: the homes
    /// for which the link asks. The steps are those of [`Byway::follow_moves`].
    async fn foreseen_successors(&self, id: &CommunityId, named: &[Home], how: OpenOptions) -> Vec<PreviewHome> {
        let (mut passed, mut how) = (vec![id.clone()], how);
        let mut asked_here = self.inner.store.asked(id.clone()).await.unwrap_or_default();
        asked_here.add(named);
        let mut foreseen: Vec<PreviewHome> = Vec::new();
        while let Some(here) = passed.last() {
            let here = self.inner.store.of(here).await.ok().and_then(|known| known.community);
            let Some(here) = here.map(|kept| kept.community) else { break };
            let Some(Lead::Onward(on)) = self.lead(&here, &passed).await else { break };
            // Following asks for what is on an origin that the user asked for to read the old community.
            let mut asked = self.inner.store.asked(on.to.clone()).await.unwrap_or_default();
            asked.add(on.homes.iter().filter(|home| asked_here.covers(home)));
            let mut exposure = how.exposure;
            for home in &on.homes {
                let of_home = self.foreseen_successor(home, &asked, how).await;
                exposure = of_home.iter().map(|(exposure, _)| *exposure).fold(exposure, Exposure::max);
                for (_, one) in of_home {
                    match foreseen.iter_mut().find(|known| known.home == one.home) {
                        // Whichever of its addresses answers first, nothing may be sent that is not listed.
                        Some(known) if known.routes.len() < one.routes.len() => known.routes = one.routes,
                        Some(_) => {}
                        None => foreseen.push(one),
                    }
                }
            }
            if !self.goes_on(&here.id, &on).await {
                break;
            }
            passed.push(on.to.clone());
            (asked_here, how.exposure) = (asked, exposure);
        }
        foreseen
    }

    /// A home of a successor and the homes that are asked beside it, each with the exposure that applies.
    async fn foreseen_successor(&self, home: &Home, asked: &Asked, how: OpenOptions) -> Vec<(Exposure, PreviewHome)> {
        let is_asked = asked.covers(home);
        let how = OpenOptions { allow_direct: how.allow_direct && is_asked, ..how };
        // If the store cannot say how it may be read, it is not.
        let Ok(known) = self.inner.store.at_if_asked(home, is_asked).await else { return Vec::new() };
        let Some(source) = self.inner.sources.of(home) else { return Vec::new() };
        let (ways, asks) = (self.ways(&known, how), source.contacts(home));
        let is_refused =
            asks.refusal.is_some() || (asks.identity == Identity::Reader && ways.exposure == Exposure::Tor);
        let mut reading = ReadOptions::new(ways.exposure, self.language(), self.wall());
        reading.avoid_direct = ways.avoid_direct;
        let request = ReadRequest::of(how, Action::Open);
        let others = match is_refused {
            true => Vec::new(),
            false => self.other_homes(home, &known, asked, &reading, &request).await,
        };
        let how = ReadOptions { exposure: ways.exposure, avoid_direct: ways.avoid_direct, ..reading };
        let first = OtherHome { home: home.clone(), how, is_asked };
        let exposures = |other: OtherHome| {
            let exposure = other.how.exposure;
            self.foreseen_other(other, true).map(|one| (exposure, one))
        };
        let mut homes: Vec<_> = [first].into_iter().chain(others).filter_map(exposures).collect();
        if let Some((_, first)) = homes.first_mut().filter(|_| is_refused) {
            first.routes.clear();
        }
        homes
    }

    /// Another home that a reading would ask, and the routes to it.
    fn foreseen_other(&self, other: OtherHome, is_successor: bool) -> Option<PreviewHome> {
        let (asks, how) = (self.inner.sources.of(&other.home)?.contacts(&other.home), &other.how);
        let ways = RouteLimits { exposure: how.exposure, avoid_direct: how.avoid_direct, allow_direct: false };
        let hosts = asks.urls.iter().filter_map(Url::host_str).map(str::to_owned).collect();
        // Where nothing is permitted, nothing is sent.
        let routes = self.foreseen_routes(&other.home, asks.urls.first()?, &asks, ways).unwrap_or_default();
        Some(PreviewHome { home: other.home, hosts, is_successor, routes })
    }

    /// A folder of this device is read without any contact.
    async fn foresee_folder(&self, folder: FolderLink, how: OpenOptions) -> Result<Preview, OpenFault> {
        let (link, id) = folder.shown(self.inner.exposure.max(how.exposure));
        let known = match &id {
            Some(id) => Some(self.inner.store.of(id).await?),
            None => None,
        };
        let floor = known.as_ref().map_or(Exposure::Open, |known| known.floor);
        Ok(Preview {
            link: HomeLink::new(link.home, link.exposure.max(floor)),
            kept: known.is_some_and(|known| known.community.is_some()),
            avoids_direct: false,
            hosts: Vec::new(),
            routes: Vec::new(),
            others: Vec::new(),
            refusal: Some(OFFLINE),
            fault: None,
            language: self.language(),
        })
    }

    /// The routes to a home, in the order in which they are tried, and who sees something of each.
    fn foreseen_routes(
        &self,
        home: &Home,
        url: &Url,
        asks: &Contacts,
        ways: RouteLimits,
    ) -> Result<Vec<PreviewRoute>, FetchError> {
        let mut request = Request::get(url.clone());
        request.exposure = ways.exposure;
        request.avoid_direct = ways.avoid_direct;
        request.isolation = isolation(home);
        let order = self.inner.http.order(&request)?;
        let (vpn, host) = (self.network_mut().is_vpn(), url.host_str().unwrap_or_default());
        let route = |(lookups, strategy): (PlannedLookups, Strategy)| PreviewRoute {
            contacts: Observer::of(&strategy, &lookups)
                .into_iter()
                .map(|observer| PreviewContact {
                    observer,
                    strategy: strategy.clone(),
                    lookups: lookups.clone(),
                    host: host.to_owned(),
                    platform: asks.platform.clone(),
                    identity: asks.identity,
                    vpn,
                    language: self.language(),
                })
                .collect(),
            strategy,
        };
        let looked_up = order.into_iter().map(|strategy| (self.inner.http.lookups(&strategy, url), strategy));
        Ok(looked_up.map(|(lookups, strategy)| route((lookups.unwrap_or_default(), strategy))).collect())
    }
}

/// [`Preview::refusal`] if the caller asked only for what is kept.
const OFFLINE: &str = "offline";
