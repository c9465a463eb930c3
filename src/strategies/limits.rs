//! How much pasted text is read.

use crate::transport::MAX_STRATEGY_BYTES;

/// The most lines that are read: more is no list that a person looked through.
pub const MAX_IMPORT_LINES: usize = 1000;

/// The most bytes that are read.
pub const MAX_IMPORT_BYTES: usize = 256 * 1024;

/// The longest line that is looked at: a strategy, and as much again around it.
pub(super) const MAX_LINE: usize = 2 * MAX_STRATEGY_BYTES;
