//! A gathering as an admin types it: nothing about its time is guessed, because people come when it says.

use byway::Language;
use byway::community::{CommunityId, Event, EventDays, EventStatus, Moment, Place};
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};

use crate::args::EventArgs;
use crate::words::{self, Label};
use crate::wrong::Wrong;

/// The gathering of these arguments.
pub(super) fn draft(args: &EventArgs, language: Language) -> Result<Event, Wrong> {
    let wrong = |flag: &str, text: &str, what: Label| Wrong(format!("{flag}: `{text}`: {}", what.in_(language)));
    // The publisher gives it its own id.
    let mut event = Event::new(CommunityId::vk(0), &args.name);
    event.text.clone_from(&args.text);
    event.place = args.place.as_ref().map(|name| {
        let mut place = Place::default();
        // A pasted address may have several lines.
        place.name = Some(name.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(", "));
        place
    });
    if args.cancelled {
        event.status = EventStatus::Cancelled;
    }
    if let Some(first) = day(&args.start) {
        let end = args.end.as_deref();
        let last = end.map(|end| day(end).ok_or_else(|| wrong("--end", end, words::NO_EVENT_TIME))).transpose()?;
        if let (true, Some(end)) = (last.is_some_and(|last| last < first), end) {
            return Err(wrong("--end", end, words::END_BEFORE_START));
        }
        event.days = Some(EventDays::new(first, last.unwrap_or(first)));
        return Ok(event);
    }
    let named = args.zone.as_ref().map(|name| TimeZone::get(name).map_err(|_| wrong("--zone", name, words::NO_ZONE)));
    let named = named.transpose()?;
    let moment = |flag, text: &str| moment(text, named.as_ref()).map_err(|what| wrong(flag, text, what));
    let start = moment("--start", &args.start)?;
    event.zone = match &args.zone {
        Some(zone) => Some(zone.clone()),
        None => Some(zone_of(start.offset()).ok_or_else(|| wrong("--start", &args.start, words::ZONE_NEEDED))?),
    };
    event.start = Some(start);
    if let Some(end) = &args.end {
        let at = moment("--end", end)?;
        if at.timestamp() <= start.timestamp() {
            return Err(wrong("--end", end, words::END_BEFORE_START));
        }
        event.end = Some(at);
    }
    Ok(event)
}

/// The time of a gathering as readers see it.
pub(super) fn shown(event: &Event) -> String {
    let local = |moment: &Moment| {
        let (offset, at) = (moment.offset(), moment.offset().to_datetime(moment.timestamp()));
        format!("{} (UTC{})", at.strftime("%Y-%m-%d %H:%M"), signed(offset))
    };
    match (&event.days, &event.start, &event.end) {
        (Some(days), ..) if days.first == days.last => days.first.to_string(),
        (Some(days), ..) => format!("{} – {}", days.first, days.last),
        (None, Some(start), Some(end)) => format!("{} – {}", local(start), local(end)),
        (None, Some(start), None) => local(start),
        _ => String::new(),
    }
}

/// A local time of the zone, or a time with an offset.
fn moment(text: &str, zone: Option<&TimeZone>) -> Result<Moment, Label> {
    let moment = if let Ok(moment) = text.parse::<Moment>() {
        if zone.is_some_and(|zone| zone.to_offset(moment.timestamp()) != moment.offset()) {
            return Err(words::ZONE_DIFFERS);
        }
        moment
    } else {
        let local = text.parse::<DateTime>().map_err(|_| words::NO_EVENT_TIME)?;
        let zoned = zone.ok_or(words::NO_EVENT_TIME)?.to_ambiguous_zoned(local);
        if zoned.is_ambiguous() {
            return Err(words::TIME_TWICE);
        }
        let zoned = zoned.unambiguous().map_err(|_| words::NO_EVENT_TIME)?;
        Moment::new(zoned.timestamp(), zoned.offset())
    };
    let year = moment.offset().to_datetime(moment.timestamp()).year();
    if YEARS.contains(&year) { Ok(moment) } else { Err(words::NO_EVENT_TIME) }
}

/// A day alone: jiff also reads the day out of a date with a time.
fn day(text: &str) -> Option<Date> {
    text.parse::<Date>().ok().filter(|day| text.len() == "2016-11-19".len() && YEARS.contains(&day.year()))
}

/// The zone that has always this offset. Only whole hours have one; its sign is that of POSIX, against the usual one.
fn zone_of(offset: Offset) -> Option<String> {
    let (hours, rest) = (offset.seconds() / 3600, offset.seconds() % 3600);
    match hours {
        _ if rest != 0 || !(-12..=14).contains(&hours) => None,
        0 => Some("Etc/UTC".to_owned()),
        _ => Some(format!("Etc/GMT{:+}", -hours)),
    }
}

/// `+7` or `-3:30`; nothing for UTC itself.
fn signed(offset: Offset) -> String {
    let seconds = offset.seconds();
    match (seconds / 3600, seconds.unsigned_abs() % 3600 / 60) {
        (0, 0) => String::new(),
        (hours, 0) => format!("{hours:+}"),
        (hours, minutes) => format!("{}{}:{minutes:02}", if seconds < 0 { '-' } else { '+' }, hours.unsigned_abs()),
    }
}

/// Nothing else is the year of a gathering that somebody announces.
const YEARS: std::ops::RangeInclusive<i16> = 2000..=2100;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn read(start: &str, end: Option<&str>, zone: Option<&str>) -> Result<Event, String> {
        let args = EventArgs {
            name: "Gathering".to_owned(),
            start: start.to_owned(),
            end: end.map(str::to_owned),
            zone: zone.map(str::to_owned),
            place: Some("The gate\nof the plant".to_owned()),
            text: None,
            replaces: None,
            cancelled: false,
        };
        draft(&args, Language::En).map_err(|Wrong(said)| said)
    }

    #[test]
    fn a_gathering_has_the_time_that_was_typed() {
        for (start, end, zone, seen) in [
            ("2026-12-19T12:00", None, Some("Asia/Barnaul"), "2026-12-19 12:00 (UTC+7)"),
            ("2026-12-19T12:00:00+07:00", None, None, "2026-12-19 12:00 (UTC+7)"),
            ("2026-12-19T12:00:00+07:00", None, Some("Asia/Barnaul"), "2026-12-19 12:00 (UTC+7)"),
            ("2026-12-19T12:00:00Z", None, None, "2026-12-19 12:00 (UTC)"),
            ("2026-12-19T12:00:00-03:00", None, None, "2026-12-19 12:00 (UTC-3)"),
            ("2026-10-25T02:30:00+01:00", None, Some("Europe/Berlin"), "2026-10-25 02:30 (UTC+1)"),
            ("2026-12-19", Some("2026-12-20"), None, "2026-12-19 – 2026-12-20"),
        ] {
            let event = read(start, end, zone).unwrap();
            assert_eq!(shown(&event), seen, "{start}");
            assert_eq!(event.place.unwrap().name.as_deref(), Some("The gate, of the plant"));
            // What a page shows is the time of the zone.
            let zoned = event
                .start
                .zip(event.zone)
                .map(|(start, zone)| TimeZone::get(&zone).unwrap().to_offset(start.timestamp()) == start.offset());
            assert_ne!(zoned, Some(false), "{start}");
        }
    }

    #[test]
    fn a_time_that_contradicts_itself_is_refused() {
        for (start, end, zone, why) in [
            ("2026-12-19T12:00", Some("2026-12-19T11:00"), Some("Asia/Barnaul"), "not after the start"),
            ("2026-12-19T12:00", Some("2026-12-19T12:00"), Some("Asia/Barnaul"), "not after the start"),
            ("2026-12-19", Some("2026-12-18"), None, "not after the start"),
            ("2026-12-19T12:00:00+03:00", None, Some("Asia/Barnaul"), "another offset"),
            ("2026-12-19T12:00:00+05:45", None, None, "name the zone"),
            ("2026-03-29T02:30", None, Some("Europe/Berlin"), "does not exist or comes twice"),
            ("2026-10-25T02:30", None, Some("Europe/Berlin"), "does not exist or comes twice"),
            ("0001-01-01T12:00", None, Some("Asia/Barnaul"), "not the time of an event"),
            ("2026-12-19T12:00", None, None, "not the time of an event"),
            ("19.12.2026", None, None, "not the time of an event"),
        ] {
            let said = read(start, end, zone).unwrap_err();
            assert!(said.contains(why), "{start}: {said}");
        }
    }
}
