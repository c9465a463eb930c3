//! VK's usual name, and the errors that this source makes itself.

use std::sync::LazyLock;

use url::Url;

use crate::community::Restriction;
use crate::source::{Platform, SourceError};

/// VK's usual name.
pub(crate) fn platform() -> Platform {
    static VK: LazyLock<Platform> = LazyLock::new(|| Platform::new("VK").in_language("ru", "ВКонтакте"));
    VK.clone()
}

pub(super) fn no_token() -> SourceError {
    SourceError::NoToken { platform: platform(), issued_at: Url::parse("https://id.vk.com").ok() }
}

pub(super) fn restricted(restriction: Restriction) -> SourceError {
    SourceError::Restricted { platform: platform(), restriction: Box::new(restriction) }
}
