//! Links, pages and mirrors made by somebody who wants the reader seen, or shown something else.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_page_cannot_take_over_the_address_of_a_mirror() {
    let (lab, data) = (lab(), tempfile::tempdir().unwrap());
    lab.host("evil.example").at("203.0.113.66").https();
    let mut zavod = Zavod::new(&lab, |charter| charter.homes.clear());
    zavod.post("one").write("other.example").post("two").write("zavod.example");
    let byway = over(&lab, Some(data.path())).await;
    let link = format!("byway:{}?exposure=tor&mirror=zavod.example/m/", zavod.id());
    byway.open(&link).await.unwrap();
    // The page moved permanently to what is a mirror of the community, and has a feed there.
    let rss =
        "<rss version=\"2.0\"><channel><title>x</title><item><title>x</title><guid>1</guid></item></channel></rss>";
    let to = zavod.link("other.example");
    lab.host("evil.example").page("/", Page::redirect(&to).status(301));
    lab.host("other.example").page("/m/", Page::new(rss).header("content-type", "application/rss+xml"));
    let page = byway.open("https://evil.example/").await.unwrap();
    assert!(page.community.homes.iter().all(|home| home.to_string() != to), "{:?}", page.community.id);
    let before = lab.packets().lookups().len();
    let old = byway.open(&format!("byway:{}?mirror=other.example/m/", zavod.id())).await.unwrap();
    assert_eq!(lab.packets().lookups()[before..], [""; 0], "nothing is asked directly");
    assert_eq!((old.exposure, texts(&old)), (Exposure::Tor, vec!["two", "one"]));
    assert_eq!(faults(&old)[0], "head_rollback", "what was verified is remembered");
}

#[tokio::test(start_paused = true)]
async fn raising_at_one_mirror_binds_the_community_at_all() {
    for kept in [false, true] {
        let (lab, data) = (lab(), tempfile::tempdir().unwrap());
        let mut zavod = Zavod::new(&lab, |charter| charter.homes.clear());
        zavod.post("one").write("zavod.example").write("other.example");
        let byway = over(&lab, Some(data.path())).await;
        if kept {
            byway.open(&zavod.link("zavod.example")).await.unwrap();
        }
        let link = format!("byway:{}?exposure=tor&mirror=third.example/m/", zavod.id());
        byway.raise_exposure(&link.parse().unwrap()).await.unwrap();
        let before = lab.packets().lookups().len();
        let opened = byway.open(&zavod.link("other.example")).await.unwrap();
        assert_eq!((opened.exposure, lab.packets().lookups().len()), (Exposure::Tor, before), "{kept}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_charter_binds_no_host_that_nobody_read() {
    let (lab, data) = (lab(), tempfile::tempdir().unwrap());
    let mut zavod = Zavod::new(&lab, |_| {});
    zavod.post("one").write("zavod.example");
    let byway = over(&lab, Some(data.path())).await;
    let link = format!("byway:{}?exposure=tor&mirror=zavod.example/m/", zavod.id());
    let opened = byway.open(&link).await.unwrap();
    assert_eq!(opened.community.homes[1].to_string(), zavod.link("other.example"), "the charter lists it");
    byway.forget(&opened.community.id).await.unwrap();
    for (page, looked_up) in [("https://other.example/", vec!["other.example"]), ("https://zavod.example/", vec![])] {
        let before = lab.packets().lookups().len();
        let _ = byway.open(page).await;
        assert_eq!(lab.packets().lookups()[before..], looked_up, "{page}");
    }
    let before = lab.packets().lookups().len();
    let _ = byway.open(&zavod.link("other.example")).await;
    assert_eq!(lab.packets().lookups().len(), before, "the community keeps its exposure there");
}
