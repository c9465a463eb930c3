//! The names of a store's files.

pub(super) const LOCK: &str = "byway.lock";

pub(super) const KEY: &str = "byway.key";

pub(super) const DATABASE: &str = "byway.db";

/// The folder for the files of the Tor within this process: the list of relays, the guards that it chose, and the lines of
/// bridges. They are not sealed: Tor reads them by itself. They name no community.
pub(super) const TOR: &str = "tor";
