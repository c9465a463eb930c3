//! One file a command.

pub(crate) mod demo;
pub(crate) mod get;
pub(crate) mod open;
pub(crate) mod probe;
pub(crate) mod strategies;
