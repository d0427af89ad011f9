//! The identity of a program, and its known peers.
//!
//! Each daemon and each client has its own key and a self-signed certificate. No authority vouches for it: the other
//! side knows its [`Fingerprint`], or does not. Strangers are paired once, with a code that one side shows and an
//! operator types at the other ([`pairing`]).
//!
//! * [`Identity`]: a key and its certificate, kept in a file that only its owner can read
//! * [`Acquaintances`]: the known peers and their roles, in a file that people can read
//! * [`tls`]: both ends prove that they hold the key of their certificate

mod acquaintances;
mod fingerprint;
mod folder;
pub mod hex;
mod home;
mod own;
pub mod pairing;
mod secret;
pub mod tls;

pub use acquaintances::{Acquaintance, Acquaintances, DAEMONS, PEERS};
pub use fingerprint::Fingerprint;
pub use folder::{FolderError, KeyFolder};
pub use home::at_home;
pub use own::{Identity, IdentityError};
pub use secret::secret;
