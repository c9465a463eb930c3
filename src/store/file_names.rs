//! The names of a store's files.

pub(super) const LOCK: &str = "byway.lock";

pub(super) const KEY: &str = "byway.key";

pub(super) const DATABASE: &str = "byway.db";

/// The folder of Tor.
pub(super) const TOR: &str = "tor";
