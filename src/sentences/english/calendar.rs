//! The texts that a calendar shows in addition to an event, in English.

use super::English;
use crate::sentences::phrasebook::CalendarPhrases;

impl CalendarPhrases for English {
    fn calendar_removed(&self) -> &'static str {
        "This event was taken out where it was announced, or cannot be read there any more. This entry was read before that. Whether the event takes place is another question."
    }

    fn calendar_mentions(&self) -> &'static str {
        "The text mentions a cancellation; ask who calls it."
    }

    fn calendar_seen(&self) -> &'static str {
        "seen"
    }

    fn calendar_read(&self) -> &'static str {
        "read"
    }
}
