//! How a daemon announces itself in the local network: multicast DNS (RFC 6762) and DNS-SD (RFC 6763).
//!
//! An announcement helps to find a daemon. It proves nothing: who the daemon is shows when it is connected to.

/// The type of service.
pub const SERVICE: &str = "_downbeat._udp.local.";
/// The key of the show's name.
pub const SHOW: &str = "show";
/// The key of the show's epoch, in decimals.
pub const EPOCH: &str = "epoch";
/// The key of the [`VERSION`](crate::VERSION) that it speaks.
pub const VERSION: &str = "version";
/// The key of whether it leads its show (`1`) or stands by (`0`).
pub const LEADS: &str = "leads";
