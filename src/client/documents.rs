//! How results serialise.
//!
//! One rule decides what a document contains. What an app asked for and shows ([`Opened`], [`GetResponse`],
//! [`Preview`]) is serialised in full: it names the community or page, and also the hosts, addresses and proxies of its
//! reachability. It is for the app's own use, and not for a log. What only says how an access went ([`Reachability`],
//! [`Access`](super::Access), [`Synced`], and the reachability of every error) names no host, address or proxy. Neither
//! kind contains a login or token: strategies are written without theirs.
//!
//! Verdicts, notes and faults have their code and a sentence in the client's language
//! ([`Builder::language`](super::Builder::language)). Later versions only add members.

use std::borrow::Cow;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use jiff::Timestamp;
use serde::{Serialize, Serializer};

use super::{
    Account, GetResponse, HomeAccess, HomeLink, Note, Opened, Preview, PreviewContact, PreviewHome, PreviewRoute,
    Reachability, SyncOutcome, Synced, SyncedCommunity,
};
use crate::community::{Claim, Community, CommunityId, Event, Home, Post};
use crate::errors::ErrorDetails;
use crate::sentences::Language;
use crate::source::SourceNote;
use crate::store::Changes;

impl Serialize for Opened {
    /// Serialises in full, for the app's own use: community, posts, events and notes, and the reachability with its
    /// names ([`Reachability::account_in_full`]). If the content comes from the store, `error` says why.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (language, now) =
            (self.reachability.language(), Timestamp::try_from(SystemTime::now()).unwrap_or_default());
        OpenedDocument {
            community: &self.community,
            posts: &self.posts,
            // Whether they are over is not what was read: it is decided now.
            events: self.events.iter().map(|event| event.clone().as_of(now)).collect(),
            changes: &self.changes,
            successor: self.community.successor.as_ref(),
            reachability: self.reachability.account_in_full(language),
            source: self.source.code(),
            synced_at: self.synced_at,
            age_seconds: self.age.map(|age| age.as_secs()),
            exposure: self.exposure.code(),
            cut: self.truncated,
            homes: self.homes.iter().map(|home| HomeDocument::of(home, language)).collect(),
            notes: self.notes.iter().map(|note| NoteDocument::of(note, language)).collect(),
            error: self.fault.as_ref().map(|fault| fault.details(language)),
        }
        .serialize(serializer)
    }
}

#[derive(Serialize)]
struct OpenedDocument<'a> {
    community: &'a Community,
    posts: &'a [Post],
    events: Vec<Event>,
    changes: &'a Changes,
    successor: Option<&'a Claim>,
    reachability: Account,
    source: &'static str,
    synced_at: Timestamp,
    age_seconds: Option<u64>,
    exposure: &'static str,
    cut: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    homes: Vec<HomeDocument<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<NoteDocument<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorDetails>,
}

#[derive(Serialize)]
struct HomeDocument<'a> {
    home: &'a Home,
    state: &'static str,
    at: Timestamp,
    sentence: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reachability: Option<Account>,
}

impl<'a> HomeDocument<'a> {
    fn of(HomeAccess { standing, reachability }: &'a HomeAccess, language: Language) -> Self {
        let reachability = reachability.as_ref().map(|reachability| reachability.account_in_full(language));
        let (state, sentence) = (standing.state.code(), standing.state.sentence(language));
        Self { home: &standing.home, state, at: standing.at, sentence, reachability }
    }
}

#[derive(Serialize)]
struct NoteDocument<'a> {
    #[serde(flatten)]
    note: &'a Note,
    #[serde(skip_serializing_if = "Option::is_none")]
    sentence: Option<String>,
}

impl<'a> NoteDocument<'a> {
    fn of(note: &'a Note, language: Language) -> Self {
        // A note of an app's own source has nothing but its sentence.
        let is_own = matches!(note, Note::Source(SourceNote::Own { .. }));
        Self { note, sentence: (!is_own).then(|| note.sentence(language)) }
    }
}

impl Serialize for GetResponse {
    /// Serialises in full, for the app's own use: URL, status, headers, the body (as `body` if it is UTF-8, else in
    /// Base64 as `body_base64`), and the reachability with its names ([`Reachability::account_in_full`]).
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { response, reachability, .. } = self;
        let (body, body_base64) = match std::str::from_utf8(&response.body) {
            Ok(text) => (Some(text), None),
            Err(_) => (None, Some(STANDARD.encode(&response.body))),
        };
        PageDocument {
            url: response.url.as_str(),
            status: response.status.as_u16(),
            headers: headers(&response.headers),
            body,
            body_base64,
            reachability: reachability.account_in_full(reachability.language()),
        }
        .serialize(serializer)
    }
}

fn headers(headers: &HeaderMap) -> Vec<(&str, Cow<'_, str>)> {
    headers.iter().map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes()))).collect()
}

#[derive(Serialize)]
struct PageDocument<'a> {
    url: &'a str,
    status: u16,
    headers: Vec<(&'a str, Cow<'a, str>)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body_base64: Option<String>,
    reachability: Account,
}

impl Serialize for Preview {
    /// Serialises in full, for the app's own use: the link, the hosts, and each strategy (without its login) with who
    /// would see what.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { link, kept, avoids_direct, hosts, routes, others, refusal, fault: _, language } = self;
        let HomeLink { home, exposure, mirrors } = link;
        PreviewDocument {
            url: home.to_string(),
            exposure: exposure.code(),
            mirrors: mirrors.iter().map(Home::to_string).collect(),
            kept: *kept,
            avoids_direct: *avoids_direct,
            hosts,
            ways: routes,
            others,
            nothing: *refusal,
            nothing_sentence: self.refusal_sentence(*language),
        }
        .serialize(serializer)
    }
}

#[derive(Serialize)]
struct PreviewDocument<'a> {
    url: String,
    exposure: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    mirrors: Vec<String>,
    kept: bool,
    avoids_direct: bool,
    hosts: &'a [String],
    ways: &'a [PreviewRoute],
    #[serde(skip_serializing_if = "slice_is_empty")]
    others: &'a [PreviewHome],
    nothing: Option<&'static str>,
    nothing_sentence: Option<String>,
}

fn slice_is_empty(others: &&[PreviewHome]) -> bool {
    others.is_empty()
}

impl Serialize for PreviewHome {
    /// Serialises in full, as [`Preview`].
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { home, hosts, is_successor, routes } = self;
        let document = PreviewHomeDocument { url: home.to_string(), hosts, is_successor: *is_successor, ways: routes };
        document.serialize(serializer)
    }
}

#[derive(Serialize)]
struct PreviewHomeDocument<'a> {
    url: String,
    hosts: &'a [String],
    is_successor: bool,
    ways: &'a [PreviewRoute],
}

impl Serialize for PreviewRoute {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        PreviewRouteDocument { strategy: self.strategy.redacted(), contacts: &self.contacts }.serialize(serializer)
    }
}

#[derive(Serialize)]
struct PreviewRouteDocument<'a> {
    strategy: String,
    contacts: &'a [PreviewContact],
}

impl Serialize for PreviewContact {
    /// Serialises as the observer's code, and what they would see, in the client's language.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        PreviewContactDocument { observer: self.observer.code(), sentence: self.sentence(self.language()) }
            .serialize(serializer)
    }
}

#[derive(Serialize)]
struct PreviewContactDocument {
    observer: &'static str,
    sentence: String,
}

impl Serialize for Synced {
    /// Serialises each community by its id, with its outcome (`done`, `left`, `not_yet` or `failed`), what has changed,
    /// its notes, why it was not read, and how it was reached. The last contains no names.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        SyncedDocument {
            communities: self.communities.iter().map(|one| SyncedCommunityDocument::of(one, self.language())).collect(),
            bytes: self.bytes,
            took_ms: u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX),
        }
        .serialize(serializer)
    }
}

#[derive(Serialize)]
struct SyncedDocument<'a> {
    communities: Vec<SyncedCommunityDocument<'a>>,
    bytes: u64,
    took_ms: u64,
}

#[derive(Serialize)]
struct SyncedCommunityDocument<'a> {
    id: &'a CommunityId,
    outcome: &'static str,
    changes: &'a Changes,
    notes: Vec<NoteDocument<'a>>,
    reachability: Option<&'a Reachability>,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorDetails>,
}

impl<'a> SyncedCommunityDocument<'a> {
    fn of(SyncedCommunity { id, outcome, changes, notes }: &'a SyncedCommunity, language: Language) -> Self {
        let (reachability, fault, until) = match outcome {
            SyncOutcome::Done { reachability } => (Some(&**reachability), None, None),
            SyncOutcome::Left => (None, None, None),
            SyncOutcome::NotYet { until } => (None, None, Some(*until)),
            SyncOutcome::Failed { fault, reachability } => (reachability.as_deref(), Some(fault), None),
        };
        let error = fault.map(|fault| fault.details(language));
        let notes = notes.iter().map(|note| NoteDocument::of(note, language)).collect();
        Self { id, outcome: outcome.code(), changes, notes, reachability, until, error }
    }
}
