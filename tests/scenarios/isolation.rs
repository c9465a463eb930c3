//! Isolation, so that no observer links two pages to one reader: Tor circuits, connections, TLS sessions and cookies
//! are separate for each community, and for each site if no community is named.

use std::sync::{Arc, OnceLock};

use byway::{Byway, Exposure};
use byway_lab::{Ask, Lab, Page, What};

use crate::stack::{builder, byway};

/// A site that shortens links, VK's pages of two communities, and two hosts behind them.
fn lab() -> Lab {
    let lab = Lab::new();
    let short = lab.host("short.example").at("203.0.113.30").https();
    short
        .redirect("/one", "https://vk.com/wall-1_5")
        .redirect("/one-again", "https://m.vk.com/public1?act=s&owner_id=-1")
        .redirect("/two", "https://vk.ru/club2?w=wall-2_1");
    for name in ["vk.com", "m.vk.com", "vk.ru"] {
        let answer = |ask: &Ask| match ask.path.as_str() {
            "/club3" => Page::redirect("https://cdn.example/3"),
            "/club4" => Page::redirect("https://cdn.example/4"),
            _ => Page::new("a community").header("set-cookie", "reader=1; Path=/"),
        };
        lab.host(name).at("203.0.113.40").https().app(answer);
    }
    lab.host("cdn.example").at("203.0.113.31").https().page("/3", "three").page("/4", "four");
    lab.host("other.example").at("203.0.113.32").https().page("/", "a page");
    lab
}

/// The logins of the tunnels to hosts that begin with one of these names.
fn logins(lab: &Lab, hosts: &[&str]) -> Vec<String> {
    let tunnels = lab.log().tunnels().into_iter();
    tunnels.filter(|(to, _)| hosts.iter().any(|host| to.starts_with(host))).map(|(_, login)| login.unwrap()).collect()
}

fn resumed(lab: &Lab) -> usize {
    lab.log().events().iter().filter(|event| event.what == What::Resumed).count()
}

async fn get(byway: &Byway, url: &str) {
    byway.get(url).await.unwrap_or_else(|error| panic!("{url}: {error}"));
}

const VK: &[&str] = &["vk.com", "m.vk.com", "vk.ru"];

#[tokio::test(start_paused = true)]
async fn communities_behind_redirects_have_their_own_circuits() {
    let lab = lab();
    let byway = byway(&lab, &[&lab.tor().url()], Exposure::Tor).await;
    for page in ["one", "two", "one-again"] {
        get(&byway, &format!("https://short.example/{page}")).await;
    }
    get(&byway, "https://vk.com/club2").await;
    let [one, two, again, direct] = &logins(&lab, VK)[..] else { panic!("{}", lab.log()) };
    assert_ne!(one, two);
    assert_eq!((one, two), (again, direct), "each spelling of a community, by redirect or named, is one community");
    let site = &logins(&lab, &["short.example"])[..];
    assert!(!site.iter().any(|login| [one, two].contains(&login)), "the site that redirects is not the community");
}

#[tokio::test(start_paused = true)]
async fn two_communities_that_lead_to_one_host_do_not_meet_there() {
    let lab = lab();
    let byway = byway(&lab, &[&lab.tor().url()], Exposure::Tor).await;
    get(&byway, "https://vk.com/club3").await;
    get(&byway, "https://vk.com/club4").await;
    let [three, four] = &logins(&lab, &["cdn.example"])[..] else { panic!("{}", lab.log()) };
    assert_ne!(three, four);
    assert_eq!(&logins(&lab, VK), &[three.clone(), four.clone()], "a chain keeps its community");
}

#[tokio::test(start_paused = true)]
async fn sites_have_their_own_circuits() {
    let lab = lab();
    let byway = byway(&lab, &[&lab.tor().url()], Exposure::Tor).await;
    get(&byway, "https://cdn.example/3").await;
    get(&byway, "https://other.example/").await;
    let tunnels = lab.log().tunnels();
    assert_eq!(tunnels.len(), 2);
    assert_ne!(tunnels[0].1, tunnels[1].1);
}

#[tokio::test(start_paused = true)]
async fn a_new_identity_shares_nothing_with_the_old_one() {
    let lab = lab();
    let byway = byway(&lab, &[&lab.tor().url()], Exposure::Tor).await;
    for _ in 0..3 {
        get(&byway, "https://vk.com/club1").await;
        get(&byway, "https://vk.com/club1").await;
        byway.new_identity();
    }
    let [first, second, third] = &logins(&lab, VK)[..] else { panic!("{}", lab.log()) };
    assert!(first != second && second != third && first != third, "{}", lab.log());
    assert_eq!(resumed(&lab), 0, "{}", lab.log());
}

#[tokio::test(start_paused = true)]
async fn a_chain_ends_under_the_identity_it_began_with() {
    let lab = lab();
    let reader: Arc<OnceLock<Byway>> = Arc::default();
    let of_reader = Arc::clone(&reader);
    lab.host("moved.example").at("203.0.113.33").https().app(move |ask: &Ask| match ask.path.as_str() {
        "/" => {
            of_reader.get().unwrap().new_identity();
            Page::redirect("/there")
        }
        _ => Page::new("a page"),
    });
    let byway = byway(&lab, &[&lab.tor().url()], Exposure::Tor).await;
    reader.get_or_init(|| byway.clone());
    get(&byway, "https://moved.example/").await;
    assert_eq!(lab.log().tunnels().len(), 1, "{}", lab.log());
    get(&byway, "https://moved.example/there").await;
    assert_eq!(lab.log().tunnels().len(), 2, "{}", lab.log());
}

#[tokio::test(start_paused = true)]
async fn a_tls_proxys_sessions_are_one_communitys() {
    let lab = lab();
    let proxy = lab.https_proxy("proxy.nl").at("198.51.100.7");
    let byway = byway(&lab, &[&proxy.url()], Exposure::Proxied).await;
    let by = |lab: &Lab| {
        let log = lab.log();
        log.events().iter().filter(|event| event.what == What::Resumed && event.by == "proxy.nl").count()
    };
    get(&byway, "https://vk.com/club1").await;
    get(&byway, "https://vk.com/club2").await;
    get(&byway, "https://other.example/").await;
    assert_eq!(by(&lab), 0, "no ticket of one community is shown for another: {}", lab.log());
    get(&byway, "https://m.vk.com/club1").await;
    assert_eq!(by(&lab), 1, "a community resumes its own");
    byway.network_changed();
    get(&byway, "https://vk.com/club1").await;
    assert_eq!(by(&lab), 1, "no ticket outlives the network");
}

#[tokio::test(start_paused = true)]
async fn a_raised_exposure_ends_a_tls_proxys_sessions() {
    let lab = lab();
    let proxy = lab.https_proxy("proxy.nl").at("198.51.100.7");
    let byway = byway(&lab, &[&proxy.url()], Exposure::Open).await;
    get(&byway, "https://vk.com/club1").await;
    byway.raise_exposure(&"vk.com/club1#exposure=proxied".parse().unwrap()).await.unwrap();
    get(&byway, "https://vk.com/club1").await;
    assert_eq!(resumed(&lab), 0, "{}", lab.log());
}

#[tokio::test(start_paused = true)]
async fn directly_a_hosts_sessions_are_one_communitys() {
    let lab = lab();
    let byway = byway(&lab, &["direct:"], Exposure::Open).await;
    get(&byway, "https://short.example/one").await;
    get(&byway, "https://short.example/two").await;
    get(&byway, "https://vk.com/club1").await;
    get(&byway, "https://vk.com/club2").await;
    let log = lab.log();
    let resumed = log.events().iter().filter(|event| event.what == What::Resumed && VK.contains(&event.by.as_str()));
    assert_eq!(resumed.count(), 0, "{log}");
    let to_vk = lab.packets().connects().iter().filter(|(_, to)| to.ip().to_string() == "203.0.113.40").count();
    assert_eq!(to_vk, 3, "vk.com twice and vk.ru: no connection is shared by two communities: {}", lab.packets());
}

#[tokio::test(start_paused = true)]
async fn a_resolvers_connection_is_one_sites() {
    let lab = lab();
    lab.resolver("198.51.100.53").tls();
    let byway = builder(&lab, &["direct:?dns=tls://198.51.100.53"]).build().await.unwrap();
    get(&byway, "https://cdn.example/3").await;
    get(&byway, "https://other.example/").await;
    let connects = lab.packets().connects();
    let to_resolver = connects.iter().filter(|(_, to)| to.ip().to_string() == "198.51.100.53").count();
    assert_eq!((to_resolver, resumed(&lab)), (2, 0), "{}", lab.packets());
}
