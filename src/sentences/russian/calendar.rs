//! The texts that a calendar shows in addition to an event, in Russian.

use super::Russian;
use crate::sentences::phrasebook::CalendarPhrases;

impl CalendarPhrases for Russian {
    fn calendar_removed(&self) -> &'static str {
        "Это событие убрано там, где было объявлено, или больше там не читается. Здесь то, что было прочитано раньше. Состоится ли оно — другой вопрос."
    }

    fn calendar_mentions(&self) -> &'static str {
        "В тексте говорится об отмене; уточните у тех, кто проводит."
    }

    fn calendar_seen(&self) -> &'static str {
        "замечено"
    }

    fn calendar_read(&self) -> &'static str {
        "прочитано"
    }
}
