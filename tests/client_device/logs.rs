//! No log at any level shows who reads what: Byway writes none, and the libraries below it log no names.

use std::fmt::{Debug, Write as _};
use std::sync::{Mutex, PoisonError};

use byway::Exposure;
use byway::internals::client::OpenOptions;
use tracing::field::{Field, Visit};
use tracing::span;

use super::secrecy::CANARIES;
use super::{LINK, Scene};

/// A key of 2022 whose bytes are a canary: `CANARYPASSWORD12`, in Base64.
const KEY: &str = "Q0FOQVJZUEFTU1dPUkQxMg==";

/// The log records of `log` and of `tracing`.
static TOLD: Mutex<String> = Mutex::new(String::new());

fn tell(target: &str, what: &str) {
    // The lab's servers are in this process as well; their records are not on the reader's device.
    if !target.starts_with("rustls::server") {
        let _ = writeln!(TOLD.lock().unwrap_or_else(PoisonError::into_inner), "{target}: {what}");
    }
}

struct Everything;

impl log::Log for Everything {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        tell(record.target(), &record.args().to_string());
    }

    fn flush(&self) {}
}

impl tracing::Subscriber for Everything {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        let mut fields = Fields(span.metadata().name().to_owned());
        span.record(&mut fields);
        tell(span.metadata().target(), &fields.0);
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        let mut fields = Fields(String::new());
        values.record(&mut fields);
        tell("span", &fields.0);
    }

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut fields = Fields(String::new());
        event.record(&mut fields);
        tell(event.metadata().target(), &fields.0);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

struct Fields(String);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_log_at_trace_level_holds_a_canary() {
    log::set_logger(&Everything).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    tracing::subscriber::set_global_default(Everything).unwrap();
    let scene = Scene::new();
    let byway = scene.byway(&scene.all()).await;
    byway.open(LINK).await.unwrap();
    for (place, method, password) in
        [("198.51.100.8", "aes-256-gcm", "CANARYPASSWORD"), ("198.51.100.9", "2022-blake3-aes-128-gcm", KEY)]
    {
        let server = scene.lab.shadowsocks(place).at(place).password(method, password);
        scene.byway(&[server.url()]).await.open(LINK).await.unwrap();
    }
    for name in ["vk.com", "vk.ru"] {
        scene.lab.censor().when_sni(name).reset();
    }
    byway.open(LINK).await.unwrap();
    byway.open_with(LINK, OpenOptions { exposure: Exposure::Tor, ..OpenOptions::default() }).await.unwrap();
    let _ = byway.probe(LINK).await.unwrap();
    scene.offline();
    byway.open(LINK).await.unwrap();

    let told = TOLD.lock().unwrap_or_else(PoisonError::into_inner).to_lowercase();
    assert!(told.contains("h2::") && told.contains("shadowsocks::"), "the libraries below were listened to");
    let own = told.lines().find(|line| line.starts_with("byway:"));
    assert_eq!(own, None, "Byway itself writes no log record");
    for canary in CANARIES {
        let line = told.lines().find(|line| line.contains(&canary.to_lowercase()));
        assert_eq!(line, None, "{canary} is told");
    }
}
