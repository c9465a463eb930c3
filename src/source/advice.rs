//! What a community says about how to read it: "Only through the Tor browser", «доступ через Тор».
//!
//! A word alone is no advice: Тор is a god and торговый is a trade. Advice needs a preposition before the word
//! (through, через, без) and, in the same sentence, a word about access or a word like "only". A negation excludes it.

use crate::community::{AccessAdvice, AdviceKind, Field};
use crate::source::plain::{cut, squeeze};

/// The advice in a text, at most one of each kind.
pub(in crate::source) fn find(text: &str, field: Field) -> Vec<AccessAdvice> {
    let mut found: Vec<AccessAdvice> = Vec::new();
    for sentence in text.split(['.', '!', '?', '\n', ';']).take(MAX_SENTENCES) {
        let low = sentence.to_lowercase().replace('ё', "е");
        let words: Vec<&str> =
            low.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).take(MAX_WORDS).collect();
        for at in 0..words.len() {
            let Some((kind, strong)) = way(&words, at) else { continue };
            if is_advice(&words, at, strong) && !found.iter().any(|advice| advice.kind == kind) {
                found.push(AccessAdvice::new(kind, cut(&squeeze(sentence), MAX_TEXT), field));
            }
        }
    }
    found
}

/// The kind of access that word `at` names, and whether it can mean nothing else.
fn way(words: &[&str], at: usize) -> Option<(AdviceKind, bool)> {
    let is_browser = |word: Option<&&str>| word.is_some_and(|word| BROWSER.iter().any(|stem| word.starts_with(stem)));
    match *words.get(at)? {
        "tor" | "тор" => {
            let browser =
                is_browser(words.get(at + 1)) || at.checked_sub(1).is_some_and(|before| is_browser(words.get(before)));
            Some((AdviceKind::Tor, browser))
        }
        "torbrowser" | "торбраузер" => Some((AdviceKind::Tor, true)),
        "proxy" | "proxies" | "прокси" => Some((AdviceKind::Proxy, false)),
        "vpn" | "впн" => Some((AdviceKind::Vpn, false)),
        _ => None,
    }
}

fn is_advice(words: &[&str], at: usize, strong: bool) -> bool {
    // "through the Tor browser or a VPN": the words between the preposition and the word do not separate them.
    let mut preposition = None;
    for before in (at.saturating_sub(MAX_BETWEEN)..at).rev() {
        let Some(word) = words.get(before) else { return false };
        if THROUGH.contains(word) || WITHOUT.contains(word) || (strong && INSIDE.contains(word)) {
            preposition = Some(before);
            break;
        }
        let between =
            BETWEEN.contains(word) || BROWSER.iter().any(|stem| word.starts_with(stem)) || way(words, before).is_some();
        if !between {
            return false;
        }
    }
    let Some(preposition) = preposition else { return false };
    let Some(word) = words.get(preposition) else { return false };
    let negated = |words: &[&str]| words.iter().any(|word| NOT.contains(word));
    if WITHOUT.contains(word) {
        return negated(words) || words.iter().any(|word| word.starts_with("недоступ"));
    }
    let ahead = words.get(preposition.saturating_sub(3)..preposition).unwrap_or_default();
    let only = ahead.iter().any(|word| ONLY.contains(word));
    if only {
        return true;
    }
    if negated(ahead) {
        return false;
    }
    let about_access =
        words.iter().enumerate().any(|(i, word)| i != at && ACCESS.iter().any(|stem| word.starts_with(stem)));
    about_access || (PLAIN.contains(word) && (strong || words.len() <= SHORT))
}

const BROWSER: &[&str] = &["browser", "браузер", "броузер"];
const THROUGH: &[&str] = &[
    "through",
    "via",
    "using",
    "with",
    "over",
    "use",
    "через",
    "посредством",
    "используйте",
    "используя",
    "включите",
    "включив",
    "включенным",
    "с",
    "со",
    "под",
    "помощью",
];
const INSIDE: &[&str] = &["in", "from", "в", "из"];
const WITHOUT: &[&str] = &["без", "without"];
/// Prepositions that introduce a means of access and nothing else.
const PLAIN: &[&str] = &["through", "via", "через"];
const BETWEEN: &[&str] = &[
    "the",
    "a",
    "an",
    "your",
    "any",
    "network",
    "сеть",
    "сети",
    "любой",
    "свой",
    "ваш",
    "или",
    "or",
    "и",
    "and",
    "либо",
];
const ONLY: &[&str] = &["только", "only", "лишь", "исключительно", "solely", "exclusively"];
const NOT: &[&str] = &["не", "not", "нельзя", "never", "cannot", "don", "no", "нет", "unavailable", "doesn"];
const ACCESS: &[&str] = &[
    "доступ",
    "вход",
    "заход",
    "зайти",
    "зайдите",
    "войти",
    "откры",
    "откро",
    "читайте",
    "читать",
    "смотреть",
    "access",
    "available",
    "reach",
    "open",
    "visit",
    "read",
    "enter",
    "только",
    "only",
];

const MAX_SENTENCES: usize = 200;
const MAX_WORDS: usize = 80;
/// Words between a preposition and what it belongs to.
const MAX_BETWEEN: usize = 6;
/// A sentence with this few words is about nothing else.
const SHORT: usize = 3;
const MAX_TEXT: usize = 300;

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<AdviceKind> {
        find(text, Field::Status).into_iter().map(|advice| advice.kind).collect()
    }

    #[test]
    fn advice_is_recognised() {
        use AdviceKind::{Proxy, Tor, Vpn};
        let cases: &[(&str, &[AdviceKind])] = &[
            ("Only through the Tor browser", &[Tor]),
            ("Рабочие завода (только через Tor браузер)", &[Tor]),
            ("только через тор-браузер!", &[Tor]),
            ("Доступ через Тор", &[Tor]),
            ("Вход через браузер Tor", &[Tor]),
            ("Через Tor", &[Tor]),
            ("Группа открывается в Tor Browser", &[Tor]),
            ("Без Tor группа не открывается", &[Tor]),
            ("Заблокированы в РФ. Заходите через Tor или VPN", &[Tor, Vpn]),
            ("Читайте нас через прокси", &[Proxy]),
            ("Available via proxy only", &[Proxy]),
            ("Access with a VPN", &[Vpn]),
            ("Не открывается? Только через VPN", &[Vpn]),
        ];
        for (text, expected) in cases {
            assert_eq!(kinds(text), *expected, "{text}");
        }
    }

    #[test]
    fn a_mention_is_no_advice() {
        for text in [
            "Тор: Рагнарёк, смотреть онлайн",
            "Торговый дом через дорогу",
            "Thor and Tor, sons of Odin",
            "Обсуждаем Tor Browser и криптографию",
            "Доступ не через Tor",
            "Мы не читаем через VPN",
            "Продаём VPN и прокси",
            "Только для рабочих завода",
            "",
        ] {
            assert_eq!(kinds(text), [], "{text}");
        }
    }
}
