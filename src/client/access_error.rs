//! What the errors of single accesses have in common: a fault, how far the access came, and the client's language.

use serde::Serialize;

use super::Reachability;
use crate::errors::ErrorDetails;

/// Gives the error of an access its methods. The error is a struct with `fault`, `reachability` and `language`.
macro_rules! access_error {
    ($error:ident of $fault:ident from $($cause:ty),*) => {
        impl $error {
            /// What an app can do about it.
            pub fn kind(&self) -> $crate::errors::ErrorKind {
                self.fault.kind()
            }

            /// The stable code of the fault.
            pub fn code(&self) -> &'static str {
                self.fault.code()
            }

            /// Why, in one plain sentence.
            pub fn sentence(&self, language: Language) -> String {
                self.fault.sentence(language)
            }

            /// Kind, code and sentence, as data.
            pub fn details(&self, language: Language) -> $crate::errors::ErrorDetails {
                self.fault.details(language)
            }

            /// How far the access came; `None` if nothing was contacted.
            pub fn reachability(&self) -> Option<&Reachability> {
                self.reachability.as_deref()
            }

            pub(super) fn untried(fault: impl Into<$fault>) -> Self {
                Self { fault: fault.into(), reachability: None, language: Language::default() }
            }

            pub(super) fn met(fault: impl Into<$fault>, reachability: Reachability) -> Self {
                Self { reachability: Some(Box::new(reachability)), ..Self::untried(fault) }
            }

            /// The same error, worded in this language when it is serialised.
            pub(super) fn in_language(self, language: Language) -> Self {
                Self { language, ..self }
            }
        }

        impl serde::Serialize for $error {
            /// Kind, code and sentence in the client's language, and the reachability as it serialises: without names.
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let details = self.details(self.language);
                $crate::client::access_error::ErrorDocument { details, reachability: self.reachability() }.serialize(serializer)
            }
        }

        $(impl From<$cause> for $error {
            fn from(cause: $cause) -> Self {
                Self::untried(cause)
            }
        })*
    };
}
pub(super) use access_error;

/// An error of an access as data.
#[derive(Serialize)]
pub(super) struct ErrorDocument<'a> {
    #[serde(flatten)]
    pub(super) details: ErrorDetails,
    pub(super) reachability: Option<&'a Reachability>,
}
