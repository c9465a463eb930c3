//! Events as iCalendar text (RFC 5545), for import into a person's own calendar.
//!
//! The times of an event whose zone is known are local times of that zone, which the file describes (`zone`). Others are written in
//! UTC: an instant needs no time zone rules, and a calendar shows it in local time. An event of
//! whole days is written with its dates, which are the same in every zone. The UID of an event is the same in every export, so a second import updates the event and does not duplicate it.
//!
//! STATUS comes only from the source's own field, because calendars hide cancelled events. A removed page and a mention
//! of a cancellation are in the event's description, for people to read.

mod lines;
mod zone;

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::community::{Event, EventDays, EventStatus, Place, shown_text};
use crate::sentences::{self, Language};
use lines::{Lines, has_four_digits};
use zone::Zones;

/// The iCalendar text (RFC 5545) of these events, each with the time at which it was read
/// ([`Opened::synced_at`](crate::Opened::synced_at),
/// [`StoredCommunity::synced_at`](crate::StoredCommunity::synced_at)). The result is one VCALENDAR. Write it to a file
/// unchanged (`.ics`, `text/calendar; charset=utf-8`), or pass it to a calendar app.
///
/// - `UID` is `ID@byway`, the same in every export, so that a calendar updates existing entries.
/// - `DTSTART` and `DTEND` are local times with `TZID` if the event's zone is known ([`Event::zone`]), which a `VTIMEZONE` describes,
///   else in UTC; they are dates (`VALUE=DATE`) for an event of whole days. `DTSTAMP` (the time of reading) is in UTC. A calendar entry needs a start (section 3.6.1),
///   so events without one are left out: see [`is_in_icalendar`].
/// - `STATUS:CANCELLED` appears only if the platform has a field for it. A removed page, or a text that mentions a
///   cancellation, is stated in `DESCRIPTION` and `COMMENT`, in `language`.
/// - Lines are folded at 75 octets between characters (section 3.1), texts are escaped (section 3.3.11), and display
///   control characters are removed.
///
/// ```
/// use byway::community::{CommunityId, Event};
/// use byway::{Language, icalendar, jiff};
///
/// let mut event = Event::new(CommunityId::vk(157), "Assembly");
/// event.start = Some("2016-11-19T12:00:00+07:00".parse().unwrap());
/// let text = icalendar([(&event, jiff::Timestamp::UNIX_EPOCH)], Language::En);
/// assert!(text.contains("\r\nUID:vk:-157@byway\r\n") && text.contains("\r\nDTSTART:20161119T050000Z\r\n"));
/// ```
pub fn icalendar<'a>(events: impl IntoIterator<Item = (&'a Event, Timestamp)>, language: Language) -> String {
    let (mut out, mut entries, mut zones) = (Lines(String::new()), Lines(String::new()), Zones::default());
    for (event, read_at) in events {
        entries.event(event, read_at, language, &mut zones);
    }
    out.line("BEGIN", "VCALENDAR");
    out.line("VERSION", "2.0");
    out.line("PRODID", concat!("-//Byway//byway ", env!("CARGO_PKG_VERSION"), "//EN"));
    out.line("CALSCALE", "GREGORIAN");
    zones.write(&mut out);
    out.0.push_str(&entries.0);
    out.line("END", "VCALENDAR");
    out.0
}

/// Returns `true` if an event can be a calendar entry: it has a start that the format can express.
pub fn is_in_icalendar(event: &Event) -> bool {
    event.start.as_ref().is_some_and(|start| utc(start.timestamp()).is_some())
}

impl Lines {
    fn event(&mut self, event: &Event, read_at: Timestamp, language: Language, zones: &mut Zones) {
        let Some(start) = event.start.as_ref().and_then(|start| utc(start.timestamp())) else { return };
        let end = event.end.filter(|end| Some(end.timestamp()) > event.start.map(|start| start.timestamp()));
        self.line("BEGIN", "VEVENT");
        self.text("UID", &format!("{}@byway", event.id));
        // Required. It is the time of reading, so that the same reading gives the same file.
        self.line("DTSTAMP", &utc(read_at).unwrap_or_else(|| start.clone()));
        if let Some((first, end)) = event.days.and_then(dates) {
            self.line("DTSTART;VALUE=DATE", &first);
            self.line("DTEND;VALUE=DATE", &end);
        } else if let Some(local) = zones.add(event) {
            for (name, moment) in [("DTSTART", event.start), ("DTEND", end)] {
                if let Some((zone, time)) = moment.map(|moment| local.written(moment.timestamp())) {
                    self.line(&format!("{name}{zone}"), &time);
                }
            }
        } else {
            self.line("DTSTART", &start);
            if let Some(end) = end.and_then(|end| utc(end.timestamp())) {
                self.line("DTEND", &end);
            }
        }
        self.text("SUMMARY", &event.name);
        let remarks = remarks(event, language);
        let text = event.text.as_deref().map(str::trim).filter(|text| !text.is_empty());
        let description: Vec<&str> = remarks.iter().map(String::as_str).chain(text).collect();
        if !description.is_empty() {
            self.text("DESCRIPTION", &description.join("\n\n"));
        }
        for remark in &remarks {
            self.text("COMMENT", remark);
        }
        if let Some(place) = &event.place {
            self.place(place);
        }
        if let Some(organiser) = event.organiser.as_ref().filter(|organiser| !organiser.name.is_empty()) {
            // Not ORGANIZER, which means the sender of invitations and requires an address for replies.
            self.text("CONTACT", &organiser.name);
        }
        if let Some(home) = &event.home {
            self.line("URL", &home.to_string());
        }
        match event.status {
            EventStatus::Cancelled => self.line("STATUS", "CANCELLED"),
            // Its calendar does not confirm it.
            EventStatus::Unknown if event.entry.is_some() => self.line("STATUS", "TENTATIVE"),
            _ => {}
        }
        self.line("END", "VEVENT");
    }

    fn place(&mut self, place: &Place) {
        let parts: Vec<&str> = [&place.name, &place.address].into_iter().flatten().map(String::as_str).collect();
        if !parts.is_empty() {
            self.text("LOCATION", &parts.join(", "));
        }
        if let Some(at) = place.coordinates {
            self.line("GEO", &format!("{:.6};{:.6}", at.latitude, at.longitude));
        }
    }

    /// A property whose value is text.
    fn text(&mut self, name: &str, text: &str) {
        self.line(name, &escaped(text));
    }
}

/// What people should know about an event before they rely on it, one sentence each.
fn remarks(event: &Event, language: Language) -> Vec<String> {
    let day = |at: Timestamp| at.strftime("%Y-%m-%d %H:%M UTC").to_string();
    let mut remarks = Vec::new();
    if event.status == EventStatus::Removed {
        let mut remark = sentences::calendar_removed(language).to_owned();
        let times = [
            (sentences::calendar_seen(language), event.status_seen),
            (sentences::calendar_read(language), event.read_at),
        ];
        let times: Vec<String> =
            times.iter().filter_map(|(word, at)| at.map(|at| format!("{word} {}", day(at)))).collect();
        if !times.is_empty() {
            remark.push_str(&format!(" ({})", times.join(", ")));
        }
        remarks.push(remark);
    }
    if event.mentions_cancellation {
        remarks.push(sentences::calendar_mentions(language).to_owned());
    }
    remarks
}

/// TEXT (3.3.11). Display control characters are removed here too, because a calendar shows the text to people.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in shown_text(text).trim().chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\\' | ';' | ',' => {
                let _ = write!(out, "\\{c}");
            }
            '\t' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// DATE-TIME in UTC (3.3.5): `20161119T050000Z`. `None` if the year does not have four digits.
fn utc(at: Timestamp) -> Option<String> {
    has_four_digits(at.to_zoned(TimeZone::UTC).year()).then(|| at.strftime("%Y%m%dT%H%M%SZ").to_string())
}

/// DATE (3.3.4) of the first day, and of the day after the last one: `20161119`. `None` if a year does not have four
/// digits.
fn dates(days: EventDays) -> Option<(String, String)> {
    let written = |day: Date| has_four_digits(day.year()).then(|| day.strftime("%Y%m%d").to_string());
    Some((written(days.first)?, written(days.last.tomorrow().ok()?)?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use crate::community::{Author, AuthorKind, CalendarEntry, CommunityId, Coordinates, EntryVersion, Moment};
    use proptest::prelude::*;

    use super::lines::LINE_OCTETS;
    use super::*;

    /// Parses a file as the RFC says: unfolds it, then separates names from values.
    fn properties(file: &str) -> Vec<(String, String)> {
        assert!(file.ends_with("\r\n"));
        for line in file.split("\r\n") {
            assert!(line.len() <= LINE_OCTETS, "{} octets: {line}", line.len());
            assert!(!line.contains(['\r', '\n']), "{line:?}");
        }
        let unfolded = file.replace("\r\n ", "");
        unfolded
            .split_terminator("\r\n")
            .map(|line| {
                let (name, value) = line.split_once(':').unwrap_or_else(|| panic!("no property: {line}"));
                (name.to_owned(), value.to_owned())
            })
            .collect()
    }

    fn unescaped(value: &str) -> String {
        let mut out = String::new();
        let mut chars = value.chars();
        while let Some(c) = chars.next() {
            match (c, c == '\\') {
                (_, true) => match chars.next().unwrap() {
                    'n' | 'N' => out.push('\n'),
                    c @ ('\\' | ';' | ',') => out.push(c),
                    c => panic!("\\{c} is no escape"),
                },
                (';' | ',', _) => panic!("a bare {c}"),
                (c, _) => out.push(c),
            }
        }
        out
    }

    fn value(file: &str, name: &str) -> Option<String> {
        properties(file).into_iter().find(|(known, _)| known == name).map(|(_, value)| unescaped(&value))
    }

    fn read_at() -> Timestamp {
        "2016-11-09T12:30:00Z".parse().unwrap()
    }

    fn gathering() -> Event {
        let mut event = Event::new(CommunityId::vk(157), "Народный сход: за завод; приходите, товарищи");
        event.start = Some("2016-11-19T12:00:00+07:00".parse().unwrap());
        event.end = Some("2016-11-19T14:00:00+07:00".parse().unwrap());
        event.text = Some("First line\r\nC:\\second".to_owned());
        let mut place = Place::default();
        (place.name, place.address) = (Some("Площадь".to_owned()), Some("ул. Ленина, 1".to_owned()));
        place.coordinates = Coordinates::new(53.35, 83.77);
        event.place = Some(place);
        event.organiser = Some(Author::new("vk:-155", "Рабочие станкозавода", AuthorKind::Community));
        event.home = Some("vk.com/event157".parse().unwrap());
        event
    }

    #[test]
    fn a_gathering_is_read_back_as_it_was() {
        let file = icalendar([(&gathering(), read_at())], Language::En);
        let names: Vec<_> = properties(&file).into_iter().map(|(name, _)| name).collect();
        assert_eq!(
            names,
            [
                "BEGIN",
                "VERSION",
                "PRODID",
                "CALSCALE",
                "BEGIN",
                "UID",
                "DTSTAMP",
                "DTSTART",
                "DTEND",
                "SUMMARY",
                "DESCRIPTION",
                "LOCATION",
                "GEO",
                "CONTACT",
                "URL",
                "END",
                "END"
            ]
        );
        for (name, expected) in [
            ("UID", "vk:-157@byway"),
            ("DTSTAMP", "20161109T123000Z"),
            ("DTSTART", "20161119T050000Z"),
            ("DTEND", "20161119T070000Z"),
            ("SUMMARY", "Народный сход: за завод; приходите, товарищи"),
            ("DESCRIPTION", "First line\nC:\\second"),
            ("LOCATION", "Площадь, ул. Ленина, 1"),
            ("CONTACT", "Рабочие станкозавода"),
            ("URL", "https://vk.com/club157"),
        ] {
            assert_eq!(value(&file, name).as_deref(), Some(expected), "{name}");
        }
        assert!(file.contains("\r\nGEO:53.350000;83.770000\r\n"));
        assert_eq!(file, icalendar([(&gathering(), read_at())], Language::En), "the same reading, the same file");
    }

    #[test]
    fn an_event_without_start_and_an_end_before_it_are_left_out() {
        let undated = Event::new(CommunityId::vk(1), "some day");
        let mut odd = gathering();
        odd.end = Some(Moment::utc("2016-11-01T00:00:00Z".parse().unwrap()));
        odd.status = EventStatus::Cancelled;
        let file = icalendar([(&undated, read_at()), (&odd, read_at())], Language::En);
        assert_eq!(file.matches("BEGIN:VEVENT").count(), 1);
        assert!(!file.contains("DTEND") && file.contains("\r\nSTATUS:CANCELLED\r\n"));
        assert!(!is_in_icalendar(&undated) && is_in_icalendar(&odd));
        odd.status = EventStatus::Unknown;
        assert!(!icalendar([(&odd, read_at())], Language::En).contains("STATUS"), "a platform has no such field");
        odd.entry = Some(CalendarEntry { uid: 1, calendar: 1, version: EntryVersion::default() });
        assert!(icalendar([(&odd, read_at())], Language::En).contains("\r\nSTATUS:TENTATIVE\r\n"));
    }

    #[test]
    fn whole_days_are_written_as_dates() {
        let mut event = gathering();
        let day = |text: &str| text.parse().unwrap();
        for (days, first, end) in [
            (EventDays::new(day("2016-11-19"), day("2016-11-19")), "20161119", "20161120"),
            (EventDays::new(day("2016-12-30"), day("2017-01-01")), "20161230", "20170102"),
        ] {
            event.days = Some(days);
            let file = icalendar([(&event, read_at())], Language::En);
            assert_eq!(value(&file, "DTSTART;VALUE=DATE").as_deref(), Some(first));
            assert_eq!(value(&file, "DTEND;VALUE=DATE").as_deref(), Some(end), "the day after the last one");
            assert_eq!((value(&file, "DTSTART"), value(&file, "DTEND")), (None, None));
        }
        event.days = Some(EventDays::new(day("9999-12-31"), day("9999-12-31")));
        assert!(icalendar([(&event, read_at())], Language::En).contains("\r\nDTSTART:20161119T050000Z\r\n"));
    }

    #[test]
    fn a_removed_page_stays_in_the_calendar_and_says_so() {
        let mut event = gathering();
        (event.status, event.status_seen, event.read_at) =
            (EventStatus::Removed, Some("2016-11-18T08:00:00Z".parse().unwrap()), Some(read_at()));
        for (language, said) in [(Language::En, "was taken out"), (Language::Ru, "убрано")] {
            let file = icalendar([(&event, read_at())], language);
            for name in ["DESCRIPTION", "COMMENT"] {
                let text = value(&file, name).unwrap();
                assert!(text.contains(said) && text.contains("2016-11-18 08:00 UTC"), "{name}: {text}");
            }
            assert!(value(&file, "DESCRIPTION").unwrap().ends_with("First line\nC:\\second"));
            assert_eq!((value(&file, "STATUS"), value(&file, "DTSTART").as_deref()), (None, Some("20161119T050000Z")));
        }
    }

    #[test]
    fn a_word_about_a_cancellation_is_a_remark_and_no_status() {
        let mut event = gathering();
        event.mentions_cancellation = true;
        let file = icalendar([(&event, read_at())], Language::En);
        assert!(value(&file, "DESCRIPTION").unwrap().starts_with("The text mentions a cancellation"));
        assert_eq!(value(&file, "STATUS"), None, "calendars hide what is cancelled");
    }

    fn in_zone(zone: &str, times: &[(&str, Option<&str>)]) -> String {
        let moment = |text: &str| Moment::utc(text.parse().unwrap());
        let events: Vec<Event> = times
            .iter()
            .map(|(start, end)| {
                let mut event = Event::new(CommunityId::vk(157), "Assembly");
                (event.start, event.end) = (Some(moment(start)), end.map(moment));
                event.zone = Some(zone.to_owned());
                event
            })
            .collect();
        icalendar(events.iter().map(|event| (event, Timestamp::UNIX_EPOCH)), Language::En)
    }

    #[test]
    fn an_event_with_a_zone_has_local_times_and_the_zone() {
        let file = in_zone("Europe/Berlin", &[("2026-03-28T11:00:00Z", Some("2026-03-29T11:00:00Z"))]);
        let zone = "BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\n\
            BEGIN:STANDARD\r\nDTSTART:20251026T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nTZNAME:CET\r\nEND:STANDARD\r\n\
            BEGIN:DAYLIGHT\r\nDTSTART:20260329T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nTZNAME:CEST\r\nEND:DAYLIGHT\r\n\
            END:VTIMEZONE\r\n";
        assert!(file.contains(zone), "{file}");
        assert!(file.contains("\r\nDTSTART;TZID=Europe/Berlin:20260328T120000\r\n"), "{file}");
        assert!(file.contains("\r\nDTEND;TZID=Europe/Berlin:20260329T130000\r\n"), "{file}");
        assert!(file.find("VTIMEZONE") < file.find("VEVENT"));
    }

    #[test]
    fn a_zone_is_described_once_for_all_its_events() {
        let file = in_zone("europe/moscow", &[("2026-03-01T09:00:00Z", None), ("2098-08-01T09:00:00Z", None)]);
        assert_eq!((file.matches("BEGIN:VTIMEZONE").count(), file.matches("BEGIN:STANDARD").count()), (1, 1), "{file}");
        assert!(
            file.contains("\r\nDTSTART:20141026T020000\r\nTZOFFSETFROM:+0400\r\nTZOFFSETTO:+0300\r\nTZNAME:MSK\r\n")
        );
        assert!(file.contains("DTSTART;TZID=Europe/Moscow:20980801T120000\r\n"), "{file}");
    }

    #[test]
    fn a_time_that_a_zone_cannot_express_is_in_utc() {
        // The clock of Berlin shows 02:30 twice on this day: at 00:30 UTC and at 01:30 UTC.
        let first = in_zone("Europe/Berlin", &[("2026-10-25T00:30:00Z", None)]);
        assert!(first.contains("DTSTART;TZID=Europe/Berlin:20261025T023000\r\n"), "{first}");
        for (zone, start) in [
            ("Europe/Berlin", "2026-10-25T01:30:00Z"),
            ("Mars/Base", "2026-10-25T00:30:00Z"),
            ("UTC", "2026-10-25T00:30:00Z"),
            ("a;b:c", "2026-10-25T00:30:00Z"),
        ] {
            let file = in_zone(zone, &[(start, None)]);
            assert!(!file.contains("TZID") && file.contains("\r\nDTSTART:20261025T0"), "{zone}: {file}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_back_but_for_what_drives_a_screen(name in "\\PC{0,200}", text in any::<String>()) {
            let mut event = gathering();
            (event.name, event.text) = (name.clone(), Some(text.clone()));
            let file = icalendar([(&event, read_at())], Language::En);
            let kept = |text: &str| shown_text(text).trim().replace('\t', " ");
            prop_assert_eq!(value(&file, "SUMMARY"), Some(kept(&name)));
            prop_assert_eq!(value(&file, "DESCRIPTION").unwrap_or_default(), kept(&text));
        }
    }
}
