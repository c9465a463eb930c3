//! Who wrote or organises something.

use byway::community as core_model;

mirror! {
    /// What an author is.
    AuthorKind of core_model::AuthorKind, else Unknown {
        /// A group, speaking for itself.
        Community,
        /// A person.
        Person,
        /// The source does not say.
        Unknown,
    }
}

/// Who wrote or organises something.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Author {
    /// The machine-readable id, such as `vk:-12345` for a community and `vk:678` for a person.
    pub id: String,
    /// Its name; empty if the source gives none.
    pub name: String,
    /// A person or a community.
    pub kind: AuthorKind,
    /// The address of its page.
    pub url: Option<String>,
}

impl From<core_model::Author> for Author {
    fn from(core: core_model::Author) -> Self {
        Self { id: core.id, name: core.name, kind: core.kind.into(), url: core.url }
    }
}
