//! How one home of a signed community was reached, and how it behaved.

use super::reachability::Reachability;
use crate::community::MirrorStanding;

/// A home of a signed community in one reading.
///
/// `Debug` is redacted.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HomeAccess {
    /// The home, and how it behaved.
    pub standing: MirrorStanding,
    /// How it was reached, or why it was not. `None` for the home whose account is that of the whole reading
    /// ([`Opened::reachability`](super::Opened::reachability)), and if nothing was sent there.
    pub reachability: Option<Reachability>,
}
