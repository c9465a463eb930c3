//! Envelopes, charters and heads by themselves: each rule broken once.

use byway::internals::signed::{CharterHome, Digest, Hints, HomeKind, HostAddresses, KeySet, Successor};
use byway::internals::signed::{Copied, DocumentKind, FileEntry, NEWEST, PublicKey, Recovery};
use serde_json::{Value, json};

use crate::story::{Story, begun, charter, day, head, head_json, key, public, sealed, signed};

pub(crate) fn envelopes() -> Vec<Story> {
    let envelope = signed(&charter(), &[1, 2]);
    let good: Value = serde_json::from_str(&envelope.to_json()).unwrap();
    let text = envelope.to_json();
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut value = good.clone();
        change(&mut value);
        value.to_string()
    };
    let upper = key(1).public().to_string().to_uppercase();
    let cases = [
        ("an envelope", text.clone(), "begun"),
        ("an envelope with white space after it", format!("{text}\n"), "begun"),
        ("a byte order mark", format!("\u{feff}{text}"), "envelope_form"),
        ("white space before the object", format!(" {text}"), "envelope_form"),
        ("a list", "[]".into(), "envelope_form"),
        ("two objects", format!("{text}{text}"), "envelope_form"),
        ("an unknown field", changed(&|v| v["extra"] = json!(1)), "envelope_form"),
        ("a signature as a list", changed(&|v| v["signatures"][0] = json!([upper, "AAAA"])), "envelope_form"),
        ("a signature with another field", changed(&|v| v["signatures"][0]["extra"] = json!(1)), "envelope_form"),
        ("a payload that is a number", changed(&|v| v["payload"] = json!(1)), "envelope_form"),
        ("a kind that is a list", changed(&|v| v["payloadType"] = json!([v["payloadType"].clone()])), "envelope_form"),
        ("a kind that is null", changed(&|v| v["payloadType"] = Value::Null), "envelope_form"),
        ("signatures that are an object", changed(&|v| v["signatures"] = json!({})), "envelope_form"),
        ("signatures that are a text", changed(&|v| v["signatures"] = json!("")), "envelope_form"),
        ("a signer that is a number", changed(&|v| v["signatures"][0]["keyid"] = json!(7)), "envelope_form"),
        ("a signature that is null", changed(&|v| v["signatures"][0]["sig"] = Value::Null), "envelope_form"),
        ("a field twice", text.replacen('{', "{\"payload\":\"\",", 1), "envelope_form"),
        ("another kind", changed(&|v| v["payloadType"] = json!(DocumentKind::Head.media_type())), "document_kind"),
        ("base64 without padding", changed(&|v| v["payload"] = json!("e30")), "base64"),
        ("base64 with bits that encode nothing", changed(&|v| v["payload"] = json!("e31=")), "base64"),
        ("base64 with a line break", changed(&|v| v["payload"] = json!("e30=\n")), "base64"),
        ("no signature", changed(&|v| v["signatures"] = json!([])), "signature_count"),
        (
            "33 signatures",
            changed(&|v| v["signatures"] = Value::Array(vec![v["signatures"][0].clone(); 33])),
            "signature_count",
        ),
        ("one signer twice", changed(&|v| v["signatures"][1] = v["signatures"][0].clone()), "repeated_signer"),
        ("a key in capitals", changed(&|v| v["signatures"][0]["keyid"] = json!(upper)), "signer_key"),
        ("a key off the curve", changed(&|v| v["signatures"][0]["keyid"] = json!("f".repeat(64))), "signer_key"),
        ("a signature of 3 bytes", changed(&|v| v["signatures"][0]["sig"] = json!("AAAA")), "signature_length"),
        (
            "a wrong signature counts for nothing",
            changed(&|v| v["signatures"][0]["sig"] = v["signatures"][1]["sig"].clone()),
            "charter_unsigned",
        ),
        (
            "more bytes than an envelope has",
            format!("{text}{}", " ".repeat(DocumentKind::Charter.max_envelope() + 1 - text.len())),
            "document_too_large",
        ),
        (
            "as many bytes as an envelope has",
            format!("{text}{}", " ".repeat(DocumentKind::Charter.max_envelope() - text.len())),
            "begun",
        ),
    ];
    let told =
        cases.into_iter().map(|(name, text, result)| Story::new(name, envelope.digest()).charter(0, &text, result));
    let other =
        Story::new("the first charter of another community", Digest::of(b"")).charter(0, &text, "other_community");
    told.chain([other]).collect()
}

/// A charter with one field changed: its name, the change, and the result.
type Change = (&'static str, &'static str, Value, &'static str);

pub(crate) fn charters() -> Vec<Story> {
    let key_of = |person| key(person).public().to_string();
    let many = |most: u8| public(&(100..=100 + most).collect::<Vec<_>>());
    let mirror = |url: &str| json!([{"kind": "mirror", "url": url}]);
    let restriction = |text: &str| json!([{"text": text}]);
    let recovery = |threshold, wait| json!({"keys": public(&[30, 31]), "threshold": threshold, "wait": wait});
    let week = 604_800;
    let host = |name: &str, count: usize| json!({"host": name, "addresses": vec!["192.0.2.1"; count]});
    let bans = |keys: Vec<PublicKey>| {
        let since = day(1).as_second();
        json!(keys.iter().map(|key| json!({"key": key, "since": since})).collect::<Vec<_>>())
    };
    let cases: Vec<Change> = vec![
        ("an unknown field", "later", json!([[1], {"a": null}]), "begun"),
        ("a field that is null", "recovery", Value::Null, "begun"),
        ("a list that is null", "authors", Value::Null, "charter_form"),
        ("nested too deeply", "later", json!([[[[[[[[1]]]]]]]]), "charter_form"),
        ("a fraction", "later", json!(1.5), "charter_form"),
        ("a negative number", "later", json!(-1), "charter_form"),
        ("a number beyond 2^53 - 1", "later", json!(9_007_199_254_740_992_u64), "charter_form"),
        ("a name that is a number", "name", json!(7), "charter_form"),
        ("no routine keys field", "routine", Value::Null, "charter_form"),
        ("root keys as a list", "root", json!([[key_of(1)], 1]), "charter_form"),
        ("a root that is a text", "root", json!("keys"), "charter_form"),
        ("a home that is a text", "homes", json!(["https://a.example/"]), "charter_form"),
        ("a ban that is a list", "banned", json!([[key_of(40), 0]]), "charter_form"),
        ("hints that are a list", "hints", json!([]), "charter_form"),
        ("a resolver that is a number", "hints", json!({"resolvers": [1]}), "charter_form"),
        ("a resolver that is null", "hints", json!({"resolvers": [null]}), "charter_form"),
        ("a copy that is a text", "copy", json!("https://vk.com/club7"), "charter_form"),
        ("a successor that is a digest", "successor", json!(Digest::of(b"")), "charter_form"),
        ("a key in capitals", "routine", json!([key_of(10).to_uppercase()]), "charter_form"),
        ("a later format", "format", json!(2), "charter_format"),
        ("version 0", "version", json!(0), "charter_version"),
        ("version 2 without the digest of version 1", "version", json!(2), "charter_version"),
        ("version 1 with a charter before it", "previous", json!(Digest::of(b"")), "charter_version"),
        ("an empty name", "name", json!(""), "charter_text"),
        ("a name of two lines", "name", json!("a\nb"), "charter_text"),
        ("a name of 200 bytes", "name", json!("я".repeat(100)), "begun"),
        ("a name of 202 bytes", "name", json!("я".repeat(101)), "charter_text"),
        ("a control character of C1", "name", json!("a\u{85}"), "charter_text"),
        ("a description of two lines", "description", json!("a\nb"), "begun"),
        ("a description with a tab", "description", json!("a\tb"), "charter_text"),
        ("a description of 4001 bytes", "description", json!("a".repeat(4001)), "charter_text"),
        ("a time in 1970", "issued", json!(0), "charter_times"),
        ("a time after 2100", "expires", json!(4_102_444_801_i64), "charter_times"),
        ("a time beyond the year 9999", "issued", json!(9_007_199_254_740_991_u64), "charter_times"),
        ("an end beyond the year 9999", "expires", json!(9_007_199_254_740_991_u64), "charter_times"),
        ("it expires when it is issued", "expires", json!(day(0).as_second()), "charter_times"),
        ("ten years", "expires", json!(day(3660).as_second()), "begun"),
        ("ten years and a second", "expires", json!(day(3660).as_second() + 1), "charter_times"),
        ("a threshold of 0", "root", json!({"keys": [key_of(1)], "threshold": 0}), "charter_threshold"),
        (
            "a threshold above the number of keys",
            "root",
            json!({"keys": [key_of(1)], "threshold": 2}),
            "charter_threshold",
        ),
        ("a root key twice", "root", json!({"keys": [key_of(1), key_of(1)], "threshold": 1}), "charter_threshold"),
        ("no root key", "root", json!({"keys": [], "threshold": 0}), "charter_threshold"),
        ("17 root keys", "root", json!({"keys": many(16), "threshold": 1}), "charter_threshold"),
        ("two recovery keys of two", "recovery", recovery(2, week), "begun"),
        ("one recovery key where two root keys sign", "recovery", recovery(1, week), "charter_recovery"),
        ("a recovery that waits less than a week", "recovery", recovery(2, week - 1), "charter_recovery"),
        ("a recovery that waits more than 366 days", "recovery", recovery(2, 31_622_401), "charter_recovery"),
        ("no routine key", "routine", json!([]), "charter_keys"),
        ("17 routine keys", "routine", json!(many(16)), "charter_keys"),
        ("an author twice", "authors", json!([key_of(20), key_of(20)]), "charter_keys"),
        ("65 moderators", "moderators", json!(many(64)), "charter_keys"),
        (
            "a ban since a time beyond the year 9999",
            "banned",
            json!([{"key": key_of(9), "since": 9_007_199_254_740_991_u64}]),
            "charter_keys",
        ),
        ("a ban since 1970", "banned", json!([{"key": key_of(9), "since": 0}]), "charter_keys"),
        ("a mirror", "homes", mirror("https://zavod.example/m/"), "begun"),
        ("an onion mirror", "homes", mirror(&format!("http://{}.onion/", "a".repeat(56))), "begun"),
        ("a mirror by ftp", "homes", mirror("ftp://zavod.example/"), "charter_homes"),
        ("a mirror with a login", "homes", mirror("https://u:p@zavod.example/"), "charter_homes"),
        ("a mirror with an at sign in its path", "homes", mirror("https://zavod.example/@zavod"), "begun"),
        ("a mirror without a host", "homes", mirror("https:///m"), "charter_homes"),
        ("a mirror with a fragment", "homes", mirror("https://zavod.example/#m"), "charter_homes"),
        ("a mirror in Cyrillic", "homes", mirror("https://завод.example/"), "charter_homes"),
        ("a relay by https", "homes", json!([{"kind": "relay", "url": "https://a.example/"}]), "charter_homes"),
        ("a relay", "homes", json!([{"kind": "relay", "url": "wss://a.example/"}]), "begun"),
        ("a home of a later kind", "homes", json!([{"kind": "pigeon", "url": "loft 7"}]), "begun"),
        ("a home without a kind", "homes", json!([{"url": "https://a.example/"}]), "charter_form"),
        (
            "33 homes",
            "homes",
            json!(vec![CharterHome::new(HomeKind::Mirror, "https://a.example/"); 33]),
            "charter_homes",
        ),
        (
            "hints",
            "hints",
            json!(Hints {
                addresses: vec![HostAddresses {
                    host: "a.example".into(),
                    addresses: vec!["192.0.2.1".parse().unwrap(), "2001:db8::1".parse().unwrap()],
                }],
                resolvers: vec!["https://9.9.9.9/dns-query".into()],
            }),
            "begun",
        ),
        (
            "an address that is none",
            "hints",
            json!({"addresses": [{"host": "a.example", "addresses": ["192.0.2.256"]}]}),
            "charter_form",
        ),
        ("a resolver by http", "hints", json!({"resolvers": ["http://9.9.9.9/"]}), "charter_hints"),
        (
            "a host without addresses",
            "hints",
            json!({"addresses": [{"host": "a.example", "addresses": []}]}),
            "charter_hints",
        ),
        ("hints as a list", "hints", json!([]), "charter_form"),
        ("16 hosts", "hints", json!({"addresses": vec![host("a.example", 1); 16]}), "begun"),
        ("17 hosts", "hints", json!({"addresses": vec![host("a.example", 1); 17]}), "charter_hints"),
        ("a host with 16 addresses", "hints", json!({"addresses": [host("a.example", 16)]}), "begun"),
        ("a host with 17 addresses", "hints", json!({"addresses": [host("a.example", 17)]}), "charter_hints"),
        ("a host of 253 characters", "hints", json!({"addresses": [host(&"a".repeat(253), 1)]}), "begun"),
        ("a host of 254 characters", "hints", json!({"addresses": [host(&"a".repeat(254), 1)]}), "charter_hints"),
        ("a host without a name", "hints", json!({"addresses": [host("", 1)]}), "charter_hints"),
        ("a host with a space", "hints", json!({"addresses": [host("a b", 1)]}), "charter_hints"),
        ("a host in Cyrillic", "hints", json!({"addresses": [host("завод", 1)]}), "charter_hints"),
        ("16 resolvers", "hints", json!({"resolvers": vec!["https://a.example/"; 16]}), "begun"),
        ("17 resolvers", "hints", json!({"resolvers": vec!["https://a.example/"; 17]}), "charter_hints"),
        (
            "a recovery key twice",
            "recovery",
            json!({"keys": [key_of(30), key_of(30)], "threshold": 2, "wait": week}),
            "charter_recovery",
        ),
        ("17 recovery keys", "recovery", json!({"keys": many(16), "threshold": 2, "wait": week}), "charter_recovery"),
        ("three recovery keys must sign, of two", "recovery", recovery(3, week), "charter_recovery"),
        ("a recovery that waits 366 days", "recovery", recovery(2, 31_622_400), "begun"),
        ("128 bans", "banned", bans(many(127)), "begun"),
        ("129 bans", "banned", bans(many(128)), "charter_keys"),
        ("a ban twice", "banned", bans(public(&[9, 9])), "charter_keys"),
        ("a moderator twice", "moderators", json!([key_of(20), key_of(20)]), "charter_keys"),
        ("a routine key twice", "routine", json!([key_of(20), key_of(20)]), "charter_keys"),
        ("65 authors", "authors", json!(many(64)), "charter_keys"),
        ("64 authors", "authors", json!(many(63)), "begun"),
        ("a restriction of 4001 bytes", "restrictions", restriction(&"a".repeat(4001)), "charter_restrictions"),
        ("a restriction with a tab", "restrictions", restriction("a\tb"), "charter_restrictions"),
        ("a restriction of two lines", "restrictions", restriction("a\nb"), "begun"),
        (
            "a jurisdiction that is empty",
            "restrictions",
            json!([{"text": "x", "jurisdiction": ""}]),
            "charter_restrictions",
        ),
        (
            "an authority of two lines",
            "restrictions",
            json!([{"text": "x", "authority": "a\nb"}]),
            "charter_restrictions",
        ),
        (
            "a number of 201 bytes",
            "restrictions",
            json!([{"text": "x", "number": "a".repeat(201)}]),
            "charter_restrictions",
        ),
        ("a date that is empty", "restrictions", json!([{"text": "x", "date": ""}]), "charter_restrictions"),
        ("a copier of 201 bytes", "copy", json!({"of": "https://vk.com/club7", "by": "a".repeat(201)}), "charter_copy"),
        (
            "a successor with 33 homes",
            "successor",
            json!({"community": Digest::of(b""), "homes": vec![CharterHome::new(HomeKind::Page, "https://a.example/"); 33]}),
            "charter_successor",
        ),
        (
            "a home of a later kind of 513 bytes",
            "homes",
            json!([{"kind": "pigeon", "url": "a".repeat(513)}]),
            "charter_homes",
        ),
        ("a mirror of 513 bytes", "homes", mirror(&format!("https://a.example/{}", "a".repeat(495))), "charter_homes"),
        ("a restriction", "restrictions", restriction("Заблокировано"), "begun"),
        ("an empty restriction", "restrictions", restriction(""), "charter_restrictions"),
        ("17 restrictions", "restrictions", json!(vec![json!({"text": "x"}); 17]), "charter_restrictions"),
        (
            "a successor",
            "successor",
            json!(Successor {
                community: Digest::of(b""),
                homes: vec![CharterHome::new(HomeKind::Page, "https://vk.com/x")]
            }),
            "begun",
        ),
        (
            "a successor whose home is none",
            "successor",
            json!({"community": Digest::of(b""), "homes": [{"kind": "mirror", "url": "x"}]}),
            "charter_successor",
        ),
        ("a copy", "copy", json!(Copied { of: "https://vk.com/club7".into(), by: "Анна".into() }), "begun"),
        ("a copy of nothing", "copy", json!({"of": "vk.com/club7", "by": "Анна"}), "charter_copy"),
        ("a copy by nobody", "copy", json!({"of": "https://vk.com/club7", "by": ""}), "charter_copy"),
    ];
    let mut stories: Vec<Story> = cases
        .into_iter()
        .map(|(name, field, value, result)| {
            let mut document = json!(charter());
            document[field] = value;
            let envelope = sealed(DocumentKind::Charter, &document, &[1, 2]);
            Story::new(name, envelope.digest()).charter(0, &envelope.to_json(), result)
        })
        .collect();
    for (name, people, result) in [
        ("signed below the threshold", &[1][..], "charter_unsigned"),
        ("signed by strangers", &[7, 8], "charter_unsigned"),
    ] {
        let envelope = signed(&charter(), people);
        stories.push(Story::new(name, envelope.digest()).charter(0, &envelope.to_json(), result));
    }
    for (name, issued, expires, result) in TIMES {
        let mut document = json!(charter());
        (document["issued"], document["expires"]) = (json!(issued), json!(expires));
        let envelope = sealed(DocumentKind::Charter, &document, &[1, 2]);
        let result = if result { "begun" } else { "charter_times" };
        stories.push(Story::new(name, envelope.digest()).charter(0, &envelope.to_json(), result));
    }
    for (name, more, result) in
        [("as many bytes as a payload has", 0, "begun"), ("more bytes than a payload has", 1, "document_too_large")]
    {
        let document = padded(&json!(charter()), DocumentKind::Charter.max_payload() + more);
        let envelope = sealed(DocumentKind::Charter, &document, &[1, 2]);
        stories.push(Story::new(name, envelope.digest()).charter(0, &envelope.to_json(), result));
    }
    let mut single = charter();
    single.root = KeySet::new(public(&[1]), 1);
    single.recovery = Some(Recovery { keys: KeySet::new(public(&[30]), 1), wait: 604_800 });
    stories.push(Story::of("one recovery key where one root key signs", &single, &[1]));
    stories
}

/// A document, with a field that no reader knows, of this many bytes.
fn padded(document: &Value, length: usize) -> Value {
    let mut document = document.clone();
    document["later"] = json!("");
    let missing = length - document.to_string().len();
    document["later"] = json!("x".repeat(missing));
    document
}

/// Times at both ends of those that a document may state: issued, expires, and whether it may.
const TIMES: [(&str, i64, i64, bool); 4] = [
    ("from the first second of 2000", 946_684_800, 946_684_801, true),
    ("from the second before 2000", 946_684_799, 946_684_801, false),
    ("until the first second of 2100", 4_102_444_799, 4_102_444_800, true),
    ("until the second after the first of 2100", 4_102_444_799, 4_102_444_801, false),
];

/// A freeze with one field changed.
pub(crate) fn freezes() -> Vec<Story> {
    let chain = begun(&charter(), &[1, 2]);
    let good = json!({"format": 1, "community": chain.id(), "charter": 1, "after": day(5).as_second()});
    let cases = [
        ("a freeze of a later format", "format", json!(2), "freeze_form"),
        ("a freeze before 2000", "after", json!(946_684_799), "freeze_form"),
        ("a freeze from the first second of 2000", "after", json!(946_684_800), "frozen"),
        ("a freeze after 2100", "after", json!(4_102_444_801_i64), "freeze_form"),
        ("a freeze of charter 0", "charter", json!(0), "freeze_unknown_charter"),
        ("a freeze without a time", "after", Value::Null, "freeze_form"),
        ("a freeze with an unknown field", "later", json!(1), "frozen"),
    ];
    let told = cases.into_iter().map(|(name, field, value, result)| {
        let mut document = good.clone();
        document[field] = value;
        let envelope = sealed(DocumentKind::Freeze, &document, &[1, 2]);
        Story::of(name, &charter(), &[1, 2]).freeze(6, &envelope.to_json(), result)
    });
    told.collect()
}

pub(crate) fn heads() -> Vec<Story> {
    let chain = begun(&charter(), &[1, 2]);
    let good = head(&chain, 1, 1);
    let file = |name: &str, bytes: u64| json!([FileEntry { name: name.to_owned(), bytes, sha256: Digest::of(b"") }]);
    let months = |count: i16| {
        let name = |month: i16| format!("events-{}-{:02}.jsonl", 2000 + month / 12, month % 12 + 1);
        Value::Array((0..count).map(|month| file(&name(month), 0)[0].clone()).collect())
    };
    let cases: Vec<Change> = vec![
        ("an unknown field", "later", json!({}), "newer"),
        ("no sequence", "sequence", Value::Null, "head_form"),
        ("a later format", "format", json!(2), "head_format"),
        ("sequence 0", "sequence", json!(0), "head_sequence"),
        ("sequence 2^53 - 1", "sequence", json!(9_007_199_254_740_991_u64), "newer"),
        ("a time in 1970", "issued", json!(0), "head_times"),
        ("a time beyond the year 9999", "issued", json!(9_007_199_254_740_991_u64), "head_times"),
        ("an end beyond the year 9999", "expires", json!(9_007_199_254_740_991_u64), "head_times"),
        ("90 days", "expires", json!(day(91).as_second()), "newer"),
        ("90 days and a second", "expires", json!(day(91).as_second() + 1), "head_times"),
        ("the file of a month", "files", file("events-2016-11.jsonl", 67_108_864), "newer"),
        ("a file that is too large", "files", file("events-2016-11.jsonl", 67_108_865), "head_files"),
        ("a file with a path", "files", file("../head.json", 1), "head_files"),
        ("a month that is none", "files", file("events-2016-13.jsonl", 1), "head_files"),
        ("a month before 2000", "files", file("events-1999-12.jsonl", 1), "head_files"),
        ("a month in one digit", "files", file("events-2016-1.jsonl", 1), "head_files"),
        ("a file twice", "files", json!([file(NEWEST, 1)[0], file(NEWEST, 2)[0]]), "head_files"),
        ("601 files", "files", months(601), "newer"),
        ("602 files", "files", months(602), "head_files"),
        ("another file", "files", file("index.html", 1), "head_files"),
        ("the head of another community", "community", json!(Digest::of(b"")), "head_other_community"),
        ("a charter that is not there", "charter", json!(2), "head_unknown_charter"),
        ("another charter", "charter_digest", json!(Digest::of(b"")), "head_other_charter"),
    ];
    let mut stories: Vec<Story> = cases
        .into_iter()
        .map(|(name, field, value, result)| {
            let mut document = json!(good);
            document[field] = value;
            let envelope = sealed(DocumentKind::Head, &document, &[10]);
            Story::of(name, &charter(), &[1, 2]).head(1, &envelope.to_json(), result)
        })
        .collect();
    for (name, issued, expires, result) in TIMES {
        let mut document = json!(good);
        (document["issued"], document["expires"]) = (json!(issued), json!(expires));
        let envelope = sealed(DocumentKind::Head, &document, &[10]);
        let result = if result { "newer" } else { "head_times" };
        stories.push(Story::of(name, &charter(), &[1, 2]).head(1, &envelope.to_json(), result));
    }
    for (name, person) in [("signed by a root key", 1), ("signed by an author", 20), ("signed by a stranger", 99)] {
        stories.push(Story::of(name, &charter(), &[1, 2]).head(1, &head_json(&good, person), "head_unsigned"));
    }
    stories
}
