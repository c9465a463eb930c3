//! Whether a resolver answers anything at all.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::timeout;

use super::super::{Cause, Failure, Resolver};
use super::system::system;
use crate::net::Net;
use crate::wire::dns::{self, Kind, Said};

/// Whether a resolver answers at all, in whose place anybody on the way can answer: it is asked for a name that every resolver
/// of the world finds, and that says nothing of who asks. A denial is an answer.
pub(in crate::transport) async fn answers(net: &dyn Net, resolver: &Resolver) -> bool {
    let denies = |cause: &Cause| matches!(cause, Cause::NxDomain | Cause::NoAddress);
    let asked = async {
        match resolver {
            Resolver::System => system(net, CONTROL_NAME).await.map_or_else(|failure| denies(&failure.cause), |_| true),
            Resolver::Udp(server) => {
                let answered = AtomicBool::new(false);
                let heard = |_, said: &Result<Said, dns::Error>| {
                    let told = said.as_ref().map_or_else(|error| denies(&Failure::dns(error).cause), |_| true);
                    answered.fetch_or(told, Ordering::Relaxed);
                };
                dns::over_udp(net, *server, CONTROL_NAME, &[Kind::A], &heard).await;
                answered.into_inner()
            }
            Resolver::Tls(_) | Resolver::Https { .. } => false,
        }
    };
    timeout(CONTROL, asked).await.unwrap_or(false)
}

/// A server of the DNS root. Its zone has no user, no resolver can do without it, and no censor was seen to touch it.
const CONTROL_NAME: &str = "a.root-servers.net";

/// A resolver that answers does so in a round trip or two; one packet may be lost.
const CONTROL: Duration = Duration::from_secs(3);
