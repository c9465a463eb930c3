//! Notices by which a platform says that it hides something by order of a state.
//!
//! «Сообщество заблокировано на территории Российской Федерации на основании требования Генеральной прокуратуры
//! Российской Федерации от 21.09.2017 № 27-31-2017/Ид4752-17» says where, by whose order, under which number and date.
//! [`find`] takes these out of the words around them. What is not stated stays `None`; what is no notice is `None`:
//! "blocked" alone, without a territory or a known authority, is what people say of each other.

use jiff::civil::Date;

use super::plain::{cut, one_line};
use crate::community::Restriction;

/// The first notice in a text (plain or HTML), as stated by `stated_by`.
pub fn find(text: &str, stated_by: &str) -> Option<Restriction> {
    find_in(&one_line(text, MAX_CHARS), stated_by)
}

fn find_in(text: &str, stated_by: &str) -> Option<Restriction> {
    // Most texts say nothing of the kind: that is seen from how their words begin, before anything is made of them.
    if !text.split(' ').any(may_say_blocked) {
        return None;
    }
    let words = words(text);
    (0..words.len()).find_map(|at| {
        let territory = blocked_at(&words, at)?;
        read(text, &words, at, territory, &sentence(text, &words, at), stated_by)
    })
}

/// Whether a text is a notice and little else: the platform speaking instead of the content, not a person who
/// quotes a notice about another page.
pub fn is_whole(text: &str) -> bool {
    let text = one_line(text, MAX_TEXT + MAX_AROUND + 1);
    let chars = text.chars().count();
    // A notice that begins the text begins with its subject: most texts are told by that alone.
    if chars > MAX_TEXT + MAX_AROUND || !begins_with_subject(&text) {
        return false;
    }
    let Some(restriction) = find_in(&text, "") else { return false };
    let begins_with_it = text.starts_with(&restriction.text);
    let around = chars.saturating_sub(restriction.text.chars().count());
    let of_the_platform = begins_with_subject(&restriction.text);
    let points_elsewhere = ["vk.com/", "vk.ru/", "[club", "[public", "@"].iter().any(|sign| text.contains(sign));
    begins_with_it && of_the_platform && around <= MAX_AROUND && !points_elsewhere
}

/// Whether one of the first two words is what a platform says something of.
fn begins_with_subject(text: &str) -> bool {
    text.split_whitespace().take(2).any(|word| {
        let word = word.to_lowercase();
        SUBJECTS.iter().any(|subject| word.starts_with(subject))
    })
}

/// Where a notice says it holds.
#[derive(Clone, Copy)]
struct Territory {
    jurisdiction: Option<&'static str>,
    /// The first word after it.
    end: usize,
}

/// A word with its place in the text; lower-case, `ё` as `е`, without the punctuation around it.
struct Word {
    low: String,
    start: usize,
    end: usize,
    /// The end of the word with the punctuation that follows it.
    reach: usize,
}

fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut start = 0;
    for piece in text.split(' ') {
        let reach = start + piece.len();
        let body = piece.trim_start_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '№' | '#'));
        let from = reach - body.len();
        let body = body.trim_end_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '№' | '#'));
        if !body.is_empty() {
            words.push(Word {
                low: body.to_lowercase().replace('ё', "е"), start: from, end: from + body.len(), reach
            });
        }
        start = reach + 1;
    }
    words
}

/// Whether a piece of text begins as a word that says "blocked".
fn may_say_blocked(piece: &str) -> bool {
    let word = piece.trim_start_matches(|c: char| !c.is_alphanumeric());
    let low = || word.chars().flat_map(char::to_lowercase).map(|c| if c == 'ё' { 'е' } else { c });
    let Some(first) = low().next() else { return false };
    let begins_as = |stem: &str| low().take(stem.chars().count()).eq(stem.chars());
    STEMS.iter().chain(WORDS).filter(|stem| stem.starts_with(first)).any(|stem| begins_as(stem))
}

/// How words begin that say "blocked".
const STEMS: &[&str] = &["заблокирован", "блокирован", "ограничен", "недоступ"];

/// Words that say it in English.
const WORDS: &[&str] = &["blocked", "restricted", "unavailable"];

/// Whether word `at` says "blocked", and where.
fn blocked_at(words: &[Word], at: usize) -> Option<Territory> {
    let verb = &words.get(at)?.low;
    let says_so = STEMS.iter().any(|stem| verb.starts_with(stem) && verb.chars().count() <= stem.chars().count() + 3);
    if !says_so && !WORDS.contains(&verb.as_str()) {
        return None;
    }
    // «На территории Российской Федерации заблокировано …» says it the other way round.
    let behind = at + 1..words.len().min(at + 1 + NEAR);
    for next in behind.chain(at.saturating_sub(NEAR)..at) {
        let low = words.get(next)?.low.as_str();
        if !(low.starts_with("территори") || matches!(low, "territory" | "in" | "within" | "в")) {
            continue;
        }
        for (stems, code) in COUNTRIES {
            for skip in 1..=3 {
                if let Some(end) = starts_with(words, next + skip, stems) {
                    return Some(Territory { jurisdiction: Some(code), end: end.max(at + 1) });
                }
            }
        }
    }
    Some(Territory { jurisdiction: None, end: at + 1 })
}

fn read(
    text: &str,
    words: &[Word],
    at: usize,
    territory: Territory,
    sentence: &Sentence,
    stated_by: &str,
) -> Option<Restriction> {
    let inside = words.get(..sentence.end_word)?;
    let act = (at + 1..inside.len()).find_map(|i| act_at(inside, i));
    let from = act.map_or(territory.end, |(_, next)| next);
    let authority = authority(text, inside, at, from, act.is_some());
    let known = authority.as_ref().is_some_and(|authority| authority.known);
    // Without a territory only an order makes it a notice: "restricted by Roskomnadzor" may be anybody's complaint.
    if territory.jurisdiction.is_none() && !(known && act.is_some()) {
        return None;
    }
    // A court may be anybody's, an authority of the table is Russian.
    let russian = authority.as_ref().is_some_and(|authority| authority.english.is_some());
    let jurisdiction = territory.jurisdiction.or(russian.then_some("RU"));
    let tail = inside.get(from..).unwrap_or_default();
    let mut restriction = Restriction::new(cut(text.get(sentence.start..sentence.end)?.trim(), MAX_TEXT), stated_by);
    restriction.jurisdiction = jurisdiction.map(str::to_owned);
    restriction.number = number(text, tail);
    restriction.date = date(tail);
    restriction.basis = act.map(|(name, next)| basis(text, inside, name, next)).or_else(|| law(text, inside, at));
    if let Some(authority) = authority {
        restriction.authority = Some(authority.name);
        restriction.authority_en = authority.english.map(str::to_owned);
    }
    Some(restriction)
}

/// The kind of act that word `at` names, in the nominative, and the word after it.
fn act_at(words: &[Word], at: usize) -> Option<(&'static str, usize)> {
    let low = words.get(at)?.low.as_str();
    ACTS.iter().find(|(stem, _)| low.starts_with(stem)).map(|(_, name)| (*name, at + 1))
}

/// The kind of act with whatever stands between it and its date or number, as stated.
fn basis(text: &str, words: &[Word], name: &str, next: usize) -> String {
    let end = phrase_end(words, text, next);
    let stated = words.get(next).zip(end.checked_sub(1).and_then(|last| words.get(last)));
    match stated.filter(|_| end > next).and_then(|(first, last)| text.get(first.start..last.end)) {
        Some(whose) => format!("{name} {}", cut(whose, MAX_TEXT)),
        None => name.to_owned(),
    }
}

/// «на основании статьи 15.3 Федерального закона …»: what stands instead of an act, as stated.
fn law(text: &str, words: &[Word], from: usize) -> Option<String> {
    let at = (from..words.len()).find(|at| words.get(*at).is_some_and(|word| word.low == "основании"))?;
    let (first, last) = (words.get(at + 1)?, words.get(at + 1..)?.iter().take(MAX_LAW_WORDS).next_back()?);
    text.get(first.start..last.end).map(str::to_owned)
}

/// The first word from `from` on that no longer tells whose act it is.
fn phrase_end(words: &[Word], text: &str, from: usize) -> usize {
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

struct Authority {
    name: String,
    english: Option<&'static str>,
    known: bool,
}

/// Whose act it is. `stated`: an act was named, so that what follows it is an authority even if it is unknown.
fn authority(text: &str, words: &[Word], blocked: usize, from: usize, stated: bool) -> Option<Authority> {
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
fn court_name(text: &str, words: &[Word], from: usize, court: usize, end: usize) -> Option<Authority> {
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

/// The first "№ 27-31-2017/Ид4752-17" among the words, without its sign.
fn number(text: &str, words: &[Word]) -> Option<String> {
    let stated = |word: &Word| text.get(word.start..word.end);
    for (at, word) in words.iter().enumerate() {
        let found = if matches!(word.low.as_str(), "№" | "#" | "n" | "no" | "nо" | "номер" | "number") {
            words.get(at + 1).and_then(stated)
        } else {
            let whole = stated(word)?;
            let glued = whole
                .strip_prefix(['№', '#'])
                .or_else(|| whole.strip_prefix(['N', 'n']).map(|rest| rest.trim_start_matches(['o', 'о', '.'])));
            glued.filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()) || whole.starts_with('№'))
        };
        if let Some(found) = found.filter(|found| found.chars().any(|c| c.is_ascii_digit())) {
            return Some(cut(found, MAX_NUMBER).to_owned());
        }
    }
    None
}

/// The first date among the words: `21.09.2017`, `2017-09-21`, `21 сентября 2017`, `21 September 2017`, `September 21, 2017`.
fn date(words: &[Word]) -> Option<Date> {
    (0..words.len()).find_map(|at| {
        let low = |offset: usize| words.get(at + offset).map_or("", |word| word.low.trim_end_matches('г'));
        dotted(low(0)).or_else(|| dashed(low(0))).or_else(|| match month(low(1)) {
            Some(month) => civil(low(2), month, low(0)),
            None => civil(low(2), month(low(0))?, low(1)),
        })
    })
}

fn dotted(text: &str) -> Option<Date> {
    let mut parts = text.split('.');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let nothing_left = parts.next().is_none_or(str::is_empty);
    civil(year, month.parse().ok()?, day).filter(|_| nothing_left)
}

fn dashed(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    (year.len() == 4 && parts.next().is_none()).then(|| civil(year, month.parse().ok()?, day))?
}

fn civil(year: &str, month: i8, day: &str) -> Option<Date> {
    let day = ["st", "nd", "rd", "th", "-го"].iter().find_map(|ending| day.strip_suffix(ending)).unwrap_or(day);
    let short = year.len() == 2;
    if !(short || year.len() == 4) {
        return None;
    }
    let year: i16 = year.parse().ok()?;
    Date::new(if short { 2000 + year } else { year }, month, day.parse().ok()?).ok()
}

fn month(low: &str) -> Option<i8> {
    let at = MONTHS
        .iter()
        .position(|stems| stems.iter().any(|stem| low.starts_with(stem)) && low.chars().all(char::is_alphabetic))?;
    i8::try_from(at + 1).ok()
}

/// From the subject of "blocked" (or the beginning of its sentence) to the end of the sentence.
struct Sentence {
    start: usize,
    end: usize,
    /// The first word after it.
    end_word: usize,
}

fn sentence(text: &str, words: &[Word], at: usize) -> Sentence {
    let ends = |index: usize| {
        let Some(word) = words.get(index) else {
            return true;
        };
        let after = text.get(word.end..word.reach).unwrap_or_default();
        let abbreviation = word.low.chars().count() <= 3 && word.low.chars().all(char::is_alphabetic);
        let goes_on = words
            .get(index + 1)
            .and_then(|next| text.get(next.start..)?.chars().next())
            .is_some_and(|c| c.is_lowercase() || c == '№');
        after.contains(['.', '!', '?']) && !goes_on && !(abbreviation && after.starts_with('.'))
    };
    let mut first = at;
    for index in (at.saturating_sub(MAX_SUBJECT_WORDS)..at).rev() {
        if ends(index) {
            break;
        }
        first = index;
    }
    let subject = (first..at).find(|index| {
        words.get(*index).is_some_and(|word| SUBJECTS.iter().any(|subject| word.low.starts_with(subject)))
    });
    if let Some(subject) = subject {
        let this = subject.checked_sub(1).and_then(|before| words.get(before));
        let this = this.is_some_and(|word| ["данн", "эт", "this", "the"].iter().any(|stem| word.low.starts_with(stem)));
        first = if this && subject > first { subject - 1 } else { subject };
    }
    let last = (at..words.len())
        .take(MAX_WORDS)
        .find(|index| ends(*index))
        .unwrap_or_else(|| words.len().min(at + MAX_WORDS) - 1);
    Sentence {
        start: words.get(first).map_or(0, |word| word.start),
        end: words.get(last).map_or(text.len(), |word| if ends(last) { word.reach } else { word.end }),
        end_word: last + 1,
    }
}

/// Whether the words from `at` on begin with these stems; the first word after them.
fn starts_with(words: &[Word], at: usize, stems: &[&str]) -> Option<usize> {
    let end = at.checked_add(stems.len())?;
    let slice = words.get(at..end)?;
    slice.iter().zip(stems).all(|(word, stem)| word.low.starts_with(stem)).then_some(end)
}

/// More than any notice with what stands around it.
const MAX_CHARS: usize = 20_000;
const MAX_TEXT: usize = 1_000;
const MAX_NUMBER: usize = 80;
/// Words of a notice after "blocked".
const MAX_WORDS: usize = 80;
/// Words between the beginning of a notice and "blocked".
const MAX_SUBJECT_WORDS: usize = 12;
/// Words of the name of an authority.
const MAX_AUTHORITY_WORDS: usize = 16;
/// Words of the law that is named instead of an act.
const MAX_LAW_WORDS: usize = 12;
/// Words between "blocked" and the territory.
const NEAR: usize = 8;
/// Characters beside a notice that speaks instead of the content.
const MAX_AROUND: usize = 160;

/// What a notice speaks of.
const SUBJECTS: &[&str] = &[
    "сообществ",
    "материал",
    "страниц",
    "групп",
    "контент",
    "запис",
    "публикац",
    "доступ",
    "мероприяти",
    "встреч",
    "видео",
    "аудио",
    "community",
    "material",
    "page",
    "group",
    "content",
    "access",
    "post",
    "event",
];

const COUNTRIES: &[(&[&str], &str)] = &[
    (&["российск", "федерац"], "RU"),
    (&["рф"], "RU"),
    (&["росси"], "RU"),
    (&["russian", "federation"], "RU"),
    (&["russia"], "RU"),
    (&["украин"], "UA"),
    (&["ukrain"], "UA"),
    (&["казахстан"], "KZ"),
    (&["kazakhstan"], "KZ"),
    (&["беларус"], "BY"),
    (&["belarus"], "BY"),
    (&["узбекистан"], "UZ"),
    (&["uzbekistan"], "UZ"),
];

/// Acts on which a block rests, by stem, in the nominative.
const ACTS: &[(&str, &str)] = &[
    ("требовани", "требование"),
    ("решени", "решение"),
    ("определени", "определение"),
    ("постановлени", "постановление"),
    ("предписани", "предписание"),
    ("уведомлени", "уведомление"),
    ("распоряжени", "распоряжение"),
    ("приказ", "приказ"),
    ("запрос", "запрос"),
    ("обращени", "обращение"),
    ("заявлени", "заявление"),
    ("demand", "demand"),
    ("request", "request"),
    ("requirement", "requirement"),
    ("order", "order"),
    ("decision", "decision"),
    ("ruling", "ruling"),
];

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

const PROSECUTOR: &str = "Генеральная прокуратура Российской Федерации";
const PROSECUTOR_EN: &str = "Prosecutor General's Office of the Russian Federation";

const MONTHS: [&[&str]; 12] = [
    &["январ", "jan"],
    &["феврал", "feb"],
    &["март", "mar"],
    &["апрел", "apr"],
    &["мая", "май", "may"],
    &["июн", "jun"],
    &["июл", "jul"],
    &["август", "aug"],
    &["сентябр", "sep"],
    &["октябр", "oct"],
    &["ноябр", "nov"],
    &["декабр", "dec"],
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    struct Case {
        text: &'static str,
        jurisdiction: Option<&'static str>,
        authority: Option<&'static str>,
        number: Option<&'static str>,
        date: Option<Date>,
        basis: Option<&'static str>,
    }

    const PLANT: &str = "Сообщество заблокировано на территории Российской Федерации на основании требования Генеральной прокуратуры Российской Федерации от 21.09.2017 № 27-31-2017/Ид4752-17";

    fn cases() -> Vec<Case> {
        let gp = Some(PROSECUTOR);
        let basis = Some("требование Генеральной прокуратуры Российской Федерации");
        let of = |text, authority, number, date, basis| Case {
            text,
            jurisdiction: Some("RU"),
            authority,
            number,
            date,
            basis,
        };
        vec![
            of(PLANT, gp, Some("27-31-2017/Ид4752-17"), Some(date(2017, 9, 21)), basis),
            of(
                "Данный материал заблокирован на&nbsp;территории РФ<br>по требованию Генеральной прокуратуры Российской Федерации от&nbsp;11 ноября 2016 г. N&nbsp;27-31-2016/Ид5110-16.",
                gp,
                Some("27-31-2016/Ид5110-16"),
                Some(date(2016, 11, 11)),
                basis,
            ),
            of(
                "Страница заблокирована на территории Российской Федерации на основании решения Роскомнадзора от «1» марта 2022 года, №77-пр",
                Some("Роскомнадзор"),
                Some("77-пр"),
                Some(date(2022, 3, 1)),
                Some("решение Роскомнадзора"),
            ),
            of(
                "Материалы заблокированы на территории Российской Федерации на основании решения Федеральной налоговой службы № 2-6-27/2016-08-30-12-АИ от 30.08.2016 г.",
                Some("Федеральная налоговая служба"),
                Some("2-6-27/2016-08-30-12-АИ"),
                Some(date(2016, 8, 30)),
                Some("решение Федеральной налоговой службы"),
            ),
            of(
                "Сообщество заблокировано на территории Российской Федерации на основании решения Ленинского районного суда г. Барнаула от 5.2.2018 по делу No 2-123/2018",
                Some("Ленинский районный суд г. Барнаула"),
                Some("2-123/2018"),
                Some(date(2018, 2, 5)),
                Some("решение Ленинского районного суда г. Барнаула"),
            ),
            of(
                "Сообщество заблокировано на территории РФ по решению суда.",
                Some("Суд"),
                None,
                None,
                Some("решение суда"),
            ),
            of("Сообщество заблокировано на территории Российской Федерации.", None, None, None, None),
            of(
                "Данный материал заблокирован по требованию Роскомнадзора",
                Some("Роскомнадзор"),
                None,
                None,
                Some("требование Роскомнадзора"),
            ),
            of(
                "This material is blocked in the territory of the Russian Federation pursuant to the demand of the Office of the Prosecutor General of the Russian Federation dated 21.09.2017 No. 27-31-2017/Id4752-17",
                gp,
                Some("27-31-2017/Id4752-17"),
                Some(date(2017, 9, 21)),
                Some("demand of the Office of the Prosecutor General of the Russian Federation"),
            ),
            of(
                "Access to this page has been restricted in Russia at the request of Roskomnadzor of September 21, 2017",
                Some("Роскомнадзор"),
                None,
                Some(date(2017, 9, 21)),
                Some("request of Roskomnadzor"),
            ),
            of(
                "На территории Российской Федерации заблокирован доступ к сообществу по решению Генпрокуратуры РФ № 7-1 от 21.09.2017г.",
                gp,
                Some("7-1"),
                Some(date(2017, 9, 21)),
                Some("решение Генпрокуратуры РФ"),
            ),
            of(
                "Контент недоступен на территории РФ на основании статьи 15.3 Федерального закона № 149-ФЗ",
                None,
                Some("149-ФЗ"),
                None,
                Some("статьи 15.3 Федерального закона № 149-ФЗ"),
            ),
            of(
                "This community is blocked in the territory of the Russian Federation pursuant to the Prosecutor General's Office request of 21.09.2017 No. 27-31-2017/Id4752-17.",
                gp,
                Some("27-31-2017/Id4752-17"),
                Some(date(2017, 9, 21)),
                Some("request"),
            ),
            Case {
                text: "Данный материал заблокирован на основании решения суда от 2 мая 2015 года",
                jurisdiction: None,
                authority: Some("Суд"),
                number: None,
                date: Some(date(2015, 5, 2)),
                basis: Some("решение суда"),
            },
            Case {
                text: "Сообщество заблокировано на территории Украины",
                jurisdiction: Some("UA"),
                authority: None,
                number: None,
                date: None,
                basis: None,
            },
        ]
    }

    #[test]
    fn a_notice_says_where_by_whose_order_and_when() {
        for case in cases() {
            let restriction = find(case.text, "VK").unwrap_or_else(|| panic!("no notice in: {}", case.text));
            assert_eq!(restriction.jurisdiction.as_deref(), case.jurisdiction, "{}", case.text);
            assert_eq!(restriction.authority.as_deref(), case.authority, "{}", case.text);
            assert_eq!(restriction.number.as_deref(), case.number, "{}", case.text);
            assert_eq!(restriction.date, case.date, "{}", case.text);
            assert_eq!(restriction.basis.as_deref(), case.basis, "{}", case.text);
            assert_eq!(restriction.stated_by, "VK");
        }
    }

    #[test]
    fn the_text_of_a_notice_is_kept_without_its_surroundings() {
        let around = format!("<div>Ошибка 19.</div> <b>{PLANT}</b>. Подробнее в разделе помощи.");
        let restriction = find(&around, "VK").unwrap();
        assert_eq!(restriction.text, format!("{PLANT}."));
        assert_eq!(restriction.authority_en.as_deref(), Some(PROSECUTOR_EN));
        assert_eq!(find(PLANT, "VK").unwrap().text, PLANT);
    }

    #[test]
    fn what_is_no_notice_is_none() {
        for text in [
            "",
            "Мой аккаунт заблокирован по решению администрации",
            "Заблокирован участник за спам",
            "На территории Российской Федерации идёт снег",
            "Завод заблокирован снегом",
            "Meta признана экстремистской и запрещена на территории РФ",
            "The road is blocked in the morning",
            "Страница удалена либо ещё не создана.",
        ] {
            assert_eq!(find(text, "VK"), None, "{text}");
        }
    }

    #[test]
    fn the_platform_speaking_is_told_from_somebody_who_quotes_it() {
        assert!(is_whole(PLANT));
        assert!(is_whole("Данный материал заблокирован на территории РФ на основании решения суда."));
        assert!(!is_whole(&format!("Нашу старую группу закрыли. {PLANT}. Мы здесь.")));
        assert!(!is_whole("Наша старая группа заблокирована на территории РФ по требованию Генеральной прокуратуры"));
        assert!(!is_whole(&format!("{PLANT}. {}", "Мы пишем о заводе. ".repeat(20))));
        assert!(!is_whole(&format!("{PLANT}. Новая группа: vk.com/zavod2")));
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "(\\PC|заблокирован|на территории|Российской Федерации|требования|суда|от|№|21.09.2017| |<br>|\\.){0,40}") {
            let _ = (find(&text, "VK"), is_whole(&text));
        }

        #[test]
        fn every_number_and_date_is_read_back(number in "[0-9]{1,3}(-[0-9]{1,3}){0,2}/[А-Я]{0,2}[0-9]{1,5}", day in 1i8..=28, month in 1i8..=12, year in 2012i16..2040) {
            let text = format!("Сообщество заблокировано на территории РФ по требованию Роскомнадзора от {day:02}.{month:02}.{year} № {number}.");
            let restriction = find(&text, "VK").unwrap();
            prop_assert_eq!(restriction.number, Some(number));
            prop_assert_eq!(restriction.date, Some(date(year, month, day)));
        }
    }
}
