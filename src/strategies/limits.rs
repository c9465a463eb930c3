//! Limits on pasted text.

use crate::transport::MAX_STRATEGY_BYTES;

/// The most lines that are read: no person checks a longer list.
pub const MAX_IMPORT_LINES: usize = 1000;

/// The most bytes that are read.
pub const MAX_IMPORT_BYTES: usize = 256 * 1024;

/// The longest line that is examined: a strategy, and as much again around it.
pub(super) const MAX_LINE: usize = 2 * MAX_STRATEGY_BYTES;
