//! No file and no output says who reads what.

use std::fs;
use std::path::Path;

use byway::{Network, NetworkKind};

use super::{LINK, Scene, id};

/// What must be in no file: the token, the proxy's password and host, the network, the platform's host, the community,
/// its link, its posts, and the address of its photo.
pub(super) const CANARIES: [&str; 9] = [
    "CANARYTOKEN",
    "CANARYPASSWORD",
    "proxy.example",
    "CANARYNETWORK",
    "vk.com",
    "works council",
    "works_council",
    "We meet on Friday",
    "photos.example",
];

#[tokio::test(start_paused = true)]
async fn no_file_of_the_data_directory_holds_a_canary() {
    let scene = Scene::new();
    let directory = tempfile::tempdir().unwrap();
    let byway = scene.byway_in(directory.path(), &scene.all()).await;
    byway.set_network(Network::new("CANARYNETWORK", NetworkKind::Wifi));
    for name in ["vk.com", "vk.ru"] {
        scene.lab.censor().when_sni(name).reset();
    }
    for link in [LINK, "vk.com/works_council#exposure=tor"] {
        byway.open(link).await.unwrap();
        byway.allow_direct(&id(), true).await.unwrap();
        assert!(search(directory.path()) > 0, "while it is open, its log included");
    }
    byway.suspend().await.unwrap();
    search(directory.path());
    byway.resume().await.unwrap();
    byway.set_retention(Some(1)).await.unwrap();
    byway.lock().await.unwrap();
    search(directory.path());
}

/// Every file, including its name; returns the number of files.
#[track_caller]
fn search(directory: &Path) -> usize {
    let mut files = 0;
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files += search(&path);
            continue;
        }
        files += 1;
        let mut bytes = path.file_name().unwrap().as_encoded_bytes().to_vec();
        bytes.extend(fs::read(&path).unwrap());
        for canary in CANARIES {
            let found = bytes.windows(canary.len()).any(|window| window.eq_ignore_ascii_case(canary.as_bytes()));
            assert!(!found, "{canary} in {}", path.display());
        }
    }
    files
}

#[tokio::test(start_paused = true)]
async fn a_report_shows_how_it_went_and_not_what_was_read() {
    let scene = Scene::new();
    for name in ["vk.com", "vk.ru"] {
        scene.lab.censor().when_sni(name).reset();
    }
    let byway = scene.byway(&scene.all()).await;
    byway.open(LINK).await.unwrap();
    let report = byway.report();
    let access = &report[0];
    let told = format!("{access} {access:?} {byway:?} {:?} {:?}", access.in_full(), byway.network());
    for canary in CANARIES {
        assert!(!told.contains(canary), "{canary} in {told}");
    }
    assert!(
        access.to_string().contains(" open tls_interfered tls.reset.other_vantage by https; direct tls reset "),
        "{access}"
    );
    assert_eq!(access.in_full().url, "https://vk.com/works_council");
    for _ in 0..60 {
        byway.open(LINK).await.unwrap();
    }
    assert_eq!(byway.report().len(), byway::internals::client::MAX_ACCESSES);
}
