//! `byway list`: what is kept on this device.

use byway::{Language, Standing, StoredCommunity};
use jiff::Timestamp;

use crate::args::ListArgs;
use crate::exit::Exit;
use crate::people::People;
use crate::screen::{self, Screen};
use crate::setup;
use crate::wrong::{self, Wrong};
use crate::{document, words};

pub(crate) fn run(list: &ListArgs) -> Result<Exit, Wrong> {
    let language: Language = list.lang.into();
    let store = setup::existing_store(&list.data, language)?;
    let communities = store.communities().map_err(wrong::of_store(language))?;
    let standing = |kept: StoredCommunity| {
        let standing = Standing::of(&store, &kept.community.id, Timestamp::now()).map_err(wrong::of_store(language))?;
        Ok((kept, standing))
    };
    let communities = communities.into_iter().map(standing).collect::<Result<Vec<_>, Wrong>>()?;
    if list.json {
        document::print(&document::List::of(&communities, language));
        return Ok(Exit::Reached);
    }
    let people = People::new(Screen::of_process(false), language);
    let mut text = String::new();
    for (kept, standing) in &communities {
        text.push_str(&people.kept(kept));
        text.push_str(&people.succeeded(standing));
        text.push_str(&people.doubtful(&standing.trust()));
        text.push_str(&people.homes_not_current(standing));
    }
    if communities.is_empty() {
        text = format!("{}\n", words::NOTHING_KEPT.in_(language));
    }
    screen::out(text.as_bytes());
    Ok(Exit::Reached)
}
