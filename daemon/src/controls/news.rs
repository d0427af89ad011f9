//! What has changed in the show since it was last told. Pure.

use downbeat_protocol::state::Change;
use downbeat_protocol::tree::{self, Told, parameter};
use downbeat_protocol::{Event, Schema, ShowState};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The state as told, and what has happened since.
#[derive(Debug, Default)]
pub struct News {
    state: Option<Arc<ShowState>>,
    /// Changes that lead from it to the state of the newest tick.
    changes: Vec<Change>,
    /// Whether some of them are missing.
    differs: bool,
}

impl News {
    /// Takes an event.
    pub fn observe(&mut self, event: &Event) {
        match event {
            Event::Changed { change, .. } => self.changes.push(change.clone()),
            Event::State(_) => self.differs = true,
            _ => {}
        }
    }

    /// A tick has come, after its events. `coalesced` is whether some of those are missing.
    pub fn expect(&mut self, state: &Arc<ShowState>, coalesced: bool) {
        self.state.get_or_insert_with(|| Arc::clone(state));
        self.differs |= coalesced;
    }

    /// The values of the newest tick's state that the one told before did not have.
    pub fn take(&mut self, state: &Arc<ShowState>, schema: &Schema) -> Vec<Told> {
        let Some(before) = self.state.replace(Arc::clone(state)) else { return Vec::new() };
        let changes = std::mem::take(&mut self.changes);
        if std::mem::take(&mut self.differs) {
            let parameters: Vec<&str> = schema.signals.iter().filter_map(parameter).collect();
            return tree::of_difference(&before, state, &parameters);
        }
        let mut seen = BTreeSet::new();
        let entries = changes.iter().flat_map(|change| tree::of_change(change, state));
        entries.filter(|(address, _)| seen.insert(address.clone())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::Layer;

    #[test]
    fn a_change_is_told_once_and_what_was_missed_is_found() {
        let state = |opacity: f32, blackout: bool| {
            let layer = Layer { name: "back".into(), opacity, ..Layer::default() };
            Arc::new(ShowState { layers: vec![layer], blackout, ..ShowState::default() })
        };
        let (mut news, schema) = (News::default(), Schema::default());
        news.expect(&state(1.0, false), false);
        assert_eq!(news.take(&state(1.0, false), &schema), []);
        for opacity in [0.75, 0.5] {
            let change = Change::Opacity { layer: "back".into(), opacity };
            news.observe(&Event::Changed { change, by: String::new() });
        }
        news.expect(&state(0.5, false), false);
        assert_eq!(news.take(&state(0.5, false), &schema), [("/layer/back/opacity".into(), 0.5.into())]);
        news.expect(&state(0.5, true), true);
        assert_eq!(news.take(&state(0.5, true), &schema), [("/show/blackout".into(), true.into())]);
    }
}
