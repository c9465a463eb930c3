//! The platform's servers: the API, and the pages.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::state::{CommunityState, Refusal, VkState};
use crate::page::{App, Ask, Page};

/// The platform's servers.
#[derive(Default)]
pub(crate) struct Platform {
    state: Mutex<VkState>,
    /// The times of the latest calls: the limit counts per second.
    calls: Mutex<Vec<Instant>>,
    token_from: Mutex<Option<IpAddr>>,
}

impl Platform {
    pub(super) fn state(&self) -> MutexGuard<'_, VkState> {
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
