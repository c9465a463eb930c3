//! How much a strategy may hold.

/// The longest strategy that is parsed, in bytes. Every strategy that parsed prints within it.
pub const MAX_STRATEGY_BYTES: usize = 2048;

/// The longest user and the longest password of a login, in bytes: SOCKS5 counts each in one byte (RFC 1929 section 2).
pub(crate) const MAX_LOGIN_BYTES: usize = 255;

/// The longest password of a Shadowsocks server, in bytes: five keys of a 2022 method, and as much as a login takes.
pub(super) const MAX_SHARED_KEY_BYTES: usize = 255;

/// How many resolvers are asked at most.
pub(crate) const MAX_RESOLVERS: usize = 4;

/// The longest pause between two TCP segments, in milliseconds: a handshake has six seconds.
pub(crate) const MAX_TLS_DELAY_MS: u16 = 1000;

/// The longest name, in bytes: a line of a list, and short enough that any strategy prints within
/// [`MAX_STRATEGY_BYTES`] when each byte of it is percent-encoded.
pub(crate) const MAX_NAME_BYTES: usize = 64;
