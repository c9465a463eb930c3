//! The way of a link: a community is founded, written and published in one data directory, and its link is opened in others, on
//! every path and within the exposure that it asks for.

use std::fs;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tempfile::TempDir;

use crate::censor::{self, Censor};
use crate::daemon::folder;
use crate::embedded_tor::Private;
use crate::origin::NAME;
use crate::program::{Run, byway_with};
use crate::proxies::microsocks;
use crate::tor;

/// What carries the community: nginx, as a site and as an onion service, and a censor who cuts the site.
struct World {
    private: Arc<Private>,
    censor: Censor,
    admin: TempDir,
    /// The folder at the site and at the onion service.
    folder: &'static str,
    id: String,
    key: String,
    /// There is one censor of the site at a time.
    _alone: MutexGuard<'static, ()>,
}

impl World {
    fn published(at: &'static str) -> Self {
        static ONE: Mutex<()> = Mutex::new(());
        let alone = ONE.lock().unwrap_or_else(PoisonError::into_inner);
        let private = Private::shared();
        let (censor, admin) = (Censor::start(private.origin.port), folder());
        let of_admin = |name: &str| admin.path().join(name).display().to_string();
        fs::write(of_admin("passphrase"), "correct horse battery canary\n").unwrap();
        let (dir, keys, passphrase) = (of_admin("zavod"), of_admin("zavod.keys"), of_admin("passphrase"));
        let community = |arguments: &[&str]| {
            let kept = ["--dir", &dir, "--keys", &keys, "--passphrase-file", &passphrase];
            let run = byway_with(&[&["community"], arguments, &kept].concat());
            assert_eq!(run.code, 0, "{run}");
            run.stdout.lines().next().unwrap_or_default().to_owned()
        };
        let [site, onion] = mirrors(&private, at);
        let link = community(&["new", "Станкозавод", "--mirror", &site, "--mirror", &onion]);
        let (id, parameters) = link.split_once('?').unwrap();
        let key = parameters.split('&').find(|parameter| parameter.starts_with("key=")).unwrap();
        community(&["post", "Пропуск у Анны."]);
        community(&["event", "Сход", "--start", "2098-12-21T12:00", "--zone", "Asia/Barnaul"]);
        community(&["publish", "--into", &private.origin.served().join(at).display().to_string()]);
        let (id, key) = (id.to_owned(), key.to_owned());
        Self { private, censor, admin, folder: at, id, key, _alone: alone }
    }

    /// The link, with this exposure and these mirrors.
    fn link(&self, exposure: &str, mirrors: &[&str]) -> String {
        let mut link = format!("{}?exposure={exposure}&{}", self.id, self.key);
        mirrors.iter().for_each(|mirror| link.push_str(&format!("&mirror={mirror}")));
        link
    }

    /// The options of a reader with these strategies, from whom the site's name leads to this address.
    fn options(&self, address: Ipv4Addr, strategies: &[&str]) -> Vec<String> {
        let origin = &self.private.origin;
        let (resolve, ca) = (format!("{NAME}:{}:{address}", origin.port), origin.ca().display().to_string());
        let network = self.admin.path().join("network.json");
        fs::write(&network, &self.private.tor.arti).unwrap();
        let mut options = vec!["--resolve".into(), resolve, "--ca".into(), ca];
        options.extend(["--tor-network".into(), network.display().to_string()]);
        strategies.iter().for_each(|strategy| options.extend(["--strategy".into(), (*strategy).to_owned()]));
        options
    }
}

/// Where the folder is: at the site, and at the onion service.
fn mirrors(private: &Private, folder: &str) -> [String; 2] {
    [format!("{}/{folder}/", private.origin.url()), format!("http://{}/{folder}/", private.tor.onion)]
}

/// A reader's device.
struct Reader(TempDir);

impl Reader {
    fn open(&self, link: &str, options: &[String]) -> Run {
        let at = |name: &str| self.0.path().join(name).display().to_string();
        let (data, key) = (at("data"), at("key"));
        let arguments = ["open", link, "--json", "--data-dir", &data, "--key-file", &key];
        byway_with(&[&arguments, &options.iter().map(String::as_str).collect::<Vec<_>>()[..]].concat())
    }
}

/// Everything that was published was read, and is signed.
fn is_whole(opened: &Value, run: &Run) {
    assert_eq!(opened["community"]["name"], "Станкозавод", "{run}");
    let posts = opened["posts"].as_array().unwrap();
    assert_eq!((posts.len(), &posts[0]["text"]), (1, &"Пропуск у Анны.".into()), "{run}");
    assert_eq!(opened["events"][0]["name"], "Сход", "{run}");
    let signed = opened["notes"].as_array().unwrap().iter().find(|note| note["code"] == "signed").unwrap();
    assert_eq!(signed["state"], "verified", "{run}");
}

#[test]
fn a_link_is_opened_on_every_path() {
    let world = World::published("every-path");
    let [site, onion] = mirrors(&world.private, world.folder);
    let proxy = microsocks(&world.private.origin.hosts());
    let by_proxy = proxy.open("socks5");
    let running = world.private.tor.strategy();
    let (here, cut) = (Ipv4Addr::LOCALHOST, censor::ADDRESS);
    for (link, address, strategies, reached_by) in [
        (world.link("open", &[&site]), here, &["direct:"][..], "direct:"),
        (world.link("open", &[&site]), cut, &["direct:", &by_proxy], &by_proxy),
        (world.link("proxied", &[&site]), cut, &["direct:", &by_proxy], &by_proxy),
        (world.link("tor", &[&site]), cut, &["direct:", "tor:"], "tor:"),
        (world.link("tor", &[&site]), cut, &["direct:", &running], &running),
        // Its home is the onion service.
        (world.link("open", &[&onion]), cut, &["direct:", "tor:"], "tor:"),
        (world.link("open", &[&onion]), cut, &["direct:", &running], &running),
    ] {
        let seen = world.censor.seen();
        let options = world.options(address, strategies);
        let has_it = |run: &Run| run.code == if reached_by == "direct:" { 0 } else { 3 };
        // Each time a new reader: what a start that Tor did not carry has left is no part of it.
        let run = tor::patiently(|| Reader(folder()).open(&link, &options), has_it);
        assert!(has_it(&run), "{link}: {run}");
        let opened = run.json();
        is_whole(&opened, &run);
        assert_eq!(opened["reachability"]["reached_by"], reached_by, "{link}: {run}");
        if !link.contains("exposure=open") {
            assert_eq!(world.censor.seen(), seen, "{link} was asked for directly");
        }
    }
}

#[test]
fn a_link_is_opened_only_within_its_exposure() {
    let world = World::published("exposure");
    let mirrors = mirrors(&world.private, world.folder);
    let mirrors = mirrors.each_ref().map(String::as_str);
    let watched = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    watched.set_nonblocking(true).unwrap();
    let proxy = format!("socks5://{}", watched.local_addr().unwrap());
    let sends_nothing = |reader: &Reader, link: &str, strategies: &[&str]| {
        let run = reader.open(link, &world.options(censor::ADDRESS, strategies));
        assert!(matches!(run.code, 2 | 4), "{link}: {run}");
        assert_eq!(world.censor.seen(), 0, "{link} was asked for directly");
        let came = watched.accept().map(drop).map_err(|error| error.kind());
        assert_eq!(came, Err(ErrorKind::WouldBlock), "{link} was asked for by the proxy");
    };
    let reader = || Reader(folder());
    sends_nothing(&reader(), &world.link("proxied", &mirrors), &["direct:"]);
    sends_nothing(&reader(), &world.link("tor", &mirrors), &["direct:"]);
    sends_nothing(&reader(), &world.link("tor", &mirrors), &["direct:", &proxy]);
    sends_nothing(&reader(), &world.link("open", &mirrors[1..]), &["direct:", &proxy]);

    // What one link asked for holds for the community, also when a later link asks for less.
    let reader = reader();
    let options = world.options(censor::ADDRESS, &["direct:", &proxy, &world.private.tor.strategy()]);
    let run = tor::read_by(|| reader.open(&world.link("tor", &mirrors), &options));
    assert_eq!(run.code, 3, "{run}");
    is_whole(&run.json(), &run);
    for exposure in ["open", "proxied"] {
        sends_nothing(&reader, &world.link(exposure, &mirrors), &["direct:", &proxy]);
    }
}
