//! Why a part of a signed community is not believed, in English.

use jiff::Timestamp;

use super::English;
use crate::community::{MirrorState, TrustReason, TrustState};
use crate::sentences::phrasebook::SignedPhrases;
use crate::sentences::typed::own_words;
use crate::signed::Unbelieved;

impl SignedPhrases for English {
    fn unbelieved(&self, what: Unbelieved) -> String {
        match what {
            Unbelieved::Envelope(error) => own_words(&error),
            Unbelieved::Charter(error) => own_words(&error),
            Unbelieved::Chain(error) => own_words(&error),
            Unbelieved::Head(error) => own_words(&error),
            Unbelieved::Freeze(error) => own_words(&error),
            Unbelieved::Event(error) => own_words(&error),
            Unbelieved::File(error) => own_words(&error),
        }
    }

    fn trust_state(&self, state: TrustState, copied_by: Option<&str>) -> String {
        match (state, copied_by) {
            (TrustState::Verified, _) => "Signed by the community.".to_owned(),
            (TrustState::Stale, _) => "Signed by the community, but something newer may be withheld.".to_owned(),
            (TrustState::Disputed, _) => {
                "The community's keys contradict each other. What was read before stays, and nothing new is followed by \
                 itself."
                    .to_owned()
            }
            (TrustState::Claimed, _) => "This is said to be the community; no signature shows it.".to_owned(),
            (TrustState::Copied, Some(by)) => {
                format!("A copy of the community's page, made and signed by “{by}”, not by the community.")
            }
            (TrustState::Copied, None) => "A copy of the community's page, not signed by the community.".to_owned(),
            (TrustState::Unsigned, _) => "Read from a page that signs nothing.".to_owned(),
        }
    }

    fn trust_frozen(&self) -> String {
        "The community signed in advance that its keys are no longer to be trusted. What was read before stays."
            .to_owned()
    }

    fn mirror_state(&self, state: MirrorState) -> &'static str {
        match state {
            MirrorState::Current => "It has the newest state that was seen.",
            MirrorState::Behind => {
                "It has an older state than another address: it was not updated yet, or it withholds what is new."
            }
            MirrorState::RolledBack => "It gave an older state than it had given before.",
            MirrorState::Withholds => "It does not give everything that the community's newest statement names.",
            MirrorState::Incomplete => {
                "It gave the community's newest statement, but not all the files that the statement names."
            }
            MirrorState::Redirects => "It sends the reader to another site. That was not followed.",
            MirrorState::Tampered => "It gave something that the community did not sign. That was refused.",
            MirrorState::Contradicts => "It gave a signed statement that contradicts another signed statement.",
            MirrorState::Gone => "It says that it does not have the community's files.",
            MirrorState::Failing => "It answered with an error.",
            MirrorState::Unvouched => {
                "An unencrypted answer came in its name that proves nothing. Anyone in between can have written it."
            }
            MirrorState::Unreached => "No usable answer came from this address.",
            MirrorState::Slow => "It had not answered when the others had, and was not waited for.",
            MirrorState::NotAsked => {
                "It was not contacted: only the community names it, so it is never contacted directly, and no other permitted \
                 strategy leads there."
            }
            MirrorState::Untried => "It was not tried: enough other addresses answered.",
        }
    }

    fn trust_reason(&self, reason: &TrustReason) -> String {
        match reason {
            TrustReason::TwoCharters { version } => {
                format!("Two different charters with the number {version} are signed.")
            }
            TrustReason::TwoHeads { sequence } => {
                format!("Two different statements of the newest state with the number {sequence} are signed.")
            }
            TrustReason::Frozen { after } => {
                format!("The community says that nothing signed after {} is to be trusted.", minute(*after))
            }
            TrustReason::Recovering { until } => {
                format!("Lost keys are being replaced; until {} the other keys can object.", day(*until))
            }
            TrustReason::CharterExpired { at } => format!("Its charter expired on {}.", day(*at)),
            TrustReason::HeadExpired { at } => format!("Its statement of the newest state expired on {}.", day(*at)),
            TrustReason::FilesUnread => {
                "Not all files of its newest statement were read: posts, changes and cancellations may be missing."
                    .to_owned()
            }
            TrustReason::NoHead => "Nothing says what the newest state is.".to_owned(),
            TrustReason::ClockBehind { newest } => {
                let day = day(*newest);
                format!(
                    "The clock of this device is wrong, or the community's newest statement, of {day}, is dated ahead."
                )
            }
        }
    }
}

/// The time, in UTC: a freeze divides the posts of its day.
fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// The day, in UTC.
fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}
