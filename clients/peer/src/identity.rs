//! Who a program is, and whom it knows.
//!
//! Each daemon and each client has a key of its own and a certificate that it made itself. Nobody vouches for it: the other
//! side knows its [`Fingerprint`], or does not. Two that do not know each other become acquainted once, by a code that is
//! shown at the one and typed at the other ([`pairing`]).
//!
//! * [`Identity`]: a key and its certificate, kept in a file that only its owner can read
//! * [`Acquaintances`]: who is known, as what, in a file that people can read
//! * [`tls`]: both ends prove that they hold the key of the certificate that they show

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
