//! An app's own `reqwest` code, sent through Byway: JSON in both directions, over a host that is blocked on this
//! network.
//!
//! It runs over the lab, a small internet with a censor in it, so it needs no network. Without the lines marked "lab",
//! it is what an app would write; from `client` on it is plain reqwest.

#![allow(clippy::print_stdout, reason = "an example prints its results")]

use byway::{Byway, Language, ReachabilityExt, Roots};
use byway_lab::{Ask, Lab, Page};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let lab = Lab::new();
    lab.host("api.example").at("203.0.113.10").https().app(|ask: &Ask| {
        let note: Value = serde_json::from_slice(&ask.body).unwrap_or_default();
        Page::json(&json!({ "kept": note["text"] })).status(201)
    });
    let proxy = lab.socks5("proxy.example").at("198.51.100.7");
    lab.censor().when_sni("api.example").reset();

    let byway = Byway::builder()
        .strategy("direct:".parse()?)
        .strategy(proxy.url().parse()?)
        .roots(Roots::from_certificates(lab.ca_pem().as_bytes())?) // lab
        .net(lab.client()) // lab
        .build()
        .await?;
    let client = byway.reqwest();

    let note = json!({ "text": "We meet on Friday at six." });
    let response = client.post("https://api.example/notes").json(&note).send().await?.error_for_status()?;
    if let Some(reachability) = response.reachability() {
        println!("{}", reachability.sentence(Language::En));
    }
    println!("{} {}", response.status(), response.json::<Value>().await?);
    Ok(())
}
