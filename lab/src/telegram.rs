//! A Telegram-shaped site: the previews of its public channels on the web, in the form in which Telegram shows them.
//!
//! It answers at `t.me`, `telegram.me` and `telegram.dog`, twenty messages a page, older ones by `?before=`. A name without a
//! preview, or an unknown one, is redirected from `/s/NAME` to `/NAME`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::host::Host;
use crate::machine::Machine;
use crate::page::{Ask, Page};
use crate::world::Shared;

/// The site.
#[derive(Clone)]
pub struct Telegram(Arc<Mutex<Names>>);

type Names = BTreeMap<String, ChannelState>;

/// What one name shows.
#[derive(Clone, Default)]
struct ChannelState {
    title: String,
    about: String,
    members: u64,
    verified: bool,
    has_preview: bool,
    /// The time of message 0, in seconds since 1970. Each later message comes an hour after the one before.
    begins: i64,
    /// The oldest first: the number, the markup inside the bubble, and the kind.
    messages: Vec<(u64, String, MessageKind)>,
}

#[derive(Clone, Copy, PartialEq)]
enum MessageKind {
    Post,
    Service,
}

impl Telegram {
    pub(crate) fn in_world(world: &Shared) -> Self {
        let telegram = Self(Arc::default());
        let hosts = [("t.me", "203.0.113.90"), ("telegram.me", "203.0.113.91"), ("telegram.dog", "203.0.113.92")];
        for (name, address) in hosts {
            let host = Host(Machine::named(world, name));
            let is_fresh = host.0.edit(|node| node.app.is_none());
            if is_fresh {
                let site = telegram.clone();
                let _ = host.at(address).https().http().app(move |ask: &Ask| site.answer(ask));
            }
        }
        telegram
    }

    /// The channel of this name; a new one with a preview if there is none yet.
    pub fn channel(&self, name: &str) -> Channel {
        let name = name.to_ascii_lowercase();
        self.names().entry(name.clone()).or_insert_with(|| ChannelState {
            title: name.clone(),
            members: 2,
            begins: FIRST_POST,
            has_preview: true,
            ..ChannelState::default()
        });
        Channel { site: self.clone(), name }
    }

    fn names(&self) -> MutexGuard<'_, Names> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, ask: &Ask) -> Page {
        let path = ask.path.trim_matches('/');
        let (is_preview, name) = path.strip_prefix("s/").map_or((false, path), |name| (true, name));
        let name = name.split('/').next().unwrap_or_default().to_ascii_lowercase();
        let names = self.names();
        let state = names.get(&name);
        match state.filter(|state| state.has_preview) {
            Some(state) if is_preview => {
                let before = ask.query.split('&').find_map(|pair| pair.strip_prefix("before=")?.parse().ok());
                Page::new(preview(&name, state, before.unwrap_or(u64::MAX)))
            }
            _ if is_preview => Page::redirect(&format!("https://{}/{name}", ask.host)),
            _ => Page::new(profile(&name, state)),
        }
    }
}

impl std::fmt::Debug for Telegram {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Telegram({} names)", self.names().len())
    }
}

/// A channel. Each call changes it at once.
#[derive(Clone, Debug)]
pub struct Channel {
    site: Telegram,
    name: String,
}

impl Channel {
    /// Sets its title.
    pub fn title(self, title: &str) -> Self {
        self.edit(|state| state.title = escaped(title))
    }

    /// Sets its description, as markup.
    pub fn about(self, markup: &str) -> Self {
        self.edit(|state| markup.clone_into(&mut state.about))
    }

    /// Sets the number of its subscribers.
    pub fn members(self, members: u64) -> Self {
        self.edit(|state| state.members = members)
    }

    /// Publishes its first message at this time, in seconds since 1970, and each later one an hour after the one before.
    pub fn first_post_at(self, second: i64) -> Self {
        self.edit(|state| state.begins = second - 3600)
    }

    /// Sets whether Telegram shows its mark of verification.
    pub fn verified(self, verified: bool) -> Self {
        self.edit(|state| state.verified = verified)
    }

    /// Removes its preview: the web shows no posts of it.
    pub fn without_preview(self) -> Self {
        self.edit(|state| state.has_preview = false)
    }

    /// Publishes a post with this text.
    pub fn post(self, text: &str) -> Self {
        let text = escaped(text).replace('\n', "<br/>");
        self.post_markup(&format!(r#"<div class="tgme_widget_message_text js-message_text" dir="auto">{text}</div>"#))
    }

    /// Publishes a post with this markup in its bubble.
    pub fn post_markup(self, markup: &str) -> Self {
        self.message(markup, MessageKind::Post)
    }

    /// Pins the post with this number, and announces that in a service message.
    pub fn pins(self, number: u64) -> Self {
        let link = format!("https://t.me/{}/{number}", self.name);
        self.message(
            &format!(r#"<div class="tgme_widget_message_text">pinned <a href="{link}">a post</a></div>"#),
            MessageKind::Service,
        )
    }

    /// Replaces the text of the post with this number.
    pub fn edits(self, number: u64, text: &str) -> Self {
        let markup =
            format!(r#"<div class="tgme_widget_message_text js-message_text" dir="auto">{}</div>"#, escaped(text));
        self.edit(|state| {
            state
                .messages
                .iter_mut()
                .filter(|(known, ..)| *known == number)
                .for_each(|message| message.1.clone_from(&markup));
        })
    }

    fn message(self, markup: &str, kind: MessageKind) -> Self {
        self.edit(|state| {
            let number = state.messages.last().map_or(1, |(number, ..)| number + 1);
            state.messages.push((number, markup.to_owned(), kind));
        })
    }

    fn edit(self, edit: impl FnOnce(&mut ChannelState)) -> Self {
        if let Some(state) = self.site.names().get_mut(&self.name) {
            edit(state);
        }
        self
    }
}

fn preview(name: &str, state: &ChannelState, before: u64) -> String {
    let older: Vec<_> = state.messages.iter().filter(|(number, ..)| *number < before).collect();
    let shown = &older[older.len().saturating_sub(PAGE)..];
    let prev = shown
        .first()
        .filter(|_| shown.len() < older.len())
        .map_or(String::new(), |(number, ..)| format!(r#"<link rel="prev" href="/s/{name}?before={number}">"#));
    let ChannelState { title, about, members, verified, .. } = state;
    let mark = if *verified { r#"<i class="verified-icon"> &#10004;</i>"# } else { "" };
    let members = rounded(*members);
    let mut page = format!(
        r#"<!DOCTYPE html><html><head><meta charset="utf-8"><meta property="og:title" content="{title}">{prev}</head><body>
        <div class="tgme_channel_info"><div class="tgme_channel_info_header"><div class="tgme_channel_info_header_title">
        <span dir="auto">{title}</span>{mark}</div><div class="tgme_channel_info_header_username"><a href="https://t.me/{name}">@{name}</a>
        </div></div><div class="tgme_channel_info_counters"><div class="tgme_channel_info_counter"><span class="counter_value">{members}</span>
        <span class="counter_type">subscribers</span></div></div><div class="tgme_channel_info_description">{about}</div></div>
        <main class="tgme_main"><section class="tgme_channel_history js-message_history">"#
    );
    for (number, markup, kind) in shown {
        let service = if *kind == MessageKind::Service { "service_message " } else { "" };
        let time = byway::jiff::Timestamp::from_second(state.begins + 3600 * i64::try_from(*number).unwrap_or(0))
            .unwrap_or_default();
        // Writing to a string does not fail.
        let _ = write!(
            page,
            r#"<div class="tgme_widget_message_wrap js-widget_message_wrap"><div class="tgme_widget_message {service}js-widget_message"
            data-post="{name}/{number}"><div class="tgme_widget_message_bubble"><div class="tgme_widget_message_author">
            <a class="tgme_widget_message_owner_name" href="https://t.me/{name}"><span dir="auto">{title}</span></a></div>{markup}
            <div class="tgme_widget_message_footer"><span class="tgme_widget_message_views">{number}</span>
            <a class="tgme_widget_message_date" href="https://t.me/{name}/{number}"><time datetime="{time}">.</time></a></div>
            </div></div></div>"#
        );
    }
    page + "</section></main></body></html>"
}

fn profile(name: &str, state: Option<&ChannelState>) -> String {
    let inside = match state {
        Some(ChannelState { title, members, .. }) => format!(
            r#"<div class="tgme_page_title"><span dir="auto">{title}</span></div><div class="tgme_page_extra">{members} members</div>"#
        ),
        None => format!(
            r#"<div class="tgme_page_icon"><i class="tgme_icon_user"></i></div><div class="tgme_page_description">You can contact
            <a class="tgme_username_link" href="tg://resolve?domain={name}">@{name}</a> right away.</div>"#
        ),
    };
    format!(
        r#"<!DOCTYPE html><html><body><div class="tgme_page_wrap"><div class="tgme_page">{inside}</div></div></body></html>"#
    )
}

/// Large numbers as the site writes them: `1.2K`.
fn rounded(number: u64) -> String {
    if number < 1_000 { number.to_string() } else { format!("{}.{}K", number / 1_000, number % 1_000 / 100) }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

/// The number of messages on a page.
const PAGE: usize = 20;

/// The same time as at the lab's VK.
const FIRST_POST: i64 = 1_790_848_800;
