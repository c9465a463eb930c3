use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use url::Url;

use super::{KeyFingerprint, SignedId};
use crate::exposure::{Exposure, stated_in};

/// The link to a signed community, as people hand it on.
///
/// ```text
/// byway:ID?exposure=tor&key=FINGERPRINT&mirror=HOST/PATH/&mirror=http://ONION/
/// ```
///
/// - `ID` has 64 hexadecimal digits ([`SignedId`]). Everything else is optional.
/// - `exposure` is the lowest [`Exposure`] with which the community is read.
/// - `key` is the fingerprint of the root keys when the link was made ([`KeyFingerprint`]).
/// - `mirror` is an address that carries the community: `https://` where no scheme is given. There are at most 4.
///
/// A link has at most 331 bytes, so that it fits a QR code that a phone reads from paper. A parameter that this version
/// does not know is an error: an ignored one could ask for more caution. A link printed and parsed is the same link.
///
/// Many messengers open only `https://` links. For them the link follows the `#` of a mirror's address
/// ([`CommunityLink::web_form`]), which browsers don't send to the server. Parsing takes this form as well, and decodes
/// percent signs after the `#` once, because messengers encode there; the address before the `#` is then not used.
///
/// ```
/// use byway::{CommunityLink, Exposure};
///
/// let text = "byway:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad?exposure=tor&mirror=zavod.example/";
/// let link: CommunityLink = text.parse()?;
/// assert_eq!(link.exposure(), Exposure::Tor);
/// assert_eq!(link.mirrors()[0].as_str(), "https://zavod.example/");
/// assert_eq!(link.to_string(), text);
/// # Ok::<(), byway::CommunityLinkError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct CommunityLink {
    id: SignedId,
    exposure: Exposure,
    key: Option<KeyFingerprint>,
    mirrors: Vec<Url>,
}

impl CommunityLink {
    /// The link to a community that is to be read with this exposure.
    pub fn new(id: SignedId, exposure: Exposure) -> Self {
        Self { id, exposure, key: None, mirrors: Vec::new() }
    }

    /// With the fingerprint of the root keys.
    #[must_use]
    pub fn with_key(self, key: KeyFingerprint) -> Self {
        Self { key: Some(key), ..self }
    }

    /// With one more mirror. A known one is not added again.
    ///
    /// # Errors
    /// [`CommunityLinkError::Mirror`], [`CommunityLinkError::TooManyMirrors`], [`CommunityLinkError::TooLong`].
    pub fn with_mirror(mut self, mirror: &str) -> Result<Self, CommunityLinkError> {
        let mirror = mirror_url(mirror).ok_or(CommunityLinkError::Mirror)?;
        if self.mirrors.contains(&mirror) {
            return Ok(self);
        }
        if self.mirrors.len() == MAX_LINK_MIRRORS {
            return Err(CommunityLinkError::TooManyMirrors);
        }
        self.mirrors.push(mirror);
        if self.to_string().len() > MAX_LINK_BYTES { Err(CommunityLinkError::TooLong) } else { Ok(self) }
    }

    /// The same link with this exposure, unless its own is higher.
    ///
    /// # Errors
    /// [`CommunityLinkError::TooLong`] if there is no room for the word.
    pub fn raised_to(self, exposure: Exposure) -> Result<Self, CommunityLinkError> {
        let raised = Self { exposure: self.exposure.max(exposure), ..self };
        if raised.to_string().len() > MAX_LINK_BYTES { Err(CommunityLinkError::TooLong) } else { Ok(raised) }
    }

    /// The community.
    pub fn id(&self) -> SignedId {
        self.id
    }

    /// The lowest exposure with which it is to be read.
    pub fn exposure(&self) -> Exposure {
        self.exposure
    }

    /// The fingerprint of its root keys when the link was made.
    pub fn key(&self) -> Option<KeyFingerprint> {
        self.key
    }

    /// The addresses that carry it. Each ends with a slash and has no login, query or fragment.
    pub fn mirrors(&self) -> &[Url] {
        &self.mirrors
    }

    /// The link behind the address of its first mirror, for messengers that open only such links. A person without an
    /// app then reads the mirror's page.
    ///
    /// `None` without a mirror, if it would have more than 1,024 bytes, and if the exposure forbids a browser's direct visit: above
    /// [`Exposure::Open`] only an onion service, which no ordinary browser reaches, may stand there.
    pub fn web_form(&self) -> Option<String> {
        let allowed = |mirror: &&Url| self.exposure == Exposure::Open || is_onion(mirror);
        // What follows the `#` is decoded when it is read.
        let link = || self.to_string().replace('%', "%25");
        let form = self.mirrors.iter().find(allowed).map(|mirror| format!("{mirror}#{}", link()));
        form.filter(|form| form.len() <= MAX_WEB_FORM_BYTES)
    }
}

fn is_onion(url: &Url) -> bool {
    url.host_str().is_some_and(|host| host.ends_with(".onion"))
}

impl fmt::Display for CommunityLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, exposure, key, mirrors } = self;
        write!(f, "{SCHEME}{id}")?;
        let mut mark = '?';
        let mut parameter = |f: &mut fmt::Formatter<'_>, name: &str, value: &dyn fmt::Display| {
            let written = write!(f, "{mark}{name}={value}");
            mark = '&';
            written
        };
        if *exposure > Exposure::Open {
            parameter(f, EXPOSURE, exposure)?;
        }
        if let Some(key) = key {
            parameter(f, KEY, &key.compact())?;
        }
        for mirror in mirrors {
            parameter(f, MIRROR, &mirror.as_str().strip_prefix(HTTPS).unwrap_or(mirror.as_str()))?;
        }
        Ok(())
    }
}

impl fmt::Debug for CommunityLink {
    /// Redacted: a log must not reveal who reads what.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id: _, exposure, key: _, mirrors } = self;
        f.debug_struct("CommunityLink")
            .field("exposure", exposure)
            .field("mirrors", &mirrors.len())
            .finish_non_exhaustive()
    }
}

impl FromStr for CommunityLink {
    type Err = CommunityLinkError;

    fn from_str(text: &str) -> Result<Self, CommunityLinkError> {
        let text = text.trim();
        if text.len() > MAX_WEB_FORM_BYTES {
            return Err(CommunityLinkError::TooLong);
        }
        let (page, rest) = after_scheme(text).ok_or(CommunityLinkError::NoLink)?;
        // An exposure that somebody put before the `#` must not be overlooked.
        let asked = stated_in(page).map_err(|_| CommunityLinkError::Exposure)?;
        if rest.len() + SCHEME.len() > MAX_LINK_BYTES {
            return Err(CommunityLinkError::TooLong);
        }
        // An exposure that was put behind the id of a web form follows an `&`.
        let (id, parameters) = rest.split_once(['?', '&']).map_or((&*rest, None), |(id, rest)| (id, Some(rest)));
        let mut link = Self::new(id.parse().map_err(|_| CommunityLinkError::Id)?, Exposure::Open);
        for parameter in parameters.into_iter().flat_map(|parameters| parameters.split('&')) {
            let (name, value) = parameter.split_once('=').ok_or(CommunityLinkError::Parameter)?;
            match name {
                // Of two exposures the higher one counts, as in the links of homes.
                EXPOSURE => {
                    let asked = value.parse().map_err(|_| CommunityLinkError::Exposure)?;
                    link = link.raised_to(asked)?;
                }
                KEY => {
                    let key = KeyFingerprint::parse(value).ok_or(CommunityLinkError::Key)?;
                    if link.key.is_some_and(|known| known != key) {
                        return Err(CommunityLinkError::Key);
                    }
                    link = link.with_key(key);
                }
                MIRROR => link = link.with_mirror(value)?,
                _ => return Err(CommunityLinkError::Parameter),
            }
        }
        link.raised_to(asked)
    }
}

/// The web address, if there is one, and what follows `byway:`, at the beginning of a text or after the first `#` of the address.
fn after_scheme(text: &str) -> Option<(&str, Cow<'_, str>)> {
    let own = |text: &str| {
        let (scheme, _) = text.split_at_checked(SCHEME.len())?;
        scheme.eq_ignore_ascii_case(SCHEME).then_some(scheme.len())
    };
    if let Some(length) = own(text) {
        return Some(("", text.get(length..)?.into()));
    }
    let (page, link) = text.split_once('#')?;
    let is_web = |scheme: &str| page.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
    if !is_web(HTTPS) && !is_web("http://") {
        return None;
    }
    // A messenger may have encoded it.
    let link = percent_decode_str(link).decode_utf8_lossy();
    let length = own(&link)?;
    Some((page, link.get(length..)?.to_owned().into()))
}

/// A mirror's address in its only form: a folder, without login, query and fragment. An `&` would end the parameter.
///
/// Neither that nor an exposure is hidden in it by percent signs: a program that decodes a link before it takes it apart would
/// find a parameter there, and one that does not would overlook that more caution is asked for.
fn mirror_url(text: &str) -> Option<Url> {
    let lower = text.to_ascii_lowercase();
    let url = if lower.starts_with(HTTPS) || lower.starts_with("http://") {
        Url::parse(text)
    } else if text.contains("://") {
        return None;
    } else {
        Url::parse(&format!("{HTTPS}{text}"))
    };
    let mut url = url.ok()?;
    let has_login = !url.username().is_empty() || url.password().is_some();
    let decoded = percent_decode_str(url.as_str()).decode_utf8_lossy().to_ascii_lowercase();
    let is_ambiguous = decoded.contains('&') || decoded.contains("exposure=");
    if has_login || url.query().is_some() || url.fragment().is_some() || is_ambiguous {
        return None;
    }
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    Some(url)
}

/// Error parsing or making the link of a signed community. No message repeats the text: errors end up in logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CommunityLinkError {
    /// The text does not begin with `byway:`, nor does the fragment of a web address.
    #[error("this is not the link of a signed community; such a link begins with byway:")]
    NoLink,
    /// The link is longer than 331 bytes, or the web form is longer than 1,024.
    #[error("the link is longer than {MAX_LINK_BYTES} bytes, which a QR code holds; leave out a mirror")]
    TooLong,
    /// The id does not have 64 hexadecimal digits.
    #[error("the id in the link does not have 64 hexadecimal digits; perhaps a part of the link is missing")]
    Id,
    /// The exposure is unknown. It does not count as `open`.
    #[error("the exposure in the link is not open, proxied or tor")]
    Exposure,
    /// The fingerprint does not have 20 hexadecimal digits, or there are two.
    #[error("the key fingerprint in the link does not have 20 hexadecimal digits, or there are two of them")]
    Key,
    /// A mirror is not a web address of a folder.
    #[error("a mirror is a web address like https://example.org/, without a login, a question mark, an & or a #")]
    Mirror,
    /// There are more than 4 mirrors.
    #[error("a link names at most {MAX_LINK_MIRRORS} mirrors")]
    TooManyMirrors,
    /// A parameter is unknown or has no value.
    #[error("the link asks for something that this version does not know; it may have been made by a newer version")]
    Parameter,
}

codes! {
    CommunityLinkError {
        NoLink = "no_link",
        TooLong = "too_long",
        Id = "id",
        Exposure = "exposure",
        Key = "key",
        Mirror = "mirror",
        TooManyMirrors = "too_many_mirrors",
        Parameter = "parameter",
    }
}

/// The most bytes of a link: what a QR code of version 13 holds at error correction M (ISO/IEC 18004, table 7). With its
/// quiet zone it is 77 modules wide, so that a terminal of 80 columns shows it.
pub const MAX_LINK_BYTES: usize = 331;

/// The most mirrors of a link: with one blocked and one down, there are still two.
pub const MAX_LINK_MIRRORS: usize = 4;

/// A link, behind an address that names a mirror again or leads through a messenger.
const MAX_WEB_FORM_BYTES: usize = 1024;

/// The `meta` of a community's web page that has its link, so that a program which is given the page's address alone can say so.
pub const LINK_META: &str = "byway-link";

const SCHEME: &str = "byway:";
const HTTPS: &str = "https://";
const EXPOSURE: &str = "exposure";
const KEY: &str = "key";
const MIRROR: &str = "mirror";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    const ID: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn id() -> SignedId {
        ID.parse().unwrap()
    }

    #[test]
    fn every_spelling_of_a_link_is_printed_in_one_form() {
        let full =
            format!("byway:{ID}?exposure=tor&key=0011223344556677aabb&mirror=a.example/&mirror=http://b.onion/x/");
        for text in [
            full.clone(),
            format!(
                " BYWAY:{}?mirror=a.example&key=0011-2233-4455-6677-AABB&mirror=http://B.onion/x&exposure=Tor\n",
                ID.to_uppercase()
            ),
            format!("https://a.example/#{full}"),
            format!("http://b.onion/x/#{full}"),
            format!("https://a.example/?exposure=tor#{}", full.replacen("exposure=tor&", "", 1)),
            full.replacen("?", "&", 1),
            format!("https://a.example/#{}", full.replace('&', "%26").replace('?', "%3F")),
            format!("{full}&exposure=open&mirror=https://a.example/"),
        ] {
            let link: CommunityLink = text.parse().unwrap();
            assert_eq!(link.to_string(), full, "{text}");
            assert_eq!(link.exposure(), Exposure::Tor);
        }
        assert_eq!(format!("byway:{ID}").parse(), Ok(CommunityLink::new(id(), Exposure::Open)));
    }

    #[test]
    fn a_wrong_link_is_refused_with_its_reason() {
        use CommunityLinkError::*;
        let long = format!("mirror={}.example/", "a".repeat(60));
        for (text, error) in [
            (String::new(), NoLink),
            ("vk.com/zavod".into(), NoLink),
            ("https://a.example/#part".into(), NoLink),
            (format!("javascript:x#byway:{ID}"), NoLink),
            ("byway:".into(), Id),
            (format!("byway:{}", &ID[1..]), Id),
            (format!("byway:{ID}?"), Parameter),
            (format!("byway:{ID}?route=ss"), Parameter),
            (format!("byway:{ID}?exposure"), Parameter),
            (format!("byway:{ID}?exposure="), Exposure),
            (format!("byway:{ID}?exposure=tor&exposure=t"), Exposure),
            (format!("byway:{ID}?key=00"), Key),
            (format!("byway:{ID}?key=0011223344556677aabb&key=0011223344556677aabc"), Key),
            (format!("byway:{ID}?mirror="), Mirror),
            (format!("byway:{ID}?mirror=user@a.example"), Mirror),
            (format!("byway:{ID}?mirror=a.example/%3fx?y"), Mirror),
            (format!("byway:{ID}?mirror=a.example/#x"), Mirror),
            (format!("byway:{ID}?mirror=a.example/%26x"), Mirror),
            (format!("byway:{ID}?mirror=a.example/%26exposure%3Dtor"), Mirror),
            (format!("byway:{ID}?mirror=a.example/%65xposure%3dtor"), Mirror),
            (format!("byway:{ID}?mirror=a.example/EXPOSURE=open"), Mirror),
            (format!("byway:{ID}%3Fexposure=tor"), Id),
            (format!("byway:{ID}?%65xposure=tor"), Parameter),
            (format!("https://a.example/#byway:{ID}?mirror=a.example/%2526exposure%253Dtor"), Mirror),
            (format!("byway:{ID}?mirror=file:///etc/"), Mirror),
            (format!("byway:{ID}?mirror=a.b&mirror=b.b&mirror=c.b&mirror=d.b&mirror=e.b"), TooManyMirrors),
            (format!("byway:{ID}?{long}&{long}x/&{long}y/&{long}z/"), TooLong),
            (format!("https://{}.example/#byway:{ID}", "a".repeat(1000)), TooLong),
        ] {
            assert_eq!(text.parse::<CommunityLink>(), Err(error), "{text}");
        }
    }

    #[test]
    fn a_web_form_never_sends_a_browser_past_the_exposure() {
        let open = CommunityLink::new(id(), super::Exposure::Open).with_mirror("a.example").unwrap();
        assert_eq!(open.web_form().unwrap(), format!("https://a.example/#byway:{ID}?mirror=a.example/"));
        assert_eq!(open.web_form().unwrap().parse(), Ok(open.clone()));
        let tor = open.raised_to(super::Exposure::Tor).unwrap();
        assert_eq!(tor.web_form(), None);
        let onion = tor.with_mirror("http://b.onion").unwrap();
        assert!(onion.web_form().unwrap().starts_with("http://b.onion/#byway:"));
        assert_eq!(CommunityLink::new(id(), super::Exposure::Open).web_form(), None);
    }

    #[test]
    fn debug_shows_nothing_of_a_link() {
        let link = CommunityLink::new(id(), super::Exposure::Proxied).with_mirror("a.example").unwrap();
        assert_eq!(format!("{link:?}"), "CommunityLink { exposure: Proxied, mirrors: 1, .. }");
    }

    proptest! {
        #[test]
        fn a_printed_link_parses_to_itself(
            bytes: [u8; 32],
            exposure in prop::sample::select(super::Exposure::ALL),
            key in prop::option::of(any::<[u8; 32]>()),
            mirrors in prop::collection::vec("(http://|https://|)[a-z]{1,8}(\\.onion|\\.example)(:8080)?(/[a-zA-Z0-9%;=@ я.-]{0,6}){0,2}", 0..4),
        ) {
            let mut link = CommunityLink::new(SignedId::from_bytes(bytes), exposure);
            if let Some(key) = key {
                link = link.with_key(KeyFingerprint::of([key]));
            }
            for mirror in mirrors {
                link = link.clone().with_mirror(&mirror).unwrap_or(link);
            }
            let printed = link.to_string();
            prop_assert!(printed.len() <= MAX_LINK_BYTES && printed.is_ascii());
            prop_assert_eq!(printed.parse::<CommunityLink>().unwrap(), link.clone());
            if let Some(web) = link.web_form() {
                prop_assert_eq!(web.parse::<CommunityLink>().unwrap(), link);
            }
        }
    }
}
