//! A handle to one machine of the lab.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use crate::node::Node;
use crate::world::Shared;

/// One machine, whatever it serves: a handle into the lab.
#[derive(Clone)]
pub struct Machine {
    pub(crate) world: Shared,
    pub(crate) index: usize,
}

impl Machine {
    pub(crate) fn of(world: &Shared, index: usize) -> Self {
        Self { world: world.clone(), index }
    }

    /// The machine with this name; a new one, with its own address, if there is none yet.
    pub(crate) fn named(world: &Shared, name: &str) -> Self {
        let name = name.to_ascii_lowercase();
        let index = {
            let mut state = world.state();
            match state.nodes.iter().position(|node| node.names.contains(&name)) {
                Some(index) => index,
                None => {
                    let address = Ipv4Addr::new(203, 0, 113, state.next_address);
                    state.next_address = state.next_address.wrapping_add(1);
                    state.nodes.push(Node::new(&name, address.into()));
                    state.nodes.len() - 1
                }
            }
        };
        Self { world: world.clone(), index }
    }

    pub(crate) fn edit<T>(&self, edit: impl FnOnce(&mut Node) -> T) -> T {
        edit(&mut self.world.state().nodes[self.index])
    }

    pub(crate) fn at(&self, address: IpAddr) {
        self.edit(|node| {
            if !std::mem::replace(&mut node.addresses_stated, true) {
                node.addresses.clear();
            }
            node.addresses.push(address);
        });
        self.world.forget_certificates();
    }

    pub(crate) fn address(&self) -> IpAddr {
        self.edit(|node| node.addresses.first().copied().unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)))
    }
}

impl fmt::Debug for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Machine({})", self.edit(|node| node.name().to_owned()))
    }
}
