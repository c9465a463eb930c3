//! WHERE a community is read: one file a kind of home, behind one trait.

use futures_util::future::BoxFuture;

use crate::community::{Community, Event, Home, Post};
use crate::http::HttpClient;
use crate::reach::Attempt;
use crate::transport::{Exposure, Strategy};

/// A kind of home.
pub trait Source: std::fmt::Debug + Send + Sync {
    /// Reads the newest state of the community behind a home.
    fn read<'a>(&'a self, home: &'a Home, how: &'a Reading, http: &'a HttpClient) -> BoxFuture<'a, Read>;
}

/// How to read.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Reading {
    /// Who may learn of it.
    pub exposure: Exposure,
    /// How many of the newest posts.
    pub posts: usize,
}

/// What came of it, and the evidence either way.
#[non_exhaustive]
pub struct Read {
    /// The content, or why there is none.
    pub result: Result<Content, SourceError>,
    /// Every attempt of every request.
    pub attempts: Vec<Attempt>,
}

/// What a source read.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Content {
    /// The community.
    pub community: Community,
    /// Newest first.
    pub posts: Vec<Post>,
    /// By start.
    pub events: Vec<Event>,
    /// By which way it came.
    pub reached_by: Strategy,
    /// What could not be read of it, one sentence each (an odd post, an events call that failed).
    pub notes: Vec<String>,
}

/// Why a source has no content.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// It needs a token and there is none.
    #[error("{0}")]
    Token(String),
}
