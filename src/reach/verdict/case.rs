//! The input of a verdict.

use super::pages::PageComparison;
use crate::reach::{Attempt, Fingerprints};
use crate::transport::{Country, Resolver};

/// The input of a verdict: the attempts of one request, including its redirects.
#[derive(Clone, Debug)]
pub struct Case<'a> {
    /// The attempts of the strategy that the verdict is about, in the order of their start.
    pub subject: &'a [Attempt],
    /// The attempts of the other strategies: second vantages.
    pub others: &'a [Attempt],
    /// Further facts.
    pub context: Context,
}

/// Further facts for a verdict.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Context {
    /// The platform says over an authenticated connection that the community is gone.
    pub gone: bool,
    /// The destination is a literal or private address that the user named.
    pub local_destination: bool,
    /// The host's redirects lead nowhere: there are too many of them, or the target is not allowed.
    pub redirect_fault: bool,
    /// A redirect leads to this host, and its sender wrote it: it came over TLS that proved the name, or two networks
    /// got the same one.
    pub redirected: bool,
    /// An answer in cleartext, in the name of another site, led the subject to this host. Anyone on the path can have
    /// written it.
    pub led_in_cleartext: bool,
    /// Another route got the content at the end of its own redirects. Attempts are compared hop by hop and do not show
    /// it.
    pub read_otherwise: bool,
    /// The country of this device, if the app knows it. A proxy that exits in this country is no vantage against its
    /// orders.
    pub country: Option<Country>,
    /// The device's network is a VPN: a direct strategy sees what is behind the VPN.
    pub vpn: bool,
    /// The operating system says that the network does not lead to the internet.
    pub unvalidated: bool,
    /// What the subject read in cleartext, compared with what another strategy read of the same page. `None`: there is
    /// no comparison.
    pub pages: Option<Box<PageComparison>>,
    /// Resolvers that gave no answer for the name, and answer for another name.
    pub answering: Vec<Resolver>,
    /// Something else was reached on this network a short while ago, so the network works.
    pub alive: bool,
    /// Something outside this device answered in the same access, at this hop of its redirects or at another.
    pub answered_from_outside: bool,
    /// By how many seconds this device's clock is ahead of the time of hosts that proved their names in the same
    /// access.
    pub clock_ahead: Option<i64>,
    /// The known addresses of block pages.
    pub fingerprints: Fingerprints,
}
