//! `byway sync`: reads what is new in every community that is kept, or in one of them.

use byway::community::{Community, CommunityId};
use byway::{Byway, Exposure, HomeLink, Language, StoredCommunity, SyncLimits, Synced, SyncedCommunity};

use crate::args::Options;
use crate::exit::Exit;
use crate::named::Named;
use crate::people::{News, People};
use crate::plain::line;
use crate::screen::{self, Screen, say};
use crate::wrong::{Wrong, of_store};
use crate::{document, setup, watching, words};

pub(crate) async fn run(id: Option<&str>, bytes: Option<&str>, options: &Options) -> Result<Exit, Wrong> {
    let language: Language = options.lang.into();
    let limits = limits(bytes, options, language)?;
    if options.routes.allow_direct {
        return Err(Wrong(format!("--allow-direct: {}", words::SYNC_ONE_DIRECT.in_(language))));
    }
    let screen = Screen::of_process(options.json);
    let people = People::new(screen, language);
    let byway = setup::byway_of_kept(options).await?;

    let kept = byway.communities().await.map_err(of_store(language))?;
    let link = id.and_then(|id| id.parse::<HomeLink>().ok());
    let named = id.map(Named::of);
    let is_wanted = |kept: &StoredCommunity| named.as_ref().is_none_or(|named| named.is(&kept.community));
    let wanted: Vec<StoredCommunity> = kept.into_iter().filter(is_wanted).collect();
    // An exposure in the link counts before anything is sent, for every home of a signed community.
    let mut raised: Vec<HomeLink> = link.into_iter().collect();
    if let Some(exposure) = named.as_ref().map(Named::exposure) {
        let homes = wanted.iter().flat_map(|kept| kept.community.homes.iter().cloned());
        raised.extend(homes.map(|home| HomeLink::new(home, exposure)));
    }
    for link in raised.iter().filter(|link| link.exposure > Exposure::Open) {
        byway.raise_exposure(link).await.map_err(of_store(language))?;
    }
    let ids: Vec<CommunityId> = wanted.iter().map(|kept| kept.community.id.clone()).collect();
    // Nothing is sent for a community that is not kept: to read it for the first time is what `byway open` is for.
    if let Some(id) = id.filter(|_| ids.is_empty()) {
        if options.json {
            document::print(&byway.sync_once(&[], limits).await);
        } else {
            say(&format!("{} {}", words::NOT_KEPT.in_(language), line(id)));
        }
        return Ok(Exit::NotReached);
    }
    let reading = format!("{} ({}) …", words::SYNCING.in_(language), ids.len());
    let synced = watching::beside(&byway, screen, options, &reading, byway.sync_once(&ids, limits)).await;
    if options.json {
        document::print(&synced);
    } else {
        show(&synced, &wanted, &byway, &people).await;
    }
    Ok(Exit::of_synced(&synced))
}

/// `before`: the communities as they were kept.
async fn show(synced: &Synced, before: &[StoredCommunity], byway: &Byway, people: &People) {
    if synced.communities.is_empty() {
        screen::out(format!("{}\n", people.word(words::NOTHING_KEPT)).as_bytes());
        return;
    }
    let mut text = String::new();
    for one in &synced.communities {
        let before = before.iter().map(|kept| &kept.community).find(|community| community.id == one.id);
        let news = news(one, before, byway).await;
        text.push_str(&people.synced(one, &news));
        text.push('\n');
    }
    text.push_str(&people.synced_in_all(synced));
    screen::out(text.as_bytes());
}

/// What a screen shows of a community that was read. The rest is what `byway show` is for. If the store fails at this
/// moment, the result is shown without it.
async fn news(one: &SyncedCommunity, before: Option<&Community>, byway: &Byway) -> News {
    let SyncedCommunity { id, changes, .. } = one;
    let mut news = News { name: id.to_string(), ..News::default() };
    if let Some(now) = byway.community(id).await.ok().flatten().map(|kept| kept.community) {
        let named = |community: &Community| community.successor.as_ref().map(|claim| claim.home.clone());
        let successor = named(&now);
        let is_new = successor.is_some() && before.is_none_or(|before| named(before) != successor);
        news.successor = successor.filter(|_| is_new);
        news.says_more = before.is_none_or(|before| {
            let mut before = before.clone();
            before.successor.clone_from(&now.successor);
            before != now
        });
        news.name = now.name;
    }
    for post in changes.posts.added.iter().take(SHOWN) {
        news.posts.extend(byway.post(id, post).await.ok().flatten());
    }
    for event in changes.events.added.iter().take(SHOWN) {
        news.events.extend(byway.event(id, event).await.ok().flatten());
    }
    news
}

fn limits(bytes: Option<&str>, options: &Options, language: Language) -> Result<SyncLimits, Wrong> {
    let mut limits = SyncLimits::default();
    if let Some(text) = &options.routes.timeout {
        limits.deadline = setup::timeout(text, language)?;
    }
    if let Some(text) = bytes {
        let wrong = || Wrong(format!("--bytes: `{text}`: {}", words::NO_SIZE.in_(language)));
        limits.bytes = size(text).ok_or_else(wrong)?;
    }
    Ok(limits)
}

/// `2000000`, `500k` or `20M`.
fn size(text: &str) -> Option<u64> {
    let (number, unit) = match text.strip_suffix(['k', 'K']) {
        Some(number) => (number, 1024),
        None => text.strip_suffix(['m', 'M']).map_or((text, 1), |number| (number, 1024 * 1024)),
    };
    // `parse` would also take a sign.
    let is_number = number.bytes().all(|b| b.is_ascii_digit());
    number.parse::<u64>().ok().filter(|number| is_number && *number > 0)?.checked_mul(unit)
}

/// How many of the new posts and events of a community are shown.
const SHOWN: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_bytes_unless_they_say_otherwise() {
        for (text, bytes) in [("1", 1), ("2000000", 2_000_000), ("500k", 512_000), ("20M", 20 * 1024 * 1024)] {
            assert_eq!(size(text), Some(bytes), "{text}");
        }
        for text in
            ["", "0", "0k", "k", "M", "-1", "+1", "1.5M", "1G", "1 k", "99999999999999999999", "99999999999999M"]
        {
            assert_eq!(size(text), None, "{text}");
        }
    }
}
