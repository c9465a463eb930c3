//! `byway events`: the upcoming events of all kept communities.

use byway::{Cursor, Language, UpcomingOptions};
use jiff::Timestamp;

use crate::args::ListArgs;
use crate::exit::Exit;
use crate::moments::{end_of, moment};
use crate::people::People;
use crate::screen::{self, Screen};
use crate::setup;
use crate::shown::doubts;
use crate::wrong::{Wrong, of_store};
use crate::{document, words};

/// The time span of the events.
pub(crate) struct Between<'a> {
    pub(crate) from: Option<&'a str>,
    pub(crate) to: Option<&'a str>,
}

pub(crate) fn run(span: &Between<'_>, limit: usize, after: Option<&str>, list: &ListArgs) -> Result<Exit, Wrong> {
    let language: Language = list.lang.into();
    let from = span.from.map(|text| moment("--from", text, language)).transpose()?.unwrap_or_else(Timestamp::now);
    // The named day is included.
    let to = span.to.map(|text| end_of("--to", text, language)).transpose()?;
    if to.is_some_and(|to| to <= from) {
        return Err(Wrong(words::ENDS_BEFORE.in_(language).to_owned()));
    }
    let store = setup::existing_store(&list.data, language)?;
    let after = after.map(Cursor::new);
    let page = store
        .upcoming(UpcomingOptions { from, to, after: after.as_ref(), limit, zone: None })
        .map_err(of_store(language))?;
    if list.json {
        document::print(&document::Upcoming::of(&page));
    } else {
        let communities = store.communities().map_err(of_store(language))?;
        let doubts = doubts(&store, &communities, language)?;
        let people = People::new(Screen::of_process(false), language);
        screen::out(people.upcoming(&page, &communities, &doubts).as_bytes());
    }
    Ok(Exit::Reached)
}
