//! What an admin is asked to sign: proposals, each rule broken once.

use byway::internals::signed::{Chain, Charter, Copied, Digest, DocumentKind, Envelope, Freeze, KeySet, Recovery};
use byway::publisher::Proposal;
use serde_json::{Value, json};

use crate::story::{Deed, Story, charter, day, keys, next, public, sealed};

pub(crate) fn proposals() -> Vec<Story> {
    let first = with_recovery();
    let base = written(&first, &[1, 2]);
    let chain = Chain::begin(base.digest(), &base, day(0)).unwrap();
    let second = |change: &dyn Fn(&mut Charter)| {
        let mut charter = next(&chain, 2);
        change(&mut charter);
        charter
    };
    let of = |base: &str, document: &Envelope| format!("byway proposal 1\n{base}\n{}\n", document.to_json());
    let on = |document: &Envelope| of(&base.to_json(), document);
    let changed = |people: &[u8], change: &dyn Fn(&mut Charter)| on(&written(&second(change), people));
    let good = changed(&[1], &|_| {});
    let raw = |change: &dyn Fn(&mut Value), people: &[u8]| {
        let mut document = json!(second(&|_| {}));
        change(&mut document);
        on(&sealed(DocumentKind::Charter, &document, people))
    };
    let freeze = |community: Digest, charter: u64, people: &[u8]| {
        on(&Freeze::new(community, charter, day(3)).seal(&keys(people)).unwrap())
    };
    let state = |missing: u64, recovery: bool| json!({"missing": missing, "recovery": recovery});
    let (form, unknown) = (json!("proposal_form"), json!("proposal_unknown"));
    let threshold = |charter: &mut Charter| charter.root = KeySet::new(public(&[1, 2, 3]), 3);
    let cases = [
        ("signed by one of two", good.clone(), state(1, false)),
        ("signed by both", changed(&[1, 3], &|_| {}), state(0, false)),
        ("signed by a key that has no say, and one that has", changed(&[1, 66], &|_| {}), state(1, false)),
        ("signed by nobody who counts", changed(&[66], &|_| {}), form.clone()),
        ("a founding, signed by one of two", of("-", &written(&first, &[2])), state(1, false)),
        ("a founding with a charter before it", of("-", &written(&second(&|_| {}), &[1, 2])), form.clone()),
        ("the new keys need three", changed(&[1, 2], &threshold), state(1, false)),
        ("by a recovery key", changed(&[30], &|_| {}), state(2, true)),
        ("by recovery keys and one root key", changed(&[1, 30, 31], &|_| {}), state(1, true)),
        ("by recovery keys, and enough root keys", changed(&[1, 2, 30], &|_| {}), state(0, false)),
        ("a freeze, signed by one of two", freeze(chain.id(), 1, &[1]), state(1, false)),
        ("a freeze, signed by both", freeze(chain.id(), 1, &[1, 2]), state(0, false)),
        ("a freeze by a recovery key", freeze(chain.id(), 1, &[30]), form.clone()),
        ("a freeze of another community", freeze(Digest::of(b"x"), 1, &[1]), form.clone()),
        ("a freeze of another charter", freeze(chain.id(), 2, &[1]), form.clone()),
        ("a freeze of a community that is not founded", of("-", &seal_freeze(chain.id())), form.clone()),
        ("another number", changed(&[1], &|charter| charter.version = 3), form.clone()),
        (
            "it follows another charter",
            changed(&[1], &|charter| charter.previous = Some(Digest::of(b""))),
            form.clone(),
        ),
        ("issued before the one that it follows", changed(&[1], &|charter| charter.issued = day(-1)), form.clone()),
        ("a charter outside its limits", raw(&|document| document["name"] = json!(""), &[1]), form.clone()),
        ("a field that is not known", raw(&|document| document["more"] = json!(1), &[1]), unknown.clone()),
        (
            "a field that is not known, within another",
            raw(&|document| document["root"]["more"] = json!(1), &[1]),
            unknown,
        ),
        (
            "the charter before it is signed by too few",
            of(&written(&first, &[1]).to_json(), &written(&second(&|_| {}), &[1])),
            form.clone(),
        ),
        ("no first line", good.replacen("byway proposal 1\n", "", 1), form.clone()),
        ("a later form", good.replacen("proposal 1", "proposal 2", 1), form.clone()),
        ("without its last line feed, which a chat takes away", good[..good.len() - 1].to_owned(), state(1, false)),
        ("it ends a byte earlier", good[..good.len() - 2].to_owned(), form.clone()),
        (
            "lines of a mail program, without the last line feed",
            good[..good.len() - 1].replace('\n', "\r\n") + "\r",
            state(1, false),
        ),
        ("a mark of a quotation before each line", format!("> {}", good.replace('\n', "\n> ")), form.clone()),
        ("quotes around it", format!("\"{good}\""), form.clone()),
        ("quotes of a word processor in it", good.replace('"', "\u{201d}"), form.clone()),
        ("an empty line within", good.replacen('\n', "\n\n", 1), form.clone()),
        ("it ends early", good[..good.len() - 9].to_owned(), form.clone()),
        ("a line more", format!("{good}more\n"), form.clone()),
        ("empty lines at the end", format!("{good}\n  \n"), state(1, false)),
        ("more bytes than a proposal has", format!("{good}{}", "\n".repeat(131_073 - good.len())), form.clone()),
        ("as many bytes as a proposal has", format!("{good}{}", "\n".repeat(131_072 - good.len())), state(1, false)),
        ("lines of a mail program", good.replace('\n', "\r\n"), state(1, false)),
        ("a space that is not of ASCII at the end", format!("{good}\u{a0}\n"), form.clone()),
        ("a separator of ASCII at the end", format!("{good}\u{1c}\n"), form.clone()),
        ("two lines in one", good.replacen('\n', "\r", 1), form.clone()),
        ("another copy than the charter before", changed(&[1], &|charter| charter.copy = copied()), form.clone()),
        ("the first line alone", "byway proposal 1\n".to_owned(), form.clone()),
        ("the first two lines", "byway proposal 1\n-\n".to_owned(), form.clone()),
        ("the first two lines, and what ends them is missing", "byway proposal 1\n-".to_owned(), form.clone()),
        ("nothing", String::new(), form),
    ];
    let told = cases
        .into_iter()
        .map(|(name, text, result)| (name.to_owned(), text, result))
        .chain(spellings())
        .map(|(name, text, result)| Story::new(&name, chain.id()).then(2, Deed::Proposal(text), result));
    told.collect()
}

/// A charter with every field, written here and not by the library: exactly one spelling of it can be signed.
fn spellings() -> Vec<(String, String, Value)> {
    let copy = Some(Copied { of: "https://vk.com/club7".into(), by: "Анна".into() });
    let base = written(&Charter { copy, ..charter() }, &[1, 2]);
    let list = |people: &[u8]| public(people).iter().map(|key| format!(r#""{key}""#)).collect::<Vec<_>>().join(",");
    let text = [
        format!(r#"{{"format":1,"version":2,"previous":"{}","name":"Завод \"7\"","#, base.digest()),
        format!(r#""description":"a\\b\nц/","issued":{},"expires":{},"#, day(2).as_second(), day(9).as_second()),
        format!(
            r#""root":{{"keys":[{}],"threshold":2}},"recovery":{{"keys":[{}],"threshold":2,"wait":604800}},"#,
            list(&[1, 2, 3]),
            list(&[30, 31])
        ),
        format!(
            r#""routine":[{}],"authors":[{}],"moderators":[{}],"members_may_post":true,"#,
            list(&[10]),
            list(&[20, 21]),
            list(&[22])
        ),
        format!(r#""banned":[{{"key":{},"since":{}}}],"#, list(&[40]), day(1).as_second()),
        r#""homes":[{"kind":"mirror","url":"https://a.example/"},{"kind":"page","url":"https://b.example/"},"#
            .to_owned(),
        r#"{"kind":"relay","url":"wss://c.example/"},{"kind":"other","url":"loft\u0001\t"}],"#.to_owned(),
        r#""hints":{"addresses":[{"host":"a.example","addresses":["192.0.2.1","2001:db8::1","::ffff:192.0.2.1"]}],"#
            .to_owned(),
        r#""resolvers":["https://d.example/"]},"restrictions":[{"text":"T","jurisdiction":"RU","authority":"A","#
            .to_owned(),
        r#""number":"5","date":"2026-01-02"},{"text":"U"}],"#.to_owned(),
        format!(r#""predecessor":"{}","successor":{{"community":"{}","#, Digest::of(b"1"), Digest::of(b"2")),
        r#""homes":[{"kind":"mirror","url":"https://e.example/"}]},"copy":{"of":"https://vk.com/club7","by":"Анна"}}"#
            .to_owned(),
    ]
    .concat();
    let proposal = |text: String| {
        let document = Envelope::sign(DocumentKind::Charter, text.into_bytes(), &keys(&[1]));
        format!("byway proposal 1\n{}\n{}\n", base.to_json(), document.to_json())
    };
    let changes = [
        ("as it is", "", "", true),
        (
            "without what may be absent in a block",
            r#""number":"5","date":"2026-01-02""#,
            r#""date":"2026-01-02""#,
            true,
        ),
        (
            "without addresses of hosts",
            r#""addresses":[{"host":"a.example","addresses":["192.0.2.1","2001:db8::1","::ffff:192.0.2.1"]}],"#,
            "",
            true,
        ),
        ("two fields in another order", r#""format":1,"version":2"#, r#""version":2,"format":1"#, false),
        ("a set of keys in another order", r#""threshold":2,"wait":604800"#, r#""wait":604800,"threshold":2"#, false),
        (
            "a home in another order",
            r#""kind":"mirror","url":"https://a.example/""#,
            r#""url":"https://a.example/","kind":"mirror""#,
            false,
        ),
        ("a null in a block", r#"{"text":"U"}"#, r#"{"text":"U","date":null}"#, false),
        ("a known name at the top", r#""format":1"#, r#""format":1,"keys":[]"#, false),
        (
            "a known name in a set of keys",
            r#"],"threshold":2},"recovery""#,
            r#"],"threshold":2,"wait":5},"recovery""#,
            false,
        ),
        ("a known name in a home", r#""kind":"page","#, r#""kind":"page","text":"x","#, false),
        ("an unknown name in a ban", r#""banned":[{"#, r#""banned":[{"why":1,"#, false),
        ("an empty list", r#""resolvers":["https://d.example/"]"#, r#""resolvers":[]"#, false),
        ("a default", r#""members_may_post":true"#, r#""members_may_post":false"#, false),
        ("an empty text", r#""description":"a\\b\nц/""#, r#""description":"""#, false),
        ("a kind of home that is not known", r#""kind":"relay","url":"wss"#, r#""kind":"loft","url":"wss"#, false),
        ("an address in capitals", "2001:db8::1", "2001:DB8::1", false),
        ("an address that is not shortened", "2001:db8::1", "2001:db8:0:0:0:0:0:1", false),
        ("an address of IPv4 written as one of IPv6", "::ffff:192.0.2.1", "::ffff:c000:201", false),
        ("a solidus with an escape", "ц/", r"ц\/", false),
        ("a letter with an escape", "ц/", r"\u0446/", false),
        ("an escape in capitals", r"loft\u0001", r"loft\u001F", false),
        ("an escape in small letters", r"loft\u0001", r"loft\u001f", true),
        ("the long escape of a tab", r"\u0001\t", r"\u0001\u0009", false),
        ("white space", r#""format":1,"#, r#""format":1, "#, false),
        ("white space after it", r#""by":"Анна"}}"#, "\"by\":\"Анна\"}}\n", false),
    ];
    let mut told = Vec::new();
    for (name, from, to, is_signed) in changes {
        let changed = text.replacen(from, to, 1);
        assert!(from.is_empty() || changed != text, "{name}");
        let result = if is_signed { json!({"missing": 1, "recovery": false}) } else { json!("proposal_unknown") };
        told.push((format!("the spelling of a charter: {name}"), proposal(changed), result));
    }
    // What is empty is left out, except for the hints.
    let hints = text.find(r#""hints""#).unwrap()..text.find(r#""restrictions""#).unwrap();
    for (name, spelling, result) in [
        ("empty hints", r#""hints":{},"#, json!({"missing": 1, "recovery": false})),
        ("no hints", "", json!("proposal_unknown")),
    ] {
        let mut changed = text.clone();
        changed.replace_range(hints.clone(), spelling);
        told.push((format!("the spelling of a charter: {name}"), proposal(changed), result));
    }
    let id = base.digest();
    let freeze = format!(r#"{{"format":1,"community":"{id}","charter":1,"after":{}}}"#, day(1).as_second());
    let [ordered, reordered] =
        [format!(r#""format":1,"community":"{id}""#), format!(r#""community":"{id}","format":1"#)];
    for (name, from, to, is_signed) in [
        ("as it is", "", "", true),
        ("a name of a charter", r#""charter":1"#, r#""charter":1,"text":"x""#, false),
        ("another order", &ordered, &reordered, false),
    ] {
        let changed = freeze.replacen(from, to, 1);
        let document = Envelope::sign(DocumentKind::Freeze, changed.into_bytes(), &keys(&[1]));
        let result = if is_signed { json!({"missing": 1, "recovery": false}) } else { json!("proposal_unknown") };
        let text = format!("byway proposal 1\n{}\n{}\n", base.to_json(), document.to_json());
        told.push((format!("the spelling of a freeze: {name}"), text, result));
    }
    told
}

fn copied() -> Option<Copied> {
    Some(Copied { of: "https://vk.com/club8".into(), by: "Анна".into() })
}

fn with_recovery() -> Charter {
    Charter { recovery: Some(Recovery { keys: KeySet::new(public(&[30, 31]), 2), wait: 604_800 }), ..charter() }
}

/// A charter as a publisher writes it, within its limits or not.
pub(crate) fn written(charter: &Charter, people: &[u8]) -> Envelope {
    Envelope::sign(DocumentKind::Charter, serde_json::to_vec(charter).unwrap(), &keys(people))
}

fn seal_freeze(community: Digest) -> Envelope {
    Freeze::new(community, 1, day(3)).seal(&keys(&[1])).unwrap()
}

/// What the library says of a proposal.
pub(crate) fn read(text: &str) -> Value {
    match Proposal::parse(text.as_bytes()) {
        Ok(proposal) => json!({"missing": proposal.missing(), "recovery": proposal.is_recovery()}),
        Err(error) => json!(error.code()),
    }
}
