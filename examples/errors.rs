//! Every kind of error, provoked once: what an app decides by (the kind), logs (kind and code) and shows (the
//! sentence).
//!
//! An error has its own type where it arises. Each has `kind()`, `code()` and `sentence(language)`, so one `match`
//! serves all of them. It runs over the lab, a small internet with a censor in it. With `ru` as its argument it prints
//! the same in Russian.

#![allow(clippy::print_stdout, reason = "an example prints its results")]

use std::error::Error;

use byway::{
    Builder, Byway, ErrorDetails, ErrorKind, Exposure, GetError, HomeLink, Language, Note, OpenOptions, Roots, Store,
    StoreKey, Strategy, StreamError, SyncLimits, VkToken, attachments,
};
use byway_lab::{Lab, Page};
use futures_util::FutureExt as _;
use serde_json::json;

const LINK: &str = "vk.com/works_council";
const TOKEN: &str = "a-token";

fn main() -> Result<(), Box<dyn Error>> {
    let language = if std::env::args().nth(1).as_deref() == Some("ru") { Language::Ru } else { Language::En };
    let mut met = Met { language, kinds: Vec::new() };
    // A client must be made inside a runtime, and none is running here.
    met.error(
        "no runtime",
        &Byway::builder().build().now_or_never().ok_or("it waits")?.err().ok_or("made")?.details(language),
    );
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?;
    runtime.block_on(Box::pin(all(&mut met)))?;
    for kind in ErrorKind::ALL {
        assert!(met.kinds.contains(kind), "{kind:?} was not met");
    }
    Ok(())
}

/// What an app does about an error. An unknown kind is shown, too.
fn advice(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Input => "show it beside the field",
        ErrorKind::NotPermitted => "ask for another strategy, or for permission",
        ErrorKind::Credentials => "ask for a token",
        ErrorKind::Unreached | ErrorKind::Refused | ErrorKind::BrokenOff => "offer to try again",
        ErrorKind::Withheld | ErrorKind::NotFound | ErrorKind::NotStored => "show it instead of the posts",
        ErrorKind::StoreClosed => "ask for the key",
        ErrorKind::StoreDamaged | ErrorKind::StoreFull => "offer to make room, or to wipe",
        ErrorKind::TooLarge => "offer to fetch it all the same",
        ErrorKind::Internal => "offer to report it",
        _ => "show it",
    }
}

struct Met {
    language: Language,
    kinds: Vec<ErrorKind>,
}

impl Met {
    fn error(&mut self, what: &str, details: &ErrorDetails) {
        let ErrorDetails { kind, code, sentence, .. } = details;
        println!("{what}: {}/{code} ({})\n  {sentence}", kind.code(), advice(*kind));
        self.kinds.push(*kind);
    }
}

async fn all(met: &mut Met) -> Result<(), Box<dyn Error>> {
    let language = met.language;
    let lab = Lab::new();
    let council = lab.vk().token(TOKEN).community("works_council").id(77).name("The works council");
    let council =
        council.post_object(json!({ "id": 1, "date": 1_478_600_000, "text": "We meet on Friday.", "attachments": [
        { "type": "photo", "photo": { "id": 1, "owner_id": -77, "text": "", "sizes": [
            { "type": "x", "url": "https://photos.example/1.jpg", "width": 600, "height": 400 }
        ] } }
    ] }));
    lab.host("photos.example").at("203.0.113.30").https().page("/1.jpg", vec![7; 5_000]);

    // The typed text is not understood.
    met.error("a strategy", &"socks5://".parse::<Strategy>().err().ok_or("parsed")?.details(language));
    met.error("a link", &"vk.com/zavod#exposure=onion".parse::<HomeLink>().err().ok_or("parsed")?.details(language));

    // No route may be tried, or the platform requires a token.
    let strict = over(&lab)?.exposure(Exposure::Tor).build().await;
    met.error("only Tor, and no Tor", &strict.err().ok_or("made")?.details(language));
    let nameless = Byway::builder().net(lab.client()).build().await?;
    met.error("no token", &nameless.open(LINK).await.err().ok_or("opened")?.details(language));

    // The error of an access says how far the access came, and serialises without names.
    let byway = over(&lab)?.build().await?;
    let offline = OpenOptions { offline: true, ..OpenOptions::default() };
    met.error("offline", &byway.open_with(LINK, offline).await.err().ok_or("opened")?.details(language));
    met.error("an unknown name", &byway.open("vk.com/nobody_here").await.err().ok_or("opened")?.details(language));
    let _ = lab.vk().error("groups.getById", 18);
    met.error("a deleted page", &byway.open("vk.com/old_club").await.err().ok_or("opened")?.details(language));
    let _ = lab.vk().no_errors();
    lab.censor().when_sni("news.example").reset();
    lab.host("news.example").at("203.0.113.10").https().page("/", "The news.");
    let unreached: GetError = byway.get("https://news.example/").await.err().ok_or("read")?;
    met.error("a cut name", &unreached.details(language));
    if let Some(reachability) = unreached.reachability() {
        println!("  {}", reachability.sentence(language));
    }
    println!("  {}", serde_json::to_string(&unreached)?);
    lab.host("circle.example").at("203.0.113.11").https().redirect("/", "/");
    met.error("a circle", &byway.get("https://circle.example/").await.err().ok_or("read")?.details(language));

    // What is kept stays, whatever the platform says about it now: then the fault is returned with it.
    let opened = byway.open(LINK).await?;
    let (photo, _) = attachments(&opened.community.id, &opened.posts[0]).into_iter().next().ok_or("no photo")?;
    met.error("a photo", &byway.fetch_attachment(&photo, 1_000).await.err().ok_or("fetched")?.details(language));
    let _ = council.hidden_in("ru", "Материал заблокирован на территории РФ");
    let kept = byway.open(LINK).await?;
    met.error("what it hides", &kept.fault.ok_or("read")?.details(language));
    byway.lock().await?;
    met.error("a locked store", &byway.open(LINK).await.err().ok_or("opened")?.details(language));
    let synced = byway.sync_once(&[opened.community.id], SyncLimits::default()).await;
    println!("  a sync of it: {}", serde_json::to_string(&synced)?);

    store(met, &lab).await?;
    stream(met, &lab).await
}

/// A full store, and a damaged one.
async fn store(met: &mut Met, lab: &Lab) -> Result<(), Box<dyn Error>> {
    let small = Store::in_memory()?;
    small.set_limit(Some(1))?;
    let _ = lab.vk().community("news_club").post("Small news.");
    let opened = over(lab)?.store(small).build().await?.open("vk.com/news_club").await?;
    for note in &opened.notes {
        if let Note::StoreFailed { error } = note {
            met.error("a full store", &error.details(met.language));
        }
    }
    let folder = tempfile::tempdir()?;
    drop(over(lab)?.data_dir(folder.path(), StoreKey::new([7; 32])).build().await?);
    for file in std::fs::read_dir(folder.path())? {
        let path = file?.path();
        if path.extension().is_some_and(|extension| extension == "db") {
            std::fs::write(path, "no database")?;
        }
    }
    let damaged = over(lab)?.data_dir(folder.path(), StoreKey::new([7; 32])).build().await;
    met.error("a damaged store", &damaged.err().ok_or("made")?.details(met.language));
    Ok(())
}

/// A body that breaks off while a reqwest client reads it. Its error is among the sources of reqwest's error.
async fn stream(met: &mut Met, lab: &Lab) -> Result<(), Box<dyn Error>> {
    let long = Page::new(vec![b'x'; 500_000]).cut_after(200_000);
    lab.host("files.example").at("203.0.113.12").https().page("/long", long);
    let response = over(lab)?.build().await?.reqwest().get("https://files.example/long").send().await?;
    let broken = response.bytes().await.err().ok_or("read")?;
    let mut error: Option<&dyn Error> = Some(&broken);
    while let Some(one) = error {
        if let Some(broken) = one.downcast_ref::<StreamError>() {
            met.error("a long file", &broken.details(met.language));
        }
        error = one.source();
    }
    Ok(())
}

/// A client of the lab that may connect directly.
fn over(lab: &Lab) -> Result<Builder, Box<dyn Error>> {
    let roots = Roots::from_certificates(lab.ca_pem().as_bytes())?;
    Ok(Byway::builder().roots(roots).net(lab.client()).vk_token(VkToken::service(TOKEN)))
}
