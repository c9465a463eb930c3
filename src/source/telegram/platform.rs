//! Telegram, by the name that people use.

use std::sync::LazyLock;

use crate::source::Platform;

pub(super) fn platform() -> Platform {
    static TELEGRAM: LazyLock<Platform> = LazyLock::new(|| Platform::new("Telegram"));
    TELEGRAM.clone()
}
