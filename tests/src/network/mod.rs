//! Hosts on this machine with a network between them that is as bad as is asked for.
//!
//! A [`Host`] is a network namespace: what is run [inside](Host::inside) it sees only its own interfaces. A [`Link`] joins
//! two of them by a cable each into a third namespace, where a thread hands the Ethernet frames across: late, twice, in
//! another order or never, as the link's [`Conditions`] say, which may change at any time. The kernel's own netem would do
//! the same where it is built in.
//!
//! Namespaces need root; [`allowed`] tells.

mod conditions;
mod host;
mod lane;
mod link;
mod wire;

pub use conditions::Conditions;
pub use host::{Host, allowed};
pub use lane::Lane;
pub use link::{Link, Way};
