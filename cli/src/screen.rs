//! Where output goes: results to standard output, everything else to standard error.
//!
//! Colour and the progress line are for terminals only; `NO_COLOR` (no-color.org) and `TERM=dumb` are respected. A
//! closed pipe (`byway open ... | head`) ends the output quietly; the exit code says it.

use std::future::Future;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use byway::Language;
use indicatif::{ProgressBar, ProgressStyle};

use crate::{closed, plain};

/// The abilities of the two outputs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Screen {
    colour: bool,
    progress: bool,
    /// A person is reading standard output at this moment.
    pub(crate) watched: bool,
    /// Columns of text: the terminal's, within comfortable limits.
    pub(crate) width: usize,
}

impl Screen {
    /// The process's own terminal; `json` shows no progress.
    pub(crate) fn of_process(json: bool) -> Self {
        let watched = io::stdout().is_terminal() && !json;
        let progress = io::stderr().is_terminal() && is_able() && !json;
        let width = clamped(terminal_size::terminal_size_of(io::stdout())).filter(|_| watched).unwrap_or(WIDTH);
        Self { colour: watched && may_colour(), progress, watched, width }
    }

    /// The same for text on standard error.
    pub(crate) fn of_errors(self) -> Self {
        Self { colour: io::stderr().is_terminal() && may_colour(), width: error_width().unwrap_or(self.width), ..self }
    }

    /// A heading.
    pub(crate) fn bold(self, text: &str) -> String {
        self.styled("1", text)
    }

    /// A minor text.
    pub(crate) fn faint(self, text: &str) -> String {
        self.styled("2", text)
    }

    fn styled(self, code: &str, text: &str) -> String {
        if self.colour && !text.is_empty() { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// A help page: its headings in bold, and its usage, which clap leaves on one line, within `width` columns.
    pub(crate) fn help(self, page: &str, width: usize) -> String {
        let heading = |line: &str| line.ends_with(':') && !line.starts_with(' ');
        let mut out = String::new();
        for line in page.lines() {
            match line.strip_prefix(USAGE) {
                Some(usage) => {
                    let usage = plain::wrapped(usage, &" ".repeat(USAGE.len() + 1), width);
                    out.push_str(&format!("{} {}", self.bold(USAGE), usage.trim_start()));
                }
                None if heading(line) => out.push_str(&format!("{}\n", self.bold(line))),
                None => out.push_str(&format!("{line}\n")),
            }
        }
        out
    }

    /// What went well.
    pub(crate) fn good(self, text: &str) -> String {
        self.styled("32", text)
    }

    /// Something cut or withheld. The colour is calm and does not shout.
    pub(crate) fn hindered(self, text: &str) -> String {
        self.styled("33", text)
    }

    /// Text about the output itself.
    pub(crate) fn said(self, text: &str) -> String {
        self.styled("36", text)
    }

    /// A screen without a terminal, for tests.
    #[cfg(test)]
    pub(crate) fn plain(width: usize) -> Self {
        Self { colour: false, progress: false, watched: false, width }
    }

    /// Waits, with a progress line below what was written.
    pub(crate) async fn pause(self, progress: &str, time: Duration) {
        let line = self.progress.then(ProgressLine::new);
        if let Some(line) = &line {
            line.show(progress);
        }
        tokio::time::sleep(time).await;
    }

    /// Awaits `work`, with a line on standard error that says what is happening and for how long.
    pub(crate) async fn while_waiting<T>(self, language: Language, what: &str, work: impl Future<Output = T>) -> T {
        if !self.progress {
            return work.await;
        }
        let line = ProgressLine::new();
        let started = Instant::now();
        let mut tick = tokio::time::interval(PROGRESS_TICK);
        // Work that finishes at once needs no line.
        tick.reset();
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                biased;
                done = &mut work => return done,
                _ = tick.tick() => line.show(&format!("{what} {}", language.duration(started.elapsed()))),
            }
        }
    }
}

/// The heading before the usage of a command.
const USAGE: &str = "Usage:";

/// The width of the help: that of the terminal, or the widest if there is no terminal.
pub(crate) fn help_width() -> usize {
    clamped(terminal_size::terminal_size_of(io::stdout())).unwrap_or(WIDEST)
}

/// The columns of the terminal that shows standard error. A log keeps its lines whole.
fn error_width() -> Option<usize> {
    clamped(terminal_size::terminal_size_of(io::stderr()))
}

fn clamped(size: Option<(terminal_size::Width, terminal_size::Height)>) -> Option<usize> {
    size.map(|(terminal_size::Width(columns), _)| usize::from(columns).clamp(NARROWEST, WIDEST))
}

fn may_colour() -> bool {
    is_able() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

fn is_able() -> bool {
    std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// The progress line, as wide as the terminal allows. It disappears from the screen when it is dropped, also when the
/// program is interrupted.
struct ProgressLine(ProgressBar);

impl ProgressLine {
    fn new() -> Self {
        let bar = ProgressBar::new_spinner();
        // The template is a constant of this file; an invalid one would show the default.
        if let Ok(style) = ProgressStyle::with_template("{wide_msg}") {
            bar.set_style(style);
        }
        Self(bar)
    }

    fn show(&self, text: &str) {
        self.0.set_message(text.to_owned());
        self.0.tick();
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// Writes to standard output. If that fails, `lost` says so at the end of the command.
pub(crate) fn out(bytes: &[u8]) {
    let mut stdout = io::stdout().lock();
    let written = if closed::was_closed() {
        Err(io::ErrorKind::NotConnected.into())
    } else {
        stdout.write_all(bytes).and_then(|()| stdout.flush())
    };
    if let Err(error) = written {
        let lost = if error.kind() == io::ErrorKind::BrokenPipe { QUIETLY } else { LOUDLY };
        LOST.fetch_max(lost, Ordering::Relaxed);
    }
}

/// The state of standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Output {
    /// Everything was written.
    Whole,
    /// Its reader left before the end (`byway open ... | head`), and knows that.
    Unread,
    /// Something could not be written: a full disk, or an output that was closed.
    Lost,
}

/// Whether everything was written so far.
pub(crate) fn output() -> Output {
    match LOST.load(Ordering::Relaxed) {
        0 => Output::Whole,
        QUIETLY => Output::Unread,
        _ => Output::Lost,
    }
}

static LOST: AtomicU8 = AtomicU8::new(0);
const QUIETLY: u8 = 1;
const LOUDLY: u8 = 2;

/// Writes to standard error. A failure there cannot be reported anywhere.
pub(crate) fn err(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Prints one sentence on standard error, and below it commands that are pasted: each is one line, however wide.
pub(crate) fn say_commands<'a>(sentence: &str, commands: impl IntoIterator<Item = &'a String>) {
    say(sentence);
    for command in commands {
        err(&format!("{}\n", plain::line(command)));
    }
}

/// Prints one sentence on standard error, wrapped to the width of the terminal.
pub(crate) fn say(sentence: &str) {
    let sentence = format!("byway: {}", plain::line(sentence));
    match error_width() {
        Some(width) => err(&plain::wrapped(&sentence, "", width)),
        None => err(&format!("{sentence}\n")),
    }
}

/// Often enough to look alive, seldom enough not to flicker.
const PROGRESS_TICK: Duration = Duration::from_millis(200);

/// The width without a terminal: it fits every terminal.
const WIDTH: usize = 80;

/// On a narrower terminal lines break in two.
const NARROWEST: usize = 40;

/// Longer lines are hard to read.
const WIDEST: usize = 100;
