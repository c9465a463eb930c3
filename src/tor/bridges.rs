//! The bridges of the client, and the programs that speak their transports.

use std::net::SocketAddr;
use std::path::Path;

use arti_client::config::pt::TransportConfigBuilder;
use arti_client::config::{BridgeConfigBuilder, TorClientConfigBuilder};
use aws_lc_rs::digest::{SHA256, digest};

use futures_util::future::join_all;

use super::fault::not_started;
use super::program::Program;
use crate::transport::{Bridges, Failure, TorStall, TorTransport};

/// What the app gave. Without bridges, Tor's public relays are used.
#[derive(Clone, Debug, Default)]
pub(crate) struct TorBridges {
    bridges: Bridges,
    transports: Vec<TorTransport>,
}

impl TorBridges {
    pub(crate) fn new(bridges: Bridges, transports: Vec<TorTransport>) -> Self {
        Self { bridges, transports }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bridges.is_empty()
    }

    /// The name under which the files of these bridges are kept apart from others: it tells nothing of them.
    pub(super) fn kept_apart(&self) -> Option<String> {
        let mut lines: Vec<_> = self.bridges.iter().map(ToString::to_string).collect();
        lines.sort_unstable();
        let hash = digest(&SHA256, lines.join("\n").as_bytes());
        (!lines.is_empty()).then(|| hash.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect())
    }

    /// Starts the programs that the bridges need, with their files in this folder.
    ///
    /// A bridge whose transport the app has not named is left out where another one can be used: [`Strategy::tor_transports`]
    /// tells the app before.
    ///
    /// # Errors
    ///
    /// If no bridge can be used.
    ///
    /// [`Strategy::tor_transports`]: crate::transport::Strategy::tor_transports
    pub(super) async fn start(&self, folder: &Path) -> Result<UsableBridges, Failure> {
        let wanted = |name: &str| self.bridges.iter().any(|bridge| bridge.transport() == Some(name));
        // All at once: one that says nothing does not hold the others up.
        let started = join_all(self.transports.iter().map(|transport| async move {
            let names: Vec<&str> = transport.names().filter(|name| wanted(name)).collect();
            match (transport.address(), transport.path()) {
                (Some(address), _) => (names.iter().map(|name| ((*name).to_owned(), address)).collect(), None),
                (None, Some(path)) if !names.is_empty() => match Program::start(path, &names, folder).await {
                    Ok(program) => (program.ports.clone(), Some(program)),
                    Err(_) => (Vec::new(), None),
                },
                _ => (Vec::new(), None),
            }
        }));
        let (mut ports, mut programs) = (Vec::<(String, SocketAddr)>::new(), Vec::new());
        for (offered, program) in started.await {
            // The first that speaks a transport serves it.
            let is_new = |(name, _): &(String, SocketAddr)| ports.iter().all(|(served, _)| served != name);
            let new: Vec<_> = offered.into_iter().filter(is_new).collect();
            if !new.is_empty() {
                ports.extend(new);
                programs.extend(program);
            }
        }
        let is_usable = |name: Option<&str>| name.is_none_or(|name| ports.iter().any(|(port_of, _)| port_of == name));
        let lines: Vec<_> =
            self.bridges.iter().filter(|bridge| is_usable(bridge.transport())).map(ToString::to_string).collect();
        if lines.is_empty() && !self.is_empty() {
            return Err(not_started(TorStall::Transport));
        }
        Ok(UsableBridges { settings: BridgeSettings { lines, ports }, programs })
    }
}

/// The bridges that can be used.
#[derive(Debug)]
pub(super) struct UsableBridges {
    pub(super) settings: BridgeSettings,
    /// The programs that were started. They end when these are dropped.
    pub(super) programs: Vec<Program>,
}

/// The settings of arti for bridges.
#[derive(Debug, Default)]
pub(super) struct BridgeSettings {
    lines: Vec<String>,
    ports: Vec<(String, SocketAddr)>,
}

impl BridgeSettings {
    /// Adds them. `None`: arti does not take one of them.
    pub(super) fn add_to(&self, config: &mut TorClientConfigBuilder) -> Option<()> {
        for line in &self.lines {
            config.bridges().bridges().push(line.parse::<BridgeConfigBuilder>().ok()?);
        }
        for (name, address) in &self.ports {
            let mut transport = TransportConfigBuilder::default();
            transport.protocols(vec![name.parse().ok()?]).proxy_addr(*address);
            config.bridges().transports().push(transport);
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const FINGERPRINT: &str = "0123456789ABCDEF0123456789ABCDEF01234567";

    fn bridges(lines: &[&str], transports: &[&str]) -> TorBridges {
        let lines = lines.iter().map(|line| line.replace("{F}", FINGERPRINT).parse().unwrap());
        TorBridges::new(
            Bridges::new(lines.collect()).unwrap(),
            transports.iter().map(|text| text.parse().unwrap()).collect(),
        )
    }

    #[tokio::test]
    async fn arti_takes_every_usable_bridge() {
        let given = bridges(
            &[
                "192.0.2.3:443 {F}",
                "[2001:db8::3]:443 {F} ed25519:6OHyKFlLE0B1HxDBJVYqBKJxEqPxRw6YU8dTOo4tOXk",
                "obfs4 192.0.2.4:443 {F} cert=a/b+c= iat-mode=0",
                "webtunnel [2001:db8::1]:443 {F} url=https://site.example/x",
                "snowflake 192.0.2.3:80 {F} fingerprint={F} ice=stun:stun.example:3478",
            ],
            &["obfs4=127.0.0.1:4444", "webtunnel,obfs4=127.0.0.1:4445"],
        );
        let usable = given.start(Path::new("/nowhere")).await.unwrap().settings;
        assert_eq!(usable.lines.len(), 4, "snowflake has no program");
        let of = |name: &str| usable.ports.iter().find(|(port_of, _)| port_of == name).unwrap().1.port();
        assert_eq!((of("obfs4"), of("webtunnel")), (4444, 4445));
        let mut config = TorClientConfigBuilder::default();
        assert!(usable.add_to(&mut config).is_some());
        config.storage().state_dir(arti_client::config::CfgPath::new("/nowhere".to_owned()));
        config.storage().cache_dir(arti_client::config::CfgPath::new("/nowhere".to_owned()));
        config.build().unwrap();
    }

    #[tokio::test]
    async fn bridges_without_a_program_are_no_bridges() {
        let line = "obfs4 192.0.2.4:443 {F} cert=x";
        for transports in [&[][..], &["snowflake=127.0.0.1:4444"], &["obfs4=/nowhere/obfs4proxy"]] {
            let refused = bridges(&[line], transports).start(Path::new("/")).await.unwrap_err();
            assert_eq!(refused, not_started(TorStall::Transport), "{transports:?}");
        }
        assert!(bridges(&[], &["obfs4=/nowhere/obfs4proxy"]).start(Path::new("/")).await.is_ok(), "nothing needs it");
    }
}
