//! The admin's side of a signed community: it is founded, posted to and published from a folder on the admin's device.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};

use super::clock;
use super::error::PublishError;
use super::files::{Files, FilesWritten, ReadFiles};
use super::keys::CommunityKeys;
use super::mirror::{Mirror, MirrorError, charter_file};
use super::statement::{Statement, first_charter, later, unsealed};
use crate::community::{Community, Event, EventStatus, Home, Link, Post, shown_line, shown_text};
use crate::exposure::Exposure;
use crate::language::Language;
use crate::signed::{
    Chain, ChainError, Change, CommunityLink, Content, Envelope, Head, HomeKind, KeyFingerprint, MAX_FILE_BYTES,
    MAX_LINK_MIRRORS, Role, SignedEvent, SignedId, to_minute,
};

/// A community in a folder, with the keys to change it.
///
/// The folder is a complete mirror and can be put on a web server as it is; the keys are not in it. Every call blocks.
/// Published times are rounded to the minute. A process that is killed at any point leaves the state before the call or
/// the one after it to the next [`Publisher::open`].
///
/// ```no_run
/// use byway::publisher::{CommunityKeys, Publisher, Statement};
/// use byway::{Language, Secret, jiff::Timestamp};
///
/// let keys = CommunityKeys::create("zavod.keys".as_ref(), Secret::new("a long passphrase".to_owned())?)?;
/// let mut statement = Statement::default();
/// statement.name = "Zavod".to_owned();
/// let mut zavod = Publisher::found("zavod".as_ref(), keys, &statement, Timestamp::now(), Language::Ru)?;
/// let post = zavod.post("We meet on Friday at six.", Timestamp::now())?;
/// zavod.edit(&post, "We meet on Saturday at six.", Timestamp::now())?;
/// zavod.publish("/var/www/zavod".as_ref(), Timestamp::now())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Publisher {
    pub(super) files: Files,
    pub(super) keys: CommunityKeys,
    pub(super) chain: Chain,
    pub(super) head: Head,
    pub(super) events: Vec<(SignedEvent, Role)>,
    pub(super) language: Language,
    /// The head of another folder that was taken in last.
    pub(super) taken_in: Option<Head>,
}

impl Publisher {
    /// Founds a community in a folder, which is created. Its first root key is the one of `keys`; where several must sign
    /// ([`Statement::keys`]), it begins as a [`Proposal::founding`](super::Proposal::founding). The web site is in this
    /// language, except for what the community writes.
    ///
    /// # Errors
    /// [`PublishError::TooFewSigned`] if one key is not enough; [`PublishError::KeyRules`].
    /// [`PublishError::Exists`] if the folder has a community already; [`PublishError::Unfit`] if the statement is
    /// outside the limits of the format; [`PublishError::Io`].
    pub fn found(
        folder: &Path,
        keys: CommunityKeys,
        statement: &Statement,
        now: Timestamp,
        language: Language,
    ) -> Result<Self, PublishError> {
        clock::check_range(now)?;
        let envelope = first_charter(&keys, statement, now)?.seal([&keys.root]).map_err(unsealed)?;
        Self::begin(folder, keys, &envelope, now, language)
    }

    /// Writes a first charter that enough keys have signed, and the first head.
    pub(super) fn begin(
        folder: &Path,
        keys: CommunityKeys,
        envelope: &Envelope,
        now: Timestamp,
        language: Language,
    ) -> Result<Self, PublishError> {
        let chain = Chain::begin(envelope.digest(), envelope, now).map_err(|error| match error {
            ChainError::Unsigned => PublishError::TooFewSigned,
            _ => PublishError::Refused,
        })?;
        keys.speak_for(&chain, now)?;
        let issued = to_minute(now).max(chain.in_force(now).issued);
        let head = Head {
            format: crate::signed::FORMAT,
            community: chain.id(),
            charter: 1,
            charter_digest: chain.id(),
            sequence: 0,
            issued,
            expires: later(issued, HEAD_LIFETIME),
            files: Vec::new(),
        };
        // Nothing is made for a statement that is refused, not even the folder.
        let mut files = Files::locked(folder)?;
        match Mirror::read(&files, now) {
            Err(MirrorError::Absent) => {}
            _ => return Err(PublishError::Exists),
        }
        // A head that is missing means that nothing was founded, so it comes last.
        files.replace(&charter_file(1), envelope.to_json().as_bytes())?;
        let mut publisher = Self { files, keys, chain, head, events: Vec::new(), language, taken_in: None };
        publisher.state(now)?;
        Ok(publisher)
    }

    /// Opens the community of a folder, and verifies all of it as a reader would.
    ///
    /// # Errors
    /// [`PublishError::Absent`], [`PublishError::Damaged`], [`PublishError::Io`]; [`PublishError::OtherKeys`] if the
    /// community does not know these keys. The web site keeps its language; `language` is for a folder without one.
    ///
    /// [`PublishError::Clock`] if `now` is over a day behind the newest statement in the folder, or
    /// 60 days ahead of it and of the folder's files.
    pub fn open(folder: &Path, keys: CommunityKeys, now: Timestamp, language: Language) -> Result<Self, PublishError> {
        let community = Self::over(existing(folder)?, keys, now, language)?;
        let Self { files, chain, head, events, .. } = &community;
        clock::check(clock::stated(chain, head, events), files.newest_time()?, now)?;
        Ok(community)
    }

    /// Opens the community of a folder in which these keys may not speak yet: another admin gave them a part since, by a charter that
    /// another folder of the community has. What that folder has is taken in first, as [`Publisher::take_in`] does. Where these keys may
    /// speak already, nothing is taken in.
    ///
    /// # Errors
    /// As [`Publisher::open`] and [`Publisher::take_in`]. [`PublishError::OtherKeys`] if no charter there lets these keys speak. Nothing
    /// is written then.
    pub fn open_taking_in(
        folder: &Path,
        keys: CommunityKeys,
        from: &Path,
        now: Timestamp,
        language: Language,
    ) -> Result<Self, PublishError> {
        let files = existing(folder)?;
        let Mirror { chain, head, events, .. } = Mirror::read(&files, now)?;
        clock::check(clock::stated(&chain, &head, &events), files.newest_time()?, now)?;
        let speaks = keys.speak_for(&chain, now);
        let language = page_language(&files).unwrap_or(language);
        let mut community = Self { files, keys, chain, head, events, language, taken_in: None };
        if speaks.is_err() {
            community.take_in(from, now)?;
        }
        Ok(community)
    }

    /// The same on a clock of which a person says that it is right, whatever the folder states.
    ///
    /// # Errors
    /// As [`Publisher::open`]; [`PublishError::Clock`] only outside the years 2020 to 2097.
    pub fn open_trusting_clock(
        folder: &Path,
        keys: CommunityKeys,
        now: Timestamp,
        language: Language,
    ) -> Result<Self, PublishError> {
        clock::check_range(now)?;
        Self::over(existing(folder)?, keys, now, language)
    }

    /// Over these files.
    pub(super) fn over(
        files: Files,
        keys: CommunityKeys,
        now: Timestamp,
        language: Language,
    ) -> Result<Self, PublishError> {
        let Mirror { chain, head, events, .. } = Mirror::read(&files, now)?;
        keys.speak_for(&chain, now)?;
        // The page keeps its language, whatever the one of the device is today.
        let language = page_language(&files).unwrap_or(language);
        Ok(Self { files, keys, chain, head, events, language, taken_in: None })
    }

    /// Sets the language of the web site, which otherwise stays that of the founding.
    ///
    /// # Errors
    /// [`PublishError::Io`].
    pub fn set_page_language(&mut self, language: Language, now: Timestamp) -> Result<(), PublishError> {
        self.language = language;
        self.state(now)
    }

    /// The community's id.
    pub fn id(&self) -> SignedId {
        SignedId::from_bytes(*self.chain.id().as_bytes())
    }

    /// The community's link, with its first mirrors.
    pub fn link(&self, exposure: Exposure, now: Timestamp) -> CommunityLink {
        link(&self.chain, exposure, now)
    }

    /// Makes the next charter, with this statement.
    ///
    /// # Errors
    /// [`PublishError::TooFewSigned`] if the root key of these keys does not decide alone
    /// ([`Proposal::restating`](super::Proposal::restating)), and [`PublishError::OtherKeys`] if it has no say;
    /// [`PublishError::Unfit`], [`PublishError::KeyRules`], [`PublishError::Io`].
    pub fn restate(&mut self, statement: &Statement, now: Timestamp) -> Result<(), PublishError> {
        let mut charter = self.next_charter(now);
        statement.write_to(&mut charter)?;
        self.enact(&charter, None, now)
    }

    /// What the charter in force says.
    pub fn statement(&self, now: Timestamp) -> Statement {
        Statement::of_charter(self.chain.in_force(now))
    }

    /// The files that were written in this folder since it was opened.
    pub fn written(&self) -> FilesWritten {
        self.files.written()
    }

    /// The community, its posts and gatherings, as readers see them; the newest and the earliest first.
    pub fn content(&self, now: Timestamp) -> (Community, Vec<Post>, Vec<Event>) {
        content_of(&self.chain, &self.events, now)
    }

    /// What readers see who have these events.
    #[cfg(feature = "upload")]
    pub(super) fn content_of<'a>(
        &self,
        events: impl IntoIterator<Item = &'a (SignedEvent, Role)>,
        now: Timestamp,
    ) -> (Community, Vec<Post>, Vec<Event>) {
        content_of(&self.chain, events, now)
    }
}

/// What readers see who have these events.
pub(super) fn content_of<'a>(
    chain: &Chain,
    events: impl IntoIterator<Item = &'a (SignedEvent, Role)>,
    now: Timestamp,
) -> (Community, Vec<Post>, Vec<Event>) {
    let charter = chain.in_force(now);
    // An id of 64 hexadecimal digits is always one of a community.
    let id = chain.id().community_id().unwrap_or_else(|| crate::community::CommunityId::vk(0));
    let mut community = Community::new(id.clone(), shown_line(&charter.name));
    community.description = Some(shown_text(&charter.description)).filter(|text| !text.is_empty());
    // As for readers: a page is a link, and another community may be read there.
    let mirrors = charter.homes.iter().filter(|home| home.kind == HomeKind::Mirror);
    community.homes = mirrors.filter_map(|home| home.url.parse::<Home>().ok()).collect();
    let pages = charter.homes.iter().filter(|home| home.kind == HomeKind::Page);
    community.links = pages.map(|home| Link::new(&home.url, None)).collect();
    let mut content = Content::new(id, &charter.name);
    let (mut posts, mut gatherings) = (BTreeMap::new(), BTreeMap::new());
    for (event, role) in events {
        for change in content.take(event, *role).unwrap_or_default() {
            match change {
                Change::Post(post) if post.state == crate::community::PostState::Removed => {
                    posts.remove(&post.id);
                }
                Change::Post(post) => drop(posts.insert(post.id.clone(), post)),
                Change::Gathering(event) if event.status == EventStatus::Removed => {
                    gatherings.remove(event.id.as_str());
                }
                Change::Gathering(event) => drop(gatherings.insert(event.id.as_str().to_owned(), event)),
            }
        }
    }
    let mut posts: Vec<Post> = posts.into_values().collect();
    // They were in the order of their ids, which those of one time keep.
    crate::community::newest_first(&mut posts);
    let mut gatherings: Vec<Event> = gatherings.into_values().collect();
    crate::community::by_start(&mut gatherings);
    (community, posts, gatherings)
}

impl std::fmt::Debug for Publisher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Publisher(..)")
    }
}

/// The link to the community in a folder, with its first mirrors. It needs no keys. Blocks.
///
/// # Errors
/// [`PublishError::Absent`], [`PublishError::Damaged`], [`PublishError::Io`].
pub fn link_of(folder: &Path, exposure: Exposure, now: Timestamp) -> Result<CommunityLink, PublishError> {
    if !folder.is_dir() {
        return Err(PublishError::Absent);
    }
    Ok(link(&Mirror::read(&Files::of(folder)?, now)?.chain, exposure, now))
}

pub(super) fn link(chain: &Chain, exposure: Exposure, now: Timestamp) -> CommunityLink {
    let charter = chain.in_force(now);
    let id = SignedId::from_bytes(*chain.id().as_bytes());
    let key = KeyFingerprint::of(charter.root.keys.iter().map(|key| key.to_bytes()));
    let mirrors = charter.homes.iter().filter(|home| home.kind == HomeKind::Mirror).take(MAX_LINK_MIRRORS);
    // A mirror whose address is too long for a link is left out; the charter names it.
    mirrors.fold(CommunityLink::new(id, exposure).with_key(key), |link, home| {
        link.clone().with_mirror(&home.url).unwrap_or(link)
    })
}

/// The language of the web page in the folder, if there is one.
pub(super) fn page_language(files: &impl ReadFiles) -> Option<Language> {
    let page = files.read("index.html", MAX_FILE_BYTES).ok().flatten()?;
    let beginning = String::from_utf8_lossy(page.get(..PAGE_BEGINNING.min(page.len()))?).into_owned();
    let code = beginning.split_once("<html lang=\"")?.1.split('"').next()?.to_owned();
    Language::ALL.iter().copied().find(|language| language.code() == code)
}

/// The files of a community's folder. A folder that is missing is not made.
fn existing(folder: &Path) -> Result<Files, PublishError> {
    if std::fs::metadata(folder).is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound) {
        return Err(PublishError::Absent);
    }
    Ok(Files::locked(folder)?)
}

pub(super) fn refused<E>(_: E) -> PublishError {
    PublishError::Refused
}

/// A community whose admins are gone is called stale after this time. A month leaves room for a holiday and an arrest.
pub(super) const HEAD_LIFETIME: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The language stands in the first tag.
const PAGE_BEGINNING: usize = 256;
