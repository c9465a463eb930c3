//! One reading of a mirror: what is asked for, in which order, and what is made of it.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;

use super::address::Address;
use super::held::VerifiedState;
use super::judge::{Expected, is_foreign, leads_elsewhere};
use super::months::{MAX_FILES, Months};
use super::platform::platform;
use super::shown::{event_shown, lines, one_line, post_shown};
use crate::community::{
    Attachment, Claim, Community, CommunityId, Event, Field, Home, Link, Post, PostState, Restriction,
};
use crate::fetch::FetchError;
use crate::reach::{Attempt, Outcome};
use crate::signed::{
    Admission, ChainError, Change, Charter, Content as SignedContent, Digest, Envelope, FileEntry, FileError,
    FileReader, Head, HeadError, HomeKind, MAX_VERSION, NEWEST, NotGenuine, ReadLine, Unbelieved,
};
use crate::source::{
    Content, HttpClient, Limits, PlatformMessage, ReadOptions, ReadOutcome, Response, SourceError, SourceNote,
};
use crate::transport::Strategy;

/// One reading.
pub(super) struct Reading<'a> {
    home: &'a Home,
    address: Address,
    how: &'a ReadOptions,
    http: &'a HttpClient,
    attempts: Vec<Attempt>,
    held: VerifiedState,
    notes: Vec<SourceNote>,
}

/// What was made of the files.
#[derive(Default)]
pub(super) struct ParsedFiles {
    posts: BTreeMap<String, Post>,
    events: BTreeMap<String, Event>,
    pub(super) odd: usize,
    months_unread: usize,
    pub(super) deletions_left_out: usize,
    truncated: bool,
}

impl<'a> Reading<'a> {
    pub(super) fn new(home: &'a Home, address: Address, how: &'a ReadOptions, http: &'a HttpClient) -> Self {
        let held = VerifiedState::of(&how.memory, address.community);
        Self { home, address, how, http, attempts: Vec::new(), held, notes: Vec::new() }
    }

    /// Reads, and remembers what was verified. That is remembered even if the rest fails.
    pub(super) async fn outcome(mut self) -> ReadOutcome {
        let result = self.read().await;
        let memory = Some(self.held.to_memory());
        ReadOutcome { memory, ..ReadOutcome::new(result, self.attempts) }
    }

    async fn read(&mut self) -> Result<Content, SourceError> {
        if self.held.chain.is_none() {
            // The id proves it, and it says who may have signed the rest.
            let _ = self.read_charter(1).await?;
        }
        let newest = self.held.chain.as_ref().map_or(1, |chain| chain.newest_version());
        let (mut head, mut strategy) = self.head(newest).await?;
        let is_cleartext = self.address.folder.scheme() == "http";
        let unread = match self.read_charters(&head).await {
            // A forged head can name a charter that is nowhere. The signed head of another route may still be read.
            Err(error) if is_cleartext && self.held.chain.is_some() => Some(error),
            result => {
                result?;
                None
            }
        };
        let mut taken = self.take(&head);
        if taken.is_err_and(is_of_nobody)
            && is_cleartext
            && let Ok(again) = self.head(u64::MAX).await
        {
            // It named a charter that was not known, and may be the work of one route. Now only a signed one is taken.
            (head, strategy) = again;
            taken = self.take(&head);
        }
        if let (Err(_), Some(error)) = (taken, unread) {
            return Err(error);
        }
        if let Err(fault) = taken {
            self.refuse(fault);
            let is_disputed = self.held.chain.as_ref().is_some_and(|chain| chain.dispute().is_some());
            if fault == Unbelieved::from(HeadError::OtherCharter)
                && !is_disputed
                && let Ok(head) = Head::read(&head)
            {
                // The mirror may have another charter with this number, or with an earlier one, which is a dispute.
                self.find_fork(head.charter).await;
            }
            if self.held.heads.newest().is_none() {
                return Err(SourceError::NotGenuine { platform: platform(), fault: NotGenuine::new(fault) });
            }
        }
        self.read_freeze(&strategy).await;
        let read = self.read_content().await;
        self.content(read, strategy)
    }

    /// Reads the charters that are missing, up to the one that a head names. The head may not be verified yet: it can name
    /// what it likes, and the reading ends at the first charter that is not there.
    async fn read_charters(&mut self, head: &Envelope) -> Result<(), SourceError> {
        let named = Head::read(head).map_or(1, |head| head.charter).min(MAX_VERSION);
        let known = self.held.chain.as_ref().map_or(0, |chain| chain.newest_version());
        for version in known + 1..=named.max(1) {
            let Err(fault) = self.read_charter(version).await? else { continue };
            if fault == Unbelieved::from(ChainError::OtherPrevious) {
                self.find_fork(version - 1).await;
            }
            break;
        }
        Ok(())
    }

    /// Reads charters of the mirror, from this one down, until one is that of the chain or contradicts it. What can't be read ends
    /// the search: the mirror shows nothing then that is signed.
    async fn find_fork(&mut self, from: u64) {
        for version in (2..=from).rev().take(MAX_STEPS_BACK) {
            match self.read_charter(version).await {
                Ok(Err(fault)) if fault == Unbelieved::from(ChainError::OtherPrevious) => {}
                _ => return,
            }
        }
    }

    /// Reads one charter. The inner error says why it does not belong to the chain, and is noted.
    async fn read_charter(&mut self, version: u64) -> Result<Result<(), Unbelieved>, SourceError> {
        let expected = match &self.held.chain {
            Some(chain) => Expected::Charter(Arc::new(chain.clone()), self.how.at),
            None => Expected::First(self.address.community),
        };
        let (charter, _) = self.document(&format!("charter/{version}.json"), expected).await?;
        let taken = self.take(&charter);
        if let Err(fault) = taken {
            if self.held.chain.is_none() {
                return Err(SourceError::NotGenuine { platform: platform(), fault: NotGenuine::new(fault) });
            }
            self.refuse(fault);
        }
        Ok(taken)
    }

    /// Reads the head. One that names a charter after `known` can't be verified yet.
    async fn head(&mut self, known: u64) -> Result<(Envelope, Strategy), SourceError> {
        let signers = self.held.chain.as_ref().map(|chain| chain.in_force(self.how.at).routine.clone());
        self.document("head.json", Expected::Head(signers.unwrap_or_default(), known)).await
    }

    /// Reads the freeze, if there is one. That there is none says nothing about the mirror: a failure at its own host, by the
    /// strategy that brought the head, is left out of the account. Every other contact stays in it.
    async fn read_freeze(&mut self, strategy: &Strategy) {
        let Some(chain) = self.held.chain.clone() else { return };
        let asked = self.attempts.len();
        let freeze = self.document("freeze.json", Expected::Freeze(Arc::new(chain), self.how.at)).await;
        let later = self.attempts.split_off(asked);
        let is_own =
            |attempt: &Attempt| attempt.hop == 0 && attempt.strategy == *strategy && attempt.outcome != Outcome::Proven;
        self.attempts.extend(later.into_iter().filter(|attempt| !is_own(attempt)));
        if let Ok((freeze, _)) = freeze
            && let Err(fault) = self.take(&freeze)
        {
            self.refuse(fault);
        }
    }

    /// Reads the file of the newest content, the months that have changed since the last reading, and more months from the
    /// newest on until there is as much as was asked for.
    ///
    /// Deletions, and edits of what is not among the newest, are in the months alone. Those after a changed one are read too:
    /// they may have a later version of what it deletes.
    async fn read_content(&mut self) -> ParsedFiles {
        let mut read = ParsedFiles::default();
        let (Some(chain), Some(head)) = (self.held.chain.clone(), self.held.heads.newest().cloned()) else {
            return read;
        };
        let Some(community) = chain.id().community_id() else { return read };
        let admission = Admission::new(&chain, &head, self.held.freeze.as_ref(), self.how.at);
        let mut content = SignedContent::new(community, one_line(&chain.in_force(self.how.at).name));
        let mut files: Vec<&FileEntry> = head.files.iter().collect();
        files.sort_by_key(|file| (file.name != NEWEST, Reverse(&file.name)));
        let mut months = Months::new(self.held.months.take(), &files);
        let count = files.len();
        for (number, file) in files.into_iter().enumerate() {
            if file.name != NEWEST && !months.must_read(file) && !read.wants_more(self.how) {
                break;
            }
            if number >= MAX_FILES || file.bytes > MAX_FILE_BYTES {
                read.truncated = true;
                read.months_unread = count - number;
                break;
            }
            match self.file(file).await {
                Ok(bytes) => {
                    read.take(&bytes, file, admission, &mut content).await;
                    months.was_read(file);
                }
                Err(fault) => {
                    match fault {
                        Some(fault) => self.refuse(fault),
                        None => read.truncated = true,
                    }
                    // A later month may delete or change what is in an earlier one. So no earlier one is believed alone.
                    if file.name != NEWEST {
                        break;
                    }
                }
            }
        }
        // What was read later than the deletion stands: the store compares the versions.
        read.change(content.removed_unread());
        read.deletions_left_out = content.deletions_left_out();
        self.held.months = Some(months.into_kept());
        read
    }

    /// A document of the mirror.
    async fn document(&mut self, name: &str, expected: Expected) -> Result<(Envelope, Strategy), SourceError> {
        let kind = expected.kind().ok_or(SourceError::Unsupported)?;
        let response = self.fetch(name, expected, kind.max_envelope() as u64).await?;
        let envelope = Envelope::parse(&response.body, kind).map_err(|_| SourceError::Answer(platform()))?;
        Ok((envelope, response.strategy))
    }

    /// The bytes of a file. The error has no fault if the mirror was not reached.
    async fn file(&mut self, file: &FileEntry) -> Result<Vec<u8>, Option<Unbelieved>> {
        let expected = match usize::try_from(file.bytes) {
            Ok(bytes) if file.only_grows() => Expected::Grown(file.sha256, bytes),
            _ => Expected::File(file.sha256),
        };
        match self.fetch(&file.name, expected, file.bytes.saturating_add(GROWTH)).await {
            Ok(response) => Ok(response.body.to_vec()),
            Err(SourceError::Answer(_)) => Err(Some(FileError::Digest.into())),
            Err(SourceError::Stated(_)) => Err(Some(FileError::Absent.into())),
            Err(SourceError::NotGenuine { fault, .. }) => Err(Some(fault.what())),
            Err(_) => Err(None),
        }
    }

    async fn fetch(&mut self, name: &str, expected: Expected, most: u64) -> Result<Response, SourceError> {
        let url = self.address.file(name).ok_or(SourceError::Unsupported)?;
        let limits = Limits { body_bytes: most, decoded_bytes: most, ..Limits::default() };
        let request = self.how.request(self.home, url).limits(limits).judge(expected);
        let fetched = self.http.fetch(request).await;
        self.attempts.extend(fetched.attempts);
        let response = fetched.result.map_err(|error| match &error {
            FetchError::Unreached { finding: Some(finding) } if is_foreign(finding) => SourceError::Answer(platform()),
            FetchError::Unreached { finding: Some(finding) } if leads_elsewhere(finding) => {
                SourceError::NotGenuine { platform: platform(), fault: NotGenuine::new(FileError::Elsewhere) }
            }
            _ => SourceError::Unreached(error),
        })?;
        if !response.status.is_success() {
            let said = response.status.canonical_reason().unwrap_or("no reason");
            let said = PlatformMessage::new(platform(), said).with_code(response.status.as_u16().into());
            return Err(SourceError::Stated(said));
        }
        Ok(response)
    }

    fn take(&mut self, document: &Envelope) -> Result<(), Unbelieved> {
        self.held.take(self.address.community, document, self.how.at)
    }

    /// Notes a fault of the mirror, once.
    fn refuse(&mut self, fault: Unbelieved) {
        note_fault(&mut self.notes, fault);
    }

    fn content(&mut self, read: ParsedFiles, strategy: Strategy) -> Result<Content, SourceError> {
        let Some(chain) = &self.held.chain else {
            return Err(SourceError::NotGenuine { platform: platform(), fault: NotGenuine::new(ChainError::Gap) });
        };
        let charter = chain.in_force(self.how.at);
        let id = chain.id().community_id().ok_or(SourceError::Unsupported)?;
        let community = described(Community::new(id, one_line(&charter.name)), charter, Some(self.home));
        let mut content = Content::new(community, strategy);
        content.notes.extend(self.held.trust(self.how.at));
        content.notes.append(&mut self.notes);
        content.notes.extend((read.odd > 0).then_some(SourceNote::PostsOdd { count: read.odd }));
        let unread = (read.months_unread > 0).then_some(SourceNote::MonthsUnread { count: read.months_unread });
        content.notes.extend(unread);
        let left_out = read.deletions_left_out;
        content.notes.extend((left_out > 0).then_some(SourceNote::DeletionsCut { count: left_out }));
        content.truncated = read.truncated;
        content.posts = read.posts.into_values().map(|post| self.with_addresses(post_shown(post))).collect();
        content.posts.sort_by_key(|post| Reverse(post.created));
        content.events = read.events.into_values().map(event_shown).collect();
        content.events.sort_by_key(|event| event.start.map(|start| start.timestamp()));
        Ok(content)
    }

    /// The pictures of a post lie on the mirror, each under its digest. By that name it is verified when it is fetched.
    fn with_addresses(&self, mut post: Post) -> Post {
        for attachment in &mut post.attachments {
            if let Attachment::Photo { url, .. } = attachment {
                let is_digest = |name: &str| name.parse::<Digest>().is_ok();
                let file = url.take().filter(|path| path.strip_prefix("files/").is_some_and(is_digest));
                *url = file.and_then(|path| self.address.file(&path)).map(String::from);
            }
        }
        post
    }
}

/// What a charter says about a community that is read at this home, if at one.
pub(super) fn described(mut community: Community, charter: &Charter, home: Option<&Home>) -> Community {
    community.description = Some(lines(&charter.description)).filter(|text| !text.is_empty());
    let of = |kind| charter.homes.iter().filter(move |home| home.kind == kind);
    let others = of(HomeKind::Mirror).filter_map(|home| mirror_home(&home.url, &community.id));
    let others: Vec<Home> = others.filter(|known| Some(known) != home).collect();
    community.homes = home.cloned().into_iter().chain(others).collect();
    // Anyone's charter can name anyone's page. So a page is a link, and no address at which this community is read.
    community.links = of(HomeKind::Page).map(|home| Link::new(&home.url, None)).collect();
    if let Some(successor) = &charter.successor
        && let Some(next) = successor.community.community_id()
    {
        let homes = successor.homes.iter().filter(|home| home.kind == HomeKind::Mirror);
        let home = homes.filter_map(|home| mirror_home(&home.url, &next)).next();
        community.successor = home.map(|home| Claim::new(home, Field::Elsewhere, next.to_string()));
    }
    for known in &charter.restrictions {
        let mut restriction = Restriction::new(lines(&known.text), Restriction::OWN_WORD);
        restriction.jurisdiction = known.jurisdiction.as_deref().map(one_line);
        restriction.authority = known.authority.as_deref().map(one_line);
        restriction.number = known.number.as_deref().map(one_line);
        restriction.date = known.date.as_deref().and_then(|date| date.parse().ok());
        community.restrict(restriction);
    }
    community
}

/// Notes a fault of a mirror or a bundle, once.
pub(super) fn note_fault(notes: &mut Vec<SourceNote>, fault: Unbelieved) {
    let fault = NotGenuine::new(fault);
    let is_noted = |note: &SourceNote| matches!(note, SourceNote::NotGenuine { fault: noted } if *noted == fault);
    if !notes.iter().any(is_noted) {
        notes.push(SourceNote::NotGenuine { fault });
    }
}

/// The mirror of a community at this address. `None` if nothing signed can be read there.
pub(crate) fn mirror_home(address: &str, community: &CommunityId) -> Option<Home> {
    let home: Home = format!("{address}#{community}").parse().ok()?;
    home.signed_community().is_some().then_some(home)
}

impl ParsedFiles {
    /// Verifies a file and takes its content. Other readings have their turn between the pieces of a large file.
    async fn take(&mut self, bytes: &[u8], file: &FileEntry, admission: Admission<'_>, content: &mut SignedContent) {
        let mut reader = FileReader::new(admission, file);
        for piece in bytes.chunks(PIECE) {
            if reader.push(piece, &mut |line| self.line(line, content)).is_err() {
                self.odd += 1;
                return;
            }
            tokio::task::yield_now().await;
        }
        self.odd += usize::from(reader.finish(&mut |line| self.line(line, content)).is_err());
    }

    /// The same without a pause.
    pub(super) fn take_at_once(
        &mut self,
        bytes: &[u8],
        file: &FileEntry,
        admission: Admission<'_>,
        content: &mut SignedContent,
    ) -> Result<(), FileError> {
        let mut reader = FileReader::new(admission, file);
        reader.push(bytes, &mut |line| self.line(line, content))?;
        reader.finish(&mut |line| self.line(line, content))
    }

    fn line(&mut self, line: ReadLine, content: &mut SignedContent) {
        match line {
            // The newest content is in the file of its month as well.
            Ok((event, role)) => self.change(content.take(&event, role).unwrap_or_default()),
            Err(_) => self.odd += 1,
        }
    }

    pub(super) fn into_shown(self) -> (Vec<Post>, Vec<Event>) {
        (self.posts.into_values().map(post_shown).collect(), self.events.into_values().map(event_shown).collect())
    }

    pub(super) fn change(&mut self, changes: Vec<Change>) {
        for change in changes {
            match change {
                Change::Post(post) => drop(self.posts.insert(post.id.clone(), post)),
                Change::Gathering(event) => drop(self.events.insert(event.id.to_string(), event)),
            }
        }
    }

    fn wants_more(&self, how: &ReadOptions) -> bool {
        let is_reached = |since: Timestamp| self.posts.values().any(|post| post.created.is_some_and(|at| at <= since));
        let shown = self.posts.values().filter(|post| post.state != PostState::Removed).count();
        shown < how.posts || how.since.is_some_and(|since| !is_reached(since))
    }
}

/// Whether no key that counts signed this head, as far as the charters are known.
fn is_of_nobody(fault: Unbelieved) -> bool {
    [HeadError::Unsigned, HeadError::UnknownCharter].into_iter().any(|error| fault == error.into())
}

/// How far back a fork is looked for: further back there is one only if a mirror was not read for dozens of charters.
const MAX_STEPS_BACK: usize = 32;

/// The largest file that a reading takes: a month of two thousand posts.
const MAX_FILE_BYTES: u64 = 4 << 20;

/// What an upload adds to a file before its head is there: four of the largest events, or hundreds of ordinary ones.
const GROWTH: u64 = 256 << 10;

/// The bytes that are verified without a pause: some milliseconds.
const PIECE: usize = 64 << 10;
