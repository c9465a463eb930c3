//! The kind of act that a block is based on.

use super::words::NoticeWord;

/// The kind of act that word `at` names, in the nominative, and the index of the word after it.
pub(super) fn act_at(words: &[NoticeWord], at: usize) -> Option<(&'static str, usize)> {
    let low = words.get(at)?.low.as_str();
    ACTS.iter().find(|(stem, _)| low.starts_with(stem)).map(|(_, name)| (*name, at + 1))
}

/// Acts that a block is based on, by stem, in the nominative.
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
