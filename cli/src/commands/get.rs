//! `byway get`: fetches a page. Its body goes to standard output unchanged, the account to standard error.

use std::borrow::Cow;
use std::time::Duration;

use byway::{GetFault, GetOptions, Language};

use crate::args::Options;
use crate::document;
use crate::exit::Exit;
use crate::people::People;
use crate::plain::line;
use crate::screen::{self, Screen, say};
use crate::setup;
use crate::wrong::{self, Wrong};
use crate::{watching, words};

pub(crate) async fn run(url: &str, options: &Options) -> Result<Exit, Wrong> {
    let language: Language = options.lang.into();
    if names_community(url) {
        return Err(Wrong(words::GET_COMMUNITY.in_(language).to_owned()));
    }
    let url = &*with_scheme(url);
    let screen = Screen::of_process(options.json);
    let people = People::new(screen.of_errors(), language);
    let byway = setup::byway(options).await?;

    let how = GetOptions { allow_direct: options.routes.allow_direct, ..GetOptions::default() };
    let reading = format!("{} {} …", words::READING.in_(language), line(url));
    match watching::beside(&byway, screen, options, &reading, byway.get_with(url, how)).await {
        Ok(mut got) => {
            if !options.json {
                show(&got.response.body, screen);
            }
            // A JSON document holds the whole evidence. A person who reads the page itself, perhaps through a pipe,
            // already has it and waits for the process to end.
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
        Err(error) if matches!(error.fault, GetFault::Url(_)) => Err(Wrong(wrong::unended(error.sentence(language)))),
        Err(error) => {
            let Some(reachability) = error.reachability() else {
                return Err(Wrong(wrong::unended(error.sentence(language))));
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

/// Whether a text begins as the link of a signed community does.
pub(super) fn names_community(text: &str) -> bool {
    let scheme = text.trim_start().split_once(':').map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("byway"))
}

/// A URL as people type it: `example.org/page` is read over HTTPS. A text with a scheme, or one that cannot be a host,
/// is unchanged, so that its error says what is wrong with it.
pub(super) fn with_scheme(typed: &str) -> Cow<'_, str> {
    let host = typed.split(['/', '?', '#']).next().unwrap_or_default();
    let (name, port) = host.rsplit_once(':').unwrap_or((host, "0"));
    let has_port = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    let is_name = name.starts_with('[') || !name.contains([':', '@']);
    let is_host =
        has_port && is_name && (name.contains('.') || name.starts_with('[') || name != host || name == "localhost");
    if is_host { Cow::Owned(format!("https://{typed}")) } else { Cow::Borrowed(typed) }
}

/// Writes bytes unchanged into a pipe or file; on a terminal, as text that cannot control it.
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

/// How long to listen to a route whose answer is no longer needed: resets and refusals come within this time.
const LISTEN: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_without_a_scheme_is_read_over_https() {
        for typed in [
            "example.org",
            "example.org/a?b#c",
            "example.org:8443/a",
            "localhost",
            "localhost:8080/",
            "[2001:db8::1]:8443/",
            "сайт.рф/страница",
        ] {
            assert_eq!(with_scheme(typed), format!("https://{typed}"));
        }
        for typed in [
            "https://example.org",
            "http://example.org",
            "ftp://example.org",
            "mailto:a@b.org",
            "javascript:alert(1)",
            "tel:12a",
            "",
            "/etc/passwd",
            "me:pw@example.org/",
        ] {
            let kept = with_scheme(typed);
            assert_eq!(kept, typed);
        }
    }
}
