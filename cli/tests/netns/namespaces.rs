//! A client, a router and an internet: three network namespaces with cables between them.
//!
//! A namespace has no name. It belongs to a shell that waits for the end of its standard input, and so does everything
//! in it. However this process ends, the kernel closes the pipe, the shells end, and interfaces, addresses, rules and
//! captures are gone. The machine's own network is never touched.
//!
//! ```text
//!   client  uplink --- client  router  beyond ------- border  internet
//!     192.0.2.10    192.0.2.1       192.0.2.2     192.0.2.3     every address of the lab's machines
//! ```

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::IpAddr;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use tempfile::TempDir;

/// The name of the client's only interface.
pub(crate) const UP: &str = "uplink";
/// The name of the router's interface towards the client.
pub(crate) const TOWARDS_CLIENT: &str = "client";

/// One namespace.
pub(crate) struct Namespace {
    shell: Child,
    /// Closing it ends the namespace.
    stdin: Option<ChildStdin>,
}

impl Namespace {
    fn new() -> Self {
        let script = "ip link set lo up && echo && read -r _";
        let mut shell = Command::new("unshare")
            .args(["--net", "--mount", "sh", "-c", script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let stdin = shell.stdin.take();
        let mut ready = String::new();
        BufReader::new(shell.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        assert_eq!(ready, "\n", "no network namespace: is this root, with CAP_SYS_ADMIN?");
        Self { shell, stdin }
    }

    /// The process that it belongs to.
    pub(crate) fn pid(&self) -> String {
        self.shell.id().to_string()
    }

    /// A command that runs in it.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.pid(), "--net", "--mount", "--"]).arg(program);
        command
    }

    /// Runs a shell script in it, to its end.
    pub(crate) fn run(&self, script: &str) {
        let ended = self.command("sh").args(["-e", "-c", script]).stdin(Stdio::null()).output().unwrap();
        assert!(ended.status.success(), "{script}\n{}", String::from_utf8_lossy(&ended.stderr));
    }

    /// Loads these rules of nftables.
    pub(crate) fn nft(&self, rules: &str) {
        let mut nft =
            self.command("nft").args(["-f", "-"]).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        nft.stdin.take().unwrap().write_all(rules.as_bytes()).unwrap();
        let ended = nft.wait_with_output().unwrap();
        assert!(ended.status.success(), "{rules}\n{}", String::from_utf8_lossy(&ended.stderr));
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.shell.wait();
    }
}

/// The three, with cables, routes and addresses.
pub(crate) struct Topology {
    pub(crate) client: Namespace,
    pub(crate) router: Namespace,
    pub(crate) internet: Namespace,
}

impl Topology {
    /// `addresses` are those of the internet's machines; `resolv_conf` is the client's.
    pub(crate) fn new(addresses: &[IpAddr], folder: &TempDir, resolv_conf: &str) -> Self {
        let (client, router, internet) = (Namespace::new(), Namespace::new(), Namespace::new());
        router.run(&format!(
            "sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv6.conf.default.dad_transmits=0
             ip link add {TOWARDS_CLIENT} type veth peer name {UP} netns {}
             ip link add beyond type veth peer name border netns {}
             ip -batch - <<END
             addr add 192.0.2.1/32 dev {TOWARDS_CLIENT}
             addr add 2001:db8:1::1/128 dev {TOWARDS_CLIENT} nodad
             addr add 192.0.2.2/32 dev beyond
             addr add 2001:db8:2::2/128 dev beyond nodad
             link set {TOWARDS_CLIENT} up
             link set beyond up
             route add 192.0.2.10 dev {TOWARDS_CLIENT}
             route add 2001:db8:1::10 dev {TOWARDS_CLIENT}
             route add default via 192.0.2.3 dev beyond onlink src 192.0.2.2
             route add 2001:db8:2::3 dev beyond
             route add default via 2001:db8:2::3 dev beyond onlink src 2001:db8:2::2
END
             ip link set {TOWARDS_CLIENT} gso_max_segs 1 gso_max_size 1500",
            client.pid(),
            internet.pid(),
        ));
        let own: String = addresses
            .iter()
            .map(|address| match address {
                IpAddr::V4(_) => format!("addr add {address}/32 dev lo\n"),
                IpAddr::V6(_) => format!("addr add {address}/128 dev lo nodad\n"),
            })
            .collect();
        internet.run(&format!(
            "ip -batch - <<END
             addr add 192.0.2.3/32 dev border
             addr add 2001:db8:2::3/128 dev border nodad
             link set border up
             route add 192.0.2.2 dev border
             route add 192.0.2.10 via 192.0.2.2 dev border onlink
             route add 2001:db8:2::2 dev border
             route add 2001:db8:1::10 via 2001:db8:2::2 dev border onlink
             {own}
END
             # A packet is a packet: nothing is put together to be cut later.
             ip link set border gso_max_segs 1 gso_max_size 1500"
        ));
        let conf = folder.path().join("resolv.conf");
        fs::write(&conf, resolv_conf).unwrap();
        client.run(&format!(
            "mount --bind {} /etc/resolv.conf
             sysctl -q -w net.ipv6.conf.{UP}.router_solicitations=0
             ip -batch - <<END
             addr add 192.0.2.10/32 dev {UP}
             addr add 2001:db8:1::10/128 dev {UP} nodad
             link set {UP} up
             route add 192.0.2.1 dev {UP}
             route add default via 192.0.2.1 dev {UP} onlink
             route add 2001:db8:1::1 dev {UP}
             route add default via 2001:db8:1::1 dev {UP} onlink
END
             ip link set {UP} gso_max_segs 1 gso_max_size 1500",
            conf.display()
        ));
        Self { client, router, internet }
    }
}

/// A process of the internet or of the router, which serves until its standard input closes.
pub(crate) struct Server {
    process: Child,
    /// Closing it ends the process.
    stdin: Option<ChildStdin>,
}

impl Server {
    /// Starts it, and waits for the rules that it writes once it is ready; its other output goes into `log`.
    pub(crate) fn start(mut command: Command, log: &Path) -> (Self, String) {
        let log_file = fs::File::create(log).unwrap();
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(log_file).spawn().unwrap();
        let stdin = process.stdin.take();
        let mut rules = String::new();
        let mut lines = BufReader::new(process.stdout.take().unwrap());
        while lines.read_line(&mut rules).unwrap() > 0 && !rules.ends_with(READY) {}
        let said = || fs::read_to_string(log).unwrap_or_default();
        let rules = rules.strip_suffix(READY).unwrap_or_else(|| panic!("it ended before it was ready:\n{}", said()));
        (Self { process, stdin }, rules.to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.process.wait();
    }
}

/// The line after the rules.
pub(crate) const READY: &str = "# ready\n";
