//! The size of the library that an app ships: built for size, stripped, measured, and compared with docs/size.md.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cargo::{cargo, root, target};
use crate::step::{Outcome, command};

/// The page that says the size, and whose number is the budget.
const PAGE: &str = "docs/size.md";

/// The profile: `[profile.mobile]` in Cargo.toml.
const PROFILE: &str = "mobile";

/// Growth up to this many parts of a thousand passes: compilers and dependencies shift a little by themselves.
const TOLERANCE: u64 = 20;

/// What SQLite leaves out. The store (src/store) uses tables, indices and pragmas; it has a search of its own, because what
/// is stored is sealed.
const SQLITE: &str = "-USQLITE_ENABLE_FTS3 -USQLITE_ENABLE_FTS3_PARENTHESIS -USQLITE_ENABLE_FTS5 \
    -USQLITE_ENABLE_RTREE -USQLITE_ENABLE_STAT4 -USQLITE_ENABLE_DBSTAT_VTAB -USQLITE_ENABLE_JSON1 -USQLITE_SOUNDEX \
    -USQLITE_ENABLE_LOAD_EXTENSION -DSQLITE_OMIT_LOAD_EXTENSION -DSQLITE_OMIT_JSON -DSQLITE_DQS=0 -DSQLITE_OMIT_DEPRECATED";

/// C needs no unwind tables: no exception passes through it.
const C_FLAGS: &str = "-fno-asynchronous-unwind-tables -fno-unwind-tables -ffunction-sections -fdata-sections";

/// For lld, which links on Android and, by rustc's default, on x86_64 Linux: equal functions once, relocations packed.
const LINK: &str = "-Clink-arg=-Wl,--icf=safe -Clink-arg=-Wl,-z,pack-relative-relocs";

/// Builds and measures. `accept`: the size becomes the budget, whatever it is.
pub(crate) fn measure(accept: bool) -> Outcome {
    let library = match build() {
        Ok(library) => library,
        Err(failure) => return failure,
    };
    let bytes = match fs::metadata(&library) {
        Ok(data) => data.len(),
        Err(error) => return Outcome::failed(format!("{} cannot be measured: {error}", library.display())),
    };
    let zipped = match gzipped(&library) {
        Ok(zipped) => zipped,
        Err(failure) => return failure,
    };
    let page = root().join(PAGE);
    let before = fs::read_to_string(&page).ok().as_deref().and_then(stated);
    println!(
        "{bytes} bytes, {zipped} as gzip; docs/size.md says {}",
        before.map_or("nothing".into(), |b| b.to_string())
    );
    if let Some(budget) = before
        && !accept
        && is_too_large(bytes, budget)
    {
        return Outcome::failed(format!(
            "the library grew from {budget} to {bytes} bytes; make it smaller, or say why and run `cargo xtask size --accept`"
        ));
    }
    let contributors = match contributors() {
        Ok(contributors) => contributors,
        Err(failure) => return failure,
    };
    match fs::write(&page, text(bytes, zipped, &contributors)) {
        Ok(()) => Outcome::Passed,
        Err(error) => Outcome::failed(format!("{PAGE} cannot be written: {error}")),
    }
}

/// The stripped library. Its symbols are measured on a twin that keeps them.
fn build() -> Result<PathBuf, Outcome> {
    // Without strip, and stripped by hand below: the symbols say who contributes.
    let mut build = cargo();
    // The shared library alone: beside a Rust library, cargo optimises nothing across crates.
    build.args([
        "rustc",
        "--locked",
        "--package",
        "byway-ffi",
        "--lib",
        "--profile",
        PROFILE,
        "--crate-type",
        "cdylib",
    ]);
    build.env("CARGO_PROFILE_MOBILE_STRIP", "none").env("LIBSQLITE3_FLAGS", SQLITE).env("CFLAGS", C_FLAGS);
    if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        build.env("RUSTFLAGS", LINK);
    }
    build.env("CARGO_TARGET_DIR", folder());
    match command(&mut build) {
        Outcome::Passed => {}
        failure => return Err(failure),
    }
    let stripped = folder().join("stripped.so");
    match command(Command::new("strip").args(["--strip-all", "-o"]).arg(&stripped).arg(with_symbols())) {
        Outcome::Passed => Ok(stripped),
        failure => Err(failure),
    }
}

/// A folder of its own: other flags than those of all other builds would build everything anew each time.
fn folder() -> PathBuf {
    target().join("size")
}

fn with_symbols() -> PathBuf {
    folder().join(PROFILE).join(format!("{}byway_ffi{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX))
}

fn gzipped(library: &Path) -> Result<u64, Outcome> {
    let output = Command::new("gzip").args(["-9", "--stdout"]).arg(library).output();
    match output {
        Ok(output) if output.status.success() => Ok(output.stdout.len() as u64),
        _ => Err(Outcome::failed("`gzip` cannot be run")),
    }
}

fn is_too_large(bytes: u64, budget: u64) -> bool {
    bytes > budget + budget * TOLERANCE / 1000
}

/// The number of bytes that the page states.
fn stated(page: &str) -> Option<u64> {
    let line = page.lines().find_map(|line| line.strip_prefix(STATED))?;
    line.split(' ').next()?.replace(',', "").parse().ok()
}

const STATED: &str = "Stripped, x86_64 Linux: ";

/// Bytes of symbols by the crate or the C library that they come from, largest first.
fn contributors() -> Result<Vec<(String, u64)>, Outcome> {
    let output = Command::new("nm").args(["--print-size", "--radix=d", "--demangle"]).arg(with_symbols()).output();
    let output = match output {
        Ok(output) if output.status.success() => output.stdout,
        _ => return Err(Outcome::failed("`nm` cannot be run")),
    };
    let mut sizes = BTreeMap::<String, u64>::new();
    for line in String::from_utf8_lossy(&output).lines() {
        if let Some((owner, bytes)) = symbol(line) {
            *sizes.entry(owner).or_default() += bytes;
        }
    }
    let mut sizes: Vec<_> = sizes.into_iter().collect();
    sizes.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    sizes.truncate(SHOWN);
    Ok(sizes)
}

/// How many contributors are shown.
const SHOWN: usize = 16;

/// A line of `nm`: address, size, kind, name.
fn symbol(line: &str) -> Option<(String, u64)> {
    let mut words = line.splitn(4, ' ');
    let (_, size, _, name) = (words.next()?, words.next()?, words.next()?, words.next()?);
    Some((owner(name), size.parse().ok()?))
}

/// Whose symbol this is: `<byway::X as core::Y>::z` is byway's.
fn owner(name: &str) -> String {
    if !name.contains("::") {
        let known =
            [("sqlite3", "SQLite"), ("aws_lc", "aws-lc"), ("ZSTD", "zstd"), ("Brotli", "brotli"), ("uniffi", "uniffi")];
        return known
            .iter()
            .find(|(start, _)| name.starts_with(start))
            .map_or("C, and static data", |(_, of)| of)
            .into();
    }
    let path = name.trim_start_matches(['<', '&', '(', '*', '[']);
    let path = ["mut ", "dyn ", "const "].iter().fold(path, |path, word| path.strip_prefix(word).unwrap_or(path));
    let krate = path.split("::").next().unwrap_or(path);
    let krate = krate.rsplit(' ').next().unwrap_or(krate);
    krate.split('[').next().unwrap_or(krate).to_owned()
}

fn text(bytes: u64, zipped: u64, contributors: &[(String, u64)]) -> String {
    let mut text = format!(
        "# Size\n\nWhat the shared library adds to an app for each processor that it ships. `cargo xtask size` builds it (profile \
         `mobile`), measures it, writes this page, and fails where it grew by more than {}.{} %; `--accept` takes the new size.\n\n\
         {STATED}{} bytes, {} as gzip -9.\n\nIt has all of the API, HTTP requests included, with HTTP/2, gzip, brotli and zstd, \
         SQLite, post-quantum TLS and a time zone database. A phone's library has no such database: the system has one.\n\n\
         ## How it is kept small\n\n\
         - `opt-level = \"z\"`, fat LTO, one codegen unit. Panics still unwind: an abort would end the app.\n\
         - SQLite without what the store does not use (full-text search, R-trees, JSON, statistics, extensions): \
         `LIBSQLITE3_FLAGS`.\n\
         - C without unwind tables.\n\
         - `--icf=safe` and packed relocations, by lld.\n\n\
         ## Who contributes\n\nBytes of symbols before stripping, by crate; sections without symbols (unwind tables, \
         relocations) are not in it.\n\n| of | bytes |\n| --- | ---: |\n",
        TOLERANCE / 10,
        TOLERANCE % 10,
        grouped(bytes),
        grouped(zipped),
    );
    for (of, bytes) in contributors {
        let _ = writeln!(text, "| {of} | {} |", grouped(*bytes));
    }
    text
}

/// `1234567` as `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_states_the_size_that_was_measured() {
        let page = text(6_123_456, 2_900_000, &[("byway".into(), 608_000)]);
        assert_eq!(stated(&page), Some(6_123_456));
        assert!(page.contains("| byway | 608,000 |"));
        assert_eq!(stated("# Size\n"), None);
    }

    #[test]
    fn growth_above_two_percent_is_too_large() {
        assert!(!is_too_large(1_020_000, 1_000_000) && is_too_large(1_020_001, 1_000_000));
    }

    #[test]
    fn symbols_are_counted_for_their_crate() {
        for (line, of) in [
            ("0000000000000016 0000000000000008 t byway::client::open", "byway"),
            ("0000000000000016 0000000000000008 t <byway::Opened as core::fmt::Debug>::fmt", "byway"),
            ("0000000000000016 0000000000000008 t <&mut rustls::A as std::B>::c", "rustls"),
            ("0000000000000016 0000000000000008 T sqlite3_step", "SQLite"),
            ("0000000000000016 0000000000000008 t aws_lc_0_44_0_AES", "aws-lc"),
        ] {
            assert_eq!(symbol(line), Some((of.to_owned(), 8)), "{line}");
        }
        assert_eq!(symbol("                 U malloc"), None);
    }
}
