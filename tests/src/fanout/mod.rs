//! One to a hundred followers: what they see, and what they cost their server.
//!
//! | file | noun |
//! |---|---|
//! | `crowd` | the followers, real sessions of the client library |
//! | `bare` | a program that sends the same datagrams to them and does nothing else |
//! | `cpu` | the processor time of a process |

pub mod bare;
pub mod cpu;
pub mod crowd;

pub use crowd::{Crowd, Seen};
