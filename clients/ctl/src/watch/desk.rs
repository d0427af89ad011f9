//! The operator's choices on this page, unknown to the show.

use downbeat_protocol::{Layer, ShowState};

/// The page's own state.
#[derive(Clone, Debug, Default)]
pub struct Desk {
    /// Whether commands may be sent.
    pub view_only: bool,
    /// Whether the help is shown.
    pub help: bool,
    layer: usize,
}

impl Desk {
    /// The initial page.
    pub fn new(view_only: bool) -> Self {
        Self { view_only, ..Self::default() }
    }

    /// The chosen layer; the lowest by default.
    pub fn chosen<'a>(&self, state: &'a ShowState) -> Option<&'a Layer> {
        state.layers.get(self.layer).or(state.layers.first())
    }

    /// Chooses the layer above; after the highest, the lowest.
    pub fn next_layer(&mut self, state: &ShowState) {
        self.layer = (self.layer + 1) % state.layers.len().max(1);
    }
}
