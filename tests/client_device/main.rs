//! A client on a device, over the lab: what is kept, who sees it, and what happens while the app sleeps.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

mod at_once;
mod attachments;
mod changes;
mod closing;
mod contacts;
mod documents;
mod exposure;
mod hollow;
mod logs;
mod offline;
mod preview;
mod raised;
mod secrecy;
mod sleep;
mod spelling;
mod sync;
mod wiped;

use std::path::Path;
use std::sync::Arc;

use byway::community::CommunityId;
use byway::{Builder, Byway, Roots, StoreKey, VkToken};
use byway_lab::{Event, Lab, Proxy, What};
use serde_json::json;

const LINK: &str = "vk.com/works_council";
const TOKEN: &str = "vk1.a.CANARYTOKEN";

/// A lab with a community of one post, with a photo from `photos.example` attached; a proxy, and a Tor.
struct Scene {
    lab: Lab,
    proxy: Proxy,
    tor: Proxy,
}

impl Scene {
    fn new() -> Self {
        let lab = Lab::new();
        let _ = lab.vk().token(TOKEN).community("works_council").id(77).name("The works council").post_object(json!({
            "id": 1, "date": 1_478_600_000, "text": "We meet on Friday.", "type": "post",
            "attachments": [{"type": "photo", "photo": {"id": 1, "owner_id": -77, "text": "", "sizes": [
                {"type": "x", "url": "https://photos.example/1.jpg", "width": 600, "height": 400}
            ]}}]
        }));
        lab.host("photos.example").at("203.0.113.30").https().page("/1.jpg", vec![7; 5_000]);
        let proxy =
            lab.https_proxy("proxy.example").at("198.51.100.7").country("nl").password("reader", "CANARYPASSWORD");
        let tor = lab.tor();
        Self { lab, proxy, tor }
    }

    /// Everything: direct, the proxy, Tor.
    fn all(&self) -> [String; 3] {
        ["direct:".to_owned(), self.proxy.url(), self.tor.url()]
    }

    /// An app's token, so that Tor may be used with it.
    fn builder(&self, ways: &[impl AsRef<str>]) -> Builder {
        let ways = ways.iter().map(|way| way.as_ref().parse().unwrap());
        let roots = Roots::from_certificates(self.lab.ca_pem().as_bytes()).unwrap();
        Byway::builder().strategies(ways).roots(roots).vk_token(VkToken::service(TOKEN)).net(self.lab.client())
    }

    async fn byway(&self, ways: &[impl AsRef<str>]) -> Byway {
        self.builder(ways).build().await.unwrap()
    }

    async fn byway_in(&self, directory: &Path, ways: &[impl AsRef<str>]) -> Byway {
        self.builder(ways).data_dir(directory, key()).build().await.unwrap()
    }

    fn offline(&self) {
        let _ = self.lab.client().offline();
    }

    fn online(&self) {
        let _ = self.lab.client().online();
    }

    /// What the device sent while this was done.
    async fn sent_during<T>(&self, work: impl Future<Output = T>) -> (T, Vec<Event>) {
        let before = self.lab.packets().len();
        let done = work.await;
        (done, self.lab.packets().events()[before..].to_vec())
    }
}

fn key() -> Arc<StoreKey> {
    Arc::new(StoreKey::new([7; 32]))
}

fn id() -> CommunityId {
    CommunityId::vk(77)
}

/// Every packet went to Tor on this device, and no name was looked up.
#[track_caller]
fn assert_only_tor(sent: &[Event]) {
    assert!(!sent.is_empty(), "nothing was sent at all");
    for event in sent {
        let to_tor = matches!(&event.what, What::Connect { to } if to.to_string() == "127.0.0.1:9050");
        assert!(to_tor, "{event}");
    }
}

/// No packet went straight to a host, and none of the hosts' names was looked up.
#[track_caller]
fn assert_nothing_direct(sent: &[Event]) {
    for event in sent {
        let fine = match &event.what {
            What::Connect { to } => ["127.0.0.1:9050", "198.51.100.7:443"].contains(&to.to_string().as_str()),
            What::Lookup { name } => name == "proxy.example",
            _ => false,
        };
        assert!(fine, "{event}");
    }
}
