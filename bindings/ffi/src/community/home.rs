//! A home: one address of a community.

use byway::community as core_model;

use crate::numbers::number;

/// What kind of address a home is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum HomeKind {
    /// A community at VKontakte by its number.
    VkId,
    /// A community at VKontakte by its short name.
    VkName,
    /// A public page at Telegram.
    Telegram,
    /// A page of the web.
    Web,
    /// One that this version does not know.
    Other,
}

/// Where a community can be read.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Home {
    /// Its address, as it is shown and opened.
    pub url: String,
    /// The platform's stable code: `vk`, `telegram` or `web`.
    pub code: String,
    /// What kind of address it is.
    pub kind: HomeKind,
    /// The number at VKontakte.
    pub vk_id: Option<i64>,
    /// The short name at VKontakte.
    pub vk_name: Option<String>,
}

impl From<core_model::Home> for Home {
    fn from(core: core_model::Home) -> Self {
        let (url, code) = (core.to_string(), core.code().to_owned());
        let (kind, vk_id, vk_name) = match core {
            core_model::Home::Vk(core_model::VkHome::Id(id)) => (HomeKind::VkId, Some(number(id)), None),
            core_model::Home::Vk(core_model::VkHome::Name(name)) => (HomeKind::VkName, None, Some(name)),
            core_model::Home::Telegram(_) => (HomeKind::Telegram, None, None),
            core_model::Home::Web(_) => (HomeKind::Web, None, None),
            _ => (HomeKind::Other, None, None),
        };
        Self { url, code, kind, vk_id, vk_name }
    }
}
