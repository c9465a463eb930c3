//! What is said about something that a person hands on, in English.

use jiff::civil::Date;

use super::English;
use crate::sentences::phrasebook::PublisherPhrases;
use crate::sentences::publisher::{
    CardFault, CardWords, ProposedChange, PublishFault, SiteWords, StatedPart, StatedRule, UploadFault,
};

impl PublisherPhrases for English {
    fn too_long_for_qr(&self) -> &'static str {
        "This link has more than 331 bytes, too many for a QR code that a phone reads."
    }

    fn publish_fault(&self, fault: PublishFault) -> &'static str {
        match fault {
            PublishFault::Absent => "There is no community in this folder.",
            PublishFault::Exists => "There is another community in this folder already, and it was not replaced.",
            PublishFault::Newer => {
                "That folder has something newer of this community than this one: another phone may have published there. Take it in first; nothing was written."
            }
            PublishFault::Foreign => {
                "What that folder has is not signed by a key that this community has now, or contradicts this folder. Nothing was written."
            }
            PublishFault::OtherKeys => "The community does not allow these keys to make this change.",
            PublishFault::CopyOfOther => "This folder holds another community, or the copy of another page.",
            PublishFault::KeysReplaced => {
                "These keys were replaced in this community before, or are banned in it, so they may be the stolen ones. Name a new file; nothing was written."
            }
            PublishFault::SuccessorSame => {
                "This link is that of this community itself. A move needs the link of the other one; nothing was written."
            }
            PublishFault::SuccessorHomeless => {
                "The link of the other community names no mirror, so readers could not find it. Give it a mirror, and take the link that has it; nothing was written."
            }
            PublishFault::Refused => "This is outside the limits of the format.",
            PublishFault::NoSuchItem => "There is no post or event with this name.",
            PublishFault::Damaged => {
                "A signed file in this folder is missing or was changed. Restore the folder from a mirror or a copy; nothing was written."
            }
            PublishFault::Busy => {
                "Another program writes to this folder now. Try again when it has ended; nothing was written."
            }
            PublishFault::PublicKeys => {
                "This is not the line of an admin's public keys, or it was mistyped. It begins with byway-keys: and is copied whole. A key that is removed may be named by its fingerprint instead, as it is shown, if it is a key of this community."
            }
            PublishFault::KeyRules => {
                "The numbers of keys do not fit: a threshold is from 1 to the number of its keys; where two root keys must sign, two recovery keys must too; a recovery waits 7 to 366 days; and someone must be left who publishes."
            }
            PublishFault::ProposalForm => {
                "This is not a proposal for a community, or it was changed on its way. Ask for it again."
            }
            PublishFault::ProposalForeign => "This proposal is for another community, or these keys have no say in it.",
            PublishFault::ProposalUnknown => {
                "This proposal has a part that this version of Byway does not know and cannot show. It is not signed with this version."
            }
            PublishFault::ProposalDate => {
                "This proposal is dated over a day ahead of this device's clock, or is a recovery dated over a week back. If the clock is right, have the change proposed again."
            }
            PublishFault::ProposalUncompared => {
                "This proposal has to be compared with your own folder of the community before it is signed. Bring the folder up to date first: another change may be in force already."
            }
            PublishFault::ProposalOutdated => {
                "The community has another charter since this was proposed. Propose the change again."
            }
            PublishFault::ProposalAhead => {
                "This folder is older than the proposal: it lacks the charter that the proposal changes. Bring the folder up to date first; if it is, the proposal is for another community."
            }
            PublishFault::ProposalOvertaken => {
                "This proposal is dated over a day back, and something was published since with a key that it takes away, which would be lost. Propose the change again."
            }
            PublishFault::FreezeTime => {
                "A freeze has a time between the founding of the community and now: a later one would leave those who have the keys trusted until then."
            }
            PublishFault::ProposalRival => {
                "These keys have signed another change in its place already. If both were put in force, the community would be disputed for good."
            }
            PublishFault::TooFewSigned => "More admins have to sign this change before it takes effect.",
            PublishFault::Approval => "This line is not an approval of this proposal, or it was mistyped.",
            PublishFault::Frozen => {
                "The community is frozen: readers take nothing that is signed now, and nobody can undo that. Found another community, and hand its link to people yourself; nothing was written."
            }
            PublishFault::Recovery => {
                "This is a recovery, which waits before it takes effect. Put it into the folders with recover."
            }
            PublishFault::RecoveryInForce => {
                "In that folder recovery keys replaced the keys of this community, and for new readers the time to object is over. If you did not want that, the root keys can still object from this folder; nothing was written."
            }
            PublishFault::RoutesLimits => {
                "A pack has 1 to 32 routes of at most 2048 characters each, and ends later than now and within 366 days."
            }
            PublishFault::System => "The system refused to read or write a file of the folder, or to give randomness.",
        }
    }

    fn upload_fault(&self, fault: UploadFault) -> &'static str {
        match fault {
            UploadFault::Target if !cfg!(feature = "upload-s3") => {
                "This is not an address to publish to: it is the https:// address of a WebDAV folder."
            }
            UploadFault::Target => {
                "This is not an address to publish to: it is s3://BUCKET/PREFIX, or the https:// address of a WebDAV folder."
            }
            UploadFault::Cleartext => {
                "Over http:// everyone on the path sees who publishes and with which password. Use https://, or an onion address."
            }
            UploadFault::Login => "A login in the address is seen by other programs. Put it into a file.",
            UploadFault::NoS3 => {
                "This program is built without S3 buckets. Use the https:// address of a WebDAV folder, or a build that has S3."
            }
            UploadFault::CredentialsForm => {
                "These are no credentials. A bucket needs access_key_id and secret_access_key, a WebDAV folder user and password."
            }
            UploadFault::CredentialsKind => {
                "A bucket needs an access key, and a WebDAV folder a login. Credentials of that kind were not given."
            }
            UploadFault::Denied => {
                "The server refuses these credentials, or they do not allow reading, listing and writing there."
            }
            UploadFault::NoFolder => "The server has no such bucket or folder. Make it first.",
            UploadFault::Redirected => {
                "The server redirects to another address. An upload and its credentials are sent to the address alone that you gave, so nothing went there. Publish to the address that it leads to: often it begins with https:// or www., and a bucket has the endpoint of its region."
            }
            UploadFault::Changed => {
                "Another program has published there at the same time. Nothing of it was overwritten. Take in what is there, and publish again."
            }
            UploadFault::Mixed => {
                "Another program has published there at the same time, and the server kept files of both. Readers may miss something until you take in what is there and publish again. The other admin then does the same: a post may be missing there that only that admin's folder has."
            }
            UploadFault::Unavailable => {
                "The server is overloaded or out of order. Publish again later; it continues where it stopped."
            }
            UploadFault::Locked => {
                "Another program has locked a file on the server. Publish again when it is done; the upload continues where it stopped."
            }
            UploadFault::Full => {
                "The server has no room left. Make room there, and publish again; the upload continues where it stopped."
            }
            UploadFault::FileLimit => {
                "The server takes no file of this size. Raise its limit (in nginx it is client_max_body_size), and publish again."
            }
            UploadFault::Clock => {
                "The server refuses what is signed at this time: the clock of this device is probably wrong."
            }
            UploadFault::NotKept => {
                "The server said that it took the files, but it does not give them back, so readers do not get what was published. Check that it stores what is uploaded."
            }
            UploadFault::TooLarge => "The folder on the server holds more than is read.",
            UploadFault::Answer => {
                "The server answers what a store of files does not. Check the address, the region and the bucket."
            }
        }
    }

    fn card_fault(&self, fault: CardFault) -> String {
        match fault {
            CardFault::Numbers => "A set has 2 to 16 cards, of which at least 2 are needed.".to_owned(),
            CardFault::Mistyped(card) => {
                format!("Card {card} was mistyped, or is not a card. Compare it letter by letter.")
            }
            CardFault::Mixed { card, than: None } => {
                format!("Card {card} belongs to another set than the others, or was changed.")
            }
            CardFault::Mixed { card, than: Some(other) } => {
                format!("Card {card} belongs to another set than card {other}, or one of both was changed.")
            }
            CardFault::Repeated(card) => format!("Card {card} was given before."),
            CardFault::TooFew { needed, given } => format!("{needed} cards are needed, and {given} were given."),
            CardFault::Changed(card) => {
                format!("Card {card} was changed: it does not fit the others, which make the key. Leave it out.")
            }
            CardFault::Wrong => "These cards make another key than they say: at least one of them was changed. Add another card of the set, and Byway says which one does not fit.".to_owned(),
        }
    }

    fn card_words(&self) -> &'static CardWords {
        &CARD
    }

    fn proposed_change(&self, change: ProposedChange) -> &'static str {
        match change {
            ProposedChange::Was => "was",
            ProposedChange::Name => "The name becomes",
            ProposedChange::Description => "The text about the community becomes",
            ProposedChange::RootAdded => "Will decide about the community, key",
            ProposedChange::RootRemoved => "No longer decides about the community, key",
            ProposedChange::Threshold => "Keys that must sign each change, of all",
            ProposedChange::RecoveryAdded => "May replace lost keys after a waiting time, key",
            ProposedChange::RecoveryRemoved => "May no longer replace lost keys, key",
            ProposedChange::RecoveryThreshold => "Recovery keys that must sign, of all",
            ProposedChange::RecoveryDays => "Days in which a recovery can be objected to",
            ProposedChange::RoutineAdded => "May sign the newest state, key",
            ProposedChange::RoutineRemoved => "May no longer sign the newest state, key",
            ProposedChange::AuthorAdded => "May post in the community's name, key",
            ProposedChange::AuthorRemoved => "May no longer post in the community's name, key",
            ProposedChange::ModeratorAdded => "May post and delete what others posted, key",
            ProposedChange::ModeratorRemoved => "May no longer delete what others posted, key",
            ProposedChange::AllMayPost => "Everyone may post",
            ProposedChange::FewMayPost => "Members may no longer post",
            ProposedChange::Banned => "Is banned, with all posts since the time after it, key",
            ProposedChange::Unbanned => "Is no longer banned, key",
            ProposedChange::MirrorAdded => "Mirror added",
            ProposedChange::MirrorRemoved => "Mirror removed",
            ProposedChange::PageAdded => "Address added",
            ProposedChange::PageRemoved => "Address removed",
            ProposedChange::HomesReordered => "The addresses in a new order",
            ProposedChange::HintAdded => "Readers try this address of a host, or this resolver",
            ProposedChange::HintRemoved => "Readers no longer try this address of a host, or this resolver",
            ProposedChange::RestrictionAdded => "Known block added",
            ProposedChange::RestrictionRemoved => "Known block removed",
            ProposedChange::OtherChange => "Changed in its order or spelling, which is not shown",
            ProposedChange::RestrictionsReordered => "The known blocks are in a new order",
            ProposedChange::Predecessor => "Says that it continues the community",
            ProposedChange::NoPredecessor => "No longer says that it continues another community",
            ProposedChange::Successor => "MOVES to the community",
            ProposedChange::SuccessorHome => "Where it would move, address",
            ProposedChange::NoSuccessor => "The move is taken back",
            ProposedChange::Copy => "Is a copy of",
            ProposedChange::Dated => "Takes effect on, by its date",
            ProposedChange::DatedBack => {
                "DATED BACK: what was posted since by keys that lose a right would no longer count; days back"
            }
            ProposedChange::ValidUntil => "Valid until",
            ProposedChange::FrozenCommunity => "The freeze is for the community with the id",
            ProposedChange::Frozen => "FREEZE, for good: readers will trust nothing that is signed after",
            ProposedChange::ByRecovery => {
                "RECOVERY: replaces the root keys without them, if they do not object; days of waiting"
            }
            ProposedChange::MayBeRecovery => {
                "If recovery keys sign it, it is a RECOVERY, which takes effect without the root keys; days of waiting"
            }
            ProposedChange::FrozenLater => {
                "THAT TIME IS STILL TO COME: until then readers trust everyone who has the keys"
            }
        }
    }

    fn shown_length(&self, characters: usize) -> String {
        format!("{characters} characters in all")
    }

    fn items_lost(&self, items: usize, key: &str, since: &str) -> String {
        format!("WILL NOT COUNT: what key {key} published since {since}, items: {items}")
    }

    fn ends_recovery(&self, until: &str, keys: &str) -> String {
        format!("ENDS the recovery that waits until {until}, by keys {keys}")
    }

    fn unfit(&self, part: StatedPart, rule: StatedRule) -> String {
        let part = match part {
            StatedPart::Text => "The text",
            StatedPart::Name => "The name",
            StatedPart::Description => "The description",
            StatedPart::Mirror => "A mirror",
            StatedPart::Page => "A page",
            StatedPart::Relay => "A relay",
            StatedPart::Ban => "A ban",
            StatedPart::Hint => "A hint",
            StatedPart::Restriction => "A known block",
            StatedPart::EventName => "The name of the event",
            StatedPart::Place => "The place",
            StatedPart::Start => "The start",
            StatedPart::End => "The end",
            StatedPart::Zone => "The time zone",
            StatedPart::Picture => "The picture",
            StatedPart::PictureText => "What the picture shows",
        };
        match rule {
            StatedRule::Empty => format!("{part} is empty."),
            StatedRule::TooLong(most) => format!("{part} is longer than {most} bytes."),
            StatedRule::Characters => format!("{part} has control characters in it."),
            StatedRule::Address => format!("{part} is not a web address like https://example.org/."),
            StatedRule::TooMany(most) => format!("There are more than {most} mirrors and pages."),
            StatedRule::More(most) => format!("{part} is one of more than {most}."),
            StatedRule::BeforeStart => format!("{part} is not after the start."),
            StatedRule::NoZone => format!("{part} is not the name of a time zone, like Europe/Berlin."),
            StatedRule::OtherKind => {
                "An announcement with a time keeps a time, and one of days keeps days. Delete it, and announce it anew."
                    .to_owned()
            }
            StatedRule::NoPicture => {
                format!(
                    "{part} is not a JPEG, PNG or WebP picture that stands still. Save it as one, or take a screenshot of it."
                )
            }
            StatedRule::Damaged => format!("{part} is damaged, or it ends early. Save or copy it again."),
            StatedRule::Transparent => format!(
                "{part} is a WebP with transparency, in which what was erased may still be. Save it as PNG: there it is removed."
            ),
            StatedRule::TooManyPixels(most) => {
                format!("{part} has more than {} million pixels. Make it smaller.", most / 1_000_000)
            }
            StatedRule::TooLongSide(most) => {
                format!("{part} is wider or higher than {most} pixels. Make it smaller.")
            }
            StatedRule::TooManyPictures(most) => format!("A post has at most {most} pictures."),
        }
    }

    fn publish_clock(&self, clock: &str, newest: Option<&str>) -> String {
        match newest {
            Some(newest) => format!(
                "The clock of this device says {clock}, and the newest statement of the community is of {newest}. Set the clock if it is wrong; nothing was written."
            ),
            None => format!("The clock of this device says {clock}. Set the clock; nothing was written."),
        }
    }

    fn head_number(&self, key: &str) -> String {
        format!(
            "The newest state there, or in this folder, has an impossible number, after which none would be left for what you publish next. The key {key} signed it, and may be in other hands. Remove that key from the community with a change of the charter: the numbers begin anew then. Nothing was written."
        )
    }

    fn site_words(&self) -> &'static SiteWords {
        &WORDS
    }

    fn day(&self, day: Date) -> String {
        let month =
            usize::try_from(day.month() - 1).ok().and_then(|month| MONTHS.get(month)).copied().unwrap_or_default();
        format!("{} {month} {}", day.day(), day.year())
    }

    fn weekday_and_day(&self, day: Date) -> String {
        let weekday = usize::try_from(day.weekday().to_monday_zero_offset()).ok().and_then(|at| WEEKDAYS.get(at));
        format!("{}, {}", weekday.copied().unwrap_or_default(), self.day(day))
    }

    fn older_posts(&self, count: usize) -> String {
        match count {
            1 => "One older post is not on this page.".to_owned(),
            _ => format!("{count} older posts are not on this page."),
        }
    }

    fn site_state(&self, day: &str) -> String {
        format!("State of {day}. Made with Byway; this page has no scripts and loads nothing from other sites.")
    }

    fn removed_at_the_source(&self) -> &'static str {
        "[No longer at the source, where it was read before.]"
    }

    fn attachments_left_out(&self, count: usize) -> String {
        format!("[Attachments at the source, not copied: {count}]")
    }

    fn site_copy(&self, home: &str) -> String {
        format!(
            "This is a reader's copy of {home}. Nobody has signed this page, so compare important things with another source."
        )
    }

    fn site_copy_of_signed(&self, home: &str) -> String {
        format!(
            "This is a reader's copy of {home}. The community signs its posts, but this page is not signed: an app that knows Byway checks the community itself, by its link."
        )
    }

    fn site_moved(&self, day: &str, by_one_key: bool) -> String {
        let signed = if by_one_key {
            "One key was enough to sign that, or to name the keys that did, so an app that knows Byway asks before it follows. Ask people whom you know."
        } else {
            "Several keys signed that. An app that knows Byway follows a week after it read this first, if the new community names this one; until then the other admins can object."
        };
        format!(
            "This community says in its signed charter of {day} that it moved. {signed} This page is not signed; an app checks the charter. The link of the new community is below."
        )
    }

    fn site_continues(&self) -> &'static str {
        "This community says in its signed charter that it continues another one. An app that knows Byway checks whether that one says so too. Its link is below."
    }
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

const WORDS: SiteWords = SiteWords {
    skip: "Skip to the posts",
    on_this_page: "On this page",
    events: "Events",
    past_events: "Past events",
    posts: "Posts",
    no_posts: "No posts yet.",
    undated: "No date",
    pinned: "pinned",
    edited: "edited",
    withheld: "the platform does not show its text now",
    post_removed: "the platform states that it was deleted",
    post_deleted: "deleted by its author or by the community, with a signature",
    cancelled: "Cancelled.",
    when: "When",
    place: "Where",
    organiser: "Organiser",
    address: "Page",
    see_also: "See also",
    members: "Members",
    feed: "Feed (Atom)",
    calendar: "Calendar (iCalendar)",
    the_community: "The community",
    states: "states",
    moved_to: "Says it moved to",
    came_from: "Says it came from",
    claim: "a claim that nobody has signed",
    in_charter: "in its signed charter",
    moved: "This community moved",
    when_read: "What was found when it was read",
    photo: "Photo",
    video: "Video",
    document: "File",
    web_link: "Link",
    audio: "Audio",
    poll: "Poll",
    event: "Event",
    other: "Attachment",
    link: "Take this community with you",
    link_use: "Open this link in an app that knows Byway, or scan the code. The app can then check that what it reads was signed by this community, and find it at its other addresses.",
};

const CARD: CardWords = CardWords {
    title: "Part of a key",
    what: "With any {needed} of the {of} cards of this set the key is made again. Fewer cards say nothing about it.",
    set: "Set",
    keys: "Fingerprint of the key",
    steps: &[
        "Keep each card of the set with another person, or in another place. Make no photo of it, and put no copy on a phone.",
        "To use it, bring {needed} cards to a device that you trust. Without a network is best.",
        "Byway makes the key file of them (restore): type the letters in the frame, card after card. Spaces, and small or capital letters, make no difference.",
        "Compare the fingerprint above with the one that the program shows.",
        "If a card is lost or was seen, replace the key in the community and make new cards. The old ones stay valid for the old key.",
    ],
};
