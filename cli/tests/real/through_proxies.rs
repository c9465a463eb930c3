//! A site that is cut by its name, read through real proxies.

use crate::Censored;
use crate::daemon::free_port;
use crate::proxies::{PASSWORD, USER, dante, microsocks, squid, tinyproxy};

#[test]
fn microsocks_carries_what_is_cut_directly() {
    let mut site = Censored::start();
    let proxy = microsocks(&site.origin.hosts());
    site.is_read_through(&proxy.open("socks5"), &proxy.open("socks5"));
}

#[test]
fn dante_with_a_password_carries_what_is_cut_directly() {
    let mut site = Censored::start();
    let proxy = dante(&site.origin.hosts());
    site.is_read_through(&proxy.with_login("socks5", USER, PASSWORD), &proxy.with_hidden_login("socks5"));
}

#[test]
fn a_wrong_or_missing_password_at_dante_is_the_proxys_failure() {
    let site = Censored::start();
    let proxy = dante(&site.origin.hosts());
    site.is_not_reached_because_of(&proxy.with_login("socks5", USER, "wrong"));
    site.is_not_reached_because_of(&proxy.open("socks5"));
}

#[test]
fn tinyproxy_carries_what_is_cut_directly() {
    let mut site = Censored::start();
    let proxy = tinyproxy(&site.origin.hosts(), false);
    site.is_read_through(&proxy.open("http"), &proxy.open("http"));
}

#[test]
fn tinyproxy_reaches_a_cut_site_with_its_login_only() {
    let mut site = Censored::start();
    let proxy = tinyproxy(&site.origin.hosts(), true);
    site.is_not_reached_because_of(&proxy.open("http"));
    site.is_read_through(&proxy.with_login("http", USER, PASSWORD), &proxy.with_hidden_login("http"));
}

#[test]
fn squid_reaches_a_cut_site_with_its_login_and_else_answers_407() {
    let mut site = Censored::start();
    let proxy = squid(&site.origin.hosts());
    site.is_not_reached_because_of(&proxy.open("http"));
    site.is_not_reached_because_of(&proxy.with_login("http", USER, "wrong"));
    site.is_read_through(&proxy.with_login("http", USER, PASSWORD), &proxy.with_hidden_login("http"));
}

#[test]
fn a_proxy_that_is_not_there_is_the_proxys_failure() {
    let site = Censored::start();
    site.is_not_reached_because_of(&format!("socks5://127.0.0.1:{}", free_port()));
}

#[test]
fn a_dead_proxy_does_not_keep_a_living_one_from_carrying() {
    let site = Censored::start();
    let proxy = microsocks(&site.origin.hosts());
    let dead = format!("http://127.0.0.1:{}", free_port());
    let run = site.probe(&["direct:", &dead, &proxy.open("socks5")]);
    assert_eq!((run.code, &run.json()["reached_by"]), (3, &proxy.open("socks5").into()), "{run}");
}

#[test]
fn exposure_proxied_sends_nothing_directly() {
    let site = Censored::start();
    let proxy = microsocks(&site.origin.hosts());
    let arguments = ["get", &site.origin.url(), "--exposure", "proxied"];
    let run = crate::byway(&site.origin, &["direct:", &proxy.open("socks5")], &arguments);
    assert_eq!((run.code, run.stdout.as_str()), (3, crate::PAGE), "{run}");
    assert_eq!(site.censor.seen(), 0);
}

#[test]
fn exposure_tor_without_tor_sends_nothing_at_all() {
    let site = Censored::start();
    let proxy = microsocks(&site.origin.hosts());
    for command in ["probe", "get"] {
        let arguments = [command, &site.origin.url(), "--exposure", "tor", "--json"];
        let run = crate::byway(&site.origin, &["direct:", &proxy.open("socks5")], &arguments);
        assert!(matches!(run.code, 2 | 4), "{run}");
        site.nobody_was_asked();
    }
}
