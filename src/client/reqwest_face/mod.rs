//! A `reqwest` client whose requests go through Byway.
//!
//! [`Byway::reqwest`](crate::Byway::reqwest) returns a `reqwest_middleware::ClientWithMiddleware`. Requests are built and responses read with
//! reqwest's own types (`json`, `form`, `multipart`, `query`, `bytes_stream`, `error_for_status`), and run by Byway's
//! engine. Its one middleware never calls the next, so reqwest opens no socket, looks up no name and speaks no TLS. The
//! client below it, which `AsRef` gives out, is made so that it can reach nothing.
//!
//! # Which options apply
//!
//! | of reqwest | here |
//! | --- | --- |
//! | method, URL, headers, `query`, `form`, `json`, `multipart`, `basic_auth`, `bearer_auth` | apply |
//! | `body` of bytes | applies |
//! | `body` of a stream | applies; it is sent once, and moves to another route only before its first byte |
//! | `RequestBuilder::timeout` | applies to everything, the body included; without it, [`Builder::timeout`](crate::Builder::timeout) applies until the response is there, and then the body may take as long as it keeps coming |
//! | `RequestBuilder::version` | ignored: HTTP/2 if the host offers it in TLS, else HTTP/1.1 |
//! | `with_extension(Replay)`, `with_extension(Exposure)`, `with_extension(GetOptions)` | apply to this request: see below |
//! | `Response::remote_addr` | always `None`: it may be a proxy's; the route is in [`ReachabilityExt::reachability`] |
//! | `Response::content_length` | the length of the decoded body if it is known, as in reqwest |
//! | other middlewares, retries, `RequestInitialiser` | apply, if they stand before [`ReqwestBuilder::middleware`] |
//!
//! | of `reqwest::ClientBuilder` | instead |
//! | --- | --- |
//! | `redirect` | the engine's rules: at most [`Limits::redirects`](crate::fetch::Limits::redirects), credentials stay at their origin, none into the local network |
//! | `cookie_store`, `cookie_provider` | [`ReqwestBuilder::cookie_store`], [`ReqwestBuilder::cookie_provider`] |
//! | `timeout`, `connect_timeout`, `read_timeout` | [`Builder::timeout`](crate::Builder::timeout), [`Limits::progress`](crate::fetch::Limits::progress) |
//! | `proxy`, `resolve`, `dns_resolver`, `local_address` | [`Builder::strategy`](crate::Builder::strategy), [`Builder::resolve`](crate::Builder::resolve), [`Builder::net`](crate::Builder::net) |
//! | `add_root_certificate`, `identity`, other TLS | [`Builder::roots`](crate::Builder::roots) |
//! | `gzip`, `deflate`, `brotli`, `zstd` | always asked for and undone; the last two with the features of that name |
//! | `default_headers`, `user_agent` | a `RequestInitialiser`; without one, that of a common browser |
//! | pool and HTTP/2 tuning | the engine's |
//!
//! # What counts as a response
//!
//! To a user of reqwest, an error status is an answer. A 5xx or a 451 makes Byway try the other routes; if none does
//! better, the response is that answer, and `error_for_status` works. What somebody else put in the host's place never
//! comes as a response, because it would be taken for the page: a block page, a captive portal or a proxy's own error
//! is a [`GetError`](crate::GetError).
//!
//! A response is returned when enough of it has come, see [`HttpClient::stream`](crate::fetch::HttpClient::stream). If
//! the body stops after that, another route continues it, provided that the host gives it a strong validator. Else
//! reading it fails.
//!
//! During a pause on a network that lets only a few addresses through, nothing is sent (see
//! [`OpenOptions::ignore_pause`](crate::OpenOptions::ignore_pause)): the error comes at once, with the verdict that
//! began the pause.
//!
//! # What is sent twice
//!
//! GET, HEAD, OPTIONS and TRACE change nothing (RFC 9110 section 9.2.1), so they are raced over several routes.
//! Everything else is sent once, and moves to another route only while none of it was sent. This includes PUT and
//! DELETE: they are idempotent, which means that a second copy right behind the first does no harm. It does not mean
//! that a copy may arrive after your next request. A caller that knows better uses `with_extension(Replay::Safe)`. A
//! request with credentials, cookies included, is on one route at a time.
//!
//! # Whose cookies
//!
//! None are kept unless [`ReqwestBuilder::cookie_store`] asks for it. Then this client has its own cookies, in memory,
//! never shared with another client or with communities, and apart for each community and site. All routes use the same
//! ones, because a host that has set a cookie recognises the reader anyway.

mod builder;
mod engine;
mod nowhere;
mod reachability_ext;
mod response;

pub use builder::ReqwestBuilder;
pub use engine::ReqwestEngine;
pub use reachability_ext::ReachabilityExt;
