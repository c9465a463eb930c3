//! Where a community moved, for people without an app: its own word, which the charter has signed and the page has not.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::exposure::Exposure;
use crate::sentences::{self, Language};
use crate::signed::{Chain, CommunityLink, Follow, SignedId, named_at, old_side};

/// What the charter in force says of the community after this one, and of the one before it.
#[derive(Clone, Debug, Default)]
pub(in crate::publisher) struct SiteMoves {
    pub(super) to: Option<MovedTo>,
    /// The link of the community that this one says it continues.
    pub(super) from: Option<String>,
}

/// The community that continues this one.
#[derive(Clone, Debug)]
pub(super) struct MovedTo {
    link: CommunityLink,
    /// When the first charter that names it was signed, by its own date.
    pub(super) named: Timestamp,
    /// One key was enough to sign that.
    by_one_key: bool,
}

impl SiteMoves {
    pub(in crate::publisher) fn of(chain: &Chain, now: Timestamp) -> Self {
        let charter = chain.in_force(now);
        let to = old_side(chain, now).map(|(next, follow)| {
            let link = CommunityLink::new(SignedId::from_bytes(*next.community.as_bytes()), Exposure::Open);
            // An address for which a link has no room is left out.
            let link = next.homes.iter().fold(link, |link, home| link.clone().with_mirror(&home.url).unwrap_or(link));
            let named = named_at(chain, now).unwrap_or(charter.issued);
            MovedTo { link, named, by_one_key: follow == Follow::Asked }
        });
        let before = charter.predecessor.map(|id| SignedId::from_bytes(*id.as_bytes()));
        Self { to, from: before.map(|id| CommunityLink::new(id, Exposure::Open).to_string()) }
    }
}

impl MovedTo {
    /// What the page and the feed say.
    pub(super) fn sentence(&self, language: Language) -> String {
        let day = sentences::day(language, self.named.to_zoned(TimeZone::UTC).date());
        sentences::site_moved(language, &day, self.by_one_key)
    }

    /// The link of the new community.
    pub(super) fn link(&self) -> String {
        self.link.to_string()
    }

    /// The id of the new community.
    pub(super) fn id(&self) -> String {
        self.link.id().to_string()
    }

    /// Where a browser reads the new community.
    pub(super) fn pages(&self) -> Vec<String> {
        self.link.mirrors().iter().map(ToString::to_string).collect()
    }
}
