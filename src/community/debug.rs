//! `Debug` of the model. A log must not reveal who reads what, so only what all communities have in common is shown.

use std::fmt::{Debug, Formatter, Result};

use super::{AccessAdvice, Attachment, Author, Claim, Community, Event, Place, PollOption, Post, Restriction};

impl Debug for Community {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_struct("Community")
            .field("state", &self.state)
            .field("restrictions", &self.restrictions.len())
            .field("access_advice", &self.access_advice)
            .finish_non_exhaustive()
    }
}

impl Debug for Post {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_struct("Post")
            .field("state", &self.state)
            .field("attachments", &self.attachments)
            .field("repost", &self.repost.is_some())
            .finish_non_exhaustive()
    }
}

impl Debug for Event {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_struct("Event").field("status", &self.status).finish_non_exhaustive()
    }
}

impl Debug for Author {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_struct("Author").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl Debug for Attachment {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "Attachment({}, ..)", self.code())
    }
}

impl Debug for PollOption {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str("PollOption(..)")
    }
}

impl Debug for Place {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str("Place(..)")
    }
}

impl Debug for Claim {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_struct("Claim").field("field", &self.field).finish_non_exhaustive()
    }
}

impl Debug for AccessAdvice {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.debug_struct("AccessAdvice").field("kind", &self.kind).field("field", &self.field).finish_non_exhaustive()
    }
}

impl Debug for Restriction {
    /// The number, date and words of an order identify the order, and through it the community.
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str("Restriction(..)")
    }
}
