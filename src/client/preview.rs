//! Whom opening a link would contact, and what each of them would see. Making a preview sends nothing.

use std::fmt;

use url::Url;

use super::{Byway, HomeLink, OpenError, OpenFault, OpenOptions};
use crate::exposure::Exposure;
use crate::fetch::Request;
use crate::reach::VerdictCode;
use crate::sentences::{self, Contact, Language, Observer};
use crate::source::{Identity, Platform, SourceError, isolation};
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
    /// Why nothing at all would be sent: the code of the fault with which opening would fail, `offline` if the caller
    /// asked for that, or `whitelist_only` during a pause on such a network ([`OpenOptions::ignore_pause`]).
    pub refusal: Option<&'static str>,
    /// If nothing is sent because of a fault: the fault that a reading would return.
    pub(super) fault: Option<SourceError>,
    /// The client's language when the preview was made.
    pub(super) language: Language,
}

impl Preview {
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
            .field("refusal", &self.refusal)
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
        let HomeLink { home, exposure } = self.read_link(link).await?;
        let source = self.inner.sources.of(&home).ok_or(OpenFault::UnsupportedHome)?;
        let known = self.inner.store.at(&home).await?;
        let ways = self.ways(&known, OpenOptions { exposure: how.exposure.max(exposure), ..how });
        let asks = source.contacts(&home);
        let mut preview = Preview {
            link: HomeLink::new(home, ways.exposure),
            kept: known.community.is_some(),
            avoids_direct: ways.avoid_direct,
            hosts: asks.urls.iter().filter_map(Url::host_str).map(str::to_owned).collect(),
            routes: Vec::new(),
            refusal: None,
            fault: None,
            language: self.language(),
        };
        let named = asks.identity == Identity::Reader && ways.exposure == Exposure::Tor;
        preview.fault = asks.refusal.or(named.then(|| SourceError::TokenNamesReader(asks.platform.clone())));
        preview.refusal = preview.fault.as_ref().map(SourceError::code);
        if how.offline {
            (preview.refusal, preview.fault) = (Some(OFFLINE), None);
        } else if preview.refusal.is_none()
            && !how.ignore_pause
            && self.inner.dial_backoff.verdict(self.inner.net.now()).is_some()
        {
            preview.refusal = Some(VerdictCode::WhitelistOnly.code());
        }
        let (Some(url), None) = (asks.urls.first(), preview.refusal) else { return Ok(preview) };
        let mut request = Request::get(url.clone());
        request.exposure = ways.exposure;
        request.avoid_direct = ways.avoid_direct;
        request.isolation = isolation(&preview.link.home);
        let order = match self.inner.http.order(&request) {
            Ok(order) => order,
            Err(error) => {
                preview.refusal = Some(error.code());
                preview.fault = Some(SourceError::Unreached(error));
                return Ok(preview);
            }
        };
        let (vpn, host) = (self.network_mut().is_vpn(), url.host_str().unwrap_or_default());
        preview.routes = order
            .into_iter()
            .map(|strategy| (self.inner.http.lookups(&strategy, url).unwrap_or_default(), strategy))
            .map(|(lookups, strategy)| PreviewRoute {
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
            })
            .collect();
        Ok(preview)
    }
}

/// [`Preview::refusal`] if the caller asked only for what is kept.
const OFFLINE: &str = "offline";
