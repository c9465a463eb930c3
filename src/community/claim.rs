use serde::{Deserialize, Serialize};

use super::Home;

/// Another home that a community names as its successor or predecessor. Shown, never followed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Claim {
    /// The home it names.
    pub home: Home,
    /// Where it names it.
    pub field: Field,
    /// In which words.
    pub text: String,
}

impl Claim {
    /// A claim in these words, found there.
    pub fn new(home: Home, field: Field, text: impl Into<String>) -> Self {
        Self { home, field, text: text.into() }
    }
}

/// A part of a community in which something was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Field {
    /// Its name.
    Name,
    /// The line under its name.
    Status,
    /// Its description.
    Description,
    /// The links beside its description.
    Links,
    /// Its pinned post.
    PinnedPost,
    /// Somewhere that this version does not know.
    #[serde(other)]
    Elsewhere,
}

codes! {
    Field {
        Name = "name",
        Status = "status",
        Description = "description",
        Links = "links",
        PinnedPost = "pinned_post",
        Elsewhere = "elsewhere",
    }
}
