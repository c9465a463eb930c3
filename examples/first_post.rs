//! Reads the newest post of a community whose platform is blocked, by any route that works.
//!
//! It runs over the lab, a small internet with a censor in it, so it needs no network and no token of yours. Without
//! the first part and the two lines marked "lab", it is what an app would write.

#![allow(clippy::print_stdout, reason = "an example prints its results")]

use byway::{Byway, Language, Roots};
use byway_lab::Lab;

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let lab = Lab::new();
    let _ = lab.vk().token("token").community("works_council").post("We meet on Friday at six.");
    lab.censor().when_sni("vk.com").reset();
    lab.censor().when_sni("vk.ru").reset();
    let tor = lab.tor();

    let byway = Byway::builder()
        .strategy("direct:".parse()?)
        .strategy(tor.url().parse()?)
        .vk_token("token")
        .roots(Roots::from_certificates(lab.ca_pem().as_bytes())?) // lab
        .net(lab.client()) // lab
        .build()
        .await?;
    let opened = byway.open("vk.com/works_council").await?;

    if let Some(post) = opened.posts.first() {
        println!("{}", post.text);
    }
    println!("{}", opened.reachability.sentence(Language::En));
    Ok(())
}
