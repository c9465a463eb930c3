//! A label in every language, and the macro that lists some.

use byway::Language;

/// One label in every language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Label {
    pub(super) en: &'static str,
    pub(super) ru: &'static str,
}

impl Label {
    pub(crate) fn in_(self, language: Language) -> &'static str {
        match language {
            Language::Ru => self.ru,
            _ => self.en,
        }
    }
}

macro_rules! words {
    ($($name:ident: $en:literal, $ru:literal;)*) => {
        $(pub(crate) const $name: Label = Label { en: $en, ru: $ru };)*
        #[cfg(test)]
        pub(super) const ALL: &[Label] = &[$($name),*];
    };
}
