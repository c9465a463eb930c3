//! VKontakte, read through its API.
//!
//! A reading is two or three calls (`groups.getById`, `wall.get`, and the gatherings that these name) at no more than
//! three a second. Every call is made over whichever route works; which country that route leaves in matters, because
//! VK hides communities by country: such an answer is refuted (`judge`) and the next route is tried, and what VK
//! stated on the first becomes a [`Restriction`] of what was read on the second.
//!
//! The answers are old and wide, and nobody promises their shape: `lenient` takes what is there, `group`, `post`
//! and `event` build the model from it, and what cannot be read becomes a note. What a community says of itself is
//! looked for in its own words (`advice`, `claims`) and kept as a claim.
//!
//! A user token tells VK who reads. It is never sent for a community of exposure `tor`.

mod advice;
mod api;
mod claims;
mod config;
mod errors;
mod event;
mod group;
mod judge;
mod lenient;
mod markup;
mod post;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::num::NonZeroU32;
use std::sync::{Arc, LazyLock};

use http::HeaderValue;
use jiff::Timestamp;
use serde_json::Value;
use url::Url;

pub use config::{VkConfig, VkConfigError, VkToken};
pub use judge::VkPageJudge;

use self::api::{CallError, Calls, Sender};
use self::config::Bases;
use self::markup::Rendered;
use self::post::Wall;
use super::{
    Contacts, Content, HttpClient, Identity, Platform, ReadOptions, ReadOutcome, Source, SourceError, SourceNote,
    isolation, json,
};
use crate::community::{Community, CommunityId, CommunityState, Event, EventStatus, Home, Post, Restriction, VkHome};
use crate::exposure::Exposure;
use crate::fetch::{FetchError, RateLimit};
use crate::reach::{Attempt, Finding, Outcome};
use crate::transport::Strategy;

/// The source for homes at VKontakte.
#[derive(Debug)]
pub struct Vk {
    bases: Bases,
    token: Option<(VkToken, HeaderValue)>,
    pace: Arc<RateLimit>,
}

impl Vk {
    /// A source that asks as configured. Without a token it can be made, and reads nothing.
    ///
    /// # Errors
    /// See [`VkConfigError`].
    pub fn new(config: VkConfig) -> Result<Self, VkConfigError> {
        let VkConfig { base, token } = config;
        let token = match token {
            Some(token) => {
                config::check(&token)?;
                let header = token.header()?;
                Some((token, header))
            }
            None => None,
        };
        Ok(Self { bases: Bases::of(base.as_deref())?, token, pace: Arc::new(RateLimit::per_second(REQUESTS_A_SECOND)) })
    }

    async fn read_over(&self, home: &Home, how: &ReadOptions, http: &dyn Sender) -> ReadOutcome {
        let Home::Vk(home) = home else {
            return ReadOutcome { result: Err(SourceError::Unsupported), attempts: Vec::new() };
        };
        let Some((token, authorization)) = &self.token else {
            return ReadOutcome { result: Err(no_token()), attempts: Vec::new() };
        };
        if how.exposure == Exposure::Tor && token.names_reader() {
            return ReadOutcome { result: Err(SourceError::TokenNamesReader(platform())), attempts: Vec::new() };
        }
        let mut calls = Calls {
            http,
            bases: &self.bases,
            token,
            authorization: authorization.clone(),
            pace: &self.pace,
            exposure: how.exposure,
            avoid_direct: how.avoid_direct,
            floors: how.own_floors.clone(),
            ended: how.ended.clone(),
            isolation: isolation(&Home::Vk(home.clone())),
            allowance: how.allowance.clone(),
            until: how.until,
            idle: how.idle.clone(),
            base: 0,
            accept_notices: false,
            noticed: false,
            attempts: Vec::new(),
            notes: Vec::new(),
        };
        let result = read(home, how, &mut calls).await.map_err(CallError::into_source_error);
        let result =
            result.and_then(|content| content.ok_or_else(|| SourceError::Absent(platform()))).map(|mut content| {
                record_restrictions(&mut content.community, &calls.attempts);
                content.notes.append(&mut calls.notes);
                content
            });
        let result = match result {
            // A name with a notice under it is not the community, and neither is a notice alone.
            Ok(content) if calls.noticed && content.posts.is_empty() => content
                .community
                .restrictions
                .first()
                .cloned()
                .map_or(Ok(content), |restriction| Err(restricted(restriction))),
            Err(error @ (SourceError::Absent(_) | SourceError::Answer(_))) if calls.noticed => {
                Err(stated(&calls.attempts).map_or(error, restricted))
            }
            result => result,
        };
        if matches!(result, Err(SourceError::Restricted { .. })) {
            // The empty wall that came with the notice disproves nothing of it.
            calls.attempts.retain(|attempt| attempt.outcome != Outcome::Proven);
        }
        ReadOutcome { result, attempts: calls.attempts }
    }
}

impl Source for Vk {
    fn reads(&self, home: &Home) -> bool {
        matches!(home, Home::Vk(_))
    }

    async fn read(&self, home: &Home, how: &ReadOptions, http: &HttpClient) -> ReadOutcome {
        Box::pin(self.read_over(home, how, http.engine())).await
    }

    fn contacts(&self, _: &Home) -> Contacts {
        Contacts {
            urls: self.bases.all().to_vec(),
            platform: platform(),
            refusal: self.token.is_none().then(no_token),
            identity: match &self.token {
                None => Identity::None,
                Some((token, _)) if token.names_reader() => Identity::Reader,
                Some(_) => Identity::App,
            },
        }
    }
}

/// The posts in an answer of `wall.get`, as VK sent it: for an app that has kept one. Odd ones are left out.
///
/// # Errors
/// [`SourceError::Answer`], when it is no such answer.
#[cfg(feature = "internals")]
pub fn posts(answer: &[u8]) -> Result<Vec<Post>, SourceError> {
    let envelope = json::read(answer).ok_or_else(|| SourceError::Answer(platform()))?;
    let response = envelope.get("response").ok_or_else(|| SourceError::Answer(platform()))?;
    let wall = post::wall(response, None, None);
    if wall.fault.is_some() {
        return Err(SourceError::Answer(platform()));
    }
    Ok(wall.posts.into_iter().filter(|post| !post.is_removed_and_hollow()).collect())
}

/// All that is read out of an answer of the API, whatever it answers: for the fuzz targets.
#[cfg(feature = "fuzzing")]
pub(crate) fn read_anything(answer: &[u8]) -> Option<(Option<Community>, Vec<Post>, Vec<Event>)> {
    let envelope = json::read(answer)?;
    let response = envelope.get("response").unwrap_or(&envelope);
    let mut wall = post::wall(response, None, Some(Timestamp::UNIX_EPOCH));
    let groups = group::groups(response);
    let mut communities = Vec::new();
    let mut events = Vec::new();
    for group in &groups {
        let Some(id) = group::id(group) else { continue };
        let mut community = group::community(group, id, Timestamp::UNIX_EPOCH);
        group::read_claims(&mut community, group, &wall.pinned);
        communities.push(community);
        events.push(event::of_group(group, id, None, Timestamp::UNIX_EPOCH));
    }
    let attached = std::mem::take(&mut wall.events);
    events
        .extend(attached.into_iter().map(|(id, attached)| event::of_attachment(&attached, id, Timestamp::UNIX_EPOCH)));
    Some((communities.into_iter().next(), wall.posts, events))
}

/// The judge of the API's answers: for the fuzz targets.
#[cfg(feature = "fuzzing")]
pub(crate) fn api_judge() -> impl crate::fetch::PageJudge {
    judge::ApiJudge::default()
}

/// Reads a community; `None`: VK's answer names none.
async fn read(home: &VkHome, how: &ReadOptions, calls: &mut Calls<'_>) -> Result<Option<Content>, CallError> {
    let asked = match home {
        VkHome::Id(id) => id.to_string(),
        VkHome::Name(name) => name.clone(),
    };
    let call = calls.call("groups.getById", &[("group_id", asked), ("fields", group::FIELDS.to_owned())]).await;
    let (response, reached_by) = match call {
        // The name is all of the request that a person typed.
        Err(CallError::Vk(error)) if error.blames_the_name() => return Ok(None),
        call => call?,
    };
    let groups = group::groups(&response);
    let wanted = |group: &&&Value| matches!(home, VkHome::Id(id) if group::id(group) == Some(*id));
    let Some(group) = groups.iter().find(wanted).or(groups.first()).copied() else {
        // That no community is in what cannot be read says nothing of the community.
        return if response == Value::Bool(false) || group::are_listed(&response) {
            Ok(None)
        } else {
            Err(CallError::Answer)
        };
    };
    let Some(id) = group::id(group) else { return Ok(None) };
    let mut content = Content {
        community: group::community(group, id, how.at),
        posts: Vec::new(),
        events: Vec::new(),
        reached_by,
        notes: Vec::new(),
        truncated: false,
    };
    put_first(&mut content.community, home);
    content.notes.extend(group::unknown_state(group));
    if group::is_odd(group) {
        content.notes.push(SourceNote::CommunityPart { platform: platform() });
    }
    let mut found = Found::default();
    if content.community.state != CommunityState::Gone {
        found = read_wall(id, group, how, calls, &mut content).await?;
    }
    group::read_claims(&mut content.community, group, &found.pinned);
    // Other communities' pages are no evidence about this one: VK may show them where it hides it.
    let about_it = calls.attempts.len();
    read_events(id, group, found.events, how, calls, &mut content).await;
    calls.attempts.truncate(about_it);
    content.posts.sort_by_key(|post| Reverse(post.created));
    content.events.sort_by_key(|event| (event.start.is_none(), event.start.map(|start| start.timestamp())));
    Ok(Some(content))
}

/// The home that was read stands first.
fn put_first(community: &mut Community, home: &VkHome) {
    let home = Home::Vk(home.clone());
    community.homes.retain(|known| *known != home);
    community.homes.insert(0, home);
}

/// What posts hold for other parts of the content.
#[derive(Default)]
struct Found {
    /// Gatherings that hang on posts.
    events: Vec<(u64, Value)>,
    pinned: Vec<Rendered>,
}

/// Reads as many posts as are wanted. Only a refused token ends the reading: without its posts, a community is still
/// worth showing.
async fn read_wall(
    id: u64,
    group: &Value,
    how: &ReadOptions,
    calls: &mut Calls<'_>,
    content: &mut Content,
) -> Result<Found, CallError> {
    let mut wanted = how.posts.min(MAX_POSTS);
    let (mut offset, mut odd, mut torn, mut hidden) = (0, 0, 0, 0);
    let mut found = Found::default();
    while content.posts.len() < wanted && offset < MAX_POSTS {
        if calls.ran_out() {
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
        let wall = match calls.call("wall.get", &parameters).await {
            Ok((response, _)) => post::wall(&response, group::pinned_post(group), Some(how.at)),
            Err(error) if error.is_auth() => return Err(error),
            Err(_) if calls.ran_out() => {
                content.truncated = true;
                break;
            }
            // A name over a wall that is hidden on every way is not the community.
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
            // A new post moves the others down a page: the same one may come twice.
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

/// Whether there is a post of this time or an older one. A pinned post may be of any time.
fn reaches_back(posts: &[Post], since: Timestamp) -> bool {
    posts.iter().any(|post| !post.pinned && post.created.is_some_and(|created| created <= since))
}

/// Reads the gatherings: the community itself if it is one, those that hang on its posts, and those that it links to.
async fn read_events(
    id: u64,
    group: &Value,
    attached: Vec<(u64, Value)>,
    how: &ReadOptions,
    calls: &mut Calls<'_>,
    content: &mut Content,
) {
    if group::is_event(group) {
        let event = with_address(id, group, how, calls, &mut content.notes).await;
        content.events.push(event);
    }
    if content.community.state == CommunityState::Gone {
        return;
    }
    let links = content.community.links.iter().chain(content.posts.iter().flat_map(|post| &post.links));
    let linked = group::linked_events(links.map(|link| link.url.clone()).chain(group::links_in_description(group)));
    let mut ids: Vec<u64> = Vec::new();
    for other in attached.iter().map(|(id, _)| *id).chain(linked) {
        if other != id && !ids.contains(&other) && ids.len() < MAX_EVENTS {
            ids.push(other);
        }
    }
    if ids.is_empty() {
        return;
    }
    let batch = ids.iter().map(u64::to_string).collect::<Vec<_>>().join(",");
    let response =
        match calls.call("groups.getById", &[("group_ids", batch), ("fields", group::FIELDS.to_owned())]).await {
            // `null` stands here for a call that failed, which is noted already.
            Ok((Value::Null, _)) => Value::Bool(false),
            Ok((response, _)) => response,
            Err(_) if calls.ran_out() => {
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
        let hanging = attached.iter().find(|(id, _)| *id == other).map(|(_, body)| body);
        // Of a gathering whose page is gone VK does not always say that it was one; the link said so.
        let is_told = |group: &&Value| group::is_event(group) || group::is_gone(group);
        let mut event = match (told.filter(is_told), hanging) {
            (Some(group), _) => with_address(other, group, how, calls, &mut content.notes).await,
            (None, Some(body)) => event::of_attachment(body, other, how.at),
            (None, None) => continue,
        };
        if let Some(body) = hanging {
            fill_in(&mut event, event::of_attachment(body, other, how.at), how.at);
        }
        event.organiser.get_or_insert_with(|| caller.clone());
        content.events.push(event);
    }
}

/// What an attachment knows and the group's page does not say. That the page was removed is said by the page alone.
fn fill_in(event: &mut Event, attached: Event, at: Timestamp) {
    let (status, status_seen) = (event.status, event.status_seen);
    let hint = event.mentions_cancellation || attached.mentions_cancellation;
    *event = attached.merge(std::mem::replace(event, Event::new(CommunityId::vk(0), "")));
    (event.status, event.status_seen, event.mentions_cancellation) = (status, status_seen, hint);
    if event.status == EventStatus::Unknown {
        event.status = event::by_time(event, at);
    }
}

/// A gathering, with the address that its group names only by number.
async fn with_address(
    id: u64,
    group: &Value,
    how: &ReadOptions,
    calls: &mut Calls<'_>,
    notes: &mut Vec<SourceNote>,
) -> Event {
    let Some(address) = event::untold_address(group) else { return event::of_group(group, id, None, how.at) };
    let parameters = [("group_id", id.to_string()), ("address_ids", address.to_string())];
    match calls.call("groups.getAddresses", &parameters).await {
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

/// Why there are no posts, and what it says about the community.
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

/// What VK stated on the routes on which it hid the community, as restrictions of what another route read.
fn record_restrictions(community: &mut Community, attempts: &[Attempt]) {
    for attempt in attempts {
        if let Outcome::Refuted(Finding::PlatformBlocked(statement)) = &attempt.outcome {
            let mut restriction = judge::restriction(statement);
            restriction.observed_in = exit_country(&attempt.strategy);
            community.restrict(restriction);
        }
    }
}

/// VK as people call it.
pub(crate) fn platform() -> Platform {
    static VK: LazyLock<Platform> = LazyLock::new(|| Platform::new("VK").in_language("ru", "ВКонтакте"));
    VK.clone()
}

fn no_token() -> SourceError {
    SourceError::NoToken { platform: platform(), issued_at: Url::parse("https://id.vk.com").ok() }
}

fn restricted(restriction: Restriction) -> SourceError {
    SourceError::Restricted { platform: platform(), restriction: Box::new(restriction) }
}

/// The last notice that VK gave instead of an answer.
fn stated(attempts: &[Attempt]) -> Option<Restriction> {
    attempts.iter().rev().find_map(|attempt| match &attempt.outcome {
        Outcome::Refuted(Finding::PlatformBlocked(statement)) => Some(judge::restriction(statement)),
        _ => None,
    })
}

fn exit_country(strategy: &Strategy) -> Option<String> {
    strategy.country.as_ref().map(|country| country.code().to_ascii_uppercase())
}

/// VK's own limit for a user token.
const REQUESTS_A_SECOND: NonZeroU32 = NonZeroU32::MIN.saturating_add(2);

/// More than anybody scrolls in one go, and than a phone holds gladly.
const MAX_POSTS: usize = 1_000;

/// Gatherings of one reading.
const MAX_EVENTS: usize = 25;
