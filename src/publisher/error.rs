use std::io;
use std::sync::Arc;

use jiff::Timestamp;

use super::mirror::MirrorError;
use crate::errors::{ErrorKind, errors};
use crate::language::Language;
use crate::sentences::{self, StatedPart, StatedRule};
use crate::signed::KeyFingerprint;

/// Error founding, changing or publishing a community.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// The folder holds no community.
    #[error("there is no community in this folder")]
    Absent,
    /// The folder holds a community already, or another one.
    #[error("there is a community in this folder already, and it was not replaced")]
    Exists,
    /// The other folder has something of this community that this one does not have: another phone published there.
    /// Nothing was written.
    #[error("that folder has something newer of this community than this one; take it in first")]
    Newer,
    /// What the other folder has contradicts this one, or is not signed by the community. Nothing was written.
    #[error("that folder has a signed state that is not one of this community's, or contradicts this folder")]
    Foreign,
    /// The keys are not those of the community, or do not decide alone.
    #[error("these keys may not do this in this community")]
    OtherKeys,
    /// The folder holds another community, or the copy of another page. Nothing was read.
    #[error("this folder holds another community, or the copy of another page")]
    CopyOfOther,
    /// The new keys had a part in this community that a later charter took from them, or are banned there. They may be the ones that were
    /// stolen. Nothing was written.
    #[error("these keys were replaced in this community already, or are banned; make new ones")]
    KeysReplaced,
    /// A part of what an admin writes is outside the limits of the format: an empty text, a name that is too long, an
    /// address of another form, an end before the start. The sentence names the part and the rule. Nothing was written.
    #[error("a part of what was written is empty, too long, or not allowed")]
    Unfit(Unfit),
    /// The link of the successor is that of this community itself. Nothing was written.
    #[error("a community cannot move to itself; give the link of the other one")]
    SuccessorSame,
    /// The link of the successor names no mirror, so that no reader could find it. Nothing was written.
    #[error("the link of the other community names no mirror, so nobody could find it there")]
    SuccessorHomeless,
    /// Something else is outside the limits of the format.
    #[error("this is outside the limits of the format")]
    Refused,
    /// There is no post or gathering with this name.
    #[error("there is no post or gathering with this name")]
    NoSuchItem,
    /// A signed file in the folder is missing or was changed. Nothing was written.
    #[error("a signed file in this folder is missing or was changed; restore the folder from a mirror or a copy")]
    Damaged,
    /// Another program writes to the folder now. Nothing was written.
    #[error("another program writes to this folder now; try again when it has ended")]
    Busy,
    /// The device's clock is outside the years 2020 to 2097, over a day behind the newest statement, or far ahead of it and of the
    /// folder's files. Nothing was written.
    #[error("the clock of this device ({clock}) does not fit what the community states")]
    Clock {
        /// What the clock says.
        clock: Timestamp,
        /// The date of the newest statement.
        newest: Option<Timestamp>,
    },
    /// The line is not a pair of `byway-keys:` and public keys, or was mistyped; or no key of the charter, or more than one, has the
    /// fingerprint that is to be removed.
    #[error("this is not the line of an admin's public keys, or it was mistyped")]
    PublicKeys,
    /// The numbers of keys do not fit each other.
    #[error("the numbers of keys do not fit each other")]
    KeyRules,
    /// The file is not a proposal, or was changed.
    #[error("this is not a proposal for a community, or it was changed")]
    ProposalForm,
    /// The proposal is for another community, or these keys have no say in it.
    #[error("the proposal is for another community, or these keys have no say in it")]
    ProposalForeign,
    /// The proposal has a part that this version does not know, so it cannot show it.
    #[error("the proposal has a part that this version of the program does not know")]
    ProposalUnknown,
    /// The proposal is dated over a day ahead of the device's clock, or is a recovery that is dated over a week back.
    #[error("the date of the proposal does not fit the clock of this device")]
    ProposalDate,
    /// The proposal was not compared with a folder of the community, and is not a founding.
    #[error("the proposal has to be compared with a folder of the community before it is signed")]
    ProposalUncompared,
    /// The community has another charter since it was proposed.
    #[error("the community has another charter since this was proposed")]
    ProposalOutdated,
    /// The folder is older than the proposal: it lacks the charter that the proposal changes.
    #[error("the folder is older than this proposal")]
    ProposalAhead,
    /// The proposal takes away what was published more than a day ago, with a key that loses its right.
    #[error("the proposal takes away what was published more than a day ago")]
    ProposalOvertaken,
    /// The time of a freeze is before the founding of the community, or to come: of one that another admin prepared, more than a day ahead.
    #[error("the time of a freeze is one between the founding of the community and now")]
    FreezeTime,
    /// These keys have signed another charter with the same number.
    #[error("these keys have signed another charter with the same number")]
    ProposalRival,
    /// More keys have to sign.
    #[error("more keys have to sign this")]
    TooFewSigned,
    /// The line is not an approval of this proposal.
    #[error("this line is not an approval of this proposal")]
    Approval,
    /// The community is frozen: readers would not take what is signed now. Nothing was written.
    #[error("the community is frozen, and readers trust nothing that is signed now")]
    Frozen,
    /// It is a recovery, which waits before it takes effect.
    #[error("this is a recovery, which waits before it takes effect")]
    Recovery,
    /// Recovery keys replaced the keys of the community in that folder, and the time to object is over for new readers. Nothing was
    /// written. Root keys can still object in a folder of their own.
    #[error("recovery keys replaced the keys of the community in that folder")]
    RecoveryInForce,
    /// A head has a number to which nobody comes by publishing, and after which there is none left for the next head. The key that signed it,
    /// or one whose head was taken over, is in other hands. Nothing was written. Under a charter without that key the numbers begin anew.
    #[error("a head with an impossible number was signed with the key {key}")]
    HeadNumber {
        /// The fingerprint of the key that signed it.
        key: KeyFingerprint,
    },
    /// A pack of routes has no route, more than 32 or too long ones, or does not end within 366 days from now.
    #[error("the routes or the end of a pack of routes are outside the limits")]
    RoutesLimits,
    /// The system's random number generator failed.
    #[error("the system has no randomness")]
    NoRandomness,
    /// The operating system refused.
    #[error("the folder cannot be used: {0}")]
    Io(#[source] Arc<io::Error>),
}

/// A part of what an admin writes that is outside the limits, and the rule that it breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfit {
    pub(super) part: StatedPart,
    pub(super) rule: StatedRule,
}

impl Unfit {
    pub(super) fn error(part: StatedPart, rule: StatedRule) -> PublishError {
        PublishError::Unfit(Self { part, rule })
    }
}

impl PublishError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            PublishError::Absent => "community_absent",
            PublishError::Exists => "community_exists",
            PublishError::Newer => "target_newer",
            PublishError::Foreign => "target_foreign",
            PublishError::OtherKeys => "other_keys",
            PublishError::CopyOfOther => "copy_of_other",
            PublishError::KeysReplaced => "keys_replaced",
            PublishError::Unfit(_) => "unfit",
            PublishError::SuccessorSame => "successor_same",
            PublishError::SuccessorHomeless => "successor_homeless",
            PublishError::Refused => "refused",
            PublishError::NoSuchItem => "no_such_item",
            PublishError::Damaged => "community_damaged",
            PublishError::Busy => "community_busy",
            PublishError::Clock { .. } => "publish_clock",
            PublishError::PublicKeys => "public_keys",
            PublishError::KeyRules => "key_rules",
            PublishError::ProposalForm => "proposal_form",
            PublishError::ProposalForeign => "proposal_foreign",
            PublishError::ProposalUnknown => "proposal_unknown",
            PublishError::ProposalDate => "proposal_date",
            PublishError::ProposalUncompared => "proposal_uncompared",
            PublishError::ProposalOutdated => "proposal_outdated",
            PublishError::ProposalAhead => "proposal_ahead",
            PublishError::ProposalOvertaken => "proposal_overtaken",
            PublishError::FreezeTime => "freeze_time",
            PublishError::ProposalRival => "proposal_rival",
            PublishError::TooFewSigned => "too_few_signed",
            PublishError::Approval => "approval",
            PublishError::Frozen => "community_frozen",
            PublishError::Recovery => "recovery_waits",
            PublishError::RecoveryInForce => "recovery_in_force",
            PublishError::HeadNumber { .. } => "head_number",
            PublishError::RoutesLimits => "routes_limits",
            PublishError::NoRandomness => "no_randomness",
            PublishError::Io(_) => "publish_io",
        }
    }

    /// Why, in one or two plain sentences.
    pub fn sentence(&self, language: Language) -> String {
        let fault = match self {
            PublishError::Absent => sentences::PublishFault::Absent,
            PublishError::Exists => sentences::PublishFault::Exists,
            PublishError::Newer => sentences::PublishFault::Newer,
            PublishError::Foreign => sentences::PublishFault::Foreign,
            PublishError::OtherKeys => sentences::PublishFault::OtherKeys,
            PublishError::CopyOfOther => sentences::PublishFault::CopyOfOther,
            PublishError::KeysReplaced => sentences::PublishFault::KeysReplaced,
            PublishError::SuccessorSame => sentences::PublishFault::SuccessorSame,
            PublishError::SuccessorHomeless => sentences::PublishFault::SuccessorHomeless,
            PublishError::Refused => sentences::PublishFault::Refused,
            PublishError::NoSuchItem => sentences::PublishFault::NoSuchItem,
            PublishError::Damaged => sentences::PublishFault::Damaged,
            PublishError::Busy => sentences::PublishFault::Busy,
            PublishError::Unfit(Unfit { part, rule }) => return sentences::unfit(language, *part, *rule),
            PublishError::Clock { clock, newest } => {
                let shown = |time: Timestamp| time.strftime("%Y-%m-%d %H:%M UTC").to_string();
                return sentences::publish_clock(language, &shown(*clock), newest.map(shown).as_deref());
            }
            PublishError::HeadNumber { key } => return sentences::head_number(language, &key.to_string()),
            PublishError::PublicKeys => sentences::PublishFault::PublicKeys,
            PublishError::KeyRules => sentences::PublishFault::KeyRules,
            PublishError::ProposalForm => sentences::PublishFault::ProposalForm,
            PublishError::ProposalForeign => sentences::PublishFault::ProposalForeign,
            PublishError::ProposalUnknown => sentences::PublishFault::ProposalUnknown,
            PublishError::ProposalDate => sentences::PublishFault::ProposalDate,
            PublishError::ProposalUncompared => sentences::PublishFault::ProposalUncompared,
            PublishError::ProposalOutdated => sentences::PublishFault::ProposalOutdated,
            PublishError::ProposalAhead => sentences::PublishFault::ProposalAhead,
            PublishError::ProposalOvertaken => sentences::PublishFault::ProposalOvertaken,
            PublishError::FreezeTime => sentences::PublishFault::FreezeTime,
            PublishError::ProposalRival => sentences::PublishFault::ProposalRival,
            PublishError::TooFewSigned => sentences::PublishFault::TooFewSigned,
            PublishError::Approval => sentences::PublishFault::Approval,
            PublishError::Frozen => sentences::PublishFault::Frozen,
            PublishError::Recovery => sentences::PublishFault::Recovery,
            PublishError::RecoveryInForce => sentences::PublishFault::RecoveryInForce,
            PublishError::RoutesLimits => sentences::PublishFault::RoutesLimits,
            PublishError::NoRandomness | PublishError::Io(_) => sentences::PublishFault::System,
        };
        sentences::publish_fault(language, fault).to_owned()
    }
}

errors! {
    PublishError: |error| match error {
        PublishError::Absent | PublishError::NoSuchItem => ErrorKind::NotFound,
        PublishError::Exists
        | PublishError::Newer
        | PublishError::Foreign
        | PublishError::OtherKeys
        | PublishError::CopyOfOther
        | PublishError::KeysReplaced
        | PublishError::Clock { .. }
        | PublishError::Unfit(_)
        | PublishError::PublicKeys
        | PublishError::KeyRules
        | PublishError::ProposalForm
        | PublishError::ProposalForeign
        | PublishError::ProposalUnknown
        | PublishError::ProposalDate
        | PublishError::ProposalUncompared
        | PublishError::ProposalOutdated
        | PublishError::ProposalAhead
        | PublishError::ProposalOvertaken
        | PublishError::FreezeTime
        | PublishError::ProposalRival
        | PublishError::TooFewSigned
        | PublishError::Approval
        | PublishError::Frozen
        | PublishError::Recovery
        | PublishError::RecoveryInForce
        | PublishError::HeadNumber { .. }
        | PublishError::RoutesLimits
        | PublishError::SuccessorSame
        | PublishError::SuccessorHomeless
        | PublishError::Refused => ErrorKind::Input,
        PublishError::Damaged => ErrorKind::StoreDamaged,
        PublishError::Busy => ErrorKind::StoreClosed,
        PublishError::NoRandomness | PublishError::Io(_) => ErrorKind::Internal,
    };
}

impl From<io::Error> for PublishError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::ResourceBusy => PublishError::Busy,
            _ => PublishError::Io(Arc::new(error)),
        }
    }
}

impl From<MirrorError> for PublishError {
    fn from(error: MirrorError) -> Self {
        match error {
            MirrorError::Absent => PublishError::Absent,
            MirrorError::Io(error) => error.into(),
            _ => PublishError::Damaged,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sentences::every::is_russian;

    #[test]
    fn every_error_is_said_in_both_languages() {
        let io = PublishError::Io(Arc::new(io::ErrorKind::PermissionDenied.into()));
        let known = [
            PublishError::Absent,
            PublishError::Exists,
            PublishError::Newer,
            PublishError::Foreign,
            PublishError::OtherKeys,
            PublishError::CopyOfOther,
            PublishError::KeysReplaced,
            PublishError::SuccessorSame,
            PublishError::SuccessorHomeless,
            PublishError::Refused,
            PublishError::NoSuchItem,
            PublishError::Damaged,
            PublishError::Busy,
            Unfit::error(StatedPart::Text, StatedRule::Empty),
            PublishError::Clock { clock: Timestamp::UNIX_EPOCH, newest: None },
            PublishError::Clock { clock: Timestamp::UNIX_EPOCH, newest: Some(Timestamp::UNIX_EPOCH) },
            PublishError::PublicKeys,
            PublishError::KeyRules,
            PublishError::ProposalForm,
            PublishError::ProposalForeign,
            PublishError::ProposalUnknown,
            PublishError::ProposalDate,
            PublishError::ProposalUncompared,
            PublishError::ProposalOutdated,
            PublishError::ProposalAhead,
            PublishError::ProposalOvertaken,
            PublishError::FreezeTime,
            PublishError::ProposalRival,
            PublishError::TooFewSigned,
            PublishError::Approval,
            PublishError::Frozen,
            PublishError::Recovery,
            PublishError::RecoveryInForce,
            PublishError::HeadNumber { key: KeyFingerprint::of([[1; 32]]) },
            PublishError::RoutesLimits,
            PublishError::NoRandomness,
            io,
        ];
        for error in known {
            let (en, ru) = (error.sentence(Language::En), error.sentence(Language::Ru));
            assert!(!en.is_empty() && !is_russian(&en) && is_russian(&ru), "{}: {en} {ru}", error.code());
        }
    }
}
