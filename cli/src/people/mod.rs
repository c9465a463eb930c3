//! The output for people: calm, short lines, the newest first, and at the end how it was reached.
//!
//! Every text from outside passes [`crate::plain`] before it is shown.

mod how;
mod items;
mod synced;
mod times;

use std::fmt::Write as _;
use std::sync::OnceLock;

use byway::community::{CommunityId, MirrorStanding, MirrorState, Trust, TrustReason};
use byway::source::SourceNote;
use byway::{
    Cursor, Exposure, Language, ListPage, MoveKind, Note, Opened, Preview, PreviewRoute, SearchHit, Standing,
    StoredCommunity, UpcomingEvent,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::plain::{line, shell_word, shown_home, wrapped, wrapped_command};
use crate::screen::Screen;
use crate::shown::{Shown, is_plain};
use crate::words::{self, Label};

pub(crate) use synced::News;

/// Writes for one screen, in one language.
#[derive(Clone, Debug)]
pub(crate) struct People {
    screen: Screen,
    language: Language,
    /// Looked up with the first time that is shown: jiff walks all names of zones for it, which a command that shows no time
    /// need not wait for.
    zone: OnceLock<TimeZone>,
}

/// A community in a few lines.
pub(crate) struct Digest {
    /// Its name and members.
    pub(crate) head: String,
    /// Restrictions, access advice and claims, each separately: a reader may have seen some of them already.
    pub(crate) stated: Vec<String>,
    /// Its posts and events.
    pub(crate) read: Vec<String>,
}

impl People {
    /// Times are shown in the device's own zone.
    pub(crate) fn new(screen: Screen, language: Language) -> Self {
        Self { screen, language, zone: OnceLock::new() }
    }

    /// Times are shown in this zone.
    pub(crate) fn in_zone(screen: Screen, language: Language, zone: TimeZone) -> Self {
        Self { screen, language, zone: zone.into() }
    }

    pub(crate) fn screen(&self) -> Screen {
        self.screen
    }

    pub(crate) fn language(&self) -> Language {
        self.language
    }

    pub(crate) fn width(&self) -> usize {
        self.screen.width
    }

    /// What was read of a community. How it was reached is shown separately, because its evidence may still be coming.
    pub(crate) fn content(&self, opened: &Opened) -> String {
        let Opened { community, posts, events, notes, homes, .. } = opened;
        let mut out = self.community(community);
        if !community.restrictions.is_empty() || !community.access_advice.is_empty() {
            out.push_str(&self.faintly(self.word(words::NO_DIRECT), "  "));
        }
        if opened.exposure > Exposure::Open {
            let kept = format!("{} {}.", self.word(words::EXPOSURE_KEPT), opened.exposure.code());
            let _ = write!(out, "\n{}", self.faintly(&kept, ""));
        }
        self.posts(&mut out, posts);
        self.events(&mut out, events);
        self.notes(&mut out, notes);
        let standings: Vec<&MirrorStanding> = homes.iter().map(|home| &home.standing).collect();
        self.mirrors(&mut out, &standings);
        out.push('\n');
        self.zone(&mut out, opened.synced_at);
        out
    }

    fn notes(&self, out: &mut String, notes: &[Note]) {
        if notes.is_empty() {
            return;
        }
        self.heading(out, words::NOTES);
        for note in notes {
            out.push_str(&wrapped(&self.noted(note), "  ", self.screen.width));
        }
    }

    /// The sentence of a note, with its times in the zone of the screen. The library writes them in UTC.
    fn noted(&self, note: &Note) -> String {
        let stated: Vec<Timestamp> = match note {
            Note::Move(moved) => moved.until.into_iter().collect(),
            Note::PostsGap { after, before } => vec![*after, *before],
            Note::Source(SourceNote::Signed(trust)) => {
                let frozen = |reason: &TrustReason| match reason {
                    TrustReason::Frozen { after } => Some(*after),
                    _ => None,
                };
                trust.reasons.iter().filter_map(frozen).collect()
            }
            _ => Vec::new(),
        };
        stated.into_iter().fold(note.sentence(self.language), |sentence, at| {
            let written = ["%Y-%m-%d %H:%M UTC", "%d.%m.%Y %H:%M UTC"].map(|form| at.strftime(form).to_string());
            written.iter().fold(sentence, |sentence, utc| sentence.replace(utc, &self.when(at)))
        })
    }

    /// The addresses of a signed community, if there are several or one of them is not as it should be.
    fn mirrors(&self, out: &mut String, homes: &[&MirrorStanding]) {
        if homes.len() < 2 && homes.iter().all(|home| home.state == MirrorState::Current) {
            return;
        }
        self.heading(out, words::MIRRORS);
        for MirrorStanding { home, state, .. } in homes.iter().copied() {
            out.push_str(&wrapped(&shown_home(&home.to_string()), "  ", self.screen.width));
            let sentence = wrapped(&state.sentence(self.language), "    ", self.screen.width);
            out.push_str(&if state.is_fault() { self.each_line(&sentence, Screen::hindered) } else { sentence });
        }
    }

    /// How many of a community's addresses are not as they should be, in a line of the list of what is kept.
    pub(crate) fn homes_not_current(&self, standing: &Standing) -> String {
        let other = standing.homes.iter().filter(|home| home.state != MirrorState::Current).count();
        if other == 0 {
            return String::new();
        }
        let all = standing.homes.len();
        self.faintly(&format!("{} {other} / {all}", self.word(words::MIRRORS_NOT_CURRENT)), "  ")
    }

    /// Says that it comes from the store, and how old it is.
    pub(crate) fn out_of_store(&self, opened: &Opened, indent: &str) -> String {
        let age = words::since(self.language, opened.age);
        let (kept, read) = (self.word(words::KEPT), self.word(words::READ));
        wrapped(&format!("{kept}, {read} {age} ({}).", self.when(opened.synced_at)), indent, self.width())
            .lines()
            .map(|line| format!("{}\n", self.screen.said(line)))
            .collect()
    }

    /// Says that it came from a file or a folder now, and how old its newest statement is.
    pub(crate) fn carried(&self, opened: &Opened) -> String {
        let said = format!("{} {}.", self.word(words::CARRIED), self.when(opened.synced_at));
        self.each_line(&wrapped(&said, "", self.width()), Screen::said)
    }

    /// What was read, as short as possible.
    pub(crate) fn digest(&self, opened: &Opened) -> Digest {
        let Opened { community, posts, events, .. } = opened;
        let indented = |text: &str| wrapped(text, "    ", self.width());
        let members = community
            .members
            .as_ref()
            .map(|members| format!(" · {} {}", members.count, words::members(self.language, members.count)));
        let head = format!("{}{}", line(&community.name), members.unwrap_or_default());
        let head = self.each_line(&wrapped(&head, "  ", self.width()), Screen::bold);
        // Their words are in the verdict.
        let restrictions = community.restrictions.iter().map(|restriction| self.stated(restriction));
        let mut stated: Vec<_> = restrictions.map(|text| self.each_line(&indented(&text), Screen::hindered)).collect();
        let advice = community.access_advice.iter().map(|advice| self.advice(advice));
        let claims = [(&community.successor, words::SUCCESSOR), (&community.predecessor, words::PREDECESSOR)];
        let claims = claims.into_iter().filter_map(|(claim, what)| Some(self.claim(community, claim.as_ref()?, what)));
        stated.extend(advice.chain(claims).map(|text| self.each_line(&indented(&text), Screen::said)));
        let mut read: Vec<_> = posts.iter().map(|post| indented(&post.text)).collect();
        for event in events {
            let mut facts: Vec<String> = match (&event.days, &event.start) {
                (Some(days), _) => vec![self.days(days)],
                (None, start) => start.iter().map(|start| self.local(start)).collect(),
            };
            facts.push(line(&event.name));
            facts.extend(event.place.as_ref().and_then(|place| place.name.as_deref()).map(line));
            read.push(indented(&facts.join(" · ")));
        }
        Digest { head, stated, read }
    }

    /// A line or two about a community in the list of what is kept.
    pub(crate) fn kept(&self, kept: &StoredCommunity) -> String {
        let StoredCommunity { community, .. } = kept;
        let mut facts = vec![line(&community.id.to_string())];
        facts.extend(community.homes.first().map(|home| shown_home(&home.to_string())));
        facts.extend(
            community
                .members
                .as_ref()
                .map(|members| format!("{} {}", members.count, words::members(self.language, members.count))),
        );
        facts.extend(self.verified(community));
        facts.push(format!(
            "{} {}",
            self.word(words::READ),
            words::since(self.language, kept.age_at(Timestamp::now()))
        ));
        facts.extend(words::state(community.state).map(|state| self.seen(state, community.state_seen)));
        format!("{}{}", self.boldly(&line(&community.name)), self.faintly(&facts.join(" · "), "  "))
    }

    /// That a kept community is an old one, and which one continues it.
    pub(crate) fn succeeded(&self, standing: &Standing) -> String {
        let followed = |note: &Note| match note {
            Note::Move(moved) if matches!(moved.kind, MoveKind::MovedOn | MoveKind::LeftOnYourWord) => moved.to.clone(),
            _ => None,
        };
        let to = standing.notes.iter().find_map(followed);
        to.map(|to| self.faintly(&format!("{} {}", self.word(words::LIST_OLD), line(to.as_str())), "  "))
            .unwrap_or_default()
    }

    /// Whom opening would contact: strategy by strategy, observer by observer.
    pub(crate) fn preview(&self, preview: &Preview) -> String {
        let Preview { link, kept, avoids_direct, hosts, routes, refusal, .. } = preview;
        let mut out = self.boldly(&shown_home(&link.home.to_string()));
        let mut facts = vec![format!("{}: {}", self.word(words::PREVIEW_EXPOSURE), link.exposure.code())];
        if !hosts.is_empty() {
            facts.push(format!("{}: {}", self.word(words::PREVIEW_HOSTS), hosts.join(", ")));
        }
        out.push_str(&self.faintly(&facts.join(" · "), ""));
        for (holds, text) in [(*kept, words::PREVIEW_KEPT), (*avoids_direct, words::PREVIEW_AVOIDS)] {
            if holds {
                out.push_str(&wrapped(self.word(text), "", self.width()));
            }
        }
        if let Some(code) = refusal {
            let why = preview.refusal_sentence(self.language).unwrap_or_default();
            let why = words::with_hint(self.language, code, &why);
            out.push_str(&wrapped(&format!("{} {why}", self.word(words::PREVIEW_NOTHING)), "", self.width()));
        }
        self.preview_routes(&mut out, routes);
        for other in &preview.others {
            let what = if other.is_successor { words::PREVIEW_SUCCESSOR } else { words::PREVIEW_BESIDE };
            let head = format!("{} {}", self.word(what), shown_home(&other.home.to_string()));
            let _ = write!(out, "\n{}", self.boldly(&head));
            if other.routes.is_empty() {
                out.push_str(&wrapped(self.word(words::PREVIEW_NOT_BESIDE), "  ", self.width()));
            }
            self.preview_routes(&mut out, &other.routes);
        }
        let _ = writeln!(out, "\n{}", self.screen.faint(self.word(words::PREVIEW_END)));
        out
    }

    fn preview_routes(&self, out: &mut String, routes: &[PreviewRoute]) {
        for (n, way) in routes.iter().enumerate() {
            let order = if n == 0 { words::PREVIEW_FIRST } else { words::PREVIEW_THEN };
            let head = format!("{} {}:", self.word(order), way.strategy.phrase(self.language));
            let _ = write!(out, "\n{}", self.boldly(&head));
            for contact in &way.contacts {
                out.push_str(&wrapped(&contact.sentence(self.language), "  ", self.width()));
            }
        }
    }

    /// A page of what is kept.
    pub(crate) fn shown(&self, shown: &Shown, asked: &str) -> String {
        let Shown { kept, standing, posts, events, next_posts, next_events, goes_on } = shown;
        let mut out = String::new();
        if *goes_on {
            out.push_str(&self.doubtful(&standing.trust()));
        } else {
            out.push_str(&self.community(&kept.community));
        }
        if !posts.is_empty() || !goes_on {
            self.posts(&mut out, posts);
        }
        self.events(&mut out, events);
        if posts.is_empty() && events.is_empty() && *goes_on {
            let _ = writeln!(out, "{}", self.word(words::NO_OLDER));
        }
        if !goes_on {
            self.notes(&mut out, &standing.notes);
            self.mirrors(&mut out, &standing.homes.iter().collect::<Vec<_>>());
        }
        let age = words::since(self.language, kept.age_at(Timestamp::now()));
        let kept_since = format!("{}, {} {age}.", self.word(words::KEPT), self.word(words::READ));
        let _ = write!(out, "\n{}", self.faintly(&kept_since, ""));
        self.zone(&mut out, kept.synced_at);
        for (cursor, what) in [(next_posts, words::MORE_POSTS), (next_events, words::MORE_EVENTS)] {
            if let Some(cursor) = cursor {
                let command = format!("byway show {} --after {cursor}", shell_word(asked));
                // A command that is copied is never broken.
                out.push_str(&self.faintly(self.word(what), ""));
                let _ = writeln!(out, "{}", self.screen.faint(&command));
            }
        }
        out
    }

    /// The hits of a search, one by one, each with the name of its community.
    pub(crate) fn found(
        &self,
        page: &ListPage<SearchHit>,
        communities: &[StoredCommunity],
        doubts: &[(CommunityId, Trust)],
    ) -> String {
        let mut out = String::new();
        if page.items.is_empty() {
            let _ = writeln!(out, "{}", self.word(words::NOTHING_FOUND));
        }
        for (at, hit) in page.items.iter().enumerate() {
            if at > 0 {
                out.push('\n');
            }
            match hit {
                SearchHit::Community { stored, .. } => {
                    out.push_str(&self.kept(stored));
                    out.push_str(&self.doubt(&stored.community.id, doubts));
                }
                SearchHit::Post { community, post, .. } => {
                    out.push_str(&self.in_community(community, communities));
                    out.push_str(&self.doubt(community, doubts));
                    self.post(&mut out, post, "  ");
                }
                SearchHit::Event { community, event, .. } => {
                    out.push_str(&self.in_community(community, communities));
                    out.push_str(&self.doubt(community, doubts));
                    self.event(&mut out, event);
                }
                _ => {}
            }
        }
        self.next_page(&mut out, page.next.as_ref(), page.items.is_empty());
        out
    }

    /// Upcoming events, each with the name of the community in which it is kept.
    pub(crate) fn upcoming(
        &self,
        page: &ListPage<UpcomingEvent>,
        communities: &[StoredCommunity],
        doubts: &[(CommunityId, Trust)],
    ) -> String {
        let mut out = String::new();
        if page.items.is_empty() {
            let _ = writeln!(out, "{}", self.word(words::NOTHING_TO_COME));
        }
        for (at, UpcomingEvent { community, event, .. }) in page.items.iter().enumerate() {
            if at > 0 {
                out.push('\n');
            }
            out.push_str(&self.in_community(community, communities));
            out.push_str(&self.doubt(community, doubts));
            self.event(&mut out, event);
        }
        self.next_page(&mut out, page.next.as_ref(), page.items.is_empty());
        out
    }

    /// Why this community's content is not plainly to be believed, if that is so.
    pub(crate) fn doubt(&self, id: &CommunityId, doubts: &[(CommunityId, Trust)]) -> String {
        doubts.iter().find(|(of, _)| of == id).map_or_else(String::new, |(_, trust)| self.doubtful(trust))
    }

    /// The same of what is remembered of one community.
    pub(crate) fn doubtful(&self, trust: &Trust) -> String {
        if is_plain(trust) { String::new() } else { wrapped(&trust.sentence(self.language), "  ", self.width()) }
    }

    fn in_community(&self, id: &CommunityId, communities: &[StoredCommunity]) -> String {
        let known = communities.iter().find(|kept| kept.community.id == *id);
        let name = known.map_or_else(|| line(id.as_str()), |kept| line(&kept.community.name));
        self.faintly(&format!("{} {name}", self.word(words::IN_COMMUNITY)), "  ")
    }

    fn next_page(&self, out: &mut String, next: Option<&Cursor>, is_empty: bool) {
        if !is_empty {
            out.push('\n');
            self.zone(out, Timestamp::now());
        }
        if let Some(cursor) = next {
            let more = format!("{} --after {cursor}", self.word(words::MORE_OF_THIS));
            out.push_str(&self.faintly(&more, ""));
        }
    }

    /// A minor text, on as many lines as it needs.
    pub(crate) fn faintly(&self, text: &str, indent: &str) -> String {
        self.each_line(&wrapped(text, indent, self.screen.width), Screen::faint)
    }

    /// A command as one types it. A long one continues after a backslash, so that a shell reads it as one line.
    pub(crate) fn command(&self, command: &str) -> String {
        let lines = wrapped_command(&format!("$ {command}"), self.screen.width.saturating_sub("    \\".len()));
        self.each_line(&lines.trim_end().replace('\n', " \\\n    "), Screen::faint)
    }

    /// A title, on as many lines as it needs.
    pub(crate) fn boldly(&self, text: &str) -> String {
        self.each_line(&wrapped(text, "", self.screen.width), Screen::bold)
    }

    pub(crate) fn each_line(&self, text: &str, style: fn(Screen, &str) -> String) -> String {
        text.lines().map(|line| format!("{}\n", style(self.screen, line))).collect()
    }

    fn heading(&self, out: &mut String, word: Label) {
        let _ = writeln!(out, "\n{}", self.screen.bold(self.word(word)));
    }

    pub(crate) fn word(&self, word: Label) -> &'static str {
        word.in_(self.language)
    }

    fn quoted(&self, text: &str) -> String {
        match self.language {
            Language::Ru => format!("«{text}»"),
            _ => format!("“{text}”"),
        }
    }
}
