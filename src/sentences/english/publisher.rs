//! What is said about something that a person hands on, in English.

use jiff::civil::Date;

use super::English;
use crate::sentences::phrasebook::PublisherPhrases;
use crate::sentences::publisher::{PublishFault, SiteWords, StatedPart, StatedRule, UploadFault};

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
            PublishFault::Refused => {
                "This is outside the limits of the format. A move needs the link of another community, with a mirror in it."
            }
            PublishFault::NoSuchItem => "There is no post or event with this name.",
            PublishFault::Damaged => {
                "A signed file in this folder is missing or was changed. Restore the folder from a mirror or a copy; nothing was written."
            }
            PublishFault::Busy => {
                "Another program writes to this folder now. Try again when it has ended; nothing was written."
            }
            PublishFault::System => "The system refused to read or write a file of the folder, or to give randomness.",
        }
    }

    fn upload_fault(&self, fault: UploadFault) -> &'static str {
        match fault {
            UploadFault::Target => {
                "This is not an address to publish to: it is s3://BUCKET/PREFIX, or the https:// address of a WebDAV folder."
            }
            UploadFault::Cleartext => {
                "Over http:// everyone on the path sees who publishes and with which password. Use https://, or an onion address."
            }
            UploadFault::Login => "A login in the address is seen by other programs. Put it into a file.",
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
            UploadFault::Changed => {
                "Another program has published there at the same time. Publish again; what it wrote was not overwritten."
            }
            UploadFault::Unavailable => {
                "The server is overloaded or out of order. Publish again later; it continues where it stopped."
            }
            UploadFault::Clock => {
                "The server refuses what is signed at this time: the clock of this device is probably wrong."
            }
            UploadFault::TooLarge => "The folder on the server holds more than is read.",
            UploadFault::Answer => {
                "The server answers what a store of files does not. Check the address, the region and the bucket."
            }
        }
    }

    fn unfit(&self, part: StatedPart, rule: StatedRule) -> String {
        let part = match part {
            StatedPart::Text => "The text",
            StatedPart::Name => "The name",
            StatedPart::Description => "The description",
            StatedPart::Mirror => "A mirror",
            StatedPart::Page => "A page",
            StatedPart::EventName => "The name of the event",
            StatedPart::Place => "The place",
            StatedPart::Start => "The start",
            StatedPart::End => "The end",
        };
        match rule {
            StatedRule::Empty => format!("{part} is empty."),
            StatedRule::TooLong(most) => format!("{part} is longer than {most} bytes."),
            StatedRule::Characters => format!("{part} has control characters in it."),
            StatedRule::Address => format!("{part} is not a web address like https://example.org/."),
            StatedRule::TooMany(most) => format!("There are more than {most} mirrors and pages."),
            StatedRule::BeforeStart => format!("{part} is not after the start."),
            StatedRule::OtherKind => {
                "An announcement with a time keeps a time, and one of days keeps days. Delete it, and announce it anew."
                    .to_owned()
            }
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
