//! A community at VKontakte, read by the production stack over the lab: TLS, proxies, the censor and VK's own kinds of
//! refusal.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

use byway::community::{CommunityState, EventStatus};
use byway::{Byway, Exposure, Roots};
use byway_lab::{Lab, VkState};
use serde_json::json;

const NOTICE: &str = "Сообщество заблокировано на территории Российской Федерации на основании требования Генеральной \
                      прокуратуры Российской Федерации от 11.11.2016 № 27-31-2016/Ид5110-16";

/// A lab in which the plant's workers have their group.
fn plant() -> Lab {
    let lab = Lab::new();
    let event = lab.vk().event("event777", 1_478_685_600, 0).id(777).name("Народный сход");
    let event = event.field("addresses", json!({"is_enabled": true, "main_address_id": 3}));
    event.address(
        json!({"id": 3, "title": "Площадь Победы", "latitude": 53.35, "longitude": 83.76, "time_offset": 420}),
    );
    lab.vk()
        .community("zavod")
        .id(12_345)
        .name("Рабочие станкозавода")
        .field("members_count", 389)
        .field("links", json!([{"url": "https://vk.com/event777", "name": "Народный сход"}]))
        .post("Зарплату задерживают третий месяц")
        .post("Народный сход 9 ноября");
    lab
}

async fn byway(lab: &Lab, strategies: &[&str], exposure: Exposure) -> Byway {
    let strategies = strategies.iter().map(|strategy| strategy.parse().unwrap());
    Byway::builder()
        .net(lab.client().country("ru"))
        .roots(Roots::from_certificates(lab.ca_pem().as_bytes()).unwrap())
        .strategies(strategies)
        .exposure(exposure)
        .vk_token("token")
        .build()
        .await
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_community_is_read_with_its_gathering() {
    let lab = plant();
    let opened = byway(&lab, &["direct:"], Exposure::Open).await.open("m.vk.com/zavod").await.unwrap();
    assert_eq!(opened.community.members.unwrap().count, 389);
    assert_eq!(opened.posts.len(), 2);
    assert_eq!(opened.events[0].start.unwrap().to_string(), "2016-11-09T17:00:00+07:00");
    assert_eq!(opened.events[0].place.as_ref().unwrap().name.as_deref(), Some("Площадь Победы"));
    assert_eq!(opened.events[0].status, EventStatus::Scheduled, "VK does not say that it is over");
    assert_eq!(opened.events[0].status_at(opened.synced_at), EventStatus::Ended);
    assert_eq!(serde_json::to_value(&opened).unwrap()["events"][0]["status"], "ended", "as of now");
    assert!(opened.notes.is_empty(), "{:?}", opened.notes);
}

#[tokio::test(start_paused = true)]
async fn what_vk_hides_in_one_country_is_read_from_another() {
    let lab = plant();
    lab.vk().community("zavod").hidden_in("ru", NOTICE);
    let proxy = lab.socks5("proxy.nl").country("nl");
    let opened = byway(&lab, &["direct:", &proxy.url()], Exposure::Open).await.open("vk.com/zavod").await.unwrap();
    assert_eq!((opened.community.state, opened.posts.len()), (CommunityState::Restricted, 2));
    assert_eq!(opened.community.restrictions[0].number.as_deref(), Some("27-31-2016/Ид5110-16"));
    assert_eq!(opened.reachability.reached_by.as_ref().unwrap().to_string(), proxy.url());
    assert_eq!(serde_json::to_value(opened.reachability.verdict.code).unwrap(), "platform_blocked");
}

#[tokio::test(start_paused = true)]
async fn what_vk_hides_by_every_route_comes_with_its_restriction() {
    let lab = plant();
    lab.vk().community("zavod").hidden_in("ru", NOTICE);
    let failed = byway(&lab, &["direct:"], Exposure::Open).await.open("vk.com/zavod").await.unwrap_err();
    assert_eq!(failed.code(), "restricted");
    let verdict = &failed.reachability().unwrap().verdict;
    assert_eq!(serde_json::to_value(verdict.code).unwrap(), "platform_blocked");
}

#[tokio::test(start_paused = true)]
async fn the_alternate_host_is_read_where_the_first_name_is_cut() {
    let lab = plant();
    lab.censor().when_sni("api.vk.ru").reset();
    let opened = byway(&lab, &["direct:"], Exposure::Open).await.open("vk.com/zavod").await.unwrap();
    assert_eq!(opened.posts.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_deleted_community_is_gone_and_a_foreign_token_is_no_block() {
    let lab = plant();
    lab.vk().community("zavod").deactivated("deleted");
    let opened = byway(&lab, &["direct:"], Exposure::Open).await.open("vk.com/zavod").await.unwrap();
    assert_eq!(opened.community.state, CommunityState::Gone);
    assert_eq!(serde_json::to_value(opened.reachability.verdict.code).unwrap(), "gone");

    let lab = plant();
    lab.vk().bind_token_to_address();
    byway(&lab, &["direct:"], Exposure::Open).await.open("vk.com/zavod").await.unwrap();
    let proxy = lab.socks5("proxy.nl");
    let failed = byway(&lab, &[&proxy.url()], Exposure::Open).await.open("vk.com/zavod").await.unwrap_err();
    assert_eq!(failed.code(), "token_refused");
    let verdict = serde_json::to_value(failed.reachability().unwrap().verdict.code).unwrap();
    assert_eq!(verdict, "reachable", "VK answered: no block");
}

#[tokio::test(start_paused = true)]
async fn exposure_tor_with_a_user_token_sends_no_packet() {
    let lab = plant();
    let tor = lab.tor();
    let failed = byway(&lab, &["direct:", &tor.url()], Exposure::Tor).await.open("vk.com/zavod").await.unwrap_err();
    assert_eq!(failed.code(), "token_names_reader");
    assert!(lab.packets().lookups().is_empty());
    assert_eq!(lab.log().first_packet_to(&tor_address(&tor.url())), None);
}

fn tor_address(url: &str) -> String {
    url.trim_start_matches("tor+socks5://").split(':').next().unwrap().to_owned()
}

#[tokio::test(start_paused = true)]
async fn readings_share_three_calls_a_second() {
    let lab = plant();
    lab.vk().set_state(VkState { calls_per_second: Some(3), ..lab.vk().state() });
    let byway = byway(&lab, &["direct:"], Exposure::Open).await;
    let start = tokio::time::Instant::now();
    for _ in 0..3 {
        let opened = byway.open("vk.com/zavod").await.unwrap();
        assert!(opened.notes.is_empty(), "no call was one too many: {:?}", opened.notes);
    }
    // Four calls each: twelve calls are four bursts of three.
    assert!(start.elapsed() >= std::time::Duration::from_secs(3), "{:?}", start.elapsed());
}
