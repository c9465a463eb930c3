//! What happens over time: chains, states and moves.

use byway::internals::signed::{
    Ban, Chain, Charter, Copied, Digest, DocumentKind, Envelope, EventKind, Head, KeySet, Recovery,
};
use serde_json::json;

use crate::story::{
    Deed, Pieces, Step, Story, begun, charter, day, event, freeze_json, head, head_json, key, next, note, public,
    sealed, signed,
};

pub(crate) fn chains() -> Vec<Story> {
    vec![
        rotation(),
        refused(),
        later_first(),
        full(),
        dispute(),
        recovery(),
        objection(),
        late_objection(),
        late_reader(),
        two_recoveries(),
        dispute_after_recovery(),
        recovery_beside_one_in_force(),
        recovery_by_a_wrong_clock(),
        recovery_after_a_head_ahead("a recovery after a head dated years ahead", 40, 76, "recovery_ended"),
        recovery_after_a_head_ahead(
            "a recovery after such a head waits no longer than a week more",
            40,
            77,
            "charter_disputed",
        ),
        recovery_after_a_head_ahead("a head ahead that was taken a month before", 10, 69, "recovery_ended"),
        recovery_after_a_head_ahead("a recovery a month after such a head waits no longer", 10, 70, "charter_disputed"),
    ]
}

fn rotation() -> Story {
    let mut chain = begun(&charter(), &[1, 2]);
    let mut second = next(&chain, 1);
    second.root = KeySet::new(public(&[4, 5]), 2);
    let of = |people: &[u8]| signed(&second, people).to_json();
    let story = Story::of("keys are rotated by the old and the new ones", &charter(), &[1, 2])
        .charter(1, &of(&[4, 5]), "charter_not_approved")
        .charter(1, &of(&[1, 2, 4]), "charter_unsigned")
        .charter(1, &of(&[1, 4, 5]), "charter_not_approved")
        .charter(1, &of(&[1, 2, 4, 5]), "newer")
        .charter(2, &of(&[2, 3, 4, 5]), "known");
    chain.extend(&signed(&second, &[1, 2, 4, 5]), day(1)).unwrap();
    let third = next(&chain, 3);
    story.charter(3, &signed(&third, &[1, 2, 3]).to_json(), "charter_unsigned").charter(
        3,
        &signed(&third, &[4, 5]).to_json(),
        "newer",
    )
}

/// 32 charters with as many bytes as a charter may have fill a chain.
fn full() -> Story {
    let padded = |charter: &Charter| {
        let mut document = json!(charter);
        document["later"] = json!("");
        let room = 32_768 - document.to_string().len();
        // A field that no reader knows.
        document["later"] = json!("a".repeat(room));
        sealed(DocumentKind::Charter, &document, &[1, 2])
    };
    let first = padded(&charter());
    let mut chain = Chain::begin(first.digest(), &first, day(0)).unwrap();
    let step = |charter: &Envelope, result: &str| {
        let deed = Deed::LongCharter(Pieces::of(&charter.to_json()));
        Step { now: day(1).as_second(), deed, result: json!(result) }
    };
    let mut story = Story::new("a chain with as many bytes as it may have", first.digest());
    story.steps.push(step(&first, "begun"));
    for _ in 1..32 {
        let charter = padded(&next(&chain, 1));
        chain.extend(&charter, day(1)).unwrap();
        story.steps.push(step(&charter, "newer"));
    }
    story.charter(1, &signed(&next(&chain, 1), &[1, 2]).to_json(), "chain_too_long").trust(1, "stale", &["no_head"])
}

/// The digest of a later charter is the id of no community.
fn later_first() -> Story {
    let chain = begun(&charter(), &[1, 2]);
    let second = signed(&next(&chain, 1), &[1, 2]);
    Story::new("a later charter as the first one", second.digest()).charter(1, &second.to_json(), "other_community")
}

fn refused() -> Story {
    let chain = begun(&charter(), &[1, 2]);
    let changed = |change: &dyn Fn(&mut Charter)| {
        let mut charter = next(&chain, 1);
        change(&mut charter);
        signed(&charter, &[1, 2]).to_json()
    };
    let copy = Copied { of: "https://vk.com/club7".into(), by: "Анна".into() };
    Story::of("charters that do not fit the chain", &charter(), &[1, 2])
        .charter(1, &changed(&|c| c.version = 3), "charter_gap")
        .charter(1, &changed(&|c| c.previous = Some(Digest::of(b""))), "charter_previous")
        .charter(1, &changed(&|c| c.issued = day(-1)), "charter_issued_earlier")
        .charter(1, &changed(&|c| c.copy = Some(copy.clone())), "charter_copy_changed")
        .charter(1, &changed(&|c| (c.version, c.previous) = (1, None)), "other_community")
        .charter(1, &changed(&|c| c.version = 1001), "charter_version")
        .charter(1, &changed(&|c| c.issued = day(0)), "newer")
}

fn dispute() -> Story {
    let chain = begun(&charter(), &[1, 2]);
    let (mut one, mut other) = (next(&chain, 1), next(&chain, 1));
    (one.name, other.name) = ("Одна".into(), "Другая".into());
    let mut longer = chain.clone();
    longer.extend(&signed(&one, &[1, 2]), day(1)).unwrap();
    let old_head = head(&chain, 1, 1);
    Story::of("two charters with one number", &charter(), &[1, 2])
        .head(1, &head_json(&old_head, 10), "newer")
        .charter(1, &signed(&one, &[1, 2]).to_json(), "newer")
        .charter(2, &signed(&other, &[2]).to_json(), "charter_unsigned")
        .trust(2, "verified", &[])
        .charter(2, &signed(&other, &[2, 3]).to_json(), "charter_disputed")
        .charter(3, &signed(&next(&longer, 3), &[1, 2, 3]).to_json(), "charter_disputed")
        .head(3, &head_json(&head(&longer, 2, 3), 10), "head_unknown_charter")
        .trust(3, "disputed", &["two_charters"])
}

/// A charter with the recovery keys 30, 31 and 32, of which two sign, and a wait of ten days.
fn recoverable() -> Charter {
    let mut first = charter();
    first.recovery = Some(Recovery { keys: KeySet::new(public(&[30, 31, 32]), 2), wait: 10 * 86_400 });
    first
}

fn recovered(chain: &Chain) -> Charter {
    let mut recovered = next(chain, 100);
    recovered.root = KeySet::new(public(&[40, 41]), 2);
    recovered
}

fn recovery() -> Story {
    let mut chain = begun(&recoverable(), &[1, 2]);
    let second = recovered(&chain);
    chain.extend(&signed(&second, &[30, 31, 40, 41]), day(101)).unwrap();
    let third = next(&chain, 102);
    let newest = head(&begun(&recoverable(), &[1, 2]), 1, 100);
    Story::of("lost keys are recovered", &recoverable(), &[1, 2])
        .head(100, &head_json(&newest, 10), "newer")
        .charter(101, &signed(&second, &[30, 40, 41]).to_json(), "charter_not_approved")
        .charter(101, &signed(&second, &[30, 31]).to_json(), "charter_unsigned")
        .charter(101, &signed(&second, &[30, 31, 40, 41]).to_json(), "recovering")
        .charter(102, &signed(&third, &[40, 41]).to_json(), "newer")
        .head(110, &head_json(&head(&chain, 2, 102), 10), "head_unknown_charter")
        .trust(110, "verified", &["recovering"])
        .head(111, &head_json(&head(&chain, 2, 102), 10), "newer")
        .trust(111, "verified", &[])
}

fn objection() -> Story {
    let chain = begun(&recoverable(), &[1, 2]);
    let by_recovery = signed(&recovered(&chain), &[30, 31, 40, 41]).to_json();
    Story::of("the root keys object to a recovery", &recoverable(), &[1, 2])
        .charter(101, &by_recovery, "recovering")
        .charter(105, &signed(&next(&chain, 105), &[1, 2]).to_json(), "recovery_ended")
        .charter(106, &by_recovery, "recovery_void")
        .trust(200, "stale", &["no_head"])
}

fn late_objection() -> Story {
    let chain = begun(&recoverable(), &[1, 2]);
    Story::of("the root keys object too late", &recoverable(), &[1, 2])
        .charter(101, &signed(&recovered(&chain), &[30, 31, 40, 41]).to_json(), "recovering")
        .charter(111, &signed(&next(&chain, 105), &[1, 2]).to_json(), "charter_disputed")
}

/// A thief has the recovery keys, and signs another recovery beside the community's.
fn two_recoveries() -> Story {
    let mut chain = begun(&recoverable(), &[1, 2]);
    let mut other = recovered(&chain);
    other.name = "Другие".into();
    let (one, other) = (signed(&recovered(&chain), &[30, 31, 40, 41]), signed(&other, &[31, 32, 40, 41]));
    let decision = signed(&next(&chain, 130), &[1, 2]);
    let newest = head_json(&head(&chain, 1, 100), 10);
    chain.extend(&decision, day(130)).unwrap();
    Story::of("two recoveries put off each other until the root keys decide", &recoverable(), &[1, 2])
        .head(100, &newest, "newer")
        .charter(101, &one.to_json(), "recovering")
        .charter(102, &other.to_json(), "charter_disputed")
        .trust(102, "disputed", &["two_charters", "recovering"])
        .charter(112, &other.to_json(), "charter_disputed")
        .trust(112, "disputed", &["two_charters"])
        .charter(130, &decision.to_json(), "recovery_ended")
        .charter(130, &other.to_json(), "recovery_void")
        .trust(130, "verified", &[])
        .charter(131, &signed(&next(&chain, 131), &[1, 2]).to_json(), "newer")
}

/// A thief has the recovery keys, and signs two charters after a recovery that waits.
fn dispute_after_recovery() -> Story {
    let mut chain = begun(&recoverable(), &[1, 2]);
    let objection = signed(&next(&chain, 105), &[1, 2]);
    let newest = head_json(&head(&chain, 1, 100), 10);
    let mut decided = chain.clone();
    decided.extend(&objection, day(105)).unwrap();
    let recovery = signed(&recovered(&chain), &[30, 31, 40, 41]);
    chain.extend(&recovery, day(101)).unwrap();
    let (one, mut other) = (next(&chain, 102), next(&chain, 102));
    other.name = "Другие".into();
    Story::of("the root keys end what a recovery began, disputes included", &recoverable(), &[1, 2])
        .head(100, &newest, "newer")
        .charter(101, &recovery.to_json(), "recovering")
        .charter(102, &signed(&one, &[40, 41]).to_json(), "newer")
        .charter(103, &signed(&other, &[40, 41]).to_json(), "charter_disputed")
        .charter(105, &objection.to_json(), "recovery_ended")
        .trust(106, "verified", &[])
        .charter(106, &signed(&next(&decided, 106), &[1, 2]).to_json(), "newer")
}

/// A second recovery arrives when the first one is in force and newer charters follow it.
fn recovery_beside_one_in_force() -> Story {
    let mut chain = begun(&recoverable(), &[1, 2]);
    let mut other = recovered(&chain);
    other.name = "Другие".into();
    let (one, other) = (signed(&recovered(&chain), &[30, 31, 40, 41]), signed(&other, &[31, 32, 40, 41]));
    let decision = signed(&next(&chain, 130), &[1, 2]);
    chain.extend(&one, day(101)).unwrap();
    let third = next(&chain, 112);
    Story::of("a recovery beside one that is in force is a dispute for good", &recoverable(), &[1, 2])
        .charter(101, &one.to_json(), "recovering")
        .charter(112, &signed(&third, &[40, 41]).to_json(), "newer")
        .charter(120, &other.to_json(), "charter_disputed")
        .trust(120, "disputed", &["two_charters", "no_head"])
        .charter(130, &decision.to_json(), "charter_disputed")
        .charter(131, &signed(&next(&chain, 131), &[40, 41]).to_json(), "charter_disputed")
        .trust(131, "disputed", &["two_charters", "no_head"])
}

fn late_reader() -> Story {
    let chain = begun(&recoverable(), &[1, 2]);
    let first = signed(&recoverable(), &[1, 2]);
    let second = signed(&recovered(&chain), &[30, 31, 40, 41]);
    let mut longer = chain;
    longer.extend(&second, day(101)).unwrap();
    Story::new("a new reader counts from the stated time", first.digest())
        .charter(500, &first.to_json(), "begun")
        .charter(500, &second.to_json(), "recovering")
        .head(500, &head_json(&head(&longer, 1, 499), 10), "newer")
        .trust(500, "verified", &[])
}

pub(crate) fn states() -> Vec<Story> {
    vec![
        forward(),
        two_heads(),
        stolen_routine_key(),
        expired(),
        clock(),
        frozen(),
        frozen_beside_other_states(),
        frozen_copy(),
        freeze_by_recovery(),
        freeze_by_replaced_key(),
        freeze_after_a_captured_root(),
        backdated_after_a_freeze(),
        copied(),
    ]
}

fn forward() -> Story {
    let chain = begun(&charter(), &[1, 2]);
    let of = |sequence, issued| head_json(&head(&chain, sequence, issued), 10);
    Story::of("heads move forward and never back", &charter(), &[1, 2])
        .trust(0, "stale", &["no_head"])
        .head(1, &of(7, 1), "newer")
        .head(1, &of(7, 1), "known")
        .head(2, &of(6, 0), "head_rollback")
        .head(2, &of(9, 2), "newer")
        .trust(2, "verified", &[])
}

fn two_heads() -> Story {
    let mut chain = begun(&charter(), &[1, 2]);
    let (one, other, later) = (head(&chain, 5, 1), head(&chain, 5, 2), head(&chain, 6, 3));
    let story = Story::of("two heads with one number wait for a charter", &charter(), &[1, 2])
        .head(1, &head_json(&one, 10), "newer")
        .head(2, &head_json(&other, 99), "head_unsigned")
        .head(2, &head_json(&other, 10), "head_disputed")
        .head(3, &head_json(&later, 10), "head_disputed")
        .trust(3, "disputed", &["two_heads"]);
    let mut second = next(&chain, 4);
    second.routine = public(&[11]);
    let second = signed(&second, &[1, 2]);
    chain.extend(&second, day(4)).unwrap();
    story.charter(4, &second.to_json(), "newer").head(4, &head_json(&head(&chain, 1, 4), 11), "newer").trust(
        4,
        "verified",
        &[],
    )
}

fn stolen_routine_key() -> Story {
    let mut chain = begun(&charter(), &[1, 2]);
    let stolen = head_json(&head(&chain, 9_007_199_254_740_991, 1), 10);
    let mut second = next(&chain, 2);
    second.routine = public(&[11]);
    let second = signed(&second, &[1, 2]);
    let mut old = head(&chain, 9_007_199_254_740_991, 3);
    chain.extend(&second, day(2)).unwrap();
    let new = head(&chain, 1, 2);
    old.files.clear();
    Story::of("a new charter ends what a stolen routine key signed", &charter(), &[1, 2])
        .head(1, &stolen, "newer")
        .charter(2, &second.to_json(), "newer")
        .head(2, &head_json(&new, 10), "head_unsigned")
        .head(2, &head_json(&new, 11), "newer")
        .head(3, &head_json(&old, 11), "head_rollback")
}

fn expired() -> Story {
    let chain = begun(&charter(), &[1, 2]);
    Story::of("what is expired is stale", &charter(), &[1, 2])
        .head(1, &head_json(&head(&chain, 1, 1), 10), "newer")
        .trust(31, "verified", &[])
        .trust(32, "stale", &["head_expired"])
        .trust(701, "stale", &["charter_expired", "head_expired"])
        .head(702, &head_json(&head(&chain, 2, 2), 10), "newer")
}

fn clock() -> Story {
    let chain = begun(&charter(), &[1, 2]);
    let first = signed(&charter(), &[1, 2]);
    Story::new("a clock that is ten years behind", first.digest())
        .charter(-3653, &first.to_json(), "begun")
        .head(-3653, &head_json(&head(&chain, 1, 1), 10), "newer")
        .trust(-3653, "stale", &["clock_behind"])
}

fn frozen() -> Story {
    let chain = begun(&charter(), &[1, 2]);
    let other = begun(&recoverable(), &[1, 2]);
    let of = |charter, people: &[u8]| freeze_json(&chain, charter, 5, people);
    Story::of("a freeze", &charter(), &[1, 2])
        .head(1, &head_json(&head(&chain, 1, 1), 10), "newer")
        .freeze(6, &of(1, &[1]), "freeze_unsigned")
        .freeze(6, &of(2, &[1, 2]), "freeze_unknown_charter")
        .freeze(6, &freeze_json(&other, 1, 5, &[1, 2]), "freeze_other_community")
        .trust(6, "verified", &[])
        .freeze(6, &of(1, &[1, 3]), "frozen")
        .trust(6, "disputed", &["frozen"])
        .freeze(6, &freeze_json(&chain, 1, 9, &[1, 2]), "frozen")
        .line(6, &note(chain.id(), 20, 1, "x").to_json(), "community")
        .head(9, &head_json(&head(&chain, 2, 9), 10), "head_frozen")
        .head(9, &head_json(&head(&chain, 2, 5), 10), "newer")
        .line(9, &note(chain.id(), 20, 6, "x").to_json(), "event_frozen")
        .trust(3, "disputed", &["frozen", "clock_behind"])
        .trust(40, "disputed", &["frozen", "head_expired"])
        .trust(800, "disputed", &["frozen", "charter_expired", "head_expired"])
        .freeze(800, &of(1, &[2, 3]), "frozen")
}

/// A freeze beside what else a reader says of a community.
fn frozen_beside_other_states() -> Story {
    let chain = begun(&charter(), &[1, 2]);
    let rival = Head { expires: day(20), ..head(&chain, 1, 1) };
    let one = next(&chain, 2);
    Story::of("a freeze without a head, and beside disputes", &charter(), &[1, 2])
        .freeze(1, &freeze_json(&chain, 1, 5, &[1, 2]), "frozen")
        .trust(1, "disputed", &["frozen", "no_head"])
        .head(1, &head_json(&head(&chain, 1, 1), 10), "newer")
        .head(1, &head_json(&rival, 10), "head_disputed")
        .trust(1, "disputed", &["two_heads", "frozen"])
        .file(1, "newest.jsonl", "", json!({"end": "head_disputed"}))
        .charter(3, &signed(&one, &[1, 2]).to_json(), "charter_frozen")
        .trust(3, "disputed", &["two_heads", "frozen"])
}

/// Even a freeze says something about a copy alone.
fn frozen_copy() -> Story {
    let mut first = charter();
    first.copy = Some(Copied { of: "https://vk.com/club7".into(), by: "Анна".into() });
    let chain = begun(&first, &[1, 2]);
    Story::of("a frozen copy", &first, &[1, 2])
        .head(1, &head_json(&head(&chain, 1, 1), 10), "newer")
        .freeze(2, &freeze_json(&chain, 1, 1, &[1, 2]), "frozen")
        .trust(2, "copied", &["frozen"])
}

/// A thief has the recovery keys, and would freeze what the root keys can still take back.
fn freeze_by_recovery() -> Story {
    let mut chain = begun(&recoverable(), &[1, 2]);
    let second = signed(&recovered(&chain), &[30, 31, 40, 41]);
    let newest = head_json(&head(&chain, 1, 100), 10);
    chain.extend(&second, day(101)).unwrap();
    let freeze = freeze_json(&chain, 2, 5, &[40, 41]);
    Story::of("a freeze by a charter that waits", &recoverable(), &[1, 2])
        .head(100, &newest, "newer")
        .charter(101, &second.to_json(), "recovering")
        .freeze(110, &freeze, "freeze_unknown_charter")
        .trust(110, "verified", &["recovering"])
        .freeze(111, &freeze, "frozen")
}

/// The thief of the keys puts others in the next charter, before the freeze is published.
fn freeze_after_a_captured_root() -> Story {
    let mut chain = begun(&charter(), &[1, 2]);
    let (before, old) = (freeze_json(&chain, 1, 5, &[1, 3]), head_json(&head(&chain, 1, 1), 10));
    let mixed = freeze_json(&chain, 1, 5, &[1, 66]);
    let mut second = next(&chain, 7);
    (second.root, second.routine, second.authors) = (KeySet::new(public(&[66]), 1), public(&[67]), public(&[20, 68]));
    let second = signed(&second, &[1, 2, 66]);
    chain.extend(&second, day(7)).unwrap();
    let stolen = head_json(&head(&chain, 1, 8), 67);
    let post = note(chain.id(), 68, 8, "x").to_json();
    Story::of("a freeze holds after a thief replaced the root keys", &charter(), &[1, 2])
        .charter(8, &second.to_json(), "newer")
        .head(8, &stolen, "newer")
        .line(8, &post, "community")
        .trust(8, "verified", &[])
        .freeze(9, &mixed, "freeze_unsigned")
        .freeze(9, &before, "frozen")
        .trust(9, "disputed", &["frozen", "no_head"])
        .charter(9, &second.to_json(), "charter_frozen")
        .head(9, &stolen, "head_unknown_charter")
        .head(9, &old, "newer")
        .line(9, &note(chain.id(), 68, 2, "x").to_json(), "event_not_allowed")
        .trust(9, "disputed", &["frozen"])
}

/// A thief states an earlier time in what is signed after the freeze.
fn backdated_after_a_freeze() -> Story {
    let mut chain = begun(&charter(), &[1, 2]);
    let (freeze, old) = (freeze_json(&chain, 1, 5, &[1, 3]), head(&chain, 1, 1));
    let mut second = next(&chain, 4);
    second.banned = vec![Ban { key: key(20).public(), since: day(-1000) }];
    let second = signed(&second, &[1, 2]);
    let deletion = event(chain.id(), 20, 4, EventKind::Deletion, &[&["e", &"1".repeat(64)]], "").to_json();
    let later = head_json(&head(&chain, 2, 9), 10);
    let backdated = head_json(&head(&chain, 2, 5), 10);
    chain.extend(&second, day(7)).unwrap();
    Story::of("what is dated back after a freeze", &charter(), &[1, 2])
        .head(1, &head_json(&old, 10), "newer")
        .charter(7, &second.to_json(), "newer")
        .line(7, &note(chain.id(), 20, 1, "x").to_json(), "event_banned")
        .freeze(8, &freeze, "frozen")
        .line(8, &note(chain.id(), 20, 1, "y").to_json(), "community")
        .charter(8, &second.to_json(), "charter_frozen")
        .head(9, &later, "head_frozen")
        .line(9, &deletion, "event_future")
        // No reader can know the time at which something was signed.
        .head(9, &backdated, "newer")
        .line(9, &deletion, "community")
        .line(9, &note(chain.id(), 20, 5, "z").to_json(), "community")
        .trust(9, "disputed", &["frozen"])
}

/// A root that was replaced can dispute the chain after its own charter for good. A freeze by it does no more.
fn freeze_by_replaced_key() -> Story {
    let mut chain = begun(&charter(), &[1, 2]);
    let of = |chain: &Chain, charter, after, people: &[u8]| freeze_json(chain, charter, after, people);
    let mut second = next(&chain, 7);
    second.root = KeySet::new(public(&[1, 2, 4]), 2);
    let second = signed(&second, &[1, 2]);
    let rival = signed(&next(&chain, 7), &[1, 3]);
    chain.extend(&second, day(7)).unwrap();
    Story::of("a freeze by replaced keys", &charter(), &[1, 2])
        .charter(7, &second.to_json(), "newer")
        .head(8, &head_json(&head(&chain, 1, 8), 10), "newer")
        .freeze(9, &of(&chain, 1, 9, &[1, 4]), "freeze_unsigned")
        .freeze(9, &of(&chain, 2, 9, &[1, 3]), "freeze_unsigned")
        .freeze(9, &of(&chain, 2, 9, &[1, 4]), "frozen")
        .trust(9, "disputed", &["frozen"])
        .charter(9, &rival.to_json(), "charter_disputed")
        .trust(9, "disputed", &["two_charters", "frozen"])
        .freeze(9, &of(&chain, 1, 8, &[1, 3]), "frozen")
        .trust(9, "disputed", &["frozen", "no_head"])
        .charter(9, &rival.to_json(), "charter_frozen")
}

fn copied() -> Story {
    let mut first = charter();
    first.copy = Some(Copied { of: "https://vk.com/club7".into(), by: "Анна".into() });
    let chain = begun(&first, &[1, 2]);
    let mut second = next(&chain, 1);
    second.copy = None;
    Story::of("a copy stays a copy", &first, &[1, 2])
        .charter(1, &signed(&second, &[1, 2, 3]).to_json(), "charter_copy_changed")
        .head(1, &head_json(&head(&chain, 1, 1), 10), "newer")
        .trust(1, "copied", &[])
}

/// A recovery that is seen by a clock which is years behind waits from the newest statement that the reader knows, though it states an
/// earlier time itself.
fn recovery_by_a_wrong_clock() -> Story {
    let mut first = charter();
    first.recovery = Some(Recovery { keys: KeySet::new(public(&[8, 9]), 2), wait: 30 * 86_400 });
    let chain = begun(&first, &[1, 2]);
    let mut recovering = next(&chain, 1);
    recovering.root = KeySet::new(public(&[8, 9]), 2);
    let objection = next(&chain, 1);
    Story::of("a recovery that is seen by a clock years behind", &first, &[1, 2])
        .head(50, &head_json(&head(&chain, 1, 50), 10), "newer")
        .charter(-2000, &signed(&recovering, &[8, 9]).to_json(), "recovering")
        .trust(60, "verified", &["recovering"])
        .charter(70, &signed(&objection, &[1, 2]).to_json(), "recovery_ended")
}

/// A head that is dated two years ahead puts off a recovery by a week at most, and not for the reader who read it a month before. An
/// objection on this day has this result.
fn recovery_after_a_head_ahead(name: &str, taken: i64, objects: i64, result: &str) -> Story {
    let mut first = charter();
    first.recovery = Some(Recovery { keys: KeySet::new(public(&[8, 9]), 2), wait: 30 * 86_400 });
    let chain = begun(&first, &[1, 2]);
    let mut recovering = next(&chain, 40);
    recovering.root = KeySet::new(public(&[8, 9]), 2);
    let objection = next(&chain, 41);
    Story::of(name, &first, &[1, 2])
        .head(taken, &head_json(&head(&chain, 1, 700), 10), "newer")
        .charter(40, &signed(&recovering, &[8, 9]).to_json(), "recovering")
        .charter(objects, &signed(&objection, &[1, 2]).to_json(), result)
}
