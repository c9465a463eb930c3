//! What the benches share: medians, and the results that `cargo xtask bench` collects.
//!
//! A ratio means something only if both of its sides were measured in one run, in turns: on a busy machine an absolute
//! time of a minute ago means nothing. So a bench measures its sides in turns, and writes one line for them.

#![allow(dead_code, reason = "each bench uses its part")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// The lines of one bench.
pub(crate) struct Account {
    bench: &'static str,
    lines: Vec<Line>,
}

/// One measure: a row of the table in docs/performance.md.
pub(crate) struct Line {
    /// What was done.
    pub(crate) what: String,
    /// Byway's figure, with its unit.
    pub(crate) ours: String,
    /// The comparison.
    pub(crate) other: String,
    /// Our figure divided by the other.
    pub(crate) ratio: f64,
    /// The claim in words; empty if there is none.
    pub(crate) claim: String,
    /// Whether the claim holds, if there is one.
    pub(crate) held: Option<bool>,
}

impl Account {
    pub(crate) fn of(bench: &'static str) -> Self {
        Self { bench, lines: Vec::new() }
    }

    /// Prints the line, and keeps it.
    pub(crate) fn line(&mut self, line: Line) {
        let held = word(&line);
        println!("  => {}: {}, {}, ratio {:.2} {held}", line.what, line.ours, line.other, line.ratio);
        self.lines.push(line);
    }

    /// Writes the lines where `cargo xtask bench` looks for them: one row per line, with tabs between its cells.
    pub(crate) fn write(self) {
        let mut text = String::new();
        for line in &self.lines {
            let Line { what, ours, other, ratio, claim, held: _ } = line;
            let _ = writeln!(text, "{what}\t{ours}\t{other}\t{ratio:.2}\t{claim}\t{}", word(line));
        }
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let file = folder.join(format!("bench-{}.tsv", self.bench));
        fs::create_dir_all(folder).and_then(|()| fs::write(&file, text)).expect("the account can be written");
    }
}

fn word(line: &Line) -> &'static str {
    match line.held {
        Some(true) => "held",
        Some(false) => "MISSED",
        None => "",
    }
}

/// The median. The figures of a busy machine have a long upper tail, which a mean would follow.
pub(crate) fn median(samples: &mut [Duration]) -> Duration {
    let middle = samples.len() / 2;
    if samples.is_empty() { Duration::ZERO } else { *samples.select_nth_unstable(middle).1 }
}

/// The mean, for times that fall into groups: their median is in one group or in another, by chance.
pub(crate) fn mean(samples: &[Duration]) -> Duration {
    let count = u32::try_from(samples.len()).unwrap_or(u32::MAX);
    samples.iter().sum::<Duration>().checked_div(count).unwrap_or_default()
}

/// Our figure divided by theirs.
pub(crate) fn ratio(ours: Duration, theirs: Duration) -> f64 {
    ours.as_secs_f64() / theirs.as_secs_f64()
}

/// A time as a person reads it, to three digits.
pub(crate) fn shown(time: Duration) -> String {
    let micros = time.as_secs_f64() * 1e6;
    match micros {
        ..100.0 => format!("{micros:.1} µs"),
        ..1_000.0 => format!("{micros:.0} µs"),
        ..10_000.0 => format!("{:.2} ms", micros / 1e3),
        _ => format!("{:.1} ms", micros / 1e3),
    }
}
