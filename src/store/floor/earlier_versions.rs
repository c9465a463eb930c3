//! The floors of earlier versions, which had one record per address.

use super::super::database::{RecordKind, Tx};
use super::super::{StoreError, communities, sealed_list};
use super::name::{Name, of_community, of_home};
use crate::community::Event;
use crate::exposure::Exposure;

/// Returns `true` if an earlier version stored floors for one address without its host or platform.
pub(in crate::store) fn is_incomplete(tx: &Tx<'_>) -> Result<bool, StoreError> {
    let unnamed = Name::Unnamed.level(tx)? > Exposure::Open;
    Ok(unnamed || tx.records(RecordKind::Floor)?.iter().any(|plain| plain.is_empty()))
}

/// Completes the floors of an earlier version. Their names are keyed hashes, so every name that the store knows is
/// tried: its communities, their homes, the successors they claim, their gatherings. A floor that remains was set for
/// an address that the store no longer knows. Until that address is raised again or the store is wiped, this floor
/// applies to every page that cannot be attributed to a community.
pub(in crate::store) fn complete(tx: &Tx<'_>) -> Result<(), StoreError> {
    let mut names = Vec::new();
    for home in communities::homes(tx)? {
        of_home(tx, &home, &mut names)?;
    }
    for kept in communities::communities(tx)? {
        let community = kept.community;
        of_community(tx, &community.id, &mut names)?;
        for claim in community.successor.iter().chain(&community.predecessor) {
            of_home(tx, &claim.home, &mut names)?;
        }
        let mut after = None;
        loop {
            let page = sealed_list::page::<Event>(tx, &community.id, after.as_ref(), PAGE)?;
            for event in &page.items {
                of_community(tx, &event.id, &mut names)?;
                if let Some(home) = &event.home {
                    of_home(tx, home, &mut names)?;
                }
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
    }
    for name in &names {
        for floor in Exposure::ALL.iter().copied() {
            if name.record(tx, floor)?.is_some_and(|plain| plain.is_empty()) {
                let mut all = vec![name.clone()];
                match name {
                    Name::Community(id) => {
                        if let Ok(id) = id.parse() {
                            of_community(tx, &id, &mut all)?;
                        }
                    }
                    Name::Home(home) => {
                        if let Ok(home) = home.parse() {
                            of_home(tx, &home, &mut all)?;
                        }
                    }
                    Name::Host(_) | Name::Site(_) | Name::Unnamed => {}
                }
                all.iter().try_for_each(|name| name.add(tx, floor))?;
            }
        }
    }
    if tx.records(RecordKind::Floor)?.iter().any(|plain| plain.is_empty()) {
        return Name::Unnamed.add(tx, Exposure::Tor);
    }
    let (kind, name) = Name::Unnamed.parts();
    tx.remove_record(RecordKind::Floor, &[kind, name, Exposure::Tor.code().as_bytes()])
}

/// The number of gatherings read at a time.
const PAGE: usize = 1000;
