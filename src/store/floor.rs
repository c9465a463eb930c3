//! The exposure floors: the least exposure with which a subject may be read. A floor rises only, until the store is
//! wiped.

use super::database::{Kind, Tx};
use super::{StoreError, communities, sealed_list};
use crate::community::owners::host_key;
use crate::community::{CommunityId, Event, Home, PageOwners, Site, VkHome};
use crate::exposure::Exposure;

/// The subject of a floor: a community, or a home whose community is not known yet. Everything that the store knows to
/// be one community has one floor.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Subject<'a> {
    /// A community, at any address.
    Community(&'a CommunityId),
    /// Whatever is read at this address.
    Home(&'a Home),
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
        Subject::Home(home) => of_home(tx, home, &mut names)?,
    }
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
        Subject::Home(home @ Home::Vk(_)) => Ok(at_site(tx, home)?.max(of_unpaired(tx, std::iter::once(home))?)),
        Subject::Home(home @ Home::Telegram(_)) => {
            // An earlier version took it for any page of its host.
            let as_page = home.to_string().parse().map(|url| PageOwners::of(&url));
            let of_page = as_page.map_or(Ok(Exposure::Tor), |page| of_page(tx, &page))?;
            Ok(at_site(tx, home)?.max(of_page))
        }
        Subject::Home(home @ Home::Web(url)) => {
            Ok(Name::Home(home.to_string()).level(tx)?.max(of_page(tx, &PageOwners::of(url))?))
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
    for plain in tx.records(Kind::Floor)? {
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

/// The VKontakte address in the record of a floor, and the level.
fn raised_at_vk(plain: &[u8]) -> Option<(Home, Exposure)> {
    let text = std::str::from_utf8(plain.strip_prefix(COMPLETE)?).ok()?;
    let (level, home) = text.strip_prefix(' ')?.split_once(' ')?;
    Some((home.parse().ok()?, level.parse().ok()?))
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

/// The name under which a floor is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Name {
    Community(String),
    Home(String),
    /// All pages of a host and of its subdomains.
    Host(String),
    /// All pages of a platform that cannot be attributed to a community.
    Site(Site),
    /// All pages for which an earlier version may have stored a floor: see [`complete`].
    Unnamed,
}

impl Name {
    fn parts(&self) -> (&'static [u8], &[u8]) {
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
    fn is_wide(&self) -> bool {
        matches!(self, Name::Host(_) | Name::Site(_) | Name::Unnamed)
    }

    fn record(&self, tx: &Tx<'_>, floor: Exposure) -> Result<Option<zeroize::Zeroizing<Vec<u8>>>, StoreError> {
        let (kind, name) = self.parts();
        tx.record(Kind::Floor, &[kind, name, floor.code().as_bytes()])
    }

    fn level(&self, tx: &Tx<'_>) -> Result<Exposure, StoreError> {
        for floor in [Exposure::Tor, Exposure::Proxied] {
            if self.record(tx, floor)?.is_some() {
                return Ok(floor);
            }
        }
        Ok(Exposure::Open)
    }

    fn add(&self, tx: &Tx<'_>, floor: Exposure) -> Result<(), StoreError> {
        let content = self.content(floor);
        if self.record(tx, floor)?.is_some_and(|plain| *plain == content) {
            return Ok(());
        }
        let (kind, name) = self.parts();
        tx.set_record(Kind::Floor, &[kind, name, floor.code().as_bytes()], &content)
    }

    /// The content of the record. It holds an address at VKontakte, so that names and numbers can be compared: see
    /// [`of_unpaired`].
    fn content(&self, floor: Exposure) -> Vec<u8> {
        match self {
            Name::Home(home) if matches!(home.parse(), Ok(Home::Vk(_))) => {
                [COMPLETE, format!(" {floor} {home}").as_bytes()].concat()
            }
            _ => COMPLETE.to_vec(),
        }
    }
}

fn of_community(tx: &Tx<'_>, id: &CommunityId, names: &mut Vec<Name>) -> Result<(), StoreError> {
    add_name(names, Name::Community(id.to_string()));
    if let Some(number) = id.vk_number().and_then(Home::vk_id) {
        of_address(&number, names);
    }
    for home in communities::community(tx, id)?.into_iter().flat_map(|kept| kept.community.homes) {
        of_address(&home, names);
    }
    Ok(())
}

fn of_home(tx: &Tx<'_>, home: &Home, names: &mut Vec<Name>) -> Result<(), StoreError> {
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

/// Returns `true` if an earlier version stored floors for one address without its host or platform.
pub(super) fn is_incomplete(tx: &Tx<'_>) -> Result<bool, StoreError> {
    let unnamed = Name::Unnamed.level(tx)? > Exposure::Open;
    Ok(unnamed || tx.records(Kind::Floor)?.iter().any(|plain| plain.is_empty()))
}

/// Completes the floors of an earlier version. Their names are keyed hashes, so every name that the store knows is
/// tried: its communities, their homes, the successors they claim, their gatherings. A floor that remains was set for
/// an address that the store no longer knows. Until that address is raised again or the store is wiped, this floor
/// applies to every page that cannot be attributed to a community.
pub(super) fn complete(tx: &Tx<'_>) -> Result<(), StoreError> {
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
    if tx.records(Kind::Floor)?.iter().any(|plain| plain.is_empty()) {
        return Name::Unnamed.add(tx, Exposure::Tor);
    }
    let (kind, name) = Name::Unnamed.parts();
    tx.remove_record(Kind::Floor, &[kind, name, Exposure::Tor.code().as_bytes()])
}

/// The prefix of a floor record whose host and platform are raised too. Records of earlier versions are empty.
const COMPLETE: &[u8] = b"2";

/// The number of gatherings read at a time.
const PAGE: usize = 1000;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use proptest::prelude::*;

    use super::super::{Store, StoreKey};
    use super::*;
    use crate::community::Community;

    fn page(url: &str) -> PageOwners {
        PageOwners::of(&url.parse().unwrap())
    }

    /// Raises a floor as earlier versions did: one empty record.
    fn raise_as_before(store: &Store, subject: Subject<'_>, floor: Exposure) {
        let name = match subject {
            Subject::Community(id) => Name::Community(id.to_string()),
            Subject::Home(home) => Name::Home(home.to_string()),
        };
        let (kind, name) = name.parts();
        store.write(|tx| tx.add_record(Kind::Floor, &[kind, name, floor.code().as_bytes()], &[])).unwrap();
    }

    #[test]
    fn what_is_known_to_be_one_community_has_one_floor() {
        let by_name: Home = "vk.com/zavod".parse().unwrap();
        let by_number: Home = "vk.com/club155".parse().unwrap();
        let elsewhere: Home = "https://site.example/zavod".parse().unwrap();
        let id = CommunityId::vk(155);
        for subject in
            [Subject::Home(&by_name), Subject::Home(&by_number), Subject::Home(&elsewhere), Subject::Community(&id)]
        {
            let store = Store::in_memory().unwrap();
            let mut community = Community::new(id.clone(), "The plant");
            community.homes = vec![by_name.clone(), by_number.clone(), elsewhere.clone()];
            store.upsert_community(&community, jiff::Timestamp::UNIX_EPOCH).unwrap();
            store.raise_floor(subject, Exposure::Tor).unwrap();
            for home in [&by_name, &by_number, &elsewhere] {
                assert_eq!(store.floor(home).unwrap(), Exposure::Tor, "{subject:?}");
            }
            assert_eq!(store.floor(&id).unwrap(), Exposure::Tor, "{subject:?}");
            for url in [
                "https://vk.com/zavod?x",
                "https://vk.com/wall-155_1",
                "http://m.site.example:81/x",
                "https://vk.com/feed",
            ] {
                assert_eq!(store.page_floor(&page(url)).unwrap(), Exposure::Tor, "{subject:?} {url}");
            }
            for url in ["https://vk.com/wall-156_7", "https://vk.com/other", "https://example.org/"] {
                assert_eq!(store.page_floor(&page(url)).unwrap(), Exposure::Open, "{subject:?} {url}");
            }
        }
    }

    fn keep(store: &Store, number: u64, homes: &[&str]) {
        let mut community = Community::new(CommunityId::vk(number), "A plant");
        community.homes = homes.iter().map(|home| home.parse().unwrap()).collect();
        store.upsert_community(&community, jiff::Timestamp::UNIX_EPOCH).unwrap();
    }

    #[test]
    fn a_name_without_a_number_binds_numbers_without_a_name() {
        let store = Store::in_memory().unwrap();
        keep(&store, 77, &["vk.com/known", "vk.com/club77"]);
        let zavod: Home = "vk.com/zavod".parse().unwrap();
        store.raise_floor(&zavod, Exposure::Tor).unwrap();
        for url in [
            "https://vk.com/wall-155_1",
            "https://vk.ru/club155?x",
            "https://vk.com/known?w=wall-155_1",
            "https://vk.com/known?xyz=-155",
            "https://vk.com/known?a=club155",
        ] {
            assert_eq!(store.page_floor(&page(url)).unwrap(), Exposure::Tor, "{url}");
        }
        assert_eq!(store.floor(&"vk.com/club155".parse::<Home>().unwrap()).unwrap(), Exposure::Tor);
        for url in ["https://vk.com/other", "https://vk.com/known", "https://vk.com/wall-77_1", "https://example.org/"]
        {
            assert_eq!(store.page_floor(&page(url)).unwrap(), Exposure::Open, "{url}");
        }
        // Once its number is known, the floor applies to that number only.
        keep(&store, 155, &["vk.com/zavod", "vk.com/club155"]);
        assert_eq!(store.page_floor(&page("https://vk.com/wall-155_1")).unwrap(), Exposure::Tor);
        assert_eq!(store.page_floor(&page("https://vk.com/wall-156_1")).unwrap(), Exposure::Open);
    }

    #[test]
    fn a_number_without_a_name_binds_names_without_a_number() {
        for as_home in [true, false] {
            let store = Store::in_memory().unwrap();
            keep(&store, 77, &["vk.com/known", "vk.com/club77"]);
            let (home, id) = ("vk.com/club155".parse::<Home>().unwrap(), CommunityId::vk(155));
            let subject = if as_home { Subject::Home(&home) } else { Subject::Community(&id) };
            store.raise_floor(subject, Exposure::Tor).unwrap();
            for url in ["https://vk.com/zavod", "https://m.vk.com/Zavod?x", "https://vk.com/known?domain=zavod"] {
                assert_eq!(store.page_floor(&page(url)).unwrap(), Exposure::Tor, "{url}");
            }
            assert_eq!(store.floor(&"vk.com/zavod".parse::<Home>().unwrap()).unwrap(), Exposure::Tor);
            for url in ["https://vk.com/known", "https://vk.com/wall-156_1", "https://example.org/"] {
                assert_eq!(store.page_floor(&page(url)).unwrap(), Exposure::Open, "{url}");
            }
            keep(&store, 155, &["vk.com/zavod", "vk.com/club155"]);
            assert_eq!(store.page_floor(&page("https://vk.com/zavod")).unwrap(), Exposure::Tor);
            assert_eq!(store.page_floor(&page("https://vk.com/other")).unwrap(), Exposure::Open);
        }
    }

    #[test]
    fn several_owners_in_one_url_give_the_highest_floor() {
        let store = Store::in_memory().unwrap();
        keep(&store, 155, &["vk.com/zavod_two", "vk.com/club155"]);
        keep(&store, 156, &["vk.com/zavod", "vk.com/club156"]);
        for (home, floor) in [("vk.com/zavod", Exposure::Proxied), ("vk.com/club155", Exposure::Tor)] {
            store.raise_floor(&home.parse::<Home>().unwrap(), floor).unwrap();
        }
        for (url, floor) in [
            ("https://vk.com/zavod", Exposure::Proxied),
            ("https://vk.com/zavod?w=wall-155_3", Exposure::Tor),
            ("https://vk.com/zavod?z=photo-155_1%2Fwall-155_3", Exposure::Tor),
            ("https://vk.com/other?w=wall-155_3", Exposure::Tor),
            ("https://vk.com/other#/zavod", Exposure::Proxied),
            ("https://vk.com/other", Exposure::Open),
            ("https://vk.com/unknown/page", Exposure::Tor),
            ("https://vk.com/id155", Exposure::Tor),
        ] {
            assert_eq!(store.page_floor(&page(url)).unwrap(), floor, "{url}");
        }
    }

    #[test]
    fn the_floors_of_an_earlier_version_bind_hosts_and_platform() {
        let folder = tempfile::tempdir().unwrap();
        let key = StoreKey::new([7; 32]);
        let store = Store::open(folder.path(), &key).unwrap();
        let mut community = Community::new(CommunityId::vk(155), "The plant");
        community.homes = vec!["vk.com/zavod".parse().unwrap(), "https://site.example/zavod".parse().unwrap()];
        store.upsert_community(&community, jiff::Timestamp::UNIX_EPOCH).unwrap();
        raise_as_before(&store, Subject::Home(&community.homes[1]), Exposure::Proxied);
        drop(store);
        let store = Store::open(folder.path(), &key).unwrap();
        for url in ["https://site.example/other", "https://vk.com/wall-155_1", "https://vk.com/feed"] {
            assert_eq!(store.page_floor(&page(url)).unwrap(), Exposure::Proxied, "{url}");
        }
        assert_eq!(store.page_floor(&page("https://example.org/")).unwrap(), Exposure::Open);

        // A floor whose address the store no longer knows may apply to any page.
        let forgotten: Home = "https://forgotten.example/a".parse().unwrap();
        raise_as_before(&store, Subject::Home(&forgotten), Exposure::Proxied);
        drop(store);
        let store = Store::open(folder.path(), &key).unwrap();
        for url in ["https://forgotten.example/b", "https://example.org/", "https://vk.com/feed"] {
            assert_eq!(store.page_floor(&page(url)).unwrap(), Exposure::Tor, "{url}");
        }
        // Once the address is named again, the floor applies to it alone.
        store.raise_floor(&forgotten, Exposure::Proxied).unwrap();
        drop(store);
        let store = Store::open(folder.path(), &key).unwrap();
        assert_eq!(store.page_floor(&page("https://forgotten.example/b")).unwrap(), Exposure::Proxied);
        assert_eq!(store.page_floor(&page("https://example.org/")).unwrap(), Exposure::Open);
    }

    #[test]
    fn a_channels_floor_binds_its_spellings_and_no_other_channel() {
        let store = Store::in_memory().unwrap();
        let zavod: Home = "tg://resolve?domain=Zavod".parse().unwrap();
        store.raise_floor(&zavod, Exposure::Tor).unwrap();
        assert_eq!(store.floor(&"https://telegram.me/s/zavod".parse::<Home>().unwrap()).unwrap(), Exposure::Tor);
        for (url, floor) in [
            ("https://t.me/zavod/155", Exposure::Tor),
            ("http://Zavod.T.ME/155", Exposure::Tor),
            ("https://t.me/other?comment=%7Aavod", Exposure::Tor),
            ("https://t.me/share/url?url=https%3A%2F%2Ftelegram.dog%2Fzavod", Exposure::Tor),
            ("https://site.example/?to=t.me/zavod", Exposure::Tor),
            ("https://site.example/?to=tg%3A%2F%2Fresolve%3Fdomain%3Dzavod", Exposure::Tor),
            ("https://vk.com/away.php?to=tg%3Aresolve%3Fdomain%3Dzavod", Exposure::Tor),
            ("https://site.example/?to=zavod.t.me", Exposure::Tor),
            ("https://site.example/?to=zavod.t.me/other_name", Exposure::Tor),
            ("https://site.example/?to=t.me./zavod", Exposure::Tor),
            ("https://site.example/?to=t.me:443/zavod", Exposure::Tor),
            ("https://site.example/?to=https:%5C%5Ct.me%5Czavod", Exposure::Tor),
            ("https://vk.com/away.php?to=zavod.t.me", Exposure::Tor),
            // Another channel's address inside an address attributes nothing.
            ("https://cdn4.telesco.pe/file/a.jpg#https://t.me/other", Exposure::Tor),
            ("https://t.me/+AbCdEf?x=https://t.me/other", Exposure::Tor),
            ("https://t.me/c/155/3#tg://resolve?domain=other", Exposure::Tor),
            ("https://t.me/iv?url=https%3A%2F%2Ft.me%2Fother#https://t.me/other", Exposure::Tor),
            ("https://t.me/share/url?url=https%3A%2F%2Ft.me%2Fother", Exposure::Open),
            ("https://site.example/?to=format.me/zavod", Exposure::Open),
            // Any page that names no channel may be about this one.
            ("https://t.me/c/155/3", Exposure::Tor),
            ("https://web.telegram.org/k/", Exposure::Tor),
            ("https://cdn4.telesco.pe/file/a.jpg", Exposure::Tor),
            ("https://t.me/other", Exposure::Open),
            ("https://t.me/s/other?before=155", Exposure::Open),
            ("https://other.t.me/", Exposure::Open),
            ("https://telegrams.example/zavod", Exposure::Open),
            ("https://vk.com/zavod", Exposure::Open),
        ] {
            assert_eq!(store.page_floor(&page(url)).unwrap(), floor, "{url}");
        }
        let many = format!("https://site.example/?a={}&to=https://t.me/zavod", "http:/[".repeat(64));
        assert_eq!(store.page_floor(&page(&many)).unwrap(), Exposure::Tor, "more than is examined");
        // A file of another channel's post is that channel's.
        let file = page("https://cdn4.telesco.pe/file/a.jpg").of_published_file();
        assert_eq!(store.page_floor(&file).unwrap(), Exposure::Open);
    }

    #[test]
    fn what_stands_behind_an_address_never_lowers_its_floor() {
        let store = Store::in_memory().unwrap();
        for kept in ["https://t.me/zavod", "https://vk.com/zavod", "https://zavod.example/"] {
            store.raise_floor(&kept.parse::<Home>().unwrap(), Exposure::Tor).unwrap();
        }
        let pages =
            ["https://t.me/c/1/2", "https://cdn4.telesco.pe/a", "https://vk.com/feed", "https://zavod.example/a"];
        for (one, more) in
            pages.into_iter().flat_map(|one| ["t.me/other", "vk.com/other", "x.example"].map(|more| (one, more)))
        {
            for joined in [format!("{one}#https://{more}"), format!("{one}?u=https://{more}"), format!("{one}#{more}")]
            {
                assert_eq!(store.page_floor(&page(&joined)).unwrap(), Exposure::Tor, "{joined}");
            }
        }
    }

    #[test]
    fn a_floor_that_was_stored_for_telegrams_host_still_binds() {
        let store = Store::in_memory().unwrap();
        store.write(|tx| Name::Host("t.me".to_owned()).add(tx, Exposure::Proxied)).unwrap();
        for url in ["https://t.me/zavod", "https://telegram.me/zavod", "https://zavod.t.me/"] {
            assert_eq!(store.page_floor(&page(url)).unwrap(), Exposure::Proxied, "{url}");
            assert_eq!(store.floor(&url.parse::<Home>().unwrap()).unwrap(), Exposure::Proxied, "{url}");
        }
    }

    /// Other spellings of a channel's address.
    fn channel_respelled() -> impl Strategy<Value = String> {
        let start = prop::sample::select(vec![
            "https://t.me/",
            "http://T.me./",
            "https://www.telegram.me/s/",
            "https://telegram.dog/@",
            "https://t%2eme/s/",
            "https://t.me/boost/",
            "https://site.example/?to=tg://resolve?domain=",
            "https://vk.com/away.php?to=https%3A%2F%2Ft.me%2Fs%2F",
        ]);
        let name = prop::sample::select(vec!["zavod", "Zavod", "%7Aavod", "ZAVO%44"]);
        (start, name, "(/[1-9][0-9]{0,4})?", "(\\?before=[0-9]{1,4})?(#[a-z]{0,5})?")
            .prop_map(|(start, name, post, tail)| format!("{start}{name}{post}{tail}"))
    }

    /// Other spellings of the same page's address, and neighbouring pages.
    fn respelled() -> impl Strategy<Value = String> {
        let host = prop::sample::select(vec![
            "vk.com",
            "VK.COM.",
            "m.vk.com",
            "vk.ru",
            "www.vkontakte.ru",
            "v%6b.com",
            "login.vk.com",
        ]);
        let path = prop_oneof![
            (prop::sample::select(vec!["zavod", "Zavod", "@zavod", "%7Aavod", "zavod/", "./zavod", "@zavod-title-9"]))
                .prop_map(str::to_owned),
            ("[a-z]{0,8}", 0..999_999_u64).prop_map(|(kind, item)| format!("{kind}-155_{item}")),
            ("club|public|event|board", "0{0,3}", "(/[a-z0-9]{1,5})?")
                .prop_map(|(kind, zeros, rest)| format!("{kind}{zeros}155{rest}")),
            ("[a-z_]{1,9}\\.php", "oid|owner_id|c%5Bowner%5D|sel|q|xyz")
                .prop_map(|(page, key)| format!("{page}?{key}=-155")),
            ("[a-z]{1,9}", "w|z|from").prop_map(|(name, key)| format!("{name}?{key}=wall-155_3%2Fabc")),
            ("away|share\\.php|l", "to|url|u")
                .prop_map(|(page, key)| format!("{page}?{key}=http%3A%2F%2Fm.vk.com%2F%7Aavod")),
        ];
        let tail = prop::sample::select(vec!["", "#", "#part", "#exposure=open", "&a=b", "?a=b"]);
        let scheme_port = prop::sample::select(vec![("https", ""), ("http", ""), ("https", ":443"), ("HTTP", ":8080")]);
        (scheme_port, host, path, tail)
            .prop_map(|((scheme, port), host, path, tail)| format!("{scheme}://{host}{port}/{path}{tail}"))
    }

    proptest! {
        #[test]
        fn no_spelling_of_a_kept_home_has_a_lower_floor(url in respelled()) {
            let store = Store::in_memory().unwrap();
            let mut community = Community::new(CommunityId::vk(155), "The plant");
            community.homes = vec!["vk.com/zavod".parse().unwrap(), "vk.com/club155".parse().unwrap()];
            store.upsert_community(&community, jiff::Timestamp::UNIX_EPOCH).unwrap();
            store.raise_floor(&community.homes[0], Exposure::Tor).unwrap();
            prop_assert_eq!(store.page_floor(&page(&url)).unwrap(), Exposure::Tor, "{}", url);
        }

        #[test]
        fn no_spelling_of_a_channel_has_a_lower_floor(url in channel_respelled()) {
            let store = Store::in_memory().unwrap();
            store.raise_floor(&"t.me/zavod".parse::<Home>().unwrap(), Exposure::Tor).unwrap();
            prop_assert_eq!(store.page_floor(&page(&url)).unwrap(), Exposure::Tor, "{}", url);
        }

        #[test]
        fn no_page_of_a_kept_host_has_a_lower_floor(scheme in "https?", front in "(www\\.|m\\.|[a-z]{1,5}\\.)?", host in "[sS][iI]te\\.(example|EXAMPLE\\.?)", port in "(:[1-9][0-9]{0,3})?", rest in "/[a-z0-9%./?#&=]{0,20}") {
            let store = Store::in_memory().unwrap();
            store.raise_floor(&"https://www.site.example/a?b#c".parse::<Home>().unwrap(), Exposure::Tor).unwrap();
            let url = format!("{scheme}://{front}{host}{port}{rest}");
            prop_assert_eq!(store.page_floor(&page(&url)).unwrap(), Exposure::Tor, "{}", url);
        }

        #[test]
        fn any_url_has_owners(text in "https?://(vk\\.com|[a-z.]{1,9})/\\PC{0,120}") {
            if let Ok(url) = text.parse() {
                let owners = PageOwners::of(&url);
                prop_assert!(owners.homes().count() <= 200 && owners.hosts().len() <= 400);
            }
        }
    }
}
