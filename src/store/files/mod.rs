//! The files of a store: how a store is created and how it is wiped.
//!
//! ```text
//! byway.lock     locked while a process has the store open; records the progress of creation
//! byway.key      the data key, wrapped in the app's key
//! byway.db       the database; -wal beside it
//! *.new          an unfinished file; it is renamed when it is complete
//! ```
//!
//! **Creation.** The lock file says `making` before the first file exists, and `made` once all exist. So a key without
//! a database means one of two things. If the lock file says `making`, creation was interrupted, and it starts again.
//! Otherwise the database is lost, and that is damage. A lost store is never replaced by an empty one: that would
//! forget the exposure floors, and a community bound to Tor would be read directly. Only a directory without any file
//! of the store looks like a new store.
//!
//! **Wipe.** A wipe first overwrites the key file in place. From then on nothing can be read, and the overwritten text
//! says that a wipe has begun. Then it removes the database, the key file, and the lock file, in this order. If a wipe
//! is interrupted, the next process that opens the directory finishes it. On flash and on copy-on-write file systems
//! the overwritten bytes may survive for a while outside any file. They are still wrapped in the app's key, so an app
//! that wipes destroys its own key too.
//!
//! **No link is followed**, neither for the directory nor for a file: its target belongs to something else, and a wipe
//! would overwrite it.

mod creation;
mod directory;
mod lock;
#[cfg(test)]
mod tests;
mod wipe;

pub(super) use creation::KeyState;
pub(super) use directory::Files;
pub(super) use lock::Lock;
