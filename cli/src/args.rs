//! The command line as clap parses it.
//!
//! Values that may hold a password (a strategy) or that need a sentence of their own are taken as text here and parsed
//! in [`crate::setup`]: clap repeats a bad value in its error, and a password must not be repeated.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

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
    /// Read and keep every community of a list of feeds (OPML), or take in a bundle or a mirror's folder; that sends nothing
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
        /// Follow: from now on `open` leads to the successor
        #[arg(long)]
        yes: bool,
        /// Stay: do not follow this successor
        #[arg(long, conflicts_with = "yes")]
        stay: bool,
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
        /// A file whose first line is the passphrase of the pack, for scripts
        #[arg(long, value_name = "FILE")]
        pack_passphrase_file: Option<PathBuf>,
        #[command(flatten)]
        options: Box<Options>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum CommunityCommand {
    /// Found a community: make its keys and its folder, and print its link
    #[command(after_help = examples::COMMUNITY_NEW)]
    New {
        /// Its name
        name: String,
        #[command(flatten)]
        statement: StatementArgs,
        #[command(flatten)]
        parts: PartArgs,
        #[command(flatten)]
        proposing: ProposeArgs,
        #[command(flatten)]
        admin: AdminArgs,
    },
    /// Make an admin's keys, or show their public halves
    #[command(after_help = examples::COMMUNITY_KEY)]
    Key {
        #[command(subcommand)]
        command: KeyCommand,
    },
    /// Publish a post, and print its name
    #[command(after_help = examples::COMMUNITY_POST)]
    Post {
        /// The text; `-` reads standard input
        text: String,
        #[command(flatten)]
        admin: AdminArgs,
    },
    /// Announce a gathering, or change its announcement, and print its name
    #[command(after_help = examples::COMMUNITY_EVENT)]
    Event {
        #[command(flatten)]
        event: EventArgs,
        #[command(flatten)]
        admin: AdminArgs,
    },
    /// Replace the text of a post
    #[command(after_help = examples::COMMUNITY_EDIT)]
    Edit {
        /// The name that `post` printed
        id: String,
        /// The new text; `-` reads standard input
        text: String,
        #[command(flatten)]
        admin: AdminArgs,
    },
    /// Delete a post or an announcement; copies of it may stay with others
    #[command(after_help = examples::COMMUNITY_DELETE)]
    Delete {
        /// The name that `post` or `event` printed
        id: String,
        #[command(flatten)]
        admin: AdminArgs,
    },
    /// Change what the charter says: the name, the description, the mirrors, the pages, who decides
    #[command(after_help = examples::COMMUNITY_CHARTER)]
    Charter {
        /// The new name
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        statement: StatementArgs,
        /// Name no mirror any more
        #[arg(long, conflicts_with = "mirror")]
        no_mirrors: bool,
        /// Name no page any more
        #[arg(long, conflicts_with = "page")]
        no_pages: bool,
        /// The language of the web page, except for what the community writes; that of `new` unless given
        #[arg(long, value_enum, value_name = "LANGUAGE")]
        page_language: Option<Lang>,
        #[command(flatten)]
        parts: PartArgs,
        /// Take every part from the person with these public keys; repeat it
        #[arg(long, value_name = "KEYS")]
        remove: Vec<String>,
        #[command(flatten)]
        proposing: ProposeArgs,
        #[command(flatten)]
        admin: AdminArgs,
    },
    /// Name the community that continues this one
    #[command(after_help = examples::COMMUNITY_MOVE)]
    Move {
        /// Its link, as `byway community link` prints it
        #[arg(long, value_name = "LINK", required_unless_present = "nowhere")]
        to: Option<String>,
        /// Take the move back
        #[arg(long, conflicts_with = "to")]
        nowhere: bool,
        #[command(flatten)]
        proposing: ProposeArgs,
        #[command(flatten)]
        admin: AdminArgs,
    },
    /// Replace the keys of the community; the old key file no longer opens it
    #[command(after_help = examples::COMMUNITY_ROTATE)]
    Rotate {
        /// Make the new key file here
        #[arg(long, value_name = "FILE")]
        new_keys: PathBuf,
        #[command(flatten)]
        proposing: ProposeArgs,
        #[command(flatten)]
        admin: AdminArgs,
    },
    /// Renew the signed state, and bring a folder or a server to it; writes only what changed
    #[command(after_help = examples::COMMUNITY_PUBLISH)]
    Publish(Box<PublishArgs>),
    /// Show what a proposal would change, and sign it
    #[command(after_help = examples::COMMUNITY_APPROVE)]
    Approve {
        /// The proposal, a file that another admin made
        file: PathBuf,
        /// Your key file; without it the proposal is only shown
        #[arg(long, value_name = "FILE")]
        keys: Option<PathBuf>,
        /// Compare it with the community in this folder
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
        /// Sign although you have signed another change in its place; never put both in force
        #[arg(long, requires = "keys")]
        instead: bool,
        /// Also draw the line with your approval as a QR code
        #[arg(long, requires = "keys")]
        qr: bool,
        /// A file whose first line is the passphrase, for scripts; without it the passphrase is asked for
        #[arg(long, value_name = "FILE")]
        passphrase_file: Option<PathBuf>,
    },
    /// Replace lost root keys by means of recovery keys, after a waiting time; or object to that
    #[command(after_help = examples::COMMUNITY_RECOVER)]
    Recover {
        #[command(flatten)]
        parts: PartArgs,
        /// Put this recovery into the folder, which enough have approved; it needs no keys
        #[arg(long, value_name = "FILE", conflicts_with_all = ["veto", "propose", "keys"])]
        proposal: Option<PathBuf>,
        /// An approval that came as one line, byway-approval:...; repeat it
        #[arg(long, value_name = "LINE", requires = "proposal")]
        approval: Vec<String>,
        /// Object, with a root key, to a recovery that waits
        #[arg(long)]
        veto: bool,
        #[command(flatten)]
        proposing: ProposeArgs,
        /// The community's folder, or that of a web server
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
        /// The file with your keys
        #[arg(long, value_name = "FILE", required_unless_present = "proposal")]
        keys: Option<PathBuf>,
        /// A file whose first line is the passphrase, for scripts; without it the passphrase is asked for
        #[arg(long, value_name = "FILE")]
        passphrase_file: Option<PathBuf>,
    },
    /// Prepare the statement that nothing later is to be trusted, for someone out of reach; or publish it
    #[command(after_help = examples::COMMUNITY_FREEZE)]
    Freeze {
        /// Write it to this file; others approve it as a proposal
        #[arg(long, value_name = "FILE", requires = "dir", requires = "keys", required_unless_present = "publish")]
        prepare: Option<PathBuf>,
        /// Trust nothing that is signed after this time: 2026-12-19 or 2026-12-19T12:00:00+07:00; now unless given
        #[arg(long, value_name = "TIME", requires = "prepare")]
        after: Option<String>,
        /// The community's folder
        #[arg(long, value_name = "DIR")]
        dir: Option<PathBuf>,
        /// The file with your keys
        #[arg(long, value_name = "FILE")]
        keys: Option<PathBuf>,
        /// A file whose first line is the passphrase, for scripts; without it the passphrase is asked for
        #[arg(long, value_name = "FILE")]
        passphrase_file: Option<PathBuf>,
        /// Publish the freeze in this file, for good; it needs no keys
        #[arg(long, value_name = "FILE", requires = "into", conflicts_with = "prepare")]
        publish: Option<PathBuf>,
        /// The folder of a web server, or one that you upload
        #[arg(long, value_name = "DIR", requires = "publish")]
        into: Option<PathBuf>,
    },
    /// Make cards of a key file, to be printed: some of them make the file again, fewer say nothing
    #[command(after_help = examples::COMMUNITY_CARDS)]
    Cards {
        /// The key file
        #[arg(long, value_name = "FILE")]
        keys: PathBuf,
        /// How many cards, 2 to 16
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(SHOWN_AT_ONCE))]
        of: u16,
        /// How many of them make the key file again, at least 2
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(SHOWN_AT_ONCE))]
        needed: u16,
        /// Write a page for each card into this directory instead of showing the cards: card-1.html and so on
        #[arg(long, value_name = "DIR")]
        into: Option<PathBuf>,
        /// A file whose first line is the passphrase, for scripts; without it the passphrase is asked for
        #[arg(long, value_name = "FILE")]
        passphrase_file: Option<PathBuf>,
    },
    /// Make a key file again from its cards
    #[command(after_help = examples::COMMUNITY_RESTORE)]
    Restore {
        /// A file with one card or several; `-` reads standard input; repeat it
        #[arg(long, value_name = "FILE", required = true)]
        card: Vec<PathBuf>,
        /// Make the key file here
        #[arg(long, value_name = "FILE")]
        keys: PathBuf,
        /// A file whose first line is the passphrase, for scripts; without it the passphrase is asked for
        #[arg(long, value_name = "FILE")]
        passphrase_file: Option<PathBuf>,
    },
    /// Write the community into one file, for a memory card or a chat
    #[command(after_help = examples::COMMUNITY_BUNDLE)]
    Bundle {
        /// The community's folder
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
        /// The file; readers take it in with `byway import FILE`
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Print the link of the community, also as a QR code; needs no keys
    #[command(after_help = examples::COMMUNITY_LINK)]
    Link {
        /// The community's folder
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
        /// Put this exposure into the link
        #[arg(long, value_enum, default_value_t)]
        exposure: ExposureArg,
        /// Also draw it as a QR code
        #[arg(long, conflicts_with = "json")]
        qr: bool,
        /// Write the QR code to this file as an SVG image
        #[arg(long, value_name = "FILE")]
        svg: Option<PathBuf>,
        /// Print one JSON document on standard output
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a key file, and print its public halves for the other admins
    New {
        /// The new file
        #[arg(long, value_name = "FILE")]
        keys: PathBuf,
        /// A file whose first line is the passphrase, for scripts; without it the passphrase is asked for
        #[arg(long, value_name = "FILE")]
        passphrase_file: Option<PathBuf>,
    },
    /// Print the public halves of a key file
    Show {
        /// The file
        #[arg(long, value_name = "FILE")]
        keys: PathBuf,
        /// A file whose first line is the passphrase, for scripts; without it the passphrase is asked for
        #[arg(long, value_name = "FILE")]
        passphrase_file: Option<PathBuf>,
    },
}

/// Who gets which part in a community.
#[derive(Debug, Args)]
pub(crate) struct PartArgs {
    /// An admin who decides about the charter, by the line byway-keys:...; repeat it
    #[arg(help_heading = "Who decides", long, value_name = "KEYS")]
    pub(crate) root_key: Vec<String>,
    /// How many of those who decide must sign each change
    #[arg(help_heading = "Who decides", long, value_name = "N", value_parser = clap::value_parser!(u16).range(SHOWN_AT_ONCE))]
    pub(crate) threshold: Option<u16>,
    /// An admin who posts in the community's name and publishes; repeat it
    #[arg(help_heading = "Who decides", long, value_name = "KEYS")]
    pub(crate) publisher: Vec<String>,
    /// A person who posts, deletes what others posted, and publishes; repeat it
    #[arg(help_heading = "Who decides", long, value_name = "KEYS")]
    pub(crate) moderator: Vec<String>,
    /// A person who may replace lost keys of those who decide, after a waiting time; repeat it
    #[arg(help_heading = "Who decides", long, value_name = "KEYS")]
    pub(crate) recovery: Vec<String>,
    /// How many of the recovery keys must sign
    #[arg(help_heading = "Who decides", long, value_name = "N", value_parser = clap::value_parser!(u16).range(SHOWN_AT_ONCE))]
    pub(crate) recovery_threshold: Option<u16>,
    /// How many days a recovery waits, 7 to 366; 14 unless given
    #[arg(help_heading = "Who decides", long, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(SHOWN_AT_ONCE))]
    pub(crate) recovery_days: Option<u16>,
}

/// A change that other admins have to approve.
#[derive(Debug, Args)]
pub(crate) struct ProposeArgs {
    /// Write the change to this file, for the other admins to approve
    #[arg(long, value_name = "FILE")]
    pub(crate) propose: Option<PathBuf>,
    /// Propose it although you have signed another change in its place; never put both in force
    #[arg(long, requires = "propose")]
    pub(crate) instead: bool,
}

/// The folder and the keys of an admin.
#[derive(Debug, Args)]
pub(crate) struct AdminArgs {
    /// The community's folder; it holds no secret
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// The file with the community's keys, sealed with a passphrase; keep it off the web server
    #[arg(long, value_name = "FILE")]
    pub(crate) keys: PathBuf,
    /// A file whose first line is the passphrase, for scripts; without it the passphrase is asked for
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// The clock of this device is right, although the community's statements say otherwise; what is dated ahead is dated now
    #[arg(long)]
    pub(crate) clock_is_right: bool,
}

/// Where to publish.
#[derive(Debug, Args)]
pub(crate) struct PublishArgs {
    /// A folder, s3://BUCKET/PREFIX, or the https:// address of a WebDAV folder
    #[arg(long, value_name = "DIR|TARGET", required_unless_present = "proposal")]
    pub(crate) into: Option<String>,
    /// First put this proposal in force, which enough admins have approved
    #[arg(long, value_name = "FILE")]
    pub(crate) proposal: Option<PathBuf>,
    /// An approval that came as one line, byway-approval:...; repeat it
    #[arg(long, value_name = "LINE", requires = "proposal")]
    pub(crate) approval: Vec<String>,
    /// First take in what is there and not in your folder: another phone's posts
    #[arg(long)]
    pub(crate) take_in: bool,
    /// Publish over what is there and not in your folder; it is lost there
    #[arg(long, conflicts_with = "take_in")]
    pub(crate) replace: bool,
    #[command(flatten)]
    pub(crate) admin: AdminArgs,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    #[command(flatten)]
    pub(crate) routes: RouteArgs,
}

/// What is copied, and where to.
#[derive(Debug, Args)]
pub(crate) struct MirrorArgs {
    /// The page: vk.com/NAME, t.me/NAME, or a site with a feed
    #[arg(value_name = "LINK")]
    pub(crate) link: String,
    /// Whose copy it is, a name for readers; the first time only, and it stays
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
    /// The web address at which readers find the copy; the first time only, `community charter` changes it; repeat it
    #[arg(long, value_name = "URL")]
    pub(crate) mirror: Vec<String>,
    /// Then bring this to it: a folder, s3://BUCKET/PREFIX, or the https:// address of a WebDAV folder
    #[arg(long, value_name = "DIR|TARGET")]
    pub(crate) into: Option<String>,
    #[command(flatten)]
    pub(crate) admin: AdminArgs,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    #[command(flatten)]
    pub(crate) routes: RouteArgs,
    #[command(flatten)]
    pub(crate) vk: VkArgs,
}

/// A server to publish to.
#[derive(Debug, Args)]
pub(crate) struct ServerArgs {
    /// The server's credentials in this file: access_key_id and secret_access_key, or user and password, one a line
    #[arg(help_heading = "Server", long, value_name = "FILE")]
    pub(crate) credentials: Option<PathBuf>,
    /// Take the credentials from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or for WebDAV from
    /// BYWAY_DAV_USER and BYWAY_DAV_PASSWORD; without this no variable is read
    #[arg(help_heading = "Server", long, conflicts_with = "credentials")]
    pub(crate) credentials_from_env: bool,
    /// The address of the S3 server; Amazon's unless given
    #[arg(help_heading = "Server", long, value_name = "URL")]
    pub(crate) s3_endpoint: Option<String>,
    /// The region of the bucket; us-east-1 unless given
    #[arg(help_heading = "Server", long, value_name = "NAME")]
    pub(crate) s3_region: Option<String>,
    /// Compare every file on the server, to repair it; without this only those are read that the newest state changes
    #[arg(help_heading = "Server", long)]
    pub(crate) check_all: bool,
}

/// What a charter says.
#[derive(Debug, Args)]
pub(crate) struct StatementArgs {
    /// What the community says about itself
    #[arg(long, value_name = "TEXT")]
    pub(crate) about: Option<String>,
    /// The web address of a folder that carries the community; repeat it
    #[arg(long, value_name = "URL")]
    pub(crate) mirror: Vec<String>,
    /// The address of its page at a platform; repeat it
    #[arg(long, value_name = "URL")]
    pub(crate) page: Vec<String>,
    /// The link of the signed community that this one continues; that one names this one with `move --to`
    #[arg(long, value_name = "LINK")]
    pub(crate) continues: Option<String>,
}

/// A gathering.
#[derive(Debug, Args)]
pub(crate) struct EventArgs {
    /// Its name
    pub(crate) name: String,
    /// Its start: 2026-12-19T12:00 with --zone, 2026-12-19T12:00:00+07:00, or a day
    #[arg(long, value_name = "TIME")]
    pub(crate) start: String,
    /// Its end, in the same form; the last day, for days
    #[arg(long, value_name = "TIME")]
    pub(crate) end: Option<String>,
    /// Its time zone, for example Asia/Barnaul
    #[arg(long, value_name = "ZONE")]
    pub(crate) zone: Option<String>,
    /// Its place
    #[arg(long, value_name = "TEXT")]
    pub(crate) place: Option<String>,
    /// What else people should know
    #[arg(long, value_name = "TEXT")]
    pub(crate) text: Option<String>,
    /// Replace the announcement with this name
    #[arg(long, value_name = "ID")]
    pub(crate) replaces: Option<String>,
    /// It is cancelled
    #[arg(long, requires = "replaces")]
    pub(crate) cancelled: bool,
}

/// Where things are kept, and the key for them.
#[derive(Clone, Debug, Args)]
pub(crate) struct Data {
    /// Keep what is read in this directory, sealed; commands that show or destroy it need this
    #[arg(help_heading = "This device", long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// The file with the store's key, created if missing; without it a passphrase is asked for
    #[arg(
        help_heading = "This device",
        long,
        value_name = "FILE",
        requires = "data_dir",
        conflicts_with = "passphrase_file"
    )]
    pub(crate) key_file: Option<PathBuf>,
    /// A file whose first line is the passphrase, for scripts
    #[arg(help_heading = "This device", long, value_name = "FILE", requires = "data_dir")]
    pub(crate) passphrase_file: Option<PathBuf>,
}

/// For commands that only look at what is kept.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) data: Data,
    /// Print exactly one JSON document on standard output
    #[arg(long)]
    pub(crate) json: bool,
    /// Set from `--lang` or the system once the whole line is read.
    #[arg(skip)]
    pub(crate) lang: Lang,
}

/// The routes that a command may use.
#[derive(Debug, Args)]
pub(crate) struct RouteArgs {
    /// A strategy that may be used; repeat it, in the order to try: direct:?tls=frag, socks5://HOST:1080,
    /// https://HOST:443, ss://..., tor+socks5://127.0.0.1:9050. Only `direct:` if none is given
    #[arg(help_heading = "Network", short, long = "strategy", value_name = "STRATEGY")]
    pub(crate) strategy: Vec<String>,
    /// A file of strategies, one per line, or a subscription in Base64; tried after those of --strategy
    #[arg(help_heading = "Network", long, value_name = "FILE")]
    pub(crate) strategies: Option<PathBuf>,
    /// Who may learn what you read: `proxied` forbids direct packets, `tor` allows Tor only
    #[arg(help_heading = "Network", long, value_enum, default_value_t)]
    pub(crate) exposure: ExposureArg,
    /// Allow direct routes although a known restriction or the community's own advice speaks against them
    #[arg(help_heading = "Network", long)]
    pub(crate) allow_direct: bool,
    /// Use this address for HOST and PORT on direct routes, as curl does; repeat it
    #[arg(help_heading = "Network", long, value_name = "HOST:PORT:ADDR")]
    pub(crate) resolve: Vec<String>,
    /// Also trust the certificate authorities in this PEM file
    #[arg(help_heading = "Network", long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// For `tor:`, use the private Tor network in this JSON file instead of the public one; for tests
    #[arg(help_heading = "Network", long, value_name = "FILE")]
    pub(crate) tor_network: Option<PathBuf>,
    /// For bridges of `tor:`, the program of a transport: obfs4=/usr/bin/obfs4proxy, or the port of one that runs
    #[arg(help_heading = "Network", long, value_name = "NAME=PROGRAM")]
    pub(crate) tor_transport: Vec<String>,
    /// For `tor:`, your keys for restricted onion services in this file, one line each: ADDRESS:descriptor:x25519:KEY
    #[arg(help_heading = "Network", long, value_name = "FILE")]
    pub(crate) onion_keys: Option<PathBuf>,
    /// A name for the current network; what is learned about routes is kept per network
    #[arg(help_heading = "Network", long, value_name = "ID")]
    pub(crate) network: Option<String>,
    /// Also recognise the block pages in this CSV file (name, scope, location_found, pattern_type, pattern)
    #[arg(help_heading = "Network", long, value_name = "FILE")]
    pub(crate) fingerprints: Option<PathBuf>,
    /// The country you are in, like ru: a proxy that exits there proves nothing about its orders
    #[arg(help_heading = "Network", long, value_name = "CC")]
    pub(crate) country: Option<String>,
    /// Give up after this time: 20, 20s or 500ms
    #[arg(help_heading = "Network", long, value_name = "SECONDS")]
    pub(crate) timeout: Option<String>,
}

/// How VKontakte is asked.
#[derive(Debug, Args)]
pub(crate) struct VkArgs {
    /// Another address of VK's API; plain http on this device only
    #[arg(help_heading = "VKontakte", long, value_name = "BASE")]
    pub(crate) vk_api: Option<String>,
    /// A file with a VK token; without it the variable BYWAY_VK_TOKEN is used
    #[arg(help_heading = "VKontakte", long, value_name = "FILE")]
    pub(crate) vk_token_file: Option<PathBuf>,
    /// Whose token it is: a person's is never sent with --exposure tor, an app's service token is
    #[arg(help_heading = "VKontakte", long, value_enum, default_value_t, value_name = "WHOSE")]
    pub(crate) vk_token_of: Whose,
}

#[derive(Debug, Args)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(crate) routes: RouteArgs,
    /// Print exactly one JSON document on standard output
    #[arg(long)]
    pub(crate) json: bool,
    /// Report progress on standard error; with --json, one JSON object per line
    #[arg(long)]
    pub(crate) events: bool,
    /// Set from `--lang` or the system once the whole line is read.
    #[arg(skip)]
    pub(crate) lang: Lang,
    #[command(flatten)]
    pub(crate) vk: VkArgs,
    #[command(flatten)]
    pub(crate) data: Data,
}

/// The most posts and events that `show` prints.
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
