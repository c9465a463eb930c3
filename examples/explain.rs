//! The account of one access: what was tried, stage by stage, what it means, and by which rule.
//!
//! `get` returns the page as soon as one route has brought it. `settle` then waits for the routes that were still
//! silent, because silence is evidence only after some time. The lab replaces the internet.

#![allow(clippy::print_stdout, reason = "an example prints its results")]

use byway::{Byway, Language, Roots};
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
        .strategy(lab.tor().url().parse()?)
        .roots(Roots::from_certificates(lab.ca_pem().as_bytes())?) // lab
        .net(lab.client()) // lab
        .build()
        .await?;
    let mut got = byway.get("https://news.example/").await?;
    println!("{}", String::from_utf8_lossy(&got.response.body));
    println!("at once:  {}", got.reachability.verdict.rule);
    got.settle().await;

    let told = &got.reachability;
    println!("settled:  {} ({})", told.verdict.rule, told.verdict.code.code());
    println!("weights:  blocked {}, down {}", told.verdict.weights.blocked, told.verdict.weights.down);
    for attempt in &told.attempts {
        let (way, took) = (attempt.strategy.phrase(Language::En), attempt.took.as_millis());
        println!("attempt:  {way}: {} after {took} ms", attempt.sentence(Language::En));
    }
    println!("{}", told.sentence(Language::En));
    println!("{}", told.sentence(Language::Ru));
    Ok(())
}
