//! Makes a state fit into a message, when all else has failed to keep it small.

use super::ShowState;
use serde::Serialize;

/// One of the things that a state can do without.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Item {
    Scene(usize),
    Scenes(usize),
    Setting(String),
    Cue(String),
    Rule(String),
    Trouble(String),
}

impl ShowState {
    /// Leaves out what takes most room until that is at least so many bytes of JSON. Returns the names of what is missing.
    ///
    /// A picture without a scene, or a standby that lacks a cue, is better than none.
    pub fn shed(&mut self, bytes: usize) -> Vec<String> {
        let (mut freed, mut dropped) = (0, Vec::new());
        for (size, item) in self.by_size() {
            if freed >= bytes {
                break;
            }
            freed += size;
            dropped.push(self.leave_out(&item));
        }
        dropped
    }

    /// What it can do without, the largest first.
    fn by_size(&self) -> Vec<(usize, Item)> {
        let mut all = Vec::new();
        for (place, layer) in self.layers.iter().enumerate() {
            all.push((length(&layer.scene), Item::Scene(place)));
            all.push((length(&layer.scenes), Item::Scenes(place)));
        }
        all.extend(self.settings.iter().map(|(name, it)| (length(name) + length(it), Item::Setting(name.clone()))));
        all.extend(self.cues.iter().map(|(name, it)| (length(name) + length(it), Item::Cue(name.clone()))));
        all.extend(self.rules.iter().map(|(name, it)| (length(name) + length(it), Item::Rule(name.clone()))));
        all.extend(self.troubles.iter().map(|(name, it)| (length(name) + length(it), Item::Trouble(name.clone()))));
        all.sort_by(|one, other| other.cmp(one));
        all
    }

    fn leave_out(&mut self, item: &Item) -> String {
        match item {
            Item::Scene(place) => {
                let layer = &mut self.layers[*place];
                layer.scene.clear();
                format!("scene of the layer {}", layer.name)
            }
            Item::Scenes(place) => {
                let layer = &mut self.layers[*place];
                layer.scenes.clear();
                format!("scenes of the layer {}", layer.name)
            }
            Item::Setting(name) => {
                self.settings.remove(name);
                format!("settings.{name}")
            }
            Item::Cue(name) => {
                self.cues.remove(name);
                format!("cues.{name}")
            }
            Item::Rule(name) => {
                self.rules.remove(name);
                format!("rules.{name}")
            }
            Item::Trouble(name) => {
                self.troubles.remove(name);
                format!("troubles.{name}")
            }
        }
    }
}

/// Its length in JSON. What cannot be written has none, and stops the message anyway.
fn length(it: &impl Serialize) -> usize {
    serde_json::to_string(it).map_or(0, |json| json.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Layer, Value};

    #[test]
    fn what_takes_most_room_goes_first_and_no_more_than_needed() {
        let layer = |name: &str, scene: &str| Layer { name: name.into(), scene: scene.into(), ..Layer::default() };
        let mut state = ShowState { blackout: true, ..ShowState::default() };
        state.layers = vec![layer("back", &"\u{1}".repeat(60_000)), layer("front", "tunnel")];
        state.settings = [("/a".into(), Value::Text("x".repeat(100_000))), ("/show/lock".into(), true.into())].into();
        let before = length(&state);
        assert_eq!(state.shed(300_000), ["scene of the layer back"]);
        assert!(length(&state) + 300_000 <= before);
        assert_eq!(state.shed(1), ["settings./a"]);
        assert!(state.blackout && state.layers[1].scene == "tunnel" && state.settings.len() == 1);
    }
}
