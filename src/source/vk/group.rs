//! Reads a community from `groups.getById`.

use jiff::Timestamp;
use serde_json::Value;

use super::lenient::{count, get, integer, is_list, line, list, raw, text, web_url};
use super::markup::{Rendered, render};
use super::platform::platform;
use crate::community::{Community, CommunityId, Field, Home, Link, Members, Restriction, VkHome};
use crate::source::claims::{self, Claims};
use crate::source::{SourceNote, advice, notice};

/// Fields that are requested in addition to those that always come.
pub(super) const FIELDS: &str = "description,status,members_count,links,addresses,place,site,start_date,finish_date,contacts,\
                                 is_closed,deactivated,wiki_page,screen_name,fixed_post,main_section,city,country,ban_info";

/// The communities of a response, in the shapes of three API versions: a list (up to 5.131), `{groups, profiles}` and
/// `{items}`.
pub(super) fn groups(response: &Value) -> Vec<&Value> {
    let inside = ["groups", "items"].iter().map(|key| list(get(response, key))).find(|groups| !groups.is_empty());
    let groups = inside.unwrap_or_else(|| {
        // A single object is a list that lost its brackets.
        if response.get("id").is_some() { vec![response] } else { list(response) }
    });
    groups.into_iter().filter(|group| id(group).is_some()).collect()
}

/// Whether a response is a list of communities, even an empty one. A list that holds only other things is not.
pub(super) fn are_listed(response: &Value) -> bool {
    let lists = [get(response, "groups"), get(response, "items"), response];
    let Some(list_) = lists.into_iter().find(|value| is_list(value)) else { return id(response).is_some() };
    let listed = list(list_);
    // Without any other shape, an empty object is an answer that lost its members.
    !(listed.is_empty() && list_.is_object()) && (listed.is_empty() || listed.iter().any(|group| id(group).is_some()))
}

/// The number of the community.
pub(super) fn id(group: &Value) -> Option<u64> {
    integer(get(group, "id"))
        .or_else(|| integer(get(group, "gid")))
        .map(i64::unsigned_abs)
        .filter(|id| Home::vk_id(*id).is_some())
}

/// Whether it is a gathering.
pub(super) fn is_event(group: &Value) -> bool {
    get(group, "type").as_str() == Some("event")
}

/// Whether VK says that it was deleted or banned.
pub(super) fn is_gone(group: &Value) -> bool {
    matches!(get(group, "deactivated").as_str(), Some("deleted" | "banned"))
}

/// A line that the community states; not the text that VK puts in its place for a deactivated community.
pub(super) fn own_line(group: &Value, key: &str) -> Option<String> {
    line(get(group, key), MAX_LINE).filter(|text| !is_placeholder(group, text))
}

/// The same for a text.
pub(super) fn own_text(group: &Value, key: &str, limit: usize) -> Option<String> {
    text(get(group, key), limit).filter(|text| !is_placeholder(group, text))
}

fn is_placeholder(group: &Value, text: &str) -> bool {
    let deactivated = line(get(group, "deactivated"), MAX_LINE).is_some_and(|state| state != "0");
    let low = text.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase().replace('ё', "е");
    notice::is_whole(text) || deactivated && PLACEHOLDERS.contains(&low.as_str())
}

/// Whether a field that holds text holds something else.
pub(super) fn is_odd(group: &Value) -> bool {
    ["name", "description", "status"].iter().any(|key| get(group, key).is_array() || get(group, key).is_object())
        || ["start_date", "finish_date"]
            .iter()
            .any(|key| !get(group, key).is_null() && integer(get(group, key)).is_none())
}

/// VK's word for its state, if that is neither "deleted" nor "banned": no reason to call it gone.
pub(super) fn unknown_state(group: &Value) -> Option<SourceNote> {
    let state = line(get(group, "deactivated"), MAX_LINE).filter(|state| !is_gone(group) && state != "0")?;
    Some(SourceNote::UnknownState { state, platform: platform() })
}

/// Whether it shows its posts to members only.
pub(super) fn is_closed(group: &Value) -> bool {
    integer(get(group, "is_closed")).is_some_and(|closed| closed > 0)
}

/// The post that stands above the others.
pub(super) fn pinned_post(group: &Value) -> Option<i64> {
    integer(get(group, "fixed_post")).filter(|id| *id > 0)
}

/// The community. [`read_claims`] fills in its claims once its posts are read.
pub(super) fn community(group: &Value, id: u64, at: Timestamp) -> Community {
    let screen_name = line(get(group, "screen_name"), MAX_LINE);
    // If VK states no name, the number is used, and everyone can see that it is not a name.
    let name = own_line(group, "name").or_else(|| CommunityId::vk(id).stand_in());
    let mut community = Community::new(CommunityId::vk(id), name.unwrap_or_default());
    community.status = own_text(group, "status", MAX_LINE).map(|status| render(&status, MAX_LINE).text);
    community.description = own_text(group, "description", MAX_TEXT).map(|text| render(&text, MAX_TEXT).text);
    community.members = count(get(group, "members_count")).map(|count| Members::new(count, at));
    if is_gone(group) {
        community.set_gone(at);
    }
    let named = screen_name.as_deref().and_then(|name| format!("https://vk.com/{name}").parse().ok());
    community.homes.extend(named);
    if let Some(numbered) = Home::vk_id(id).filter(|home| !community.homes.contains(home)) {
        community.homes.push(numbered);
    }
    community.screen_name = screen_name;
    community.links = links(group);
    community
}

/// Fills in access advice and claims, from the field where a change appears first to the one that is changed last.
pub(super) fn read_claims(community: &mut Community, group: &Value, pinned: &[Rendered]) {
    let screen_name = community.screen_name.as_deref().map(str::to_ascii_lowercase);
    let number = id(group);
    let own = move |home: &Home| match home {
        Home::Vk(VkHome::Id(id)) => Some(*id) == number,
        Home::Vk(VkHome::Name(name)) => Some(name) == screen_name.as_ref(),
        _ => false,
    };
    let fields = [
        (Field::Status, "status", MAX_LINE),
        (Field::Name, "name", MAX_LINE),
        (Field::Description, "description", MAX_TEXT),
    ];
    let mut found = Claims::default();
    let mut advice = Vec::new();
    for (field, key, limit) in fields {
        let text = raw(get(group, key)).unwrap_or_default();
        let rendered = render(&text, limit);
        advice.extend(advice::find(&rendered.text, field));
        found = found.or(rendered.claims(field, &own));
        tell_restriction(community, &rendered);
        if field == Field::Status {
            for post in pinned {
                found = found.or(post.claims(Field::PinnedPost, &own));
            }
        }
    }
    for link in &community.links {
        found = found.or(claims::of_link(&link.url, link.text.as_deref().unwrap_or_default(), &own));
    }
    for advice in advice {
        if !community.access_advice.iter().any(|known| known.kind == advice.kind) {
            community.access_advice.push(advice);
        }
    }
    community.successor = found.successor;
    community.predecessor = found.predecessor;
}

/// Records what a community says in its own words about being blocked, as its own statement. The platform shows the
/// community, so this does not make it a restricted one. If the text names another page, the notice may be about that
/// page.
fn tell_restriction(community: &mut Community, text: &Rendered) {
    if !text.links.is_empty() || notice::is_whole(&text.text) {
        return;
    }
    let said = notice::find(&text.text, Restriction::OWN_WORD).filter(|said| said.jurisdiction.is_some());
    if let Some(said) = said.filter(|said| !community.restrictions.contains(said)) {
        community.restrictions.push(said);
    }
}

/// The links next to the description, and the site.
fn links(group: &Value) -> Vec<Link> {
    let mut links: Vec<Link> = Vec::new();
    let site = raw(get(group, "site")).and_then(|site| web_url(&site)).map(|url| Link::new(url, None));
    let shown = list(get(group, "links")).into_iter().take(MAX_LINKS).filter_map(|link| {
        let url = raw(get(link, "url")).and_then(|url| web_url(&url))?;
        let words: Vec<_> = ["name", "desc"].iter().filter_map(|key| line(get(link, key), MAX_LINE)).collect();
        Some(Link::new(url, (!words.is_empty()).then(|| words.join(": "))))
    });
    for link in shown.chain(site) {
        if !links.iter().any(|known| known.url == link.url) {
            links.push(link);
        }
    }
    links
}

/// The links in its description.
pub(super) fn links_in_description(group: &Value) -> impl Iterator<Item = String> {
    let description = raw(get(group, "description")).unwrap_or_default();
    render(&description, MAX_TEXT).links.into_iter().map(|found| found.url)
}

/// Events that the community links to, by number. Only links that contain `event` are followed up.
pub(super) fn linked_events(links: impl Iterator<Item = String>) -> Vec<u64> {
    let mut ids = Vec::new();
    for url in links {
        let Some(page) = url.rsplit('/').next().map(|page| page.split(['?', '#']).next().unwrap_or_default()) else {
            continue;
        };
        let number = page.strip_prefix("event").and_then(|digits| digits.parse::<u64>().ok());
        let home = url.parse::<Home>().ok();
        if let (Some(number), Some(Home::Vk(VkHome::Id(id)))) = (number, home)
            && number == id
            && !ids.contains(&id)
        {
            ids.push(id);
        }
    }
    ids
}

/// What VK shows instead of a name or text of a community that no longer exists.
const PLACEHOLDERS: &[&str] = &[
    "deleted",
    "banned",
    "blocked",
    "community deleted",
    "community blocked",
    "deleted community",
    "blocked community",
    "this community has been blocked",
    "this community has been deleted",
    "удалено",
    "заблокировано",
    "удаленное сообщество",
    "сообщество удалено",
    "сообщество заблокировано",
    "сообщество удалено или заблокировано",
    "группа удалена",
    "группа заблокирована",
    "страница удалена",
    "страница заблокирована",
];

const MAX_LINE: usize = 500;
const MAX_TEXT: usize = 20_000;
const MAX_LINKS: usize = 100;
