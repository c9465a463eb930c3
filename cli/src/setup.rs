//! Makes a [`Byway`] and its store from the command line.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use byway::{
    Builder, Byway, Exposure, Fingerprints, Imported, Language, MAX_IMPORT_BYTES, OnionKey, Roots, Store, StoreError,
    Strategy, TorNetwork, TorTransport, VkToken, parse_resolve_entry,
};
use jiff::Timestamp;
use zeroize::Zeroizing;

use crate::args::{Data, Options, RouteArgs, VkArgs, Whose};
use crate::files::{LIST_EXPIRES, read, text_of, warn_if_for_others};
use crate::keys::{self, KeySource};
use crate::served;
use crate::words::{self, Label};
use crate::wrong::{Wrong, reason, unended, wrong_file};

/// Makes the engine that the options describe.
pub(crate) async fn byway(options: &Options) -> Result<Byway, Wrong> {
    engine(options, store).await
}

/// The same to read a link. A folder of this device is read without any route, so it needs none that the exposure allows; its exposure is
/// that of the opening.
pub(crate) async fn byway_to_read(link: &str, options: &Options) -> Result<Byway, Wrong> {
    if is_folder(link) { with_exposure(options, Exposure::Open, store).await } else { byway(options).await }
}

/// The same for what was carried here in a file: nothing is sent, so it needs no route. The exposure is that of what is taken in.
pub(crate) async fn byway_for_files(options: &Options) -> Result<Byway, Wrong> {
    with_exposure(options, Exposure::Open, store).await
}

/// Whether a link names a folder of this device.
pub(crate) fn is_folder(link: &str) -> bool {
    link.trim().get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("file:"))
}

/// The same for a command that reads again what is kept: no store is created.
pub(crate) async fn byway_of_kept(options: &Options) -> Result<Byway, Wrong> {
    engine(options, |data, language| existing_store(data, language).map(Some)).await
}

/// The store is opened when all other options are known to be right.
async fn engine(
    options: &Options,
    store: impl Fn(&Data, Language) -> Result<Option<Store>, Wrong>,
) -> Result<Byway, Wrong> {
    with_exposure(options, options.routes.exposure.into(), store).await
}

async fn with_exposure(
    options: &Options,
    exposure: Exposure,
    store: impl Fn(&Data, Language) -> Result<Option<Store>, Wrong>,
) -> Result<Byway, Wrong> {
    if let (Some(_), Some(folder)) = (&options.data.data_dir, &options.routes.tor_dir) {
        return Err(wrong_file(folder, words::TOR_DIR_TWICE, options.lang.into()));
    }
    let keeps = options.data.data_dir.is_some();
    let mut builder = with_routes(&options.routes, keeps, options.lang.into())?.exposure(exposure);
    if let Some(store) = store(&options.data, options.lang.into())? {
        builder = builder.store(store);
    }
    with_vk(builder, &options.vk, options.lang.into())?
        .build()
        .await
        .map_err(|error| Wrong(unended(error.sentence(options.lang.into()))))
}

/// An engine that reads no community and keeps nothing.
pub(crate) async fn byway_for_uploads(routes: &RouteArgs, language: Language) -> Result<Byway, Wrong> {
    with_routes(routes, false, language)?.build().await.map_err(|error| Wrong(unended(error.sentence(language))))
}

/// An engine that reads originals for copies. It keeps nothing: what one reading gives must not be mixed with earlier ones.
pub(crate) async fn byway_for_copies(routes: &RouteArgs, vk: &VkArgs, language: Language) -> Result<Byway, Wrong> {
    let builder = with_vk(with_routes(routes, false, language)?, vk, language)?;
    builder.build().await.map_err(|error| Wrong(unended(error.sentence(language))))
}

fn with_vk(builder: Builder, vk: &VkArgs, language: Language) -> Result<Builder, Wrong> {
    let builder = match &vk.vk_api {
        Some(base) => builder.vk_api(base),
        None => builder,
    };
    token(builder, vk, language)
}

/// `keeps`: there is a data directory.
fn with_routes(options: &RouteArgs, keeps: bool, language: Language) -> Result<Builder, Wrong> {
    let mut builder = Byway::builder().language(language).exposure(options.exposure.into());
    let strategies = ways(options, language)?;
    match &options.tor_dir {
        Some(folder) => {
            served::keep_out(&[("--tor-dir", folder.as_path())], &[], language)?;
            builder = builder.tor_dir(folder);
        }
        None if !keeps && strategies.iter().any(|strategy| strategy.scheme() == "tor") => {
            crate::screen::say(words::GUARDS_FORGOTTEN.in_(language));
        }
        None => {}
    }
    builder = builder.strategies(strategies);
    for entry in &options.resolve {
        let (destination, addresses) = parse_resolve_entry(entry)
            .map_err(|error| Wrong(format!("--resolve: {}", unended(error.sentence(language)))))?;
        for address in addresses {
            builder = builder.resolve(destination.clone(), address);
        }
    }
    if let Some(path) = &options.ca {
        let roots = Roots::from_certificates(&read(path, CA_BYTES, language)?);
        builder = builder
            .roots(roots.map_err(|error| Wrong(format!("{}: {}", path.display(), unended(error.sentence(language)))))?);
    }
    if let Some(path) = &options.tor_network {
        let text = read(path, TOR_NETWORK_BYTES, language)?;
        let network = TorNetwork::from_json(text_of(path, &text, language)?)
            .map_err(|error| Wrong(format!("{}: {error}", path.display())))?;
        builder = builder.tor_network(network);
    }
    for text in &options.tor_transport {
        let transport = text.parse::<TorTransport>();
        let transport =
            transport.map_err(|error| Wrong(format!("--tor-transport: {}", unended(error.sentence(language)))))?;
        builder = builder.tor_transport(transport);
    }
    if let Some(path) = &options.onion_keys {
        let text = read(path, ONION_KEYS_BYTES, language)?;
        let lines = text_of(path, &text, language)?.lines().map(str::trim);
        for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let key = line.parse::<OnionKey>();
            let key =
                key.map_err(|error| Wrong(format!("{}: {}", path.display(), unended(error.sentence(language)))))?;
            builder = builder.onion_key(key);
        }
        warn_if_for_others(path, language);
    }
    if let Some(id) = &options.network {
        builder = builder.network(id);
    }
    if let Some(path) = &options.fingerprints {
        let list = String::from_utf8_lossy(&read(path, FINGERPRINTS_BYTES, language)?).into_owned();
        let loaded = Fingerprints::parse_csv(&list)
            .map_err(|error| Wrong(format!("{}: {}", path.display(), unended(error.sentence(language)))))?;
        for skipped in &loaded.skipped {
            let row = words::ROW_SKIPPED.in_(language);
            crate::screen::say(&format!(
                "{}: {row} {} ({})",
                path.display(),
                skipped.row,
                unended(skipped.fault.sentence(language))
            ));
        }
        builder = builder.fingerprints(&loaded.fingerprints);
    }
    if let Some(code) = &options.country {
        let country =
            code.parse().map_err(|_| Wrong(format!("--country: `{code}`: {}", words::NO_COUNTRY.in_(language))))?;
        builder = builder.country(country);
    }
    if let Some(text) = &options.timeout {
        builder = builder.timeout(timeout(text, language)?);
    }
    Ok(builder)
}

/// The strategies, those of the file last.
fn ways(options: &RouteArgs, language: Language) -> Result<Vec<Strategy>, Wrong> {
    let mut ways = Vec::new();
    for text in &options.strategy {
        ways.push(
            text.parse::<Strategy>()
                .map_err(|error| Wrong(format!("--strategy: {}", unended(error.sentence(language)))))?,
        );
    }
    let Some(path) = &options.strategies else {
        return Ok(ways);
    };
    let text = Zeroizing::new(read(path, STRATEGIES_BYTES, language)?);
    let text = text_of(path, &text, language)?;
    if has_expired(text, Timestamp::now()) {
        return Err(wrong_file(path, words::LIST_EXPIRED, language));
    }
    for line in byway::import_strategies(text) {
        match line.outcome {
            Imported::Strategy(strategy) => ways.push(strategy),
            Imported::Wrong { error, .. } => {
                let error = unended(error.sentence(language));
                return Err(Wrong(format!(
                    "{}, {} {}: {error}",
                    path.display(),
                    words::LINE_NUMBER.in_(language),
                    line.number
                )));
            }
            _ => {}
        }
    }
    if ways.is_empty() {
        return Err(wrong_file(path, words::NO_STRATEGIES, language));
    }
    Ok(ways)
}

/// Whether a list says of one of its packs that it is not used any more. The line may stand anywhere, because lists are joined and
/// pasted, and the whole list may be Base64. An end that cannot be read is over.
fn has_expired(text: &str, now: Timestamp) -> bool {
    let unpacked: Zeroizing<String> = {
        let packed: Zeroizing<String> =
            Zeroizing::new(text.chars().filter(|c| !c.is_whitespace() && *c != '=').collect());
        let standard = packed.replace('-', "+").replace('_', "/");
        let bytes = STANDARD_NO_PAD.decode(standard.trim_start_matches(BYTE_ORDER_MARK)).unwrap_or_default();
        Zeroizing::new(String::from_utf8(bytes).unwrap_or_default())
    };
    let ends = text.lines().chain(unpacked.lines()).filter_map(|line| line.split_once(LIST_EXPIRES));
    ends.map(|(_, end)| end.trim().parse::<Timestamp>()).any(|end| end.map_or(true, |end| end < now))
}

const BYTE_ORDER_MARK: char = '\u{feff}';

/// The token, from the file or the environment. It never comes from an argument: every process can see those.
fn token(builder: Builder, options: &VkArgs, language: Language) -> Result<Builder, Wrong> {
    let wrong = |whence: &str, what: Label| Wrong(format!("{whence}: {}", what.in_(language)));
    let token = match &options.vk_token_file {
        Some(path) => {
            let bytes = Zeroizing::new(read(path, TOKEN_BYTES, language)?);
            let text = std::str::from_utf8(&bytes).map_err(|_| wrong_file(path, words::NO_TOKEN_IN, language))?;
            Zeroizing::new(text.trim().to_owned())
        }
        None => match std::env::var(TOKEN_VARIABLE) {
            Ok(token) => Zeroizing::new(token),
            Err(std::env::VarError::NotPresent) => return Ok(builder),
            Err(std::env::VarError::NotUnicode(_)) => return Err(wrong(TOKEN_VARIABLE, words::NO_TOKEN_IN)),
        },
    };
    let whence = options.vk_token_file.as_ref().map_or(TOKEN_VARIABLE.to_owned(), |path| path.display().to_string());
    if token.is_empty() {
        return Err(wrong(&whence, words::TOKEN_EMPTY));
    }
    if !token.chars().all(|c| c.is_ascii_graphic()) {
        return Err(wrong(&whence, words::NO_TOKEN_IN));
    }
    if let Some(path) = &options.vk_token_file {
        warn_if_for_others(path, language);
    }
    Ok(builder.vk_token(match options.vk_token_of {
        Whose::Person => VkToken::from(token.as_str()),
        Whose::App => VkToken::service(token.as_str()),
    }))
}

/// The store that the flags name; `None`: in memory only.
pub(crate) fn store(data: &Data, language: Language) -> Result<Option<Store>, Wrong> {
    let Some(data_dir) = data.data_dir.clone() else { return Ok(None) };
    if data_dir.join("head.json").exists() || data_dir.join("charter").exists() {
        return Err(wrong_file(&data_dir, words::STORE_SERVED, language));
    }
    let secrets = [("--data-dir", Some(&data_dir)), ("--key-file", data.key_file.as_ref())];
    let secrets = secrets.into_iter().chain([("--passphrase-file", data.passphrase_file.as_ref())]);
    let secrets: Vec<_> = secrets.filter_map(|(flag, path)| Some((flag, path?.as_path()))).collect();
    served::keep_out(&secrets, &[], language)?;
    keys::settle(&data_dir, language)?;
    let shown = data_dir.display().to_string();
    let Data { key_file, passphrase_file, .. } = data.clone();
    let source = KeySource { data_dir: data_dir.clone(), key_file, passphrase_file, language };
    Store::open(&data_dir, &source).map(Some).map_err(|error| match error {
        StoreError::NoKey(reason) => Wrong(reason.to_string()),
        StoreError::Io(error) => {
            Wrong(format!("{} {shown}: {}", words::CANNOT_USE.in_(language), reason(&error, language)))
        }
        error => Wrong(format!("{shown}: {}", unended(error.sentence(language)))),
    })
}

/// The store for a command that only reads what is kept: none is created.
pub(crate) fn existing_store(data: &Data, language: Language) -> Result<Store, Wrong> {
    let where_kept = || Wrong(words::WHERE_KEPT.in_(language).to_owned());
    let data_dir = data.data_dir.as_ref().ok_or_else(where_kept)?;
    keys::settle(data_dir, language)?;
    if !keys::has_store(data_dir, language)? {
        return Err(Wrong(format!("{}: {}", data_dir.display(), words::NO_STORE.in_(language))));
    }
    store(data, language)?.ok_or_else(where_kept)
}

/// `20`, `20s`, `1.5s` or `500ms`.
pub(crate) fn timeout(text: &str, language: Language) -> Result<Duration, Wrong> {
    let wrong = || Wrong(format!("--timeout: `{text}`: {}", words::NO_TIME.in_(language)));
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, 0.001),
        None => (text.strip_suffix('s').unwrap_or(text), 1.0),
    };
    if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return Err(wrong());
    }
    let seconds = number.parse::<f64>().map_err(|_| wrong())? * unit;
    if !(MIN_TIMEOUT.as_secs_f64()..=MAX_TIMEOUT.as_secs_f64()).contains(&seconds) {
        return Err(Wrong(format!("--timeout: {}", words::TIME_BOUNDS.in_(language))));
    }
    Ok(Duration::from_secs_f64(seconds))
}

/// The variable that holds a token if no file is named.
const TOKEN_VARIABLE: &str = "BYWAY_VK_TOKEN";

/// VK's tokens have about 200 characters.
const TOKEN_BYTES: u64 = 4 * 1024;

/// A private network has a handful of relays in it.
const TOR_NETWORK_BYTES: u64 = 1024 * 1024;

/// A line for each of some hundred services.
const ONION_KEYS_BYTES: u64 = 64 * 1024;

/// The whole Mozilla set as PEM has about 220 kB.
const CA_BYTES: u64 = 1024 * 1024;

/// As many bytes as a list of fingerprints may have.
const FINGERPRINTS_BYTES: u64 = 4 * 1024 * 1024;

/// A longer file is something else.
pub(crate) const STRATEGIES_BYTES: u64 = MAX_IMPORT_BYTES as u64;

/// In less time nothing can be requested.
const MIN_TIMEOUT: Duration = Duration::from_millis(1);

/// Longer than anyone waits.
const MAX_TIMEOUT: Duration = Duration::from_secs(3600);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_list_expires_wherever_its_end_stands() {
        use base64::engine::general_purpose::STANDARD;
        let now: Timestamp = "2026-11-29T12:00:00Z".parse().unwrap();
        let list = |end: &str| format!("{LIST_EXPIRES}{end}\nsocks5://198.51.100.7:1080\n");
        let (over, valid) = (list("2020-01-01T00:00:00Z"), list("2027-01-01T00:00:00Z"));
        for text in [
            over.clone(),
            format!("\n{over}"),
            format!("\u{feff}{over}"),
            format!("{valid}{over}"),
            format!("socks5://198.51.100.9:1080\r\n  {over}"),
            STANDARD.encode(&over),
            list("soon"),
        ] {
            assert!(has_expired(&text, now), "{text}");
        }
        for text in [valid.clone(), STANDARD.encode(&valid), "socks5://198.51.100.7:1080\n".to_owned(), String::new()] {
            assert!(!has_expired(&text, now), "{text}");
        }
    }

    #[test]
    fn times_are_seconds_unless_they_say_otherwise() {
        for (text, ms) in [("20", 20_000), ("20s", 20_000), ("1.5s", 1500), ("500ms", 500), ("0.25", 250)] {
            assert_eq!(timeout(text, Language::En).unwrap(), Duration::from_millis(ms), "{text}");
        }
        for text in ["", "s", "ms", "0", "-1", "1m", "1e3", "inf", "NaN", "3601", "5 s", "1.2.3"] {
            assert!(timeout(text, Language::En).is_err(), "{text}");
        }
    }
}
