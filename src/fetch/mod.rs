//! HTTP as a user means it: redirects, limits, validators, resume, pool.
//!
//! One [`HttpClient::fetch`] runs one request to its final answer. It goes hop by hop, because each address on a chain
//! of redirects may be blocked by itself: a hop is planned and raced ([`crate::reach`]) over connections that
//! [`crate::wire`] speaks and [`crate::transport`] dials, and every attempt of every hop is kept as evidence.
//!
//! What a page is worth is said by a [`PageJudge`], which sees it while it comes. [`PlainJudge`] knows what is true of
//! any site; a source knows its platform's notices. A page that is refuted is no answer, and the race goes on elsewhere.
//! A page counts as an answer when all of it has come. [`HttpClient::stream`] hands an answer out sooner and its body
//! piece by piece (`stream`).
//!
//! What a peer can do to us is bounded by [`Limits`], whatever it sends: endless heads, bodies, redirects, drips and
//! compression bombs end with a typed failure. What it can do to the user is bounded by the rules of redirects:
//!
//! - at most ten, on `http` and `https` only;
//! - never into the user's own network, unless the first request led there: neither by a literal, nor by a name that
//!   is looked up, nor by `localhost` through a proxy;
//! - credentials never leave the origin that they were given for;
//! - from `https` to `http` only without credentials, and only for a community that may be read openly;
//! - exposure travels along, and rises where a hop must be asked for with more ([`Floors`]);
//! - each hop is isolated as the community that it leads to ([`Owners`]), else as the community that the chain came
//!   through, else as its own site ([`Isolation`](crate::transport::Isolation)).
//!
//! A body that stops coming is given up soon and continued on another route where the server allows it (`resume`). One that
//! comes too slowly is not given up, and another route starts beside it (`throughput`).
//! Connections and TLS sessions are kept for a while, each for its own isolation and strategy only (`pool`, `transport/sessions.rs`).
//! Requests to one host in one instant are one race and its followers (`coalesce`). There is no cache, and no cookie jar but the one that a request may bring ([`Cookies`]). Requests look like a common browser's in their few headers (`User-Agent`,
//! `Accept`, `Accept-Encoding`), carry no `Referer`, and nothing in them names Byway.

mod chain_cookies;
mod client;
mod coalesce;
pub(crate) mod decode;
mod digest;
mod exchange;
mod idle_budget;
mod io_activity;
mod judge;
mod limits;
mod link;
mod owners;
mod payload;
mod pool;
mod rate_limit;
pub(crate) mod redirect;
mod request;
pub(crate) mod resume;
mod stream;
mod throughput;
pub(crate) mod validators;

pub use client::{FetchError, Fetched, HttpClient};
pub use idle_budget::IdleBudget;
pub use judge::{PageJudge, PlainJudge, ReceivedPage};
pub use limits::{Allowance, Limits, TOR_PROGRESS};
pub use owners::Owners;
pub use payload::Payload;
pub use rate_limit::RateLimit;
pub use redirect::{Bound, Floors, RedirectError};
pub use request::{Cookies, Ended, OnRaise, Request, Response};
pub use stream::{BodyStream, StreamError, Streamed, StreamedResponse};
pub use validators::Validators;
