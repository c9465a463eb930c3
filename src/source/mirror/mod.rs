//! Reads a mirror of a signed community: static files whose content proves itself (`docs/format.md`).
//!
//! The address is that of a folder, and names the community in its fragment: `https://host/folder/#byway:ID`. Small files
//! come first: the head, the charters that are missing, the newest posts; files of months only if more is wanted. The
//! mirror is never believed. Each file is compared with what the community signed (`judge`), and another route is asked
//! where it differs. What was verified is remembered (`held`), so that a mirror can't lead back to an older state, not
//! even after a restart. A fault of the mirror is a note and hides nothing that was read before.
//!
//! Several homes are read side by side (`homes`). A fault of one is recorded on it, and hides nothing that another one gives.

mod address;
mod behaviour;
mod bundle;
mod carried;
mod content;
mod described;
mod folder;
mod held;
mod homes;
mod judge;
mod months;
mod parsed;
mod platform;
mod reading;
mod shown;

pub(crate) use self::bundle::{BatchSink, Unpacked, unpack};
pub(crate) use self::carried::Carried;
pub(crate) use self::described::mirror_home;
pub(crate) use self::folder::Folder;
pub(crate) use self::homes::{PATIENCE, SYNC_PATIENCE};

use std::collections::BTreeMap;

use jiff::Timestamp;
use url::Url;

use self::address::Address;
use self::held::VerifiedState;
use self::judge::Expected;
pub(crate) use self::platform::platform as mirror_platform;
use self::platform::platform;
use super::{
    Contacts, HttpClient, Identity, Memory, PageJudge, ReadOptions, ReadOutcome, Source, SourceError, SourceNote,
};
use crate::community::{CommunityId, Home, MirrorStanding, MirrorState};
use crate::signed::{Chain, Digest, Freeze, picture_file};

/// What may be believed of a community of which this is remembered. `None` if it is not signed, or nothing is remembered.
pub(crate) fn remembered_trust(memory: &Memory, id: &CommunityId, now: Timestamp) -> Option<SourceNote> {
    VerifiedState::of(memory, Digest::of_community(id)?, now).trust(now)
}

/// The verified charters of a community of which this is remembered.
pub(crate) fn remembered_chain(memory: &Memory, id: &CommunityId, now: Timestamp) -> Option<Chain> {
    Some(remembered_charters(memory, id, now)?.0)
}

/// The same with the freeze, if there is one.
pub(crate) fn remembered_charters(
    memory: &Memory,
    id: &CommunityId,
    now: Timestamp,
) -> Option<(Chain, Option<Freeze>)> {
    let held = VerifiedState::of(memory, Digest::of_community(id)?, now);
    Some((held.chain?, held.freeze))
}

/// What was verified of a community, as if nothing else of it had been read: for one that is not kept. The next reading takes its posts from the
/// beginning.
pub(crate) fn begun_anew(memory: &Memory, id: &CommunityId, now: Timestamp) -> Option<Memory> {
    let held = VerifiedState::of(memory, Digest::of_community(id)?, now);
    held.chain.is_some().then(|| held.begun_anew().to_memory())
}

/// How each home of a community behaved when it was last asked.
pub(crate) fn remembered_homes(memory: &Memory, id: &CommunityId, now: Timestamp) -> Vec<MirrorStanding> {
    Digest::of_community(id).map(|id| VerifiedState::of(memory, id, now).standings()).unwrap_or_default()
}

/// How each home of a community behaved when it was last asked, by its address. Nothing is verified for it.
pub(crate) fn remembered_behaviour(memory: &Memory) -> BTreeMap<String, MirrorState> {
    VerifiedState::behaviour(memory)
}

/// The source for mirrors.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Mirror;

impl Source for Mirror {
    fn reads(&self, home: &Home) -> bool {
        Address::of(home).is_some()
    }

    async fn read(&self, home: &Home, how: &ReadOptions, http: &HttpClient) -> ReadOutcome {
        let Some(address) = Address::of(home) else {
            return ReadOutcome::new(Err(SourceError::Unsupported), Vec::new());
        };
        Box::pin(homes::read(home, address, how, http)).await
    }

    fn contacts(&self, home: &Home) -> Contacts {
        Contacts::new(Address::of(home).map(|address| address.folder), platform(), Identity::None)
    }
}

/// Where a mirror has a picture. `None` if the home is no mirror.
pub(crate) fn mirror_picture(home: &Home, digest: &Digest) -> Option<Url> {
    Address::of(home)?.file(&picture_file(digest))
}

/// The judge of a picture or document of a signed community: its name is its digest. `None` if the URL has no such name.
pub(crate) fn file_judge(url: &Url) -> Option<impl PageJudge + use<>> {
    let digest: Digest = url.path_segments()?.next_back()?.parse().ok()?;
    Some(Expected::File(digest))
}
