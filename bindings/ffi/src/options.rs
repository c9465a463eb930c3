//! The options of calls: how to open, fetch and probe, and how much background work may use.

use std::time::Duration;

use crate::configuration::{Exposure, Language};
use crate::errors::BywayError;
use crate::given::natural;

/// How to open a community.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct OpenOptions {
    /// Who may learn of it, if fewer than the configuration, the link and the store say.
    #[uniffi(default)]
    pub exposure: Option<Exposure>,
    /// Try direct strategies this time, even if a restriction or the community's access advice speaks against them.
    /// What the exposure forbids stays forbidden.
    #[uniffi(default = false)]
    pub allow_direct: bool,
    /// Send nothing, and answer from the store at once.
    #[uniffi(default = false)]
    pub offline: bool,
    /// Try now, even if this network was just found to let only a few addresses through.
    #[uniffi(default = false)]
    pub ignore_pause: bool,
}

impl From<OpenOptions> for byway::OpenOptions {
    fn from(crossed: OpenOptions) -> Self {
        let OpenOptions { exposure, allow_direct, offline, ignore_pause } = crossed;
        Self { exposure: exposure.map(Into::into).unwrap_or_default(), allow_direct, offline, ignore_pause }
    }
}

/// How to fetch a page or a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct GetOptions {
    /// Who may learn of it, if fewer than the configuration, the URL and the store say.
    #[uniffi(default)]
    pub exposure: Option<Exposure>,
    /// Try direct strategies this time, even if a restriction or the access advice of a community that the URL names
    /// speaks against them. What the exposure forbids stays forbidden.
    #[uniffi(default = false)]
    pub allow_direct: bool,
    /// Try now, even if this network was just found to let only a few addresses through.
    #[uniffi(default = false)]
    pub ignore_pause: bool,
    /// When the page is there, wait up to this long for evidence that is still coming. This only applies to a page.
    #[uniffi(default)]
    pub settle: Option<Duration>,
}

impl From<GetOptions> for byway::GetOptions {
    fn from(crossed: GetOptions) -> Self {
        let GetOptions { exposure, allow_direct, ignore_pause, settle: _ } = crossed;
        Self { exposure: exposure.map(Into::into).unwrap_or_default(), allow_direct, ignore_pause }
    }
}

/// How to probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct ProbeOptions {
    /// Who may learn of it, if fewer than the configuration, the link and the store say.
    #[uniffi(default)]
    pub exposure: Option<Exposure>,
    /// Also ask over direct strategies, even if a restriction or the community's access advice speaks against them.
    /// What the exposure forbids stays forbidden.
    #[uniffi(default = false)]
    pub allow_direct: bool,
}

impl From<ProbeOptions> for byway::ProbeOptions {
    fn from(crossed: ProbeOptions) -> Self {
        Self { exposure: crossed.exposure.map(Into::into).unwrap_or_default(), allow_direct: crossed.allow_direct }
    }
}

/// How much background work may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Record)]
pub struct SyncLimits {
    /// How long it may take from now on. The default is 25 seconds.
    #[uniffi(default)]
    pub deadline: Option<Duration>,
    /// How many bytes of answers it may take, for all communities together. The default is two megabytes. At most one
    /// piece of each page that was being read comes on top.
    #[uniffi(default)]
    pub bytes: Option<i64>,
}

impl SyncLimits {
    pub(crate) fn limits(self, language: Language) -> Result<byway::SyncLimits, BywayError> {
        let mut limits = byway::SyncLimits::default();
        if let Some(deadline) = self.deadline {
            limits.deadline = deadline;
        }
        if let Some(bytes) = self.bytes {
            limits.bytes = natural(bytes, language)?;
        }
        Ok(limits)
    }
}
