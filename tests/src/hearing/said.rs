//! Reports about a piece: the lines of `downbeatctl analyse`.

use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What a line tells. Lines of other types are passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A beat.
    Beat,
    /// The first beat of a bar.
    Downbeat,
    /// Something begins to sound.
    Onset,
    /// A bass drum.
    Kick,
    /// A snare drum.
    Snare,
    /// A hi-hat.
    Hat,
    /// A drop.
    Drop,
    /// A new section.
    Section,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 8] =
        [Self::Beat, Self::Downbeat, Self::Onset, Self::Kick, Self::Snare, Self::Hat, Self::Drop, Self::Section];

    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "beat" => Self::Beat,
            "downbeat" => Self::Downbeat,
            "onset" => Self::Onset,
            "kick" => Self::Kick,
            "snare" => Self::Snare,
            "hat" => Self::Hat,
            "drop" => Self::Drop,
            "section" => Self::Section,
            _ => return None,
        })
    }
}

/// One event.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// When it happens, in seconds of the piece.
    pub t: f64,
    /// How much of the piece had been heard when it was said, in seconds.
    pub emitted: f64,
}

impl Event {
    /// When an audience can have it.
    pub fn had(self) -> f64 {
        self.t.max(self.emitted)
    }
}

/// What a listener believes about the beat at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
pub struct Belief {
    /// The moment, in seconds of the piece.
    #[serde(skip)]
    pub t: f64,
    /// Beats per minute.
    pub tempo: f64,
    /// How surely there is a beat, `[0, 1]`.
    pub pulse: f64,
    /// How surely the tempo is at the right level.
    pub level: f64,
    /// How surely the beat is at the right place.
    pub phase: f64,
    /// How surely the bar begins at the right beat.
    pub one: f64,
    /// Whether beats are told.
    pub beating: bool,
}

impl Belief {
    /// The confidences, in the order of the [questions](super::calibration::QUESTIONS).
    pub fn asked(&self) -> [f64; 4] {
        [self.pulse, self.level, self.phase, self.one]
    }
}

/// Everything that was said about one piece.
#[derive(Clone, Debug, Default)]
pub struct Said {
    events: BTreeMap<Kind, Vec<Event>>,
    /// What was believed, in order.
    pub beliefs: Vec<Belief>,
    /// Seconds of processor time.
    pub cpu: f64,
}

impl Said {
    /// Reads JSON lines; a line that is no event of ours is passed over.
    pub fn read(text: &str) -> Self {
        let mut said = Self::default();
        for line in text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
            let name = line["type"].as_str().unwrap_or("");
            if name == "cpu" {
                said.cpu += line["value"].as_f64().unwrap_or(0.0);
            }
            if let ("belief", Some(t)) = (name, line["t"].as_f64()) {
                said.beliefs.extend(Belief::deserialize(&line["value"]).ok().map(|belief| Belief { t, ..belief }));
            }
            if let (Some(kind), Some(t)) = (Kind::of(name), line["t"].as_f64()) {
                said.add(kind, Event { t, emitted: line["emitted"].as_f64().unwrap_or(t) });
            }
        }
        said
    }

    /// Adds an event.
    pub fn add(&mut self, kind: Kind, event: Event) {
        self.events.entry(kind).or_default().push(event);
    }

    /// The events of a kind in the order in which they were said.
    pub fn of(&self, kind: Kind) -> &[Event] {
        self.events.get(&kind).map_or(&[], Vec::as_slice)
    }

    /// What it tells at all.
    pub fn kinds(&self) -> BTreeSet<Kind> {
        self.events.keys().copied().collect()
    }

    /// When an audience has the events of a kind; in order, each time once.
    pub fn had(&self, kind: Kind) -> Vec<f64> {
        sorted(self.of(kind).iter().map(|event| event.had()))
    }
}

/// Times in order, each once.
pub fn sorted(times: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut times: Vec<f64> = times.collect();
    times.sort_by(f64::total_cmp);
    times.dedup();
    times
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beat_is_had_when_it_comes_and_an_onset_when_it_is_said() {
        let said = Said::read(concat!(
            "{\"type\":\"beat\",\"t\":2.0,\"emitted\":1.98,\"value\":1}\n",
            "{\"type\":\"onset\",\"t\":2.0,\"emitted\":2.02}\nno json\n{\"type\":\"state\",\"t\":0,\"value\":\"x\"}\n",
            "{\"type\":\"cpu\",\"t\":9,\"emitted\":9,\"value\":0.5}\n"
        ));
        assert_eq!((said.had(Kind::Beat), said.had(Kind::Onset)), (vec![2.0], vec![2.02]));
        assert_eq!((said.of(Kind::Hat).len(), said.cpu), (0, 0.5));
    }

    #[test]
    fn beliefs_are_read_with_their_moment() {
        let said = Said::read(concat!(
            r#"{"t":1.5,"emitted":1.5,"type":"belief","value":{"state":"playing","tempo":124.0123,"pulse":0.98,"#,
            r#""level":0.9,"phase":0.95,"one":0.8,"beating":true}}"#,
            "\n{\"t\":2.0,\"type\":\"belief\",\"value\":7}\n"
        ));
        let (t, tempo, beating) = (1.5, 124.0123, true);
        assert_eq!(said.beliefs, [Belief { t, tempo, pulse: 0.98, level: 0.9, phase: 0.95, one: 0.8, beating }]);
    }
}
