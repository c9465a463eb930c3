//! What is said about something that a person hands on.

#![cfg_attr(not(feature = "publisher"), allow(dead_code, reason = "words of the publisher"))]

use jiff::civil::Date;

use super::Language;
use crate::community::TrustState;

/// The link is too long for a QR code.
pub fn too_long_for_qr(language: Language) -> &'static str {
    language.phrasebook().too_long_for_qr()
}

/// The words of a community's web site.
#[cfg_attr(not(feature = "publisher"), allow(dead_code, reason = "words of the publisher"))]
#[derive(Clone, Copy, Debug)]
pub struct SiteWords {
    /// The link past the head of the page.
    pub skip: &'static str,
    /// The name of the list of links.
    pub on_this_page: &'static str,
    /// Upcoming events.
    pub events: &'static str,
    /// Events that are over.
    pub past_events: &'static str,
    /// Posts.
    pub posts: &'static str,
    /// There is no post.
    pub no_posts: &'static str,
    /// A post or event has no date.
    pub undated: &'static str,
    /// A post stands above the others.
    pub pinned: &'static str,
    /// The word before the time of the last edit.
    pub edited: &'static str,
    /// The platform does not show the text of a post now.
    pub withheld: &'static str,
    /// The platform states that a post was deleted.
    pub post_removed: &'static str,
    /// The same of a signed community: a deletion that counts was signed.
    pub post_deleted: &'static str,
    /// The source says that an event is cancelled.
    pub cancelled: &'static str,
    /// The time of an event.
    pub when: &'static str,
    /// The place of an event.
    pub place: &'static str,
    /// Who organises an event.
    pub organiser: &'static str,
    /// An address of a community or event.
    pub address: &'static str,
    /// Another link of a community.
    pub see_also: &'static str,
    /// The number of members.
    pub members: &'static str,
    /// The link to the feed.
    pub feed: &'static str,
    /// The link to the calendar.
    pub calendar: &'static str,
    /// A community that says something about itself.
    pub the_community: &'static str,
    /// The word between a name and what it says.
    pub states: &'static str,
    /// The words before a claimed new address.
    pub moved_to: &'static str,
    /// The words before a claimed previous address.
    pub came_from: &'static str,
    /// What a claimed address is.
    pub claim: &'static str,
    /// Where a signed community names another address of its own.
    pub in_charter: &'static str,
    /// The title of the entry about a move.
    pub moved: &'static str,
    /// The words before what was found when a copied community was read.
    pub when_read: &'static str,
    /// A picture.
    pub photo: &'static str,
    /// A video.
    pub video: &'static str,
    /// A file.
    pub document: &'static str,
    /// A link.
    pub web_link: &'static str,
    /// A recording.
    pub audio: &'static str,
    /// A poll.
    pub poll: &'static str,
    /// An event that is attached to a post.
    pub event: &'static str,
    /// Another attachment.
    pub other: &'static str,
    /// The heading above the link of the community.
    pub link: &'static str,
    /// What the link of the community is for.
    pub link_use: &'static str,
}

/// Why a community was not founded, changed or published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PublishFault {
    /// The folder holds no community.
    Absent,
    /// The folder holds a community already.
    Exists,
    /// The other folder has something that this one does not have.
    Newer,
    /// The other folder has a state that is not the community's.
    Foreign,
    /// The keys may not do this.
    OtherKeys,
    /// The folder holds another community, or the copy of another page.
    CopyOfOther,
    /// The new keys were replaced before, or are banned.
    KeysReplaced,
    /// A community cannot move to itself.
    SuccessorSame,
    /// The successor's link has no mirror.
    SuccessorHomeless,
    /// Something is empty or outside the limits.
    Refused,
    /// There is no item with this name.
    NoSuchItem,
    /// A signed file is missing or was changed.
    Damaged,
    /// Another program writes to the folder.
    Busy,
    /// The line is not a pair of `byway-keys:` and public keys, or was mistyped.
    PublicKeys,
    /// The numbers of keys do not fit each other.
    KeyRules,
    /// The file is not a proposal, or was changed.
    ProposalForm,
    /// The proposal is for another community, or these keys have no say in it.
    ProposalForeign,
    /// The proposal has a part that this version does not know.
    ProposalUnknown,
    /// Its date does not fit the clock.
    ProposalDate,
    /// It was not compared with a folder.
    ProposalUncompared,
    /// The community has another charter since it was proposed.
    ProposalOutdated,
    /// The folder is older than the proposal.
    ProposalAhead,
    /// It takes away what was published more than a day ago.
    ProposalOvertaken,
    /// The time of a freeze is before the founding, or to come.
    FreezeTime,
    /// These keys have signed another charter with the same number.
    ProposalRival,
    /// More keys have to sign.
    TooFewSigned,
    /// The line is not an approval of this proposal.
    Approval,
    /// The community is frozen.
    Frozen,
    /// It is a recovery, which waits before it takes effect.
    Recovery,
    /// Recovery keys replaced the keys in that folder.
    RecoveryInForce,
    /// The routes or the end of a pack are outside the limits.
    RoutesLimits,
    /// The system refuses.
    System,
}

/// Why a community was not published to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(not(feature = "upload"), allow(dead_code, reason = "words of uploads"))]
pub enum UploadFault {
    /// The target is not of a known form.
    Target,
    /// The target is reached in cleartext.
    Cleartext,
    /// The target has a login in it.
    Login,
    /// The target is a bucket, and this build has none.
    NoS3,
    /// The file has no credentials.
    CredentialsForm,
    /// The credentials are for another kind of server.
    CredentialsKind,
    /// The server refuses them.
    Denied,
    /// There is no such bucket or folder.
    NoFolder,
    /// The server redirects elsewhere.
    Redirected,
    /// Another program published meanwhile.
    Changed,
    /// Another program published there while this one wrote.
    Mixed,
    /// The server is overloaded or out of order.
    Unavailable,
    /// Another program has locked the file there.
    Locked,
    /// The server has no room left.
    Full,
    /// The server takes no file of this length.
    FileLimit,
    /// A clock is wrong.
    Clock,
    /// A file that was sent is not there.
    NotKept,
    /// The folder is larger than is read.
    TooLarge,
    /// The server is not a store of files.
    Answer,
}

/// Why a community was not published to a server.
#[cfg_attr(not(feature = "upload"), allow(dead_code, reason = "words of uploads"))]
pub fn upload_fault(language: Language, fault: UploadFault) -> &'static str {
    language.phrasebook().upload_fault(fault)
}

/// A part of what an admin writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatedPart {
    /// The text of a post or a gathering.
    Text,
    /// The name of a community.
    Name,
    /// What a community says about itself.
    Description,
    /// The address of a mirror.
    Mirror,
    /// The address of a page.
    Page,
    /// The address of a relay.
    Relay,
    /// A banned key.
    Ban,
    /// A hint about addresses.
    Hint,
    /// A known block.
    Restriction,
    /// The name of a gathering.
    EventName,
    /// The place of a gathering.
    Place,
    /// The start of a gathering.
    Start,
    /// The end of a gathering.
    End,
    /// The time zone of a gathering.
    Zone,
    /// A picture of a post.
    Picture,
    /// What a picture shows, in words.
    PictureText,
}

/// The rule that a part of what an admin writes breaks. Lengths are in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatedRule {
    /// Nothing stands there.
    Empty,
    /// It is longer than this.
    TooLong(usize),
    /// It has control characters in it.
    Characters,
    /// It is not an address.
    Address,
    /// There are more than this.
    TooMany(usize),
    /// There are more of its kind than this.
    More(usize),
    /// It is not after the start.
    BeforeStart,
    /// It is not the name of a time zone.
    NoZone,
    /// Days were to replace a time, or a time days.
    OtherKind,
    /// It is not a picture that browsers show and that stands still.
    NoPicture,
    /// It ends early, or contradicts itself.
    Damaged,
    /// It is transparent, so that what was erased may still be in it.
    Transparent,
    /// It has more pixels than this.
    TooManyPixels(u64),
    /// It has more pixels than this from one edge to the other.
    TooLongSide(u32),
    /// A post has more pictures than this.
    TooManyPictures(usize),
}

/// A part of what an admin writes breaks a rule.
pub fn unfit(language: Language, part: StatedPart, rule: StatedRule) -> String {
    language.phrasebook().unfit(part, rule)
}

/// Why cards make no key.
#[cfg_attr(not(feature = "publisher"), allow(dead_code, reason = "words of the publisher"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardFault {
    /// Too few or too many cards were asked for.
    Numbers,
    /// The card at this place was mistyped.
    Mistyped(usize),
    /// It is of another set.
    Mixed {
        /// The card at this place.
        card: usize,
        /// The one that it differs from. `None`: all the others.
        than: Option<usize>,
    },
    /// It was given before.
    Repeated(usize),
    /// There are too few.
    TooFew {
        /// How many are needed.
        needed: usize,
        /// How many were given.
        given: usize,
    },
    /// The others make the key, and it does not fit them.
    Changed(usize),
    /// They make another key.
    Wrong,
}

/// Why cards make no key.
pub fn card_fault(language: Language, fault: CardFault) -> String {
    language.phrasebook().card_fault(fault)
}

/// The words on a card.
#[derive(Clone, Copy, Debug)]
pub struct CardWords {
    /// What it is.
    pub title: &'static str,
    /// What it is good for, with `{needed}` and `{of}`.
    pub what: &'static str,
    /// The name of its set.
    pub set: &'static str,
    /// The fingerprint of the key.
    pub keys: &'static str,
    /// What to do, in order.
    pub steps: &'static [&'static str],
}

/// The words on a card.
pub fn card_words(language: Language) -> &'static CardWords {
    language.phrasebook().card_words()
}

/// A line about what a proposal would change.
#[cfg_attr(not(feature = "publisher"), allow(dead_code, reason = "words of the publisher"))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProposedChange {
    /// The word before what it was.
    Was,
    /// The name.
    Name,
    /// The text about the community.
    Description,
    /// A key that decides.
    RootAdded,
    /// A key that no longer decides.
    RootRemoved,
    /// The number of keys that must sign.
    Threshold,
    /// A recovery key.
    RecoveryAdded,
    /// No longer a recovery key.
    RecoveryRemoved,
    /// The number of recovery keys.
    RecoveryThreshold,
    /// The waiting time.
    RecoveryDays,
    /// A key that signs heads.
    RoutineAdded,
    /// No longer signs heads.
    RoutineRemoved,
    /// A key of the community.
    AuthorAdded,
    /// No longer a key of the community.
    AuthorRemoved,
    /// A moderator.
    ModeratorAdded,
    /// No longer a moderator.
    ModeratorRemoved,
    /// Everyone may post.
    AllMayPost,
    /// Not everyone may post.
    FewMayPost,
    /// A ban, with the time from which on posts do not count.
    Banned,
    /// The end of a ban.
    Unbanned,
    /// A mirror.
    MirrorAdded,
    /// No longer a mirror.
    MirrorRemoved,
    /// Another address.
    PageAdded,
    /// No longer an address.
    PageRemoved,
    /// The order of addresses.
    HomesReordered,
    /// A hint about addresses.
    HintAdded,
    /// No longer a hint.
    HintRemoved,
    /// A known block.
    RestrictionAdded,
    /// No longer a known block.
    RestrictionRemoved,
    /// The known blocks, in another order.
    RestrictionsReordered,
    /// A change for which there are no other words, with the name of the field.
    OtherChange,
    /// The community that it continues.
    Predecessor,
    /// It continues none.
    NoPredecessor,
    /// Where it moves.
    Successor,
    /// An address of the community to which it moves.
    SuccessorHome,
    /// It does not move.
    NoSuccessor,
    /// It is a copy.
    Copy,
    /// The date of the charter.
    Dated,
    /// It is dated back, and takes away a right.
    DatedBack,
    /// When the charter expires.
    ValidUntil,
    /// The community that a freeze is for.
    FrozenCommunity,
    /// A freeze.
    Frozen,
    /// By recovery keys.
    ByRecovery,
    /// Recovery keys could put it in force, too.
    MayBeRecovery,
    /// The time of a freeze is still to come.
    FrozenLater,
}

/// The length of a text of which the differing parts are shown.
pub fn shown_length(language: Language, characters: usize) -> String {
    language.phrasebook().shown_length(characters)
}

/// Published items of a key would no longer count.
pub fn items_lost(language: Language, items: usize, key: &str, since: &str) -> String {
    language.phrasebook().items_lost(items, key, since)
}

/// A proposal ends a recovery that waits.
pub fn ends_recovery(language: Language, until: &str, keys: &str) -> String {
    language.phrasebook().ends_recovery(until, keys)
}

/// What a proposal would change, before its value.
pub fn proposed_change(language: Language, change: ProposedChange) -> &'static str {
    language.phrasebook().proposed_change(change)
}

/// Why a community was not founded, changed or published.
pub fn publish_fault(language: Language, fault: PublishFault) -> &'static str {
    language.phrasebook().publish_fault(fault)
}

/// A head has a number after which there is none left for the next one. `key`: the fingerprint of the key that signed it.
pub fn head_number(language: Language, key: &str) -> String {
    language.phrasebook().head_number(key)
}

/// The clock of this device does not fit what a community states: what it says, and the date of the newest statement.
pub fn publish_clock(language: Language, clock: &str, newest: Option<&str>) -> String {
    language.phrasebook().publish_clock(clock, newest)
}

/// The words of a community's web site.
pub fn site_words(language: Language) -> &'static SiteWords {
    language.phrasebook().site_words()
}

/// A day: "9 November 2016".
pub fn day(language: Language, day: Date) -> String {
    language.phrasebook().day(day)
}

/// A day with its weekday: "Saturday, 19 November 2016".
pub fn weekday_and_day(language: Language, day: Date) -> String {
    language.phrasebook().weekday_and_day(day)
}

/// How many posts are not on the page.
pub fn older_posts(language: Language, count: usize) -> String {
    language.phrasebook().older_posts(count)
}

/// The day whose state a site shows.
pub fn site_state(language: Language, day: &str) -> String {
    language.phrasebook().site_state(day)
}

/// The site is a copy that somebody made and signed.
pub fn copied_by(language: Language, by: &str) -> String {
    language.phrasebook().trust_state(TrustState::Copied, Some(by))
}

/// The original of a copied text is no longer there.
pub fn removed_at_the_source(language: Language) -> &'static str {
    language.phrasebook().removed_at_the_source()
}

/// How many attachments a copied post does not have.
pub fn attachments_left_out(language: Language, count: usize) -> String {
    language.phrasebook().attachments_left_out(count)
}

/// The site is a reader's copy of a page, or of a signed community.
pub fn site_copy(language: Language, home: &str, is_signed: bool) -> String {
    let book = language.phrasebook();
    if is_signed { book.site_copy_of_signed(home) } else { book.site_copy(home) }
}

/// The community says in a charter of this day that it moved.
pub fn site_moved(language: Language, day: &str, by_one_key: bool) -> String {
    language.phrasebook().site_moved(day, by_one_key)
}

/// The community says that it continues another one.
pub fn site_continues(language: Language) -> &'static str {
    language.phrasebook().site_continues()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{has_cyrillic, is_a_sentence, promises_nothing};
    use super::*;

    #[test]
    fn what_is_handed_on_is_worded_in_each_language() {
        for language in Language::ALL.iter().copied() {
            let words = site_words(language);
            let day = jiff::civil::date(2016, 11, 9);
            let sentences = [
                too_long_for_qr(language).to_owned(),
                older_posts(language, 1),
                older_posts(language, 22),
                site_state(language, &super::day(language, day)),
                site_copy(language, "https://vk.com/zavod", false),
                site_copy(language, "https://zavod.example/", true),
                site_moved(language, &super::day(language, day), true),
                site_moved(language, &super::day(language, day), false),
                site_continues(language).to_owned(),
                words.link_use.to_owned(),
                words.no_posts.to_owned(),
            ];
            for sentence in &sentences {
                promises_nothing(sentence);
                is_a_sentence(sentence);
                assert_eq!(has_cyrillic(sentence), language == Language::Ru, "{sentence}");
            }
        }
    }

    #[test]
    fn a_day_is_written_in_words_in_each_language() {
        let first = jiff::civil::date(2016, 11, 9);
        assert_eq!(weekday_and_day(Language::En, first), "Wednesday, 9 November 2016");
        assert_eq!(weekday_and_day(Language::Ru, first), "среда, 9 ноября 2016");
        for language in Language::ALL.iter().copied() {
            let all: std::collections::BTreeSet<String> =
                (1..=12).map(|month| day(language, jiff::civil::date(2026, month, 1))).collect();
            assert_eq!(all.len(), 12);
        }
    }
}
