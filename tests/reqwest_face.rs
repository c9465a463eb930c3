//! A reqwest client that goes through Byway, over the lab.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use byway::internals::reach::{Replay, VerdictCode};
use byway::net::{BoxStream, Datagram, Listener, Net};
use byway::{
    Builder, Byway, Exposure, GetError, GetFault, GetOptions, Language, Network, NetworkKind, ReachabilityExt, Roots,
    StoreKey, VkToken,
};
use byway_lab::{Ask, Lab, Page, Proxy, Script};
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, stream};
use reqwest::{StatusCode, Version};
use reqwest_middleware::{ClientWithMiddleware, Middleware};
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::timeout;

const SITE: &str = "203.0.113.10";

fn over(lab: &Lab, ways: &[&str]) -> Builder {
    let ways = ways.iter().map(|way| way.parse().unwrap());
    let roots = Roots::from_certificates(lab.ca_pem().as_bytes()).unwrap();
    Byway::builder().strategies(ways).roots(roots).net(lab.client())
}

async fn byway(lab: &Lab, ways: &[&str]) -> Byway {
    over(lab, ways).build().await.unwrap()
}

async fn client(lab: &Lab) -> ClientWithMiddleware {
    byway(lab, &["direct:"]).await.reqwest()
}

fn proxy(lab: &Lab) -> Proxy {
    lab.socks5("proxy.example").at("198.51.100.7")
}

fn noise(length: usize) -> Vec<u8> {
    (0..length as u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect()
}

/// Echoes the request as JSON.
fn mirror(ask: &Ask) -> Page {
    let header =
        |name: &str| ask.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    Page::json(&json!({
        "method": ask.method.as_str(),
        "query": ask.query,
        "type": header("content-type"),
        "length": header("content-length"),
        "authorization": header("authorization"),
        "agent": header("user-agent"),
        "cookie": header("cookie"),
        "body": String::from_utf8_lossy(&ask.body),
    }))
}

#[tokio::test(start_paused = true)]
async fn what_is_said_of_a_response_is_what_reqwest_says() {
    let lab = Lab::new();
    let site = lab.host("site.example").at(SITE).https();
    site.page("/", "the page").redirect("/old", "https://site.example/#there");
    let response = client(&lab).await.get("https://site.example/old").send().await.unwrap();
    assert_eq!((response.status(), response.version()), (StatusCode::OK, Version::HTTP_2));
    assert_eq!(response.url().as_str(), "https://site.example/#there");
    assert_eq!((response.content_length(), response.remote_addr()), (Some(8), None));
    assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
    let reachability = response.reachability().unwrap();
    assert_eq!(reachability.verdict.code, VerdictCode::Reachable);
    assert!(reachability.is_direct());
    assert_eq!(response.text().await.unwrap(), "the page");

    lab.host("old.example").at("203.0.113.11").https().http1_only().page("/", Page::new("old").chunked());
    let response = client(&lab).await.get("https://old.example/").send().await.unwrap();
    assert_eq!((response.version(), response.content_length()), (Version::HTTP_11, None));
}

#[tokio::test(start_paused = true)]
async fn query_form_json_multipart_and_logins_arrive() {
    let lab = Lab::new();
    lab.host("site.example").at(SITE).https().app(mirror);
    let client = client(&lab).await;
    let url = "https://site.example/";

    let seen: Value = client.get(url).query(&[("q", "две")]).send().await.unwrap().json().await.unwrap();
    assert_eq!(seen["query"], "q=%D0%B4%D0%B2%D0%B5");
    assert!(seen["agent"].as_str().unwrap().starts_with("Mozilla/5.0"), "nothing names Byway or reqwest");
    let seen: Value = client.post(url).form(&[("a", "1")]).send().await.unwrap().json().await.unwrap();
    assert_eq!((&seen["type"], &seen["body"]), (&json!("application/x-www-form-urlencoded"), &json!("a=1")));
    let seen: Value = client.put(url).json(&json!({"a": 1})).send().await.unwrap().json().await.unwrap();
    assert_eq!((&seen["method"], &seen["body"]), (&json!("PUT"), &json!("{\"a\":1}")));
    let seen: Value = client.get(url).bearer_auth("token").send().await.unwrap().json().await.unwrap();
    assert_eq!(seen["authorization"], "Bearer token");
    let form = reqwest::multipart::Form::new().text("name", "value");
    let seen: Value = client.post(url).multipart(form).send().await.unwrap().json().await.unwrap();
    assert!(seen["type"].as_str().unwrap().starts_with("multipart/form-data; boundary="));
    let body = seen["body"].as_str().unwrap();
    assert!(body.contains("name=\"name\"\r\n\r\nvalue"), "{body}");
    assert_eq!(seen["length"], body.len().to_string(), "the length of a form is known, and servers like to hear it");
}

#[tokio::test(start_paused = true)]
async fn a_cut_route_is_left_and_the_response_names_the_cut() {
    let lab = Lab::new();
    lab.host("site.example").at(SITE).https().app(mirror);
    lab.censor().when_sni("site.example").reset();
    let proxy = proxy(&lab);
    let client = byway(&lab, &["direct:", &proxy.url()]).await.reqwest();
    // No part of a POST was sent when the handshake was cut.
    let response = client.post("https://site.example/").body("once").send().await.unwrap();
    let reachability = response.reachability().unwrap();
    assert_eq!(reachability.verdict.code, VerdictCode::TlsInterfered);
    assert_eq!(reachability.reached_by, Some(proxy.url().parse().unwrap()));
    assert_eq!(response.json::<Value>().await.unwrap()["body"], "once");
}

#[tokio::test(start_paused = true)]
async fn an_error_says_what_the_attempts_mean() {
    let lab = Lab::new();
    lab.host("site.example").at(SITE).https().page("/", "the page");
    lab.censor().when_sni("site.example").reset();
    let error = client(&lab).await.get("https://site.example/").send().await.unwrap_err();
    assert!(error.is_middleware());
    let reachability = error.reachability().unwrap();
    assert_eq!(reachability.attempts.len(), 1);
    let reqwest_middleware::Error::Middleware(inner) = &error else { panic!("{error:?}") };
    assert_eq!(inner.downcast_ref::<GetError>().unwrap().code(), "unreached");

    // Nothing was contacted for an address that is not on the web.
    let error = client(&lab).await.get("ftp://site.example/").send().await.unwrap_err();
    assert!(error.reachability().is_none());
    assert_eq!(lab.packets().connects().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_error_status_is_a_response_after_every_route_was_tried() {
    let lab = Lab::new();
    lab.host("site.example")
        .at(SITE)
        .https()
        .page("/", Page::new("later").status(503))
        .page("/there", Page::legal_451("https://regulator.example/", "by order"));
    lab.host("site.example").page_for("nl", "/there", "the page");
    let proxy = proxy(&lab).country("nl");
    let client = byway(&lab, &["direct:", &proxy.url()]).await.reqwest();
    let response = client.get("https://site.example/").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.reachability().unwrap().attempts.len(), 2);
    assert!(response.error_for_status_ref().unwrap_err().is_status());
    assert_eq!(response.text().await.unwrap(), "later");
    let response = client.get("https://site.example/there").send().await.unwrap();
    assert_eq!((response.status(), response.text().await.unwrap().as_str()), (StatusCode::OK, "the page"));
    let response = client.get("https://site.example/missing").send().await.unwrap();
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
}

#[tokio::test(start_paused = true)]
async fn a_replaced_page_is_no_response() {
    let lab = Lab::new();
    lab.host("site.example").at(SITE).http().page("/", "the page");
    lab.censor().when_host("site.example").block_page(Page::redirect("http://warning.rt.ru/?id=7"));
    let error = client(&lab).await.get("http://site.example/").send().await.unwrap_err();
    assert_eq!(error.reachability().unwrap().attempts[0].outcome.code(), "block_page");
}

#[tokio::test(start_paused = true)]
async fn ten_megabytes_stream_down_and_an_unknown_length_streams_up() {
    let lab = Lab::new();
    let file = noise(10 << 20);
    lab.host("site.example").at(SITE).https().page("/file", file.clone()).app(mirror);
    let client = client(&lab).await;
    let response = client.get("https://site.example/file").send().await.unwrap();
    assert_eq!(response.content_length(), Some(10 << 20));
    let mut pieces = response.bytes_stream();
    let (mut at, mut largest) = (0, 0);
    while let Some(piece) = pieces.next().await {
        let piece = piece.unwrap();
        assert!(file[at..].starts_with(&piece));
        at += piece.len();
        largest = largest.max(piece.len());
    }
    assert_eq!(at, file.len());
    assert!(largest <= 512 << 10, "{largest}");

    let words = stream::iter(["one ", "two ", "three"]).map(Ok::<_, io::Error>);
    let body = reqwest::Body::wrap_stream(words);
    let seen: Value = client.post("https://site.example/").body(body).send().await.unwrap().json().await.unwrap();
    assert_eq!((&seen["body"], &seen["length"]), (&json!("one two three"), &json!("")));
}

#[tokio::test(start_paused = true)]
async fn a_freeze_in_the_stream_goes_on_by_the_proxy() {
    let lab = Lab::new();
    let file = noise(400_000);
    lab.host("site.example").at(SITE).https().page("/", Page::new(file.clone()).with_ranges("v1"));
    lab.censor().when_sni("site.example").freeze_after_bytes(200 * 1024);
    let proxy = proxy(&lab);
    let client = byway(&lab, &["direct:", &proxy.url()]).await.reqwest();
    let response = client.get("https://site.example/").send().await.unwrap();
    assert!(response.reachability().unwrap().is_direct(), "it had well begun");
    assert!(response.bytes().await.unwrap() == file);
    assert_eq!(lab.log().tunnels().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_body_goes_on_though_the_client_was_dropped() {
    let lab = Lab::new();
    let file = noise(400_000);
    lab.host("site.example").at(SITE).https().page("/", Page::new(file.clone()).with_ranges("v1"));
    lab.censor().when_sni("site.example").freeze_after_bytes(200 * 1024);
    let proxy = proxy(&lab);
    let directory = tempfile::tempdir().unwrap();
    let build = || over(&lab, &["direct:", &proxy.url()]).data_dir(directory.path(), StoreKey::new([7; 32])).build();
    let byway = build().await.unwrap();
    let response = byway.reqwest().get("https://site.example/").send().await.unwrap();
    drop(byway);
    // The store says which route is allowed, so the body contains it.
    assert_eq!(build().await.unwrap_err().code(), "store_already_open");
    assert!(response.bytes().await.unwrap() == file);
    assert_eq!(lab.log().tunnels().len(), 1);
    drop(build().await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn a_body_that_ends_before_its_end_says_why() {
    let lab = Lab::new();
    lab.host("site.example").at(SITE).https().page("/", noise(400_000));
    lab.censor().when_sni("site.example").freeze_after_bytes(200 * 1024);
    let response = client(&lab).await.get("https://site.example/").send().await.unwrap();
    let error = response.bytes().await.unwrap_err();
    let reachability = error.reachability().unwrap();
    assert_eq!(reachability.attempts[0].outcome.code(), "silence");
    assert_eq!(reachability.reached_by, None);
    assert!(reachability.attempts[0].bytes > 64 * 1024);
}

#[tokio::test(start_paused = true)]
async fn cookies_are_opt_in_per_client_and_survive_redirects() {
    let lab = Lab::new();
    let login = |ask: &Ask| match ask.path.as_str() {
        "/login" => Page::redirect("/home").header("set-cookie", "session=1; HttpOnly; Secure"),
        _ => mirror(ask),
    };
    lab.host("site.example").at(SITE).https().app(login);
    lab.host("other.example").at("203.0.113.11").https().app(mirror);
    let byway = byway(&lab, &["direct:"]).await;
    let cookies = async |client: &ClientWithMiddleware, url: &str| {
        client.get(url).send().await.unwrap().json::<Value>().await.unwrap()["cookie"].clone()
    };
    let keeping = byway.reqwest_builder().cookie_store(true).build();
    assert_eq!(cookies(&keeping, "https://site.example/login").await, "session=1");
    assert_eq!(cookies(&keeping, "https://site.example/").await, "session=1");
    assert_eq!(cookies(&keeping, "https://other.example/").await, "");
    // Neither the client that did not ask for cookies, nor another that did.
    assert_eq!(cookies(&byway.reqwest(), "https://site.example/login").await, "");
    let another = byway.reqwest_builder().cookie_store(true).build();
    assert_eq!(cookies(&another, "https://site.example/").await, "");
    // An app's own.
    let jar = Arc::new(reqwest::cookie::Jar::default());
    jar.add_cookie_str("mine=2", &"https://site.example/".parse().unwrap());
    let own = byway.reqwest_builder().cookie_provider(jar).build();
    assert_eq!(cookies(&own, "https://site.example/").await, "mine=2");
    // What the client keeps belongs to the identity under which it came; what the app keeps is the app's.
    byway.new_identity();
    assert_eq!(cookies(&keeping, "https://site.example/").await, "");
    assert_eq!(cookies(&own, "https://site.example/").await, "mine=2");
}

#[tokio::test(start_paused = true)]
async fn a_communitys_cookies_stay_with_it() {
    let lab = Lab::new();
    lab.host("vk.com").at(SITE).https().app(|ask: &Ask| mirror(ask).header("set-cookie", "reader=1; Path=/"));
    let keeping = byway(&lab, &["direct:"]).await.reqwest_builder().cookie_store(true).build();
    for (page, expected) in [("club1", ""), ("club2", ""), ("feed", ""), ("wall-1_2", "reader=1")] {
        let answer = keeping.get(format!("https://vk.com/{page}")).send().await.unwrap();
        assert_eq!(answer.json::<Value>().await.unwrap()["cookie"], expected, "{page}");
    }
}

#[tokio::test(start_paused = true)]
async fn each_site_has_its_own_circuit_under_any_label() {
    let lab = Lab::new();
    for (name, address) in [("one.example", "203.0.113.21"), ("two.example", "203.0.113.22")] {
        lab.host(name).at(address).https().page("/", "a page");
    }
    let byway = byway(&lab, &[&lab.tor().url()]).await;
    for client in [byway.reqwest(), byway.reqwest_builder().isolation("app").build()] {
        for host in ["one.example", "two.example"] {
            client.get(format!("https://{host}/")).send().await.unwrap().text().await.unwrap();
        }
    }
    let mut logins: Vec<_> = lab.log().tunnels().into_iter().map(|(_, login)| login.unwrap()).collect();
    logins.sort();
    logins.dedup();
    assert_eq!(logins.len(), 4, "{}", lab.log());
}

#[tokio::test(start_paused = true)]
async fn a_request_with_cookies_uses_one_route_at_a_time() {
    let lab = Lab::new();
    lab.host("site.example").at(SITE).https().page("/", Page::new("slow").after(Duration::from_secs(1)));
    let proxy = proxy(&lab);
    let jar = Arc::new(reqwest::cookie::Jar::default());
    jar.add_cookie_str("a=1", &"https://site.example/".parse().unwrap());
    let ways = ["direct:", &proxy.url()];
    let client = byway(&lab, &ways).await.reqwest_builder().cookie_provider(jar).build();
    client.get("https://site.example/").send().await.unwrap();
    assert!(lab.log().tunnels().is_empty());
    byway(&lab, &ways).await.reqwest().get("https://site.example/").send().await.unwrap();
    assert_eq!(lab.log().tunnels().len(), 1, "without them the silence is hedged");
}

#[tokio::test(start_paused = true)]
async fn redirects_follow_the_engines_rules() {
    let lab = Lab::new();
    lab.host("site.example").at(SITE).https().app(|ask: &Ask| {
        let hops: u32 = ask.path.trim_start_matches('/').parse().unwrap_or(0);
        if hops == 0 { mirror(ask) } else { Page::redirect(&format!("/{}", hops - 1)) }
    });
    lab.host("away.example").at("203.0.113.11").https().page("/", Page::redirect("https://site.example/0"));
    let client = client(&lab).await;
    assert_eq!(client.get("https://site.example/10").send().await.unwrap().url().path(), "/0");
    let error = client.get("https://site.example/11").send().await.unwrap_err();
    let reqwest_middleware::Error::Middleware(inner) = &error else { panic!("{error:?}") };
    assert_eq!(inner.downcast_ref::<GetError>().unwrap().code(), "too_many_redirects");
    let seen = client.get("https://away.example/").bearer_auth("token").send().await.unwrap();
    assert_eq!(seen.json::<Value>().await.unwrap()["authorization"], "");
    let seen = client.post("https://site.example/1").body("form").send().await.unwrap();
    let seen: Value = seen.json().await.unwrap();
    assert_eq!((&seen["method"], &seen["body"]), (&json!("GET"), &json!("")));
}

#[tokio::test(start_paused = true)]
async fn an_unsafe_method_is_sent_once_unless_the_app_allows_more() {
    let lab = Lab::new();
    lab.host("site.example").at(SITE).script(80, Script::new().read_request().reset());
    let proxy = lab.https_proxy("proxy.example").at("198.51.100.7");
    let client = byway(&lab, &["direct:", &proxy.url()]).await.reqwest();
    let attempts = |error: reqwest_middleware::Error| error.reachability().unwrap().attempts.len();
    let url = "http://site.example/";
    assert_eq!(attempts(client.post(url).send().await.unwrap_err()), 1);
    assert_eq!(attempts(client.put(url).send().await.unwrap_err()), 1);
    assert_eq!(attempts(client.put(url).with_extension(Replay::Safe).send().await.unwrap_err()), 2);
    assert_eq!(attempts(client.get(url).send().await.unwrap_err()), 2);
}

#[tokio::test(start_paused = true)]
async fn exposure_only_rises_and_labels_keep_apart() {
    let lab = Lab::new();
    lab.host("site.example").at(SITE).https().page("/", "the page");
    let tor = lab.tor();
    let byway = byway(&lab, &["direct:", &tor.url()]).await;
    let of = |label: &str| byway.reqwest_builder().exposure(Exposure::Tor).isolation(label).build();
    for client in [of("one"), of("two"), of("one")] {
        client.get("https://site.example/").send().await.unwrap().text().await.unwrap();
    }
    let tunnels = lab.log().tunnels();
    assert_eq!(tunnels.len(), 2);
    assert_ne!(tunnels[0].1, tunnels[1].1);
    let lowered = of("one").get("https://site.example/").with_extension(Exposure::Open);
    lowered.send().await.unwrap();
    byway.reqwest().get("https://site.example/").with_extension(Exposure::Tor).send().await.unwrap();
    assert!(lab.packets().connects().iter().all(|(_, to)| to.ip().is_loopback()));
    assert!(lab.packets().lookups().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_timeout_is_for_everything_and_its_absence_for_the_head() {
    let lab = Lab::new();
    let slowly = Page::new(noise(200_000)).slowly(1000, Duration::from_secs(1));
    lab.host("site.example").at(SITE).https().page("/", slowly);
    let client = client(&lab).await;
    let request = client.get("https://site.example/").timeout(Duration::from_secs(30));
    let error = request.send().await.unwrap().bytes().await.unwrap_err();
    assert_eq!(error.reachability().unwrap().attempts[0].outcome.code(), "limit");
    let whole = client.get("https://site.example/").send().await.unwrap().bytes().await.unwrap();
    assert_eq!(whole.len(), 200_000);
    let error = client.get("https://site.example/").timeout(Duration::from_millis(120)).send().await.unwrap_err();
    assert_eq!(error.reachability().unwrap().attempts[0].outcome.code(), "limit");
}

#[tokio::test(start_paused = true)]
async fn dropping_a_request_or_its_body_leaves_nothing_running() {
    let lab = Lab::new();
    let slowly = Page::new(noise(200_000)).slowly(1000, Duration::from_secs(1));
    lab.host("site.example").at(SITE).https().page("/", slowly);
    lab.host("silent.example").at("203.0.113.11").https().page("/", Page::new("").after(Duration::from_secs(60)));
    let proxy = proxy(&lab);
    let open = Arc::new(AtomicUsize::new(0));
    let counting = Arc::new(Counting { net: lab.client(), open: open.clone() });
    let byway = over(&lab, &["direct:", &proxy.url()]).net(counting).build().await.unwrap();
    let client = byway.reqwest();

    let waiting = timeout(Duration::from_secs(2), client.get("https://silent.example/").send());
    assert!(waiting.await.is_err());
    assert_eq!(left(&open).await, 0);

    let response = client.get("https://site.example/").send().await.unwrap();
    let mut pieces = response.bytes_stream();
    pieces.next().await.unwrap().unwrap();
    assert_eq!(left(&open).await, 1);
    drop(pieces);
    assert_eq!(left(&open).await, 0);

    let endless = stream::repeat_with(|| Ok::<_, io::Error>("more ")).then(async |piece| {
        tokio::time::sleep(Duration::from_millis(100)).await;
        piece
    });
    let sending = client.post("https://site.example/").body(reqwest::Body::wrap_stream(endless)).send();
    assert!(timeout(Duration::from_secs(30), sending).await.is_err());
    assert_eq!(left(&open).await, 0);
}

#[tokio::test(start_paused = true)]
async fn nothing_leads_around_byway() {
    let lab = Lab::new();
    let client = client(&lab).await;
    for url in ["http://203.0.113.10/", "http://site.example/", "http://127.0.0.1:9/"] {
        let error = client.as_ref().get(url).send().await.unwrap_err();
        assert!(error.is_connect(), "{error:?}");
        assert!(format!("{error:?}").contains("through Byway only"), "{error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn other_middlewares_stand_before_byway() {
    struct Named;
    #[allow(clippy::type_complexity, reason = "what async-trait makes of the trait's one method")]
    impl Middleware for Named {
        fn handle<'a, 'b, 'c, 'd>(
            &'a self,
            mut request: reqwest::Request,
            extensions: &'b mut http::Extensions,
            next: reqwest_middleware::Next<'c>,
        ) -> Pin<Box<dyn Future<Output = reqwest_middleware::Result<reqwest::Response>> + Send + 'd>>
        where
            'a: 'd,
            'b: 'd,
            'c: 'd,
            Self: 'd,
        {
            request.headers_mut().insert("user-agent", "app/1".parse().unwrap());
            next.run(request, extensions)
        }
    }
    let lab = Lab::new();
    lab.host("site.example").at(SITE).https().app(mirror);
    let builder = byway(&lab, &["direct:"]).await.reqwest_builder();
    let client = byway::ReqwestBuilder::client_builder().with(Named).with(builder.middleware()).build();
    let seen: Value = client.get("https://site.example/").send().await.unwrap().json().await.unwrap();
    assert_eq!(seen["agent"], "app/1");
}

/// The number of open connections, after ended tasks are cleaned up; no time passes.
async fn left(open: &AtomicUsize) -> usize {
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    open.load(Ordering::SeqCst)
}

/// A net that counts open connections.
#[derive(Debug)]
struct Counting {
    net: Arc<dyn Net>,
    open: Arc<AtomicUsize>,
}

impl Net for Counting {
    fn lookup<'a>(&'a self, host: &'a str) -> BoxFuture<'a, io::Result<Vec<IpAddr>>> {
        self.net.lookup(host)
    }

    fn connect(&self, to: SocketAddr) -> BoxFuture<'_, io::Result<BoxStream>> {
        async move {
            let stream = self.net.connect(to).await?;
            self.open.fetch_add(1, Ordering::SeqCst);
            Ok(Box::new(Counted { stream, open: self.open.clone() }) as BoxStream)
        }
        .boxed()
    }

    fn listen(&self, at: SocketAddr) -> BoxFuture<'_, io::Result<Box<dyn Listener>>> {
        self.net.listen(at)
    }

    fn datagram(&self, at: SocketAddr) -> BoxFuture<'_, io::Result<Box<dyn Datagram>>> {
        self.net.datagram(at)
    }
}

struct Counted {
    stream: BoxStream,
    open: Arc<AtomicUsize>,
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::SeqCst);
    }
}

impl AsyncRead for Counted {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_while_the_network_has_a_whitelist() {
    let lab = Lab::new();
    lab.host("site.example").at(SITE).https().page("/", "the page");
    lab.host("printer.lan").at("192.168.1.9").http().page("/", "ink");
    let proxy = proxy(&lab).url();
    let byway = byway(&lab, &["direct:", &proxy]).await;
    let client = byway.reqwest();
    let resolver = lab.system_resolver().address().to_string();
    let whitelist = lab.censor().when_not_address(&["203.0.113.200", "192.168.1.9", &resolver]).swallow();
    let ask = || client.get("https://site.example/").send();
    assert_eq!(ask().await.unwrap_err().reachability().unwrap().verdict.code, VerdictCode::WhitelistOnly);

    let (before, asked) = (lab.packets().len(), tokio::time::Instant::now());
    let error = ask().await.unwrap_err();
    assert_eq!(error.reachability().unwrap().verdict.code, VerdictCode::WhitelistOnly);
    assert_eq!((lab.packets().len(), asked.elapsed()), (before, Duration::ZERO), "{}", lab.log());
    let printed = client.get("http://192.168.1.9/").send().await.unwrap();
    assert_eq!(printed.text().await.unwrap(), "ink", "the user's own network is another matter");

    whitelist.lift();
    tokio::time::advance(Duration::from_secs(61)).await;
    assert_eq!(ask().await.unwrap().text().await.unwrap(), "the page", "the pause ends by itself");
}

#[tokio::test(start_paused = true)]
async fn the_longest_timeout_of_a_request_does_not_overflow() {
    let lab = Lab::new();
    lab.host("site.example").at(SITE).https().page("/", "hello");
    let response = client(&lab).await.get("https://site.example/").timeout(Duration::MAX).send().await.unwrap();
    assert_eq!(response.text().await.unwrap(), "hello");
}

#[tokio::test(start_paused = true)]
async fn cookies_sent_in_cleartext_are_said_to_be_readable() {
    let lab = Lab::new();
    let _ = lab.host("a.example").at(SITE).http().redirect("/", "https://b.example/");
    let _ = lab.host("b.example").at("203.0.113.11").https().page("/", "the page");
    let client = client(&lab).await;
    for (cookie, says) in
        [(None, ", and the answer"), (Some("sid=1"), ", the answer, and the cookies or login sent with it")]
    {
        let mut request = client.get("http://a.example/");
        if let Some(cookie) = cookie {
            request = request.header("cookie", cookie);
        }
        let response = request.send().await.unwrap();
        let told = response.reachability().unwrap().sentence(Language::En);
        assert!(
            told.contains(&format!("your provider could read the whole address asked for on a.example{says}")),
            "{told}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn floors_and_fragments_bind_requests_in_any_spelling() {
    let lab = Lab::new();
    lab.host("site.example").at(SITE).https().http().page("/", "the page").page("/b", "another");
    let tor = lab.tor();
    let byway = byway(&lab, &["direct:", &tor.url()]).await;
    let link = "https://www.site.example/a#exposure=tor".parse().unwrap();
    byway.raise_exposure(&link).await.unwrap();
    let client = byway.reqwest();
    for url in ["https://site.example/b?x=1#", "http://SITE.example./b", "https://other.example/#a&exposure=tor"] {
        let _ = client.get(url).header("host", "free.example").send().await;
        assert!(lab.packets().lookups().is_empty(), "{url}: {}", lab.packets());
        assert!(lab.packets().connects().iter().all(|(_, to)| to.to_string() == "127.0.0.1:9050"), "{url}");
    }
    let before = lab.packets().len();
    for url in ["https://site.example/#exposure=onion", "https://other.example/#exposure="] {
        let error = client.get(url).send().await.unwrap_err();
        let reqwest_middleware::Error::Middleware(error) = error else { panic!("{error}") };
        assert!(
            matches!(error.downcast_ref::<GetError>().map(|error| &error.fault), Some(GetFault::Exposure(_))),
            "{url}: {error}"
        );
    }
    assert_eq!(lab.packets().len(), before);
}

#[tokio::test(start_paused = true)]
async fn requests_avoid_direct_where_a_community_advises_it() {
    let lab = Lab::new();
    let _ = lab.vk().token("token").community("works_council").id(77).field("status", "Читайте нас только через Tor");
    let tor = lab.tor();
    let byway = over(&lab, &["direct:", &tor.url()]).vk_token(VkToken::service("token")).build().await.unwrap();
    byway.open("vk.com/works_council").await.unwrap();
    let direct = |lab: &Lab| lab.packets().lookups().contains(&"vk.com".to_owned());
    byway.reqwest().get("https://vk.com/wall-77_1").send().await.unwrap();
    assert!(!direct(&lab));
    let how = GetOptions { allow_direct: true, ..GetOptions::default() };
    byway.network_changed();
    byway.set_network(Network::new("second", NetworkKind::Wifi));
    byway.reqwest().get("https://vk.com/wall-77_1").with_extension(how).send().await.unwrap();
    assert!(direct(&lab), "{}", lab.packets());
    let client = byway.reqwest_builder().allow_direct(true).build();
    byway.set_network(Network::new("third", NetworkKind::Wifi));
    let before = lab.packets().lookups().len();
    client.get("https://vk.com/wall-77_1").send().await.unwrap();
    assert!(lab.packets().lookups().len() > before, "{}", lab.packets());
}
