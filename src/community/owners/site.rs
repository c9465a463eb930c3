//! The platforms on which pages belong to communities.

use crate::community::home::Home;

/// A platform on which pages belong to communities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Site {
    /// VKontakte.
    Vk,
    /// Telegram.
    Telegram,
}

impl Site {
    /// Every platform.
    pub(crate) const ALL: [Site; 2] = [Site::Vk, Site::Telegram];

    /// The platform of a home; `None` for a page anywhere else.
    pub(crate) fn of(home: &Home) -> Option<Self> {
        match home {
            Home::Vk(_) => Some(Site::Vk),
            Home::Telegram(_) => Some(Site::Telegram),
            Home::Web(_) => None,
        }
    }
}
