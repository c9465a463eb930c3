//! The shapes of `--json`: what programs read. They change only by gaining members (docs/cli.md).
//!
//! Members keep the order of these structs. Strategies are written without their logins.

use base64::Engine as _;
use byway::community::{Claim, Community, Event, Post};
use byway::reach::{Code, Layer, Weights};
use byway::sentences::Language;
use byway::{GetError, Got, OpenError, Opened, ReadFrom};
use jiff::Timestamp;
use serde::Serialize;

/// How something was reached: the whole of `probe`, a member of the others.
#[derive(Debug, Serialize)]
pub(crate) struct Reachability {
    url: String,
    verdict: Verdict,
    reached_by: Option<String>,
    attempts: Vec<Attempt>,
}

#[derive(Debug, Serialize)]
struct Verdict {
    code: Code,
    layer: Option<Layer>,
    weights: Weights,
    rule: &'static str,
    sentence: String,
}

#[derive(Debug, Serialize)]
struct Attempt {
    strategy: String,
    stage: &'static str,
    outcome: &'static str,
    address: Option<String>,
    ms: u64,
    bytes: u64,
}

impl Reachability {
    pub(crate) fn of(reachability: &byway::Reachability, language: Language) -> Self {
        let verdict = &reachability.verdict;
        Self {
            url: reachability.url.clone(),
            verdict: Verdict {
                code: verdict.code,
                layer: verdict.layer,
                weights: verdict.weights,
                rule: verdict.rule,
                sentence: reachability.sentence(language),
            },
            reached_by: reachability.reached_by.as_ref().map(|way| way.redacted()),
            attempts: reachability
                .attempts
                .iter()
                .map(|attempt| Attempt {
                    strategy: attempt.strategy.redacted(),
                    stage: attempt.stage.code(),
                    outcome: attempt.outcome.code(),
                    address: attempt.address.map(|address| address.to_string()),
                    ms: u64::try_from(attempt.took.as_millis()).unwrap_or(u64::MAX),
                    bytes: attempt.bytes,
                })
                .collect(),
        }
    }
}

/// What went wrong, beside the reachability.
#[derive(Debug, Serialize)]
pub(crate) struct Fault {
    code: &'static str,
    sentence: String,
}

/// `open`, whether the community was read or not.
#[derive(Debug, Serialize)]
pub(crate) struct Open<'a> {
    community: Option<&'a Community>,
    posts: &'a [Post],
    events: &'a [Event],
    successor: Option<&'a Claim>,
    reachability: Reachability,
    source: Option<&'static str>,
    synced_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    notes: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Fault>,
}

impl<'a> Open<'a> {
    pub(crate) fn read(opened: &'a Opened, language: Language) -> Self {
        Self {
            community: Some(&opened.community),
            posts: &opened.posts,
            events: &opened.events,
            successor: opened.community.successor.as_ref(),
            reachability: Reachability::of(&opened.reachability, language),
            source: Some(match opened.source {
                ReadFrom::Network => "network",
                _ => "store",
            }),
            synced_at: Some(opened.synced_at),
            notes: &opened.notes,
            error: None,
        }
    }

    pub(crate) fn failed(error: &OpenError, reachability: &byway::Reachability, language: Language) -> Self {
        Self {
            community: None,
            posts: &[],
            events: &[],
            successor: None,
            reachability: Reachability::of(reachability, language),
            source: None,
            synced_at: None,
            notes: &[],
            error: Some(Fault { code: error.code(), sentence: error.sentence(language) }),
        }
    }
}

/// `get`, whether a page came or not.
#[derive(Debug, Serialize)]
pub(crate) struct Get {
    url: String,
    status: Option<u16>,
    headers: Vec<(String, String)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body_base64: Option<String>,
    reachability: Reachability,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Fault>,
}

impl Get {
    pub(crate) fn read(got: &Got, language: Language) -> Self {
        let (body, body_base64) = match std::str::from_utf8(&got.response.body) {
            Ok(text) => (Some(text.to_owned()), None),
            Err(_) => (None, Some(base64::engine::general_purpose::STANDARD.encode(&got.response.body))),
        };
        Self {
            url: got.response.url.to_string(),
            status: Some(got.response.status.as_u16()),
            headers: got
                .response
                .headers
                .iter()
                .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
                .collect(),
            body,
            body_base64,
            reachability: Reachability::of(&got.reachability, language),
            error: None,
        }
    }

    pub(crate) fn failed(error: &GetError, reachability: &byway::Reachability, language: Language) -> Self {
        Self {
            url: reachability.url.clone(),
            status: None,
            headers: Vec::new(),
            body: None,
            body_base64: None,
            reachability: Reachability::of(reachability, language),
            error: Some(Fault { code: error.code(), sentence: error.sentence(language) }),
        }
    }
}

/// `strategies`: one entry a line that is no comment.
#[derive(Debug, Serialize)]
pub(crate) struct StrategyLines {
    pub(crate) lines: Vec<StrategyLine>,
}

/// One line of a list of strategies.
#[derive(Debug, Serialize)]
pub(crate) struct StrategyLine {
    pub(crate) line: usize,
    /// Without its login; of a line that was not understood, what can be shown of it.
    pub(crate) strategy: Option<String>,
    /// The number of the line that had the same way first.
    pub(crate) same_as: Option<usize>,
    pub(crate) error: Option<String>,
}

/// Prints one document. Nothing in it can fail to be written as JSON but a number that is none, and there is none.
pub(crate) fn print(document: &impl Serialize) {
    let mut text = serde_json::to_string_pretty(document).unwrap_or_else(|_| "null".to_owned());
    text.push('\n');
    crate::screen::out(text.as_bytes());
}
