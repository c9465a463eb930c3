//! The lab's two halves as separate processes: the machines in the internet, and the censor on the router.
//!
//! This test's own binary is run again inside the namespaces, because a scene is code: `lab.censor().when_sni(..)`. All
//! three, the virtual lab and the two halves, are made by the same function.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use byway_lab::Lab;
use serde_json::Value;
use tempfile::TempDir;

use crate::namespaces::{READY, Server, TOWARDS_CLIENT, Topology, UP};
use crate::rows::Scene;

/// The time limit of a run of `byway`: longer than it ever takes, so that a hang does not hang the tests.
const LONGEST: &str = "60";

/// The client's resolv.conf(5): the lab's resolver, and a search list such as a network gives out by DHCP.
const RESOLV_CONF: &str = "nameserver 192.0.2.53\nsearch ads.isp\n";

/// The whole network of one row, with every machine in place.
pub(crate) struct Stage {
    pub(crate) topology: Topology,
    folder: TempDir,
    _machines: Server,
    _censor: Server,
    clock: Option<&'static str>,
}

impl Stage {
    pub(crate) fn set(scene: &Scene) -> Self {
        let folder = tempfile::Builder::new().prefix("byway-netns-").tempdir().unwrap();
        let (addresses, offline) = blocking(async || {
            let lab = Lab::new();
            (scene.setup)(&lab);
            (lab.addresses(), lab.is_offline())
        });
        let topology = Topology::new(&addresses, &folder, RESOLV_CONF);
        let own = std::env::current_exe().unwrap();
        let mut machines = topology.internet.command(&own);
        machines.args(["machines", &scene.name]).arg(folder.path().join("ca.pem"));
        let mut censor = topology.router.command(&own);
        censor.args(["censor", &scene.name]);
        let (machines, rules) = Server::start(machines, &folder.path().join("machines.log"));
        topology.internet.nft(&rules);
        let (censor, rules) = Server::start(censor, &folder.path().join("censor.log"));
        topology.router.nft(&rules);
        topology.router.run(scene.router);
        if offline {
            topology.client.run(&format!("ip link set {UP} down"));
        }
        Self { topology, folder, _machines: machines, _censor: censor, clock: scene.clock }
    }

    /// `byway` in the client's namespace.
    pub(crate) fn byway(&self, ways: &[&str], arguments: &[&str]) -> Run {
        let mut command = self.command(ways, arguments);
        let began = Instant::now();
        Run::of(command.output().unwrap(), began.elapsed())
    }

    fn command(&self, ways: &[&str], arguments: &[&str]) -> Command {
        let mut command = self.topology.client.command("timeout");
        command.arg(LONGEST);
        if let Some(clock) = self.clock {
            // Its library asks the kernel for everything else, so that waiting is not disturbed.
            command.args(["env", "DONT_FAKE_MONOTONIC=1", "faketime", clock]);
        }
        command.arg(env!("CARGO_BIN_EXE_byway"));
        self.with_options(command, ways, arguments)
    }

    /// The process itself, without a wrapper that would take its signals.
    pub(crate) fn bare_command(&self, ways: &[&str], arguments: &[&str]) -> Command {
        self.with_options(self.topology.client.command(env!("CARGO_BIN_EXE_byway")), ways, arguments)
    }

    fn with_options(&self, mut command: Command, ways: &[&str], arguments: &[&str]) -> Command {
        command.args(arguments);
        for way in ways {
            command.args(["--strategy", way]);
        }
        command.arg("--ca").arg(self.file("ca.pem"));
        command.env("BYWAY_VK_TOKEN", "token").stdin(Stdio::null());
        command
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What the machines and the censor saw.
    pub(crate) fn logs(&self) -> String {
        let log = |name| std::fs::read_to_string(self.file(name)).unwrap_or_default();
        format!("--- machines:\n{}--- censor:\n{}", log("machines.log"), log("censor.log"))
    }
}

/// The result of a run of `byway`.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) took: Duration,
}

impl Run {
    pub(crate) fn of(output: Output, took: Duration) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            took,
        }
    }

    /// The one document on standard output.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("no JSON document ({error}): {self}"))
    }
}

impl std::fmt::Display for Run {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "exit {} after {:?}\n{}\n{}", self.code, self.took, self.stdout, self.stderr)
    }
}

/// This process as the internet's machines, in their namespace.
pub(crate) fn be_the_machines(scene: &Scene, ca_file: &Path) {
    blocking(async || {
        let lab = told(scene);
        until_told(lab.serve_at_true_addresses(ca_file).await.unwrap()).await;
    });
}

/// This process as the censor.
pub(crate) fn be_the_censor(scene: &Scene) {
    blocking(async || {
        let lab = told(scene);
        until_told(lab.stand_between(TOWARDS_CLIENT).await.unwrap()).await;
    });
}

/// A scene that prints what happens in it.
fn told(scene: &Scene) -> Lab {
    let lab = Lab::new();
    (scene.setup)(&lab);
    lab.watch(|event| {
        let _ = writeln!(std::io::stderr(), "{event}");
    });
    lab
}

async fn until_told(rules: String) {
    let mut stdout = std::io::stdout();
    stdout.write_all(format!("{rules}{READY}").as_bytes()).and_then(|()| stdout.flush()).unwrap();
    let (closed, stdin) = tokio::sync::oneshot::channel::<()>();
    std::thread::spawn(move || {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        drop(closed);
    });
    let _ = stdin.await;
}

fn blocking<T>(work: impl AsyncFnOnce() -> T) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work())
}
