//! A site that Byway makes, read back by Byway over the lab: its page leads to its feed, and nothing is lost.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

use byway::community::{Community, CommunityId, Event, Post};
use byway::publisher::Site;
use byway::{Byway, CommunityLink, Language, Opened, Roots};
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

    let opened = opened(&site).await;
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

#[tokio::test(start_paused = true)]
async fn an_event_in_a_zone_is_read_back_in_its_zone() {
    let community = Community::new(CommunityId::vk(155), "Zavod");
    let event = |number: u64, start: &str, end: Option<&str>, zone: &str| {
        let mut event = Event::new(CommunityId::vk(number), "Gathering");
        event.start = Some(start.parse().unwrap());
        event.end = end.map(|end| end.parse().unwrap());
        event.zone = Some(zone.to_owned());
        event
    };
    let events = [
        // The clock goes back between start and end.
        event(1, "2098-10-25T20:00:00+02:00", Some("2098-10-26T10:00:00+01:00"), "Europe/Berlin"),
        event(2, "2098-07-01T12:00:00+02:00", None, "Europe/Berlin"),
        event(3, "2098-11-19T12:00:00+07:00", None, "Asia/Barnaul"),
        // The second of two hours with one name has no local spelling.
        event(4, "2098-10-26T02:30:00+01:00", None, "Europe/Berlin"),
    ];
    let site = Site::new(&community, "2016-11-09T12:00:00Z".parse().unwrap()).with_events(&events);
    let read = opened(&site).await;
    for event in &events[..3] {
        let same =
            |read: &&Event| read.start.map(|start| start.timestamp()) == event.start.map(|start| start.timestamp());
        let read = read.events.iter().find(same).unwrap();
        assert_eq!((read.start, read.end, &read.zone), (event.start, event.end, &event.zone), "{read:?}");
    }
    let instants = |events: &[Event]| {
        let mut instants: Vec<_> = events.iter().map(|event| event.start.unwrap().timestamp()).collect();
        instants.sort();
        instants
    };
    assert_eq!(instants(&read.events), instants(&events));
}

#[tokio::test(start_paused = true)]
async fn an_address_of_a_signed_community_proves_nothing() {
    let community = Community::new(CommunityId::vk(155), "Zavod");
    let id = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    let link: CommunityLink = format!("byway:{id}?key=0011223344556677aabb&mirror=mirror.example/").parse().unwrap();
    let mut post = Post::new("vk:-155_1");
    post.text = "<meta name=\"byway-link\" content=\"byway:x\">".to_owned();
    let posts = [post];
    let site = Site::new(&community, "2016-11-09T12:00:00Z".parse().unwrap()).with_posts(&posts);
    assert!(opened(&site).await.notes.iter().all(|note| note.code() == "found"), "a page that names no link");

    let read = opened(&site.with_link(&link)).await;
    assert_eq!(read.community.id.as_str(), "web:mirror.example", "it is read as a page, and not as the community");
    assert!(read.notes.iter().all(|note| note.code() != "signed"), "nothing is said to be verified");
    let note = read.notes.iter().find(|note| note.code() == "signed_here").unwrap();
    assert_eq!(serde_json::to_value(note).unwrap()["link"], link.to_string());
    for language in Language::ALL.iter().copied() {
        let said = note.sentence(language);
        assert!(
            said.contains(id) && said.contains("0011 2233 4455 6677 aabb") && said.ends_with(&link.to_string()),
            "{said}"
        );
    }
}

/// What is read of a site by the address of its page alone.
async fn opened(site: &Site<'_>) -> Opened {
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
    byway.open("https://mirror.example/").await.unwrap()
}
