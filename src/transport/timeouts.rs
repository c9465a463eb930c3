//! The time limit of every stage, with its reason. A round trip on a bad mobile network takes up to a second.

use std::time::Duration;

/// One lookup: two queries over UDP (the second after 1.5 s) on a bad network.
pub(crate) const DNS: Duration = Duration::from_secs(4);

/// How long an idle connection to a resolver may take to answer: a round trip. A NAT may have forgotten it silently.
pub(crate) const REUSED_DNS: Duration = Duration::from_secs(1);

/// TCP connect: the first SYN, and its retransmissions after 1 s and 3 s (RFC 6298), with a round trip for the last.
pub(crate) const TCP: Duration = Duration::from_secs(4);

/// The proxy's handshake: two round trips to it, and its own connect to the host behind it.
pub(crate) const PROXY: Duration = Duration::from_secs(8);

/// The same for Tor, which may have to build a circuit of three hops first.
pub(crate) const TOR: Duration = Duration::from_secs(20);

/// The same for an onion service: its descriptor, its introduction point and the rendezvous have a circuit each (rend-spec-v3), any
/// of which may have to be made again. C-tor's `SocksTimeout` is two minutes.
pub(crate) const ONION: Duration = Duration::from_secs(60);

/// How long after a broken circuit Tor is asked for another one. C-tor looks once a second which circuits it has and needs
/// (`run_scheduled_events`), so that a spare one may be there.
pub(crate) const NEW_CIRCUIT: Duration = Duration::from_secs(1);

/// When a proxy's next address is tried beside a silent one: RFC 8305 section 8.
pub(crate) const STAGGER: Duration = Duration::from_millis(250);
