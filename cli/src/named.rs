//! The kept community that a person names: by its id, a link to one of its homes, or the link of a signed community in any form.

use byway::community::{Community, CommunityId, Home};
use byway::{CommunityLink, Exposure, HomeLink, SignedId};

/// What a person typed or pasted to name a community.
pub(crate) struct Named {
    id: Option<CommunityId>,
    home: Option<Home>,
    signed: Option<CommunityLink>,
}

impl Named {
    /// Reads all that the text may be.
    pub(crate) fn of(text: &str) -> Self {
        let signed = signed_link(text);
        let id = signed.as_ref().and_then(|link| format!("byway:{}", link.id()).parse().ok());
        // The address of a signed community's mirror counts by the community's id alone.
        let home = text.parse::<HomeLink>().ok().map(|link| link.home).filter(|_| signed.is_none());
        Self { id: id.or_else(|| text.parse().ok()), home, signed }
    }

    /// Whether this community is meant.
    pub(crate) fn is(&self, community: &Community) -> bool {
        self.id.as_ref().is_some_and(|id| *id == community.id)
            || self.home.as_ref().is_some_and(|home| community.homes.contains(home))
    }

    /// The exposure that the link of a signed community asks for.
    pub(crate) fn exposure(&self) -> Exposure {
        self.signed.as_ref().map_or(Exposure::Open, CommunityLink::exposure)
    }

    /// The id, where the text has one.
    pub(crate) fn id(&self) -> Option<&CommunityId> {
        self.id.as_ref()
    }

    /// The home, where the text is a link to one.
    pub(crate) fn home(&self) -> Option<&Home> {
        self.home.as_ref()
    }

    /// The link of a signed community that names no mirror, with the mirrors at which the community is kept.
    pub(crate) fn with_kept_mirrors(&self, community: &Community) -> Option<CommunityLink> {
        let link = self.signed.as_ref().filter(|link| link.mirrors().is_empty())?;
        let fragment = format!("#byway:{}", link.id());
        let mirrors =
            community.homes.iter().filter_map(|home| Some(home.to_string().strip_suffix(&fragment)?.to_owned()));
        // A mirror for which there is no room is left out.
        let link = mirrors.fold(link.clone(), |link, mirror| link.clone().with_mirror(&mirror).unwrap_or(link));
        Some(link).filter(|link| !link.mirrors().is_empty())
    }
}

/// The link of a signed community: as `byway community link` prints it, its web form, or the id alone in any case.
pub(crate) fn signed_link(text: &str) -> Option<CommunityLink> {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    let id = || lower.strip_prefix("byway:").unwrap_or(&lower).parse::<SignedId>().ok();
    text.parse().ok().or_else(|| Some(CommunityLink::new(id()?, Exposure::Open)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_signed_community_is_found_by_every_form_of_its_link() {
        let id = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let home: Home = format!("https://zavod.example/#byway:{id}").parse().unwrap();
        let mut community = Community::new(format!("byway:{id}").parse().unwrap(), "Zavod");
        community.homes = vec![home];
        let upper = id.to_ascii_uppercase();
        for text in [
            id.to_owned(),
            upper.clone(),
            format!("byway:{id}"),
            format!("BYWAY:{upper}"),
            format!("byway:{id}?exposure=tor&mirror=elsewhere.example/"),
            format!("https://zavod.example/#byway:{id}"),
            format!("https://other.example/#byway:{id}?mirror=other.example/"),
        ] {
            assert!(Named::of(&text).is(&community), "{text}");
        }
        for text in ["vk.com/zavod", "zavod.example", &format!("byway:{}", id.replace('b', "c")), "", "byway:"] {
            assert!(!Named::of(text).is(&community), "{text}");
        }
        let opened = Named::of(&format!("byway:{id}?exposure=tor")).with_kept_mirrors(&community).unwrap();
        assert_eq!(opened.to_string(), format!("byway:{id}?exposure=tor&mirror=zavod.example/"));
        assert_eq!(Named::of(&format!("byway:{id}?mirror=a.example/")).with_kept_mirrors(&community), None);
    }
}
