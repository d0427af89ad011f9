//! The address tree: everything that can be set or read, defined once.
//!
//! Each line of [`ENTRIES`] holds an address, its kind of value with range, unit and choices, its help in one sentence,
//! how it is read, and the [`Action`](crate::Action) it writes. [`Tree`] expands the table for one show: a line with
//! `LAYER` in its address stands for one node per layer. OSC, the command line, the log and the reference all use it.
//!
//! | file | noun |
//! |---|---|
//! | `table`, `shapes` | every entry, and helpers to build them |
//! | `signals` | the addresses of signals |
//! | `entry` | the type of a line of the table |
//! | `parse` | an address and a value → an action |
//! | `node` | the tree of one show |
//! | `description` | its ingredients, for other programs |
//! | `expand`, `labels` | the names in the addresses of one show |
//! | `settings` | values stored under their own address |
//! | `report` | changes, as addresses and values |
//! | `moving` | lights on the beat, and meanings of numbers in a row |
//! | `words`, `reference` | the same for people |

mod description;
mod entry;
mod expand;
mod labels;
mod moving;
mod node;
mod parse;
mod reference;
mod report;
mod settings;
mod shapes;
mod signals;
mod table;
mod words;

pub use description::Description;
pub use entry::{Access, Entry, Group, Kind, Read, Write};
pub use expand::same_names;
pub use labels::labels;
pub use moving::{Meaning, lights, lit};
pub use node::{Node, Present, Tree};
pub use parse::{ADDRESS, ActionError, entry, parse};
pub use reference::{reference, value};
pub use report::{Told, defined, of_change, of_difference, of_state, of_status, settable, told};
pub use settings::{Learnt, is_about_learning, learnt, learnt_at, locked, setting};
pub use signals::{address, is_reserved, parameter};
pub use table::{ENTRIES, LEARN, LOCK, MUSIC};
pub use words::{change, words};

#[cfg(test)]
mod tests;
