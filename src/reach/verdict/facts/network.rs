//! What the attempts say about the network as a whole.

use std::net::IpAddr;

use super::super::addresses::canonical;
use super::super::case::Context;
use super::{Facts, Sign};
use crate::reach::{Attempt, Finding, Outcome};
use crate::transport::{Cause, CertificateFault, Failure, NextHop, Stage};

impl Facts<'_> {
    /// Nothing in the whole case was answered, because there is no network. Returns the attempts that show it.
    ///
    /// A middlebox can send the same errors for one host (ICMP, RFC 792), and the system reports both alike. So an answer
    /// of anything outside this device outweighs them.
    pub(in crate::reach::verdict) fn no_network(&self) -> Option<Vec<usize>> {
        let Context { alive, answered_from_outside, .. } = self.case.context;
        if alive || answered_from_outside || self.attempts().any(|(_, attempt, _)| attempt.was_answered_from_outside())
        {
            return None;
        }
        let mut unreachable = Vec::new();
        let mut certain = true;
        // Direct strategies have the host as their first hop, whichever resolver they ask.
        let mut hops: Vec<NextHop<'_>> = Vec::new();
        for (index, attempt, sign) in self.attempts() {
            // A Tor or proxy on this device answers without any network, so its failure says nothing.
            if attempt.address.is_some_and(|address| canonical(address).is_loopback()) && !attempt.strategy.is_direct()
            {
                if matches!(sign, Sign::Proven | Sign::Found(_) | Sign::Certificate(_)) || attempt.first_byte.is_some()
                {
                    return None;
                }
                continue;
            }
            // Neither does that of the Tor within the program, whose relays are dialled out of sight.
            if attempt.strategy.next_hop() == NextHop::Tor && !attempt.got_an_answer() {
                continue;
            }
            let Outcome::Failed(failure) = &attempt.outcome else { return None };
            match failure.cause {
                Cause::Unreachable if failure.stage <= Stage::Tcp => {
                    let ipv6 = attempt.address.is_some_and(|address| canonical(address).is_ipv6());
                    certain &= ipv6 || failure.errno.is_some_and(|errno| NO_NETWORK.contains(&errno));
                    if !ipv6 {
                        unreachable.push(index);
                    }
                    if !hops.contains(&attempt.strategy.next_hop()) {
                        hops.push(attempt.strategy.next_hop());
                    }
                }
                Cause::LookupFailed => {}
                Cause::Silence if failure.stage == Stage::Dns => {}
                _ => return None,
            }
        }
        // "Host unreachable" may come from a router on the path, so two first hops must agree.
        (!unreachable.is_empty() && (certain || hops.len() > 1)).then_some(unreachable)
    }

    /// Attempts over the device's own uplink that met a login portal. What a proxy or an exit of Tor meets is not on it.
    pub(in crate::reach::verdict) fn portals(&self) -> Vec<usize> {
        let portal = |(index, attempt, sign): (usize, &Attempt, Sign<'_>)| {
            (attempt.strategy.is_direct() && matches!(sign, Sign::Found(Finding::CaptivePortal))).then_some(index)
        };
        self.attempts().filter_map(portal).collect()
    }

    /// Certificates of two different hosts (the site, and an HTTPS proxy or a resolver) are out of date.
    pub(in crate::reach::verdict) fn two_clocks(&self) -> Vec<usize> {
        let out_of_time = |attempt: &Attempt| match &attempt.outcome {
            Outcome::Failed(Failure { stage, cause: Cause::Certificate { fault }, .. }) => {
                matches!(fault, CertificateFault::Expired | CertificateFault::NotYetValid).then_some(*stage)
            }
            _ => None,
        };
        let stages =
            |wanted: Stage| self.attempts().find(|(_, a, _)| out_of_time(a) == Some(wanted)).map(|(index, ..)| index);
        let resolver = || {
            let of_time = |said: &Result<Vec<IpAddr>, Cause>| {
                matches!(
                    said,
                    Err(Cause::Certificate { fault: CertificateFault::Expired | CertificateFault::NotYetValid })
                )
            };
            let met = |attempt: &Attempt| {
                attempt.lookups.iter().flat_map(|lookup| &lookup.answers).any(|answer| of_time(&answer.result))
            };
            self.attempts().find(|(_, attempt, _)| met(attempt)).map(|(index, ..)| index)
        };
        match (stages(Stage::Tls), stages(Stage::Proxy).or_else(resolver)) {
            (Some(site), Some(proxy)) if !self.attempts().any(|(_, a, _)| a.proved_name) => vec![site, proxy],
            _ => Vec::new(),
        }
    }
}

/// ENETUNREACH and ENETDOWN on Linux and Android, on Apple's systems, and on Windows: this device has no route at all.
const NO_NETWORK: [i32; 6] = [101, 100, 51, 50, 10051, 10050];
