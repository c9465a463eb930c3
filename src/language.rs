//! The languages of Byway's sentences. The words are in `sentences`.

/// The language of sentences and errors: of a whole client by [`Builder::language`](crate::Builder::language), or of
/// one sentence by its argument.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Russian.
    Ru,
}

codes! {
    Language {
        En = "en",
        Ru = "ru",
    }
}
