//! Whether an answer comes from VK, or something replaced it.

use http::header;
use serde_json::Value;

use super::config::VkToken;
use super::errors::{Class, VkError};
use super::lenient;
use crate::community::Restriction;
use crate::fetch::{PageJudge, PlainJudge, ReceivedPage};
use crate::reach::{AnswerFault, Finding, Judgement, Statement};
use crate::source::json;
use crate::source::notice;
use crate::source::plain::{cut, one_line, squeeze};

/// Judges answers of the API.
///
/// A complete envelope is VK's answer: `{"response": ...}` or `{"error": ...}`. It is refuted if VK says that it hides
/// the content here (errors 19 and 42, a notice in an error or instead of the content), so that a route through another
/// country is tried. Every other error is an answer: no other route would change it.
#[derive(Clone, Debug, Default)]
pub(super) struct ApiJudge {
    /// What VK may repeat, and no verdict may.
    pub(super) token: Option<VkToken>,
    /// Accepts an answer with a notice in it, because no route gave another.
    pub(super) accept_notices: bool,
}

impl PageJudge for ApiJudge {
    fn judge(&self, page: &ReceivedPage<'_>) -> Judgement {
        match (self.found(page), &self.token) {
            (Judgement::Refuted(finding), Some(token)) => Judgement::Refuted(token.redact_finding(finding)),
            (judgement, _) => judgement,
        }
    }
}

impl ApiJudge {
    fn found(&self, page: &ReceivedPage<'_>) -> Judgement {
        if let Some(finding) = blank_page(page) {
            return Judgement::Refuted(finding);
        }
        let by_status = || match PlainJudge.judge(page) {
            Judgement::Refuted(finding) => Some(Judgement::Refuted(finding)),
            _ => None,
        };
        if page.status.is_server_error() || page.status.is_redirection() {
            let redirected = || Judgement::Refuted(fault(page, AnswerFault::Redirect));
            return by_status().unwrap_or_else(redirected);
        }
        if !page.complete {
            // Legal 451 and portals are recognised by their status; a block page in cleartext by its first bytes.
            return if page.status.is_success() {
                Judgement::NeedMore
            } else {
                by_status().unwrap_or(Judgement::NeedMore)
            };
        }
        match json::read(page.body) {
            Some(Value::Object(envelope)) if envelope.contains_key("response") || envelope.contains_key("error") => {
                match envelope_notice(&envelope) {
                    Some(finding) if !self.accept_notices => Judgement::Refuted(finding),
                    _ => Judgement::Proven,
                }
            }
            Some(_) => by_status().unwrap_or_else(|| Judgement::Refuted(fault(page, AnswerFault::OtherJson))),
            None => {
                if let Some(finding) = page_notice(page) {
                    return Judgement::Refuted(finding);
                }
                by_status().unwrap_or_else(|| Judgement::Refuted(fault(page, AnswerFault::NotJson)))
            }
        }
    }
}

/// Judges VK's web pages, as a probe asks for them: [`PlainJudge`], and VK's own notices.
#[derive(Clone, Copy, Debug, Default)]
pub struct VkPageJudge;

impl PageJudge for VkPageJudge {
    fn judge(&self, page: &ReceivedPage<'_>) -> Judgement {
        if let Some(finding) = blank_page(page) {
            return Judgement::Refuted(finding);
        }
        let plain = PlainJudge.judge(page);
        if page.complete
            && !matches!(plain, Judgement::Refuted(_))
            && let Some(finding) = page_notice(page)
        {
            return Judgement::Refuted(finding);
        }
        plain
    }
}

/// VK's statement as a restriction. A statement without a notice also becomes one.
pub(super) fn restriction(statement: &Statement) -> Restriction {
    notice::restriction(statement, VK)
}

/// A redirect to `vk.com/blank.php?rkn=...`, which VK shows instead of hidden content. In cleartext anyone on the path
/// can have written it.
fn blank_page(page: &ReceivedPage<'_>) -> Option<Finding> {
    if !page.proved_name {
        return None;
    }
    let target = page.redirects_to().filter(is_blank).or_else(|| Some(page.url.clone()).filter(is_blank))?;
    let text = notice_in(page).map(|restriction| restriction.text);
    let text = text.unwrap_or_else(|| "redirect to vk.com/blank.php?rkn".to_owned());
    Some(Finding::PlatformBlocked(Statement {
        link: Some(target.to_string()),
        text: Some(text),
        ..Statement::default()
    }))
}

fn is_blank(url: &url::Url) -> bool {
    let vk = url.host_str().is_some_and(|host| {
        ["vk.com", "vk.ru"]
            .iter()
            .any(|name| host.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
    });
    vk && url.path() == "/blank.php" && url.query_pairs().any(|(key, _)| key == "rkn")
}

/// What an envelope says about a block.
fn envelope_notice(envelope: &serde_json::Map<String, Value>) -> Option<Finding> {
    if let Some(error) = envelope.get("error").filter(|_| !envelope.contains_key("response")) {
        let error = VkError::read(error);
        let restriction = notice::find(&error.message, VK);
        let hidden = matches!(error.class(), Class::Blocked | Class::OtherCountry);
        return (hidden || restriction.is_some()).then(|| blocked(restriction, &error.message));
    }
    let response = envelope.get("response")?;
    let restriction = response_notice(response)?;
    let text = restriction.text.clone();
    Some(blocked(Some(restriction), &text))
}

/// A notice instead of the one community, or of all posts, of a response.
fn response_notice(response: &Value) -> Option<Restriction> {
    if let Some(text) = response.as_str() {
        return notice::find(text, VK);
    }
    let by_itself = hidden_here(response).or_else(|| whole_notice(response, 0));
    if by_itself.is_some() {
        return by_itself;
    }
    let groups = lenient::list(lenient::get(response, "groups"));
    let items = lenient::list(lenient::get(response, "items"));
    let is_wall =
        !items.is_empty() && items.iter().any(|item| item.get("owner_id").is_some() || item.get("text").is_some());
    if is_wall {
        // One hidden post concerns that post. A wall of nothing else is hidden as a whole.
        let notices: Vec<_> = items.iter().map(|item| whole_notice(item, 0)).collect();
        return if notices.iter().all(Option::is_some) { notices.into_iter().flatten().next() } else { None };
    }
    let communities = [groups, items, lenient::list(response)].into_iter().find(|list| !list.is_empty())?;
    match communities.as_slice() {
        [community] => hidden_here(community).or_else(|| whole_notice(community, 0)),
        _ => None,
    }
}

/// A community whose state says that it is hidden in one place, not everywhere: `"deactivated": "geo_blocked"`.
fn hidden_here(community: &Value) -> Option<Restriction> {
    let state = lenient::line(lenient::get(community, "deactivated"), MAX_STATEMENT)?;
    let low = state.to_lowercase();
    if !["geo", "block", "country", "restrict"].iter().any(|word| low.contains(word)) {
        return None;
    }
    let stated = lenient::line(lenient::get(community, "description"), MAX_STATEMENT);
    Some(stated.and_then(|text| notice::find(&text, VK)).unwrap_or_else(|| Restriction::new(state, VK)))
}

/// A notice that fills one of an object's texts, instead of content.
fn whole_notice(value: &Value, depth: usize) -> Option<Restriction> {
    let members = value.as_object()?;
    members.iter().take(MAX_MEMBERS).find_map(|(_, member)| match member {
        Value::String(text) if notice::is_whole(text) => notice::find(text, VK),
        Value::Object(_) if depth < MAX_DEPTH => whole_notice(member, depth + 1),
        _ => None,
    })
}

/// A notice on a page that has little else to say. Only VK can say what VK hides.
fn page_notice(page: &ReceivedPage<'_>) -> Option<Finding> {
    if !page.proved_name {
        return None;
    }
    let restriction = notice_in(page)?;
    let text = restriction.text.clone();
    Some(blocked(Some(restriction), &text))
}

fn notice_in(page: &ReceivedPage<'_>) -> Option<Restriction> {
    let html = decoded(page);
    let visible = without_scripts(&html);
    let visible = one_line(&visible, MAX_VISIBLE + 1);
    // A community's page may quote the notice about another one; the notice's own page is short.
    if visible.chars().count() > MAX_VISIBLE {
        return None;
    }
    notice::find(&visible, VK)
}

/// A page's text. VK's desktop pages still use windows-1251.
fn decoded(page: &ReceivedPage<'_>) -> String {
    let body = page.body.get(..MAX_PAGE).unwrap_or(page.body);
    let stated = page.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let stated = stated.to_ascii_lowercase();
    if stated.contains("windows-1251") || stated.contains("cp1251") {
        return body.iter().map(|byte| windows_1251(*byte)).collect();
    }
    String::from_utf8_lossy(body).into_owned()
}

/// The character of a byte in windows-1251, as far as notices need it: Russian letters and their punctuation.
fn windows_1251(byte: u8) -> char {
    match byte {
        0..=0x7f => char::from(byte),
        0xa8 => 'Ё',
        0xb8 => 'ё',
        0xb9 => '№',
        0xab => '«',
        0xbb => '»',
        0x96 => '–',
        0x97 => '—',
        0xa0 => ' ',
        0xc0..=0xff => char::from_u32(0x410 + u32::from(byte - 0xc0)).unwrap_or('\u{fffd}'),
        _ => '\u{fffd}',
    }
}

/// A page without its scripts and styles, and without the tags that [`one_line`] does not know.
fn without_scripts(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        out.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at..).unwrap_or_default();
        let hidden = ["script", "style", "svg"]
            .iter()
            .find(|name| rest.get(1..=name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)));
        let end = match hidden {
            Some(name) => find_ignoring_case(rest, &format!("</{name}")).unwrap_or(rest.len()),
            None => 0,
        };
        let close = rest.get(end..).and_then(|tail| tail.find('>')).map_or(rest.len(), |close| end + close + 1);
        out.push(' ');
        rest = rest.get(close..).unwrap_or_default();
    }
    out.push_str(rest);
    squeeze(&out)
}

fn find_ignoring_case(text: &str, ascii: &str) -> Option<usize> {
    text.as_bytes().windows(ascii.len()).position(|window| window.eq_ignore_ascii_case(ascii.as_bytes()))
}

fn blocked(restriction: Option<Restriction>, text: &str) -> Finding {
    let authority = restriction.as_ref().and_then(|restriction| restriction.authority.clone());
    let text = restriction.map_or_else(|| text.to_owned(), |restriction| restriction.text);
    let text = Some(cut(&text, MAX_STATEMENT).to_owned());
    Finding::PlatformBlocked(Statement { authority, text, ..Statement::default() })
}

fn fault(page: &ReceivedPage<'_>, what: AnswerFault) -> Finding {
    let status = (!page.status.is_success()).then_some(page.status.as_u16());
    Finding::OriginFault { status, what }
}

/// The author of the statements in VK's answers.
pub(super) const VK: &str = "VK";

/// A notice with the longest court's name fits.
const MAX_STATEMENT: usize = 600;
/// How much of a page is examined.
const MAX_PAGE: usize = 256 * 1024;
/// The most characters of a page with a notice, with VK's own header and footer.
const MAX_VISIBLE: usize = 2_500;
const MAX_MEMBERS: usize = 200;
const MAX_DEPTH: usize = 1;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use http::{HeaderMap, HeaderValue, StatusCode};
    use proptest::prelude::{any, prop_assert, proptest};

    use super::*;
    use crate::transport::Strategy;

    struct Given<'a> {
        status: u16,
        headers: &'a [(header::HeaderName, &'a str)],
        body: &'a [u8],
        proved_name: bool,
    }

    fn judged(judge: &dyn PageJudge, given: &Given<'_>) -> Judgement {
        let mut headers = HeaderMap::new();
        for (name, value) in given.headers {
            headers.insert(name, HeaderValue::from_str(value).unwrap());
        }
        judge.judge(&ReceivedPage {
            url: &"https://vk.com/zavod".parse().unwrap(),
            strategy: &Strategy::direct(),
            status: StatusCode::from_u16(given.status).unwrap(),
            headers: &headers,
            body: given.body,
            complete: true,
            proved_name: given.proved_name,
            fingerprints: &crate::reach::Fingerprints::starter(),
        })
    }

    fn hidden(judgement: Judgement) -> Option<Restriction> {
        match judgement {
            Judgement::Refuted(Finding::PlatformBlocked(statement)) => Some(restriction(&statement)),
            _ => None,
        }
    }

    const NOTICE: &str = "Сообщество заблокировано на территории Российской Федерации на основании требования \
                          Генеральной прокуратуры Российской Федерации от 21.09.2017 № 27-31-2017/Ид4752-17";

    fn windows_1251_bytes(text: &str) -> Vec<u8> {
        text.chars().map(|c| (0..=255).find(|byte| windows_1251(*byte) == c).unwrap_or(b'?')).collect()
    }

    #[test]
    fn a_page_of_vks_that_is_a_notice_is_a_platforms_block() {
        let html = format!("<html><head><script>var a = '<p>';</script></head><body><div>{NOTICE}</div></body></html>");
        let page = Given { status: 200, headers: &[], body: html.as_bytes(), proved_name: true };
        assert_eq!(hidden(judged(&VkPageJudge, &page)).unwrap().number.as_deref(), Some("27-31-2017/Ид4752-17"));

        let body = windows_1251_bytes(&html);
        let headers = [(header::CONTENT_TYPE, "text/html; charset=windows-1251")];
        let page = Given { status: 200, headers: &headers, body: &body, proved_name: true };
        assert_eq!(hidden(judged(&VkPageJudge, &page)).unwrap().number.as_deref(), Some("27-31-2017/Ид4752-17"));
    }

    #[test]
    fn a_redirect_to_the_blank_page_is_a_platforms_block() {
        for location in ["https://vk.com/blank.php?rkn=123", "/blank.php?rkn=1&x=2", "https://m.vk.com/blank.php?rkn="]
        {
            let page = Given { status: 302, headers: &[(header::LOCATION, location)], body: b"", proved_name: true };
            assert!(hidden(judged(&VkPageJudge, &page)).is_some(), "{location}");
            assert!(hidden(judged(&ApiJudge::default(), &page)).is_some(), "{location}");
        }
        for location in ["https://vk.com/blank.php", "https://evilvk.com/blank.php?rkn=1", "https://vk.com/login"] {
            let page = Given { status: 302, headers: &[(header::LOCATION, location)], body: b"", proved_name: true };
            assert_eq!(judged(&VkPageJudge, &page), Judgement::Proven, "{location}");
        }
    }

    #[test]
    fn a_quoted_notice_and_an_unproved_page_are_not_vks_own() {
        let long = format!("<p>{NOTICE}</p>{}", "<p>Завод работает, и мы работаем.</p>".repeat(200));
        let page = Given { status: 200, headers: &[], body: long.as_bytes(), proved_name: true };
        assert_eq!(judged(&VkPageJudge, &page), Judgement::Proven);
        let page = Given { status: 200, headers: &[], body: NOTICE.as_bytes(), proved_name: false };
        assert_eq!(hidden(judged(&VkPageJudge, &page)), None);
    }

    #[test]
    fn an_unproved_redirect_or_notice_is_not_vks_word() {
        let location = [(header::LOCATION, "https://vk.com/blank.php?rkn=1")];
        let redirect = Given { status: 302, headers: &location, body: b"", proved_name: false };
        let notice = Given { status: 200, headers: &[], body: NOTICE.as_bytes(), proved_name: false };
        for judge in [&VkPageJudge as &dyn PageJudge, &ApiJudge::default()] {
            let judged_redirect = judged(judge, &redirect);
            let is_block = matches!(judged_redirect, Judgement::Refuted(Finding::BlockPage { .. }));
            assert!(is_block, "{judged_redirect:?}");
            assert_eq!(hidden(judged(judge, &notice)), None);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_judged(body in proptest::collection::vec(any::<u8>(), 0..300), status in 200u16..600) {
            let page = Given { status, headers: &[], body: &body, proved_name: true };
            let _ = judged(&VkPageJudge, &page);
            prop_assert!(judged(&ApiJudge::default(), &page) != Judgement::NeedMore);
        }
    }
}
