//! A link as people share it: a home, and the exposure that the sender asks for.

use std::fmt;
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use url::Url;

use crate::community::{Home, HomeError};
use crate::errors::{ErrorKind, errors};
use crate::exposure::{Exposure, UnknownExposure, asked_by, stated_in};
use crate::fetch::{UrlError, web_url};
use crate::sentences::Language;
use crate::signed::{COMMUNITY_SCHEME, CommunityLink, CommunityLinkError, KeyFingerprint};
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
    /// Further mirrors that the link to a signed community names. They are read beside the home.
    pub mirrors: Vec<Home>,
}

impl HomeLink {
    /// The link to a home that is to be read with this exposure.
    pub fn new(home: Home, exposure: Exposure) -> Self {
        Self { home, exposure, mirrors: Vec::new() }
    }

    /// The same with the mirrors of this link, without the home itself.
    fn with_mirrors(self, link: &CommunityLink) -> Self {
        let mirrors = link.mirrors().iter().filter_map(|mirror| mirror_of(mirror.as_str(), link));
        let mirrors = mirrors.filter(|mirror| *mirror != self.home).collect();
        Self { mirrors, ..self }
    }
}

impl FromStr for HomeLink {
    type Err = LinkError;

    /// Takes what [`Home`] takes, with or without an exposure at its end, and the link to a signed community in both its
    /// forms. What such a link leads to is read as a mirror of that community, or not at all.
    fn from_str(text: &str) -> Result<Self, LinkError> {
        let text = text.trim();
        if Home::names_signed(text) {
            let link: CommunityLink = text.parse()?;
            return match link.mirrors().iter().find_map(|mirror| mirror_of(mirror.as_str(), &link)) {
                Some(home) => Ok(Self::new(home, link.exposure()).with_mirrors(&link)),
                None if link.mirrors().is_empty() => Err(LinkError::NoMirror),
                None => Err(CommunityLinkError::Mirror.into()),
            };
        }
        let (before, fragment) = text.split_once('#').map_or((text, None), |(page, fragment)| (page, Some(fragment)));
        let signed = fragment.and_then(signed_in);
        if signed.is_none() && hides_signed(text) {
            return Err(CommunityLinkError::NoLink.into());
        }
        // People write it before the `#` as well. There it must not be overlooked: the link would be open.
        let (path, query) = before.split_once('?').unwrap_or((before, ""));
        let queried = exposure_in(query)?.0.max(stated_in(path)?);
        let Some(fragment) = fragment else { return Ok(Self::new(text.parse()?, queried)) };
        let page = before;
        if let Some(link) = signed {
            let link = link?;
            let home = mirror_of(page, &link).ok_or(CommunityLinkError::Mirror)?;
            return Ok(Self::new(home, link.exposure().max(queried)).with_mirrors(&link));
        }
        let (exposure, part) = exposure_in(fragment)?;
        let home = match part {
            Some(part) => format!("{page}#{part}").parse()?,
            None => page.parse()?,
        };
        Ok(Self::new(home, exposure.max(queried)))
    }
}

/// The home at this address, if it can be a mirror of the link's community.
fn mirror_of(address: &str, link: &CommunityLink) -> Option<Home> {
    let home: Home = format!("{address}#{COMMUNITY_SCHEME}{}", link.id()).parse().ok()?;
    home.signed_community().is_some().then_some(home)
}

/// The link to a signed community that a fragment is. A messenger may have encoded it; whatever of it is not understood is
/// an error, because it could ask for more caution. Earlier versions printed the exposure behind an `&`.
pub(super) fn signed_in(fragment: &str) -> Option<Result<CommunityLink, CommunityLinkError>> {
    if !Home::names_signed(fragment) {
        return None;
    }
    let text = percent_decode_str(fragment).decode_utf8_lossy();
    Some(text.parse())
}

/// Whether a link names a signed community where it counts for nothing: encoded twice by a messenger, behind another mark, before the
/// `#`. The page there would be read as an ordinary one, and nothing of it would have to be signed.
fn hides_signed(link: &str) -> bool {
    let mut text = link.to_ascii_lowercase();
    for _ in 0..MOST_ENCODINGS {
        let named = text.match_indices(COMMUNITY_SCHEME).any(|(at, scheme)| {
            let behind = text.get(at + scheme.len()..).unwrap_or_default();
            behind.bytes().take_while(u8::is_ascii_hexdigit).count() >= DIGITS_OF_AN_ID
        });
        if named {
            return true;
        }
        text = percent_decode_str(&text).decode_utf8_lossy().to_ascii_lowercase();
    }
    false
}

/// A link passes through few programs that encode it, one after another.
const MOST_ENCODINGS: usize = 4;

/// A page about `byway:` names no id. As many digits are one, even if the end is cut off.
const DIGITS_OF_AN_ID: usize = 16;

/// The fingerprint of root keys that the link to a signed community names, in either of its forms.
pub(super) fn keys_in(link: &str) -> Option<KeyFingerprint> {
    let link = link.trim();
    let signed = if Home::names_signed(link) { link.parse().ok() } else { signed_in(link.split_once('#')?.1)?.ok() };
    signed.as_ref().and_then(CommunityLink::key)
}

/// The exposure that a fragment asks for, and the rest of the fragment, which belongs to the page. An unknown word is
/// refused: to take it for `open` would show too much. The key may be in any case and percent-encoded.
pub(super) fn exposure_in(fragment: &str) -> Result<(Exposure, Option<String>), UnknownExposure> {
    let mut exposure = Exposure::Open;
    let mut rest = Vec::new();
    for part in fragment.trim().split('&') {
        let decoded = percent_decode_str(part).decode_utf8_lossy();
        match asked_by(&decoded)? {
            Some(asked) => exposure = exposure.max(asked),
            None => {
                // Behind another mark it is a part of the page, and counts all the same.
                exposure = exposure.max(stated_in(part)?);
                rest.push(part);
            }
        }
    }
    Ok((exposure, (!rest.is_empty()).then(|| rest.join("&"))))
}

/// The least strict exposure that a URL allows by itself, whether or not it leads to a community: that of its fragment,
/// or [`Exposure::Tor`] for an onion service.
pub(super) fn exposure_of(url: &Url) -> Result<Exposure, UnknownExposure> {
    let fragment = url.fragment().unwrap_or_default();
    let said = match signed_in(fragment) {
        Some(link) => link.map_err(|_| UnknownExposure)?.exposure(),
        None => exposure_in(fragment)?.0,
    };
    let onion = url.host().is_some_and(|host| is_onion_host(&host));
    Ok(if onion { Exposure::Tor } else { said })
}

impl HomeLink {
    /// The link with the fingerprint of the root keys, if it is that of a signed community.
    pub(super) fn with_keys(&self, keys: Option<KeyFingerprint>) -> String {
        self.signed_form(keys).unwrap_or_else(|| self.to_string())
    }

    /// The link to a signed community behind the address of its first mirror, with as many further ones as it holds.
    fn signed_form(&self, keys: Option<KeyFingerprint>) -> Option<String> {
        let Self { home, exposure, mirrors } = self;
        let id = home.signed_community()?.as_str().trim_start_matches(COMMUNITY_SCHEME).parse().ok()?;
        let link = CommunityLink::new(id, *exposure);
        let link = match keys {
            Some(keys) => link.with_key(keys),
            None => link,
        };
        let link = mirrors.iter().fold(link, |link, mirror| {
            let mirror = mirror.to_string();
            link.clone().with_mirror(mirror.split_once('#').map_or(mirror.as_str(), |(page, _)| page)).unwrap_or(link)
        });
        Some(format!("{}#{link}", home.to_string().split_once('#')?.0))
    }
}

impl fmt::Display for HomeLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { home, exposure, mirrors } = self;
        if let Some(link) = self.signed_form(None).filter(|_| !mirrors.is_empty() || *exposure > Exposure::Open) {
            return f.write_str(&link);
        }
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

    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

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
            ("vk.com/zavod#a=b&amp;exposure=tor", "https://vk.com/zavod#exposure=tor", Exposure::Tor),
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
    fn an_exposure_counts_wherever_it_stands() {
        for text in [
            "vk.com/zavod?exposure=tor",
            "https://vk.com/zavod?w=wall-1_2&EXPOSURE=tor",
            "t.me/s/zavod?exposure=tor#part",
            "https://a.example/?exposure=tor",
            "https://a.example/x?a=1;exposure=tor",
            "https://a.example/x?exposure%3Dtor#exposure=proxied",
            "https://a.example/&exposure=tor",
            "https://a.example/#part#exposure=tor",
            "https://a.example/#part?exposure=tor",
            "https://a.example/#/route/exposure=tor",
            &format!("https://a.example/#byway:{ID}&exposure=tor"),
            &format!("https://a.example/?exposure=tor#byway:{ID}"),
        ] {
            let link: HomeLink = text.parse().unwrap();
            assert_eq!(link.exposure, Exposure::Tor, "{text}");
            assert_eq!(link.to_string().parse(), Ok(link), "{text}");
        }
        for text in ["vk.com/zavod?exposure=onion", "https://a.example/?exposure", "https://a.example/#x#exposure=t"] {
            assert!(matches!(text.parse::<HomeLink>(), Err(LinkError::Exposure(_))), "{text}");
        }
        // These are pages about another exposure.
        for text in ["https://a.example/exposure", "https://a.example/#/exposure", "https://a.example/?x=exposure"] {
            assert_eq!(text.parse::<HomeLink>().unwrap().exposure, Exposure::Open, "{text}");
        }
    }

    #[test]
    fn an_id_that_counts_for_nothing_is_no_unsigned_page() {
        for text in [
            format!("https://a.example/#/byway:{ID}"),
            format!("https://a.example/#x&byway:{ID}"),
            format!("https://a.example/#exposure=tor&byway:{ID}"),
            format!("https://a.example/%23byway:{ID}"),
            format!("https://a.example/%2523BYWAY%253A{ID}"),
            format!("https://a.example/?u=byway:{ID}"),
            format!("a.example/byway:{ID}?exposure=tor"),
            format!("https://a.example/#%252Fbyway%253A{}", &ID[..20]),
        ] {
            assert_eq!(text.parse::<HomeLink>(), Err(CommunityLinkError::NoLink.into()), "{text}");
        }
        for text in ["https://a.example/byway:about", "https://a.example/#the-byway:face", "https://a.example/%23byway"]
        {
            assert!(text.parse::<HomeLink>().is_ok(), "{text}");
        }
        let encoded = format!("https://a.example/z/#byway%3A{ID}");
        assert!(encoded.parse::<HomeLink>().unwrap().home.signed_community().is_some());
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn every_link_that_is_printed_is_read_with_its_exposure(
            home in select(vec!["vk.com/zavod", "t.me/zavod", "https://a.example/x?y=1", "http://b.onion/", "https://a.example/#part", "SIGNED"]),
            exposure in select(Exposure::ALL),
            mirrors in vec(select(vec!["https://c.example/", "http://d.onion/x/"]), 0..3),
            place in 0..5_usize,
        ) {
            let home = home.replace("SIGNED", &format!("https://a.example/z/#byway:{ID}"));
            let link = HomeLink::new(home.parse().unwrap(), exposure);
            prop_assert_eq!(link.to_string().parse(), Ok(link.clone()));
            // A link to a signed community is read by both parsers, in both its forms.
            let signed = mirrors.iter().fold(CommunityLink::new(ID.parse().unwrap(), exposure), |link, mirror| {
                link.with_mirror(mirror).unwrap()
            });
            if !mirrors.is_empty() {
                let read: HomeLink = signed.to_string().parse().unwrap();
                prop_assert_eq!(read.exposure, exposure);
                prop_assert_eq!(read.to_string().parse(), Ok(read.clone()));
                prop_assert_eq!(read.to_string().parse::<CommunityLink>().unwrap().exposure(), exposure);
            }
            if link.home.signed_community().is_some() {
                prop_assert_eq!(link.to_string().parse::<CommunityLink>().unwrap().exposure(), exposure);
            }
            // An exposure that somebody adds anywhere is never lost.
            let stated = "exposure=tor";
            let text = match place {
                0 => format!("{home}#{stated}"),
                1 => format!("{home}&{stated}"),
                2 => format!("{home}?{stated}"),
                3 => home.replacen('#', &format!("#{stated}&"), 1),
                _ => home.replacen('#', &format!("?{stated}#"), 1),
            };
            if text != home {
                let read = text.parse::<HomeLink>();
                prop_assert!(read.as_ref().is_err() || read.as_ref().unwrap().exposure == Exposure::Tor, "{} {:?}", text, read);
            }
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

    const ID: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn the_web_form_of_a_signed_link_keeps_its_exposure() {
        let mirror = format!("https://m.example/z/#byway:{ID}");
        for (fragment, exposure) in [
            (format!("byway:{ID}"), Exposure::Open),
            (format!("byway:{ID}&exposure=tor"), Exposure::Tor),
            (format!("byway:{ID}?exposure=tor&mirror=other.example/"), Exposure::Tor),
            (format!("byway%3A{ID}?exposure=tor"), Exposure::Tor),
            (format!("byway:{ID}%3Fexposure=proxied"), Exposure::Proxied),
            (format!("%20BYWAY:{}?exposure%3Dtor", ID.to_uppercase()), Exposure::Tor),
        ] {
            let text = format!("https://m.example/z/#{fragment}");
            let link: HomeLink = text.parse().unwrap();
            assert_eq!((link.home.to_string(), link.exposure), (mirror.clone(), exposure), "{text}");
            assert_eq!(link.to_string().parse(), Ok(link), "{text}");
            assert_eq!(exposure_of(&text.parse().unwrap()), Ok(exposure), "{text}");
        }
        for rest in ["?key=0011223344556677aabb&amp;exposure=tor", "?caution=more", "&caution=more", "?"] {
            let text = format!("https://m.example/#byway:{ID}{rest}");
            assert_eq!(text.parse::<HomeLink>(), Err(CommunityLinkError::Parameter.into()), "{text}");
            assert!(exposure_of(&text.parse().unwrap()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_signed_link_leads_to_a_mirror_or_nowhere() {
        for text in [
            format!("byway:{ID}?mirror=t.me/impostor"),
            format!("byway:{ID}?mirror=vk.com/impostor"),
            format!("https://t.me/impostor#byway:{ID}"),
            format!("vk.com/impostor#byway:{ID}&exposure=tor"),
        ] {
            assert_eq!(text.parse::<HomeLink>(), Err(CommunityLinkError::Mirror.into()), "{text}");
        }
        for fragment in [format!("byway:{}", &ID[1..]), format!("BYWAY:{ID}.")] {
            let text = format!("https://m.example/#{fragment}");
            assert_eq!(text.parse::<HomeLink>(), Err(CommunityLinkError::Id.into()), "{text}");
        }
        let second: HomeLink = format!("byway:{ID}?mirror=t.me/x&mirror=m.example").parse().unwrap();
        assert_eq!(second.home.to_string(), format!("https://m.example/#byway:{ID}"));
    }

    #[test]
    fn a_link_to_a_part_of_a_page_keeps_both() {
        let link = HomeLink::new("https://example.org/a#part".parse().unwrap(), Exposure::Tor);
        assert_eq!(link.to_string(), "https://example.org/a#part&exposure=tor");
        assert_eq!(link.to_string().parse::<HomeLink>().unwrap().exposure, Exposure::Tor);
    }
}
