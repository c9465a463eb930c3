//! The size of the library that an app ships: built for size, stripped, measured, and compared with docs/size.md.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cargo::{root, target};
use crate::mobile::{self, Tor};
use crate::step::{Outcome, command};
use crate::swift;

/// The page that states the size; its number is the budget.
const PAGE: &str = "docs/size.md";

/// The upper limit for the shared library without an embedded Tor.
const TARGET: u64 = 6_000_000;

/// Growth of up to this many thousandths passes: compilers and dependencies change a little by themselves.
const TOLERANCE: u64 = 20;

/// For lld, which rustc links with on x86_64 Linux: equal functions once, packed relocations, and symbols that contain
/// the types of a function. The options for Android's targets are in `.cargo/config.toml`.
const LINK: &str = "-Clink-arg=-Wl,--icf=all -Clink-arg=-Wl,-z,pack-relative-relocs -Csymbol-mangling-version=v0";

/// Builds and measures. `accept`: the measured size becomes the budget.
pub(crate) fn measure(accept: bool) -> Outcome {
    let found = match build(Tor::Without, &folder()).and_then(|()| measured()) {
        Ok(found) => found,
        Err(sentence) => return Outcome::failed(sentence),
    };
    let page = root().join(PAGE);
    let before = fs::read_to_string(&page).unwrap_or_default();
    let budget = stated(&before);
    println!("{found:?}; docs/size.md says {}", budget.map_or("nothing".into(), |budget| budget.to_string()));
    if let Some(budget) = budget
        && !accept
        && is_too_large(found.bytes, budget)
    {
        return Outcome::failed(format!(
            "the library grew from {budget} to {} bytes; make it smaller, or say why and run `cargo xtask size --accept`",
            found.bytes
        ));
    }
    let contributors = match contributors() {
        Ok(contributors) => contributors,
        Err(sentence) => return Outcome::failed(sentence),
    };
    match fs::write(&page, text(&found, &contributors) + rest(&before)) {
        Ok(()) => Outcome::Passed,
        Err(error) => Outcome::failed(format!("{PAGE} cannot be written: {error}")),
    }
}

/// Builds the library with Tor inside, and prints its size. docs/size.md states it in its hand-written part.
pub(crate) fn measure_with_tor() -> Outcome {
    let folder = target().join("size-with-tor");
    let stripped = folder.join("stripped.so");
    let sizes = build(Tor::Inside, &folder).and_then(|()| {
        strip(&library_in(&folder), &stripped)?;
        Ok((length(&stripped)?, gzipped(&stripped)?))
    });
    match sizes {
        Ok((bytes, zipped)) => {
            println!("with Tor inside, stripped: {} bytes, {} as gzip -9", grouped(bytes), grouped(zipped));
            Outcome::Passed
        }
        Err(sentence) => Outcome::failed(sentence),
    }
}

/// The measured sizes, in bytes.
#[derive(Clone, Copy, Debug)]
struct Measured {
    /// The shared library, stripped.
    bytes: u64,
    /// The same after `gzip -9`.
    zipped: u64,
    /// How much a program grows that links the static library with all exports, stripped.
    grown: u64,
}

/// Both libraries in one build: optimising across crates is done once for both.
fn build(tor: Tor, folder: &Path) -> Result<(), String> {
    let mut build = mobile::rustc("cdylib,staticlib", tor);
    // It is stripped by hand below: the symbols show who contributes.
    build.env("CARGO_PROFILE_MOBILE_STRIP", "none");
    if cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        build.env("RUSTFLAGS", LINK);
    }
    run(build.env("CARGO_TARGET_DIR", folder))
}

fn measured() -> Result<Measured, String> {
    let stripped = stripped();
    strip(&with_symbols(), &stripped)?;
    Ok(Measured { bytes: length(&stripped)?, zipped: gzipped(&stripped)?, grown: growth()? })
}

fn strip(library: &Path, stripped: &Path) -> Result<(), String> {
    run(Command::new("strip").args(["--strip-all", "-o"]).arg(stripped).arg(library))
}

/// How much a program grows that links the static library and everything that its exports need. The private symbols are
/// hidden as in an XCFramework.
fn growth() -> Result<u64, String> {
    let program = folder().join("program");
    fs::create_dir_all(&program).map_err(|error| format!("{} cannot be made: {error}", program.display()))?;
    let source = program.join("main.c");
    fs::write(&source, "int main(void) { return 0; }\n")
        .map_err(|error| format!("{} cannot be written: {error}", source.display()))?;
    let exports = swift::keep_private(&built().join("libbyway_ffi.a"), &program)?;
    let link = |name: &str| {
        let mut link = Command::new("cc");
        link.current_dir(&program).args(["-O2", "-s", "-Wl,--gc-sections", "main.c", "-o", name]);
        link
    };
    run(&mut link("empty"))?;
    let mut whole = link("whole");
    // An app calls the functions; the descriptions next to them are for the generator.
    let called = exports.iter().filter(|export| !export.starts_with("UNIFFI_META_"));
    let called: String = called.map(|export| format!("-Wl,--undefined={export}\n")).collect();
    fs::write(program.join("exports"), called).map_err(|error| format!("the exports cannot be written: {error}"))?;
    whole.arg("@exports");
    run(whole.arg("libbyway_ffi.a").args(swift::SYSTEM.split_whitespace()))?;
    Ok(length(&program.join("whole"))?.saturating_sub(length(&program.join("empty"))?))
}

fn length(file: &Path) -> Result<u64, String> {
    fs::metadata(file).map(|data| data.len()).map_err(|error| format!("{} cannot be measured: {error}", file.display()))
}

fn run(tool: &mut Command) -> Result<(), String> {
    match command(tool) {
        Outcome::Passed => Ok(()),
        Outcome::Failed { sentence, .. } | Outcome::Unchecked { sentence } => Err(sentence),
    }
}

/// A folder of its own: with other flags than all other builds, a shared folder would be rebuilt each time.
fn folder() -> PathBuf {
    target().join("size")
}

fn built() -> PathBuf {
    folder().join(mobile::PROFILE)
}

fn with_symbols() -> PathBuf {
    library_in(&folder())
}

fn library_in(folder: &Path) -> PathBuf {
    let name = format!("{}byway_ffi{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    folder.join(mobile::PROFILE).join(name)
}

fn gzipped(library: &Path) -> Result<u64, String> {
    let output = Command::new("gzip").args(["-9", "--stdout"]).arg(library).output();
    match output {
        Ok(output) if output.status.success() => Ok(output.stdout.len() as u64),
        _ => Err("`gzip` cannot be run".to_owned()),
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

/// Bytes of symbols by the crate or C library that they come from, the largest first.
fn contributors() -> Result<Vec<(String, u64)>, String> {
    let output = Command::new("nm").args(["--print-size", "--radix=d", "--demangle"]).arg(with_symbols()).output();
    let output = match output {
        Ok(output) if output.status.success() => output.stdout,
        _ => return Err("`nm` cannot be run".to_owned()),
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
const SHOWN: usize = 24;

/// A line of `nm`: address, size, kind, name.
fn symbol(line: &str) -> Option<(String, u64)> {
    let mut words = line.splitn(4, ' ');
    let (_, size, _, name) = (words.next()?, words.next()?, words.next()?, words.next()?);
    Some((owner(name), size.parse().ok()?))
}

/// The owner of a symbol: `<byway::X as core::Y>::z` belongs to byway.
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
    // The code that drops a value belongs to the value.
    let name = name.strip_prefix("core::ptr::drop_in_place::").unwrap_or(name);
    let path = name.trim_start_matches(['<', '&', '(', '*', '[']);
    let path = ["mut ", "dyn ", "const "].iter().fold(path, |path, word| path.strip_prefix(word).unwrap_or(path));
    let krate = path.split("::").next().unwrap_or(path);
    let krate = krate.rsplit(' ').next().unwrap_or(krate);
    krate.split('[').next().unwrap_or(krate).to_owned()
}

/// The page after the part that this step writes: the section on memory, and the hand-written part.
fn rest(page: &str) -> &str {
    [RESIDENT, BY_HAND].iter().filter_map(|head| page.find(&format!("\n{head}"))).min().map_or("", |at| &page[at..])
}

/// Puts a new section on memory into the page.
pub(crate) fn write_section(section: &str) -> Result<(), String> {
    let path = root().join(PAGE);
    let page = fs::read_to_string(&path).map_err(|error| format!("{PAGE} cannot be read: {error}"))?;
    fs::write(&path, with_section(&page, section)).map_err(|error| format!("{PAGE} cannot be written: {error}"))
}

fn with_section(page: &str, section: &str) -> String {
    let rest = rest(page);
    let by_hand = rest.find(&format!("\n{BY_HAND}")).map_or("", |at| &rest[at..]);
    let own = page.strip_suffix(rest).unwrap_or(page);
    format!("{own}{section}{by_hand}")
}

/// The head of the section that `resident` writes.
pub(crate) const RESIDENT: &str = "## Memory, and the first post";

/// The first line of the page's hand-written part.
const BY_HAND: &str = "## What each step saved";

/// The library with its symbols, and without.
pub(crate) fn libraries() -> (PathBuf, PathBuf) {
    (with_symbols(), stripped())
}

fn stripped() -> PathBuf {
    folder().join("stripped.so")
}

fn text(found: &Measured, contributors: &[(String, u64)]) -> String {
    let Measured { bytes, zipped, grown } = *found;
    let target = if bytes < TARGET {
        "It is met.".to_owned()
    } else {
        format!("It is missed by {} bytes: [what stands in the way](#what-stands-in-the-way).", grouped(bytes - TARGET))
    };
    let mut text = format!(
        "# Size\n\nWhat the library adds to an app for each processor that it ships. `cargo xtask size` builds it (profile `mobile`), \
         measures it, writes this page but for its last two sections, and fails where it grew by more than {}.{} %; `--accept` \
         takes the new size.\n\n\
         {STATED}{} bytes, {} as gzip -9.\n\n\
         The target is less than {} bytes, without an embedded Tor. {target}\n\n\
         A program that links the static library, as an app for iOS does, grows by {} bytes. Its private symbols, SQLite's \
         among them, are hidden first, as `cargo xtask xcframework` hides them.\n\n\
         It has all of the API, HTTP requests included, with HTTP/2, gzip and deflate, SQLite and post-quantum TLS. The names \
         of time zones are the system's.\n\n\
         ## Who contributes\n\nBytes of symbols before stripping, by crate; sections without symbols (unwind tables, \
         relocations) are not in it.\n\n| of | bytes |\n| --- | ---: |\n",
        TOLERANCE / 10,
        TOLERANCE % 10,
        grouped(bytes),
        grouped(zipped),
        grouped(TARGET),
        grouped(grown),
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
        let page = page(6_123_456);
        assert_eq!(stated(&page), Some(6_123_456));
        assert!(page.contains("| byway | 608,000 |"));
        assert_eq!(stated("# Size\n"), None);
    }

    fn page(bytes: u64) -> String {
        text(&Measured { bytes, zipped: 2_900_000, grown: 7_000_000 }, &[("byway".into(), 608_000)])
    }

    #[test]
    fn page_says_whether_the_target_is_met() {
        assert!(page(TARGET - 1).contains("It is met."));
        assert!(page(TARGET + 1_000).contains("It is missed by 1,000 bytes"));
    }

    #[test]
    fn what_other_steps_and_hands_wrote_stays() {
        let (memory, tail) = (format!("\n{RESIDENT}\n\nMuch.\n"), format!("\n{BY_HAND}\n\nText.\n"));
        let before = page(1) + &tail;
        assert_eq!(rest(&before), tail);
        let with = with_section(&before, &memory);
        assert_eq!(with, page(1) + &memory + &tail);
        assert_eq!(rest(&with), memory.clone() + &tail);
        let anew = format!("\n{RESIDENT}\n\nLittle.\n");
        assert_eq!(with_section(&with, &anew), page(1) + &anew + &tail);
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
            ("0000000000000016 0000000000000008 t core::ptr::drop_in_place::<tokio::A<byway::B>>", "tokio"),
            ("0000000000000016 0000000000000008 T sqlite3_step", "SQLite"),
            ("0000000000000016 0000000000000008 t aws_lc_0_44_0_AES", "aws-lc"),
        ] {
            assert_eq!(symbol(line), Some((of.to_owned(), 8)), "{line}");
        }
        assert_eq!(symbol("                 U malloc"), None);
    }
}
