//! An allocator that counts: how much the memory of this process grew, and the largest piece that was asked for at once.

#![allow(
    unsafe_code,
    reason = "an allocator is unsafe to write; each call goes to the system's with the same arguments"
)]

use crate::watch;
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

#[global_allocator]
static ALLOCATOR: Counting = Counting;

static IN_USE: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);
static LARGEST: AtomicUsize = AtomicUsize::new(0);
/// Bytes that may be in use at most. A request beyond it is refused: a reader at fault must not make the machine swap.
static LIMIT: AtomicUsize = AtomicUsize::new(usize::MAX);

/// What some work did to the memory, all threads together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Growth {
    /// Bytes in use at the worst moment, above those in use at the start.
    pub most: usize,
    /// The largest request in bytes, whether it was granted or not.
    pub largest_request: usize,
}

/// Runs `work`, during which the memory may grow by `limit` bytes, and returns what it did to the memory.
///
/// A request beyond the limit is refused. Where the program cannot go on without, the process ends, and says before which
/// trial it was in ([`watch`]). Only one measurement may run at a time.
pub(crate) fn measured<Value>(limit: usize, work: impl FnOnce() -> Value) -> (Value, Growth) {
    let start = IN_USE.load(Relaxed);
    MOST.store(start, Relaxed);
    LARGEST.store(0, Relaxed);
    LIMIT.store(start.saturating_add(limit), Relaxed);
    let value = work();
    LIMIT.store(usize::MAX, Relaxed);
    let most = MOST.load(Relaxed).saturating_sub(start);
    (value, Growth { most, largest_request: LARGEST.load(Relaxed) })
}

struct Counting;

impl Counting {
    /// Counts a request for `size` more bytes; whether it may be granted.
    fn request(size: usize, whole: usize) -> bool {
        let limit = LIMIT.load(Relaxed);
        LARGEST.fetch_max(whole, Relaxed);
        let in_use = IN_USE.fetch_add(size, Relaxed).saturating_add(size);
        if in_use > limit {
            IN_USE.fetch_sub(size, Relaxed);
            watch::tell("a request for memory was refused");
            return false;
        }
        MOST.fetch_max(in_use, Relaxed);
        true
    }

    fn granted(pointer: *mut u8, size: usize) -> *mut u8 {
        if pointer.is_null() {
            IN_USE.fetch_sub(size, Relaxed);
        }
        pointer
    }
}

// SAFETY: every call goes to the system's allocator with the arguments as they came; a null pointer says that there is none.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if !Self::request(layout.size(), layout.size()) {
            return std::ptr::null_mut();
        }
        // SAFETY: as promised by the caller.
        Self::granted(unsafe { System.alloc(layout) }, layout.size())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if !Self::request(layout.size(), layout.size()) {
            return std::ptr::null_mut();
        }
        // SAFETY: as promised by the caller.
        Self::granted(unsafe { System.alloc_zeroed(layout) }, layout.size())
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as promised by the caller.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let more = size.saturating_sub(layout.size());
        if !Self::request(more, size) {
            return std::ptr::null_mut();
        }
        // SAFETY: as promised by the caller.
        let moved = Self::granted(unsafe { System.realloc(pointer, layout, size) }, more);
        if !moved.is_null() {
            IN_USE.fetch_sub(layout.size().saturating_sub(size), Relaxed);
        }
        moved
    }
}
