//! The flags that several commands share: routes, VKontakte, this device, exposure and language.

use std::ops::RangeInclusive;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

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
    /// For `tor:` without --data-dir, keep the relays that see your address (guards) in this directory; without either, each
    /// run chooses others
    #[arg(help_heading = "Network", long, value_name = "DIR")]
    pub(crate) tor_dir: Option<PathBuf>,
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
