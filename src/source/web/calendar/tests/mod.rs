#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod broken;
mod changes;
mod doubtful;
mod newest;

use super::super::address;
use super::expansion::MAX_EVENTS;
use super::rule::{Budget, Rule};
use super::*;
use crate::community::{EventDays, EventStatus};

fn at() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn gatherings(text: &str) -> Gatherings {
    let base = Url::parse("https://zavod.example/events.ics").unwrap();
    let community = address::community_id(&base).unwrap();
    read(text).unwrap().gatherings(&community, &base, at(), || TimeZone::fixed(jiff::tz::offset(7)))
}

fn calendar(events: &str) -> String {
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{events}\r\nEND:VCALENDAR\r\n")
}

fn event(lines: &str) -> String {
    calendar(&format!("BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Meeting\r\n{lines}\r\nEND:VEVENT"))
}

fn starts(found: &Gatherings) -> Vec<String> {
    found.events.iter().map(|event| event.start.unwrap().to_string()).collect()
}

#[test]
fn rules_give_the_dates_that_dateutil_gives() {
    let mut checked = 0;
    for case in include_str!("../../../../../tests/calendar/expected.txt").lines() {
        let [zone, start, rule, count, expected] = case.split('|').collect::<Vec<_>>()[..] else { panic!("{case}") };
        let found = gatherings(&event(&format!("DTSTART;TZID={zone}:{start}\r\nRRULE:{rule}")));
        let starts: Vec<String> =
            found.events.iter().map(|event| event.start.unwrap().timestamp().to_string()).collect();
        let expected: Vec<&str> = expected.split_whitespace().collect();
        assert_eq!(starts.len(), count.parse::<usize>().unwrap(), "{case}: {starts:?}");
        let ends: Vec<String> = if starts.len() > 16 {
            starts[..8].iter().chain(&starts[starts.len() - 8..]).cloned().collect()
        } else {
            starts
        };
        assert_eq!(ends, expected, "{case}");
        checked += 1;
    }
    assert!(checked >= 300, "{checked} cases");
}

#[test]
fn a_gathering_is_read_with_all_that_it_says() {
    let found = gatherings(&event(
        "DTSTART;TZID=Asia/Novosibirsk:20260309T170000\r\nDTEND;TZID=Asia/Novosibirsk:20260309T183000\r\n\
         DESCRIPTION:Bring <b>this</b>\\, <br>and that: https://zavod.example/m\r\nLOCATION:Town hall\\, room 3\r\n\
         GEO:55.03;82.92\r\nURL:https://zavod.example/9\r\nORGANIZER;CN=\"The council\":mailto:c@z.example\r\nSTATUS:CONFIRMED",
    ));
    let [event] = &found.events[..] else { panic!("one event") };
    assert_eq!(event.start.unwrap().to_string(), "2026-03-09T17:00:00+07:00");
    assert_eq!(event.end.unwrap().to_string(), "2026-03-09T18:30:00+07:00");
    assert_eq!(event.zone.as_deref(), Some("Asia/Novosibirsk"));
    assert_eq!(event.text.as_deref(), Some("Bring this,\nand that: https://zavod.example/m"));
    let place = event.place.as_ref().unwrap();
    assert_eq!(place.name.as_deref(), Some("Town hall, room 3"));
    assert_eq!(place.coordinates.unwrap().latitude, 55.03);
    assert_eq!(event.organiser.as_ref().unwrap().name, "The council");
    assert_eq!(event.home.as_ref().unwrap().to_string(), "https://zavod.example/9");
    assert_eq!((event.status, found.odd, found.floating), (EventStatus::Scheduled, 0, 0));
}

#[test]
fn only_the_field_cancels() {
    let status = |lines: &str| gatherings(&event(&format!("DTSTART:20260309T100000Z\r\n{lines}"))).events[0].status;
    assert_eq!(status("STATUS:CANCELLED"), EventStatus::Cancelled);
    assert_eq!(status("DESCRIPTION:The meeting is cancelled!"), EventStatus::Scheduled);
    let past = gatherings(&event("DTSTART:20260201T100000Z\r\nDURATION:PT1H"));
    // Over is what a clock says, and no field.
    assert_eq!(past.events[0].status, EventStatus::Scheduled);
}

#[test]
fn exceptions_and_moves_change_one_occurrence_alone() {
    let found = gatherings(&calendar(
        "BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Weekly\r\nDTSTART;TZID=Europe/Berlin:20260302T180000\r\nRRULE:FREQ=WEEKLY;COUNT=6\r\n\
         EXDATE;TZID=Europe/Berlin:20260309T180000\r\nEXDATE;VALUE=DATE:20260316\r\nRDATE;TZID=Europe/Berlin:20260401T120000\r\nEND:VEVENT\r\n\
         BEGIN:VEVENT\r\nUID:1\r\nRECURRENCE-ID;TZID=Europe/Berlin:20260323T180000\r\nSUMMARY:Moved\r\n\
         DTSTART;TZID=Europe/Berlin:20260324T190000\r\nEND:VEVENT",
    ));
    assert_eq!(
        starts(&found),
        [
            "2026-03-02T18:00:00+01:00",
            "2026-03-24T19:00:00+01:00",
            "2026-03-30T18:00:00+02:00",
            "2026-04-01T12:00:00+02:00",
            "2026-04-06T18:00:00+02:00",
        ]
    );
    assert_eq!(found.events[1].name, "Moved");
    let weekly = "BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Weekly\r\nDTSTART;TZID=Europe/Berlin:20260302T180000\r\nRRULE:FREQ=WEEKLY;COUNT=6\r\nEND:VEVENT";
    let before = gatherings(&calendar(weekly));
    assert_eq!(before.events[3].id, found.events[1].id, "an occurrence that is moved keeps its id");
}

#[test]
fn whole_days_and_durations_follow_the_clock() {
    let found = gatherings(&calendar(
        "X-WR-TIMEZONE:Europe/Berlin\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20260328\r\nDTEND;VALUE=DATE:20260330\r\nEND:VEVENT\r\n\
         BEGIN:VEVENT\r\nUID:2\r\nDTSTART:20260329T003000\r\nDURATION:P1D\r\nEND:VEVENT\r\n\
         BEGIN:VEVENT\r\nUID:3\r\nDTSTART:20260329T013000\r\nDURATION:PT2H\r\nEND:VEVENT",
    ));
    let ends: Vec<String> = found.events.iter().map(|event| event.end.unwrap().to_string()).collect();
    assert_eq!(starts(&found), ["2026-03-28T00:00:00+01:00", "2026-03-29T00:30:00+01:00", "2026-03-29T01:30:00+01:00"]);
    assert_eq!(ends, ["2026-03-30T00:00:00+02:00", "2026-03-30T00:30:00+02:00", "2026-03-29T04:30:00+02:00"]);
    assert_eq!(found.floating, 0, "the calendar has a zone for times that have none");
}

#[test]
fn a_date_is_the_same_day_everywhere() {
    let days = |lines: &str| {
        let found = gatherings(&event(lines));
        let days = |days: EventDays| format!("{} {}", days.first, days.last);
        found.events.iter().map(|event| event.days.map(days).unwrap_or_default()).collect::<Vec<_>>()
    };
    assert_eq!(days("DTSTART;VALUE=DATE:20261212"), ["2026-12-12 2026-12-12"]);
    assert_eq!(days("DTSTART:20261212\r\nDTEND:20261212"), ["2026-12-12 2026-12-12"], "an end on the same day");
    assert_eq!(days("DTSTART;VALUE=DATE:20261212\r\nDTEND;VALUE=DATE:20261215"), ["2026-12-12 2026-12-14"]);
    assert_eq!(days("DTSTART;VALUE=DATE:20261212\r\nDURATION:P1W"), ["2026-12-12 2026-12-18"]);
    assert_eq!(days("DTSTART;VALUE=DATE:20261212\r\nDURATION:PT6H"), ["2026-12-12 2026-12-12"]);
    assert_eq!(days("DTSTART;VALUE=DATE:20261212\r\nDTEND;VALUE=DATE:20261201"), ["2026-12-12 2026-12-12"]);
    assert_eq!(days("DTSTART:20261212T000000Z\r\nDTEND:20261213T000000Z"), [""], "a time is a time, midnight too");
    let recurring = "DTSTART;VALUE=DATE:20260301\r\nDTEND;VALUE=DATE:20260303\r\nRRULE:FREQ=MONTHLY;COUNT=3";
    assert_eq!(days(recurring), ["2026-03-01 2026-03-02", "2026-04-01 2026-04-02", "2026-05-01 2026-05-02"]);
    // On the last Sunday of March 2026 the clocks of Beirut went from midnight to one o'clock.
    let beirut =
        calendar("X-WR-TIMEZONE:Asia/Beirut\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:20260329\r\nEND:VEVENT");
    let found = gatherings(&beirut);
    assert_eq!(found.events[0].start.unwrap().to_string(), "2026-03-29T01:00:00+03:00");
    let expected = "2026-03-29".parse().unwrap();
    assert_eq!(found.events[0].days, Some(EventDays::new(expected, expected)));
}

#[test]
fn a_zone_that_only_the_file_knows_is_followed() {
    let zone = "BEGIN:VTIMEZONE\r\nTZID:W. Europe Standard Time\r\n\
        BEGIN:STANDARD\r\nDTSTART:16010101T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\nEND:STANDARD\r\n\
        BEGIN:DAYLIGHT\r\nDTSTART:16010101T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n";
    for start in [
        "20260328T180000",
        "20260329T013000",
        "20260329T023000",
        "20260329T033000",
        "20261025T013000",
        "20261025T023000",
        "20261025T033000",
    ] {
        let at = |tzid: &str| {
            let event = format!("BEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID={tzid}:{start}\r\nEND:VEVENT");
            starts(&gatherings(&calendar(&format!("{zone}{event}"))))
        };
        assert_eq!(at("W. Europe Standard Time"), at("Europe/Berlin"), "{start}");
        assert_eq!(at("/mozilla.org/20050126_1/Europe/Berlin"), at("Europe/Berlin"), "{start}");
    }
}

#[test]
fn a_zone_of_the_file_holds_for_events_years_ahead() {
    let zone = "BEGIN:VTIMEZONE\r\nTZID:Club time\r\n\
        BEGIN:STANDARD\r\nDTSTART:16010101T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\nEND:STANDARD\r\n\
        BEGIN:DAYLIGHT\r\nDTSTART:16010101T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n\
        BEGIN:VTIMEZONE\r\nTZID:Other\r\nBEGIN:STANDARD\r\nDTSTART:16010101T030000\r\nTZOFFSETFROM:+0300\r\nTZOFFSETTO:+0300\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n";
    for (start, expected, floating) in [
        ("20280701T180000", "2028-07-01T18:00:00+02:00", 0),
        ("20290701T180000", "2029-07-01T18:00:00+02:00", 0),
        ("20300101T180000", "2030-01-01T18:00:00+01:00", 0),
        ("20450701T180000", "2045-07-01T18:00:00+02:00", 0),
        // Beyond what is followed, the hour is the device's, and is said not to be certain.
        ("20600701T180000", "2060-07-01T18:00:00+07:00", 1),
    ] {
        let event = format!("BEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID=Club time:{start}\r\nEND:VEVENT");
        let found = gatherings(&calendar(&format!("{zone}{event}")));
        assert_eq!((starts(&found), found.floating), (vec![expected.to_owned()], floating), "{start}");
        let event = format!("BEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID=Other:{start}\r\nEND:VEVENT");
        let found = gatherings(&calendar(&format!("{zone}{event}")));
        assert_eq!(
            (found.events[0].start.unwrap().offset().seconds(), found.floating),
            (3 * 3600, 0),
            "no rule: {start}"
        );
    }
}

/// python-icalendar 4 names some zones by their offset.
#[test]
fn a_zone_that_is_named_by_its_offset_is_followed() {
    for (name, start) in [
        ("+07", "2026-03-09T17:00:00+07:00"),
        ("-0330", "2026-03-09T17:00:00-03:30"),
        ("\"+05:30\"", "2026-03-09T17:00:00+05:30"),
        ("UTC+3", "2026-03-09T17:00:00+03:00"),
    ] {
        let found = gatherings(&event(&format!("DTSTART;TZID={name}:20260309T170000")));
        assert_eq!((starts(&found), found.floating), (vec![start.to_owned()], 0), "{name}");
    }
    // In POSIX names the sign is the other one, and a number alone is no offset.
    for name in ["GMT+3", "07", "+7777", "+", "\"+07:0\""] {
        let found = gatherings(&event(&format!("DTSTART;TZID={name}:20260309T170000")));
        assert_eq!(found.floating, 1, "{name}");
    }
}

#[test]
fn a_time_without_a_known_zone_is_the_devices_and_is_counted() {
    for start in
        ["DTSTART:20260309T170000", "DTSTART;TZID=Nowhere/Land:20260309T170000", "DTSTART;TZID=MSK:20260309T170000"]
    {
        let found = gatherings(&event(start));
        assert_eq!((starts(&found), found.floating), (vec!["2026-03-09T17:00:00+07:00".to_owned()], 1), "{start}");
        assert_eq!(found.events[0].zone, None, "no zone is claimed for it");
    }
}

#[test]
fn a_name_of_windows_is_the_zone_that_it_means() {
    let found = gatherings(&event("DTSTART;TZID=N. Central Asia Standard Time:20260309T170000"));
    assert_eq!((starts(&found), found.floating), (vec!["2026-03-09T17:00:00+07:00".to_owned()], 0));
    assert_eq!(found.events[0].zone.as_deref(), Some("Asia/Novosibirsk"));
}

#[test]
fn odd_entries_are_counted_and_lose_no_other() {
    let found = gatherings(&calendar(
        "BEGIN:VEVENT\r\nUID:1\r\nDTSTART:tomorrow\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:2\r\nEND:VEVENT\r\n\
         BEGIN:VEVENT\r\nUID:3\r\nDTSTART:20260309T100000Z\r\nRRULE:FREQ=FORTNIGHTLY\r\nEND:VEVENT\r\n\
         BEGIN:VEVENT\r\nUID:4\r\nSUMMARY:Good\r\nDTSTART:20260309T100000Z\r\nBEGIN:VALARM\r\nDTSTART:19990101\r\nSUMMARY:Alarm\r\nEND:VALARM\r\nEND:VEVENT\r\n\
         BEGIN:VEVENT\r\nUID:4\r\nSUMMARY:Better\r\nSEQUENCE:2\r\nDTSTART:20260310T100000Z\r\nEND:VEVENT\r\n\
         BEGIN:VEVENT\r\nUID:5\r\nSUMMARY:Cut off\r\nDTSTART:20260311T100000Z",
    ));
    let names: Vec<&str> = found.events.iter().map(|event| event.name.as_str()).collect();
    // What is cut off may be called off in the part that is missing.
    assert_eq!((names, found.odd), (vec!["Better"], 4));
}

#[test]
fn what_repeats_for_ever_ends_at_the_limits() {
    let every_second = event("DTSTART:20000101T000000Z\r\nRRULE:FREQ=SECONDLY");
    let found = gatherings(&every_second);
    assert!(found.cut && found.events.len() <= 400, "{}", found.events.len());
    for rule in [
        "FREQ=SECONDLY;COUNT=999999999",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=31",
        "FREQ=DAILY;INTERVAL=100000",
        "FREQ=MINUTELY;BYHOUR=25",
    ] {
        assert!(gatherings(&event(&format!("DTSTART:20000101T000000Z\r\nRRULE:{rule}"))).events.len() <= 400, "{rule}");
    }
    let each = |last: i32| (0..=last).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
    let times = format!("BYHOUR={};BYMINUTE={};BYSECOND={}", each(23), each(59), each(59));
    let days = "MO,TU,WE,TH,FR,SA,SU";
    let many_days = vec!["MO"; 1_000_000].join(",");
    for text in [
        format!("FREQ=DAILY;{times};BYSETPOS=-1"),
        format!("FREQ=YEARLY;BYDAY={days};{times};BYSETPOS=-1"),
        format!("FREQ=MONTHLY;BYDAY={days};{times}"),
        format!("FREQ=HOURLY;{times};BYSETPOS=1"),
    ] {
        let mut budget = Budget::new();
        let window = |year| jiff::civil::date(year, 1, 1).at(0, 0, 0, 0);
        let rule = Rule::parse(&text).unwrap();
        // As many events as a file likes share one budget.
        for _ in 0..100 {
            rule.occurrences(window(2020), (window(2026), window(2027)), |_| false, &mut budget);
        }
        assert!(budget.is_spent(), "{text}");
    }
    assert_eq!(Rule::parse(&format!("FREQ=DAILY;BYDAY={many_days}")), Rule::parse("FREQ=DAILY;BYDAY=MO"));
    let many: String = (0..20_000)
        .map(|n| {
            format!("BEGIN:VEVENT\r\nUID:{n}\r\nDTSTART:20260309T100000Z\r\nRRULE:FREQ=SECONDLY\r\nEND:VEVENT\r\n")
        })
        .collect();
    let found = gatherings(&calendar(&many));
    assert!(found.cut && found.events.len() <= MAX_EVENTS);
    let texts = "word ".repeat(3_900);
    let repeated: String =
        (0..30).map(|n| format!("BEGIN:VEVENT\r\nUID:{n}\r\nDTSTART:20260309T100000Z\r\nRRULE:FREQ=DAILY\r\nDESCRIPTION:{texts}\r\nEND:VEVENT\r\n")).collect();
    let found = gatherings(&calendar(&repeated));
    let held: usize = found.events.iter().map(held_bytes::of_event).sum();
    assert!(
        found.cut && held <= MAX_HELD && held + 40_000 > MAX_HELD,
        "long texts are not repeated without end: {held}"
    );
    assert!(read(&"BEGIN:VEVENT\r\n".repeat(100_000)).is_none());
    assert!(read("").is_none() && read("BEGIN:VCARD\r\nEND:VCARD").is_none());
    assert!(gatherings(&event("DTSTART:99990101T000000Z")).events.is_empty(), "a year that no gathering has");
}
