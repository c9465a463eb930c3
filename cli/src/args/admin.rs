//! The flags of those who make something for others: admins of signed communities, and people who copy a page.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::options::{ExposureArg, Lang, RouteArgs, SHOWN_AT_ONCE, VkArgs};
use super::stated::StatedArgs;
use crate::examples;

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
        pictures: PictureArgs,
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
    /// Replace the text of a post, and its pictures if some are given
    #[command(after_help = examples::COMMUNITY_EDIT)]
    Edit {
        /// The name that `post` printed
        id: String,
        /// The new text; `-` reads standard input
        text: String,
        #[command(flatten)]
        pictures: PictureArgs,
        /// Remove the pictures of the post
        #[arg(long, conflicts_with = "picture")]
        no_pictures: bool,
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
        #[command(flatten)]
        stated: Box<StatedArgs>,
        /// The language of the web page, except for what the community writes; that of `new` unless given
        #[arg(long, value_enum, value_name = "LANGUAGE")]
        page_language: Option<Lang>,
        /// Make the next charter although nothing else changes: it is valid for two more years
        #[arg(long)]
        renew: bool,
        #[command(flatten)]
        parts: PartArgs,
        /// Take every part from the person with these public keys (byway-keys:...), or from the one key with this fingerprint; repeat it
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
        /// Compare it with the community in this folder, which is up to date; to sign, only a founding needs none
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
    Freeze(Box<FreezeArgs>),
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
        /// Leave the pictures out, for a small file. Without this the newest are in it, up to 32 MiB
        #[arg(long)]
        no_pictures: bool,
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
    /// Copy no pictures; without this up to 40 a run are fetched, and freed of metadata
    #[arg(long)]
    pub(crate) no_pictures: bool,
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
    /// Its start: 2026-12-19T12:00 with --zone, 2026-12-19T12:00[Asia/Barnaul], 2026-12-19T12:00+07:00, or a day (2026-12-19)
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

/// A freeze: prepared, or published.
#[derive(Debug, Args)]
pub(crate) struct FreezeArgs {
    /// Write it to this file; others approve it as a proposal
    #[arg(long, value_name = "FILE", requires = "dir", requires = "keys", required_unless_present = "publish")]
    pub(crate) prepare: Option<PathBuf>,
    /// Trust nothing that is signed after this time: 2026-11-30T18:00 or 2026-11-30T18:00:00+07:00; of a day, after its
    /// beginning; now unless given
    #[arg(long, value_name = "TIME", requires = "prepare")]
    pub(crate) after: Option<String>,
    /// The community's folder
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    /// The file with your keys
    #[arg(long, value_name = "FILE")]
    pub(crate) keys: Option<PathBuf>,
    /// A file whose first line is the passphrase, for scripts; without it the passphrase is asked for
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Publish the freeze in this file, for good; it needs no keys
    #[arg(long, value_name = "FILE", requires = "into", conflicts_with = "prepare")]
    pub(crate) publish: Option<PathBuf>,
    /// Where: a folder, s3://BUCKET/PREFIX, or the https:// address of a WebDAV folder
    #[arg(long, value_name = "DIR|TARGET", requires = "publish")]
    pub(crate) into: Option<String>,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    #[command(flatten)]
    pub(crate) routes: RouteArgs,
}

/// The pictures of a post.
#[derive(Debug, Args)]
pub(crate) struct PictureArgs {
    /// A picture: JPEG, PNG or WebP. What a camera or a program wrote into it is removed; repeat it
    #[arg(long, value_name = "FILE")]
    pub(crate) picture: Vec<PathBuf>,
    /// What the picture shows, for people who can't see it; one for each picture, in their order
    #[arg(long, value_name = "TEXT", requires = "picture")]
    pub(crate) alt: Vec<String>,
}
