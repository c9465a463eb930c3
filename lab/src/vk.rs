//! A VK-shaped platform: enough of its API and its pages to read a community, and its kinds of refusal.
//!
//! Its state is JSON ([`VkState`]), the same that `byway-lab serve --state FILE` reads, so both forms show the same
//! communities. It answers in VK's shapes: `{"response": ..}` and `{"error": {"error_code", "error_msg", ..}}`, both
//! with HTTP 200.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use crate::host::Host;
use crate::machine::Machine;
use crate::page::{App, Ask, Page};
use crate::world::Shared;

/// The platform.
#[derive(Clone)]
pub struct Vk(Arc<Platform>);

/// Everything that the platform knows, as plain JSON.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct VkState {
    /// The token that calls must have; any token is accepted if there is none. A call without one is error 5.
    pub token: Option<String>,
    /// The token is bound to the first address that uses it (error 5, "another ip address").
    pub bind_token_to_address: bool,
    /// Calls per second before error 6; 3 unless stated.
    pub calls_per_second: Option<usize>,
    /// Methods that fail: `"wall.get": 15`, or `"*"` for all.
    pub errors: BTreeMap<String, i64>,
    /// Countries in which everything is refused with HTTP 451 (RFC 7725), each with the text of the refusal.
    pub refused_in: BTreeMap<String, Refusal>,
    /// The communities, events among them.
    pub communities: Vec<CommunityState>,
}

/// What a refusal for legal reasons says of itself.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Refusal {
    /// The link to the blocking party (`rel="blocked-by"`).
    pub blocked_by: String,
    /// The text of its page.
    pub text: String,
}

/// One community of the platform.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CommunityState {
    /// The group object of `groups.getById`: `id`, `name`, `screen_name`, `type`, and other fields.
    pub group: Map<String, Value>,
    /// Post objects, newest first, as in `wall.get`.
    pub posts: Vec<Value>,
    /// Address objects, as in `groups.getAddresses`.
    pub addresses: Vec<Value>,
    /// Ids of the events it organises.
    pub events: Vec<i64>,
    /// Countries in which it is hidden, each with the notice that is shown there.
    pub hidden_in: BTreeMap<String, String>,
    /// Countries in which its page redirects to `blank.php?rkn=`, which has no text.
    pub blanked_in: BTreeSet<String>,
}

impl Vk {
    /// The platform in this world; `known` once it was asked for.
    pub(crate) fn in_world(world: &Shared, known: &OnceLock<Arc<Platform>>) -> Self {
        let known = known.get_or_init(|| {
            Arc::new(Platform { state: Mutex::default(), calls: Mutex::default(), token_from: Mutex::default() })
        });
        let vk = Self(known.clone());
        let hosts = [
            ("api.vk.ru", "203.0.113.81"),
            ("api.vk.com", "203.0.113.82"),
            ("vk.com", "203.0.113.80"),
            ("m.vk.com", "203.0.113.83"),
            ("vk.ru", "203.0.113.84"),
        ];
        for (name, address) in hosts {
            let host = Host(Machine::named(world, name));
            let fresh = host.0.edit(|node| {
                let fresh = node.app.is_none();
                node.app.get_or_insert(known.clone());
                fresh && !node.addresses_stated
            });
            if fresh {
                let _ = host.at(address).https().http();
            }
        }
        vk
    }

    /// The community of this short name; a new one, of the type group, if there is none yet.
    pub fn community(&self, screen_name: &str) -> Community {
        let mut state = self.0.state();
        let found = state.communities.iter().position(|c| c.screen_name() == screen_name);
        let index = found.unwrap_or_else(|| {
            let id = 1000 + i64::try_from(state.communities.len()).unwrap_or(0);
            let group = json!({
                "id": id, "name": screen_name, "screen_name": screen_name, "type": "group", "is_closed": 0,
                "description": "", "members_count": 2, "status": "",
            });
            let group = group.as_object().cloned().unwrap_or_default();
            state.communities.push(CommunityState { group, ..CommunityState::default() });
            state.communities.len() - 1
        });
        Community { vk: self.clone(), index }
    }

    /// The community of this short name as an event between two instants (seconds since 1970).
    pub fn event(&self, screen_name: &str, start: i64, finish: i64) -> Community {
        self.community(screen_name).field("type", "event").field("start_date", start).field("finish_date", finish)
    }

    /// Accepts this token only.
    pub fn token(self, token: &str) -> Self {
        self.0.state().token = Some(token.to_owned());
        self
    }

    /// A token works from the first address that uses it, and nowhere else (N20).
    pub fn bind_token_to_address(self) -> Self {
        self.0.state().bind_token_to_address = true;
        self
    }

    /// Fails calls of this method (`*`: all) with this error code.
    pub fn error(self, method: &str, code: i64) -> Self {
        self.0.state().errors.insert(method.to_owned(), code);
        self
    }

    /// Fails no call any more.
    pub fn no_errors(self) -> Self {
        self.0.state().errors.clear();
        self
    }

    /// Answers every request from this country with HTTP 451, with a link to the blocking party (N5).
    pub fn refused_in(self, country: &str, blocked_by: &str, text: &str) -> Self {
        let refusal = Refusal { blocked_by: blocked_by.to_owned(), text: text.to_owned() };
        self.0.state().refused_in.insert(country.to_ascii_lowercase(), refusal);
        self
    }

    /// Calls per second before error 6.
    pub fn calls_per_second(self, calls: usize) -> Self {
        self.0.state().calls_per_second = Some(calls);
        self
    }

    /// A copy of everything it knows.
    pub fn state(&self) -> VkState {
        self.0.state().clone()
    }

    /// Replaces everything it knows.
    pub fn set_state(&self, state: VkState) {
        *self.0.state() = state;
    }
}

impl std::fmt::Debug for Vk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Vk({} communities)", self.0.state().communities.len())
    }
}

/// A community under construction; each method takes effect at once.
#[derive(Clone, Debug)]
pub struct Community {
    vk: Vk,
    index: usize,
}

impl Community {
    /// Gives it this id (positive; as a wall's owner it is negative).
    pub fn id(self, id: i64) -> Self {
        self.field("id", id)
    }

    /// Gives it this name.
    pub fn name(self, name: &str) -> Self {
        self.field("name", name)
    }

    /// Sets a field of its group object.
    pub fn field(self, name: &str, value: impl Into<Value>) -> Self {
        let value = value.into();
        self.edit(|community| community.group.insert(name.to_owned(), value))
    }

    /// Publishes a post with this text, newest first; one each hour.
    pub fn post(self, text: &str) -> Self {
        let id = self.edit_with(|community| community.posts.len() + 1);
        let date = FIRST_POST + 3600 * i64::try_from(id).unwrap_or(0);
        self.post_object(json!({ "id": id, "date": date, "text": text, "type": "post" }))
    }

    /// Publishes a post object unchanged; missing `owner_id` and `from_id` are filled in.
    pub fn post_object(self, mut post: Value) -> Self {
        self.edit(|community| {
            let owner = -community.id();
            if let Some(fields) = post.as_object_mut() {
                fields.entry("owner_id").or_insert(owner.into());
                fields.entry("from_id").or_insert(owner.into());
            }
            community.posts.insert(0, post);
        })
    }

    /// Adds an address object.
    pub fn address(self, address: Value) -> Self {
        self.edit(|community| community.addresses.push(address))
    }

    /// Organises this event.
    pub fn organises(self, event: &Community) -> Self {
        let id = event.edit_with(|event| event.id());
        self.edit(|community| community.events.push(id))
    }

    /// The platform deleted (`deleted`) or blocked (`banned`) it everywhere (N18).
    pub fn deactivated(self, how: &str) -> Self {
        self.field("deactivated", how)
    }

    /// The platform hides it from addresses in this country (N17): a ban with this notice in its group object and on
    /// its page, and error 19 for its wall. With an empty notice, there is only error 19.
    pub fn hidden_in(self, country: &str, notice: &str) -> Self {
        let (country, notice) = (country.to_ascii_lowercase(), notice.to_owned());
        self.edit(|community| community.hidden_in.insert(country, notice))
    }

    /// The platform redirects visitors from this country who request its page to `vk.com/blank.php?rkn=` (N17).
    pub fn blanked_in(self, country: &str) -> Self {
        let country = country.to_ascii_lowercase();
        self.edit(|community| community.blanked_in.insert(country))
    }

    fn edit<T>(self, edit: impl FnOnce(&mut CommunityState) -> T) -> Self {
        self.edit_with(edit);
        self
    }

    fn edit_with<T>(&self, edit: impl FnOnce(&mut CommunityState) -> T) -> T {
        edit(&mut self.vk.0.state().communities[self.index])
    }
}

impl CommunityState {
    fn id(&self) -> i64 {
        self.group.get("id").and_then(Value::as_i64).unwrap_or(0)
    }

    fn screen_name(&self) -> &str {
        self.group.get("screen_name").and_then(Value::as_str).unwrap_or_default()
    }

    /// Known by short name, by id, and by `club`, `public` and `event` with the id.
    fn is_called(&self, name: &str) -> bool {
        let number =
            ["club", "public", "event", "-"].iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name);
        name == self.screen_name() || number.parse() == Ok(self.id())
    }
}

/// The platform's servers.
pub(crate) struct Platform {
    state: Mutex<VkState>,
    /// The times of the latest calls: the limit counts per second.
    calls: Mutex<Vec<Instant>>,
    token_from: Mutex<Option<IpAddr>>,
}

impl Platform {
    fn state(&self) -> MutexGuard<'_, VkState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn call(&self, method: &str, ask: &Ask) -> Result<Value, ApiError> {
        let parameters: BTreeMap<String, String> = url::form_urlencoded::parse(ask.query.as_bytes())
            .chain(url::form_urlencoded::parse(&ask.body))
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        let state = self.state();
        self.check(&state, method, &parameters, ask)?;
        let parameter = |name: &str| parameters.get(name).map(String::as_str);
        let number = |name: &str, default: usize| parameter(name).and_then(|n| n.parse().ok()).unwrap_or(default);
        match method {
            "groups.getById" => {
                let asked =
                    parameter("group_ids").or(parameter("group_id")).ok_or(ApiError(100, "group_ids is undefined"))?;
                let groups: Vec<Value> = asked
                    .split(',')
                    .filter_map(|name| state.communities.iter().find(|community| community.is_called(name)))
                    .map(|community| Value::Object(shown(community, ask.country.as_deref())))
                    .collect();
                let silent = |community: &&CommunityState| {
                    community.hidden_from(ask.country.as_deref()).is_some_and(String::is_empty)
                };
                if state
                    .communities
                    .iter()
                    .filter(silent)
                    .any(|community| asked.split(',').any(|n| community.is_called(n)))
                {
                    return Err(ApiError(19, "Content blocked"));
                }
                if groups.is_empty() {
                    return Err(ApiError(
                        100,
                        "One of the parameters specified was missing or invalid: group_ids not found",
                    ));
                }
                let version: f64 = parameter("v").and_then(|v| v.parse().ok()).unwrap_or(0.0);
                Ok(if version <= 5.131 { json!(groups) } else { json!({ "groups": groups, "profiles": [] }) })
            }
            "wall.get" => {
                let name =
                    parameter("owner_id").or(parameter("domain")).ok_or(ApiError(100, "owner_id is undefined"))?;
                let community = readable(&state, name, ask.country.as_deref())?;
                let (offset, count) = (number("offset", 0), number("count", 20).min(100));
                let items: Vec<&Value> = community.posts.iter().skip(offset).take(count).collect();
                let mut response = json!({ "count": community.posts.len(), "items": items });
                if parameter("extended") == Some("1") {
                    response["groups"] = json!([community.group]);
                    response["profiles"] = json!([]);
                }
                Ok(response)
            }
            "groups.getAddresses" => {
                let name = parameter("group_id").ok_or(ApiError(100, "group_id is undefined"))?;
                let community = readable(&state, name, ask.country.as_deref())?;
                Ok(json!({ "count": community.addresses.len(), "items": community.addresses }))
            }
            "groups.getEvents" | "groups.get" => {
                let name =
                    parameter("group_id").or(parameter("user_id")).ok_or(ApiError(100, "group_id is undefined"))?;
                let community = readable(&state, name, ask.country.as_deref())?;
                let events: Vec<Value> = community
                    .events
                    .iter()
                    .filter_map(|id| state.communities.iter().find(|event| event.id() == *id))
                    .map(|event| Value::Object(shown(event, ask.country.as_deref())))
                    .collect();
                Ok(json!({ "count": events.len(), "items": events }))
            }
            "utils.resolveScreenName" => {
                let name = parameter("screen_name").unwrap_or_default();
                let found = state.communities.iter().find(|community| community.is_called(name));
                Ok(found.map_or(json!([]), |community| json!({ "type": "group", "object_id": community.id() })))
            }
            _ => Err(ApiError(3, "Unknown method passed")),
        }
    }

    /// What VK checks before it looks at a call: version, token, address, limit.
    fn check(
        &self,
        state: &VkState,
        method: &str,
        parameters: &BTreeMap<String, String>,
        ask: &Ask,
    ) -> Result<(), ApiError> {
        if !parameters.contains_key("v") {
            return Err(ApiError(8, "Invalid request: v (version) is required"));
        }
        let bearer = ask.headers.get("authorization").and_then(|value| value.to_str().ok());
        let token = bearer.and_then(|value| value.strip_prefix("Bearer "));
        match (token, &state.token) {
            (None, _) => return Err(ApiError(5, "User authorization failed: no access_token passed.")),
            (Some(token), Some(right)) if token != right => {
                return Err(ApiError(5, "User authorization failed: invalid access_token (4)."));
            }
            _ => {}
        }
        if state.bind_token_to_address {
            let mut bound = self.token_from.lock().unwrap_or_else(PoisonError::into_inner);
            if *bound.get_or_insert(ask.from) != ask.from {
                return Err(ApiError(5, "User authorization failed: access_token was given to another ip address."));
            }
        }
        let limit = state.calls_per_second.unwrap_or(CALLS_PER_SECOND);
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        calls.retain(|call| now.duration_since(*call) < Duration::from_secs(1));
        if calls.len() >= limit {
            return Err(ApiError(6, "Too many requests per second"));
        }
        calls.push(now);
        match state.errors.get(method).or(state.errors.get("*")) {
            Some(code) => Err(ApiError(*code, "An error of this scenario")),
            None => Ok(()),
        }
    }

    fn page(&self, ask: &Ask) -> Page {
        let state = self.state();
        let name = ask.path.trim_matches('/');
        if name == "blank.php" {
            return Page::new("");
        }
        let Some(community) = state.communities.iter().find(|community| community.is_called(name)) else {
            return Page::new("<title>404 Not Found</title>Page not found").status(404);
        };
        if ask.country.as_ref().is_some_and(|country| community.blanked_in.contains(country)) {
            return Page::redirect("https://vk.com/blank.php?rkn=32274");
        }
        let name = community.group.get("name").and_then(Value::as_str).unwrap_or_default();
        if let Some(notice) = community.hidden_from(ask.country.as_deref()) {
            return Page::new(format!("<title>{name}</title><div class=\"groups_blocked\">{notice}</div>"));
        }
        if community.group.contains_key("deactivated") {
            return Page::new(
                "<title>VK</title><div class=\"message_page_body\">Сообщество удалено или заблокировано</div>",
            );
        }
        let posts: String = community
            .posts
            .iter()
            .filter_map(|post| post.get("text").and_then(Value::as_str))
            .map(|text| format!("<div class=\"wall_post_text\">{text}</div>"))
            .collect();
        Page::new(format!("<!DOCTYPE html><title>{name}</title><h1>{name}</h1>{posts}"))
    }
}

impl App for Arc<Platform> {
    fn answer(&self, ask: &Ask) -> Page {
        App::answer(&**self, ask)
    }
}

impl App for Platform {
    fn answer(&self, ask: &Ask) -> Page {
        let refusal = ask.country.as_ref().and_then(|country| self.state().refused_in.get(country).cloned());
        if let Some(Refusal { blocked_by, text }) = refusal {
            return Page::legal_451(&blocked_by, &text);
        }
        let Some(method) = ask.path.strip_prefix("/method/") else { return self.page(ask) };
        match self.call(method, ask) {
            Ok(response) => Page::json(&json!({ "response": response })),
            Err(ApiError(code, message)) => Page::json(&json!({
                "error": { "error_code": code, "error_msg": message, "request_params": [{ "key": "method", "value": method }] }
            })),
        }
    }
}

impl CommunityState {
    fn hidden_from(&self, country: Option<&str>) -> Option<&String> {
        self.hidden_in.get(country?)
    }
}

/// The group object for this country.
fn shown(community: &CommunityState, country: Option<&str>) -> Map<String, Value> {
    let mut group = community.group.clone();
    if let Some(how) = group.get("deactivated").and_then(Value::as_str).map(str::to_owned) {
        // VK states little about a deactivated community, and a deleted one has lost its name too.
        group.retain(|name, _| STATED_OF_DEACTIVATED.contains(&name.as_str()));
        if how == "deleted" {
            group.insert("name".into(), "DELETED".into());
        }
    }
    if let Some(notice) = community.hidden_from(country) {
        group.insert("deactivated".into(), "banned".into());
        group.insert("ban_info".into(), json!({ "comment": notice }));
    }
    group
}

/// The community whose wall or addresses may be read from this country.
fn readable<'a>(state: &'a VkState, name: &str, country: Option<&str>) -> Result<&'a CommunityState, ApiError> {
    let found = state.communities.iter().find(|community| community.is_called(name));
    let community = found.ok_or(ApiError(100, "One of the parameters specified was missing or invalid"))?;
    if community.hidden_from(country).is_some() {
        return Err(ApiError(19, "Content blocked"));
    }
    match community.group.get("deactivated").and_then(Value::as_str) {
        Some("deleted") => Err(ApiError(18, "User was deleted or banned")),
        Some(_) => Err(ApiError(203, "Access to group denied")),
        None => Ok(community),
    }
}

/// The fields that VK states for a deleted or banned community.
const STATED_OF_DEACTIVATED: &[&str] = &["id", "name", "screen_name", "type", "is_closed", "deactivated"];

/// VK's error: its code and message.
struct ApiError(i64, &'static str);

/// VK's limit for a user's token.
const CALLS_PER_SECOND: usize = 3;

/// The first post of every community: 2026-10-01 10:00 UTC.
const FIRST_POST: i64 = 1_790_848_800;
