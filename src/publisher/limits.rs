//! What an admin writes, compared with the limits of the format before it is signed, so that an error names the part and the rule.

use jiff::tz::TimeZone;

use super::error::{PublishError, Unfit};
use crate::community::Event;
use crate::sentences::{StatedPart, StatedRule};
use crate::signed::{CharterHome, EventError, HomeKind, MAX_DESCRIPTION, MAX_HOMES, MAX_LINE, MAX_NAME, MAX_TAG_TEXT};

/// Compares the name, the description, the mirrors and the pages of a statement with the limits of a charter.
pub(super) fn check(name: &str, description: &str, mirrors: &[String], pages: &[String]) -> Result<(), PublishError> {
    line(StatedPart::Name, name, MAX_NAME)?;
    text_of(StatedPart::Description, description)?;
    if mirrors.len() + pages.len() > MAX_HOMES {
        return Err(Unfit::error(StatedPart::Mirror, StatedRule::TooMany(MAX_HOMES)));
    }
    let parts = [(StatedPart::Mirror, HomeKind::Mirror, mirrors), (StatedPart::Page, HomeKind::Page, pages)];
    for (part, kind, addresses) in parts {
        if addresses.iter().any(|url| !CharterHome::new(kind, url).is_within_limits()) {
            return Err(Unfit::error(part, StatedRule::Address));
        }
    }
    Ok(())
}

/// Compares a text of several lines with its limit.
pub(super) fn text_of(part: StatedPart, text: &str) -> Result<(), PublishError> {
    if text.len() > MAX_DESCRIPTION {
        return Err(Unfit::error(part, StatedRule::TooLong(MAX_DESCRIPTION)));
    }
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(Unfit::error(part, StatedRule::Characters));
    }
    Ok(())
}

/// Compares a line of a charter or an event with its limit.
pub(super) fn line(part: StatedPart, text: &str, most: usize) -> Result<(), PublishError> {
    let rule = match text {
        text if text.trim().is_empty() => StatedRule::Empty,
        text if text.len() > most => StatedRule::TooLong(most),
        text if text.chars().any(char::is_control) => StatedRule::Characters,
        _ => return Ok(()),
    };
    Err(Unfit::error(part, rule))
}

/// Compares a gathering with the limits of an event.
pub(super) fn check_gathering(gathering: &Event) -> Result<(), PublishError> {
    line(StatedPart::EventName, gathering.name.trim(), MAX_TAG_TEXT)?;
    if let Some(place) = gathering.place.as_ref().and_then(|place| place.name.as_deref()) {
        line(StatedPart::Place, place, MAX_TAG_TEXT)?;
    }
    if gathering.zone.as_deref().is_some_and(|name| !is_zone(name)) {
        return Err(Unfit::error(StatedPart::Zone, StatedRule::NoZone));
    }
    let ends_early = match (gathering.days, gathering.start) {
        (Some(days), _) => days.last < days.first,
        (None, Some(start)) => gathering.end.is_some_and(|end| end.timestamp() <= start.timestamp()),
        (None, None) => return Err(Unfit::error(StatedPart::Start, StatedRule::Empty)),
    };
    if ends_early { Err(Unfit::error(StatedPart::End, StatedRule::BeforeStart)) } else { Ok(()) }
}

/// Whether a name is that of a time zone for every reader. A reader who does not find the zone is shown the hour in UTC.
fn is_zone(name: &str) -> bool {
    let is_of_device = DEVICE_ZONES.iter().any(|device| name.eq_ignore_ascii_case(device));
    !is_of_device && name.len() <= LONGEST_ZONE && TimeZone::get(name).is_ok_and(|zone| zone.iana_name() == Some(name))
}

/// Names by which systems keep the zone of the device, or none.
const DEVICE_ZONES: [&str; 4] = ["localtime", "local", "posixrules", "Factory"];

/// Longer than every name of the database.
const LONGEST_ZONE: usize = 64;

/// What is wrong with an item that the format refuses.
pub(super) fn of_event(error: EventError) -> PublishError {
    match error {
        EventError::TooLong => Unfit::error(StatedPart::Text, StatedRule::TooLong(MAX_LINE)),
        EventError::Text => Unfit::error(StatedPart::Text, StatedRule::Characters),
        _ => PublishError::Refused,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use super::*;

    #[test]
    fn a_gathering_in_a_zone_that_readers_do_not_find_is_refused() {
        let refused = |zone: &str| {
            let mut gathering = Event::new(crate::community::CommunityId::vk(7), "Meeting");
            gathering.start = "2026-12-12T12:00:00Z".parse().ok();
            gathering.zone = Some(zone.to_owned());
            match check_gathering(&gathering) {
                Ok(()) => false,
                Err(PublishError::Unfit(Unfit { part: StatedPart::Zone, rule: StatedRule::NoZone })) => true,
                other => panic!("{other:?}"),
            }
        };
        for zone in ["Europe/Berlin", "Asia/Barnaul", "UTC"] {
            assert!(!refused(zone), "{zone}");
        }
        for zone in [
            "",
            "Berlin",
            "+07:00",
            "Europe/Berlin ",
            "europe/berlin",
            "localtime",
            "Factory",
            "a\nb",
            &"x".repeat(5000),
        ] {
            assert!(refused(zone), "{zone}");
        }
    }

    #[test]
    fn a_statement_is_refused_with_its_part_and_rule() {
        check("Zavod", "", &[], &[]).unwrap();
        let broken = |name: &str, description: &str, mirrors: &[String], pages: &[String]| match check(
            name,
            description,
            mirrors,
            pages,
        ) {
            Err(PublishError::Unfit(Unfit { part, rule })) => (part, rule),
            other => panic!("{other:?}"),
        };
        let one = |text: &str| [text.to_owned()];
        let long = |length| "x".repeat(length);
        for (found, expected) in [
            (broken(" ", "", &[], &[]), (StatedPart::Name, StatedRule::Empty)),
            (broken(&long(201), "", &[], &[]), (StatedPart::Name, StatedRule::TooLong(200))),
            (broken("a\nb", "", &[], &[]), (StatedPart::Name, StatedRule::Characters)),
            (broken("a", &long(4001), &[], &[]), (StatedPart::Description, StatedRule::TooLong(4000))),
            (broken("a", "\u{1b}", &[], &[]), (StatedPart::Description, StatedRule::Characters)),
            (broken("a", "", &one("zavod.example"), &[]), (StatedPart::Mirror, StatedRule::Address)),
            (broken("a", "", &[], &one("https://завод.рф/")), (StatedPart::Page, StatedRule::Address)),
            (broken("a", "", &[], &vec!["https://a/".to_owned(); 33]), (StatedPart::Mirror, StatedRule::TooMany(32))),
        ] {
            assert_eq!(found, expected);
        }
    }
}
