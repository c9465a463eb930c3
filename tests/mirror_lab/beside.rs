//! The page of a community at a platform, which signs nothing, beside its mirror.

use super::*;

const NOTICE: &str = "Сообщество заблокировано на территории Российской Федерации на основании требования Генеральной \
                      прокуратуры Российской Федерации от 11.11.2016";

#[tokio::test(start_paused = true)]
async fn a_mirror_carries_on_when_vk_restricts_the_page() {
    let (lab, data) = (lab(), tempfile::tempdir().unwrap());
    let mut zavod = Zavod::new(&lab, |charter| {
        charter.homes = vec![
            CharterHome::new(HomeKind::Page, "https://vk.com/zavod"),
            CharterHome::new(HomeKind::Mirror, "https://other.example/m/"),
        ];
    });
    zavod.post("signed: the gathering is on Friday").write_all(&["zavod.example", "other.example"]);
    lab.vk()
        .community("zavod")
        .id(12_345)
        .name("Рабочие станкозавода")
        .post("from the page: the gathering is on Friday");
    let byway = {
        let roots = Roots::from_certificates(lab.ca_pem().as_bytes()).unwrap();
        let strategies = ["direct:".to_owned(), lab.tor().url()].map(|one| one.parse::<Strategy>().unwrap());
        let builder = Byway::builder().strategies(strategies).roots(roots).net(lab.client().country("ru"));
        builder.vk_token("token").data_dir(data.path(), StoreKey::from_bytes([7; 32])).build().await.unwrap()
    };
    let page = byway.open("vk.com/zavod").await.unwrap();
    let signed = byway.open(&zavod.link("zavod.example")).await.unwrap();
    assert_eq!((state(&page).0, state(&signed).0), (TrustState::Unsigned, TrustState::Verified));
    assert_ne!(page.community.id, signed.community.id, "they stand beside each other");
    assert_eq!(signed.community.links[0].url, "https://vk.com/zavod", "the charter names the page");

    // VK withholds the page on every route, and the server of the mirror that was opened is gone.
    let _ = lab.vk().community("zavod").hidden_in("ru", NOTICE).hidden_in("de", NOTICE);
    lab.host("zavod.example").down();
    let page = byway.open("vk.com/zavod").await.unwrap();
    assert_eq!(page.fault.as_ref().map(|fault| fault.code()), Some("restricted"));
    assert_eq!(
        (texts(&page), state(&page).0),
        (vec!["from the page: the gathering is on Friday"], TrustState::Unsigned)
    );
    zavod.post("signed: read us here").write("other.example");
    let signed = byway.open(&zavod.link("zavod.example")).await.unwrap();
    let expected = vec!["signed: read us here", "signed: the gathering is on Friday"];
    assert_eq!((texts(&signed), state(&signed).0), (expected.clone(), TrustState::Verified));
    assert_eq!(signed.fault.map(|fault| fault.code()), None);
    let kept = byway.posts(&signed.community.id, None, 10).await.unwrap().items;
    assert_eq!(
        kept.iter().map(|post| post.text.as_str()).collect::<Vec<_>>(),
        expected,
        "no post of the page is among them"
    );
}
