//! `byway get`: fetches a page. Its body goes to standard output as it is, the account to standard error.

use std::time::Duration;

use byway::{GetFault, GetOptions, Language};

use crate::args::Options;
use crate::document;
use crate::exit::Exit;
use crate::people::People;
use crate::plain::line;
use crate::screen::{self, Screen};
use crate::setup::{self, Wrong};
use crate::{say, watching, words};

pub(crate) async fn run(url: &str, options: &Options) -> Result<Exit, Wrong> {
    let language: Language = options.lang.into();
    let screen = Screen::of_process(options.json);
    let people = People::new(screen.of_errors(), language);
    let byway = setup::byway(options).await?;

    let how = GetOptions { allow_direct: options.allow_direct, ..GetOptions::default() };
    let reading = format!("{} {} …", words::READING.in_(language), line(url));
    match watching::beside(&byway, screen, options, &reading, byway.get_with(url, how)).await {
        Ok(mut got) => {
            if !options.json {
                show(&got.response.body, screen);
            }
            // A document is the whole evidence. Who reads the page itself, perhaps through a pipe, has it, and waits for the
            // end of the process.
            let silence = if options.json { Duration::MAX } else { LISTEN };
            watching::beside(&byway, screen, options, words::LOSERS.in_(language), got.settle_for(silence)).await;
            if options.json {
                document::print(&got);
            } else {
                screen::err(&people.reachability(&got.reachability));
                screen::err(&people.refusal(&got.reachability));
            }
            Ok(Exit::of(&got.reachability))
        }
        Err(error) if matches!(error.fault, GetFault::Url(_)) => Err(Wrong(setup::unended(error.sentence(language)))),
        Err(error) => {
            let Some(reachability) = error.reachability() else {
                return Err(Wrong(setup::unended(error.sentence(language))));
            };
            if options.json {
                document::print(&document::NoPage::of(&error, reachability, language));
            } else {
                screen::err(&people.probe(reachability));
                say(&error.sentence(language));
            }
            Ok(Exit::of(reachability))
        }
    }
}

/// Bytes as they are into a pipe or file; on a terminal, text that cannot drive it.
fn show(body: &[u8], screen: Screen) {
    if !screen.watched {
        screen::out(body);
        return;
    }
    let mut text = String::new();
    for one in String::from_utf8_lossy(body).lines() {
        text.push_str(&crate::plain::row(one));
        text.push('\n');
    }
    screen::out(text.as_bytes());
}

/// How long a way is listened to whose answer is not needed any more: resets and refusals come within it.
const LISTEN: Duration = Duration::from_secs(1);
