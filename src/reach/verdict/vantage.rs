//! Which strategies are independent vantages of each other.

use crate::transport::{Country, Strategy};

/// Whether another network carries `other`: two direct strategies differ only in their resolver, and one proxy is one
/// proxy, under any name and with any login.
pub(super) fn independent(own: &Strategy, other: &Strategy) -> bool {
    own.next_hop() != other.next_hop()
}

pub(super) fn country(strategy: &Strategy, here: Option<Country>) -> Option<Country> {
    strategy.country.or(here.filter(|_| strategy.is_direct()))
}
