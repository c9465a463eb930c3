//! The owners of a page, derived from its address.
//!
//! An exposure must not depend on how an address is spelled, so everything that an address names counts. Two questions
//! are answered separately, because their errors have opposite effects:
//!
//! - *Which communities may this page be about?* Every number and every short name anywhere in an address at VKontakte,
//!   and every name in one at Telegram: path, query, fragment, percent-encoded or not. One too many makes a page harder
//!   to reach; one too few would expose a reader.
//! - *Is it certain that the page is about these?* Only a few forms say so (`wall-155_1`, `?owner_id=-155`,
//!   `vk.com/NAME`, `t.me/s/NAME`). Any other page of a platform may be about any community there.
//!
//! A page elsewhere belongs to its host, whatever its scheme, port, path and query, and to the parent domains.
//! Addresses inside an address (`away.php?to=..`, a translator, an archive) count as well.

mod inner;
mod site;
mod telegram;
mod vk;

use std::fmt;

use url::{Host, Url};

pub(crate) use self::site::Site;

use self::inner::{InnerUrls, MAX_URLS, inner_urls, may_hold_urls, readings};
use self::telegram::{TelegramHost, telegram_host};
use self::vk::{VkHost, vk_host};
use super::home::{Home, is_app_link};

/// A host of a platform.
#[derive(Clone, Copy, PartialEq, Eq)]
enum SiteHost {
    Vk(VkHost),
    Telegram(TelegramHost),
}

impl SiteHost {
    fn of(url: &Url) -> Option<Self> {
        let Host::Domain(name) = url.host()? else { return None };
        vk_host(name).map(SiteHost::Vk).or_else(|| telegram_host(name).map(SiteHost::Telegram))
    }

    fn site(self) -> Site {
        match self {
            SiteHost::Vk(_) => Site::Vk,
            SiteHost::Telegram(_) => Site::Telegram,
        }
    }

    fn holds_files(self) -> bool {
        matches!(self, SiteHost::Vk(VkHost::Files) | SiteHost::Telegram(TelegramHost::Files))
    }
}

/// The communities and hosts that an address names, and whose exposure binds the page. `Debug` is redacted.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct PageOwners {
    certain: Vec<Home>,
    possible: Vec<Home>,
    written: Vec<Home>,
    hosts: Vec<String>,
    unattributed: Vec<Site>,
    /// The platform whose file host stores it.
    file: Option<Site>,
}

impl PageOwners {
    /// The owners of the page at this URL.
    pub(crate) fn of(url: &Url) -> Self {
        let mut owners = Self::default();
        let mut left = MAX_URLS;
        owners.certain = owners.visit(url, 0, &mut left);
        owners.file = SiteHost::of(url).filter(|host| host.holds_files()).map(SiteHost::site);
        let Self { certain, possible, .. } = &mut owners;
        possible.retain(|home| !certain.contains(home));
        owners
    }

    /// The communities of platforms that certainly own the page at this URL: see [`PageOwners::certain`].
    pub(crate) fn certain_of(url: &Url) -> Vec<Home> {
        let at_site = SiteHost::of(url).is_some();
        if at_site || may_hold_urls(url) { Self::of(url).certain } else { Vec::new() }
    }

    /// The communities of platforms that the page may belong to. The certain ones come first.
    pub(crate) fn homes(&self) -> impl Iterator<Item = &Home> {
        self.certain.iter().chain(&self.possible)
    }

    /// The communities of platforms that the page belongs to by a form that says so.
    pub(crate) fn certain(&self) -> &[Home] {
        &self.certain
    }

    /// The VKontakte numbers that appear in the address as a community's (`-155`, `club155`), anywhere.
    pub(crate) fn written_numbers(&self) -> &[Home] {
        &self.written
    }

    /// The hosts outside VKontakte: each with its parent domains, without `www.`, `m.` and `mobile.`. Telegram's are among
    /// them, because earlier versions stored floors for the host alone.
    pub(crate) fn hosts(&self) -> &[String] {
        &self.hosts
    }

    /// Returns `true` for a page of this platform that may belong to any community there.
    pub(crate) fn is_unattributed(&self, site: Site) -> bool {
        self.unattributed.contains(&site)
    }

    /// The owners of a file that a known community publishes. The platforms' file hosts have addresses that name no owner;
    /// there the file belongs to that community, and not possibly to any other.
    #[must_use]
    pub(crate) fn of_published_file(mut self) -> Self {
        self.unattributed.retain(|site| Some(*site) != self.file);
        self
    }

    /// Adds the owners of this URL, and returns the certain ones.
    fn visit(&mut self, url: &Url, depth: usize, left: &mut usize) -> Vec<Home> {
        let opens_app = is_app_link(url.as_str());
        if !opens_app && url.host().is_none() {
            return Vec::new();
        }
        let at = if opens_app { Some(SiteHost::Telegram(TelegramHost::App)) } else { SiteHost::of(url) };
        let mut certain = Vec::new();
        if depth < MAX_DEPTH && may_hold_urls(url) {
            let InnerUrls { urls, is_cut } = inner_urls(url, at.map(SiteHost::site));
            if is_cut {
                Site::ALL.into_iter().for_each(|site| push_new(&mut self.unattributed, site));
            }
            for inner in urls {
                if *left == 0 {
                    // This URL is not examined any more, so it may be about any community.
                    Site::ALL.into_iter().for_each(|site| push_new(&mut self.unattributed, site));
                    break;
                }
                *left -= 1;
                certain.extend(self.visit(&inner, depth + 1, left));
            }
        }
        if let Some(at) = at {
            let own = match at {
                SiteHost::Vk(at) => vk::certain(url, at),
                SiteHost::Telegram(at) => telegram::certain(url, at),
            };
            // An address inside this one adds an owner. It says nothing of who owns this page, unless this page only leads there.
            let owners = if leads_on(url) { [&certain[..], &own].concat() } else { own.clone() };
            certain.extend(own);
            self.add_possible(url, at.site());
            if !owners.iter().any(|home| Site::of(home) == Some(at.site())) {
                push_new(&mut self.unattributed, at.site());
            }
            if at == SiteHost::Telegram(TelegramHost::Pages) {
                telegram::page_hosts().for_each(|host| push_new(&mut self.hosts, host));
            }
        }
        if !opens_app {
            host_and_parents(url).into_iter().for_each(|host| push_new(&mut self.hosts, host));
        }
        certain
    }

    /// Adds all that may name a community of this platform, anywhere in the URL.
    fn add_possible(&mut self, url: &Url, site: Site) {
        let parts = [Some(url.path()), url.query(), url.fragment()];
        for text in parts.into_iter().flatten().flat_map(readings) {
            let possible: &mut dyn Iterator<Item = Home> = match site {
                Site::Vk => {
                    vk::written(&text).take(MAX_HOMES).for_each(|home| push_new(&mut self.written, home));
                    &mut vk::possible(&text)
                }
                Site::Telegram => &mut telegram::possible(&text),
            };
            for home in possible {
                if self.possible.len() >= MAX_HOMES {
                    push_new(&mut self.unattributed, site);
                    return;
                }
                push_new(&mut self.possible, home);
            }
        }
    }
}

impl fmt::Debug for PageOwners {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PageOwners(..)")
    }
}

/// Whether this page of a platform shows nothing of its own but leads to the address in its query: VKontakte's `away.php`,
/// Telegram's `share/url` and `iv`. An address in the fragment leads nowhere.
fn leads_on(url: &Url) -> bool {
    let path = url.path().trim_matches('/');
    url.fragment().is_none() && ["away.php", "away", "share/url", "iv"].contains(&path)
}

/// The host of a URL in the form under which a floor is stored. `None` if the URL has no host, or one of VKontakte's.
///
/// Lower case and punycode as in the URL standard, without the final dot, and without a leading `www.`, `m.` or
/// `mobile.`, which show the same pages.
pub(crate) fn host_key(url: &Url) -> Option<String> {
    match url.host()? {
        Host::Domain(name) if vk_host(name).is_some() => None,
        Host::Domain(name) => {
            let mut name = name.trim_end_matches('.').to_ascii_lowercase();
            while let Some(rest) = ["www.", "m.", "mobile."].iter().find_map(|front| name.strip_prefix(front)) {
                if !rest.contains('.') {
                    break;
                }
                name = rest.to_owned();
            }
            Some(name)
        }
        Host::Ipv4(address) => Some(address.to_string()),
        Host::Ipv6(address) => Some(address.to_canonical().to_string()),
    }
}

/// The host of a URL and its parent domains, without the top-level domain.
fn host_and_parents(url: &Url) -> Vec<String> {
    let Some(key) = host_key(url) else { return Vec::new() };
    if !matches!(url.host(), Some(Host::Domain(_))) {
        return vec![key];
    }
    let parents = key.match_indices('.').filter_map(|(at, _)| key.get(at + 1..)).filter(|parent| parent.contains('.'));
    let parents: Vec<String> = parents.take(MAX_PARENTS).map(str::to_owned).collect();
    std::iter::once(key.clone()).chain(parents).collect()
}

fn push_new<T: PartialEq>(list: &mut Vec<T>, one: T) {
    if !list.contains(&one) {
        list.push(one);
    }
}

/// How deep inner addresses are read.
const MAX_DEPTH: usize = 3;

/// The most numbers and names read from one address. With more of them, the page may be about any community.
const MAX_HOMES: usize = 64;

/// A name has at most 127 labels; nobody raises the exposure of the hundredth.
const MAX_PARENTS: usize = 16;
