//! A calendar as it is written: its entries, and the zones that it describes. It is read line by line, within limits.

use super::lines::{self, Property};
use super::value::{self, MAX_DATES};
use super::zone::Observance;
use crate::community::EntryVersion;
use crate::source::html;
use crate::source::plain::squeeze;

/// A calendar, which borrows from its text.
#[derive(Clone, Debug, Default)]
pub(in crate::source::web) struct Calendar<'t> {
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    /// The zones of times without a zone of their own. A file of several calendars may state several.
    pub(super) own_zones: Vec<String>,
    pub(super) zones: Vec<(String, Vec<Observance>)>,
    pub(super) entries: Vec<Entry<'t>>,
    /// The number of properties of all entries.
    size: usize,
    /// The length of its text.
    pub(super) length: usize,
    /// There are more than the limit.
    pub(super) cut: bool,
    /// The text ends before its calendar does.
    pub(super) breaks_off: bool,
    /// Entries of which not even the id is known, because they end before their `END` line, and entries that are not the organiser's word.
    pub(super) torn: usize,
    /// The first entry of the calendar that is open, and what its method makes of its entries.
    object: (usize, Method),
    /// The zone that is open is one too many.
    skips_zone: bool,
}

/// What the method of a calendar makes of its entries (RFC 5546 section 1.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Method {
    /// They are the organiser's word: there is no method, or it is `PUBLISH`, `REQUEST` or `ADD`.
    #[default]
    Announces,
    /// The organiser calls them off.
    CallsOff,
    /// They are somebody else's word (`REPLY`, `COUNTER`), or nobody knows whose.
    SaysNothing,
}

/// A `VEVENT`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Entry<'t> {
    pub(super) properties: Vec<Property<'t>>,
    /// Its calendar calls off all that it lists (`METHOD:CANCEL`, RFC 5546 section 3.2.5).
    is_called_off: bool,
    /// It has more properties than are kept. One of the others may be a day on which the gathering is not held.
    pub(super) is_torn: bool,
    /// Its end, or that of a component in it, is not there: any of its properties may be missing.
    pub(super) has_no_end: bool,
    /// How many of each property of [`KEPT`] it has.
    counts: [u16; KEPT.len()],
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
                // Neither lies in another component: the one before it has no end.
                if matches!(name.as_str(), "VEVENT" | "VCALENDAR") {
                    let outer = usize::from(name == "VEVENT" && !open.is_empty());
                    calendar.close(open.drain(outer..).rev(), false);
                }
                match name.as_str() {
                    "VCALENDAR" => calendar.object = (calendar.entries.len(), Method::default()),
                    "VEVENT" => {
                        if calendar.entries.len() >= MAX_ENTRIES {
                            calendar.cut = true;
                            open.clear();
                            calendar.end_object();
                            break;
                        }
                        calendar.entries.push(Entry::default());
                    }
                    "VTIMEZONE" => {
                        calendar.skips_zone = calendar.zones.len() >= MAX_ZONES;
                        if !calendar.skips_zone {
                            calendar.zones.push(Default::default());
                        }
                    }
                    "STANDARD" | "DAYLIGHT" => {
                        if let Some(observances) = calendar.observances() {
                            // What comes after the most is a further, unreadable part of the last one.
                            if observances.len() < MAX_OBSERVANCES {
                                observances.push(Observance::default());
                            } else if let Some(last) = observances.last_mut() {
                                last.is_torn = true;
                            }
                        }
                    }
                    _ => {}
                }
                open.push(name);
            }
            "END" => {
                let name = property.value.trim().to_ascii_uppercase();
                // An `END` of nothing that is open ends nothing.
                if let Some(at) = open.iter().rposition(|open| *open == name) {
                    // What follows the inner component was taken for a part of it.
                    if name == "VEVENT" && open.len() > at + 1 {
                        calendar.tear();
                    }
                    calendar.close(open.drain(at + 1..).rev(), false);
                    calendar.close(open.drain(at..), true);
                }
            }
            _ => calendar.take(open.last().map(String::as_str).unwrap_or_default(), property),
        }
    }
    calendar.close(open.drain(..).rev(), false);
    is_calendar.then_some(calendar)
}

impl<'t> Calendar<'t> {
    /// Closes components, the innermost first. `has_end`: their `END` lines are there.
    fn close(&mut self, components: impl Iterator<Item = String>, has_end: bool) {
        for component in components {
            match component.as_str() {
                "VEVENT" if has_end => {
                    if let Some(entry) = self.entries.last_mut() {
                        entry.properties.shrink_to_fit();
                    }
                }
                "VEVENT" => self.tear(),
                "VCALENDAR" => {
                    self.breaks_off |= !has_end;
                    self.end_object();
                }
                _ => {}
            }
        }
    }

    /// The last entry is not read whole: what is missing may call it off. Its id is kept, because nothing of that id is shown then.
    fn tear(&mut self) {
        match self.entries.last_mut() {
            Some(entry) if matches!(entry.uid(), Uid::Given(_)) => entry.has_no_end = true,
            _ => {
                self.entries.pop();
                self.torn += 1;
            }
        }
    }

    /// The method of a calendar counts for all its entries, wherever it stands.
    fn end_object(&mut self) {
        let (first, method) = self.object;
        match method {
            Method::Announces => {}
            Method::CallsOff => self.entries.iter_mut().skip(first).for_each(|entry| entry.is_called_off = true),
            Method::SaysNothing => {
                self.torn += self.entries.len().saturating_sub(first);
                self.entries.truncate(first);
            }
        }
        self.object = (self.entries.len(), Method::default());
    }

    /// Those of the zone that is open.
    fn observances(&mut self) -> Option<&mut Vec<Observance>> {
        self.zones.last_mut().filter(|_| !self.skips_zone).map(|(_, observances)| observances)
    }

    fn take(&mut self, component: &str, property: Property<'t>) {
        match component {
            "VCALENDAR" => match &*property.name {
                "X-WR-CALNAME" | "NAME" => self.name = line(&property.text()).or(self.name.take()),
                "X-WR-CALDESC" | "DESCRIPTION" => {
                    self.description =
                        Some(html::plain(&property.text(), MAX_TEXT).text).filter(|text| !text.is_empty());
                }
                "X-WR-TIMEZONE" => {
                    let zone = property.value.into_owned();
                    if !self.own_zones.contains(&zone) && self.own_zones.len() < MAX_ZONES {
                        self.own_zones.push(zone);
                    }
                }
                "METHOD" => self.object.1 = self.object.1.and(&property.value),
                _ => {}
            },
            "VEVENT" => {
                if let Some(entry) = self.entries.last_mut()
                    && let Some(kind) = KEPT.iter().position(|kept| *kept == property.name)
                {
                    if !entry.has_room(kind, self.size < MAX_SIZE) {
                        entry.is_torn = true;
                        return;
                    }
                    self.size += 1;
                    entry.properties.push(property);
                }
            }
            "VTIMEZONE" if property.name == "TZID" => {
                if let Some((name, _)) = self.zones.last_mut().filter(|_| !self.skips_zone) {
                    *name = property.value.into_owned();
                }
            }
            "STANDARD" | "DAYLIGHT" => {
                if let Some(observance) = self.observances().and_then(|observances| observances.last_mut()) {
                    observance.take(&property);
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

    /// The calendar's id for the entry, or else its start and summary.
    pub(super) fn uid(&self) -> Uid<'_> {
        let part = |name: &str| self.get(name).map(|property| &*property.value).unwrap_or_default();
        match part("UID").trim() {
            "" => Uid::Made(part("DTSTART"), part("SUMMARY")),
            uid => Uid::Given(uid),
        }
    }

    pub(super) fn version(&self) -> EntryVersion {
        let time = |name: &str| self.get(name).and_then(|time| value::date_time(&time.value)).map(|when| when.at);
        let sequence = self.get("SEQUENCE").and_then(|sequence| sequence.value.trim().parse().ok());
        EntryVersion {
            sequence: sequence.unwrap_or_default(),
            modified: time("LAST-MODIFIED"),
            stamped: time("DTSTAMP"),
        }
    }

    /// Whether a field calls it off. Words never do. Of several that contradict each other, the one that calls off counts.
    pub(super) fn is_cancelled(&self) -> bool {
        let calls_off = |status: &str| CANCELLED.iter().any(|cancelled| status.eq_ignore_ascii_case(cancelled));
        self.is_called_off || self.all("STATUS").any(|status| calls_off(status.value.trim()))
    }

    /// Whether a field says that it is not certain, or is a word that is not known.
    pub(super) fn is_uncertain(&self) -> bool {
        let confirms = |status: &str| status.is_empty() || status.eq_ignore_ascii_case("CONFIRMED");
        !self.is_cancelled() && self.all("STATUS").any(|status| !confirms(status.value.trim()))
    }

    /// Whether a status is a word that the specification does not have for an event.
    pub(super) fn has_odd_status(&self) -> bool {
        self.is_uncertain() && !self.all("STATUS").any(|status| status.value.trim().eq_ignore_ascii_case("TENTATIVE"))
    }

    /// Whether one more property of this kind is kept, and counts it. `all_have`: there is room for those of all entries together.
    fn has_room(&mut self, kind: usize, all_have: bool) -> bool {
        let Some(name) = KEPT.get(kind) else { return false };
        let dates: usize =
            KEPT.iter().zip(self.counts).filter(|(name, _)| DATES.contains(name)).map(|(_, n)| usize::from(n)).sum();
        let Some(count) = self.counts.get_mut(kind) else { return false };
        let has_room = if DATES.contains(name) {
            // Lines of dates have a limit of their own: some programs write one for each day.
            all_have && usize::from(*count) < MAX_DATES
        } else if DECISIVE.contains(name) {
            // What says which form of which gathering this is, and whether it is held.
            *count < MAX_DECISIVE
        } else {
            all_have && self.properties.len().saturating_sub(dates) < MAX_PROPERTIES
        };
        *count += u16::from(has_room);
        has_room
    }
}

impl Method {
    /// Several of one calendar must agree.
    fn and(self, value: &str) -> Self {
        let value = value.trim().to_ascii_uppercase();
        match (self, value.as_str()) {
            (Method::Announces, "PUBLISH" | "REQUEST" | "ADD") => Method::Announces,
            (Method::Announces | Method::CallsOff, "CANCEL") => Method::CallsOff,
            (Method::CallsOff, "PUBLISH" | "REQUEST" | "ADD") => Method::CallsOff,
            _ => Method::SaysNothing,
        }
    }
}

/// A text on one line.
pub(super) fn line(text: &str) -> Option<String> {
    Some(squeeze(&html::plain(text, MAX_LINE).text)).filter(|line| !line.is_empty())
}

/// The properties that are read.
const KEPT: [&str; 19] = [
    "UID",
    "SUMMARY",
    "DESCRIPTION",
    "DTSTART",
    "DTEND",
    "DURATION",
    "RRULE",
    "RDATE",
    "EXDATE",
    "EXRULE",
    "RECURRENCE-ID",
    "STATUS",
    "LOCATION",
    "GEO",
    "URL",
    "ORGANIZER",
    "SEQUENCE",
    "LAST-MODIFIED",
    "DTSTAMP",
];

/// Lists of dates.
const DATES: [&str; 2] = ["RDATE", "EXDATE"];

/// Kept where there is no room for anything else.
const DECISIVE: [&str; 7] = ["UID", "DTSTART", "RECURRENCE-ID", "STATUS", "SEQUENCE", "LAST-MODIFIED", "DTSTAMP"];

/// The word of the specification, and a spelling of it that some programs write.
const CANCELLED: [&str; 2] = ["CANCELLED", "CANCELED"];

const MAX_DEPTH: usize = 16;
const MAX_ENTRIES: usize = 10_000;
const MAX_PROPERTIES: usize = 200;

/// Of each property that is decisive; each is there once in a calendar that follows the specification.
const MAX_DECISIVE: u16 = 4;

/// Properties of all entries: as many as 10,000 full ones have.
const MAX_SIZE: usize = 160_000;
const MAX_ZONES: usize = 64;
const MAX_OBSERVANCES: usize = 64;

pub(super) const MAX_TEXT: usize = 20_000;
const MAX_LINE: usize = 500;
