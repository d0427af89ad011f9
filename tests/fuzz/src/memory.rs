//! Counts what each thread allocates, so that no input makes a decoder take memory out of proportion.

#![allow(unsafe_code, reason = "an allocator is unsafe by its definition")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// What an input may cost in any case, in bytes: a whole engine, or the longest history.
const FREE: usize = 48 << 20;
/// What each byte of it may cost besides, in bytes. Compressed text grows a thousandfold.
const PER_BYTE: usize = 4_096;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

thread_local! {
    static USED: Cell<isize> = const { Cell::new(0) };
    static MOST: Cell<isize> = const { Cell::new(0) };
}

struct Counting;

fn count(change: isize) {
    // A thread that ends has no counters any more.
    let _ = USED.try_with(|used| {
        used.set(used.get() + change);
        let _ = MOST.try_with(|most| most.set(most.get().max(used.get())));
    });
}

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller's promises are those of the system's allocator.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: as above, and `place` came from there.
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size as isize - layout.size() as isize);
        // SAFETY: as above.
        unsafe { System.realloc(place, layout, size) }
    }
}

/// Runs something that reads so many bytes.
///
/// # Panics
/// If it takes more memory than that can explain.
pub fn proportionate(bytes: usize, run: impl FnOnce()) {
    let before = USED.get();
    MOST.set(before);
    run();
    let most = usize::try_from(MOST.get() - before).unwrap_or(0);
    assert!(most <= FREE + PER_BYTE * bytes, "{bytes} bytes took {most} bytes of memory");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_that_was_held_for_a_moment_counts() {
        proportionate(0, || drop(Vec::<u8>::with_capacity(FREE - 1_000)));
        let greedy = || proportionate(10, || drop(Vec::<u8>::with_capacity(FREE + 11 * PER_BYTE)));
        assert!(std::panic::catch_unwind(greedy).is_err());
    }
}
