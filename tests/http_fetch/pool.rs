//! Connections that are reused, and the rate of requests.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use byway::internals::fetch::RateLimit;
use byway::internals::reach::Replay;
use byway::internals::transport::Isolation;
use tokio::time::advance;

use crate::net::{World, body, get, ok, redirect};

fn site() -> World {
    World::new().name("site.example", &["192.0.2.1"]).site("192.0.2.1:80", ok)
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_used_again() {
    let world = site().up();
    let client = world.client(&["direct:"]);
    assert_eq!(body(&client.fetch(get("http://site.example/a")).await), "/a");
    let second = client.fetch(get("http://site.example/b")).await;
    assert_eq!(body(&second), "/b");
    assert!(second.attempts[0].reused);
    assert_eq!(second.attempts[0].address, Some("192.0.2.1".parse().unwrap()));
    assert_eq!(world.connects().len(), 1);
    assert_eq!(world.lookups().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_not_shared_between_communities() {
    let world = site().up();
    let client = world.client(&["direct:"]);
    for label in ["one", "two", "one", "two"] {
        let mut request = get("http://site.example/");
        request.isolation = Isolation::of(label);
        client.fetch(request).await;
    }
    assert_eq!(world.connects().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_not_shared_between_strategies() {
    let world = site().name("proxy.example", &["192.0.2.9"]).server("192.0.2.9:3128", |peer| peer.tunnel()).up();
    let strategies = ["direct:", "http://proxy.example:3128"];
    let client = world.client(&strategies);
    for strategy in strategies {
        let strategy: byway::Strategy = strategy.parse().unwrap();
        let fetched = client.fetch_over(std::slice::from_ref(&strategy), get("http://site.example/")).await;
        assert!(!fetched.attempts[0].reused);
        assert_eq!(fetched.result.unwrap().strategy, strategy);
    }
    assert_eq!(world.connects(), ["192.0.2.1:80", "192.0.2.9:3128"]);
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_is_closed_in_time_and_on_demand() {
    let world = site().up();
    let client = world.client(&["direct:"]);
    client.fetch(get("http://site.example/")).await;
    advance(Duration::from_secs(60)).await;
    client.fetch(get("http://site.example/")).await;
    assert_eq!(world.connects().len(), 2);
    client.forget_connections();
    client.fetch(get("http://site.example/")).await;
    assert_eq!(world.connects().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_died_idle_is_replaced_silently() {
    // Each connection answers once, and then closes or falls silent.
    for closes in [true, false] {
        let world = World::new()
            .name("site.example", &["192.0.2.1"])
            .server("192.0.2.1:80", move |mut peer| async move {
                peer.head().await;
                peer.say(ok("once")).await;
                if closes {
                    peer.head().await;
                } else {
                    peer.silence().await;
                }
            })
            .up();
        let client = world.client(&["direct:"]);
        client.fetch(get("http://site.example/")).await;
        let second = client.fetch(get("http://site.example/")).await;
        assert_eq!(body(&second), "once");
        assert_eq!(second.attempts.len(), 1);
        assert!(second.attempts[0].reused);
        assert_eq!(world.connects().len(), 2);
        assert_eq!(world.elapsed(), Duration::from_secs(if closes { 0 } else { 3 }));
    }
}

#[tokio::test(start_paused = true)]
async fn what_may_be_sent_once_gets_a_connection_of_its_own() {
    let world = site().up();
    let client = world.client(&["direct:"]);
    for _ in 0..2 {
        let mut request = get("http://site.example/");
        request.replay = Replay::Once;
        client.fetch(request).await;
    }
    assert_eq!(world.connects().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_the_server_closes_is_not_kept() {
    let world = World::new()
        .name("site.example", &["192.0.2.1"])
        .site("192.0.2.1:80", |_| "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nhi".into())
        .up();
    let client = world.client(&["direct:"]);
    for _ in 0..2 {
        let fetched = client.fetch(get("http://site.example/")).await;
        assert!(!fetched.attempts[0].reused);
    }
}

#[tokio::test(start_paused = true)]
async fn each_request_waits_for_the_rate_limit_and_blames_no_route() {
    let world = World::new()
        .name("site.example", &["192.0.2.1"])
        .site("192.0.2.1:80", |path| match path {
            "/4" => ok("there"),
            path => redirect(302, &format!("/{}", path[1..].parse::<u32>().unwrap() + 1)),
        })
        .up();
    let mut request = get("http://site.example/0");
    request.pace = Some(Arc::new(RateLimit::per_second(NonZeroU32::new(2).unwrap())));
    let fetched = world.client(&["direct:"]).fetch(request).await;
    assert_eq!(body(&fetched), "there");
    assert_eq!(world.times(), [0, 0, 1000, 1000, 2000]);
    assert!(fetched.attempts.iter().all(|attempt| attempt.took == Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn requests_look_like_a_browsers_and_name_no_client() {
    let world = site().up();
    world.client(&["direct:"]).fetch(get("http://site.example/")).await;
    let head = &world.heads("192.0.2.1:80")[0];
    let names: Vec<_> = head.lines().skip(1).filter_map(|line| line.split_once(':')).map(|(name, _)| name).collect();
    assert_eq!(names, ["user-agent", "accept", "accept-encoding", "host"]);
    assert!(!head.contains("byway"));
}
