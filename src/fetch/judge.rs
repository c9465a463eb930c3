//! What an answer is worth, as far as that is known without knowing the site.

use std::fmt;
use std::net::IpAddr;

use http::{HeaderMap, StatusCode};
use url::{Host, Url};

use super::{link, redirect};
use crate::reach::{AnswerFault, Finding, Fingerprints, Judgement, LONGEST_NOTICE, Statement, text_of};
use crate::transport::{Strategy, is_local, is_loopback};

/// An answer as a judge sees it, as far as it has come.
#[derive(Clone)]
pub struct ReceivedPage<'a> {
    /// The URL of this hop.
    pub url: &'a Url,
    /// The strategy that brought it.
    pub strategy: &'a Strategy,
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: &'a HeaderMap,
    /// The decoded body so far.
    pub body: &'a [u8],
    /// The body is complete.
    pub complete: bool,
    /// TLS proved the host's name: no one on the path has written this.
    pub proved_name: bool,
    /// The known block pages.
    pub fingerprints: &'a Fingerprints,
}

impl ReceivedPage<'_> {
    /// The target of its redirect, if it is one. A redirect that does not name a URL is an answer like any other.
    pub fn redirects_to(&self) -> Option<Url> {
        let location = redirect::location(self.status, self.headers).ok()??;
        self.url.join(&redirect::location_text(location)).ok()
    }
}

impl fmt::Debug for ReceivedPage<'_> {
    /// Prints no URL, headers and body: a log must not say who reads what.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { url: _, strategy, status, headers: _, body, complete, proved_name, fingerprints: _ } = self;
        f.debug_struct("Page")
            .field("strategy", strategy)
            .field("status", status)
            .field("body", &body.len())
            .field("complete", complete)
            .field("proved_name", proved_name)
            .finish_non_exhaustive()
    }
}

/// Judges pages. [`PlainJudge`] is the judge for any site; a source has its own, which is asked first.
pub trait PageJudge: fmt::Debug + Send + Sync + 'static {
    /// Called with the head, and again after each piece of the body. A complete answer for which the judge wants more
    /// counts as proven.
    ///
    /// `Proven` before the body is complete settles what the page is. The rest of the body is still read before the
    /// page counts: a handshake and a good beginning are not a success. (The rest of a redirect does not matter.)
    fn judge(&self, page: &ReceivedPage<'_>) -> Judgement;
}

/// The judge for any site, without knowledge of a platform.
///
/// - A known block page, or a redirect to one, is a block if TLS did not prove the host, whatever its status is: a
///   middlebox chooses the status too. 451 is a block that says so (RFC 7725).
/// - 511, a redirect from cleartext into the local network, or a page in cleartext that speaks to hotspot clients
///   (WISPr) is a captive portal.
/// - 407 for a cleartext page behind a proxy comes from a proxy.
/// - 5xx of a host that proved its name is the host's fault. Another route may do better; if none does, the fault is
///   reported. In cleartext nothing proves who wrote it, nor who wrote a redirect to this device.
/// - Everything else is an answer once it is complete. This includes 4xx, and a CDN's challenge is not a block.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlainJudge;

impl PageJudge for PlainJudge {
    fn judge(&self, page: &ReceivedPage<'_>) -> Judgement {
        if !page.proved_name && page.status != StatusCode::NOT_MODIFIED {
            if let Some(finding) = injected(page) {
                return Judgement::Refuted(finding);
            }
            // What a status says waits for the page: a notice may stand in it.
            if decides(page.status) && !page.complete && page.body.len() <= LONGEST_NOTICE {
                return Judgement::NeedMore;
            }
        }
        match page.status {
            StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS => {
                return if page.complete || page.body.len() >= STATEMENT_BYTES {
                    Judgement::Refuted(Finding::Legal451(statement(page, None)))
                } else {
                    Judgement::NeedMore
                };
            }
            StatusCode::NETWORK_AUTHENTICATION_REQUIRED if !page.proved_name && page.strategy.is_direct() => {
                return Judgement::Refuted(Finding::CaptivePortal);
            }
            StatusCode::PROXY_AUTHENTICATION_REQUIRED if !page.proved_name && !page.strategy.is_direct() => {
                return Judgement::Refuted(Finding::ProxyAnswer { status: page.status.as_u16() });
            }
            status if status.is_server_error() && !is_vouched(page) => return Judgement::Refuted(Finding::Unvouched),
            status if status.is_server_error() => {
                return Judgement::Refuted(Finding::OriginFault { status: Some(status.as_u16()), what: fault(page) });
            }
            _ => {}
        }
        if page.complete || page.redirects_to().is_some() { Judgement::Proven } else { Judgement::NeedMore }
    }
}

/// Whether the status alone says what the answer is.
pub(super) fn decides(status: StatusCode) -> bool {
    let refused = [StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS, StatusCode::PROXY_AUTHENTICATION_REQUIRED];
    status.is_server_error() || refused.contains(&status)
}

/// Whether no one on the path can have written the answer.
fn is_vouched(page: &ReceivedPage<'_>) -> bool {
    page.proved_name || page.url.host().is_some_and(|host| page.strategy.vouches_for(&host))
}

/// Checks for a page that someone on the path may have sent instead of the host.
fn injected(page: &ReceivedPage<'_>) -> Option<Finding> {
    let target = page.redirects_to();
    let body = (target.is_none() && page.complete).then_some(page.body);
    let known = page.fingerprints.block_page(target.as_ref(), page.headers, body);
    if let Some(fingerprint) = known {
        return Some(Finding::BlockPage {
            fingerprint: fingerprint.into(),
            statement: statement(page, target.as_ref()),
        });
    }
    // A portal stands in this device's own network. Of a proxy's or an exit's network nothing is known.
    let portal = if page.strategy.is_direct() { Finding::CaptivePortal } else { Finding::Unvouched };
    if body.is_some_and(speaks_wispr) {
        return Some(portal);
    }
    // A public name that resolves in the user's network does not make the page a local one: portals answer like this.
    let within = |url: &Url, is: fn(&Host<String>) -> bool| url.host().is_some_and(|host| is(&host.to_owned()));
    let is_web = |target: &Url| matches!(target.scheme(), "http" | "https");
    let target = target.filter(is_web).filter(|target| within(target, is_local) && !within(page.url, is_local))?;
    // A portal is a machine of the network. Who points to this device instead is not known.
    Some(if within(&target, is_of_this_device) { Finding::Unvouched } else { portal })
}

/// Whether the page carries the message by which hotspots tell a device to log in: WISPr 1.0 (Wi-Fi Alliance, 2003,
/// Appendix D), an XML element, often within a comment of the login page. Only markup that says "redirect" counts: a
/// page about hotspots shows the element with escaped brackets.
fn speaks_wispr(body: &[u8]) -> bool {
    let head = body.get(..WISPR_BYTES).unwrap_or(body);
    let has = |tag: &[u8]| head.windows(tag.len()).any(|window| window.eq_ignore_ascii_case(tag));
    has(b"<WISPAccessGatewayParam") && has(b"<Redirect") && has(b"<MessageType>100</MessageType>")
}

/// Loopback, the unspecified address, or link-local: only this device, or the cloud that it runs in, answers there.
fn is_of_this_device(host: &Host<String>) -> bool {
    is_loopback(host)
        || match host {
            Host::Domain(_) => false,
            Host::Ipv4(address) => address.is_unspecified() || address.is_link_local(),
            Host::Ipv6(address) => match address.to_canonical() {
                IpAddr::V4(address) => address.is_unspecified() || address.is_link_local(),
                IpAddr::V6(address) => address.is_unspecified() || address.is_unicast_link_local(),
            },
        }
}

fn fault(page: &ReceivedPage<'_>) -> AnswerFault {
    // Cloudflare marks its own challenges like this, whatever status they have.
    let is_challenge = page.headers.get("cf-mitigated").is_some_and(|value| value == "challenge");
    if is_challenge { AnswerFault::BrowserCheck } else { AnswerFault::ServerError }
}

fn statement(page: &ReceivedPage<'_>, notice: Option<&Url>) -> Statement {
    Statement {
        authority: None,
        link: link::blocked_by(page.headers, page.url).or(notice.cloned()).map(String::from),
        text: Some(excerpt(page.body)).filter(|text| !text.is_empty()),
    }
}

/// The text of a page without its tags, cut to a limit.
fn excerpt(body: &[u8]) -> String {
    let text = text_of(body.get(..STATEMENT_BYTES).unwrap_or(body));
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

/// A hotspot's message is at the beginning of its page.
const WISPR_BYTES: usize = 64 * 1024;

/// How much of a notice is read.
const STATEMENT_BYTES: usize = 4096;

/// How much of its text is kept.
const STATEMENT_CHARS: usize = 300;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use http::{HeaderName, HeaderValue};

    use super::*;

    /// The answer to judge: the address, the status, the headers, and the whole body.
    type Answer<'a> = (&'static str, u16, &'a [(&'static str, &'static str)], &'static str);

    fn judge_over(strategy: &Strategy, (url, status, lines, body): Answer<'_>, complete: bool) -> Judgement {
        let url: Url = url.parse().unwrap();
        let pair = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        PlainJudge.judge(&ReceivedPage {
            url: &url,
            strategy,
            status: StatusCode::from_u16(status).unwrap(),
            headers: &lines.iter().map(pair).collect(),
            body: body.as_bytes(),
            complete,
            proved_name: url.scheme() == "https",
            fingerprints: &Fingerprints::starter(),
        })
    }

    fn judge(answer: Answer<'_>) -> Judgement {
        judge_over(&Strategy::direct(), answer, true)
    }

    fn code(judgement: Judgement) -> &'static str {
        match judgement {
            Judgement::Proven => "proven",
            Judgement::NeedMore => "more",
            Judgement::Refuted(finding) => finding.code(),
        }
    }

    #[test]
    fn answers_are_told_from_what_stands_in_their_place() {
        const NOTICE: &str = "Доступ к запрашиваемому ресурсу ограничен";
        const WISPR: &str = "<html><body>Welcome<!--<?xml version=\"1.0\"?><WISPAccessGatewayParam xmlns:xsi=\"x\"><Redirect>\
            <MessageType>100</MessageType><ResponseCode>0</ResponseCode><LoginURL>https://wifi.example/in</LoginURL></Redirect>\
            </WISPAccessGatewayParam>--></body></html>";
        const ABOUT_WISPR: &str = "<p>It says &lt;WISPAccessGatewayParam&gt; and &lt;Redirect&gt;</p>";
        let cases: &[(Answer<'_>, &str)] = &[
            (("https://site.example/", 200, &[], "page"), "proven"),
            (("http://site.example/", 200, &[], "page"), "proven"),
            (("https://site.example/", 404, &[], "no such page"), "proven"),
            (("https://site.example/", 403, &[("server", "cloudflare")], "Just a moment..."), "proven"),
            (("https://site.example/", 304, &[], ""), "proven"),
            // Blocks.
            (("https://site.example/", 451, &[], ""), "legal_451"),
            (("http://site.example/", 451, &[], ""), "legal_451"),
            (("http://site.example/", 200, &[], NOTICE), "block_page"),
            (("http://site.example/", 403, &[], NOTICE), "block_page"),
            (("http://site.example/", 302, &[("location", "http://warning.rt.ru/?id=1")], ""), "block_page"),
            (("http://site.example/", 302, &[("location", "http://10.10.34.36/")], ""), "block_page"),
            // A site's own words belong to the site: it may quote a notice, or link to one.
            (("https://site.example/", 200, &[], NOTICE), "proven"),
            (("https://site.example/", 302, &[("location", "http://warning.rt.ru/")], ""), "proven"),
            // Portals.
            (("http://site.example/", 511, &[], ""), "captive_portal"),
            (("http://site.example/", 302, &[("location", "http://192.168.1.1/login")], ""), "captive_portal"),
            (("http://site.example/", 200, &[], WISPR), "captive_portal"),
            (("https://site.example/", 200, &[], WISPR), "proven"),
            (("http://site.example/", 200, &[], ABOUT_WISPR), "proven"),
            // Who points to this device is not known.
            (("http://site.example/", 302, &[("location", "http://127.0.0.1/")], ""), "unvouched"),
            (("http://site.example/", 302, &[("location", "http://localhost:8080/")], ""), "unvouched"),
            (("http://site.example/", 302, &[("location", "http://LOCALHOST./")], ""), "unvouched"),
            (("http://site.example/", 302, &[("location", "http://0.0.0.0/")], ""), "unvouched"),
            (("http://site.example/", 307, &[("location", "http://[::]/")], ""), "unvouched"),
            (("http://site.example/", 302, &[("location", "http://[::1]/")], ""), "unvouched"),
            (("http://site.example/", 302, &[("location", "http://[::ffff:127.0.0.1]/")], ""), "unvouched"),
            (("http://site.example/", 302, &[("location", "http://[::ffff:0.0.0.0]/")], ""), "unvouched"),
            (("http://site.example/", 302, &[("location", "http://[fe80::1]/")], ""), "unvouched"),
            (("http://site.example/", 302, &[("location", "http://169.254.169.254/latest")], ""), "unvouched"),
            (("http://nas.lan/", 302, &[("location", "http://127.0.0.1/")], ""), "proven"),
            (("http://site.example/", 302, &[("location", "ftp://printer/")], ""), "proven"),
            (("http://192.168.1.5/", 302, &[("location", "http://192.168.1.1/login")], ""), "proven"),
            (("http://nas.lan/", 302, &[("location", "http://192.168.1.1/login")], ""), "proven"),
            (("http://site.example/", 302, &[("location", "/login")], ""), "proven"),
            // In cleartext nobody vouches for an error.
            (("http://site.example/", 500, &[], "oops"), "unvouched"),
            (("http://site.example/", 503, &[("cf-mitigated", "challenge")], "Checking your browser"), "unvouched"),
            (("http://nas.lan/", 503, &[], ""), "origin_fault"),
            (("http://192.168.1.5/", 503, &[], ""), "origin_fault"),
            // The origin's own faults.
            (("https://site.example/", 500, &[], ""), "origin_fault"),
            (("https://site.example/", 503, &[("cf-mitigated", "challenge")], "Checking your browser"), "origin_fault"),
            (("https://site.example/", 511, &[], ""), "origin_fault"),
            (("https://site.example/", 503, &[], NOTICE), "origin_fault"),
        ];
        for (answer, expected) in cases {
            assert_eq!(code(judge(*answer)), *expected, "{answer:?}");
        }
    }

    #[test]
    fn a_notice_in_cleartext_is_known_whatever_its_status_is() {
        const NOTICE: &str = "<h1>Доступ к запрашиваемому ресурсу ограничен</h1>";
        for status in 200..600 {
            let expected = if status == 304 { "proven" } else { "block_page" };
            assert_eq!(code(judge(("http://site.example/", status, &[], NOTICE))), expected, "{status}");
            let over_tls = code(judge(("https://site.example/", status, &[], NOTICE)));
            assert_ne!(over_tls, "block_page", "{status}: the site may quote a notice");
        }
        // Until the page is there, a status alone decides nothing.
        for status in [451, 500, 503, 511, 599] {
            let begun = judge_over(&Strategy::direct(), ("http://site.example/", status, &[], "<h1>До"), false);
            assert_eq!(code(begun), "more", "{status}");
        }
        for (name, value) in [("refresh", "0;url=http://warning.rt.ru/"), ("location", "http://warning.rt.ru/")] {
            for status in [200, 206, 403, 451, 503] {
                let begun = ("http://site.example/", status, &[(name, value)][..], "");
                assert_eq!(code(judge_over(&Strategy::direct(), begun, false)), "block_page", "{name} {status}");
            }
        }
    }

    #[test]
    fn a_portal_is_in_this_devices_own_network() {
        for answer in [
            ("http://site.example/", 511, &[][..], ""),
            ("http://site.example/", 302, &[("location", "http://10.1.1.1/login")], ""),
        ] {
            assert_eq!(code(judge(answer)), "captive_portal");
            for way in ["tor+socks5://127.0.0.1:9050", "socks5://198.51.100.7:1080", "socks5://127.0.0.1:1080"] {
                assert_eq!(code(judge_over(&way.parse().unwrap(), answer, true)), "unvouched", "{way}");
            }
        }
    }

    #[test]
    fn an_onion_service_vouches_for_its_own_error() {
        let onion = "http://2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion/";
        for (strategy, expected) in [
            ("tor+socks5://127.0.0.1:9050", "origin_fault"),
            ("tor+socks5://198.51.100.7:9050", "unvouched"),
            ("socks5://127.0.0.1:1080", "unvouched"),
        ] {
            let judged = judge_over(&strategy.parse().unwrap(), (onion, 503, &[], "later"), true);
            assert_eq!(code(judged), expected, "{strategy}");
        }
    }

    #[test]
    fn a_proxys_own_answer_is_not_the_sites() {
        let proxy: Strategy = "http://proxy.example:3128".parse().unwrap();
        assert_eq!(code(judge_over(&proxy, ("http://site.example/", 407, &[], ""), true)), "proxy_answer");
        assert_eq!(code(judge(("http://site.example/", 407, &[], ""))), "proven");
        assert_eq!(code(judge_over(&proxy, ("https://site.example/", 407, &[], ""), true)), "proven");
    }

    #[test]
    fn an_answer_counts_when_it_is_complete_and_a_redirect_at_once() {
        let more = |answer| code(judge_over(&Strategy::direct(), answer, false));
        assert_eq!(more(("https://site.example/", 200, &[], "pa")), "more");
        assert_eq!(more(("https://site.example/", 302, &[("location", "/next")], "")), "proven");
        assert_eq!(more(("https://site.example/", 302, &[], "")), "more");
        assert_eq!(more(("https://site.example/", 451, &[], "")), "more");
        assert_eq!(more(("https://site.example/", 500, &[], "")), "origin_fault");
    }

    #[test]
    fn a_block_that_names_its_author_is_quoted() {
        let body = "<html><head><title>451</title></head><body>By order of <b>the court</b></body></html>";
        let judged = judge(("http://site.example/", 451, &[("link", "<https://rkn.example/>; rel=blocked-by")], body));
        let Judgement::Refuted(Finding::Legal451(statement)) = judged else { unreachable!() };
        assert_eq!(statement.link.as_deref(), Some("https://rkn.example/"));
        assert_eq!(statement.text.as_deref(), Some("451 By order of the court"));
    }
}
