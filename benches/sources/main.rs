//! What sites publish: a feed of 10,000 entries parsed and stored, and a calendar of 10,000 recurring events expanded over a
//! year, beside libical and python-dateutil. `cargo bench --bench sources`.
//!
//! The three expand the same rules over the same year, in turns, and must find the same instants. libical and Byway parse
//! the calendar first; dateutil, which reads no calendars, is only given the rules. Each takes its own time, so the start of
//! a process does not count.

#![allow(clippy::print_stdout, clippy::expect_used, reason = "a bench")]

#[path = "../measure/account.rs"]
mod account;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use byway::community::CommunityId;
use byway::fuzzing;
use byway::internals::ClientStore as _;
use byway::internals::store::{Store, StoreKey};
use jiff::Timestamp;

use account::{Account, Line, median, ratio, shown};

fn main() {
    let mut account = Account::of("sources");
    measure_feed(&mut account);
    measure_calendar(&mut account);
    account.write();
}

/// Parses and stores a feed, as a reading does: all in one pass, in a new store on the disk.
fn measure_feed(account: &mut Account) {
    let feed = feed();
    let id: CommunityId = "web:site.example/feed".parse().expect("an id");
    let [mut parsed, mut both]: [Vec<Duration>; 2] = Default::default();
    for _ in 0..RUNS {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        let store = Store::open(folder.path().join("store"), &StoreKey::new([7; 32])).expect("a store");
        let started = Instant::now();
        let (_, posts, _) = fuzzing::site(feed.as_bytes(), None).expect("a feed");
        parsed.push(started.elapsed());
        let kept = store.upsert_posts(&id, &posts, Timestamp::UNIX_EPOCH).expect("a batch");
        both.push(started.elapsed());
        assert_eq!(kept.added, MANY as u64);
    }
    let rate = |time: Duration| MANY as f64 / time.as_secs_f64();
    let [parsed, both] = [parsed, both].map(|mut times| rate(median(&mut times)));
    let thousands = |rate: f64| format!("{:.1} thousand a second", rate / 1e3);
    let line = |what: &str, ours: f64, claim: &str, held| Line {
        what: what.to_owned(),
        ours: thousands(ours),
        other: format!("limit {}", thousands(LEAST)),
        ratio: ours / LEAST,
        claim: claim.to_owned(),
        held,
    };
    let claim = "at least 20,000 a second";
    account.line(line("entries of a feed parsed and stored, 10,000 at once", both, claim, Some(both >= LEAST)));
    account.line(line("entries of a feed parsed, 10,000 at once", parsed, "", None));
}

/// Expands a calendar, and has the two others do it.
fn measure_calendar(account: &mut Account) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let rules: Vec<(String, String)> = (0..MANY).map(rule).collect();
    let calendar = calendar(&rules);
    let (file, list) = (folder.path().join("calendar.ics"), folder.path().join("rules.txt"));
    fs::write(&file, &calendar).expect("a file");
    let lines: String = rules.iter().map(|(start, rule)| format!("{start}|{rule}\n")).collect();
    fs::write(&list, lines).expect("a file");
    let libical = compiled(folder.path());
    let mut times: [Vec<Duration>; 3] = Default::default();
    for _ in 0..RUNS {
        let started = Instant::now();
        let (_, _, events) = fuzzing::site(calendar.as_bytes(), None).expect("a calendar");
        times[0].push(started.elapsed());
        let mut found: Vec<i64> =
            events.iter().filter_map(|event| Some(event.start?.timestamp().as_second())).collect();
        found.sort_unstable();
        assert_eq!(found.len(), MANY);
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/sources/expand_dateutil.py");
        let others = [
            libical.as_ref().map(|program| run(Command::new(program).arg(&file))),
            Some(run(Command::new("python3").arg(script).arg(&list))),
        ];
        for (other, times) in others.into_iter().zip(times.iter_mut().skip(1)) {
            let Some((time, instants)) = other.flatten() else { continue };
            assert!(instants == found, "the same instants");
            times.push(time);
        }
    }
    let [mut ours, libical, dateutil] = times;
    let ours = median(&mut ours);
    for (name, mut theirs) in [("libical", libical), ("python-dateutil, without parsing", dateutil)] {
        let measured = (!theirs.is_empty()).then(|| median(&mut theirs));
        account.line(Line {
            what: "10,000 recurring events parsed and expanded over a year".to_owned(),
            ours: shown(ours),
            other: measured
                .map_or_else(|| format!("{name} is not installed"), |time| format!("{name} {}", shown(time))),
            ratio: measured.map_or(f64::NAN, |time| ratio(ours, time)),
            claim: "faster, and the same instants".to_owned(),
            held: measured.map(|time| ours < time),
        });
    }
}

/// A program of the others: it prints the instants in seconds, one a line, and the microseconds that it took.
fn run(command: &mut Command) -> Option<(Duration, Vec<i64>)> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    let mut numbers: Vec<i64> = text.lines().filter_map(|line| line.parse().ok()).collect();
    let micros = u64::try_from(numbers.pop()?).ok()?;
    numbers.sort_unstable();
    Some((Duration::from_micros(micros), numbers))
}

/// The program that uses libical, if there is a compiler and the library.
fn compiled(folder: &Path) -> Option<PathBuf> {
    let (source, program) =
        (Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/sources/expand_libical.c"), folder.join("libical"));
    let status = Command::new("cc").arg("-O2").arg(source).arg("-o").arg(&program).arg("-lical").status();
    status.is_ok_and(|status| status.success()).then_some(program)
}

/// A feed as WordPress writes it: a title, a page, an author and three paragraphs with a link and a picture.
fn feed() -> String {
    let mut text = String::from(
        "<?xml version=\"1.0\"?><rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\"><channel><title>Завод</title>",
    );
    for n in 0..MANY {
        let time = Timestamp::from_second(1_400_000_000 + 3_600 * n as i64).expect("a time");
        let body = "<p>Сегодня в цехе собрание, приходите к проходной.</p>".repeat(3);
        write!(
            text,
            "<item><title>Новости {n}</title><link>https://site.example/{n}</link><guid>https://site.example/?p={n}</guid>\
             <dc:creator xmlns:dc=\"http://purl.org/dc/elements/1.1/\">Совет</dc:creator><dc:date>{time}</dc:date>\
             <content:encoded><![CDATA[{body}<p><a href=\"/m/{n}\">карта</a> <img src=\"/i/{n}.jpg\" alt=\"цех\"></p>]]></content:encoded></item>"
        )
        .expect("a text");
    }
    text + "</channel></rss>"
}

/// The start and the rule of an event, which happens once in the year.
fn rule(n: usize) -> (String, String) {
    let (month, day, nth) = (2 + n % 10, 1 + n % 28, 1 + n % 4);
    let weekday = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"][n % 7];
    let start = format!("{}{month:02}{day:02}T{:02}{:02}00Z", 1960 + n % 9, n % 24, n % 60);
    let rule = match n % 4 {
        0 => format!("FREQ=YEARLY;BYMONTH={month};BYDAY={nth}{weekday}"),
        1 => format!("FREQ=YEARLY;BYMONTH={month};BYDAY=-{nth}{weekday}"),
        2 => format!("FREQ=YEARLY;BYMONTH={month};BYMONTHDAY={day}"),
        _ => format!("FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY={day}"),
    };
    (start, rule)
}

fn calendar(rules: &[(String, String)]) -> String {
    let mut text = String::from("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n");
    for (n, (start, rule)) in rules.iter().enumerate() {
        write!(
            text,
            "BEGIN:VEVENT\r\nUID:{n}@site.example\r\nDTSTAMP:19600101T000000Z\r\nDTSTART:{start}\r\nRRULE:{rule}\r\nSUMMARY:Собрание {n}\r\n\
             LOCATION:Проходная\r\nDESCRIPTION:Приходите к проходной.\\nВозьмите друзей.\r\nEND:VEVENT\r\n"
        )
        .expect("a text");
    }
    text + "END:VCALENDAR\r\n"
}

/// Entries of the feed, and events of the calendar.
const MANY: usize = 10_000;

/// The claim.
const LEAST: f64 = 20_000.0;

const RUNS: usize = 5;
