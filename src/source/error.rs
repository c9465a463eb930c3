use url::Url;

use super::{NotGenuine, Platform, PlatformMessage};
use crate::community::Restriction;
use crate::fetch::FetchError;

/// Error reading a community. Each variant is one sentence; a platform's statement is attributed to it.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The platform answers only to requests with a token, and the app gave none. Nothing was sent.
    #[error("{platform} is read with an access token, and none was given{}", issued(.issued_at.as_ref()))]
    NoToken {
        /// Which platform.
        platform: Platform,
        /// Where it issues tokens.
        issued_at: Option<Url>,
    },
    /// The token names its owner, and the exposure is `tor`. Nothing was sent. A token that names no person may be given
    /// instead.
    #[error(
        "a user token tells {0} who reads, so it is not sent for a community of exposure `tor`; give the service token of \
         an app instead"
    )]
    TokenNamesReader(Platform),
    /// The platform refuses the token. This is not a block.
    #[error("{}", token_refused(*.other_address, .stated))]
    TokenRefused {
        /// The token was issued for another IP address than the one that this route shows.
        other_address: bool,
        /// What the platform states.
        stated: PlatformMessage,
    },
    /// The platform refuses the token's owner, or asks something of the owner first. This is not a block.
    #[error("{}", says("the owner of the token is not served, or has to do something there first", .0))]
    UserRefused(PlatformMessage),
    /// The platform refuses the token's app. This is not a block.
    #[error("{}", says("the app of the token is not served", .0))]
    AppRefused(PlatformMessage),
    /// The platform states an error with an unknown meaning. Nothing is concluded from it.
    #[error("{} states {}: {}", .0.platform, error_number(.0), .0.message)]
    Stated(PlatformMessage),
    /// The platform accepts no more requests for now.
    #[error("{}", says("it answers no more requests for now", .0))]
    Throttled(PlatformMessage),
    /// The platform does not show the community to the owner of this token.
    #[error("{}", says("this token may not read the community", .0))]
    Denied(PlatformMessage),
    /// The platform says that the community no longer exists.
    #[error("{}", says("this community no longer exists", .0))]
    Gone(PlatformMessage),
    /// The platform's answer names no such community. That alone does not mean that it is gone.
    #[error("{0} has no such page or community, by its answer; check the spelling of the link")]
    Absent(Platform),
    /// The platform hides the community on every route that reached it.
    #[error("{}", restricted(.restriction))]
    Restricted {
        /// Which platform.
        platform: Platform,
        /// What it states about the block.
        restriction: Box<Restriction>,
    },
    /// The platform failed repeatedly.
    #[error("{} states a fault of its own{}: {}", .0.platform, .0.number(), .0.message)]
    Platform(PlatformMessage),
    /// The platform does not accept the request: the name is impossible, or Byway has a fault.
    #[error("{}", says("it does not accept the request", .0))]
    Request(PlatformMessage),
    /// The answer comes from the platform and holds nothing usable.
    #[error("{0}'s answer holds no community that can be read")]
    Answer(Platform),
    /// The page names no feed and no calendar, and the usual addresses have none.
    #[error("{0} names no feed or calendar that can be read")]
    NoFeed(Platform),
    /// The platform shows no posts on the web at this address: a person, a group, or a channel without a preview. Not a
    /// block.
    #[error("{0} shows no posts on the web at this address: it is a person, a group or a channel without a preview")]
    NoPreview(Platform),
    /// What the mirror of a signed community sent is not what the community signed.
    #[error("{platform} does not prove that it carries this community: {fault}")]
    NotGenuine {
        /// The mirror.
        platform: Platform,
        /// Why it is not believed.
        fault: NotGenuine,
    },
    /// No route led to the platform; the attempts say how each ended.
    #[error(transparent)]
    Unreached(FetchError),
    /// A message of the app's own source: a whole sentence in the app's language.
    #[error("{0}")]
    Own(String),
    /// The source panicked. This is a fault of the program: of the app's own source, or of Byway.
    #[error("the part of the program that reads this kind of address failed; this is a fault of the program")]
    Panicked,
    /// The source does not read this kind of home.
    #[error("this kind of address is read by no source here")]
    Unsupported,
}

impl SourceError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            SourceError::NoToken { .. } => "no_token",
            SourceError::TokenNamesReader(_) => "token_names_reader",
            SourceError::TokenRefused { .. } => "token_refused",
            SourceError::UserRefused(_) => "user_refused",
            SourceError::AppRefused(_) => "app_refused",
            SourceError::Stated(_) => "platform_error",
            SourceError::Throttled(_) => "throttled",
            SourceError::Denied(_) => "denied",
            SourceError::Gone(_) => "gone",
            SourceError::Absent(_) => "absent",
            SourceError::Restricted { .. } => "restricted",
            SourceError::Platform(_) => "platform_fault",
            SourceError::Request(_) => "bad_request",
            SourceError::Answer(_) => "bad_answer",
            SourceError::NoFeed(_) => "no_feed",
            SourceError::NoPreview(_) => "no_preview",
            SourceError::NotGenuine { .. } => "not_genuine",
            SourceError::Unreached(_) => "unreached",
            SourceError::Own(_) => "own_source",
            SourceError::Panicked => "source_panicked",
            SourceError::Unsupported => "unsupported",
        }
    }

    /// The platform that the error comes from; `None` if it does not come from a platform.
    pub fn platform(&self) -> Option<&Platform> {
        match self {
            SourceError::NoToken { platform, .. }
            | SourceError::TokenNamesReader(platform)
            | SourceError::Absent(platform)
            | SourceError::Restricted { platform, .. }
            | SourceError::Answer(platform)
            | SourceError::NoFeed(platform)
            | SourceError::NotGenuine { platform, .. }
            | SourceError::NoPreview(platform) => Some(platform),
            SourceError::Unreached(_) | SourceError::Own(_) | SourceError::Panicked | SourceError::Unsupported => None,
            _ => self.message().map(|stated| &stated.platform),
        }
    }

    /// The platform's statement in its own words. `None` if it stated nothing, and for a
    /// [restriction](SourceError::restriction).
    pub fn message(&self) -> Option<&PlatformMessage> {
        match self {
            SourceError::TokenRefused { stated, .. }
            | SourceError::UserRefused(stated)
            | SourceError::AppRefused(stated)
            | SourceError::Stated(stated)
            | SourceError::Throttled(stated)
            | SourceError::Denied(stated)
            | SourceError::Gone(stated)
            | SourceError::Platform(stated)
            | SourceError::Request(stated) => Some(stated),
            SourceError::NoToken { .. }
            | SourceError::TokenNamesReader(_)
            | SourceError::Absent(_)
            | SourceError::Restricted { .. }
            | SourceError::Answer(_)
            | SourceError::NoFeed(_)
            | SourceError::NoPreview(_)
            | SourceError::NotGenuine { .. }
            | SourceError::Unreached(_)
            | SourceError::Own(_)
            | SourceError::Panicked
            | SourceError::Unsupported => None,
        }
    }

    /// What the platform says about a block, if that is why there is no content.
    pub fn restriction(&self) -> Option<&Restriction> {
        match self {
            SourceError::Restricted { restriction, .. } => Some(restriction),
            _ => None,
        }
    }
}

/// "VK states that this community no longer exists (error 18): gone".
fn says(what: &str, stated: &PlatformMessage) -> String {
    format!("{} states that {what}{}: {}", stated.platform, stated.number(), stated.message)
}

fn error_number(stated: &PlatformMessage) -> String {
    stated.code.map_or_else(|| "an error".to_owned(), |code| format!("error {code}"))
}

fn issued(at: Option<&Url>) -> String {
    at.map(|url| format!("; tokens are issued at {}", shown(url))).unwrap_or_default()
}

/// A URL as people write it: without the slash of an empty path.
pub(crate) fn shown(url: &Url) -> &str {
    url.as_str().strip_suffix('/').filter(|_| url.path() == "/").unwrap_or(url.as_str())
}

fn token_refused(other_address: bool, stated: &PlatformMessage) -> String {
    let (platform, number) = (&stated.platform, stated.number());
    if other_address {
        return format!(
            "{platform} refuses the token because it was issued to another IP address than the one this way shows{number}; \
             this is no block: use the way it was issued on, or another token"
        );
    }
    format!("{platform} refuses the token{number}: {}", stated.message)
}

fn restricted(restriction: &Restriction) -> String {
    format!(
        "{} states that it hides the community on every way that was tried: {}",
        restriction.stated_by, restriction.text
    )
}
