//! From the command line to a [`Byway`]: reads the files, and says in one sentence what is wrong with a value.

use std::fmt::Display;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::time::Duration;

use byway::reach::Fingerprints;
use byway::sentences::{self, Language};
use byway::source::vk::VkToken;
use byway::store::{Store, StoreError};
use byway::strategies::{self, Imported, MAX_IMPORT_BYTES, Strategy};
use byway::transport::Overrides;
use byway::wire::tls::Roots;
use byway::{Builder, Byway};
use zeroize::Zeroizing;

use crate::args::{Data, Options, Whose};
use crate::keys::{self, KeySource};
use crate::words;

/// Wrong usage, in one sentence without a full stop. Exit code 2.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Wrong(pub(crate) String);

impl<T: Display> From<T> for Wrong {
    fn from(sentence: T) -> Self {
        Self(sentence.to_string())
    }
}

/// Makes the engine that the options describe.
pub(crate) fn byway(options: &Options) -> Result<Byway, Wrong> {
    let language: Language = options.lang.into();
    let mut builder = Byway::builder().exposure(options.exposure.into());
    for strategy in ways(options)? {
        builder = builder.strategy(strategy);
    }
    for entry in &options.resolve {
        let (destination, addresses) = Overrides::parse_entry(entry)
            .map_err(|error| Wrong(format!("--resolve: {}", unended(sentences::address_by_hand(language, &error)))))?;
        for address in addresses {
            builder = builder.resolve(destination.clone(), address);
        }
    }
    if let Some(path) = &options.ca {
        let roots = Roots::from_pem(&read(path, CA_BYTES)?);
        builder =
            builder.roots(roots.map_err(|error| {
                Wrong(format!("{}: {}", path.display(), unended(sentences::roots(language, &error))))
            })?);
    }
    if let Some(id) = &options.network {
        builder = builder.network(id);
    }
    if let Some(path) = &options.fingerprints {
        let list = String::from_utf8_lossy(&read(path, FINGERPRINTS_BYTES)?).into_owned();
        let loaded = Fingerprints::parse_csv(&list).map_err(|error| {
            Wrong(format!("{}: {}", path.display(), unended(sentences::fingerprints(language, &error))))
        })?;
        for skipped in &loaded.skipped {
            let row = words::ROW_SKIPPED.in_(language);
            crate::say(&format!("{}: {row} {} ({})", path.display(), skipped.row, skipped.fault.code()));
        }
        builder = builder.fingerprints(&loaded.fingerprints);
    }
    if let Some(code) = &options.country {
        let country =
            code.parse().map_err(|_| Wrong(format!("--country: `{code}` is no country; write it like ru or de")))?;
        builder = builder.country(country);
    }
    if let Some(text) = &options.timeout {
        builder = builder.timeout(timeout(text)?);
    }
    if let Some(store) = store(&options.data, options.lang.into())? {
        builder = builder.store(store);
    }
    if let Some(base) = &options.vk_api {
        builder = builder.vk_api(base);
    }
    token(builder, options)?.build().map_err(|error| Wrong(unended(error.sentence(language))))
}

/// A sentence as it stands behind the name of a flag or file.
pub(crate) fn unended(sentence: String) -> String {
    sentence.strip_suffix('.').map(str::to_owned).unwrap_or(sentence)
}

/// The strategies, those of the file last.
fn ways(options: &Options) -> Result<Vec<Strategy>, Wrong> {
    let mut ways = Vec::new();
    for text in &options.strategy {
        ways.push(text.parse::<Strategy>().map_err(|error| {
            Wrong(format!("--strategy: {}", unended(sentences::strategy(options.lang.into(), &error))))
        })?);
    }
    let Some(path) = &options.strategies else {
        return Ok(ways);
    };
    let text = Zeroizing::new(read(path, STRATEGIES_BYTES)?);
    let text = std::str::from_utf8(&text).map_err(|_| Wrong(format!("{} is no text in UTF-8", path.display())))?;
    for line in strategies::import(text) {
        match line.outcome {
            Imported::Strategy(strategy) => ways.push(strategy),
            Imported::Wrong { error, .. } => {
                let error = unended(sentences::import(options.lang.into(), &error));
                return Err(Wrong(format!("{}, line {}: {error}", path.display(), line.number)));
            }
            _ => {}
        }
    }
    if ways.is_empty() {
        return Err(Wrong(format!("{} holds no strategy", path.display())));
    }
    Ok(ways)
}

/// The token, from the file or the environment. It never comes from an argument: those are seen by every process.
fn token(builder: Builder, options: &Options) -> Result<Builder, Wrong> {
    let token = match &options.vk_token_file {
        Some(path) => {
            let bytes = Zeroizing::new(read(path, TOKEN_BYTES)?);
            let text = std::str::from_utf8(&bytes).map_err(|_| Wrong(format!("{} holds no token", path.display())))?;
            Zeroizing::new(text.trim().to_owned())
        }
        None => match std::env::var(TOKEN_VARIABLE) {
            Ok(token) => Zeroizing::new(token),
            Err(std::env::VarError::NotPresent) => return Ok(builder),
            Err(std::env::VarError::NotUnicode(_)) => return Err(Wrong(format!("{TOKEN_VARIABLE} holds no token"))),
        },
    };
    let whence = options.vk_token_file.as_ref().map_or(TOKEN_VARIABLE.to_owned(), |path| path.display().to_string());
    if token.is_empty() {
        return Err(Wrong(format!("{whence} is empty; it should hold a VK token")));
    }
    if !token.chars().all(|c| c.is_ascii_graphic()) {
        return Err(Wrong(format!("{whence} holds no VK token: a token is one word of ASCII characters")));
    }
    Ok(builder.vk_token(match options.vk_token_of {
        Whose::Person => VkToken::from(token.as_str()),
        Whose::App => VkToken::service(token.as_str()),
    }))
}

/// The store that the flags name; `None`: in memory only.
pub(crate) fn store(data: &Data, language: Language) -> Result<Option<Store>, Wrong> {
    let Some(data_dir) = data.data_dir.clone() else { return Ok(None) };
    let shown = data_dir.display().to_string();
    let Data { key_file, passphrase_file, .. } = data.clone();
    let source = KeySource { data_dir: data_dir.clone(), key_file, passphrase_file, language };
    Store::open(&data_dir, &source).map(Some).map_err(|error| match error {
        StoreError::NoKey(reason) => Wrong(reason.to_string()),
        StoreError::Io(error) => Wrong(format!("cannot use {shown}: {}", reason(&error))),
        error => Wrong(format!("{shown}: {}", unended(sentences::store(language, &error)))),
    })
}

/// The store of a command that only looks at what is kept: none is made.
pub(crate) fn existing_store(data: &Data, language: Language) -> Result<Store, Wrong> {
    let where_kept = || Wrong(words::WHERE_KEPT.in_(language).to_owned());
    let data_dir = data.data_dir.as_ref().ok_or_else(where_kept)?;
    if !keys::has_store(data_dir) {
        return Err(Wrong(format!("{}: {}", data_dir.display(), words::NO_STORE.in_(language))));
    }
    store(data, language)?.ok_or_else(where_kept)
}

/// `20`, `20s`, `1.5s` or `500ms`.
fn timeout(text: &str) -> Result<Duration, Wrong> {
    let wrong = || Wrong(format!("--timeout: `{text}` is no time; write it like 20, 20s or 500ms"));
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, 0.001),
        None => (text.strip_suffix('s').unwrap_or(text), 1.0),
    };
    if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return Err(wrong());
    }
    let seconds = number.parse::<f64>().map_err(|_| wrong())? * unit;
    if !(MIN_TIMEOUT.as_secs_f64()..=MAX_TIMEOUT.as_secs_f64()).contains(&seconds) {
        return Err(Wrong("--timeout: the time must lie between 1ms and one hour".to_owned()));
    }
    Ok(Duration::from_secs_f64(seconds))
}

/// Reads a file that is not larger than it may be.
pub(crate) fn read(path: &Path, limit: u64) -> Result<Vec<u8>, Wrong> {
    let cannot = |error: std::io::Error| Wrong(format!("cannot read {}: {}", path.display(), reason(&error)));
    let mut bytes = Vec::new();
    if path.as_os_str() == "-" {
        std::io::stdin().lock().take(limit + 1).read_to_end(&mut bytes).map_err(cannot)?;
    } else {
        File::open(path).map_err(cannot)?.take(limit + 1).read_to_end(&mut bytes).map_err(cannot)?;
    }
    if bytes.len() as u64 > limit {
        return Err(Wrong(format!("{} is larger than the {limit} bytes that are read of it", path.display())));
    }
    Ok(bytes)
}

pub(crate) fn reason(error: &std::io::Error) -> &'static str {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file",
        std::io::ErrorKind::PermissionDenied => "that is not permitted",
        std::io::ErrorKind::NotADirectory | std::io::ErrorKind::AlreadyExists => "it is no directory",
        std::io::ErrorKind::ReadOnlyFilesystem => "the disk is read-only",
        std::io::ErrorKind::StorageFull => "the disk is full",
        std::io::ErrorKind::IsADirectory => "it is a directory",
        _ => "the system reports an error",
    }
}

/// Where a token is looked for when no file is named.
const TOKEN_VARIABLE: &str = "BYWAY_VK_TOKEN";

/// VK's tokens have about 200 characters.
const TOKEN_BYTES: u64 = 4 * 1024;

/// The whole Mozilla set as PEM has about 220 kB.
const CA_BYTES: u64 = 1024 * 1024;

/// As many bytes as a list of fingerprints may have.
const FINGERPRINTS_BYTES: u64 = 4 * 1024 * 1024;

/// What is longer is some other file.
pub(crate) const STRATEGIES_BYTES: u64 = MAX_IMPORT_BYTES as u64;

/// Less is no time in which anything can be asked.
const MIN_TIMEOUT: Duration = Duration::from_millis(1);

/// Longer than anybody waits.
const MAX_TIMEOUT: Duration = Duration::from_secs(3600);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn times_are_seconds_unless_they_say_otherwise() {
        for (text, ms) in [("20", 20_000), ("20s", 20_000), ("1.5s", 1500), ("500ms", 500), ("0.25", 250)] {
            assert_eq!(timeout(text).unwrap(), Duration::from_millis(ms), "{text}");
        }
        for text in ["", "s", "ms", "0", "-1", "1m", "1e3", "inf", "NaN", "3601", "5 s", "1.2.3"] {
            assert!(timeout(text).is_err(), "{text}");
        }
    }
}
