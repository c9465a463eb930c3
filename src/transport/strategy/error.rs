use super::super::DestinationError;

/// The schemes that this build speaks.
const SPOKEN: &str = if cfg!(feature = "tor") {
    "direct, socks5, http, https, ss, tor and tor+socks5"
} else {
    "direct, socks5, http, https, ss and tor+socks5"
};

/// What else `tor` may have meant.
const OWN_TOR: &str = if cfg!(feature = "tor") { "the Tor within this program is written `tor:`; " } else { "" };

/// Error parsing a strategy. Each variant is one sentence that says what would be right.
///
/// An error quotes only a scheme or an option's name, and only if it looks like one: nothing that might be a piece of a
/// login gets into an error.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StrategyError {
    /// The text is empty.
    #[error("a strategy is missing; write for example `direct:` or `socks5://host:1080`")]
    Empty,
    /// It has more than [`super::MAX_STRATEGY_BYTES`] bytes.
    #[error("a strategy is at most {} bytes long", super::MAX_STRATEGY_BYTES)]
    TooLong,
    /// There is a space, a line break or a control character before the name.
    #[error("a strategy has no spaces or control characters before its name; in a login write a space as `%20`")]
    Whitespace,
    /// It does not begin with a scheme.
    #[error("a strategy begins with its scheme, for example `socks5://host:1080` or `direct:`")]
    NoScheme,
    /// It is the word `tor` alone. A running Tor has an address.
    #[error(
        "{OWN_TOR}a running Tor is written with its address: `tor+socks5://127.0.0.1:9050` (a Tor service, Orbot) or \
         `tor+socks5://127.0.0.1:9150` (the Tor Browser)"
    )]
    TorWithoutAddress,
    /// It is `tor:`, and this program was built without a Tor of its own.
    #[error(
        "this program has no Tor of its own: it is built with the feature `tor` for that; a Tor that runs elsewhere is written \
         with its address, as in `tor+socks5://127.0.0.1:9050`"
    )]
    TorNotBuiltIn,
    /// Something stands between `tor:` and its options.
    #[error("`tor:` has no host, login or path; a Tor that runs elsewhere is written `tor+socks5://HOST:PORT`")]
    TorTakesNoHost,
    /// It is a proxy's host or `host:port` alone, without a scheme that gives the protocol.
    #[error(
        "a proxy is written with its kind before its address: `socks5://HOST:PORT`, `http://HOST:PORT` or `https://HOST:PORT`"
    )]
    ProxyWithoutScheme,
    /// The scheme is unknown.
    #[error("the scheme `{scheme}` is unknown; this version speaks {SPOKEN}")]
    UnknownScheme {
        /// In lower case.
        scheme: String,
    },
    /// The scheme is known, but not supported by this version.
    #[error("this version does not speak `{scheme}`; it speaks {SPOKEN}")]
    NotSpoken {
        /// In lower case.
        scheme: String,
    },
    /// The scheme is `socks://`, which can mean SOCKS4 or SOCKS5.
    #[error("`socks` does not say which version; for SOCKS5 write `socks5://`")]
    AmbiguousScheme,
    /// A proxy's scheme is not followed by `//` and a host.
    #[error("`{scheme}` needs a host, as in `{scheme}://host:port`")]
    NoHost {
        /// The scheme.
        scheme: &'static str,
    },
    /// There is something between `direct:` and its options.
    #[error(
        "`direct:` has no host, login or path; only options follow it, as in `direct:?dns=udp://9.9.9.9`, and a name"
    )]
    DirectTakesNoHost,
    /// The proxy's host or port is invalid.
    #[error(transparent)]
    Server(#[from] DestinationError),
    /// The proxy or resolver has an `.onion` host (RFC 7686), which can be reached only through Tor.
    #[error(
        "the host of a proxy or resolver is no `.onion` address: that is reached through Tor, and this strategy is not"
    )]
    Onion,
    /// There is something after the proxy's host and port.
    #[error(
        "a proxy has no path; after its host and port come only options, as in `?cc=nl`, and a name, as in `#home`"
    )]
    Path,
    /// There is an `@` where no login can end: the login before it holds a character that ends a host.
    #[error(
        "an `@` stands too late; in a login write `/` as `%2F`, `?` as `%3F` and `#` as `%23`, in a name `@` as `%40`"
    )]
    MisplacedAt,
    /// The login, a bridge or the path of a resolver was replaced by `***` when the URL was printed for people.
    #[error(
        "the login, the bridge or the resolver's path in this strategy was replaced by `***`; put the real one there"
    )]
    Redacted,
    /// Tor's port has a login.
    #[error("`tor+socks5` takes no login; this program sets one itself to keep circuits apart")]
    LoginNotTaken,
    /// The password has no user before it.
    #[error("the login has no user; write `user:password@host:port`")]
    LoginEmpty,
    /// The user or the password is longer than 255 bytes (RFC 1929).
    #[error("the user and the password of a login are at most {} bytes long each", super::MAX_LOGIN_BYTES)]
    LoginTooLong,
    /// The login has control characters.
    #[error("a login has no control characters")]
    LoginControl,
    /// RFC 7617 section 2: the first colon ends the user.
    #[error("the user of an HTTP proxy has no `:`")]
    LoginColon,
    /// It has neither of the forms of `ss://`.
    #[error("what follows `ss://` is `method:password@host:port`, as it stands or in Base64")]
    ShadowsocksForm,
    /// The method is unknown.
    #[error("the method of this `ss://` is unknown; write for example `aes-256-gcm`")]
    Method,
    /// The method is `none` or `plain`.
    #[error("this `ss://` encrypts nothing: everyone on the path to the server would read what is visited")]
    MethodPlain,
    /// The method is a stream cipher.
    #[error(
        "the method of this `ss://` does not notice changed bytes, so that everyone on the path can alter what passes; \
         the server needs `aes-256-gcm`, `chacha20-ietf-poly1305` or a method of 2022"
    )]
    MethodWeak,
    /// The password is missing.
    #[error("the password is missing; write `ss://method:password@host:port`")]
    PasswordEmpty,
    /// The key is not Base64, or there are several keys and the method takes one.
    #[error(
        "the password of a method of 2022 is a key in Base64; in a URL write its `+` as `%2B`, its `/` as `%2F` and its `=` as `%3D`"
    )]
    Key,
    /// The key's length does not fit the method.
    #[error("the key of `{method}` is {length} bytes long, in Base64")]
    KeyLength {
        /// The method.
        method: &'static str,
        /// The bytes of its key.
        length: usize,
    },
    /// It needs a plugin of SIP003.
    #[error(
        "the server expects the plugin `{plugin}`, and this program has no plugins; ask for a server that is used without one"
    )]
    Plugin {
        /// Its name.
        plugin: String,
    },
    /// A `%` is not followed by two hexadecimal digits, or the decoded bytes are not UTF-8.
    #[error("after `%` come two hexadecimal digits, and together they are UTF-8; write `%` itself as `%25`")]
    PercentEncoding,
    /// The option is unknown.
    #[error("the option `{option}` is unknown; {takes}")]
    UnknownOption {
        /// Its name.
        option: String,
        /// What the scheme takes.
        takes: &'static str,
    },
    /// The name of an option is not a valid name.
    #[error("what follows `?` is not an option; {takes}")]
    NotAnOption {
        /// What the scheme takes.
        takes: &'static str,
    },
    /// The value of `bridge` is not a bridge line.
    #[error(
        "a bridge is `ADDRESS:PORT FINGERPRINT`, or with a transport `obfs4 ADDRESS:PORT FINGERPRINT cert=...`: an IP address, \
         40 hexadecimal digits, and in a URL each space as `%20`"
    )]
    BridgeForm,
    /// What follows the fingerprint of a bridge is not for a transport, or too long for one.
    #[error(
        "after the fingerprint of a bridge with a transport such as `obfs4` stands only `KEY=VALUE`, 510 bytes together at most"
    )]
    BridgeParameters,
    /// There are more than eight bridges, or they are too long together.
    #[error(
        "a strategy names at most {} bridges, of {} bytes together; put more into another one",
        super::MAX_BRIDGES,
        super::MAX_BRIDGES_BYTES
    )]
    BridgeCount,
    /// The same bridge is given twice.
    #[error("the same bridge is given twice; give it once")]
    BridgeTwice,
    /// Another strategy than `tor:` has `bridge=`.
    #[error("the option `bridge` belongs to `tor:`; a Tor that runs elsewhere has bridges in its own settings")]
    BridgeNotHere,
    /// A proxy has `dns=`.
    #[error("the option `dns` belongs to `direct:`; a proxy is given the name and resolves it itself")]
    DnsNotHere,
    /// An option is given twice.
    #[error("the option `{option}` is given twice; give it once")]
    DuplicateOption {
        /// Its name.
        option: &'static str,
    },
    /// No country has the code in `cc`.
    #[error("`cc` is a country as two letters of ISO 3166-1, for example `cc=nl`; the United Kingdom is `gb`")]
    Country,
    /// The value of `dns` is neither `system` nor a resolver.
    #[error(
        "`dns` is `system`, `udp://ADDRESS`, `tls://NAME@ADDRESS` or `https://NAME@ADDRESS/dns-query`, the name left away \
         where the certificate is for the address, IPv6 in brackets, for example `dns=https://9.9.9.9/dns-query`"
    )]
    Dns,
    /// This version does not support resolvers of this kind.
    #[error(
        "this version asks resolvers over UDP, TLS and HTTPS, as in `dns=https://9.9.9.9/dns-query`, or the system's with `dns=system`"
    )]
    DnsNotSpoken,
    /// There are more than four resolvers.
    #[error("a strategy names at most {} resolvers", super::MAX_RESOLVERS)]
    DnsCount,
    /// The same resolver is given twice.
    #[error("the same resolver is given twice in `dns`; give it once")]
    DnsTwice,
    /// The value of `tls` is unknown.
    #[error("`tls` is `frag`, `records` or `segments`: how the name in the ClientHello is cut")]
    Tls,
    /// The value of `tls-delay` is not a valid time.
    #[error(
        "`tls-delay` is the pause between the pieces of `tls=frag` or `tls=segments`, from 1 to {} milliseconds",
        super::MAX_TLS_DELAY_MS
    )]
    TlsDelay,
    /// There is a `tls-delay` without TCP segments to pause between.
    #[error("`tls-delay` pauses between TCP segments; add `tls=frag` or `tls=segments`")]
    TlsDelayAlone,
    /// The value of `ech` is unknown.
    #[error("`ech` is `prefer` or `require`")]
    Ech,
    /// There is `ech` without an authenticated resolver.
    #[error(
        "`ech` needs a resolver that proves itself, for example `direct:?dns=https://9.9.9.9/dns-query&ech=prefer`; a \
         proxy resolves by itself and takes no `ech`"
    )]
    EchNeedsResolver,
    /// The name is empty or consists of spaces.
    #[error("the name after `#` is empty; leave `#` away")]
    NameEmpty,
    /// The name is longer than 64 bytes.
    #[error("the name after `#` is at most {} bytes long", super::MAX_NAME_BYTES)]
    NameTooLong,
    /// The name has control characters, or characters that change the direction of text.
    #[error("the name after `#` has no line breaks, control characters or marks of writing direction")]
    NameControl,
}

impl StrategyError {
    /// The stable code; an invalid server has the code of its [`DestinationError`].
    pub fn code(&self) -> &'static str {
        match self {
            StrategyError::Empty => "empty",
            StrategyError::TooLong => "too_long",
            StrategyError::Whitespace => "whitespace",
            StrategyError::NoScheme => "no_scheme",
            StrategyError::TorWithoutAddress => "tor_without_address",
            StrategyError::TorNotBuiltIn => "tor_not_built_in",
            StrategyError::TorTakesNoHost => "tor_takes_no_host",
            StrategyError::ProxyWithoutScheme => "proxy_without_scheme",
            StrategyError::UnknownScheme { .. } => "unknown_scheme",
            StrategyError::NotSpoken { .. } => "not_spoken",
            StrategyError::AmbiguousScheme => "ambiguous_scheme",
            StrategyError::NoHost { .. } => "no_host",
            StrategyError::DirectTakesNoHost => "direct_takes_no_host",
            StrategyError::Server(error) => error.code(),
            StrategyError::Onion => "onion",
            StrategyError::Path => "path",
            StrategyError::MisplacedAt => "misplaced_at",
            StrategyError::Redacted => "redacted",
            StrategyError::LoginNotTaken => "login_not_taken",
            StrategyError::LoginEmpty => "login_empty",
            StrategyError::LoginTooLong => "login_too_long",
            StrategyError::LoginControl => "login_control",
            StrategyError::LoginColon => "login_colon",
            StrategyError::ShadowsocksForm => "ss_form",
            StrategyError::Method => "ss_method",
            StrategyError::MethodPlain => "ss_method_plain",
            StrategyError::MethodWeak => "ss_method_weak",
            StrategyError::PasswordEmpty => "ss_password_empty",
            StrategyError::Key => "ss_key",
            StrategyError::KeyLength { .. } => "ss_key_length",
            StrategyError::Plugin { .. } => "ss_plugin",
            StrategyError::PercentEncoding => "percent_encoding",
            StrategyError::UnknownOption { .. } => "unknown_option",
            StrategyError::NotAnOption { .. } => "not_an_option",
            StrategyError::BridgeForm => "bridge_form",
            StrategyError::BridgeParameters => "bridge_parameters",
            StrategyError::BridgeCount => "bridge_count",
            StrategyError::BridgeTwice => "bridge_twice",
            StrategyError::BridgeNotHere => "bridge_not_here",
            StrategyError::DnsNotHere => "dns_not_here",
            StrategyError::DuplicateOption { .. } => "duplicate_option",
            StrategyError::Country => "country",
            StrategyError::Dns => "dns",
            StrategyError::DnsNotSpoken => "dns_not_spoken",
            StrategyError::DnsCount => "dns_count",
            StrategyError::DnsTwice => "dns_twice",
            StrategyError::Tls => "tls",
            StrategyError::TlsDelay => "tls_delay",
            StrategyError::TlsDelayAlone => "tls_delay_alone",
            StrategyError::Ech => "ech",
            StrategyError::EchNeedsResolver => "ech_needs_resolver",
            StrategyError::NameEmpty => "name_empty",
            StrategyError::NameTooLong => "name_too_long",
            StrategyError::NameControl => "name_control",
        }
    }
}
