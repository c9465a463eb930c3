//! Rules for the host of every proxy and resolver.

use url::Host;

use super::super::is_onion_host;
use super::StrategyError;

/// An onion service is reached through Tor, and the host of a proxy or resolver is dialled without Tor.
pub(super) fn refuse_onion(host: &Host<String>) -> Result<(), StrategyError> {
    if is_onion_host(host) { Err(StrategyError::Onion) } else { Ok(()) }
}
