use super::{MAX_IMPORT_BYTES, MAX_IMPORT_LINES};
use crate::transport::StrategyError;

/// Why no strategy was taken from a line. One sentence each, and no piece of the line beyond a scheme or an option.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// A strategy was found and is wrong.
    #[error(transparent)]
    Strategy(#[from] StrategyError),
    /// No form that is known.
    #[error("no strategy was found in this line; write for example `socks5://user:password@host:1080`")]
    NotUnderstood,
    /// A host and a port, and many kinds of proxy that they may be.
    #[error("the line does not say what kind of proxy this is; write `socks5://` or `http://` before it")]
    NoKind,
    /// More than a strategy.
    #[error("there is other text beside the strategy; a login goes into it as in `socks5://user:password@host:1080`")]
    OtherText,
    /// More than one strategy.
    #[error("there is more than one strategy in this line; put each on a line of its own")]
    Several,
    /// An `http` or `https` URL without port, or with a path.
    #[error("this is the address of a web page; if it is a proxy's, write its port, as in `https://host:443`")]
    WebPage,
    /// A Telegram link to an MTProto proxy.
    #[error("an MTProto proxy carries Telegram and nothing else")]
    TelegramOnly,
    /// A Telegram link to a SOCKS5 proxy that is not whole.
    #[error("in this Telegram link `{field}` is missing or given twice")]
    TelegramField {
        /// Which part.
        field: &'static str,
    },
    /// More than [`MAX_IMPORT_LINES`].
    #[error("only the first {MAX_IMPORT_LINES} lines were read; paste the rest by itself")]
    TooManyLines,
    /// More than [`MAX_IMPORT_BYTES`].
    #[error("only the first {} KiB were read; paste the rest by itself", MAX_IMPORT_BYTES / 1024)]
    TooManyBytes,
}

impl ImportError {
    /// The stable code; a wrong strategy has that of its [`StrategyError`].
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
