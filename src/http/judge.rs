//! What an answer is worth, as far as that can be told without knowing the site.

use std::fmt;

use http::{HeaderMap, StatusCode, header};
use url::Url;

use super::redirect;
use crate::reach::{Finding, Judgement, Statement};
use crate::transport::{Strategy, is_local};

/// What an answer looks like to a judge, as far as it has come.
#[derive(Clone)]
pub struct Page<'a> {
    /// The URL of this hop.
    pub url: &'a Url,
    /// By which way it came.
    pub strategy: &'a Strategy,
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The decoded body so far.
    pub body: &'a [u8],
    /// The body is complete.
    pub complete: bool,
    /// TLS proved the host's name: nobody on the way has written this.
    pub proved_name: bool,
}

impl Page<'_> {
    /// Where it redirects to, if it does. A redirect that does not name a URL is an answer like any other.
    pub fn redirects_to(&self) -> Option<Url> {
        let location = redirect::location(self.status, self.headers)?;
        self.url.join(std::str::from_utf8(location.as_bytes()).ok()?).ok()
    }
}

impl fmt::Debug for Page<'_> {
    /// Without the URL, headers and body: a log must not say who reads what.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url: _, strategy, status, headers: _, body, complete, proved_name } = self;
        f.debug_struct("Page")
            .field("strategy", strategy)
            .field("status", status)
            .field("body", &body.len())
            .field("complete", complete)
            .field("proved_name", proved_name)
            .finish_non_exhaustive()
    }
}

/// Judges pages. [`PlainJudge`] is the one for any site; a source brings its own and asks it first.
pub trait PageJudge: fmt::Debug + Send + Sync + 'static {
    /// Called with the head, and again after each piece of the body; see [`Judge::judge`](crate::reach::Judge::judge).
    ///
    /// `Proven` before the body is complete settles what the page is, and the rest of the body is still read before it
    /// counts: a handshake and a good beginning are no success. (Of a redirect, the rest does not matter.)
    fn judge(&self, page: &Page<'_>) -> Judgement;
}

/// The judge for any site: no product knowledge.
///
/// - 451 is a block that says so (RFC 7725); a known block page, or a redirect to one, is a block where nobody proved
///   to be the host.
/// - 511, or a redirect from cleartext into the local network, is a captive portal.
/// - 407 for a cleartext page behind a proxy comes from a proxy.
/// - 5xx is the origin's fault. Another route may do better, and if none does, that is what is told.
/// - All else is an answer once it is complete: 4xx too, and a CDN's challenge is no block.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlainJudge;

impl PageJudge for PlainJudge {
    fn judge(&self, page: &Page<'_>) -> Judgement {
        match page.status {
            StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS => {
                return if page.complete || page.body.len() >= STATEMENT_BYTES {
                    Judgement::Refuted(Finding::Legal451(statement(page)))
                } else {
                    Judgement::NeedMore
                };
            }
            StatusCode::NETWORK_AUTHENTICATION_REQUIRED if !page.proved_name => {
                return Judgement::Refuted(Finding::CaptivePortal);
            }
            StatusCode::PROXY_AUTHENTICATION_REQUIRED if !page.proved_name && !page.strategy.is_direct() => {
                return Judgement::Refuted(Finding::ProxyAnswer { status: page.status.as_u16() });
            }
            status if status.is_server_error() => {
                return Judgement::Refuted(Finding::OriginFault {
                    status: Some(status.as_u16()),
                    what: fault(page).to_owned(),
                });
            }
            _ => {}
        }
        if !page.proved_name
            && let Some(finding) = injected(page)
        {
            return Judgement::Refuted(finding);
        }
        if page.complete || page.redirects_to().is_some() { Judgement::Proven } else { Judgement::NeedMore }
    }
}

/// What somebody on the way may have put in the host's place.
fn injected(page: &Page<'_>) -> Option<Finding> {
    let target = page.redirects_to();
    let literal = |url: &Url| url.host().is_some_and(|host| is_local(&host.to_owned()));
    if target.as_ref().is_some_and(literal) && !literal(page.url) && !is_home_name(page.url) {
        return Some(Finding::CaptivePortal);
    }
    None
}

/// Whether the name itself says that it is one of the user's own network. A public name that resolves there does not:
/// that is how portals answer.
fn is_home_name(url: &Url) -> bool {
    let Some(name) = url.domain() else { return false };
    let name = name.strip_suffix('.').unwrap_or(name);
    !name.contains('.') || HOME_DOMAINS.iter().any(|domain| name.ends_with(domain))
}

/// RFC 6762, RFC 8375, the reserved `internal`, and what home routers hand out.
const HOME_DOMAINS: [&str; 5] = [".local", ".home.arpa", ".internal", ".lan", ".home"];

fn fault(page: &Page<'_>) -> &'static str {
    // Cloudflare says so of its own challenges, whatever status they have.
    if page.headers.get("cf-mitigated").is_some_and(|value| value == "challenge") {
        return "the site checks for a browser";
    }
    match page.status.as_u16() {
        500 => "internal server error",
        502 => "bad gateway",
        503 => "service unavailable",
        504 => "gateway timeout",
        _ => "server error",
    }
}

fn statement(page: &Page<'_>) -> Statement {
    Statement {
        authority: None,
        link: blocked_by(page.headers),
        text: Some(excerpt(page.body)).filter(|text| !text.is_empty()),
    }
}

/// `Link: <https://...>; rel="blocked-by"` (RFC 7725 section 4).
fn blocked_by(headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(header::LINK)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(","))
        .find_map(|link| {
            let (target, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
            let blocks = parameters.split(';').any(|parameter| {
                parameter.split_once('=').is_some_and(|(name, value)| {
                    name.trim().eq_ignore_ascii_case("rel")
                        && value
                            .trim()
                            .trim_matches('"')
                            .split_ascii_whitespace()
                            .any(|rel| rel.eq_ignore_ascii_case("blocked-by"))
                })
            });
            blocks.then(|| target.to_owned())
        })
}

/// The text of a page, without its tags, cut.
fn excerpt(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body.get(..STATEMENT_BYTES).unwrap_or(body));
    let mut outside = true;
    let mut words = String::new();
    for c in text.chars() {
        match c {
            '<' => outside = false,
            '>' => {
                outside = true;
                words.push(' ');
            }
            _ if outside => words.push(c),
            _ => {}
        }
    }
    words.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(STATEMENT_CHARS).collect()
}

/// How much of a notice is read.
const STATEMENT_BYTES: usize = 4096;

/// How much of its text is kept.
const STATEMENT_CHARS: usize = 300;
