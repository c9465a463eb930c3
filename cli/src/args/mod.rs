//! The command line as clap parses it.
//!
//! Values that may hold a password (a strategy) or that need a sentence of their own are taken as text here and parsed
//! in [`crate::setup`]: clap repeats a bad value in its error, and a password must not be repeated.

mod admin;
mod options;
mod stated;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

pub(crate) use self::admin::{
    AdminArgs, CommunityCommand, EventArgs, FreezeArgs, KeyCommand, MirrorArgs, PartArgs, PictureArgs, ProposeArgs,
    PublishArgs, ServerArgs, StatementArgs,
};
pub(crate) use self::options::{Data, ExposureArg, Lang, ListArgs, Options, RouteArgs, SHOWN_AT_ONCE, VkArgs, Whose};
pub(crate) use self::stated::{StatedArgs, YesNo};
use crate::examples;

/// Read a community although it is blocked, and learn what is blocked and by whom.
#[derive(Debug, Parser)]
#[command(name = "byway", version, max_term_width = 100, after_help = examples::BYWAY)]
pub(crate) struct Cli {
    /// The language of messages; the system's unless given (LC_ALL, LC_MESSAGES, LANG)
    #[arg(long, global = true, display_order = 900, value_enum, value_name = "LANGUAGE")]
    pub(crate) lang: Option<Lang>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Read a community: its description, newest posts and events
    #[command(after_help = examples::OPEN)]
    Open {
        /// The community's link, for example vk.com/NAME
        #[arg(value_name = "LINK|URL")]
        link: String,
        /// Answer from this device only: no packet, no lookup
        #[arg(long, requires = "data_dir")]
        offline: bool,
        #[command(flatten)]
        options: Options,
    },
    /// Fetch a page by any route that works
    #[command(after_help = examples::GET)]
    Get {
        /// A URL; https:// where no scheme is given
        url: String,
        #[command(flatten)]
        options: Options,
    },
    /// Show whom `open` would contact, and what each would see
    #[command(after_help = examples::PREVIEW)]
    Preview {
        /// The community's link, for example vk.com/NAME
        link: String,
        #[command(flatten)]
        options: Options,
    },
    /// Try every route, and say what is blocked and by whom
    #[command(after_help = examples::PROBE)]
    Probe {
        /// A community's link, or a URL
        url: String,
        /// Name no site, proxy or address in the result, to show it to a helper
        #[arg(long)]
        redacted: bool,
        #[command(flatten)]
        options: Options,
    },
    /// Check a link, shorten it, draw it as a QR code
    #[command(after_help = examples::LINK)]
    Link {
        /// A link: byway:..., or a community's address like vk.com/NAME
        link: String,
        /// Put this exposure into the link, unless its own is higher
        #[arg(long, value_enum, default_value_t)]
        exposure: ExposureArg,
        /// Also draw it as a QR code
        #[arg(long, conflicts_with = "json")]
        qr: bool,
        /// Write the QR code to this file as an SVG image, for paper or a web page
        #[arg(long, value_name = "FILE")]
        svg: Option<PathBuf>,
        /// Print one JSON document on standard output
        #[arg(long)]
        json: bool,
    },
    /// List the communities kept on this device
    #[command(after_help = examples::LIST)]
    List {
        #[command(flatten)]
        list: ListArgs,
    },
    /// Show what is kept of a community, a page at a time
    #[command(after_help = examples::SHOW)]
    Show {
        /// Its id as `byway list` shows it, or a link to it
        #[arg(value_name = "ID|LINK")]
        id: String,
        /// How many posts and events at most, 1 to 1000
        #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(SHOWN_AT_ONCE))]
        limit: u16,
        /// Continue after an earlier page of posts or of events
        #[arg(long, value_name = "CURSOR", allow_hyphen_values = true)]
        after: Option<String>,
        /// Write the pictures of these posts that are kept into this directory: those that came in a bundle or a folder
        #[arg(long, value_name = "DIR")]
        pictures: Option<PathBuf>,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Search the communities, posts and events on this device
    #[command(after_help = examples::SEARCH)]
    Search {
        /// Words, or their beginnings; case, accents and the dots of ё are ignored
        #[arg(value_name = "WORDS", required = true, num_args = 1.., allow_hyphen_values = false)]
        words: Vec<String>,
        /// Only in this community
        #[arg(long = "in", value_name = "ID|LINK")]
        community: Option<String>,
        /// How many at most, 1 to 1000
        #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(SHOWN_AT_ONCE))]
        limit: u16,
        /// Continue after an earlier page of the same search
        #[arg(long, value_name = "CURSOR", allow_hyphen_values = true)]
        after: Option<String>,
        #[command(flatten)]
        list: ListArgs,
    },
    /// List upcoming events of all communities on this device
    #[command(after_help = examples::EVENTS)]
    Events {
        /// From this day or time on; now unless given
        #[arg(long, value_name = "TIME")]
        from: Option<String>,
        /// Up to this day, or before this time
        #[arg(long, value_name = "TIME")]
        to: Option<String>,
        /// How many at most, 1 to 1000
        #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(SHOWN_AT_ONCE))]
        limit: u16,
        /// Continue after an earlier page
        #[arg(long, value_name = "CURSOR", allow_hyphen_values = true)]
        after: Option<String>,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Read and keep every community of a list of feeds (OPML), which contacts the address of each; or take in a bundle or a mirror's folder, which
    /// sends nothing
    #[command(after_help = examples::IMPORT, override_usage = "byway import [OPTIONS] <FILE>")]
    Import {
        /// The list, the bundle or the folder; `-` reads standard input
        #[arg(requires = "data_dir")]
        file: PathBuf,
        #[command(flatten)]
        options: Options,
    },
    /// Read what is new in every community kept on this device
    #[command(
        after_help = examples::SYNC,
        mut_arg("timeout", |arg| arg.help("Stop after this time, for all communities together; 25s unless given")),
        mut_arg("allow_direct", |arg| arg.hide(true))
    )]
    Sync {
        /// Only this community; all that are kept unless given
        #[arg(value_name = "ID|LINK")]
        id: Option<String>,
        /// Stop after so many bytes of answers, for all communities together: 500k or 20M; 2M unless given
        #[arg(long, value_name = "SIZE")]
        bytes: Option<String>,
        #[command(flatten)]
        options: Options,
    },
    /// Write what is kept as a calendar, a web site or a list
    #[command(after_help = examples::EXPORT)]
    Export {
        /// Only of this community
        #[arg(value_name = "ID|LINK")]
        id: Option<String>,
        /// Events as iCalendar (RFC 5545)
        #[arg(long, required_unless_present_any = ["opml", "site"])]
        ics: bool,
        /// One community as a web site that needs no script: a page, a feed, a calendar; marked as a copy
        #[arg(long, value_name = "DIR", requires = "id", conflicts_with_all = ["ics", "opml", "out"])]
        site: Option<PathBuf>,
        /// All communities as OPML 2.0, with the exposure of each; the file names what you read
        #[arg(long, conflicts_with_all = ["ics", "id"])]
        opml: bool,
        /// Write to this file, readable by your user only; `-` is standard output
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        #[command(flatten)]
        data: Data,
    },
    /// Show where a kept community moved, and follow it
    #[command(after_help = examples::FOLLOW)]
    Follow {
        /// Its id as `byway list` shows it, or a link to it
        #[arg(value_name = "ID|LINK", requires = "data_dir")]
        id: String,
        /// Follow to the successor with this link, as the look printed it: from now on `open` leads there
        #[arg(long, value_name = "SUCCESSOR")]
        yes: Option<String>,
        /// Stay: do not follow the successor with this link
        #[arg(long, value_name = "SUCCESSOR", conflicts_with = "yes")]
        stay: Option<String>,
        #[command(flatten)]
        options: Options,
    },
    /// Destroy everything on this device: the key first, then the files
    #[command(after_help = examples::WIPE)]
    Wipe {
        /// Do not ask
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        list: ListArgs,
    },
    /// Found a signed community, post in it, and publish it
    #[command(after_help = examples::COMMUNITY)]
    Community {
        #[command(subcommand)]
        command: CommunityCommand,
    },
    /// Copy a page into a mirror, for people who cannot reach the page
    #[command(after_help = examples::MIRROR)]
    Mirror(Box<MirrorArgs>),
    /// Hand routes to a circle of people: make a pack of proxies and bridges, or take one in
    #[command(after_help = examples::ROUTES)]
    Routes {
        #[command(subcommand)]
        command: RoutesCommand,
    },
    /// Check a list of strategies line by line
    #[command(after_help = examples::STRATEGIES)]
    Strategies {
        /// The list; `-` reads standard input
        file: PathBuf,
        /// Print one JSON document on standard output
        #[arg(long)]
        json: bool,
    },
    /// Show a block and the routes around it, in a simulation
    #[command(after_help = examples::DEMO)]
    Demo {
        /// With real processes of Tor on this machine instead (needs `tor`; half a minute)
        #[arg(long)]
        tor: bool,
        /// Print one JSON document on standard output
        #[arg(long)]
        json: bool,
    },
    /// Print a completion script for a shell
    #[command(after_help = examples::COMPLETIONS)]
    Completions {
        /// For this shell
        shell: clap_complete::Shell,
    },
    /// Write the manual pages, one per command
    #[command(after_help = examples::MAN)]
    Man {
        /// Into this directory
        dir: PathBuf,
    },
}

impl Command {
    /// Sets the language of all commands.
    pub(crate) fn speak(&mut self, spoken: Lang) {
        match self {
            Command::Open { options, .. }
            | Command::Get { options, .. }
            | Command::Preview { options, .. }
            | Command::Probe { options, .. }
            | Command::Import { options, .. }
            | Command::Follow { options, .. }
            | Command::Sync { options, .. } => options.lang = spoken,
            Command::Routes { command: RoutesCommand::Import { options, .. } } => options.lang = spoken,
            Command::List { list }
            | Command::Show { list, .. }
            | Command::Search { list, .. }
            | Command::Events { list, .. }
            | Command::Wipe { list, .. } => list.lang = spoken,
            Command::Export { .. }
            | Command::Link { .. }
            | Command::Community { .. }
            | Command::Mirror(_)
            | Command::Routes { .. }
            | Command::Strategies { .. }
            | Command::Demo { .. }
            | Command::Completions { .. }
            | Command::Man { .. } => {}
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum RoutesCommand {
    /// Make a pack: signed with an admin's keys, sealed with a passphrase
    #[command(after_help = examples::ROUTES_PACK)]
    Pack {
        /// The list of strategies, one per line: proxies, Shadowsocks, tor: with bridges
        list: PathBuf,
        /// The link of the community
        #[arg(long = "for", value_name = "LINK")]
        community: String,
        /// The day or time after which it is not used, at most 366 days from now
        #[arg(long, value_name = "TIME")]
        expires: String,
        /// The key file of an admin
        #[arg(long, value_name = "FILE")]
        keys: PathBuf,
        /// Write the pack to this file
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// A file whose first line is the passphrase of the keys, for scripts
        #[arg(long, value_name = "FILE")]
        passphrase_file: Option<PathBuf>,
        /// A file whose first line is the passphrase of the pack, for scripts
        #[arg(long, value_name = "FILE")]
        pack_passphrase_file: Option<PathBuf>,
    },
    /// Take a pack in as a list for --strategies; sends nothing
    #[command(after_help = examples::ROUTES_IMPORT)]
    Import {
        /// The pack
        #[arg(requires = "data_dir")]
        pack: PathBuf,
        /// Write the list to this file, readable by your user only
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Replace a list that was signed later
        #[arg(long)]
        older: bool,
        /// A file whose first line is the passphrase of the pack, for scripts
        #[arg(long, value_name = "FILE")]
        pack_passphrase_file: Option<PathBuf>,
        #[command(flatten)]
        options: Box<Options>,
    },
}
