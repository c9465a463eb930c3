//! What must hold for every parser of remote bytes, whatever the input.
//!
//! A target is a function of bytes that panics when an invariant fails. "No panic" is the least of these. The target
//! compares the accepted value with the input (nothing is added or lost), with its own printed form, with the limits, and
//! with the same bytes cut into other pieces.
//!
//! The same functions run in two ways: under libFuzzer (`fuzz_targets/`, `cargo xtask fuzz-smoke`) and as ordinary tests
//! over the seeds and random input (`tests/fuzz_targets.rs`), so that they stay current.

mod admins;
mod feeds;
mod given;
mod kept;
mod signed;
mod spoken;
mod vk;
mod web;

/// A parser, by the name of its file in `fuzz_targets/` and of its folder in `seeds/`.
pub struct Target {
    /// The name.
    pub name: &'static str,
    /// Panics where a property does not hold.
    pub run: fn(&[u8]),
}

/// Every target.
pub const TARGETS: &[Target] = &[
    // What is spoken over a stream.
    Target { name: "client_hello", run: spoken::client_hello },
    Target { name: "connect", run: spoken::connect },
    Target { name: "dns", run: spoken::dns },
    Target { name: "http_head", run: spoken::http_head },
    Target { name: "socks", run: spoken::socks },
    // What is on the web.
    Target { name: "block_page", run: web::block_page },
    Target { name: "decode", run: web::decode },
    Target { name: "fingerprints", run: web::fingerprints },
    Target { name: "judge", run: web::judge },
    Target { name: "redirect", run: web::redirect },
    Target { name: "resume", run: web::resume },
    // What a person is given.
    Target { name: "community_link", run: given::community_link },
    Target { name: "import", run: given::import },
    Target { name: "link", run: given::link },
    Target { name: "strategy", run: given::strategy },
    // What a site publishes.
    Target { name: "feed", run: feeds::feed },
    Target { name: "telegram", run: feeds::telegram },
    Target { name: "opml", run: feeds::opml },
    // What VK says.
    Target { name: "notice", run: vk::notice },
    Target { name: "vk_json", run: vk::json },
    Target { name: "vk_judge", run: vk::judge },
    // What a mirror carries.
    Target { name: "bundle", run: signed::bundle },
    Target { name: "signed_document", run: signed::document },
    Target { name: "signed_events", run: signed::events },
    // What admins hand on.
    Target { name: "cards", run: admins::cards },
    Target { name: "picture", run: admins::picture },
    Target { name: "proposal", run: admins::proposal },
    Target { name: "routes", run: admins::routes },
    // What was kept.
    Target { name: "ledger", run: kept::ledger },
    Target { name: "rows", run: kept::rows },
];

/// Runs one target.
///
/// # Panics
/// Where a property does not hold, or there is no such target.
pub fn run(name: &str, bytes: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target of this name");
    (target.run)(bytes);
}

/// The first bytes choose, the rest is parsed.
fn choose<const N: usize>(bytes: &[u8]) -> ([u8; N], &[u8]) {
    let (head, rest) = bytes.split_at(bytes.len().min(N));
    let mut choice = [0; N];
    choice[..head.len()].copy_from_slice(head);
    (choice, rest)
}

/// The same bytes in pieces of at most `size`.
fn pieces(bytes: &[u8], size: u8) -> impl Iterator<Item = &[u8]> {
    bytes.chunks(usize::from(size).max(1))
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    part.is_empty() || bytes.windows(part.len()).any(|window| window == part)
}
