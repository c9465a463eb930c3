//! The output for people: calm, short lines, the newest first, and at the end how it was reached.
//!
//! Every text that came from outside passes [`crate::plain`] before it is shown.

use std::fmt::Write as _;

use byway::community::{Attachment, Claim, Community, Event, Home, Moment, Post, Restriction};
use byway::sentences::{self, Language};
use byway::{Opened, Reachability};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::plain::{line, wrapped};
use crate::screen::Screen;
use crate::words::{self, Word};

/// Writes for one screen, in one language.
#[derive(Clone, Debug)]
pub(crate) struct People {
    screen: Screen,
    language: Language,
    zone: TimeZone,
}

impl People {
    /// Times are shown in the device's own zone.
    pub(crate) fn new(screen: Screen, language: Language) -> Self {
        Self { screen, language, zone: TimeZone::system() }
    }

    /// What was read of a community; how it was reached is told apart, because its evidence may still be coming.
    pub(crate) fn content(&self, opened: &Opened) -> String {
        let Opened { community, posts, events, notes, reachability, .. } = opened;
        let direct_was_tried = reachability.attempts.iter().any(|attempt| attempt.strategy.is_direct());
        let mut out = self.community(community, direct_was_tried);
        self.heading(&mut out, words::POSTS);
        if posts.is_empty() {
            let _ = writeln!(out, "  {}", self.word(words::NO_POSTS));
        }
        for (n, post) in posts.iter().enumerate() {
            if n > 0 {
                out.push('\n');
            }
            self.post(&mut out, post, "  ");
        }
        if !events.is_empty() {
            self.heading(&mut out, words::EVENTS);
            for (n, event) in events.iter().enumerate() {
                if n > 0 {
                    out.push('\n');
                }
                self.event(&mut out, event);
            }
        }
        if !notes.is_empty() {
            self.heading(&mut out, words::NOTES);
            for note in notes {
                out.push_str(&wrapped(note, "  ", WIDTH));
            }
        }
        out
    }

    /// The answer to a probe: no heading, the sentence is what was asked for.
    pub(crate) fn probe(&self, reachability: &Reachability) -> String {
        let mut out = wrapped(&reachability.sentence(self.language), "", WIDTH);
        out.push('\n');
        out.push_str(&self.attempts(reachability));
        out
    }

    /// The verdict's sentence, and one line an attempt.
    pub(crate) fn reachability(&self, reachability: &Reachability) -> String {
        let mut out = String::new();
        self.heading(&mut out, words::HOW);
        out.push_str(&wrapped(&reachability.sentence(self.language), "  ", WIDTH));
        out.push_str(&self.attempts(reachability));
        out
    }

    /// One line an attempt, in columns.
    pub(crate) fn attempts(&self, reachability: &Reachability) -> String {
        let rows: Vec<[String; 4]> = reachability
            .attempts
            .iter()
            .map(|attempt| {
                let way = match &attempt.strategy.name {
                    Some(name) => format!("{} ({})", line(name), sentences::way(self.language, &attempt.strategy)),
                    None => sentences::way(self.language, &attempt.strategy),
                };
                [
                    way,
                    attempt.address.map(|address| address.to_string()).unwrap_or_default(),
                    line(&sentences::attempt(self.language, attempt)),
                    sentences::time(self.language, attempt.took),
                ]
            })
            .collect();
        let mut out = String::new();
        let wide = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths = [wide(0), wide(1), wide(2), wide(3)];
        for row in &rows {
            let mut text = String::new();
            for (cell, width) in row.iter().zip(widths).filter(|(_, width)| *width > 0) {
                let _ = write!(text, "  {cell:<width$}");
            }
            let _ = writeln!(out, "  {}", self.screen.faint(text.trim_end()));
        }
        out
    }

    fn community(&self, community: &Community, direct_was_tried: bool) -> String {
        let mut out = String::new();
        let _ = writeln!(out, "{}", self.screen.bold(&line(&community.name)));
        let mut facts = Vec::new();
        facts.extend(community.homes.first().map(|home| shown_home(&home.to_string())));
        if let Some(members) = &community.members {
            facts.push(format!(
                "{} {} ({} {})",
                members.count,
                words::members(self.language, members.count),
                self.word(words::READ),
                self.when(members.read_at)
            ));
        }
        facts.extend(words::state(community.state).map(|state| self.word(state).to_owned()));
        let _ = writeln!(out, "{}", self.screen.faint(&facts.join(" · ")));
        for text in [&community.status, &community.description].into_iter().flatten() {
            out.push_str(&wrapped(text, "", WIDTH));
        }
        // Another name of the same page at VK is no other home to a person.
        let others: Vec<_> = community
            .homes
            .iter()
            .skip(1)
            .filter(|home| !matches!(home, Home::Vk(_)))
            .map(|home| shown_home(&home.to_string()))
            .collect();
        if !others.is_empty() {
            let _ = writeln!(out, "{}: {}", self.word(words::HOMES), others.join(", "));
        }
        if !community.restrictions.is_empty() {
            self.heading(&mut out, words::RESTRICTIONS);
            for restriction in &community.restrictions {
                out.push_str(&wrapped(&self.restriction(restriction), "  ", WIDTH));
            }
        }
        if !community.access_advice.is_empty() {
            self.heading(&mut out, words::ACCESS_ADVICE);
            for advice in &community.access_advice {
                let _ = writeln!(
                    out,
                    "  {}: “{}” ({})",
                    self.word(words::advice(advice.kind)),
                    line(&advice.text),
                    self.word(words::field(advice.field))
                );
            }
            if direct_was_tried {
                out.push_str(&wrapped(self.word(words::DIRECT_NOT_KEPT_BACK), "  ", WIDTH));
            }
        }
        for (claim, what) in [(&community.successor, words::SUCCESSOR), (&community.predecessor, words::PREDECESSOR)] {
            if let Some(claim) = claim {
                let _ = write!(out, "\n{}", wrapped(&self.claim(claim, what), "", WIDTH));
            }
        }
        out
    }

    /// "VK states: ..." with what was understood of it before the words themselves.
    fn restriction(&self, restriction: &Restriction) -> String {
        let authority = match self.language {
            Language::Ru => restriction.authority.as_ref(),
            _ => restriction.authority_en.as_ref().or(restriction.authority.as_ref()),
        };
        let mut facts: Vec<String> = Vec::new();
        facts.extend(restriction.jurisdiction.clone());
        facts.extend(authority.cloned());
        facts.extend(restriction.number.as_ref().map(|number| format!("{} {number}", self.word(words::OF_ORDER))));
        facts.extend(restriction.date.map(|date| date.to_string()));
        let who = if restriction.stated_by.is_empty() { "?" } else { &restriction.stated_by };
        let states = self.word(words::STATES);
        if facts.is_empty() {
            return format!("{who} {states}: “{}”", restriction.text);
        }
        format!("{who} {states}: {}.\n“{}”", facts.join(", "), restriction.text)
    }

    fn claim(&self, claim: &Claim, what: Word) -> String {
        format!(
            "{}: {} ({}; {})",
            self.word(what),
            shown_home(&claim.home.to_string()),
            self.word(words::CLAIM),
            self.word(words::field(claim.field))
        )
    }

    fn post(&self, out: &mut String, post: &Post, indent: &str) {
        let mut facts = vec![post.created.map_or_else(|| self.word(words::UNDATED).to_owned(), |at| self.when(at))];
        facts.extend(post.author.as_ref().map(|author| line(&author.name)).filter(|name| !name.is_empty()));
        facts.extend(post.pinned.then(|| self.word(words::PINNED).to_owned()));
        facts.extend(post.edited.map(|at| format!("{} {}", self.word(words::EDITED), self.when(at))));
        let _ = writeln!(out, "{indent}{}", self.screen.faint(&facts.join(" · ")));
        out.push_str(&wrapped(&post.text, indent, WIDTH));
        for attachment in &post.attachments {
            out.push_str(&wrapped(&format!("[{}]", self.attachment(attachment)), indent, WIDTH));
        }
        if let Some(repost) = &post.repost {
            let _ = writeln!(out, "{indent}{}:", self.word(words::REPOST));
            self.post(out, repost, &format!("{indent}  "));
        }
    }

    fn attachment(&self, attachment: &Attachment) -> String {
        let (kind, said, url) = match attachment {
            Attachment::Photo { url, text, .. } => (words::PHOTO, text.clone(), url.clone()),
            Attachment::Video { title, url, .. } => (words::VIDEO, title.clone(), url.clone()),
            Attachment::Document { title, url, .. } => (words::DOCUMENT, title.clone(), url.clone()),
            Attachment::Link { url, title, .. } => (words::LINK, title.clone(), Some(url.clone())),
            Attachment::Audio { artist, title, url, .. } => {
                let said: Vec<_> = [artist, title].into_iter().flatten().cloned().collect();
                (words::AUDIO, Some(said.join(" — ")), url.clone())
            }
            Attachment::Poll { question, options, .. } => {
                let options: Vec<_> = options.iter().map(|option| option.text.clone()).collect();
                (words::POLL, Some(format!("{question} {}", options.join(" / "))), None)
            }
            Attachment::Event { home } => (words::EVENT, None, Some(home.to_string())),
            Attachment::Unknown(unknown) => (words::OTHER, Some(unknown.kind.clone()), None),
            _ => (words::OTHER, None, None),
        };
        let mut text = self.word(kind).to_owned();
        for part in [said, url].into_iter().flatten().filter(|part| !part.trim().is_empty()) {
            let _ = write!(text, " {}", line(&part));
        }
        text
    }

    fn event(&self, out: &mut String, event: &Event) {
        let mut when = match (&event.start, &event.end) {
            (Some(start), Some(end)) => format!("{} – {}", local(start), local_end(start, end)),
            (Some(start), None) => local(start),
            (None, _) => self.word(words::UNDATED).to_owned(),
        };
        if let Some(start) = &event.start {
            let zone = event.zone.as_ref().map(|zone| format!(", {}", line(zone))).unwrap_or_default();
            let _ = write!(when, " (UTC{}{zone})", offset(start));
        }
        if let Some(status) = words::event_status(event.status) {
            let _ = write!(when, " · {}", self.word(status));
        }
        let _ = writeln!(out, "  {}", self.screen.faint(&when));
        out.push_str(&wrapped(&event.name, "  ", WIDTH));
        if let Some(place) = &event.place {
            let mut parts: Vec<String> = [&place.name, &place.address].into_iter().flatten().cloned().collect();
            parts.extend(place.coordinates.map(|at| format!("{:.5}, {:.5}", at.latitude, at.longitude)));
            out.push_str(&wrapped(&parts.join(" · "), "  ", WIDTH));
        }
        let mut facts = Vec::new();
        facts.extend(
            event
                .organiser
                .as_ref()
                .filter(|who| !who.name.is_empty())
                .map(|who| format!("{} {}", self.word(words::ORGANISER), line(&who.name))),
        );
        facts.extend(event.counts.going.map(|count| format!("{}: {count}", self.word(words::GOING))));
        facts.extend(event.home.as_ref().map(|home| shown_home(&home.to_string())));
        out.push_str(&wrapped(&facts.join(" · "), "  ", WIDTH));
    }

    fn heading(&self, out: &mut String, word: Word) {
        let _ = writeln!(out, "\n{}", self.screen.bold(self.word(word)));
    }

    fn word(&self, word: Word) -> &'static str {
        word.in_(self.language)
    }

    fn when(&self, at: Timestamp) -> String {
        at.to_zoned(self.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
    }
}

fn shown_home(home: &str) -> String {
    line(home.strip_prefix("https://").unwrap_or(home))
}

/// By the clock on the wall there.
fn local(moment: &Moment) -> String {
    moment.offset().to_datetime(moment.timestamp()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// The end, without its day when that is the day of the start.
fn local_end(start: &Moment, end: &Moment) -> String {
    let (from, to) = (start.offset().to_datetime(start.timestamp()), start.offset().to_datetime(end.timestamp()));
    let format = if from.date() == to.date() { "%H:%M" } else { "%Y-%m-%d %H:%M" };
    to.strftime(format).to_string()
}

/// `+07:00`; nothing for UTC itself.
fn offset(moment: &Moment) -> String {
    let minutes = moment.offset().seconds() / 60;
    if minutes == 0 {
        return String::new();
    }
    format!("{}{:02}:{:02}", if minutes < 0 { '-' } else { '+' }, minutes.abs() / 60, minutes.abs() % 60)
}

/// Columns of text: what fits every terminal and is comfortable to read.
const WIDTH: usize = 80;
