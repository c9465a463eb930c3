//! The examples below each `--help`. Every line that begins with `byway` is parsed by a test.

use clap::Command;

use crate::plain::{columns, wrapped, wrapped_command};

pub(crate) const BYWAY: &str = "\
Begin here:
  byway demo              what Byway does, in ten seconds, without a network
  byway probe vk.com      what this network does to a site
  byway open vk.com/NAME  read a community
  byway help open         all about one command

Documentation: docs/cli.md";

pub(crate) const OPEN: &str = "\
Examples:
  byway open vk.com/NAME
  byway open vk.com/NAME -s direct: -s tor+socks5://127.0.0.1:9050
  byway open vk.com/NAME --exposure tor -s tor+socks5://127.0.0.1:9150
  byway open vk.com/NAME --data-dir kept --offline
  byway open file:///media/card/zavod#byway:ID

VK gives nothing without a token: --vk-token-file FILE, or the variable BYWAY_VK_TOKEN.";

pub(crate) const GET: &str = "\
Examples:
  byway get example.org
  byway get https://example.org/file.pdf -s socks5://127.0.0.1:1080 > file.pdf
  byway get example.org --json

The body goes to standard output, and how it was reached to standard error.";

pub(crate) const PREVIEW: &str = "\
Examples:
  byway preview vk.com/NAME
  byway preview vk.com/NAME --exposure proxied -s https://proxy.example:443

Nothing is sent.";

pub(crate) const PROBE: &str = "\
Examples:
  byway probe vk.com
  byway probe example.org -s direct: -s socks5://127.0.0.1:1080
  byway probe example.org --redacted  names no site: you can show it to a helper

Every route is tried by itself. The first one is judged by what the others meet.";

pub(crate) const LINK: &str = "\
Examples:
  byway link vk.com/NAME --exposure tor --qr
  byway link vk.com/NAME --svg poster.svg  for paper
  byway link byway:ID?mirror=example.org/  what a link holds

Nothing is sent.";

pub(crate) const LIST: &str = "\
Examples:
  byway list --data-dir kept";

pub(crate) const SHOW: &str = "\
Examples:
  byway show vk.com/NAME --data-dir kept
  byway show vk:155 --data-dir kept --limit 5
  byway show byway:ID --data-dir kept --pictures pictures

No network is used.";

pub(crate) const SEARCH: &str = "\
Examples:
  byway search gathering gate --data-dir kept
  byway search gathering --in vk.com/NAME --data-dir kept

The newest comes first. No network is used.";

pub(crate) const EVENTS: &str = "\
Examples:
  byway events --data-dir kept
  byway events --from 2016-11-01 --to 2016-12-01 --data-dir kept

The earliest comes first. No network is used.";

pub(crate) const IMPORT: &str = "\
Examples:
  byway import feeds.opml --data-dir kept
  byway import feeds.opml --data-dir kept --exposure tor
  byway import zavod.byway --data-dir kept  a community in one file
  byway import /media/card/zavod --data-dir kept  a community in a folder

The communities are read one after another.";

pub(crate) const SYNC: &str = "\
Examples:
  byway sync --data-dir kept
  byway sync --data-dir kept --timeout 600 --bytes 50M
  byway sync vk.com/NAME --data-dir kept
  byway sync --data-dir kept --key-file key --json

It stops after 25 seconds or 2 MB unless told otherwise, and continues there the next time.";

pub(crate) const EXPORT: &str = "\
Examples:
  byway export --ics --out events.ics --data-dir kept
  byway export vk.com/NAME --ics --data-dir kept
  byway export vk.com/NAME --site public_html --data-dir kept
  byway export --opml --out feeds.opml --data-dir kept";

pub(crate) const FOLLOW: &str = "\
Examples:
  byway follow LINK --data-dir kept  show the successor, and who signed the move
  byway follow LINK --yes SUCCESSOR --data-dir kept  follow it
  byway follow LINK --stay SUCCESSOR --data-dir kept  stay where it was

SUCCESSOR is the link that the first command prints. If the community names another one by then, nothing is contacted.

What was read of the old community stays: byway show LINK.";

pub(crate) const WIPE: &str = "\
Examples:
  byway wipe --data-dir kept
  byway wipe --yes --data-dir kept  do not ask";

pub(crate) const COMMUNITY: &str = "\
Examples:
  byway community new Zavod --mirror https://zavod.example/ --dir zavod --keys zavod.keys
  byway community post - --dir zavod --keys zavod.keys
  byway community event Gathering --start 2026-12-19 --dir zavod --keys zavod.keys
  byway community publish --into /var/www/zavod --dir zavod --keys zavod.keys
  byway community link --qr --exposure tor --dir zavod

Nothing is sent. Documentation: docs/community.md";

pub(crate) const COMMUNITY_NEW: &str = "\
Examples:
  byway community new Zavod --mirror https://zavod.example/ --dir zavod --keys zavod.keys
  byway community new Zavod --root-key KEYS --threshold 2 --propose zavod.proposal \\
    --dir zavod --keys zavod.keys

KEYS is the line that another admin got from byway community key new.";

pub(crate) const COMMUNITY_KEY: &str = "\
Examples:
  byway community key new --keys my.keys
  byway community key show --keys my.keys

The line byway-keys:... is for the other admins. The file is for one person and one community.";

pub(crate) const COMMUNITY_APPROVE: &str = "\
Examples:
  byway community approve zavod.proposal --dir zavod  only show it
  byway community approve zavod.proposal --dir zavod --keys my.keys

Send back the file, or the line byway-approval:... that it prints.";

pub(crate) const COMMUNITY_RECOVER: &str = "\
Examples:
  byway community recover --root-key KEYS --propose new.proposal --dir zavod --keys my.keys
  byway community recover --proposal new.proposal --dir /var/www/zavod
  byway community recover --veto --dir zavod --keys my.keys

KEYS is the line that byway community key new prints.";

pub(crate) const COMMUNITY_CARDS: &str = "\
Examples:
  byway community cards --of 3 --needed 2 --keys my.keys
  byway community cards --of 3 --needed 2 --into /media/stick --keys my.keys

Print each page for another person, and destroy the files.";

pub(crate) const COMMUNITY_RESTORE: &str = "\
Examples:
  byway community restore --card - --keys new.keys  type the cards
  byway community restore --card one.txt --card two.txt --keys new.keys";

pub(crate) const COMMUNITY_FREEZE: &str = "\
Examples:
  byway community freeze --prepare zavod.freeze --dir zavod --keys zavod.keys
  byway community freeze --publish zavod.freeze --into /var/www/zavod
  byway community freeze --publish zavod.freeze --into s3://zavod/pages --credentials s3.txt

Nothing takes a freeze back once it is published.";

pub(crate) const COMMUNITY_POST: &str = "\
Examples:
  byway community post Hello --dir zavod --keys zavod.keys
  byway community post - --dir zavod --keys zavod.keys  read standard input
  byway community post Look --picture gate.jpg --alt Gate --dir zavod --keys zavod.keys";

pub(crate) const COMMUNITY_EVENT: &str = "\
Examples:
  byway community event Gathering --start 2026-12-19 --dir zavod --keys zavod.keys
  byway community event Fair --start 2026-12-19T12:00 --zone Asia/Omsk --dir z --keys z.keys";

pub(crate) const COMMUNITY_EDIT: &str = "\
Examples:
  byway community edit ID - --dir zavod --keys zavod.keys";

pub(crate) const COMMUNITY_DELETE: &str = "\
Examples:
  byway community delete ID --dir zavod --keys zavod.keys";

pub(crate) const COMMUNITY_CHARTER: &str = "\
Examples:
  byway community charter --mirror https://zavod.example/ --dir zavod --keys zavod.keys
  byway community charter --members-may-post yes --dir zavod --keys zavod.keys
  byway community charter --ban KEY --banned-since 2026-11-30T18:00 --dir zavod --keys zavod.keys
  byway community charter --restriction 'RU; -; 27-31-2026; -; Blocked' --dir z --keys z.keys
  byway community charter --remove KEYS --propose zavod.proposal --dir zavod --keys zavod.keys";

pub(crate) const COMMUNITY_MOVE: &str = "\
Examples:
  byway community move --to LINK --dir zavod --keys zavod.keys
  byway community move --nowhere --dir zavod --keys zavod.keys  take it back

The other community names this one with --continues.";

pub(crate) const COMMUNITY_BUNDLE: &str = "\
Examples:
  byway community bundle --dir zavod --out zavod.byway

It needs no keys. Readers take it in with byway import zavod.byway.";

pub(crate) const COMMUNITY_ROTATE: &str = "\
Examples:
  byway community rotate --new-keys new.keys --dir zavod --keys zavod.keys";

pub(crate) const MIRROR: &str = "\
Examples:
  byway mirror vk.com/NAME --by Friends --mirror https://copy.example/ --into /var/www/copy \\
    --dir copy --keys copy.keys
  byway mirror t.me/NAME --into s3://copy/pages --credentials s3.txt --dir copy --keys copy.keys \\
    --passphrase-file passphrase  for cron, after the first time";

pub(crate) const COMMUNITY_PUBLISH: &str = "\
Examples:
  byway community publish --into /var/www/zavod --dir zavod --keys zavod.keys
  byway community publish --proposal zavod.proposal --dir zavod --keys zavod.keys
  byway community publish --into s3://zavod/pages --credentials s3.txt \\
    --exposure tor --strategy tor: --dir zavod --keys zavod.keys";

pub(crate) const COMMUNITY_LINK: &str = "\
Examples:
  byway community link --dir zavod
  byway community link --qr --exposure tor --dir zavod";

pub(crate) const ROUTES: &str = "\
Examples:
  byway routes pack ways.txt --for LINK --expires 2027-03-01 --keys my.keys --out circle.routes
  byway routes import circle.routes --out ways.txt --data-dir kept";

pub(crate) const ROUTES_PACK: &str = "\
Examples:
  byway routes pack ways.txt --for LINK --expires 2027-03-01 --keys my.keys --out circle.routes

Tell the passphrase by another channel than the one that carries the file.";

pub(crate) const ROUTES_IMPORT: &str = "\
Examples:
  byway routes import circle.routes --out ways.txt --data-dir kept
  byway open LINK --strategies ways.txt --data-dir kept";

pub(crate) const STRATEGIES: &str = "\
Examples:
  byway strategies ways.txt
  byway strategies -  read standard input";

pub(crate) const DEMO: &str = "\
Examples:
  byway demo
  byway demo --lang ru
  byway demo --tor  a real Tor network on this machine";

pub(crate) const COMPLETIONS: &str = "\
Examples:
  byway completions bash > ~/.local/share/bash-completion/completions/byway
  byway completions zsh > ~/.zfunc/_byway
  byway completions fish > ~/.config/fish/completions/byway.fish";

pub(crate) const MAN: &str = "\
Examples:
  byway man ~/.local/share/man/man1";

/// The same command line, with examples that fit this many columns.
pub(crate) fn laid_out(command: Command, width: usize) -> Command {
    let examples = command.get_after_help().map(|text| fitted(&text.to_string(), width));
    let command = match examples {
        Some(examples) => command.after_help(examples),
        None => command,
    };
    command.mut_subcommands(|one| laid_out(one, width))
}

/// Examples in lines of at most `width` columns. The purpose of an example stands next to it if everything fits, else
/// below. A long example continues after a backslash, so that a shell reads it as one line.
fn fitted(examples: &str, width: usize) -> String {
    if examples.lines().all(|line| columns(line) <= width) {
        return examples.to_owned();
    }
    let mut out = String::new();
    for line in examples.lines() {
        match line.strip_prefix("  ").map(|line| line.split_once("  ").unwrap_or((line, ""))) {
            Some((command, purpose)) => {
                let command = wrapped_command(command, width.saturating_sub(COMMAND_ROOM));
                out.push_str("  ");
                out.push_str(&command.trim_end().replace('\n', " \\\n    "));
                out.push('\n');
                out.push_str(&wrapped(purpose, "      ", width));
            }
            None if line.is_empty() => out.push('\n'),
            None => out.push_str(&wrapped(line, "", width)),
        }
    }
    out.trim_end().to_owned()
}

/// The indent of a continued line, and the backslash before it.
const COMMAND_ROOM: usize = "    ".len() + " \\".len();

#[cfg(test)]
mod tests {
    #![allow(clippy::panic)]

    use clap::{CommandFactory as _, Parser as _};

    use super::*;
    use crate::args::Cli;
    use crate::screen::Screen;

    #[test]
    fn help_fits_every_terminal() {
        for width in [40, 64, 80, 100] {
            let mut command = laid_out(Cli::command().term_width(width), width);
            let mut pages = vec![command.render_long_help().to_string()];
            pages.extend(command.get_subcommands_mut().map(|one| one.render_long_help().to_string()));
            for page in &pages {
                let page = Screen::plain(width).help(page, width);
                let wide = page.lines().find(|line| columns(line.trim_end()) > width);
                assert_eq!(wide, None, "{width} columns:\n{page}");
            }
        }
    }

    #[test]
    fn a_long_example_goes_on_behind_a_backslash() {
        let fitted = fitted("Examples:\n  byway open vk.com/NAME -s direct: -s tor+socks5://127.0.0.1:9050", 40);
        assert_eq!(fitted, "Examples:\n  byway open vk.com/NAME -s direct: \\\n    -s tor+socks5://127.0.0.1:9050");
    }

    #[test]
    fn no_line_ends_between_a_flag_and_its_value() {
        let fitted = fitted("Examples:\n  byway open vk.com/NAME --exposure tor --data-dir kept", 40);
        assert_eq!(fitted, "Examples:\n  byway open vk.com/NAME \\\n    --exposure tor --data-dir kept");
    }

    #[test]
    fn a_purpose_without_room_stands_below_its_example() {
        let text =
            "Begin here:\n  byway demo              what Byway does, in ten seconds\n\nDocumentation: docs/cli.md";
        assert_eq!(fitted(text, 60), text);
        assert_eq!(
            fitted(text, 40),
            "Begin here:\n  byway demo\n      what Byway does, in ten seconds\n\nDocumentation: docs/cli.md"
        );
    }

    /// The words of a command, as a shell splits it where nothing but single quotes is used.
    fn words(line: &str) -> Vec<String> {
        let mut words = Vec::new();
        for (at, part) in line.split('\'').enumerate() {
            if at % 2 == 1 {
                words.push(part.to_owned());
            } else {
                words.extend(part.split_whitespace().map(str::to_owned));
            }
        }
        words
    }

    #[test]
    fn every_example_is_understood() {
        let mut command = Cli::command();
        let mut pages = vec![command.render_long_help().to_string()];
        let mut commands: Vec<_> = command.get_subcommands_mut().filter(|one| one.get_name() != "help").collect();
        pages.extend(commands.iter_mut().map(|one| one.render_long_help().to_string()));
        let nested = commands.into_iter().flat_map(|one| one.get_subcommands_mut());
        let nested = nested.filter(|one| one.get_name() != "help");
        pages.extend(nested.map(|one| one.render_long_help().to_string()));
        let mut seen = 0;
        for page in pages {
            let (_, examples) = page
                .split_once("Begin here:")
                .or(page.split_once("Examples:"))
                .unwrap_or_else(|| panic!("no examples in {page}"));
            // A backslash continues a command on the next line.
            let examples = examples.split("\\\n").map(str::trim_start).collect::<Vec<_>>().join("");
            for line in examples.lines().filter_map(|line| line.trim().strip_prefix("byway ")) {
                // The text after two spaces is the purpose; the text after `>` belongs to the shell.
                let line = line.split("  ").next().and_then(|line| line.split(" > ").next()).unwrap_or_default();
                let arguments = std::iter::once("byway".to_owned()).chain(words(line));
                match Cli::try_parse_from(arguments) {
                    Ok(_) => seen += 1,
                    Err(error) if error.kind() == clap::error::ErrorKind::DisplayHelp => seen += 1,
                    Err(error) => panic!("byway {line}: {error}"),
                }
            }
        }
        assert!(seen >= 25, "{seen}");
    }
}
