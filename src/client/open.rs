//! Reading a community.

use std::time::Duration;

use jiff::Timestamp;
use url::Url;

use super::reachability::Asked;
use super::{Byway, Reachability};
use crate::community::{Community, Event, Home, HomeError, Post, State};
use crate::reach::{Context, Outcome};
use crate::sentences::{self, Language};
use crate::source::{Asks, Content, Read, Reading, SourceError};
use crate::transport::is_local;

/// A community as it was read.
#[derive(Debug)]
#[non_exhaustive]
pub struct Opened {
    /// The community. A successor it names is a claim, not followed.
    pub community: Community,
    /// Newest first.
    pub posts: Vec<Post>,
    /// By start.
    pub events: Vec<Event>,
    /// How it was reached.
    pub reachability: Reachability,
    /// Where the content comes from.
    pub source: ReadFrom,
    /// When it was read from its source.
    pub synced_at: Timestamp,
    /// What could not be read of it, one sentence each.
    pub notes: Vec<String>,
}

/// Where content comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReadFrom {
    /// It was read just now.
    Network,
}

/// Why a community was not read.
#[derive(Debug, thiserror::Error)]
#[error("{fault}")]
#[non_exhaustive]
pub struct OpenError {
    /// Why.
    #[source]
    pub fault: OpenFault,
    reachability: Option<Box<Reachability>>,
}

/// What kept a community from being read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenFault {
    /// The link is none. Nothing was contacted.
    #[error(transparent)]
    Link(#[from] HomeError),
    /// The link leads to a page of a kind that no source reads. Nothing was contacted.
    #[error("{}", sentences::unknown_kind(Language::En))]
    Kind,
    /// The source read nothing.
    #[error(transparent)]
    Source(#[from] SourceError),
}

impl OpenError {
    /// The stable code: `link`, or the source's.
    pub fn code(&self) -> &'static str {
        match &self.fault {
            OpenFault::Link(_) | OpenFault::Kind => "link",
            OpenFault::Source(error) => error.code(),
        }
    }

    /// Why, in one plain sentence.
    pub fn sentence(&self, language: Language) -> String {
        match &self.fault {
            OpenFault::Link(error) => sentences::link(language, error),
            OpenFault::Kind => sentences::unknown_kind(language).to_owned(),
            OpenFault::Source(error) => sentences::source(language, error),
        }
    }

    /// How far it was reached all the same; `None` when nothing was contacted.
    pub fn reachability(&self) -> Option<&Reachability> {
        self.reachability.as_deref()
    }

    fn untried(fault: impl Into<OpenFault>) -> Self {
        Self { fault: fault.into(), reachability: None }
    }
}

impl Byway {
    /// Reads a community by whichever way works first. A token is in flight on one way at a time.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open(&self, link: &str) -> Result<Opened, OpenError> {
        let home: Home = link.parse().map_err(OpenError::untried)?;
        let Some(source) = self.sources.of(&home) else {
            return Err(OpenError::untried(OpenFault::Kind));
        };
        let at = Timestamp::try_from(self.net.wall()).unwrap_or(Timestamp::UNIX_EPOCH);
        let started = self.net.now();
        let mut reading = Reading::new(self.exposure, at);
        reading.until = Some(started + self.timeout);
        let Read { result, attempts } = source.read(&home, &reading, &self.http).await;
        let took = self.net.now().saturating_duration_since(started);
        match result {
            Ok(content) => {
                let Content { community, posts, events, reached_by, notes, .. } = content;
                let gone = community.state == State::Gone;
                let reachability = Reachability::of(
                    self.asked_home(source.asks(&home), &home, true, gone, took),
                    Some(reached_by),
                    attempts,
                );
                Ok(Opened { community, posts, events, reachability, source: ReadFrom::Network, synced_at: at, notes })
            }
            Err(error @ (SourceError::NoToken | SourceError::TokenNamesReader)) => Err(OpenError::untried(error)),
            Err(error) => {
                let gone = matches!(error, SourceError::Gone { .. });
                // The platform's own words are an authentic answer, though not the content.
                let answered = !matches!(error, SourceError::Unreached(_) | SourceError::Restricted(_));
                let proven = attempts.iter().rev().find(|attempt| attempt.outcome == Outcome::Proven);
                let reached_by = proven.filter(|_| answered).map(|attempt| attempt.strategy.clone());
                let reachability = Reachability::of(
                    self.asked_home(source.asks(&home), &home, gone, gone, took),
                    reached_by,
                    attempts,
                );
                Err(OpenError { fault: error.into(), reachability: Some(Box::new(reachability)) })
            }
        }
    }

    /// `read`: the community, or that it is no more.
    fn asked_home(&self, asks: Asks, home: &Home, read: bool, gone: bool, took: Duration) -> Asked {
        let first = asks.urls.into_iter().next();
        let local_destination = first.as_ref().and_then(Url::host).is_some_and(|host| is_local(&host.to_owned()));
        Asked {
            url: home.to_string(),
            hops: first.into_iter().collect(),
            platform: Some(asks.platform),
            subject: self.subject().clone(),
            context: Context { gone, local_destination, country: self.country, ..Context::default() },
            read,
            took: Some(took),
        }
    }
}
