//! The `byway` command: reaches a community, and says what is blocked and by whom.
//!
//! `args` is the command line with `examples`, `usage` and `wrong` say what is wrong with it, `setup` makes the engine from it,
//! `commands` has one file per command, `people` and `document` are the two outputs (for a person and, with `--json`,
//! for a program), `plain` keeps hostile text from controlling the terminal. There is no logging: a log would say who
//! reads what.

mod args;
mod closed;
mod commands;
mod document;
mod examples;
mod exit;
mod files;
mod keys;
mod moments;
mod named;
mod people;
mod plain;
mod screen;
mod served;
mod setup;
mod shown;
mod usage;
mod watching;
mod words;
mod wrong;

use std::process::ExitCode;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, FromArgMatches as _};

use args::{Cli, Command};
use byway::Language;
use exit::Exit;
use screen::{Output, say};
use wrong::Wrong;

/// The program has its process for itself, so all memory that its Rust code frees is overwritten.
#[global_allocator]
static ALLOCATOR: byway_allocator::Overwriting = byway_allocator::Overwriting::new();

fn main() -> ExitCode {
    let command = examples::laid_out(Cli::command(), screen::help_width());
    let parsed = command.try_get_matches().and_then(|matches| Cli::from_arg_matches(&matches));
    let mut cli = match parsed {
        Ok(cli) => cli,
        Err(error) => {
            let language = usage::language(std::env::args_os());
            return written(of_clap(&error, language), language).into();
        }
    };
    let spoken = cli.lang.unwrap_or_else(usage::system_language);
    cli.command.speak(spoken);
    let language = spoken.into();
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(_) => {
            say(words::NO_RUNTIME.in_(language));
            return Exit::NotReached.into();
        }
    };
    let exit = runtime.block_on(async {
        tokio::select! {
            biased;
            Ok(()) = tokio::signal::ctrl_c() => Exit::Interrupted,
            Some(()) = terminated() => Exit::Interrupted,
            exit = Box::pin(run(cli.command, language)) => exit,
        }
    });
    // A worker closes the store. A lookup by the system may still hang in a thread, and is not waited for.
    runtime.shutdown_timeout(CLOSING);
    written(exit, language).into()
}

/// A request of the system to end, so that what must go with the process goes. SIGHUP is left to `nohup`.
#[cfg(unix)]
async fn terminated() -> Option<()> {
    use tokio::signal::unix::{SignalKind, signal};
    signal(SignalKind::terminate()).ok()?.recv().await
}

/// Elsewhere there is none.
#[cfg(not(unix))]
async fn terminated() -> Option<()> {
    None
}

/// Time to move what was written into the database, on a slow disk.
const CLOSING: Duration = Duration::from_secs(10);

/// The exit code of a command, unless its output was lost.
fn written(exit: Exit, language: Language) -> Exit {
    match screen::output() {
        Output::Whole => exit,
        _ if exit == Exit::Interrupted => exit,
        Output::Unread => Exit::Unwritten,
        Output::Lost => {
            say(words::UNWRITTEN.in_(language));
            Exit::Unwritten
        }
    }
}

async fn run(command: Command, language: Language) -> Exit {
    let done = match command {
        Command::Open { link, offline, options } => commands::open::run(&link, offline, &options).await,
        Command::Preview { link, options } => commands::preview::run(&link, &options).await,
        Command::Get { url, options } => commands::get::run(&url, &options).await,
        Command::Probe { url, redacted, options } => commands::probe::run(&url, redacted, &options).await,
        Command::Link { link, exposure, qr, svg, json } => {
            let drawn = commands::link::Drawn { qr, svg: svg.as_deref() };
            commands::link::run(&link, exposure.into(), &drawn, json, language)
        }
        Command::List { list } => commands::list::run(&list),
        Command::Show { id, limit, after, pictures, list } => {
            commands::show::run(&id, limit.into(), after.as_deref(), pictures.as_deref(), &list)
        }
        Command::Search { words, community, limit, after, list } => {
            commands::search::run(&words.join(" "), community.as_deref(), limit.into(), after.as_deref(), &list)
        }
        Command::Events { from, to, limit, after, list } => {
            let between = commands::events::Between { from: from.as_deref(), to: to.as_deref() };
            commands::events::run(&between, limit.into(), after.as_deref(), &list)
        }
        Command::Import { file, options } => commands::import::run(&file, &options).await,
        Command::Follow { id, yes, stay, options } => {
            let stay = stay.as_deref().map(commands::follow::Answer::Stay);
            let answer = yes.as_deref().map(commands::follow::Answer::Yes).or(stay);
            commands::follow::run(&id, answer, &options).await
        }
        Command::Sync { id, bytes, options } => commands::sync::run(id.as_deref(), bytes.as_deref(), &options).await,
        Command::Export { id: Some(id), site: Some(folder), data, .. } => {
            commands::export::site(&id, &folder, &data, language)
        }
        Command::Export { opml: true, out, data, .. } => commands::export::list(out.as_deref(), &data, language),
        Command::Export { id, out, data, .. } => commands::export::run(id.as_deref(), out.as_deref(), &data, language),
        Command::Wipe { yes, list } => commands::wipe::run(yes, &list),
        Command::Community { command } => Box::pin(commands::community::run(&command, language)).await,
        Command::Mirror(args) => Box::pin(commands::mirror::run(&args, language)).await,
        Command::Routes { command } => Box::pin(commands::routes::run(&command, language)).await,
        Command::Strategies { file, json } => commands::strategies::run(&file, json, language),
        Command::Demo { tor: true, json } => Box::pin(commands::demo::run_with_tor(json, language)).await,
        Command::Demo { json, .. } => commands::demo::run(json, language).await,
        Command::Completions { shell } => commands::manual::completions(shell),
        Command::Man { dir } => commands::manual::pages(&dir, language),
    };
    match done {
        Ok(exit) => exit,
        Err(Wrong(sentence)) => {
            // Ctrl-C during a passphrase also arrives as a signal, and the signal must be handled first.
            tokio::task::yield_now().await;
            say(&sentence);
            Exit::WrongUsage
        }
    }
}

/// Prints help and version unchanged; a mistake as one sentence with a hint.
fn of_clap(error: &clap::Error, language: Language) -> Exit {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let page = error.render().to_string();
            screen::out(screen::Screen::of_process(false).help(&page, screen::help_width()).as_bytes());
            Exit::Reached
        }
        _ => {
            say(&usage::sentence(error, language));
            Exit::WrongUsage
        }
    }
}
