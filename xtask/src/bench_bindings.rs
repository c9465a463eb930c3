//! What a Kotlin and a Swift app measure with the release library, into docs/performance.md.
//!
//! Each language has a program that prints one JSON object per line for each measure: `measure`, then `median_us` or
//! `kib`. A missed claim is shown in the table and does not fail: a figure of a busy machine does not judge the code.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use crate::bench::{machine, put};
use crate::cargo::{cargo, root, target};
use crate::step::{Outcome, command, passed};
use crate::{kotlin, swift};

/// The page, and the lines between which the figures stand.
const PAGE: &str = "docs/performance.md";
const BEGIN: &str = "<!-- figures of Kotlin and Swift: written by `cargo xtask bench-bindings` -->\n";
const END: &str = "<!-- end of figures of Kotlin and Swift -->\n";

/// A measure's name, its description, its unit, and its limits in Kotlin and in Swift.
const ROWS: [(&str, &str, Unit, [Option<f64>; 2]); 7] = [
    ("sync_call", "an empty call", Unit::Microseconds, [None, None]),
    ("async_call", "an empty call that suspends", Unit::Microseconds, [Some(100.0), Some(100.0)]),
    ("page_50", "a page of 50 posts from the store", Unit::Microseconds, [Some(1_500.0), Some(1_500.0)]),
    ("crossing_1000", "1,000 posts across the border, without the store", Unit::Microseconds, [Some(5_000.0), None]),
    ("posts_1000", "1,000 posts from the store, in one call", Unit::Microseconds, [None, Some(10_000.0)]),
    ("first_post", "from the making of the first client to the first post", Unit::Microseconds, [None, None]),
    ("peak_memory", "peak memory of a process that holds 1,000 posts", Unit::Kib, [None, Some(51_200.0)]),
];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Unit {
    Microseconds,
    Kib,
}

/// Medians, or KiB, by the name of the measure.
type Figures = BTreeMap<String, f64>;

/// Builds the library for release, runs both programs, and writes the section.
pub(crate) fn measure() -> Outcome {
    measured().map_or_else(|outcome| outcome, |()| Outcome::Passed)
}

fn measured() -> Result<(), Outcome> {
    let build = ["build", "--locked", "--release", "--package", "byway-ffi"];
    passed(command(cargo().args(build).env("AWS_LC_SYS_NO_JITTER_ENTROPY", "1")))?;
    passed(command(cargo().args(["build", "--locked", "--package", "byway-lab"])))?;
    let library = target().join("release");
    let kotlin = figures(&mut kotlin::measuring(&library)?)?;
    let swift = figures(&mut swift::measuring(&library)?)?;
    let table = table(&kotlin, &swift);
    println!("\n{table}");
    let page = root().join(PAGE);
    fs::read_to_string(&page)
        .map_err(|error| error.to_string())
        .and_then(|text| {
            let text = put(&text, BEGIN, END, &format!("{}\n\n{table}\n", machine()))
                .ok_or("the lines between which the figures stand are not in it")?;
            fs::write(&page, text).map_err(|error| error.to_string())
        })
        .map_err(|why| Outcome::failed(format!("{PAGE} cannot be written: {why}")))
}

/// Runs a program to its end, and reads what it measured.
fn figures(program: &mut Command) -> Result<Figures, Outcome> {
    let output =
        program.output().map_err(|error| Outcome::failed(format!("{program:?} cannot be started: {error}")))?;
    let said = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        return Err(Outcome::failed(format!("{program:?} failed ({}): {said}{why}", output.status)));
    }
    Ok(said.lines().filter_map(figure).collect())
}

/// The result in one line; `None`: the line is not a measure.
fn figure(line: &str) -> Option<(String, f64)> {
    let field = |name: &str| {
        let (_, rest) = line.split_once(&format!("\"{name}\": "))?;
        Some(rest.split([',', '}']).next()?.trim())
    };
    let value = field("median_us").or_else(|| field("kib"))?.parse().ok()?;
    Some((field("measure")?.trim_matches('"').to_owned(), value))
}

fn table(kotlin: &Figures, swift: &Figures) -> String {
    let mut lines =
        vec!["| what | Kotlin | claim | Swift | claim |".to_owned(), "| --- | ---: | ---: | ---: | ---: |".to_owned()];
    for (name, what, unit, claims) in ROWS {
        let cells: Vec<String> = [kotlin, swift]
            .iter()
            .zip(claims)
            .flat_map(|(figures, claim)| {
                let figure = figures.get(name).copied();
                let missed = figure.zip(claim).is_some_and(|(figure, claim)| figure > claim);
                let figure = figure.map_or_else(|| "not measured".to_owned(), |figure| shown(figure, unit));
                let claim = claim.map_or_else(String::new, |claim| shown(claim, unit));
                [figure, if missed { format!("{claim}, missed") } else { claim }]
            })
            .collect();
        lines.push(format!("| {what} | {} |", cells.join(" | ")));
    }
    lines.join("\n")
}

fn shown(figure: f64, unit: Unit) -> String {
    match unit {
        Unit::Kib => format!("{:.1} MiB", figure / 1_024.0),
        Unit::Microseconds if figure < 1_000.0 => format!("{figure:.1} µs"),
        Unit::Microseconds => format!("{:.2} ms", figure / 1_000.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measures_become_a_table_that_shows_what_misses() {
        let line = |measure: &str, value: &str| figure(&format!("{{\"measure\": \"{measure}\", {value}}}"));
        let kotlin: Figures = [
            line("async_call", "\"median_us\": 150.26, \"best_us\": 90.0, \"target\": 100"),
            line("peak_memory", "\"posts\": 1000, \"kib\": 102400"),
        ]
        .into_iter()
        .flatten()
        .collect();
        let swift: Figures = line("async_call", "\"median_us\": 50, \"best_us\": 49").into_iter().collect();
        let table = table(&kotlin, &swift);
        for row in [
            "| an empty call that suspends | 150.3 µs | 100.0 µs, missed | 50.0 µs | 100.0 µs |",
            "| peak memory of a process that holds 1,000 posts | 100.0 MiB |  | not measured | 50.0 MiB |",
        ] {
            assert!(table.contains(row), "{row}: {table}");
        }
        assert_eq!(figure("warming up"), None);
    }

    #[test]
    fn page_has_a_place_for_the_figures() {
        let page = fs::read_to_string(root().join(PAGE)).unwrap_or_default();
        assert!(put(&page, BEGIN, END, "x").is_some());
    }
}
