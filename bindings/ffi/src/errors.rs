//! Every error as one type: a variant to decide by, the stable code, and a sentence in the client's language.

use std::fmt;

use byway::ErrorDetails;

use crate::configuration::Language;
use crate::evidence::Reachability;

mirror! {
    /// What an app can do about an error. A code says what is wrong; the kind says who can do something about it.
    ErrorKind of byway::ErrorKind, else Internal {
        /// A text or value is not understood (a link, a URL, a strategy, a setting), or the platform does not take it.
        /// Show the sentence next to the field.
        Input,
        /// The exposure, the community's advice or a rule about addresses leaves nothing that may be tried. Ask for
        /// another strategy, or for the user's permission. Never lower an exposure silently.
        NotPermitted,
        /// The platform wants a token, or another one. Ask for it.
        Credentials,
        /// No strategy led there. The reachability says why. Ask again later, or allow another strategy.
        Unreached,
        /// The host or the platform answers, but does not give what was asked for: an error of its own, a limit on
        /// requests, or an answer that cannot be used. Ask again later.
        Refused,
        /// The platform states that it withholds the community. Show its words as its claim.
        Withheld,
        /// The platform states that there is no such community, or that it no longer exists. Keep what was read.
        NotFound,
        /// It is not kept on this device, and only the device was asked.
        NotStored,
        /// The store is locked, suspended or in use, or the key is missing or wrong. The app or the user can open it.
        StoreClosed,
        /// Files of the store are damaged, missing, or of a newer version. Nothing was changed. Put a copy back, or
        /// wipe it.
        StoreDamaged,
        /// There is no room: the store's own limit, or the disk.
        StoreFull,
        /// It is larger than the caller allowed.
        TooLarge,
        /// A body stopped before its end. Ask again.
        BrokenOff,
        /// A fault of Byway, of the app's own code, or of the device.
        Internal,
    }
}

/// Why a call did not do what was asked. The variant is the kind; `code` is stable within it.
#[derive(Clone, uniffi::Error)]
pub enum BywayError {
    /// A text or value is not understood (a link, a URL, a strategy, a setting), or the platform does not take it. Show
    /// the sentence next to the field.
    Input {
        /// The stable code.
        code: String,
        /// Why, in the client's language. It may quote what was given, so it is for the user's eyes and not for a log.
        text: String,
        /// How far an access came; `None` if nothing was contacted.
        reachability: Option<Box<Reachability>>,
    },
    /// The exposure, the community's advice or a rule about addresses leaves nothing that may be tried. Ask for another
    /// strategy, or for the user's permission. Never lower an exposure silently.
    NotPermitted {
        /// The stable code.
        code: String,
        /// Why, in the client's language. It may quote what was given, so it is for the user's eyes and not for a log.
        text: String,
        /// How far an access came; `None` if nothing was contacted.
        reachability: Option<Box<Reachability>>,
    },
    /// The platform wants a token, or another one. Ask for it.
    Credentials {
        /// The stable code.
        code: String,
        /// Why, in the client's language. It may quote what was given, so it is for the user's eyes and not for a log.
        text: String,
        /// How far an access came; `None` if nothing was contacted.
        reachability: Option<Box<Reachability>>,
    },
    /// No strategy led there. The reachability says why. Ask again later, or allow another strategy.
    Unreached {
        /// The stable code.
        code: String,
        /// Why, in the client's language. It may quote what was given, so it is for the user's eyes and not for a log.
        text: String,
        /// How far an access came; `None` if nothing was contacted.
        reachability: Option<Box<Reachability>>,
    },
    /// The host or the platform answers, but does not give what was asked for: an error of its own, a limit on
    /// requests, or an answer that cannot be used. Ask again later.
    Refused {
        /// The stable code.
        code: String,
        /// Why, in the client's language. It may quote what was given, so it is for the user's eyes and not for a log.
        text: String,
        /// How far an access came; `None` if nothing was contacted.
        reachability: Option<Box<Reachability>>,
    },
    /// The platform states that it withholds the community. Show its words as its claim.
    Withheld {
        /// The stable code.
        code: String,
        /// Why, in the client's language. It may quote what was given, so it is for the user's eyes and not for a log.
        text: String,
        /// How far an access came; `None` if nothing was contacted.
        reachability: Option<Box<Reachability>>,
    },
    /// The platform states that there is no such community, or that it no longer exists. Keep what was read.
    NotFound {
        /// The stable code.
        code: String,
        /// Why, in the client's language. It may quote what was given, so it is for the user's eyes and not for a log.
        text: String,
        /// How far an access came; `None` if nothing was contacted.
        reachability: Option<Box<Reachability>>,
    },
    /// It is not kept on this device, and only the device was asked.
    NotStored {
        /// The stable code.
        code: String,
        /// Why, in the client's language. It may quote what was given, so it is for the user's eyes and not for a log.
        text: String,
        /// How far an access came; `None` if nothing was contacted.
        reachability: Option<Box<Reachability>>,
    },
    /// The store is locked, suspended or in use, or the key is missing or wrong. The app or the user can open it.
    StoreClosed {
        /// The stable code.
        code: String,
        /// Why, in the client's language. It may quote what was given, so it is for the user's eyes and not for a log.
        text: String,
        /// How far an access came; `None` if nothing was contacted.
        reachability: Option<Box<Reachability>>,
    },
    /// Files of the store are damaged, missing, or of a newer version. Nothing was changed. Put a copy back, or wipe
    /// it.
    StoreDamaged {
        /// The stable code.
        code: String,
        /// Why, in the client's language. It may quote what was given, so it is for the user's eyes and not for a log.
        text: String,
        /// How far an access came; `None` if nothing was contacted.
        reachability: Option<Box<Reachability>>,
    },
    /// There is no room: the store's own limit, or the disk.
    StoreFull {
        /// The stable code.
        code: String,
        /// Why, in the client's language. It may quote what was given, so it is for the user's eyes and not for a log.
        text: String,
        /// How far an access came; `None` if nothing was contacted.
        reachability: Option<Box<Reachability>>,
    },
    /// It is larger than the caller allowed.
    TooLarge {
        /// The stable code.
        code: String,
        /// Why, in the client's language. It may quote what was given, so it is for the user's eyes and not for a log.
        text: String,
        /// How far an access came; `None` if nothing was contacted.
        reachability: Option<Box<Reachability>>,
    },
    /// A body stopped before its end. Ask again.
    BrokenOff {
        /// The stable code.
        code: String,
        /// Why, in the client's language. It may quote what was given, so it is for the user's eyes and not for a log.
        text: String,
        /// How far an access came; `None` if nothing was contacted.
        reachability: Option<Box<Reachability>>,
    },
    /// A fault of Byway, of the app's own code, or of the device.
    Internal {
        /// The stable code.
        code: String,
        /// Why, in the client's language. It may quote what was given, so it is for the user's eyes and not for a log.
        text: String,
        /// How far an access came; `None` if nothing was contacted.
        reachability: Option<Box<Reachability>>,
    },
    /// The call was cancelled, and what it had begun has ended.
    Cancelled {
        /// The stable code.
        code: String,
        /// Why, in the client's language. It may quote what was given, so it is for the user's eyes and not for a log.
        text: String,
        /// How far an access came; `None` if nothing was contacted.
        reachability: Option<Box<Reachability>>,
    },
    /// The client was shut down. Make another one.
    Closed {
        /// The stable code.
        code: String,
        /// Why, in the client's language. It may quote what was given, so it is for the user's eyes and not for a log.
        text: String,
        /// How far an access came; `None` if nothing was contacted.
        reachability: Option<Box<Reachability>>,
    },
}

impl BywayError {
    /// With the kind of the core.
    pub(crate) fn of(details: ErrorDetails, reachability: Option<Box<Reachability>>) -> Self {
        let ErrorDetails { kind, code, sentence: text, .. } = details;
        match ErrorKind::from(kind) {
            ErrorKind::Input => Self::Input { code, text, reachability },
            ErrorKind::NotPermitted => Self::NotPermitted { code, text, reachability },
            ErrorKind::Credentials => Self::Credentials { code, text, reachability },
            ErrorKind::Unreached => Self::Unreached { code, text, reachability },
            ErrorKind::Refused => Self::Refused { code, text, reachability },
            ErrorKind::Withheld => Self::Withheld { code, text, reachability },
            ErrorKind::NotFound => Self::NotFound { code, text, reachability },
            ErrorKind::NotStored => Self::NotStored { code, text, reachability },
            ErrorKind::StoreClosed => Self::StoreClosed { code, text, reachability },
            ErrorKind::StoreDamaged => Self::StoreDamaged { code, text, reachability },
            ErrorKind::StoreFull => Self::StoreFull { code, text, reachability },
            ErrorKind::TooLarge => Self::TooLarge { code, text, reachability },
            ErrorKind::BrokenOff => Self::BrokenOff { code, text, reachability },
            ErrorKind::Internal => Self::Internal { code, text, reachability },
        }
    }

    fn parts(&self) -> (&'static str, &str, &str, Option<&Reachability>) {
        match self {
            Self::Input { code, text, reachability } => ("input", code, text, reachability.as_deref()),
            Self::NotPermitted { code, text, reachability } => ("not_permitted", code, text, reachability.as_deref()),
            Self::Credentials { code, text, reachability } => ("credentials", code, text, reachability.as_deref()),
            Self::Unreached { code, text, reachability } => ("unreached", code, text, reachability.as_deref()),
            Self::Refused { code, text, reachability } => ("refused", code, text, reachability.as_deref()),
            Self::Withheld { code, text, reachability } => ("withheld", code, text, reachability.as_deref()),
            Self::NotFound { code, text, reachability } => ("not_found", code, text, reachability.as_deref()),
            Self::NotStored { code, text, reachability } => ("not_stored", code, text, reachability.as_deref()),
            Self::StoreClosed { code, text, reachability } => ("store_closed", code, text, reachability.as_deref()),
            Self::StoreDamaged { code, text, reachability } => ("store_damaged", code, text, reachability.as_deref()),
            Self::StoreFull { code, text, reachability } => ("store_full", code, text, reachability.as_deref()),
            Self::TooLarge { code, text, reachability } => ("too_large", code, text, reachability.as_deref()),
            Self::BrokenOff { code, text, reachability } => ("broken_off", code, text, reachability.as_deref()),
            Self::Internal { code, text, reachability } => ("internal", code, text, reachability.as_deref()),
            Self::Cancelled { code, text, reachability } => ("cancelled", code, text, reachability.as_deref()),
            Self::Closed { code, text, reachability } => ("closed", code, text, reachability.as_deref()),
        }
    }

    /// The kind as its stable code.
    pub fn kind(&self) -> &'static str {
        self.parts().0
    }

    /// The stable code.
    pub fn code(&self) -> &str {
        self.parts().1
    }

    /// Why, in the client's language.
    pub fn text(&self) -> &str {
        self.parts().2
    }

    /// How far an access came.
    pub fn reachability(&self) -> Option<&Reachability> {
        self.parts().3
    }
}

impl fmt::Display for BywayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl fmt::Debug for BywayError {
    /// Leaves out the sentence, which may quote what was given.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BywayError({} {})", self.kind(), self.code())
    }
}

impl std::error::Error for BywayError {}

/// An error of the core that can be worded.
pub(crate) trait Worded {
    /// The error in this language.
    fn worded(&self, language: Language) -> BywayError;
}

macro_rules! worded {
    ($($error:ty),*) => {
        $(impl Worded for $error {
            fn worded(&self, language: Language) -> BywayError {
                BywayError::of(self.details(language.into()), None)
            }
        })*
    };
}

worded! {
    byway::BuildError, byway::DestinationError, byway::FingerprintsError, byway::ImportError, byway::KeyError,
    byway::KeyFileError, byway::LinkError, byway::OpmlError, byway::OverrideError, byway::RootsError, byway::StoreError,
    byway::CommunityLinkError, byway::OnionKeyError, byway::StrategyError, byway::TorTransportError, byway::community::IdError, byway::publisher::PublishError,
    byway::RoutePackError, byway::publisher::CardError, byway::publisher::TooLongForQr,
    byway::upload::UploadCredentialsError, byway::upload::UploadError, byway::upload::UploadTargetError
}

/// The errors of single accesses, which say how far they came.
macro_rules! accesses {
    ($($error:ty),*) => {
        $(impl Worded for $error {
            fn worded(&self, language: Language) -> BywayError {
                let reachability = self.reachability().map(|core| Box::new(Reachability::of(core, language)));
                BywayError::of(self.details(language.into()), reachability)
            }
        })*
    };
}

accesses! { byway::OpenError, byway::GetError, byway::AttachmentError }

/// An error as a part of a result: what went wrong, next to what went well.
#[derive(Clone, PartialEq, uniffi::Record)]
pub struct Fault {
    /// What can be done about it.
    pub kind: ErrorKind,
    /// The stable code.
    pub code: String,
    /// Why, in the client's language.
    pub text: String,
}

impl From<ErrorDetails> for Fault {
    fn from(details: ErrorDetails) -> Self {
        Self { kind: details.kind.into(), code: details.code, text: details.sentence }
    }
}

/// The errors that arise in this crate itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Own {
    Cancelled,
    Closed,
    Panic,
    NoRuntime,
    Number,
    Time,
    KeyLength,
    Country,
    Method,
    Header,
    BodyEnded,
    NoBody,
    ResponseTaken,
    AttachmentPost,
    BodyBroken,
    File,
}

impl Own {
    #[cfg(test)]
    pub(crate) const ALL: &'static [Self] = &[
        Self::Cancelled,
        Self::Closed,
        Self::Panic,
        Self::NoRuntime,
        Self::Number,
        Self::Time,
        Self::KeyLength,
        Self::Country,
        Self::Method,
        Self::Header,
        Self::BodyEnded,
        Self::NoBody,
        Self::ResponseTaken,
        Self::AttachmentPost,
        Self::BodyBroken,
        Self::File,
    ];

    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Closed => "closed",
            Self::Panic => "panic",
            Self::NoRuntime => "no_runtime",
            Self::Number => "number",
            Self::Time => "time",
            Self::KeyLength => "key_length",
            Self::Country => "country",
            Self::Method => "method",
            Self::Header => "header",
            Self::BodyEnded => "body_ended",
            Self::NoBody => "no_body",
            Self::ResponseTaken => "response_taken",
            Self::AttachmentPost => "no_post",
            Self::BodyBroken => "body_broken",
            Self::File => "file",
        }
    }

    fn sentence(self, language: Language) -> &'static str {
        let (english, russian) = match self {
            Self::Cancelled => ("The call was cancelled.", "Вызов отменён."),
            Self::Closed => ("This client was shut down; make another one.", "Этот клиент уже закрыт; создайте новый."),
            Self::Panic => (
                "A fault inside the library or the app's own code ended this call.",
                "Вызов прервала ошибка в библиотеке или в коде приложения.",
            ),
            Self::NoRuntime => ("The system gives no threads to work on.", "Система не даёт потоков для работы."),
            Self::Number => ("This number is out of range here.", "Это число здесь недопустимо."),
            Self::Time => ("This time is out of range here.", "Это время здесь недопустимо."),
            Self::KeyLength => ("A key has 32 bytes.", "Ключ состоит из 32 байт."),
            Self::Country => (
                "A country is given by its two letters, as in `DE`.",
                "Страна указывается двумя буквами, например `DE`.",
            ),
            Self::Method => ("This is not an HTTP method.", "Это не метод HTTP."),
            Self::Header => ("This header cannot be sent.", "Такой заголовок отправить нельзя."),
            Self::BodyEnded => ("The body of this request has ended.", "Тело этого запроса уже завершено."),
            Self::NoBody => ("This request has no streamed body.", "У этого запроса нет потокового тела."),
            Self::ResponseTaken => {
                ("The answer to this request was taken already.", "Ответ на этот запрос уже получен.")
            }
            Self::AttachmentPost => ("This post is not stored on this device.", "Этой записи нет на устройстве."),
            Self::BodyBroken => ("The answer broke off before its end.", "Ответ оборвался, не дойдя до конца."),
            Self::File => ("This file cannot be read.", "Этот файл не удалось прочитать."),
        };
        match language {
            Language::En => english,
            Language::Ru => russian,
        }
    }

    pub(crate) fn error(self, language: Language) -> BywayError {
        let (code, text, reachability) = (self.code().to_owned(), self.sentence(language).to_owned(), None);
        match self {
            Self::Cancelled => BywayError::Cancelled { code, text, reachability },
            Self::Closed => BywayError::Closed { code, text, reachability },
            Self::Panic | Self::NoRuntime => BywayError::Internal { code, text, reachability },
            Self::AttachmentPost => BywayError::NotStored { code, text, reachability },
            Self::BodyBroken => BywayError::BrokenOff { code, text, reachability },
            Self::Number
            | Self::Time
            | Self::KeyLength
            | Self::Country
            | Self::Method
            | Self::Header
            | Self::BodyEnded
            | Self::NoBody
            | Self::ResponseTaken
            | Self::File => BywayError::Input { code, text, reachability },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_errors_have_codes_and_both_languages() {
        let mut codes: Vec<_> = Own::ALL.iter().map(|own| own.code()).collect();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), Own::ALL.len(), "two own errors share a code");
        for own in Own::ALL {
            assert_ne!(own.error(Language::En).text(), own.error(Language::Ru).text(), "{own:?}");
        }
    }

    #[test]
    fn debug_of_an_error_quotes_nothing() {
        let error = "vk.com/zavod#exposure=secretword".parse::<byway::HomeLink>().map(drop);
        let error = error.map_err(|error| error.worded(Language::En));
        assert!(matches!(&error, Err(BywayError::Input { .. })));
        assert!(!format!("{error:?}").contains("secretword"));
    }
}
