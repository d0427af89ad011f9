//! Texts and lamps on tablets that follow the music: the tempo, the state of the music, whether the beat can be
//! trusted. Pure.

use downbeat_engine::Tick;
use downbeat_protocol::Schema;
use downbeat_protocol::tree::{Meaning, Told};

/// The texts, and those last sent.
#[derive(Debug)]
pub struct Words {
    meanings: Vec<Meaning>,
    told: Vec<Told>,
}

impl Words {
    /// For rows of this layout.
    pub fn new(schema: &Schema) -> Self {
        Self { meanings: Meaning::all(schema), told: Vec::new() }
    }

    /// The texts that have changed.
    pub fn take(&mut self, tick: &Tick) -> Vec<Told> {
        let all = self.all(tick);
        let news = all.iter().filter(|entry| !self.told.contains(entry)).cloned().collect();
        self.told = all;
        news
    }

    /// All texts.
    pub fn all(&self, tick: &Tick) -> Vec<Told> {
        let told = |meaning: &Meaning| Some((meaning.address.to_owned(), meaning.read(&tick.row)?));
        self.meanings.iter().filter_map(told).collect()
    }
}

#[cfg(test)]
mod tests {
    use downbeat_engine::MusicState;
    use downbeat_protocol::tree::MUSIC;

    #[test]
    fn the_states_of_the_music_have_the_same_names_on_every_surface() {
        assert_eq!(MusicState::ALL.map(MusicState::name), MUSIC);
    }
}
