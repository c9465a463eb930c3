//! Another Tor network than the public one, in debug builds with Tor inside: tests of apps read by a private one. No release has this.

use std::sync::{Mutex, PoisonError};

use byway::{TorNetwork, TorNetworkError};

/// The text that was given, byte by byte, and whether it is whole.
static GIVEN: Mutex<(Vec<u8>, bool)> = Mutex::new((Vec::new(), false));

/// Takes the next byte of the network's description ([`TorNetwork::from_json`]); zero ends it. Every client that is made from then on uses
/// that network. A byte at a time, so that no pointer crosses.
#[unsafe(no_mangle)]
extern "C" fn ffi_byway_ffi_debug_tor_network(byte: u8) {
    let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    if given.1 {
        *given = (Vec::new(), false);
    }
    match byte {
        0 => given.1 = true,
        byte => given.0.push(byte),
    }
}

/// The network that was given, if one was. A text that names none is an error, so that a test's mistake contacts no public relay.
pub(crate) fn network() -> Result<Option<TorNetwork>, TorNetworkError> {
    let given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    let text = given.1.then(|| String::from_utf8_lossy(&given.0));
    text.map(|text| TorNetwork::from_json(&text)).transpose()
}
