//! A source: the beat tracker of a bus.

use crate::arbiter::confidences::Confidences;
use crate::arbiter::reference::{BarPlace, Reference, Source};
use crate::{BusBeat, MusicState, Role};
use downbeat_protocol::ShowTime;

/// The beat tracker of a bus.
#[derive(Clone, Debug)]
pub(super) struct Bus {
    place: usize,
    bonus: f32,
    heard: Option<BusBeat>,
}

impl Bus {
    /// The tracker of the bus at an index, with a role.
    pub fn new(place: usize, role: Role) -> Self {
        Self { place, bonus: bonus(role), heard: None }
    }

    /// Takes the tracker's belief; without one the bus has no signal.
    pub fn update(&mut self, heard: Option<BusBeat>) {
        self.heard = heard.filter(BusBeat::is_sound);
    }

    /// Its reference, while there is music.
    pub fn reference(&self) -> Option<Reference> {
        let heard = self.heard.filter(|heard| heard.state.is_music())?;
        let bar = BarPlace { beats_per_bar: heard.beats_per_bar, beat_in_bar: heard.beat_in_bar, bar_in_phrase: None };
        let sure = Confidences {
            pulse: heard.confidence,
            level: heard.level_confidence,
            phase: heard.phase_confidence,
            bar: heard.bar_confidence,
        };
        Some(Reference {
            source: Source::Bus(self.place),
            moment: heard.beat,
            tempo: heard.tempo,
            beat_phase: 0.0,
            bar: Some(bar),
            sure,
        })
    }

    /// Its weight in addition to its confidence.
    pub fn bonus(&self) -> f32 {
        self.bonus
    }

    /// Whether there is music on it.
    pub fn state(&self) -> MusicState {
        self.heard.map(|heard| heard.state).unwrap_or_default()
    }

    /// When there last was, if it has a signal.
    pub fn music_at(&self) -> Option<ShowTime> {
        self.heard.map(|heard| heard.music_at)
    }
}

/// Drums show the beat best, voices worst.
fn bonus(role: Role) -> f32 {
    match role {
        Role::Drums => 0.2,
        Role::Main | Role::Bass | Role::Other => 0.0,
        Role::Vocals => -0.2,
    }
}
