//! The measurements: runs the benches, prints one table, writes docs/performance.md.
//!
//! Each bench writes its results into a file (`benches/measure`), one row per line, with tabs between the cells. A
//! missed claim is shown in the table and does not fail: a figure of a busy machine does not judge the code.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::cargo::{cargo, root, target};
use crate::step::{Outcome, command};

/// The benches in the order of the table.
const BENCHES: [&str; 8] = ["scenarios", "cold", "get", "race", "posts", "sources", "signed", "memory"];

/// The heading of each column.
const COLUMNS: [&str; 6] = ["what", "Byway", "held against", "ratio", "claim", ""];

/// The page, and the lines between which the figures stand. The rest of the page is written by hand.
const PAGE: &str = "docs/performance.md";
const BEGIN: &str = "<!-- figures: written by `cargo xtask bench` -->\n";
const END: &str = "<!-- end of figures -->\n";

/// The bench of Tor is apart: it needs Debian's package `tor`, and builds arti for release.
const BENCHES_OF_TOR: [&str; 1] = ["tor"];
const BEGIN_OF_TOR: &str = "<!-- figures of Tor: written by `cargo xtask bench-tor` -->\n";
const END_OF_TOR: &str = "<!-- end of figures of Tor -->\n";

/// Runs all benches, one after the other, so that none disturbs another.
pub(crate) fn measure() -> Outcome {
    run(&BENCHES, &[])
}

/// Prints the table, and puts it into the page.
pub(crate) fn table() -> Outcome {
    write(&BENCHES, (BEGIN, END))
}

/// Runs the bench of Tor, beside C-tor.
pub(crate) fn measure_tor() -> Outcome {
    run(&BENCHES_OF_TOR, &["--features", "tor"])
}

/// Prints the table of Tor, and puts it into the page.
pub(crate) fn table_of_tor() -> Outcome {
    write(&BENCHES_OF_TOR, (BEGIN_OF_TOR, END_OF_TOR))
}

fn run(benches: &[&str], features: &[&str]) -> Outcome {
    for bench in benches {
        // Figures of another day must not replace those that a bench failed to write.
        let _ = fs::remove_file(account(bench));
    }
    for bench in benches {
        let bench = ["bench", "--locked", "--package", "byway", "--bench", bench];
        match command(cargo().args(bench).args(features)) {
            Outcome::Passed => {}
            failure => return failure,
        }
    }
    Outcome::Passed
}

fn write(benches: &[&str], (begin, end): (&str, &str)) -> Outcome {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for bench in benches {
        let file = account(bench);
        let Ok(text) = fs::read_to_string(&file) else {
            return Outcome::failed(format!("the bench `{bench}` has left no figures in {}", file.display()));
        };
        rows.extend(text.lines().map(|line| line.split('\t').map(str::to_owned).collect()));
    }
    let machine = machine();
    println!("\n{machine}\n{}", aligned(&rows));
    let page = root().join(PAGE);
    let written = fs::read_to_string(&page).map_err(|error| error.to_string()).and_then(|text| {
        let figures = format!("{machine}\n\n{}\n", markdown(&rows));
        let text = put(&text, begin, end, &figures).ok_or("the lines between which the figures stand are not in it")?;
        fs::write(&page, text).map_err(|error| error.to_string())
    });
    match written {
        Ok(()) => Outcome::Passed,
        Err(why) => Outcome::failed(format!("{PAGE} cannot be written: {why}")),
    }
}

/// Where a bench writes its results.
fn account(bench: &str) -> PathBuf {
    target().join("tmp").join(format!("bench-{bench}.tsv"))
}

/// The page with these figures in it, between two of its lines.
pub(crate) fn put(page: &str, begin: &str, end: &str, figures: &str) -> Option<String> {
    let (before, rest) = page.split_once(begin)?;
    let (_, after) = rest.split_once(end)?;
    Some(format!("{before}{begin}\n{figures}\n{end}{after}"))
}

/// The table for a terminal.
fn aligned(rows: &[Vec<String>]) -> String {
    let heads: Vec<String> = COLUMNS.iter().map(ToString::to_string).collect();
    let all = || std::iter::once(&heads).chain(rows);
    let width = |column: usize| all().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..COLUMNS.len()).map(|column| width(column).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in all() {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(line, "{cell:<width$}  ");
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

fn markdown(rows: &[Vec<String>]) -> String {
    let mut lines = vec![COLUMNS.join(" | "), COLUMNS.map(|_| "---").join(" | ")];
    lines.extend(rows.iter().map(|row| row.join(" | ")));
    lines.iter().map(|line| format!("| {} |", line.trim_end())).collect::<Vec<_>>().join("\n")
}

/// The machine and the date of the figures, in one line.
pub(crate) fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let model = field("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let memory = field("/proc/meminfo", "MemTotal")
        .and_then(|text| text.trim_end_matches(" kB").parse::<f64>().ok())
        .map_or_else(String::new, |kb| format!("{:.0} GiB of memory, ", kb / 1024.0 / 1024.0));
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let date = said(Command::new("date").args(["-u", "+%Y-%m-%d"]));
    let rustc = said(Command::new("rustc").arg("--version"));
    let system = std::env::consts::OS;
    format!("{date}: {cores} cores of {model}, {memory}{system} {}, {rustc}.", kernel.trim())
}

/// The value of the first line `name : value`.
fn field(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let mut lines = text.lines().filter_map(|line| line.split_once(':'));
    lines.find(|(key, _)| key.trim() == name).map(|(_, value)| value.trim().to_owned())
}

/// What a command prints.
fn said(command: &mut Command) -> String {
    let printed = command.output().map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    printed.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_replace_those_before_and_nothing_else() {
        let page = format!("# Title\n\n{BEGIN}\nold\n\n{END}\nThe rest.\n");
        let once = put(&page, BEGIN, END, "new\n").unwrap_or_default();
        assert_eq!(once, format!("# Title\n\n{BEGIN}\nnew\n\n{END}\nThe rest.\n"));
        assert_eq!(put(&once, BEGIN, END, "new\n"), Some(once));
        assert_eq!(put("# Title\n", BEGIN, END, "new\n"), None);
    }

    #[test]
    fn the_table_is_aligned_for_eyes_and_piped_for_markdown() {
        let rows = [["GET", "12.0 µs", "11.0 µs", "1.09", "at most 20 µs more", "held"].map(str::to_owned).to_vec()];
        assert!(aligned(&rows).starts_with("what  Byway    held against  ratio  claim"));
        assert!(markdown(&rows).ends_with("| GET | 12.0 µs | 11.0 µs | 1.09 | at most 20 µs more | held |"));
    }

    #[test]
    fn the_page_has_a_place_for_figures() {
        let page = fs::read_to_string(root().join(PAGE)).unwrap_or_default();
        assert!(put(&page, BEGIN, END, "").is_some());
        assert!(put(&page, BEGIN_OF_TOR, END_OF_TOR, "").is_some());
    }
}
