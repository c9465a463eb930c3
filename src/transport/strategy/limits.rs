//! Size limits of strategies.

/// The longest strategy that is parsed, in bytes. Every parsed strategy prints within this limit.
pub const MAX_STRATEGY_BYTES: usize = 2048;

/// The longest user and the longest password of a login, in bytes: SOCKS5 counts each in one byte (RFC 1929 section 2).
pub(crate) const MAX_LOGIN_BYTES: usize = 255;

/// The longest password of a Shadowsocks server, in bytes: five keys of a 2022 method, and as much as a login may have.
pub(super) const MAX_SHARED_KEY_BYTES: usize = 255;

/// The maximum number of resolvers.
pub(crate) const MAX_RESOLVERS: usize = 4;

/// The maximum number of bridges. Tor's own distributors give two or three at a time.
pub(crate) const MAX_BRIDGES: usize = 8;

/// The most bytes of all bridges of a strategy, as they stand in its URL. The rest is left for its options and its name.
pub(super) const MAX_BRIDGES_BYTES: usize = 1600;

/// The longest name of a pluggable transport, in bytes. Those in use have up to nine.
pub(crate) const MAX_TRANSPORT_BYTES: usize = 32;

/// The longest pause between two TCP segments, in milliseconds: a handshake has six seconds.
pub(crate) const MAX_TLS_DELAY_MS: u16 = 1000;

/// The longest name, in bytes. It fits into a line of a list, and any strategy prints within [`MAX_STRATEGY_BYTES`]
/// even if each byte of its name is percent-encoded.
pub(crate) const MAX_NAME_BYTES: usize = 64;
