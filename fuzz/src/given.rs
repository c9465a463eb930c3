//! What a user pastes: strategies, lists of them, links.

use byway::community::Home;
use byway::internals::transport::Destination;
use byway::{CommunityLink, Exposure, HomeLink, MAX_LINK_BYTES, MAX_LINK_MIRRORS};
use byway::{Imported, MAX_IMPORT_LINES, MAX_STRATEGY_BYTES, Strategy, import_strategies as read, parse_resolve_entry};

use super::choose;

/// A printed strategy parses to the same strategy, and nothing that is shown reveals a login.
pub(crate) fn strategy(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match text.parse::<Strategy>() {
        Ok(strategy) => {
            let printed = strategy.to_string();
            assert!(printed.is_ascii() && printed.len() <= MAX_STRATEGY_BYTES, "{printed:?}");
            assert_eq!(printed.parse::<Strategy>().as_ref(), Ok(&strategy), "{printed}");
            let shown = strategy.redacted();
            let debug = format!("{strategy:?}");
            // Before the options: among them, `name@address` is a resolver with its address, and not a login.
            let address = printed.split(['?', '#']).next().unwrap_or_default();
            let bare = address.split_once("//").and_then(|(_, rest)| rest.split_once('@'));
            if let Some((login, _)) = bare.filter(|(login, _)| login.len() > LONG) {
                assert!(!shown.contains(&format!("{login}@")) && !debug.contains(login), "{shown} {debug}");
            }
            assert!(strategy.is_allowed_by(Exposure::Open));
            assert!(!strategy.is_allowed_by(Exposure::Proxied) || !strategy.is_direct());
            assert!(!strategy.is_allowed_by(Exposure::Tor) || strategy.is_tor());
        }
        Err(error) => assert!(!error.code().is_empty() && !error.to_string().is_empty()),
    }
    // A password at its usual place is in no error. A host may well have the same name.
    let with_login = text.replacen("//", &format!("//user:{PASSWORD}@"), 1);
    if with_login != text && !says_password(text) {
        let shown = match with_login.parse::<Strategy>() {
            Ok(strategy) => format!("{} {strategy:?}", strategy.redacted()),
            Err(error) => format!("{error} {error:?}"),
        };
        assert!(!shown.contains(PASSWORD), "{shown}");
    }
    if let Ok((destination, addresses)) = parse_resolve_entry(text) {
        assert!(!addresses.is_empty());
        assert_eq!(Destination::new(&destination.host_text(), destination.port), Ok(destination));
    }
}

/// Pasted text: each line has its result, in order, and no login is shown from a line that was not understood.
pub(crate) fn import(bytes: &[u8]) {
    let ([at], bytes) = choose(bytes);
    let text = String::from_utf8_lossy(bytes);
    let imported = read(&text);
    assert!(imported.len() <= MAX_IMPORT_LINES + 1);
    assert!(imported.iter().zip(1..).all(|(line, number)| line.number == number), "lines in order");
    for line in &imported {
        match &line.outcome {
            Imported::Strategy(strategy) => {
                assert_eq!(strategy.to_string().parse::<Strategy>().as_ref(), Ok(strategy));
                // An understood line is understood again, with the same result.
                let again = read(&strategy.to_string());
                let same = matches!(again.as_slice(), [line] if line.outcome == Imported::Strategy(strategy.clone()));
                assert!(same, "{strategy}: {again:?}");
            }
            Imported::Duplicate { first, .. } => assert!(*first < line.number),
            Imported::Ignored => {}
            Imported::Wrong { shown, error } => assert!(shown.chars().count() <= 4096 && !error.code().is_empty()),
            other => panic!("a new outcome has no property yet: {other:?}"),
        }
    }
    if says_password(&text) {
        return;
    }
    // A login put into any line is shown in no result.
    let mut lines: Vec<String> = text.lines().take(16).map(str::to_owned).collect();
    let count = lines.len().max(1);
    if let Some(line) = lines.get_mut(usize::from(at) % count) {
        *line = match at % 3 {
            0 => format!("{line}:user:{PASSWORD}"),
            1 => format!("user:{PASSWORD}@{line}"),
            _ => format!("{line} user {PASSWORD}"),
        };
    }
    for line in read(&lines.join("\n")) {
        let told = format!("{line:?}");
        assert!(!told.contains(PASSWORD), "{told}");
        if let Imported::Wrong { shown, error } = line.outcome {
            assert!(!shown.contains(PASSWORD) && !error.to_string().contains(PASSWORD), "{shown}: {error}");
        }
    }
}

/// A printed link parses to the same link, and its exposure is never lost.
pub(crate) fn link(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(link) = text.parse::<HomeLink>() {
        assert_eq!(link.to_string().parse::<HomeLink>().as_ref(), Ok(&link), "{link}");
        assert!(!format!("{link:?}").contains(&link.home.to_string()), "a log must not say who reads what");
    }
    if let Ok(home) = text.parse::<Home>() {
        assert_eq!(home.to_string().parse::<Home>().as_ref(), Ok(&home), "{home}");
        // An exposure in the link of a page is that of the link, once the page's address becomes one.
        let plain = !home.to_string().contains("exposure=");
        for exposure in [Exposure::Proxied, Exposure::Tor].into_iter().filter(|_| plain) {
            let link = HomeLink::new(home.clone(), exposure);
            let again = link.to_string().parse::<HomeLink>();
            assert!(again.as_ref().is_ok_and(|again| again.exposure >= exposure && again.home == home), "{link}");
        }
    }
}

/// A printed link of a signed community parses to the same link, within its limits; the exposure in a text is never lost.
pub(crate) fn community_link(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match text.parse::<CommunityLink>() {
        Ok(link) => {
            let printed = link.to_string();
            assert!(printed.len() <= MAX_LINK_BYTES && printed.is_ascii(), "{printed}");
            assert!(link.mirrors().len() <= MAX_LINK_MIRRORS);
            assert_eq!(printed.parse::<CommunityLink>().as_ref(), Ok(&link), "{printed}");
            assert!(!format!("{link:?}").contains(&link.id().to_string()), "a log must not say who reads what");
            if let Some(web) = link.web_form() {
                assert_eq!(web.parse::<CommunityLink>().as_ref(), Ok(&link), "{web}");
                assert!(link.exposure() == Exposure::Open || web.contains(".onion"), "{web}");
            }
            let raised = format!("{printed}{}exposure=tor", if printed.contains('?') { '&' } else { '?' });
            let raised = raised.parse::<CommunityLink>();
            assert!(
                raised.is_ok_and(|raised| raised.exposure() == Exposure::Tor) || printed.len() > MAX_LINK_BYTES - 13
            );
        }
        Err(error) => assert!(!error.code().is_empty()),
    }
}

/// Fuzzers know constants, too.
fn says_password(text: &str) -> bool {
    // What is shown has no control characters.
    let shown: String = text.chars().filter(|c| !c.is_control()).collect();
    shown.to_ascii_uppercase().contains(PASSWORD)
}

const PASSWORD: &str = "QXZJWKQX";

/// Shorter ones occur in any text by chance.
const LONG: usize = 8;
