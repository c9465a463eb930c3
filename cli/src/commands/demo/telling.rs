//! How the story is shown: the news of each step, and how long it stays on the screen.

use std::collections::HashSet;
use std::time::Duration;

use byway::source::SourceNote;
use byway::{Note, Opened, Reachability, ReadFrom, VerdictCode};

use super::step::{Outcome, Step};
use crate::people::{Digest, People};
use crate::plain::{columns, wrapped};
use crate::screen::Screen;
use crate::words;

/// A text to show, and for how long.
pub(super) struct Beat {
    pub(super) text: String,
    pub(super) pause: Duration,
    /// The line below it meanwhile.
    pub(super) progress: String,
}

pub(super) fn beats(steps: &[Step], people: &People) -> Vec<Beat> {
    let width = people.width();
    let mut told = HashSet::new();
    let mut beats = vec![Beat {
        text: people.faintly(people.word(words::DEMO_IS), ""),
        pause: BEGINNING,
        progress: progress(0, steps.len()),
    }];
    let mut date = "";
    for (done, step) in steps.iter().enumerate() {
        let mut text = String::new();
        if people.word(step.date) != date {
            date = people.word(step.date);
            text.push_str(&format!("\n{}\n", people.screen().said(&rule(date, width))));
        }
        text.push_str(&format!("\n{}", people.boldly(people.word(step.title))));
        text.push_str(&people.command(&step.command));
        beats.push(Beat { text, pause: TITLE, progress: progress(done, steps.len()) });
        let text = match &step.outcome {
            // After the network is gone, everything is shown again.
            Outcome::Opened(opened) if opened.reachability.verdict.code == VerdictCode::Offline => {
                told.clear();
                opened_text(opened, people, &mut told)
            }
            Outcome::Opened(opened) => opened_text(opened, people, &mut told),
            Outcome::NotOpened(_) => step.reachability().map(|met| sentence(met, people)).unwrap_or_default(),
            Outcome::Probed(met) => sentence(met, people) + &people.attempts(met),
        };
        beats.push(Beat { text, pause: RESULT, progress: progress(done + 1, steps.len()) });
    }
    let end = format!(
        "\n{}\n{}{}{}",
        people.screen().said(&rule("", width)),
        wrapped(people.word(words::DEMO_END), "", width),
        people.boldly(&format!("  $ {TRY}")),
        people.faintly(people.word(words::DEMO_END_READ), "")
    );
    beats.push(Beat { text: end, pause: Duration::ZERO, progress: String::new() });
    beats
}

/// A step with all that belongs to it.
pub(super) fn whole(step: &Step, people: &People) -> String {
    let mut text = format!("\n{}{}", people.boldly(people.word(step.title)), people.command(&step.command));
    for said in &step.said {
        text.push_str(&people.faintly(said, "  "));
    }
    text + &match &step.outcome {
        Outcome::Opened(opened) => opened_text(opened, people, &mut HashSet::new()),
        Outcome::NotOpened(_) => step.reachability().map(|met| sentence(met, people)).unwrap_or_default(),
        Outcome::Probed(met) => sentence(met, people) + &people.attempts(met),
    }
}

/// Statements that appear for the first time, the posts and events that were read, and how.
fn opened_text(opened: &Opened, people: &People, told: &mut HashSet<String>) -> String {
    let Digest { head, stated, read } = people.digest(opened);
    let new = stated.into_iter().filter(|text| told.insert(text.clone()));
    let mut text: String = std::iter::once(head).chain(new).chain(read).collect();
    for note in &opened.notes {
        // Whose words they are, and where the community moved.
        if matches!(note, Note::Move(_) | Note::Source(SourceNote::Signed(_))) {
            let sentence = wrapped(&note.sentence(people.language()), "    ", people.width());
            text.push_str(&people.each_line(&sentence, Screen::said));
        }
    }
    text.push_str(&sentence(&opened.reachability, people));
    if opened.source == ReadFrom::Store {
        text.push_str(&people.out_of_store(opened, "  "));
    }
    text
}

/// A mark for how the community was reached, and the sentence. A reading around a block does not look like a plain
/// success.
fn sentence(met: &Reachability, people: &People) -> String {
    let sentence = wrapped(&met.sentence(people.language()), "    ", people.width());
    let screen = people.screen();
    let mark = match &met.reached_by {
        Some(way) if way.is_direct() => screen.good("✓"),
        Some(_) => screen.said("↪"),
        None => screen.hindered("✗"),
    };
    format!("  {mark} {}", sentence.trim_start())
}

/// `── 9 November 2016 ─────`, as wide as the text.
fn rule(date: &str, width: usize) -> String {
    let head = if date.is_empty() { String::new() } else { format!("── {date} ") };
    let rest = width.saturating_sub(columns(&head));
    head + &"─".repeat(rest)
}

/// `▰▰▰▱▱▱ 3/6`.
fn progress(done: usize, all: usize) -> String {
    format!("{}{} {done}/{all}", "▰".repeat(done), "▱".repeat(all.saturating_sub(done)))
}

/// This command works wherever there is a network.
const TRY: &str = "byway probe vk.com";

const BEGINNING: Duration = Duration::from_millis(900);
const TITLE: Duration = Duration::from_millis(220);
const RESULT: Duration = Duration::from_millis(320);

#[cfg(test)]
mod tests {
    #![allow(clippy::panic)]

    use byway::Language;

    use super::super::story;
    use super::*;

    #[test]
    fn the_story_takes_ten_seconds_and_eighty_columns_at_most() {
        for &language in Language::ALL {
            let steps = story::play(language).unwrap_or_else(|wrong| panic!("{wrong:?}"));
            let people = People::in_zone(Screen::plain(80), language, story::zone());
            let beats = beats(&steps, &people);
            // A second and a half remains for the story itself, also without optimisation.
            let pauses: Duration = beats.iter().map(|beat| beat.pause).sum();
            assert!(pauses <= Duration::from_millis(8500), "{pauses:?}");
            for line in beats.iter().flat_map(|beat| beat.text.lines()) {
                // A link is never broken: it is there to be copied.
                assert!(columns(line) <= 80 || line.trim().contains("byway:") && !line.trim().contains(' '), "{line}");
            }
            let text: String = beats.iter().map(|beat| beat.text.as_str()).collect();
            for number in ["389", "192", "11"] {
                assert!(text.contains(number), "{number} is not in:\n{text}");
            }
            let latin = text.lines().filter(|line| line.contains(" the ") || line.contains("Read ")).count();
            assert_eq!(latin > 0, language == Language::En, "{text}");
        }
    }
}
