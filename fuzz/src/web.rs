//! Answers of the web: codings, redirects, parts, and pages.

use byway::Exposure;
use byway::fuzzing;
use byway::internals::fetch::{PageJudge, PlainJudge, ReceivedPage};
use byway::internals::reach::{self, Finding, Fingerprints, Judgement};
use byway::internals::transport::{Destination, PrivateAddresses, Strategy};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use url::{Host, Url};

use super::{choose, pieces};

/// A coded body: its output is bounded, and the same for any pieces of the body.
pub(crate) fn decode(bytes: &[u8]) {
    let ([coding, size, limit], bytes) = choose(bytes);
    let named = ["identity", "gzip", "deflate", "br", "zstd", "gzip, gzip", "deflate, br"];
    let coding = named[usize::from(coding) % named.len()];
    let limit = (u64::from(limit) + 1) * 4096;
    let headers = HeaderMap::from_iter([(header::CONTENT_ENCODING, HeaderValue::from_static(coding))]);
    let (whole, out) = fuzzing::decode(&headers, &[bytes], limit);
    assert!(out.len() as u64 <= limit + LARGEST_STEP, "{} bytes, where {limit} were allowed", out.len());
    assert!(whole.is_err() || out.len() as u64 <= limit);
    let (cut, again) = fuzzing::decode(&headers, &pieces(bytes, size).collect::<Vec<_>>(), limit);
    assert!(again.len() as u64 <= limit + LARGEST_STEP);
    assert_eq!(whole.is_ok(), cut.is_ok(), "{coding}: {whole:?}, and in pieces of {size} {cut:?}");
    if whole.is_ok() {
        assert!(out == again, "{coding}: other bytes in pieces of {size}");
    }
    if coding == "identity" && whole.is_ok() {
        assert!(out == bytes);
    }
}

/// A redirect: not into a private network, without secrets to strangers, and not from https to http where it matters.
pub(crate) fn redirect(bytes: &[u8]) {
    let ([way], location) = choose(bytes);
    let from = ["https://a.example/b/c?d#e", "http://a.example/", "https://a.example:8443/", "http://192.0.2.7/x"];
    let from: Url = from[usize::from(way & 3)].parse().expect("a URL");
    let exposure = [Exposure::Open, Exposure::Tor][usize::from(way >> 2 & 1)];
    let status = [301, 302, 303, 307, 308][usize::from(way >> 3) % 5];
    let status = StatusCode::from_u16(status).expect("a status");
    let Ok(location) = HeaderValue::from_bytes(location) else { return };
    let mut headers = HeaderMap::new();
    if way & 64 == 64 {
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static("Basic c2VjcmV0"));
        headers.insert(header::COOKIE, HeaderValue::from_static("id=secret"));
    }
    let private = if way & 128 == 128 { PrivateAddresses::Allowed } else { PrivateAddresses::Refused };
    let next = fuzzing::redirect(&from, headers.clone(), status, &location, exposure, private);
    let Ok((to, sent)) = next else { return };
    assert!(matches!(to.scheme(), "http" | "https"), "{to}");
    assert!(to.username().is_empty() && to.password().is_none(), "an invented login: {to}");
    if private == PrivateAddresses::Refused {
        assert!(Destination::from_url(&to).is_some() && !is_local(&to), "{to}");
    }
    let same_origin = to.origin() == from.origin();
    assert!(same_origin || sent.is_empty(), "secrets for {to}");
    let downgrade = from.scheme() == "https" && to.scheme() == "http";
    assert!(!downgrade || exposure == Exposure::Open && headers.is_empty(), "{from} to {to}");
    assert_eq!(to.as_str().parse::<Url>().as_ref(), Ok(&to), "it prints as it is");
}

/// By the plain words of RFC 1918, 3927, 4193 and 4291, as an independent check of the engine's own reading.
fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost") || name.ends_with(".local")
        }
        Some(Host::Ipv4(v4)) => v4.is_loopback() || v4.is_private() || v4.is_link_local() || v4.is_unspecified(),
        Some(Host::Ipv6(v6)) => {
            let mapped = v6.to_ipv4_mapped();
            v6.is_loopback()
                || v6.is_unspecified()
                || v6.is_unique_local()
                || v6.is_unicast_link_local()
                || mapped.is_some_and(|v4| v4.is_loopback() || v4.is_private())
        }
        None => true,
    }
}

/// The rest of a body: used only if it says that it is the rest, for this position and file.
pub(crate) fn resume(bytes: &[u8]) {
    let ([status, offset, length], lines) = choose(bytes);
    let offset = u64::from(offset) * 100;
    let length = (length != 0).then(|| u64::from(length) * 100);
    let status = [206, 200, 416, 451][usize::from(status) % 4];
    let mut lines = lines.split(|byte| *byte == b'\n');
    let first = headers(lines.by_ref().take(3));
    let rest = headers(lines);
    let status = StatusCode::from_u16(status).expect("a status");
    let strong = fuzzing::strong_validator(&first);
    if let Some(validator) = &strong {
        let given = [first.get(header::ETAG), first.get(header::LAST_MODIFIED)];
        assert!(given.contains(&Some(validator)), "a validator that was not given");
        assert!(!validator.as_bytes().starts_with(b"W/"));
    }
    let Some(whole) = fuzzing::continues(&first, offset, length, status, &rest) else { return };
    assert!(status == 206 && offset > 0 && strong.is_some());
    assert!(offset < whole && length.is_none_or(|length| length == whole), "{offset} of {whole}");
    assert!(rest.get(header::ETAG) == first.get(header::ETAG) || first.get(header::ETAG).is_none());
    let range = rest.get(header::CONTENT_RANGE).and_then(|range| range.to_str().ok()).expect("a range");
    let digits = range.split(|c: char| !c.is_ascii_digit()).find(|digits| !digits.is_empty());
    assert_eq!(digits.and_then(|digits| digits.parse().ok()), Some(offset), "{range}");
}

/// Header lines as `name: value`; other lines are left out.
fn headers<'a>(lines: impl Iterator<Item = &'a [u8]>) -> HeaderMap {
    lines
        .take(64)
        .filter_map(|line| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            let (name, value) = line.split_at(colon);
            let value = value.get(1..)?.trim_ascii();
            Some((HeaderName::from_bytes(name).ok()?, HeaderValue::from_bytes(value).ok()?))
        })
        .collect()
}

/// A page under any head: a host that proved its name never counts as a block page, and a 451 states its own claim.
pub(crate) fn judge(bytes: &[u8]) {
    let ([high, low, way], rest) = choose(bytes);
    let Ok(status) = StatusCode::from_u16(100 + u16::from_be_bytes([high, low]) % 500) else { return };
    let end = rest.windows(2).position(|pair| pair == b"\n\n").unwrap_or(rest.len());
    let (head, body) = rest.split_at(end);
    let head = headers(head.split(|byte| *byte == b'\n'));
    let url: Url = "http://a.example/".parse().expect("a URL");
    let strategy = Strategy::direct();
    let page = ReceivedPage {
        url: &url,
        strategy: &strategy,
        status,
        headers: &head,
        body,
        complete: way & 1 == 1,
        proved_name: way & 2 == 2,
        fingerprints: &Fingerprints::starter(),
    };
    let judgement = PlainJudge.judge(&page);
    assert_eq!(judgement, PlainJudge.judge(&page), "the same page is judged the same");
    match judgement {
        Judgement::Refuted(Finding::BlockPage { statement, .. }) => {
            assert!(!page.proved_name, "a host that proved its name");
            assert!(statement.text.is_none_or(|text| text.chars().count() <= LONGEST_STATEMENT));
        }
        Judgement::Refuted(Finding::Legal451(statement)) => {
            assert_eq!(status, 451);
            assert!(statement.text.is_none_or(|text| text.chars().count() <= LONGEST_STATEMENT));
            if let Some(link) = statement.link {
                let target: Url = link.parse().expect("a link that does not parse");
                assert!(matches!(target.scheme(), "http" | "https"), "no address of a page: {link}");
                // In quotes a letter may be escaped.
                let plain = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).replace('\\', "");
                let marked = |value: &HeaderValue| plain(value).to_ascii_lowercase().contains("blocked-by");
                assert!(head.get_all(header::LINK).iter().any(marked));
            }
        }
        Judgement::Refuted(Finding::CaptivePortal) => assert!(!page.proved_name),
        Judgement::Refuted(_) => {}
        Judgement::Proven => assert!(status != 451 && !status.is_server_error()),
        Judgement::NeedMore => assert!(!page.complete),
    }
}

/// Block pages: only a small page is one, and a page in another letter case is the same.
pub(crate) fn block_page(bytes: &[u8]) {
    let known = Fingerprints::starter();
    let page = |bytes: &[u8]| known.block_page(None, &HeaderMap::new(), Some(bytes)).map(str::to_owned);
    let found = page(bytes);
    if found.is_some() {
        assert!(bytes.len() <= 32 * 1024);
        let long = [bytes, &[b' '; 33 * 1024]].concat();
        assert_eq!(page(&long), None, "an article that quotes it");
    }
    if bytes.is_ascii() {
        assert_eq!(found, page(&bytes.to_ascii_uppercase()));
    }
    if let Ok(target) = String::from_utf8_lossy(bytes).parse::<Url>()
        && let Some(name) = known.block_page(Some(&target), &HeaderMap::new(), None)
    {
        assert!(!name.is_empty() && target.host_str().is_some());
    }
    let text = reach::text_of(bytes);
    assert!(text.chars().count() <= bytes.len());
}

/// A list of fingerprints of any origin: rows are bounded, skipped rows are reported, and a page's match names one in
/// the list.
pub(crate) fn fingerprints(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (csv, page) = text.split_once("\n\n").unwrap_or((&text, &text));
    let Ok(loaded) = Fingerprints::parse_csv(csv) else { return };
    let rows = csv.split(['\n', '\r']).count();
    assert!(loaded.fingerprints.len() + loaded.skipped.len() <= rows, "more than {rows} rows");
    assert!(loaded.skipped.iter().all(|skipped| (1..=rows).contains(&skipped.row) && !skipped.fault.code().is_empty()));
    let printed = loaded.fingerprints.to_string();
    let again = Fingerprints::parse_csv(&printed).expect("a list that was printed is one");
    assert!(again.skipped.is_empty(), "{:?} of what was printed: {printed}", again.skipped);
    assert_eq!(again.fingerprints.to_string(), printed, "it prints as it was read");
    let found = loaded.fingerprints.block_page(None, &HeaderMap::new(), Some(page.as_bytes()));
    // A page that cites the law is recognised without any list.
    let unlisted = Fingerprints::none().block_page(None, &HeaderMap::new(), Some(page.as_bytes())).map(str::to_owned);
    if let Some(name) = found {
        assert!(unlisted.as_deref() == Some(name) || csv.contains(name) || csv.contains('"'), "{name:?} is in no row");
        // A row before it in a longer list may match, too; no row suppresses another.
        let both = Fingerprints::starter().and(&loaded.fingerprints);
        assert!(both.block_page(None, &HeaderMap::new(), Some(page.as_bytes())).is_some());
    }
}

/// How much a decoder may output before it checks its limit.
const LARGEST_STEP: u64 = fuzzing::DECODE_STEP as u64;

/// Characters of a notice's words.
const LONGEST_STATEMENT: usize = 300;
