//! Where two entries do not agree, or one cannot be read, nothing is shown as held that may be called off.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use super::newest::{WEEKLY, entries, shown};
use super::{calendar, event, gatherings};
use crate::community::EventStatus;

const ALL: [&str; 4] = [
    "03-04T18 Weekly Scheduled",
    "03-11T18 Weekly Scheduled",
    "03-18T18 Weekly Scheduled",
    "03-25T18 Weekly Scheduled",
];

fn with(more: &str) -> String {
    format!("{WEEKLY}\r\n{more}")
}

#[test]
fn a_stray_line_changes_no_field() {
    for stray in ["X-EVENT_ID:17", "ATTENDEE;RSVP:mailto:a@b.example", "<!-- generated -->"] {
        let found = gatherings(&event(&format!("DTSTART:20260318T180000Z\r\nSTATUS:CANCELLED\r\n{stray}")));
        assert_eq!((found.events[0].status, found.odd), (EventStatus::Cancelled, 0), "{stray}");
        for (field, expected) in [("SEQUENCE:2", "20"), ("SEQUENCE:2\r\nRECURRENCE-ID:20260318T180000Z", "20")] {
            let newer = format!("DTSTART:20260318T200000Z\r\n{field}\r\n{stray}\r\nSUMMARY:M");
            let found = entries(&[&newer, "DTSTART:20260318T180000Z\r\nSEQUENCE:1\r\nSUMMARY:M"]);
            assert_eq!(shown(&found), [format!("03-18T{expected} M Scheduled")], "{field} {stray}");
        }
        let found = entries(&[&with(&format!("EXDATE:20260311T180000Z\r\n{stray}"))]);
        assert_eq!(shown(&found), [ALL[0], ALL[2], ALL[3]], "{stray}");
        let reply =
            format!("METHOD:REPLY\r\n{stray}\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20260318T180000Z\r\nEND:VEVENT");
        assert_eq!(gatherings(&calendar(&reply)).events.len(), 0, "{stray}");
    }
}

#[test]
fn a_status_that_confirms_nothing_is_not_scheduled() {
    for (status, expected, odd) in [
        ("CONFIRMED", EventStatus::Scheduled, 0),
        ("", EventStatus::Scheduled, 0),
        ("TENTATIVE", EventStatus::Unknown, 0),
        ("CANC", EventStatus::Unknown, 1),
        ("CANCELLED BY THE COUNCIL", EventStatus::Unknown, 1),
    ] {
        let found = gatherings(&event(&format!("DTSTART:20260318T180000Z\r\nSTATUS:{status}")));
        assert_eq!((found.events[0].status, found.odd), (expected, odd), "{status}");
    }
}

#[test]
fn an_outdated_change_of_all_later_days_invents_no_hour() {
    let range = |sequence: u32| {
        format!(
            "RECURRENCE-ID;RANGE=THISANDFUTURE:20260311T180000Z\r\nSEQUENCE:{sequence}\r\nSUMMARY:Range\r\nDTSTART:20260311T120000Z"
        )
    };
    let moved = with("SEQUENCE:5").replace("T180000Z", "T200000Z");
    let at_20 = ALL.map(|line| line.replace("T18", "T20"));
    assert_eq!(shown(&entries(&[&moved, &range(1)])), at_20);
    let excluded = with("SEQUENCE:5\r\nEXDATE:20260311T180000Z");
    assert_eq!(shown(&entries(&[&excluded, &range(1)])), [ALL[0], ALL[2], ALL[3]]);
    let later = ["03-11T12 Range Scheduled", "03-18T12 Range Scheduled", "03-25T12 Range Scheduled"];
    assert_eq!(shown(&entries(&[&with("SEQUENCE:5"), &range(6)]))[1..], later);
    assert_eq!(shown(&entries(&[&with("SEQUENCE:5"), &range(1)]))[1..], later, "the event still has that day");
}

#[test]
fn a_change_of_nobody_knows_which_day_hides_the_event() {
    for id in ["tomorrow", "20261399T180000Z", "20260311T180000.5Z"] {
        for what in ["STATUS:CANCELLED", "DTSTART:20260311T200000Z"] {
            let change = format!("RECURRENCE-ID:{id}\r\nSUMMARY:Weekly\r\n{what}");
            let found = entries(&[WEEKLY, &change]);
            assert_eq!((shown(&found), found.odd), (vec![], 1), "{change}");
        }
    }
    for id in ["20260311T180000.000Z", "20260311T180000+0000", "2026-03-11T19:00:00+01:00"] {
        let found = entries(&[WEEKLY, &format!("RECURRENCE-ID:{id}\r\nSTATUS:CANCELLED")]);
        assert_eq!(shown(&found), [ALL[0], "03-11T18 Weekly Cancelled", ALL[2], ALL[3]], "{id}");
    }
}

#[test]
fn a_change_without_end_hides_the_event() {
    let torn = |rest: &str| {
        let change = format!("BEGIN:VEVENT\r\nUID:1\r\nRECURRENCE-ID:20260311T180000Z\r\n{rest}");
        let whole = format!("BEGIN:VEVENT\r\nUID:1\r\n{WEEKLY}\r\nEND:VEVENT\r\n");
        let other = "BEGIN:VEVENT\r\nUID:2\r\nSUMMARY:Other\r\nDTSTART:20260305T180000Z\r\nEND:VEVENT";
        gatherings(&calendar(&format!("{whole}{change}\r\n{other}")))
    };
    for rest in ["STATUS:CANC", "BEGIN:VALARM\r\nSTATUS:CANCELLED\r\nEND:VEVENT"] {
        let found = torn(rest);
        assert_eq!((shown(&found), found.odd), (vec!["03-05T18 Other Scheduled".to_owned()], 1), "{rest}");
    }
}

#[test]
fn a_change_belongs_to_its_event_whatever_the_case_of_its_id() {
    let all = |event: &str, change: &str| {
        let event = format!("BEGIN:VEVENT\r\n{event}{WEEKLY}\r\nEND:VEVENT");
        let off = "RECURRENCE-ID:20260311T180000Z\r\nSUMMARY:Weekly\r\nDTSTART:20260311T180000Z\r\nSTATUS:CANCELLED";
        gatherings(&calendar(&format!("{event}\r\nBEGIN:VEVENT\r\n{change}{off}\r\nEND:VEVENT")))
    };
    let expected = [ALL[0], "03-11T18 Weekly Cancelled", ALL[2], ALL[3]];
    assert_eq!(shown(&all("UID:w\r\n", "UID:W\r\n")), expected);
    // Without an id, any event without one may be meant.
    let found = all("", "");
    assert_eq!((shown(&found), found.odd), (vec!["03-11T18 Weekly Cancelled".to_owned()], 1));
    assert_eq!(shown(&all("UID:w\r\n", "")).len(), 5, "an event with an id is another one");
}

#[test]
fn of_one_sequence_the_later_change_counts_or_what_calls_off() {
    let at = |field: &str, day: u32| format!("{field}:202602{day:02}T000000Z");
    let special = "RECURRENCE-ID:20260318T180000Z\r\nSUMMARY:Weekly\r\nDTSTART:20260318T180000Z";
    let range = "RECURRENCE-ID;RANGE=THISANDFUTURE:20260311T180000Z\r\nSUMMARY:Weekly\r\nDTSTART:20260311T180000Z\r\nSTATUS:CANCELLED";
    let is_held = |event: &str, change: &str| {
        let found = entries(&[event, change]);
        shown(&found).contains(&ALL[2].to_owned())
    };
    for field in ["LAST-MODIFIED", "DTSTAMP"] {
        for (this, other, holds) in [(2, 1, false), (1, 2, true), (1, 1, false)] {
            let change = format!("{special}\r\n{}", at(field, other));
            let off = with(&format!("STATUS:CANCELLED\r\n{}", at(field, this)));
            assert_eq!(is_held(&off, &change), holds, "called off: {field} {this} {other}");
            let excluded = with(&format!("EXDATE:20260318T180000Z\r\n{}", at(field, this)));
            assert_eq!(is_held(&excluded, &change), holds, "excluded: {field} {this} {other}");
            let off = format!("{range}\r\n{}", at(field, this));
            let found = entries(&[&with(&at(field, 1)), &off, &change]);
            assert_eq!(shown(&found).contains(&ALL[2].to_owned()), holds, "all later: {field} {this} {other}");
        }
    }
}
