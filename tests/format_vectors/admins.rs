//! What admins hand on beside a mirror: packs of routes and recovery cards.

use byway::Secret;
use byway::internals::signed::{Digest, DocumentKind, Envelope};
use byway::publisher::RecoveryCard;
use serde_json::{Value, json};

use crate::story::{Deed, Story, begun, charter, day, freeze_json, next, public, sealed, signed};

pub(crate) fn routes() -> Vec<Story> {
    let chain = begun(&charter(), &[1, 2]);
    let list = |change: &dyn Fn(&mut Value)| {
        let mut list = json!({
            "format": 1,
            "community": chain.id(),
            "issued": day(0).as_second(),
            "expires": day(30).as_second(),
            "strategies": ["socks5://anna:word@proxy.example:1080", "ss://YWVzLTI1Ni1nY206d29yZA@proxy.example:8388"],
        });
        change(&mut list);
        list
    };
    let signed_by =
        |people: &[u8], change: &dyn Fn(&mut Value)| sealed(DocumentKind::Routes, &list(change), people).to_json();
    let routine = |change: &dyn Fn(&mut Value)| signed_by(&[10], change);
    let strategies = |texts: &[&str]| routine(&|list| list["strategies"] = json!(texts));
    let good = routine(&|_| {});
    let (form, own) = ("routes_form", "routes_strategy");
    let bridge = |line: &str| {
        let line = format!("{line} 0123456789ABCDEF0123456789ABCDEF01234567").replace(' ', "%20");
        format!("tor:?bridge={line}")
    };
    let cases = [
        ("signed with a routine key", 1, good.clone(), "routes"),
        ("signed with one root key of two that decide", 1, signed_by(&[2], &|_| {}), "routes"),
        ("in the last second", 30, good.clone(), "routes"),
        ("expired", 31, good.clone(), "routes_expired"),
        ("signed by the community's author", 1, signed_by(&[20], &|_| {}), "routes_unsigned"),
        ("signed by a stranger", 1, signed_by(&[66], &|_| {}), "routes_unsigned"),
        (
            "of another community",
            1,
            routine(&|list| list["community"] = json!(Digest::of(b"x"))),
            "routes_other_community",
        ),
        (
            "another community's before its end",
            31,
            routine(&|list| list["community"] = json!(Digest::of(b"x"))),
            "routes_other_community",
        ),
        ("unsigned and expired", 31, signed_by(&[66], &|_| {}), "routes_unsigned"),
        ("a field that is not known", 1, routine(&|list| list["more"] = json!(1)), "routes"),
        ("another format", 1, routine(&|list| list["format"] = json!(2)), form),
        ("no strategies", 1, strategies(&[]), form),
        ("33 strategies", 1, strategies(&["socks5://a.example:1"; 33]), form),
        ("32 strategies", 1, strategies(&["socks5://a.example:1"; 32]), "routes"),
        ("a strategy with a space", 1, strategies(&["socks5://a.example:1 "]), form),
        ("an empty strategy", 1, strategies(&[""]), form),
        ("a strategy that is too long", 1, strategies(&[&format!("socks5://{}:1", "a".repeat(2048))]), form),
        ("a lifetime of 367 days", 1, routine(&|list| list["expires"] = json!(day(367).as_second())), form),
        ("a lifetime of nothing", 1, routine(&|list| list["expires"] = json!(day(0).as_second())), form),
        (
            "dated a second before 2000",
            1,
            routine(&|list| {
                (list["issued"], list["expires"]) = (json!(946_684_799), json!(946_684_801));
            }),
            form,
        ),
        (
            "that ends a second after 2099",
            1,
            routine(&|list| {
                (list["issued"], list["expires"]) = (json!(4_102_444_800_i64), json!(4_102_444_801_i64));
            }),
            form,
        ),
        ("dated in 1970", 1, routine(&|list| list["issued"] = json!(1)), form),
        ("another kind of document", 1, good.replace("routes+json", "head+json"), form),
        ("no envelope", 1, "{}".to_owned(), form),
        ("a direct strategy", 1, strategies(&["direct:"]), "routes_strategy"),
        ("a stranger's proxy as Tor", 1, strategies(&["tor+socks5://a.example:9050"]), "routes_strategy"),
        ("one wrong strategy of two", 1, strategies(&["socks5://a.example:1", "vpn://a.example"]), "routes_strategy"),
        ("a proxy of this device", 1, strategies(&["socks5://127.0.0.1:9050"]), own),
        ("a proxy at a reader's router", 1, strategies(&["http://192.168.1.1:80"]), own),
        ("a proxy with a login at a reader's router", 1, strategies(&["socks5://a:b@10.0.0.1:1080"]), own),
        ("a proxy with a name of a home network", 1, strategies(&["https://router.lan:443"]), own),
        ("a proxy with a name without a dot", 1, strategies(&["http://localhost:8080"]), own),
        ("a proxy at a local address of IPv6", 1, strategies(&["socks5://[fe80::1]:1080"]), own),
        ("a proxy at a mapped local address", 1, strategies(&["socks5://[::ffff:10.0.0.1]:1080"]), own),
        ("a proxy behind a provider's NAT", 1, strategies(&["socks5://100.64.0.1:1080"]), own),
        ("a server of Shadowsocks at home", 1, strategies(&["ss://YWVzLTI1Ni1nY206d29yZA@10.0.0.1:8388"]), own),
        ("a proxy at a public address", 1, strategies(&["socks5://198.51.100.7:1080"]), "routes"),
        ("a proxy at a public address of IPv6", 1, strategies(&["socks5://[2001:db8::1]:1080"]), "routes"),
        ("Tor without bridges", 1, strategies(&["tor:"]), own),
        ("a placeholder without a transport", 1, strategies(&[&bridge("0.0.2.0:2")]), own),
        ("Tor with a bridge at home", 1, strategies(&[&bridge("obfs4 192.168.0.1:443")]), own),
        ("a proxy without a host", 1, strategies(&["socks5:"]), "routes_strategy"),
        (
            "expired, and with a wrong strategy",
            31,
            routine(&|list| list["strategies"] = json!(["direct:"])),
            "routes_expired",
        ),
    ];
    let told = cases.into_iter().map(|(name, at, text, result)| {
        Story::of(name, &charter(), &[1, 2]).then(at, Deed::Routes(text), json!(result))
    });
    let mut stories: Vec<Story> = told.collect();
    let mut replaced = next(&chain, 2);
    replaced.routine = public(&[11]);
    let second = signed(&replaced, &[1, 2]).to_json();
    stories.push(
        Story::of("signed with a key that was replaced since", &charter(), &[1, 2])
            .then(1, Deed::Routes(good.clone()), json!("routes"))
            .charter(2, &second, "newer")
            .then(3, Deed::Routes(good.clone()), json!("routes_unsigned"))
            .then(3, Deed::Routes(signed_by(&[11], &|_| {})), json!("routes")),
    );
    let later = routine(&|list| list["issued"] = json!(day(5).as_second()));
    stories.push(
        Story::of("of a frozen community", &charter(), &[1, 2])
            .freeze(4, &freeze_json(&chain, 1, 2, &[1, 2]), "frozen")
            .then(6, Deed::Routes(good.clone()), json!("routes"))
            .then(6, Deed::Routes(later.clone()), json!("routes_disputed"))
            .then(40, Deed::Routes(later), json!("routes_disputed")),
    );
    let (mut one, mut other) = (next(&chain, 2), next(&chain, 2));
    (one.name, other.name) = ("Один".into(), "Другой".into());
    stories.push(
        Story::of("of a disputed community", &charter(), &[1, 2])
            .charter(2, &signed(&one, &[1, 2]).to_json(), "newer")
            .charter(3, &signed(&other, &[1, 2]).to_json(), "charter_disputed")
            .then(3, Deed::Routes(good.clone()), json!("routes_disputed"))
            .then(3, Deed::Routes(signed_by(&[66], &|_| {})), json!("routes_unsigned")),
    );
    stories.push(Story::new("of a community that is not kept", chain.id()).then(
        1,
        Deed::Routes(good),
        json!("routes_other_community"),
    ));
    stories
}

/// A secret of 32 bytes, and cards of it made here, by the page alone: nothing of the library makes them.
const SEED: [u8; 32] = *b"0123456789abcdefghijklmnopqrstuv";

pub(crate) fn cards() -> Vec<Story> {
    let keys = fingerprint();
    let of = |needed: u8, of: u8, number: u8, set: [u8; 4]| line(&body(needed, of, number, set, &keys));
    let two = |number: u8| of(2, 3, number, *b"set1");
    let made = json!({ "made": spaced(&keys) });
    let typed = two(2).to_lowercase().replace('0', "o").replace('1', "L");
    let rows: String = two(1)
        .char_indices()
        .map(|(at, c)| if at > 11 && at % 6 == 0 { format!("-{c}\n ") } else { c.to_string() })
        .collect();
    let mut changed = body(2, 3, 3, *b"set1", &keys);
    changed[30] ^= 1;
    let mut other = body(2, 3, 2, *b"set1", &keys);
    other[2] = 1;
    let renumbered = line(&other);
    let made_of_all = made.clone();
    let mut wrong = two(1);
    wrong.replace_range(20..21, if &wrong[20..21] == "A" { "B" } else { "A" });
    let join = |cards: &[String]| cards.join("\n");
    let cases = [
        ("two of three", join(&[two(1), two(3)]), made.clone()),
        ("as a person types them, with words around", format!("Card 1\n{rows}\nCard 2: {typed} keep it"), made.clone()),
        (
            "three of five, in another order",
            join(&[of(3, 5, 5, *b"set2"), of(3, 5, 1, *b"set2"), of(3, 5, 4, *b"set2")]),
            made,
        ),
        ("no card", "byway-keys:AAAA".into(), json!("cards_too_few")),
        ("one of three", two(1), json!("cards_too_few")),
        ("a digit was mistyped", join(&[two(2), wrong]), json!("card_mistyped")),
        ("a card that ends early", two(1)[..80].into(), json!("card_mistyped")),
        ("a card without its first digit", two(1).replacen(":0", ":", 1), json!("card_mistyped")),
        ("a card of 17", of(2, 17, 1, *b"set1"), json!("card_mistyped")),
        ("a card of 16", of(2, 16, 1, *b"set1"), json!("cards_too_few")),
        ("a bit behind the end of a card", with_a_bit_more(&two(1)), json!("card_mistyped")),
        ("a letter that no card has", two(1).replacen('0', "U", 1), json!("card_mistyped")),
        ("one card twice", join(&[two(1), two(1)]), json!("card_repeated")),
        ("cards of two sets", join(&[two(1), of(2, 3, 2, *b"set2")]), json!("card_mixed")),
        ("cards that need different numbers", join(&[two(1), of(3, 3, 2, *b"set1")]), json!("card_mixed")),
        ("a number above how many there are", of(2, 3, 4, *b"set1"), json!("card_mistyped")),
        ("one card that suffices alone", of(1, 3, 1, *b"set1"), json!("card_mistyped")),
        ("17 cards", join(&vec![two(1); 17]), json!("card_numbers")),
        ("cards that make another key", join(&[two(1), line(&changed)]), json!("cards_wrong")),
        ("the first of three cards was changed", join(&[line(&changed), two(1), two(2)]), json!("card_changed")),
        ("the last of three cards was changed", join(&[two(2), two(1), line(&changed)]), json!("card_changed")),
        ("all three cards", join(&[two(2), two(3), two(1)]), made_of_all),
        ("two cards with one number", join(&[two(1), renumbered]), json!("cards_wrong")),
        (
            "the first of three cards is of another set",
            join(&[of(2, 3, 1, *b"set2"), two(2), two(3)]),
            json!("card_mixed"),
        ),
    ];
    let told = cases
        .into_iter()
        .map(|(name, text, result)| Story::new(name, Digest::of(b"")).then(0, Deed::Cards(text), result));
    told.collect()
}

/// The fingerprint of the key that decides: HKDF of the secret, and the first 10 bytes of SHA-256 of the public key.
fn fingerprint() -> [u8; 10] {
    let hmac = |key: &[u8], text: &[u8]| {
        let key = [key, &vec![0; 64 - key.len()]].concat();
        let padded = |pad: u8| key.iter().map(|byte| byte ^ pad).collect::<Vec<u8>>();
        let inner = Digest::of(&[padded(0x36).as_slice(), text].concat());
        *Digest::of(&[padded(0x5c).as_slice(), inner.as_bytes()].concat()).as_bytes()
    };
    let extracted = hmac(b"byway community keys 1", &SEED);
    let root = crate::story::key_of(hmac(&extracted, b"root 1\x01")).public();
    Digest::of(&root.to_bytes()).as_bytes()[..10].try_into().unwrap()
}

fn spaced(keys: &[u8; 10]) -> String {
    keys.chunks(2).map(|two| format!("{:02x}{:02x}", two[0], two[1])).collect::<Vec<_>>().join(" ")
}

/// A card without its check.
fn body(needed: u8, of: u8, number: u8, set: [u8; 4], keys: &[u8; 10]) -> Vec<u8> {
    let share = SEED.iter().enumerate().map(|(at, secret)| {
        let coefficients = (1..needed).map(|power| Digest::of(&[set[3], at as u8, power]).as_bytes()[0]);
        let (sum, _) = coefficients.fold((*secret, number), |(sum, x), by| (sum ^ times(by, x), times(x, number)));
        sum
    });
    [&[needed, of, number], &set[..], keys].concat().into_iter().chain(share).collect()
}

/// Multiplication in GF(256) with the polynomial 0x11d.
fn times(one: u8, other: u8) -> u8 {
    (0..8).fold(0, |sum, bit| if other >> bit & 1 == 1 { sum ^ doubled(one, bit) } else { sum })
}

fn doubled(one: u8, times: u32) -> u8 {
    (0..times).fold(one, |value, _| if value & 0x80 == 0 { value << 1 } else { value << 1 ^ 0x1d })
}

fn line(body: &[u8]) -> String {
    let check = Digest::of(&[b"byway-card:".as_slice(), body].concat());
    let bits: Vec<u8> =
        body.iter().chain(&check.as_bytes()[..4]).flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1)).collect();
    let digit = |bits: &[u8]| {
        let value = (0..5).fold(0, |value, at| value << 1 | usize::from(bits.get(at).copied().unwrap_or_default()));
        char::from(b"0123456789ABCDEFGHJKMNPQRSTVWXYZ"[value])
    };
    bits.chunks(5).map(digit).fold("BYWAY-CARD:".to_owned(), |line, digit| line + &digit.to_string())
}

/// What the library makes of cards.
pub(crate) fn restored(text: &str) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let passphrase = Secret::new("a passphrase").unwrap();
    let made = RecoveryCard::read_all(text)
        .and_then(|cards| RecoveryCard::restore(&cards, &folder.path().join("keys"), passphrase));
    match made {
        Ok(keys) => json!({ "made": keys.fingerprint().to_string() }),
        Err(error) => json!(error.code()),
    }
}

/// The envelope of a pack, read as after the passphrase.
pub(crate) fn opened(text: &str) -> Result<Envelope, &'static str> {
    Envelope::parse(text.as_bytes(), DocumentKind::Routes).map_err(|_| "routes_form")
}

/// The last digit of a card has one bit that belongs to nothing.
fn with_a_bit_more(card: &str) -> String {
    const DIGITS: &str = "0123456789abcdefghjkmnpqrstvwxyz";
    let (card, last) = card.split_at(card.len() - 1);
    let at = DIGITS.find(&last.to_ascii_lowercase()).unwrap();
    format!("{card}{}", &DIGITS[at + 1..=at + 1])
}
