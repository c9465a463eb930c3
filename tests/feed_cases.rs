//! What public test suites of feed parsers ask for, where they speak of what is shown: forms of text, times, authors,
//! addresses, attachments and versions. The cases are written anew.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use byway::community::{Attachment, Post};
use byway::fuzzing;

fn posts(feed: &str) -> Vec<Post> {
    fuzzing::site(feed.as_bytes(), None).unwrap_or_else(|| panic!("no feed: {feed}")).1
}

fn rss(item: &str) -> Post {
    let namespaces = "xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:content='http://purl.org/rss/1.0/modules/content/' \
                      xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd' xmlns:media='http://search.yahoo.com/mrss/' \
                      xmlns:dcterms='http://purl.org/dc/terms/'";
    posts(&format!("<rss version='2.0' {namespaces}><channel><title>T</title><item>{item}</item></channel></rss>"))
        .remove(0)
}

fn atom(entry: &str) -> Post {
    posts(&format!("<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title><entry>{entry}</entry></feed>")).remove(0)
}

#[test]
fn every_form_of_text_is_shown_alike() {
    for (what, post) in [
        ("text", atom("<title type='text'>A &lt;b&gt; &amp;amp; c</title>")),
        ("html", atom("<title type='html'>A &amp;lt;b&amp;gt; &amp;amp;amp; c</title>")),
        ("html in CDATA", atom("<title type='html'><![CDATA[A &lt;b&gt; &amp;amp; c]]></title>")),
        (
            "xhtml",
            atom(
                "<title type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>A &lt;b&gt; <i>&amp;amp;</i> c</div></title>",
            ),
        ),
    ] {
        assert_eq!(post.text, "A <b> &amp; c", "{what}");
    }
    let escaped =
        atom("<title>Title</title><content type='text/html' mode='escaped'>One &lt;i&gt;two&lt;/i&gt;</content>");
    assert_eq!(escaped.text, "Title\n\nOne two", "Atom 0.3");
    let whole =
        rss("<title>Title</title><description>short</description><content:encoded>the whole text</content:encoded>");
    assert_eq!(whole.text, "Title\n\nthe whole text");
    let whole = atom("<title>Title</title><summary>short</summary><content type='html'>the whole text</content>");
    assert_eq!(whole.text, "Title\n\nthe whole text");
    let summary =
        atom("<title>Title</title><summary>short</summary><content src='https://a.example/x' type='text/html'/>");
    assert_eq!(summary.text, "Title\n\nshort", "content elsewhere is not loaded");
}

#[test]
fn every_form_of_time_is_read() {
    for (time, expected) in [
        ("Thu, 01 Jan 2004 19:48:21 GMT", "2004-01-01T19:48:21Z"),
        ("Thu, 01 Jan 04 19:48:21 GMT", "2004-01-01T19:48:21Z"),
        ("Thu, 1 Jan 2004 19:48 EST", "2004-01-02T00:48:00Z"),
        ("01 Jan 2004 19:48:21 +0300", "2004-01-01T16:48:21Z"),
        ("2003-12-31T10:14:55Z", "2003-12-31T10:14:55Z"),
        ("2003-12-31T10:14:55-08:00", "2003-12-31T18:14:55Z"),
        ("2003-12-31T10:14:55.5Z", "2003-12-31T10:14:55.5Z"),
        ("2003-12-31 10:14:55Z", "2003-12-31T10:14:55Z"),
        ("2003-12-31", "2003-12-31T00:00:00Z"),
    ] {
        let post = rss(&format!("<title>t</title><pubDate>{time}</pubDate>"));
        assert_eq!(post.created.map(|at| at.to_string()).as_deref(), Some(expected), "{time}");
    }
    for odd in ["", "soon", "32 Jan 2004", "2003-13-01", "Thu, 01 Jan 99999 00:00:00 GMT"] {
        assert_eq!(rss(&format!("<title>t</title><pubDate>{odd}</pubDate>")).created, None, "{odd}");
    }
    let edited =
        atom("<title>t</title><published>2004-01-01T00:00:00Z</published><updated>2004-01-02T00:00:00Z</updated>");
    assert_eq!(edited.edited.unwrap().to_string(), "2004-01-02T00:00:00Z");
}

#[test]
fn every_form_of_author_and_address_is_read() {
    for (what, post) in [
        ("RSS", rss("<title>t</title><author>anna@a.example (Anna)</author>")),
        ("Dublin Core", rss("<title>t</title><dc:creator>Anna</dc:creator>")),
        ("Atom", atom("<title>t</title><author><name>Anna</name><email>anna@a.example</email></author>")),
        ("iTunes", rss("<title>t</title><itunes:author>Anna</itunes:author>")),
    ] {
        assert_eq!(post.author.map(|author| author.name).as_deref(), Some("Anna"), "{what}");
    }
    for (what, post) in [
        ("RSS", rss("<title>t</title><link>https://a.example/1</link>")),
        ("guid", rss("<title>t</title><guid>https://a.example/1</guid>")),
        ("guid, stated", rss("<title>t</title><guid isPermaLink='true'>https://a.example/1</guid>")),
        ("Atom", atom("<title>t</title><link rel='self' href='/x'/><link href='https://a.example/1'/>")),
        (
            "Atom, alternate",
            atom("<title>t</title><link rel='edit' href='/x'/><link rel='alternate' href='https://a.example/1'/>"),
        ),
        (
            "base of the content",
            atom(
                "<title>t</title><link href='https://a.example/1'/><content xml:base='https://b.example/'>x</content>",
            ),
        ),
        ("xml:base", atom("<title>t</title><link xml:base='https://a.example/' href='1'/>")),
    ] {
        assert_eq!(post.url.as_deref(), Some("https://a.example/1"), "{what}");
    }
    assert_eq!(rss("<title>t</title><guid isPermaLink='false'>https://a.example/1</guid>").url, None);
}

#[test]
fn every_form_of_attachment_is_read() {
    for (what, post) in [
        ("enclosure", rss("<title>t</title><enclosure url='https://a.example/1.mp3' type='audio/mpeg' length='10'/>")),
        ("Atom", atom("<title>t</title><link rel='enclosure' type='audio/mpeg' href='https://a.example/1.mp3'/>")),
        ("Media RSS", rss("<title>t</title><media:content url='https://a.example/1.mp3' type='audio/mpeg'/>")),
        (
            "a group",
            rss(
                "<title>t</title><media:group><media:content url='https://a.example/1.mp3' medium='audio'/></media:group>",
            ),
        ),
    ] {
        let [Attachment::Audio { url, .. }] = &post.attachments[..] else { panic!("{what}: {:?}", post.attachments) };
        assert_eq!(url.as_deref(), Some("https://a.example/1.mp3"), "{what}");
    }
}

#[test]
fn feeds_of_every_version_are_read() {
    for (what, feed) in [
        (
            "RSS 0.90",
            "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://my.netscape.com/rdf/simple/0.9/'><channel><title>T</title></channel><item><title>t</title></item></rdf:RDF>",
        ),
        (
            "RSS 0.91",
            "<!DOCTYPE rss PUBLIC '-//Netscape Communications//DTD RSS 0.91//EN' 'http://my.netscape.com/publish/formats/rss-0.91.dtd'><rss version='0.91'><channel><item><title>t</title></item></channel></rss>",
        ),
        (
            "RSS 1.0",
            "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'><channel rdf:about='x'><title>T</title></channel><item rdf:about='y'><title>t</title></item></rdf:RDF>",
        ),
        ("Atom 0.3", "<feed version='0.3' xmlns='http://purl.org/atom/ns#'><entry><title>t</title></entry></feed>"),
        ("a prefix", "<a:feed xmlns:a='http://www.w3.org/2005/Atom'><a:entry><a:title>t</a:title></a:entry></a:feed>"),
        ("JSON Feed", r#"{"version":"https://jsonfeed.org/version/1.1","title":"T","items":[{"id":1,"title":"t"}]}"#),
    ] {
        let texts: Vec<String> = posts(feed).into_iter().map(|post| post.text).collect();
        assert_eq!(texts, ["t"], "{what}");
    }
}
