//! `byway search`: searches everything that is kept for the words of a query.

use byway::{Cursor, Language, ListPage, SearchHit};

use super::show;
use crate::args::ListArgs;
use crate::exit::Exit;
use crate::people::People;
use crate::plain::line;
use crate::screen::{self, Screen, say};
use crate::setup;
use crate::shown::doubts;
use crate::wrong::{Wrong, of_store};
use crate::{document, words};

pub(crate) fn run(
    query: &str,
    community: Option<&str>,
    limit: usize,
    after: Option<&str>,
    list: &ListArgs,
) -> Result<Exit, Wrong> {
    let language: Language = list.lang.into();
    if query.trim().is_empty() {
        return Err(Wrong(words::NO_QUERY.in_(language).to_owned()));
    }
    let store = setup::existing_store(&list.data, language)?;
    let scope = match community {
        None => None,
        Some(id) => match show::find(&store, id, language)? {
            Some(kept) => Some(kept.community.id),
            None => {
                if list.json {
                    document::print(&document::SearchDocument::default());
                } else {
                    say(&format!("{} {}", words::NOT_KEPT.in_(language), line(id)));
                }
                return Ok(Exit::NotReached);
            }
        },
    };
    let found: ListPage<SearchHit> =
        store.search(query, scope.as_ref(), after.map(Cursor::new).as_ref(), limit).map_err(of_store(language))?;
    if list.json {
        document::print(&document::SearchDocument::of(&found));
    } else {
        let communities = store.communities().map_err(of_store(language))?;
        let doubts = doubts(&store, &communities, language)?;
        let people = People::new(Screen::of_process(false), language);
        screen::out(people.found(&found, &communities, &doubts).as_bytes());
    }
    Ok(Exit::Reached)
}
