//! Refusals, and the difference between two trees.

use downbeat_protocol::Tree;

/// A command was refused; told only to its sender.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    /// Its sender.
    pub from: String,
    /// Why.
    pub why: String,
}

/// The difference between two trees.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// New paths.
    pub added: Vec<String>,
    /// Removed paths.
    pub removed: Vec<String>,
    /// Paths with a new range or new choices.
    pub changed: Vec<String>,
}

impl Changes {
    /// From one tree to another; none if they are equal.
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
