//! Every error and note that has a row in docs/errors.md has a sentence in every language.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::{AttachmentFault, BuildError, GetFault, LinkError, Note, OpenFault, OpmlError};
use crate::community::{CommunityId, MomentError};
use crate::exposure::UnknownExposure;
use crate::fetch::UrlError;
use crate::sentences::Language;
use crate::sentences::every::{self, is_russian};
use crate::signed::{
    BundleError, CharterError, CommunityLinkError, EnvelopeError, EventError, FileError, FolderError, FreezeError,
    HeadError, Move, MoveKind, NotGenuine, RoutePackError, SignedIdError,
};
use crate::store::StoreError;
use crate::transport::{OnionKeyError, TorTransportError};

/// For each type: its codes, each with its English and its Russian sentence.
type Said = BTreeMap<&'static str, Vec<(&'static str, String, String)>>;

macro_rules! say {
    ($said:ident: $($name:literal of $all:expr;)*) => {
        $(for one in $all {
            let said = (one.code(), one.sentence(Language::En), one.sentence(Language::Ru));
            $said.entry($name).or_default().push(said);
        })*
    };
}

#[test]
fn every_public_error_and_note_is_said_in_both_languages() {
    let mut said = Said::new();
    say! { said:
        "BuildError" of builds();
        "PlanError" of every::plans();
        "VkConfigError" of every::vk_configs();
        "RootsError" of every::roots();
        "OpenFault" of opens();
        "AttachmentFault" of attachments();
        "SourceError" of every::sources();
        "GetFault" of gets();
        "FetchError" of every::fetches();
        "StreamError" of every::streams();
        "RedirectError" of every::redirects();
        "UrlError" of urls();
        "HomeError" of every::links();
        "LinkError" of links();
        "CommunityLinkError" of CommunityLinkError::ALL.iter().copied();
        "BundleError" of BundleError::ALL.iter().copied();
        "FolderError" of FolderError::ALL.iter().copied();
        "RoutePackError" of RoutePackError::ALL.iter().copied();
        "SignedIdError" of [SignedIdError];
        "UnknownExposure" of [UnknownExposure];
        "MomentError" of [MomentError];
        "OpmlError" of [OpmlError::NotOpml, OpmlError::TooLarge, OpmlError::TooDeep];
        "IdError" of every::ids();
        "StoreError" of every::stores();
        "KeyError" of every::keys();
        "KeyFileError" of every::key_files();
        "StrategyError" of every::strategies();
        "DestinationError" of every::destinations();
        "ImportError" of every::imports();
        "FingerprintsError" of every::fingerprints();
        "RowFault" of every::rows();
        "OverrideError" of every::addresses_by_hand();
        "TorTransportError" of TorTransportError::ALL;
        "OnionKeyError" of OnionKeyError::ALL;
        "EnvelopeError" of EnvelopeError::ALL.iter().map(|error| NotGenuine::new(*error));
        "CharterError" of CharterError::ALL.iter().map(|error| NotGenuine::new(*error));
        "ChainError" of every::chains().into_iter().map(NotGenuine::new);
        "HeadError" of HeadError::ALL.iter().map(|error| NotGenuine::new(*error));
        "FreezeError" of FreezeError::ALL.iter().map(|error| NotGenuine::new(*error));
        "EventError" of EventError::ALL.iter().map(|error| NotGenuine::new(*error));
        "FileError" of FileError::ALL.iter().map(|error| NotGenuine::new(*error));
        "Note" of notes();
        "MoveKind" of MoveKind::ALL.iter().map(|kind| Note::Move(Move::new(*kind, CommunityId::vk(1), None)));
        "SourceNote" of every::notes();
    }
    for (name, all) in &said {
        for (code, en, ru) in all {
            assert!(!en.is_empty() && !en.chars().any(|c| ('а'..='я').contains(&c)), "{name} {code}: {en}");
            assert!(is_russian(ru), "{name} {code}: {ru}");
        }
    }
    // The text of an app's own source is in whatever language the app gave.
    let own = [("SourceError", "own_source"), ("SourceNote", "own_note")];
    let mut missing = Vec::new();
    for (name, code) in rows() {
        let is_said = said.get(name.as_str()).is_some_and(|all| all.iter().any(|(known, ..)| *known == code));
        // `publisher` and `upload` are not always built; their errors have tests there.
        let elsewhere = ["PublishError", "CardError", "UploadError", "UploadTargetError", "UploadCredentialsError"];
        if !elsewhere.contains(&name.as_str()) && !is_said && !own.contains(&(&name, &code)) {
            missing.push(format!("{name}: {code}"));
        }
    }
    assert!(missing.is_empty(), "docs/errors.md has rows that this test does not say:\n{}", missing.join("\n"));
}

#[test]
fn english_in_a_russian_sentence_is_found() {
    for bad in ["No way is open.", "Сайт: the answer is broken", "Ошибка: it is larger than allowed, in bytes"]
    {
        assert!(!is_russian(bad), "{bad}");
    }
    for good in ["ВКонтакте сообщает об ошибке 5: «The token is bad»", "Напишите `direct:` или `to be`; TLS, Tor."]
    {
        assert!(is_russian(good), "{good}");
    }
}

/// The errors, faults and notes of docs/errors.md with their codes. What is wrong with a certificate or an answer is
/// evidence and is left out.
fn rows() -> BTreeSet<(String, String)> {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/errors.md")).unwrap();
    let mut rows = BTreeSet::new();
    let mut name = None;
    for line in page.lines() {
        if line.starts_with('#') {
            name = line.strip_suffix('`').and_then(|line| line.rsplit('`').next());
        } else if let (Some(name), Some(row)) = (name, line.strip_prefix("| `")) {
            let is_said = ["Error", "Fault", "Note"].iter().any(|end| name.ends_with(end));
            if is_said && !matches!(name, "AnswerFault" | "CertificateFault" | "MessageFault") {
                rows.insert((name.to_owned(), row.split('`').next().unwrap().to_owned()));
            }
        }
    }
    assert!(rows.len() > 150, "{rows:?}");
    rows
}

fn builds() -> Vec<BuildError> {
    let mut all = vec![BuildError::RootCertificates, BuildError::NoRuntime];
    all.extend(every::plans().into_iter().map(BuildError::Plan));
    all.extend(every::vk_configs().into_iter().map(BuildError::Vk));
    all.extend(every::stores().into_iter().map(BuildError::Store));
    all
}

fn opens() -> Vec<OpenFault> {
    let mut all = vec![
        OpenFault::UnsupportedHome,
        OpenFault::Exposure(UnknownExposure),
        OpenFault::NoMirror,
        OpenFault::NotStored,
        OpenFault::SuccessorChanged,
        OpenFault::MoveNotFollowed,
        OpenFault::OwnNetwork,
        OpenFault::StillReading,
    ];
    all.extend(every::links().into_iter().map(OpenFault::Link));
    all.extend(CommunityLinkError::ALL.iter().copied().map(OpenFault::SignedLink));
    all.extend(BundleError::ALL.iter().copied().map(OpenFault::Bundle));
    all.extend(FolderError::ALL.iter().copied().map(OpenFault::Folder));
    all.extend(every::sources().into_iter().map(OpenFault::Source));
    all.extend(every::stores().into_iter().map(OpenFault::Store));
    all
}

fn attachments() -> Vec<AttachmentFault> {
    let mut all = vec![
        AttachmentFault::NotStored,
        AttachmentFault::MoveNotFollowed,
        AttachmentFault::NoFile,
        AttachmentFault::Address,
        AttachmentFault::Cleartext,
        AttachmentFault::TooLarge { limit: 1 },
        AttachmentFault::Status { status: 404 },
        AttachmentFault::Store(StoreError::Locked),
    ];
    all.extend(every::fetches().into_iter().map(AttachmentFault::Fetch));
    all
}

fn gets() -> Vec<GetFault> {
    let mut all = vec![GetFault::Exposure(UnknownExposure), GetFault::Store(StoreError::Locked)];
    all.extend(urls().into_iter().map(GetFault::Url));
    all.extend(every::fetches().into_iter().map(GetFault::Fetch));
    all
}

fn urls() -> Vec<UrlError> {
    UrlError::ALL.to_vec()
}

fn links() -> Vec<LinkError> {
    let homes = every::links().into_iter().map(LinkError::Home);
    let signed = CommunityLinkError::ALL.iter().map(|error| LinkError::Signed(*error));
    homes.chain(signed).chain([LinkError::Exposure(UnknownExposure), LinkError::NoMirror]).collect()
}

fn notes() -> Vec<Note> {
    let not_kept = every::stores().into_iter().map(|error| Note::StoreFailed { error: Arc::new(error) });
    let read = every::notes().into_iter().map(Note::Source);
    let gap = Note::PostsGap { after: Timestamp::UNIX_EPOCH, before: Timestamp::MAX };
    let moves = MoveKind::ALL.iter().map(|kind| Note::Move(Move::new(*kind, CommunityId::vk(1), None)));
    not_kept.chain(read).chain(moves).chain([Note::PostsReadEarlier, Note::AgeUnknown, Note::LinkKeys, gap]).collect()
}
