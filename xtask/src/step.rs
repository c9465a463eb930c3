//! One step of a task, and the summary of a run.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

/// One check or action.
pub(crate) struct Step {
    name: &'static str,
    about: &'static str,
    essential: bool,
    deed: Box<dyn Fn() -> Outcome>,
}

/// How a step ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The check holds.
    Passed,
    /// The check failed; the sentence says how. The code becomes this program's own.
    Failed { code: u8, sentence: String },
    /// It could not be checked here; the sentence says why.
    Unchecked { sentence: String },
}

impl Step {
    /// A step whose failure leaves the others meaningful.
    pub(crate) fn new(name: &'static str, about: &'static str, deed: impl Fn() -> Outcome + 'static) -> Self {
        Self { name, about, essential: false, deed: Box::new(deed) }
    }

    /// A step whose failure makes the others meaningless.
    pub(crate) fn essential(name: &'static str, about: &'static str, deed: impl Fn() -> Outcome + 'static) -> Self {
        Self { essential: true, ..Self::new(name, about, deed) }
    }
}

impl Outcome {
    /// A failure with exit code 1.
    pub(crate) fn failed(sentence: impl Into<String>) -> Self {
        Self::Failed { code: 1, sentence: sentence.into() }
    }
}

/// Runs `command` to its end, on our own output.
pub(crate) fn command(command: &mut Command) -> Outcome {
    let shown = shown(command);
    println!("$ {shown}");
    match command.status() {
        Ok(status) if status.success() => Outcome::Passed,
        Ok(status) => {
            let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
            Outcome::Failed { code, sentence: format!("`{shown}` failed ({status})") }
        }
        Err(error) => Outcome::failed(format!("`{shown}` cannot be started: {error}")),
    }
}

/// The outcome of a part of a step, so that `?` ends the step where a part has failed.
pub(crate) fn passed(outcome: Outcome) -> Result<(), Outcome> {
    match outcome {
        Outcome::Passed => Ok(()),
        other => Err(other),
    }
}

/// Runs all steps, then prints the account. The first failure decides the exit code.
pub(crate) fn run(steps: &[Step]) -> ExitCode {
    let mut done: Vec<(&Step, Option<(Outcome, Duration)>)> = Vec::new();
    let mut stopped = false;
    for step in steps {
        if stopped {
            done.push((step, None));
            continue;
        }
        println!("\n== {}: {}", step.name, step.about);
        let start = Instant::now();
        let outcome = (step.deed)();
        let took = start.elapsed();
        match &outcome {
            Outcome::Passed => println!("== {}: passed in {}", step.name, seconds(took)),
            Outcome::Failed { sentence, .. } => {
                println!("== {}: FAILED after {}: {sentence}", step.name, seconds(took))
            }
            Outcome::Unchecked { sentence } => println!("== {}: NOT CHECKED: {sentence}", step.name),
        }
        stopped = step.essential && matches!(outcome, Outcome::Failed { .. });
        done.push((step, Some((outcome, took))));
    }
    let account = account(&done.iter().map(|(step, end)| (step.name, end.clone())).collect::<Vec<_>>());
    println!("\n{account}");
    let code = done.iter().find_map(|(_, end)| match end {
        Some((Outcome::Failed { code, .. }, _)) => Some(*code),
        _ => None,
    });
    code.map_or(ExitCode::SUCCESS, |code| ExitCode::from(code.max(1)))
}

/// The table and the closing line. A step without an end did not run, because an essential one failed before it.
fn account(steps: &[(&str, Option<(Outcome, Duration)>)]) -> String {
    let mut text = String::new();
    let (mut passed, mut failed, mut skipped) = (0, 0, 0);
    for (name, end) in steps {
        let (word, took) = match end {
            Some((Outcome::Passed, took)) => {
                passed += 1;
                ("passed", seconds(*took))
            }
            Some((Outcome::Failed { .. }, took)) => {
                failed += 1;
                ("FAILED", seconds(*took))
            }
            Some((Outcome::Unchecked { .. }, took)) => {
                skipped += 1;
                ("NOT CHECKED", seconds(*took))
            }
            None => {
                skipped += 1;
                ("NOT RUN", String::new())
            }
        };
        let line = format!("{name:<12} {word:<12} {took:>9}");
        let _ = writeln!(text, "{}", line.trim_end());
    }
    for (name, end) in steps {
        match end {
            Some((Outcome::Failed { sentence, .. }, _)) => {
                let _ = writeln!(text, "{name} failed: {sentence}");
            }
            Some((Outcome::Unchecked { sentence }, _)) => {
                let _ = writeln!(text, "{name} was not checked: {sentence}");
            }
            _ => {}
        }
    }
    let _ = write!(text, "{passed} passed, {failed} failed");
    if skipped > 0 {
        let _ = write!(text, ", {skipped} skipped");
    }
    text
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

/// The command as a person would type it: the program without its folder.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    std::iter::once(program.file_name().unwrap_or(program.as_os_str()))
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_closes_with_one_line_of_counts() {
        let took = Duration::from_millis(1_250);
        let steps = [
            ("fmt", Some((Outcome::Passed, took))),
            ("lint", Some((Outcome::failed("one warning"), took))),
            ("advisories", Some((Outcome::Unchecked { sentence: "no database".into() }, took))),
            ("tests", None),
        ];
        let expected = "\
fmt          passed           1.2 s
lint         FAILED           1.2 s
advisories   NOT CHECKED      1.2 s
tests        NOT RUN
lint failed: one warning
advisories was not checked: no database
1 passed, 1 failed, 2 skipped";
        assert_eq!(account(&steps), expected);
        assert_eq!(account(&steps[..1]).lines().last(), Some("1 passed, 0 failed"));
    }

    #[test]
    fn a_command_keeps_its_exit_code() {
        let Outcome::Failed { code, sentence } = command(Command::new("sh").args(["-c", "exit 7"])) else {
            unreachable!("the shell exits with 7");
        };
        assert_eq!(code, 7);
        assert!(sentence.contains("sh -c exit 7"), "{sentence}");
    }
}
