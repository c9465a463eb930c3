//! The true origin: nginx with TLS for names that only daemons resolve, shaped like the platform's API.

use std::fs;
use std::path::PathBuf;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

use crate::daemon::{Daemon, demand, folder, free_port, listens};

/// Resolves to the origin for the daemons, and to the censor for `byway`.
pub(crate) const NAME: &str = "api.vk.test";

/// A site of the group's own, on the same nginx. It resolves as [`NAME`] does.
pub(crate) const SITE: &str = "zavod.test";

/// The text of the front page.
pub(crate) const PAGE: &str = "The true page, and nothing else.\n";

/// The size of `/large`, all of whose bytes are `x`.
pub(crate) const LARGE: usize = 1 << 20;

/// The community's name in the API.
pub(crate) const COMMUNITY: &str = "Открытые данные";

/// nginx, on loopback.
pub(crate) struct Origin {
    daemon: Daemon,
    /// TLS, HTTP/1.1 and HTTP/2.
    pub(crate) port: u16,
    /// TLS 1.3 for clients that support P-384: each is asked for a second ClientHello, because the first has no key for
    /// it.
    pub(crate) port_of_two_hellos: u16,
    /// The same without TLS, for an onion service in front of it.
    pub(crate) plain_port: u16,
}

impl Origin {
    pub(crate) fn start() -> Self {
        Self::with("")
    }

    /// With these lines in the configuration of [`SITE`], whose files are in [`Origin::site`].
    pub(crate) fn with(site: &str) -> Self {
        let nginx = demand("nginx", "nginx");
        let folder = folder();
        let at = |name: &str| folder.path().join(name);
        let (port, plain_port, port_of_two_hellos) = (free_port(), free_port(), free_port());

        let mut authority = CertificateParams::new(Vec::new()).unwrap();
        authority.distinguished_name.push(DnType::CommonName, "Byway's test authority");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let leaf = CertificateParams::new(vec![NAME.to_owned(), SITE.to_owned()])
            .unwrap()
            .signed_by(&key, &authority)
            .unwrap();
        fs::write(at("ca.pem"), authority.pem()).unwrap();
        fs::write(at("leaf.pem"), leaf.pem()).unwrap();
        fs::write(at("leaf.key"), key.serialize_pem()).unwrap();
        fs::write(at("hosts"), format!("127.0.0.1 localhost {NAME} {SITE}\n")).unwrap();

        fs::create_dir_all(at("www/method")).unwrap();
        fs::create_dir_all(at("site")).unwrap();
        fs::write(at("www/index.html"), PAGE).unwrap();
        fs::write(at("www/large"), "x".repeat(LARGE)).unwrap();
        fs::write(at("www/method/groups.getById"), GROUP).unwrap();
        fs::write(at("www/method/wall.get"), WALL).unwrap();
        let shared = format!(
            "root {www}; default_type application/json; types {{ text/html html; }}
             # A static file answers POST as it answers GET.
             error_page 405 =200 $uri;",
            www = at("www").display()
        );
        let configuration = format!(
            "daemon off; user root; pid nginx.pid; worker_processes 1;
             events {{ }}
             http {{
                 log_format told '$scheme $host $request_method $uri $server_protocol \"$http_authorization\"';
                 access_log access.log told;
                 client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
                 uwsgi_temp_path uwsgi; scgi_temp_path scgi;
                 server {{
                     listen 127.0.0.1:{port} ssl http2; server_name {NAME};
                     ssl_certificate leaf.pem; ssl_certificate_key leaf.key; {shared}
                 }}
                 server {{
                     listen 127.0.0.1:{port_of_two_hellos} ssl http2; server_name {NAME};
                     ssl_protocols TLSv1.3; ssl_ecdh_curve secp384r1;
                     ssl_certificate leaf.pem; ssl_certificate_key leaf.key; {shared}
                 }}
                 server {{ listen 127.0.0.1:{plain_port}; {shared} }}
                 server {{
                     listen 127.0.0.1:{port} ssl http2; server_name {SITE};
                     ssl_certificate leaf.pem; ssl_certificate_key leaf.key;
                     root {files}; types {{ text/html html; text/xml xml; text/calendar ics; }} {site}
                 }}
             }}",
            files = at("site").display()
        );
        fs::write(at("nginx.conf"), configuration).unwrap();
        let prefix = folder.path().display().to_string();
        let configuration = at("nginx.conf").display().to_string();
        let arguments = ["-e", "stderr", "-p", &prefix, "-c", &configuration];
        let mut daemon = Daemon::start("nginx", &nginx, &arguments, folder, &[]);
        let ports = [port, plain_port, port_of_two_hellos];
        daemon.wait_until("it listened", |_| ports.into_iter().all(listens));
        Self { daemon, port, port_of_two_hellos, plain_port }
    }

    /// `https://api.vk.test:PORT`.
    pub(crate) fn url(&self) -> String {
        format!("https://{NAME}:{}", self.port)
    }

    /// `https://zavod.test:PORT`.
    pub(crate) fn site_url(&self) -> String {
        format!("https://{SITE}:{}", self.port)
    }

    /// Where the files of [`SITE`] are.
    pub(crate) fn site(&self) -> PathBuf {
        self.daemon.folder().join("site")
    }

    /// Where the files of [`NAME`] and of the onion service are.
    pub(crate) fn served(&self) -> PathBuf {
        self.daemon.folder().join("www")
    }

    /// The certificate of the test authority.
    pub(crate) fn ca(&self) -> PathBuf {
        self.daemon.folder().join("ca.pem")
    }

    /// An `/etc/hosts` in which [`NAME`] leads here.
    pub(crate) fn hosts(&self) -> PathBuf {
        self.daemon.folder().join("hosts")
    }

    /// A file for `byway` to read, in the origin's folder.
    pub(crate) fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.daemon.folder().join(name);
        fs::write(&path, content).unwrap();
        path
    }

    /// One line for each request that arrived: scheme, host, method, path, version, credentials.
    pub(crate) fn requests(&self) -> String {
        fs::read_to_string(self.daemon.folder().join("access.log")).unwrap()
    }

    /// Waits for a request: nginx writes its log after the answer has left.
    pub(crate) fn wait_for_request(&mut self, words: &str) {
        self.daemon.wait_until(&format!("a request with {words}"), |daemon| {
            fs::read_to_string(daemon.folder().join("access.log")).unwrap().contains(words)
        });
    }
}

const GROUP: &str = r#"{"response": {"groups": [{
    "id": 4242, "name": "Открытые данные", "screen_name": "otkrytye", "is_closed": 0, "type": "group",
    "description": "Публикуем то, что должно быть открыто.", "members_count": 31337, "status": "", "verified": 0
}], "profiles": []}}"#;

const WALL: &str = r#"{"response": {"count": 2, "items": [
    {"id": 2, "owner_id": -4242, "from_id": -4242, "date": 1790000000, "text": "Второй пост", "attachments": []},
    {"id": 1, "owner_id": -4242, "from_id": -4242, "date": 1780000000, "text": "Первый пост", "attachments": []}
], "profiles": [], "groups": []}}"#;
