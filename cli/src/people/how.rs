//! How something was reached, or why it was not: the verdict, and a line for each attempt.

use std::fmt::Write as _;

use byway::Reachability;
use byway::community::Restriction;

use super::People;
use crate::plain::{columns, line, padded, wrapped};
use crate::words;

impl People {
    /// The answer to a probe: there is no heading, because the sentence is the answer.
    pub(crate) fn probe(&self, reachability: &Reachability) -> String {
        let mut out = wrapped(&reachability.sentence(self.language), "", self.screen.width);
        out.push_str(&self.refusal(reachability));
        out.push('\n');
        out.push_str(&self.attempts(reachability));
        out
    }

    /// The verdict's sentence, and one line per attempt.
    pub(crate) fn reachability(&self, reachability: &Reachability) -> String {
        let mut out = String::new();
        let is_reached = reachability.reached_by.is_some();
        self.heading(&mut out, if is_reached { words::HOW } else { words::HOW_TRIED });
        out.push_str(&wrapped(&reachability.sentence(self.language), "  ", self.screen.width));
        out.push_str(&self.attempts(reachability));
        out
    }

    /// What an answer with status 451 says of itself. A platform's notice is part of the sentence.
    pub(crate) fn refusal(&self, reachability: &Reachability) -> String {
        let of_451 = |restriction: &Restriction| restriction.stated_by == Restriction::HTTP_451;
        let said = |restriction: &Restriction| !restriction.text.is_empty() || restriction.link.is_some();
        let stated = reachability.restriction().filter(|restriction| of_451(restriction) && said(restriction));
        stated.map(|stated| wrapped(&self.restriction(&stated), "  ", self.screen.width)).unwrap_or_default()
    }

    /// One line per attempt, in columns.
    pub(crate) fn attempts(&self, reachability: &Reachability) -> String {
        let rows: Vec<[String; 4]> = reachability
            .attempts
            .iter()
            .map(|attempt| {
                let way = match attempt.strategy.name() {
                    Some(name) => format!("{} ({})", line(name), attempt.strategy.phrase(self.language)),
                    None => attempt.strategy.phrase(self.language),
                };
                [
                    way,
                    attempt.address.map(|address| address.to_string()).unwrap_or_default(),
                    line(&attempt.sentence(self.language)),
                    self.language.duration(attempt.took),
                ]
            })
            .collect();
        let mut out = String::new();
        let wide = |column: usize| rows.iter().map(|row| columns(&row[column])).max().unwrap_or(0);
        let mut widths = [wide(0), wide(1), wide(2), wide(3)];
        let whole = |widths: &[usize]| widths.iter().filter(|width| **width > 0).map(|width| width + 2).sum::<usize>();
        // If there is not enough room, the address is dropped first: it is in the JSON.
        if whole(&widths) + 2 > self.screen.width {
            widths[1] = 0;
        }
        let in_two_lines = whole(&widths) + 2 > self.screen.width;
        // A chain of redirects gives many rows with the same content: the first of them represents all.
        for same in rows.chunk_by(|one, other| one[..3] == other[..3]) {
            let (shown, folded) = if same.len() >= FOLDED { same.split_at(1) } else { (same, &same[..0]) };
            for row in shown {
                if in_two_lines {
                    let [way, _, outcome, took] = row;
                    out.push_str(&self.faintly(way, "    "));
                    out.push_str(&self.faintly(&format!("{outcome} · {took}"), "        "));
                    continue;
                }
                let mut text = String::new();
                for (cell, width) in row.iter().zip(widths).filter(|(_, width)| *width > 0) {
                    let _ = write!(text, "  {}", padded(cell, width));
                }
                let _ = writeln!(out, "  {}", self.screen.faint(text.trim_end()));
            }
            if !folded.is_empty() {
                let more = words::more(self.language, folded.len());
                let _ = writeln!(out, "  {}", self.screen.faint(&format!("  … {more}")));
            }
        }
        out
    }
}

/// From this number of equal rows on, one represents all.
const FOLDED: usize = 3;
