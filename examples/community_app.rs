//! A whole app on one page: it opens a community, lists it, follows changes, goes offline, cancels, and handles every
//! kind of error. It runs over the lab, a small internet with a censor in it.

#![allow(clippy::print_stdout, reason = "an example prints its results")]

use std::time::Duration;

use byway::{Byway, ErrorDetails, ErrorKind, Language, OpenOptions, Roots, StoreChange, StoreKey};
use byway_lab::Lab;

const LINK: &str = "vk.com/works_council";

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let lab = Lab::new();
    let _ = lab.vk().token("token").community("works_council").post("We meet on Friday at six.");
    lab.censor().when_sni("api.vk.ru").reset();
    let folder = tempfile::tempdir()?;
    let byway = Byway::builder()
        .strategy("direct:".parse()?)
        .strategy(lab.tor().url().parse()?)
        .vk_token("token")
        .data_dir(folder.path(), StoreKey::random()?) // an app keeps this key in the system's key store
        .language(Language::En)
        .roots(Roots::from_certificates(lab.ca_pem().as_bytes())?) // lab
        .net(lab.client()) // lab
        .build()
        .await?;

    // Open, and print how it went. A screen that follows the changes has its own handle and stream.
    let mut changes = byway.clone().changes();
    let id = match byway.open(LINK).await {
        Ok(opened) => {
            println!("{}\n{}", opened.community.name, opened.reachability.sentence(byway.language()));
            opened.community.id
        }
        Err(error) => {
            show(&error.details(byway.language()));
            return Ok(());
        }
    };

    // List what is kept, one page at a time.
    for stored in byway.communities().await? {
        println!("kept: {}", stored.community.name);
    }
    for post in byway.posts(&id, None, 20).await?.items {
        println!("- {}", post.text);
    }

    // Refresh, and receive what is new.
    let _ = lab.vk().community("works_council").post("The minutes are here.");
    byway.refresh(&id).await?;
    while let Some(change) = changes.try_next() {
        match change {
            StoreChange::Posts { posts, .. } if posts.first => println!("first reading: {} posts", posts.added.len()),
            StoreChange::Posts { posts, .. } => println!("notify: {} new posts", posts.added.len()),
            _ => {}
        }
    }

    // Offline: the store answers, and says how old the copy is.
    let offline = OpenOptions { offline: true, ..OpenOptions::default() };
    let opened = byway.open_with(LINK, offline).await?;
    println!("offline: {} posts, from the {}", opened.posts.len(), opened.source.code());

    // Dropping the future cancels the call, and nothing continues to run. Then every kind of error, by its kind.
    let cancelled = tokio::time::timeout(Duration::from_millis(1), byway.open(LINK)).await.is_err();
    println!("cancelled: {cancelled}");
    for link in ["vk.com/", "vk.com/nobody_here", "https://chat.whatsapp.com/elsewhere"] {
        if let Err(error) = byway.open(link).await {
            show(&error.details(byway.language()));
        }
    }
    Ok(())
}

/// Decides by the kind, logs the code, shows the sentence.
fn show(error: &ErrorDetails) {
    let advice = match error.kind {
        ErrorKind::Input => "show it beside the field",
        ErrorKind::NotPermitted | ErrorKind::Credentials => "open the settings",
        ErrorKind::Unreached | ErrorKind::Refused | ErrorKind::BrokenOff | ErrorKind::Internal => "offer to try again",
        ErrorKind::NotFound | ErrorKind::Withheld | ErrorKind::NotStored => "show it instead of the posts",
        ErrorKind::StoreClosed => "ask for the key",
        ErrorKind::StoreDamaged | ErrorKind::StoreFull | ErrorKind::TooLarge => "offer to make room, or to wipe",
        _ => "show it",
    };
    println!("{} ({advice}): {}", error.code, error.sentence);
}
