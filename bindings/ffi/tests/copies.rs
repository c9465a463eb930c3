//! The exported copying of a page: what it takes over, who learns of it, and what it refuses.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod served_lab;

use std::sync::Arc;

use byway_ffi::{
    BywayError, CancelHandle, Client, CopiedPage, CopyOptions, Exposure, Language, OpenOptions, TrustState,
    create_admin_keys,
};
use served_lab::{COMMUNITY, LINK, ServedLab, key, wait};

const HOST: &str = "new.example";
const OPEN: OpenOptions = OpenOptions { exposure: None, allow_direct: false, offline: false, ignore_pause: false };

struct Place {
    lab: ServedLab,
    client: Arc<Client>,
}

impl Place {
    fn new() -> Self {
        let lab = ServedLab::new();
        let client = lab.client();
        Self { lab, client }
    }

    fn path(&self, name: &str) -> String {
        self.lab.folder.path().join(name).to_string_lossy().into_owned()
    }

    fn options(&self) -> CopyOptions {
        let mirrors = vec![self.lab.origin(HOST)];
        CopyOptions { by: "Anna".to_owned(), mirrors, pictures: true, exposure: None, allow_direct: false }
    }

    fn copy(&self, link: &str, options: CopyOptions) -> Result<CopiedPage, BywayError> {
        self.copy_with(link, ("keys", "a passphrase"), options, None)
    }

    fn copy_with(
        &self,
        link: &str,
        (keys, passphrase): (&str, &str),
        options: CopyOptions,
        cancel: Option<Arc<CancelHandle>>,
    ) -> Result<CopiedPage, BywayError> {
        let (folder, keys) = (self.path("copy"), self.path(keys));
        wait(self.client.copy_page(link.to_owned(), folder, keys, passphrase.into(), options, cancel))
    }

    /// Whether something was founded, or keys were made for it.
    fn has_something(&self) -> bool {
        ["copy", "keys"].iter().any(|name| self.lab.folder.path().join(name).exists())
    }
}

fn code(copied: Result<CopiedPage, BywayError>) -> String {
    copied.map(|_| ()).unwrap_err().code().to_owned()
}

#[test]
fn a_page_is_copied_and_its_copy_is_read() {
    let place = Place::new();
    // As an interrupted call leaves them.
    wait(create_admin_keys(place.path("keys"), b"a passphrase".to_vec(), Language::En)).unwrap();
    let copied = place.copy(LINK, place.options()).unwrap();
    assert_eq!((copied.is_too_soon, copied.changed, copied.removed, copied.left_out), (false, 2, 0, 0));
    place.lab.serve_folder(HOST, place.path("copy"));
    let opened = wait(place.lab.client().open(copied.link.text.clone(), OPEN, None)).unwrap();
    let texts: Vec<&str> = opened.posts.iter().map(|post| post.text.as_str()).collect();
    assert_eq!((texts, opened.trust.state), (vec!["Привет 👋", "Hello."], TrustState::Copied));
    assert_eq!(opened.trust.copied_by.as_deref(), Some("Anna"));
    let again = place.copy(LINK, place.options()).unwrap();
    assert_eq!((again.is_too_soon, again.changed, again.link.text), (true, 0, copied.link.text));
}

#[test]
fn a_copy_obeys_the_exposure_and_founds_nothing() {
    let place = Place::new();
    let hidden = CopyOptions { exposure: Some(Exposure::Tor), ..place.options() };
    let error = place.copy(LINK, hidden).map(|_| ()).unwrap_err();
    assert!(matches!(error, BywayError::NotPermitted { .. }), "{}", error.code());
    // From now on it is the least one, as after any reading.
    let error = place.copy(LINK, place.options()).map(|_| ()).unwrap_err();
    assert!(matches!(error, BywayError::NotPermitted { .. }), "{}", error.code());
    assert!(!place.has_something());
}

#[test]
fn a_copy_keeps_nothing_of_the_page() {
    let mut place = Place::new();
    place.client = wait(Client::build(place.lab.kept(key()))).unwrap();
    place.copy(LINK, place.options()).unwrap();
    assert!(wait(place.client.communities()).unwrap().iter().all(|kept| kept.community.id != COMMUNITY));
}

#[test]
fn what_is_wrong_with_a_copy_is_said() {
    let place = Place::new();
    let with_keys = |keys| code(place.copy_with(LINK, keys, place.options(), None));
    assert_eq!(code(place.copy("", place.options())), "link");
    assert_eq!(with_keys(("copy/keys", "a passphrase")), "key_served");
    assert_eq!(with_keys(("keys", "")), "secret_empty");
    assert_eq!(code(place.copy(LINK, CopyOptions { by: String::new(), ..place.options() })), "refused");
    let cancel = CancelHandle::new().unwrap();
    cancel.cancel().unwrap();
    let cancelled = place.copy_with(LINK, ("keys", "a passphrase"), place.options(), Some(cancel));
    assert_eq!(code(cancelled), "cancelled");
    assert!(!place.has_something());
    place.copy(LINK, place.options()).unwrap();
    assert_eq!(with_keys(("keys", "another passphrase")), "wrong_passphrase");
    assert_eq!(with_keys(("no keys", "a passphrase")), "key_absent");
    assert_eq!(code(place.copy(&place.lab.url("/hello"), place.options())), "copy_of_other");
}
