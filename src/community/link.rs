use std::fmt;

use serde::{Deserialize, Serialize};

/// A link in something that a community published. It is never followed automatically.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Link {
    /// An absolute URL.
    pub url: String,
    /// The text of the link, if it has one.
    #[serde(default)]
    pub text: Option<String>,
}

impl Link {
    /// A link with its text.
    pub fn new(url: impl Into<String>, text: Option<String>) -> Self {
        Self { url: url.into(), text }
    }
}

impl fmt::Debug for Link {
    /// Redacted: a log must not reveal who reads what.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Link(..)")
    }
}
