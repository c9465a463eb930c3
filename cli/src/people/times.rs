//! Times for people: in the zone of the screen, and at an event's place where it differs.

use byway::Language;
use byway::community::{EventDays, Moment};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};

use super::People;
use crate::plain::line;
use crate::words;

impl People {
    pub(super) fn when(&self, at: Timestamp) -> String {
        self.written(self.here(at))
    }

    /// An event's time, in the zone of all times on this screen.
    pub(super) fn local(&self, moment: &Moment) -> String {
        self.when(moment.timestamp())
    }

    /// The end, without its day when that is the day of the start.
    pub(super) fn local_end(&self, start: &Moment, end: &Moment) -> String {
        let (from, to) = (self.here(start.timestamp()), self.here(end.timestamp()));
        if from.date() == to.date() { to.strftime("%H:%M").to_string() } else { self.written(to) }
    }

    /// The days of an event without a time of day: the same in every zone.
    pub(super) fn days(&self, days: &EventDays) -> String {
        let EventDays { first, last, .. } = *days;
        let last = if last == first { String::new() } else { format!(" – {}", self.day(last)) };
        format!("{}{last}, {}", self.day(first), self.word(words::ALL_DAY))
    }

    /// The local time at the event's place, if it differs from the time here.
    pub(super) fn there(&self, start: &Moment, zone: Option<&str>) -> Option<String> {
        let (here, there) = (self.here(start.timestamp()), start.offset().to_datetime(start.timestamp()));
        // An instant in UTC, as calendars have it, says nothing of the time at the place.
        let is_instant = zone.is_none() && start.offset() == Offset::UTC;
        if here == there || is_instant {
            return None;
        }
        let time = if here.date() == there.date() { there.strftime("%H:%M").to_string() } else { self.written(there) };
        let zone = zone.map(|zone| format!(", {}", line(zone))).unwrap_or_default();
        Some(format!("{time} {}, UTC{}{zone}", self.word(words::THERE), offset(start.offset())))
    }

    /// The time zone of the times.
    pub(super) fn zone(&self, out: &mut String, at: Timestamp) {
        let own = self.own_zone();
        let utc = format!("UTC{}", offset(own.to_offset(at)));
        let zone = match own.iana_name() {
            Some("UTC" | "Etc/UTC") | None => utc,
            Some(name) => format!("{name} ({utc})"),
        };
        out.push_str(&self.faintly(&format!("{} {zone}", self.word(words::TIMES_IN)), ""));
    }

    pub(super) fn here(&self, at: Timestamp) -> DateTime {
        self.own_zone().to_datetime(at)
    }

    fn own_zone(&self) -> &TimeZone {
        self.zone.get_or_init(TimeZone::system)
    }

    pub(super) fn written(&self, at: DateTime) -> String {
        format!("{} {}", self.day(at.date()), at.strftime("%H:%M"))
    }

    pub(super) fn day(&self, date: Date) -> String {
        match self.language {
            Language::Ru => date.strftime("%d.%m.%Y").to_string(),
            _ => date.to_string(),
        }
    }
}

/// `+07:00`; an empty text for UTC itself.
fn offset(offset: Offset) -> String {
    let minutes = offset.seconds() / 60;
    if minutes == 0 {
        return String::new();
    }
    format!("{}{:02}:{:02}", if minutes < 0 { '-' } else { '+' }, minutes.abs() / 60, minutes.abs() % 60)
}

#[cfg(test)]
mod tests {
    use byway::community::{CommunityId, Event, EventStatus};
    use jiff::civil::date;

    use super::*;
    use crate::screen::Screen;

    #[test]
    fn an_event_is_shown_at_its_place_where_that_is_known() {
        let mut event = Event::new(CommunityId::vk(7), "Fair");
        event.status = EventStatus::Scheduled;
        event.start = "2098-12-12T00:00:00+07:00".parse().ok();
        event.end = "2098-12-13T00:00:00+07:00".parse().ok();
        let shown = |event: &Event, language| {
            let mut out = String::new();
            let zone = TimeZone::fixed(jiff::tz::offset(-5));
            People::in_zone(Screen::plain(80), language, zone).event(&mut out, event);
            out.lines().next().unwrap_or_default().trim().to_owned()
        };
        // The start of a calendar that has instants alone.
        event.start = "2098-12-12T05:00:00Z".parse().ok();
        event.end = None;
        assert_eq!(shown(&event, Language::En), "2098-12-12 00:00");
        event.zone = Some("Europe/London".to_owned());
        assert_eq!(shown(&event, Language::En), "2098-12-12 00:00 (05:00 there, UTC, Europe/London)");
        event.days = Some(EventDays::new(date(2098, 12, 12), date(2098, 12, 12)));
        assert_eq!(shown(&event, Language::En), "2098-12-12, all day");
        assert_eq!(shown(&event, Language::Ru), "12.12.2098, весь день");
        event.days = Some(EventDays::new(date(2098, 12, 12), date(2098, 12, 14)));
        assert_eq!(shown(&event, Language::En), "2098-12-12 – 2098-12-14, all day");
    }
}
