//! Requests one community twice at the same time, and cancels a call.
//!
//! Equal simultaneous calls are one reading, and each gets its result. Dropping its future cancels a call, here with a
//! timeout of the app's own: that ends what it sent, unless another call shares it. It runs over the lab, like the
//! other examples.

#![allow(clippy::print_stdout, reason = "an example prints its results")]

use std::time::Duration;

use byway::{Byway, Roots};
use byway_lab::Lab;
use tokio::time::{sleep, timeout};

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let lab = Lab::new();
    let _ = lab.vk().token("token").community("works_council").post("We meet on Friday at six.");

    let byway = Byway::builder()
        .vk_token("token")
        .roots(Roots::from_certificates(lab.ca_pem().as_bytes())?) // lab
        .net(lab.client()) // lab
        .build()
        .await?;

    // A list and a screen open the same community. A clone is the same client.
    let (list, screen) = (byway.clone(), byway.clone());
    let (first, second) = tokio::try_join!(list.open("vk.com/works_council"), screen.open("vk.com/works_council"))?;
    println!("posts: {} and {}, readings: {}", first.posts.len(), second.posts.len(), byway.report().len());

    // One of two refreshing callers cancels; the other one gets what both asked for.
    let id = &first.community.id;
    let patience = timeout(Duration::from_millis(100), list.refresh(id));
    let (given_up, refreshed) = tokio::join!(patience, screen.refresh(id));
    println!("given up: {}, refreshed: {}", given_up.is_err(), refreshed?.posts.len());

    // If the only caller cancels, nothing continues.
    let given_up = timeout(Duration::from_millis(100), byway.refresh(id)).await;
    let sent = lab.packets().len();
    sleep(Duration::from_secs(60)).await;
    println!("given up: {}, sent since: {}", given_up.is_err(), lab.packets().len() - sent);
    Ok(())
}
