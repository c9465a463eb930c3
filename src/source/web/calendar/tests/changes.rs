//! Changes of single occurrences, and of all later ones.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use super::super::Gatherings;
use super::{calendar, gatherings, starts};
use crate::community::EventStatus;

const WEEKLY: &str =
    "DTSTART;TZID=Asia/Barnaul:20260304T180000\r\nDTEND;TZID=Asia/Barnaul:20260304T190000\r\nRRULE:FREQ=WEEKLY;COUNT=4";

fn entries(entries: &[&str]) -> Gatherings {
    let entries: Vec<String> = entries.iter().map(|lines| entry(lines)).collect();
    gatherings(&calendar(&entries.join("\r\n")))
}

fn entry(lines: &str) -> String {
    format!("BEGIN:VEVENT\r\nUID:1\r\n{lines}\r\nEND:VEVENT")
}

/// Each with its start and its name.
fn shown(found: &Gatherings) -> Vec<String> {
    found.events.iter().map(|event| format!("{} {}", event.start.unwrap(), event.name)).collect()
}

fn statuses(found: &Gatherings) -> Vec<EventStatus> {
    found.events.iter().map(|event| event.status).collect()
}

#[test]
fn the_newest_change_of_an_occurrence_counts() {
    let master = "SUMMARY:Daily\r\nDTSTART:20260303T100000Z\r\nRRULE:FREQ=DAILY;COUNT=2";
    let change = |hour: u32, version: &str| {
        format!("RECURRENCE-ID:20260304T100000Z\r\nSUMMARY:{hour}\r\nDTSTART:20260304T{hour}0000Z\r\n{version}")
    };
    for (one, other) in [
        ("SEQUENCE:1", "SEQUENCE:2"),
        ("SEQUENCE:2\r\nLAST-MODIFIED:20260101T000000Z", "SEQUENCE:10\r\nLAST-MODIFIED:20250101T000000Z"),
        ("LAST-MODIFIED:20260101T000000Z", "LAST-MODIFIED:20260101T000001Z"),
        ("DTSTAMP:20260101T000000Z", "DTSTAMP:20260101T000001Z"),
        (
            "DTSTAMP:20260301T000000Z\r\nLAST-MODIFIED:20260101T000000Z",
            "LAST-MODIFIED:20260201T000000Z\r\nDTSTAMP:20260201T000000Z",
        ),
    ] {
        // The older one is later in the day, so that no order of starts makes up for the order of versions.
        for (older, newer) in [(20, 15), (15, 20)] {
            let (old, new) = (change(older, one), change(newer, other));
            for order in [[master, &old, &new], [master, &new, &old], [&new, &old, master]] {
                let found = entries(&order);
                let expected = format!("2026-03-04T{newer}:00:00Z {newer}");
                assert_eq!(shown(&found), ["2026-03-03T10:00:00Z Daily", &expected], "{one} / {other}");
                assert_eq!(found.odd, 0, "a change that was changed is nothing odd");
            }
        }
    }
    let found = entries(&[master, &change(20, ""), &change(15, "")]);
    assert_eq!((starts(&found)[1].as_str(), found.odd), ("2026-03-04T15:00:00Z", 1), "the later in the file");
    let found = entries(&[master, &change(20, ""), &change(20, "")]);
    assert_eq!((found.events.len(), found.odd), (2, 0), "one entry twice");
}

#[test]
fn the_newest_form_of_an_event_counts() {
    let at = |hour: u32, version: &str| format!("SUMMARY:{hour}\r\nDTSTART:20260304T{hour}0000Z\r\n{version}");
    for (one, other) in
        [("SEQUENCE:1", "SEQUENCE:2"), ("LAST-MODIFIED:20260101T000000Z", "LAST-MODIFIED:20260102T000000Z")]
    {
        let (old, new) = (at(11, one), at(10, other));
        for order in [[old.as_str(), &new], [&new, &old]] {
            let found = entries(&order);
            assert_eq!((shown(&found), found.odd), (vec!["2026-03-04T10:00:00Z 10".to_owned()], 0), "{one}");
        }
    }
}

#[test]
fn this_and_future_moves_all_later_occurrences() {
    let noon = "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Asia/Barnaul:20260311T180000\r\nSUMMARY:Noon\r\n\
        DTSTART;TZID=Asia/Barnaul:20260311T120000\r\nDTEND;TZID=Asia/Barnaul:20260311T123000";
    let found = entries(&[WEEKLY, noon]);
    assert_eq!(
        shown(&found),
        [
            "2026-03-04T18:00:00+07:00 ",
            "2026-03-11T12:00:00+07:00 Noon",
            "2026-03-18T12:00:00+07:00 Noon",
            "2026-03-25T12:00:00+07:00 Noon"
        ]
    );
    assert_eq!(found.events[3].end.unwrap().to_string(), "2026-03-25T12:30:00+07:00");
    let before = entries(&[WEEKLY]);
    let ids = |found: &Gatherings| found.events.iter().map(|event| event.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&found), ids(&before), "occurrences that are moved keep their ids");
    // A change of one of them, and a later change of all.
    let one =
        "RECURRENCE-ID;TZID=Asia/Barnaul:20260318T180000\r\nSUMMARY:One\r\nDTSTART;TZID=Asia/Barnaul:20260319T090000";
    let off =
        "RECURRENCE-ID;RANGE=\"THISANDFUTURE\";TZID=Asia/Barnaul:20260325T180000\r\nSUMMARY:Off\r\nSTATUS:CANCELLED";
    let found = entries(&[WEEKLY, noon, one, off]);
    assert_eq!(shown(&found)[2..], ["2026-03-19T09:00:00+07:00 One", "2026-03-25T18:00:00+07:00 Off"]);
    assert_eq!(statuses(&found)[3], EventStatus::Cancelled);
    // The local hour stays when the clock changes, in UTC too.
    let berlin = "DTSTART;TZID=Europe/Berlin:20260311T180000\r\nRRULE:FREQ=WEEKLY;COUNT=4";
    let by_utc = "RECURRENCE-ID;RANGE=THISANDFUTURE:20260318T170000Z\r\nDTSTART:20260319T080000Z";
    let found = entries(&[berlin, by_utc]);
    assert_eq!(starts(&found)[2..], ["2026-03-26T09:00:00+01:00", "2026-04-02T09:00:00+02:00"]);
    let prior = noon.replace("THISANDFUTURE", "THISANDPRIOR");
    let found = entries(&[WEEKLY, &prior]);
    assert_eq!((starts(&found)[0].as_str(), found.odd), ("2026-03-04T18:00:00+07:00", 1), "an unknown range is odd");
}

#[test]
fn occurrences_moved_over_the_edge_of_the_window_are_shown() {
    let daily = "DTSTART:20260101T100000Z\r\nRRULE:FREQ=WEEKLY";
    let later = "RECURRENCE-ID;RANGE=THISANDFUTURE:20260108T100000Z\r\nDTSTART:20260111T100000Z";
    assert_eq!(starts(&entries(&[daily, later]))[1], "2026-03-01T10:00:00Z", "by the rule on 26 February");
}

#[test]
fn exceptions_without_a_zone_lie_in_the_zone_of_the_event() {
    // The device's offset is that of Barnaul; the event's is not.
    let event = "DTSTART;TZID=Europe/Moscow:20260304T100000\r\nRRULE:FREQ=DAILY;COUNT=3";
    let kept = ["2026-03-04T10:00:00+03:00", "2026-03-06T10:00:00+03:00"];
    for exception in [
        "EXDATE:20260305T100000",
        "EXDATE;TZID=Europe/Moscow:20260305T100000",
        "EXDATE:20260305T070000Z",
        "EXDATE;VALUE=DATE:20260305",
        "EXDATE:20260305",
        "EXDATE;TZID=Asia/Barnaul:20260305T140000",
        "EXDATE;TZID=Nowhere/Land:20260305T100000",
    ] {
        let found = entries(&[&format!("{event}\r\n{exception}")]);
        assert_eq!(starts(&found), kept, "{exception}");
    }
    for id in ["RECURRENCE-ID:20260305T100000", "RECURRENCE-ID;VALUE=DATE:20260305", "RECURRENCE-ID:20260305T070000Z"] {
        let off = format!("{id}\r\nSTATUS:CANCELLED\r\nDTSTART;TZID=Europe/Moscow:20260305T100000");
        let found = entries(&[event, &off]);
        assert_eq!(found.events.len(), 3, "{id}: {:?}", starts(&found));
        assert_eq!(statuses(&found)[1], EventStatus::Cancelled, "{id}");
    }
    let found = entries(&[&format!("{event}\r\nRDATE:20260310T120000\r\nRDATE;VALUE=DATE:20260312")]);
    assert_eq!(starts(&found)[3..], ["2026-03-10T12:00:00+03:00", "2026-03-12T10:00:00+03:00"]);
    let found = entries(&[&format!("{event}\r\nEXDATE:tomorrow")]);
    assert_eq!((found.events.len(), found.odd), (0, 1), "the day that is excluded may be any of them");
}

#[test]
fn exceptions_of_whole_days_match_their_day() {
    let event = "DTSTART;VALUE=DATE:20260304\r\nRRULE:FREQ=DAILY;COUNT=3";
    for exception in [
        "EXDATE:20260305T000000",
        "EXDATE;TZID=America/New_York:20260305T000000",
        "EXDATE:20260305T000000Z",
        "EXDATE;VALUE=DATE:20260305",
        // The midnight of the device, seven hours east of Greenwich.
        "EXDATE:20260304T170000Z",
    ] {
        let found = entries(&[&format!("{event}\r\n{exception}")]);
        let days: Vec<String> = found.events.iter().map(|event| event.days.unwrap().first.to_string()).collect();
        assert_eq!(days, ["2026-03-04", "2026-03-06"], "{exception}");
    }
    let found = entries(&[event, "RECURRENCE-ID:20260305T000000\r\nDTSTART;VALUE=DATE:20260309"]);
    let days: Vec<String> = found.events.iter().map(|event| event.days.unwrap().first.to_string()).collect();
    assert_eq!(days, ["2026-03-04", "2026-03-06", "2026-03-09"]);
}

#[test]
fn a_cancelled_occurrence_without_a_start_is_shown_cancelled() {
    let named = format!("{WEEKLY}\r\nSUMMARY:Meeting\r\nLOCATION:Hall");
    let off = "RECURRENCE-ID;TZID=Asia/Barnaul:20260311T180000\r\nSTATUS:CANCELLED";
    let found = entries(&[&named, off]);
    assert_eq!(shown(&found)[1], "2026-03-11T18:00:00+07:00 Meeting");
    let event = &found.events[1];
    assert_eq!((event.status, event.place.as_ref().unwrap().name.as_deref()), (EventStatus::Cancelled, Some("Hall")));
    assert_eq!((event.end.unwrap().to_string().as_str(), found.odd), ("2026-03-11T19:00:00+07:00", 0));
    let alone = entries(&[off]);
    assert_eq!((starts(&alone), statuses(&alone)), (vec![starts(&found)[1].clone()], vec![EventStatus::Cancelled]));
    // The new hour is not known, so no hour is shown.
    let unknown = entries(&[WEEKLY, "RECURRENCE-ID;TZID=Asia/Barnaul:20260311T180000\r\nDTSTART:at noon"]);
    assert_eq!((unknown.events.len(), unknown.odd), (3, 1));
}

#[test]
fn a_calendar_of_the_method_cancel_calls_off_all_entries() {
    let off = "BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nBEGIN:VEVENT\r\nUID:2\r\nDTSTART:20260304T100000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    assert_eq!(statuses(&gatherings(off)), [EventStatus::Cancelled]);
    // Of several calendars in one file, only the one that says so; it may say so at its end.
    let late = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:2\r\nDTSTART:20260304T110000Z\r\nEND:VEVENT\r\nMETHOD:cancel\r\nEND:VCALENDAR\r\n";
    let on = calendar("METHOD:PUBLISH\r\nBEGIN:VEVENT\r\nUID:3\r\nDTSTART:20260304T120000Z\r\nEND:VEVENT");
    let found = gatherings(&format!("{late}{on}"));
    assert_eq!(statuses(&found), [EventStatus::Cancelled, EventStatus::Scheduled]);
    // It need not say again when the event was to be.
    for off in ["SEQUENCE:1\r\nSTATUS:CANCELLED", "STATUS:CANCELLED"] {
        let found = entries(&[WEEKLY, off]);
        assert_eq!((statuses(&found), found.odd), (vec![EventStatus::Cancelled; 4], 0), "{off}");
    }
    let again = format!("{WEEKLY}\r\nSEQUENCE:2");
    assert_eq!(statuses(&entries(&[&again, "SEQUENCE:1\r\nSTATUS:CANCELLED"])), [EventStatus::Scheduled; 4]);
    assert_eq!(entries(&["STATUS:CANCELLED"]).odd, 1);
    // An event that is called off takes with it what was changed of it before.
    let series = format!("{WEEKLY}\r\nSEQUENCE:3\r\nSTATUS:CANCELLED");
    let change =
        "RECURRENCE-ID;TZID=Asia/Barnaul:20260311T180000\r\nSEQUENCE:2\r\nDTSTART;TZID=Asia/Barnaul:20260311T120000";
    assert_eq!(statuses(&entries(&[&series, change])), [EventStatus::Cancelled; 4]);
}

#[test]
fn a_change_of_an_event_that_does_not_recur_replaces_it() {
    let found = entries(&["DTSTART:20260304T100000Z", "RECURRENCE-ID:20260304T100000Z\r\nDTSTART:20260304T150000Z"]);
    assert_eq!(starts(&found), ["2026-03-04T15:00:00Z"]);
    assert_eq!(found.events[0].id, entries(&["DTSTART:20260304T100000Z"]).events[0].id);
}

#[test]
fn rules_of_exception_exclude_their_days() {
    let found =
        entries(&["DTSTART:20260304T100000Z\r\nRRULE:FREQ=DAILY;COUNT=4\r\nEXRULE:FREQ=DAILY;INTERVAL=2;COUNT=2"]);
    assert_eq!(starts(&found), ["2026-03-05T10:00:00Z", "2026-03-07T10:00:00Z"]);
    let found = entries(&["DTSTART:20260304T100000Z\r\nRRULE:FREQ=DAILY;COUNT=4\r\nEXRULE:FREQ=SOMETIMES"]);
    assert_eq!((found.events.len(), found.odd), (0, 1), "days that are excluded are not shown");
    let many: String = (0..1001).map(|day| format!("\r\nEXDATE:20250101T{:02}{:02}00Z", day / 60, day % 60)).collect();
    let found = entries(&[&format!("DTSTART:20260304T100000Z\r\nRRULE:FREQ=DAILY;COUNT=4{many}")]);
    assert_eq!((found.events.len(), found.odd), (0, 1), "lines that are left out are said");
}

#[test]
fn the_start_of_an_event_is_its_first_occurrence() {
    // 3 March is a Tuesday.
    let fridays =
        |until: &str| starts(&entries(&[&format!("DTSTART:20260303T100000Z\r\nRRULE:FREQ=WEEKLY;BYDAY=FR;{until}")]));
    assert_eq!(fridays("COUNT=2"), ["2026-03-03T10:00:00Z", "2026-03-06T10:00:00Z", "2026-03-13T10:00:00Z"]);
    assert_eq!(fridays("UNTIL=20260305"), ["2026-03-03T10:00:00Z"]);
    assert!(fridays("UNTIL=20260302").is_empty(), "all occurrences are called off");
}

#[test]
fn a_period_has_its_own_end() {
    let found = entries(&[
        "DTSTART:20260304T100000Z\r\nDTEND:20260304T110000Z\r\nRDATE;VALUE=PERIOD:20260305T100000Z/20260305T150000Z,20260306T100000Z/PT30M",
    ]);
    let ends: Vec<String> = found.events.iter().map(|event| event.end.unwrap().to_string()).collect();
    assert_eq!(ends, ["2026-03-04T11:00:00Z", "2026-03-05T15:00:00Z", "2026-03-06T10:30:00Z"]);
}

#[test]
fn a_recurring_event_is_shown_until_it_ends() {
    let found = entries(&["DTSTART:20260226T100000Z\r\nDURATION:P5D\r\nRRULE:FREQ=MONTHLY;COUNT=2"]);
    assert_eq!(starts(&found).len(), 2, "it began three days ago and lasts five");
    let found = entries(&["DTSTART:20260228T100000\r\nDTEND:20260228T120000\r\nRRULE:FREQ=MONTHLY"]);
    assert_eq!(found.events[0].end.unwrap().to_string(), "2026-03-28T12:00:00+07:00");
}

#[test]
fn dates_in_utc_keep_their_instant_in_a_repeated_hour() {
    // In Berlin the hour from 02:00 to 03:00 of 25 October 2026 comes twice: 00:30 and 01:30 in UTC show 02:30.
    let dates = "DTSTART;TZID=Europe/Berlin:20261010T120000\r\nRDATE:20261025T003000Z,20261025T013000Z";
    let all = ["2026-10-10T12:00:00+02:00", "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"];
    assert_eq!(starts(&gatherings(&super::event(dates))), all);
    let without = format!("{dates}\r\nEXDATE:20261025T003000Z");
    assert_eq!(starts(&gatherings(&super::event(&without))), [all[0], all[2]]);
    let moved =
        entries(&[&format!("UID:1\r\n{dates}"), "UID:1\r\nRECURRENCE-ID:20261025T013000Z\r\nDTSTART:20261025T180000Z"]);
    assert_eq!(starts(&moved), [all[0], all[1], "2026-10-25T18:00:00Z"]);
}

#[test]
fn a_change_of_another_hour_stands_for_the_day() {
    let weekly = "UID:1\r\nDTSTART;TZID=Europe/Berlin:20260304T180000\r\nRRULE:FREQ=WEEKLY;COUNT=3";
    let read = |change: &str| shown(&entries(&[weekly, &format!("UID:1\r\n{change}")]));
    let days = |status: &str| -> Vec<String> { read(status) };
    let off = days(
        "RECURRENCE-ID;TZID=Europe/Berlin:20260311T190000\r\nDTSTART;TZID=Europe/Berlin:20260311T190000\r\nSTATUS:CANCELLED",
    );
    assert_eq!(off.len(), 3, "the day is not shown as held as well: {off:?}");
    let found = entries(&[
        weekly,
        "UID:1\r\nRECURRENCE-ID;TZID=Europe/Berlin:20260311T190000\r\nDTSTART;TZID=Europe/Berlin:20260311T190000\r\nSTATUS:CANCELLED",
    ]);
    assert_eq!(statuses(&found), [EventStatus::Scheduled, EventStatus::Cancelled, EventStatus::Scheduled]);
    // On another day it is a gathering of its own.
    let extra = days("RECURRENCE-ID;TZID=Europe/Berlin:20260312T190000\r\nDTSTART;TZID=Europe/Berlin:20260312T190000");
    assert_eq!(extra.len(), 4, "{extra:?}");
    // Of two on that day nobody knows which is meant.
    let twice = "UID:1\r\nDTSTART:20260304T100000Z\r\nRRULE:FREQ=DAILY;COUNT=4;BYHOUR=10,18";
    let found =
        entries(&[twice, "UID:1\r\nRECURRENCE-ID:20260304T120000Z\r\nDTSTART:20260304T120000Z\r\nSTATUS:CANCELLED"]);
    assert_eq!((found.events.len(), found.odd), (5, 1));
}

#[test]
fn a_moved_occurrence_has_no_point_of_the_old_place() {
    let series =
        "UID:1\r\nDTSTART:20260304T180000Z\r\nRRULE:FREQ=WEEKLY;COUNT=2\r\nLOCATION:Old gate\r\nGEO:55.03;82.92";
    for (change, name, has_point) in [("LOCATION:Square", "Square", false), ("SUMMARY:Same place", "Old gate", true)] {
        let found = entries(&[series, &format!("UID:1\r\nRECURRENCE-ID:20260311T180000Z\r\n{change}")]);
        let place = found.events[1].place.as_ref().unwrap();
        assert_eq!((place.name.as_deref(), place.coordinates.is_some()), (Some(name), has_point));
    }
}
