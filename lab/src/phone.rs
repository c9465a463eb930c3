//! The phone behind the censor, as data.

use std::time::{Duration, SystemTime};

/// The phone's state.
#[derive(Clone, Debug)]
pub(crate) struct Phone {
    pub(crate) offline: bool,
    pub(crate) portal: bool,
    pub(crate) ipv6: bool,
    pub(crate) ipv6_broken: bool,
    pub(crate) country: Option<String>,
    /// The time on its clock when the lab begins.
    pub(crate) clock: SystemTime,
}

impl Default for Phone {
    fn default() -> Self {
        Self {
            offline: false,
            portal: false,
            ipv6: true,
            ipv6_broken: false,
            country: Some("ru".into()),
            clock: lab_epoch(),
        }
    }
}

/// The time on the lab's clocks when it begins: 2026-11-01 12:00:00 UTC.
pub fn lab_epoch() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_793_534_400)
}
