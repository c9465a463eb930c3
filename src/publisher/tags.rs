//! Tags of events: those of a gathering are of NIP-52.

use crate::community::{Event, EventStatus};
use crate::signed::EventKind;

pub(super) fn tag(name: &str, value: &str) -> Vec<String> {
    vec![name.to_owned(), value.to_owned()]
}

/// The kind and the tags of a gathering, without its name. `None` if it has no start, or its last day is that of the calendar.
pub(super) fn gathering_tags(gathering: &Event) -> Option<(EventKind, Vec<Vec<String>>)> {
    let mut tags = vec![tag("title", gathering.name.trim())];
    let kind = match (gathering.days, gathering.start) {
        (Some(days), _) => {
            tags.push(tag("start", &days.first.to_string()));
            // The end of NIP-52 is the day after the last one.
            tags.push(tag("end", &days.last.tomorrow().ok()?.to_string()));
            EventKind::DayGathering
        }
        (None, Some(start)) => {
            tags.push(tag("start", &start.timestamp().as_second().to_string()));
            if let Some(end) = gathering.end.filter(|end| end.timestamp() > start.timestamp()) {
                tags.push(tag("end", &end.timestamp().as_second().to_string()));
            }
            if let Some(zone) = &gathering.zone {
                tags.push(tag("start_tzid", zone));
            }
            EventKind::TimedGathering
        }
        (None, None) => return None,
    };
    if let Some(place) = gathering.place.as_ref().and_then(|place| place.name.as_deref()) {
        tags.push(tag("location", place));
    }
    if gathering.status == EventStatus::Cancelled {
        tags.push(tag("status", "cancelled"));
    }
    Some((kind, tags))
}
