#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use super::super::whole::{WholeFeed, whole};
use super::super::{MAX_ENTRIES, Markup, Person};

fn read(text: &str) -> Option<WholeFeed> {
    whole(text, |text, take| super::read(text, take))
}

fn html(text: &str) -> Option<Markup> {
    Some(Markup::Html(text.to_owned()))
}

fn text(text: &str) -> Option<Markup> {
    Some(Markup::Text(text.to_owned()))
}

#[test]
fn rss_2_is_read_with_its_extensions() {
    let feed = read(
        r#"<?xml version="1.0"?><rss version="2.0" xmlns:c="http://purl.org/rss/1.0/modules/content/"
        xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/">
        <channel><title>Zavod &amp; co</title><atom:link rel="self" href="https://z.example/feed"/>
        <link>https://z.example/</link><description><![CDATA[<b>The</b> plant]]></description>
        <image><title>logo</title><link>https://logo.example/</link></image>
        <item><title>AT&T &nbsp; strike &#8212; now</title><link>https://z.example/1</link><guid isPermaLink="false">g1</guid>
          <description>short</description><c:encoded><![CDATA[<p>Long &amp; full</p>]]></c:encoded>
          <dc:creator>Anna</dc:creator><pubDate>Wed, 09 Nov 2016 17:00:00 +0700</pubDate>
          <enclosure url="https://z.example/1.mp3" length="9" type="audio/mpeg"/>
          <media:group><media:content url="https://z.example/1.jpg" medium="image" fileSize="7"/></media:group></item>
        <item><guid>https://z.example/2</guid><description>&lt;p&gt;escaped&lt;/p&gt;</description><author>a@z.example (Boris)</author></item>
        <item><description><p>Not <i>escaped</i></p></description></item>
        <item><category>nothing</category></item>
        </channel></rss>"#,
    )
    .unwrap();
    assert_eq!(feed.title, html("Zavod & co"));
    assert_eq!((feed.page.as_deref(), feed.subtitle.clone()), (Some("https://z.example/"), html("<b>The</b> plant")));
    assert_eq!((feed.is_atom, feed.odd, feed.torn), (false, 1, 0));
    let [first, second, third] = &feed.entries[..] else { panic!("three entries") };
    assert_eq!(first.title, html("AT&T \u{a0} strike — now"));
    assert_eq!(first.text, html("<p>Long &amp; full</p>"));
    assert_eq!((first.id.as_deref(), first.page.as_deref()), (Some("g1"), Some("https://z.example/1")));
    assert_eq!(first.author.as_ref().unwrap().name, "Anna");
    assert_eq!(first.published, Some("2016-11-09T10:00:00Z".parse().unwrap()));
    let enclosures: Vec<_> =
        first.enclosures.iter().map(|one| (one.url.as_str(), one.media_type.as_deref(), one.bytes)).collect();
    assert_eq!(
        enclosures,
        [
            ("https://z.example/1.mp3", Some("audio/mpeg"), Some(9)),
            ("https://z.example/1.jpg", Some("image/*"), Some(7)),
        ]
    );
    assert_eq!((second.page.as_deref(), &second.text), (Some("https://z.example/2"), &html("<p>escaped</p>")));
    assert_eq!(second.author.as_ref().unwrap().name, "Boris");
    assert_eq!(third.text, html("<p>Not <i>escaped</i></p>"));
}

#[test]
fn atom_says_what_its_texts_are() {
    let feed = read(
        r#"<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://z.example/blog/"><title type="text">a &lt; b</title>
        <link rel="self" href="https://z.example/self"/><link href="/"/><author><name>All</name></author>
        <entry xml:base="2016/"><id>urn:1</id><title type="html">T &amp;amp; U</title>
          <link rel="edit" href="e"/><link rel="alternate" href="one.html"/>
          <link rel="enclosure" href="one.pdf" type="application/pdf" title="Leaflet"/>
          <published>2016-11-09T17:00:00+07:00</published><updated>2016-11-10T17:00:00+07:00</updated>
          <content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>One<br/>two &amp; three</p></div></content>
          <source><title>Elsewhere</title><id>urn:other</id></source>
          <author><name>Anna</name><uri>/anna</uri></author></entry>
        <entry><id>urn:2</id><title/><summary>plain &lt;i&gt; text</summary></entry></feed>"#,
    )
    .unwrap();
    assert_eq!((&feed.title, feed.is_atom), (&text("a < b"), true));
    assert_eq!(feed.page.as_deref(), Some("/"));
    let [first, second] = &feed.entries[..] else { panic!("two entries") };
    assert_eq!((first.id.as_deref(), &first.title), (Some("urn:1"), &html("T &amp; U")));
    assert_eq!(
        (first.page.as_deref(), first.base.as_deref()),
        (Some("one.html"), Some("https://z.example/blog/2016/"))
    );
    let expected = r#"<div xmlns="http://www.w3.org/1999/xhtml"><p>One<br/>two &amp; three</p></div>"#;
    assert_eq!(first.text, html(expected));
    assert_eq!(first.author, Some(Person { name: "Anna".to_owned(), page: Some("/anna".to_owned()) }));
    assert!(first.updated > first.published);
    assert_eq!(first.enclosures.first().unwrap().title.as_deref(), Some("Leaflet"));
    assert_eq!((second.title.as_ref(), &second.text), (None, &text("plain <i> text")));
}

#[test]
fn old_and_odd_dialects_are_read() {
    let cases = [
        r#"<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
           <channel rdf:about="x"><title>Z</title></channel><item rdf:about="https://z.example/1"><title>one</title><dc:date>2016-11-09</dc:date></item></rdf:RDF>"#,
        "<rss version='0.91'><channel><title>Z</title><item><title>one</title><link>https://z.example/1</link><pubDate>9 Nov 2016</pubDate></item></channel></rss>",
        "<atom:feed xmlns:atom='http://www.w3.org/2005/Atom'><atom:title>Z</atom:title><atom:entry><atom:title>one</atom:title><atom:link href='https://z.example/1'/></atom:entry></atom:feed>",
        "<feed version='0.3' xmlns='http://purl.org/atom/ns#'><title>Z</title><entry><title>one</title><link rel='alternate' href='https://z.example/1'/></entry></feed>",
        "<b>Warning</b>: x.php <rss><channel><title>Z</title><item><title>one</title><link>https://z.example/1</link></item>",
    ];
    for document in cases {
        let feed = read(document).unwrap();
        assert_eq!(feed.title, text("Z"), "{document}");
        let [entry] = &feed.entries[..] else { panic!("one entry: {document}") };
        assert_eq!(entry.page.as_deref(), Some("https://z.example/1"), "{document}");
    }
}

#[test]
fn a_broken_entry_costs_no_other() {
    let feed = read(
        "<rss><channel><item><title>one</title></item><item><title>broken</b></item>\
         <item><title>two</title></item><item><title a=<>x</title></item>\
         <item><title>three</title></item><item><title>cut",
    )
    .unwrap();
    let titles: Vec<_> = feed.entries.iter().filter_map(|entry| entry.title.clone()).collect();
    assert_eq!(titles.first(), text("one").as_ref());
    assert!(
        titles.contains(&Markup::Text("two".into())) && titles.contains(&Markup::Text("three".into())),
        "{titles:?}"
    );
    assert!(feed.torn >= 2, "{}", feed.torn);
}

#[test]
fn a_feed_that_breaks_off_between_entries_says_so() {
    let rss = "<rss><channel><item><title>one</title></item><item><title>two</title></item></channel></rss>";
    let atom = "<a:feed xmlns:a='http://www.w3.org/2005/Atom'><a:entry><a:title>one</a:title></a:entry></a:feed> ";
    let rdf = "<r:RDF xmlns:r='r'><channel/><item><title>one</title></item></r:RDF>";
    for whole in [rss, atom, rdf, "<rss/>", "<rss><channel><item><title>a</b></item></channel></rss>"] {
        assert!(!read(whole).unwrap().breaks_off, "{whole}");
        let end = whole.rfind('<').unwrap();
        assert!(end == 0 || read(&whole[..end]).unwrap().breaks_off, "{whole}");
    }
    for end in ["</item>", "</channel>", "two</title>"] {
        let cut = &rss[..rss.find(end).unwrap() + end.len()];
        assert!(read(cut).unwrap().breaks_off, "{cut}");
    }
    // An element of an entry may have the name of a feed.
    let within = "<rss><channel><item><feed>x</feed><title>one</title></item>";
    assert!(read(within).unwrap().breaks_off);
}

#[test]
fn bombs_and_foreign_entities_are_harmless() {
    let bomb = format!(
        "<!DOCTYPE rss [<!ENTITY a \"{}\"><!ENTITY b \"&a;&a;&a;\"><!ENTITY x SYSTEM \"file:///etc/passwd\">]>\
         <rss><channel><item><title>&b;&x;</title></item></channel></rss>",
        "ha".repeat(100)
    );
    assert_eq!(read(&bomb).unwrap().entries[0].title, html("&b;&x;"), "an own entity stands as it is written");
    let deep = format!("<rss><channel><item><title>t</title>{}", "<a>".repeat(100_000));
    assert!(read(&deep).unwrap().entries.len() <= 1);
    let nested = format!("<rss>{}", "<channel>".repeat(10_000));
    assert!(read(&nested).unwrap().entries.is_empty());
    let wide =
        format!("<rss><item><title>t</title>{}</item><item><title>u</title></item></rss>", "<a/>".repeat(10_000));
    assert_eq!(read(&wide).unwrap().entries.len(), 2);
    let many = format!("<rss>{}</rss>", "<item><title>t</title></item>".repeat(MAX_ENTRIES + 5));
    let many = read(&many).unwrap();
    assert!(many.cut && many.entries.len() == MAX_ENTRIES);
    let broken = format!("<rss>{}", "<item></x>".repeat(50_000));
    assert!(read(&broken).unwrap().entries.is_empty(), "each restart goes forward");
    for other in ["", "<html><item><title>x</title></item></html>", "plain", "<channel><item/></channel>"] {
        assert_eq!(read(other), None, "{other}");
    }
}
