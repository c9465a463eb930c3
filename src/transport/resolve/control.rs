//! Checks whether a resolver answers at all.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::timeout;

use super::super::{Cause, Failure, Resolver};
use super::system::system;
use crate::net::Net;
use crate::wire::dns::{self, AnswerContent, QuestionType};

/// Whether a resolver whose answers anyone on the path can forge answers at all. It is asked for a name that every
/// resolver finds and that says nothing about the reader. A denial is an answer.
pub(in crate::transport) async fn answers(net: &dyn Net, resolver: &Resolver) -> bool {
    let denies = |cause: &Cause| matches!(cause, Cause::NxDomain | Cause::NoAddress);
    let asked = async {
        match resolver {
            Resolver::System => system(net, CONTROL_NAME).await.map_or_else(|failure| denies(&failure.cause), |_| true),
            Resolver::Udp(server) => {
                let answered = AtomicBool::new(false);
                let heard = |_, said: &Result<AnswerContent, dns::Error>| {
                    let told = said.as_ref().map_or_else(|error| denies(&Failure::dns(error).cause), |_| true);
                    answered.fetch_or(told, Ordering::Relaxed);
                };
                dns::over_udp(net, *server, CONTROL_NAME, &[QuestionType::A], &heard).await;
                answered.into_inner()
            }
            Resolver::Tls(_) | Resolver::Https { .. } => false,
        }
    };
    timeout(CONTROL, asked).await.unwrap_or(false)
}

/// A server of the DNS root. No user is behind its zone, every resolver needs it, and no censor was seen to touch it.
const CONTROL_NAME: &str = "a.root-servers.net";

/// A working resolver answers within a round trip or two; one packet may be lost.
const CONTROL: Duration = Duration::from_secs(3);
