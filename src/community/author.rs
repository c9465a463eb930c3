use serde::{Deserialize, Serialize};

/// The author of a post or the organiser of an event.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Author {
    /// The machine-readable id, e.g. `vk:-12345` for a community and `vk:678` for a person.
    pub id: String,
    /// The author's name; empty if the source gives none.
    #[serde(default)]
    pub name: String,
    /// A person or a community.
    #[serde(default)]
    pub kind: AuthorKind,
    /// The address of its page.
    #[serde(default)]
    pub url: Option<String>,
}

impl Author {
    /// An author of this id and kind.
    pub fn new(id: impl Into<String>, name: impl Into<String>, kind: AuthorKind) -> Self {
        Self { id: id.into(), name: name.into(), kind, url: None }
    }
}

/// The kind of an author.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AuthorKind {
    /// A group that speaks for itself.
    Community,
    /// A person.
    Person,
    /// The source does not say.
    #[default]
    #[serde(other)]
    Unknown,
}

codes! {
    AuthorKind {
        Community = "community",
        Person = "person",
        Unknown = "unknown",
    }
}
