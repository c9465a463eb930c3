//! The URLs that Byway fetches.

use url::Url;

use crate::transport::Destination;

/// Why a text is not a URL that Byway fetches. None of the sentences repeats the text, because errors end up in logs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlError {
    /// The text is not a URL.
    #[error("this is not a URL; a URL looks like https://example.org/page")]
    Malformed,
    /// The text is a URL of another scheme.
    #[error("only http and https URLs are fetched, and this one has another scheme")]
    Scheme,
    /// The URL contains a user name or password, which would end up where URLs are shown.
    #[error("a URL with a user name or password in it is not fetched")]
    Credentials,
    /// The host cannot be a name, the port is 0, or the URL is longer than any server takes.
    #[error("this URL cannot be fetched: its host or port is not valid, or it is longer than any server accepts")]
    Unaskable,
}

codes! {
    &UrlError {
        Malformed = "malformed",
        Scheme = "scheme",
        Credentials = "credentials",
        Unaskable = "unaskable",
    }
}

/// Reads an `http` or `https` URL.
pub(crate) fn web_url(text: &str) -> Result<Url, UrlError> {
    fetchable(Url::parse(text.trim()).map_err(|_| UrlError::Malformed)?)
}

/// The URL, if Byway fetches it.
pub(crate) fn fetchable(url: Url) -> Result<Url, UrlError> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(UrlError::Scheme);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UrlError::Credentials);
    }
    if Destination::from_url(&url).is_none() || url.as_str().len() > MAX_URL {
        return Err(UrlError::Unaskable);
    }
    Ok(url)
}

/// Servers take 8 to 32 kB, and an HTTP library's own limit is 64 kB.
const MAX_URL: usize = 32 * 1024;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn only_web_urls_without_a_login_are_fetched() {
        assert_eq!(web_url(" https://example.org/a ").unwrap().as_str(), "https://example.org/a");
        assert_eq!(web_url("example"), Err(UrlError::Malformed));
        assert_eq!(web_url("ftp://example.org/"), Err(UrlError::Scheme));
        assert_eq!(web_url("https://user:pw@example.org/"), Err(UrlError::Credentials));
        let long = format!("https://example.org/{}", "a".repeat(100_000));
        let name = format!("https://{}.example/", "a".repeat(64));
        for unaskable in ["https://example.org:0/", &long, &name] {
            assert_eq!(web_url(unaskable), Err(UrlError::Unaskable), "{unaskable}");
        }
    }
}
