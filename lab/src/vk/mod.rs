//! A VK-shaped platform: enough of its API and its pages to read a community, and its kinds of refusal.
//!
//! Its state is JSON ([`VkState`]), the same that `byway-lab serve --state FILE` reads, so both forms show the same
//! communities. It answers in VK's shapes: `{"response": ..}` and `{"error": {"error_code", "error_msg", ..}}`, both
//! with HTTP 200.

mod platform;
mod state;

use std::sync::{Arc, OnceLock};

use serde_json::{Value, json};

use crate::host::Host;
use crate::machine::Machine;
use crate::world::Shared;

pub(crate) use platform::Platform;
pub use state::{CommunityState, Refusal, VkState};

/// The platform.
#[derive(Clone)]
pub struct Vk(Arc<Platform>);

impl Vk {
    /// The platform in this world; `known` once it was asked for.
    pub(crate) fn in_world(world: &Shared, known: &OnceLock<Arc<Platform>>) -> Self {
        let known = known.get_or_init(Arc::default);
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

/// The first post of every community: 2026-10-01 10:00 UTC.
const FIRST_POST: i64 = 1_790_848_800;
