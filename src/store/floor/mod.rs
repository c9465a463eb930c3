//! The exposure floors: the least exposure with which a subject may be read. A floor rises only, until the store is
//! wiped.

mod earlier_versions;
mod name;
#[cfg(test)]
mod tests;

use super::database::{RecordKind, Tx};
use super::{StoreError, communities};
use crate::community::{CommunityId, Home, PageOwners, Site, VkHome};
use crate::exposure::Exposure;
use name::{Name, of_community, of_home, of_listed, of_mirrors_read, raised_at_vk};

pub(super) use earlier_versions::{complete, is_incomplete};

/// The subject of a floor: a community, or a home whose community is not known yet. Everything that the store knows to
/// be one community has one floor.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Subject<'a> {
    /// A community, at any address.
    Community(&'a CommunityId),
    /// Whatever is read at this address.
    Home(&'a Home),
    /// A mirror that somebody lists and nobody has read. The host may be a stranger's: the floor is that of the address and
    /// of the community, and binds no other page there. Any other address is as [`Subject::Home`].
    Listed(&'a Home),
}

impl<'a> From<&'a CommunityId> for Subject<'a> {
    fn from(id: &'a CommunityId) -> Self {
        Subject::Community(id)
    }
}

impl<'a> From<&'a Home> for Subject<'a> {
    fn from(home: &'a Home) -> Self {
        Subject::Home(home)
    }
}

/// Raises the floor of a subject and of everything known to be the same: a community's homes, a home's community, its
/// number. It also raises the host and the platform, which bind a page if its address does not say more.
///
/// Each level is a record of its own, and records are only added: no statement could lower a floor.
pub(super) fn raise(tx: &Tx<'_>, subject: Subject<'_>, floor: Exposure) -> Result<(), StoreError> {
    let mut names = Vec::new();
    match subject {
        Subject::Community(id) => of_community(tx, id, &mut names)?,
        Subject::Listed(home) if home.signed_community().is_some() => of_listed(tx, home, &mut names)?,
        Subject::Home(home) | Subject::Listed(home) => of_home(tx, home, &mut names)?,
    }
    of_mirrors_read(tx, floor, &mut names)?;
    names.iter().try_for_each(|name| name.add(tx, floor))
}

/// The highest level that was ever requested.
pub(super) fn of(tx: &Tx<'_>, subject: Subject<'_>) -> Result<Exposure, StoreError> {
    match subject {
        Subject::Community(id) => {
            let mut names = Vec::new();
            of_community(tx, id, &mut names)?;
            highest(tx, names.iter().filter(|name| !name.is_wide()))
        }
        Subject::Home(home @ Home::Vk(_)) | Subject::Listed(home @ Home::Vk(_)) => {
            Ok(at_site(tx, home)?.max(of_unpaired(tx, std::iter::once(home))?))
        }
        Subject::Home(home @ Home::Telegram(_)) | Subject::Listed(home @ Home::Telegram(_)) => {
            // An earlier version took it for any page of its host.
            let as_page = home.to_string().parse().map(|url| PageOwners::of(&url));
            let of_page = as_page.map_or(Ok(Exposure::Tor), |page| of_page(tx, &page))?;
            Ok(at_site(tx, home)?.max(of_page))
        }
        Subject::Home(home @ Home::Web(url)) | Subject::Listed(home @ Home::Web(url)) => {
            let mut floor = Name::Home(home.to_string()).level(tx)?.max(of_page(tx, &PageOwners::of(url))?);
            if let Some(id) = home.signed_community() {
                floor = floor.max(Name::Community(id.to_string()).level(tx)?);
            }
            Ok(floor)
        }
    }
}

/// The floor of a page: the highest floor among its owners.
pub(super) fn of_page(tx: &Tx<'_>, page: &PageOwners) -> Result<Exposure, StoreError> {
    let mut floor = highest(tx, page.hosts().iter().cloned().map(Name::Host).collect::<Vec<_>>().iter())?;
    if !page.hosts().is_empty() {
        floor = floor.max(Name::Unnamed.level(tx)?);
    }
    for site in Site::ALL {
        floor = of_page_at(tx, page, site, floor)?;
    }
    Ok(floor)
}

/// The floor of a page among the communities of one platform, where its hosts have this floor already.
fn of_page_at(tx: &Tx<'_>, page: &PageOwners, site: Site, mut floor: Exposure) -> Result<Exposure, StoreError> {
    let mut homes = page.homes().filter(|home| Site::of(home) == Some(site)).peekable();
    if !page.is_unattributed(site) && homes.peek().is_none() {
        return Ok(floor);
    }
    // No community of the platform has a higher floor.
    let platform = Name::Site(site).level(tx)?.max(Name::Unnamed.level(tx)?);
    if platform <= floor {
        return Ok(floor);
    }
    if page.is_unattributed(site) {
        return Ok(platform);
    }
    for home in homes {
        floor = floor.max(at_site(tx, home)?);
    }
    if platform <= floor || site != Site::Vk {
        Ok(floor)
    } else {
        Ok(floor.max(of_unpaired(tx, page.certain().iter().chain(page.written_numbers()))?))
    }
}

/// The floor for names and numbers that may be the same community. A raised name with an unknown number may belong to
/// any number with an unknown name, and the other way round. So each of these gets the other's floor. Two different
/// names, or two different numbers, are two communities.
fn of_unpaired<'a>(tx: &Tx<'_>, homes: impl Iterator<Item = &'a Home>) -> Result<Exposure, StoreError> {
    let mut unpaired = Vec::new();
    for home in homes {
        if is_unpaired(tx, home)? {
            unpaired.push(is_number(home));
        }
    }
    let mut floor = Exposure::Open;
    if unpaired.is_empty() {
        return Ok(floor);
    }
    for plain in tx.records(RecordKind::Floor)? {
        let Some((raised, level)) = raised_at_vk(&plain) else { continue };
        if level > floor && unpaired.contains(&!is_number(&raised)) && is_unpaired(tx, &raised)? {
            floor = level;
        }
    }
    Ok(floor)
}

/// Returns `true` for a VKontakte number with an unknown name, or a name with an unknown number.
fn is_unpaired(tx: &Tx<'_>, home: &Home) -> Result<bool, StoreError> {
    let mut ids = Vec::from_iter(communities::id_at(tx, home)?);
    if let Home::Vk(VkHome::Id(number)) = home {
        ids.push(CommunityId::vk(*number));
    }
    for id in ids {
        if !is_number(home) && id.vk_number().is_some() {
            return Ok(false);
        }
        let homes = communities::community(tx, &id)?.map(|kept| kept.community.homes).unwrap_or_default();
        if homes.iter().any(|other| matches!(other, Home::Vk(_)) && is_number(other) != is_number(home)) {
            return Ok(false);
        }
    }
    Ok(matches!(home, Home::Vk(_)))
}

fn is_number(home: &Home) -> bool {
    matches!(home, Home::Vk(VkHome::Id(_)))
}

/// The floor of a platform's home and of its known community.
fn at_site(tx: &Tx<'_>, home: &Home) -> Result<Exposure, StoreError> {
    let mut names = Vec::new();
    of_home(tx, home, &mut names)?;
    highest(tx, names.iter().filter(|name| !name.is_wide()))
}

fn highest<'a>(tx: &Tx<'_>, names: impl Iterator<Item = &'a Name>) -> Result<Exposure, StoreError> {
    let mut floor = Exposure::Open;
    for name in names {
        floor = floor.max(name.level(tx)?);
    }
    Ok(floor)
}
