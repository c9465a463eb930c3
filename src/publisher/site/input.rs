use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};

use super::moved::SiteMoves;
use super::pictures::{Beside, SitePictures, StatedPictures};
use crate::community::{Community, Event, Post, PostState, Trust, TrustState};
use crate::language::Language;
use crate::sentences;
use crate::signed::CommunityLink;

/// What a site is made of.
///
/// ```
/// use byway::community::{Community, CommunityId, Post};
/// use byway::publisher::Site;
///
/// let community = Community::new(CommunityId::vk(155), "Zavod");
/// let mut post = Post::new("vk:-155_1");
/// post.text = "We meet on Friday.".into();
/// let posts = [post];
/// let site = Site::new(&community, "2016-11-09T12:00:00Z".parse()?).with_posts(&posts);
/// let index = &site.files()[0];
/// assert!(index.name == "index.html" && String::from_utf8_lossy(&index.bytes).contains("We meet on Friday."));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Site<'a> {
    pub(super) community: &'a Community,
    pub(super) posts: Vec<&'a Post>,
    pub(super) events: Vec<&'a Event>,
    pub(super) state_of: Timestamp,
    pub(super) language: Language,
    pub(super) is_copy: bool,
    pub(super) copied_by: Option<&'a str>,
    pub(super) trust: Option<&'a Trust>,
    pub(super) link: Option<&'a CommunityLink>,
    pub(super) moves: Option<&'a SiteMoves>,
    /// The pictures that lie beside the page. `None` if none do.
    pub(super) pictures: Option<Beside<'a>>,
}

impl<'a> Site<'a> {
    /// A site of a community, without posts and events yet. `state_of` is the time of the state that it shows: events
    /// before it are over. Only its day is written.
    pub fn new(community: &'a Community, state_of: Timestamp) -> Self {
        Self {
            community,
            posts: Vec::new(),
            events: Vec::new(),
            state_of,
            language: Language::default(),
            is_copy: false,
            copied_by: None,
            trust: None,
            link: None,
            moves: None,
            pictures: None,
        }
    }

    /// With these posts, in this order. The page shows the first 200 of them, and the feed the first 50.
    #[must_use]
    pub fn with_posts(self, posts: impl IntoIterator<Item = &'a Post>) -> Self {
        Self { posts: posts.into_iter().collect(), ..self }
    }

    /// With these events, in any order. The page shows at most 100.
    #[must_use]
    pub fn with_events(self, events: impl IntoIterator<Item = &'a Event>) -> Self {
        Self { events: events.into_iter().collect(), ..self }
    }

    /// In this language, except for what the community wrote itself.
    #[must_use]
    pub fn with_language(self, language: Language) -> Self {
        Self { language, ..self }
    }

    /// Marked as a reader's copy of a page, which nobody signed. Where it was read is named.
    #[must_use]
    pub fn as_copy(self) -> Self {
        Self { is_copy: true, ..self }
    }

    /// Marked as a copy that this person or group made and signed.
    #[must_use]
    pub fn with_copier(self, by: &'a str) -> Self {
        Self { copied_by: Some(by), ..self }
    }

    /// With what may be believed of it ([`Standing::trust`](crate::Standing::trust)), unless nobody signed it in any case.
    #[must_use]
    pub fn with_trust(self, trust: &'a Trust) -> Self {
        Self { trust: Some(trust).filter(|trust| trust.state != TrustState::Unsigned), ..self }
    }

    /// With the community's link, and its QR code.
    #[must_use]
    pub fn with_link(self, link: &'a CommunityLink) -> Self {
        Self { link: Some(link), ..self }
    }

    /// With what the charter of a signed community says of its moves.
    #[must_use]
    pub(in crate::publisher) fn with_moves(self, moves: &'a SiteMoves) -> Self {
        Self { moves: Some(moves), ..self }
    }

    /// With the pictures that lie in a mirror beside the page. Without this no picture is loaded.
    #[must_use]
    pub(in crate::publisher) fn with_pictures(self, stated: &'a StatedPictures) -> Self {
        Self { pictures: Some(Beside::Mirror(stated)), ..self }
    }

    /// With pictures that were kept. [`Site::write_to`] writes them into `files/` in the folder, and removes from there what the page
    /// does not show, unless the folder is that of a mirror. Without this no picture is loaded.
    #[must_use]
    pub fn with_kept_pictures(self, kept: &'a SitePictures) -> Self {
        Self { pictures: Some(Beside::Kept(kept)), ..self }
    }

    /// Whether the page loads pictures, all of which lie beside it.
    pub(super) fn loads_pictures(&self) -> bool {
        match self.pictures {
            Some(Beside::Mirror(_)) => true,
            Some(Beside::Kept(kept)) => !kept.is_empty(),
            None => false,
        }
    }

    pub(super) fn has_calendar(&self) -> bool {
        self.events.iter().any(|event| crate::calendar::is_in_icalendar(event))
    }

    /// Why the text of a post is not what it seems to be.
    pub(super) fn remark(&self, post: &Post) -> Option<&'static str> {
        let words = sentences::site_words(self.language);
        match post.state {
            PostState::Withheld => Some(words.withheld),
            PostState::Removed if self.community.id.is_signed() => Some(words.post_deleted),
            PostState::Removed => Some(words.post_removed),
            _ => None,
        }
    }

    /// The day of the state. The minute would say when a reader was at their device.
    pub(super) fn day(&self) -> Date {
        self.state_of.to_zoned(TimeZone::UTC).date()
    }

    /// The offset of the times on the page: the one of all its gatherings, where they have one, else that of UTC.
    pub(super) fn offset(&self) -> Offset {
        let timed = self.events.iter().filter(|event| event.days.is_none());
        let mut offsets = timed.filter_map(|event| Some(event.start?.offset()));
        let first = offsets.next().unwrap_or(Offset::UTC);
        if offsets.all(|offset| offset == first) { first } else { Offset::UTC }
    }

    /// The anchor of the post or event with this place in its list.
    pub(super) fn anchor(kind: &str, id: &str) -> String {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, id.as_bytes());
        let short: String = digest.as_ref().iter().take(ANCHOR_BYTES).map(|byte| format!("{byte:02x}")).collect();
        format!("{kind}-{short}")
    }
}

/// Enough to tell the posts of one page apart, and short in an address.
const ANCHOR_BYTES: usize = 6;

/// The names of a site's files.
pub(super) const INDEX: &str = "index.html";
pub(super) const FEED: &str = "feed.xml";
pub(in crate::publisher) const CALENDAR: &str = "events.ics";
