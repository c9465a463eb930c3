//! A gathering as an admin types it: nothing about its time is guessed, because people come when it says.

use byway::Language;
use byway::community::{CommunityId, Event, EventDays, EventStatus, Moment, Place};
use jiff::tz::{Offset, TimeZone};

use crate::args::EventArgs;
use crate::moments::{self, LocalTime, Typed, zone_named};
use crate::words::{self, Label};
use crate::wrong::Wrong;

/// The gathering of these arguments.
pub(super) fn draft(args: &EventArgs, language: Language) -> Result<Event, Wrong> {
    let wrong = |flag: &str, text: &str, what: Label| moments::wrong(flag, text, what, language);
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
    let zone = match &args.zone {
        Some(name) => Some(zone_named(name).ok_or_else(|| wrong("--zone", name, words::NO_ZONE))?),
        None => None,
    };
    let typed = |flag, text: &str| Typed::parse(text).map_err(|what| wrong(flag, text, of_event(what)));
    let typed_end = args.end.as_deref().map(|end| Ok((end, typed("--end", end)?))).transpose()?;
    let start = match typed("--start", &args.start)? {
        Typed::Day(first) => {
            let last = match typed_end {
                None => first,
                Some((end, Typed::Day(last))) if last < first => {
                    return Err(wrong("--end", end, words::END_BEFORE_START));
                }
                Some((_, Typed::Day(last))) => last,
                Some((end, Typed::Time(_))) => return Err(wrong("--end", end, words::NO_EVENT_TIME)),
            };
            for (flag, text, day) in
                [("--start", &args.start, first), ("--end", args.end.as_ref().unwrap_or(&args.start), last)]
            {
                if !YEARS.contains(&day.year()) {
                    return Err(wrong(flag, text, words::NO_EVENT_TIME));
                }
            }
            event.days = Some(EventDays::new(first, last));
            return Ok(event);
        }
        Typed::Time(start) => start,
    };
    // One zone for both, wherever it was typed.
    let of_end = match &typed_end {
        Some((_, Typed::Time(end))) => end.zone.as_ref(),
        _ => None,
    };
    let named = zone.as_ref().or(start.zone.as_ref()).or(of_end);
    if named.is_none() && start.offset.is_none() {
        return Err(wrong("--start", &args.start, words::EVENT_NEEDS_ZONE));
    }
    let at = moment(&start, named).map_err(|what| wrong("--start", &args.start, what))?;
    let zone = match named.and_then(TimeZone::iana_name) {
        Some(name) => name.to_owned(),
        None => zone_of(at.offset()).ok_or_else(|| wrong("--start", &args.start, words::ZONE_NEEDED))?,
    };
    (event.start, event.zone) = (Some(at), Some(zone));
    if let Some((text, end)) = &typed_end {
        let Typed::Time(end) = end else { return Err(wrong("--end", text, words::NO_EVENT_TIME)) };
        let end = moment(end, named).map_err(|what| wrong("--end", text, what))?;
        // Readers see both in one zone.
        if named.is_none() && end.offset() != at.offset() {
            return Err(wrong("--end", text, words::ZONE_NEEDED));
        }
        if end.timestamp() <= at.timestamp() {
            return Err(wrong("--end", text, words::END_BEFORE_START));
        }
        event.end = Some(end);
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

/// A local time of the zone, or a time with an offset that the zone has then.
fn moment(typed: &LocalTime, zone: Option<&TimeZone>) -> Result<Moment, Label> {
    if typed.zone.as_ref().zip(zone).is_some_and(|(typed, zone)| typed.iana_name() != zone.iana_name()) {
        return Err(words::ZONES_DIFFER);
    }
    if typed.has_fraction() {
        return Err(words::FRACTION_OF_SECOND);
    }
    let (at, offset) = typed.in_zone(zone).map_err(of_event)?;
    if zone.is_some_and(|zone| zone.to_offset(at) != offset) {
        return Err(words::ZONE_DIFFERS);
    }
    if YEARS.contains(&offset.to_datetime(at).year()) { Ok(Moment::new(at, offset)) } else { Err(words::NO_EVENT_TIME) }
}

/// What is no time is said with the forms that an event takes.
fn of_event(what: Label) -> Label {
    if what == words::NO_MOMENT { words::NO_EVENT_TIME } else { what }
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

    const TWO_HOURS: &str = "2026-12-19 12:00 (UTC+7) – 2026-12-19 14:00 (UTC+7)";

    #[test]
    fn a_gathering_has_the_time_that_was_typed() {
        for (start, end, zone, seen) in [
            ("2026-12-19T12:00", None, Some("Asia/Barnaul"), "2026-12-19 12:00 (UTC+7)"),
            ("2026-12-19T12:00:00+07:00", None, None, "2026-12-19 12:00 (UTC+7)"),
            ("2026-12-19T12:00:00+07:00", None, Some("Asia/Barnaul"), "2026-12-19 12:00 (UTC+7)"),
            ("2026-12-19T12:00:00Z", None, None, "2026-12-19 12:00 (UTC)"),
            ("2026-12-19T12:00:00-03:00", None, None, "2026-12-19 12:00 (UTC-3)"),
            ("2026-10-25T02:30:00+01:00", None, Some("Europe/Berlin"), "2026-10-25 02:30 (UTC+1)"),
            ("2026-12-19T12:00[Asia/Barnaul]", None, None, "2026-12-19 12:00 (UTC+7)"),
            ("2026-12-19T12:00[asia/barnaul]", None, Some("Asia/Barnaul"), "2026-12-19 12:00 (UTC+7)"),
            ("2026-12-19T12:00+07:00[Asia/Barnaul]", None, None, "2026-12-19 12:00 (UTC+7)"),
            ("2026-12-19", Some("2026-12-20"), None, "2026-12-19 – 2026-12-20"),
            ("2026-12-19T12:00[Asia/Barnaul]", Some("2026-12-19T14:00"), None, TWO_HOURS),
            ("2026-12-19T12:00", Some("2026-12-19T14:00[Asia/Barnaul]"), None, TWO_HOURS),
            ("2026-12-19T12:00+07:00", Some("2026-12-19T14:00+07:00"), None, TWO_HOURS),
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
            ("2026-12-19T12:00+03:00[Asia/Barnaul]", None, None, "another offset"),
            ("2026-12-19T12:00[Europe/Berlin]", None, Some("Asia/Barnaul"), "two time zones"),
            ("2026-12-19T12:00", Some("2026-12-19T14:00[Europe/Berlin]"), Some("Asia/Barnaul"), "two time zones"),
            ("2026-12-19T12:00[Asia/Omsk]", Some("2026-12-19T14:00[Europe/Berlin]"), None, "two time zones"),
            ("2026-12-19T12:00+07:00", Some("2026-12-19T14:00+03:00"), None, "name the zone"),
            ("2026-12-19T12:00[Europe/Nowhere]", None, None, "not a time zone"),
            ("2026-12-19T12:00", None, Some("localtime"), "not a time zone"),
            ("2026-12-19", None, Some("Europe/Nowhere"), "not a time zone"),
            ("2026-12-19T12:00:00.5+07:00", None, None, "parts of a second"),
            ("2026-12-19[Europe/Berlin]", None, Some("Europe/Berlin"), "not the time of an event"),
            ("20261219", None, Some("Europe/Berlin"), "not the time of an event"),
            ("+002026-12-19", None, Some("Europe/Berlin"), "not the time of an event"),
            ("2026-12-19T11:59:60", None, Some("Europe/Berlin"), "not the time of an event"),
            ("2026-12-19", Some("20261220"), None, "not the time of an event"),
            ("2026-12-19", Some("2026-12-20T12:00"), None, "not the time of an event"),
            ("2026-12-19T12:00", Some("2026-12-19"), Some("Asia/Barnaul"), "not the time of an event"),
            ("2026-12-19", Some("2101-01-01"), None, "not the time of an event"),
            ("2026-10-25T02:30[Europe/Berlin]", None, None, "does not exist or comes twice"),
            ("2026-12-19T12:00:00+05:45", None, None, "name the zone"),
            ("2026-03-29T02:30", None, Some("Europe/Berlin"), "does not exist or comes twice"),
            ("2026-10-25T02:30", None, Some("Europe/Berlin"), "does not exist or comes twice"),
            ("0001-01-01T12:00", None, Some("Asia/Barnaul"), "not the time of an event"),
            ("2026-12-19T12:00", None, None, "name the time zone as well"),
            ("19.12.2026", None, None, "not the time of an event"),
        ] {
            let said = read(start, end, zone).unwrap_err();
            assert!(said.contains(why), "{start}: {said}");
        }
    }
}
