//! What no client may miss: paths that came, went or changed, and refusals.

use downbeat_protocol::Tree;
use std::sync::Arc;

/// One thing to tell.
#[derive(Clone, Debug, PartialEq)]
pub enum Note {
    /// The tree is another one.
    Tree(Arc<Changes>),
    /// A command was refused; only whoever it came from is told.
    Refused {
        /// Whose command it was.
        from: String,
        /// Why.
        why: String,
    },
}

/// How a tree differs from the one before.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// Paths that are new.
    pub added: Vec<String>,
    /// Paths that are gone.
    pub removed: Vec<String>,
    /// Paths whose range or choices are others.
    pub changed: Vec<String>,
}

impl Changes {
    /// From one tree to another; none when they are alike.
    pub fn between(before: &Tree, after: &Tree) -> Option<Self> {
        let mut changes = Self::default();
        for node in after.nodes() {
            match before.find(&node.address) {
                None => changes.added.push(node.address.clone()),
                Some(old) if (old.range, &old.choices) != (node.range, &node.choices) => {
                    changes.changed.push(node.address.clone());
                }
                Some(_) => {}
            }
        }
        let gone = before.nodes().filter(|node| after.find(&node.address).is_none());
        changes.removed = gone.map(|node| node.address.clone()).collect();
        (changes != Self::default()).then_some(changes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::{Layer, Schema, ShowState, Status};

    #[test]
    fn a_layer_that_comes_or_gets_another_scene_is_told_path_by_path() {
        let tree = |layers: &[(&str, &[&str])]| {
            let layer = |(name, scenes): &(&str, &[&str])| Layer {
                name: (*name).into(),
                scenes: scenes.iter().map(|it| (*it).to_owned()).collect(),
                ..Layer::default()
            };
            let state = ShowState { layers: layers.iter().map(layer).collect(), ..ShowState::default() };
            Tree::new(&state, &Schema::default(), &Status::default())
        };
        let before = tree(&[("back", &["echo"])]);
        assert_eq!(Changes::between(&before, &before.clone()), None);
        let after = tree(&[("back", &["echo", "flash"]), ("front", &[])]);
        let changes = Changes::between(&before, &after).expect("differs");
        assert_eq!(changes.changed, ["/layer/back/scene"]);
        assert!(changes.added.contains(&"/layer/back/scene/flash".to_owned()), "{changes:?}");
        assert!(changes.added.contains(&"/layer/front/opacity".to_owned()) && changes.removed.is_empty());
        assert_eq!(Changes::between(&after, &before).expect("differs").removed.len(), changes.added.len());
    }
}
