//! What happened to a request, read from reqwest's own responses and errors.

use std::error::Error as StdError;

use super::super::{GetError, Reachability};
use super::response::BrokenBody;

/// What happened to a request of such a client.
pub trait ReachabilityExt {
    /// What the attempts mean. For an error: `None` if nothing was contacted, or if the error has nothing to do with
    /// reaching the host (such as invalid JSON).
    fn reachability(&self) -> Option<&Reachability>;
}

impl ReachabilityExt for reqwest::Response {
    fn reachability(&self) -> Option<&Reachability> {
        self.extensions().get()
    }
}

impl ReachabilityExt for reqwest::Error {
    fn reachability(&self) -> Option<&Reachability> {
        std::iter::successors(self.source(), |error| (*error).source()).find_map(explained)
    }
}

impl ReachabilityExt for reqwest_middleware::Error {
    fn reachability(&self) -> Option<&Reachability> {
        match self {
            reqwest_middleware::Error::Middleware(error) => error.chain().find_map(explained),
            reqwest_middleware::Error::Reqwest(error) => error.reachability(),
        }
    }
}

fn explained<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a Reachability> {
    match error.downcast_ref::<GetError>() {
        Some(error) => error.reachability(),
        None => error.downcast_ref::<BrokenBody>().map(BrokenBody::reachability),
    }
}
