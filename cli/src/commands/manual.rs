//! `byway completions` and `byway man`: files that a package installs with the command.

use std::path::Path;

use byway::Language;
use clap::CommandFactory as _;

use crate::args::Cli;
use crate::exit::Exit;
use crate::wrong::{self, Wrong};
use crate::{screen, words};

pub(crate) fn completions(shell: clap_complete::Shell) -> Result<Exit, Wrong> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "byway", &mut script);
    screen::out(&script);
    Ok(Exit::Reached)
}

/// Writes `byway.1`, `byway-open.1` and so on. Existing files with these names are replaced, a missing directory is made.
pub(crate) fn pages(dir: &Path, language: Language) -> Result<Exit, Wrong> {
    std::fs::create_dir_all(dir)
        .and_then(|()| clap_mangen::generate_to(Cli::command().disable_help_subcommand(true), dir))
        .map_err(|error| wrong::cannot(words::CANNOT_WRITE, dir, &error, language))?;
    Ok(Exit::Reached)
}
