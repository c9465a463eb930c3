use serde::{Deserialize, Serialize};

use super::Home;

/// Another home that a community names as its successor or predecessor. By itself it is shown, and not followed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Claim {
    /// The named home.
    pub home: Home,
    /// The part of the community that names it.
    pub field: Field,
    /// The words of the claim.
    pub text: String,
}

impl Claim {
    /// A claim in these words, found in this field.
    pub fn new(home: Home, field: Field, text: impl Into<String>) -> Self {
        Self { home, field, text: text.into() }
    }
}

/// The part of a community in which something was found.
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
    /// A part that this version does not know.
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
