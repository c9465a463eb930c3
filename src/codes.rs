//! Stable codes of enums whose variants carry no data: one line a variant, from which `code()` and `ALL` follow.
//!
//! A variant that is left out does not compile, so that `ALL` is all. docs/errors.md has a row for each code.

/// Gives an enum `ALL` and `code()`; with `&` before its name for one that is not `Copy`.
macro_rules! codes {
    (& $name:ident { $($variant:ident = $code:literal,)* }) => {
        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable code.
            pub fn code(&self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)*
                }
            }
        }
    };
    ($name:ident { $($variant:ident = $code:literal,)* }) => {
        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable code.
            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)*
                }
            }
        }
    };
}
