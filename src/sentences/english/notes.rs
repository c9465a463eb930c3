//! What could not be read or kept, in English.

use super::English;
use crate::sentences::grammar::{capital, ended};
use crate::sentences::phrasebook::{FaultPhrases, KeptPhrases, NotePhrases};
use crate::sentences::{Language, trust, unbelieved};
use crate::signed::{Move, MoveKind};
use crate::source::{Platform, SourceError, SourceNote, WebFormat};
use crate::store::StoreError;

impl NotePhrases for English {
    fn note(&self, note: &SourceNote) -> String {
        fn of(platform: &Platform) -> &str {
            platform.name()
        }
        match note {
            SourceNote::CommunityPart { platform } => {
                format!("Some of what {}'s answer says about the community could not be read.", of(platform))
            }
            SourceNote::UnknownState { state, platform } => {
                ended(&capital(&format!("{} states that the community is deactivated: “{state}”", of(platform))))
            }
            SourceNote::ErrorBeside { platform_code, message, platform } => ended(&capital(&format!(
                "{} reports an error along with its answer (error {platform_code}): “{message}”",
                of(platform)
            ))),
            SourceNote::PostsUnread { closed: true, error } => {
                because("The community is closed, and its posts could not be read", error)
            }
            SourceNote::PostsUnread { closed: false, error } => because("The posts could not be read", error),
            SourceNote::PostsNoList { platform } => {
                capital(&format!("{}'s answer contains no list of posts that can be read.", of(platform)))
            }
            SourceNote::PostsMissing { announced, given: 0, platform } => {
                capital(&format!("{} announces {} and gives none.", of(platform), posts(*announced)))
            }
            SourceNote::PostsMissing { announced, given, platform } => {
                capital(&format!("{} announces {} and gives {given}.", of(platform), posts(*announced)))
            }
            SourceNote::PostsOdd { count } => format!("{} could not be read.", posts(*count as u64)),
            SourceNote::MonthsUnread { count: 1 } => {
                "1 month of this community is more than one reading takes; its posts, and what was deleted in it, are not shown."
                    .to_owned()
            }
            SourceNote::MonthsUnread { count } => format!(
                "{count} months of this community are more than one reading takes; their posts, and what was deleted in them, are \
                 not shown."
            ),
            SourceNote::FilesUnread { count } => format!(
                "Files that the community's newest statement names were not read ({count}): posts, changes and cancellations may be \
                 missing."
            ),
            SourceNote::OlderThanKnown => {
                "This is older than what this device has, and nothing of what this device has was replaced.".to_owned()
            }
            SourceNote::FilesNotAsSigned { names } => {
                format!("These files did not come, or are not as the community signed them: {}.", names.join(", "))
            }
            SourceNote::DeletionsCut { count } => {
                format!(
                    "Deletions that were left out, because there are too many: {count}. What is shown may be deleted."
                )
            }
            SourceNote::PicturesAbsent { count } => {
                format!("Pictures of posts that did not come along: {count}. Each is fetched from a mirror when it is shown.")
            }
            SourceNote::PostsCut { count } => format!("The feed has more posts than the {count} that were read."),
            SourceNote::PostsTorn { count } => format!("{} could be read in part only.", posts(*count as u64)),
            SourceNote::PostsWithheld { count: 1, platform } => {
                format!("1 post contains a notice from {} instead of its text.", of(platform))
            }
            SourceNote::PostsWithheld { count, platform } => {
                format!("{count} posts contain a notice from {} instead of their text.", of(platform))
            }
            SourceNote::EventsUnread { error } => because("The gatherings that it links to could not be read", error),
            SourceNote::EventsAbsent { platform } => {
                format!("The gatherings that it links to could not be read: {}'s answer names none.", of(platform))
            }
            SourceNote::AddressUnread { error } => because("The address of a gathering could not be read", error),
            SourceNote::AddressAbsent { platform } => {
                format!("The address of a gathering could not be read: {}'s answer holds none.", of(platform))
            }
            SourceNote::EventsOdd { count: 1 } => "1 event could not be read.".to_owned(),
            SourceNote::EventsOdd { count } => format!("{count} events could not be read."),
            SourceNote::EventsCut { count } => format!("The calendar has more events than the {count} that were read."),
            SourceNote::EventsWithoutZone { count: 1 } => {
                "1 event names no time zone that is known here; its time is taken as the time of this device.".to_owned()
            }
            SourceNote::EventsWithoutZone { count } => {
                format!("{count} events name no time zone that is known here; their times are taken as the time of this device.")
            }
            SourceNote::BreaksOff => {
                "What the site sent breaks off: there may be more than is shown here, and changes of it.".to_owned()
            }
            SourceNote::Found { formats } => format!("Read: {}.", listed(formats)),
            SourceNote::Unchanged { formats } => format!("Unchanged since the last reading: {}.", listed(formats)),
            SourceNote::FeedsElsewhere { count: 1 } => {
                "The page names 1 feed on another site, which was not contacted.".to_owned()
            }
            SourceNote::FeedsElsewhere { count } => {
                format!("The page names {count} feeds on other sites, which were not contacted.")
            }
            SourceNote::SignedHere { link } => {
                let keys = link.key().map(|key| format!(", with the keys {key}")).unwrap_or_default();
                format!(
                    "This page says that it is of a signed community: {}{keys}. Nothing here shows that it is the right one, because anyone can put such a page at an address; what is shown was read as a page that nobody signed. Get the link from people whom you know, compare the fingerprint with them, and open that link and not the address. The page names this one: {link}",
                    link.id()
                )
            }
            SourceNote::Labelled { label, platform } => {
                format!("{} shows this label beside the name: “{label}”.", of(platform))
            }
            SourceNote::Signed(signed) => trust(Language::En, signed),
            SourceNote::NotGenuine { fault } => {
                format!(
                    "A part of what was read was refused: {}",
                    uncapital(&unbelieved(Language::En, fault.what()))
                )
            }
            SourceNote::Own { sentence } => sentence.clone(),
        }
    }

    fn link_keys(&self) -> &'static str {
        "The link names keys that this community has not named, as far as was read here. A newer state is withheld, or the link was \
         changed. Ask the person who gave it to you."
    }

    fn moved(&self, moved: &Move, until: Option<&str>) -> String {
        let said = match moved.kind {
            MoveKind::Moved => format!(
                "This community continues the one that you followed: both sides signed the move.{} What \
                 was read before stays on this device.",
                keys_compared(moved)
            ),
            MoveKind::OnYourWord => "You asked to follow the community here. The two sides have not both signed the move, \
                                     so no signature shows that this is its successor."
                .to_owned(),
            MoveKind::MovedOn => {
                format!("This community moved on, and both sides signed that.{}", keys_compared(moved))
            }
            MoveKind::LeftOnYourWord => "You asked to follow this community to its successor. The two sides have not both \
                                         signed the move."
                .to_owned(),
            MoveKind::Waits => format!(
                "The community names a successor, and several of its keys signed that. Byway follows it after {}, if the \
                 successor agrees. Until then the other admins can object.{}",
                until.unwrap_or("?"),
                keys_of(moved)
            ),
            MoveKind::Asked => format!(
                "The community names a successor, and one key was enough to sign that: keys of which this device learnt less than a \
                 week before the move do not count. So one captured admin is enough as well. Follow only if people whom you know confirm the move.{}",
                keys_of(moved)
            ),
            MoveKind::Unread => "The community moved, and its successor was not read. An address that a community names is \
                                 contacted through a proxy or Tor alone until you allow it."
                .to_owned(),
            MoveKind::OneSided => {
                "The community names a successor which does not name this community. That is a claim, and it is not followed."
                    .to_owned()
            }
            MoveKind::Claimed => {
                "The page says in its text that it moved. That is a claim: no signature shows it, and the address was not \
                 contacted."
                    .to_owned()
            }
            MoveKind::Disputed => {
                "The community moved, but the keys of one side contradict each other or are no longer trusted. The move is \
                 not followed."
                    .to_owned()
            }
            MoveKind::Declined => "The community names a successor, and you asked to stay here.".to_owned(),
            MoveKind::Loop => "The successors lead in a circle. They are not followed any further.".to_owned(),
            MoveKind::TooLong => "The community moved more often than is followed at once.".to_owned(),
            MoveKind::Continues => {
                "This community continues one that is kept on this device: both sides signed the move.".to_owned()
            }
            MoveKind::ClaimsToContinue => "This community says that it continues one that is kept on this device, and that \
                                           one does not say so. Anyone can say it."
                .to_owned(),
            MoveKind::ContinuesUnknown => "This community says that it continues another one, of which this device has read \
                                           nothing. So nothing here confirms it."
                .to_owned(),
        };
        said + &members_compared(moved)
    }

    fn places_of_move(&self, from: &str, to: &str, at: Option<&str>) -> String {
        match at {
            Some(at) => format!("From {from} to {to}, by a charter of {at}."),
            None => format!("From {from} to {to}."),
        }
    }

    fn keys_of_move(&self, old: Option<&str>, new: Option<&str>) -> String {
        match (old, new) {
            (Some(old), Some(new)) => format!("{OLD_KEYS}: {old}; of the new keys: {new}. {REPLACED_LATELY}"),
            (Some(old), None) => format!("{OLD_KEYS}: {old}. {REPLACED_LATELY}"),
            (None, new) => format!("Fingerprint of the new keys: {}.", new.unwrap_or("?")),
        }
    }

    fn not_kept(&self, error: &StoreError) -> String {
        format!("What was read could not be kept. {}", self.store(error))
    }

    fn posts_read_earlier(&self) -> &'static str {
        "The answer contains no posts; the posts shown were read earlier."
    }

    fn age_unknown(&self) -> &'static str {
        "The copy was read at a time that is ahead of this device's clock. Its age is unknown. Check the date and time of the device."
    }

    fn posts_gap(&self, after: &str, before: &str) -> String {
        format!("Posts between {after} and {before} were not read and may be missing.")
    }
}

/// English, with the reason as its second clause.
fn because(what: &str, error: &SourceError) -> String {
    let sentence = English.source(error);
    // "VK states ..." stays as it is; a sentence that begins with an article continues in lower case.
    let reason = ["The ", "No ", "This ", "Only ", "A "]
        .iter()
        .find(|start| sentence.starts_with(**start))
        .map_or_else(|| sentence.clone(), |_| uncapital(&sentence));
    capital(&format!("{what}: {reason}"))
}

fn uncapital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

fn listed(formats: &[WebFormat]) -> String {
    let names: Vec<&str> = formats
        .iter()
        .map(|format| match format {
            WebFormat::Atom => "Atom feed",
            WebFormat::Rss => "RSS feed",
            WebFormat::JsonFeed => "JSON feed",
            WebFormat::Calendar => "calendar",
        })
        .collect();
    names.join(" and ")
}

fn posts(count: u64) -> String {
    if count == 1 { "1 post".to_owned() } else { format!("{count} posts") }
}

/// A move is judged by the keys before it, and not by those that came with it.
const OLD_KEYS: &str = "Fingerprint of the old keys, as this device knew them before the move";
const REPLACED_LATELY: &str = "If keys were replaced lately, the community itself shows another one.";

/// Which of the keys stayed, once those of the successor are known.
fn keys_of(moved: &Move) -> String {
    if moved.to_keys.is_some() { keys_compared(moved) } else { String::new() }
}

/// Which of the keys stayed, left and joined: how many, and which, as fingerprints that people compare.
fn keys_compared(moved: &Move) -> String {
    let Move { stayed, left, joined, stayed_keys, left_keys, joined_keys, .. } = moved;
    let words = [("stayed", stayed_keys), ("left", left_keys), ("joined", joined_keys)];
    let words = words.into_iter().filter(|(_, keys)| !keys.is_empty()).map(|(word, keys)| {
        let keys: Vec<String> = keys.iter().map(ToString::to_string).collect();
        format!("{word}: {}", keys.join(", "))
    });
    let list = words.collect::<Vec<_>>().join("; ");
    let list = if list.is_empty() { list } else { format!(" ({list})") };
    format!(" Of the keys that decide, {stayed} stayed, {left} left and {joined} joined{list}.")
}

/// How many members came along, as far as both pages say.
fn members_compared(moved: &Move) -> String {
    match (moved.from_members, moved.to_members) {
        (Some(from), Some(to)) => format!(" The new page states {to} members, and the old one {from}."),
        _ => String::new(),
    }
}
