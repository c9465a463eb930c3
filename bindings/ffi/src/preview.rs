//! Whom opening a link would contact, and what each would see.

use crate::community::Home;
use crate::configuration::Language;
use crate::evidence::{Observer, json};
use crate::link::HomeLink;
use crate::strategies::StrategyInfo;

/// Who sees something of a reading, and what.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct PreviewContact {
    /// Who.
    pub observer: Observer,
    /// What they would see, in one sentence.
    pub sentence: String,
    /// For a resolver: the resolvers that are asked for the host.
    pub resolvers_of_host: Vec<String>,
    /// For a resolver: the names for which the system's resolver is asked in addition.
    pub names_of_servers: Vec<String>,
}

/// One strategy of a preview, and who sees something when it is used.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct PreviewRoute {
    /// The strategy.
    pub strategy: StrategyInfo,
    /// Who sees something, in the order in which the traffic passes them.
    pub contacts: Vec<PreviewContact>,
}

/// Another home that opening a link would ask, and the routes to it.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct PreviewHome {
    /// The address.
    pub home: Home,
    /// The hosts that would be asked there, each only if those before it are not reached.
    pub hosts: Vec<String>,
    /// It is a home of a successor, to which opening leads; else another home of the community itself.
    pub is_successor: bool,
    /// The routes that would be used, in the order in which they are tried. Empty: nothing that is permitted leads there, and it would
    /// not be contacted.
    pub routes: Vec<PreviewRoute>,
}

/// What opening a link would show, and to whom.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Preview {
    /// The link, with the exposure with which it would be opened.
    pub link: HomeLink,
    /// A copy of the community is kept on this device, so there is something to show whatever happens.
    pub kept: bool,
    /// A known restriction, or the community's access advice, speaks against direct strategies. Unless the user allows
    /// them, they are not tried.
    pub avoids_direct: bool,
    /// The hosts that would be asked. Each host after the first is asked only if those before it are not reached.
    pub hosts: Vec<String>,
    /// The routes that would be used, in the order in which they are tried.
    pub routes: Vec<PreviewRoute>,
    /// The other homes that would be asked: further mirrors of a signed community, then those of the successors to which
    /// opening leads, as far as the moves are known on this device.
    pub others: Vec<PreviewHome>,
    /// Why nothing at all would be sent: a stable code.
    pub refusal: Option<String>,
    /// The same in one or two sentences.
    pub refusal_text: Option<String>,
    /// All of it as JSON, with hosts and proxies.
    pub json: String,
}

impl Preview {
    pub(crate) fn of(core: byway::Preview, language: Language) -> Self {
        let contact = |core: &byway::PreviewContact| {
            let lookups = core.lookups();
            PreviewContact {
                observer: core.observer.into(),
                sentence: core.sentence(language.into()),
                resolvers_of_host: lookups.of_host.iter().map(ToString::to_string).collect(),
                names_of_servers: lookups.of_servers,
            }
        };
        let route = |core: &byway::PreviewRoute| PreviewRoute {
            strategy: StrategyInfo::of(&core.strategy, language),
            contacts: core.contacts.iter().map(contact).collect(),
        };
        let home = |core: &byway::PreviewHome| PreviewHome {
            home: core.home.clone().into(),
            hosts: core.hosts.clone(),
            is_successor: core.is_successor,
            routes: core.routes.iter().map(route).collect(),
        };
        Self {
            json: json(&core),
            refusal: core.refusal.map(str::to_owned),
            refusal_text: core.refusal_sentence(language.into()),
            routes: core.routes.iter().map(route).collect(),
            others: core.others.iter().map(home).collect(),
            link: core.link.into(),
            kept: core.kept,
            avoids_direct: core.avoids_direct,
            hosts: core.hosts,
        }
    }
}
