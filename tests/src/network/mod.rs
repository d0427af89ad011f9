//! Hosts on this machine with a configurable bad network between them.
//!
//! A [`Host`] is a network namespace: programs [inside](Host::inside) it see only its own interfaces. A [`Link`] joins
//! two of them by a cable each into a third namespace, where a thread forwards the Ethernet frames: late, twice,
//! reordered or never, according to the link's [`Conditions`], which may change at any time. The kernel's own netem
//! would do the same where available.
//!
//! Namespaces need root; see [`allowed`].

mod conditions;
mod host;
mod lane;
mod link;
mod star;
mod wire;

pub use conditions::Conditions;
pub use host::{Host, allowed};
pub use lane::Lane;
pub use link::{Link, Way};
pub use star::Star;
