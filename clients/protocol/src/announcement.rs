//! How a daemon announces itself on the local network: multicast DNS (RFC 6762) and DNS-SD (RFC 6763).
//!
//! An announcement helps to find a daemon but proves nothing: the connection verifies its identity.

/// The service type.
pub const SERVICE: &str = "_downbeat._udp.local.";
/// The key of the show's name.
pub const SHOW: &str = "show";
/// The key of the show's epoch, in decimal.
pub const EPOCH: &str = "epoch";
/// The key of its protocol [`VERSION`](crate::VERSION).
pub const VERSION: &str = "version";
/// The key of its standing: it leads its show (`1`) or stands by (`0`).
pub const LEADS: &str = "leads";
