//! A server that accepts encrypted ClientHellos (Go's crypto/tls), and the program against it: accepted, refused with
//! newer keys, refused without keys, not offered at all. The test reads the wire.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tempfile::TempDir;

use crate::capture::{Capture, Flow};
use crate::daemon::{Daemon, folder};
use crate::origin::PAGE;
use crate::program::{Run, byway_with};

/// The encrypted name.
const INNER: &str = "secret.example";

/// The visible name.
const OUTER: &str = "outer.example";

/// The first Go whose crypto/tls accepts encrypted ClientHellos, as in `go1.24`.
const LEAST_GO: u32 = 24;

struct Server {
    daemon: Daemon,
    web: u16,
    dns: u16,
}

impl Server {
    fn start(options: &[&str]) -> Self {
        let folder = folder();
        let at = |name: &str| folder.path().join(name);
        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.distinguished_name.push(DnType::CommonName, "Byway's test authority");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let names = [INNER, OUTER, "127.0.0.1"].map(str::to_owned);
        let leaf = CertificateParams::new(names).unwrap().signed_by(&key, &authority).unwrap();
        fs::write(at("ca.pem"), authority.pem()).unwrap();
        fs::write(at("leaf.pem"), leaf.pem()).unwrap();
        fs::write(at("leaf.key"), key.serialize_pem()).unwrap();
        let arguments = [&["-cert", "leaf.pem", "-key", "leaf.key", "-outer", OUTER], options].concat();
        let mut daemon = Daemon::start("ech-server", program(), &arguments, folder, &[]);
        daemon.wait_until("it listened", |daemon| daemon.log().contains("listening "));
        let log = daemon.log();
        let port = |word: &str| log.split_whitespace().find_map(|w| w.strip_prefix(word)).unwrap().parse().unwrap();
        let (web, dns) = (port("web="), port("dns="));
        Self { daemon, web, dns }
    }

    /// Runs `byway get` for the name, and returns what it sent to the host on the wire.
    fn is_read_by(&self, options: &str, connections: usize) -> (Run, Vec<Flow>) {
        let capture = Capture::start(&[self.web, self.dns]);
        let strategy = format!("direct:?dns=https://127.0.0.1:{}/dns-query&{options}", self.dns);
        let url = format!("https://{INNER}:{}/", self.web);
        let ca = self.daemon.folder().join("ca.pem").display().to_string();
        let run = byway_with(&["get", &url, "--strategy", &strategy, "--ca", &ca]);
        // One more flow: the question to the resolver.
        let flows = capture.flows(connections + 1);
        assert!(
            flows.iter().filter(|flow| flow.to == self.dns).all(|flow| !flow.says(INNER)),
            "it was asked in the clear"
        );
        (run, flows.into_iter().filter(|flow| flow.to == self.web).collect())
    }

    /// The requests that came: whether their names were encrypted.
    fn pages(&self) -> Vec<String> {
        let log = self.daemon.log();
        log.lines().filter_map(|line| line.strip_prefix("page ")).map(str::to_owned).collect()
    }

    fn served(&self, ech: bool, again: bool) -> bool {
        self.pages() == [format!("host={INNER}:{} name={INNER} ech={ech} again={again}", self.web)]
    }
}

/// The server, built once.
fn program() -> &'static Path {
    static BUILT: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let (_, program) = BUILT.get_or_init(|| {
        let folder = folder();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real/ech-server/main.go");
        fs::copy(source, folder.path().join("main.go")).unwrap();
        fs::write(folder.path().join("go.mod"), format!("module ech\n\ngo 1.{LEAST_GO}\n")).unwrap();
        let mut build = Command::new(go());
        build.args(["build", "-o", "ech-server", "."]).current_dir(folder.path());
        // Only Go's own library is needed, and nothing is downloaded.
        build.envs([("GOFLAGS", "-mod=mod"), ("GOPROXY", "off"), ("GOTOOLCHAIN", "local"), ("CGO_ENABLED", "0")]);
        if std::env::var_os("HOME").is_none() && std::env::var_os("GOCACHE").is_none() {
            build.env("GOCACHE", folder.path().join("cache"));
        }
        let built = build.output().unwrap();
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        let program = folder.path().join("ech-server");
        (folder, program)
    });
    program
}

/// A recent enough Go, in the path or at its usual place.
fn go() -> PathBuf {
    let usual = ["go", "/usr/local/go/bin/go", "/usr/lib/go/bin/go", "/usr/lib/go-1.24/bin/go"];
    let new_enough = |go: &&str| {
        let version = Command::new(go).arg("env").arg("GOVERSION").env("GOTOOLCHAIN", "local").output().ok()?;
        let version = String::from_utf8(version.stdout).ok()?;
        let minor = version.trim().strip_prefix("go1.")?.split('.').next()?.parse::<u32>().ok()?;
        (minor >= LEAST_GO).then_some(())
    };
    let found = usual.into_iter().find(|go| new_enough(go).is_some());
    found.unwrap_or_else(|| panic!("install Go 1.{LEAST_GO} or newer: cargo xtask install")).into()
}

#[test]
fn an_encrypted_hello_is_accepted_and_hides_the_name() {
    let server = Server::start(&[]);
    let (run, flows) = server.is_read_by("ech=require", 1);
    assert_eq!((run.code, run.stdout.as_str()), (0, PAGE), "{run}");
    assert!(server.served(true, false), "{:?}", server.pages());
    assert_eq!(flows.len(), 1);
    assert!(flows[0].says(OUTER) && !flows[0].says(INNER));
}

#[test]
fn split_hellos_show_not_even_the_outer_name_whole() {
    let server = Server::start(&["-again"]);
    let (run, flows) = server.is_read_by("tls=frag&ech=require", 1);
    assert_eq!((run.code, run.stdout.as_str()), (0, PAGE), "{run}");
    assert!(server.served(true, true), "{:?}", server.pages());
    let clear = flows[0].clear();
    assert_eq!((clear.hellos, clear.means(OUTER), clear.means(INNER)), (2, 2, 0));
    assert!(!flows[0].says(OUTER) && !clear.says(OUTER) && !flows[0].says(INNER));
}

#[test]
fn an_old_key_is_changed_for_the_one_that_the_host_hands_out() {
    for options in ["ech=require", "ech=prefer"] {
        let server = Server::start(&["-told", "old"]);
        let (run, flows) = server.is_read_by(options, 2);
        assert_eq!((run.code, run.stdout.as_str()), (0, PAGE), "{run}");
        assert!(server.served(true, false), "{:?}", server.pages());
        assert_eq!(flows.len(), 2, "once more, and no more than once");
        assert!(flows.iter().all(|flow| flow.says(OUTER) && !flow.says(INNER)));
    }
}

#[test]
fn a_host_without_ech_is_read_with_prefer_not_with_require() {
    for server in [&["-told", "old", "-retry=false"][..], &["-deaf"]] {
        let server = Server::start(server);
        let (run, flows) = server.is_read_by("ech=require", 1);
        assert_eq!((run.code, run.stdout.as_str()), (4, ""), "{run}");
        assert_eq!(server.pages(), Vec::<String>::new());
        assert!(!flows.iter().any(|flow| flow.says(INNER)) && flows.iter().any(|flow| flow.says(OUTER)));

        let (run, flows) = server.is_read_by("ech=prefer", 2);
        assert_eq!((run.code, run.stdout.as_str()), (0, PAGE), "{run}");
        assert!(server.served(false, false), "{:?}", server.pages());
        assert!(flows.iter().any(|flow| flow.says(INNER)), "without encryption the name is said");
    }
}

#[test]
fn where_no_key_is_published_require_sends_the_host_nothing() {
    let server = Server::start(&["-told", "none"]);
    let (run, flows) = server.is_read_by("ech=require", 0);
    assert_eq!((run.code, run.stdout.as_str()), (4, ""), "{run}");
    assert!(flows.is_empty(), "not even a connection");
    assert_eq!(server.pages(), Vec::<String>::new());

    let (run, _) = server.is_read_by("ech=prefer", 1);
    assert_eq!((run.code, run.stdout.as_str()), (0, PAGE), "{run}");
    assert!(server.served(false, false), "{:?}", server.pages());
}
