//! The content of an answer: a feed, a calendar, or a page that may name some.

use http::HeaderMap;
use url::Url;

use super::calendar::{self, Calendar};
use super::feed::{self, Feed};
use super::format::WebFormat;
use super::kind::{self, AnswerFormat};
use super::{discover, encoding};

/// The parsed content of a body.
pub(super) enum Document {
    Feed(WebFormat, Feed),
    Calendar(Calendar),
    Page(discover::PageLinks),
    /// What was last read here, in this format, has not changed.
    Unchanged(WebFormat),
}

/// The content of a body. `None`: nothing readable.
pub(super) fn read_body(body: &[u8], content_type: Option<&str>, headers: &HeaderMap, url: &Url) -> Option<Document> {
    if calendar::is_calendar(body) {
        return read_calendar(body, content_type).map(Document::Calendar);
    }
    let text = encoding::text(body, content_type);
    Some(match kind::kind(&text, content_type) {
        AnswerFormat::XmlFeed => {
            let feed = feed::read_xml(&text)?;
            Document::Feed(if feed.is_atom { WebFormat::Atom } else { WebFormat::Rss }, feed)
        }
        AnswerFormat::JsonFeed => Document::Feed(WebFormat::JsonFeed, feed::read_json(&text)?),
        AnswerFormat::Calendar => Document::Calendar(calendar::read(&text)?),
        AnswerFormat::Html => Document::Page(discover::page(&text, headers, url)),
        AnswerFormat::Unknown => return None,
    })
}

/// A calendar from bytes. Lines are joined before the bytes are decoded, because they may be folded inside a character.
fn read_calendar(body: &[u8], content_type: Option<&str>) -> Option<Calendar> {
    let whole = calendar::unfolded(body);
    calendar::read(&encoding::text(&whole, content_type))
}
