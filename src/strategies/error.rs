use super::{MAX_IMPORT_BYTES, MAX_IMPORT_LINES};
use crate::transport::StrategyError;

/// Why no strategy was read from a line. Each variant is one sentence, and quotes nothing of the line beyond a scheme
/// or an option.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// A strategy was found and is invalid.
    #[error(transparent)]
    Strategy(#[from] StrategyError),
    /// The line has no known form.
    #[error("no strategy was found in this line; write for example `socks5://user:password@host:1080`")]
    NotUnderstood,
    /// The line is a host and a port, which many kinds of proxy could have.
    #[error("the line does not say what kind of proxy this is; write `socks5://` or `http://` before it")]
    NoKind,
    /// The line holds more than a strategy.
    #[error("there is other text next to the strategy; a login goes into it as in `socks5://user:password@host:1080`")]
    OtherText,
    /// The line holds more than one strategy.
    #[error("there is more than one strategy in this line; put each on a line of its own")]
    Several,
    /// The line is an `http` or `https` URL without port, or with a path.
    #[error("this is the address of a web page; if it is a proxy's, write its port, as in `https://host:443`")]
    WebPage,
    /// The line is a Telegram link to an MTProto proxy.
    #[error("an MTProto proxy carries Telegram and nothing else")]
    TelegramOnly,
    /// The line is an incomplete Telegram link to a SOCKS5 proxy.
    #[error("in this Telegram link `{field}` is missing or given twice")]
    TelegramField {
        /// The missing part.
        field: &'static str,
    },
    /// The text has more than [`MAX_IMPORT_LINES`] lines.
    #[error("only the first {MAX_IMPORT_LINES} lines were read; paste the rest by itself")]
    TooManyLines,
    /// The text has more than [`MAX_IMPORT_BYTES`] bytes.
    #[error("only the first {} KiB were read; paste the rest by itself", MAX_IMPORT_BYTES / 1024)]
    TooManyBytes,
}

impl ImportError {
    /// The stable code; an invalid strategy has the code of its [`StrategyError`].
    pub fn code(&self) -> &'static str {
        match self {
            ImportError::Strategy(error) => error.code(),
            ImportError::NotUnderstood => "not_understood",
            ImportError::NoKind => "no_kind",
            ImportError::OtherText => "other_text",
            ImportError::Several => "several",
            ImportError::WebPage => "web_page",
            ImportError::TelegramOnly => "telegram_only",
            ImportError::TelegramField { .. } => "telegram_field",
            ImportError::TooManyLines => "too_many_lines",
            ImportError::TooManyBytes => "too_many_bytes",
        }
    }
}
