//! Calendars that break off, and zones that are not known.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use super::{calendar, gatherings, starts};

const FIRST: &str =
    "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:One\r\nDTSTART:20260304T100000Z\r\nEND:VEVENT\r\n";

#[test]
fn a_calendar_that_breaks_off_says_so() {
    for (rest, events, odd) in [
        ("", 1, 0),
        ("BEGIN:VEV", 1, 0),
        // What is missing may call it off, or say at what hour it is.
        ("BEGIN:VEVENT\r\nUID:2\r\nDTSTART:20260305", 1, 1),
        ("BEGIN:VEVENT\r\nUID:2\r\nDTSTART:20260305T100000Z\r\nBEGIN:VALARM\r\nEND:VALARM\r\n", 1, 1),
        ("BEGIN:VEVENT\r\nUID:2\r\nDTSTART:20260305T100000Z\r\nEND:VEVENT\r\n", 2, 0),
    ] {
        let found = gatherings(&format!("{FIRST}{rest}"));
        assert_eq!((found.events.len(), found.odd, found.breaks_off), (events, odd, true), "{rest}");
    }
    let whole = format!("{FIRST}END:VCALENDAR");
    assert!(!gatherings(&whole).breaks_off && !gatherings(&format!("{whole}\r\n\r\n")).breaks_off);
    // Another calendar after it does not make it whole.
    let found =
        gatherings(&format!("{FIRST}{}", calendar("BEGIN:VEVENT\r\nUID:3\r\nDTSTART:20260305T100000Z\r\nEND:VEVENT")));
    assert_eq!((found.events.len(), found.breaks_off), (2, true));
}

#[test]
fn two_entries_are_not_taken_for_one() {
    let torn = "BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Torn\r\nDTSTART:20260304T100000Z\r\n\
        BEGIN:VEVENT\r\nUID:2\r\nSUMMARY:Whole\r\nDTSTART:20260305T100000Z\r\nEND:VEVENT";
    let found = gatherings(&calendar(torn));
    assert_eq!((found.events.len(), found.events[0].name.as_str(), found.odd), (1, "Whole", 1));
    let stray = format!("{FIRST}END:VALARM\r\nEND:VCALENDAR");
    assert!(!gatherings(&stray).breaks_off, "the end of nothing ends nothing");
}

#[test]
fn the_zone_of_the_calendar_replaces_no_unknown_one() {
    let moscow = "BEGIN:VTIMEZONE\r\nTZID:Europe/Moscow\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n\
        TZOFFSETFROM:+0300\r\nTZOFFSETTO:+0300\r\nEND:STANDARD\r\nEND:VTIMEZONE";
    let unknown = "BEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID=Barnaul Time:20260304T100000\r\nEND:VEVENT";
    let unnamed = "BEGIN:VEVENT\r\nUID:1\r\nDTSTART:20260304T100000\r\nEND:VEVENT";
    for own in [moscow, "X-WR-TIMEZONE:Europe/Moscow"] {
        let at = |event: &str| {
            let found = gatherings(&calendar(&format!("{own}\r\n{event}")));
            (starts(&found).remove(0), found.floating)
        };
        assert_eq!(at(unknown), ("2026-03-04T10:00:00+07:00".to_owned(), 1), "{own}: the device's, and said");
        assert_eq!(at(unnamed), ("2026-03-04T10:00:00+03:00".to_owned(), 0), "{own}");
    }
    // A name that stands for no zone here does not become the zone of a description beside it.
    let found = gatherings(&calendar(&format!("X-WR-TIMEZONE:Barnaul Time\r\n{moscow}\r\n{unnamed}")));
    assert_eq!((starts(&found).remove(0).as_str(), found.floating), ("2026-03-04T10:00:00+07:00", 1));
    let described = moscow.replace("Europe/Moscow", "Barnaul Time");
    let found = gatherings(&calendar(&format!("X-WR-TIMEZONE:Barnaul Time\r\n{described}\r\n{unnamed}")));
    assert_eq!((starts(&found).remove(0).as_str(), found.floating), ("2026-03-04T10:00:00+03:00", 0));
}

#[test]
fn calendars_of_one_file_that_disagree_on_a_zone_state_none() {
    let object = |zone: &str, uid: u32| {
        calendar(&format!(
            "X-WR-TIMEZONE:{zone}\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTART:20260304T1{uid}0000\r\nEND:VEVENT"
        ))
    };
    let found = gatherings(&format!("{}{}", object("Europe/Moscow", 1), object("Europe/Berlin", 2)));
    assert_eq!(
        (starts(&found), found.floating),
        (vec!["2026-03-04T11:00:00+07:00".to_owned(), "2026-03-04T12:00:00+07:00".to_owned()], 2)
    );
    let zone = |offset: &str| {
        format!(
            "BEGIN:VTIMEZONE\r\nTZID:Works\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:{offset}\r\nTZOFFSETTO:{offset}\r\nEND:STANDARD\r\nEND:VTIMEZONE"
        )
    };
    let event = "BEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID=Works:20260304T100000\r\nEND:VEVENT";
    let of = |one: &str, other: &str| {
        gatherings(&calendar(&format!("{}\r\n{}\r\n{event}", zone(one), zone(other)))).floating
    };
    assert_eq!((of("+0300", "+0300"), of("+0300", "+0400")), (0, 1));
}

#[test]
fn an_end_without_a_zone_lies_in_the_zone_of_the_start() {
    let found = gatherings(&calendar(
        "BEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID=Europe/Moscow:20260304T100000\r\nDTEND:20260304T120000\r\nEND:VEVENT",
    ));
    assert_eq!(found.events[0].end.unwrap().to_string(), "2026-03-04T12:00:00+03:00");
}
