//! A store from an earlier version: before settings were kept in it.

use std::fs;
use std::path::Path;

use byway::Exposure;
use byway::community::Home;
use byway::internals::ClientStore as _;
use byway::internals::store::{SearchHit, Store};

use crate::made::*;

/// A copy of the store in `tests/store/earlier`.
fn earlier() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/store/earlier");
    for name in ["byway.db", "byway.key", "byway.lock"] {
        fs::copy(from.join(name), folder.path().join(name)).unwrap();
    }
    folder
}

#[test]
fn store_of_an_earlier_version_opens_whole() {
    let folder = earlier();
    let home: Home = "vk.com/zavod_live".parse().unwrap();
    {
        let store = Store::open(folder.path(), &key()).unwrap();
        store.check().unwrap();
        let community = store.community_at(&home).unwrap().unwrap().community;
        assert_eq!((community.name.as_str(), community.verified_by), ("Рабочие станкозавода", None));
        assert_eq!(paged(&store, &id(), 2), posts((0..5).rev()));
        assert_eq!(store.events(&id(), None, 1).unwrap().items[0].name, "Народный сход");
        assert_eq!(
            (store.blob("ledger").unwrap().unwrap(), store.floor(&id()).unwrap()),
            (b"bytes".into(), Exposure::Tor)
        );
        assert_eq!((store.retention().unwrap(), store.limit().unwrap()), (None, None));
        let found = store.search("сход", None, None, 9).unwrap().items;
        assert!(matches!(&found[..], [SearchHit::Event { .. }]), "{}", found.len());
        store.set_retention(Some(30), at(NOON)).unwrap();
    }
    let store = Store::open(folder.path(), &key()).unwrap();
    assert_eq!(store.retention().unwrap(), Some(30), "the setting is kept beside what was there");
    store.check().unwrap();
}
