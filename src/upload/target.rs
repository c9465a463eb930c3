//! Where a community is published to.

use std::fmt;
use std::str::FromStr;

use url::Url;

use crate::errors::{ErrorKind, errors};
use crate::language::Language;
use crate::sentences::{self, UploadFault};
use crate::transport::{is_local, is_onion_host};

/// A folder on a server: `s3://BUCKET/PREFIX` (with the feature `upload-s3`), or the `https://` address of a WebDAV folder
/// (`davs://` is the same).
///
/// Over `http://` only an onion service and a server in the user's own network are uploaded to: in cleartext everyone on
/// the path sees who publishes, and can take over a WebDAV password.
#[derive(Clone, PartialEq, Eq)]
pub struct UploadTarget(pub(super) Place);

#[derive(Clone, PartialEq, Eq)]
pub(super) enum Place {
    Bucket { bucket: String, prefix: String, endpoint: Option<Url>, region: String },
    Folder(Url),
}

/// Error parsing an [`UploadTarget`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UploadTargetError {
    /// It is not of one of these forms.
    #[error("not s3://BUCKET/PREFIX and not the https:// address of a folder")]
    Form,
    /// It is `http://`, and neither an onion service nor in the user's own network.
    #[error("http:// shows everyone on the path who publishes")]
    Cleartext,
    /// A login is in the address, where other programs see it.
    #[error("a login in the address is seen by other programs")]
    Login,
    /// It is `s3://...`, and this program was built without the feature `upload-s3`.
    #[error("this program is built without S3 buckets; a WebDAV folder has an https:// address")]
    NoS3,
}

impl UploadTargetError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            UploadTargetError::Form => "upload_target",
            UploadTargetError::Cleartext => "upload_cleartext",
            UploadTargetError::Login => "upload_login",
            UploadTargetError::NoS3 => "upload_no_s3",
        }
    }

    /// Why, in one plain sentence.
    pub fn sentence(&self, language: Language) -> String {
        let fault = match self {
            UploadTargetError::Form => UploadFault::Target,
            UploadTargetError::Cleartext => UploadFault::Cleartext,
            UploadTargetError::Login => UploadFault::Login,
            UploadTargetError::NoS3 => UploadFault::NoS3,
        };
        sentences::upload_fault(language, fault).to_owned()
    }
}

errors! {
    UploadTargetError: |_error| ErrorKind::Input;
}

impl UploadTarget {
    /// For a bucket: the region that it is in. The default is `us-east-1`, which most servers other than Amazon's accept.
    ///
    /// # Errors
    /// [`UploadTargetError::Form`] if it is not a name of a region, or the target is not a bucket.
    pub fn with_region(mut self, name: &str) -> Result<Self, UploadTargetError> {
        let is_name = (1..=MAX_REGION).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        match &mut self.0 {
            Place::Bucket { region, .. } if is_name => name.clone_into(region),
            _ => return Err(UploadTargetError::Form),
        }
        Ok(self)
    }

    /// For a bucket: the address of the server, if it is not Amazon's. The bucket is then the first part of the path.
    ///
    /// # Errors
    /// [`UploadTargetError`] if it is not such an address, or the target is not a bucket.
    pub fn with_endpoint(mut self, address: &str) -> Result<Self, UploadTargetError> {
        let address = web_address(address)?;
        match &mut self.0 {
            Place::Bucket { endpoint, .. } => *endpoint = Some(address),
            Place::Folder(_) => return Err(UploadTargetError::Form),
        }
        Ok(self)
    }

    /// Whether it is a bucket, which needs keys.
    pub fn is_bucket(&self) -> bool {
        matches!(self.0, Place::Bucket { .. })
    }
}

impl FromStr for UploadTarget {
    type Err = UploadTargetError;

    fn from_str(text: &str) -> Result<Self, UploadTargetError> {
        if text.len() > MAX_TARGET || text.chars().any(char::is_control) {
            return Err(UploadTargetError::Form);
        }
        if let Some(rest) = text.strip_prefix("s3://") {
            if !cfg!(feature = "upload-s3") {
                return Err(UploadTargetError::NoS3);
            }
            let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
            let prefix = prefix.trim_end_matches('/');
            let is_bucket = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
            // `.` and `..` would be another folder to a server that resolves them.
            let is_part = |part: &str| !part.is_empty() && part != "." && part != "..";
            if !(1..=MAX_BUCKET).contains(&bucket.len())
                || !bucket.bytes().all(is_bucket)
                || matches!(bucket, "." | "..")
                || !(prefix.is_empty() || prefix.split('/').all(is_part))
            {
                return Err(UploadTargetError::Form);
            }
            let (bucket, prefix) = (bucket.to_owned(), prefix.to_owned());
            return Ok(Self(Place::Bucket { bucket, prefix, endpoint: None, region: REGION.to_owned() }));
        }
        let address = match (text.strip_prefix("davs://"), text.strip_prefix("dav://")) {
            (Some(rest), _) => format!("https://{rest}"),
            (_, Some(rest)) => format!("http://{rest}"),
            _ => text.to_owned(),
        };
        web_address(&address).map(|address| Self(Place::Folder(address)))
    }
}

fn web_address(text: &str) -> Result<Url, UploadTargetError> {
    let url = Url::parse(text).map_err(|_| UploadTargetError::Form)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(UploadTargetError::Login);
    }
    let host = url.host().ok_or(UploadTargetError::Form)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(UploadTargetError::Form);
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_onion_host(&host) || is_local(&host) => Ok(url),
        "http" => Err(UploadTargetError::Cleartext),
        _ => Err(UploadTargetError::Form),
    }
}

impl fmt::Debug for UploadTarget {
    /// Prints no address: a log must not say who publishes where.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.is_bucket() { "bucket" } else { "folder" };
        f.debug_tuple("UploadTarget").field(&kind).finish()
    }
}

/// What `aws` and most programs take without another name.
const REGION: &str = "us-east-1";

/// The longest names of Amazon's regions have 14 bytes.
const MAX_REGION: usize = 64;

/// Amazon's buckets have at most 63 bytes, older ones 255.
const MAX_BUCKET: usize = 255;

/// A longer address is a mistake; keys of S3 have at most 1,024 bytes, names of files of a mirror 80.
const MAX_TARGET: usize = 900;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::sentences::every::is_russian;

    #[test]
    fn buckets_and_folders_are_read() {
        for text in ["s3://zavod", "s3://zavod/", "s3://zavod/pages", "s3://zavod.example/a/b/"] {
            assert!(text.parse::<UploadTarget>().unwrap().is_bucket(), "{text}");
        }
        let onion = "http://duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion/dav/";
        for text in ["https://zavod.example/dav", "davs://zavod.example/dav/", "http://127.0.0.1:8080/", onion] {
            assert!(!text.parse::<UploadTarget>().unwrap().is_bucket(), "{text}");
        }
        assert_eq!("davs://zavod.example/dav".parse::<UploadTarget>(), "https://zavod.example/dav".parse());
    }

    #[test]
    fn other_targets_are_refused_each_with_its_reason() {
        for (text, expected) in [
            ("", UploadTargetError::Form),
            ("s3://", UploadTargetError::Form),
            ("s3:///pages", UploadTargetError::Form),
            ("s3://../pages", UploadTargetError::Form),
            ("s3://zavod/../other", UploadTargetError::Form),
            ("s3://zavod//pages", UploadTargetError::Form),
            ("s3://user:word@zavod/pages", UploadTargetError::Form),
            ("s3://zavod/a\nb", UploadTargetError::Form),
            ("ftp://zavod.example/", UploadTargetError::Form),
            ("https://zavod.example/?a=b", UploadTargetError::Form),
            ("http://zavod.example/dav", UploadTargetError::Cleartext),
            ("dav://zavod.example/dav", UploadTargetError::Cleartext),
            ("https://user:word@zavod.example/dav", UploadTargetError::Login),
        ] {
            assert_eq!(text.parse::<UploadTarget>(), Err(expected), "{text}");
        }
        let bucket: UploadTarget = "s3://zavod".parse().unwrap();
        assert_eq!(bucket.clone().with_endpoint("http://s3.example"), Err(UploadTargetError::Cleartext));
        assert_eq!(bucket.clone().with_region("eu west"), Err(UploadTargetError::Form));
        assert!(bucket.with_endpoint("https://s3.example:9000").unwrap().with_region("eu-west-1").is_ok());
    }

    #[test]
    fn every_fault_of_a_target_is_said_in_both_languages() {
        for error in
            [UploadTargetError::Form, UploadTargetError::Cleartext, UploadTargetError::Login, UploadTargetError::NoS3]
        {
            let (en, ru) = (error.sentence(Language::En), error.sentence(Language::Ru));
            assert!(!is_russian(&en) && is_russian(&ru), "{en} {ru}");
        }
    }

    #[test]
    fn a_target_is_printed_without_its_address() {
        let target: UploadTarget = "s3://zavod/pages".parse().unwrap();
        assert_eq!(format!("{target:?}"), "UploadTarget(\"bucket\")");
    }
}
