//! What the tree of a show is made of, as one program tells it to another.

use super::Tree;
use crate::{Schema, ShowState, Status};
use serde::{Deserialize, Serialize};

/// What the tree of a show is made of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Description {
    /// What is set.
    pub state: ShowState,
    /// What is heard.
    pub schema: Schema,
    /// Who is there; of a show that does not run, its buses.
    #[serde(default)]
    pub status: Status,
}

impl Description {
    /// The tree.
    pub fn tree(&self) -> Tree {
        Tree::new(&self.state, &self.schema, &self.status)
    }
}
