//! What a daemon and its clients share below the session: who they are, how they prove it, and what time it is.
//!
//! * [`identity`]: keys, certificates, who is known, pairing by a code
//! * [`host`]: this machine's clock
//! * [`interface`]: network cards by name
//! * [`backoff`]: how long to wait before the next attempt
//! * [`stamped`]: when a packet came, by the kernel's account

pub mod backoff;
pub mod host;
pub mod identity;
pub mod interface;
pub mod stamped;
