//! Another Tor network than the public one: a private one, for tests and demonstrations.

use std::fmt;
use std::path::Path;

use arti_client::TorClientConfig;
use arti_client::config::TorClientConfigBuilder;
use serde_json::{Map, Value};

use super::bridges::BridgeSettings;

/// A private Tor network instead of the public one, in the words of arti's configuration.
///
/// It says who the directory authorities are, and so which relays exist. It is for tests: who runs all relays of a network sees
/// who reads what.
#[derive(Clone, PartialEq, Eq)]
pub struct TorNetwork(String);

impl TorNetwork {
    /// Takes a JSON object with the tables `tor_network`, `address_filter`, `path_rules`, `override_net_params`,
    /// `download_schedule` and `circuit_timing` of arti's configuration, each as documented there.
    ///
    /// # Errors
    ///
    /// [`TorNetworkError`] for what is no such object.
    pub fn from_json(text: &str) -> Result<Self, TorNetworkError> {
        let tables: Map<String, Value> =
            serde_json::from_str(text).map_err(|error| TorNetworkError(error.to_string()))?;
        if let Some(other) = tables.keys().find(|key| !TABLES.contains(&key.as_str())) {
            return Err(TorNetworkError(format!("a table `{other}`, which is none of {}", TABLES.join(", "))));
        }
        let network = Self(text.to_owned());
        let nowhere = Path::new("/");
        network.config(nowhere, nowhere, &BridgeSettings::default())?;
        Ok(network)
    }

    /// Arti's configuration for this network, with these directories.
    pub(super) fn config(
        &self,
        state: &Path,
        cache: &Path,
        bridges: &BridgeSettings,
    ) -> Result<TorClientConfig, TorNetworkError> {
        let error = |error: serde_json::Error| TorNetworkError(error.to_string());
        let mut tables: Map<String, Value> = serde_json::from_str(&self.0).map_err(error)?;
        tables.extend(settings_of_ours());
        finished(serde_json::from_value(tables.into()).map_err(error)?, state, cache, bridges)
    }
}

/// Arti's configuration for the public network.
pub(super) fn public_config(
    state: &Path,
    cache: &Path,
    bridges: &BridgeSettings,
) -> Result<TorClientConfig, TorNetworkError> {
    let builder = serde_json::from_value(Value::Object(settings_of_ours()));
    finished(builder.map_err(|error| TorNetworkError(error.to_string()))?, state, cache, bridges)
}

/// What is the same for every network: keys for onion services are never written to the disk, and what waits in queues is bounded.
fn settings_of_ours() -> Map<String, Value> {
    let storage = serde_json::json!({ "keystore": { "primary": { "kind": "ephemeral" } } });
    let system = serde_json::json!({ "memory": { "max": QUEUED } });
    Map::from_iter([("storage".to_owned(), storage), ("system".to_owned(), system)])
}

/// How many bytes of cells may wait in the queues of all circuits. Past it arti closes the circuits whose cells wait longest.
///
/// A circuit may have 1,000 cells under way (tor-spec, "Flow control"), half a megabyte, so that more than 30 circuits are served
/// that are read as slowly as can be. Arti's own limit follows the memory of the machine (gigabytes), and an extension of iOS is
/// ended at 50 MB.
const QUEUED: usize = 16 * 1024 * 1024;

fn finished(
    mut builder: TorClientConfigBuilder,
    state: &Path,
    cache: &Path,
    bridges: &BridgeSettings,
) -> Result<TorClientConfig, TorNetworkError> {
    use arti_client::config::CfgPath;
    let storage = builder.storage();
    storage.state_dir(CfgPath::new_literal(state)).cache_dir(CfgPath::new_literal(cache));
    // The app chose where its data lies, and the folder of Tor is made by us for its owner alone. What is above is not ours:
    // on Android and in containers it has owners and permissions that arti would refuse.
    if let Some(above) = state.parent() {
        storage.permissions().ignore_prefix(above);
    }
    bridges.add_to(&mut builder).ok_or_else(|| TorNetworkError("a bridge that arti does not take".to_owned()))?;
    builder.build().map_err(|error| TorNetworkError(error.to_string()))
}

const TABLES: [&str; 6] =
    ["tor_network", "address_filter", "path_rules", "override_net_params", "download_schedule", "circuit_timing"];

impl fmt::Debug for TorNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TorNetwork(..)")
    }
}

/// Why a text describes no Tor network.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a Tor network is a JSON object of arti's tables, such as `tor_network`; this is not: {0}")]
pub struct TorNetworkError(String);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn queues_are_bounded_and_keys_of_onions_stay_in_memory() {
        let (nowhere, bridges) = (Path::new("/nowhere"), BridgeSettings::default());
        let private = TorNetwork::from_json("{}").unwrap();
        for config in [public_config(nowhere, nowhere, &bridges), private.config(nowhere, nowhere, &bridges)] {
            let config = config.unwrap();
            let all = format!("{config:?}");
            assert!(all.contains(&format!("max: ByteQty({QUEUED})")) && all.contains("Ephemeral"), "{all}");
        }
    }

    #[test]
    fn only_tables_of_a_network_are_taken() {
        assert!(TorNetwork::from_json("{}").is_ok());
        assert!(TorNetwork::from_json(r#"{"path_rules": {"ipv4_subnet_family_prefix": 33}}"#).is_ok());
        for text in ["", "[]", r#"{"storage": {"cache_dir": "/etc"}}"#, r#"{"bridges": {}}"#, r#"{"path_rules": 1}"#] {
            assert!(TorNetwork::from_json(text).is_err(), "{text}");
        }
    }
}
