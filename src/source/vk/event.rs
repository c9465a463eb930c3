//! Gatherings: groups of type `event`, and `event` attachments of posts.

use jiff::Timestamp;
use jiff::tz::Offset;
use serde_json::Value;

use super::lenient::{count, float, get, integer, line, list, raw, text};
use super::markup::render;
use super::{group, post};
use crate::community::{Author, AuthorKind, CommunityId, Coordinates, Event, EventStatus, Home, Moment, Place};

/// The gathering that a group of type `event` describes. `address` is its main address, if that needed a separate call.
pub(super) fn of_group(group: &Value, id: u64, address: Option<&Value>, at: Timestamp) -> Event {
    let name = group::own_line(group, "name").unwrap_or_else(|| format!("event{id}"));
    let mut event = Event::new(CommunityId::vk(id), name);
    event.text = group::own_text(group, "description", MAX_TEXT).map(|text| render(&text, MAX_TEXT).text);
    // The place and its clock come from one address.
    let addresses = [address.or_else(|| main_address(group)).unwrap_or(&Value::Null), get(group, "place")];
    let address = addresses
        .into_iter()
        .find(|address| place(address).is_some())
        .or_else(|| addresses.into_iter().find(|address| offset(address).is_some()));
    let address = address.unwrap_or(&Value::Null);
    let offset = offset(address).unwrap_or(Offset::UTC);
    event.start = post::time(get(group, "start_date")).map(|time| Moment::new(time, offset));
    event.end = post::time(get(group, "finish_date")).map(|time| Moment::new(time, offset));
    event.zone = zone(address);
    event.place = place(address);
    event.organiser = organiser(group);
    event.counts.going = count(get(group, "members_count"));
    event.status = status(&event, group);
    event.status_seen = (event.status == EventStatus::Removed).then_some(at);
    event.mentions_cancellation = [Some(event.name.clone()), group::own_line(group, "status")]
        .iter()
        .flatten()
        .any(|text| mentions_cancellation(text));
    event.home = Home::vk_id(id);
    event
}

/// What an attachment says about a gathering whose group is not shown.
pub(super) fn of_attachment(attached: &Value, id: u64) -> Event {
    let name = line(get(attached, "name"), MAX_LINE).or_else(|| line(get(attached, "text"), MAX_LINE));
    let mut event = Event::new(CommunityId::vk(id), name.unwrap_or_else(|| format!("event{id}")));
    event.text = text(get(attached, "text"), MAX_TEXT);
    event.start = post::time(get(attached, "time")).map(Moment::utc);
    event.place =
        line(get(attached, "address"), MAX_LINE).map(|address| Place { address: Some(address), ..Place::default() });
    event.status = status(&event, &Value::Null);
    event.mentions_cancellation = mentions_cancellation(&event.name);
    event.home = Home::vk_id(id);
    event
}

/// The id of a main address that the group names without its content.
pub(super) fn untold_address(group: &Value) -> Option<i64> {
    if main_address(group).is_some() || place(get(group, "place")).is_some() {
        return None;
    }
    integer(get(get(group, "addresses"), "main_address_id")).filter(|id| *id > 0)
}

/// The address in a group: the main one, or the only one.
fn main_address(group: &Value) -> Option<&Value> {
    let addresses = get(group, "addresses");
    let told =
        [get(addresses, "main_address"), get(group, "main_address")].into_iter().find(|address| address.is_object());
    let id = integer(get(addresses, "main_address_id"));
    let listed =
        [list(get(addresses, "items")), list(addresses)].into_iter().find(|list| !list.is_empty()).unwrap_or_default();
    told.or_else(|| listed.iter().copied().find(|address| id.is_some() && integer(get(address, "id")) == id))
        .or_else(|| listed.first().copied())
}

fn place(value: &Value) -> Option<Place> {
    let name = line(get(value, "title"), MAX_LINE);
    let parts = [get(value, "address"), get(value, "additional_address")];
    let mut address: Vec<String> = parts.into_iter().filter_map(|part| line(part, MAX_LINE)).collect();
    if address.is_empty() {
        // A city is better than nothing; next to a street it is usually a repetition.
        let city = get(value, "city");
        address.extend(
            line(get(city, "title"), MAX_LINE)
                .or_else(|| line(city, MAX_LINE).filter(|city| city.parse::<i64>().is_err())),
        );
    }
    let coordinates = float(get(value, "latitude")).zip(float(get(value, "longitude")));
    let coordinates = coordinates.and_then(|(latitude, longitude)| Coordinates::new(latitude, longitude));
    let address = (!address.is_empty()).then(|| address.join(", "));
    (name.is_some() || address.is_some() || coordinates.is_some()).then_some(Place { name, address, coordinates })
}

/// How far the clock at an address is ahead of UTC: VK states minutes.
fn offset(address: &Value) -> Option<Offset> {
    let minutes =
        integer(get(address, "time_offset")).filter(|minutes| (-MAX_OFFSET..=MAX_OFFSET).contains(minutes))?;
    Offset::from_seconds(i32::try_from(minutes * 60).ok()?).ok()
}

/// The IANA name of an address's zone, if it is one.
fn zone(address: &Value) -> Option<String> {
    let name = ["timezone", "time_zone", "timezone_name"].iter().find_map(|key| raw(get(address, key)))?;
    jiff::tz::TimeZone::get(&name).ok().map(|_| name)
}

/// The organiser: the community that VK names, or the first contact.
fn organiser(group: &Value) -> Option<Author> {
    if let Some(id) =
        integer(get(group, "event_group_id")).map(i64::unsigned_abs).filter(|id| Home::vk_id(*id).is_some())
    {
        return Some(of_community(id, String::new()));
    }
    list(get(group, "contacts")).into_iter().find_map(|contact| {
        let id = integer(get(contact, "user_id")).filter(|id| *id > 0)?;
        let mut person = Author::new(
            format!("vk:{id}"),
            line(get(contact, "desc"), MAX_LINE).unwrap_or_default(),
            AuthorKind::Person,
        );
        person.url = Some(format!("https://vk.com/id{id}"));
        Some(person)
    })
}

/// A community as an organiser.
pub(super) fn of_community(id: u64, name: String) -> Author {
    let mut author = Author::new(CommunityId::vk(id).to_string(), name, AuthorKind::Community);
    author.url = Home::vk_id(id).map(|home| home.to_string());
    author
}

fn status(event: &Event, group: &Value) -> EventStatus {
    // VK has no field for a cancelled gathering, so none of its answers gives `Cancelled`.
    if group::is_gone(group) { EventStatus::Removed } else { dated(event) }
}

/// A gathering with a time is scheduled. Whether it is over is decided when it is shown.
pub(super) fn dated(event: &Event) -> EventStatus {
    if event.start.is_some() || event.end.is_some() { EventStatus::Scheduled } else { EventStatus::Unknown }
}

/// «ОТМЕНЁН», "cancelled", and not «не будет отменён». It may be about something else than the gathering («Отмена
/// пенсионной реформы»), so it is only a hint.
fn mentions_cancellation(text: &str) -> bool {
    let low = text.to_lowercase().replace('ё', "е");
    let words: Vec<&str> = low.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.iter().enumerate().any(|(at, word)| {
        let cancelled = CANCELLED.iter().any(|stem| word.starts_with(stem));
        let before = words.get(at.saturating_sub(NEGATED_WITHIN)..at).unwrap_or_default();
        cancelled && !before.iter().any(|word| matches!(*word, "не" | "not" | "без" | "never" | "isn" | "wasn"))
    })
}

/// Beginnings of words about a cancellation.
const CANCELLED: &[&str] = &["отменен", "отменя", "отмена", "отмены", "отмену", "отменил", "cancel"];

/// Words between a negation and what it negates: «не будет отменён», "has not been cancelled".
const NEGATED_WITHIN: usize = 3;

const MAX_LINE: usize = 500;
const MAX_TEXT: usize = 20_000;
/// Clocks are at most 14 hours ahead of UTC and 12 behind.
const MAX_OFFSET: i64 = 14 * 60;
