//! Enums of the core, as enums for Kotlin and Swift.

/// Declares an enum with the variants of a core enum, and the conversions in both directions.
///
/// The core's enums may grow, so the compiler requires an arm for unknown variants. A test checks that no variant of
/// this version uses it.
macro_rules! mirror {
    ($(#[$doc:meta])* $name:ident of $core:ty, else $fallback:ident { $($(#[$of:meta])* $variant:ident,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
        pub enum $name { $($(#[$of])* $variant,)* }

        impl From<$core> for $name {
            fn from(core: $core) -> Self {
                type Core = $core;
                #[allow(unreachable_patterns, reason = "not all of them may grow")]
                match core {
                    $(Core::$variant => Self::$variant,)*
                    _ => Self::$fallback,
                }
            }
        }

        impl From<$name> for $core {
            fn from(crossed: $name) -> Self {
                match crossed { $($name::$variant => Self::$variant,)* }
            }
        }

        #[cfg(test)]
        impl $crate::codes::Mirror for $name {
            fn crosses_whole() {
                for core in <$core>::ALL {
                    let back: $core = $name::from(*core).into();
                    assert_eq!(*core, back, "a variant of the core does not cross");
                }
            }
        }
    };
}

/// An enum that has every variant of the core's.
#[cfg(test)]
pub(crate) trait Mirror {
    /// Fails if a variant of the core has no counterpart.
    fn crosses_whole();
}

#[cfg(test)]
mod tests {
    use super::Mirror;

    macro_rules! whole {
        ($($name:ident),*) => { $(<crate::$name as Mirror>::crosses_whole();)* };
    }

    #[test]
    fn every_variant_of_the_core_crosses() {
        whole!(
            Action,
            AdviceKind,
            AuthorKind,
            CommunityState,
            EchOutcome,
            ErrorKind,
            EventStatus,
            Exposure,
            Field,
            Language,
            Layer,
            MirrorState,
            MoveKind,
            NetworkKind,
            Observer,
            PostState,
            ReadFrom,
            Stage,
            StartReason,
            TorStall,
            TrustState,
            VerdictCode
        );
    }
}
