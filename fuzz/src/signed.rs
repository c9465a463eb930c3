//! What a mirror of a signed community carries.

use byway::internals::signed::{
    Admission, Bundle, Chain, Charter, Content, DocumentKind, Envelope, FORMAT, FileEntry, FileReader, Head, KeySet,
    NEWEST, SignedEvent, SigningKey,
};
use byway::internals::signed::{Digest, EventKind};
use byway::jiff::Timestamp;

use super::{choose, pieces};

/// An envelope is printed as it was read, and a document that was read is within the limits of the one that writes it.
pub(crate) fn document(bytes: &[u8]) {
    let ([choice], bytes) = choose(bytes);
    let kind = [DocumentKind::Charter, DocumentKind::Head, DocumentKind::Freeze][usize::from(choice) % 3];
    match Envelope::parse(bytes, kind) {
        Ok(envelope) => {
            assert!(bytes.len() <= kind.max_envelope() && envelope.payload().len() <= kind.max_payload());
            assert_eq!(Envelope::parse(envelope.to_json().as_bytes(), kind), Ok(envelope));
        }
        Err(error) => assert!(!error.code().is_empty()),
    }
    let nobody: [&SigningKey; 0] = [];
    let payload = Envelope::sign(kind, bytes.to_vec(), nobody);
    if let Ok(charter) = Charter::read(&payload) {
        assert_eq!(kind, DocumentKind::Charter);
        if let Ok(again) = charter.seal(nobody) {
            assert_eq!(Charter::read(&again), Ok(charter));
        }
        let begun = Chain::begin(payload.digest(), &payload, at(0));
        assert!(begun.is_err(), "nobody signed it");
    }
    if let Ok(head) = Head::read(&payload) {
        assert_eq!(kind, DocumentKind::Head);
        assert_eq!(head.seal(&key(1)).and_then(|again| Head::read(&again)), Ok(head));
    }
}

/// A bundle is named by its first charter, ends where its last part ends, and gives out nothing but its own parts.
pub(crate) fn bundle(bytes: &[u8]) {
    match Bundle::parse(bytes) {
        Ok(bundle) => {
            assert_eq!(bundle.charters.first().map(Envelope::digest), Some(bundle.id));
            assert!(Bundle::is_one(bytes) && Bundle::parse(&bytes[..bytes.len() - 1]).is_err());
            for name in ["../head.json", "head.json", "charter/1.json", ""] {
                assert!(bundle.file(name).is_none(), "{name}");
            }
            assert!(bundle.file(NEWEST).is_none_or(|file| file.len() < bytes.len()));
        }
        Err(error) => assert!(!error.code().is_empty()),
    }
}

/// A file is read as the same lines in whatever pieces it comes, and an event is printed as it was read.
pub(crate) fn events(bytes: &[u8]) {
    let ([size, person], bytes) = choose(bytes);
    let charter = Charter::first("x", at(0), at(1000), KeySet::new(vec![key(1).public()], 1), vec![key(2).public()]);
    let charter = Charter { members_may_post: true, ..charter };
    let Ok(first) = charter.seal([&key(1)]) else { return };
    let Ok(chain) = Chain::begin(first.digest(), &first, at(0)) else { return };
    let entry = FileEntry { name: NEWEST.into(), bytes: bytes.len() as u64, sha256: Digest::of(bytes) };
    let head = Head {
        format: FORMAT,
        community: chain.id(),
        charter: 1,
        charter_digest: chain.id(),
        sequence: 1,
        issued: at(0),
        expires: at(1000),
        files: vec![entry.clone()],
    };
    let admission = Admission::new(&chain, &head, None, at(0));
    let read = |size: u8| {
        let (mut lines, mut reader) = (Vec::new(), FileReader::new(admission, &entry));
        let pushed = pieces(bytes, size).try_for_each(|piece| reader.push(piece, &mut |line| lines.push(line)));
        let end = pushed.and_then(|()| reader.finish(&mut |line| lines.push(line)));
        (end.is_ok().then_some(lines), end)
    };
    let (lines, end) = read(size);
    assert_eq!((&lines, &end), (&read(255).0, &read(255).1));
    let mut content = Content::new(chain.id().community_id().expect("an id"), "x");
    for (event, role) in lines.into_iter().flatten().flatten() {
        assert_eq!(SignedEvent::parse(event.to_json().as_bytes()).as_ref(), Ok(&event));
        let _ = content.take(&event, role);
    }
    // Any text as content and tags: what is signed is read, and becomes content.
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let community = vec!["i".to_owned(), format!("byway:{}", chain.id())];
    let tags = text.lines().map(|line| line.split(' ').map(str::to_owned).collect());
    let tags = std::iter::once(community).chain(tags).collect();
    let kind =
        [EventKind::Note, EventKind::Deletion, EventKind::Article, EventKind::DayGathering, EventKind::TimedGathering]
            [usize::from(person) % 5];
    if let Ok(event) = SignedEvent::sign(&key(3), at(0), kind, tags, text) {
        assert!(event.is_signed());
        let Ok((admitted, role)) = admission.admit(event.to_json().as_bytes()) else { return };
        assert_eq!(admitted, event);
        assert!(content.take(&event, role).is_ok_and(|changes| changes.len() <= 100));
        assert!(content.take(&event, role).is_err(), "it is there twice");
    }
}

fn key(person: u8) -> SigningKey {
    SigningKey::from_bytes([person; 32].into()).expect("a key")
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_478_595_600 + seconds).expect("a time")
}
