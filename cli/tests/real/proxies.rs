//! Real proxies.

use std::fs;
use std::path::Path;

use crate::daemon::{Daemon, demand, folder, free_port, listens};

/// The login of proxies that have a password.
pub(crate) const USER: &str = "reader";
pub(crate) const PASSWORD: &str = "correct-horse";

/// [`PASSWORD`] in the form of `crypt` (`openssl passwd -6`), and in Apache's (`openssl passwd -apr1`).
const CRYPTED: &str = "$6$byway$kd9ODLs5RhpbLJDD7eDpH6eDkTxNteWFX4ybGAV37bfffZubf90EPqgIc6tgvjapdeatSQTbxm7X3reA0Pmid1";
const APACHE: &str = "$apr1$byway$ktSweqT5KFqjgXkEZf0Z0.";

/// A proxy on loopback.
pub(crate) struct Proxy {
    _daemon: Daemon,
    pub(crate) port: u16,
}

impl Proxy {
    fn ready(mut daemon: Daemon, port: u16) -> Self {
        daemon.wait_until("it listened", |_| listens(port));
        Self { _daemon: daemon, port }
    }

    /// As a strategy URL without login.
    pub(crate) fn open(&self, scheme: &str) -> String {
        format!("{scheme}://127.0.0.1:{}", self.port)
    }

    /// As `byway` shows one with a login.
    pub(crate) fn with_hidden_login(&self, scheme: &str) -> String {
        format!("{scheme}://***@127.0.0.1:{}", self.port)
    }

    /// As a strategy URL with a login.
    pub(crate) fn with_login(&self, scheme: &str, user: &str, password: &str) -> String {
        format!("{scheme}://{user}:{password}@127.0.0.1:{}", self.port)
    }
}

/// SOCKS5 without login.
pub(crate) fn microsocks(hosts: &Path) -> Proxy {
    let port = free_port();
    let arguments = ["-i", "127.0.0.1", "-p", &port.to_string()];
    let over = [(hosts, "/etc/hosts")];
    Proxy::ready(Daemon::start("microsocks", &demand("microsocks", "microsocks"), &arguments, folder(), &over), port)
}

/// SOCKS5 with the login of a system user that exists for this daemon only.
pub(crate) fn dante(hosts: &Path) -> Proxy {
    let danted = demand("danted", "dante-server");
    let (folder, port) = (folder(), free_port());
    let at = |name: &str| folder.path().join(name);
    let append = |from: &str, line: String| format!("{}\n{line}\n", fs::read_to_string(from).unwrap().trim_end());
    fs::write(at("passwd"), append("/etc/passwd", format!("{USER}:x:4242:4242::/nonexistent:/usr/sbin/nologin")))
        .unwrap();
    fs::write(at("shadow"), append("/etc/shadow", format!("{USER}:{CRYPTED}:20000:0:99999:7:::"))).unwrap();
    let configuration = format!(
        "logoutput: stderr
         internal: 127.0.0.1 port = {port}
         external: 127.0.0.1
         clientmethod: none
         socksmethod: username
         user.privileged: root
         user.unprivileged: root
         client pass {{ from: 127.0.0.0/8 to: 0.0.0.0/0 }}
         socks pass {{ from: 127.0.0.0/8 to: 0.0.0.0/0 }}
        "
    );
    fs::write(at("danted.conf"), configuration).unwrap();
    let (passwd, shadow) = (at("passwd"), at("shadow"));
    let over = [(hosts, "/etc/hosts"), (&*passwd, "/etc/passwd"), (&*shadow, "/etc/shadow")];
    Proxy::ready(Daemon::start("danted", &danted, &["-f", "danted.conf"], folder, &over), port)
}

/// HTTP CONNECT, with a login or without.
pub(crate) fn tinyproxy(hosts: &Path, login: bool) -> Proxy {
    let tinyproxy = demand("tinyproxy", "tinyproxy");
    let (folder, port) = (folder(), free_port());
    let mut configuration = format!("Port {port}\nListen 127.0.0.1\nTimeout 60\nAllow 127.0.0.0/8\nLogLevel Info\n");
    if login {
        configuration.push_str(&format!("BasicAuth {USER} {PASSWORD}\n"));
    }
    fs::write(folder.path().join("tinyproxy.conf"), configuration).unwrap();
    let over = [(hosts, "/etc/hosts")];
    Proxy::ready(Daemon::start("tinyproxy", &tinyproxy, &["-d", "-c", "tinyproxy.conf"], folder, &over), port)
}

/// HTTP CONNECT that answers 407 without a login.
pub(crate) fn squid(hosts: &Path) -> Proxy {
    let squid = demand("squid", "squid");
    let ncsa = demand("basic_ncsa_auth", "squid");
    let (folder, port) = (folder(), free_port());
    let at = |name: &str| folder.path().join(name);
    fs::write(at("logins"), format!("{USER}:{APACHE}\n")).unwrap();
    let configuration = format!(
        "http_port 127.0.0.1:{port}
auth_param basic program {ncsa} {logins}
auth_param basic children 1
acl known proxy_auth REQUIRED
http_access allow known
http_access deny all
cache deny all
dns_nameservers 127.0.0.1
hosts_file /etc/hosts
pinger_enable off
shutdown_lifetime 0 seconds
pid_filename none
access_log none
cache_log /dev/null
cache_store_log none
netdb_filename none
coredump_dir /
visible_hostname proxy.test
",
        ncsa = ncsa.display(),
        logins = at("logins").display()
    );
    fs::write(at("squid.conf"), configuration).unwrap();
    let configuration = at("squid.conf").display().to_string();
    let arguments = ["-N", "-d", "1", "-f", &configuration];
    Proxy::ready(Daemon::start("squid", &squid, &arguments, folder, &[(hosts, "/etc/hosts")]), port)
}
