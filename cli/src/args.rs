//! The command line, as clap sees it.
//!
//! Values that may hold a password (a strategy) or that deserve a sentence of their own are taken as text here and
//! parsed in [`crate::setup`]: clap repeats a bad value in its error, and a password must not be repeated.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::examples;

/// Reads a community although it is blocked, and says in plain words what is blocked and by whom.
#[derive(Debug, Parser)]
#[command(name = "byway", version, max_term_width = 100, after_help = examples::BYWAY)]
pub(crate) struct Cli {
    /// The language of what is said; the system's unless given (LC_ALL, LC_MESSAGES, LANG)
    #[arg(long, global = true, value_enum, value_name = "LANGUAGE")]
    pub(crate) lang: Option<Lang>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Reads a community: what it says of itself, its newest posts and its events
    #[command(after_help = examples::OPEN)]
    Open {
        /// The community's link, for example vk.com/NAME
        #[arg(value_name = "LINK|URL")]
        link: String,
        /// Answer from what is kept only: no packet, no lookup
        #[arg(long, requires = "data_dir")]
        offline: bool,
        #[command(flatten)]
        options: Options,
    },
    /// Fetches a page by whichever way works; the body goes to standard output
    #[command(after_help = examples::GET)]
    Get {
        /// An http or https URL
        url: String,
        #[command(flatten)]
        options: Options,
    },
    /// Says whom opening a community would contact, and what each of them would see; sends nothing
    #[command(after_help = examples::PREVIEW)]
    Preview {
        /// The community's link, for example vk.com/NAME
        link: String,
        #[command(flatten)]
        options: Options,
    },
    /// Asks every way by itself, and says what the first one meets; the others are the second vantage
    #[command(after_help = examples::PROBE)]
    Probe {
        /// A community's link, or an http or https URL
        url: String,
        /// Name nobody in the result: neither the site, nor a proxy, nor an address. For showing it to somebody who helps
        #[arg(long)]
        redacted: bool,
        #[command(flatten)]
        options: Options,
    },
    /// Lists the communities that are kept on this device
    #[command(after_help = examples::LIST)]
    List {
        #[command(flatten)]
        shelf: Shelf,
    },
    /// Shows what is kept of a community, a page at a time; nothing is contacted
    #[command(after_help = examples::SHOW)]
    Show {
        /// Its id as `byway list` shows it, or a link to it
        #[arg(value_name = "ID|LINK")]
        id: String,
        /// How many posts and events at most, 1 to 1000
        #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(SHOWN_AT_ONCE))]
        limit: u16,
        /// Go on from where an earlier page of posts or of events ended
        #[arg(long, value_name = "CURSOR", allow_hyphen_values = true)]
        after: Option<String>,
        #[command(flatten)]
        shelf: Shelf,
    },
    /// Finds words in all that is kept: communities, posts and events, newest first; nothing is contacted
    #[command(after_help = examples::SEARCH)]
    Search {
        /// Words, or their beginnings; case, accents and the dots of ё do not count
        #[arg(value_name = "WORDS", required = true, num_args = 1.., allow_hyphen_values = false)]
        words: Vec<String>,
        /// In this community only
        #[arg(long = "in", value_name = "ID|LINK")]
        community: Option<String>,
        /// How many at most, 1 to 1000
        #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(SHOWN_AT_ONCE))]
        limit: u16,
        /// Go on from where an earlier page of the same search ended
        #[arg(long, value_name = "CURSOR", allow_hyphen_values = true)]
        after: Option<String>,
        #[command(flatten)]
        shelf: Shelf,
    },
    /// Lists the events to come of all communities that are kept, the earliest first; nothing is contacted
    #[command(after_help = examples::EVENTS)]
    Events {
        /// From this day or instant on; now unless given
        #[arg(long, value_name = "TIME")]
        from: Option<String>,
        /// To this day, or before this instant
        #[arg(long, value_name = "TIME")]
        to: Option<String>,
        /// How many at most, 1 to 1000
        #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(SHOWN_AT_ONCE))]
        limit: u16,
        /// Go on from where an earlier page ended
        #[arg(long, value_name = "CURSOR", allow_hyphen_values = true)]
        after: Option<String>,
        #[command(flatten)]
        shelf: Shelf,
    },
    /// Writes kept events as a calendar file
    #[command(after_help = examples::EXPORT)]
    Export {
        /// Of this community only
        #[arg(value_name = "ID|LINK")]
        id: Option<String>,
        /// As iCalendar (RFC 5545), the one format there is
        #[arg(long, required = true)]
        ics: bool,
        /// Write to this file, for your user alone; `-` is standard output
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        #[command(flatten)]
        data: Data,
    },
    /// Destroys everything that is kept: the key first, then the files
    #[command(after_help = examples::WIPE)]
    Wipe {
        /// Do not ask
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        shelf: Shelf,
    },
    /// Says line by line what was understood of a pasted list of strategies
    #[command(after_help = examples::STRATEGIES)]
    Strategies {
        /// The list; `-` reads standard input
        file: PathBuf,
        /// One JSON document on standard output
        #[arg(long)]
        json: bool,
    },
    /// Shows a block and the ways around it in a small internet of its own; no network is used
    #[command(after_help = examples::DEMO)]
    Demo {
        /// One JSON document on standard output
        #[arg(long)]
        json: bool,
    },
    /// Prints what makes a shell complete commands and flags
    #[command(after_help = examples::COMPLETIONS)]
    Completions {
        /// For this shell
        shell: clap_complete::Shell,
    },
    /// Writes the manual pages, one a command
    #[command(after_help = examples::MAN)]
    Man {
        /// Into this directory
        dir: PathBuf,
    },
}

impl Command {
    /// Lets everything below speak this language.
    pub(crate) fn speak(&mut self, spoken: Lang) {
        match self {
            Command::Open { options, .. }
            | Command::Get { options, .. }
            | Command::Preview { options, .. }
            | Command::Probe { options, .. } => options.lang = spoken,
            Command::List { shelf }
            | Command::Show { shelf, .. }
            | Command::Search { shelf, .. }
            | Command::Events { shelf, .. }
            | Command::Wipe { shelf, .. } => shelf.lang = spoken,
            Command::Export { .. }
            | Command::Strategies { .. }
            | Command::Demo { .. }
            | Command::Completions { .. }
            | Command::Man { .. } => {}
        }
    }
}

/// Where things are kept, and what opens it.
#[derive(Clone, Debug, Args)]
pub(crate) struct Data {
    /// The directory in which what is read is kept, sealed. A command that reads keeps nothing without it; one that shows
    /// or destroys what is kept needs it
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// The key of what is kept; made if it is not there. Without it a passphrase is asked for
    #[arg(long, value_name = "FILE", requires = "data_dir", conflicts_with = "passphrase_file")]
    pub(crate) key_file: Option<PathBuf>,
    /// A file whose first line is the passphrase, for scripts
    #[arg(long, value_name = "FILE", requires = "data_dir")]
    pub(crate) passphrase_file: Option<PathBuf>,
}

/// For commands that only look at what is kept.
#[derive(Debug, Args)]
pub(crate) struct Shelf {
    #[command(flatten)]
    pub(crate) data: Data,
    /// Exactly one JSON document on standard output
    #[arg(long)]
    pub(crate) json: bool,
    /// What `--lang` or the system says, once the whole line is read.
    #[arg(skip)]
    pub(crate) lang: Lang,
}

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// A way that may be used, in the order to try; repeat it: direct:?tls=frag, socks5://HOST:1080, https://HOST:443,
    /// ss://..., tor+socks5://127.0.0.1:9050. `direct:` if none is given
    #[arg(short, long = "strategy", value_name = "STRATEGY")]
    pub(crate) strategy: Vec<String>,
    /// A file of strategies, one a line, or a subscription in Base64; they come after those given by --strategy
    #[arg(long, value_name = "FILE")]
    pub(crate) strategies: Option<PathBuf>,
    /// Who may learn of it: `proxied` forbids direct packets, `tor` allows Tor only
    #[arg(long, value_enum, default_value_t)]
    pub(crate) exposure: ExposureArg,
    /// Try direct ways although a known restriction or the community's own advice speaks against them: to read it, to
    /// fetch or probe a page of it
    #[arg(long)]
    pub(crate) allow_direct: bool,
    /// Use this address for HOST and PORT on direct ways, as curl does; repeat it
    #[arg(long, value_name = "HOST:PORT:ADDR")]
    pub(crate) resolve: Vec<String>,
    /// Also trust the certificate authorities in this PEM file
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// A name for the network you are on; what is learned about ways belongs to it
    #[arg(long, value_name = "ID")]
    pub(crate) network: Option<String>,
    /// Also know the block pages in this CSV file (name, scope, location_found, pattern_type, pattern)
    #[arg(long, value_name = "FILE")]
    pub(crate) fingerprints: Option<PathBuf>,
    /// The country you are in, like ru: a proxy that leaves there is no witness against its orders
    #[arg(long, value_name = "CC")]
    pub(crate) country: Option<String>,
    /// Give up after this time: 20, 20s or 500ms
    #[arg(long, value_name = "SECONDS")]
    pub(crate) timeout: Option<String>,
    /// Exactly one JSON document on standard output
    #[arg(long)]
    pub(crate) json: bool,
    /// Say on standard error what is done while it is done; with --json, one JSON object a line
    #[arg(long)]
    pub(crate) events: bool,
    /// What `--lang` or the system says, once the whole line is read.
    #[arg(skip)]
    pub(crate) lang: Lang,
    /// Another address of VK's API; plain http only on this device
    #[arg(long, value_name = "BASE")]
    pub(crate) vk_api: Option<String>,
    /// A file that holds a VK token; otherwise the variable BYWAY_VK_TOKEN is used
    #[arg(long, value_name = "FILE")]
    pub(crate) vk_token_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) data: Data,
    /// Whom the token names: a person's is never sent with --exposure tor, an app's service token is
    #[arg(long, value_enum, default_value_t, value_name = "WHOSE")]
    pub(crate) vk_token_of: Whose,
}

/// How many posts and events `show` prints.
pub(crate) const SHOWN_AT_ONCE: RangeInclusive<i64> = 1..=1000;

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum Whose {
    #[default]
    Person,
    App,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum ExposureArg {
    #[default]
    Open,
    Proxied,
    Tor,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(crate) enum Lang {
    #[default]
    En,
    Ru,
}

impl From<ExposureArg> for byway::Exposure {
    fn from(exposure: ExposureArg) -> Self {
        match exposure {
            ExposureArg::Open => Self::Open,
            ExposureArg::Proxied => Self::Proxied,
            ExposureArg::Tor => Self::Tor,
        }
    }
}

impl From<Lang> for byway::Language {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::En => Self::En,
            Lang::Ru => Self::Ru,
        }
    }
}
