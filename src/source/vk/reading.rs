//! One reading: the community, its posts, its gatherings.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::api::{Api, CallError};
use super::markup::Rendered;
use super::platform::platform;
use super::post::{AttachedEvent, Wall};
use super::{errors, event, group, judge, lenient, post};
use crate::community::{self, Community, CommunityId, CommunityState, Event, EventStatus, Home, Post, VkHome};
use crate::fetch::FetchError;
use crate::reach::Finding;
use crate::source::{Content, ReadOptions, SourceNote};

/// Reads a community. `None`: VK's answer names none.
pub(super) async fn read(home: &VkHome, how: &ReadOptions, api: &mut Api<'_>) -> Result<Option<Content>, CallError> {
    let asked = match home {
        VkHome::Id(id) => id.to_string(),
        VkHome::Name(name) => name.clone(),
    };
    let call = api.call("groups.getById", &[("group_id", asked), ("fields", group::FIELDS.to_owned())]).await;
    let (response, reached_by) = match call {
        // The name is the only part of the request that a person typed.
        Err(CallError::Vk(error)) if error.blames_the_name() => return Ok(None),
        call => call?,
    };
    let groups = group::groups(&response);
    let wanted = |group: &&&Value| match home {
        VkHome::Id(id) => group::id(group) == Some(*id),
        VkHome::Name(_) => true,
    };
    let Some(group) = groups.iter().find(wanted).copied() else {
        if !groups.is_empty() {
            // The answer is about another community than the one that was asked for.
            return Err(CallError::Answer);
        }
        // An unreadable answer without a community says nothing about the community.
        return if response == Value::Bool(false) || group::are_listed(&response) {
            Ok(None)
        } else {
            Err(CallError::Answer)
        };
    };
    let Some(id) = group::id(group) else { return Ok(None) };
    let mut content = Content::new(group::community(group, id, how.at), reached_by);
    put_first(&mut content.community, home);
    content.notes.extend(group::unknown_state(group));
    if group::is_odd(group) {
        content.notes.push(SourceNote::CommunityPart { platform: platform() });
    }
    let mut found = FoundInPosts::default();
    if content.community.state != CommunityState::Gone {
        found = read_wall(id, group, how, api, &mut content).await?;
    }
    group::read_claims(&mut content.community, group, &found.pinned);
    // Other communities' pages are no evidence about this one: VK may show them where it hides it.
    let about_it = api.attempts.len();
    read_events(id, group, found.events, how, api, &mut content).await;
    api.attempts.truncate(about_it);
    community::newest_first(&mut content.posts);
    community::by_start(&mut content.events);
    Ok(Some(content))
}

/// Puts the home that was read first.
fn put_first(community: &mut Community, home: &VkHome) {
    let home = Home::Vk(home.clone());
    community.homes.retain(|known| *known != home);
    community.homes.insert(0, home);
}

/// Parts of the posts that belong to other parts of the content.
#[derive(Default)]
struct FoundInPosts {
    /// Gatherings attached to posts.
    events: Vec<AttachedEvent>,
    pinned: Vec<Rendered>,
}

/// Reads as many posts as are wanted. Only a refused token ends the reading: a community without its posts is still
/// worth showing.
async fn read_wall(
    id: u64,
    group: &Value,
    how: &ReadOptions,
    api: &mut Api<'_>,
    content: &mut Content,
) -> Result<FoundInPosts, CallError> {
    let mut wanted = how.posts.min(MAX_POSTS);
    let (mut offset, mut odd, mut torn, mut hidden) = (0, 0, 0, 0);
    let mut found = FoundInPosts::default();
    while content.posts.len() < wanted && offset < MAX_POSTS {
        if api.ran_out() {
            content.truncated = true;
            break;
        }
        let count = (wanted - content.posts.len()).min(post::PAGE);
        let parameters = [
            ("owner_id", format!("-{id}")),
            ("offset", offset.to_string()),
            ("count", count.to_string()),
            ("extended", "1".to_owned()),
        ];
        let wall = match api.call("wall.get", &parameters).await {
            Ok((response, _)) => post::wall(&response, Some(id), group::pinned_post(group), Some(how.at)),
            Err(error) if error.is_auth() => return Err(error),
            Err(_) if api.ran_out() => {
                content.truncated = true;
                break;
            }
            // A name above a wall that is hidden on every route is not the community.
            Err(error) if error.is_notice() && content.posts.is_empty() => return Err(error),
            Err(error) => {
                content.notes.push(unread(group, error, &mut content.community, how.at));
                break;
            }
        };
        let Wall { posts, odd: odd_here, torn: torn_here, hidden: hidden_here, fault, seen, total, events, pinned } =
            wall;
        odd += odd_here;
        torn += torn_here;
        hidden += hidden_here;
        offset += seen;
        for post in posts {
            // A new post moves the others down a page, so the same one may come twice.
            if content.posts.len() < wanted && !content.posts.iter().any(|known| known.id == post.id) {
                content.posts.push(post);
            }
        }
        found.events.extend(events);
        found.pinned.extend(pinned);
        let last = total.is_some_and(|total| offset as u64 >= total);
        if seen < count || last {
            let missing = total.filter(|_| !last).map(|announced| SourceNote::PostsMissing {
                announced,
                given: offset as u64,
                platform: platform(),
            });
            content.notes.extend(missing.or(fault));
            break;
        }
        if how.since.is_some_and(|since| !reaches_back(&content.posts, since)) {
            wanted = MAX_POSTS.min(content.posts.len() + post::PAGE);
        }
    }
    content.notes.extend((odd > 0).then_some(SourceNote::PostsOdd { count: odd }));
    content.notes.extend((torn > 0).then_some(SourceNote::PostsTorn { count: torn }));
    content.notes.extend((hidden > 0).then_some(SourceNote::PostsWithheld { count: hidden, platform: platform() }));
    Ok(found)
}

/// Whether there is a post of this time or an older one. A pinned post may have any time.
fn reaches_back(posts: &[Post], since: Timestamp) -> bool {
    posts.iter().any(|post| !post.pinned && post.created.is_some_and(|created| created <= since))
}

/// Reads the gatherings: the community itself if it is one, those attached to its posts, and those that it links to.
async fn read_events(
    id: u64,
    group: &Value,
    attached: Vec<AttachedEvent>,
    how: &ReadOptions,
    api: &mut Api<'_>,
    content: &mut Content,
) {
    if group::is_event(group) {
        let event = with_address(id, group, how, api, &mut content.notes).await;
        content.events.push(event);
    }
    if content.community.state == CommunityState::Gone {
        return;
    }
    let links = content.community.links.iter().chain(content.posts.iter().flat_map(|post| &post.links));
    let linked = group::linked_events(links.map(|link| link.url.clone()).chain(group::links_in_description(group)));
    let mut ids: Vec<u64> = Vec::new();
    for other in attached.iter().map(|attached| attached.id).chain(linked) {
        if other != id && !ids.contains(&other) && ids.len() < MAX_EVENTS {
            ids.push(other);
        }
    }
    if ids.is_empty() {
        return;
    }
    let batch = ids.iter().map(u64::to_string).collect::<Vec<_>>().join(",");
    let response = match api.call("groups.getById", &[("group_ids", batch), ("fields", group::FIELDS.to_owned())]).await
    {
        // Here `null` is a call that failed, which is already noted.
        Ok((Value::Null, _)) => Value::Bool(false),
        Ok((response, _)) => response,
        Err(_) if api.ran_out() => {
            content.truncated = true;
            Value::Null
        }
        Err(error) => {
            content.notes.push(SourceNote::EventsUnread { error: Arc::new(error.into_source_error()) });
            Value::Null
        }
    };
    if !response.is_null() && !group::are_listed(&response) {
        content.notes.push(SourceNote::EventsAbsent { platform: platform() });
    }
    let groups = group::groups(&response);
    let caller = event::of_community(id, content.community.name.clone());
    for other in ids {
        let told = groups.iter().find(|group| group::id(group) == Some(other)).copied();
        let hanging = attached.iter().filter(|attached| attached.id == other);
        // The wall's order is not that of time: a pinned post comes first.
        let hanging = hanging.rev().max_by_key(|attached| attached.posted).map(|attached| &attached.body);
        // VK does not always say that a deleted page was a gathering; the link said so.
        let is_told = |group: &&Value| group::is_event(group) || group::is_gone(group);
        let mut event = match (told.filter(is_told), hanging) {
            (Some(group), _) => with_address(other, group, how, api, &mut content.notes).await,
            (None, Some(body)) => event::of_attachment(body, other),
            (None, None) => continue,
        };
        if let Some(body) = hanging {
            fill_in(&mut event, event::of_attachment(body, other));
        }
        event.organiser.get_or_insert_with(|| caller.clone());
        content.events.push(event);
    }
}

/// Fills in what an attachment says and the group's page does not. Only the page itself can say that it was removed.
/// An attachment that states another time is of a version before the gathering was moved: it fills in nothing.
fn fill_in(event: &mut Event, attached: Event) {
    let (status, status_seen) = (event.status, event.status_seen);
    let hint = event.mentions_cancellation || attached.mentions_cancellation;
    let starts = event.start.zip(attached.start);
    if starts.is_none_or(|(own, attached)| own.timestamp() == attached.timestamp()) {
        *event = attached.merge(std::mem::replace(event, Event::new(CommunityId::vk(0), "")));
    }
    (event.status, event.status_seen, event.mentions_cancellation) = (status, status_seen, hint);
    if event.status == EventStatus::Unknown {
        event.status = event::dated(event);
    }
}

/// A gathering, with the address that its group names only by number.
async fn with_address(
    id: u64,
    group: &Value,
    how: &ReadOptions,
    api: &mut Api<'_>,
    notes: &mut Vec<SourceNote>,
) -> Event {
    let Some(address) = event::untold_address(group) else { return event::of_group(group, id, None, how.at) };
    let parameters = [("group_id", id.to_string()), ("address_ids", address.to_string())];
    match api.call("groups.getAddresses", &parameters).await {
        Ok((response, _)) => {
            let addresses = lenient::list(lenient::get(&response, "items"));
            if addresses.is_empty() {
                notes.push(SourceNote::AddressAbsent { platform: platform() });
            }
            event::of_group(group, id, addresses.first().copied(), how.at)
        }
        Err(error) => {
            notes.push(SourceNote::AddressUnread { error: Arc::new(error.into_source_error()) });
            event::of_group(group, id, None, how.at)
        }
    }
}

/// Why there are no posts, and what that says about the community.
fn unread(group: &Value, error: CallError, community: &mut Community, at: Timestamp) -> SourceNote {
    match &error {
        CallError::Fetch(FetchError::Unreached { finding: Some(Finding::PlatformBlocked(statement)) }) => {
            community.restrict(judge::restriction(statement));
        }
        CallError::Vk(error) if error.class() == errors::Class::Gone => community.set_gone(at),
        _ => {}
    }
    SourceNote::PostsUnread { closed: group::is_closed(group), error: Arc::new(error.into_source_error()) }
}

/// More than a person scrolls at once, and as much as fits comfortably into a phone's memory.
const MAX_POSTS: usize = 1_000;

/// Gatherings of one reading.
const MAX_EVENTS: usize = 25;
