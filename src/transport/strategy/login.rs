use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

use super::{MAX_LOGIN_BYTES, StrategyError};

/// A proxy's login. Its `Debug` shows nothing, and its memory is overwritten when it is dropped.
#[derive(Clone, PartialEq, Eq, Hash, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Login {
    user: String,
    password: String,
}

impl Login {
    /// A login. The password may be empty, the user may not.
    ///
    /// # Errors
    /// [`StrategyError::LoginEmpty`], [`StrategyError::LoginTooLong`], and [`StrategyError::LoginControl`] for control
    /// characters, which RFC 7617 section 2 forbids and no proxy uses.
    pub(crate) fn new(user: impl Into<String>, password: impl Into<String>) -> Result<Self, StrategyError> {
        // It is made before it is checked, so that a refused one is overwritten too.
        let login = Self { user: user.into(), password: password.into() };
        if login.user.is_empty() {
            return Err(StrategyError::LoginEmpty);
        }
        for part in [&login.user, &login.password] {
            if part.len() > MAX_LOGIN_BYTES {
                return Err(StrategyError::LoginTooLong);
            }
            if part.contains(char::is_control) {
                return Err(StrategyError::LoginControl);
            }
        }
        Ok(login)
    }

    /// The user, 1 to 255 bytes.
    pub(crate) fn user(&self) -> &str {
        &self.user
    }

    /// The password, up to 255 bytes. A caller that copies it overwrites the copy.
    pub(crate) fn password(&self) -> &str {
        &self.password
    }
}

/// The replacement for a login. No login prints like this, because `*` is always percent-encoded.
pub(super) const REDACTED: &str = "***";

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Login(..)")
    }
}
