//! A mirror on a server: what has to be read there before anything is written, and what is written, in which order.
//!
//! Nothing here touches a network. The room `upload` reads the [wanted](Wanted) files into a [`RemoteFolder`], a publisher
//! compares that with its own folder and makes a [`RemotePlan`], and the room `upload` carries the plan out.

mod folder;
mod freeze;
mod plan;
#[cfg(test)]
mod tests;
mod wanted;

pub use folder::RemoteFolder;
pub(crate) use folder::{RemoteFile, RemoteVersion, Replaces};
pub use plan::RemotePlan;
pub(crate) use plan::{RemoteContent, RemoteWrite};
pub use wanted::RemoteScope;
pub(crate) use wanted::{Wanted, is_of_site};
