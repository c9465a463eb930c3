//! Finds the feeds and calendars that a page names, and addresses to try if it names none.
//!
//! Only addresses on the page's own host are requested. Addresses elsewhere are reported and not requested: a reading
//! contacts only those whom the reader named.

use html5gum::{DefaultEmitter, Token, Tokenizer};
use http::{HeaderMap, header};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::community::host_key;
use crate::signed::{CommunityLink, LINK_META};
use crate::source::html::{attribute, web_url};
use crate::source::plain::one_line;

/// What a page says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "WrittenPageLinks", into = "WrittenPageLinks")]
pub(super) struct PageLinks {
    pub(super) title: Option<String>,
    /// Feeds that it names, in order.
    feeds: Vec<Url>,
    /// Calendars that it names.
    calendars: Vec<Url>,
    /// Other pages that it says are its author's (`rel="me"`).
    me: Vec<Url>,
    /// The link of the signed community whose page it says it is, as sites of this program do.
    signed: Option<CommunityLink>,
}

/// A [`PageLinks`], in the form in which it is remembered.
#[derive(Serialize, Deserialize)]
struct WrittenPageLinks {
    title: Option<String>,
    feeds: Vec<String>,
    calendars: Vec<String>,
    #[serde(default)]
    me: Vec<String>,
    #[serde(default)]
    signed: Option<String>,
}

impl From<PageLinks> for WrittenPageLinks {
    fn from(PageLinks { title, feeds, calendars, me, signed }: PageLinks) -> Self {
        let [feeds, calendars, me] = [feeds, calendars, me].map(|urls| urls.into_iter().map(String::from).collect());
        Self { title, feeds, calendars, me, signed: signed.map(|link| link.to_string()) }
    }
}

impl From<WrittenPageLinks> for PageLinks {
    fn from(WrittenPageLinks { title, feeds, calendars, me, signed }: WrittenPageLinks) -> Self {
        let [feeds, calendars, me] = [feeds, calendars, me]
            .map(|urls| urls.iter().filter_map(|url| web_url(url, None)).take(MAX_NAMED).collect());
        Self { title, feeds, calendars, me, signed: signed.and_then(|link| link.parse().ok()) }
    }
}

/// Where the feed of a page may be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Named {
    /// Addresses to try in this order, until one is a feed.
    pub(super) feeds: Vec<Url>,
    /// Addresses to try in this order, until one is a calendar.
    pub(super) calendars: Vec<Url>,
    /// The page names none of them: common software has them at these addresses.
    pub(super) is_guessed: bool,
    /// Addresses that the page names on another host.
    pub(super) elsewhere: Vec<Url>,
}

/// Reads a page and the `Link` headers of its answer.
pub(super) fn page(markup: &str, headers: &HeaderMap, url: &Url) -> PageLinks {
    let mut page = PageLinks::default();
    for value in headers.get_all(header::LINK).iter().take(MAX_HEADERS).filter_map(|value| value.to_str().ok()) {
        for link in value.split(',') {
            let Some((address, parameters)) = link.trim().strip_prefix('<').and_then(|link| link.split_once('>'))
            else {
                continue;
            };
            let parameter = |name: &str| {
                parameters.split(';').find_map(|parameter| {
                    let (key, value) = parameter.split_once('=')?;
                    key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"'))
                })
            };
            page.add(parameter("rel"), parameter("type"), parameter("title"), web_url(address, Some(url)));
        }
    }
    let mut base = url.clone();
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let (mut in_title, mut in_body) = (false, false);
    for Ok(token) in Tokenizer::new_with_emitter(head(markup), emitter) {
        match token {
            Token::StartTag(tag) => match tag.name.as_slice() {
                b"title" => in_title = page.title.is_none(),
                b"base" => {
                    if let Some(own) = attribute(&tag, "href").and_then(|href| web_url(&href, Some(url))) {
                        base = own;
                    }
                }
                b"a" => {
                    // A comment on the page may hold a link, so only the head names feeds.
                    let href = attribute(&tag, "href").and_then(|href| web_url(&href, Some(&base)));
                    page.add(attribute(&tag, "rel").as_deref(), None, None, href);
                }
                b"link" => {
                    let href = attribute(&tag, "href").and_then(|href| web_url(&href, Some(&base)));
                    let [rel, kind, title] = ["rel", "type", "title"].map(|name| attribute(&tag, name));
                    page.add(rel.as_deref(), kind.as_deref(), title.as_deref(), href);
                }
                // In the head alone, so that no comment on a page names one.
                b"meta" if !in_body && attribute(&tag, "name").as_deref() == Some(LINK_META) => {
                    let link = attribute(&tag, "content").and_then(|content| content.parse().ok());
                    page.signed = page.signed.take().or(link);
                }
                b"body" => in_body = true,
                _ => {}
            },
            Token::String(text) if in_title => {
                let title = one_line(&String::from_utf8_lossy(&text), MAX_TITLE);
                page.title = Some(title).filter(|title| !title.is_empty());
            }
            Token::EndTag(_) => in_title = false,
            _ => {}
        }
    }
    page
}

impl PageLinks {
    fn add(&mut self, rel: Option<&str>, kind: Option<&str>, title: Option<&str>, href: Option<Url>) {
        let is =
            |kind: &str| rel.unwrap_or_default().split_ascii_whitespace().any(|rel| rel.eq_ignore_ascii_case(kind));
        let is_alternate = is("alternate");
        if is("me") {
            let is_new = |url: &Url| self.me.len() < MAX_ME && !self.me.contains(url);
            let url = href.filter(is_new);
            self.me.extend(url);
            return;
        }
        let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let list = match kind.as_str() {
            "text/calendar" => &mut self.calendars,
            kind if FEED_TYPES.contains(&kind) => &mut self.feeds,
            _ => return,
        };
        let Some(url) = href.filter(|_| is_alternate) else { return };
        // A blog names the feed of its comments next to that of its posts.
        let is_comments =
            title.unwrap_or_default().to_lowercase().contains("comment") || url.path().contains("/comments");
        if !is_comments && list.len() < MAX_NAMED && !list.contains(&url) {
            list.push(url);
        }
    }

    /// The link of the signed community whose page it says it is. Nobody vouches for it.
    pub(super) fn signed(&self) -> Option<&CommunityLink> {
        self.signed.as_ref()
    }

    /// The other pages that it says are its author's. They are shown and not asked.
    pub(super) fn me(&self) -> impl Iterator<Item = &Url> {
        self.me.iter()
    }

    /// Whether it names a feed or a calendar on its own host.
    pub(super) fn names_any(&self, found_at: &Url) -> bool {
        self.feeds.iter().chain(&self.calendars).any(|url| host_key(url) == host_key(found_at))
    }

    /// Where its feed may be. If it names none, the usual addresses of common software.
    pub(super) fn named(&self, found_at: &Url) -> Named {
        let on_host = |url: &&Url| host_key(url) == host_key(found_at);
        let elsewhere = self.feeds.iter().chain(&self.calendars).filter(|url| !on_host(url)).cloned().collect();
        let here =
            |urls: &[Url]| urls.iter().filter(on_host).take(MAX_ASKED).map(|url| not_weaker(url, found_at)).collect();
        let is_guessed = self.feeds.is_empty() && self.calendars.is_empty();
        let (feeds, calendars) =
            if is_guessed { guesses(found_at) } else { (here(&self.feeds), here(&self.calendars)) };
        Named { feeds, calendars, elsewhere, is_guessed }
    }
}

/// A page that came over TLS must not lead its reader to cleartext.
fn not_weaker(url: &Url, found_at: &Url) -> Url {
    let mut url = url.clone();
    if found_at.scheme() == "https" && url.scheme() == "http" {
        // Both schemes have a host, so a URL may change from one to the other.
        let _ = url.set_scheme("https");
    }
    url
}

/// The usual feed addresses: Mobilizon and Mastodon use `@NAME`, Lemmy uses `/c/NAME`; WordPress, Ghost, Discourse and
/// Gancio use the root.
fn guesses(page: &Url) -> (Vec<Url>, Vec<Url>) {
    let path = page.path().trim_end_matches('/');
    let name = path.strip_prefix("/@").filter(|name| !name.is_empty() && !name.contains('/'));
    let lemmy = path.strip_prefix("/c/").filter(|name| !name.is_empty() && !name.contains('/'));
    let (feeds, calendars) = match (name, lemmy) {
        (Some(name), _) => {
            (vec![format!("/@{name}/feed/atom"), format!("/@{name}.rss")], vec![format!("/@{name}/feed/ics")])
        }
        (None, Some(name)) => (vec![format!("/feeds/c/{name}.xml")], Vec::new()),
        (None, None) if path.is_empty() => {
            (["/feed/", "/rss/", "/latest.rss", "/feed/rss"].map(str::to_owned).to_vec(), vec!["/feed/ics".to_owned()])
        }
        // WordPress has a feed for each page, which holds the page's comments.
        (None, None) => (Vec::new(), Vec::new()),
    };
    let join = |paths: Vec<String>| paths.iter().filter_map(|path| page.join(path).ok()).collect();
    (join(feeds), join(calendars))
}

/// Whether both URLs have the same host.
pub(super) fn same_host(one: &Url, other: &Url) -> bool {
    host_key(one) == host_key(other)
}

/// The beginning of a page, which names its feeds and calendars.
fn head(markup: &str) -> &str {
    let mut end = markup.len().min(HEAD);
    while !markup.is_char_boundary(end) {
        end -= 1;
    }
    markup.get(..end).unwrap_or_default()
}

const FEED_TYPES: [&str; 5] =
    ["application/atom+xml", "application/rss+xml", "application/feed+json", "application/rdf+xml", "text/rss+xml"];

/// Some pages have half a megabyte of styles before the links to their feeds.
const HEAD: usize = 1024 * 1024;

const MAX_HEADERS: usize = 16;
const MAX_NAMED: usize = 32;

/// Other pages of an author: a handful of networks.
const MAX_ME: usize = 10;

const MAX_TITLE: usize = 500;

/// The most addresses that are tried for a feed, and for a calendar.
const MAX_ASKED: usize = 4;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

    use super::*;

    fn named(url: &str, markup: &str, link: Option<&str>) -> (Vec<String>, Vec<String>, Option<String>) {
        let url = Url::parse(url).unwrap();
        let headers = link.map(|link| (header::LINK, link.parse().unwrap())).into_iter().collect();
        let page = page(markup, &headers, &url);
        let Named { feeds, calendars, elsewhere, is_guessed: _ } = page.named(&url);
        let ask = feeds.into_iter().chain(calendars).collect();
        let texts = |urls: Vec<Url>| urls.into_iter().map(String::from).collect();
        (texts(ask), texts(elsewhere), page.title)
    }

    #[test]
    fn a_page_names_its_feeds_and_not_those_of_comments() {
        let markup = "<html><head><title>Zavod &amp; co</title><script>'<link rel=alternate>'</script>\
            <link rel='alternate' type='application/rss+xml' title='Comments' href='/comments/feed/'>\
            <link rel='stylesheet' href='/s.css'><link rel='ALTERNATE nofollow' type='application/atom+xml; x' href='feed/'>\
            <link rel='alternate' type='application/rss+xml' href='http://www.zavod.example/rss'>\
            <link rel='alternate' type='application/rss+xml' href='https://feeds.other.example/zavod'>\
            <link rel='alternate' type='text/calendar' href='/events.ics'>\
            <link rel='alternate' type='application/rss+xml' href='javascript:alert(1)'>";
        let (ask, elsewhere, title) = named("https://zavod.example/blog/", markup, None);
        assert_eq!(
            ask,
            ["https://zavod.example/blog/feed/", "https://www.zavod.example/rss", "https://zavod.example/events.ics"]
        );
        assert_eq!(elsewhere, ["https://feeds.other.example/zavod"]);
        assert_eq!(title.as_deref(), Some("Zavod & co"));
    }

    #[test]
    fn a_link_header_and_a_base_count() {
        let header =
            "<https://api.w.org/>; rel=\"https://api.w.org/\", </f.atom>; rel=alternate; type=\"application/atom+xml\"";
        let markup = "<base href='/sub/'><link rel=alternate type=application/feed+json href=feed.json>";
        let (ask, ..) = named("https://zavod.example/", markup, Some(header));
        assert_eq!(ask, ["https://zavod.example/f.atom", "https://zavod.example/sub/feed.json"]);
    }

    #[test]
    fn only_a_page_that_names_none_is_guessed_about() {
        let cases: [(&str, &[&str]); 4] = [
            ("https://a.example/", &["/feed/", "/rss/", "/latest.rss", "/feed/rss", "/feed/ics"]),
            ("https://a.example/@zavod", &["/@zavod/feed/atom", "/@zavod.rss", "/@zavod/feed/ics"]),
            ("https://a.example/c/zavod/", &["/feeds/c/zavod.xml"]),
            ("https://a.example/2026/11/strike/", &[]),
        ];
        for (url, paths) in cases {
            let expected: Vec<String> = paths.iter().map(|path| format!("https://a.example{path}")).collect();
            assert_eq!(named(url, "<html>", None).0, expected, "{url}");
        }
        let elsewhere = "<link rel=alternate type=application/rss+xml href='https://b.example/'>";
        assert_eq!(named("https://a.example/", elsewhere, None).0, [""; 0]);
        let many: String =
            (0..1000).map(|n| format!("<link rel=alternate type=application/rss+xml href='/{n}'>")).collect();
        assert_eq!(named("https://a.example/", &many, None).0.len(), MAX_ASKED);
    }
}
