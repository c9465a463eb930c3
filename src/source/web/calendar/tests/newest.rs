//! What a newer form of an event calls off stays called off, and what cannot be read in whole is not shown as held.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::fmt::Write as _;

use super::super::Gatherings;
use super::{calendar, event, gatherings, starts};
use crate::community::EventStatus;

pub(super) const WEEKLY: &str =
    "SUMMARY:Weekly\r\nDTSTART:20260304T180000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=WEEKLY;COUNT=4";

pub(super) fn entries(entries: &[&str]) -> Gatherings {
    let entries: Vec<String> =
        entries.iter().map(|lines| format!("BEGIN:VEVENT\r\nUID:1\r\n{lines}\r\nEND:VEVENT")).collect();
    gatherings(&calendar(&entries.join("\r\n")))
}

pub(super) fn shown(found: &Gatherings) -> Vec<String> {
    let day = |event: &crate::community::Event| event.start.unwrap().to_string()[5..13].to_owned();
    found.events.iter().map(|event| format!("{} {} {:?}", day(event), event.name, event.status)).collect()
}

fn excluded(count: usize) -> String {
    let first: jiff::civil::Date = "2025-02-01".parse().unwrap();
    let days = first.series(jiff::ToSpan::days(1)).take(count);
    days.fold(String::new(), |mut lines, day| {
        write!(lines, "\r\nEXDATE:{}T180000Z", day.strftime("%Y%m%d")).unwrap();
        lines
    })
}

const DAILY: &str = "DTSTART:20250201T180000Z\r\nRRULE:FREQ=DAILY;UNTIL=20260303T180000Z";

#[test]
fn an_event_with_many_exceptions_is_read_whole_or_not_shown() {
    // The last 5 days are not excluded, and one of them is over for more than a day.
    let found = gatherings(&event(&format!("{DAILY}{}", excluded(391))));
    assert_eq!((starts(&found).len(), found.odd, found.cut), (4, 0, false), "{:?}", starts(&found));
    let found = gatherings(&event(&format!("{DAILY}{}\r\nSTATUS:CANCELLED", excluded(391))));
    assert!(found.events.iter().all(|event| event.status == EventStatus::Cancelled) && found.odd == 0);
    let found = gatherings(&event(&format!("{DAILY}{}", excluded(1001))));
    assert_eq!((found.events.len(), found.odd), (0, 1));
    // A field that decides is kept after all others, and other fields lose no day.
    let long = "URL:https://zavod.example/\r\n".repeat(300);
    let found = gatherings(&event(&format!("DTSTART:20260309T100000Z\r\n{long}STATUS:CANCELLED")));
    assert_eq!((found.events.len(), found.odd), (0, 1));
    // A newer form that cannot be kept whole does not leave the older one standing.
    let newer = format!("SEQUENCE:1\r\n{DAILY}{}", excluded(1001));
    assert_eq!(entries(&[DAILY, &newer]).events.len(), 0);
}

#[test]
fn an_exception_that_cannot_be_read_hides_the_event() {
    for exception in
        ["EXDATE:20260311T180000.5Z", "EXDATE:20260311T180000Z;20260318T180000Z", "EXDATE:20260311T180000Z,garbage"]
    {
        let found = entries(&[&format!("{WEEKLY}\r\n{exception}")]);
        assert_eq!((found.events.len(), found.odd), (0, 1), "{exception}");
    }
}

#[test]
fn a_newer_event_drops_older_changes_of_days_it_no_longer_has() {
    let older = "RECURRENCE-ID:20260318T180000Z\r\nSUMMARY:Special\r\nSEQUENCE:1\r\nDTSTART:20260318T190000Z";
    let all = |special: &str| -> Vec<String> {
        let all = ["03-04T18", "03-11T18", special, "03-25T18"].into_iter();
        all.filter(|one| !one.is_empty()).map(str::to_owned).collect()
    };
    let seen = |found: &Gatherings| -> Vec<String> {
        found.events.iter().map(|event| event.start.unwrap().to_string()[5..13].to_owned()).collect()
    };
    for (newer, expected) in [
        ("SEQUENCE:3", all("03-18T19")),
        ("SEQUENCE:3\r\nEXDATE:20260318T180000Z", all("")),
        // Of the same version, what calls off counts.
        ("SEQUENCE:1\r\nEXDATE:20260318T180000Z", all("")),
        ("SEQUENCE:0\r\nEXDATE:20260318T180000Z", all("03-18T19")),
    ] {
        assert_eq!(seen(&entries(&[&format!("{WEEKLY}\r\n{newer}"), older])), expected, "{newer}");
    }
    let moved = WEEKLY.replace("T180000Z", "T200000Z") + "\r\nSEQUENCE:3";
    assert_eq!(seen(&entries(&[&moved, older])), ["03-04T20", "03-11T20", "03-18T20", "03-25T20"]);
    let shorter = WEEKLY.replace("COUNT=4", "UNTIL=20260312T000000Z") + "\r\nSEQUENCE:3";
    assert_eq!(seen(&entries(&[older, &shorter])), ["03-04T18", "03-11T18"]);
    let unreadable = format!("{WEEKLY}\r\nSEQUENCE:3\r\nEXDATE:garbage");
    assert_eq!(seen(&entries(&[&unreadable, older])), [""; 0]);
    // An event that does not recur.
    let single = |hour: u32| format!("SUMMARY:One\r\nSEQUENCE:3\r\nDTSTART:20260318T{hour}0000Z");
    assert_eq!(seen(&entries(&[&single(20), older])), ["03-18T20"]);
    assert_eq!(seen(&entries(&[&single(18), older])), ["03-18T19"]);
}

#[test]
fn a_newer_change_of_all_later_days_replaces_older_changes() {
    let single = "RECURRENCE-ID:20260318T180000Z\r\nSUMMARY:Special\r\nSEQUENCE:1\r\nDTSTART:20260318T190000Z";
    let range = |day: u32, version: &str, rest: &str| {
        format!("RECURRENCE-ID;RANGE=THISANDFUTURE:202603{day}T180000Z\r\nSEQUENCE:{version}\r\n{rest}")
    };
    let cancelled = range(11, "2", "SUMMARY:Weekly\r\nSTATUS:CANCELLED\r\nDTSTART:20260311T180000Z");
    let moved = range(11, "2", "SUMMARY:Moved\r\nDTSTART:20260311T200000Z");
    let later = range(18, "1", "SUMMARY:Later\r\nDTSTART:20260318T210000Z");
    let off = [
        "03-04T18 Weekly Scheduled",
        "03-11T18 Weekly Cancelled",
        "03-18T18 Weekly Cancelled",
        "03-25T18 Weekly Cancelled",
    ];
    assert_eq!(shown(&entries(&[WEEKLY, single, &cancelled])), off);
    assert_eq!(shown(&entries(&[WEEKLY, &later, &cancelled])), off);
    let all = [
        "03-04T18 Weekly Scheduled",
        "03-11T20 Moved Scheduled",
        "03-18T20 Moved Scheduled",
        "03-25T20 Moved Scheduled",
    ];
    assert_eq!(shown(&entries(&[WEEKLY, single, &moved])), all);
    assert_eq!(shown(&entries(&[WEEKLY, &later, &moved])), all);
    // A newer change of a day, or of the days after it, counts.
    let newer = single.replace("SEQUENCE:1", "SEQUENCE:3");
    assert_eq!(shown(&entries(&[WEEKLY, &newer, &cancelled]))[2], "03-18T19 Special Scheduled");
    let newer = range(18, "3", "SUMMARY:Later\r\nDTSTART:20260318T210000Z");
    let two = ["03-18T21 Later Scheduled", "03-25T21 Later Scheduled"];
    assert_eq!(shown(&entries(&[WEEKLY, &newer, &cancelled]))[2..], two);
}

const ZONE: &str = "BEGIN:VTIMEZONE\r\nTZID:Plant\r\n\
    BEGIN:STANDARD\r\nDTSTART:20241027T030000\r\nTZOFFSETFROM:+0300\r\nTZOFFSETTO:+0200\r\n\
    RDATE:20251026T030000,20261025T030000\r\nEND:STANDARD\r\n\
    BEGIN:DAYLIGHT\r\nDTSTART:20250330T020000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0300\r\n\
    RDATE:20260329T020000\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\n";

#[test]
fn a_zone_that_is_read_in_part_is_no_zone() {
    let event = "BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:M\r\nDTSTART;TZID=Plant:20261205T180000\r\nEND:VEVENT";
    let read = |zone: &str| gatherings(&calendar(&format!("{zone}{event}")));
    let whole = read(ZONE);
    assert_eq!((starts(&whole), whole.floating), (vec!["2026-12-05T18:00:00+02:00".to_owned()], 0));
    for (part, instead) in [
        ("20251026T030000,20261025T030000", "20251026T030000,garbage"),
        ("TZOFFSETTO:+0200\r\n", "TZOFFSETTO:+2\r\n"),
        ("TZOFFSETFROM:+0300\r\n", ""),
        ("DTSTART:20241027T030000\r\n", ""),
        ("RDATE:20260329T020000", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU;RSCALE=GREGORIAN"),
        ("RDATE:20260329T020000", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU;UNTIL=soon"),
    ] {
        let found = read(&ZONE.replacen(part, instead, 1));
        assert_eq!(found.floating, 1, "{instead}");
        assert_eq!(starts(&found), ["2026-12-05T18:00:00+07:00"], "{instead}: by the clock of the device");
    }
    // What lies in a zone that is one too many is added to no other zone.
    let mut many = String::new();
    for number in 0..64 {
        many += &ZONE.replace("Plant", &format!("Plant{number}"));
    }
    many += &ZONE.replace("+0200", "+0900").replace("+0300", "+1000");
    let last = event.replace("TZID=Plant", "TZID=Plant63");
    assert_eq!(starts(&gatherings(&calendar(&format!("{many}{last}")))), ["2026-12-05T18:00:00+02:00"]);
}

#[test]
fn only_the_organisers_word_changes_a_gathering() {
    let object = |method: &str, sequence: u32, hour: u32| {
        format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{method}BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:M\r\nSEQUENCE:{sequence}\r\n\
             DTSTART:20260318T{hour}0000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        )
    };
    for method in ["COUNTER", "REPLY", "DECLINECOUNTER", "REFRESH", "X-OTHER", "PUBLISH\r\nMETHOD:REPLY"] {
        let text = object("METHOD:PUBLISH\r\n", 0, 18) + &object(&format!("METHOD:{method}\r\n"), 1, 20);
        let found = gatherings(&text);
        assert_eq!((starts(&found), found.odd), (vec!["2026-03-18T18:00:00Z".to_owned()], 1), "{method}");
    }
    for method in ["", "METHOD:PUBLISH\r\n", "METHOD:request\r\n", "METHOD:ADD\r\n"] {
        let found = gatherings(&(object("", 0, 18) + &object(method, 1, 20)));
        assert_eq!((starts(&found), found.odd), (vec!["2026-03-18T20:00:00Z".to_owned()], 0), "{method}");
    }
    for status in ["STATUS:CANCELED", "STATUS:cancelled", "STATUS:CONFIRMED\r\nSTATUS:CANCELLED"] {
        let found = gatherings(&event(&format!("DTSTART:20260318T180000Z\r\n{status}")));
        assert_eq!(found.events[0].status, EventStatus::Cancelled, "{status}");
    }
}
