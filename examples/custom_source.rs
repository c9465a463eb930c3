//! Reads a community from a home that Byway does not know: a notice board, one text file on a web page.
//!
//! A source says which homes it reads, whom it would contact, and what it read. It never chooses a route: its requests
//! go through the engine, which races the routes within the exposure. The lab replaces the internet.

#![allow(clippy::print_stdout, reason = "an example prints its results")]

use byway::community::{Community, Home, Post};
use byway::source::{Contacts, Content, HttpClient, Identity, ReadOptions, ReadOutcome, Source, SourceError};
use byway::url::Url;
use byway::{Byway, Language, Response, Roots};
use byway_lab::Lab;

/// A board is a text: its first line is the name, each further line is a post, the newest first.
#[derive(Debug)]
struct Board;

impl Board {
    fn url(home: &Home) -> Option<&Url> {
        match home {
            Home::Web(url) if url.path().ends_with("/board.txt") => Some(url),
            _ => None,
        }
    }

    fn parse(home: &Home, answer: &Response) -> Result<Content, SourceError> {
        let unreadable = || SourceError::Own("The board is no text.".to_owned());
        let mut lines = std::str::from_utf8(&answer.body).map_err(|_| unreadable())?.lines();
        let id = home.to_string().parse().map_err(|_| unreadable())?;
        let mut community = Community::new(id, lines.next().unwrap_or_default());
        community.homes.push(home.clone());
        let mut content = Content::new(community, answer.strategy.clone());
        for (number, text) in lines.take(MOST_POSTS).enumerate() {
            let mut post = Post::new(format!("{home}#{number}"));
            post.text = text.to_owned();
            content.posts.push(post);
        }
        Ok(content)
    }
}

impl Source for Board {
    fn reads(&self, home: &Home) -> bool {
        Self::url(home).is_some()
    }

    async fn read(&self, home: &Home, how: &ReadOptions, http: &HttpClient) -> ReadOutcome {
        let Some(url) = Self::url(home) else { return ReadOutcome::new(Err(SourceError::Unsupported), Vec::new()) };
        // The request has the limits of the reading: exposure, circuits, time.
        let fetched = http.fetch(how.request(home, url.clone())).await;
        let result = match fetched.result {
            Ok(answer) if answer.status.is_success() => Self::parse(home, &answer),
            Ok(answer) => Err(SourceError::Own(format!("The board answers with status {}.", answer.status.as_u16()))),
            Err(error) => Err(SourceError::Unreached(error)),
        };
        ReadOutcome::new(result, fetched.attempts)
    }

    fn contacts(&self, home: &Home) -> Contacts {
        Contacts::new(Self::url(home).cloned(), "the board", Identity::None)
    }
}

/// Everything from a stranger needs a limit.
const MOST_POSTS: usize = 100;

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let lab = Lab::new();
    let board = "The gate\nThe meeting stands: Friday at six.\nThe minutes are with every shop steward.\n";
    lab.host("collective.example").at("203.0.113.10").https().page("/board.txt", board);
    lab.censor().when_sni("collective.example").reset();

    let byway = Byway::builder()
        .strategy("direct:".parse()?)
        .strategy(lab.tor().url().parse()?)
        .source(Board)
        .roots(Roots::from_certificates(lab.ca_pem().as_bytes())?) // lab
        .net(lab.client()) // lab
        .build()
        .await?;
    let opened = byway.open("https://collective.example/board.txt").await?;

    println!("{}", opened.community.name);
    for post in &opened.posts {
        println!("- {}", post.text);
    }
    println!("{}", opened.reachability.sentence(Language::En));
    Ok(())
}
