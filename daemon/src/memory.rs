//! How the allocator keeps what was freed.
//!
//! glibc gives each of a program's first threads an arena of its own (eight for each core), and what was freed in one of
//! them is used by no other. Locked memory never returns to the system either. So a burst that is over is paid once in each
//! arena that ever had one, and the daemon would grow for hours. With few arenas the next burst uses the memory of the last.

/// Arenas for all threads. Small allocations do not meet there: glibc has a cache for each thread.
#[cfg(target_env = "gnu")]
const ARENAS: libc::c_int = 2;
/// From this size on, in bytes, an allocation is mapped by itself and unmapped when it is freed. By default that grows to
/// 32 MB with what was freed.
#[cfg(target_env = "gnu")]
const MAPPED: libc::c_int = 1 << 20;

/// Sets the limits. Call it before there are other threads.
#[cfg(target_env = "gnu")]
pub fn begin() {
    for (parameter, value) in [(libc::M_ARENA_MAX, ARENAS), (libc::M_MMAP_THRESHOLD, MAPPED)] {
        // SAFETY: it takes numbers and no memory of ours. Values that it does not know have no effect.
        #[expect(unsafe_code, reason = "neither the standard library nor nix can set the allocator's limits")]
        let _known = unsafe { libc::mallopt(parameter, value) };
    }
}

/// Sets the limits. Call it before there are other threads.
#[cfg(not(target_env = "gnu"))]
pub fn begin() {}
