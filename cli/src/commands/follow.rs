//! `byway follow`: where a kept community moved, and the user's yes or no.

use byway::community::{CommunityId, Home};
use byway::{Byway, CommunityLink, HomeLink, Language};

use super::open;
use crate::args::Options;
use crate::exit::Exit;
use crate::people::People;
use crate::plain::line;
use crate::screen::{Screen, say};
use crate::setup;
use crate::words;
use crate::wrong::{Wrong, of_store};

pub(crate) async fn run(id: &str, yes: bool, stay: bool, options: &Options) -> Result<Exit, Wrong> {
    let language: Language = options.lang.into();
    let people = People::new(Screen::of_process(options.json), language);
    let byway = setup::byway(options).await?;
    let Some(known) = kept(&byway, id, language).await? else {
        say(&format!("{} {}", words::NOT_KEPT.in_(language), line(id)));
        return Ok(Exit::NotReached);
    };
    if stay {
        byway.stay(&known).await.map_err(of_store(language))?;
        return Ok(Exit::Reached);
    }
    let opened = if yes { byway.follow(&known).await } else { byway.successor(&known).await };
    open::ended(opened, options, &people)
}

/// The id of a kept community, by its id or a link to it.
async fn kept(byway: &Byway, id: &str, language: Language) -> Result<Option<CommunityId>, Wrong> {
    let home: Option<Home> = id.parse::<HomeLink>().ok().map(|link| link.home);
    let named: Option<CommunityId> = id.parse().ok();
    let signed = id.parse::<CommunityLink>().ok().and_then(|link| format!("byway:{}", link.id()).parse().ok());
    let all = byway.communities().await.map_err(of_store(language))?;
    let is_it = |community: &byway::community::Community| {
        [&named, &signed].into_iter().flatten().any(|id| *id == community.id)
            || home.as_ref().is_some_and(|home| community.homes.contains(home))
    };
    Ok(all.into_iter().map(|kept| kept.community).find(is_it).map(|community| community.id))
}
