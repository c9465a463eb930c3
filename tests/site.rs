//! A site that Byway makes, read back by Byway over the lab: its page leads to its feed, and nothing is lost.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

use byway::community::{Community, CommunityId, Event, Post};
use byway::publisher::Site;
use byway::{Byway, Roots};
use byway_lab::{Lab, Page};

#[tokio::test(start_paused = true)]
async fn a_site_is_read_back_by_its_page_feed_and_calendar() {
    let mut community = Community::new(CommunityId::vk(155), "Рабочие станкозавода");
    community.description = Some("О заводе & о нас".to_owned());
    let posts: Vec<Post> = (1..=3)
        .rev()
        .map(|number| {
            let mut post = Post::new(format!("vk:-155_{number}"));
            post.text = format!("Запись {number} <b>\nвторая строка\n\nСм. https://b.example/?a=1&b=2");
            post.created = Some(format!("2016-11-0{number}T09:00:00Z").parse().unwrap());
            post
        })
        .collect();
    let mut event = Event::new(CommunityId::vk(7), "Народный сход, у ворот");
    event.start = Some("2098-11-19T12:00:00+07:00".parse().unwrap());
    let events = [event];
    let site = Site::new(&community, "2016-11-09T12:00:00Z".parse().unwrap()).with_posts(&posts).with_events(&events);

    let lab = Lab::new();
    let mut host = lab.host("mirror.example").at("203.0.113.10").https();
    for file in site.files() {
        let (path, kind) = match file.name {
            "index.html" => ("/".to_owned(), "text/html"),
            "feed.xml" => ("/feed.xml".to_owned(), "application/atom+xml"),
            name => (format!("/{name}"), "text/calendar"),
        };
        let body = String::from_utf8(file.bytes).unwrap();
        host = host.page(&path, Page::new(body).header("content-type", kind));
    }
    let roots = Roots::from_certificates(lab.ca_pem().as_bytes()).unwrap();
    let byway =
        Byway::builder().strategy("direct:".parse().unwrap()).roots(roots).net(lab.client()).build().await.unwrap();

    let opened = byway.open("https://mirror.example/").await.unwrap();
    assert_eq!(opened.community.name, community.name);
    assert_eq!(opened.community.description, community.description);
    let texts: Vec<&str> = opened.posts.iter().map(|post| post.text.as_str()).collect();
    let expected: Vec<&str> = posts.iter().map(|post| post.text.as_str()).collect();
    assert_eq!(texts.len(), 3);
    for (text, expected) in texts.iter().zip(&expected) {
        assert!(text.ends_with(expected), "{text:?} is not {expected:?} under its title");
    }
    let created = |posts: &[Post]| posts.iter().map(|post| post.created).collect::<Vec<_>>();
    assert_eq!(created(&opened.posts), created(&posts));
    assert_eq!(opened.posts[0].links[0].url, "https://b.example/?a=1&b=2");
    assert_eq!(
        opened.posts[0].url.as_deref().map(|url| url.starts_with("https://mirror.example/index.html#post-")),
        Some(true)
    );
    assert_eq!(opened.events.len(), 1);
    assert_eq!(
        (opened.events[0].name.as_str(), opened.events[0].start),
        (events[0].name.as_str(), Some(byway::community::Moment::utc(events[0].start.unwrap().timestamp())))
    );
    assert!(opened.notes.iter().all(|note| note.code() == "found"), "{:?}", opened.notes);
}
