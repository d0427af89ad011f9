//! The tree of names: everything that can be set or read, said once.
//!
//! Each line of [`ENTRIES`] holds an address, what kind of value is there, its range, unit and choices, what it does in one
//! sentence, how it is read and which [`Action`](crate::Action) it writes. [`Tree`] expands the table for one show: a
//! line with `LAYER` in its address stands for one node of each layer. What OSC takes and tells, the command line, the log and
//! the reference are made from it.
//!
//! | file | noun |
//! |---|---|
//! | `table`, `shapes` | every entry, and what they are made with |
//! | `signals` | where the signals lie |
//! | `entry` | what a line of the table says |
//! | `parse` | an address and a value → an action |
//! | `node` | the tree of one show |
//! | `description` | what it is made of, for other programs |
//! | `expand`, `labels` | the names that stand in the addresses of one show |
//! | `settings` | what is kept under its own address |
//! | `report` | what a change did, as addresses and values |
//! | `moving` | lights on the beat, and what numbers of a row mean |
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
pub use moving::{Meaning, lit};
pub use node::{Node, Present, Tree};
pub use parse::{ActionError, entry, parse};
pub use reference::{reference, value};
pub use report::{Told, defined, of_change, of_state, of_status, settable, told};
pub use settings::{Learnt, learnt, learnt_at, locked, setting};
pub use signals::{address, is_reserved, parameter};
pub use table::{ENTRIES, LEARN, LOCK, MUSIC};
pub use words::{change, words};

#[cfg(test)]
mod tests;
