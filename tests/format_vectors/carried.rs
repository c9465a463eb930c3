//! What people hand on: links, bundles, and the lines that admins send each other.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use byway::internals::signed::{Bundle, Chain, Digest, DocumentKind, Envelope, Freeze, picture_file};
use byway::publisher::{Proposal, PublicKeys};
use byway::{CommunityLink, Exposure};
use serde_json::{Value, json};

use crate::proposals::written;
use crate::story::{Deed, Pieces, Story, begun, charter, day, head, head_json, key, keys, next, public, signed};

const ID: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

pub(crate) fn links() -> Vec<Story> {
    let read = |link: &str, exposure: &str, web: Option<&str>| json!({"link": link, "exposure": exposure, "web": web});
    let plain = format!("byway:{ID}");
    let full = format!("{plain}?exposure=tor&key=0011223344556677aabb&mirror=a.example/&mirror=http://b.onion/x/");
    let web = format!("http://b.onion/x/#{full}");
    let whole = read(&full, "tor", Some(&web));
    let mirror = |text: &str| format!("{plain}?mirror={text}");
    let at = |text: &str| {
        let link = mirror(text);
        let page = if text.starts_with("http://") { text.to_owned() } else { format!("https://{text}") };
        read(&link, "open", Some(&format!("{page}#{}", link.replace('%', "%25"))))
    };
    let long = format!("mirror={}.example/", "a".repeat(60));
    let as_long = |bytes: usize| mirror(&format!("a.example/{}/", "b".repeat(bytes - mirror("a.example//").len())));
    let mut cases: Vec<(&str, String, Value)> = vec![
        ("the id alone", plain.clone(), read(&plain, "open", None)),
        ("in full", full.clone(), whole.clone()),
        (
            "in another spelling, with white space around",
            format!(
                " \u{a0}BYWAY:{}?mirror=a.example&key=0011-2233-4455-6677 AABB&mirror=HTTP://B.onion/x&exposure=Tor\r\n",
                ID.to_uppercase()
            ),
            whole.clone(),
        ),
        ("its web form", format!("https://a.example/#{full}"), whole.clone()),
        ("its web form in capitals", format!("HTTP://b.onion/x/#{full}"), whole.clone()),
        (
            "a web form that a messenger has encoded",
            format!("https://a.example/#{}", full.replace(':', "%3A").replace('?', "%3F").replace('&', "%26")),
            whole.clone(),
        ),
        (
            "an exposure in the address of the web form",
            format!("https://a.example/?exposure=tor#{}", full.replacen("exposure=tor&", "", 1)),
            whole.clone(),
        ),
        (
            "an encoded exposure in the address of the web form",
            format!("https://a.example/x/%65xposure%3DTOR/y#{}", full.replacen("exposure=tor&", "", 1)),
            whole.clone(),
        ),
        (
            "an exposure behind an encoded ampersand in that address",
            format!("https://a.example/?a=b&amp;exposure=proxied;x=y#{plain}"),
            read(&format!("{plain}?exposure=proxied"), "proxied", None),
        ),
        ("an ampersand before the first parameter", full.replacen('?', "&", 1), whole.clone()),
        (
            "parameters that occur twice",
            format!("{full}&exposure=open&mirror=https://a.example/&exposure=proxied"),
            whole,
        ),
        ("an exposure that is open", format!("{plain}?exposure=open"), read(&plain, "open", None)),
        (
            "an exposure with a mirror that a browser would contact",
            format!("{plain}?exposure=proxied&mirror=a.example/"),
            read(&format!("{plain}?exposure=proxied&mirror=a.example/"), "proxied", None),
        ),
        ("a mirror in capitals with the port of its scheme", mirror("HTTPS://A.example:443/"), at("a.example/")),
        ("a mirror with another port", mirror("a.example:8443/x"), at("a.example:8443/x/")),
        ("a mirror on http with the port of https", mirror("http://a.example:443"), at("http://a.example:443/")),
        ("a mirror with steps back in its path", mirror("a.example/x/../y/./%2e%2E/z"), at("a.example/z/")),
        ("a mirror with a space and letters in its path", mirror("a.example/a b/я/"), at("a.example/a%20b/%D1%8F/")),
        ("a mirror with a name in letters of another script", mirror("завод.рф/"), at("xn--80aegj1b.xn--p1ai/")),
        ("a mirror at an address of IPv4", mirror("192.0.2.7:80/"), at("192.0.2.7:80/")),
        ("a mirror at an address of IPv6", mirror("[2001:DB8:0::1]/"), at("[2001:db8::1]/")),
        ("what is encoded in a path stays so", mirror("a.example/%3fx%23y%25z/"), at("a.example/%3fx%23y%25z/")),
        ("an equals sign in a path", mirror("a.example/x=y/"), at("a.example/x=y/")),
        ("nothing", String::new(), json!("no_link")),
        ("an address", "https://vk.com/zavod".into(), json!("no_link")),
        ("an address with a fragment", "https://a.example/#part".into(), json!("no_link")),
        ("a scheme that is not of the web", format!("javascript:x#{plain}"), json!("no_link")),
        ("words before it", format!("see {plain}"), json!("no_link")),
        ("no id", "byway:".into(), json!("id")),
        ("an id without its last digit", plain[..plain.len() - 1].into(), json!("id")),
        ("an id with a digit more", format!("{plain}0"), json!("id")),
        ("an encoded question mark outside the web form", format!("{plain}%3Fexposure=tor"), json!("id")),
        ("a question mark alone", format!("{plain}?"), json!("parameter")),
        ("two ampersands", format!("{plain}?exposure=tor&&mirror=a.example"), json!("parameter")),
        ("a parameter that is not known", format!("{plain}?route=ss"), json!("parameter")),
        ("a parameter in capitals", format!("{plain}?EXPOSURE=tor"), json!("parameter")),
        ("a parameter that is encoded", format!("{plain}?%65xposure=tor"), json!("parameter")),
        ("a parameter without a value", format!("{plain}?exposure"), json!("parameter")),
        ("an empty exposure", format!("{plain}?exposure="), json!("exposure")),
        ("an exposure that is cut", format!("{plain}?exposure=tor&exposure=t"), json!("exposure")),
        ("an unknown exposure in the address", format!("https://a.example/?exposure=x#{plain}"), json!("exposure")),
        ("a short fingerprint", format!("{plain}?key=00"), json!("key")),
        ("a fingerprint with a letter that is no digit", format!("{plain}?key=0011223344556677aabg"), json!("key")),
        ("two fingerprints", format!("{plain}?key=0011223344556677aabb&key=0011223344556677aabc"), json!("key")),
        ("an empty mirror", mirror(""), json!("mirror")),
        ("a mirror with a login", mirror("user@a.example"), json!("mirror")),
        ("a mirror with a query", mirror("a.example/?y"), json!("mirror")),
        ("a mirror with an empty query", mirror("a.example/?"), json!("mirror")),
        ("a mirror with a fragment", mirror("a.example/#x"), json!("mirror")),
        ("a mirror of another scheme", mirror("ftp://a.example/"), json!("mirror")),
        ("a mirror on a device", mirror("file:///etc/"), json!("mirror")),
        ("a mirror with a port that is none", mirror("a.example:99999/"), json!("mirror")),
        ("an encoded ampersand in a mirror", mirror("a.example/%26x"), json!("mirror")),
        ("an encoded exposure in a mirror", mirror("a.example/%26exposure%3Dtor"), json!("mirror")),
        ("an exposure in letters that are encoded", mirror("a.example/%65XPOSURE=tor"), json!("mirror")),
        ("an exposure in the path of a mirror", mirror("a.example/exposure=open"), json!("mirror")),
        (
            "the same encoded twice in a web form",
            format!("https://a.example/#{}", mirror("a.example/%2526exposure%253Dtor")),
            json!("mirror"),
        ),
        ("five mirrors", mirror("a.b&mirror=b.b&mirror=c.b&mirror=d.b&mirror=e.b"), json!("too_many_mirrors")),
        ("a mirror that is wrong before what is unknown", mirror("ftp://a&route=ss"), json!("mirror")),
        ("331 bytes", as_long(331), at(&as_long(331)[mirror("").len()..])),
        ("332 bytes", as_long(332), json!("too_long")),
        (
            "331 bytes that have more when printed",
            as_long(331).trim_end_matches('/').to_owned() + "b",
            json!("too_long"),
        ),
        ("mirrors that are too long together", format!("{plain}?{long}&{long}x/&{long}y/&{long}z/"), json!("too_long")),
        (
            "bytes that are fewer when printed",
            format!("{plain}?exposure=open{}", "&exposure=open".repeat(20)),
            json!("too_long"),
        ),
        (
            "a mirror that is too long when printed, before what is unknown",
            format!("{}&route=ss", mirror(&format!("a.example/{}", "я".repeat(45)))),
            json!("too_long"),
        ),
        (
            "an exposure in the address for which there is no room",
            format!("https://a.example/?exposure=tor#{}", as_long(331)),
            json!("too_long"),
        ),
        ("a mirror without a host", mirror(":8080/"), json!("mirror")),
        ("a space in the host of a mirror", mirror("a b.example/"), json!("mirror")),
        ("a sign in the host of a mirror", mirror("a|b.example/"), json!("mirror")),
        ("a web form that is too long", format!("https://{}.example/#{plain}", "a".repeat(1000)), json!("too_long")),
    ];
    cases.push((
        "a web form whose mirror has percent signs",
        at("a.example/%3fx/")["web"].as_str().unwrap().into(),
        at("a.example/%3fx/"),
    ));
    told(cases.into_iter().map(|(name, text, result)| (name.to_owned(), Deed::Link(text), result)))
}

/// What the library makes of a link.
pub(crate) fn read_link(text: &str) -> Value {
    match text.parse::<CommunityLink>() {
        Ok(link) => {
            let exposure: Exposure = link.exposure();
            json!({"link": link.to_string(), "exposure": exposure.code(), "web": link.web_form()})
        }
        Err(error) => json!(error.code()),
    }
}

pub(crate) fn bundles() -> Vec<Story> {
    let mut chain = begun(&charter(), &[1, 2]);
    let (first, second) = (signed(&charter(), &[1, 2]), signed(&next(&chain, 1), &[1, 2]));
    chain.extend(&second, day(1)).unwrap();
    let freeze = Freeze::new(chain.id(), 1, day(3)).seal(&keys(&[1, 2])).unwrap().to_json();
    let mut pictures: Vec<(String, String)> = ["gate", "hall"]
        .iter()
        .map(|bytes| (picture_file(&Digest::of(bytes.as_bytes())), (*bytes).to_owned()))
        .collect();
    pictures.sort();
    let whole: Vec<(String, String)> = [
        ("charter/1.json", first.to_json()),
        ("charter/2.json", second.to_json()),
        ("head.json", head_json(&head(&chain, 1, 1), 10)),
        ("freeze.json", freeze),
        ("newest.jsonl", "a\n".to_owned()),
        ("events-2016-11.jsonl", String::new()),
        ("events-2016-12.jsonl", "b\nbyway bundle 1\n".to_owned()),
    ]
    .map(|(name, text)| (name.to_owned(), text))
    .into_iter()
    .chain(pictures.clone())
    .collect();
    let of = |parts: &[(String, String)]| {
        let bytes = Bundle::write(parts.iter().map(|(name, text)| (name.as_str(), text.as_bytes())));
        String::from_utf8(bytes).unwrap()
    };
    let text = of(&whole);
    let result = |charters: usize, has_freeze: bool, parts: &[(String, String)]| {
        let files: serde_json::Map<String, Value> =
            parts.iter().map(|(name, text)| (name.clone(), json!(text.len()))).collect();
        json!({"id": chain.id(), "charters": charters, "freeze": has_freeze, "files": files})
    };
    let with = |at: usize, name: &str, bytes: &str| {
        let mut parts = whole.clone();
        parts.insert(at, (name.to_owned(), bytes.to_owned()));
        of(&parts)
    };
    let mut cases: Vec<(String, String, Value)> = vec![
        ("in full".into(), text.clone(), result(2, true, &whole[4..])),
        ("a charter and a head".into(), of(&[whole[0].clone(), whole[2].clone()]), result(1, false, &[])),
        ("without its last picture".into(), of(&whole[..whole.len() - 1]), result(2, true, &whole[4..whole.len() - 1])),
    ];
    let header = |name: &str, length: &str| format!("byway bundle 1\n{name} {length}\n");
    let (form, name, cut, large) = ("bundle_form", "bundle_name", "bundle_truncated", "bundle_too_large");
    let swapped = |one: usize, other: usize| {
        let mut parts = whole.clone();
        parts.swap(one, other);
        of(&parts)
    };
    let changed = |from: &str, to: &str| text.replacen(from, to, 1);
    let end = whole.len();
    let head_at = text.find("head.json ").unwrap();
    let wrong: Vec<(&str, String, &str)> = vec![
        ("nothing", String::new(), form),
        ("a later form", changed("bundle 1", "bundle 2"), form),
        ("a line feed before it", format!("\n{text}"), form),
        ("lines of another system", changed("bundle 1\n", "bundle 1\r\n"), form),
        ("the first line alone", "byway bundle 1\n".into(), cut),
        ("no head", of(&whole[..2]), cut),
        ("no charter", of(&whole[2..]), cut),
        ("it ends within the last part", text[..text.len() - 2].into(), cut),
        ("it ends before the last line feed", text[..text.len() - 1].into(), cut),
        ("it ends within the line of a part", text[..head_at + 5].into(), cut),
        ("a byte behind the end", format!("{text}x"), cut),
        ("a line feed behind the end", format!("{text}\n"), form),
        ("another byte after a part", changed("a\n\n", "a\nx"), form),
        ("the second charter first", swapped(0, 1), name),
        ("the freeze before the head", swapped(2, 3), name),
        ("a later month first", swapped(5, 6), name),
        ("pictures in another order", swapped(end - 2, end - 1), name),
        ("a picture before the months", swapped(4, end - 1), name),
        (
            "a charter is missing",
            of(&[&whole[..1], &[("charter/3.json".into(), whole[1].1.clone())], &whole[2..]].concat()),
            name,
        ),
        ("a charter twice", with(1, "charter/1.json", &whole[0].1), name),
        ("a head twice", with(3, "head.json", &whole[2].1), name),
        ("a freeze twice", with(4, "freeze.json", &whole[3].1), name),
        ("the newest twice", with(5, "newest.jsonl", "a\n"), name),
        ("a month twice", with(7, "events-2016-12.jsonl", "b\n"), name),
        ("a picture twice", with(end, &pictures[1].0, "hall"), name),
        ("a page of the site", with(end, "index.html", "x"), name),
        ("a path upwards", with(end, "../charter/1.json", "x"), name),
        ("an absolute path", with(end, "/etc/passwd", "x"), name),
        ("a path within", with(1, "charter/../1.json", "x"), name),
        ("a drive", with(end, "C:\\x", "x"), name),
        ("a number with a zero before it", with(1, "charter/02.json", &whole[1].1), name),
        ("a charter of number 0", with(0, "charter/0.json", "x"), name),
        ("a month that is none", with(7, "events-2016-13.jsonl", "x"), name),
        ("a picture under a digest in capitals", with(end, &format!("files/{}", "F".repeat(64)), "x"), name),
        ("a picture with an ending", with(end, &format!("files/{}.jpg", "f".repeat(64)), "x"), name),
        ("a part without a name", with(end, "", "x"), name),
        ("a part without a length", header("charter/1.json", "").replace(' ', ""), form),
        ("two spaces before a length", header("charter/1.json", " 5"), form),
        ("a length with a sign", header("charter/1.json", "-1"), form),
        ("a length with a plus", header("charter/1.json", "+1"), form),
        ("a length with a zero before it", header("charter/1.json", "01"), form),
        ("a length of other digits", header("charter/1.json", "١"), form),
        ("a length without end", header("charter/1.json", "99999999999999999999"), form),
        ("a line without end", format!("byway bundle 1\n{}", "x".repeat(200)), form),
        ("a part above its limit", header("charter/1.json", "67108865"), large),
        ("a part at its limit that ends early", header("charter/1.json", "67108864"), cut),
        ("a picture above its limit", header(&pictures[0].0, "8388609"), large),
        ("a picture at its limit that ends early", header(&pictures[0].0, "8388608"), cut),
        ("a charter that is no envelope", of(&[("charter/1.json".into(), "{}".into())]), form),
        ("a head in the place of a charter", of(&[("charter/1.json".into(), whole[2].1.clone())]), form),
    ];
    cases.extend(wrong.into_iter().map(|(name, text, code)| (name.to_owned(), text, json!(code))));
    let mut stories = told(cases.into_iter().map(|(name, text, result)| (name, Deed::Bundle(text), result)));
    let most = 128 << 20;
    for (name, bytes, result) in [
        ("as many bytes as a bundle has", most, result(2, true, &whole[4..7])),
        ("a byte more than a bundle has", most + 1, json!(large)),
    ] {
        // Months of spaces, each below its limit.
        let mut pieces = Pieces(vec![(of(&whole[..4]), 1)]);
        let mut files = serde_json::Map::new();
        // A line has 31 bytes beside its part: the name, a space, eight digits and two line feeds.
        let rest = bytes - pieces.0[0].0.len() - 2 * 50_000_000 - 3 * 31;
        for (month, length) in [10, 11, 12].into_iter().zip([50_000_000, 50_000_000, rest]) {
            let month = format!("events-2016-{month}.jsonl");
            pieces.0.extend([(format!("{month} {length}\n"), 1), (" ".into(), length), ("\n".into(), 1)]);
            files.insert(month, json!(length));
        }
        assert_eq!(pieces.text().len(), bytes);
        let mut result = result;
        if result.is_object() {
            result["files"] = json!(files);
        }
        stories.extend(told([(name.to_owned(), Deed::LongBundle(pieces), result)]));
    }
    stories
}

/// What the library makes of a bundle.
pub(crate) fn read_bundle(text: &str) -> Value {
    let bundle = match Bundle::parse(text.as_bytes()) {
        Ok(bundle) => bundle,
        Err(error) => return json!(error.code()),
    };
    let mut files = serde_json::Map::new();
    // Its lists are not open: each name of these stories is asked for.
    for name in ["newest.jsonl", "events-2016-10.jsonl", "events-2016-11.jsonl", "events-2016-12.jsonl"] {
        files.extend(bundle.file(name).map(|bytes| (name.to_owned(), json!(bytes.len()))));
    }
    for digest in ["gate", "hall"].map(|bytes| Digest::of(bytes.as_bytes())) {
        files.extend(bundle.picture(&digest).map(|bytes| (picture_file(&digest), json!(bytes.len()))));
    }
    json!({"id": bundle.id, "charters": bundle.charters.len(), "freeze": bundle.freeze.is_some(), "files": files})
}

/// The lines that admins send each other: approvals and public keys.
pub(crate) fn lines() -> Vec<Story> {
    let first = written(&charter(), &[1, 2]);
    let chain = Chain::begin(first.digest(), &first, day(0)).unwrap();
    let document = |people: &[u8]| written(&next(&chain, 2), people);
    let proposal = format!("byway proposal 1\n{}\n{}\n", first.to_json(), document(&[1]).to_json());
    let approval = |digest: Digest, person: u8, signature: &[u8]| {
        let bytes = [digest.as_bytes().as_slice(), &key(person).public().to_bytes(), signature].concat();
        format!("byway-approval:{}", URL_SAFE_NO_PAD.encode(bytes))
    };
    let digest = document(&[1]).digest();
    let good = approval(digest, 2, &signature(&document(&[2])));
    let state = |missing: u64| json!({"missing": missing, "recovery": false});
    let wrong = json!("approval");
    let other = written(&next(&chain, 3), &[2]);
    let damaged = |text: &str, at: usize| {
        let mut text = text.to_owned();
        text.replace_range(at..=at, if &text[at..=at] == "A" { "B" } else { "A" });
        text
    };
    let in_two = |text: &str, between: &str| format!("{}{between}{}", &text[..60], &text[60..]);
    let with_a_bit = |text: &str| {
        const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let (text, last) = text.split_at(text.len() - 1);
        let at = DIGITS.find(last).unwrap();
        format!("{text}{}", &DIGITS[at + 1..=at + 1])
    };
    let spelled = |text: &str| {
        let (scheme, digits) = text.split_once(':').unwrap();
        format!("{scheme}:{}", STANDARD.encode(URL_SAFE_NO_PAD.decode(digits).unwrap()))
    };
    let cases = [
        ("of the second key", good.clone(), state(0)),
        ("with white space around", format!(" \t{good}\r\n"), state(0)),
        ("of a key that has signed already", approval(digest, 1, &signature(&document(&[1]))), state(1)),
        ("without its last character", good[..good.len() - 1].into(), wrong.clone()),
        ("without its first character", good[1..].into(), wrong.clone()),
        ("with one more character", format!("{good}A"), wrong.clone()),
        ("a character was changed in the digest", damaged(&good, 20), wrong.clone()),
        ("a character was changed in the key", damaged(&good, 70), wrong.clone()),
        ("a character was changed in the signature", damaged(&good, 150), wrong.clone()),
        ("a chat has broken it into two lines", in_two(&good, "\n"), wrong.clone()),
        ("a space within", in_two(&good, " "), wrong.clone()),
        ("quotes around it", format!("\"{good}\""), wrong.clone()),
        ("a mark of a quotation before it", format!("> {good}"), wrong.clone()),
        ("words before it", format!("I agree: {good}"), wrong.clone()),
        ("capitals in its first word", good.replacen("byway", "Byway", 1), wrong.clone()),
        ("in the other spelling of base64", spelled(&good), wrong.clone()),
        ("with padding", format!("{good}="), wrong.clone()),
        ("of another document", approval(other.digest(), 2, &signature(&other)), wrong.clone()),
        ("a signature over another document", approval(digest, 2, &signature(&other)), wrong.clone()),
        ("a signature of another key", approval(digest, 2, &signature(&document(&[3]))), wrong.clone()),
        ("of a key that has no say", approval(digest, 66, &signature(&document(&[66]))), wrong.clone()),
        ("a line of keys", keys_line(&[1, 10, 20]), wrong.clone()),
        ("nothing", String::new(), wrong),
    ];
    let approvals = cases.into_iter().map(|(name, line, result)| {
        (format!("an approval: {name}"), Deed::Approval { proposal: proposal.clone(), line }, result)
    });
    let good = keys_line(&[1, 10, 20]);
    let prints =
        json!({"fingerprints": public(&[1, 10, 20]).iter().map(|key| print(&key.to_bytes())).collect::<Vec<_>>()});
    let wrong = json!("public_keys");
    let off_curve = {
        let bytes = [&public(&[1, 10]).map_bytes()[..], &[0xff; 32]].concat();
        checked(&bytes)
    };
    let cases = [
        ("as it is", good.clone(), prints.clone()),
        ("with white space around", format!("\n {good} \r\n"), prints.clone()),
        ("one key in each place", keys_line(&[1, 1, 1]), {
            let one = print(&key(1).public().to_bytes());
            json!({"fingerprints": [one, one, one]})
        }),
        ("without its last character", good[..good.len() - 1].into(), wrong.clone()),
        ("with one more character", format!("{good}A"), wrong.clone()),
        ("a character was changed in a key", damaged(&good, 30), wrong.clone()),
        ("a character was changed in the check", damaged(&good, good.len() - 3), wrong.clone()),
        ("a bit behind its end", with_a_bit(&good), wrong.clone()),
        ("a chat has broken it into two lines", in_two(&good, "\n"), wrong.clone()),
        ("quotes around it", format!("«{good}»"), wrong.clone()),
        ("capitals in its first word", good.replacen("byway", "BYWAY", 1), wrong.clone()),
        ("with padding", spelled(&good), wrong.clone()),
        ("a key off the curve", off_curve, wrong.clone()),
        ("two keys", checked(&public(&[1, 10]).map_bytes()), wrong.clone()),
        ("four keys", checked(&public(&[1, 10, 20, 21]).map_bytes()), wrong.clone()),
        ("an approval", "byway-approval:AAAA".into(), wrong.clone()),
        ("nothing", String::new(), wrong),
    ];
    let keys = cases.into_iter().map(|(name, line, result)| (format!("public keys: {name}"), Deed::Keys(line), result));
    told(approvals.chain(keys))
}

/// What the library makes of an approval of this proposal.
pub(crate) fn approved(proposal: &str, line: &str) -> Value {
    let mut proposal = Proposal::parse(proposal.as_bytes()).unwrap();
    match proposal.take_approval(line) {
        Ok(()) => json!({"missing": proposal.missing(), "recovery": proposal.is_recovery()}),
        Err(error) => json!(error.code()),
    }
}

/// What the library makes of a line of public keys.
pub(crate) fn read_keys(line: &str) -> Value {
    match line.parse::<PublicKeys>() {
        Ok(keys) => json!({"fingerprints": keys.fingerprints().map(|print| print.to_string())}),
        Err(error) => json!(error.code()),
    }
}

fn told(cases: impl IntoIterator<Item = (String, Deed, Value)>) -> Vec<Story> {
    cases.into_iter().map(|(name, deed, result)| Story::new(&name, Digest::of(b"")).then(0, deed, result)).collect()
}

/// The first signature in the list of an envelope.
fn signature(document: &Envelope) -> Vec<u8> {
    assert_eq!(document.kind(), DocumentKind::Charter);
    let written: Value = serde_json::from_str(&document.to_json()).unwrap();
    STANDARD.decode(written["signatures"][0]["sig"].as_str().unwrap()).unwrap()
}

/// The line of these people's public keys, made by the page alone.
fn keys_line(people: &[u8]) -> String {
    checked(&public(people).map_bytes())
}

fn checked(bytes: &[u8]) -> String {
    let check = Digest::of(&[b"byway-keys:".as_slice(), bytes].concat());
    format!("byway-keys:{}", URL_SAFE_NO_PAD.encode([bytes, &check.as_bytes()[..4]].concat()))
}

fn print(key: &[u8]) -> String {
    let digest = Digest::of(key).to_string();
    [0, 4, 8, 12, 16].map(|at| &digest[at..at + 4]).join(" ")
}

trait Bytes {
    fn map_bytes(&self) -> Vec<u8>;
}

impl Bytes for Vec<byway::internals::signed::PublicKey> {
    fn map_bytes(&self) -> Vec<u8> {
        self.iter().flat_map(|key| key.to_bytes()).collect()
    }
}
