//! Where the older entries of a feed are: as it says (RFC 5005, `next_url` of JSON Feed), or as WordPress numbers its pages.
//!
//! Only an address on the feed's own host and of its own scheme is asked.

use url::Url;

use super::discover::same_host;
use super::feed::Feed;
use crate::source::html;

/// The page with the older entries of a feed that was found at an address.
pub(super) fn page(feed: &Feed, at: &Url) -> Option<Url> {
    let named = feed.older.as_deref().and_then(|older| html::web_url(older, Some(at)));
    let older = named.or_else(|| (feed.is_wordpress && feed.count > 0).then(|| numbered(at)))?;
    (same_host(&older, at) && older.scheme() == at.scheme() && older.port() == at.port()).then_some(older)
}

/// The next page of WordPress: `?paged=2` after the first.
fn numbered(at: &Url) -> Url {
    let number = |(key, value): (_, std::borrow::Cow<'_, str>)| if key == PAGED { value.parse().ok() } else { None };
    let current: u32 = at.query_pairs().find_map(number).unwrap_or(1);
    let others: Vec<_> =
        at.query_pairs().filter(|(key, _)| key != PAGED).map(|(k, v)| (k.into_owned(), v.into_owned())).collect();
    let mut next = at.clone();
    next.query_pairs_mut().clear().extend_pairs(others).append_pair(PAGED, &current.saturating_add(1).to_string());
    next
}

const PAGED: &str = "paged";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::super::feed::read_xml;
    use super::*;

    fn older(url: &str, channel: &str) -> Option<String> {
        let document = format!("<rss><channel>{channel}<item><title>t</title></item></channel></rss>");
        let feed = read_xml(&document, &mut |_, _| true).unwrap();
        page(&feed, &Url::parse(url).unwrap()).map(String::from)
    }

    #[test]
    fn older_entries_are_on_the_same_host() {
        let link = |href: &str| format!("<atom:link rel='next' href='{href}'/>");
        let wordpress = "<generator>https://wordpress.org/?v=6.4</generator>";
        let at = "https://a.example/feed/?x=1&paged=7";
        for (channel, expected) in [
            (link("/feed/2"), Some("https://a.example/feed/2")),
            ("<link rel='prev-archive' href='?p=2'/>".to_owned(), Some("https://a.example/feed/?p=2")),
            (link("https://b.example/feed"), None),
            (link("http://a.example/feed"), None),
            (link("https://a.example:8443/feed"), None),
            (link("javascript:x"), None),
            (wordpress.to_owned(), Some("https://a.example/feed/?x=1&paged=8")),
            (String::new(), None),
        ] {
            assert_eq!(older(at, &channel).as_deref(), expected, "{channel}");
        }
    }
}
