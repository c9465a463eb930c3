//! What is read back from the device: damaged, of another version, or foreign.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use byway::community::{Community, Event, Post};
use byway::internals::reach::{Ledger, LedgerStorage, NetworkId};
use byway::internals::transport::{Destination, Strategy};
use serde::{Serialize, de::DeserializeOwned};

/// A ledger's bytes: read or forgotten, not enlarged, and stored in a form that reads back unchanged.
pub(crate) fn ledger(bytes: &[u8]) {
    let kept = Arc::new(Kept(Mutex::new(bytes.to_vec())));
    let open = || Ledger::stored(kept.clone(), &[7; 32], Arc::new(|| SystemTime::UNIX_EPOCH + TODAY));
    let order = |ledger: &Ledger| {
        let strategies = vec![Strategy::direct(), "socks5://192.0.2.1".parse().expect("a strategy")];
        let destination = Destination::new("a.example", 443).expect("a destination");
        ledger.order(&NetworkId("net".to_owned()), &destination, strategies)
    };
    let first = order(&open());
    assert_eq!(first.len(), 2, "every strategy has its place");
    let clean = kept.bytes();
    assert_eq!(order(&open()), first, "read once more");
    assert_eq!(kept.bytes(), clean, "what is clean is left as it is");
}

#[derive(Debug)]
struct Kept(Mutex<Vec<u8>>);

impl Kept {
    fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }
}

impl LedgerStorage for Kept {
    fn load(&self) -> Option<Vec<u8>> {
        Some(self.bytes())
    }

    fn save(&self, bytes: &[u8]) {
        *self.0.lock().unwrap() = bytes.to_vec();
    }
}

/// Rows of the store: what is read is written back unchanged.
pub(crate) fn rows(bytes: &[u8]) {
    comes_back::<Community>(bytes);
    comes_back::<Post>(bytes);
    comes_back::<Event>(bytes);
}

fn comes_back<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(bytes: &[u8]) {
    let Ok(value) = serde_json::from_slice::<T>(bytes) else { return };
    let kept = serde_json::to_vec(&value).expect("what was read can be kept");
    assert_eq!(serde_json::from_slice::<T>(&kept).expect("what was kept can be read"), value);
}

/// A day in 2026.
const TODAY: Duration = Duration::from_secs(20_779 * 86_400);
