//! What a reading is for, what it may use, and which readings can be one.

use std::sync::Arc;

use tokio::time::Instant;

use super::Action;
use super::asked::Asked;
use super::known::Life;
use super::opened::OpenOptions;
use super::passage::Passage;
use crate::community::Home;
use crate::exposure::Exposure;
use crate::fetch::Allowance;

/// What a reading is for, and how much it may use.
#[derive(Clone, Debug)]
pub(super) struct ReadRequest {
    pub(super) how: OpenOptions,
    pub(super) action: Action,
    /// The life in which it was asked for. If the store is wiped while a reading waits for its turn, nothing of that
    /// reading is kept.
    pub(super) life: Life,
    /// When the reading is given up, if that is before the usual time.
    pub(super) until: Option<Instant>,
    pub(super) allowance: Option<Allowance>,
    /// Read back to what is already kept.
    pub(super) back_to_known: bool,
    /// The mirrors of a signed community that the user named. No other one is contacted directly.
    pub(super) asked: Vec<Home>,
    /// Further mirrors that the link names and for which nobody asked. They are read over routes that are not direct.
    pub(super) beside: Vec<Home>,
    /// The move by which the community is read. `None`: the reader asks for the community itself.
    pub(super) passage: Option<Arc<Passage>>,
}

impl ReadRequest {
    pub(super) fn of(how: OpenOptions, action: Action) -> Self {
        Self {
            how,
            action,
            life: Life::default(),
            until: None,
            allowance: None,
            back_to_known: false,
            asked: Vec::new(),
            beside: Vec::new(),
            passage: None,
        }
    }

    /// The same for mirrors that the user named.
    pub(super) fn asked(self, asked: Vec<Home>) -> Self {
        Self { asked, ..self }
    }

    /// The same for a community to which a move leads.
    pub(super) fn by(self, passage: Passage) -> Self {
        Self { passage: Some(Arc::new(passage)), ..self }
    }

    /// Whether the user asks for the origin of a home with this reading.
    pub(super) fn asks_for(&self, home: &Home) -> bool {
        self.named().covers(home)
    }

    /// The mirrors that the user named for this reading.
    pub(super) fn named(&self) -> Asked {
        Asked { mirrors: self.asked.clone() }
    }

    /// Whether only the client's own limits apply, so that the reading reads what any other would.
    pub(super) fn is_unlimited(&self) -> bool {
        self.until.is_none() && self.allowance.is_none() && !self.back_to_known && self.passage.is_none()
    }
}

/// What a reading does. Two readings with equal values may be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) home: String,
    pub(super) action: Action,
    pub(super) exposure: Exposure,
    pub(super) avoid_direct: bool,
    pub(super) how: OpenOptions,
    pub(super) asked: Vec<Home>,
    pub(super) beside: Vec<Home>,
    /// Nobody shares a reading that began before a wipe.
    pub(super) life: Life,
}
