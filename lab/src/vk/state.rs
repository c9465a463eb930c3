//! Everything that the platform knows, as plain JSON.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

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

impl CommunityState {
    pub(super) fn id(&self) -> i64 {
        self.group.get("id").and_then(Value::as_i64).unwrap_or(0)
    }

    pub(super) fn screen_name(&self) -> &str {
        self.group.get("screen_name").and_then(Value::as_str).unwrap_or_default()
    }

    /// Known by short name, by id, and by `club`, `public` and `event` with the id.
    pub(super) fn is_called(&self, name: &str) -> bool {
        let number =
            ["club", "public", "event", "-"].iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name);
        name == self.screen_name() || number.parse() == Ok(self.id())
    }
}

impl CommunityState {
    pub(super) fn hidden_from(&self, country: Option<&str>) -> Option<&String> {
        self.hidden_in.get(country?)
    }
}
