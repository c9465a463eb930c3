//! A link as people share it: a home, and the exposure that the sender asks for.

use std::fmt;
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use url::Url;

use crate::community::{Home, HomeError};
use crate::errors::{ErrorKind, errors};
use crate::exposure::{Exposure, UnknownExposure};
use crate::fetch::{UrlError, web_url};
use crate::sentences::Language;
use crate::signed::{CommunityLink, CommunityLinkError};
use crate::transport::is_onion_host;

/// A community's link with its exposure: `https://vk.com/NAME#exposure=tor`.
///
/// The exposure is in the fragment, which no browser sends to a server. A link without one is `open`. A caller that
/// opens the link may ask for a stricter exposure, but not for a laxer one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HomeLink {
    /// The community that the link leads to.
    pub home: Home,
    /// Who may learn at most that the link is read.
    pub exposure: Exposure,
}

impl HomeLink {
    /// The link to a home that is to be read with this exposure.
    pub fn new(home: Home, exposure: Exposure) -> Self {
        Self { home, exposure }
    }
}

impl FromStr for HomeLink {
    type Err = LinkError;

    /// Takes what [`Home`] takes, with or without an exposure at its end.
    fn from_str(text: &str) -> Result<Self, LinkError> {
        if is_signed(text.trim()) {
            return Self::of_signed(&text.trim().parse()?);
        }
        let Some((home, fragment)) = text.split_once('#') else {
            return Ok(Self { home: text.parse()?, exposure: Exposure::Open });
        };
        let (exposure, part) = exposure_in(fragment)?;
        let home = match part {
            Some(part) => format!("{home}#{part}").parse()?,
            None => home.parse()?,
        };
        Ok(Self { home, exposure })
    }
}

impl HomeLink {
    /// The first mirror of the link to a signed community.
    fn of_signed(link: &CommunityLink) -> Result<Self, LinkError> {
        let mirror = link.mirrors().first().ok_or(LinkError::NoMirror)?;
        let home = format!("{mirror}#{SIGNED}{}", link.id()).parse()?;
        Ok(Self { home, exposure: link.exposure() })
    }
}

/// Whether a text begins as the link to a signed community does.
fn is_signed(text: &str) -> bool {
    text.get(..SIGNED.len()).is_some_and(|start| start.eq_ignore_ascii_case(SIGNED))
}

/// The exposure that a fragment asks for, and the rest of the fragment, which belongs to the page. An unknown word is
/// refused: to take it for `open` would show too much. The key may be in any case and percent-encoded.
fn exposure_in(fragment: &str) -> Result<(Exposure, Option<String>), UnknownExposure> {
    // A signed community's link has its parameters behind a question mark. They are not part of the address of its mirror.
    if let Some((id, parameters)) = fragment.trim().split_once('?').filter(|(id, _)| is_signed(id)) {
        return Ok((exposure_in(parameters)?.0, Some(id.to_owned())));
    }
    let mut exposure = Exposure::Open;
    let mut rest = Vec::new();
    for part in fragment.trim().split('&') {
        let decoded = percent_decode_str(part).decode_utf8_lossy();
        let key = decoded.split('=').next().unwrap_or_default().trim();
        if !key.eq_ignore_ascii_case(KEY) {
            rest.push(part);
            continue;
        }
        let word = decoded.split_once('=').map_or("", |(_, word)| word.trim());
        exposure = exposure.max(word.parse()?);
    }
    Ok((exposure, (!rest.is_empty()).then(|| rest.join("&"))))
}

/// The least strict exposure that a URL allows by itself, whether or not it leads to a community: that of its fragment,
/// or [`Exposure::Tor`] for an onion service.
pub(super) fn exposure_of(url: &Url) -> Result<Exposure, UnknownExposure> {
    let said = url.fragment().map(exposure_in).transpose()?.map_or(Exposure::Open, |(said, _)| said);
    let onion = url.host().is_some_and(|host| is_onion_host(&host));
    Ok(if onion { Exposure::Tor } else { said })
}

impl fmt::Display for HomeLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { home, exposure } = self;
        match exposure {
            Exposure::Open => write!(f, "{home}"),
            Exposure::Proxied | Exposure::Tor => {
                let mark = if home.to_string().contains('#') { '&' } else { '#' };
                write!(f, "{home}{mark}{KEY}={exposure}")
            }
        }
    }
}

/// Why a text is not a link.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LinkError {
    /// The text does not lead to a community.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// The text begins as the link to a signed community does, and is not one.
    #[error(transparent)]
    Signed(#[from] CommunityLinkError),
    /// The link to a signed community names no mirror.
    #[error("the link names no mirror of the community, so there is no address to read it at")]
    NoMirror,
    /// The exposure in the text is invalid.
    #[error(transparent)]
    Exposure(#[from] UnknownExposure),
}

errors! {
    LinkError: |_error| ErrorKind::Input;
}

impl LinkError {
    /// The stable code: its own, or that of the [`HomeError`] or [`CommunityLinkError`].
    pub fn code(&self) -> &'static str {
        match self {
            LinkError::Home(error) => error.code(),
            LinkError::Signed(error) => error.code(),
            LinkError::NoMirror => "no_mirror",
            LinkError::Exposure(_) => "exposure",
        }
    }

    /// Why, in one plain sentence.
    pub fn sentence(&self, language: Language) -> String {
        match self {
            LinkError::Home(error) => error.sentence(language),
            LinkError::Signed(error) => error.sentence(language),
            LinkError::NoMirror => match language {
                Language::En => "The link names no mirror of the community, so there is no address to read it at.",
                Language::Ru => "В ссылке не указано зеркало сообщества, поэтому читать его негде.",
            }
            .to_owned(),
            LinkError::Exposure(error) => error.sentence(language),
        }
    }
}

const KEY: &str = "exposure";

/// How the link to a signed community begins.
const SIGNED: &str = "byway:";

/// The URL of a link as it was given, with its query and fragment.
pub(super) fn given_url(link: &str) -> Result<Url, UrlError> {
    let link = link.trim();
    if link.contains("://") {
        return web_url(link);
    }
    web_url(&format!("https://{}", link.trim_start_matches('/')))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn an_exposure_travels_in_the_link_and_back() {
        for (text, printed, exposure) in [
            ("vk.com/zavod", "https://vk.com/zavod", Exposure::Open),
            ("vk.com/zavod#exposure=tor", "https://vk.com/zavod#exposure=tor", Exposure::Tor),
            (
                "m.vk.com/zavod#exposure=Proxied&exposure=open",
                "https://vk.com/zavod#exposure=proxied",
                Exposure::Proxied,
            ),
            ("https://example.org/a#exposure=tor", "https://example.org/a#exposure=tor", Exposure::Tor),
            ("https://example.org/a#part", "https://example.org/a#part", Exposure::Open),
            ("https://example.org/a#part&exposure=tor", "https://example.org/a#part&exposure=tor", Exposure::Tor),
            ("vk.com/zavod#Exposure=TOR", "https://vk.com/zavod#exposure=tor", Exposure::Tor),
            ("vk.com/zavod#%65xposure%3Dtor", "https://vk.com/zavod#exposure=tor", Exposure::Tor),
            ("https://example.org/a#&exposure=tor", "https://example.org/a#&exposure=tor", Exposure::Tor),
        ] {
            let link: HomeLink = text.parse().unwrap();
            assert_eq!((link.to_string().as_str(), link.exposure), (printed, exposure));
            assert_eq!(link.to_string().parse(), Ok(link));
        }
    }

    #[test]
    fn an_exposure_that_is_none_is_refused_and_not_taken_for_open() {
        for text in [
            "vk.com/zavod#exposure=",
            "vk.com/zavod#exposure",
            "vk.com/zavod#exposure=onion",
            "vk.com/zavod#a=b&exposure=t",
            "vk.com/zavod#exposure=tor&EXPOSURE=t",
        ] {
            assert!(matches!(text.parse::<HomeLink>(), Err(LinkError::Exposure(_))), "{text}");
        }
    }

    #[test]
    fn a_url_asks_for_the_exposure_of_its_fragment_and_host() {
        for (url, exposure) in [
            ("https://site.example/", Exposure::Open),
            ("https://site.example/#exposure=proxied", Exposure::Proxied),
            ("http://abc.onion/", Exposure::Tor),
            ("http://ABC.Onion./#exposure=open", Exposure::Tor),
        ] {
            assert_eq!(exposure_of(&url.parse().unwrap()), Ok(exposure), "{url}");
        }
        assert!(exposure_of(&"http://abc.onion/#exposure=none".parse().unwrap()).is_err());
    }

    #[test]
    fn a_link_to_a_part_of_a_page_keeps_both() {
        let link = HomeLink::new("https://example.org/a#part".parse().unwrap(), Exposure::Tor);
        assert_eq!(link.to_string(), "https://example.org/a#part&exposure=tor");
        assert_eq!(link.to_string().parse::<HomeLink>().unwrap().exposure, Exposure::Tor);
    }
}
