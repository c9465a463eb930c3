//! The admin's side of a signed community: it is founded, posted to and published from a folder on the admin's device.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use aws_lc_rs::rand;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::clock;
use super::error::{PublishError, Unfit};
use super::files::{Files, FilesWritten, ReadFiles as _};
use super::keys::CommunityKeys;
use super::limits;
use super::mirror::{FREEZE, HEAD, Mirror, MirrorError, charter_file};
use super::site::Site;
use super::statement::{Statement, first_charter, later, unsealed};
use super::tags::{gathering_tags, tag};
use crate::community::{Community, Event, EventStatus, Home, Link, Post};
use crate::exposure::Exposure;
use crate::language::Language;
use crate::sentences::{StatedPart, StatedRule};
use crate::signed::{
    Admission, COMMUNITY_SCHEME, Chain, ChainError, Change, CommunityLink, Content, Digest, Envelope, EventKind,
    FileEntry, Head, HomeKind, KeyFingerprint, MAX_FILE_BYTES, MAX_LINK_MIRRORS, NEWEST, Role, SignedEvent, SignedId,
    month_file, to_minute,
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
        let mut publisher = Self { files, keys, chain, head, events: Vec::new(), language };
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
        Ok(Self { files, keys, chain, head, events, language })
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

    /// Publishes a post in the community's name. The answer names it for [`Publisher::edit`] and [`Publisher::delete`].
    ///
    /// # Errors
    /// [`PublishError::Unfit`] if the text is empty, too long, or has control characters; [`PublishError::Io`].
    pub fn post(&mut self, text: &str, now: Timestamp) -> Result<String, PublishError> {
        let name = new_name()?;
        let at = self.time(None, now);
        self.article(&name, text, at, at, now)?;
        Ok(name)
    }

    /// Replaces the text of a post. Readers see that it was edited.
    ///
    /// # Errors
    /// [`PublishError::NoSuchItem`], and those of [`Publisher::post`].
    pub fn edit(&mut self, name: &str, text: &str, now: Timestamp) -> Result<(), PublishError> {
        let known = self.latest_of_ours(name).filter(|event| event.kind() == EventKind::Article);
        let known = known.ok_or(PublishError::NoSuchItem)?;
        let published = known.tag("published_at").and_then(|text| Timestamp::from_second(text.parse().ok()?).ok());
        let (published, at) = (published.unwrap_or(known.created()), self.time(Some(known.created()), now));
        self.article(name, text, published, at, now)
    }

    /// Announces a gathering, or replaces the announcement with this name. A gathering has a name, and a start or days;
    /// a cancelled one has the status [`EventStatus::Cancelled`].
    ///
    /// # Errors
    /// [`PublishError::Unfit`] without a name or a start, with an end that is not after the start, or if days replace a time;
    /// [`PublishError::NoSuchItem`], [`PublishError::Io`].
    pub fn announce(
        &mut self,
        gathering: &Event,
        replaces: Option<&str>,
        now: Timestamp,
    ) -> Result<String, PublishError> {
        let (name, known) = match replaces {
            Some(name) => {
                let known = self.latest_of_ours(name).filter(|event| is_gathering(event.kind()));
                (name.to_owned(), Some(known.ok_or(PublishError::NoSuchItem)?))
            }
            None => (new_name()?, None),
        };
        limits::check_gathering(gathering)?;
        let (kind, more) = gathering_tags(gathering).ok_or(PublishError::Refused)?;
        if known.is_some_and(|known| known.kind() != kind) {
            return Err(Unfit::error(StatedPart::Start, StatedRule::OtherKind));
        }
        let at = self.time(known.map(SignedEvent::created), now);
        let mut tags = self.tags(&name);
        tags.extend(more);
        self.add(kind, tags, gathering.text.as_deref().unwrap_or_default(), at, now)?;
        Ok(name)
    }

    /// Deletes a post or an announcement. What was published may have been copied; readers with Byway no longer see it.
    ///
    /// # Errors
    /// [`PublishError::NoSuchItem`], [`PublishError::Io`].
    pub fn delete(&mut self, name: &str, now: Timestamp) -> Result<(), PublishError> {
        let known = self.latest(name).ok_or(PublishError::NoSuchItem)?;
        let item = format!("{}:{}:{name}", known.kind().number(), known.author());
        let at = self.time(Some(known.created()), now);
        let tags = vec![tag("a", &item), self.community_tag()];
        self.add(EventKind::Deletion, tags, "", at, now)
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

    pub(super) fn publish_into(&mut self, target: &mut Files, now: Timestamp) -> Result<(), PublishError> {
        self.state(now)?;
        for version in 1..=self.chain.newest_version() {
            copy(&self.files, target, &charter_file(version))?;
        }
        if self.files.has(FREEZE)? && !target.has(FREEZE)? {
            copy(&self.files, target, FREEZE)?;
        }
        for entry in self.head.files.iter().filter(|entry| entry.name != NEWEST) {
            self.continue_month(target, entry)?;
        }
        let newest = self.newest(now);
        write_state(target, &self.keys, &self.bare_head(), &self.head, &newest)?;
        SiteContent::of(self, now).site().write_into(target)?;
        Ok(())
    }

    /// The files that were written in this folder since it was opened.
    pub fn written(&self) -> FilesWritten {
        self.files.written()
    }

    /// The community, its posts and gatherings, as readers see them; the newest and the earliest first.
    pub fn content(&self, now: Timestamp) -> (Community, Vec<Post>, Vec<Event>) {
        let charter = self.chain.in_force(now);
        // An id of 64 hexadecimal digits is always one of a community.
        let id = self.chain.id().community_id().unwrap_or_else(|| crate::community::CommunityId::vk(0));
        let mut community = Community::new(id.clone(), &charter.name);
        community.description = Some(charter.description.clone()).filter(|text| !text.is_empty());
        // As for readers: a page is a link, and another community may be read there.
        let mirrors = charter.homes.iter().filter(|home| home.kind == HomeKind::Mirror);
        community.homes = mirrors.filter_map(|home| home.url.parse::<Home>().ok()).collect();
        let pages = charter.homes.iter().filter(|home| home.kind == HomeKind::Page);
        community.links = pages.map(|home| Link::new(&home.url, None)).collect();
        let mut content = Content::new(id, &charter.name);
        let (mut posts, mut gatherings) = (BTreeMap::new(), BTreeMap::new());
        for (event, role) in &self.events {
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
        posts.sort_by(|one, other| other.created.cmp(&one.created).then_with(|| one.id.cmp(&other.id)));
        let mut gatherings: Vec<Event> = gatherings.into_values().collect();
        gatherings.sort_by_key(|event| event.start.map(|start| start.timestamp()));
        (community, posts, gatherings)
    }

    fn article(
        &mut self,
        name: &str,
        text: &str,
        published: Timestamp,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<(), PublishError> {
        if text.trim().is_empty() {
            return Err(Unfit::error(StatedPart::Text, StatedRule::Empty));
        }
        let mut tags = self.tags(name);
        tags.push(tag("published_at", &published.as_second().to_string()));
        self.add(EventKind::Article, tags, text.trim(), at, now)
    }

    /// Signs an event, adds it to the file of its month, and states the new state.
    fn add(
        &mut self,
        kind: EventKind,
        tags: Vec<Vec<String>>,
        content: &str,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<(), PublishError> {
        let content = content.replace("\r\n", "\n");
        let event = SignedEvent::sign(&self.keys.author, at, kind, tags, content).map_err(limits::of_event)?;
        let line = event.to_json();
        let head = Head { issued: to_minute(now).max(self.head.issued), ..self.head.clone() };
        let (event, role) =
            Admission::new(&self.chain, &head, None, now).admit(line.as_bytes()).map_err(limits::of_event)?;
        self.append(vec![(event, role)], now)
    }

    /// Adds events to the file of this month, and states the new state.
    pub(super) fn append(&mut self, events: Vec<(SignedEvent, Role)>, now: Timestamp) -> Result<(), PublishError> {
        let day = to_minute(now).max(self.head.issued).to_zoned(TimeZone::UTC).date();
        let name = month_file(day.year(), day.month());
        let length = self.head.file(&name).map_or(0, |entry| entry.bytes);
        let mut bytes = self.files.read(&name, MAX_FILE_BYTES)?.unwrap_or_default();
        bytes.truncate(usize::try_from(length).unwrap_or(usize::MAX));
        let added: String = events.iter().map(|(event, _)| format!("{}\n", event.to_json())).collect();
        bytes.extend_from_slice(added.as_bytes());
        if bytes.len() as u64 > MAX_FILE_BYTES {
            return Err(PublishError::Refused);
        }
        self.files.append(&name, length, added.as_bytes())?;
        let entry = FileEntry { name, bytes: bytes.len() as u64, sha256: Digest::of(&bytes) };
        self.head.files.retain(|known| known.name != entry.name);
        self.head.files.push(entry);
        self.head.files.sort_by(|one, other| one.name.cmp(&other.name));
        self.events.extend(events);
        self.state(now)
    }

    /// States the newest state, and makes the site of it.
    pub(super) fn state(&mut self, now: Timestamp) -> Result<(), PublishError> {
        let newest = self.newest(now);
        let issued = to_minute(now).max(self.head.issued);
        let charter = self.chain.in_force(now);
        self.head.charter = charter.version;
        self.head.charter_digest = self.chain.digest_in_force(now);
        self.head.sequence += 2;
        (self.head.issued, self.head.expires) = (issued, later(issued, HEAD_LIFETIME));
        self.head.files.retain(|entry| entry.name != NEWEST);
        if !newest.is_empty() {
            let sha256 = Digest::of(newest.as_bytes());
            self.head.files.insert(0, FileEntry { name: NEWEST.to_owned(), bytes: newest.len() as u64, sha256 });
        }
        let bare = self.bare_head();
        write_state(&mut self.files, &self.keys, &bare, &self.head, &newest)?;
        let site = SiteContent::of(self, now);
        site.site().write_into(&mut self.files)?;
        Ok(())
    }

    /// The head before the newest one, which does not name the file of the newest.
    pub(super) fn bare_head(&self) -> Head {
        let mut head = Head { sequence: self.head.sequence - 1, ..self.head.clone() };
        head.files.retain(|entry| entry.name != NEWEST);
        head
    }

    /// The lines for a first screen: the newest posts, the next gatherings, and the newest deletions, so that they reach
    /// readers who need no other file.
    pub(super) fn newest(&self, now: Timestamp) -> String {
        let (_, posts, gatherings) = self.content(now);
        let upcoming = gatherings.iter().filter(|event| {
            event.start.is_some_and(|start| start.timestamp() > self.head.issued - SignedDuration::from_hours(24))
        });
        let posts = posts.iter().take(NEWEST_POSTS).map(|post| post.id.as_str());
        let wanted: BTreeSet<&str> = posts.chain(upcoming.take(NEWEST_EVENTS).map(|event| event.id.as_str())).collect();
        let mut latest: BTreeMap<String, &SignedEvent> = BTreeMap::new();
        for (event, _) in &self.events {
            if wanted.contains(event.item_id().as_str()) {
                latest.insert(event.item_id(), event);
            }
        }
        let deletions = self.events.iter().map(|(event, _)| event).filter(|event| event.kind() == EventKind::Deletion);
        let mut lines: Vec<&SignedEvent> = latest.into_values().collect();
        lines.extend(deletions.rev().take(NEWEST_DELETIONS));
        lines.sort_by_key(|event| std::cmp::Reverse((event.created(), event.id())));
        lines.iter().map(|event| format!("{}\n", event.to_json())).collect()
    }

    /// The latest version of an item that is not deleted and that these keys can replace: another key's stays its own.
    pub(super) fn latest_of_ours(&self, name: &str) -> Option<&SignedEvent> {
        self.latest(name).filter(|event| event.author() == self.keys.author.public())
    }

    /// The latest version of an item that is not deleted.
    fn latest(&self, name: &str) -> Option<&SignedEvent> {
        let named = |event: &&SignedEvent| event.identifier() == Some(name);
        let latest = self.events.iter().map(|(event, _)| event).rfind(named)?;
        let deletes = |event: &SignedEvent| {
            event.kind() == EventKind::Deletion
                && event
                    .tags("a")
                    .any(|values| values.first().is_some_and(|item| latest.item_id() == format!("nostr:{item}")))
        };
        let is_deleted = self.events.iter().any(|(event, _)| deletes(event) && event.created() >= latest.created());
        (!is_deleted).then_some(latest)
    }

    /// The minute of a new version, which is after the one that it replaces.
    pub(super) fn time(&self, known: Option<Timestamp>, now: Timestamp) -> Timestamp {
        let next = known.map(|known| known + SignedDuration::from_mins(1));
        // Before the charter in force another key may have been the author's.
        let at = to_minute(now).max(next.unwrap_or(Timestamp::MIN)).max(self.chain.in_force(now).issued);
        // The seconds of a minute only count what was published in it, so that readers have one order of it.
        let within = at..later(at, SignedDuration::from_hours(1));
        let newest =
            self.events.iter().map(|(event, _)| event.created()).filter(|created| within.contains(created)).max();
        newest.map_or(at, |newest| later(newest, SignedDuration::from_secs(1)))
    }

    fn tags(&self, name: &str) -> Vec<Vec<String>> {
        vec![tag("d", name), self.community_tag()]
    }

    pub(super) fn community_tag(&self) -> Vec<String> {
        tag("i", &format!("{COMMUNITY_SCHEME}{}", self.chain.id()))
    }

    /// Brings a month's file of another folder to its newest state: by its end alone, if it begins the same.
    fn continue_month(&self, target: &mut Files, entry: &FileEntry) -> Result<(), PublishError> {
        let length = usize::try_from(entry.bytes).unwrap_or(usize::MAX);
        let ours = self.files.read(&entry.name, MAX_FILE_BYTES)?.unwrap_or_default();
        let ours = ours.get(..length).ok_or(PublishError::Damaged)?;
        let theirs = target.read(&entry.name, MAX_FILE_BYTES)?.unwrap_or_default();
        match ours.strip_prefix(theirs.as_slice()) {
            Some([]) => target.replace(&entry.name, ours)?,
            Some(rest) => target.append(&entry.name, theirs.len() as u64, rest)?,
            // A killed upload left a part of a line, or somebody changed the file.
            None => target.replace(&entry.name, ours)?,
        }
        Ok(())
    }
}

/// What the web site of a community shows.
pub(super) struct SiteContent {
    community: Community,
    posts: Vec<Post>,
    gatherings: Vec<Event>,
    link: CommunityLink,
    copied_by: Option<String>,
    state_of: Timestamp,
    language: Language,
}

impl SiteContent {
    pub(super) fn of(publisher: &Publisher, now: Timestamp) -> Self {
        let (community, posts, gatherings) = publisher.content(now);
        let link = publisher.link(Exposure::Open, now);
        let copied_by = publisher.chain.in_force(now).copy.as_ref().map(|copy| copy.by.clone());
        let (state_of, language) = (publisher.head.issued, publisher.language);
        Self { community, posts, gatherings, link, copied_by, state_of, language }
    }

    pub(super) fn site(&self) -> Site<'_> {
        let site = Site::new(&self.community, self.state_of).with_posts(&self.posts).with_events(&self.gatherings);
        let site = site.with_link(&self.link).with_language(self.language);
        match &self.copied_by {
            Some(by) => site.with_copier(by),
            None => site,
        }
    }
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

fn link(chain: &Chain, exposure: Exposure, now: Timestamp) -> CommunityLink {
    let charter = chain.in_force(now);
    let id = SignedId::from_bytes(*chain.id().as_bytes());
    let key = KeyFingerprint::of(charter.root.keys.iter().map(|key| key.to_bytes()));
    let mirrors = charter.homes.iter().filter(|home| home.kind == HomeKind::Mirror).take(MAX_LINK_MIRRORS);
    // A mirror whose address is too long for a link is left out; the charter names it.
    mirrors.fold(CommunityLink::new(id, exposure).with_key(key), |link, home| {
        link.clone().with_mirror(&home.url).unwrap_or(link)
    })
}

/// A head without the newest, the newest, and a head with it: each of the three states is complete.
fn write_state(
    files: &mut Files,
    keys: &CommunityKeys,
    bare: &Head,
    head: &Head,
    newest: &str,
) -> Result<(), PublishError> {
    let known = files.read(NEWEST, MAX_FILE_BYTES)?;
    if known.as_deref() != Some(newest.as_bytes()) {
        files.replace(HEAD, bare.seal(&keys.routine).map_err(refused)?.to_json().as_bytes())?;
        files.replace(NEWEST, newest.as_bytes())?;
    }
    files.replace(HEAD, head.seal(&keys.routine).map_err(refused)?.to_json().as_bytes())?;
    Ok(())
}

/// The language of the web page in the folder, if there is one.
fn page_language(files: &Files) -> Option<Language> {
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

fn copy(from: &Files, to: &mut Files, name: &str) -> Result<(), PublishError> {
    let bytes = from.read(name, MAX_FILE_BYTES)?.ok_or(PublishError::Damaged)?;
    Ok(to.replace(name, &bytes)?)
}

fn is_gathering(kind: EventKind) -> bool {
    matches!(kind, EventKind::DayGathering | EventKind::TimedGathering)
}

/// A name that no other item has, and that says nothing.
fn new_name() -> Result<String, PublishError> {
    let mut random = [0; 5];
    rand::fill(&mut random).map_err(|_| PublishError::NoRandomness)?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}

pub(super) fn refused<E>(_: E) -> PublishError {
    PublishError::Refused
}

/// A community whose admins are gone is called stale after this time. A month leaves room for a holiday and an arrest.
const HEAD_LIFETIME: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The language stands in the first tag.
const PAGE_BEGINNING: usize = 256;

/// What a first screen shows.
const NEWEST_POSTS: usize = 20;
const NEWEST_EVENTS: usize = 5;
const NEWEST_DELETIONS: usize = 20;
