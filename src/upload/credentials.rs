//! Keys and logins of servers.

use std::fmt;

use zeroize::Zeroizing;

use crate::errors::{ErrorKind, errors};
use crate::language::Language;
use crate::sentences::{self, UploadFault};

/// What a server knows an admin by: an access key for a bucket, or a login for a WebDAV folder.
///
/// It is never printed, and is overwritten in memory when it is dropped. While a request is signed, `object_store` holds a copy that
/// it does not overwrite; the command's allocator does.
pub struct UploadCredentials(pub(super) Kind);

pub(super) enum Kind {
    #[cfg_attr(not(feature = "upload-s3"), allow(dead_code, reason = "it signs the requests to a bucket"))]
    Key {
        id: Zeroizing<String>,
        secret: Zeroizing<String>,
        token: Option<Zeroizing<String>>,
    },
    Login {
        user: Zeroizing<String>,
        password: Zeroizing<String>,
    },
}

/// Error reading [`UploadCredentials`]. It quotes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no credentials of a bucket or a folder")]
#[non_exhaustive]
pub struct UploadCredentialsError;

impl UploadCredentialsError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        "upload_credentials"
    }

    /// Why, in one plain sentence.
    pub fn sentence(&self, language: Language) -> String {
        sentences::upload_fault(language, UploadFault::CredentialsForm).to_owned()
    }
}

errors! {
    UploadCredentialsError: |_error| ErrorKind::Input;
}

impl UploadCredentials {
    /// An access key for buckets. `token` is that of a session, if the key is one for a session.
    ///
    /// # Errors
    /// [`UploadCredentialsError`] if one of them is empty, longer than 4,096 bytes, or has characters that no header has.
    pub fn key(id: &str, secret: &str, token: Option<&str>) -> Result<Self, UploadCredentialsError> {
        Ok(Self(Kind::Key { id: graphic(id)?, secret: graphic(secret)?, token: token.map(graphic).transpose()? }))
    }

    /// A login for WebDAV (RFC 7617).
    ///
    /// # Errors
    /// [`UploadCredentialsError`] if one of them is empty, longer than 4,096 bytes or has control characters, or the name has a colon.
    pub fn login(user: &str, password: &str) -> Result<Self, UploadCredentialsError> {
        let is_text = |text: &str| !text.is_empty() && text.len() <= MAX_VALUE && !text.chars().any(char::is_control);
        if !is_text(user) || user.contains(':') || !is_text(password) {
            return Err(UploadCredentialsError);
        }
        let (user, password) = (Zeroizing::new(user.to_owned()), Zeroizing::new(password.to_owned()));
        Ok(Self(Kind::Login { user, password }))
    }

    /// From a file: lines `access_key_id = ...`, `secret_access_key = ...` and perhaps `session_token = ...`, or `user = ...` and
    /// `password = ...`. The names may begin with `aws_`, as in Amazon's own file. Lines that begin with `#` or `;` are
    /// comments. A file with several sections is refused, because it is not known which one is meant.
    ///
    /// # Errors
    /// [`UploadCredentialsError`].
    pub fn parse(text: &str) -> Result<Self, UploadCredentialsError> {
        let (mut id, mut secret, mut token, mut user, mut password) = (None, None, None, None, None);
        let mut sections = 0;
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', ';']));
        for line in lines {
            if line.starts_with('[') && line.ends_with(']') {
                sections += 1;
                continue;
            }
            let (name, value) = line.split_once('=').ok_or(UploadCredentialsError)?;
            let name = name.trim().trim_start_matches("aws_");
            let value = Some(value.trim());
            let known = match name {
                "access_key_id" => &mut id,
                "secret_access_key" => &mut secret,
                "session_token" => &mut token,
                "user" => &mut user,
                "password" => &mut password,
                _ => return Err(UploadCredentialsError),
            };
            if std::mem::replace(known, value).is_some() {
                return Err(UploadCredentialsError);
            }
        }
        match (sections, id, secret, user, password) {
            (0 | 1, Some(id), Some(secret), None, None) => Self::key(id, secret, token),
            (0 | 1, None, None, Some(user), Some(password)) if token.is_none() => Self::login(user, password),
            _ => Err(UploadCredentialsError),
        }
    }
}

fn graphic(text: &str) -> Result<Zeroizing<String>, UploadCredentialsError> {
    let is_graphic = (1..=MAX_VALUE).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if is_graphic { Ok(Zeroizing::new(text.to_owned())) } else { Err(UploadCredentialsError) }
}

impl fmt::Debug for UploadCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UploadCredentials(..)")
    }
}

/// Session tokens have some 1,000 bytes.
const MAX_VALUE: usize = 4096;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::sentences::every::is_russian;

    #[test]
    fn files_of_credentials_are_read() {
        let amazon = "[default]\n# of the bucket\naws_access_key_id = AKIA\naws_secret_access_key = a/b+c=\n";
        for text in [amazon, "access_key_id=AKIA\nsecret_access_key=a/b+c=\nsession_token=t\n"] {
            let UploadCredentials(Kind::Key { id, secret, .. }) = UploadCredentials::parse(text).unwrap() else {
                unreachable!("{text}")
            };
            assert_eq!((id.as_str(), secret.as_str()), ("AKIA", "a/b+c="));
        }
        let login = UploadCredentials::parse("user = anna\npassword = пароль и ещё\n").unwrap();
        assert!(matches!(&login.0, Kind::Login { password, .. } if password.as_str() == "пароль и ещё"));
        assert_eq!(format!("{login:?}"), "UploadCredentials(..)");
    }

    #[test]
    fn what_is_incomplete_or_ambiguous_is_refused() {
        for text in [
            "",
            "access_key_id = a",
            "user = a",
            "user = a\npassword =",
            "user = a:b\npassword = c",
            "user = a\npassword = b\nsession_token = c",
            "access_key_id = a\nsecret_access_key = b\nuser = c\npassword = d",
            "access_key_id = a\naccess_key_id = b\nsecret_access_key = c",
            "access_key_id = a b\nsecret_access_key = c",
            "[one]\naccess_key_id = a\n[two]\nsecret_access_key = b",
            "role_arn = a",
            "AKIA",
        ] {
            assert_eq!(UploadCredentials::parse(text).map(drop), Err(UploadCredentialsError), "{text}");
        }
        let (en, ru) = (UploadCredentialsError.sentence(Language::En), UploadCredentialsError.sentence(Language::Ru));
        assert!(!is_russian(&en) && is_russian(&ru), "{en} {ru}");
    }
}
