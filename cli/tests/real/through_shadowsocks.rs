//! A site that is cut by its name, read through real Shadowsocks servers: Debian's shadowsocks-libev for the methods
//! that it has, and shadowsocks-rust for all.

use std::fs;
use std::path::Path;

use crate::daemon::{Daemon, demand, demand_tool, folder, free_port, listens};
use crate::origin::LARGE;
use crate::{Censored, byway};

/// Methods of SIP004, and a password for them in a URL's form and in plain form.
const AEAD: [&str; 3] = ["aes-128-gcm", "aes-256-gcm", "chacha20-ietf-poly1305"];
const PASSWORD: &str = "correct horse/@:";
const IN_URL: &str = "correct%20horse%2F%40%3A";

/// Methods of SIP022 with a key, in a URL's form and in plain form.
const KEYED: [(&str, &str); 3] = [
    ("2022-blake3-aes-128-gcm", "AQEBAQEBAQEBAQEBAQEBAQ=="),
    ("2022-blake3-aes-256-gcm", "YctPZ6U7xPPcU+gp3u+0tx/tRizJN9K8y+uKlW2qjlI="),
    ("2022-blake3-chacha20-poly1305", "YctPZ6U7xPPcU+gp3u+0tx/tRizJN9K8y+uKlW2qjlI="),
];

/// A Shadowsocks server on loopback.
struct Server {
    _daemon: Daemon,
    port: u16,
}

impl Server {
    fn ready(mut daemon: Daemon, port: u16) -> Self {
        daemon.wait_until("it listened", |_| listens(port));
        Self { _daemon: daemon, port }
    }

    /// Debian's server.
    fn libev(hosts: &Path, method: &str, password: &str) -> Self {
        let program = demand("ss-server", "shadowsocks-libev");
        let (folder, port) = (folder(), free_port());
        let settings = serde_json::json!({
            "server": "127.0.0.1", "server_port": port, "method": method, "password": password, "mode": "tcp_only",
        });
        fs::write(folder.path().join("server.json"), settings.to_string()).unwrap();
        let over = [(hosts, "/etc/hosts")];
        Self::ready(Daemon::start("ss-server", &program, &["-c", "server.json"], folder, &over), port)
    }

    /// The crate's own server.
    fn rust(hosts: &Path, settings: serde_json::Value) -> Self {
        let program = demand_tool("bin/ssserver");
        let (folder, port) = (folder(), free_port());
        let mut settings = settings;
        settings["server"] = "127.0.0.1".into();
        settings["server_port"] = port.into();
        let settings = serde_json::json!({ "servers": [settings] });
        fs::write(folder.path().join("server.json"), settings.to_string()).unwrap();
        let over = [(hosts, "/etc/hosts")];
        Self::ready(Daemon::start("ssserver", &program, &["-c", "server.json"], folder, &over), port)
    }

    /// As a strategy URL.
    fn way(&self, method: &str, password: &str) -> String {
        format!("ss://{method}:{password}@127.0.0.1:{}", self.port)
    }

    /// The form in which `byway` shows it.
    fn shown(&self) -> String {
        format!("ss://***@127.0.0.1:{}", self.port)
    }
}

/// The form in a URL.
fn in_url(key: &str) -> String {
    key.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D").replace(':', "%3A")
}

/// A megabyte arrives complete.
fn brings_a_large_file(site: &Censored, way: &str) {
    let run = byway(&site.origin, &[way], &["get", &format!("{}/large", site.origin.url())]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert_eq!(run.stdout.len(), LARGE);
    assert!(run.stdout.bytes().all(|byte| byte == b'x'));
}

#[test]
fn shadowsocks_libev_reaches_a_cut_site_by_each_method() {
    for method in AEAD {
        let mut site = Censored::start();
        let server = Server::libev(&site.origin.hosts(), method, PASSWORD);
        let way = server.way(method, IN_URL);
        site.is_read_through(&way, &server.shown());
        brings_a_large_file(&site, &way);
    }
}

#[test]
fn shadowsocks_rust_carries_what_is_cut_directly_by_each_method() {
    let aead = AEAD.map(|method| (method, PASSWORD));
    for (method, password) in aead.into_iter().chain(KEYED) {
        let mut site = Censored::start();
        let settings = serde_json::json!({ "method": method, "password": password });
        let server = Server::rust(&site.origin.hosts(), settings);
        let way = server.way(method, &if password == PASSWORD { IN_URL.to_owned() } else { in_url(password) });
        site.is_read_through(&way, &server.shown());
        brings_a_large_file(&site, &way);
    }
}

#[test]
fn a_shadowsocks_server_of_many_users_lets_in_by_both_keys() {
    let (method, ours) = KEYED[0];
    let theirs = "AgICAgICAgICAgICAgICAg==";
    let mut site = Censored::start();
    let users = serde_json::json!([{ "name": "reader", "password": theirs }]);
    let settings = serde_json::json!({ "method": method, "password": ours, "users": users });
    let server = Server::rust(&site.origin.hosts(), settings);
    site.is_read_through(&server.way(method, &in_url(&format!("{ours}:{theirs}"))), &server.shown());
}

#[test]
fn a_wrong_shadowsocks_password_is_the_servers_failure() {
    let site = Censored::start();
    let libev = Server::libev(&site.origin.hosts(), "aes-256-gcm", PASSWORD);
    site.is_not_reached_because_of(&libev.way("aes-256-gcm", "wrong"));
    let (method, key) = KEYED[1];
    let rust = Server::rust(&site.origin.hosts(), serde_json::json!({ "method": method, "password": key }));
    site.is_not_reached_because_of(&rust.way(method, &in_url("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")));
}
