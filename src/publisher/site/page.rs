//! The page of a site: what its template shows.

use std::sync::LazyLock;

use askama::Template;
use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::tz::Offset;

use super::input::Site;
use super::pictures::{Beside, MAX_POSTS};
use super::text::{Piece, line, paragraphs, shown, web_address};
use crate::community::{Attachment, Event, EventDays, EventStatus, Moment, Place, Post};
use crate::publisher::qr::QrCode;
use crate::sentences::{self, Language, SiteWords};
use crate::signed::{LINK_META, picture_file};

/// The page as HTML.
pub(super) fn html(site: &Site<'_>) -> String {
    // A template without filters of its own does not fail.
    SitePage::of(site).render().unwrap_or_default()
}

#[derive(Template)]
#[template(path = "index.html")]
struct SitePage<'a> {
    lang: &'static str,
    policy: String,
    link_meta: &'static str,
    style: &'static str,
    words: &'static SiteWords,
    name: String,
    summary: String,
    status: Option<String>,
    moved: Option<MovedView>,
    came_from: Option<CameFrom>,
    notices: Vec<String>,
    description: Vec<Vec<Piece>>,
    facts: Vec<Fact>,
    upcoming: Vec<EventView>,
    past: Vec<EventView>,
    posts: Vec<PostView>,
    more: Option<String>,
    has_calendar: bool,
    link: Option<LinkView>,
    made: String,
    _site: std::marker::PhantomData<&'a ()>,
}

/// A line of a list of facts.
struct Fact {
    name: &'static str,
    value: String,
    url: Option<String>,
}

/// A time for people and for machines.
struct Time {
    shown: String,
    machine: String,
}

struct PostView {
    anchor: String,
    time: Option<Time>,
    remarks: String,
    body: Body,
    repost: Option<Repost>,
}

struct Repost {
    by: String,
    body: Body,
}

struct EventView {
    anchor: String,
    name: String,
    notices: Vec<&'static str>,
    time: Option<Time>,
    facts: Vec<Fact>,
    body: Body,
}

/// A text and what is attached to it.
struct Body {
    text: Vec<Vec<Piece>>,
    pictures: Vec<PictureView>,
    files: Vec<FileView>,
}

/// A picture that lies beside the page.
struct PictureView {
    file: String,
    /// What it shows. Empty if nobody said so.
    text: String,
    size: Option<(u32, u32)>,
}

struct FileView {
    kind: String,
    name: String,
    url: Option<String>,
}

/// The community that continues this one.
struct MovedView {
    text: String,
    link: String,
    pages: Vec<String>,
}

/// The community that this one continues.
struct CameFrom {
    text: &'static str,
    link: String,
}

struct LinkView {
    url: String,
    svg: Option<String>,
}

impl<'a> SitePage<'a> {
    fn of(site: &Site<'a>) -> Self {
        let (community, language) = (site.community, site.language);
        let words = sentences::site_words(language);
        let view = View { language, words, pictures: site.pictures, offset: site.offset() };
        let (mut upcoming, mut past): (Vec<&Event>, Vec<&Event>) =
            site.events.iter().copied().partition(|event| !is_over(event, site.state_of));
        upcoming.sort_by_key(|event| event.start.map(|start| start.timestamp()).unwrap_or(Timestamp::MAX));
        past.sort_by_key(|event| std::cmp::Reverse(event.start.map(|start| start.timestamp())));
        let room = MAX_EVENTS.saturating_sub(upcoming.len());
        let left_out = site.posts.len().saturating_sub(MAX_POSTS);
        let description = community.description.as_deref().unwrap_or_default();
        Self {
            lang: language.code(),
            policy: POLICY.replace(IMAGES, if site.loads_pictures() { "img-src 'self'; " } else { "" }),
            link_meta: LINK_META,
            style: STYLE,
            words,
            name: line(&community.name),
            summary: super::text::beginning(description, SUMMARY_CHARACTERS),
            status: community.status.as_deref().map(line).filter(|status| !status.is_empty()),
            moved: site.moves.and_then(|moves| moves.to.as_ref()).map(|to| MovedView {
                text: to.sentence(language),
                link: to.link(),
                pages: to.pages(),
            }),
            came_from: site
                .moves
                .and_then(|moves| moves.from.clone())
                .map(|link| CameFrom { text: sentences::site_continues(language), link }),
            notices: view.notices(site),
            description: paragraphs(description),
            facts: view.facts(site),
            upcoming: upcoming.into_iter().take(MAX_EVENTS).map(|event| view.event(event)).collect(),
            past: past.into_iter().take(room).map(|event| view.event(event)).collect(),
            posts: site.posts.iter().take(MAX_POSTS).map(|post| view.post(site, post)).collect(),
            more: (left_out > 0).then(|| sentences::older_posts(language, left_out)),
            has_calendar: site.has_calendar(),
            link: site.link.map(|link| LinkView {
                url: link.to_string(),
                svg: QrCode::of(&link.to_string()).ok().map(|code| code.svg()),
            }),
            made: sentences::site_state(language, &sentences::day(language, site.day())),
            _site: std::marker::PhantomData,
        }
    }
}

/// What is shown, in one language.
#[derive(Clone, Copy)]
struct View<'a> {
    language: Language,
    words: &'static SiteWords,
    pictures: Option<Beside<'a>>,
    /// Of the times of posts.
    offset: Offset,
}

impl View<'_> {
    /// What a reader must know before the rest.
    fn notices(self, site: &Site<'_>) -> Vec<String> {
        let community = site.community;
        let mut notices = Vec::new();
        if site.is_copy {
            let home = community.homes.first().map(ToString::to_string).unwrap_or_default();
            notices.push(sentences::site_copy(self.language, &home, community.id.is_signed()));
        }
        if let Some(by) = site.copied_by {
            notices.push(line(&sentences::copied_by(self.language, by)).to_string());
        }
        let trust = site.trust.map(|trust| line(&trust.sentence(self.language)));
        // The sentence is about what was read, and not about the page.
        let found = |trust| if site.is_copy { format!("{}: {trust}", self.words.when_read) } else { trust };
        notices.extend(trust.map(found));
        for restriction in &community.restrictions {
            let by = if restriction.is_own_word() { self.words.the_community } else { &restriction.stated_by };
            notices.push(format!("{} {}: {}", line(by), self.words.states, line(&restriction.text)));
        }
        for (claim, words) in
            [(&community.successor, self.words.moved_to), (&community.predecessor, self.words.came_from)]
        {
            if let Some(claim) = claim {
                notices.push(if community.id.is_signed() {
                    format!("{words} {} ({})", claim.home, self.words.in_charter)
                } else {
                    format!("{words} {} ({}): {}", claim.home, self.words.claim, line(&claim.text))
                });
            }
        }
        notices
    }

    fn facts(self, site: &Site<'_>) -> Vec<Fact> {
        let community = site.community;
        let mut facts = Vec::new();
        if let Some(members) = community.members {
            facts.push(Fact { name: self.words.members, value: members.count.to_string(), url: None });
        }
        for home in &community.homes {
            let address = home.to_string();
            facts.push(Fact { name: self.words.address, url: web_address(&address), value: address });
        }
        for link in &community.links {
            let value =
                link.text.as_deref().map(line).filter(|text| !text.is_empty()).unwrap_or_else(|| line(&link.url));
            facts.push(Fact { name: self.words.see_also, value, url: web_address(&link.url) });
        }
        facts
    }

    fn post(self, site: &Site<'_>, post: &Post) -> PostView {
        let mut remarks = Vec::new();
        if post.pinned {
            remarks.push(self.words.pinned.to_owned());
        }
        if let Some(by) = post.author.as_ref().map(|by| line(&by.name)).filter(|name| !name.is_empty()) {
            remarks.push(by);
        }
        if let Some(edited) = post.edited {
            remarks.push(format!("{} {}", self.words.edited, self.instant(edited).shown));
        }
        remarks.extend(site.remark(post).map(str::to_owned));
        PostView {
            anchor: Site::anchor("post", &post.id),
            time: post.created.map(|at| self.instant(at)),
            remarks: remarks.join(" · "),
            body: self.body(post),
            repost: post.repost.as_deref().map(|repost| Repost {
                by: repost.author.as_ref().map(|by| line(&by.name)).unwrap_or_default(),
                body: self.body(repost),
            }),
        }
    }

    fn body(self, post: &Post) -> Body {
        let text = paragraphs(&post.text);
        let mut pictures = Vec::new();
        let mut files: Vec<FileView> = Vec::new();
        for attachment in &post.attachments {
            match self.picture(attachment) {
                Some(picture) => pictures.push(picture),
                None => files.extend(self.attachment(attachment)),
            }
        }
        // Links that stand in the text, or are attached, are there already.
        let shown = |url: &str| {
            let in_text = text.iter().flatten().any(|piece| matches!(piece, Piece::Link(known) if known == url));
            in_text || files.iter().any(|file| file.url.as_deref() == Some(url))
        };
        let links: Vec<FileView> =
            post.links.iter().filter(|link| !shown(&link.url)).map(|link| self.link(link)).collect();
        files.extend(links);
        pictures.truncate(MAX_FILES);
        files.truncate(MAX_FILES);
        Body { text, pictures, files }
    }

    fn link(self, link: &crate::community::Link) -> FileView {
        let name = link.text.as_deref().map(line).filter(|text| !text.is_empty()).unwrap_or_else(|| line(&link.url));
        FileView { kind: self.words.web_link.to_owned(), name, url: web_address(&link.url) }
    }

    /// A picture that lies beside the page.
    fn picture(self, attachment: &Attachment) -> Option<PictureView> {
        let Attachment::Photo { url: Some(url), width, height, text } = attachment else { return None };
        let digest = self.pictures?.digest(url)?;
        let size = width.zip(*height).filter(|(width, height)| *width > 0 && *height > 0);
        Some(PictureView { file: picture_file(&digest), text: text.as_deref().map(line).unwrap_or_default(), size })
    }

    /// Nothing is loaded from another host: a picture is a link, too.
    fn attachment(self, attachment: &Attachment) -> Vec<FileView> {
        let words = self.words;
        let file = |kind: &str, name: Option<&String>, url: Option<&String>| {
            let url = url.and_then(|url| web_address(url));
            let name = name.map(|name| line(name)).filter(|name| !name.is_empty()).or_else(|| url.clone());
            vec![FileView { kind: kind.to_owned(), name: name.unwrap_or_default(), url }]
        };
        match attachment {
            Attachment::Photo { url, text, .. } => file(words.photo, text.as_ref(), url.as_ref()),
            Attachment::Video { title, url, .. } => file(words.video, title.as_ref(), url.as_ref()),
            Attachment::Document { title, url, .. } => file(words.document, title.as_ref(), url.as_ref()),
            Attachment::Link { url, title, .. } => file(words.web_link, title.as_ref(), Some(url)),
            Attachment::Audio { title, url, .. } => file(words.audio, title.as_ref(), url.as_ref()),
            Attachment::Event { home } => file(words.event, None, Some(&home.to_string())),
            Attachment::Poll { question, options, .. } => {
                let answers: Vec<String> = options
                    .iter()
                    .map(|option| match option.votes {
                        Some(votes) => format!("{} ({votes})", line(&option.text)),
                        None => line(&option.text),
                    })
                    .collect();
                let name = format!("{} {}", line(question), answers.join(" / "));
                vec![FileView { kind: words.poll.to_owned(), name, url: None }]
            }
            _ => file(words.other, None, None),
        }
    }

    fn event(self, event: &Event) -> EventView {
        let words = self.words;
        let mut notices = Vec::new();
        match event.status {
            EventStatus::Cancelled => notices.push(words.cancelled),
            EventStatus::Removed => notices.push(sentences::calendar_removed(self.language)),
            _ => {}
        }
        if event.mentions_cancellation {
            notices.push(sentences::calendar_mentions(self.language));
        }
        let mut facts = Vec::new();
        if let Some(place) = event.place.as_ref().map(written_place).filter(|place| !place.is_empty()) {
            facts.push(Fact { name: words.place, value: place, url: None });
        }
        if let Some(organiser) = event.organiser.as_ref().map(|by| line(&by.name)).filter(|name| !name.is_empty()) {
            facts.push(Fact { name: words.organiser, value: organiser, url: None });
        }
        if let Some(home) = &event.home {
            let address = home.to_string();
            facts.push(Fact { name: words.address, url: web_address(&address), value: address });
        }
        EventView {
            anchor: Site::anchor("event", event.id.as_str()),
            name: line(&event.name),
            notices,
            time: self.event_time(event),
            facts,
            body: Body {
                text: paragraphs(&shown(event.text.as_deref().unwrap_or_default())),
                pictures: Vec::new(),
                files: Vec::new(),
            },
        }
    }

    fn event_time(self, event: &Event) -> Option<Time> {
        if let Some(EventDays { first, last, .. }) = event.days {
            let first_day = sentences::weekday_and_day(self.language, first);
            let shown = if last == first {
                first_day
            } else {
                format!("{first_day} – {}", sentences::weekday_and_day(self.language, last))
            };
            return Some(Time { shown, machine: first.to_string() });
        }
        let start = event.start?;
        let local = start.offset().to_datetime(start.timestamp());
        let mut shown =
            format!("{}, {}", sentences::weekday_and_day(self.language, local.date()), local.strftime("%H:%M"));
        if let Some(end) = event.end.filter(|end| end.timestamp() > start.timestamp()) {
            let until = start.offset().to_datetime(end.timestamp());
            if until.date() == local.date() {
                shown.push_str(&format!("–{}", until.strftime("%H:%M")));
            } else {
                let day = sentences::weekday_and_day(self.language, until.date());
                shown.push_str(&format!(" – {day}, {}", until.strftime("%H:%M")));
            }
        }
        shown.push_str(&format!(" ({})", offset(start.offset())));
        Some(Time { shown, machine: minute(start).to_string() })
    }

    /// An instant in the zone of the page, to the minute.
    fn instant(self, at: Timestamp) -> Time {
        let local = self.offset.to_datetime(at);
        let day = sentences::day(self.language, local.date());
        let zone = if self.offset == Offset::UTC { "UTC".to_owned() } else { format!("({})", offset(self.offset)) };
        let machine = minute(Moment::new(at, self.offset)).to_string();
        Time { shown: format!("{day}, {} {zone}", local.strftime("%H:%M")), machine }
    }
}

/// Whether an event is over: after its end, or a day after its start.
fn is_over(event: &Event, now: Timestamp) -> bool {
    let end = event.end.map(|end| end.timestamp());
    let after_start = event.start.and_then(|start| start.timestamp().checked_add(AFTER_START).ok());
    end.max(if event.end.is_some() { None } else { after_start }).is_some_and(|over| over < now)
}

/// A gathering without a stated end is shown as upcoming for this long: its announcement still says where people are.
const AFTER_START: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

fn minute(moment: Moment) -> Moment {
    let seconds = moment.timestamp().as_second();
    let at = Timestamp::from_second(seconds - seconds.rem_euclid(60)).unwrap_or(moment.timestamp());
    Moment::new(at, moment.offset())
}

/// `UTC+7`, `UTC+5:30`, `UTC`.
fn offset(offset: Offset) -> String {
    let minutes = offset.seconds() / 60;
    if minutes == 0 {
        return "UTC".to_owned();
    }
    let sign = if minutes < 0 { '−' } else { '+' };
    let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
    if rest == 0 { format!("UTC{sign}{hours}") } else { format!("UTC{sign}{hours}:{rest:02}") }
}

fn written_place(place: &Place) -> String {
    let mut parts: Vec<String> = [&place.name, &place.address].into_iter().flatten().map(|part| line(part)).collect();
    parts.retain(|part| !part.is_empty());
    if let Some(at) = place.coordinates {
        parts.push(format!("{:.5}, {:.5}", at.latitude, at.longitude));
    }
    parts.join(", ")
}

/// What the browser may do: use this page's own style, load the pictures beside a mirror's page, and nothing else (CSP 3). Every
/// other address of a page becomes a request on a click alone. The style is named by its digest, so that no other one in the page counts.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let digest = STANDARD.encode(digest::digest(&digest::SHA256, STYLE.as_bytes()));
    format!("default-src 'none'; style-src 'sha256-{digest}'; {IMAGES}base-uri 'none'; form-action 'none'")
});

/// Where the pictures of a mirror are allowed.
const IMAGES: &str = "IMAGES";

pub(super) const STYLE: &str = include_str!("style.css");

const MAX_EVENTS: usize = 100;
const MAX_FILES: usize = 50;
const SUMMARY_CHARACTERS: usize = 160;
