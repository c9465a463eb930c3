//! Where a community is read: one file per kind of home, behind one trait.
//!
//! A [`Source`] knows one platform: how to request its pages, what its answers mean, and when an answer that looks fine
//! is a notice instead of the content. It sends requests through [`HttpClient`] and never chooses a route itself. What
//! it reads is a claim of the platform. What it cannot read is reported in [`Content::notes`] and loses nothing else.

mod advice;
mod alternate;
mod claims;
mod client;
mod contacts;
mod error;
mod held_bytes;
mod html;
mod json;
mod memory;
mod mirror;
mod note;
pub(crate) mod notice;
mod owners;
mod plain;
mod platform;
mod reading;
mod sources;
pub(crate) mod telegram;
pub(crate) mod vk;
pub(crate) mod web;

pub use client::{Fetched, HttpClient, Request};
pub use contacts::{Contacts, Identity};
pub use error::SourceError;
pub(crate) use error::shown;
pub(crate) use memory::{Gap, KeptMonth, Memory, Writer};
pub(crate) use mirror::{
    BatchSink, Carried, Folder, PATIENCE, SYNC_PATIENCE, Unpacked, begun_anew, file_judge, mirror_home, mirror_picture,
    mirror_platform, remembered_behaviour, remembered_chain, remembered_charters, remembered_homes, remembered_trust,
    unpack,
};
pub use note::SourceNote;
pub(crate) use owners::{Platforms, isolation};
pub use platform::{Platform, PlatformMessage};
pub use reading::{Content, ReadOptions, ReadOutcome};
pub(crate) use reading::{HomeOutcome, OtherHome};
pub(crate) use sources::{AnySource, Sources};
pub use web::WebFormat;

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use crate::community::Home;
pub use crate::fetch::{Limits, PageJudge, Payload, PlainJudge, RateLimit, ReceivedPage, Response, Validators};
pub use crate::reach::{Judgement, Replay};
pub use crate::signed::NotGenuine;

/// A kind of home.
///
/// An app may add its own with [`Builder::source`](crate::Builder::source). Its requests must go only through the
/// [`HttpClient`] that it is given, and be made by [`ReadOptions::request`]. Only then the exposure applies to them,
/// and the verdict has all attempts.
///
/// [`Source::read`] is written as an `async fn`:
///
/// ```
/// use byway::community::{Community, Home};
/// use byway::source::{Contacts, Content, HttpClient, Identity, ReadOptions, ReadOutcome, Source, SourceError};
///
/// /// The name of a web page's community is the page's first line.
/// #[derive(Debug)]
/// struct FirstLine;
///
/// impl Source for FirstLine {
///     fn reads(&self, home: &Home) -> bool {
///         matches!(home, Home::Web(_))
///     }
///
///     async fn read(&self, home: &Home, how: &ReadOptions, http: &HttpClient) -> ReadOutcome {
///         let Home::Web(url) = home else { return ReadOutcome::new(Err(SourceError::Unsupported), Vec::new()) };
///         let fetched = http.fetch(how.request(home, url.clone())).await;
///         let content = fetched.result.map_err(SourceError::Unreached).and_then(|answer| {
///             let id = home.to_string().parse().map_err(|_| SourceError::Own("The address is too long.".into()))?;
///             let text = String::from_utf8_lossy(&answer.body);
///             let name = text.lines().next().unwrap_or_default();
///             Ok(Content::new(Community::new(id, name), answer.strategy))
///         });
///         ReadOutcome::new(content, fetched.attempts)
///     }
///
///     fn contacts(&self, home: &Home) -> Contacts {
///         let Home::Web(url) = home else { return Contacts::new([], "the page", Identity::None) };
///         Contacts::new([url.clone()], "the page", Identity::None)
///     }
/// }
/// ```
pub trait Source: fmt::Debug + Send + Sync + 'static {
    /// Whether it reads homes of this kind.
    fn reads(&self, home: &Home) -> bool;

    /// Reads the newest state of the community behind a home.
    ///
    /// Cancel-safe: the future is dropped when the reading is cancelled.
    fn read(&self, home: &Home, how: &ReadOptions, http: &HttpClient) -> impl Future<Output = ReadOutcome> + Send;

    /// Whom a reading would contact, and what its requests would say about the reader. Sends nothing.
    fn contacts(&self, home: &Home) -> Contacts;
}

impl<S: Source> Source for Arc<S> {
    fn reads(&self, home: &Home) -> bool {
        S::reads(self, home)
    }

    fn read(&self, home: &Home, how: &ReadOptions, http: &HttpClient) -> impl Future<Output = ReadOutcome> + Send {
        S::read(self, home, how, http)
    }

    fn contacts(&self, home: &Home) -> Contacts {
        S::contacts(self, home)
    }
}
