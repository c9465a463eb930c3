//! A lab on real sockets next to the test, as an app's own tests would have it, and clients that know it.

#![allow(dead_code, reason = "each test file uses its part")]

use std::future::Future;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use byway_ffi::{
    Client, Configuration, DataDirectory, Header, HttpBody, HttpRequest, Language, StoreKeySource, VkToken,
};
use byway_lab::{Ask, Lab, Options, Page};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

pub(crate) const COMMUNITY: &str = "vk:-1000";
pub(crate) const LINK: &str = "vk.com/byway_club";

pub(crate) struct ServedLab {
    pub(crate) lab: Lab,
    pub(crate) folder: TempDir,
    document: Value,
    // Last, so that the machines are dropped before their threads.
    _runtime: Runtime,
}

impl ServedLab {
    pub(crate) fn new() -> Self {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let lab = Lab::new();
        let vk = lab.vk();
        vk.community("byway_club").id(1000).name("The club").post("Hello.").post("Привет 👋");
        lab.host("http.example")
            .https()
            .http()
            .page("/hello", Page::new("Hello.").header("set-cookie", "seen=yes"))
            .redirect("/redirect", "/hello")
            .page("/long", "x".repeat(LONG))
            .page("/stall", Page::new(vec![b'.'; 2 * STALL]).stall_after(STALL))
            .page("/silent", Page::new("Late.").after(Duration::from_secs(3600)))
            .app(|ask: &Ask| {
                let cookie = ask.headers.get("cookie").and_then(|value| value.to_str().ok()).unwrap_or_default();
                Page::new(ask.body.clone()).header("x-method", ask.method.as_str()).header("x-cookie", cookie)
            });
        lab.socks5("proxy.nl");
        for mirror in ["old.example", "new.example"] {
            lab.host(mirror).https();
        }
        let options = Options { port_base: None, ca_file: folder.path().join("ca.pem") };
        let document = runtime.block_on(lab.serve(&options)).unwrap().document;
        Self { lab, folder, document, _runtime: runtime }
    }

    /// In memory, directly, in English.
    pub(crate) fn configuration(&self) -> Configuration {
        let resolve = self.document["resolve"].as_array().unwrap().iter();
        Configuration {
            strategies: vec!["direct:".to_owned()],
            exposure: None,
            language: Some(Language::En),
            vk_token: Some(VkToken::Service { token: "token".to_owned() }),
            vk_api: Some(self.document["vk_api"]["https"].as_str().unwrap().to_owned()),
            data_directory: None,
            roots_pem: Some(self.lab.ca_pem()),
            resolve: resolve.map(|entry| entry.as_str().unwrap().to_owned()).collect(),
            timeout: None,
            network: None,
            country: None,
            fingerprints_csv: None,
            tor_transports: Vec::new(),
            onion_keys: Vec::new(),
            tor_directory: None,
        }
    }

    /// The same, kept in a folder under this key.
    pub(crate) fn kept(&self, key: StoreKeySource) -> Configuration {
        let path = self.folder.path().join("store").to_string_lossy().into_owned();
        Configuration { data_directory: Some(DataDirectory { path, key }), ..self.configuration() }
    }

    pub(crate) fn client(&self) -> Arc<Client> {
        wait(Client::build(self.configuration())).unwrap()
    }

    /// The address of a page of `http.example`.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin("http.example").trim_end_matches('/'))
    }

    /// The strategy of a proxy.
    pub(crate) fn proxy(&self) -> String {
        self.document["proxies"][0]["strategy"].as_str().unwrap().to_owned()
    }

    /// Answers from the files of a folder.
    pub(crate) fn serve_folder(&self, host: &str, folder: String) {
        self.lab.host(host).app(move |ask: &Ask| {
            match std::fs::read(Path::new(&folder).join(ask.path.trim_start_matches('/'))) {
                Ok(bytes) => Page::new(bytes),
                Err(_) => Page::new("").status(404),
            }
        });
    }

    /// The address of a host.
    pub(crate) fn origin(&self, name: &str) -> String {
        let host = self.document["hosts"].as_array().unwrap().iter().find(|host| host["name"] == name);
        let urls = host.unwrap()["urls"].as_array().unwrap();
        urls.iter().filter_map(Value::as_str).find(|url| url.starts_with("https:")).unwrap().to_owned()
    }
}

pub(crate) fn key() -> StoreKeySource {
    StoreKeySource::Bytes { bytes: vec![7; 32] }
}

pub(crate) fn request(method: &str, url: String, body: HttpBody) -> HttpRequest {
    HttpRequest {
        method: method.to_owned(),
        url,
        headers: vec![Header { name: "accept".to_owned(), value: "*/*".to_owned() }],
        body,
        exposure: None,
        allow_direct: false,
        ignore_pause: false,
        replay_safe: false,
        timeout: None,
    }
}

/// Polls as a foreign executor does: on this thread, which has neither tokio's time nor its sockets.
pub(crate) fn wait<F: Future>(future: F) -> F::Output {
    Builder::new_current_thread().build().unwrap().block_on(future)
}

/// Waits for real work on other threads, up to a limit that no working machine reaches.
pub(crate) fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let start = std::time::Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(30), "{what} never came about");
        std::thread::yield_now();
    }
}

/// More than the engine buffers before it hands out an answer.
pub(crate) const LONG: usize = 3 << 20;
const STALL: usize = 128 << 10;
