//! What a verdict is made from.

use super::pages::PageComparison;
use crate::reach::{Attempt, Fingerprints};
use crate::transport::{Country, Resolver};

/// What a verdict is made from: the attempts of one request, its redirects included.
#[derive(Clone, Debug)]
pub struct Case<'a> {
    /// Attempts of the strategy that the verdict is about, in the order of their start.
    pub subject: &'a [Attempt],
    /// Attempts of the other strategies: second vantages.
    pub others: &'a [Attempt],
    /// What else is known.
    pub context: Context,
}

/// What else is known when a verdict is made.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Context {
    /// The platform says, over an authenticated connection, that the community is gone.
    pub gone: bool,
    /// The destination is a literal or private address that the user named.
    pub local_destination: bool,
    /// The host's redirects lead nowhere: too many of them, or to where they must not.
    pub redirect_fault: bool,
    /// It is a redirect that leads to this host, and its sender wrote it: over TLS that proved the name, or for two
    /// networks alike.
    pub redirected: bool,
    /// The subject was led to this host by an answer in cleartext in the name of another site: anybody on the path can have
    /// written it.
    pub led_in_cleartext: bool,
    /// Another route got the content, at the end of whatever redirects it was given: attempts are compared hop by hop, and
    /// do not show it.
    pub read_otherwise: bool,
    /// The country this device is in, where the app knows it. A proxy that leaves in it is no vantage against its orders.
    pub country: Option<Country>,
    /// The device's network is a VPN: what is seen by a direct strategy is seen behind it.
    pub vpn: bool,
    /// The operating system says that the network does not lead to the internet.
    pub unvalidated: bool,
    /// What the subject read in cleartext, beside what another strategy read of the same page; `None`: it is not compared.
    pub pages: Option<Box<PageComparison>>,
    /// Resolvers that said nothing of the name, and answer for another one.
    pub answering: Vec<Resolver>,
    /// Something else was reached on this network a short while ago: it lives.
    pub alive: bool,
    /// By how many seconds this device's clock is ahead of what hosts that proved their names told in the same access.
    pub clock_ahead: Option<i64>,
    /// What is known of the addresses of block pages.
    pub fingerprints: Fingerprints,
}
