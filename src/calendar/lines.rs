//! The lines of an iCalendar file.

/// Lines that were written so far.
pub(super) struct Lines(pub(super) String);

impl Lines {
    /// A property, folded: no line is longer than 75 octets, and no character is split (3.1).
    pub(super) fn line(&mut self, name: &str, value: &str) {
        let mut octets = 0;
        for c in name.chars().chain([':']).chain(value.chars()) {
            if octets + c.len_utf8() > LINE_OCTETS {
                self.0.push_str("\r\n ");
                octets = 1;
            }
            self.0.push(c);
            octets += c.len_utf8();
        }
        self.0.push_str("\r\n");
    }
}

/// Whether the format can express a year.
pub(super) fn has_four_digits(year: i16) -> bool {
    (0..=9999).contains(&year)
}

/// The most octets of a line, without its end (3.1).
pub(super) const LINE_OCTETS: usize = 75;
