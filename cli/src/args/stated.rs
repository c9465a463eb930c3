//! What else `byway community charter` changes: who may post, relays, hints and known blocks.

use clap::{Args, ValueEnum};

/// Further parts of a charter. What is not named stays as it is; a list that is named takes the place of the earlier one.
#[derive(Debug, Args)]
pub(crate) struct StatedArgs {
    /// Whether everyone may post texts, under keys of their own
    #[arg(long, value_enum, value_name = "YES|NO")]
    pub(crate) members_may_post: Option<YesNo>,
    /// Ban the key that writes: its 64 hexadecimal digits, or the public keys of a person; repeat it
    #[arg(long, value_name = "KEY")]
    pub(crate) ban: Vec<String>,
    /// Posts of the banned keys from this time on do not count; now unless given. A thief states an earlier time: to take those
    /// posts away, name the time of the theft
    #[arg(long, value_name = "TIME", requires = "ban")]
    pub(crate) banned_since: Option<String>,
    /// Take back the ban of this key; repeat it
    #[arg(long, value_name = "KEY")]
    pub(crate) unban: Vec<String>,
    /// The wss:// address of a Nostr relay that carries what is published; repeat it
    #[arg(long, value_name = "URL")]
    pub(crate) relay: Vec<String>,
    /// Name no relay any more
    #[arg(long, conflicts_with = "relay")]
    pub(crate) no_relays: bool,
    /// The addresses of one of your hosts, as HOST=IP,IP, for readers whose network falsifies its name; repeat it
    #[arg(long, value_name = "HOST=IP")]
    pub(crate) hint: Vec<String>,
    /// A DNS-over-HTTPS resolver that you name to readers; repeat it
    #[arg(long, value_name = "URL")]
    pub(crate) resolver: Vec<String>,
    /// Name no addresses and no resolvers any more
    #[arg(long, conflicts_with_all = ["hint", "resolver"])]
    pub(crate) no_hints: bool,
    /// A block that you know of: TEXT, or "JURISDICTION; AUTHORITY; NUMBER; DATE; TEXT" with - for what is unknown; repeat it
    #[arg(long, value_name = "TEXT")]
    pub(crate) restriction: Vec<String>,
    /// Name no blocks any more
    #[arg(long, conflicts_with = "restriction")]
    pub(crate) no_restrictions: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum YesNo {
    Yes,
    No,
}
