//! Which bus to believe: the one that serves the beat best, without changing one's mind at every hop.

use super::lead::{BETTER, PLACED, STILL_SURE, SURE, bonus};
use crate::{Heard, MusicState, Role};
use downbeat_protocol::ShowTime;

/// What is heard on all buses.
#[derive(Clone, Debug)]
pub(super) struct Ears {
    buses: Vec<Bus>,
    leading: Option<usize>,
    /// A bus that is better than the leading one, and since when.
    rival: Option<(usize, ShowTime)>,
}

#[derive(Clone, Debug)]
struct Bus {
    bonus: f32,
    heard: Option<Heard>,
}

impl Ears {
    pub fn new(roles: &[Role]) -> Self {
        let buses = roles.iter().map(|role| Bus { bonus: bonus(*role), heard: None }).collect();
        Self { buses, leading: None, rival: None }
    }

    pub fn hear(&mut self, bus: usize, heard: Option<Heard>) {
        if let Some(bus) = self.buses.get_mut(bus) {
            bus.heard = heard.filter(Heard::is_sound);
        }
    }

    /// What the bus to believe says, if there is one that is sure.
    pub fn best(&mut self, now: ShowTime) -> Option<Heard> {
        let best = (0..self.buses.len())
            .filter(|bus| self.is_usable(*bus))
            .max_by(|a, b| self.worth(*a).total_cmp(&self.worth(*b)).then(b.cmp(a)));
        let leading = self.leading.filter(|leading| self.is_usable(*leading));
        self.leading = match (leading, best) {
            (Some(leading), Some(best)) if self.worth(best) > self.worth(leading) + BETTER.0 => {
                let since = self.rival.filter(|(rival, _)| *rival == best).map_or(now, |(_, since)| since);
                self.rival = Some((best, since));
                Some(if now.since(since) >= BETTER.1 { best } else { leading })
            }
            (Some(leading), _) => {
                self.rival = None;
                Some(leading)
            }
            (None, best) => best,
        };
        self.buses[self.leading?].heard
    }

    /// How many buses there are.
    pub fn len(&self) -> usize {
        self.buses.len()
    }

    /// A beat and the tempo on one bus, if that is sure of them.
    pub fn beat_of(&self, bus: usize) -> Option<(ShowTime, f64)> {
        let heard = self.buses[bus].heard.filter(|_| self.is_usable(bus))?;
        Some((heard.beat, heard.tempo))
    }

    /// The liveliest state of all buses.
    pub fn state(&self) -> MusicState {
        self.buses.iter().map(Bus::state).max().unwrap_or_default()
    }

    /// When music was last heard on any bus.
    pub fn music_at(&self) -> Option<ShowTime> {
        self.buses.iter().filter_map(|bus| bus.heard.map(|heard| heard.music_at)).max()
    }

    /// The state of one bus.
    pub fn state_of(&self, bus: usize) -> MusicState {
        self.buses.get(bus).map(Bus::state).unwrap_or_default()
    }

    fn worth(&self, bus: usize) -> f32 {
        let bus = &self.buses[bus];
        bus.heard.map_or(0.0, |heard| heard.confidence) + bus.bonus
    }

    fn is_usable(&self, bus: usize) -> bool {
        let leads = self.leading == Some(bus);
        let least = if leads { STILL_SURE } else { SURE };
        let placed = |heard: &Heard| leads || heard.phase_confidence >= PLACED;
        self.buses[bus].heard.is_some_and(|heard| heard.state.is_music() && heard.confidence >= least && placed(&heard))
    }
}

impl Bus {
    fn state(&self) -> MusicState {
        self.heard.map(|heard| heard.state).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(confidence: f32, tempo: f64) -> Option<Heard> {
        Some(Heard {
            state: MusicState::Playing,
            music_at: ShowTime::ZERO,
            tempo,
            confidence,
            level_confidence: confidence,
            phase_confidence: confidence,
            beat: ShowTime::ZERO,
            beats_per_bar: 4,
            beat_in_bar: 0,
            bar_confidence: 0.0,
        })
    }

    fn ears(main: f32, drums: f32) -> Ears {
        let mut ears = Ears::new(&[Role::Main, Role::Drums]);
        ears.hear(0, heard(main, 100.0));
        ears.hear(1, heard(drums, 120.0));
        ears
    }

    fn tempo(ears: &mut Ears, seconds: f64) -> Option<f64> {
        ears.best(ShowTime::from_secs_f64(seconds)).map(|heard| heard.tempo)
    }

    #[test]
    fn drums_are_believed_first_when_they_are_sure() {
        assert_eq!(tempo(&mut ears(0.8, 0.7), 0.0), Some(120.0));
        let unsure = SURE - 0.01;
        assert_eq!(tempo(&mut ears(0.8, unsure), 0.0), Some(100.0));
        assert_eq!(tempo(&mut ears(unsure, unsure), 0.0), None);
    }

    #[test]
    fn a_voice_leads_only_where_nothing_else_is_sure() {
        let mut ears = Ears::new(&[Role::Vocals, Role::Main]);
        ears.hear(0, heard(0.6, 90.0));
        ears.hear(1, heard(0.5, 120.0));
        assert_eq!(tempo(&mut ears, 0.0), Some(120.0));
        ears.hear(1, None);
        assert_eq!(tempo(&mut ears, 0.1), Some(90.0));
    }

    #[test]
    fn a_better_bus_takes_over_only_when_it_stays_better() {
        let mut ears = ears(0.9, 0.9);
        assert_eq!(tempo(&mut ears, 0.0), Some(120.0));
        ears.hear(1, heard(0.4, 120.0));
        assert_eq!(tempo(&mut ears, 1.0), Some(120.0));
        assert_eq!(tempo(&mut ears, 2.9), Some(120.0));
        assert_eq!(tempo(&mut ears, 3.0), Some(100.0));
    }

    #[test]
    fn a_bus_that_falls_silent_is_left_at_once() {
        let mut ears = ears(0.5, 0.9);
        assert_eq!(tempo(&mut ears, 0.0), Some(120.0));
        ears.hear(1, None);
        assert_eq!(tempo(&mut ears, 0.1), Some(100.0));
    }
}
