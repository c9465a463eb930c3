//! How often a feed says that it changes, in the module "syndication" of RSS 1.0.

use std::time::Duration;

use super::element::Element;

/// How often a feed says that it changes, in the module "syndication" of RSS 1.0: so many times in each period.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Syndication {
    period: Option<Duration>,
    frequency: Option<u64>,
}

impl Syndication {
    pub(super) fn take(&mut self, element: &Element<'_>) {
        match element.name {
            "updatePeriod" => self.period = period(element.text.trim()),
            "updateFrequency" => self.frequency = element.number().filter(|times| *times > 0),
            _ => {}
        }
    }

    pub(super) fn period(self) -> Option<Duration> {
        let times = self.frequency.unwrap_or(1);
        self.period.map(|period| Duration::from_secs(period.as_secs() / times))
    }
}

fn period(name: &str) -> Option<Duration> {
    const HOUR: u64 = 60 * 60;
    let hours = match name {
        "hourly" => 1,
        "daily" => 24,
        "weekly" => 7 * 24,
        "monthly" => 30 * 24,
        "yearly" => 365 * 24,
        _ => return None,
    };
    Some(Duration::from_secs(hours * HOUR))
}
