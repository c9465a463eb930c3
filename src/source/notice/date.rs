//! The date of an act, as a notice writes it.

use jiff::civil::Date;

use super::words::NoticeWord;

/// The first date among the words: `21.09.2017`, `2017-09-21`, `21 сентября 2017`, `21 September 2017`, `September 21, 2017`.
pub(super) fn date(words: &[NoticeWord]) -> Option<Date> {
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

pub(super) fn month(low: &str) -> Option<i8> {
    let at = MONTHS
        .iter()
        .position(|stems| stems.iter().any(|stem| low.starts_with(stem)) && low.chars().all(char::is_alphabetic))?;
    i8::try_from(at + 1).ok()
}

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
