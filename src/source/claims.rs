//! Where a community says that it moved to or came from: «Мы переехали: vk.com/zavod2», "our new group".
//!
//! A claim is a phrase with a link near it, in the text of any source. It is kept with its words and the field that
//! contains it, and is never followed: anyone may have written it.

use std::collections::HashSet;
use std::ops::Range;

use super::plain::{cut, squeeze};
use crate::community::{Claim, Field, Home};

/// What a text claims.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Claims {
    pub(super) successor: Option<Claim>,
    pub(super) predecessor: Option<Claim>,
}

/// A link in a text.
#[derive(Clone, Debug)]
pub(super) struct LinkAt<'a> {
    pub(super) url: &'a str,
    /// The bytes of the text that show it.
    pub(super) at: Range<usize>,
}

impl Claims {
    /// Fills in what is missing.
    pub(super) fn or(self, other: Claims) -> Claims {
        Claims { successor: self.successor.or(other.successor), predecessor: self.predecessor.or(other.predecessor) }
    }
}

/// The claims in a text with these links. `own` recognises the community's own homes, which are not claims.
pub(super) fn find<'a>(
    text: &str,
    links: impl IntoIterator<Item = LinkAt<'a>>,
    field: Field,
    own: &dyn Fn(&Home) -> bool,
) -> Claims {
    let words = words(text);
    let cues: Vec<Cue> = (0..words.len()).filter_map(|at| cue(&words, at)).collect();
    let mut claims = Claims::default();
    if cues.is_empty() {
        return claims;
    }
    let mut links: Vec<LinkAt<'a>> = links.into_iter().collect();
    links.sort_by_key(|link| link.at.start);
    // A phrase speaks of the first link after it. If that is the community's own page, it is not about a later one.
    let mut answered = HashSet::new();
    for link in links {
        let Ok(home) = link.url.parse::<Home>() else { continue };
        let Some((side, cue)) = side(text, &words, &cues, &link.at) else { continue };
        if own(&home) {
            if cue < link.at.end {
                answered.insert(cue);
            }
            continue;
        }
        // «Переехали с a на b» speaks of both.
        if answered.contains(&cue) && direction(&words, &link.at).is_none() {
            continue;
        }
        let slot = match side {
            Side::Successor => &mut claims.successor,
            Side::Predecessor => &mut claims.predecessor,
        };
        slot.get_or_insert_with(|| Claim::new(home, field, excerpt(text, &link.at)));
    }
    claims
}

/// The claim of a separate link with its own title.
pub(super) fn of_link(url: &str, title: &str, own: &dyn Fn(&Home) -> bool) -> Claims {
    let mut claims = Claims::default();
    let words = words(title);
    let Some(cue) = (0..words.len()).find_map(|at| cue(&words, at)) else { return claims };
    let Ok(home) = url.parse::<Home>() else { return claims };
    if own(&home) {
        return claims;
    }
    let claim = Claim::new(home, Field::Links, cut(&squeeze(title), MAX_TEXT));
    match cue.side {
        Side::Successor => claims.successor = Some(claim),
        Side::Predecessor => claims.predecessor = Some(claim),
    }
    claims
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Side {
    Successor,
    Predecessor,
}

/// A phrase that makes a link near it a claim.
struct Cue {
    start: usize,
    side: Side,
    /// It describes a move, which has two ends: the word before the link says which one the link is.
    moves: bool,
}

struct Word {
    low: String,
    start: usize,
    end: usize,
}

fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (c.is_alphanumeric(), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                let low = text.get(from..at).unwrap_or_default().to_lowercase().replace('ё', "е");
                words.push(Word { low, start: from, end: at });
                start = None;
            }
            _ => {}
        }
    }
    words
}

fn cue(words: &[Word], at: usize) -> Option<Cue> {
    let word = words.get(at)?;
    if MOVED.iter().any(|stem| word.low.starts_with(stem)) {
        if words.get(..at)?.iter().rev().take(2).any(|before| NOT.contains(&before.low.as_str())) {
            return None;
        }
        let from = words.get(at + 1).is_some_and(|next| FROM.contains(&next.low.as_str()));
        let side = if from { Side::Predecessor } else { Side::Successor };
        return Some(Cue { start: word.start, side, moves: true });
    }
    let side = if NEW.contains(&word.low.as_str()) {
        Side::Successor
    } else if OLD.iter().any(|stem| word.low.starts_with(stem)) && word.low.chars().count() <= LONGEST_OLD {
        Side::Predecessor
    } else {
        return None;
    };
    let is_page = |word: &Word| PAGE.iter().any(|stem| word.low.starts_with(stem));
    let names_a_page = words.get(at + 1..).unwrap_or_default().iter().take(2).any(is_page);
    names_a_page.then_some(Cue { start: word.start, side, moves: false })
}

/// Which claim a link is, and where its phrase begins: the phrase in its label, before it, or after it on its line.
fn side(text: &str, words: &[Word], cues: &[Cue], link: &Range<usize>) -> Option<(Side, usize)> {
    let inside = cues.iter().find(|cue| link.contains(&cue.start));
    let before = || cues.iter().rev().find(|cue| cue.start < link.start && link.start - cue.start <= NEAR);
    let behind = || {
        cues.iter().find(|cue| {
            let between = text.get(link.end..cue.start);
            between.is_some_and(|between| between.len() <= NEAR_BEHIND && !between.contains(['\n', '.']))
        })
    };
    let cue = inside.or_else(before).or_else(behind)?;
    let directed = if cue.moves { direction(words, link) } else { None };
    Some((directed.unwrap_or(cue.side), cue.start))
}

/// The end of a move that the word before a link says it is.
fn direction(words: &[Word], link: &Range<usize>) -> Option<Side> {
    let last = words.iter().rev().find(|word| word.end <= link.start)?.low.as_str();
    match last {
        last if FROM.contains(&last) => Some(Side::Predecessor),
        last if TO.contains(&last) => Some(Side::Successor),
        _ => None,
    }
}

/// The line of the link, and the line before it if that contains the phrase.
fn excerpt(text: &str, link: &Range<usize>) -> String {
    let head = text.get(..link.start).unwrap_or_default();
    let tail = text.get(link.start..).unwrap_or_default();
    let from = head.char_indices().rev().nth(MAX_TEXT / 2).map_or(0, |(at, _)| at);
    let line = head.get(from..).unwrap_or_default();
    let end = tail.find('\n').unwrap_or(tail.len());
    squeeze(cut(&format!("{line}{}", tail.get(..end).unwrap_or_default()), MAX_TEXT))
}

const NEW: &[&str] = &["новая", "новую", "новой", "новое", "новом", "новый", "нового", "новому", "new"];
const OLD: &[&str] = &["стар", "прежн", "предыдущ", "прошл", "бывш", "old", "previous", "former"];
const PAGE: &[&str] = &[
    "групп",
    "сообществ",
    "страниц",
    "паблик",
    "адрес",
    "сайт",
    "блог",
    "канал",
    "group",
    "page",
    "community",
    "public",
    "address",
    "home",
    "site",
    "website",
    "blog",
    "channel",
];
const MOVED: &[&str] = &["переехал", "переезжа", "перебрал", "moved"];
/// «Мы никуда не переехали» warns of a page that claims a move.
const NOT: &[&str] = &["не", "not", "never"];
const FROM: &[&str] = &["из", "с", "со", "from"];
const TO: &[&str] = &["в", "на", "to", "сюда", "здесь", "here"];

/// «предыдущего» is the longest form; «старшеклассники» is not an old page.
const LONGEST_OLD: usize = 11;
/// Bytes between a phrase and its link: two lines of Russian.
const NEAR: usize = 320;
const NEAR_BEHIND: usize = 60;
const MAX_TEXT: usize = 300;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::source::html;

    fn homes(claims: Claims) -> (Option<String>, Option<String>) {
        (claims.successor.map(|claim| claim.home.to_string()), claims.predecessor.map(|claim| claim.home.to_string()))
    }

    #[test]
    fn a_phrase_in_html_is_a_claim_as_in_any_text() {
        let new = "https://new.example/";
        for (markup, successor, predecessor) in [
            ("<p>We have moved to <a href='https://new.example/'>our new site</a>.</p>", Some(new), None),
            ("Мы переехали:<br>https://new.example/ Пишите нам!", Some(new), None),
            ("<a href='https://new.example/'>Наша новая страница</a>", Some(new), None),
            (
                "Old address: https://old.example/, new address: https://new.example/",
                Some(new),
                Some("https://old.example/"),
            ),
            ("Moved from <a href='https://t.me/zavod_old'>Telegram</a>", None, Some("https://t.me/zavod_old")),
            ("<script>moved to</script> <a href='https://new.example/'>friends</a>", None, None),
            ("We moved to <a href='javascript:x'>here</a>", None, None),
        ] {
            let rendered = html::render(markup, None, 2000);
            let claims = rendered.claims(Field::Description, &|_| false);
            let expected = (successor.map(str::to_owned), predecessor.map(str::to_owned));
            assert_eq!(homes(claims), expected, "{markup}");
        }
    }

    #[test]
    fn a_phrase_about_an_own_page_is_no_claim_about_the_next_link() {
        let own = |home: &Home| home.to_string().contains("zavod.example");
        let new = Some("https://new.example/".to_owned());
        for (markup, successor) in [
            (
                "We moved to <a href='https://zavod.example/hall'>the town hall</a>. Friends: https://friends.example/",
                None,
            ),
            ("Новый адрес: https://zavod.example/ Друзья: https://friends.example/", None),
            ("Мы переехали с https://zavod.example/ на https://new.example/", new.clone()),
            ("https://zavod.example/ says: we moved to https://new.example/", new.clone()),
            ("https://zavod.example/ мы переехали: https://new.example/", new.clone()),
            ("Old address: https://zavod.example/, new address: https://new.example/", new),
        ] {
            let rendered = html::render(markup, None, 2000);
            assert_eq!(homes(rendered.claims(Field::Description, &own)).0, successor, "{markup}");
        }
    }

    #[test]
    fn a_link_with_a_title_is_a_claim_by_its_title() {
        let own = |_: &Home| false;
        let claim = of_link("https://vk.com/zavod_live", "Новая группа", &own).successor.unwrap();
        assert_eq!((claim.field, claim.text.as_str()), (Field::Links, "Новая группа"));
        assert_eq!(of_link("https://vk.com/zavod_live", "Друзья", &own), Claims::default());
    }
}
