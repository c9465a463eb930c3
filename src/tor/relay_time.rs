//! What time a relay says it is: in the NETINFO cell with which it ends its part of the handshake (tor-spec, "Negotiating channels").
//!
//! Arti estimates the error of this device's clock only when eight relays have told their time, and a start fails long before that.

/// Finds the time in the first cells that a relay sends.
#[derive(Debug, Default)]
pub(super) struct RelayTime {
    /// The beginning of a cell, as far as it has come.
    head: Vec<u8>,
    /// How much of a cell's body is still to be passed over.
    to_skip: usize,
    /// How many cells were passed over.
    cells: usize,
    is_over: bool,
}

/// VERSIONS, CERTS, AUTH_CHALLENGE and NETINFO, and some of padding between them.
const MOST_CELLS: usize = 16;

/// The commands of tor-spec, "Cell Packet format".
const VERSIONS: u8 = 7;
const NETINFO: u8 = 8;
const FIRST_OF_VARIABLE_LENGTH: u8 = 128;

/// The body of a cell of fixed length.
const BODY: usize = 509;

impl RelayTime {
    /// Takes what has come. Returns the time, in seconds since 1970, once.
    pub(super) fn see(&mut self, mut bytes: &[u8]) -> Option<u32> {
        while !self.is_over && !bytes.is_empty() {
            let skipped = self.to_skip.min(bytes.len());
            self.to_skip -= skipped;
            bytes = bytes.get(skipped..)?;
            let (first, rest) = bytes.split_first()?;
            bytes = rest;
            self.head.push(*first);
            if let Some(time) = self.read_head() {
                return Some(time);
            }
        }
        None
    }

    fn read_head(&mut self) -> Option<u32> {
        // The circuit's number has two bytes before the versions are agreed on, and four from then on.
        let (_, cell) = self.head.split_at_checked(if self.cells == 0 { 2 } else { 4 })?;
        self.to_skip = match *cell {
            [NETINFO, a, b, c, d] => {
                self.is_over = true;
                return Some(u32::from_be_bytes([a, b, c, d])).filter(|time| *time != 0);
            }
            [VERSIONS | FIRST_OF_VARIABLE_LENGTH.., a, b] => usize::from(u16::from_be_bytes([a, b])),
            [VERSIONS | NETINFO | FIRST_OF_VARIABLE_LENGTH.., ..] | [] => return None,
            [..] => BODY,
        };
        self.head.clear();
        self.cells += 1;
        self.is_over = self.cells > MOST_CELLS;
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// VERSIONS, CERTS, a cell of padding, AUTH_CHALLENGE, NETINFO, and what follows.
    fn handshake(time: u32) -> Vec<u8> {
        let mut bytes = vec![0, 0, VERSIONS, 0, 4, 0, 4, 0, 5];
        bytes.extend([0, 0, 0, 0, 129, 1, 0]);
        bytes.extend([NETINFO; 256]);
        bytes.extend([0, 0, 0, 0, 0]);
        bytes.extend([NETINFO; BODY]);
        bytes.extend([0, 0, 0, 0, 130, 0, 2, 8, 8]);
        bytes.extend([0, 0, 0, 0, NETINFO]);
        bytes.extend(time.to_be_bytes());
        bytes.extend([NETINFO; BODY]);
        bytes
    }

    #[test]
    fn a_relays_time_is_found_however_its_bytes_come() {
        for size in [1, 2, 3, 7, 500, 4096] {
            let mut relay = RelayTime::default();
            let told: Vec<_> = handshake(1_800_000_000).chunks(size).filter_map(|part| relay.see(part)).collect();
            assert_eq!(told, [1_800_000_000], "{size}");
        }
    }

    #[test]
    fn one_that_tells_no_time_is_not_listened_to_for_ever() {
        let mut relay = RelayTime::default();
        assert_eq!(relay.see(&handshake(0)), None, "a bridge may keep its time to itself");
        let mut relay = RelayTime::default();
        assert_eq!(relay.see(&[0; 100 * BODY]), None);
        assert!(relay.is_over && relay.head.is_empty());
    }
}
