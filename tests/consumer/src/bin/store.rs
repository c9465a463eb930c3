//! Refused: an app does not lower a floor or write the blobs of the client. E0624
pub fn write(store: &byway::Store) {
    let _ = store.set_blob("ledger", b"");
}

fn main() {}
