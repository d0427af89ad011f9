//! What the operator has chosen on this page; the show knows nothing of it.

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
    /// The page as it opens.
    pub fn new(view_only: bool) -> Self {
        Self { view_only, ..Self::default() }
    }

    /// The chosen layer; the lowest unless another was chosen.
    pub fn chosen<'a>(&self, state: &'a ShowState) -> Option<&'a Layer> {
        state.layers.get(self.layer).or(state.layers.first())
    }

    /// Chooses the layer above, and after the highest the lowest.
    pub fn next_layer(&mut self, state: &ShowState) {
        self.layer = (self.layer + 1) % state.layers.len().max(1);
    }
}
