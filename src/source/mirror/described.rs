//! What a charter says about a community, in the model's words.

use crate::community::{Claim, Community, CommunityId, Field, Home, Link, Restriction, shown_line, shown_text};
use crate::signed::{Charter, HomeKind};

/// What a charter says about a community that is read at this home, if at one.
pub(super) fn described(mut community: Community, charter: &Charter, home: Option<&Home>) -> Community {
    community.description = Some(shown_text(&charter.description)).filter(|text| !text.is_empty());
    let of = |kind| charter.homes.iter().filter(move |home| home.kind == kind);
    let others = of(HomeKind::Mirror).filter_map(|home| mirror_home(&home.url, &community.id));
    let others: Vec<Home> = others.filter(|known| Some(known) != home).collect();
    community.homes = home.cloned().into_iter().chain(others).collect();
    // Anyone's charter can name anyone's page. So a page is a link, and no address at which this community is read.
    community.links = of(HomeKind::Page).map(|home| Link::new(&home.url, None)).collect();
    if let Some(successor) = &charter.successor
        && let Some(next) = successor.community.community_id()
    {
        let homes = successor.homes.iter().filter(|home| home.kind == HomeKind::Mirror);
        let home = homes.filter_map(|home| mirror_home(&home.url, &next)).next();
        community.successor = home.map(|home| Claim::new(home, Field::Elsewhere, next.to_string()));
    }
    for known in &charter.restrictions {
        let mut restriction = Restriction::new(shown_text(&known.text), Restriction::OWN_WORD);
        restriction.jurisdiction = known.jurisdiction.as_deref().map(shown_line);
        restriction.authority = known.authority.as_deref().map(shown_line);
        restriction.number = known.number.as_deref().map(shown_line);
        restriction.date = known.date.as_deref().and_then(|date| date.parse().ok());
        community.restrict(restriction);
    }
    community
}

/// The mirror of a community at this address. `None` if nothing signed can be read there.
pub(crate) fn mirror_home(address: &str, community: &CommunityId) -> Option<Home> {
    let home: Home = format!("{address}#{community}").parse().ok()?;
    home.signed_community().is_some().then_some(home)
}
