//! Names and words of an original as an event holds them.

use crate::signed::Digest;

/// The name of an item in a copy. Ids of platforms have characters and lengths that a name does not have.
pub(super) fn name_of(id: &str) -> String {
    Digest::of(id.as_bytes()).to_string().chars().take(NAME_DIGITS).collect()
}

/// Text that an event holds: without control characters, and cut at a limit.
pub(super) fn plain(text: &str, most: usize) -> String {
    let text = text.replace("\r\n", "\n");
    let mut plain: String = text.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect();
    if plain.len() > most {
        let mut end = most - CUT.len();
        while !plain.is_char_boundary(end) {
            end -= 1;
        }
        plain.truncate(end);
        plain.push_str(CUT);
    }
    plain.trim().to_owned()
}

/// Half of a digest: two ids with one name have to be looked for with 2^64 tries.
const NAME_DIGITS: usize = 32;

/// The sign of a text that was cut.
pub(super) const CUT: &str = "\u{2026}";
