//! Pages of VKontakte, feeds and Telegram channels are copied into a mirror over the lab, and the mirror is read as a copy.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

use std::fs;
use std::path::Path;

use byway::community::Attachment;
use byway::community::{Home, TrustState};
use byway::copying::PageCopier;
use byway::internals::signed::Digest;
use byway::jiff::{SignedDuration, Timestamp};
use byway::publisher::{CommunityKeys, CopyKeys, Picture, PublishError, Publisher, Statement};
use byway::{Byway, Exposure, HomeLink, KeyFileError, Language, Opened, Roots, Secret};
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
        self.copy_by(&byway(self.lab, Some("token")).await, minutes).await
    }

    async fn copy_by(&self, byway: &Byway, minutes: i64) -> String {
        let page = self.page(byway).read().await.unwrap();
        let now = now(self.lab) + SignedDuration::from_mins(minutes);
        let (folder, keys) = (self.device.path().join("copy"), self.device.path().join("keys"));
        let mut copy = if folder.exists() {
            Publisher::open(&folder, CommunityKeys::open(&keys, passphrase()).unwrap(), now, Language::Ru).unwrap()
        } else {
            let mut statement = page.statement("Анна");
            statement.mirrors = vec![format!("https://{MIRROR}/m/")];
            let keys = CopyKeys::create(&keys, &folder, passphrase()).unwrap();
            Publisher::found_copy(&folder, keys, &statement, now, Language::Ru).unwrap()
        };
        assert!(copy.is_copy_due(&self.home, now).unwrap());
        let pictures = page.fetch_pictures(page.wanted_pictures(&copy, now)).await;
        page.copy_into(&mut copy, &pictures, now).unwrap();
        serve(self.lab, &folder, "");
        copy.link(Exposure::Open, now).to_string()
    }

    fn page(&self, byway: &Byway) -> PageCopier {
        PageCopier::new(byway, &self.home.to_string()).unwrap()
    }
}

fn passphrase() -> Secret {
    Secret::new("correct horse battery".to_owned()).unwrap()
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

fn entry(number: u8, text: &str) -> String {
    format!(
        "<entry><id>urn:{number}</id><title>{text}</title><updated>2026-11-0{number}T10:00:00Z</updated>\
         <link href=\"https://feed.example/{number}\"/></entry>"
    )
}

fn feed(entries: &str) -> Page {
    let page =
        format!("<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>Завод</title><id>urn:f</id>{entries}</feed>");
    Page::new(page).header("content-type", "application/atom+xml")
}

#[tokio::test(start_paused = true)]
async fn a_feed_is_copied_and_what_it_drops_stays() {
    let lab = Lab::new();
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

#[tokio::test(start_paused = true)]
async fn a_copy_is_of_one_reading_and_leaves_nothing_kept() {
    let lab = Lab::new();
    let site = lab.host("feed.example").at("203.0.113.40").https();
    let site = site.page("/feed.xml", feed(&[entry(2, "Второй"), entry(1, "Первый")].concat()));
    let copier = Copier::new(&lab, "https://feed.example/feed.xml");
    let app = byway(&lab, None).await;
    copier.page(&app).read().await.unwrap();
    assert!(app.communities().await.unwrap().is_empty(), "a copier need not follow the page");
    app.open("https://feed.example/feed.xml").await.unwrap();
    let _ = site.page("/feed.xml", feed(&entry(2, "Второй")));
    let link = copier.copy_by(&app, 0).await;
    assert_eq!(texts(&read(&lab, &link).await), ["Второй"], "what the app kept is not of this reading");
    // Where nothing answers, what is kept is no answer.
    lab.censor().when_sni("feed.example").reset();
    let error = copier.page(&app).read().await.unwrap_err();
    assert!(error.reachability().is_some(), "{error:?}");
    assert_eq!(app.report().len(), 4, "the app's report has the readings, too");
}

#[tokio::test(start_paused = true)]
async fn a_copy_is_read_with_the_least_exposure_of_its_page() {
    let lab = Lab::new();
    let site = lab.host("feed.example").at("203.0.113.40").https();
    let _ = site.page("/feed.xml", feed(&entry(1, "Первый")));
    let copier = Copier::new(&lab, "https://feed.example/feed.xml");
    for (asked, raised) in [(Exposure::Tor, Exposure::Open), (Exposure::Open, Exposure::Tor)] {
        let app = byway(&lab, None).await;
        app.raise_exposure(&HomeLink::new(copier.home.clone(), raised)).await.unwrap();
        let error = copier.page(&app).with_exposure(asked).with_direct(true).read().await.unwrap_err();
        assert!(error.reachability().is_none_or(|account| account.attempts.is_empty()), "{error:?}");
        // As after any reading with it.
        let error = app.open("https://feed.example/feed.xml").await.unwrap_err();
        assert!(error.reachability().is_none_or(|account| account.attempts.is_empty()), "{error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_original_is_asked_once_in_ten_minutes() {
    let lab = Lab::new();
    let site = lab.host("feed.example").at("203.0.113.40").https();
    let _ = site.page("/feed.xml", feed(&entry(1, "Первый")));
    let copier = Copier::new(&lab, "https://feed.example/feed.xml");
    copier.copy(0).await;
    let (folder, keys) = (copier.device.path().join("copy"), copier.device.path().join("keys"));
    let keys = || CommunityKeys::open(&keys, passphrase()).unwrap();
    let at = |minutes| now(&lab) + SignedDuration::from_mins(minutes);
    let copy = Publisher::open(&folder, keys(), at(1), Language::Ru).unwrap();
    let due = [1, 9, 11].map(|minutes| copy.is_copy_due(&copier.home, at(minutes)).unwrap());
    assert_eq!(due, [false, false, true]);
    let other = copy.is_copy_due(&"https://feed.example/other.xml".parse().unwrap(), at(20)).unwrap_err();
    assert!(matches!(other, PublishError::CopyOfOther), "{other}");
    // A process that was killed between founding and copying left a copy without content.
    let page = copier.page(&byway(&lab, None).await).read().await.unwrap();
    let killed = copier.device.path().join("killed");
    let copy = Publisher::found(&killed, keys(), &page.statement("Анна"), at(0), Language::Ru).unwrap();
    assert!(copy.is_copy_due(&copier.home, at(1)).unwrap());
}

#[test]
fn keys_of_a_copy_that_is_not_founded_are_removed() {
    let device = TempDir::new().unwrap();
    let (folder, file) = (device.path().join("copy"), device.path().join("keys"));
    let found = |keys: CopyKeys| {
        Publisher::found_copy(&folder, keys, &Statement::default(), Timestamp::now(), Language::En).map(drop)
    };
    let served = CopyKeys::create(&folder.join("keys"), &folder, passphrase()).unwrap_err();
    assert!(matches!(served, KeyFileError::Served), "{served}");
    let made = CopyKeys::create(&file, &folder, passphrase()).unwrap();
    assert!(CopyKeys::are_left(&file));
    assert!(found(made).is_err() && !CopyKeys::are_left(&file), "a statement without a name founds nothing");
    // A process that was killed left these. They are of the person now.
    let left = CommunityKeys::create(&file, passphrase()).unwrap();
    assert!(found(CopyKeys::left(left)).is_err() && CopyKeys::are_left(&file));
}
