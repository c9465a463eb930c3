//! `byway probe`: tries every route by itself.

use byway::{HomeLink, Language, ProbeOptions};

use crate::args::Options;
use crate::commands::get::{names_community, with_scheme};
use crate::document;
use crate::exit::Exit;
use crate::people::People;
use crate::plain::line;
use crate::screen::{self, Screen, say};
use crate::setup;
use crate::wrong::{self, Wrong};
use crate::{watching, words};

pub(crate) async fn run(url: &str, redacted: bool, options: &Options) -> Result<Exit, Wrong> {
    let language: Language = options.lang.into();
    // A link to a community may have no scheme.
    let url = match url.parse::<HomeLink>() {
        Ok(_) => url.into(),
        Err(error) if names_community(url) => return Err(Wrong(wrong::unended(error.sentence(language)))),
        Err(_) => with_scheme(url),
    };
    let url = &*url;
    let screen = Screen::of_process(options.json);
    let byway = setup::byway(options).await?;

    let how = ProbeOptions { allow_direct: options.routes.allow_direct, ..ProbeOptions::default() };
    let asking = format!("{} {} …", words::ASKING.in_(language), line(url));
    let reachability = if redacted {
        let asking = words::ASKING.in_(language);
        watching::beside_redacted(&byway, screen, options, asking, byway.probe_with(url, how)).await
    } else {
        watching::beside(&byway, screen, options, &asking, byway.probe_with(url, how)).await
    };
    let reachability = match reachability {
        Ok(reachability) => reachability,
        Err(error) => {
            let sentence = error.sentence(language);
            let Some(reachability) = error.reachability().cloned() else {
                return Err(Wrong(wrong::unended(sentence)));
            };
            // No strategy may be used.
            say(&sentence);
            reachability
        }
    };
    if redacted {
        let account = reachability.account(language);
        if options.json {
            document::print(&account);
        } else {
            screen::out(account.to_string().as_bytes());
        }
    } else if options.json {
        document::print(&reachability.account_in_full(language));
    } else {
        screen::out(People::new(screen, language).probe(&reachability).as_bytes());
    }
    Ok(Exit::of(&reachability))
}
