//! The program against the lab on real sockets: a page read with names that a resolver over UDP, TLS or HTTPS gave.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use std::net::SocketAddr;
use std::process::Stdio;

use byway_lab::{Lab, Options, Served};
use tokio::process::Command;

const NAME: &str = "news.example";
const PAGE: &str = "We meet on Friday.";

/// A site, and a resolver that answers over all protocols.
struct World {
    lab: Lab,
    served: Served,
    folder: tempfile::TempDir,
}

struct Run {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl World {
    async fn new(make: impl Fn(&Lab)) -> Self {
        let lab = Lab::new();
        lab.host(NAME).at("203.0.113.10").https().page("/", PAGE);
        lab.resolver("198.51.100.53").named("dns.example").tls().https();
        make(&lab);
        let folder = tempfile::tempdir().unwrap();
        let served = lab.serve(&Options { ca_file: folder.path().join("ca.pem"), ..Options::default() }).await.unwrap();
        Self { lab, served, folder }
    }

    fn at(&self, address: &str, port: u16) -> SocketAddr {
        self.served.seen(address.parse().unwrap(), port).unwrap()
    }

    /// The resolver as a strategy, over `kind`, from the document that the lab prints.
    fn strategy(&self, kind: &str) -> String {
        let resolvers = self.served.document["resolvers"].as_array().unwrap();
        let strategies = resolvers.iter().map(|resolver| resolver["strategy"].as_str().unwrap());
        let mut ours = strategies.filter(|strategy| strategy.contains(&format!("dns={kind}://")));
        // The first over UDP is the provider's.
        ours.next_back().unwrap_or_else(|| panic!("no resolver over {kind}: {}", self.served.document)).to_owned()
    }

    async fn get(&self, strategy: &str, more: &[&str]) -> Run {
        let mut command = Command::new(env!("CARGO_BIN_EXE_byway"));
        let port = self.at("203.0.113.10", 443).port();
        command.arg("get").arg(format!("https://{NAME}:{port}/")).args(["--strategy", strategy]).args(more);
        command.arg("--ca").arg(self.folder.path().join("ca.pem"));
        let output = command.stdin(Stdio::null()).kill_on_drop(true).output().await.unwrap();
        Run {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_is_read_by_the_names_of_a_resolver_of_each_kind() {
    let world = World::new(|_| {}).await;
    for kind in ["udp", "tls", "https"] {
        let strategy = world.strategy(kind);
        let run = world.get(&strategy, &[]).await;
        assert_eq!((run.code, run.stdout.as_str()), (Some(0), PAGE), "{strategy}\n{}\n{}", run.stderr, world.lab.log());
    }
    let asked = world.lab.log().asked();
    for kind in ["tls", "https"] {
        assert!(asked.iter().any(|(name, _, over)| name == NAME && *over == kind), "{kind}: {asked:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resolver_s_own_name_is_found_by_resolve() {
    let world = World::new(|_| {}).await;
    let at = world.at("198.51.100.53", 443);
    let strategy = format!("direct:?dns=https://dns.example:{}/dns-query", at.port());
    let given = format!("dns.example:{}:{}", at.port(), at.ip());
    let run = world.get(&strategy, &["--resolve", &given]).await;
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), PAGE), "{}\n{}", run.stderr, world.lab.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resolver_that_proves_another_name_is_not_believed() {
    let world = World::new(|_| {}).await;
    let strategy = world.strategy("https").replace("dns.example@", "other.example@");
    let run = world.get(&strategy, &[]).await;
    assert_eq!((run.code, run.stdout.as_str()), (Some(4), ""), "{}\n{}", run.stderr, world.lab.log());
    assert!(world.lab.log().asked().is_empty(), "{}", world.lab.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lying_resolver_is_passed_over_for_another() {
    let world = World::new(|lab| drop(lab.resolver("198.51.100.54").nxdomain(NAME))).await;
    let liar = world.at("198.51.100.54", 53);
    let strategy = format!("{}&dns=udp://{liar}", world.strategy("https"));
    let run = world.get(&strategy, &[]).await;
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), PAGE), "{}\n{}", run.stderr, world.lab.log());
}
