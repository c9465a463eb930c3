//! Pages in the form of Telegram's, read without a network. They are written from the structure, not copied.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use http::{HeaderMap, StatusCode};
use proptest::prelude::*;

use super::*;
use crate::community::{AdviceKind, Attachment, Field, Post, UnknownAttachment};
use crate::reach::{Finding, Fingerprints, Judgement};
use crate::source::{PageJudge, ReceivedPage};
use crate::transport::Strategy;

const HEAD: &str = r#"<!DOCTYPE html><html><head><meta property="og:title" content="The plant"><link rel="prev" href="/s/zavod?before=11">
    </head><body><header class="tgme_header"><div class="tgme_header_title"><span dir="auto">The plant</span></div>
    <div class="tgme_header_counter">1.2K subscribers</div></header><div class="tgme_channel_info">
    <div class="tgme_channel_info_header_title"><span dir="auto">The plant <i class="emoji"><b>&#128295;</b></i></span>
      <i class="verified-icon"> &#10004;</i></div>
    <div class="tgme_channel_info_counters"><div class="tgme_channel_info_counter"><span class="counter_value">7</span>
      <span class="counter_type">photos</span></div><div class="tgme_channel_info_counter"><span class="counter_value">1.24K</span>
      <span class="counter_type">subscribers</span></div></div>
    <div class="tgme_channel_info_description">News of the plant.<br/>Only through Tor. <a href="https://zavod.example/">Site</a>
      <script>alert(1)</script></div></div><main class="tgme_main"><section class="tgme_channel_history">"#;

const FOOT: &str = r#"</section></main></body></html>"#;

/// A message of the channel.
fn message(number: &str, inside: &str) -> String {
    format!(
        r#"<div class="tgme_widget_message_wrap js-widget_message_wrap"><div class="tgme_widget_message js-widget_message"
           data-post="Zavod/{number}"><div class="tgme_widget_message_bubble"><div class="tgme_widget_message_author">
           <a class="tgme_widget_message_owner_name" href="https://t.me/zavod"><span dir="auto">The plant</span></a></div>
           {inside}<div class="tgme_widget_message_footer"><span class="tgme_widget_message_views">1.5K</span>
           <a class="tgme_widget_message_date" href="https://t.me/zavod/{number}"><time datetime="2026-02-03T10:00:00+03:00">10:00</time>
           </a></div></div></div></div>"#
    )
}

fn text(words: &str) -> String {
    format!(r#"<div class="tgme_widget_message_text js-message_text" dir="auto">{words}</div>"#)
}

fn name() -> TelegramName {
    match "t.me/zavod".parse() {
        Ok(Home::Telegram(name)) => name,
        other => panic!("{other:?}"),
    }
}

fn read(page: &str) -> TelegramPage {
    page::read(page, &name(), &"https://t.me/s/zavod".parse().unwrap(), Timestamp::UNIX_EPOCH)
}

fn channel(messages: &[String]) -> Channel {
    match read(&format!("{HEAD}{}{FOOT}", messages.concat())) {
        TelegramPage::Channel(channel) => *channel,
        other => panic!("{other:?}"),
    }
}

fn one(inside: &str) -> Post {
    channel(&[message("155", inside)]).posts.remove(0).1
}

#[test]
fn the_head_of_a_page_becomes_the_community() {
    let community = channel(&[]).community;
    assert_eq!((community.id.as_str(), community.name.as_str()), ("telegram:zavod", "The plant \u{1f527}"));
    assert_eq!(community.members.unwrap().count, 1_240);
    assert_eq!(community.description.as_deref(), Some("News of the plant.\nOnly through Tor. Site"));
    assert_eq!(community.links[0].url, "https://zavod.example/");
    assert_eq!(community.homes, ["t.me/zavod".parse().unwrap()]);
    assert_eq!(community.access_advice[0].kind, AdviceKind::Tor);
}

#[test]
fn a_post_of_another_channel_is_not_read_as_a_post_of_this_one() {
    let foreign = message("156", &text("foreign")).replace("Zavod/156", "other/156");
    let read = channel(&[message("155", &text("own")), foreign.clone()]);
    assert_eq!(read.posts.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [155]);
    assert_eq!(read.odd, 1);
    // A channel with two names shows its posts under the one that its head states.
    let header = r#"<div class="tgme_channel_info_header_username"><a href="https://t.me/other">@other</a></div>"#;
    let head = HEAD.replace(
        r#"<div class="tgme_channel_info_counters">"#,
        &format!(r#"{header}<div class="tgme_channel_info_counters">"#),
    );
    let TelegramPage::Channel(read) = self::read(&format!("{head}{foreign}{FOOT}")) else { panic!("no channel") };
    assert_eq!((read.posts[0].0, read.posts[0].1.id.as_str(), read.odd), (156, "telegram:zavod/156", 0));
}

#[test]
fn the_mark_beside_the_name_is_telegrams_claim() {
    let mark = r#"<i class="verified-icon"> &#10004;</i>"#;
    let plain = HEAD.replace(r#"<i class="verified-icon"> &#10004;</i>"#, "");
    let labels =
        |class: &str| plain.replace("<header class=", &format!("<div class={class}>{mark}</div><header class="));
    let verified_by = |page: &str, base: &str| {
        let read = page::read(page, &name(), &base.parse().unwrap(), Timestamp::UNIX_EPOCH);
        let TelegramPage::Channel(channel) = read else { panic!("{read:?}") };
        channel.community.verified_by
    };
    let https = "https://t.me/s/zavod";
    for (page, base, expected) in [
        (HEAD.to_owned(), https, Some("Telegram")),
        (labels("tgme_channel_info_header_labels"), https, Some("Telegram")),
        (labels("tgme_header_labels"), https, Some("Telegram")),
        (plain.clone(), https, None),
        // Only Telegram writes beside the name, and the channel writes the rest.
        (plain.replace("The plant", "The plant \u{2714}"), https, None),
        (plain.replace("News of", &format!("{mark} News of")), https, None),
        (format!("{plain}{}", message("155", &text(mark))), https, None),
        // Nobody vouches for it.
        (HEAD.to_owned(), "http://t.me/s/zavod", None),
    ] {
        assert_eq!(verified_by(&page, base).as_deref(), expected, "{page}");
    }
}

#[test]
fn a_message_becomes_a_post() {
    let post = one(&text(
        r#"Tomorrow at <b>six</b><br/>See <a href="https://zavod.example/map">the map</a>
           <a href="?q=%23strike">#strike</a> <i class="emoji"><b>🔥</b></i> <tg-spoiler>gate 2</tg-spoiler>"#,
    ));
    assert_eq!((post.id.as_str(), post.url.as_deref()), ("telegram:zavod/155", Some("https://t.me/zavod/155")));
    assert_eq!(post.text, "Tomorrow at six\nSee the map #strike 🔥 gate 2");
    assert_eq!(post.links.iter().map(|link| link.url.as_str()).collect::<Vec<_>>(), ["https://zavod.example/map"]);
    assert_eq!(post.created.unwrap().to_string(), "2026-02-03T07:00:00Z");
    assert_eq!(post.counts.views, Some(1_500));
    assert_eq!(post.author.unwrap().name, "The plant \u{1f527}");
}

#[test]
fn media_are_attachments_in_their_order() {
    let post = one(r#"<div class="tgme_widget_message_grouped_wrap"><div class="tgme_widget_message_grouped">
        <a class="tgme_widget_message_photo_wrap grouped_media_wrap" href="https://t.me/zavod/155?single"
          style="width:9px;background-image:url('https://cdn4.telesco.pe/file/1.jpg')"></a>
        <a class="tgme_widget_message_video_player" href="https://t.me/zavod/156?single"><i class="tgme_widget_message_video_thumb"
          style="background-image:url('https://cdn4.telesco.pe/file/2.jpg')"></i><div class="message_media_not_supported_wrap"></div>
          <video src="https://cdn4.telesco.pe/file/2.mp4?token=x"></video><time class="message_video_duration">1:05</time></a></div></div>
        <a class="tgme_widget_message_voice_player" href="https://t.me/zavod/155"><audio src="https://cdn4.telesco.pe/file/3.ogg"></audio>
          <time class="tgme_widget_message_voice_duration">0:12</time></a>
        <a class="tgme_widget_message_document_wrap" href="https://t.me/zavod/155"><div class="tgme_widget_message_document_icon"></div>
          <div class="tgme_widget_message_document_title">Order 7.PDF</div><div class="tgme_widget_message_document_extra">1.5 MB</div></a>
        <a class="tgme_widget_message_document_wrap"><div class="tgme_widget_message_document_icon audio"></div>
          <div class="tgme_widget_message_document_title">Song</div><div class="tgme_widget_message_document_extra">Choir</div></a>
        <div class="tgme_widget_message_sticker_wrap"><i style="background-image:url('https://cdn4.telesco.pe/s.webp')"></i></div>
        <a class="tgme_widget_message_location_wrap" href="https://maps.google.com/maps?q=53.3,83.7"></a>
        <a class="tgme_widget_message_link_preview" href="https://zavod.example/a"><div class="link_preview_site_name">Site</div>
          <div class="link_preview_title">Title</div><div class="link_preview_description">What it says</div></a>"#);
    let of = |name: &str| Some(format!("https://cdn4.telesco.pe/file/{name}"));
    assert_eq!(
        post.attachments,
        [
            Attachment::Photo { url: of("1.jpg"), width: None, height: None, text: None },
            Attachment::Video { title: None, url: of("2.mp4?token=x"), seconds: Some(65), preview: of("2.jpg") },
            Attachment::Audio { artist: None, title: None, seconds: Some(12), url: of("3.ogg") },
            Attachment::Document {
                title: Some("Order 7.PDF".into()),
                url: None,
                bytes: Some(1_572_864),
                extension: Some("pdf".into())
            },
            Attachment::Audio { artist: Some("Choir".into()), title: Some("Song".into()), seconds: None, url: None },
            Attachment::Unknown(UnknownAttachment::new("sticker")),
            Attachment::Link { url: "https://maps.google.com/maps?q=53.3,83.7".into(), title: None, text: None },
            Attachment::Link {
                url: "https://zavod.example/a".into(),
                title: Some("Title".into()),
                text: Some("What it says".into())
            },
        ]
    );
}

#[test]
fn a_poll_is_read_with_its_answers_and_votes() {
    let post = one(
        r#"<div class="tgme_widget_message_poll"><div class="tgme_widget_message_poll_question">Strike?</div>
        <div class="tgme_widget_message_poll_option"><div class="tgme_widget_message_poll_option_percent">90%</div>
          <div class="tgme_widget_message_poll_option_text">Yes</div></div><div class="tgme_widget_message_poll_option">
          <div class="tgme_widget_message_poll_option_text">No</div></div></div><span class="tgme_widget_message_voters">1.1K</span>"#,
    );
    let [Attachment::Poll { question, options, votes }] = &post.attachments[..] else { panic!("{post:?}") };
    let options: Vec<&str> = options.iter().map(|option| option.text.as_str()).collect();
    assert_eq!((question.as_str(), options, *votes), ("Strike?", vec!["Yes", "No"], Some(1_100)));
}

#[test]
fn a_forwarded_post_is_shown_as_a_repost() {
    let from = r#"<div class="tgme_widget_message_forwarded_from">Forwarded from <a class="tgme_widget_message_forwarded_from_name"
        href="https://t.me/Council/7"><span dir="auto">The council</span></a></div>"#;
    let post = one(&format!("{from}{}", text("We are with you")));
    let repost = post.repost.unwrap();
    assert_eq!((post.text.as_str(), repost.text.as_str()), ("", "We are with you"));
    assert_eq!((repost.id.as_str(), repost.url.as_deref()), ("telegram:council/7", Some("https://t.me/Council/7")));
    let author = repost.author.unwrap();
    assert_eq!((author.name.as_str(), author.url.as_deref()), ("The council", Some("https://t.me/council")));
    // A person who hides their account has a name only.
    let from = r#"<div class="tgme_widget_message_forwarded_from">Forwarded from <span
        class="tgme_widget_message_forwarded_from_name">A worker</span></div>"#;
    let repost = one(&format!("{from}{}", text("x"))).repost.unwrap();
    assert_eq!((repost.author.unwrap().name.as_str(), repost.url), ("A worker", None));
}

#[test]
fn an_answer_links_to_the_post_that_it_answers() {
    let reply = r#"<a class="tgme_widget_message_reply" href="https://t.me/zavod/150"><i class="tgme_widget_message_reply_thumb"
        style="background-image:url('https://cdn4.telesco.pe/t.jpg')"></i><span class="tgme_widget_message_author_name">The plant</span>
        <div class="tgme_widget_message_text js-message_reply_text">At the gate</div></a>"#;
    let post = one(&format!("{reply}{}", text("At six")));
    let answered = Attachment::Link {
        url: "https://t.me/zavod/150".into(),
        title: Some("The plant".into()),
        text: Some("At the gate".into()),
    };
    assert_eq!((post.text.as_str(), &post.attachments[..]), ("At six", &[answered][..]));
}

#[test]
fn a_signed_post_is_its_authors() {
    let post = one(&format!("{}<span class=\"tgme_widget_message_from_author\">Anna</span>", text("x")));
    let author = post.author.unwrap();
    assert_eq!((author.id.as_str(), author.name.as_str()), ("telegram:zavod#Anna", "Anna"));
}

/// A line of Telegram's own.
fn line(number: &str, words: &str) -> String {
    message(number, &text(words)).replacen("tgme_widget_message js", "tgme_widget_message service_message js", 1)
}

#[test]
fn telegrams_own_lines_are_no_posts_and_say_what_is_pinned() {
    let pinned = |number: &str, post: &str| {
        line(number, &format!(r#"The plant pinned "<a href="https://t.me/zavod/{post}">Tomorrow</a>""#))
    };
    let channel = channel(&[
        message("155", &text("Tomorrow")),
        pinned("157", "155"),
        pinned("156", "150"),
        line("158", "The plant changed its photo"),
    ]);
    assert_eq!((channel.posts.len(), channel.pinned), (1, Some((157, 155))), "the post that was pinned last");
}

#[test]
fn a_channel_that_says_it_moved_makes_a_claim() {
    let moved = r#"We have moved to <a href="https://t.me/zavod_live">the new channel</a>"#;
    let successor = |page: &str| {
        let TelegramPage::Channel(channel) = read(page) else { panic!("no channel") };
        channel.community.successor.map(|claim| (claim.home.to_string(), claim.field))
    };
    let told = format!("{}{FOOT}", HEAD.replace("News of the plant.", moved));
    assert_eq!(successor(&told), Some(("https://t.me/zavod_live".to_owned(), Field::Description)));
    let own = told.replace("zavod_live", "Zavod").replace(r#"<a href="https://zavod.example/">Site</a>"#, "");
    assert_eq!(successor(&own), None, "its own page");
    let channel = channel(&[message("155", &text(moved)), message("156", &text("Friends: https://t.me/others"))]);
    let [(155, claims)] = &channel.claims[..] else { panic!("{:?}", channel.claims) };
    assert_eq!(claims.successor.as_ref().map(|claim| claim.field), Some(Field::PinnedPost));
    assert_eq!(channel.community.successor, None, "any post may tell a story; a claim is in the pinned one");
}

#[test]
fn a_label_beside_the_name_is_quoted_as_telegrams() {
    let labelled = |label: &str, base: &str| {
        let place =
            format!("<div class=tgme_channel_info_header_labels>{label}</div><div class=tgme_channel_info_counters>");
        let page = HEAD.replacen(r#"<div class="tgme_channel_info_counters">"#, &place, 1);
        let TelegramPage::Channel(channel) = page::read(&page, &name(), &base.parse().unwrap(), Timestamp::UNIX_EPOCH)
        else {
            panic!("no channel")
        };
        channel.labels
    };
    let https = "https://t.me/s/zavod";
    assert_eq!(labelled("<span class=any>SCAM</span>", https), ["SCAM"]);
    assert_eq!(labelled("<i class=verified-icon> &#10004;</i>", https), [""; 0], "the mark is no label");
    assert_eq!(labelled("<span class=any>SCAM</span>", "http://t.me/s/zavod"), [""; 0], "nobody vouches for it");
    assert_eq!(labelled(&"x".repeat(1_000), https)[0].len(), 40);
}

#[test]
fn one_odd_message_loses_no_other() {
    let odd = [
        message("0", &text("no number")),
        message("99999999999999999999", &text("too large")),
        message("x", &text("no number")),
        message("155", &text("twice")),
    ];
    let torn = [
        message("156", "<div class=\"tgme_widget_message_hologram\"></div>"),
        message("157", &text("when?")).replace("2026-02-03T10:00:00+03:00", "99999-01-01T00:00:00Z"),
    ];
    let messages = [vec![message("155", &text("good"))], odd.to_vec(), torn.to_vec()].concat();
    let channel = channel(&messages);
    let numbers: Vec<u64> = channel.posts.iter().map(|(number, _)| *number).collect();
    assert_eq!((numbers, channel.odd, channel.torn), (vec![157, 156, 155], 4, 2));
    assert_eq!(channel.posts[0].1.created, None);
}

#[test]
fn older_posts_are_asked_for_where_the_page_names_some() {
    let posts = [message("155", &text("x")), message("150", &text("y"))];
    assert_eq!(channel(&posts).before, Some(150));
    let page = format!("{HEAD}{}{FOOT}", posts.concat()).replace("rel=\"prev\"", "rel=\"next\"");
    let TelegramPage::Channel(last) = read(&page) else { panic!("no channel") };
    assert_eq!(last.before, None);
}

#[test]
fn a_changed_form_of_messages_is_told() {
    let page = format!("{HEAD}{}{FOOT}", message("155", &text("x")).replace("tgme_widget_message ", "tgme_card "));
    let TelegramPage::Channel(changed) = read(&page) else { panic!("no channel") };
    assert!(changed.has_unknown_list && changed.posts.is_empty());
    assert!(!channel(&[]).has_unknown_list, "a channel without posts has changed nothing");
}

const PROFILE: &str = r#"<div class="tgme_page"><div class="tgme_page_title"><span>Anna</span></div>
    <div class="tgme_page_extra">389 members</div></div>"#;
const NOBODY: &str = r#"<div class="tgme_page"><i class="tgme_icon_user"></i><div class="tgme_page_description">You can contact
    <a class="tgme_username_link" href="tg://resolve?domain=zavod">@zavod</a> right away.</div></div>"#;

#[test]
fn a_page_says_by_its_marks_what_it_is() {
    assert!(matches!(read(PROFILE), TelegramPage::Profile));
    assert!(matches!(read(NOBODY), TelegramPage::Nobody));
    for foreign in ["", "<div class=tgme_page>", "<html>Access is restricted", "<p>tgme_channel_info tgme_page_title"] {
        assert!(matches!(read(foreign), TelegramPage::Foreign), "{foreign}");
    }
}

fn judged(body: &str, status: u16, location: Option<&str>, proved_name: bool) -> Judgement {
    let mut headers = HeaderMap::new();
    if let Some(location) = location {
        headers.insert(http::header::LOCATION, location.parse().unwrap());
    }
    PreviewJudge { name: name() }.judge(&ReceivedPage {
        url: &"https://t.me/s/zavod".parse().unwrap(),
        strategy: &Strategy::direct(),
        status: StatusCode::from_u16(status).unwrap(),
        headers: &headers,
        body: body.as_bytes(),
        complete: true,
        proved_name,
        fingerprints: &Fingerprints::starter(),
    })
}

#[test]
fn only_telegrams_own_page_is_proven() {
    let preview = format!("{HEAD}{}{FOOT}", message("155", &text("x")));
    let empty = format!("{HEAD}{FOOT}");
    let foreign = "<html><body>This page is not available</body></html>";
    for (body, status, location, proved_name, proven) in [
        (&*preview, 200, None, true, true),
        (&*empty, 200, None, true, true),
        (PROFILE, 200, None, true, true),
        (NOBODY, 200, None, true, true),
        (foreign, 200, None, true, false),
        (foreign, 404, None, true, false),
        (foreign, 403, None, true, false),
        ("", 429, None, true, true),
        ("", 302, Some("http://t.me/zavod"), true, false),
        ("", 302, Some("https://t.me:8443/zavod"), true, false),
        ("", 302, Some("https://t.me/s/other"), true, false),
        ("", 302, Some("https://t.me/+AbCdEf"), true, false),
        ("", 302, Some("https://t.me/zavod"), true, true),
        ("", 302, Some("https://telegram.me/zavod"), true, true),
        ("", 302, Some("https://warning.example/"), true, false),
        // Nobody vouches for these.
        (&*preview, 200, None, false, true),
        (&*empty, 200, None, false, false),
        (PROFILE, 200, None, false, false),
        (NOBODY, 200, None, false, false),
        (foreign, 404, None, false, false),
        ("", 302, Some("https://t.me/zavod"), false, false),
    ] {
        let judgement = judged(body, status, location, proved_name);
        assert_eq!(judgement == Judgement::Proven, proven, "{status} {location:?} {proved_name}: {judgement:?}");
        let unvouched = judgement == Judgement::Refuted(Finding::Unvouched);
        assert_eq!(unvouched, !proven && !proved_name, "{status} {location:?} {judgement:?}");
    }
}

#[test]
fn hostile_pages_are_read_within_bounds() {
    let deep = format!("{HEAD}{}", "<div class='tgme_widget_message' data-post='zavod/1'>".repeat(40_000));
    let many: String = (1..5_000).map(|number| message(&number.to_string(), &text("x"))).collect();
    let long = message("155", &text(&"word ".repeat(200_000)));
    let full = message("155", &"<a class='tgme_widget_message_photo_wrap'></a>".repeat(10_000));
    let steering = message("155", &text("\u{202e}evil\u{202c}\u{7} \u{200b}te\u{ad}xt"));
    let buttons = "<a class='tgme_widget_message_inline_button' href='https://x.example/'>".repeat(20_000);
    let buttons = format!("{HEAD}<div class='tgme_widget_message' data-post='zavod/1'>{buttons}");
    let texts = format!("{HEAD}{}", message("155", &text(&"word ".repeat(4_000)).repeat(20)));
    for page in [
        buttons,
        texts,
        deep,
        format!("{HEAD}{many}"),
        format!("{HEAD}{long}"),
        format!("{HEAD}{full}"),
        "<".repeat(1 << 20),
    ] {
        let TelegramPage::Channel(channel) = read(&page) else { continue };
        assert!(
            channel.posts.len() <= 200
                && (channel.is_cut || channel.torn + channel.odd > 0 || channel.posts.len() == 1)
        );
        for (_, post) in &channel.posts {
            assert!(post.text.chars().count() <= 20_000 && post.attachments.len() <= 50);
        }
    }
    assert_eq!(channel(&[steering]).posts[0].1.text, "evil text");
}

proptest! {
    #[test]
    fn any_pieces_of_a_page_are_read(pieces in proptest::collection::vec(0usize..14, 0..60)) {
        let parts = [
            "<div class='tgme_widget_message' data-post='zavod/7'>", "</div>", "<div class='tgme_widget_message_text'>", "x",
            "<a class='tgme_widget_message_reply' href='/zavod/1'>", "</a>", "<time datetime='2026-01-01T00:00:00Z'>",
            "<span class='tgme_widget_message_views'>9K", "<a class='tgme_widget_message_photo_wrap' style='background-image:url(/a)'>",
            "<div class='tgme_widget_message_poll'>", "<div class='tgme_channel_info'>", "<div class='tgme_widget_message_forwarded_from'>",
            "<!--", "-->",
        ];
        let page: String = pieces.iter().map(|piece| parts[*piece]).collect();
        if let TelegramPage::Channel(channel) = read(&page) {
            for (number, post) in &channel.posts {
                prop_assert_eq!(&post.id, &format!("telegram:zavod/{number}"));
                let bytes = serde_json::to_vec(post).unwrap();
                prop_assert_eq!(&serde_json::from_slice::<Post>(&bytes).unwrap(), post);
            }
        }
    }
}
