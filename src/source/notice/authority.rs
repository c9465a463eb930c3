//! The authority whose order a notice names.

use super::date::{date, month};
use super::limits::MAX_TEXT;
use super::words::{NoticeWord, starts_with};
use crate::source::plain::cut;

pub(super) struct Authority {
    pub(super) name: String,
    pub(super) english: Option<&'static str>,
    pub(super) known: bool,
}

/// The authority behind the act. `stated`: an act was named, so that what follows it is an authority even if it is
/// unknown.
pub(super) fn authority(
    text: &str,
    words: &[NoticeWord],
    blocked: usize,
    from: usize,
    stated: bool,
) -> Option<Authority> {
    let end = phrase_end(words, text, from);
    let court = |at: &usize| words.get(*at).is_some_and(|word| matches!(word.low.as_str(), "суда" | "судом" | "суду"));
    if let Some(court) = (from..end).find(court).filter(|_| stated) {
        return court_name(text, words, from, court, end);
    }
    // "the demand of the Prosecutor General" before "the Prosecutor General's demand".
    for at in (from..words.len()).chain(blocked..from) {
        for (stems, name, english) in AUTHORITIES {
            if starts_with(words, at, stems).is_some() {
                return Some(Authority { name: (*name).to_owned(), english: Some(english), known: true });
            }
        }
    }
    let mut from = from;
    while words.get(from).is_some_and(|word| matches!(word.low.as_str(), "of" | "the")) {
        from += 1;
    }
    let phrase = words.get(from..end).filter(|_| stated)?;
    let name = text.get(phrase.first()?.start..phrase.last()?.end)?;
    let known = phrase.iter().any(|word| word.low == "court");
    Some(Authority { name: cut(name, MAX_TEXT).to_owned(), english: None, known })
}

/// «Ленинского районного суда г. Барнаула» in the nominative: the words before «суда» and the noun itself change.
fn court_name(text: &str, words: &[NoticeWord], from: usize, court: usize, end: usize) -> Option<Authority> {
    let mut name = Vec::new();
    for word in words.get(from..court)? {
        let stated = text.get(word.start..word.end)?;
        let nominative = [("ского", "ский"), ("цкого", "цкий"), ("его", "ий"), ("ого", "ый")]
            .iter()
            .find_map(|(genitive, nominative)| stated.strip_suffix(genitive).map(|stem| format!("{stem}{nominative}")));
        name.push(nominative.unwrap_or_else(|| stated.to_owned()));
    }
    let noun = text.get(words.get(court)?.start..words.get(court)?.end)?;
    name.push(if noun.starts_with('С') { "Суд" } else { "суд" }.to_owned());
    if court + 1 < end {
        name.push(text.get(words.get(court + 1)?.start..words.get(end - 1)?.end)?.to_owned());
    }
    let mut name = name.join(" ");
    if name == "суд" {
        name = "Суд".to_owned();
    }
    Some(Authority { name: cut(&name, MAX_TEXT).to_owned(), english: None, known: true })
}

/// The first word from `from` on that no longer belongs to the authority.
pub(super) fn phrase_end(words: &[NoticeWord], text: &str, from: usize) -> usize {
    let mut at = from;
    while let Some(word) = words.get(at) {
        let next = words.get(at + 1).map_or("", |next| next.low.as_str());
        // «по надзору в сфере связи» belongs to a name, «по делу» and «в связи с» do not.
        let of_a_name = matches!(
            (word.low.as_str(), next),
            ("по", "надзору" | "контролю" | "делам" | "вопросам" | "регулированию") | ("в", "сфере" | "области")
        );
        let starts_detail =
            matches!(word.low.as_str(), "от" | "dated" | "n" | "no" | "nо" | "номер" | "number" | "по" | "в" | "за")
                && !of_a_name
                || word.low.starts_with(['№', '#'])
                || date(std::slice::from_ref(word)).is_some()
                || (word.low == "of" && (next.starts_with(|c: char| c.is_ascii_digit()) || month(next).is_some()));
        if starts_detail || at - from >= MAX_AUTHORITY_WORDS {
            break;
        }
        at += 1;
        // A comma, a bracket or a full stop ends it too; the point of "г." (city) does not.
        let after = text.get(word.end..word.reach).unwrap_or_default();
        let abbreviation = after == "." && word.low.chars().count() <= 3;
        if !after.trim_matches(['"', '»', '“', '”']).is_empty() && !abbreviation {
            break;
        }
    }
    at
}

/// Authorities by the stems of their names: in the nominative, and in English.
const AUTHORITIES: &[(&[&str], &str, &str)] = &[
    (&["генеральн", "прокур"], PROSECUTOR, PROSECUTOR_EN),
    (&["генпрокур"], PROSECUTOR, PROSECUTOR_EN),
    (&["prosecutor", "general"], PROSECUTOR, PROSECUTOR_EN),
    (&["general", "prosecutor"], PROSECUTOR, PROSECUTOR_EN),
    (&["мосгорсуд"], "Мосгорсуд", "Moscow City Court"),
    (&["роскомнадзор"], "Роскомнадзор", "Roskomnadzor"),
    (&["roskomnadzor"], "Роскомнадзор", "Roskomnadzor"),
    (&["федеральн", "служб", "по", "надзору", "в", "сфере", "связи"], "Роскомнадзор", "Roskomnadzor"),
    (&["федеральн", "налогов", "служб"], "Федеральная налоговая служба", "Federal Tax Service"),
    (&["фнс"], "Федеральная налоговая служба", "Federal Tax Service"),
    (&["federal", "tax", "service"], "Федеральная налоговая служба", "Federal Tax Service"),
    (&["роспотребнадзор"], "Роспотребнадзор", "Rospotrebnadzor"),
    (&["росздравнадзор"], "Росздравнадзор", "Roszdravnadzor"),
    (&["росмолодеж"], "Росмолодёжь", "Rosmolodezh"),
    (&["росалкоголь"], "Росалкогольрегулирование", "Rosalkogolregulirovanie"),
    (&["министерств", "внутренних", "дел"], "Министерство внутренних дел", "Ministry of Internal Affairs"),
    (&["мвд"], "Министерство внутренних дел", "Ministry of Internal Affairs"),
    (&["министерств", "юстиции"], "Министерство юстиции", "Ministry of Justice"),
    (&["минюст"], "Министерство юстиции", "Ministry of Justice"),
    (&["министерств", "цифрового", "развития"], "Министерство цифрового развития", "Ministry of Digital Development"),
    (&["минцифр"], "Министерство цифрового развития", "Ministry of Digital Development"),
    (&["федеральн", "служб", "безопасности"], "Федеральная служба безопасности", "Federal Security Service"),
    (&["фсб"], "Федеральная служба безопасности", "Federal Security Service"),
];

pub(super) const PROSECUTOR: &str = "Генеральная прокуратура Российской Федерации";

pub(super) const PROSECUTOR_EN: &str = "Prosecutor General's Office of the Russian Federation";

/// Words of the name of an authority.
const MAX_AUTHORITY_WORDS: usize = 16;
