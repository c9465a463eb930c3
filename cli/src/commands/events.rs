//! `byway events`: the upcoming events of all kept communities.

use byway::{Cursor, Language, UpcomingOptions};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use crate::args::ListArgs;
use crate::exit::Exit;
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
    let from = span.from.map(|text| moment("--from", text, 0, language)).transpose()?.unwrap_or_else(Timestamp::now);
    // The named day is included.
    let to = span.to.map(|text| moment("--to", text, 1, language)).transpose()?;
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

/// A day (`2016-11-19`, by the clock of this device, plus a number of days) or an instant
/// (`2016-11-19T12:00:00+07:00`).
fn moment(flag: &str, text: &str, days_later: i64, language: Language) -> Result<Timestamp, Wrong> {
    let wrong = || Wrong(format!("{flag}: `{text}`: {}", words::NO_MOMENT.in_(language)));
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant);
    }
    let day = text.parse::<Date>().map_err(|_| wrong())?;
    let day = day.checked_add(Span::new().days(days_later)).map_err(|_| wrong())?;
    day.to_zoned(TimeZone::system()).map(|zoned| zoned.timestamp()).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn day_or_instant_is_read_and_nothing_else() {
        let read = |text| moment("--from", text, 0, Language::En);
        assert_eq!(read("2016-11-19T12:00:00+07:00").unwrap(), "2016-11-19T05:00:00Z".parse().unwrap());
        let (day, next) = (read("2016-11-19").unwrap(), moment("--to", "2016-11-19", 1, Language::En).unwrap());
        assert_eq!(next.duration_since(day).as_hours(), 24);
        for text in ["", "tomorrow", "19.11.2016", "2016-13-01", "2016-02-30", "9999-12-31T23:59:60+99:00"] {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(moment("--to", "9999-12-31", 1, Language::En).is_err());
    }
}
