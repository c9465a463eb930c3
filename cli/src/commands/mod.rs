//! One file per command.

mod admins;
mod cards;
pub(crate) mod community;
pub(crate) mod demo;
pub(crate) mod event_times;
pub(crate) mod events;
pub(crate) mod export;
pub(crate) mod follow;
pub(crate) mod get;
pub(crate) mod import;
pub(crate) mod link;
pub(crate) mod list;
pub(crate) mod manual;
pub(crate) mod mirror;
pub(crate) mod open;
mod opening;
mod pictures;
pub(crate) mod preview;
pub(crate) mod probe;
pub(crate) mod publish;
pub(crate) mod routes;
pub(crate) mod search;
pub(crate) mod show;
mod stated;
pub(crate) mod strategies;
pub(crate) mod sync;
pub(crate) mod wipe;
