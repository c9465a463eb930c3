//! `byway follow`: where a kept community moved, and the user's yes or no.

use byway::community::CommunityId;
use byway::{Byway, Language, OpenFault};

use super::open;
use crate::args::Options;
use crate::exit::Exit;
use crate::named::Named;
use crate::people::People;
use crate::plain::line;
use crate::screen::{Screen, say};
use crate::setup;
use crate::words;
use crate::wrong::{Wrong, of_store};

pub(crate) async fn run(id: &str, yes: bool, stay: bool, options: &Options) -> Result<Exit, Wrong> {
    let language: Language = options.lang.into();
    let people = People::new(Screen::of_process(options.json), language);
    let byway = setup::byway_of_kept(options).await?;
    let Some(known) = kept(&byway, id, language).await? else {
        say(&format!("{} {}", words::NOT_KEPT.in_(language), line(id)));
        return Ok(Exit::NotReached);
    };
    if stay {
        let is_decided = byway.stay(&known).await.map_err(of_store(language))?;
        say(if is_decided { words::STAYS } else { words::NOTHING_TO_DECIDE }.in_(language));
        return Ok(Exit::Reached);
    }
    let opened = if yes { byway.follow(&known).await } else { byway.successor(&known).await };
    // It is kept, so what is missing is a successor.
    if matches!(&opened, Err(error) if matches!(error.fault, OpenFault::NotStored)) && !options.json {
        say(&format!("{} {}", words::NO_SUCCESSOR.in_(language), line(id)));
        return Ok(Exit::NotReached);
    }
    open::ended(opened, options, &people)
}

/// The id of the kept community that is named.
async fn kept(byway: &Byway, id: &str, language: Language) -> Result<Option<CommunityId>, Wrong> {
    let named = Named::of(id);
    let all = byway.communities().await.map_err(of_store(language))?;
    Ok(all.into_iter().map(|kept| kept.community).find(|community| named.is(community)).map(|community| community.id))
}
