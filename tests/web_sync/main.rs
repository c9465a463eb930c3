//! Sites with feeds and calendars over time, over the lab: what is believed, what is requested again and what is not.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

mod calendars;
mod cleartext;
mod gap;
mod hostile;
mod older;
mod side_by_side;
mod unchanged;

use byway::{Builder, Byway, Opened, Roots, Strategy};
use byway_lab::{Lab, Page};

const RSS: &str = r#"<rss version="2.0"><channel><title>Zavod</title><link>https://zavod.example/</link>
    <item><title>Older</title><guid>1</guid><pubDate>Wed, 09 Nov 2016 10:00:00 GMT</pubDate></item>
    <item><title>Newer</title><guid>2</guid><pubDate>Thu, 10 Nov 2016 10:00:00 GMT</pubDate></item></channel></rss>"#;

fn feed() -> Page {
    Page::new(RSS).header("content-type", "application/rss+xml; charset=utf-8")
}

fn html(markup: &str) -> Page {
    Page::new(markup.to_owned()).header("content-type", "text/html; charset=utf-8")
}

fn builder(lab: &Lab, strategies: &[&str]) -> Builder {
    let strategies = strategies.iter().map(|strategy| strategy.parse::<Strategy>().unwrap());
    let roots = Roots::from_certificates(lab.ca_pem().as_bytes()).unwrap();
    Byway::builder().strategies(strategies).roots(roots).net(lab.client())
}

async fn over(lab: &Lab, strategies: &[&str]) -> Byway {
    builder(lab, strategies).build().await.unwrap()
}

fn codes(opened: &Opened) -> Vec<&'static str> {
    opened.notes.iter().map(byway::Note::code).collect()
}
