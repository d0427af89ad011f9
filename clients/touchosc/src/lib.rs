//! Writes a TouchOSC layout for a rig: its layers, its scenes, its parameters.
//!
//! | file | noun |
//! |---|---|
//! | `rig` | what of a rig's configuration is on the tablet |
//! | `layout` | what stands where |
//! | `control`, `palette` | one control; colours and what they mean |
//! | `tosc`, `xml`, `id` | the `.tosc` file |
//! | `preview` | the same as a picture |
//! | `read` | what a `.tosc` file sends and receives, for tests |

mod control;
mod id;
mod layout;
mod palette;
mod preview;
mod read;
mod rig;
mod tosc;
mod xml;

pub use control::{Argument, Control, Frame, Kind, Message};
pub use layout::{HEIGHT, WIDTH, layout};
pub use preview::preview;
pub use read::{Found, ReadError, read};
pub use rig::{Layer, Parameter, Rig};
pub use tosc::{compress, document};

#[cfg(test)]
mod tests;
