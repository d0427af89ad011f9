//! What tablets show in words: the tempo, the state of the music, whether the beat is sure. Pure.

use downbeat_engine::{MusicState, Tick};
use downbeat_protocol::tree::Told;
use downbeat_protocol::{Schema, Value};

/// The words, and what was told last.
#[derive(Debug)]
pub struct Words {
    tempo: Option<usize>,
    locked: Option<usize>,
    state: Option<usize>,
    told: Vec<Told>,
}

impl Words {
    /// For rows of this layout.
    pub fn new(schema: &Schema) -> Self {
        let place = |name: &str| schema.find(name).map(|(place, _)| place);
        let (tempo, locked, state) = (place("tempo.bpm"), place("tempo.locked"), place("music.state"));
        Self { tempo, locked, state, told: Vec::new() }
    }

    /// The words that have changed.
    pub fn take(&mut self, tick: &Tick) -> Vec<Told> {
        let all = self.all(tick);
        let news = all.iter().filter(|entry| !self.told.contains(entry)).cloned().collect();
        self.told = all;
        news
    }

    /// All words.
    pub fn all(&self, tick: &Tick) -> Vec<Told> {
        let read = |place: Option<usize>| place.and_then(|place| tick.row.values.get(place)).copied();
        let tempo = read(self.tempo).map(|tempo| ("/tempo/text", Value::Text(format!("{tempo:.1}"))));
        let lock = read(self.locked).map(|locked| ("/tempo/lock", Value::Bool(locked >= 0.5)));
        let state = read(self.state).and_then(|state| MusicState::ALL.get(state as usize));
        let state = state.map(|state| ("/music/state", Value::from(state.name())));
        [tempo, lock, state].into_iter().flatten().map(|(address, value)| (address.to_owned(), value)).collect()
    }
}
