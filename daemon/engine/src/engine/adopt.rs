//! Another configuration while the show runs.

use super::Engine;
use crate::echo::Echoes;
use crate::show::Show;
use crate::{EngineConfig, EngineError};
use downbeat_protocol::{Event, Schema, ShowState};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A configuration that an engine can adopt, compiled. Made away from the hop thread.
#[derive(Debug)]
pub struct Adoption {
    /// An engine of the new configuration, of which only what follows from it is used.
    engine: Engine,
    before: EngineConfig,
    config: EngineConfig,
}

impl Adoption {
    /// Compiles a configuration that replaces `before`. Its parameters, layers, cues, rules and outputs may differ, and
    /// nothing else.
    ///
    /// # Errors
    /// The configuration is invalid.
    pub fn new(before: &EngineConfig, config: &EngineConfig) -> Result<Self, EngineError> {
        let config = EngineConfig {
            buses: before.buses.clone(),
            roles: before.roles.clone(),
            fields: before.fields.clone(),
            note_sources: before.note_sources.clone(),
            clocks: before.clocks.clone(),
            tempo: before.tempo,
            ..config.clone()
        };
        let engine = Engine::new(&config, None)?;
        Ok(Self { engine, before: before.clone(), config })
    }

    /// The layout of rows afterwards.
    pub fn schema(&self) -> Arc<Schema> {
        self.engine.schema()
    }

    /// The configuration that is in force afterwards.
    pub fn config(&self) -> &EngineConfig {
        &self.config
    }
}

impl Engine {
    /// Adopts another configuration. The beat, what is set, waiting commands and running fades stay; a parameter moves
    /// on from where it is. What the new configuration sets differently from the old one is set; what no longer exists
    /// is dropped.
    pub fn adopt(&mut self, adoption: Adoption, out: &mut Vec<Event>) {
        let Adoption { engine, before, config } = adoption;
        let was = Arc::clone(self.show.state());
        let mut state = ShowState::clone(&was);
        follow(&mut state, &before, &config);
        self.show = Show::adopted(&config, state, &self.show);
        let Self { schema, layout, mut mapper, known, mut values, .. } = engine;
        let kept = layout.parameters;
        values[..kept].copy_from_slice(&self.values[..kept]);
        mapper.go_on_from(&self.mapper);
        let same_rows = schema == self.schema;
        (self.layout, self.mapper, self.known, self.values) = (layout, mapper, known, values);
        self.schema = schema;
        if same_rows {
            let names = crate::rules::Names { layout: &self.layout, mapper: &self.mapper, known: &self.known };
            self.rules.replace(&was, self.show.state(), names);
            self.tell_flaws();
        } else {
            // Their places in the row are others.
            self.echoes = Echoes::new(&self.schema, &self.values, self.arbiter.told().tempo, self.echoes.kept());
            was.rules.keys().for_each(|name| drop(self.compile(name)));
            self.compile_all();
            out.push(Event::Schema((*self.schema).clone()));
        }
        out.push(Event::State(ShowState::clone(self.show.state())));
    }
}

/// Sets what the configuration sets differently; what was set by hand stays otherwise.
fn follow(state: &mut ShowState, before: &EngineConfig, config: &EngineConfig) {
    for name in changed(&before.cues, &config.cues) {
        state.edited.cues.remove(name);
    }
    for name in changed(&before.rules, &config.rules) {
        state.edited.rules.remove(name);
        let [old, new] = [before, config].map(|it| it.rules.get(name));
        if old.map(|rule| rule.muted) != new.map(|rule| rule.muted) {
            state.give_back_mute(name);
        }
        if old.map(|rule| rule.rate) != new.map(|rule| rule.rate) {
            state.give_back_rate(name);
        }
    }
    for new in &config.layers {
        let old = before.layers.iter().find(|old| old.name == new.name);
        let (Some(old), Some(layer)) = (old, state.layers.iter_mut().find(|layer| layer.name == new.name)) else {
            continue;
        };
        if old.scene != new.scene {
            layer.scene.clone_from(&new.scene);
        }
        if old.opacity != new.opacity {
            layer.opacity = new.opacity;
        }
        if old.blend != new.blend {
            layer.blend = new.blend;
        }
    }
}

/// The names of what was added, changed or removed.
fn changed<'a, T: PartialEq>(
    before: &'a BTreeMap<String, T>,
    now: &'a BTreeMap<String, T>,
) -> impl Iterator<Item = &'a String> {
    let gone = before.keys().filter(|name| !now.contains_key(*name));
    gone.chain(now.iter().filter(|(name, it)| before.get(*name) != Some(it)).map(|(name, _)| name))
}
