//! Memory that is overwritten before it is freed.
//!
//! The crate `byway` overwrites its own copies of keys, logins and tokens. Other code makes copies too: the terminal that reads a
//! passphrase, the parser of a command line, the buffers in which uniffi passes arguments, the buffers of HTTP, a cipher that
//! holds its password. A program or a library for apps that has this allocator overwrites all memory that its Rust code frees:
//!
//! ```ignore
//! #[global_allocator]
//! static ALLOCATOR: byway_allocator::Overwriting = byway_allocator::Overwriting::new();
//! ```
//!
//! Not covered: libraries in C manage their own memory (aws-lc overwrites keys; SQLite sees only sealed bytes), another language
//! manages its copies, and the stack is not freed. The crate `byway` does not choose an allocator, because an app has only one.

use std::alloc::{GlobalAlloc, Layout, System};

/// An allocator that overwrites freed memory with zeros. A block that grows is freed, too. `A` is the allocator that it asks.
#[derive(Debug)]
pub struct Overwriting<A = System>(A);

impl Overwriting {
    /// Over the system's allocator.
    pub const fn new() -> Self {
        Self(System)
    }
}

impl Default for Overwriting {
    fn default() -> Self {
        Self::new()
    }
}

#[expect(
    unsafe_code,
    reason = "an allocator: everything is passed on as it came, and a block is written to before it goes"
)]
// SAFETY: everything is done by the inner allocator except for the write, which stays within the block, before the
// block is freed.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Overwriting<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        unsafe { self.0.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        unsafe { self.0.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { pointer.write_bytes(0, layout.size()) };
        // The compiler may omit a write to memory that is not read again; this prevents that.
        std::hint::black_box(pointer);
        unsafe { self.0.dealloc(pointer, layout) }
    }
}

#[cfg(test)]
mod tests {
    #![allow(unsafe_code)]

    use std::cell::Cell;

    use super::*;

    /// The system's allocator, which counts non-zero bytes in freed memory.
    struct Watching(Cell<usize>);

    // SAFETY: every call is passed on unchanged; the block is read before it is freed.
    unsafe impl GlobalAlloc for Watching {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            unsafe { System.alloc_zeroed(layout) }
        }

        unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
            let block = unsafe { std::slice::from_raw_parts(pointer, layout.size()) };
            self.0.set(self.0.get() + block.iter().filter(|byte| **byte != 0).count());
            unsafe { System.dealloc(pointer, layout) }
        }
    }

    #[test]
    fn a_block_is_overwritten_before_it_goes_also_when_it_grows() {
        let allocator = Overwriting(Watching(Cell::new(0)));
        let layout = Layout::new::<[u8; 100]>();
        // SAFETY: each block is used within its layout, and freed once.
        unsafe {
            let block = allocator.alloc(layout);
            block.write_bytes(b'x', layout.size());
            let grown = allocator.realloc(block, layout, 1000);
            assert_eq!(*grown.add(99), b'x', "what was in it is in the larger one");
            allocator.dealloc(grown, Layout::new::<[u8; 1000]>());
        }
        assert_eq!(allocator.0.0.get(), 0);
    }
}
