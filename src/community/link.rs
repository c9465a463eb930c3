use std::fmt;

use serde::{Deserialize, Serialize};

/// A link that was found in something a community published. Nothing follows it by itself.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Link {
    /// An absolute URL.
    pub url: String,
    /// What it is called where it was found.
    #[serde(default)]
    pub text: Option<String>,
}

impl Link {
    /// A link with the text it was shown with.
    pub fn new(url: impl Into<String>, text: Option<String>) -> Self {
        Self { url: url.into(), text }
    }
}

impl fmt::Debug for Link {
    /// Redacted: a log must not say who reads what.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Link(..)")
    }
}
