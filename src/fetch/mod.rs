//! HTTP as a user means it: redirects, limits, validators, resume, pool.
//!
//! One [`HttpClient::fetch`] runs one request to its final answer. It goes hop by hop, because each address on a chain
//! of redirects may be blocked by itself. Each hop is planned and raced ([`crate::reach`]) over connections that
//! [`crate::wire`] speaks and [`crate::transport`] dials, and every attempt of every hop is kept as evidence.
//!
//! A [`PageJudge`] sees a page while it comes, and says what it is worth. [`PlainJudge`] knows what is true of any
//! site; a source knows its platform's notices. A refuted page is not an answer, and the race continues elsewhere. A
//! page counts as an answer when all of it has come. [`HttpClient::stream`] hands an answer out sooner, with its body
//! piece by piece (`stream`).
//!
//! [`Limits`] bound what a peer can do to us, whatever it sends: endless heads, bodies, redirects, drips and
//! compression bombs end with a typed failure. The rules of redirects bound what a peer can do to the user:
//!
//! - at most ten, on `http` and `https` only;
//! - never into the user's own network, unless the first request led there: neither by an address, nor by a name that
//!   is looked up, nor by `localhost` through a proxy;
//! - credentials are never sent to another origin than the one that they were given for;
//! - from `https` to `http` only without credentials, and only for a community that may be read openly;
//! - the exposure stays in force, and rises if a hop requires a higher one ([`Floors`]);
//! - each hop is isolated as the community that it leads to ([`Owners`]), else as the community that the chain came
//!   through, else as its own site ([`Isolation`](crate::transport::Isolation)).
//!
//! A body that stops coming is soon given up and continued on another route if the server allows it (`resume`). One
//! that comes too slowly is not given up, and another route starts beside it (`throughput`). Connections and TLS
//! sessions are kept for a while, each for its own isolation and strategy only (`pool`, `transport/sessions.rs`).
//! Simultaneous requests to one host are one race and its followers (`coalesce`). There is no cache, and no cookie jar
//! but the one that a request may bring ([`Cookies`]). Requests look like a common browser's in their few headers
//! (`User-Agent`, `Accept`, `Accept-Encoding`), carry no `Referer`, and do not name Byway.

mod chain_cookies;
mod client;
mod coalesce;
mod current_network;
pub(crate) mod decode;
mod digest;
mod error;
mod exchange;
mod fetched;
mod floors;
pub(crate) mod hop;
mod hop_race;
mod hops;
mod idle_budget;
mod io_activity;
mod judge;
mod limits;
mod link;
mod outgoing;
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
mod web_url;

pub use client::HttpClient;
pub use error::FetchError;
pub use fetched::{Fetched, Losers};
pub use floors::{Bound, Floors};
pub use idle_budget::IdleBudget;
pub use judge::{PageJudge, PlainJudge, ReceivedPage};
pub use limits::{Allowance, Limits, TOR_PROGRESS};
pub use owners::Owners;
pub use payload::Payload;
pub use rate_limit::RateLimit;
pub use redirect::RedirectError;
pub use request::{Cookies, Ended, OnRaise, Request, Response, Stop};
pub use stream::{BodyStream, StreamError, Streamed, StreamedResponse};
pub use validators::{GivenValidators, Validators};
pub use web_url::UrlError;
#[cfg(any(feature = "reqwest", feature = "upload"))]
pub(crate) use web_url::fetchable;
pub(crate) use web_url::web_url;
