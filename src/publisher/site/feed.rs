//! The feed of a site: Atom (RFC 4287).

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event as Xml};
use url::Url;

use super::input::{FEED, INDEX, Site};
use super::moved::MovedTo;
use super::text::{Piece, beginning, line, paragraphs, shown};
use crate::community::{Attachment, Post};
use crate::sentences;
use crate::signed::picture_file;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The feed with the first posts.
pub(super) fn atom(site: &Site<'_>) -> String {
    let mut writer = Writer::new(Vec::new());
    // Writing into memory does not fail.
    let _ = write(site, &mut writer);
    let mut text = String::from_utf8(writer.into_inner()).unwrap_or_default();
    text.push('\n');
    text
}

type Out = Writer<Vec<u8>>;

fn write(site: &Site<'_>, out: &mut Out) -> std::io::Result<()> {
    out.write_event(Xml::Decl(BytesDecl::new("1.0", Some("utf-8"), None)))?;
    let midnight = site.day().to_zoned(TimeZone::UTC).map_or(Timestamp::UNIX_EPOCH, |day| day.timestamp());
    let posts: Vec<&Post> = site.posts.iter().copied().take(MAX_ENTRIES).collect();
    let moved = site.moves.and_then(|moves| moves.to.as_ref());
    let changes = posts.iter().filter_map(|post| changed(post)).chain(moved.map(|to| to.named));
    let newest = changes.max().unwrap_or(midnight);
    out.create_element("feed").with_attribute(("xmlns", "http://www.w3.org/2005/Atom")).write_inner_content(|out| {
        text(out, "title", &line(&site.community.name))?;
        text(out, "id", &feed_id(site))?;
        text(out, "updated", &newest.to_string())?;
        if let Some(description) = &site.community.description {
            text(out, "subtitle", &line(description))?;
        }
        text(out, "generator", "Byway")?;
        link(out, "self", FEED)?;
        link(out, "alternate", INDEX)?;
        author(out, &line(&site.community.name))?;
        moved.map_or(Ok(()), |to| move_entry(site, to, out))?;
        posts.iter().try_for_each(|post| entry(site, post, out))
    })?;
    Ok(())
}

/// Readers of feeds show entries alone, so the move is one.
fn move_entry(site: &Site<'_>, to: &MovedTo, out: &mut Out) -> std::io::Result<()> {
    out.create_element("entry").write_inner_content(|out| {
        text(out, "title", sentences::site_words(site.language).moved)?;
        text(out, "id", &iri(&format!("{}/moved/{}", site.community.id, to.id())))?;
        text(out, "updated", &to.named.to_string())?;
        text(out, "published", &to.named.to_string())?;
        link(out, "alternate", &format!("{INDEX}#moved"))?;
        let mut html = format!("<p>{}</p>", escaped(&to.sentence(site.language)));
        for address in std::iter::once(to.link()).chain(to.pages()) {
            let address = escaped(&address);
            html.push_str(&format!("<p><a href=\"{address}\" rel=\"noreferrer\">{address}</a></p>"));
        }
        let content = BytesText::new(&html).into_owned();
        out.create_element("content").with_attribute(("type", "html")).write_text_content(content)?;
        Ok(())
    })?;
    Ok(())
}

fn entry(site: &Site<'_>, post: &Post, out: &mut Out) -> std::io::Result<()> {
    let title = shown(&post.text).lines().next().map(|first| beginning(first, TITLE_CHARACTERS)).unwrap_or_default();
    let undated = post.created.is_none().then(|| sentences::site_words(site.language).undated);
    let remarks: Vec<&str> = site.remark(post).into_iter().chain(undated).collect();
    // A list of entries shows titles alone.
    let title = if remarks.is_empty() { title } else { format!("[{}] {title}", remarks.join(", ")) };
    out.create_element("entry").write_inner_content(|out| {
        text(out, "title", if title.is_empty() { "…" } else { &title })?;
        text(out, "id", &entry_id(site, post))?;
        text(out, "updated", &changed(post).unwrap_or(UNDATED).to_string())?;
        if let Some(created) = post.created {
            text(out, "published", &created.to_string())?;
        }
        if let Some(by) = post.author.as_ref().filter(|by| !by.name.is_empty()) {
            author(out, &line(&by.name))?;
        }
        link(out, "alternate", &format!("{INDEX}#{}", Site::anchor("post", &post.id)))?;
        pictures(site, post, out)?;
        let remarks = remarks.iter().map(|remark| format!("<p><strong>{}</strong></p>", escaped(remark)));
        let content = format!("{}{}", remarks.collect::<String>(), html(post));
        let content = BytesText::new(&content).into_owned();
        out.create_element("content").with_attribute(("type", "html")).write_text_content(content)?;
        Ok(())
    })?;
    Ok(())
}

/// The pictures of a post that lie beside the feed, as enclosures (section 4.2.7.2): each with its words as its title.
fn pictures(site: &Site<'_>, post: &Post, out: &mut Out) -> std::io::Result<()> {
    let Some(beside) = site.pictures else { return Ok(()) };
    for attachment in &post.attachments {
        let Attachment::Photo { url: Some(url), text, .. } = attachment else { continue };
        let Some(digest) = beside.digest(url) else { continue };
        let file = picture_file(&digest);
        let mut link = out.create_element("link").with_attributes([("rel", "enclosure"), ("href", &*file)]);
        if let Some((kind, bytes)) = beside.stated(&digest) {
            link = link.with_attributes([("type", kind.media_type()), ("length", &*bytes.to_string())]);
        }
        if let Some(text) = text.as_deref().map(line).filter(|text| !text.is_empty()) {
            link = link.with_attribute(("title", &*text));
        }
        link.write_empty()?;
    }
    Ok(())
}

/// Stands for an unknown time, because an entry needs one (RFC 4287 section 4.2.15). Programs that read feeds show such an entry last, and
/// not as new each day; its title says that the date is unknown.
const UNDATED: Timestamp = Timestamp::UNIX_EPOCH;

fn changed(post: &Post) -> Option<Timestamp> {
    post.edited.max(post.created)
}

/// A post as HTML: paragraphs, line breaks and links, nothing else.
fn html(post: &Post) -> String {
    let mut html = String::new();
    for paragraph in paragraphs(&post.text) {
        html.push_str("<p>");
        for piece in paragraph {
            match piece {
                Piece::Text(text) => html.push_str(&escaped(&text).replace('\n', "<br>")),
                Piece::Link(url) => {
                    let url = escaped(&url);
                    html.push_str(&format!("<a href=\"{url}\" rel=\"noreferrer\">{url}</a>"));
                }
            }
        }
        html.push_str("</p>");
    }
    html
}

fn escaped(text: &str) -> String {
    quick_xml::escape::escape(text).into_owned()
}

fn text(out: &mut Out, name: &str, value: &str) -> std::io::Result<()> {
    out.create_element(name).write_text_content(BytesText::new(value))?;
    Ok(())
}

fn link(out: &mut Out, rel: &str, href: &str) -> std::io::Result<()> {
    out.create_element("link").with_attributes([("rel", rel), ("href", href)]).write_empty()?;
    Ok(())
}

fn author(out: &mut Out, name: &str) -> std::io::Result<()> {
    out.create_element("author").write_inner_content(|out| text(out, "name", name))?;
    Ok(())
}

/// An IRI that stays the same wherever the site is (section 4.2.6).
fn feed_id(site: &Site<'_>) -> String {
    iri(site.community.id.as_str())
}

fn entry_id(site: &Site<'_>, post: &Post) -> String {
    if Url::parse(&post.id).is_ok() { iri(&post.id) } else { iri(&format!("{}/{}", site.community.id, post.id)) }
}

/// An id as an IRI. Ids of this library are URIs (`vk:-155_1`); one of an app's own source may be any text.
fn iri(id: &str) -> String {
    let is_iri =
        Url::parse(id).is_ok() && !id.chars().any(|c| c.is_whitespace() || c.is_control() || "<>\"{}|\\^`".contains(c));
    if is_iri {
        return id.to_owned();
    }
    let encoded = percent_encoding::utf8_percent_encode(id, percent_encoding::NON_ALPHANUMERIC);
    format!("urn:x-byway:{encoded}")
}

/// As many as readers of feeds ask for at once.
const MAX_ENTRIES: usize = 50;

const TITLE_CHARACTERS: usize = 80;
