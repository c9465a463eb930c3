//! A calendar as it is written: its entries, and the zones that it describes. It is read line by line, within limits.

use super::lines::{self, Property};
use super::rule::Rule;
use super::value;
use super::zone::Observance;
use crate::source::html;
use crate::source::plain::squeeze;

/// A calendar, which borrows from its text.
#[derive(Clone, Debug, Default)]
pub(in crate::source::web) struct Calendar<'t> {
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    /// The zone of times without a zone of their own.
    pub(super) zone: Option<String>,
    pub(super) zones: Vec<(String, Vec<Observance>)>,
    pub(super) entries: Vec<Entry<'t>>,
    /// The number of properties of all entries.
    size: usize,
    /// The length of its text.
    pub(super) length: usize,
    /// There are more than the limit.
    pub(super) cut: bool,
}

/// A `VEVENT`.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry<'t> {
    pub(super) properties: Vec<Property<'t>>,
}

/// The id of an entry, as its calendar gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Uid<'e> {
    /// It gives none: the start and the summary.
    Made(&'e str, &'e str),
    Given(&'e str),
}

impl Uid<'_> {
    pub(super) fn text(self) -> String {
        match self {
            Uid::Made(start, summary) => format!("\n{start}\n{summary}"),
            Uid::Given(uid) => uid.to_owned(),
        }
    }
}

/// Reads a calendar; `None`: the text is not a calendar.
pub(in crate::source::web) fn read(text: &str) -> Option<Calendar<'_>> {
    let mut calendar = Calendar { length: text.len(), ..Calendar::default() };
    let mut open: Vec<String> = Vec::new();
    let mut is_calendar = false;
    for property in lines::properties(text) {
        match &*property.name {
            "BEGIN" => {
                let name = property.value.trim().to_ascii_uppercase();
                is_calendar |= name == "VCALENDAR";
                if open.len() >= MAX_DEPTH {
                    return None;
                }
                match name.as_str() {
                    "VEVENT" if open.len() == 1 => {
                        if calendar.entries.len() >= MAX_ENTRIES {
                            calendar.cut = true;
                            break;
                        }
                        calendar.entries.push(Entry::default());
                    }
                    "VTIMEZONE" if calendar.zones.len() < MAX_ZONES => calendar.zones.push(Default::default()),
                    "STANDARD" | "DAYLIGHT" => {
                        if let Some((_, observances)) = calendar.zones.last_mut()
                            && observances.len() < MAX_OBSERVANCES
                        {
                            observances.push(Observance::default());
                        }
                    }
                    _ => {}
                }
                open.push(name);
            }
            "END" => {
                if open.pop().as_deref() == Some("VEVENT")
                    && let Some(entry) = calendar.entries.last_mut()
                {
                    entry.properties.shrink_to_fit();
                }
            }
            _ => calendar.take(open.last().map(String::as_str).unwrap_or_default(), property),
        }
    }
    is_calendar.then_some(calendar)
}

impl<'t> Calendar<'t> {
    fn take(&mut self, component: &str, property: Property<'t>) {
        match component {
            "VCALENDAR" => match &*property.name {
                "X-WR-CALNAME" | "NAME" => self.name = line(&property.text()).or(self.name.take()),
                "X-WR-CALDESC" | "DESCRIPTION" => {
                    self.description =
                        Some(html::plain(&property.text(), MAX_TEXT).text).filter(|text| !text.is_empty());
                }
                "X-WR-TIMEZONE" => self.zone = Some(property.value.into_owned()),
                _ => {}
            },
            "VEVENT" => {
                if let Some(entry) = self.entries.last_mut()
                    && entry.properties.len() < MAX_PROPERTIES
                    && KEPT.contains(&&*property.name)
                {
                    if self.size >= MAX_SIZE {
                        self.cut = true;
                        return;
                    }
                    self.size += 1;
                    entry.properties.push(property);
                }
            }
            "VTIMEZONE" if property.name == "TZID" => {
                if let Some((name, _)) = self.zones.last_mut() {
                    *name = property.value.into_owned();
                }
            }
            "STANDARD" | "DAYLIGHT" => {
                if let Some(observance) = self.zones.last_mut().and_then(|(_, observances)| observances.last_mut()) {
                    let time = || value::date_time(&property.value).map(|when| when.at);
                    match &*property.name {
                        "DTSTART" => observance.start = time(),
                        "TZOFFSETFROM" => observance.from = value::offset(&property.value),
                        "TZOFFSETTO" => observance.to = value::offset(&property.value),
                        "RRULE" => observance.rule = Rule::parse(&property.value),
                        "RDATE" if observance.dates.len() < MAX_DATES => observance.dates.extend(time()),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
}

impl<'t> Entry<'t> {
    pub(super) fn get(&self, name: &str) -> Option<&Property<'t>> {
        self.properties.iter().find(|property| property.name == name)
    }

    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &Property<'t>> {
        self.properties.iter().filter(move |property| property.name == name)
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(Property::text).filter(|text| !text.trim().is_empty())
    }

    /// The calendar's id for the entry, or else its start and summary.
    pub(super) fn uid(&self) -> Uid<'_> {
        let part = |name: &str| self.get(name).map(|property| &*property.value).unwrap_or_default();
        match part("UID").trim() {
            "" => Uid::Made(part("DTSTART"), part("SUMMARY")),
            uid => Uid::Given(uid),
        }
    }

    pub(super) fn sequence(&self) -> u64 {
        self.get("SEQUENCE").and_then(|sequence| sequence.value.trim().parse().ok()).unwrap_or_default()
    }
}

/// A text on one line.
pub(super) fn line(text: &str) -> Option<String> {
    Some(squeeze(&html::plain(text, MAX_LINE).text)).filter(|line| !line.is_empty())
}

/// The properties that are read.
const KEPT: [&str; 16] = [
    "UID",
    "SUMMARY",
    "DESCRIPTION",
    "DTSTART",
    "DTEND",
    "DURATION",
    "RRULE",
    "RDATE",
    "EXDATE",
    "RECURRENCE-ID",
    "STATUS",
    "LOCATION",
    "GEO",
    "URL",
    "ORGANIZER",
    "SEQUENCE",
];

const MAX_DEPTH: usize = 16;
const MAX_ENTRIES: usize = 10_000;
const MAX_PROPERTIES: usize = 200;

/// Properties of all entries: as many as 10,000 full ones have.
const MAX_SIZE: usize = 160_000;
const MAX_ZONES: usize = 64;
const MAX_OBSERVANCES: usize = 64;
pub(super) const MAX_DATES: usize = 1000;

pub(super) const MAX_TEXT: usize = 20_000;
const MAX_LINE: usize = 500;
