//! What Tor says of an onion service that it did not reach (proposal 304, "Extending SOCKS5 onion service error codes").

/// Why an onion service was not reached. A Tor that runs elsewhere says it where its port has the flag `ExtendedErrors`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnionFault {
    /// No service has announced itself under this address.
    NotFound,
    /// It has announced itself, and no connection came about.
    Down,
    /// It lets only clients in that have a key.
    NeedsKey,
    /// It does not take the key that the client has.
    WrongKey,
    /// No service can have the address.
    Address,
    /// Tor does not say which of these it is.
    Unreached,
}

impl OnionFault {
    /// The fault that a reply of Tor means.
    pub(crate) fn of_reply(code: u16) -> Option<Self> {
        match code {
            0xF0 => Some(Self::NotFound),
            0xF1..=0xF3 | 0xF7 => Some(Self::Down),
            0xF4 => Some(Self::NeedsKey),
            0xF5 => Some(Self::WrongKey),
            0xF6 => Some(Self::Address),
            // Where the port has no such flag, C-tor answers as for any host.
            3..=5 => Some(Self::Unreached),
            _ => None,
        }
    }
}
