use byway::community::{Community, Event, Home, Moment};
use byway::store::{Batch, Floor, Store};

use crate::made::*;

#[test]
fn what_was_kept_is_there_after_the_store_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let home: Home = "vk.com/zavod_live".parse().unwrap();
    let mut community = Community::new(id(), "Рабочие станкозавода");
    community.homes = vec![home.clone()];
    let mut event = Event::new("vk:-7".parse().unwrap(), "Народный сход");
    event.start = Some(Moment::new(at(NOON), jiff::tz::offset(7)));
    let secret;
    {
        let store = Store::open(folder.path(), &key()).unwrap();
        let mine = id();
        let batch = Batch {
            community: Some(&community),
            posts: &posts(0..50),
            events: std::slice::from_ref(&event),
            ..Batch::new(&mine, at(NOON))
        };
        assert_eq!(store.upsert(&batch).unwrap().added, 51);
        store.set_blob("ledger", b"bytes").unwrap();
        store.raise_floor(&mine, Floor::Tor).unwrap();
        secret = store.secret("ledger").unwrap();
    }
    let store = Store::open(folder.path(), &key()).unwrap();
    let kept = store.communities().unwrap();
    assert_eq!((&kept[0].community, kept[0].synced_at), (&community, at(NOON)));
    assert_eq!(store.community_at(&home).unwrap().unwrap(), kept[0]);
    assert_eq!(paged(&store, &id(), 7), posts((0..50).rev()));
    assert_eq!(store.all_posts(&id()).map(Result::unwrap).collect::<Vec<_>>(), posts((0..50).rev()));
    assert_eq!(store.post(&id(), "vk:-12345_3").unwrap().unwrap(), post(3));
    assert_eq!(store.events(&id(), None, 10).unwrap().items, [event]);
    assert_eq!(store.blob("ledger").unwrap().unwrap(), b"bytes");
    assert_eq!(store.floor(&id()).unwrap(), Floor::Tor);
    assert_eq!(store.secret("ledger").unwrap(), secret);
    store.check().unwrap();
}
