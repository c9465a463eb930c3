//! Web hosts of the lab: names, addresses, ports, and what they serve.
//!
//! A [`Host`] is described by chained methods, each of which takes effect at once; `lab.host(name)` twice gives the
//! same host. An invalid address panics: a scenario with a typo must not run.

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::ca::Certificate;
use crate::lie::HttpsRecord;
use crate::machine::Machine;
use crate::node::{Health, Service, ip};
use crate::page::{App, Page};
use crate::script::{Script, TlsScript};
use crate::webdav::webdav;

/// A web host.
#[derive(Clone, Debug)]
pub struct Host(pub(crate) Machine);

impl Host {
    /// Adds an address, IPv4 or IPv6. Without one a host gets an address of its own.
    pub fn at(self, address: &str) -> Self {
        self.0.at(ip(address));
        self
    }

    /// Adds another name for the same machine, in DNS and in its certificate.
    pub fn also_named(self, name: &str) -> Self {
        self.0.edit(|node| node.names.push(name.to_ascii_lowercase()));
        self
    }

    /// Serves HTTPS on port 443, HTTP/2 and HTTP/1.1 by ALPN.
    pub fn https(self) -> Self {
        self.https_on(443)
    }

    /// Serves HTTPS on this port.
    pub fn https_on(self, port: u16) -> Self {
        self.0.edit(|node| node.ports.insert(port, Service::Web { tls: true }));
        self
    }

    /// Serves plain HTTP on port 80.
    pub fn http(self) -> Self {
        self.http_on(80)
    }

    /// Serves plain HTTP on this port.
    pub fn http_on(self, port: u16) -> Self {
        self.0.edit(|node| node.ports.insert(port, Service::Web { tls: false }));
        self
    }

    /// Offers HTTP/1.1 only.
    pub fn http1_only(self) -> Self {
        self.0.edit(|node| node.http2 = false);
        self.0.world.forget_certificates();
        self
    }

    /// Serves `page` at `path` (with its query, if the path states one).
    pub fn page(self, path: &str, page: impl Into<Page>) -> Self {
        self.page_in(None, path, page.into())
    }

    /// Serves `page` at `path` to visitors from an address in `country`.
    pub fn page_for(self, country: &str, path: &str, page: impl Into<Page>) -> Self {
        self.page_in(Some(country.to_ascii_lowercase()), path, page.into())
    }

    /// Redirects `path` (302).
    pub fn redirect(self, path: &str, to: &str) -> Self {
        self.page(path, Page::redirect(to))
    }

    /// Shows the files of a folder, and lets who has this login write there by WebDAV.
    pub fn webdav(self, folder: &Path, user: &str, password: &str) -> Self {
        self.app(webdav(folder.to_owned(), user, password))
    }

    /// Answers with code instead of pages.
    pub fn app(self, app: impl App) -> Self {
        let app: Arc<dyn App> = Arc::new(app);
        self.0.edit(|node| node.app = Some(app));
        self
    }

    /// Shows this certificate.
    pub fn certificate(self, certificate: Certificate) -> Self {
        self.0.edit(|node| node.certificate = certificate);
        self.0.world.forget_certificates();
        self
    }

    /// Its certificate has expired.
    pub fn expired_certificate(self) -> Self {
        self.certificate(Certificate::Expired)
    }

    /// Plays this script on this port: a hostile or broken server.
    pub fn script(self, port: u16, script: Script) -> Self {
        self.0.edit(|node| node.ports.insert(port, Service::Script(script)));
        self
    }

    /// Plays a script inside TLS on a port; `http2` says whether ALPN chooses HTTP/2, whose frames the script then
    /// sends.
    pub fn tls_script(self, port: u16, http2: bool, script: Script) -> Self {
        let alpn: &[u8] = if http2 { b"h2" } else { b"http/1.1" };
        self.0.edit(|node| node.ports.insert(port, Service::TlsScript(TlsScript { alpn, script })));
        self
    }

    /// Publishes this HTTPS record (RFC 9460).
    pub fn https_record(self, record: HttpsRecord) -> Self {
        self.0.edit(|node| node.https_record = Some(record));
        self
    }

    /// Publishes this `ECHConfigList` in its HTTPS record (RFC 9848).
    pub fn ech(self, config_list: &[u8]) -> Self {
        let ech = Some(config_list.to_vec());
        self.0.edit(|node| node.https_record.get_or_insert_default().ech = ech);
        self
    }

    /// The machine is off: packets to it are swallowed.
    pub fn down(self) -> Self {
        self.health(Health::Swallows)
    }

    /// The machine is on, and nothing listens.
    pub fn refuses(self) -> Self {
        self.health(Health::Refuses)
    }

    /// A router says that the machine cannot be reached.
    pub fn unreachable(self) -> Self {
        self.health(Health::Unreachable)
    }

    /// Connections are accepted, and nothing is ever sent.
    pub fn silent(self) -> Self {
        self.health(Health::Silent)
    }

    /// The machine works again.
    pub fn up(self) -> Self {
        self.health(Health::Up)
    }

    /// One of its addresses is dead, the others are not.
    pub fn down_at(self, address: &str) -> Self {
        let address = ip(address);
        self.0.edit(|node| node.dead_addresses.push(address));
        self
    }

    /// The round trip to it.
    pub fn rtt(self, rtt: Duration) -> Self {
        self.0.edit(|node| node.rtt = rtt);
        self
    }

    /// Bytes a second in each direction.
    pub fn bandwidth(self, bytes_per_second: u64) -> Self {
        self.0.edit(|node| node.bandwidth = Some(bytes_per_second));
        self
    }

    /// The country it is in (this matters for its own connections).
    pub fn country(self, country: &str) -> Self {
        self.0.edit(|node| node.country = Some(country.to_ascii_lowercase()));
        self
    }

    /// Its first address.
    pub fn address(&self) -> IpAddr {
        self.0.address()
    }

    fn health(self, health: Health) -> Self {
        self.0.edit(|node| node.health = health);
        self
    }

    fn page_in(self, country: Option<String>, path: &str, page: Page) -> Self {
        let path = path.to_owned();
        self.0.edit(|node| node.pages.insert((path, country), page));
        self
    }
}
