//! What real software publishes: the feeds of WordPress, Hugo and Pelican, each on nginx and read through a proxy around a
//! censor.

use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::censor::{self, Censor};
use crate::daemon::{Daemon, demand, folder, free_port, listens};
use crate::origin::{Origin, SITE};
use crate::program::{Run, byway_with};
use crate::proxies::{Proxy, microsocks};

/// The site, cut by its name on the direct path, and a proxy that reaches it.
pub(crate) struct Published {
    pub(crate) origin: Origin,
    proxy: Proxy,
    _censor: Censor,
}

impl Published {
    pub(crate) fn start(configuration: &str) -> Self {
        let origin = Origin::with(configuration);
        let (censor, proxy) = (Censor::start(origin.port), microsocks(&origin.hosts()));
        Self { origin, proxy, _censor: censor }
    }

    pub(crate) fn byway(&self, arguments: &[&str]) -> Run {
        let proxy = self.proxy.open("socks5");
        self.byway_at(censor::ADDRESS, &[arguments, &["--strategy", "direct:", "--strategy", &proxy]].concat())
    }

    /// Where nobody cuts the direct path, which is the only one.
    pub(crate) fn uncensored(&self, arguments: &[&str]) -> Run {
        self.byway_at(Ipv4Addr::LOCALHOST, &[arguments, &["--strategy", "direct:"]].concat())
    }

    fn byway_at(&self, address: Ipv4Addr, arguments: &[&str]) -> Run {
        let resolve = format!("{SITE}:{}:{address}", self.origin.port);
        let ca = self.origin.ca().display().to_string();
        byway_with(&[arguments, &["--resolve", &resolve, "--ca", &ca]].concat())
    }

    /// Opens a page of the site, which is read around the censor.
    fn open(&self, path: &str) -> Value {
        let run = self.byway(&["open", &format!("{}{path}", self.origin.site_url()), "--json"]);
        assert_eq!(run.code, 3, "{run}");
        let opened = run.json();
        assert_eq!(opened["reachability"]["reached_by"], self.proxy.open("socks5"), "{run}");
        opened
    }
}

/// Runs a program to its end, in a folder.
pub(crate) fn run(program: &str, arguments: &[&str], folder: &Path) -> String {
    let output = Command::new(program).args(arguments).current_dir(folder).stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}; cargo xtask install"));
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{program}: {said}");
    said
}

/// The words of a post that each program publishes, and how they are read.
const TITLE: &str = "Сход «в субботу» & ужин";
const BODY: &str = "<p>В полдень у <a href=\"/map\">проходной</a>. 🔥</p>\n<ul><li>вода</li></ul>";

/// The newest post says what was written, without markup, and links to where it was said to.
fn has_the_post(opened: &Value, site: &str) {
    let post = &opened["posts"][0];
    let text = post["text"].as_str().unwrap();
    assert!(text.starts_with(TITLE), "{text}");
    assert!(text.contains("В полдень у проходной. 🔥") && text.contains("• вода"), "{text}");
    assert!(!text.contains(['<', '>']) && !text.contains("&amp;") && !text.contains("&#"), "{text}");
    let links: Vec<&str> = post["links"].as_array().unwrap().iter().filter_map(|link| link["url"].as_str()).collect();
    assert!(links.contains(&format!("{site}/map").as_str()), "{links:?}");
    assert_eq!(post["created"], "2026-02-03T07:00:00Z", "{post}");
}

#[test]
fn wordpress_is_read_by_its_front_page() {
    let wordpress = WordPress::start();
    let proxied =
        format!("location / {{ proxy_pass http://127.0.0.1:{}; proxy_set_header Host $http_host; }}", wordpress.port);
    let published = Published::start(&proxied);
    let opened = published.open("/");
    assert_eq!(opened["community"]["name"], "Станкозавод & люди");
    has_the_post(&opened, &published.origin.site_url());
    assert_eq!(opened["notes"][0]["formats"][0], "rss", "{}", opened["notes"]);
    // The other forms in which WordPress writes the same post.
    for path in ["/?feed=atom", "/?feed=rdf", "/?feed=rss2"] {
        has_the_post(&published.open(path), &published.origin.site_url());
    }
}

#[test]
fn hugo_is_read_by_its_front_page() {
    let hugo = demand("hugo", "hugo");
    let published = Published::start("");
    let work = folder();
    let at = |name: &str| work.path().join(name);
    fs::create_dir_all(at("content/posts")).unwrap();
    fs::create_dir_all(at("layouts/_default")).unwrap();
    let url = published.origin.site_url();
    let site = published.origin.site().display().to_string();
    let unsafe_html = "[markup.goldmark.renderer]\nunsafe = true\n";
    fs::write(at("config.toml"), format!("baseURL = '{url}/'\ntitle = 'Станкозавод'\n{unsafe_html}")).unwrap();
    let head = "{{ range .AlternativeOutputFormats }}<link rel=\"{{ .Rel }}\" type=\"{{ .MediaType.Type }}\" href=\"{{ .Permalink }}\">{{ end }}";
    for layout in ["list", "single"] {
        let page = format!(
            "<!doctype html><html><head><title>{{{{ .Title }}}}</title>{head}</head><body>{{{{ .Content }}}}</body></html>"
        );
        fs::write(at(&format!("layouts/_default/{layout}.html")), page).unwrap();
    }
    let post = format!("+++\ntitle = '{TITLE}'\ndate = 2026-02-03T10:00:00+03:00\n+++\n{BODY}\n");
    fs::write(at("content/posts/one.md"), post).unwrap();
    run(&hugo.display().to_string(), &["--quiet", "--destination", &site], work.path());
    let opened = published.open("/");
    assert_eq!(opened["community"]["name"], "Станкозавод");
    let post = &opened["posts"][0];
    // Hugo's own feed has summaries: the words without their markup.
    let expected = format!("{TITLE}\n\nВ полдень у проходной. 🔥\nвода");
    assert_eq!((&post["text"], &post["created"]), (&expected.into(), &"2026-02-03T07:00:00Z".into()));
    assert_eq!(post["url"], format!("{url}/posts/one/"));
}

#[test]
fn pelican_is_read_at_its_feed() {
    let pelican = demand("pelican", "pelican");
    let published = Published::start("");
    let work = folder();
    let at = |name: &str| work.path().join(name);
    fs::create_dir_all(at("content")).unwrap();
    let url = published.origin.site_url();
    let site = published.origin.site().display().to_string();
    let conf = format!(
        "SITENAME = 'Станкозавод'\nSITEURL = '{url}'\nFEED_DOMAIN = SITEURL\nAUTHOR = 'Анна'\nTIMEZONE = 'Europe/Moscow'\n\
         DEFAULT_LANG = 'ru'\nFEED_ALL_ATOM = 'all.atom.xml'\nFEED_ALL_RSS = 'all.rss.xml'\n"
    );
    fs::write(at("pelicanconf.py"), conf).unwrap();
    let escaped = TITLE.replace('&', "&amp;");
    let post = format!(
        "<html><head><title>{escaped}</title><meta name='date' content='2026-02-03 10:00'></head><body>{BODY}</body></html>"
    );
    fs::write(at("content/one.html"), post).unwrap();
    run(&pelican.display().to_string(), &["content", "-s", "pelicanconf.py", "-o", &site], work.path());
    for path in ["/all.atom.xml", "/all.rss.xml"] {
        let opened = published.open(path);
        assert_eq!(opened["posts"][0]["created"], "2026-02-03T07:00:00Z", "{path}");
        assert!(opened["posts"][0]["text"].as_str().unwrap().starts_with(TITLE), "{path}: {opened}");
    }
    has_the_post(&published.open("/all.atom.xml"), &url);
}

/// WordPress on PHP's own server, with a MariaDB of its own.
struct WordPress {
    _daemon: Daemon,
    port: u16,
}

impl WordPress {
    fn start() -> Self {
        let (folder, port) = (folder(), free_port());
        demand("php", "php-cli");
        demand("mariadbd", "mariadb-server");
        assert!(Path::new(INSTALLED).exists(), "install wordpress: cargo xtask install");
        let write = |name: &str, content: &str| fs::write(folder.path().join(name), content).unwrap();
        write("wp-config.php", WORDPRESS_CONFIGURATION);
        write("install.php", &WORDPRESS_INSTALLATION.replace("TITLE", TITLE).replace("BODY", BODY));
        write("run.sh", &WORDPRESS_START.replace("PORT", &port.to_string()));
        let mut daemon = Daemon::start("wordpress", Path::new("/bin/sh"), &["run.sh"], folder, &[]);
        daemon.wait_until("it listened", |_| listens(port));
        Self { _daemon: daemon, port }
    }
}

/// Where Debian has WordPress.
const INSTALLED: &str = "/usr/share/wordpress/wp-config.php";

/// The database has no network; the folder of the test holds all of it.
const WORDPRESS_START: &str = r#"set -e
export BYWAY_SOCKET="$PWD/db.sock"
mariadb-install-db --no-defaults --datadir="$PWD/db" --auth-root-authentication-method=normal --skip-test-db --user=root >/dev/null
mariadbd --no-defaults --datadir="$PWD/db" --socket="$BYWAY_SOCKET" --skip-networking --user=root \
  --innodb-buffer-pool-size=16M --innodb-log-file-size=4M &
until mariadb --no-defaults -S "$BYWAY_SOCKET" -u root -e 'create database wordpress' 2>/dev/null; do sleep 0.1; done
mount --bind "$PWD/wp-config.php" /usr/share/wordpress/wp-config.php
php install.php
exec php -S 127.0.0.1:PORT -t /usr/share/wordpress
"#;

const WORDPRESS_CONFIGURATION: &str = r#"<?php
define('DB_NAME', 'wordpress'); define('DB_USER', 'root'); define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:' . getenv('BYWAY_SOCKET')); define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', '');
$_SERVER['HTTP_HOST'] = $_SERVER['HTTP_HOST'] ?? 'zavod.test'; $_SERVER['HTTPS'] = 'on';
define('WP_HOME', 'https://' . $_SERVER['HTTP_HOST']); define('WP_SITEURL', WP_HOME);
define('WP_HTTP_BLOCK_EXTERNAL', true); define('DISABLE_WP_CRON', true);
$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', '/usr/share/wordpress/');
require_once ABSPATH . 'wp-settings.php';
"#;

const WORDPRESS_INSTALLATION: &str = r#"<?php
define('WP_INSTALLING', true);
require '/usr/share/wordpress/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install('Станкозавод & люди', 'admin', 'admin@zavod.test', true, '', 'a-password');
wp_delete_post(1, true);
wp_insert_post(['post_title' => 'TITLE', 'post_status' => 'publish', 'post_author' => 1,
  'post_date_gmt' => '2026-02-03 07:00:00', 'post_date' => '2026-02-03 07:00:00', 'post_content' => 'BODY']);
"#;
