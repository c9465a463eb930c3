//! What an admin is asked to sign: proposals, each rule broken once.

use byway::internals::signed::{Chain, Charter, Digest, DocumentKind, Envelope, Freeze, KeySet, Recovery};
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
        ("it ends early", good[..good.len() - 9].to_owned(), form.clone()),
        ("a line more", format!("{good}more\n"), form.clone()),
        ("empty lines at the end", format!("{good}\n  \n"), state(1, false)),
        ("more bytes than a proposal has", format!("{good}{}", "\n".repeat(131_073 - good.len())), form.clone()),
        ("as many bytes as a proposal has", format!("{good}{}", "\n".repeat(131_072 - good.len())), state(1, false)),
        ("nothing", String::new(), form),
    ];
    let told = cases
        .into_iter()
        .map(|(name, text, result)| Story::new(name, chain.id()).then(2, Deed::Proposal(text), result));
    told.collect()
}

fn with_recovery() -> Charter {
    Charter { recovery: Some(Recovery { keys: KeySet::new(public(&[30, 31]), 2), wait: 604_800 }), ..charter() }
}

/// A charter as a publisher writes it, within its limits or not.
fn written(charter: &Charter, people: &[u8]) -> Envelope {
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
