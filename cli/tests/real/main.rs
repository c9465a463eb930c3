//! The program `byway` against real parts: nginx with TLS as the origin, microsocks, dante, tinyproxy, squid,
//! Shadowsocks servers, a private Tor network, WordPress, Hugo and Pelican, which write feeds, and three libraries of
//! calendars. The tests start and stop them; they need root and what `cargo xtask install` installs.
//!
//! The direct path is censored: `--resolve` tells `byway` that the origin's name has the address of a censor. The
//! daemons resolve the same name to the true origin, each by its own `/etc/hosts` (Tor's exits by the lab's resolver).
//! So a name that travels through a proxy unresolved arrives, and one that is resolved on this side does not.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]
#![allow(clippy::print_stderr, reason = "a test tells what its daemons said")]

mod calendars;
mod capture;
mod censor;
mod daemon;
mod demo;
mod ech;
mod embedded_tor;
mod feeds;
mod format;
mod links;
mod meek;
mod mirrors;
mod origin;
mod pictures;
mod process;
mod program;
mod proxies;
mod published;
mod shaped;
mod sites;
mod snowflake;
mod through_proxies;
mod through_shadowsocks;
mod through_tor;
mod tor;
mod tor_at_rest;
mod tornet;
mod uploads;
mod watched;

use censor::Censor;
use origin::{COMMUNITY, NAME, Origin, PAGE, SITE};
use program::{Run, api, byway};

/// An origin whose direct path is cut by name.
struct Censored {
    origin: Origin,
    censor: Censor,
}

impl Censored {
    fn start() -> Self {
        let origin = Origin::start();
        let censor = Censor::start(origin.port);
        Self { origin, censor }
    }

    fn probe(&self, strategies: &[&str]) -> Run {
        byway(&self.origin, strategies, &["probe", &self.origin.url(), "--json"])
    }

    /// Probe, get and open find the route around the censor with `strategy`; `shown` is its form for people.
    fn is_read_through(&mut self, strategy: &str, shown: &str) {
        self.is_read_through_with(strategy, shown, &[]);
    }

    /// The same, with these options.
    fn is_read_through_with(&mut self, strategy: &str, shown: &str, options: &[&str]) {
        let strategies = ["direct:", strategy];

        let url = self.origin.url();
        // By Tor, on a busy machine, a first one may not be the last.
        let asked = |arguments: &[&str]| {
            let run = || byway(&self.origin, &strategies, &[arguments, options].concat());
            if strategy.starts_with("tor") { tor::read_by(run) } else { run() }
        };
        let run = asked(&["probe", &url, "--json"]);
        assert_eq!(run.code, 3, "{run}");
        let told = run.json();
        assert_eq!(told["verdict"]["code"], "tls_interfered", "{run}");
        assert_eq!(told["verdict"]["layer"], "tls", "{run}");
        assert_eq!(told["reached_by"], shown, "{run}");
        let attempts = told["attempts"].as_array().unwrap();
        let direct = attempts.iter().find(|attempt| attempt["strategy"] == "direct:").unwrap();
        assert_eq!(
            (&direct["stage"], &direct["address"]),
            (&"tls".into(), &censor::ADDRESS.to_string().into()),
            "{run}"
        );

        let run = asked(&["get", &url]);
        assert_eq!((run.code, run.stdout.as_str()), (3, PAGE), "{run}");

        let token = self.origin.file("token", "a-token-of-nobody\n");
        let api = api(&self.origin, &token);
        let mut arguments = vec!["open", "vk.com/otkrytye", "--json"];
        arguments.extend(api.iter().map(String::as_str));
        let run = asked(&arguments);
        assert_eq!(run.code, 3, "{run}");
        let told = run.json();
        assert_eq!(told["community"]["name"], COMMUNITY, "{run}");
        assert_eq!(told["posts"].as_array().unwrap().len(), 2, "{run}");
        assert_eq!(told["source"], "network", "{run}");
        assert_eq!(told["reachability"]["reached_by"], shown, "{run}");

        assert!(self.censor.seen() > 0, "the direct path was never tried");
        self.origin.wait_for_request("\"Bearer a-token-of-nobody\"");
        let requests = self.origin.requests();
        let mut named = requests.lines().filter(|line| line.starts_with("https "));
        assert!(named.all(|line| line.contains(NAME) || line.contains(SITE)), "{requests}");
    }

    /// With this one route, whose proxy is at fault, nothing is reached, and only the proxy is blamed.
    fn is_not_reached_because_of(&self, strategy: &str) {
        let run = self.probe(&[strategy]);
        assert_eq!(run.code, 4, "{run}");
        let told = run.json();
        assert_eq!(told["verdict"]["code"], "route_failed", "{run}");
        assert_eq!(told["reached_by"], serde_json::Value::Null, "{run}");
        assert!(!run.stdout.contains(proxies::PASSWORD) && !run.stderr.contains(proxies::PASSWORD), "{run}");
        self.nobody_was_asked();
    }

    /// No packet went to the censor or to the origin.
    fn nobody_was_asked(&self) {
        assert_eq!(self.censor.seen(), 0, "the direct path was tried");
        assert_eq!(self.origin.requests(), "", "the origin was asked");
    }
}
