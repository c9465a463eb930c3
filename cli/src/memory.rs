//! Memory that is overwritten before it is given back.
//!
//! The library overwrites the copies of keys, logins and tokens that it makes itself. Others make theirs: the terminal
//! that reads a passphrase, the parser of the command line, the buffers of HTTP, a cipher that holds its password. This
//! program has its memory to itself, so that it can overwrite all of it, whoever used it. What libraries in C hold is
//! theirs (aws-lc overwrites keys; SQLite sees sealed bytes alone), and the stack is not memory that is given back.

use std::alloc::{GlobalAlloc, Layout, System};

/// The system's allocator, which overwrites what is given back. A block that grows is given back, too.
struct Overwriting;

#[expect(
    unsafe_code,
    reason = "an allocator; everything is passed on as it came, and a block is written to before it goes"
)]
// SAFETY: all is the system's own but for the write, which stays within the block, and before it is given back.
unsafe impl GlobalAlloc for Overwriting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { pointer.write_bytes(0, layout.size()) };
        // A write to memory that nobody reads any more may be left out; this says that somebody might.
        std::hint::black_box(pointer);
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Overwriting = Overwriting;
