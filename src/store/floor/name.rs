//! The names under which floors are stored, and the records of a name.

use super::super::database::{RecordKind, Tx};
use super::super::{StoreError, communities};
use crate::community::owners::host_key;
use crate::community::{CommunityId, Home, PageOwners, Site, VkHome};
use crate::exposure::Exposure;

/// The VKontakte address in the record of a floor, and the level.
pub(super) fn raised_at_vk(plain: &[u8]) -> Option<(Home, Exposure)> {
    let text = std::str::from_utf8(plain.strip_prefix(COMPLETE)?).ok()?;
    let (level, home) = text.strip_prefix(' ')?.split_once(' ')?;
    Some((home.parse().ok()?, level.parse().ok()?))
}

/// The name under which a floor is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Name {
    Community(String),
    Home(String),
    /// All pages of a host and of its subdomains.
    Host(String),
    /// All pages of a platform that cannot be attributed to a community.
    Site(Site),
    /// All pages for which an earlier version may have stored a floor: see `earlier_versions`.
    Unnamed,
}

impl Name {
    pub(super) fn parts(&self) -> (&'static [u8], &[u8]) {
        match self {
            Name::Community(id) => (b"community", id.as_bytes()),
            Name::Home(home) => (b"home", home.as_bytes()),
            Name::Host(host) => (b"host", host.as_bytes()),
            Name::Site(Site::Vk) => (b"platform", b"vk"),
            Name::Site(Site::Telegram) => (b"platform", b"telegram"),
            Name::Unnamed => (b"unnamed", b""),
        }
    }

    /// Returns `true` if this binds more than the subject itself.
    pub(super) fn is_wide(&self) -> bool {
        matches!(self, Name::Host(_) | Name::Site(_) | Name::Unnamed)
    }

    pub(super) fn record(
        &self,
        tx: &Tx<'_>,
        floor: Exposure,
    ) -> Result<Option<zeroize::Zeroizing<Vec<u8>>>, StoreError> {
        let (kind, name) = self.parts();
        tx.record(RecordKind::Floor, &[kind, name, floor.code().as_bytes()])
    }

    pub(super) fn level(&self, tx: &Tx<'_>) -> Result<Exposure, StoreError> {
        for floor in [Exposure::Tor, Exposure::Proxied] {
            if self.record(tx, floor)?.is_some() {
                return Ok(floor);
            }
        }
        Ok(Exposure::Open)
    }

    pub(super) fn add(&self, tx: &Tx<'_>, floor: Exposure) -> Result<(), StoreError> {
        let content = self.content(floor);
        if self.record(tx, floor)?.is_some_and(|plain| *plain == content) {
            return Ok(());
        }
        let (kind, name) = self.parts();
        tx.set_record(RecordKind::Floor, &[kind, name, floor.code().as_bytes()], &content)
    }

    /// The content of the record. It holds an address at VKontakte, so that names and numbers can be compared: see
    /// [`of_unpaired`](super::of_unpaired).
    fn content(&self, floor: Exposure) -> Vec<u8> {
        match self {
            Name::Home(home) if matches!(home.parse(), Ok(Home::Vk(_))) => {
                [COMPLETE, format!(" {floor} {home}").as_bytes()].concat()
            }
            _ => COMPLETE.to_vec(),
        }
    }
}

pub(super) fn of_community(tx: &Tx<'_>, id: &CommunityId, names: &mut Vec<Name>) -> Result<(), StoreError> {
    add_name(names, Name::Community(id.to_string()));
    if let Some(number) = id.vk_number().and_then(Home::vk_id) {
        of_address(&number, names);
    }
    for home in communities::community(tx, id)?.into_iter().flat_map(|kept| kept.community.homes) {
        // The community's word alone does not bind a mirror's host, which may be a stranger's. That it was read there does.
        if home.signed_community().is_some() {
            add_name(names, Name::Home(home.to_string()));
        } else {
            of_address(&home, names);
        }
    }
    Ok(())
}

/// The mirrors at which the signed communities among these names were read, if this floor is new to them. The hosts are
/// bound with them.
pub(super) fn of_mirrors_read(tx: &Tx<'_>, floor: Exposure, names: &mut Vec<Name>) -> Result<(), StoreError> {
    let mut raised = Vec::new();
    for name in names.iter() {
        if let Name::Community(id) = name
            && let Ok(id) = id.parse::<CommunityId>()
            && id.is_signed()
            && name.level(tx)? < floor
        {
            raised.push(id);
        }
    }
    if raised.is_empty() {
        return Ok(());
    }
    for home in communities::homes(tx)? {
        if home.signed_community().is_some_and(|id| raised.contains(&id)) {
            of_address(&home, names);
        }
    }
    Ok(())
}

/// A mirror that somebody lists and nobody has read: its address, and the community in it.
pub(super) fn of_listed(tx: &Tx<'_>, home: &Home, names: &mut Vec<Name>) -> Result<(), StoreError> {
    add_name(names, Name::Home(home.to_string()));
    match home.signed_community() {
        Some(id) => of_community(tx, &id, names),
        None => Ok(()),
    }
}

pub(super) fn of_home(tx: &Tx<'_>, home: &Home, names: &mut Vec<Name>) -> Result<(), StoreError> {
    of_address(home, names);
    if let Home::Vk(VkHome::Id(number)) = home {
        of_community(tx, &CommunityId::vk(*number), names)?;
    }
    match communities::id_at(tx, home)? {
        Some(id) => of_community(tx, &id, names),
        None => Ok(()),
    }
}

/// The home itself, and the names that bind its pages.
fn of_address(home: &Home, names: &mut Vec<Name>) {
    add_name(names, Name::Home(home.to_string()));
    if let Some(site) = Site::of(home) {
        add_name(names, Name::Site(site));
    }
    let Home::Web(url) = home else { return };
    match host_key(url) {
        Some(host) => add_name(names, Name::Host(host)),
        None => add_name(names, Name::Site(Site::Vk)),
    }
    if host_key(url).is_none() || Home::is_at_telegram(url) {
        for home in PageOwners::of(url).certain() {
            add_name(names, Name::Home(home.to_string()));
            Site::of(home).into_iter().for_each(|site| add_name(names, Name::Site(site)));
        }
    }
}

fn add_name(names: &mut Vec<Name>, name: Name) {
    if !names.contains(&name) {
        names.push(name);
    }
}

/// The prefix of a floor record whose host and platform are raised too. Records of earlier versions are empty.
const COMPLETE: &[u8] = b"2";
