//! Notices in which a platform says that it hides something by order of a state.
//!
//! «Сообщество заблокировано на территории Российской Федерации на основании требования Генеральной прокуратуры
//! Российской Федерации от 21.09.2017 № 27-31-2017/Ид4752-17» says where, by whose order, under which number and date.
//! [`find`] extracts these from the words around them. What is not stated stays `None`. "Blocked" alone, without a
//! territory or a known authority, is not a notice: people say it about each other.

mod act;
mod authority;
mod blocked;
mod date;
mod limits;
mod sentence;
mod words;

use act::act_at;
use authority::{authority, phrase_end};
use blocked::{Territory, blocked_at, may_say_blocked};
use date::date;
use limits::MAX_TEXT;
use sentence::{Sentence, begins_with_subject, sentence};
use words::{NoticeWord, words};

use super::plain::{cut, one_line};
use crate::community::Restriction;
use crate::reach::Statement;

/// The first notice in a text (plain or HTML), attributed to `stated_by`.
pub fn find(text: &str, stated_by: &str) -> Option<Restriction> {
    find_in(&one_line(text, MAX_CHARS), stated_by)
}

/// A platform's statement as a restriction. A statement without a notice also becomes one.
pub(crate) fn restriction(statement: &Statement, platform: &str) -> Restriction {
    let text = statement.text.as_deref().unwrap_or_default();
    find(text, platform).unwrap_or_else(|| {
        let mut restriction = Restriction::new(if text.is_empty() { "content blocked" } else { text }, platform);
        restriction.authority.clone_from(&statement.authority);
        restriction
    })
}

fn find_in(text: &str, stated_by: &str) -> Option<Restriction> {
    // Most texts contain no notice. The beginnings of their words show that before anything is allocated.
    if !text.split(' ').any(may_say_blocked) {
        return None;
    }
    let words = words(text);
    (0..words.len()).find_map(|at| {
        let territory = blocked_at(&words, at)?;
        read(text, &words, at, territory, &sentence(text, &words, at), stated_by)
    })
}

/// Whether a text is a notice and little else: the platform speaks instead of the content, and not a person who quotes
/// a notice about another page.
pub fn is_whole(text: &str) -> bool {
    let text = one_line(text, MAX_TEXT + MAX_AROUND + 1);
    let chars = text.chars().count();
    // A notice that begins the text begins with its subject. This check alone excludes most texts.
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

fn read(
    text: &str,
    words: &[NoticeWord],
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
    // Without a territory, only an order makes it a notice: "restricted by Roskomnadzor" may be anyone's complaint.
    if territory.jurisdiction.is_none() && !(known && act.is_some()) {
        return None;
    }
    // A court may be of any country; the authorities in the table are Russian.
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

/// The kind of act with the words between it and its date or number, as stated.
fn basis(text: &str, words: &[NoticeWord], name: &str, next: usize) -> String {
    let end = phrase_end(words, text, next);
    let stated = words.get(next).zip(end.checked_sub(1).and_then(|last| words.get(last)));
    match stated.filter(|_| end > next).and_then(|(first, last)| text.get(first.start..last.end)) {
        Some(whose) => format!("{name} {}", cut(whose, MAX_TEXT)),
        None => name.to_owned(),
    }
}

/// «на основании статьи 15.3 Федерального закона …»: the law that is stated instead of an act.
fn law(text: &str, words: &[NoticeWord], from: usize) -> Option<String> {
    let at = (from..words.len()).find(|at| words.get(*at).is_some_and(|word| word.low == "основании"))?;
    let (first, last) = (words.get(at + 1)?, words.get(at + 1..)?.iter().take(MAX_LAW_WORDS).next_back()?);
    text.get(first.start..last.end).map(str::to_owned)
}

/// The first "№ 27-31-2017/Ид4752-17" among the words, without its sign.
fn number(text: &str, words: &[NoticeWord]) -> Option<String> {
    let stated = |word: &NoticeWord| text.get(word.start..word.end);
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

/// More than any notice with the text around it.
const MAX_CHARS: usize = 20_000;
const MAX_NUMBER: usize = 80;
/// The most words of a law that is named instead of an act.
const MAX_LAW_WORDS: usize = 12;
/// The most characters in addition to a notice that replaces the content.
const MAX_AROUND: usize = 160;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use jiff::civil::{Date, date};
    use proptest::prelude::*;

    use super::authority::{PROSECUTOR, PROSECUTOR_EN};
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
