//! Why a text is not a home.

/// Error parsing a home. No message repeats the text: errors end up in logs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HomeError {
    /// The text is not an address that a community can have.
    #[error("this is not the address of a community; give one like vk.com/NAME or https://vk.com/club123")]
    NoAddress,
    /// The scheme is neither http nor https.
    #[error("an address of a community begins with https:// or http://, or has no scheme at all")]
    Scheme,
    /// The text is longer than any address.
    #[error("the address is longer than {MAX_BYTES} bytes")]
    TooLong,
    /// The address has a user name or password.
    #[error("an address of a community carries no user name or password")]
    Credentials,
    /// The address is at VKontakte or Telegram, with a port.
    #[error("an address at VKontakte or Telegram has no port of its own")]
    Port,
    /// The address is at VKontakte, without a community.
    #[error("the address names VKontakte but no community; give one like vk.com/NAME or vk.com/club123")]
    NoCommunity,
    /// The address is the page of a person at VKontakte.
    #[error("the address is a person's page at VKontakte; Byway reads communities")]
    Person,
    /// The address is a page of VKontakte itself.
    #[error("the address is a page of VKontakte itself, not of a community")]
    Platform,
    /// The address is at VKontakte, with a number or name that no community can have.
    #[error("no community at VKontakte can have this name or number")]
    Name,
    /// The address is at Telegram, without a channel.
    #[error("the address names Telegram but no channel; give one like t.me/NAME")]
    NoChannel,
    /// The link leads into a private chat, group or channel at Telegram: an invitation, a message by number, a telephone
    /// number.
    #[error("the link leads into a private chat at Telegram, which only its members can read")]
    PrivateLink,
    /// The address is a page of Telegram itself: stickers, a proxy, a login.
    #[error("the address is a page of Telegram itself, not of a channel")]
    TelegramPage,
    /// The address is at Telegram, with a name that no channel can have.
    #[error("no channel at Telegram can have this name")]
    ChannelName,
}

codes! {
    &HomeError {
        NoAddress = "no_address",
        Scheme = "scheme",
        TooLong = "too_long",
        Credentials = "credentials",
        Port = "port",
        NoCommunity = "no_community",
        Person = "person",
        Platform = "platform",
        Name = "name",
        NoChannel = "no_channel",
        PrivateLink = "private_link",
        TelegramPage = "telegram_page",
        ChannelName = "channel_name",
    }
}

/// Longer than any address that a browser shows.
pub(super) const MAX_BYTES: usize = 2048;
