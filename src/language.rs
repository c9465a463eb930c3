//! The languages in which Byway speaks. The words are in `sentences`.

/// A language of sentences and errors: of a whole client by [`Builder::language`](crate::Builder::language), of one sentence by its
/// argument.
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
