/// The most characters that are kept of a notice.
pub(super) const MAX_TEXT: usize = 1_000;
