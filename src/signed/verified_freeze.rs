//! Whose signatures make a freeze.

use jiff::Timestamp;

use super::{Chain, Envelope, Freeze, FreezeError};

impl Freeze {
    /// The freeze of an envelope, if the threshold of the root keys of the charter that it names signed it, and that charter is one of the
    /// chain up to the one in force. A charter that waits or is disputed gives nobody the right to freeze: nothing takes a freeze back.
    ///
    /// The root keys in force are not asked. A thief of the threshold would put other keys in the next charter, with whatever
    /// date, and the freeze that was signed in advance against that would count for nothing. It gives replaced keys no new power: the
    /// threshold of a root can sign another charter after its own at any time, which disputes the chain there for good.
    ///
    /// # Errors
    /// See [`FreezeError`].
    pub fn verify(envelope: &Envelope, chain: &Chain, now: Timestamp) -> Result<Self, FreezeError> {
        let freeze = Self::read(envelope)?;
        if freeze.community != chain.id() {
            return Err(FreezeError::OtherCommunity);
        }
        let is_counted = freeze.charter <= chain.in_force(now).version;
        let charter = chain.charter(freeze.charter).filter(|_| is_counted).ok_or(FreezeError::UnknownCharter)?;
        if charter.root.have_signed(envelope) { Ok(freeze) } else { Err(FreezeError::Unsigned) }
    }
}
