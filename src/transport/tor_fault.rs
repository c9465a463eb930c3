//! What Tor says of a stream that it did not open, where it does not speak of the host (RFC 1928 section 6, with the meaning that
//! C-tor's `stream_end_reason_to_socks5_response` gives to the codes).

/// Why Tor itself opened no stream. A Tor within this process says the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TorFault {
    /// No circuit was built, or it broke: a relay left, or no path was found.
    Circuit,
    /// No exit leads to this address and port, or Tor's own settings forbid it.
    NotAllowed,
    /// A circuit, or the host behind it, took too long.
    Slow,
}

impl TorFault {
    /// The fault that a reply of Tor means.
    pub(crate) fn of_reply(code: u16) -> Option<Self> {
        match code {
            1 => Some(Self::Circuit),
            2 => Some(Self::NotAllowed),
            6 => Some(Self::Slow),
            _ => None,
        }
    }
}
