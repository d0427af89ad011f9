//! Makes a TouchOSC layout from the tree of a show: the controls to play have their own place and size, and everything
//! else that can be set gets a control by its kind.
//!
//! | file | noun |
//! |---|---|
//! | `form`, `grid` | tablet and phone; the cells of a page |
//! | `layout` | what stands where |
//! | `header`, `cluster`, `block` | parts of it |
//! | `known` | the entries that have a place of their own |
//! | `control`, `palette` | one control; colours and what they mean |
//! | `tosc`, `properties`, `xml`, `id`, `version` | the `.tosc` file |
//! | `script.lua` | what the layout does by itself |
//! | `preview` | the same as a picture |
//! | `read` | what a `.tosc` file sends and receives, for tests |

mod block;
mod cluster;
mod control;
mod form;
mod grid;
mod header;
mod id;
mod known;
mod layout;
mod palette;
mod preview;
mod properties;
mod read;
mod tosc;
mod version;
mod xml;

pub use control::{Align, Argument, Colour, Control, Frame, Kind, Message};
pub use form::Form;
pub use layout::{Layout, Page};
pub use preview::preview;
pub use read::{Found, ReadError, read};
pub use tosc::{document, tosc};
pub use version::Version;

#[cfg(test)]
mod tests;
