//! What a calendar took back is not shown as held, and an older answer of it brings nothing back.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use byway::community::{Event, EventStatus};
use byway::{Byway, OpenOptions, StoreKey, UpcomingOptions};
use byway_lab::{Ask, Lab, Page};
use jiff::{SignedDuration, Timestamp};

use super::over;

const URL: &str = "https://zavod.example/events.ics";

/// A site whose calendar changes.
#[derive(Clone)]
struct Site(Arc<Mutex<String>>);

impl Site {
    fn of(lab: &Lab) -> Self {
        let site = Self(Arc::default());
        let own = site.clone();
        lab.host("zavod.example").at("203.0.113.10").https().http().app(move |_: &Ask| {
            Page::new(own.0.lock().unwrap().clone()).header("content-type", "text/calendar; charset=utf-8")
        });
        site
    }

    fn lists(&self, entries: &[&str]) {
        let entries: String = entries.iter().map(|entry| format!("BEGIN:VEVENT\n{entry}\nEND:VEVENT\n")).collect();
        *self.0.lock().unwrap() =
            format!("BEGIN:VCALENDAR\nVERSION:2.0\n{entries}END:VCALENDAR\n").replace('\n', "\r\n");
    }
}

/// Replaces `{2@18}` by the date in 2 days at 18:00 UTC.
fn dated(text: &str) -> String {
    let mut dated = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (day, after) = after.split_once('}').unwrap();
        let (days, hour) = day.split_once('@').unwrap();
        let at = Timestamp::now() + SignedDuration::from_hours(24 * days.parse::<i64>().unwrap());
        dated += &format!("{before}{}T{hour}0000Z", at.strftime("%Y%m%d"));
        rest = after;
    }
    dated + rest
}

const WEEKLY: &str = "UID:w\nSUMMARY:Weekly\nDTSTART:{2@18}\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=3";
const SINGLE: &str = "UID:s\nSUMMARY:Single\nDTSTART:{3@18}";
const LAST: &str = "UID:z\nSUMMARY:Last\nDTSTART:{60@18}";

/// What the device lists: days from now, hour, name and status.
async fn listed(byway: &Byway) -> Vec<String> {
    let now = Timestamp::now();
    let today = now.strftime("%Y-%m-%d").to_string().parse::<jiff::civil::Date>().unwrap();
    let all = byway.upcoming_events(UpcomingOptions { limit: 100, ..UpcomingOptions::since(now) }).await.unwrap().items;
    let line = |event: &Event| {
        let start = event.start.unwrap().timestamp().to_zoned(jiff::tz::TimeZone::UTC);
        let days = (start.date() - today).get_days();
        format!("{days}@{} {} {}", start.hour(), event.name, event.status.code())
    };
    all.iter().map(|one| line(&one.event)).filter(|line| !line.contains("Last")).collect()
}

async fn read(byway: &Byway, site: &Site, entries: &[&str]) {
    let entries: Vec<String> = entries.iter().map(|entry| dated(entry)).collect();
    site.lists(&entries.iter().map(String::as_str).collect::<Vec<_>>());
    byway.open(URL).await.unwrap();
}

fn weekly(first: &str, second: &str, third: &str) -> Vec<String> {
    let days = [("2@18", first), ("9@18", second), ("16@18", third)];
    days.iter().map(|(day, status)| format!("{day} Weekly {status}")).collect()
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_was_ahead_makes_no_event_over() {
    let lab = Lab::new();
    let site = Site::of(&lab);
    let meeting = dated(SINGLE);
    site.lists(&[&meeting]);
    let directory = tempfile::tempdir().unwrap();
    let kept_in = || super::builder(&lab, &["direct:"]).data_dir(directory.path(), Arc::new(StoreKey::new([7; 32])));
    let month = Duration::from_secs(30 * 86_400);
    for ahead in [month, Duration::ZERO] {
        let _ = lab.client().wall_clock(SystemTime::now() + ahead);
        let byway = kept_in().build().await.unwrap();
        let how = OpenOptions { offline: ahead.is_zero(), ..OpenOptions::default() };
        let opened = byway.open_with(URL, how).await.unwrap();
        let shown = serde_json::to_value(&opened).unwrap();
        assert_eq!(opened.events[0].status, EventStatus::Scheduled, "{ahead:?}");
        assert_eq!(shown["events"][0]["status"], "scheduled", "{ahead:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_calendar_took_back_is_not_listed_as_held() {
    let off = |mut before: Vec<String>, also: &[&str]| {
        before.extend(also.iter().map(|line| (*line).to_owned()));
        before.sort_by_key(|line| line.split_once('@').unwrap().0.parse::<i32>().unwrap());
        before
    };
    let gone = || weekly("cancelled", "cancelled", "cancelled");
    let doubtful = || weekly("removed", "removed", "removed");
    let with = |more: &str| format!("{WEEKLY}\n{more}");
    let moved = WEEKLY.replace("@18", "@20") + "\nSEQUENCE:1";
    let cases: Vec<(&str, &str, Vec<String>, Vec<String>)> = vec![
        ("a day is excluded", WEEKLY, vec![with("EXDATE:{9@18}")], weekly("scheduled", "cancelled", "scheduled")),
        (
            "the series moves",
            WEEKLY,
            vec![moved],
            ["2", "9", "16"]
                .iter()
                .flat_map(|day| [format!("{day}@18 Weekly cancelled"), format!("{day}@20 Weekly scheduled")])
                .collect(),
        ),
        (
            "it is called off without its rule",
            WEEKLY,
            vec!["UID:w\nSUMMARY:Weekly\nDTSTART:{2@18}\nSTATUS:CANCELLED\nSEQUENCE:1".to_owned()],
            off(weekly("cancelled", "cancelled", "cancelled"), &["2@18 Weekly cancelled"]),
        ),
        ("it is called off without a start", WEEKLY, vec!["UID:w\nSTATUS:CANCELLED\nSEQUENCE:1".to_owned()], gone()),
        ("an exception cannot be read", WEEKLY, vec![with("EXDATE:garbage")], doubtful()),
        ("its start cannot be read", WEEKLY, vec![WEEKLY.replace("{2@18}", "tomorrow")], doubtful()),
        ("it has no end", WEEKLY, vec![with("BEGIN:VALARM")], doubtful()),
        ("it is gone", WEEKLY, vec![SINGLE.to_owned()], off(doubtful(), &["3@18 Single scheduled"])),
        (
            "it has another id",
            WEEKLY,
            vec![WEEKLY.replace("UID:w", "UID:w2")],
            weekly("scheduled", "scheduled", "scheduled"),
        ),
        (
            "it recurs now",
            "UID:w\nSUMMARY:Weekly\nDTSTART:{2@18}",
            vec![WEEKLY.to_owned()],
            weekly("scheduled", "scheduled", "scheduled"),
        ),
    ];
    for (case, before, after, expected) in cases {
        let lab = Lab::new();
        let (site, byway) = (Site::of(&lab), over(&lab, &["direct:"]).await);
        read(&byway, &site, &[before, LAST]).await;
        let known = listed(&byway).await;
        let after: Vec<&str> = after.iter().map(String::as_str).chain([LAST]).collect();
        let after: Vec<String> = after.iter().map(|entry| dated(entry)).collect();
        site.lists(&after.iter().map(String::as_str).collect::<Vec<_>>());
        let changes = byway.open(URL).await.unwrap().changes.events;
        assert_eq!(listed(&byway).await, expected, "{case}");
        let told = changes.changed.len() + changes.removed.len() + changes.dropped.len();
        let lost = known.iter().filter(|line| !expected.contains(line)).count();
        assert!(told >= lost, "{case}: {changes:?}");
        // The same again changes nothing.
        assert!(byway.open(URL).await.unwrap().changes.is_empty(), "{case}");
        assert_eq!(listed(&byway).await, expected, "{case}, read again");
        // What is listed again is held again.
        read(&byway, &site, &[&format!("{before}\nSEQUENCE:2"), LAST]).await;
        let again = listed(&byway).await;
        assert!(known.iter().all(|line| again.contains(line)), "{case}: {again:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_gathering_beyond_what_a_calendar_lists_stays() {
    let lab = Lab::new();
    let (site, byway) = (Site::of(&lab), over(&lab, &["direct:"]).await);
    read(&byway, &site, &[SINGLE, LAST]).await;
    let before = byway.upcoming_events(UpcomingOptions::since(Timestamp::now())).await.unwrap().items;
    for entries in [&[SINGLE][..], &[]] {
        read(&byway, &site, entries).await;
        let after = byway.upcoming_events(UpcomingOptions::since(Timestamp::now())).await.unwrap().items;
        assert_eq!(before, after, "many calendars list the next weeks only");
    }
    // A calendar that breaks off says nothing of the rest.
    site.lists(&[&dated(LAST)]);
    let whole = site.0.lock().unwrap().clone();
    *site.0.lock().unwrap() = whole.replace("END:VCALENDAR\r\n", "");
    byway.open(URL).await.unwrap();
    assert_eq!(listed(&byway).await, ["3@18 Single scheduled"]);
}

#[tokio::test(start_paused = true)]
async fn an_older_answer_of_a_calendar_brings_nothing_back() {
    let stamp = |day: u32| format!("DTSTAMP:202001{day:02}T000000Z");
    let single = |rest: &str| format!("{SINGLE}\n{rest}");
    let series = |rest: &str| format!("{WEEKLY}\n{rest}");
    let day = "UID:w\nRECURRENCE-ID:{9@18}\nSUMMARY:Weekly\nDTSTART:{9@18}\nSTATUS:CANCELLED";
    let moved = WEEKLY.replace("@18", "@20");
    // What it is, the newer answers, the older ones, and what is shown after both.
    type Case<'a> = (&'a str, Vec<String>, Vec<String>, &'a [&'a str]);
    let cases: Vec<Case<'_>> = vec![
        (
            "a cancellation",
            vec![single("SEQUENCE:2\nSTATUS:CANCELLED")],
            vec![single("SEQUENCE:1")],
            &["3@18 Single cancelled"],
        ),
        (
            "a cancellation of the same sequence",
            vec![single(&format!("{}\nSTATUS:CANCELLED", stamp(2)))],
            vec![single(&stamp(1))],
            &["3@18 Single cancelled"],
        ),
        (
            "a new hour",
            vec![single("SEQUENCE:2").replace("@18", "@20")],
            vec![single("SEQUENCE:1")],
            &["3@20 Single scheduled"],
        ),
        (
            "a series that moved",
            vec![format!("{moved}\nSEQUENCE:2")],
            vec![series("SEQUENCE:1")],
            &["2@20 Weekly scheduled", "9@20 Weekly scheduled", "16@20 Weekly scheduled"],
        ),
        (
            "an excluded day",
            vec![series("SEQUENCE:2\nEXDATE:{9@18}")],
            vec![series("SEQUENCE:1")],
            &["2@18 Weekly scheduled", "16@18 Weekly scheduled"],
        ),
        (
            "a day that was called off",
            vec![series("SEQUENCE:1"), format!("{day}\nSEQUENCE:2")],
            vec![series("SEQUENCE:1")],
            &["2@18 Weekly scheduled", "9@18 Weekly cancelled", "16@18 Weekly scheduled"],
        ),
    ];
    for (case, newer, older, expected) in cases {
        let lab = Lab::new();
        let (site, byway) = (Site::of(&lab), over(&lab, &["direct:"]).await);
        let texts = |entries: &[String]| entries.iter().map(|entry| dated(entry)).collect::<Vec<_>>();
        for entries in [&newer, &older, &newer] {
            let entries = texts(entries);
            site.lists(&entries.iter().map(String::as_str).collect::<Vec<_>>());
            let opened = byway.open(URL).await.unwrap();
            assert_eq!(listed(&byway).await, expected, "{case}");
            assert!(opened.events.len() <= expected.len(), "{case}: {:?}", opened.events);
        }
    }
}
