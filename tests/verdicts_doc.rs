//! docs/verdicts.md is printed from the table of rules, so the page says what the program does.
//!
//! `UPDATE_PAGES=1 cargo test --test verdicts_doc` rewrites it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use byway::internals::reach::{Against, Rule, VerdictCode, Weights, rules};

#[test]
fn the_page_of_verdicts_is_what_the_rules_say() {
    let page = page();
    if std::env::var_os("UPDATE_PAGES").is_some() {
        fs::write(path(), &page).unwrap();
    }
    let there = fs::read_to_string(path()).unwrap_or_default();
    let differs = page.lines().zip(there.lines()).find(|(rendered, there)| rendered != there);
    assert!(
        there == page,
        "docs/verdicts.md is not what the rules say (first difference: {differs:?}); \
         `UPDATE_PAGES=1 cargo test --test verdicts_doc` prints it anew"
    );
}

#[test]
fn weights_sum_to_one_and_lean_towards_the_code() {
    for rule in rules() {
        assert!(rule.weights().next().is_some(), "{}", rule.id);
        for (Weights { blocked, down, ok }, when) in rule.weights() {
            assert!((blocked + down + ok - 1.0).abs() < 1e-6, "{}", rule.id);
            assert_eq!(when.is_empty(), rule.weights().count() == 1, "{}", rule.id);
            let leans = match rule.code {
                VerdictCode::Reachable => ok > 0.9,
                // A certificate that proves nothing may be forged, too.
                VerdictCode::OriginFault => down > blocked,
                VerdictCode::Offline
                | VerdictCode::CaptivePortal
                | VerdictCode::OriginDown
                | VerdictCode::RouteFailed
                | VerdictCode::Gone => down > blocked && down >= 0.8,
                // What was read, slowly.
                VerdictCode::Throttled => blocked > down,
                // An unknown verdict must not be certain.
                VerdictCode::Unknown => blocked <= 0.7 && down <= 0.7,
                _ => blocked > 0.5 && blocked > 2.0 * down,
            };
            assert!(leans, "{}: {blocked} {down} {ok}", rule.id);
        }
    }
}

#[test]
fn every_scenario_with_a_verdict_has_a_rule() {
    let told = ["N1", "N2", "N3", "N4", "N5", "N6", "N10", "N13", "N14", "N15", "N17", "N18", "N19", "N20", "N24"];
    for row in told {
        assert!(rules().any(|rule| rule.rows.contains(&row)), "{row} has no rule");
    }
    for row in rules().flat_map(|rule| rule.rows) {
        let number: u8 = row.strip_prefix('N').expect("a row").parse().expect("a number");
        assert!((1..=24).contains(&number), "{row}");
    }
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    let mut codes: Vec<VerdictCode> = Vec::new();
    for rule in rules() {
        if !codes.contains(&rule.code) {
            codes.push(rule.code);
        }
    }
    // Definite verdicts come first.
    codes.sort_by_key(|code| *code == VerdictCode::Unknown);
    for code in codes {
        writeln!(page, "\n## `{}`\n\n{}\n", code.code(), meaning(code)).unwrap();
        for rule in rules().filter(|rule| rule.code == code) {
            entry(&mut page, rule);
        }
    }
    page.push_str(ORDER);
    for (at, rule) in rules().enumerate() {
        let layer = rule.layer.map_or("", |layer| layer.code());
        writeln!(page, "| {} | `{}` | `{}` | {layer} |", at + 1, rule.id, rule.code.code()).unwrap();
    }
    page
}

fn entry(page: &mut String, rule: &Rule) {
    let rows = if rule.rows.is_empty() { String::new() } else { format!(" ({})", rule.rows.join(", ")) };
    writeln!(page, "- **`{}`**{rows}: {}", rule.id, rule.why).unwrap();
    let compared = match rule.against {
        Against::Nothing => "Needs nothing else".to_owned(),
        other => format!("Compared with {}", other.words()),
    };
    let weights: Vec<String> = rule
        .weights()
        .map(|(Weights { blocked, down, ok }, when)| {
            let when = if when.is_empty() { String::new() } else { format!(" ({when})") };
            format!("{blocked:.2} / {down:.2} / {ok:.2}{when}")
        })
        .collect();
    writeln!(page, "  {compared}. Weights {}.", weights.join("; ")).unwrap();
    if !rule.limits.is_empty() {
        writeln!(page, "  *Limits*: {}", rule.limits).unwrap();
    }
}

/// What a code means, for a tired reader.
fn meaning(code: VerdictCode) -> &'static str {
    match code {
        VerdictCode::Reachable => "It works.",
        VerdictCode::DnsTampered => "The lookup of the name gets a false answer. The site itself may be up.",
        VerdictCode::TcpBlocked => "Connections to the site's address fail here and succeed elsewhere.",
        VerdictCode::TlsInterfered => {
            "The connection is cut as soon as the site is named in it, or inside TLS, here and not elsewhere."
        }
        VerdictCode::HttpInterfered => "A request without encryption is cut or redirected here, and not elsewhere.",
        VerdictCode::TlsMitm => {
            "Someone here answers instead of the site with a certificate of their own. Nothing is sent to them."
        }
        VerdictCode::BlockPage => "A provider's page replaces the site and says that the site is blocked.",
        VerdictCode::Legal451 => "The answer itself says that the site is withheld for legal reasons.",
        VerdictCode::PlatformBlocked => "The network lets the request through. The platform itself hides the content.",
        VerdictCode::Frozen => "The beginning of the answer comes and the rest does not, here and not elsewhere.",
        VerdictCode::Throttled => "The answer comes much more slowly than on another network.",
        VerdictCode::CaptivePortal => "The network wants a login before it lets anything through.",
        VerdictCode::Offline => "This device has no network.",
        VerdictCode::WhitelistOnly => "The network lets only a few chosen addresses through.",
        VerdictCode::OriginDown => "The site answers on no route, here or elsewhere: it is down, not blocked.",
        VerdictCode::OriginFault => {
            "The site answers with a fault or a refusal of its own, or this device's clock is wrong. No one on the path blocks it."
        }
        VerdictCode::Gone => "The platform says that the community no longer exists.",
        VerdictCode::RouteFailed => "Our own proxy or Tor failed. Nothing is known about the site.",
        VerdictCode::Unknown => "Blocked or down: we can't tell. A second route (a proxy, Tor) usually shows which.",
        _ => panic!("{code:?} has no meaning on the page"),
    }
}

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/verdicts.md")
}

const HEAD: &str = "\
# Verdicts

<!-- Printed from the table of rules (src/reach/verdict/rules/): `UPDATE_PAGES=1 cargo test --test verdicts_doc`. -->

A verdict says what happened on the first strategy that was allowed, usually the direct one. It is compared with the
other strategies. A verdict never says more than was seen. That a connection is cut is a fact; that someone cut it is the
result of a comparison. Without a comparison the verdict is `unknown`: blocked or down. So most verdicts need a second
strategy (a proxy in another country, or Tor).

Each verdict has a code (below), a layer, the rule that gave it, the attempts that the rule relies on, and three weights
that sum to one: how likely it is that someone *blocks* it, that it is *down* (the site, our own route or the network is
out of order), and that it is *ok*. The weights are estimates by hand, not measured frequencies. Compare them; do not
multiply them.

These principles hold for all rules:

- **Silence takes time.** Less than three seconds of silence say nothing: a lost packet was not even sent again (RFC 6298).
- **A witness must be independent.** Two resolvers share one network. A proxy in the same country repeats what that country
  orders: it can show that a site is up, never that it is down. Tor and a proxy abroad are good witnesses.
- **What failed is asked first.** A dead proxy says nothing about the site behind it.
- **A certificate is proof.** An address at which TLS proves the name is the site's, whichever resolver gave it. Nothing else is
  proof. A different page, a title or a length that happens to match, a CDN's challenge: none of them shows a block.
- **A broken IPv6 is not a block**, and a resolver that gives an address for every name is not thereby a censor.
- **Behind a VPN** the direct route is the VPN's, and so is the verdict.

A number such as N3 is a row of [what networks do](networks.md). The tests are named after these rows.
";

const ORDER: &str = "
## The order

The first rule that applies gives the verdict. Statements come before inferences, what concerns us comes before what
concerns the host, a false address comes before the failures that it causes, and a comparison comes before the case
without one.

| # | rule | code | layer |
| --- | --- | --- | --- |
";
