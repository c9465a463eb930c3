//! The attachments of a post: pictures, files, polls, previews of links, and the post that it answers.

use url::Url;

use super::elements::Element;
use super::number::{bytes, count, seconds};
use crate::community::{Attachment, PollOption, UnknownAttachment};

/// What an element of a post attaches to it. `None` if it attaches nothing, or only what is inside it does.
pub(super) fn attachment(element: &Element<'_>, base: &Url) -> Option<Attachment> {
    let is = |class: &str| element.is(class);
    let link = || element.url("href", base);
    let said = |class: &str| element.first(class)?.line(base, MAX_LINE);
    let length = |class: &str| seconds(&element.first(class)?.line(base, MAX_LINE)?);
    let file = |name: &str| Some(String::from(element.named(name)?.url("src", base)?));
    let behind = |class: &str| Some(String::from(element.first(class)?.background(base)?));
    if is("tgme_widget_message_reply") {
        let title = said("tgme_widget_message_author_name");
        let text = said("js-message_reply_text");
        return Some(Attachment::Link { url: link()?.into(), title, text });
    }
    if is("tgme_widget_message_photo_wrap") {
        let url = element.background(base).map(String::from);
        return Some(Attachment::Photo { url, width: None, height: None, text: None });
    }
    if is("tgme_widget_message_video_player") {
        let (url, seconds) = (file("video").or_else(|| link().map(String::from)), length("message_video_duration"));
        return Some(Attachment::Video {
            title: None,
            url,
            seconds,
            preview: behind("tgme_widget_message_video_thumb"),
        });
    }
    if is("tgme_widget_message_roundvideo_player") {
        let seconds = length("tgme_widget_message_roundvideo_duration");
        let preview = behind("tgme_widget_message_roundvideo_thumb");
        return Some(Attachment::Video { title: None, url: file("video"), seconds, preview });
    }
    if is("tgme_widget_message_voice_player") {
        let seconds = length("tgme_widget_message_voice_duration");
        return Some(Attachment::Audio { artist: None, title: None, seconds, url: file("audio") });
    }
    if is("tgme_widget_message_document_wrap") {
        let (title, extra) = (said("tgme_widget_message_document_title"), said("tgme_widget_message_document_extra"));
        // The page shows that there is a file, but only Telegram's app can fetch it.
        if element.first("tgme_widget_message_document_icon").is_some_and(|icon| icon.is("audio")) {
            return Some(Attachment::Audio { artist: extra, title, seconds: None, url: None });
        }
        let extension = title.as_deref().and_then(extension);
        return Some(Attachment::Document { title, url: None, bytes: extra.as_deref().and_then(bytes), extension });
    }
    if is("tgme_widget_message_poll") {
        return Some(poll(element, base));
    }
    if is("tgme_widget_message_link_preview") {
        let url = link()?.into();
        let title = said("link_preview_title").or_else(|| said("link_preview_site_name"));
        return Some(Attachment::Link { url, title, text: said("link_preview_description") });
    }
    if is("tgme_widget_message_location_wrap") && element.is_named("a") {
        let url = link()?.into();
        let title = said("tgme_widget_message_location_title");
        return Some(Attachment::Link { url, title, text: said("tgme_widget_message_location_address") });
    }
    let (_, kind) = OTHERS.iter().find(|(class, _)| is(class))?;
    Some(Attachment::Unknown(UnknownAttachment::new(*kind)))
}

fn poll(element: &Element<'_>, base: &Url) -> Attachment {
    let question =
        element.first("tgme_widget_message_poll_question").and_then(|question| question.line(base, MAX_LINE));
    // The page states the percentage of each answer, but not the number of votes.
    let options = element.all("tgme_widget_message_poll_option_text").filter_map(|option| option.line(base, MAX_LINE));
    let options = options.take(MAX_OPTIONS).map(|option| PollOption::new(option, None)).collect();
    Attachment::Poll { question: question.unwrap_or_default(), options, votes: None }
}

/// The number of votes is below the poll, in the foot of its post.
pub(super) fn votes(message: &Element<'_>, base: &Url) -> Option<u64> {
    count(&message.first("tgme_widget_message_voters")?.line(base, MAX_LINE)?)
}

fn extension(title: &str) -> Option<String> {
    let (_, extension) = title.rsplit_once('.')?;
    let is_one = (1..=5).contains(&extension.len()) && extension.chars().all(|c| c.is_ascii_alphanumeric());
    is_one.then(|| extension.to_ascii_lowercase())
}

/// Attachments of which only the kind is kept, by their classes.
const OTHERS: [(&str, &str); 6] = [
    ("tgme_widget_message_sticker_wrap", "sticker"),
    ("tgme_widget_message_contact_wrap", "contact"),
    ("tgme_widget_message_game", "game"),
    ("tgme_widget_message_invoice", "invoice"),
    ("tgme_widget_message_giveaway", "giveaway"),
    ("message_media_not_supported_wrap", "media"),
];

/// The longest title, caption or answer, in characters.
const MAX_LINE: usize = 500;

/// Telegram allows twelve.
const MAX_OPTIONS: usize = 50;
