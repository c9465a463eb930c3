//! The owners of a page, derived from its address.
//!
//! An exposure must not depend on how an address is spelled, so everything that an address names counts. Two questions
//! are answered separately, because their errors have opposite effects:
//!
//! - *Which communities may this page be about?* Every number and every short name anywhere in an address at VKontakte:
//!   path, query, fragment, percent-encoded or not. One too many makes a page harder to reach; one too few would expose
//!   a reader.
//! - *Is it certain that the page is about these?* Only a few forms say so (`wall-155_1`, `?owner_id=-155`,
//!   `vk.com/NAME`). Any other page at VKontakte may be about any community.
//!
//! A page elsewhere belongs to its host, whatever its scheme, port, path and query, and to the parent domains.
//! Addresses inside an address (`away.php?to=..`, a translator, an archive) count as well.

use std::fmt;

use percent_encoding::percent_decode_str;
use url::{Host, Url};

use super::home::{Home, VkHome, is_vk_page_host, vk_segment};

/// The communities and hosts that an address names, and whose exposure binds the page. `Debug` is redacted.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct PageOwners {
    certain: Vec<Home>,
    possible: Vec<Home>,
    written: Vec<Home>,
    hosts: Vec<String>,
    unattributed: bool,
    file: bool,
}

impl PageOwners {
    /// The owners of the page at this URL.
    pub(crate) fn of(url: &Url) -> Self {
        let mut owners = Self::default();
        let mut left = MAX_URLS;
        owners.certain = owners.visit(url, 0, &mut left);
        owners.file = matches!(url.host(), Some(Host::Domain(name)) if vk_host(name) == Some(VkHost::Files));
        let Self { certain, possible, .. } = &mut owners;
        possible.retain(|home| !certain.contains(home));
        owners
    }

    /// The VKontakte communities that certainly own the page at this URL: see [`PageOwners::certain`].
    pub(crate) fn certain_of(url: &Url) -> Vec<Home> {
        let at_vk = matches!(url.host(), Some(Host::Domain(name)) if vk_host(name).is_some());
        if at_vk || may_hold_urls(url) { Self::of(url).certain } else { Vec::new() }
    }

    /// The VKontakte communities that the page may belong to. The certain ones come first.
    pub(crate) fn homes(&self) -> impl Iterator<Item = &Home> {
        self.certain.iter().chain(&self.possible)
    }

    /// The VKontakte communities that the page belongs to by a form that says so.
    pub(crate) fn certain(&self) -> &[Home] {
        &self.certain
    }

    /// The VKontakte numbers that appear in the address as a community's (`-155`, `club155`), anywhere.
    pub(crate) fn written_numbers(&self) -> &[Home] {
        &self.written
    }

    /// The hosts outside VKontakte: each with its parent domains, without `www.`, `m.` and `mobile.`.
    pub(crate) fn hosts(&self) -> &[String] {
        &self.hosts
    }

    /// Returns `true` for a page of VKontakte that may belong to any community there.
    pub(crate) fn is_unattributed(&self) -> bool {
        self.unattributed
    }

    /// The owners of a file that a known community publishes. VKontakte's file hosts have addresses that name no owner;
    /// there the file belongs to that community, and not possibly to any other.
    #[must_use]
    pub(crate) fn of_published_file(self) -> Self {
        Self { unattributed: self.unattributed && !self.file, ..self }
    }

    /// Adds the owners of this URL, and returns the certain ones.
    fn visit(&mut self, url: &Url, depth: usize, left: &mut usize) -> Vec<Home> {
        let Some(host) = url.host() else { return Vec::new() };
        let at_vk = match host {
            Host::Domain(name) => vk_host(name),
            _ => None,
        };
        let mut certain = Vec::new();
        if depth < MAX_DEPTH && may_hold_urls(url) {
            for inner in inner_urls(url, at_vk.is_some()) {
                if *left == 0 {
                    // This URL is not examined any more, so it may be about any community.
                    self.unattributed = true;
                    break;
                }
                *left -= 1;
                certain.extend(self.visit(&inner, depth + 1, left));
            }
        }
        match at_vk {
            None => {
                for host in host_and_parents(url) {
                    push_new(&mut self.hosts, host);
                }
            }
            Some(at) => {
                certain.extend(certain_at_vk(url, at));
                self.possible_at_vk(url);
                self.unattributed |= certain.is_empty();
            }
        }
        certain
    }

    /// Every number and every short name anywhere in the URL.
    fn possible_at_vk(&mut self, url: &Url) {
        let parts = [Some(url.path()), url.query(), url.fragment()];
        for text in parts.into_iter().flatten().flat_map(readings) {
            let numbers = text.split(|c: char| !c.is_ascii_digit());
            let numbers = numbers.filter_map(|digits| digits.parse().ok()).filter_map(Home::vk_id);
            let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.')));
            let names = words.map(|word| word.trim_matches('.')).filter_map(|word| vk_segment(word).ok()).map(Home::Vk);
            let whole = text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')));
            for home in whole.filter_map(by_segment).take(MAX_HOMES) {
                push_new(&mut self.written, home);
            }
            for home in numbers.chain(names) {
                if self.possible.len() >= MAX_HOMES {
                    self.unattributed = true;
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

/// The kind of a VKontakte host.
#[derive(Clone, Copy, PartialEq, Eq)]
enum VkHost {
    /// Shows `HOST/NAME` as the page of NAME.
    Pages,
    /// Stores pictures, documents and videos.
    Files,
    /// The API, logins, short links.
    Other,
}

/// The kind of VKontakte host, if it is one. The registered name decides, since the platform has used it under many
/// top-level domains, and has separate hosts for files (`sun9-1.userapi.com`, `vkuser.net`, `vk-cdn.net`).
fn vk_host(host: &str) -> Option<VkHost> {
    if !has_vk(host) && !host.as_bytes().windows(7).any(|part| part.eq_ignore_ascii_case(b"userapi")) {
        return None;
    }
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    if is_vk_page_host(&host) {
        return Some(VkHost::Pages);
    }
    let (rest, _top) = host.rsplit_once('.')?;
    let registered = rest.rsplit('.').next().unwrap_or(rest);
    match registered {
        "vk" | "vkontakte" | "vkvideo" | "vkmusic" | "vkpay" => Some(VkHost::Other),
        "userapi" | "vkcdn" => Some(VkHost::Files),
        _ if registered.starts_with("vkuser") || registered.starts_with("vk-") => Some(VkHost::Files),
        _ => None,
    }
}

/// The communities that a URL at VKontakte names by a form that says whose page it is.
fn certain_at_vk(url: &Url, at: VkHost) -> Vec<Home> {
    let mut certain = Vec::new();
    let path = readings(url.path()).pop().unwrap_or_default();
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    if let [first, rest @ ..] = &segments[..] {
        match vk_segment(first) {
            Ok(home @ VkHome::Id(_)) => certain.push(Home::Vk(home)),
            Ok(home @ VkHome::Name(_)) if at == VkHost::Pages && rest.is_empty() => certain.push(Home::Vk(home)),
            _ => {}
        }
    }
    for (key, value) in url.query_pairs() {
        let value = readings(&value).pop().unwrap_or_default();
        let values = value.split([',', '/']).map(str::trim);
        match key.to_ascii_lowercase().as_str() {
            // A number with a minus is a community's; without it, a person's.
            "oid" | "owner" | "owner_id" | "c[owner]" | "sel" | "peer" | "peer_id" | "peers" => {
                certain.extend(values.filter(|value| value.starts_with('-')).filter_map(by_segment));
            }
            "w" | "z" => certain.extend(values.filter_map(by_segment)),
            "gid" | "gids" | "group_id" | "group_ids" | "club_id" | "domain" | "screen_name" => {
                certain.extend(values.filter_map(|value| match value.trim_start_matches('-').parse() {
                    Ok(number) => Home::vk_id(number),
                    Err(_) => vk_segment(value).ok().map(Home::Vk),
                }));
            }
            _ => {}
        }
    }
    certain.dedup();
    certain
}

/// `-155`, `wall-155_3`: a community by its number.
fn by_segment(value: &str) -> Option<Home> {
    vk_segment(value).ok().filter(|home| matches!(home, VkHome::Id(_))).map(Home::Vk)
}

/// Returns `false` if nothing after the host can be an address. An address has a `:` or starts with one of VKontakte's
/// hosts; a `%` may hide either.
fn may_hold_urls(url: &Url) -> bool {
    let mut parts = [Some(url.path()), url.query(), url.fragment()].into_iter().flatten();
    parts.any(|part| part.contains(['%', ':']) || has_vk(part))
}

/// Returns `true` if `vk` appears anywhere in the text, as it does in the name of every VKontakte host for pages.
fn has_vk(text: &str) -> bool {
    text.as_bytes().windows(2).any(|pair| pair.eq_ignore_ascii_case(b"vk"))
}

/// The addresses inside an address.
fn inner_urls(url: &Url, at_vk: bool) -> Vec<Url> {
    let mut texts: Vec<String> = readings(url.path());
    texts.extend(url.fragment().into_iter().flat_map(readings));
    texts.extend(url.query_pairs().flat_map(|(key, value)| [readings(&key), readings(&value)].concat()));
    let mut found = Vec::new();
    // One more than the limit, so that the caller can detect more.
    for inner in texts.iter().flat_map(|text| inner_texts(text, at_vk)).take(MAX_URLS * 4) {
        if found.len() > MAX_URLS {
            break;
        }
        if let Ok(inner) = Url::parse(&inner) {
            push_new(&mut found, inner);
        }
    }
    found
}

/// The suffixes of a text that start where an address may begin.
fn inner_texts(text: &str, at_vk: bool) -> impl Iterator<Item = String> + '_ {
    let with_scheme = text.match_indices("http").filter_map(|(at, _)| text.get(at..));
    let with_scheme = with_scheme.filter(|inner| inner.starts_with("http:/") || inner.starts_with("https:/"));
    // At VKontakte itself a name without a scheme is found among the words.
    let hosts: &[&str] = if at_vk { &[] } else { &["vk.com/", "vk.ru/", "vkontakte.ru/", "vk.me/"] };
    let without = hosts.iter().flat_map(|host| text.match_indices(*host)).filter_map(|(at, _)| {
        let (before, inner) = text.split_at_checked(at)?;
        let begins = !before.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '-');
        begins.then(|| format!("https://{inner}"))
    });
    with_scheme.map(str::to_owned).chain(without)
}

/// The text in lower case as it stands, and percent-decoded once and repeatedly. The last one is decoded the most.
fn readings(text: &str) -> Vec<String> {
    let mut readings = vec![text.to_ascii_lowercase()];
    for _ in 0..MAX_DECODED {
        let last = readings.last().map_or("", String::as_str);
        let decoded = percent_decode_str(last).decode_utf8_lossy().to_lowercase();
        if decoded == last {
            break;
        }
        readings.push(decoded);
    }
    readings
}

fn push_new<T: PartialEq>(list: &mut Vec<T>, one: T) {
    if !list.contains(&one) {
        list.push(one);
    }
}

/// The most inner addresses that are read, in total and nested.
const MAX_URLS: usize = 16;
const MAX_DEPTH: usize = 3;

/// The most numbers and names read from one address. With more of them, the page may be about any community.
const MAX_HOMES: usize = 64;

/// A name has at most 127 labels; nobody raises the exposure of the hundredth.
const MAX_PARENTS: usize = 16;

/// The most rounds of percent-decoding: redirectors nest addresses.
const MAX_DECODED: usize = 3;
