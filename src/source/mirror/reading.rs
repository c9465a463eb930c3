//! The reading of one mirror: which documents are asked for, in which order, and what is at fault. Its files are fetched in `files`.

mod files;

use std::collections::BTreeSet;
use std::sync::Arc;

use http::{HeaderValue, StatusCode, header};
use jiff::SignedDuration;
use tokio::time::Instant;

use super::address::Address;
use super::behaviour::{gravity, says_absent, state_of, state_of_failure};
use super::held::{Conditional, MirrorRecord, Rank, Shared};
use super::judge::{Expected, is_foreign, leads_elsewhere};
use super::platform::platform;
use crate::community::{Home, MirrorState};
use crate::exposure::Exposure;
use crate::fetch::{FetchError, GivenValidators, Stop, Validators};
use crate::reach::{Attempt, Outcome};
use crate::signed::{
    ChainError, Digest, DocumentKind, Envelope, FileError, Head, HeadError, MAX_VERSION, NotGenuine, Unbelieved,
};
use crate::source::{HttpClient, Limits, PlatformMessage, ReadOptions, Response, SourceError, SourceNote};
use crate::transport::{Cause, Failure, Strategy};

/// The reading of one mirror.
pub(super) struct Reading<'a> {
    pub(super) home: &'a Home,
    /// The address that the user gave, or one that only a charter names.
    pub(super) is_asked: bool,
    address: Address,
    how: &'a ReadOptions,
    http: &'a HttpClient,
    held: Shared<'a>,
    stop: Option<Stop>,
    pub(super) attempts: Vec<Attempt>,
    /// What this mirror sent that was refused.
    pub(super) notes: Vec<SourceNote>,
    /// The strategy that brought the head.
    pub(super) strategy: Option<Strategy>,
    /// The head that it gave, if that is signed as it must be.
    rank: Option<Rank>,
    /// Within this reading it gave a head, and then an older one.
    went_back: bool,
    /// Its head is the one that it gave before.
    is_unchanged: bool,
    /// It gave the head of which everything was read before.
    is_same: bool,
    validators: Option<GivenValidators>,
    is_late: bool,
    /// It is waited for as long as any home.
    pub(super) is_expected: bool,
    /// The files that it was to give and did not, by their digests.
    not_given: BTreeSet<Digest>,
    is_stalled: bool,
    /// It was asked whether it has a newer head, because a file was not the one that its head names.
    was_asked_again: bool,
    /// When its last request ended. Until the next one begins nothing can be heard.
    rests_since: Instant,
}

/// An answer to the question for the head.
enum HeadAnswer {
    /// The mirror says that it has not changed.
    Unchanged(Strategy),
    Head(Envelope, Strategy),
}

impl<'a> Reading<'a> {
    pub(super) fn new(
        (home, address): (&'a Home, Address),
        how: &'a ReadOptions,
        http: &'a HttpClient,
        held: Shared<'a>,
    ) -> Self {
        Self {
            home,
            is_asked: true,
            address,
            how,
            http,
            held,
            stop: None,
            attempts: Vec::new(),
            notes: Vec::new(),
            strategy: None,
            rank: None,
            went_back: false,
            is_unchanged: false,
            is_same: false,
            validators: None,
            is_late: false,
            is_expected: true,
            not_given: BTreeSet::new(),
            is_stalled: false,
            was_asked_again: false,
            rests_since: Instant::now(),
        }
    }

    /// The same, until it is stopped.
    pub(super) fn until(self, stop: Stop) -> Self {
        Self { stop: Some(stop), ..self }
    }

    /// The same for an address that only a charter names.
    pub(super) fn asked(self, is_asked: bool) -> Self {
        Self { is_asked, ..self }
    }

    /// The head that it gave.
    pub(super) fn rank(&self) -> Option<Rank> {
        self.rank
    }

    /// Whether its head is one of which nothing is left to read.
    pub(super) fn is_unchanged(&self) -> bool {
        self.is_unchanged || self.is_same
    }

    /// Whether others had answered long before it.
    pub(super) fn is_late(&self) -> bool {
        self.is_late
    }

    /// Others had answered long before it.
    pub(super) fn was_late(&mut self) {
        self.is_late = true;
    }

    /// Reads the charters that are missing, the head and the freeze.
    pub(super) async fn read_state(&mut self) -> Result<(), SourceError> {
        if self.held.with(|held| held.chain.is_none()) {
            // The id proves it, and it says who may have signed the rest.
            let _ = self.read_charter(1).await?;
        }
        let newest = self.settled().max(1);
        let (mut head, mut strategy) = match self.head(newest, self.conditional()).await? {
            HeadAnswer::Unchanged(strategy) => {
                (self.is_unchanged, self.strategy) = (true, Some(strategy));
                return Ok(());
            }
            HeadAnswer::Head(head, strategy) => (head, strategy),
        };
        let is_cleartext = self.address.folder.scheme() == "http";
        let unread = match self.read_charters(&head).await {
            // A forged head can name a charter that is nowhere. The signed head of another route may still be read.
            Err(error) if is_cleartext && self.settled() > 0 => Some(error),
            result => {
                result?;
                None
            }
        };
        let (before, wanted) = (self.held.with(|held| held.rank()), self.how.posts);
        let had_all = self.how.memory.gap.is_none() && self.held.with(|held| held.has_nothing_new(wanted));
        let mut taken = self.take_head(&head);
        if taken.is_err_and(is_of_nobody)
            && is_cleartext
            && let Ok(HeadAnswer::Head(again, by)) = self.head(u64::MAX, None).await
        {
            // It named a charter that was not known, and may be the work of one route. Now only a signed one is taken.
            (head, strategy) = (again, by);
            taken = self.take_head(&head);
        }
        if let (Err(_), Some(error)) = (taken, unread) {
            return Err(error);
        }
        if let Err(fault) = taken {
            self.refuse(fault);
            let is_disputed = self.held.with(|held| held.chain.as_ref().is_some_and(|chain| chain.dispute().is_some()));
            if fault == Unbelieved::from(HeadError::OtherCharter)
                && !is_disputed
                && let Ok(head) = Head::read(&head)
            {
                // The mirror may have another charter with this number, or with an earlier one, which is a dispute.
                self.find_fork(head.charter).await;
            }
            // Of a frozen community the charters and the freeze itself are shown, though no head of this home counts.
            if self.held.with(|held| held.heads.newest().is_none() && held.freeze.is_none()) {
                return Err(SourceError::NotGenuine { platform: platform(), fault: NotGenuine::new(fault) });
            }
        }
        // The digests of its files are those that were read, so no file is asked for. A server without validators says no more.
        self.is_same = had_all && taken.is_ok() && self.rank == before;
        self.strategy = Some(strategy.clone());
        self.read_recovery(&strategy).await;
        self.read_freeze(&strategy).await;
        Ok(())
    }

    /// Forgets that its head is older than another one, if that one is news as well: the mirror was not updated yet.
    pub(super) fn excuse(&mut self, known: Option<Rank>) {
        let is_rollback = |note: &SourceNote| matches!(note, SourceNote::NotGenuine { fault } if fault.what() == HeadError::Rollback.into());
        if self.rank >= known {
            self.notes.retain(|note| !is_rollback(note));
        }
    }

    /// Whether our own rules kept every attempt from it: an address in the reader's own network that only a charter names.
    fn was_not_asked(&self) -> bool {
        let is_forbidden = |attempt: &Attempt| {
            matches!(&attempt.outcome, Outcome::Failed(Failure { cause: Cause::Forbidden { .. }, .. }))
        };
        !self.attempts.is_empty() && self.attempts.iter().all(is_forbidden)
    }

    /// How the mirror behaved. `newest`: the newest head that any home gave.
    pub(super) fn state(&self, newest: Option<Rank>, failed: Option<&SourceError>) -> MirrorState {
        if let Some(error) = failed {
            return match error {
                _ if self.is_late => MirrorState::Slow,
                SourceError::NotGenuine { fault, .. } if fault.what() == FileError::Elsewhere.into() => {
                    MirrorState::Redirects
                }
                SourceError::NotGenuine { .. } | SourceError::Answer(_) => MirrorState::Tampered,
                SourceError::Unreached(_) if self.was_not_asked() => MirrorState::NotAsked,
                SourceError::Unreached(error) => state_of_failure(error),
                SourceError::Stated(said) if says_absent(said) => MirrorState::Gone,
                SourceError::Stated(_) => MirrorState::Failing,
                _ => MirrorState::Unreached,
            };
        }
        let best = self.record().and_then(|record| record.best);
        let faults = self.notes.iter().filter_map(|note| match note {
            SourceNote::NotGenuine { fault } => Some(state_of(fault.what())),
            _ => None,
        });
        let by_rank = match self.rank {
            Some(_) if self.rank < best || self.went_back => MirrorState::RolledBack,
            Some(_) if self.rank < newest => MirrorState::Behind,
            _ if !self.not_given.is_empty() => MirrorState::Incomplete,
            _ if self.is_late => MirrorState::Slow,
            _ => MirrorState::Current,
        };
        // Nobody knows which of two heads is meant, so neither home has the newest state.
        let is_disputed = self.rank.is_some() && self.rank == self.held.with(|held| held.disputed_rank());
        let disputed = is_disputed.then_some(MirrorState::Contradicts);
        faults.chain(disputed).chain([by_rank]).min_by_key(|state| gravity(*state)).unwrap_or(MirrorState::Current)
    }

    /// What is remembered of the mirror after this reading. `is_complete`: nothing of what it has is left to read.
    pub(super) fn to_record(&self, state: MirrorState, is_complete: bool) -> MirrorRecord {
        let known = self.record();
        let best = known.as_ref().and_then(|known| known.best).max(self.rank);
        let absent_since = known.as_ref().and_then(|known| known.absent_since);
        let kept = known.and_then(|known| known.unchanged).filter(|_| self.is_unchanged);
        let text = |value: Option<http::HeaderValue>| value.and_then(|value| Some(value.to_str().ok()?.to_owned()));
        let given = || {
            let Validators { etag, last_modified } = self.validators.clone()?.validators.well_formed();
            let (etag, last_modified) = (text(etag), text(last_modified));
            let is_empty = etag.is_none() && last_modified.is_none();
            let (exposure, since) = (self.how.exposure, self.how.at);
            let identity = self.how.memory.identity;
            let of = |rank| Conditional { etag, last_modified, exposure, identity, rank, since };
            self.rank.filter(|_| !is_empty && exposure < Exposure::Tor).map(of)
        };
        let is_usable = is_complete && state == MirrorState::Current;
        let unchanged = if is_usable { kept.or_else(given) } else { None };
        let was_absent = matches!(
            state,
            MirrorState::Slow
                | MirrorState::Unvouched
                | MirrorState::Unreached
                | MirrorState::Gone
                | MirrorState::NotAsked
        );
        let absent_since = if self.is_expected { Some(self.how.at) } else { absent_since };
        let absent_since = absent_since.filter(|_| was_absent);
        MirrorRecord { state, at: self.how.at, best, unchanged, absent_since }
    }

    /// Whether it is waited for as long as any home: it answered when it was last waited for, or that was long ago.
    pub(super) fn deserves_patience(&self) -> bool {
        let absent_since = self.record().and_then(|record| record.absent_since);
        absent_since.is_none_or(|since| {
            let age = self.how.at.duration_since(since);
            age < SignedDuration::ZERO || age >= ABSENCE_COUNTS_FOR
        })
    }

    fn record(&self) -> Option<MirrorRecord> {
        self.held.with(|held| held.mirrors.get(&self.home.to_string()).cloned())
    }

    /// The validators of the head that it gave at the last reading, if they may be used. Once a day a mirror is asked as if
    /// nothing were known: a server may call everything unchanged, and a freeze may have come without a new head.
    fn conditional(&self) -> Option<GivenValidators> {
        let known = self.record()?.unchanged?;
        let age = self.how.at.duration_since(known.since);
        let is_recent = age >= SignedDuration::ZERO && age < ASKED_ANEW_AFTER;
        let is_newest = self.held.with(|held| held.rank()) == Some(known.rank);
        let is_same_reader = known.exposure == self.how.exposure && known.identity == self.how.memory.identity;
        // To close a gap, the files are needed.
        let is_usable = is_recent && is_newest && is_same_reader && self.how.memory.gap.is_none();
        let by = self.address.file(HEAD)?;
        let value = |text: Option<String>| text.and_then(|text| text.parse().ok());
        let validators = Validators { etag: value(known.etag), last_modified: value(known.last_modified) };
        is_usable.then_some(GivenValidators { validators, by })
    }

    /// Reads the charters that are missing, up to the one that a head names. The head may not be verified yet: it can name
    /// what it likes, and the reading ends at the first charter that is not there.
    async fn read_charters(&mut self, head: &Envelope) -> Result<(), SourceError> {
        let named = Head::read(head).map_or(1, |head| head.charter).min(MAX_VERSION);
        // A recovery that waits is read again: the root keys may have put another charter in its place.
        for version in self.settled() + 1..=named.max(1) {
            let Err(fault) = self.read_charter(version).await? else { continue };
            if fault == Unbelieved::from(ChainError::OtherPrevious) {
                self.find_fork(version - 1).await;
            }
            break;
        }
        Ok(())
    }

    /// The number of the newest charter that stays what it is.
    fn settled(&self) -> u64 {
        self.held.with(|held| held.chain.as_ref().map_or(0, |chain| chain.settled(self.how.at)))
    }

    /// Reads the charter after the one in force, which the recovery keys may have signed: no head can name it while it waits. A
    /// community without recovery keys has none. As with a freeze, that there is none says nothing about the mirror.
    async fn read_recovery(&mut self, strategy: &Strategy) {
        let Some(chain) = self.held.with(|held| held.chain.clone()) else { return };
        let in_force = chain.in_force(self.how.at);
        let is_next_known = chain.settled(self.how.at) > in_force.version || chain.dispute().is_some();
        if in_force.recovery.is_none() || is_next_known || in_force.version >= MAX_VERSION {
            return;
        }
        let version = in_force.version + 1;
        let expected = Expected::NextCharter(Arc::new(chain), self.how.at);
        if let Some(charter) = self.optional(&format!("charter/{version}.json"), expected, strategy).await
            && let Err(fault) = self.take(&charter)
        {
            self.refuse(fault);
        }
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
        let expected = match self.held.with(|held| held.chain.clone()) {
            Some(chain) => Expected::Charter(Arc::new(chain), self.how.at),
            None => Expected::First(self.address.community),
        };
        let (charter, _) = self.document(&format!("charter/{version}.json"), expected).await?;
        let taken = self.take(&charter);
        if let Err(fault) = taken {
            if self.held.with(|held| held.chain.is_none()) {
                return Err(SourceError::NotGenuine { platform: platform(), fault: NotGenuine::new(fault) });
            }
            self.refuse(fault);
        }
        Ok(taken)
    }

    /// Reads the head. One that names a charter after `known` can't be verified yet.
    async fn head(&mut self, known: u64, conditional: Option<GivenValidators>) -> Result<HeadAnswer, SourceError> {
        let at = self.how.at;
        let signers = self.held.with(|held| held.chain.as_ref().map(|chain| chain.in_force(at).routine.clone()));
        let expected = Expected::Head(signers.unwrap_or_default(), known);
        let response =
            self.fetch(HEAD, expected, DocumentKind::Head.max_envelope() as u64, conditional.clone()).await?;
        // A 304 says something only to who was sent the validators.
        if response.status == StatusCode::NOT_MODIFIED
            && let Some(given) = conditional
            && given.may_be_sent_to(&response.url, response.exposure)
        {
            // One that names another version answers another question. The mirror is asked once more, as if nothing were known.
            if !given.validators.may_be_confirmed_by(&response.headers) {
                return Box::pin(self.head(known, None)).await;
            }
            self.rank = self.record().and_then(|record| record.unchanged).map(|known| known.rank);
            return Ok(HeadAnswer::Unchanged(response.strategy));
        }
        let response = succeeded(response)?;
        self.validators = Some(GivenValidators { validators: response.given_validators(), by: response.url.clone() })
            .filter(|given| self.address.file(HEAD).is_some_and(|asked| asked == given.by));
        let head = Envelope::parse(&response.body, DocumentKind::Head).map_err(|_| SourceError::Answer(platform()))?;
        Ok(HeadAnswer::Head(head, response.strategy))
    }

    /// Reads the freeze, if there is one. That there is none says nothing about the mirror: a failure at its own host, by the
    /// strategy that brought the head, is left out of the account. Every other contact stays in it.
    async fn read_freeze(&mut self, strategy: &Strategy) {
        let Some(chain) = self.held.with(|held| held.chain.clone()) else { return };
        let expected = Expected::Freeze(Arc::new(chain), self.how.at);
        if let Some(freeze) = self.optional("freeze.json", expected, strategy).await
            && let Err(fault) = self.take(&freeze)
        {
            self.refuse(fault);
        }
    }

    /// Reads a document that may be absent.
    async fn optional(&mut self, name: &str, expected: Expected, strategy: &Strategy) -> Option<Envelope> {
        let asked = self.attempts.len();
        let document = self.document(name, expected).await;
        self.leave_out(asked, |by| by == strategy);
        document.ok().map(|(document, _)| document)
    }

    /// Leaves out of the account what failed since then at this home's own host. Every other contact stays in it. `is_known`: the
    /// account has the contact with the host by this strategy already.
    fn leave_out(&mut self, since: usize, is_known: impl Fn(&Strategy) -> bool) {
        let later = self.attempts.split_off(since);
        let is_own =
            |attempt: &Attempt| attempt.hop == 0 && attempt.outcome != Outcome::Proven && is_known(&attempt.strategy);
        self.attempts.extend(later.into_iter().filter(|attempt| !is_own(attempt)));
    }

    /// The same for the strategies by which the host had answered before.
    fn leave_out_where_known(&mut self, since: usize) {
        let answered = self.attempts.iter().take(since).filter(|attempt| attempt.hop == 0);
        let answered = answered.filter(|attempt| attempt.outcome == Outcome::Proven);
        let known: Vec<Strategy> = answered.map(|attempt| attempt.strategy.clone()).collect();
        self.leave_out(since, |by| known.contains(by));
    }

    /// A document of the mirror.
    async fn document(&mut self, name: &str, expected: Expected) -> Result<(Envelope, Strategy), SourceError> {
        let kind = expected.kind().ok_or(SourceError::Unsupported)?;
        let response = succeeded(self.fetch(name, expected, kind.max_envelope() as u64, None).await?)?;
        let envelope = Envelope::parse(&response.body, kind).map_err(|_| SourceError::Answer(platform()))?;
        Ok((envelope, response.strategy))
    }

    async fn fetch(
        &mut self,
        name: &str,
        expected: Expected,
        most: u64,
        conditional: Option<GivenValidators>,
    ) -> Result<Response, SourceError> {
        self.fetch_range(name, expected, most, conditional, None).await
    }

    async fn fetch_range(
        &mut self,
        name: &str,
        expected: Expected,
        most: u64,
        conditional: Option<GivenValidators>,
        range: Option<HeaderValue>,
    ) -> Result<Response, SourceError> {
        let url = self.address.file(name).ok_or(SourceError::Unsupported)?;
        let limits = Limits { body_bytes: most, decoded_bytes: most, ..Limits::default() };
        let request = self.how.request(self.home, url).limits(limits).judge(expected);
        let request = request.validators(conditional).stopped_by(self.stop.clone());
        let request = match range {
            Some(range) => request.header(header::RANGE, range),
            None => request,
        };
        self.how.idle.postpone(self.rests_since.elapsed());
        let fetched = self.http.fetch(request).await;
        self.rests_since = Instant::now();
        self.attempts.extend(fetched.attempts);
        fetched.result.map_err(|error| match &error {
            FetchError::Unreached { finding: Some(finding) } if is_foreign(finding) => SourceError::Answer(platform()),
            FetchError::Unreached { finding: Some(finding) } if leads_elsewhere(finding) => {
                SourceError::NotGenuine { platform: platform(), fault: NotGenuine::new(FileError::Elsewhere) }
            }
            _ => SourceError::Unreached(error),
        })
    }

    fn take(&mut self, document: &Envelope) -> Result<(), Unbelieved> {
        self.held.with(|held| held.take(self.address.community, document, self.how.at))
    }

    /// Takes the head, and remembers which one this mirror gave.
    fn take_head(&mut self, head: &Envelope) -> Result<(), Unbelieved> {
        let taken = self.take(head);
        let is_signed = |fault| [HeadError::Rollback, HeadError::Disputed].into_iter().any(|own| fault == own.into());
        if taken.is_ok() || taken.is_err_and(is_signed) {
            let given = Head::read(head).ok().map(|head| (head.charter, head.sequence));
            // It had the newer one a moment ago.
            self.went_back |= given < self.rank;
            self.rank = self.rank.max(given);
        }
        taken
    }

    /// Notes a fault of the mirror, once.
    fn refuse(&mut self, fault: Unbelieved) {
        note_fault(&mut self.notes, fault);
    }
}

/// The answer, if it is one.
fn succeeded(response: Response) -> Result<Response, SourceError> {
    if response.status.is_success() {
        return Ok(response);
    }
    let said = response.status.canonical_reason().unwrap_or("no reason");
    let said = PlatformMessage::new(platform(), said).with_code(response.status.as_u16().into());
    Err(SourceError::Stated(said))
}

/// Notes a fault of a mirror or a bundle, once.
pub(super) fn note_fault(notes: &mut Vec<SourceNote>, fault: Unbelieved) {
    let fault = NotGenuine::new(fault);
    let is_noted = |note: &SourceNote| matches!(note, SourceNote::NotGenuine { fault: noted } if *noted == fault);
    if !notes.iter().any(is_noted) {
        notes.push(SourceNote::NotGenuine { fault });
    }
}

/// Whether no key that counts signed this head, as far as the charters are known.
fn is_of_nobody(fault: Unbelieved) -> bool {
    [HeadError::Unsigned, HeadError::UnknownCharter].into_iter().any(|error| fault == error.into())
}

/// The file of the head.
const HEAD: &str = "head.json";

/// For so long a mirror is asked whether its head has changed, before it is asked for the head again.
const ASKED_ANEW_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// How long a home that was waited for in vain is waited for less than others. Then it may be well again.
const ABSENCE_COUNTS_FOR: SignedDuration = SignedDuration::from_mins(10);

/// How far back a fork is looked for: further back there is one only if a mirror was not read for dozens of charters.
const MAX_STEPS_BACK: usize = 32;
