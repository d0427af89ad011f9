//! The ingredients of a show's tree, as one program sends them to another.

use super::Tree;
use crate::{Schema, ShowState, Status};
use serde::{Deserialize, Serialize};

/// The ingredients of a show's tree.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Description {
    /// The state.
    pub state: ShowState,
    /// The signals.
    pub schema: Schema,
    /// The status; of a show that is not running, only its buses.
    #[serde(default)]
    pub status: Status,
}

impl Description {
    /// The tree.
    pub fn tree(&self) -> Tree {
        Tree::new(&self.state, &self.schema, &self.status)
    }
}
