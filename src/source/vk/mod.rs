//! VKontakte, read through its API.
//!
//! A reading is two or three calls (`groups.getById`, `wall.get`, and the gatherings that these name) at no more than
//! three a second. Every call uses whichever route works. The country where that route exits matters, because VK hides
//! communities by country: such an answer is refuted (`judge`) and the next route is tried. What VK stated on the first
//! route becomes a [`Restriction`] of what was read on the second.
//!
//! The answers are old and varied, and their shape is not guaranteed. `lenient` takes what is there, `group`, `post`
//! and `event` build the model from it, and what cannot be read becomes a note. What a community says about itself is
//! searched in its own words (`advice`, `claims`) and kept as a claim.
//!
//! A user token tells VK who reads. It is never sent for a community of exposure `tor`.

mod api;
mod config;
mod errors;
mod event;
mod group;
mod judge;
mod lenient;
mod markup;
mod platform;
mod post;
mod reading;
#[cfg(test)]
mod tests;

use std::num::NonZeroU32;
use std::sync::Arc;

use http::HeaderValue;

pub use config::{VkConfig, VkConfigError, VkToken};
pub use judge::VkPageJudge;
pub(crate) use platform::platform;

use self::api::{Api, CallError, Sender};
use self::config::Bases;
use self::platform::{no_token, restricted};
#[cfg(any(feature = "fuzzing", feature = "internals"))]
use super::json;
use super::{Contacts, HttpClient, Identity, ReadOptions, ReadOutcome, Source, SourceError};
#[cfg(feature = "fuzzing")]
use crate::community::Event;
#[cfg(any(feature = "fuzzing", feature = "internals"))]
use crate::community::Post;
use crate::community::{Community, Home, Restriction};
use crate::exposure::Exposure;
use crate::fetch::RateLimit;
use crate::reach::{Attempt, Finding, Outcome};
use crate::transport::Strategy;

/// The source for homes at VKontakte.
#[derive(Debug)]
pub struct Vk {
    bases: Bases,
    token: Option<(VkToken, HeaderValue)>,
    pace: Arc<RateLimit>,
}

impl Vk {
    /// A source with this configuration. It can be made without a token, and then reads nothing.
    ///
    /// # Errors
    /// See [`VkConfigError`].
    pub fn new(config: VkConfig) -> Result<Self, VkConfigError> {
        let VkConfig { base, token } = config;
        let token = match token {
            Some(token) => {
                config::check(&token)?;
                let header = token.header()?;
                Some((token, header))
            }
            None => None,
        };
        Ok(Self { bases: Bases::of(base.as_deref())?, token, pace: Arc::new(RateLimit::per_second(REQUESTS_A_SECOND)) })
    }

    async fn read_over(&self, home: &Home, how: &ReadOptions, http: &dyn Sender) -> ReadOutcome {
        let Home::Vk(home) = home else {
            return ReadOutcome::new(Err(SourceError::Unsupported), Vec::new());
        };
        let Some((token, authorization)) = &self.token else {
            return ReadOutcome::new(Err(no_token()), Vec::new());
        };
        if how.exposure == Exposure::Tor && token.names_reader() {
            return ReadOutcome::new(Err(SourceError::TokenNamesReader(platform())), Vec::new());
        }
        let mut api = Api::new(http, &self.bases, (token, authorization), &self.pace, home, how);
        let result = reading::read(home, how, &mut api).await.map_err(CallError::into_source_error);
        let result =
            result.and_then(|content| content.ok_or_else(|| SourceError::Absent(platform()))).map(|mut content| {
                record_restrictions(&mut content.community, &api.attempts);
                content.notes.append(&mut api.notes);
                content
            });
        let result = match result {
            // A name with a notice under it is not the community, and neither is a notice alone.
            Ok(content) if api.noticed && content.posts.is_empty() => content
                .community
                .restrictions
                .first()
                .cloned()
                .map_or(Ok(content), |restriction| Err(restricted(restriction))),
            Err(error @ (SourceError::Absent(_) | SourceError::Answer(_))) if api.noticed => {
                Err(stated(&api.attempts).map_or(error, restricted))
            }
            result => result,
        };
        if matches!(result, Err(SourceError::Restricted { .. })) {
            // The empty wall that came with the notice does not disprove it.
            api.attempts.retain(|attempt| attempt.outcome != Outcome::Proven);
        }
        ReadOutcome::new(result, api.attempts)
    }
}

impl Source for Vk {
    fn reads(&self, home: &Home) -> bool {
        matches!(home, Home::Vk(_))
    }

    async fn read(&self, home: &Home, how: &ReadOptions, http: &HttpClient) -> ReadOutcome {
        Box::pin(self.read_over(home, how, http.engine())).await
    }

    fn contacts(&self, _: &Home) -> Contacts {
        Contacts {
            urls: self.bases.all().to_vec(),
            platform: platform(),
            refusal: self.token.is_none().then(no_token),
            identity: match &self.token {
                None => Identity::None,
                Some((token, _)) if token.names_reader() => Identity::Reader,
                Some(_) => Identity::App,
            },
        }
    }
}

/// The posts in an answer of `wall.get`, as VK sent it: for an app that has kept one. Odd ones are left out.
///
/// # Errors
/// [`SourceError::Answer`] if it is not such an answer.
#[cfg(feature = "internals")]
pub fn posts(answer: &[u8]) -> Result<Vec<Post>, SourceError> {
    let envelope = json::read(answer).ok_or_else(|| SourceError::Answer(platform()))?;
    let response = envelope.get("response").ok_or_else(|| SourceError::Answer(platform()))?;
    let wall = post::wall(response, None, None, None);
    if wall.fault.is_some() {
        return Err(SourceError::Answer(platform()));
    }
    Ok(wall.posts.into_iter().filter(|post| !post.is_removed_and_hollow()).collect())
}

/// Everything that is read from an answer of the API, whatever it contains: for the fuzz targets.
#[cfg(feature = "fuzzing")]
pub(crate) fn read_anything(answer: &[u8]) -> Option<(Option<Community>, Vec<Post>, Vec<Event>)> {
    let envelope = json::read(answer)?;
    let response = envelope.get("response").unwrap_or(&envelope);
    let mut wall = post::wall(response, None, None, Some(jiff::Timestamp::UNIX_EPOCH));
    let groups = group::groups(response);
    let mut communities = Vec::new();
    let mut events = Vec::new();
    for group in &groups {
        let Some(id) = group::id(group) else { continue };
        let mut community = group::community(group, id, jiff::Timestamp::UNIX_EPOCH);
        group::read_claims(&mut community, group, &wall.pinned);
        communities.push(community);
        events.push(event::of_group(group, id, None, jiff::Timestamp::UNIX_EPOCH));
    }
    let attached = std::mem::take(&mut wall.events);
    events.extend(attached.into_iter().map(|one| event::of_attachment(&one.body, one.id)));
    Some((communities.into_iter().next(), wall.posts, events))
}

/// The judge of the API's answers: for the fuzz targets.
#[cfg(feature = "fuzzing")]
pub(crate) fn api_judge() -> impl crate::fetch::PageJudge {
    judge::ApiJudge::default()
}

/// What VK stated on the routes on which it hid the community, as restrictions of what another route read.
fn record_restrictions(community: &mut Community, attempts: &[Attempt]) {
    for attempt in attempts {
        if let Outcome::Refuted(Finding::PlatformBlocked(statement)) = &attempt.outcome {
            let mut restriction = judge::restriction(statement);
            restriction.observed_in = exit_country(&attempt.strategy);
            community.restrict(restriction);
        }
    }
}

/// The last notice that VK gave instead of an answer.
fn stated(attempts: &[Attempt]) -> Option<Restriction> {
    attempts.iter().rev().find_map(|attempt| match &attempt.outcome {
        Outcome::Refuted(Finding::PlatformBlocked(statement)) => Some(judge::restriction(statement)),
        _ => None,
    })
}

fn exit_country(strategy: &Strategy) -> Option<String> {
    strategy.country.as_ref().map(|country| country.code().to_ascii_uppercase())
}

/// VK's own limit for a user token.
const REQUESTS_A_SECOND: NonZeroU32 = NonZeroU32::MIN.saturating_add(2);
