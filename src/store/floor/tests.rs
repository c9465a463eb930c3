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
        Subject::Home(home) | Subject::Listed(home) => Name::Home(home.to_string()),
    };
    let (kind, name) = name.parts();
    store.write(|tx| tx.add_record(RecordKind::Floor, &[kind, name, floor.code().as_bytes()], &[])).unwrap();
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
        for url in
            ["https://vk.com/zavod?x", "https://vk.com/wall-155_1", "http://m.site.example:81/x", "https://vk.com/feed"]
        {
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
    for url in ["https://vk.com/other", "https://vk.com/known", "https://vk.com/wall-77_1", "https://example.org/"] {
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
    let pages = ["https://t.me/c/1/2", "https://cdn4.telesco.pe/a", "https://vk.com/feed", "https://zavod.example/a"];
    for (one, more) in
        pages.into_iter().flat_map(|one| ["t.me/other", "vk.com/other", "x.example"].map(|more| (one, more)))
    {
        for joined in [format!("{one}#https://{more}"), format!("{one}?u=https://{more}"), format!("{one}#{more}")] {
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
