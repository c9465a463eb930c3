//! What the head of a channel's page says about the channel.

use jiff::Timestamp;
use url::Url;

use super::elements::{Element, Markup};
use super::number::count;
use super::platform::platform;
use crate::community::{Community, CommunityId, Field, Home, Link, Members, TelegramName};
use crate::source::advice;
use crate::source::claims::Claims;
use crate::source::plain::squeeze;

/// The id of a channel: its name, which is its address.
pub(super) fn id(name: &TelegramName) -> Option<CommunityId> {
    format!("{KIND}{name}").parse().ok()
}

/// The id of a post of a channel.
pub(super) fn post_id(name: &TelegramName, number: u64) -> String {
    format!("{KIND}{name}/{number}")
}

/// The channel as the head of its page describes it.
pub(super) fn community(page: &Markup, name: &TelegramName, id: CommunityId, base: &Url, at: Timestamp) -> Community {
    let shown = shown_name(page, base).unwrap_or_else(|| name.to_string());
    let mut community = Community::new(id, shown);
    community.screen_name = Some(name.to_string());
    community.homes = vec![Home::Telegram(name.clone())];
    community.members = members(page, base).map(|count| Members::new(count, at));
    community.verified_by = is_verified(page, base).then(|| platform().name().to_owned());
    if let Some(description) = page.first("tgme_channel_info_description") {
        let description = description.rendered(base, MAX_DESCRIPTION);
        let is_own = |home: &Home| *home == Home::Telegram(name.clone());
        let Claims { successor, predecessor } = description.claims(Field::Description, &is_own);
        (community.successor, community.predecessor) = (successor, predecessor);
        community.links = description.links.into_iter().map(Link::from).collect();
        community.description = Some(description.text).filter(|text| !text.is_empty());
    }
    for (text, field) in [(Some(&community.name), Field::Name), (community.description.as_ref(), Field::Description)] {
        for advice in text.into_iter().flat_map(|text| advice::find(text, field)) {
            if !community.access_advice.iter().any(|known| known.kind == advice.kind) {
                community.access_advice.push(advice);
            }
        }
    }
    community
}

/// The name that a page shows, without the marks behind it.
fn shown_name(page: &Markup, base: &Url) -> Option<String> {
    let title = |class: &str| page.first(class).map(|title| line_without_marks(&title, base));
    let by_heading = ["tgme_channel_info_header_title", "tgme_header_title"].into_iter().filter_map(title);
    let by_preview = || page.first_with("meta", "property", "og:title").and_then(|meta| meta.attribute("content"));
    let mut names =
        by_heading.chain(by_preview().map(|name| squeeze(&crate::source::html::plain(&name, MAX_NAME).text)));
    names.find(|name| !name.is_empty())
}

/// The name under which the head of the page says that the channel is found. A channel can have several, and its page is
/// shown under each of them.
pub(super) fn stated_name(page: &Markup, base: &Url) -> Option<String> {
    let name = page.first("tgme_channel_info_header_username")?.line(base, MAX_NAME)?;
    name.strip_prefix('@').map(str::to_owned)
}

fn line_without_marks(title: &Element<'_>, base: &Url) -> String {
    squeeze(&title.rendered_without(MARK, base, MAX_NAME).text)
}

/// Whether the head of the page has Telegram's mark of verification. It is read only where Telegram shows it, beside the
/// name, and only from a page that came over TLS.
fn is_verified(page: &Markup, base: &Url) -> bool {
    let has_mark = |place: &str| page.first(place).is_some_and(|place| place.first(MARK).is_some());
    base.scheme() == "https" && MARKED.iter().any(|place| has_mark(place))
}

/// What Telegram warns of beside the name ("SCAM", "FAKE"), in its own words. Nobody promises the class of a label, so each
/// text beside the name that is not the mark is taken for one.
pub(super) fn labels(page: &Markup, base: &Url) -> Vec<String> {
    let mut labels = Vec::new();
    for place in LABELLED.iter().filter_map(|place| page.first(place)) {
        let label: String = line_without_marks(&place, base).chars().take(MAX_LABEL).collect();
        if base.scheme() == "https" && !label.is_empty() && !labels.contains(&label) {
            labels.push(label);
        }
    }
    labels
}

fn members(page: &Markup, base: &Url) -> Option<u64> {
    let by_kind = page.all("tgme_channel_info_counter").find_map(|counter| {
        let kind = counter.first("counter_type")?.line(base, MAX_NAME)?;
        let counts_people = ["subscriber", "member"].iter().any(|people| kind.starts_with(people));
        counts_people.then(|| counter.first("counter_value")?.line(base, MAX_NAME))?
    });
    let stated = by_kind.or_else(|| page.first("tgme_header_counter")?.line(base, MAX_NAME))?;
    count(&stated)
}

/// The ids of this source begin with this.
const KIND: &str = "telegram:";

/// The class of Telegram's mark of verification.
const MARK: &str = "verified-icon";

/// The elements of the head in which the mark is shown.
const MARKED: [&str; 4] =
    ["tgme_channel_info_header_labels", "tgme_channel_info_header_title", "tgme_header_labels", "tgme_header_title"];

/// The elements beside the name in which Telegram's labels are shown.
const LABELLED: [&str; 2] = ["tgme_channel_info_header_labels", "tgme_header_labels"];

/// Characters of a label: a word or two.
const MAX_LABEL: usize = 40;

/// The longest name and description, in characters. Telegram's own limits are 128 and 255.
const MAX_NAME: usize = 500;
const MAX_DESCRIPTION: usize = 5_000;
