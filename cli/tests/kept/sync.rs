//! `sync` reads what is new, within its limits.

use super::*;

/// A feed with these posts, each a day after the one before.
fn feed(posts: std::ops::RangeInclusive<u32>) -> Answer {
    let item = |n| {
        format!("<item><title>Post {n}</title><guid>{n}</guid><pubDate>{n:02} Nov 2016 12:00:00 +0000</pubDate></item>")
    };
    let items: String = posts.map(item).collect();
    Answer::page(format!(r#"<rss version="2.0"><channel><title>Zavod</title>{items}</channel></rss>"#))
}

/// A device with a community of VK and a feed, and the feed's server. The feed gains posts as soon as it is told to.
fn device_with_two() -> (Device, HttpServer, Arc<AtomicBool>) {
    let (device, grown) = (Device::new(), Arc::new(AtomicBool::new(false)));
    device.read();
    let has_grown = grown.clone();
    let site = HttpServer::start(
        move |_: &ReceivedRequest| if has_grown.load(Ordering::SeqCst) { feed(4..=8) } else { feed(1..=1) },
    );
    let output = device.byway(&["open", &format!("http://{}/feed", site.address)]);
    assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
    (device, site, grown)
}

#[test]
fn a_sync_says_what_is_new_and_what_was_not_read() {
    let (device, _site, grown) = device_with_two();
    grown.store(true, Ordering::SeqCst);
    let nowhere = format!("http://{}", nobody());
    let output = device.byway(&["sync", "--vk-api", &nowhere]);
    let text = stdout(&output);
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(4), ""), "{text}");
    let gap = "were not read and may";
    for part in ["Zavod", "new posts: 5", "Post 8", "Post 6", "… 2 more", gap, "read directly", NAME, "Not read."] {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
    for part in ["connection refused", "communities read: 1 of 2", "Times: UTC"] {
        assert!(text.contains(part), "{part} is not in:\n{text}");
    }
    assert!(!text.contains("Post 5") && !text.contains(POST), "three posts, and none that was known:\n{text}");

    let output = device.byway(&["sync", "--vk-api", &nowhere, "--lang", "ru"]);
    for part in ["ничего нового", "прочитано напрямую", "Не прочитано.", "прочитано сообществ: 1 из 2"]
    {
        assert!(stdout(&output).contains(part), "{part} is not in:\n{}", stdout(&output));
    }
    assert!(stdout(&device.byway(&["search", "Post 5"])).contains("Post 5"), "all new posts are kept");
}

#[test]
fn a_sync_names_a_successor_that_is_new() {
    let (device, moved) = (Device::new(), Arc::new(AtomicBool::new(false)));
    let has_moved = moved.clone();
    let site = HttpServer::start(move |_: &ReceivedRequest| {
        let told = if has_moved.load(Ordering::SeqCst) { "We moved to https://t.me/zavod_new" } else { "News" };
        let channel = format!("<title>Zavod</title><description>{told}</description>");
        let item = "<item><title>Post</title><guid>1</guid></item>";
        Answer::page(format!(r#"<rss version="2.0"><channel>{channel}{item}</channel></rss>"#))
    });
    let opened = device.byway(&["open", &format!("http://{}/feed", site.address)]);
    assert!(opened.status.success(), "{}", stderr(&opened));
    moved.store(true, Ordering::SeqCst);
    for (language, told) in [("en", "it names a successor: https://t.me/zavod_new"), ("ru", "ничего нового")]
    {
        let text = stdout(&device.byway(&["sync", "--lang", language]));
        assert!(text.split_whitespace().collect::<Vec<_>>().join(" ").contains(told), "{text}");
    }
}

#[test]
fn a_sync_as_json_is_one_document_in_its_stated_shape() {
    let (device, _site, grown) = device_with_two();
    grown.store(true, Ordering::SeqCst);
    let output = device.byway(&["sync", "--json", "--lang", "ru", "--vk-api", &format!("http://{}", nobody())]);
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(4), ""));
    let value = document(&output);
    assert!(value["bytes"].as_u64() > Some(0) && value["took_ms"].is_u64(), "{value}");
    let communities = value["communities"].as_array().unwrap();
    let of = |outcome: &str| communities.iter().find(|one| one["outcome"] == outcome).unwrap();
    let (done, failed) = (of("done"), of("failed"));
    assert_eq!(done["changes"]["posts"]["added"].as_array().unwrap().len(), 5, "{done}");
    assert_eq!(done["reachability"]["verdict"]["code"], "reachable");
    let note = done["notes"].as_array().unwrap().iter().find(|note| note["code"] == "posts_gap").unwrap();
    assert!(note["sentence"].as_str().unwrap().starts_with("Записи между"), "{note}");
    assert_eq!((&failed["id"], &failed["error"]["code"]), (&"vk:-1234".into(), &"unreached".into()));
    assert_eq!(failed["reachability"]["attempts"][0]["outcome"], "refused");
}

#[test]
fn a_sync_of_what_can_be_read_is_0_or_3_by_another_route() {
    let device = Device::new();
    let server = device.read();
    let output = device.byway(&["sync", "--vk-api", &format!("http://{}", server.address)]);
    assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
    assert!(stdout(&output).contains("communities read: 1 of 1"), "{}", stdout(&output));

    let (device, site) = (Device::new(), HttpServer::start(|_: &ReceivedRequest| feed(1..=2)));
    let proxy = socks5("me", "hunter2", site.address);
    let way = format!("socks5://me:hunter2@{proxy}");
    for command in [&["open", "http://zavod.example/feed"][..], &["sync"]] {
        let output = device.byway(&[command, &["--exposure", "proxied", "-s", &way]].concat());
        assert_eq!(output.status.code(), Some(3), "{command:?}: {}{}", stdout(&output), stderr(&output));
        assert!(!stdout(&output).contains("hunter2"), "{}", stdout(&output));
    }
}

#[test]
fn a_sync_of_one_community_asks_for_no_other() {
    let (device, site, grown) = device_with_two();
    grown.store(true, Ordering::SeqCst);
    let link = format!("http://{}/feed", site.address);
    // VK, which would not answer, is not asked.
    let nowhere = format!("http://{}", nobody());
    let output = device.byway(&["sync", &link, "--vk-api", &nowhere]);
    let text = stdout(&output);
    assert_eq!((output.status.code(), stderr(&output).as_str()), (Some(0), ""), "{text}");
    assert!(text.contains("new posts: 5") && text.contains("communities read: 1 of 1"), "{text}");

    let output = device.byway(&["sync", "vk:-1234", "--vk-api", &nowhere, "--json"]);
    let value = document(&output);
    assert_eq!((output.status.code(), value["communities"].as_array().unwrap().len()), (Some(4), 1), "{value}");
    assert_eq!(value["communities"][0]["id"], "vk:-1234");

    let output = device.byway(&["sync", &format!("{link}#exposure=tor")]);
    assert_eq!(output.status.code(), Some(4), "no strategy is left: {}", stdout(&output));
    assert!(!stdout(&output).contains("read directly"), "{}", stdout(&output));

    let output = device.byway(&["sync", "vk.com/somebody_else"]);
    assert_eq!(output.status.code(), Some(4));
    assert!(stderr(&output).contains("nothing on this device about vk.com/somebody_else"), "{}", stderr(&output));
}

#[test]
fn a_sync_stops_at_its_limits_and_says_what_it_left() {
    let device = Device::new();
    let server = device.read();
    let base = format!("http://{}", server.address);
    let output = device.byway(&["sync", "--vk-api", &base, "--bytes", "1", "--json"]);
    assert_eq!(output.status.code(), Some(4), "{}{}", stdout(&output), stderr(&output));
    assert_eq!(document(&output)["communities"][0]["outcome"], "left", "{}", stdout(&output));
    let output = device.byway(&["sync", "--vk-api", &base, "--bytes", "1"]);
    assert!(stdout(&output).contains("The next sync begins with it."), "{}", stdout(&output));
    assert_eq!(device.byway(&["sync", "--vk-api", &base, "--bytes", "1M"]).status.code(), Some(0));
}

/// A pause counts only if the site proved its name, so this one has TLS.
#[tokio::test(flavor = "multi_thread")]
async fn a_sync_asks_no_site_that_wants_a_pause() {
    let (device, lab, asked) = (Device::new(), Lab::new(), Arc::new(AtomicUsize::new(0)));
    let seen = asked.clone();
    lab.host("zavod.example").at("203.0.113.10").https().app(move |_: &Ask| {
        seen.fetch_add(1, Ordering::SeqCst);
        let page = Page::new(String::from_utf8(feed(1..=1).body).unwrap());
        page.header("content-type", "application/rss+xml").header("cache-control", "max-age=3600")
    });
    let ca = device.text("ca.pem");
    let served = lab.serve(&Options { ca_file: ca.clone().into(), ..Options::default() }).await.unwrap();
    let at = served.seen("203.0.113.10".parse().unwrap(), 443).unwrap();
    let link = format!("https://zavod.example:{}/feed", at.port());
    let flags = ["--ca", &ca, "--resolve", &format!("zavod.example:{}:{}", at.port(), at.ip())];
    let output = device.byway(&[&["open", &link], &flags[..]].concat());
    assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
    let before = asked.load(Ordering::SeqCst);
    let output = device.byway(&[&["sync"], &flags[..]].concat());
    assert_eq!(output.status.code(), Some(0), "{}{}", stdout(&output), stderr(&output));
    assert!(stdout(&output).contains("Nothing was sent: the site asks"), "{}", stdout(&output));
    assert_eq!(asked.load(Ordering::SeqCst), before, "no request");
}

#[test]
fn a_sync_makes_no_store_and_allows_nothing_for_all() {
    let device = Device::new();
    assert!(refused(&device.byway(&["sync"])).contains("no store here"));
    assert!(!device.path("data").exists() && !device.path("key").exists());

    assert_eq!(device.byway(&["open", "vk.com/never_read", "--offline"]).status.code(), Some(4));
    let output = device.byway(&["sync"]);
    assert_eq!((output.status.code(), stdout(&output).as_str()), (Some(0), "Nothing is kept here yet.\n"));
    assert_eq!(document(&device.byway(&["sync", "--json"]))["communities"], Value::Array(vec![]));
    assert!(refused(&device.byway(&["sync", "--allow-direct"])).contains("byway open LINK --allow-direct"));
}
