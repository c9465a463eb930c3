//! Checks whether standard output was closed when the program began (`byway list >&-`).
//!
//! Rust's runtime opens `/dev/null` in its place before `main`, so that no file of ours gets its number. From then on
//! every write seems to succeed. So this check runs before the runtime begins.

use std::sync::atomic::{AtomicBool, Ordering};

static CLOSED: AtomicBool = AtomicBool::new(false);

/// Whether standard output was closed at the start.
pub(crate) fn was_closed() -> bool {
    CLOSED.load(Ordering::Relaxed)
}

#[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd", target_os = "macos"))]
mod at_start {
    use std::io;
    use std::os::fd::AsFd as _;
    use std::sync::atomic::Ordering;

    /// A closed descriptor cannot be duplicated (EBADF).
    extern "C" fn look() {
        super::CLOSED.store(io::stdout().as_fd().try_clone_to_owned().is_err(), Ordering::Relaxed);
    }

    #[expect(unsafe_code, reason = "a section of functions that the loader calls; the function does what any code may")]
    #[used]
    #[cfg_attr(target_os = "macos", unsafe(link_section = "__DATA,__mod_init_func"))]
    #[cfg_attr(not(target_os = "macos"), unsafe(link_section = ".init_array"))]
    static LOOK: extern "C" fn() = look;
}
