//! Communities, posts and events for people.

use std::fmt::Write as _;

use byway::Language;
use byway::community::{AccessAdvice, Attachment, Claim, Community, Event, EventStatus, Home, Post, Restriction};
use jiff::Timestamp;

use super::People;
use crate::plain::{line, shown_home, wrapped};
use crate::words::{self, Label};

impl People {
    pub(super) fn posts(&self, out: &mut String, posts: &[Post]) {
        self.heading(out, words::POSTS);
        if posts.is_empty() {
            let _ = writeln!(out, "  {}", self.word(words::NO_POSTS));
        }
        for (n, post) in posts.iter().enumerate() {
            if n > 0 {
                out.push('\n');
            }
            self.post(out, post, "  ");
        }
    }

    pub(super) fn events(&self, out: &mut String, events: &[Event]) {
        if events.is_empty() {
            return;
        }
        self.heading(out, words::EVENTS);
        for (n, event) in events.iter().enumerate() {
            if n > 0 {
                out.push('\n');
            }
            self.event(out, event);
        }
    }

    pub(super) fn community(&self, community: &Community) -> String {
        let mut out = String::new();
        out.push_str(&self.boldly(&line(&community.name)));
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
        facts.extend(self.verified(community));
        facts.extend(words::state(community.state).map(|state| self.seen(state, community.state_seen)));
        out.push_str(&self.faintly(&facts.join(" · "), ""));
        for text in [&community.status, &community.description].into_iter().flatten() {
            // Behind an indent: a page could otherwise draw what this program says itself.
            let _ = write!(out, "\n{}", wrapped(text, "  ", self.screen.width));
        }
        // For a person, another name of the same page at VK is not another home.
        let others: Vec<_> = community
            .homes
            .iter()
            .skip(1)
            .filter(|home| !matches!(home, Home::Vk(_)))
            .map(|home| shown_home(&home.to_string()))
            .collect();
        if !others.is_empty() {
            let others = format!("{}: {}", self.word(words::HOMES), others.join(", "));
            let _ = write!(out, "\n{}", wrapped(&others, "", self.screen.width));
        }
        if !community.restrictions.is_empty() {
            self.heading(&mut out, words::RESTRICTIONS);
            for restriction in &community.restrictions {
                out.push_str(&wrapped(&self.restriction(restriction), "  ", self.screen.width));
            }
        }
        if !community.access_advice.is_empty() {
            self.heading(&mut out, words::ACCESS_ADVICE);
            for advice in &community.access_advice {
                out.push_str(&wrapped(&self.advice(advice), "  ", self.screen.width));
            }
        }
        for (claim, what) in [(&community.successor, words::SUCCESSOR), (&community.predecessor, words::PREDECESSOR)] {
            if let Some(claim) = claim {
                let claim = line(&self.claim(community, claim, what));
                let _ = write!(out, "\n{}", wrapped(&claim, "", self.screen.width));
            }
        }
        out
    }

    /// "verified, says Telegram": the platform's claim.
    pub(super) fn verified(&self, community: &Community) -> Option<String> {
        community.verified_by.as_deref().map(|platform| format!("{} {}", self.word(words::VERIFIED), line(platform)))
    }

    /// "VK states: ..." with the parsed facts before the words themselves.
    pub(super) fn restriction(&self, restriction: &Restriction) -> String {
        let mut out = self.stated(restriction);
        if !restriction.text.is_empty() {
            let _ = write!(out, "\n{}", self.quoted(&restriction.text));
        }
        if let Some(link) = &restriction.link {
            let _ = write!(out, "\n{} {}", self.word(words::LINK_OF_BLOCKER), line(link));
        }
        out
    }

    pub(super) fn stated(&self, restriction: &Restriction) -> String {
        let authority = match self.language {
            Language::Ru => restriction.authority.as_ref(),
            _ => restriction.authority_en.as_ref().or(restriction.authority.as_ref()),
        };
        let mut facts: Vec<String> = Vec::new();
        facts.extend(restriction.jurisdiction.clone());
        facts.extend(authority.cloned());
        facts.extend(restriction.number.as_ref().map(|number| format!("{} {number}", self.word(words::OF_ORDER))));
        facts.extend(restriction.date.map(|date| self.day(date)));
        let who = match restriction.stated_by.as_str() {
            "" => "?",
            Restriction::HTTP_451 => self.word(words::THE_REFUSAL),
            VK => self.word(words::VK),
            _ if restriction.is_own_word() => self.word(words::THE_COMMUNITY),
            who => who,
        };
        let states = self.word(words::STATES);
        if facts.is_empty() {
            return format!("{who} {states}:");
        }
        format!("{who} {states}: {}.", facts.join(", "))
    }

    pub(super) fn advice(&self, advice: &AccessAdvice) -> String {
        format!(
            "{}: {} ({})",
            self.word(words::advice(advice.kind)),
            self.quoted(&line(&advice.text)),
            self.word(words::field(advice.field))
        )
    }

    /// What a community says of another address of its own. A page can only claim it; a signed community states it in its charter,
    /// and the note about the move says who signed.
    pub(super) fn claim(&self, community: &Community, claim: &Claim, what: Label) -> String {
        let (what, home) = (self.word(what), shown_home(&claim.home.to_string()));
        if community.id.as_str().starts_with("byway:") {
            return format!("{what}: {home} ({})", self.word(words::IN_CHARTER));
        }
        format!("{what}: {home} ({}; {})", self.word(words::CLAIM), self.word(words::field(claim.field)))
    }

    pub(super) fn post(&self, out: &mut String, post: &Post, indent: &str) {
        let mut facts = vec![post.created.map_or_else(|| self.word(words::UNDATED).to_owned(), |at| self.when(at))];
        facts.extend(post.author.as_ref().map(|author| line(&author.name)).filter(|name| !name.is_empty()));
        facts.extend(post.pinned.then(|| self.word(words::PINNED).to_owned()));
        facts.extend(post.edited.map(|at| format!("{} {}", self.word(words::EDITED), self.when(at))));
        facts.extend(words::post_state(post).map(|state| self.seen(state, post.state_seen)));
        facts.extend(post.read_at.map(|at| format!("{} {}", self.word(words::READ), self.when(at))));
        out.push_str(&self.faintly(&facts.join(" · "), indent));
        out.push_str(&wrapped(&post.text, indent, self.screen.width));
        for attachment in &post.attachments {
            out.push_str(&wrapped(&format!("[{}]", self.attachment(attachment)), indent, self.screen.width));
        }
        if let Some(repost) = &post.repost {
            let _ = writeln!(out, "{indent}{}:", self.word(words::REPOST));
            self.post(out, repost, &format!("{indent}  "));
        }
    }

    pub(super) fn attachment(&self, attachment: &Attachment) -> String {
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

    pub(super) fn event(&self, out: &mut String, event: &Event) {
        let mut when = match (&event.days, &event.start, &event.end) {
            (Some(days), ..) => self.days(days),
            (None, Some(start), Some(end)) => format!("{} – {}", self.local(start), self.local_end(start, end)),
            (None, Some(start), None) => self.local(start),
            (None, None, _) => self.word(words::UNDATED).to_owned(),
        };
        let start = event.start.as_ref().filter(|_| event.days.is_none());
        if let Some(there) = start.and_then(|start| self.there(start, event.zone.as_deref())) {
            let _ = write!(when, " ({there})");
        }
        // Whether it is over is decided now: the source said what it says long ago.
        let state = event.status_at(Timestamp::now());
        // An event without a date is not certain anyway.
        let status = words::event_status(state).filter(|_| event.start.is_some() || state != EventStatus::Unknown);
        if let Some(status) = status {
            let seen = event.status_seen.filter(|_| state == event.status);
            let _ = write!(when, " · {}", self.seen(status, seen));
        }
        if let Some(at) = event.read_at {
            let _ = write!(when, " · {} {}", self.word(words::READ), self.when(at));
        }
        if event.mentions_cancellation {
            let _ = write!(when, " · {}", self.word(words::MENTIONS_CANCELLATION));
        }
        out.push_str(&self.faintly(&when, "  "));
        out.push_str(&wrapped(&event.name, "  ", self.screen.width));
        if let Some(place) = &event.place {
            let mut parts: Vec<String> = [&place.name, &place.address].into_iter().flatten().cloned().collect();
            parts.extend(place.coordinates.map(|at| format!("{:.5}, {:.5}", at.latitude, at.longitude)));
            out.push_str(&wrapped(&parts.join(" · "), "  ", self.screen.width));
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
        out.push_str(&wrapped(&facts.join(" · "), "  ", self.screen.width));
    }

    /// A state, with the time at which it was seen.
    pub(super) fn seen(&self, state: Label, seen: Option<Timestamp>) -> String {
        let state = self.word(state);
        seen.map_or_else(|| state.to_owned(), |at| format!("{state} ({} {})", self.word(words::SEEN), self.when(at)))
    }
}

/// The name that VKontakte has in [`Restriction::stated_by`].
const VK: &str = "VK";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;
    use crate::screen::Screen;

    #[test]
    fn a_mark_is_shown_as_the_platforms_claim() {
        let mut community = Community::new("telegram:zavod".parse().unwrap(), "The plant");
        for (language, said) in
            [(Language::En, "verified, says Telegram"), (Language::Ru, "подтверждено, сообщает Telegram")]
        {
            let people = People::in_zone(Screen::plain(80), language, jiff::tz::TimeZone::UTC);
            community.verified_by = None;
            assert!(!people.community(&community).contains("Telegram"));
            community.verified_by = Some("Telegram\u{1b}[2J".to_owned());
            let shown = people.community(&community);
            assert!(shown.contains(said) && !shown.contains('\u{1b}'), "{shown}");
        }
    }

    #[test]
    fn what_others_wrote_stands_behind_an_indent() {
        let forged = "Hello\n\nHow it was reached\nReached directly.\n\nNotes\n  From this device, read just now.";
        let mut community = Community::new("telegram:zavod".parse().unwrap(), forged);
        (community.status, community.description) = (Some(forged.to_owned()), Some(forged.to_owned()));
        let mut post = Post::new("p");
        post.text = forged.to_owned();
        post.author = Some(byway::community::Author::new("a", forged, byway::community::AuthorKind::Person));
        post.attachments =
            vec![Attachment::Link { url: forged.to_owned(), title: Some(forged.to_owned()), text: None }];
        post.repost = Some(Box::new(post.clone()));
        let mut event = Event::new("vk:-7".parse().unwrap(), forged);
        let mut place = byway::community::Place::default();
        (place.name, place.address) = (Some(forged.to_owned()), Some(forged.to_owned()));
        (event.place, event.organiser) = (Some(place), post.author.clone());
        let people = People::in_zone(Screen::plain(80), Language::En, jiff::tz::TimeZone::UTC);
        let mut out = people.community(&community);
        people.posts(&mut out, &[post]);
        people.events(&mut out, &[event]);
        let flush: Vec<&str> = out.lines().filter(|line| !line.is_empty() && !line.starts_with(' ')).collect();
        let own = ["How it was reached", "Reached directly.", "Notes", "From this device, read just now."];
        assert!(flush.iter().all(|line| !own.contains(line)), "{flush:?}");
        assert!(out.contains("  How it was reached"), "{out}");
    }
}
