//! Watching the engine: what it does about a block, reported while it does it.
//!
//! `engine_events` is a stream of events. Printed, an event is a sentence that names no host; an app finds the details
//! in its fields. Without a watcher nothing is allocated. The lab replaces the internet.

#![allow(clippy::print_stdout, reason = "an example prints its results")]

use byway::{Byway, EngineEventKind, Language, Roots};
use byway_lab::Lab;

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let lab = Lab::new();
    lab.host("news.example").at("203.0.113.10").https().page("/", "The news.");
    lab.censor().when_sni("news.example").swallow();
    let proxy = lab.https_proxy("proxy.example").at("198.51.100.7").country("nl");

    let byway = Byway::builder()
        .strategy("direct:".parse()?)
        .strategy(proxy.url().parse()?)
        .roots(Roots::from_certificates(lab.ca_pem().as_bytes())?) // lab
        .net(lab.client()) // lab
        .build()
        .await?;

    let mut events = byway.engine_events();
    let watching = async {
        while let Some(event) = events.next().await {
            println!("{event}");
            if matches!(event.kind, EngineEventKind::Judged { .. }) {
                break;
            }
        }
    };
    let (got, ()) = tokio::join!(byway.get("https://news.example/"), watching);
    println!("{}", String::from_utf8_lossy(&got?.response.body));

    // A reader can send this to a helper: it says how the routes behaved, not what was read.
    for access in byway.report() {
        print!("{}", access.account(Language::En));
    }
    Ok(())
}
