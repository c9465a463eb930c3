//! The form of a vector, and how one is told.

use byway::internals::signed::{COMMUNITY_SCHEME, Digest};
use byway::internals::signed::{
    Chain, Charter, DocumentKind, Envelope, EventKind, FORMAT, FileEntry, Freeze, Head, KeySet, NEWEST, PublicKey,
    SignedEvent, SigningKey,
};
use byway::jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What one reader reads, step by step.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Story {
    pub(crate) name: String,
    /// The digest in the id of the community that is read.
    pub(crate) community: Digest,
    pub(crate) steps: Vec<Step>,
}

/// One step: the time on the reader's clock, what it does, and the result.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Step {
    pub(crate) now: i64,
    #[serde(flatten)]
    pub(crate) deed: Deed,
    pub(crate) result: Value,
}

/// What a reader does.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Deed {
    /// Reads the text of `charter/N.json`.
    Charter(String),
    /// Reads the text of `head.json`.
    Head(String),
    /// Reads the text of a freeze.
    Freeze(String),
    /// Reads a line of a file, without its line feed.
    Line(String),
    /// Reads a file that the newest head names.
    File { name: String, text: String },
    /// Says what may be believed.
    Trust,
    /// Reads a charter of another community, whose id is the digest of its first charter.
    OtherCharter { community: Digest, charter: String },
    /// Says how the other community is related.
    Succession,
    /// Reads the envelope inside of a pack of routes, after the passphrase.
    Routes(String),
    /// Reads a proposal of an admin.
    Proposal(String),
    /// Reads recovery cards, and makes the key of them.
    Cards(String),
    /// Reads a file that is written here as pieces, each as often as it says. Its lines are counted by their results.
    LongFile { name: String, pieces: Pieces },
    /// Reads a charter that is written here as pieces.
    LongCharter(Pieces),
    /// Says everything that is shown.
    Content,
    /// Reads a link.
    Link(String),
    /// Reads a bundle.
    Bundle(String),
    /// Reads a bundle that is written here as pieces.
    LongBundle(Pieces),
    /// Reads an admin's approval of a proposal.
    Approval { proposal: String, line: String },
    /// Reads the line of an admin's public keys.
    Keys(String),
    /// Reads these communities now, and walks from successor to successor.
    Walk(Vec<Known>),
}

/// A long text: pieces, each with the number of times that it is repeated.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Pieces(pub(crate) Vec<(String, usize)>);

impl Pieces {
    /// A text whose longest part is four characters again and again, as base64 has them of one letter.
    pub(crate) fn of(text: &str) -> Self {
        let same = |at: usize| text.as_bytes()[at] == text.as_bytes()[at + 4];
        let (mut begin, mut length, mut at) = (0, 0, 0);
        while at + 4 < text.len() {
            let run = (at..text.len() - 4).take_while(|at| same(*at)).count();
            (begin, length) = if run > length { (at, run) } else { (begin, length) };
            at += run + 1;
        }
        let (times, end) = (length / 4, begin + length / 4 * 4);
        let pieces = [(&text[..begin], 1), (&text[begin..begin + 4], times), (&text[end..], 1)];
        Self(pieces.map(|(text, times)| (text.to_owned(), times)).into())
    }

    pub(crate) fn text(&self) -> String {
        self.0.iter().map(|(text, times)| text.repeat(*times)).collect()
    }
}

/// The charters of a community.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Known {
    pub(crate) community: Digest,
    pub(crate) charters: Vec<String>,
}

/// The time of all that happens, with this number of days added.
pub(crate) fn day(days: i64) -> Timestamp {
    Timestamp::from_second(1_478_595_600 + days * 86_400).unwrap()
}

pub(crate) fn key(person: u8) -> SigningKey {
    key_of([person; 32])
}

pub(crate) fn key_of(bytes: [u8; 32]) -> SigningKey {
    SigningKey::from_bytes(zeroize::Zeroizing::new(bytes)).unwrap()
}

pub(crate) fn keys(people: &[u8]) -> Vec<SigningKey> {
    people.iter().copied().map(key).collect()
}

pub(crate) fn public(people: &[u8]) -> Vec<PublicKey> {
    people.iter().map(|person| key(*person).public()).collect()
}

/// A charter of the root keys 1, 2 and 3, of which two must sign, the routine key 10 and the community's own key 20.
pub(crate) fn charter() -> Charter {
    let root = KeySet::new(public(&[1, 2, 3]), 2);
    let mut charter = Charter::first("Рабочие станкозавода", day(0), day(700), root, public(&[10]));
    charter.authors = public(&[20]);
    charter
}

/// An envelope whose payload is this JSON, valid or not.
pub(crate) fn sealed(kind: DocumentKind, payload: &Value, people: &[u8]) -> Envelope {
    Envelope::sign(kind, payload.to_string().into_bytes(), &keys(people))
}

pub(crate) fn signed(charter: &Charter, people: &[u8]) -> Envelope {
    sealed(DocumentKind::Charter, &json!(charter), people)
}

pub(crate) fn begun(charter: &Charter, people: &[u8]) -> Chain {
    let first = signed(charter, people);
    Chain::begin(first.digest(), &first, day(0)).unwrap()
}

/// The charter after the newest one of a chain.
pub(crate) fn next(chain: &Chain, issued: i64) -> Charter {
    let newest = chain.newest_version();
    chain.charter(newest).unwrap().next(chain.digest(newest).unwrap(), day(issued), day(issued + 700))
}

/// A head of the newest charter of a chain.
pub(crate) fn head(chain: &Chain, sequence: u64, issued: i64) -> Head {
    let charter = chain.newest_version();
    Head {
        format: FORMAT,
        community: chain.id(),
        charter,
        charter_digest: chain.digest(charter).unwrap(),
        sequence,
        issued: day(issued),
        expires: day(issued + 30),
        files: Vec::new(),
    }
}

pub(crate) fn head_json(head: &Head, person: u8) -> String {
    sealed(DocumentKind::Head, &json!(head), &[person]).to_json()
}

pub(crate) fn freeze_json(chain: &Chain, charter: u64, after: i64, people: &[u8]) -> String {
    Freeze::new(chain.id(), charter, day(after)).seal(&keys(people)).unwrap().to_json()
}

/// An event that names the community.
pub(crate) fn event(id: Digest, person: u8, at: i64, kind: EventKind, more: &[&[&str]], content: &str) -> SignedEvent {
    let community = format!("{COMMUNITY_SCHEME}{id}");
    let named: &[&str] = &["i", &community];
    let tags = [&[named], more].concat();
    let tags = tags.iter().map(|tag| tag.iter().map(|text| (*text).to_owned()).collect()).collect();
    SignedEvent::sign(&key(person), day(at), kind, tags, content).unwrap()
}

pub(crate) fn note(id: Digest, person: u8, at: i64, content: &str) -> SignedEvent {
    event(id, person, at, EventKind::Note, &[], content)
}

/// A file of these lines, and its entry in a head.
pub(crate) fn newest_file(lines: &[String]) -> (String, FileEntry) {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let entry = FileEntry { name: NEWEST.into(), bytes: text.len() as u64, sha256: Digest::of(text.as_bytes()) };
    (text, entry)
}

impl Story {
    /// A story of a reader of this community.
    pub(crate) fn new(name: &str, community: Digest) -> Self {
        Self { name: name.to_owned(), community, steps: Vec::new() }
    }

    /// A story that begins with this charter, read on day 0.
    pub(crate) fn of(name: &str, charter: &Charter, people: &[u8]) -> Self {
        let first = signed(charter, people);
        Self::new(name, first.digest()).charter(0, &first.to_json(), "begun")
    }

    pub(crate) fn charter(self, at: i64, text: &str, result: &str) -> Self {
        self.then(at, Deed::Charter(text.to_owned()), json!(result))
    }

    pub(crate) fn head(self, at: i64, text: &str, result: &str) -> Self {
        self.then(at, Deed::Head(text.to_owned()), json!(result))
    }

    pub(crate) fn freeze(self, at: i64, text: &str, result: &str) -> Self {
        self.then(at, Deed::Freeze(text.to_owned()), json!(result))
    }

    pub(crate) fn line(self, at: i64, text: &str, result: &str) -> Self {
        self.then(at, Deed::Line(text.to_owned()), json!(result))
    }

    pub(crate) fn file(self, at: i64, name: &str, text: &str, result: Value) -> Self {
        self.then(at, Deed::File { name: name.to_owned(), text: text.to_owned() }, result)
    }

    pub(crate) fn trust(self, at: i64, state: &str, reasons: &[&str]) -> Self {
        self.then(at, Deed::Trust, json!({"state": state, "reasons": reasons}))
    }

    pub(crate) fn other(self, at: i64, community: Digest, charter: &Envelope, result: &str) -> Self {
        self.then(at, Deed::OtherCharter { community, charter: charter.to_json() }, json!(result))
    }

    pub(crate) fn succession(self, at: i64, result: Value) -> Self {
        self.then(at, Deed::Succession, result)
    }

    /// Adds a step, and takes it: the result that is told here must be that of the reader.
    pub(crate) fn then(mut self, at: i64, deed: Deed, result: Value) -> Self {
        self.steps.push(Step { now: day(at).as_second(), deed, result });
        let last = self.steps.len() - 1;
        let results = super::reader::results(&self);
        assert_eq!(results.last(), Some(&self.steps[last].result), "{}: step {last}", self.name);
        self
    }
}
