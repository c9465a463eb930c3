use std::fmt;
use std::str::FromStr;

use super::StoreError;
use super::database::{Kind, Tx};
use crate::community::{CommunityId, Home};

/// The least exposure with which something may be read. Once raised it stays, until the store is wiped.
///
/// The same levels, and the same codes, as the exposure of a request; the store knows nothing of requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Floor {
    /// Anybody may see it.
    #[default]
    Open,
    /// Only by proxies and Tor.
    Proxied,
    /// Only by Tor.
    Tor,
}

impl Floor {
    const ALL: [Self; 3] = [Floor::Open, Floor::Proxied, Floor::Tor];

    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Floor::Open => "open",
            Floor::Proxied => "proxied",
            Floor::Tor => "tor",
        }
    }
}

impl fmt::Display for Floor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Floor {
    type Err = UnknownFloor;

    fn from_str(text: &str) -> Result<Self, UnknownFloor> {
        Self::ALL.into_iter().find(|floor| floor.code() == text).ok_or(UnknownFloor)
    }
}

/// A text that is no [`Floor`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a floor is one of `open`, `proxied`, `tor`")]
pub struct UnknownFloor;

/// Of what a floor speaks: a community, or a home of which no community is known yet.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Subject<'a> {
    /// A community, wherever it is read.
    Community(&'a CommunityId),
    /// What is read at this address.
    Home(&'a Home),
}

impl<'a> From<&'a CommunityId> for Subject<'a> {
    fn from(id: &'a CommunityId) -> Self {
        Subject::Community(id)
    }
}

impl<'a> From<&'a Home> for Subject<'a> {
    fn from(home: &'a Home) -> Self {
        Subject::Home(home)
    }
}

/// Raises the floor. Each level that was ever asked for is a record of its own, which is added and never changed:
/// there is no statement that could lower it.
pub(super) fn raise(tx: &Tx<'_>, subject: Subject<'_>, floor: Floor) -> Result<(), StoreError> {
    let (kind, name) = parts(subject);
    tx.add_record(Kind::Floor, &[kind, name.as_bytes(), floor.code().as_bytes()], &[])
}

/// The highest level that was ever asked for.
pub(super) fn of(tx: &Tx<'_>, subject: Subject<'_>) -> Result<Floor, StoreError> {
    let (kind, name) = parts(subject);
    for floor in Floor::ALL.into_iter().rev() {
        if tx.record(Kind::Floor, &[kind, name.as_bytes(), floor.code().as_bytes()])?.is_some() {
            return Ok(floor);
        }
    }
    Ok(Floor::Open)
}

fn parts(subject: Subject<'_>) -> (&'static [u8], String) {
    match subject {
        Subject::Community(id) => (b"community", id.to_string()),
        Subject::Home(home) => (b"home", home.to_string()),
    }
}
