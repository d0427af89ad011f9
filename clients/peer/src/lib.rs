//! Shared by daemon and clients, below the session: identity, authentication and time.
//!
//! * [`identity`]: keys, certificates, known peers, pairing by a code
//! * [`host`]: this machine's clock
//! * [`interface`]: network interfaces by name
//! * [`backoff`]: waits between attempts
//! * [`stamped`]: kernel receive stamps of packets

pub mod backoff;
pub mod host;
pub mod identity;
pub mod interface;
pub mod stamped;
