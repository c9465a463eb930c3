//! A signed community is published to a server: a WebDAV folder, or an S3 bucket. Built with the feature `upload`; buckets need
//! `upload-s3` as well.
//!
//! ```text
//! Publisher (its folder)  -- compares, plans -->  RemotePlan
//!                                                     |
//! Uploader  -- reads, writes -->  object_store  -- one request -->  Connector  -->  Byway's engine
//! ```
//!
//! `object_store` knows the two protocols: signatures, headers, the form of answers. It opens nothing: it is built without an HTTP
//! client of its own, and every request goes through the client's engine, under its exposure and strategies. So no direct packet is
//! sent where the floor forbids it, no proxy variable is read, and no metadata service of a cloud is asked for
//! credentials. Credentials are those that the caller gives, and nothing is read from the environment.
//!
//! Each request is made once: `ServerFolder` decides what is repeated, because it knows what a repeated write may find.

mod connector;
mod credentials;
mod error;
mod folder;
mod target;
mod uploader;

pub use credentials::{UploadCredentials, UploadCredentialsError};
pub use error::UploadError;
pub use target::{UploadTarget, UploadTargetError};
pub use uploader::{Uploaded, Uploader};
