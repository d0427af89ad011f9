//! The current belief at even intervals, to compare confidences with the truth.

use super::said::{Belief, Kind, Said, Worth};
use downbeat_engine::{MusicState, Tick};
use downbeat_protocol::Schema;

/// Interval of the reports, in seconds of audio: about a beat.
const EVERY: f64 = 0.5;

/// Reads beliefs from the rows.
#[derive(Clone, Debug)]
pub struct Beliefs {
    /// Tempo, then the four confidences.
    places: [usize; 5],
    told: u64,
}

impl Beliefs {
    /// For rows with this layout.
    pub fn of(schema: &Schema) -> Self {
        let names =
            ["tempo.bpm", "tempo.confidence", "tempo.level-confidence", "tempo.phase-confidence", "bar.confidence"];
        Self { places: names.map(|name| schema.find(name).map_or(0, |(place, _)| place)), told: 0 }
    }

    /// The current belief, if it is due.
    pub fn due(&mut self, tick: &Tick, state: MusicState, emitted: f64) -> Option<Said> {
        if emitted < self.told as f64 * EVERY {
            return None;
        }
        self.told = (emitted / EVERY) as u64 + 1;
        let number = |place: usize, digits: f64| (f64::from(tick.row.values[place]) * digits).round() / digits;
        let [tempo, sure @ ..] = self.places;
        let [pulse, level, phase, one] = sure.map(|place| number(place, 1e4));
        let tempo = number(tempo, 1e6);
        let belief = Belief { state: state.name(), tempo, pulse, level, phase, one, beating: tick.beating };
        Some(Said::new(emitted, emitted, Kind::Belief, Worth::Belief(belief)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::offline::Offline;
    use super::*;

    const RATE: f64 = 48000.0;

    /// The beliefs over some seconds of silence, or of clicks at a tempo.
    fn beliefs(seconds: f64, tempo: Option<f64>) -> Vec<Said> {
        let beat = |sample: usize| tempo.map_or(f64::MAX, |tempo| sample as f64 % (RATE * 60.0 / tempo));
        let click = |sample| 0.5 * (-(beat(sample)) / 400.0).exp() * (beat(sample) * 0.3).sin();
        let samples: Vec<f32> = (0..(seconds * RATE) as usize).map(|sample| click(sample) as f32).collect();
        let mut offline = Offline::new(RATE).expect("hears");
        let mut found = vec![];
        for hop in samples.chunks(offline.hop()) {
            offline.process(hop, hop, |hop| found.extend(hop.said.iter().filter(|said| said.kind == Kind::Belief)));
        }
        found
    }

    fn value(said: &Said) -> Belief {
        match said.value {
            Worth::Belief(belief) => belief,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_belief_is_told_twice_a_second_whatever_is_heard() {
        let found = beliefs(5.25, None);
        assert_eq!(found.len(), 11);
        for (index, said) in found.iter().enumerate() {
            let due = index as f64 * 0.5;
            assert!((due..due + 0.02).contains(&said.t) && said.t == said.emitted, "{said:?}");
        }
        let last = value(found.last().expect("eleven"));
        assert_eq!((last.state, last.pulse, last.beating), ("no-signal", 0.0, false));
    }

    #[test]
    fn a_belief_is_what_the_outputs_say() {
        let last = value(beliefs(12.0, Some(125.0)).last().expect("some"));
        assert!(last.beating && last.state == "playing" && last.pulse > 0.5, "{last:?}");
        assert!((last.tempo / 125.0 - 1.0).abs() < 0.01, "{last:?}");
    }
}
