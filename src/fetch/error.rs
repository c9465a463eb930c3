//! Why a fetch has no answer.

use std::sync::Arc;

use super::redirect::RedirectError;
use crate::reach::{Finding, PlanError};

/// Why a fetch has no answer.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// No route may be tried.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// Every route failed or answered something else; the attempts say how.
    #[error("no route reached the host")]
    Unreached {
        /// The most informative of the refuted answers, if there was one.
        finding: Option<Finding>,
    },
    /// There are more redirects than allowed.
    #[error("{}", many_redirects(.0))]
    TooManyRedirects(u32),
    /// A redirect was not followed.
    #[error(transparent)]
    Redirect(#[from] RedirectError),
    /// The app's own stream failed while the request was sent.
    #[error("what was to be sent could not be read")]
    Upload(#[source] Arc<dyn std::error::Error + Send + Sync>),
    /// The exposure was raised while the request was under way. The request was ended, and may not be sent twice.
    #[error("the exposure was raised while the request was under way; it was ended, and it may not be sent twice")]
    ExposureRaised,
    /// The URL cannot be fetched over HTTP.
    #[error("only an http or https address with a host can be fetched")]
    Url,
}

impl FetchError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            FetchError::Plan(_) => "no_way",
            FetchError::Unreached { .. } => "unreached",
            FetchError::TooManyRedirects(_) => "too_many_redirects",
            FetchError::Redirect(_) => "redirect",
            FetchError::Upload(_) => "upload",
            FetchError::ExposureRaised => "exposure_raised",
            FetchError::Url => "url",
        }
    }

    /// Whether the host answers, but only with redirects that never end or whose target is not allowed.
    pub(crate) fn leads_nowhere(&self) -> bool {
        matches!(self, FetchError::TooManyRedirects(_) | FetchError::Redirect(_))
    }
}

fn many_redirects(most: &u32) -> String {
    match most {
        0 => "the site answers with a redirect, and this request follows none".to_owned(),
        most => format!("the site redirects more than {most} times"),
    }
}
