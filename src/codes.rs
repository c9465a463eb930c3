//! Stable codes for enums whose variants carry no data. Each variant is one line, from which `code()` and `ALL` follow.
//!
//! A missing variant does not compile, so `ALL` is complete. docs/errors.md has a row for each code.

/// Gives an enum `ALL` and `code()`. Put `&` before the name of an enum that is not `Copy`.
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
