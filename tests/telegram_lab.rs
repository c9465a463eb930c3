//! Telegram's public channels, over the lab: read, paged, blocked in several ways, without a preview, and missing.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

use byway::source::SourceError;
use byway::{Byway, Exposure, Language, OpenFault, OpenOptions, Opened, ReadFrom, Roots, Strategy, VerdictCode};
use byway_lab::Lab;

fn lab() -> Lab {
    let lab = Lab::new();
    let channel = lab.telegram().channel("Zavod").title("The plant").members(1_240).about("News. Only through Tor.");
    channel.post("One").post("Two & three").post("Four");
    lab
}

fn strategies(urls: &[&str]) -> Vec<Strategy> {
    urls.iter().map(|url| url.parse().unwrap()).collect()
}

async fn over(lab: &Lab, urls: &[&str]) -> Byway {
    let roots = Roots::from_certificates(lab.ca_pem().as_bytes()).unwrap();
    Byway::builder().strategies(strategies(urls)).roots(roots).net(lab.client()).build().await.unwrap()
}

fn texts(opened: &Opened) -> Vec<&str> {
    opened.posts.iter().map(|post| post.text.as_str()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_channel_is_read_by_every_spelling() {
    let lab = lab();
    let byway = over(&lab, &["direct:"]).await;
    for link in ["t.me/zavod", "https://telegram.me/s/Zavod", "tg://resolve?domain=zavod", "https://zavod.t.me/2"] {
        let how = OpenOptions { allow_direct: true, ..OpenOptions::default() };
        let opened = byway.open_with(link, how).await.unwrap();
        assert_eq!((opened.community.name.as_str(), texts(&opened)), ("The plant", vec!["Four", "Two & three", "One"]));
        assert_eq!(opened.community.id.as_str(), "telegram:zavod");
        assert_eq!(opened.community.members.unwrap().count, 1_200, "the page rounds");
        assert_eq!(opened.reachability.verdict.code, VerdictCode::Reachable);
        assert!(opened.notes.is_empty(), "{:?}", opened.notes);
    }
    assert_eq!(lab.packets().lookups().iter().filter(|name| *name != "t.me").count(), 0, "one host is contacted");
}

#[tokio::test(start_paused = true)]
async fn a_screen_of_posts_is_read_page_by_page() {
    let lab = Lab::new();
    let channel = lab.telegram().channel("zavod").post("first");
    // Every second message is a line of Telegram's own, so a page has ten posts.
    let channel = (0..30).fold(channel, |channel, n| channel.pins(1).post(&format!("post {n}")));
    let byway = over(&lab, &["direct:"]).await;
    let opened = byway.open("t.me/zavod").await.unwrap();
    assert_eq!((opened.posts.len(), opened.posts[0].text.as_str()), (20, "post 29"));
    let mut times: Vec<_> = opened.posts.iter().map(|post| post.created.unwrap()).collect();
    times.reverse();
    assert!(times.is_sorted());
    drop(channel);
}

#[tokio::test(start_paused = true)]
async fn a_mark_of_verification_comes_and_goes() {
    let lab = lab();
    let byway = over(&lab, &["direct:"]).await;
    let how = OpenOptions { allow_direct: true, ..OpenOptions::default() };
    for is_marked in [false, true, false] {
        lab.telegram().channel("zavod").verified(is_marked);
        let opened = byway.open_with("t.me/zavod", how).await.unwrap();
        assert_eq!(opened.community.verified_by.as_deref(), is_marked.then_some("Telegram"));
    }
}

#[tokio::test(start_paused = true)]
async fn an_edited_and_a_pinned_post_are_changes() {
    let lab = lab();
    let byway = over(&lab, &["direct:"]).await;
    let how = OpenOptions { allow_direct: true, ..OpenOptions::default() };
    byway.open_with("t.me/zavod", how).await.unwrap();
    lab.telegram().channel("zavod").edits(2, "Two, corrected").pins(1);
    let opened = byway.open_with("t.me/zavod", how).await.unwrap();
    assert_eq!(texts(&opened), ["Four", "Two, corrected", "One"]);
    assert!(opened.posts[2].pinned);
    assert!(opened.changes.posts.changed.contains(&"telegram:zavod/2".to_owned()), "{:?}", opened.changes);
}

#[tokio::test(start_paused = true)]
async fn the_post_that_was_pinned_last_may_claim_a_move() {
    let lab = Lab::new();
    let channel = lab.telegram().channel("zavod").post("One").pins(1);
    let moved = r#"We have moved to <a href="https://t.me/zavod_live">our new channel</a>"#;
    let channel = channel.post_markup(&format!("<div class=tgme_widget_message_text>{moved}</div>"));
    let byway = over(&lab, &["direct:"]).await;
    let opened = byway.open("t.me/zavod").await.unwrap();
    assert_eq!((opened.community.successor, opened.posts[1].pinned), (None, true));
    let number = 3;
    drop(channel.pins(number));
    let opened = byway.open("t.me/zavod").await.unwrap();
    let claim = opened.community.successor.unwrap();
    assert_eq!(claim.home.to_string(), "https://t.me/zavod_live");
    assert_eq!(opened.posts.iter().map(|post| post.pinned).collect::<Vec<_>>(), [true, false]);
    assert_eq!(lab.packets().lookups(), ["t.me"], "a claim is not followed");
}

#[tokio::test(start_paused = true)]
async fn a_page_that_breaks_off_is_said() {
    let lab = lab();
    let byway = over(&lab, &["direct:"]).await;
    let how = OpenOptions { allow_direct: true, ..OpenOptions::default() };
    let is_said = |opened: &Opened| opened.notes.iter().any(|note| note.code() == "breaks_off");
    let opened = byway.open_with("t.me/zavod", how).await.unwrap();
    assert!(!is_said(&opened), "{:?}", opened.notes);
    // What follows is not there.
    lab.telegram().channel("zavod").post_markup("<!-- ");
    let opened = byway.open_with("t.me/zavod", how).await.unwrap();
    assert!(
        is_said(&opened) && texts(&opened).ends_with(&["Four", "Two & three", "One"]),
        "{:?} {:?}",
        texts(&opened),
        opened.notes
    );
}

#[tokio::test(start_paused = true)]
async fn another_name_of_the_site_is_asked_where_one_is_cut() {
    let lab = lab();
    lab.censor().when_sni("t.me").reset();
    let opened = over(&lab, &["direct:"]).await.open("t.me/zavod").await.unwrap();
    assert_eq!(opened.posts.len(), 3);
    assert!(lab.packets().lookups().contains(&"telegram.me".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_blocked_channel_is_read_through_a_proxy() {
    for how in ["reset", "swallow", "forge", "nxdomain", "freeze", "wrong address"] {
        let lab = lab();
        for name in ["t.me", "telegram.me", "telegram.dog"] {
            let (by_name, by_query) = (lab.censor().when_sni(name), lab.censor().when_query(name));
            match how {
                "reset" => by_name.reset(),
                "swallow" => by_name.swallow(),
                "forge" => by_name.forge_certificate(),
                "freeze" => by_name.freeze_after_bytes(2_000),
                "nxdomain" => by_query.nxdomain(),
                _ => by_query.resolve_to("203.0.113.99"),
            };
        }
        let proxy = lab.socks5("proxy.nl").at("198.51.100.7").country("nl").url();
        let opened = over(&lab, &["direct:", &proxy]).await.open("t.me/zavod").await.unwrap();
        assert_eq!((opened.posts.len(), opened.source), (3, ReadFrom::Network), "{how}");
        assert_ne!(opened.reachability.verdict.code, VerdictCode::Reachable, "{how}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_block_a_missing_name_and_no_preview_are_three_answers() {
    let lab = lab();
    lab.telegram().channel("strikers").title("A group").without_preview();
    let byway = over(&lab, &["direct:"]).await;
    let hidden = byway.open("t.me/strikers").await.unwrap_err();
    assert!(matches!(hidden.fault, OpenFault::Source(SourceError::NoPreview(_))), "{hidden}");
    assert_eq!(hidden.reachability().unwrap().verdict.code, VerdictCode::Reachable, "Telegram answered");
    assert!(hidden.sentence(Language::En).starts_with("Telegram shows no posts on the web at this address"));
    assert!(hidden.sentence(Language::Ru).starts_with("Telegram: на веб-странице по этому адресу нет записей"));
    let missing = byway.open("t.me/nobody_has_this").await.unwrap_err();
    assert!(matches!(missing.fault, OpenFault::Source(SourceError::Absent(_))), "{missing}");
    for name in ["t.me", "telegram.me", "telegram.dog"] {
        lab.censor().when_sni(name).reset();
    }
    let blocked = byway.open("t.me/zavod").await.unwrap_err();
    assert!(matches!(blocked.fault, OpenFault::Source(SourceError::Unreached(_))), "{blocked}");
    assert_ne!(blocked.reachability().unwrap().verdict.code, VerdictCode::Reachable);
}

#[tokio::test(start_paused = true)]
async fn a_page_without_telegrams_marks_is_not_taken_for_the_channel() {
    let lab = lab();
    for name in ["t.me", "telegram.me", "telegram.dog"] {
        let _ = lab.host(name).app(|_: &byway_lab::Ask| byway_lab::Page::new("<html>Welcome</html>"));
    }
    let error = over(&lab, &["direct:"]).await.open("t.me/zavod").await.unwrap_err();
    assert_eq!(error.fault.code(), "bad_answer", "{error}");
}

#[tokio::test(start_paused = true)]
async fn with_exposure_tor_no_request_to_telegram_goes_directly() {
    let lab = lab();
    let tor = lab.tor().url();
    let byway = over(&lab, &["direct:", &tor]).await;
    let opened = byway.open("tg://resolve?domain=zavod#exposure=tor").await.unwrap();
    assert_eq!((opened.posts.len(), opened.exposure), (3, Exposure::Tor));
    // Every other spelling, and every page of the channel, has the same floor from now on.
    byway.open("telegram.dog/zavod").await.unwrap();
    byway.get("https://t.me/zavod/2").await.unwrap();
    assert_eq!(lab.packets().lookups(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn preview_names_the_hosts_of_telegram_and_sends_nothing() {
    let lab = lab();
    let preview = over(&lab, &["direct:"]).await.preview("t.me/zavod").await.unwrap();
    assert_eq!(preview.hosts, ["t.me", "telegram.me", "telegram.dog"]);
    assert!(lab.packets().is_empty());
}
