//! Real daemons that live for one test.
//!
//! Each runs in its own mount and process namespace, under a shell that waits for the end of its standard input.
//! Dropping the [`Daemon`] ends the namespace and everything in it, and so does the end of this process, however it
//! ends. Only that daemon sees files bound over `/etc/hosts` or `/etc/passwd`.

use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// How long a daemon may take to be ready: the machine may be busy with other tests.
const PATIENCE: Duration = Duration::from_secs(240);

/// How often to check whether it is ready.
const GLANCE: Duration = Duration::from_millis(20);

/// A folder that daemons can also enter after they give up root.
pub(crate) fn folder() -> TempDir {
    let folder = tempfile::Builder::new().prefix("byway-real-").tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

/// A port that is free on all of `127.0.0.1` and `127.0.0.2` (where the censor is).
///
/// It is below the range of ephemeral ports, so that it stays free until the daemon listens.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    const FIRST: u16 = 12_000;
    const COUNT: u16 = 20_000;
    let seed = u16::try_from(std::process::id() % u32::from(COUNT)).unwrap();
    loop {
        let port = FIRST + (seed.wrapping_mul(61).wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed))) % COUNT;
        let is_free = |last| TcpListener::bind((Ipv4Addr::new(127, 0, 0, last), port)).is_ok();
        if is_free(1) && is_free(2) {
            return port;
        }
    }
}

/// Whether something listens on a port of loopback.
pub(crate) fn listens(port: u16) -> bool {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// Fails the test if `program` is not installed, or if we may not make namespaces.
pub(crate) fn demand(program: &str, package: &str) -> PathBuf {
    let found = ["/usr/sbin", "/usr/bin", "/usr/lib/squid"].map(|folder| Path::new(folder).join(program));
    let Some(path) = found.into_iter().find(|path| path.exists()) else {
        panic!("install {package}: cargo xtask install");
    };
    let uid = fs::metadata("/proc/self").unwrap().uid();
    assert_eq!(uid, 0, "run as root: {program} gets a mount namespace of its own");
    path
}

/// Fails the test if a file is missing that `cargo xtask install` builds or downloads.
pub(crate) fn demand_tool(file: &str) -> PathBuf {
    // This test lies in the target folder's `debug/deps`.
    let target = std::env::current_exe().unwrap().ancestors().nth(3).unwrap().to_owned();
    let path = target.join("xtask-tools").join(file);
    assert!(path.exists(), "{} is missing: cargo xtask install", path.display());
    path
}

/// A running program.
pub(crate) struct Daemon {
    name: &'static str,
    process: Child,
    folder: TempDir,
}

impl Daemon {
    /// Starts `program` with its files in `folder`. Each pair of `over` is a file bound over another.
    pub(crate) fn start(
        name: &'static str,
        program: &Path,
        arguments: &[&str],
        folder: TempDir,
        over: &[(&Path, &str)],
    ) -> Self {
        let mut script = String::from("set -e\n");
        for (file, at) in over {
            writeln!(script, "mount --bind '{}' '{at}'", file.display()).unwrap();
        }
        script.push_str("{ \"$0\" \"$@\" </dev/null || echo \"(ended: $?)\"; } &\nread -r _\n");
        let log = fs::File::create(folder.path().join("log")).unwrap();
        let process = Command::new("unshare")
            .args(["--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c", &script])
            .arg(program)
            .args(arguments)
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        Self { name, process, folder }
    }

    /// Where its files are.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its output so far.
    pub(crate) fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(self.folder().join("log")).unwrap()).into_owned()
    }

    /// Waits until it is ready.
    pub(crate) fn wait_until(&mut self, what: &str, mut is_ready: impl FnMut(&Self) -> bool) {
        let start = Instant::now();
        while !is_ready(self) {
            let over = self.process.try_wait().unwrap().is_some() || self.log().contains("(ended: ");
            if over || start.elapsed() > PATIENCE {
                let end = if over { "ended" } else { "took too long" };
                panic!("{} {end} before {what}; it said:\n{}", self.name, self.log());
            }
            std::thread::sleep(GLANCE);
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // The shell ends, and the kernel ends everything else in its namespace before that is reported: so the folder
        // is removed while no process uses it.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
        if std::thread::panicking() {
            eprintln!("--- {} said:\n{}", self.name, self.log());
        }
    }
}
