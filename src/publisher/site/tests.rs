#![allow(clippy::unwrap_used, clippy::panic)]

use std::str::FromStr as _;

use html5gum::{Token, Tokenizer};

use jiff::Timestamp;

use super::input::{CALENDAR, FEED, INDEX, Site};
use super::page::STYLE;
use super::pictures::SitePictures;
use crate::community::{
    Attachment, Author, AuthorKind, Claim, Community, CommunityId, Event, EventStatus, Field, Link, Post, PostState,
    Restriction, Trust, TrustState,
};
use crate::language::Language;
use crate::publisher::FilesWritten;
use crate::publisher::PictureKind;
use crate::signed::{CommunityLink, Digest};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn community() -> Community {
    let mut community = Community::new(CommunityId::vk(155), "Рабочие <станкозавода>");
    community.description = Some("Читайте https://a.example/.\n\n\"><script>alert(1)</script>".to_owned());
    community.status = Some("Только через Tor".to_owned());
    community.homes = vec!["vk.com/zavod".parse().unwrap()];
    community.links = vec![Link::new("javascript:alert(1)", Some("Карта".to_owned()))];
    community.restrict(Restriction::new("Заблокировано", "VK"));
    community.successor = Some(Claim::new("vk.com/zavod2".parse().unwrap(), Field::Status, "Мы здесь"));
    community
}

fn post(number: u32) -> Post {
    let mut post = Post::new(format!("vk:-155_{number}"));
    post.text = format!("Запись {number} & <b>\n\nСм. https://b.example/?a=1&b=2");
    post.created = Some(at("2016-11-08T09:00:59Z"));
    post.author = Some(Author::new("vk:1", "Ив\u{202e}ан", AuthorKind::Person));
    post.attachments = vec![Attachment::Photo {
        url: Some("https://sun1.userapi.com/1.jpg".to_owned()),
        width: None,
        height: None,
        text: None,
    }];
    post
}

fn event(name: &str, start: &str) -> Event {
    let mut event = Event::new(format!("vk:-{}", name.len()).parse().unwrap(), name);
    event.start = Some(start.parse().unwrap());
    event
}

fn file(site: &Site<'_>, name: &str) -> Option<String> {
    site.files().into_iter().find(|file| file.name == name).map(|file| String::from_utf8(file.bytes).unwrap())
}

fn index(site: &Site<'_>) -> String {
    file(site, INDEX).unwrap()
}

/// Each start tag with its attributes.
fn tags(html: &str) -> Vec<(String, Vec<(String, String)>)> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    Tokenizer::new(html)
        .filter_map(|token| match token.unwrap() {
            Token::StartTag(tag) => {
                Some((text(&tag.name), tag.attributes.iter().map(|(name, value)| (text(name), text(value))).collect()))
            }
            _ => None,
        })
        .collect()
}

fn full_site<'a>(community: &'a Community, posts: &'a [Post], events: &'a [Event]) -> Site<'a> {
    Site::new(community, at("2016-11-09T12:00:00Z")).with_posts(posts).with_events(events).as_copy()
}

#[test]
fn a_page_loads_nothing_and_has_no_script() {
    let (community, posts) = (community(), [post(1), post(2)]);
    let events = [event("Сход", "2016-11-19T12:00:00+07:00")];
    for language in Language::ALL.iter().copied() {
        let html = index(&full_site(&community, &posts, &events).with_language(language));
        for (name, attributes) in tags(&html) {
            let is_quiet = !["script", "img", "iframe", "object", "embed", "form", "base", "video", "audio"]
                .contains(&name.as_str());
            assert!(is_quiet, "<{name}>");
            for (attribute, value) in &attributes {
                let loads = ["src", "srcset", "style", "action", "background"].contains(&attribute.as_str())
                    || attribute.starts_with("on");
                assert!(!loads, "<{name} {attribute}>");
                let is_address = attribute == "href";
                let is_allowed = match name.as_str() {
                    "a" => ["https://", "http://", "#", "byway:", "feed.xml", "events.ics"]
                        .iter()
                        .any(|start| value.starts_with(start)),
                    _ => ["feed.xml", "events.ics"].contains(&value.as_str()),
                };
                assert!(!is_address || is_allowed, "<{name} href={value}>");
            }
        }
        assert!(html.starts_with(&format!("<!doctype html>\n<html lang=\"{}\">", language.code())));
        assert!(!html.contains("alert(1)</script>") && html.contains("&lt;") || html.contains("&#60;"), "{html}");
    }
}

#[test]
fn a_post_that_was_taken_back_is_marked_on_page_and_feed() {
    let signed = CommunityId::from_str(&format!("byway:{}", Digest::of(b"x"))).unwrap();
    for (id, state, says) in [
        (CommunityId::vk(155), PostState::Removed, "the platform states that it was deleted"),
        (CommunityId::vk(155), PostState::Withheld, "the platform does not show its text now"),
        (signed, PostState::Removed, "deleted by its author or by the community, with a signature"),
    ] {
        let community = Community::new(id, "Завод");
        let (mut gone, stays) = (post(1), post(2));
        gone.state = state;
        let posts = [gone, stays];
        let site = Site::new(&community, at("2016-11-09T12:00:00Z")).with_posts(&posts).with_language(Language::En);
        let (page, feed) = (index(&site), file(&site, FEED).unwrap());
        assert_eq!(page.matches(says).count(), 1, "{page}");
        assert_eq!(feed.matches(&format!("<title>[{says}] ")).count(), 1, "{feed}");
        assert_eq!(feed.matches(&format!("&lt;p&gt;&lt;strong&gt;{says}")).count(), 1, "{feed}");
    }
}

#[test]
fn only_pictures_of_the_mirror_are_loaded() {
    let community = community();
    let digest = Digest::of(b"x").to_string();
    let photo = |url: &str| Attachment::Photo {
        url: Some(url.to_owned()),
        width: Some(4),
        height: Some(3),
        text: Some("\"><script>".to_owned()),
    };
    let mut post = post(1);
    post.attachments = vec![
        photo(&format!("files/{digest}")),
        photo(&format!("https://a.example/files/{digest}")),
        photo(&format!("files/../files/{digest}")),
        photo("files/x"),
        photo(&format!("//a.example/files/{digest}")),
    ];
    let posts = [post];
    let site = Site::new(&community, at("2016-11-09T12:00:00Z")).with_posts(&posts);
    let stated = [(Digest::of(b"x"), (PictureKind::Jpeg, 7))].into();
    for (site, expected) in [(site.clone(), 0), (site.with_pictures(&stated), 1)] {
        let html = index(&site);
        let feed = file(&site, FEED).unwrap();
        let enclosure = format!("<link rel=\"enclosure\" href=\"files/{digest}\" type=\"image/jpeg\" length=\"7\"");
        assert_eq!((feed.matches("enclosure").count(), feed.contains(&enclosure)), (expected, expected == 1), "{feed}");
        let tags = tags(&html);
        let images: Vec<_> = tags.iter().filter(|(name, _)| name == "img").collect();
        assert_eq!((images.len(), html.contains("img-src 'self'")), (expected, expected == 1), "{html}");
        assert!(tags.iter().all(|(name, _)| name != "script"));
        for (_, attributes) in images {
            let of = |wanted: &str| attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
            assert_eq!((of("src"), of("alt")), (Some(format!("files/{digest}").as_str()), Some("\"><script>")));
        }
    }
}

#[test]
fn kept_pictures_lie_beside_the_page_without_metadata() {
    let community = community();
    let clean = crate::publisher::picture_tests::picture(7, "").bytes().to_vec();
    let (chunk, name) = (b"tEXtComment\0CANARY", b"IEND");
    let end = clean.windows(4).position(|at| at == name).unwrap() - 4;
    let mut crc = flate_crc(chunk);
    let length = (chunk.len() - 4) as u32;
    let dirty = [&clean[..end], &length.to_be_bytes(), chunk, &std::mem::take(&mut crc), &clean[end..]].concat();
    let photo = |url: &str| Attachment::Photo {
        url: Some(url.to_owned()),
        width: None,
        height: None,
        text: Some("Gate".into()),
    };
    let at_mirror = format!("https://a.example/files/{}", Digest::of(&dirty));
    let unkept = format!("files/{}", Digest::of(b"x"));
    let mut post = post(1);
    post.attachments = vec![photo(&at_mirror), photo(&unkept), photo("https://b.example/x.jpg")];
    let posts = [post];
    let mut kept = SitePictures::default();
    let wanted: Vec<_> = SitePictures::wanted(&posts).collect();
    assert_eq!(wanted.len(), 3);
    assert!(kept.take(wanted[0], &dirty) && !kept.take(wanted[2], b"no picture"));
    assert_eq!((kept.len(), kept.left_out()), (1, 1));

    let folder = tempfile::tempdir().unwrap();
    let files = |folder: &std::path::Path| {
        let mut names: Vec<String> =
            std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    };
    let site = Site::new(&community, at("2016-11-09T12:00:00Z")).with_posts(&posts);
    site.clone().with_kept_pictures(&kept).write_to(folder.path()).unwrap();
    let name = Digest::of(&clean).to_string();
    assert_eq!(files(&folder.path().join("files")), [name.as_str()]);
    assert_eq!(std::fs::read(folder.path().join("files").join(&name)).unwrap(), clean, "the comment is gone");
    let html = std::fs::read_to_string(folder.path().join("index.html")).unwrap();
    let images: Vec<_> = tags(&html).into_iter().filter(|(tag, _)| tag == "img").collect();
    assert_eq!(images.len(), 1, "what is not kept is not loaded: {html}");
    assert!(
        html.contains(&format!("<img src=\"files/{name}\" alt=\"Gate\"")) && html.contains("img-src 'self'; "),
        "{html}"
    );
    let feed = std::fs::read_to_string(folder.path().join(FEED)).unwrap();
    assert_eq!(
        (feed.matches("enclosure").count(), feed.contains(&format!("href=\"files/{name}\" type=\"image/png\""))),
        (1, true),
        "{feed}"
    );

    // The next copy has none: the picture goes, and the page loads nothing.
    site.clone().with_kept_pictures(&SitePictures::default()).write_to(folder.path()).unwrap();
    assert!(files(&folder.path().join("files")).is_empty());
    assert!(!std::fs::read_to_string(folder.path().join("index.html")).unwrap().contains("img-src"));
    // In the folder of a mirror the pictures are those of its posts.
    site.clone().with_kept_pictures(&kept).write_to(folder.path()).unwrap();
    std::fs::write(folder.path().join("head.json"), "{}").unwrap();
    site.with_kept_pictures(&SitePictures::default()).write_to(folder.path()).unwrap();
    assert_eq!(files(&folder.path().join("files")), [name.as_str()]);
}

/// CRC-32 of a chunk of a PNG (ISO 3309).
fn flate_crc(bytes: &[u8]) -> [u8; 4] {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 })
    };
    (!bytes.iter().fold(!0, step)).to_be_bytes()
}

#[test]
fn the_policy_allows_the_pages_own_style_alone() {
    let community = community();
    let html = index(&Site::new(&community, at("2016-11-09T12:00:00Z")));
    let style = html.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, style.as_bytes());
    let expected = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, digest);
    let policy = tags(&html).into_iter().find_map(|(name, attributes)| {
        let is_policy = name == "meta" && attributes.iter().any(|(_, value)| value == "Content-Security-Policy");
        attributes.into_iter().find(|(name, _)| is_policy && name == "content").map(|(_, value)| value)
    });
    assert_eq!(
        policy.unwrap(),
        format!("default-src 'none'; style-src 'sha256-{expected}'; base-uri 'none'; form-action 'none'")
    );
}

#[test]
fn a_page_says_what_is_claimed_and_by_whom() {
    let (community, posts) = (community(), [post(1)]);
    let html = index(&full_site(&community, &posts, &[]));
    for said in [
        "VK states: Заблокировано",
        "Says it moved to https://vk.com/zavod2 (a claim that nobody has signed): Мы здесь",
        "This is a reader&#39;s copy of https://vk.com/zavod.",
        "8 November 2016, 09:00 UTC",
        "<time datetime=\"2016-11-08T09:00:00Z\">",
        "State of 9 November 2016.",
        "<p class=\"faint small\" dir=\"auto\">Иван</p>",
        "https://sun1.userapi.com/1.jpg",
    ] {
        assert!(html.contains(said), "{said}\n{html}");
    }
    assert!(!html.contains('\u{202e}'));
    assert!(!html.contains("12:00"), "the minute of the reading is its maker's");
}

#[test]
fn events_to_come_are_first_and_past_ones_last() {
    let community = community();
    let mut cancelled = event("Отменённый", "2016-11-20T12:00:00+07:00");
    cancelled.status = EventStatus::Cancelled;
    let events = [
        cancelled,
        event("Сход", "2016-11-19T12:00:00+07:00"),
        event("Старое собрание", "2016-10-19T12:00:00+07:00"),
        event("Сегодняшнее", "2016-11-09T01:00:00Z"),
    ];
    let html = index(&full_site(&community, &[], &events));
    let place = |name: &str| html.find(&format!(">{name}</a>")).unwrap_or_else(|| panic!("{name}"));
    assert!(place("Сегодняшнее") < place("Сход") && place("Сход") < place("Отменённый"));
    assert!(place("Отменённый") < place("Старое собрание"));
    assert!(html.contains("Saturday, 19 November 2016, 12:00 (UTC+7)"), "{html}");
    assert!(html.contains("<p>Cancelled.</p>"));
}

#[test]
fn all_times_of_a_page_are_in_the_zone_of_its_gatherings() {
    let (community, posts) = (community(), [post(1)]);
    let shown = |starts: &[&str]| {
        let events: Vec<Event> = starts.iter().map(|start| event("Сход", start)).collect();
        index(&full_site(&community, &posts, &events))
    };
    assert!(
        shown(&["2016-11-19T12:00:00+07:00", "2016-11-20T12:00:00+07:00"]).contains("8 November 2016, 16:00 (UTC+7)")
    );
    for starts in [&["2016-11-19T12:00:00+07:00", "2016-11-20T12:00:00+03:00"][..], &[]] {
        assert!(shown(starts).contains("8 November 2016, 09:00 UTC"), "{starts:?}");
    }
}

#[test]
fn a_copy_of_a_signed_community_does_not_contradict_itself() {
    let mut community = Community::new(format!("byway:{}", "0a".repeat(32)).parse().unwrap(), "Zavod");
    community.homes = vec![format!("https://zavod.example/#byway:{}", "0a".repeat(32)).parse().unwrap()];
    community.successor = Some(Claim::new("https://new.example/".parse().unwrap(), Field::Elsewhere, "0b"));
    let trust = Trust::plain(TrustState::Verified);
    let html = index(&Site::new(&community, at("2016-11-09T12:00:00Z")).as_copy().with_trust(&trust));
    assert!(html.contains("this page is not signed") && html.contains("when it was read: Signed by the community."));
    assert!(!html.contains("Nobody has signed") && html.contains("https://new.example/ (in its signed charter)"));
}

#[test]
fn a_post_without_a_date_is_never_new_on_page_or_feed() {
    let community = community();
    let mut posts = [post(1), post(2)];
    posts[1].created = None;
    let site = Site::new(&community, at("2016-11-09T12:00:00Z")).with_posts(&posts);
    assert_eq!(index(&site).matches("No date").count(), 1);
    let feed = file(&site, FEED).unwrap();
    let entry = feed.split("<entry>").nth(2).unwrap();
    assert!(entry.contains("<title>[No date] Запись 2"), "{entry}");
    assert!(entry.contains("<updated>1970-01-01T00:00:00Z</updated>") && !entry.contains("<published>"), "{entry}");
    assert!(entry.contains("&lt;p&gt;&lt;strong&gt;No date&lt;/strong&gt;&lt;/p&gt;"), "{entry}");
    assert_eq!(feed.matches("1970").count(), 1, "{feed}");
}

#[test]
fn a_site_without_dated_events_has_no_calendar() {
    let community = community();
    let undated = [Event::new(CommunityId::vk(7), "Когда-нибудь")];
    let site = Site::new(&community, at("2016-11-09T12:00:00Z")).with_events(&undated);
    assert_eq!(file(&site, CALENDAR), None);
    assert!(!index(&site).contains("events.ics"));
    let dated = [event("Сход", "2016-11-19T12:00:00+07:00")];
    let calendar = file(&site.with_events(&dated), CALENDAR).unwrap();
    assert!(calendar.contains("DTSTART:20161119T050000Z") && calendar.contains("DTSTAMP:20161109T000000Z"));
}

#[test]
fn a_link_stands_on_the_page_with_its_code() {
    let community = community();
    let text = format!("byway:{}?mirror=a.example/", "0a".repeat(32));
    let link: CommunityLink = text.parse().unwrap();
    let html = index(&Site::new(&community, at("2016-11-09T12:00:00Z")).with_link(&link));
    assert!(html.contains(&format!("<a href=\"{text}\">{text}</a>")) && html.contains("<svg "));
}

#[test]
fn a_page_and_a_feed_are_bounded() {
    let community = community();
    let posts: Vec<Post> = (0..1000).map(post).collect();
    let site = full_site(&community, &posts, &[]);
    let html = index(&site);
    assert_eq!(html.matches("<article ").count(), 200);
    assert!(html.contains("800 older posts are not on this page."));
    assert_eq!(file(&site, FEED).unwrap().matches("<entry>").count(), 50);
}

#[test]
fn a_folder_gets_what_changed_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let (community, posts) = (community(), [post(1)]);
    let events = [event("Сход", "2016-11-19T12:00:00+07:00")];
    let site = full_site(&community, &posts, &events);
    let path = folder.path().join("new");
    assert_eq!(site.write_to(&path).unwrap(), FilesWritten { changed: 3, unchanged: 0 });
    assert_eq!(site.write_to(&path).unwrap(), FilesWritten { changed: 0, unchanged: 3 });
    std::fs::write(path.join("own.txt"), "kept").unwrap();
    let without = full_site(&community, &posts, &[]);
    assert_eq!(without.write_to(&path).unwrap(), FilesWritten { changed: 2, unchanged: 1 }, "the calendar went");
    let mut names: Vec<_> = std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["feed.xml", "index.html", "own.txt"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(path.join(INDEX)).unwrap().permissions().mode() & 0o777, 0o644);
        std::fs::remove_file(path.join(FEED)).unwrap();
        std::os::unix::fs::symlink(path.join("own.txt"), path.join(FEED)).unwrap();
        assert_eq!(site.write_to(&path).unwrap_err().kind(), std::io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read_to_string(path.join("own.txt")).unwrap(), "kept", "a link is not followed");
    }
}

/// The relative luminance of a colour `#rrggbb` (WCAG 2.2).
fn luminance(colour: &str) -> f64 {
    let digits: String = match colour.strip_prefix('#').unwrap() {
        short if short.len() == 3 => short.chars().flat_map(|digit| [digit, digit]).collect(),
        whole => whole.to_owned(),
    };
    let channel = |at: usize| {
        let value = f64::from(u8::from_str_radix(&digits[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn texts_have_contrast_aa_in_light_dark_and_print() {
    let palettes: Vec<&str> = STYLE.split(":root{").skip(1).map(|rest| rest.split('}').next().unwrap()).collect();
    assert_eq!(palettes.len(), 3, "light, dark and print");
    for palette in palettes {
        let colour = |name: &str| {
            let stated =
                palette.split(';').find_map(|part| part.strip_prefix("--")?.strip_prefix(name)?.strip_prefix(':'));
            stated.unwrap_or_else(|| panic!("no colour {name} in {palette}"))
        };
        for (text, ground) in [("ink", "paper"), ("faint", "paper"), ("link", "paper"), ("mark-ink", "mark")] {
            let found = contrast(colour(text), colour(ground));
            assert!(found >= 4.5, "{text} on {ground} has {found:.2} in {palette}");
        }
    }
    // A colour anywhere else would be one that nothing here compares.
    let others = STYLE.matches('#').count();
    assert_eq!(others, 21, "colours of three palettes, seven each");
}
