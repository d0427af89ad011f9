//! The allocator of programs that run for days: `use downbeat_allocator as _;` in a program's `main.rs`.
//!
//! glibc's allocator keeps the memory of a burst that is over for the arena that it was in, and cannot return it to the
//! system once memory is locked: a program would grow with every kind of burst. jemalloc unmaps what nobody uses.

#![cfg(not(target_env = "msvc"))]

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Its settings, read before `main` (jemalloc(3), TUNING): unused memory returns after 5 s, by a thread of its own, so that
/// no other one pays for it.
#[expect(unsafe_code, reason = "the name is jemalloc's, and nobody else's")]
#[unsafe(export_name = "_rjem_malloc_conf")]
#[used]
static SETTINGS: &[u8; 98] =
    b"background_thread:true,max_background_threads:1,retain:false,dirty_decay_ms:5000,muzzy_decay_ms:0\0";
