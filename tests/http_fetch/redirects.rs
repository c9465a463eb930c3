//! Where a site may redirect a request, and what is sent along.

use bytes::Bytes;
use byway::Exposure;
use byway::internals::fetch::{FetchError, RedirectError};
use byway::internals::reach::Replay;
use byway::internals::transport::{PrivateAddresses, Stage};
use http::{HeaderValue, StatusCode, header};

use crate::net::{World, body, error, get, ok, outcomes, redirect};

/// `/n` redirects to `/n-1`, and `/0` is the page.
fn chain() -> World {
    World::new().name("site.example", &["192.0.2.1"]).site("192.0.2.1:80", |path| match path[1..].parse::<u32>() {
        Ok(0) | Err(_) => ok("here"),
        Ok(left) => redirect(302, &format!("/{}", left - 1)),
    })
}

/// A site that redirects everything to `to`.
fn sends_to(to: &'static str) -> World {
    World::new().name("site.example", &["192.0.2.1"]).site("192.0.2.1:80", move |_| redirect(302, to))
}

#[tokio::test(start_paused = true)]
async fn ten_redirects_are_followed_and_each_hop_is_on_record() {
    let world = chain().up();
    let fetched = world.client(&["direct:"]).fetch(get("http://site.example/10")).await;
    assert_eq!(body(&fetched), "here");
    assert_eq!(fetched.result.as_ref().unwrap().url.as_str(), "http://site.example/0");
    let hops: Vec<_> = outcomes(&fetched.attempts);
    assert_eq!(hops, (0..11).map(|hop| (hop, Stage::Progress, "ok")).collect::<Vec<_>>());
    // One connection for all of them, and one lookup.
    assert_eq!(world.connects(), ["192.0.2.1:80"]);
    assert_eq!(world.lookups(), ["site.example"]);
}

#[tokio::test(start_paused = true)]
async fn an_eleventh_redirect_is_not_followed() {
    for path in ["11", "100"] {
        let world = chain().up();
        let fetched = world.client(&["direct:"]).fetch(get(&format!("http://site.example/{path}"))).await;
        assert!(matches!(error(&fetched), FetchError::TooManyRedirects(10)));
        assert_eq!(world.heads("192.0.2.1:80").len(), 11);
    }
}

#[tokio::test(start_paused = true)]
async fn a_redirect_to_a_private_literal_is_refused_before_a_packet() {
    for to in ["http://127.0.0.1/", "http://169.254.169.254/latest/meta-data/", "http://[::1]/", "http://localhost/"] {
        let world = sends_to(to).up();
        let mut request = get("http://site.example/");
        // A portal answers like this too; this test is about the redirect's own rule.
        request.judge = std::sync::Arc::new(Anything);
        let fetched = world.client(&["direct:"]).fetch(request).await;
        assert!(matches!(error(&fetched), FetchError::Redirect(RedirectError::PrivateAddress)), "{to}");
        assert_eq!(world.connects(), ["192.0.2.1:80"], "{to}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_redirect_to_a_name_with_a_private_address_is_refused() {
    for address in ["127.0.0.1", "169.254.169.254", "10.1.2.3", "::1"] {
        let world = sends_to("http://inner.example/").name("inner.example", &[address]).up();
        let fetched = world.client(&["direct:"]).fetch(get("http://site.example/")).await;
        assert!(matches!(error(&fetched), FetchError::Unreached { .. }), "{address}");
        assert_eq!(outcomes(&fetched.attempts)[1], (1, Stage::Dns, "forbidden"), "{address}");
        assert_eq!(world.connects(), ["192.0.2.1:80"], "{address}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_proxy_is_asked_for_localhost_by_a_redirect() {
    for to in ["http://localhost:8080/", "http://127.0.0.1:9050/", "http://[::ffff:10.0.0.1]/"] {
        let world =
            sends_to(to).name("proxy.example", &["192.0.2.9"]).server("192.0.2.9:3128", |peer| peer.tunnel()).up();
        let mut request = get("http://site.example/");
        request.judge = std::sync::Arc::new(Anything);
        let fetched = world.client(&["http://proxy.example:3128"]).fetch(request).await;
        assert!(matches!(error(&fetched), FetchError::Redirect(RedirectError::PrivateAddress)), "{to}");
        let asked = world.heads("192.0.2.9:3128");
        assert_eq!(asked.len(), 1, "{to}");
        assert!(asked[0].starts_with("connect site.example:80 "), "{to}");
        // The host's name was not looked up here.
        assert_eq!(world.lookups(), ["proxy.example"]);
    }
}

#[tokio::test(start_paused = true)]
async fn within_the_users_own_network_redirects_stay_there() {
    let world = World::new()
        .name("nas.local", &["192.168.1.5"])
        .site("192.168.1.5:80", |path| if path == "/" { redirect(302, "http://192.168.1.6/in") } else { ok("x") })
        .site("192.168.1.6:80", |_| ok("files"))
        .up();
    let fetched = world.client(&["direct:"]).fetch(get("http://nas.local/")).await;
    assert_eq!(body(&fetched), "files");
    // Unless even the first request must not lead there.
    let mut request = get("http://nas.local/");
    request.private = PrivateAddresses::Refused;
    let fetched = world.client(&["direct:"]).fetch(request).await;
    assert_eq!(outcomes(&fetched.attempts), [(0, Stage::Dns, "forbidden")]);
}

#[tokio::test(start_paused = true)]
async fn credentials_are_not_sent_to_another_origin() {
    let world = World::new()
        .name("site.example", &["192.0.2.1"])
        .name("other.example", &["192.0.2.2"])
        .site("192.0.2.1:80", |path| match path {
            "/" => redirect(302, "/same"),
            _ => redirect(302, "http://other.example/"),
        })
        .site("192.0.2.2:80", |_| ok("page"))
        .up();
    let mut request = get("http://site.example/");
    request.headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Bearer t0ken"));
    request.headers.insert(header::COOKIE, HeaderValue::from_static("sid=1"));
    let fetched = world.client(&["direct:"]).fetch(request).await;
    assert_eq!(body(&fetched), "page");
    for head in world.heads("192.0.2.1:80") {
        assert!(head.contains("bearer t0ken") && head.contains("sid=1"));
    }
    let [there] = &world.heads("192.0.2.2:80")[..] else { panic!() };
    assert!(!there.contains("t0ken") && !there.contains("sid=1"));
    assert!(!there.contains("referer"));
}

#[tokio::test(start_paused = true)]
async fn a_login_in_the_address_is_sent_as_a_header_and_shown_nowhere() {
    let world = World::new().name("site.example", &["192.0.2.1"]).site("192.0.2.1:80", |_| ok("in")).up();
    let fetched = world.client(&["direct:"]).fetch(get("http://anna:p%20w@site.example/")).await;
    assert_eq!(fetched.result.as_ref().unwrap().url.as_str(), "http://site.example/");
    // "anna:p w"
    assert!(world.heads("192.0.2.1:80")[0].contains("authorization: basic yw5uytpwihc="));
}

#[tokio::test(start_paused = true)]
async fn a_post_becomes_a_get_unless_the_site_says_otherwise() {
    let world = World::new()
        .name("site.example", &["192.0.2.1"])
        .server("192.0.2.1:80", |mut peer| async move {
            while let Some(head) = peer.head().await {
                if head.contains("content-length: 3") {
                    tokio::io::AsyncReadExt::read_exact(&mut peer.stream, &mut [0; 3]).await.unwrap();
                }
                let answer = match head.split(' ').nth(1).unwrap() {
                    "/see" => redirect(303, "/page"),
                    "/again" => redirect(307, "/page"),
                    _ => ok(head.split(' ').next().unwrap()),
                };
                peer.say(answer).await;
            }
        })
        .up();
    let client = world.client(&["direct:"]);
    let post = |path: &str, replay| {
        let mut request = byway::internals::fetch::Request::post(
            format!("http://site.example{path}").parse().unwrap(),
            Bytes::from_static(b"a=1"),
        );
        request.replay = replay;
        request
    };
    assert_eq!(body(&client.fetch(post("/see", Replay::Once)).await), "GET");
    assert_eq!(body(&client.fetch(post("/again", Replay::Safe)).await), "POST");
    let refused = client.fetch(post("/again", Replay::Once)).await;
    assert!(matches!(error(&refused), FetchError::Redirect(RedirectError::Body)));
}

#[tokio::test(start_paused = true)]
async fn exposure_travels_along() {
    // The second hop leads to a host that only a direct route could reach; it is not taken.
    let world = sends_to("http://other.example/")
        .name("other.example", &["192.0.2.2"])
        .site("192.0.2.2:80", |_| ok("page"))
        .name("proxy.example", &["192.0.2.9"])
        .server("192.0.2.9:3128", |peer| peer.tunnel())
        .up();
    let mut request = get("http://site.example/");
    request.exposure = Exposure::Proxied;
    let fetched = world.client(&["direct:", "http://proxy.example:3128"]).fetch(request).await;
    assert_eq!(body(&fetched), "page");
    assert_eq!(world.connects(), ["192.0.2.9:3128", "192.0.2.9:3128"]);
    assert_eq!(world.lookups(), ["proxy.example", "proxy.example"]);

    let mut request = get("http://site.example/");
    request.exposure = Exposure::Tor;
    let fetched = world.client(&["direct:", "http://proxy.example:3128"]).fetch(request).await;
    assert!(matches!(error(&fetched), FetchError::Plan(_)));
    assert_eq!(world.connects().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_redirects_nowhere_is_an_answer() {
    let world = World::new()
        .name("site.example", &["192.0.2.1"])
        .site("192.0.2.1:80", |_| "HTTP/1.1 302 Found\r\ncontent-length: 4\r\n\r\nhere".into())
        .up();
    let fetched = world.client(&["direct:"]).fetch(get("http://site.example/")).await;
    assert_eq!(body(&fetched), "here");
    assert_eq!(fetched.result.as_ref().unwrap().status, StatusCode::FOUND);
}

#[derive(Debug)]
struct Anything;

impl byway::internals::fetch::PageJudge for Anything {
    fn judge(&self, _: &byway::internals::fetch::ReceivedPage<'_>) -> byway::internals::reach::Judgement {
        byway::internals::reach::Judgement::Proven
    }
}
