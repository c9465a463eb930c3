//! How likely each explanation is.

use serde::{Deserialize, Serialize};

/// The likelihood of each explanation, from 0 to 1. They sum to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Weights {
    /// Someone blocks it.
    pub blocked: f32,
    /// It does not work, and no one blocks it: the host, our route or the network is out of order.
    pub down: f32,
    /// It works.
    pub ok: f32,
}

impl Weights {
    /// Weights from two of the three, in hundredths; what is left is `ok`.
    pub(super) fn of(blocked: u8, down: u8) -> Self {
        // Each is the nearest float to its hundredths, so that it prints as such: 0.02, not 0.020000013.
        let part = |hundredths: u8| f32::from(hundredths) / 100.0;
        let blocked = blocked.min(100);
        let down = down.min(100 - blocked);
        Self { blocked: part(blocked), down: part(down), ok: part(100 - blocked - down) }
    }
}
