//! Fingerprints: known block pages and the addresses that serve them, as data.
//!
//! A fingerprint is an observed fact: the notice of this operator is served at that host, a certain law makes a page
//! say certain words, this address is given for blocked names. [`Fingerprints::starter`] holds a few with their sources
//! (`starter.csv`). An app can add more in the format of the public lists (OONI's `blocking-fingerprints`, made of
//! Censored Planet's and the Citizen Lab's): [`Fingerprints::parse_csv`].
//!
//! The list holds only pages that identify themselves. A title or a length that happens to match proves nothing, and a
//! page that merely differs from another country's is not a block page. An operator may change its notice at any time;
//! the block is then reported as something else. A missing entry costs a sentence, never the content.
//!
//! The caller must know that the answer did not prove the site's name: over TLS with a valid certificate, a site may
//! well quote such a page. A fingerprint of scope `fp` (false positive) outweighs all others that match.

mod csv;
mod leads;
mod page;

use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, LazyLock};

use http::HeaderMap;
use url::Url;

use crate::transport::Country;
pub use page::text_of;

/// A set of fingerprints. Clones share it.
#[derive(Clone)]
pub struct Fingerprints(Arc<[Fingerprint]>);

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) struct Fingerprint {
    /// Its name, e.g. `ru.rostelecom`.
    pub(crate) name: String,
    /// What it is a fact about.
    pub(crate) scope: Scope,
    /// The part of an answer to search.
    pub(crate) location: Location,
    /// The text to search for.
    pub(crate) pattern: Pattern,
    /// The countries where it was seen or may be expected.
    pub(crate) countries: Vec<Country>,
}

/// The scopes of the public lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub(crate) enum Scope {
    /// `nat`: a whole country.
    National,
    /// `isp`: one operator.
    Operator,
    /// `prod`: a filtering product.
    Product,
    /// `inst`: a school, an office, a home.
    Institution,
    /// `prov`: the site's own provider.
    Provider,
    /// `injb`: bytes that a middlebox injects.
    Injected,
    /// `vbw`: words that a block page may use, and other pages too. They are kept, and never suffice for a verdict.
    Vague,
    /// `fp`: a page that only looks like a block page. It outweighs all other matches.
    FalsePositive,
}

/// The part of an answer that is searched.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub(crate) enum Location {
    /// The text of a page.
    Body,
    /// A header; its name is in lower case.
    Header(String),
    /// The addresses in a resolver's answer.
    Dns,
}

/// The text that is searched for. Case is ignored: pages were observed in both.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub(crate) enum Pattern {
    /// The whole text.
    Full(String),
    /// The beginning of the text.
    Prefix(String),
    /// A part of the text.
    Contains(String),
    /// These pieces in this order, with anything between them.
    Ordered(Vec<String>),
    /// `host[/path]`, in the header `location`: a redirect, or a frame of the page, leads to this host or to a
    /// subdomain.
    Host(String),
}

/// The result of reading a list.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LoadedFingerprints {
    /// The rows that can be used.
    pub fingerprints: Fingerprints,
    /// The rows that cannot be used, with the reasons.
    pub skipped: Vec<SkippedRow>,
}

/// A row that cannot be used. It does not affect the others.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SkippedRow {
    /// The number of the row; the first below the header is 1.
    pub row: usize,
    /// The reason.
    pub fault: RowFault,
}

/// Why a row cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RowFault {
    /// It ends before one of the required columns.
    Short,
    /// Its pattern is a regular expression. No regular expression of a list is run over remote bytes, because its cost
    /// has no visible bound.
    Regexp,
    /// Its kind of pattern is unknown.
    PatternType,
    /// Its pattern is empty, too long, or useless in its location.
    Pattern,
    /// Its location is unknown.
    Location,
    /// Its scope is unknown.
    Scope,
}

codes! {
    RowFault {
        Short = "short",
        Regexp = "regexp",
        PatternType = "pattern_type",
        Pattern = "pattern",
        Location = "location",
        Scope = "scope",
    }
}

/// Error reading a list of fingerprints.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FingerprintsError {
    /// It has more bytes than any real list.
    #[error("the list of fingerprints is longer than {MOST_BYTES} bytes")]
    TooLong,
    /// It has more rows than any real list.
    #[error("the list of fingerprints has more than {MOST_ROWS} rows")]
    TooManyRows,
    /// A quoted field of a row has no end, or is followed by something other than a comma.
    #[error("the quotes in row {row} of the list of fingerprints do not end where they should")]
    Quoting {
        /// The number of the row; the first below the header is 1, the header is 0.
        row: usize,
    },
    /// Its first row does not name a required column.
    #[error("the first row of the list of fingerprints does not name the column `{column}`")]
    Column {
        /// The missing column.
        column: &'static str,
    },
}

impl FingerprintsError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            FingerprintsError::TooLong => "too_long",
            FingerprintsError::TooManyRows => "too_many_rows",
            FingerprintsError::Quoting { .. } => "quoting",
            FingerprintsError::Column { .. } => "column",
        }
    }
}

impl Fingerprints {
    /// An empty set.
    pub fn none() -> Self {
        Self(Arc::from([]))
    }

    /// The few fingerprints that every client has.
    pub fn starter() -> Self {
        static STARTER: LazyLock<Fingerprints> = LazyLock::new(|| {
            Fingerprints::parse_csv(include_str!("starter.csv"))
                .map_or_else(|_| Fingerprints::none(), |loaded| loaded.fingerprints)
        });
        STARTER.clone()
    }

    /// Reads a list in the public format: comma-separated (RFC 4180), with a first row that names the columns `name`,
    /// `location_found`, `pattern_type`, `pattern`, and optionally `scope` and `expected_countries`, in any order.
    /// Other columns are ignored.
    ///
    /// - `pattern_type` is `full`, `prefix`, `contains`, or `ordered` (pieces that follow each other, with `*` between
    ///   them). `host` is an extension of ours: a host and its subdomains. A row with a `regexp` is skipped and
    ///   reported.
    /// - `location_found` is `body`, `dns`, or `header.` and the header's name.
    ///
    /// # Errors
    /// Only faults of the list as a whole. A row that cannot be used is [skipped](LoadedFingerprints::skipped).
    pub fn parse_csv(text: &str) -> Result<LoadedFingerprints, FingerprintsError> {
        if text.len() > MOST_BYTES {
            return Err(FingerprintsError::TooLong);
        }
        let mut rest = text.trim_start_matches('\u{feff}');
        let mut columns = None;
        let (mut fingerprints, mut skipped) = (Vec::new(), Vec::new());
        let mut row = 0;
        while let Some((record, behind)) = csv::record(rest) {
            rest = behind;
            let at = if columns.is_some() { row + 1 } else { 0 };
            let fields = record.map_err(|csv::BadQuotes| FingerprintsError::Quoting { row: at })?;
            let Some(columns) = &columns else {
                columns = Some(Columns::of(&fields)?);
                continue;
            };
            row += 1;
            if row > MOST_ROWS {
                return Err(FingerprintsError::TooManyRows);
            }
            match columns.read(&fields) {
                Ok(fingerprint) => fingerprints.push(fingerprint),
                Err(fault) => skipped.push(SkippedRow { row, fault }),
            }
        }
        if columns.is_none() {
            return Err(FingerprintsError::Column { column: NAME });
        }
        Ok(LoadedFingerprints { fingerprints: Self(fingerprints.into()), skipped })
    }

    /// Returns these and the other fingerprints. They are tried in this order.
    #[must_use]
    pub fn and(&self, more: &Fingerprints) -> Self {
        Self(self.0.iter().chain(more.0.iter()).cloned().collect())
    }

    /// The number of fingerprints.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no fingerprints.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The name of the fingerprint that an unproved page matches: by its redirect, by its headers, or, once it is
    /// complete, by its body.
    pub fn block_page(&self, redirects_to: Option<&Url>, headers: &HeaderMap, body: Option<&[u8]>) -> Option<&str> {
        let body = body.filter(|body| body.len() <= LONGEST_NOTICE && !body.is_empty());
        let text = body.map(|body| text_of(body).to_lowercase());
        let said = text.as_deref().map(page::readable);
        let mut targets = leads::in_headers(headers);
        targets.extend(redirects_to.cloned());
        targets.extend(text.as_deref().map(leads::in_page).unwrap_or_default());
        let matches = |fingerprint: &&Fingerprint| match (&fingerprint.location, &fingerprint.pattern) {
            (Location::Header(name), Pattern::Host(at)) if name == "location" => {
                targets.iter().any(|target| leads_to(target, at))
            }
            (Location::Header(name), pattern) => headers.get_all(name.as_str()).iter().any(|value| {
                let value = String::from_utf8_lossy(value.as_bytes());
                value.len() <= MOST_PATTERN && pattern.matches(&value.to_lowercase())
            }),
            (Location::Body, pattern) => {
                text.as_deref().is_some_and(|text| pattern.matches(text))
                    || said.as_deref().is_some_and(|said| pattern.is_in(said))
            }
            (Location::Dns, _) => false,
        };
        if self.0.iter().filter(|known| known.scope == Scope::FalsePositive).any(|known| matches(&known)) {
            return None;
        }
        let found = self.0.iter().filter(|known| known.is_enough()).find(matches);
        let by_law = || said.as_deref().is_some_and(page::cites_law).then_some(BY_LAW);
        found.map(|known| known.name.as_str()).or_else(by_law)
    }

    /// The name of the fingerprint that a resolver's answer matches: the address of a block page.
    pub fn block_address(&self, address: IpAddr) -> Option<&str> {
        let text = address.to_canonical().to_string();
        let matches = |known: &&Fingerprint| known.location == Location::Dns && known.pattern.matches(&text);
        if self.0.iter().filter(|known| known.scope == Scope::FalsePositive).any(|known| matches(&known)) {
            return None;
        }
        self.0.iter().filter(|known| known.is_enough()).find(matches).map(|known| known.name.as_str())
    }
}

impl Default for Fingerprints {
    fn default() -> Self {
        Self::starter()
    }
}

impl fmt::Debug for Fingerprints {
    /// Prints the number only: a list is long.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprints({})", self.0.len())
    }
}

impl fmt::Display for Fingerprints {
    /// Prints a list that [`Fingerprints::parse_csv`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{NAME},{SCOPE},{LOCATION},{PATTERN_TYPE},{PATTERN},{COUNTRIES}")?;
        for Fingerprint { name, scope, location, pattern, countries } in self.0.iter() {
            let location = match location {
                Location::Body => "body".to_owned(),
                Location::Header(name) => format!("header.{name}"),
                Location::Dns => "dns".to_owned(),
            };
            let (kind, pattern) = match pattern {
                Pattern::Full(text) => ("full", text.clone()),
                Pattern::Prefix(text) => ("prefix", text.clone()),
                Pattern::Contains(text) => ("contains", text.clone()),
                Pattern::Ordered(pieces) => ("ordered", pieces.join("*")),
                Pattern::Host(at) => ("host", at.clone()),
            };
            let countries: Vec<String> = countries.iter().map(ToString::to_string).collect();
            let fields = [name, scope.as_str(), &location, kind, &pattern, &countries.join(",")];
            writeln!(f, "{}", fields.map(csv::quoted).join(","))?;
        }
        Ok(())
    }
}

impl Fingerprint {
    /// Whether it shows a block by itself.
    fn is_enough(&self) -> bool {
        !matches!(self.scope, Scope::Vague | Scope::FalsePositive)
    }
}

impl Scope {
    const ALL: [Scope; 8] = [
        Scope::National,
        Scope::Operator,
        Scope::Product,
        Scope::Institution,
        Scope::Provider,
        Scope::Injected,
        Scope::Vague,
        Scope::FalsePositive,
    ];

    fn as_str(self) -> &'static str {
        match self {
            Scope::National => "nat",
            Scope::Operator => "isp",
            Scope::Product => "prod",
            Scope::Institution => "inst",
            Scope::Provider => "prov",
            Scope::Injected => "injb",
            Scope::Vague => "vbw",
            Scope::FalsePositive => "fp",
        }
    }
}

impl Pattern {
    /// Whether it matches a text, which is in lower case.
    fn matches(&self, text: &str) -> bool {
        match self {
            Pattern::Full(all) => text == all,
            Pattern::Prefix(beginning) => text.starts_with(beginning.as_str()),
            Pattern::Contains(some) => text.contains(some.as_str()),
            Pattern::Ordered(pieces) => {
                let mut rest = Some(text);
                for piece in pieces {
                    rest = rest.and_then(|text| text.split_once(piece.as_str())).map(|(_, behind)| behind);
                }
                rest.is_some()
            }
            Pattern::Host(_) => false,
        }
    }

    /// Whether it is a part of what a page says, without its markup.
    fn is_in(&self, said: &str) -> bool {
        matches!(self, Pattern::Contains(_) | Pattern::Ordered(_)) && self.matches(said)
    }
}

/// Whether a redirect leads to `host[/path]`, or to a subdomain of that host.
fn leads_to(target: &Url, at: &str) -> bool {
    let (known, path) = at.split_once('/').unwrap_or((at, ""));
    let host = target.host_str().unwrap_or_default().trim_end_matches('.');
    let under = || host.strip_suffix(known).is_some_and(|rest| rest.ends_with('.'));
    let behind = &target[url::Position::BeforePath..];
    (host == known || under()) && behind.trim_start_matches('/').to_lowercase().starts_with(path)
}

/// The position of each column.
struct Columns {
    name: usize,
    location: usize,
    pattern_type: usize,
    pattern: usize,
    scope: Option<usize>,
    countries: Option<usize>,
}

impl Columns {
    fn of(header: &[String]) -> Result<Self, FingerprintsError> {
        let at = |wanted: &str| header.iter().position(|name| name.trim().eq_ignore_ascii_case(wanted));
        let needed = |column: &'static str| at(column).ok_or(FingerprintsError::Column { column });
        Ok(Self {
            name: needed(NAME)?,
            location: needed(LOCATION)?,
            pattern_type: needed(PATTERN_TYPE)?,
            pattern: needed(PATTERN)?,
            scope: at(SCOPE),
            countries: at(COUNTRIES),
        })
    }

    fn read(&self, fields: &[String]) -> Result<Fingerprint, RowFault> {
        let field = |at: usize| fields.get(at).map(String::as_str).ok_or(RowFault::Short);
        let optional = |at: Option<usize>| at.and_then(|at| fields.get(at)).map_or("", |text| text.trim());
        let location = match field(self.location)?.trim().to_ascii_lowercase() {
            place if place == "body" => Location::Body,
            place if place == "dns" => Location::Dns,
            place => match place.strip_prefix("header.").filter(|name| !name.is_empty()) {
                Some(name) => Location::Header(name.to_owned()),
                None => return Err(RowFault::Location),
            },
        };
        let text = field(self.pattern)?.to_lowercase();
        if text.trim().is_empty() || text.len() > MOST_PATTERN {
            return Err(RowFault::Pattern);
        }
        let pattern = match field(self.pattern_type)?.trim() {
            "full" => Pattern::Full(text),
            "prefix" => Pattern::Prefix(text),
            "contains" => Pattern::Contains(text),
            "ordered" => {
                let pieces: Vec<String> = text.split('*').map(str::to_owned).collect();
                if pieces.iter().any(String::is_empty) {
                    return Err(RowFault::Pattern);
                }
                Pattern::Ordered(pieces)
            }
            "host" if location == Location::Header("location".to_owned()) => Pattern::Host(text),
            "host" => return Err(RowFault::Location),
            "regexp" => return Err(RowFault::Regexp),
            _ => return Err(RowFault::PatternType),
        };
        // A name in an answer (a CNAME) is not recorded; whole addresses are compared by value.
        let pattern = match pattern {
            Pattern::Full(text) if location == Location::Dns => {
                Pattern::Full(text.trim().parse::<IpAddr>().map_err(|_| RowFault::Pattern)?.to_canonical().to_string())
            }
            other => other,
        };
        let scope = match optional(self.scope) {
            "" => Scope::Operator,
            scope => *Scope::ALL.iter().find(|known| known.as_str() == scope).ok_or(RowFault::Scope)?,
        };
        let countries =
            optional(self.countries).split(',').filter_map(|code| code.trim().to_ascii_lowercase().parse().ok());
        Ok(Fingerprint {
            name: field(self.name)?.trim().to_owned(),
            scope,
            location,
            pattern,
            countries: countries.collect(),
        })
    }
}

const NAME: &str = "name";
const SCOPE: &str = "scope";
const LOCATION: &str = "location_found";
const PATTERN_TYPE: &str = "pattern_type";
const PATTERN: &str = "pattern";
const COUNTRIES: &str = "expected_countries";

/// The name for the notices of small providers, which are recognised by the law that they cite.
const BY_LAW: &str = "ru.149-fz";

/// The largest notices seen have their pictures inline. An article that quotes a notice is larger.
pub(crate) const LONGEST_NOTICE: usize = 32 * 1024;

/// Bytes of a list. OONI's list for pages has 150 kB.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// Rows of a list. OONI's lists have some hundreds. Ten thousand searches through the largest notice take a phone one
/// second.
const MOST_ROWS: usize = 10_000;

/// Bytes of a pattern, and of a header that is searched.
const MOST_PATTERN: usize = 4096;

#[cfg(test)]
mod tests;
