//! The move by which a community is read, and what is said of it once its successor was read.

use jiff::Timestamp;

use super::followed::Followed;
use super::known::{Decision, Life};
use crate::community::{CommunityId, Home};
use crate::signed::{Chain, Move, MoveKind, Succession, succession};

/// The move by which a community is read.
#[derive(Clone, Debug)]
pub(super) struct Passage {
    /// The life of the store in which it was asked for. After a wipe nothing of it is remembered.
    pub(super) life: Life,
    pub(super) from: CommunityId,
    /// The verified charters of the old community; `None` for a page that signs nothing.
    pub(super) old: Option<Chain>,
    /// What is known of the move before the reading.
    pub(super) named: Move,
    pub(super) why: Why,
    /// The addresses that may be contacted directly if the move is followed.
    pub(super) permitted: Vec<Home>,
}

/// Why the successor is read.
#[derive(Clone, Debug)]
pub(super) enum Why {
    /// To show what is signed of the move.
    Look,
    /// The user said yes to this move.
    Yes(Box<Move>),
    /// What is remembered leads on. `is_yes`: an earlier yes does, else both sides must sign.
    LedOn { is_yes: bool },
}

/// What a reading showed of a move.
pub(super) enum Judged {
    /// It is followed.
    Followed(Move),
    /// It is not followed, or only looked at.
    Stays(Move),
    /// It is not the move to which the user said yes.
    Other,
}

impl Judged {
    /// The same with the numbers of members that the two pages state.
    pub(super) fn with_members(self, from: Option<u64>, to: Option<u64>) -> Self {
        match self {
            Judged::Followed(moved) => Judged::Followed(moved.with_members(from, to)),
            Judged::Stays(moved) => Judged::Stays(moved.with_members(from, to)),
            Judged::Other => Judged::Other,
        }
    }
}

impl Passage {
    /// What is said of the move, now that a community was read at a home. `new`: its charters. `is_disputed`: one of the two sides is.
    pub(super) fn judge(
        &self,
        (id, home): (&CommunityId, &Home),
        new: Option<&Chain>,
        is_disputed: bool,
        now: Timestamp,
    ) -> Judged {
        let signed = self.old.as_ref().zip(new).map(|(old, new)| succession(old, new, now));
        let is_two_sided = matches!(signed, Some(Succession::TwoSided { .. }));
        let kind = match is_two_sided {
            _ if is_disputed => MoveKind::Disputed,
            true => MoveKind::Moved,
            false => MoveKind::OnYourWord,
        };
        let read = Move { kind, to: Some(id.clone()), home: Some(home.clone()), ..self.named.clone() };
        let moved = match &self.old {
            Some(old) => read.with_keys(Some(old), new, now),
            None => read,
        };
        let stays = |kind| Judged::Stays(Move { kind, ..moved.clone() });
        match &self.why {
            // The successor itself may have other keys than those that were shown, or another community is at the claimed address.
            Why::Yes(shown) if !shown.covers(&moved) => Judged::Other,
            _ if is_disputed => stays(MoveKind::Disputed),
            Why::Look => stays(kind),
            Why::Yes(_) => Judged::Followed(moved),
            Why::LedOn { .. } if self.old.is_none() => match self.named.to.as_ref() == Some(id) {
                true => Judged::Followed(moved),
                // If another community is at that address now, the yes was not for it.
                false => Judged::Stays(Move { kind: MoveKind::Claimed, ..self.named.clone() }),
            },
            Why::LedOn { .. } if new.is_none() => Judged::Stays(Move { kind: MoveKind::Unread, ..self.named.clone() }),
            Why::LedOn { .. } if is_two_sided => Judged::Followed(moved),
            Why::LedOn { is_yes: true } if matches!(signed, Some(Succession::OldSideOnly)) => Judged::Followed(moved),
            Why::LedOn { .. } => stays(MoveKind::OneSided),
        }
    }

    /// What is remembered of this move when it is followed.
    pub(super) fn followed(&self, moved: &Move) -> Option<Followed> {
        let to = moved.to.clone()?;
        let decision = matches!(self.why, Why::Yes(_));
        let decision = decision.then(|| Decision { to: to.clone(), home: moved.home.clone(), follow: true });
        Some(Followed { from: self.from.clone(), to, decision, homes: self.permitted.clone() })
    }
}
