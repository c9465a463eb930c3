//! Pages of VKontakte, feeds and Telegram channels are copied into a mirror over the lab, and the mirror is read as a copy.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

use std::fs;
use std::path::Path;

use byway::community::Attachment;
use byway::community::{Home, TrustState};
use byway::internals::signed::Digest;
use byway::jiff::{SignedDuration, Timestamp};
use byway::publisher::{CommunityKeys, Original, Picture, PostPictures, Publisher, Statement, WantedPicture};
use byway::{AttachmentId, Byway, Exposure, Language, Opened, Roots, Secret};
use byway_lab::{Lab, Page};
use tempfile::TempDir;

const MIRROR: &str = "copy.example";

/// The person who copies, on a network where nothing is blocked.
struct Copier<'a> {
    lab: &'a Lab,
    device: TempDir,
    home: Home,
}

impl<'a> Copier<'a> {
    fn new(lab: &'a Lab, link: &str) -> Self {
        lab.host(MIRROR).at("203.0.113.30").https();
        Self { lab, device: TempDir::new().unwrap(), home: link.parse().unwrap() }
    }

    /// Reads the original, brings the copy to it, and puts it on a web server. Returns the copy's link.
    async fn copy(&self, minutes: i64) -> String {
        let read = byway(self.lab, Some("token")).await.open(&self.home.to_string()).await.unwrap();
        let now = now(self.lab) + SignedDuration::from_mins(minutes);
        let (folder, keys) = (self.device.path().join("copy"), self.device.path().join("keys"));
        let passphrase = || Secret::new("correct horse battery".to_owned()).unwrap();
        let mut copy = if folder.exists() {
            Publisher::open(&folder, CommunityKeys::open(&keys, passphrase()).unwrap(), now, Language::Ru).unwrap()
        } else {
            let mut statement = Statement::of_copy(&read.community, &self.home, "Анна");
            statement.mirrors = vec![format!("https://{MIRROR}/m/")];
            let keys = CommunityKeys::create(&keys, passphrase()).unwrap();
            Publisher::found(&folder, keys, &statement, now, Language::Ru).unwrap()
        };
        assert_eq!(copy.copy_of(now), Some(self.home.to_string()));
        let mut original = Original::new(&read.community, &read.posts, &read.events);
        original.is_gapless = matches!(self.home, Home::Vk(_) | Home::Telegram(_));
        let fetched = self.pictures(&copy, &read, now).await;
        original.pictures = &fetched;
        copy.copy(&original, now).unwrap();
        serve(self.lab, &folder, "");
        copy.link(Exposure::Open, now).to_string()
    }

    /// The pictures that the copy has yet to get.
    async fn pictures(&self, copy: &Publisher, read: &Opened, now: Timestamp) -> Vec<PostPictures> {
        let mut fetched: Vec<PostPictures> = Vec::new();
        let byway = byway(self.lab, Some("token")).await;
        byway.open(&self.home.to_string()).await.unwrap();
        for wanted in copy.pictures_to_copy(&read.posts, now) {
            let WantedPicture { post, index, text, .. } = wanted;
            let id = AttachmentId { community: read.community.id.clone(), post: post.clone(), index };
            let file = byway.fetch_attachment(&id, 1 << 20).await.unwrap();
            if fetched.last().is_none_or(|last| last.post != post) {
                fetched.push(PostPictures::new(&post, Vec::new()));
            }
            fetched.last_mut().unwrap().pictures.extend(Picture::clean(&file.bytes, &text));
        }
        fetched
    }
}

fn serve(lab: &Lab, folder: &Path, below: &str) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
        let name = format!("{below}{}", entry.file_name().into_string().unwrap());
        if entry.path().is_dir() {
            serve(lab, &entry.path(), &format!("{name}/"));
        } else {
            lab.host(MIRROR).page(&format!("/m/{name}"), Page::new(fs::read(entry.path()).unwrap()));
        }
    }
}

fn now(lab: &Lab) -> Timestamp {
    Timestamp::try_from(byway::net::Net::wall(&*lab.client())).unwrap()
}

async fn byway(lab: &Lab, token: Option<&str>) -> Byway {
    let roots = Roots::from_certificates(lab.ca_pem().as_bytes()).unwrap();
    let builder = Byway::builder().strategy("direct:".parse().unwrap()).roots(roots).net(lab.client());
    let builder = match token {
        Some(token) => builder.vk_token(token),
        None => builder,
    };
    builder.build().await.unwrap()
}

/// What a reader sees, who has no token.
async fn read(lab: &Lab, link: &str) -> Opened {
    let opened = byway(lab, None).await.open(link).await.unwrap();
    let trust = opened.trust();
    assert_eq!((trust.state, trust.copied_by.as_deref()), (TrustState::Copied, Some("Анна")), "{opened:?}");
    opened
}

fn texts(opened: &Opened) -> Vec<&str> {
    opened.posts.iter().map(|post| post.text.as_str()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_page_of_vk_is_copied_and_read_without_a_token() {
    let lab = Lab::new();
    let group = lab.vk().token("token").community("zavod").name("Рабочие станкозавода").post("Сход в пятницу.");
    let copier = Copier::new(&lab, "vk.com/zavod");
    let link = copier.copy(0).await;
    lab.censor().when_sni("api.vk.com").reset();
    let opened = read(&lab, &link).await;
    assert_eq!((opened.community.name.as_str(), texts(&opened)), ("Рабочие станкозавода", vec!["Сход в пятницу."]));
    assert!(opened.posts[0].links.iter().any(|link| link.url.starts_with("https://vk.com/wall")), "{:?}", opened.posts);

    let lab = Lab::new();
    let _ = group;
    let _ = lab.vk().token("token").community("zavod").post("Сход в пятницу.").post("Пропуск у Анны.");
    let copier = Copier::new(&lab, "vk.com/zavod");
    copier.copy(0).await;
    let _ = lab.vk().community("zavod").post("Сход в субботу.");
    let link = copier.copy(20).await;
    assert_eq!(texts(&read(&lab, &link).await).len(), 3);
    // Nothing new: the same events.
    let events = || {
        let folder = copier.device.path().join("copy");
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
        let months = files.filter(|file| file.file_name().to_string_lossy().starts_with("events-20"));
        months.map(|file| fs::read_to_string(file.path()).unwrap().lines().count()).sum::<usize>()
    };
    let before = events();
    copier.copy(40).await;
    assert_eq!(events(), before);
}

#[tokio::test(start_paused = true)]
async fn a_telegram_channel_is_copied() {
    let lab = Lab::new();
    let _ = lab.telegram().channel("zavod").title("Завод").post("Сход в пятницу.").post("Пропуск у Анны.");
    let copier = Copier::new(&lab, "t.me/zavod");
    let link = copier.copy(0).await;
    assert_eq!(texts(&read(&lab, &link).await), ["Пропуск у Анны.", "Сход в пятницу."]);
    lab.telegram().channel("zavod").edits(1, "Сход в субботу.");
    let link = copier.copy(20).await;
    assert!(texts(&read(&lab, &link).await).contains(&"Сход в субботу."));
}

#[tokio::test(start_paused = true)]
async fn a_feed_is_copied_and_what_it_drops_stays() {
    let lab = Lab::new();
    let entry = |number: u8, text: &str| {
        format!(
            "<entry><id>urn:{number}</id><title>{text}</title><updated>2026-11-0{number}T10:00:00Z</updated>\
             <link href=\"https://feed.example/{number}\"/></entry>"
        )
    };
    let feed = |entries: &str| {
        let page =
            format!("<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>Завод</title><id>urn:f</id>{entries}</feed>");
        Page::new(page).header("content-type", "application/atom+xml")
    };
    let site = lab.host("feed.example").at("203.0.113.40").https();
    let three = [entry(3, "Третий"), entry(2, "Второй"), entry(1, "Первый")].concat();
    let site = site.page("/feed.xml", feed(&three));
    let copier = Copier::new(&lab, "https://feed.example/feed.xml");
    let link = copier.copy(0).await;
    assert_eq!(texts(&read(&lab, &link).await), ["Третий", "Второй", "Первый"]);
    let _ = site.page("/feed.xml", feed(&[entry(3, "Третий"), entry(1, "Первый")].concat()));
    let link = copier.copy(20).await;
    // A feed may leave out what it likes: that is no deletion.
    assert_eq!(texts(&read(&lab, &link).await), ["Третий", "Второй", "Первый"]);
}

/// As feeds name them: with a type, with that of any bytes, in a gallery, and within the text.
#[tokio::test(start_paused = true)]
async fn pictures_of_a_feed_lie_in_its_copy_by_their_digests() {
    let lab = Lab::new();
    let png = |shade: u8| {
        let mut bytes = std::io::Cursor::new(Vec::new());
        let image = image::GrayImage::from_pixel(4, 3, image::Luma([shade]));
        image.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        bytes.into_inner()
    };
    let items = "<item><title>Ворота</title><guid>1</guid><enclosure url='/1.png' type='image/png' length='9'/>\
         <enclosure url='/2.png' type='application/octet-stream'/><media:content url='/3' medium='image'/>\
         <description>&lt;img src='/4.png' alt='Цех'&gt;</description></item>\
         <item><title>Звук</title><guid>2</guid><enclosure url='/1.mp3' type='audio/mpeg'/>\
         <enclosure url='/5.png' type='image/png'/></item>";
    let feed = format!(
        "<rss version='2.0' xmlns:media='http://search.yahoo.com/mrss/'><channel><title>Завод</title>{items}</channel></rss>"
    );
    let site = lab.host("feed.example").at("203.0.113.40").https();
    let site = site.page("/feed.xml", Page::new(feed).header("content-type", "application/rss+xml"));
    let site = ["/1.png", "/2.png", "/3", "/4.png"]
        .iter()
        .zip(1..)
        .fold(site, |site, (path, shade)| site.page(path, Page::new(png(shade))));
    // A page that is called a picture is not copied.
    let _ = site.page("/5.png", Page::new("<html>"));
    let copier = Copier::new(&lab, "https://feed.example/feed.xml");
    let link = copier.copy(0).await;
    let opened = read(&lab, &link).await;
    let shown = |text: &str| -> Vec<String> {
        let post = opened.posts.iter().find(|post| post.text.starts_with(text)).unwrap();
        let urls = post.attachments.iter().filter_map(|attachment| match attachment {
            Attachment::Photo { url, .. } => url.clone(),
            _ => None,
        });
        urls.collect()
    };
    let files: Vec<String> = (1..=4)
        .map(|shade| {
            let clean = Picture::clean(&png(shade), "").unwrap();
            format!("https://{MIRROR}/m/files/{}", Digest::of(clean.bytes()))
        })
        .collect();
    assert_eq!((shown("Ворота"), shown("Звук")), (files.clone(), Vec::new()));
    let kept = fs::read_dir(copier.device.path().join("copy/files")).unwrap().count();
    assert_eq!(kept, files.len(), "no other file is copied");
}
