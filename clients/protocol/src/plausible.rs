//! Which numbers and texts from files and other programs can be meant.
//!
//! Times and counts have 64 bits, and a show uses the middle of them. A number near the end would stop a clock, a beat
//! or a count in the next addition. So whatever is read is checked once, where it is read: a value that cannot be meant
//! is dropped and named, and the rest is kept. Within these limits no sum or product of the show overflows, and a state
//! fits into a [message](crate::message::MAX_LEN): one that did not would shut out every node.

use crate::state::{Change, Run, TempoRange};
use crate::timeline::{TEMPO_MAX, TEMPO_MIN};
use crate::{Beats, HostTime, ShowState, ShowTime, Value};

/// Maximum distance of a time from the origin of its clock, in nanoseconds: twenty years.
pub const TIME_NS: i64 = 20 * 366 * 86_400 * 1_000_000_000;
/// Maximum of a count: the largest that a double can hold exactly, as other programs read them.
pub const COUNT: u64 = 1 << 53;
/// Maximum of a term: a takeover every second for thirty years.
pub const TERM: u32 = 1 << 30;
/// Maximum bytes of a text that a state keeps, such as the name of a scene.
pub const TEXT: usize = 256;
/// Maximum of a beat count: twice twenty years of the fastest beat.
const BEATS: i64 = 50_000_000_000;
/// Quarters in a beat, of which rules count.
const QUARTERS: i64 = 4;

impl ShowTime {
    /// Whether it can be meant.
    pub fn is_plausible(self) -> bool {
        self.0.unsigned_abs() <= TIME_NS.unsigned_abs()
    }
}

impl HostTime {
    /// Whether it can be meant.
    pub fn is_plausible(self) -> bool {
        self.0.unsigned_abs() <= TIME_NS.unsigned_abs()
    }
}

impl Beats {
    /// Whether it can be meant.
    pub fn is_plausible(self) -> bool {
        self.0.unsigned_abs() <= Self::whole(BEATS).0.unsigned_abs()
    }
}

impl TempoRange {
    /// Whether it can be meant.
    pub fn is_sound(&self) -> bool {
        let tempos = TEMPO_MIN..=TEMPO_MAX;
        tempos.contains(&self.low) && tempos.contains(&self.high) && self.low < self.high
    }
}

impl Run {
    /// Whether it can be meant.
    pub fn is_plausible(&self) -> bool {
        let quarter = self.quarter.is_none_or(|quarter| quarter.unsigned_abs() <= (BEATS * QUARTERS).unsigned_abs());
        self.count <= COUNT && self.seen <= COUNT && quarter
    }
}

impl Change {
    /// Whether its numbers and texts can be meant. A state ignores a change whose numbers or texts cannot.
    pub fn is_plausible(&self) -> bool {
        match self {
            Self::Frozen(Some(at)) => at.is_plausible(),
            Self::TempoRange(range) => range.is_sound(),
            Self::Opacity { opacity, .. } => opacity.is_finite(),
            Self::InHand { value: Some(value), .. } => value.is_finite(),
            Self::Scene { scene, .. } => is_text(scene),
            Self::Set { address, value } => is_setting(address, value),
            Self::Fired { count, .. } => *count <= COUNT,
            Self::Ran { run, .. } => run.is_plausible(),
            Self::Fade { fade, .. } => {
                fade.from.is_finite() && fade.to.is_finite() && fade.start.is_plausible() && fade.end.is_plausible()
            }
            _ => true,
        }
    }
}

impl ShowState {
    /// Drops what cannot be meant, and returns the names of that.
    pub fn mend(&mut self) -> Vec<String> {
        let mut dropped = Vec::new();
        if self.frozen.take_if(|at| !at.is_plausible()).is_some() {
            dropped.push("frozen".into());
        }
        if !self.tempo_range.is_sound() {
            self.tempo_range = TempoRange::default();
            dropped.push("tempo_range".into());
        }
        for layer in self.layers.iter_mut().filter(|layer| !(0.0..=1.0).contains(&layer.opacity)) {
            layer.opacity = if layer.opacity.is_finite() { layer.opacity.clamp(0.0, 1.0) } else { 1.0 };
            dropped.push(format!("opacity of the layer {}", layer.name));
        }
        for layer in self.layers.iter_mut().filter(|layer| !is_text(&layer.scene)) {
            layer.scene.clear();
            dropped.push(format!("scene of the layer {}", layer.name));
        }
        let mut keep = |kind: &str, name: &str, is_plausible: bool| {
            if !is_plausible {
                dropped.push(format!("{kind}.{name}"));
            }
            is_plausible
        };
        self.in_hand.retain(|name, value| keep("in_hand", name, value.is_finite()));
        self.settings.retain(|name, value| keep("settings", name, is_setting(name, value)));
        self.fired.retain(|name, count| keep("fired", name, *count <= COUNT));
        self.runs.retain(|name, run| keep("runs", name, run.is_plausible()));
        self.fades.retain(|address, fade| {
            let change = Change::Fade { address: address.clone(), fade: fade.clone() };
            keep("fades", address, change.is_plausible())
        });
        dropped
    }
}

/// Whether a text is short enough to be kept, and names something: a person reads it, and no control character.
pub fn is_text(text: &str) -> bool {
    text.len() <= TEXT && !text.contains(char::is_control)
}

fn is_setting(address: &str, value: &Value) -> bool {
    is_text(address)
        && match value {
            Value::Number(number) => number.is_finite(),
            Value::Text(text) => is_text(text),
            Value::Bool(_) => true,
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timeline;
    use crate::fade::Fade;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_timeline_that_can_be_meant_overflows_nowhere(
            time in -TIME_NS..=TIME_NS, origin in -TIME_NS..=TIME_NS, tempo in TEMPO_MIN..=TEMPO_MAX,
            [beat, bar] in prop::array::uniform2(-BEATS * Beats::MICRO..=BEATS * Beats::MICRO),
        ) {
            let line = Timeline {
                tempo, time_origin: ShowTime(origin), beat_origin: Beats(beat), bar_origin: Beats(bar), ..Timeline::default()
            };
            prop_assert!(line.is_sound());
            let beats = line.beats_at(ShowTime(time));
            let _ = (line.bar_of(beats.floor()), line.beat_in_bar(beats.round()), line.time_of(beats));
            let _ = (line.next_multiple(ShowTime(time), line.phrase()), line.bar_phase(ShowTime(time)));
        }
    }

    #[test]
    fn a_timeline_at_the_end_of_its_numbers_is_none() {
        let end = [i64::MAX, i64::MIN, i64::MAX - 7, 1 << 62];
        for number in end {
            let with = |line: Timeline| line.is_sound();
            assert!(!with(Timeline { time_origin: ShowTime(number), ..Timeline::default() }));
            assert!(!with(Timeline { beat_origin: Beats(number), ..Timeline::default() }));
            assert!(!with(Timeline { bar_origin: Beats(number), ..Timeline::default() }));
        }
    }

    #[test]
    fn what_cannot_be_meant_is_dropped_by_name_and_the_rest_is_kept() {
        let mut state = ShowState { blackout: true, frozen: Some(ShowTime(i64::MAX)), ..ShowState::default() };
        state.in_hand = [("glow".into(), 0.5), ("hue".into(), f32::INFINITY)].into();
        state.fired = [("dim".into(), 3), ("flash".into(), u64::MAX)].into();
        let run = |count, quarter| Run { count, seen: 0, quarter };
        state.runs =
            [("a".into(), run(7, Some(4))), ("b".into(), run(u64::MAX, None)), ("c".into(), run(1, Some(i64::MAX)))]
                .into();
        let fade = |end| Fade { from: 0.0, to: 1.0, start: ShowTime(0), end: ShowTime(end), cue: "dim".into() };
        state.fades = [("/param/glow".into(), fade(9)), ("/param/hue".into(), fade(i64::MAX))].into();
        state.tempo_range = TempoRange { low: 1e300, high: 1e301, locked: true };
        let layer = |name: &str, scene: String| crate::Layer { name: name.into(), scene, ..crate::Layer::default() };
        state.layers = vec![layer("back", "\u{1}".repeat(60_000)), layer("front", "tunnel".into())];
        state.settings =
            [("/control/learn".into(), Value::Text("x".repeat(257))), ("/show/lock".into(), true.into())].into();
        let dropped = state.mend();
        let named = [
            "frozen",
            "tempo_range",
            "scene of the layer back",
            "in_hand.hue",
            "settings./control/learn",
            "fired.flash",
            "runs.b",
            "runs.c",
            "fades./param/hue",
        ];
        assert_eq!(dropped, named);
        assert_eq!(state.layers.iter().map(|layer| layer.scene.as_str()).collect::<Vec<_>>(), ["", "tunnel"]);
        assert!(
            state.blackout
                && state.settings.len() == 1
                && state.in_hand.len() == 1
                && state.fired.len() == 1
                && state.runs.len() == 1
        );
        assert!(state.mend().is_empty());
    }

    #[test]
    fn a_change_that_cannot_be_meant_changes_nothing() {
        let layer = crate::Layer { name: "back".into(), scene: "tunnel".into(), ..crate::Layer::default() };
        let mut state = ShowState { layers: vec![layer], ..ShowState::default() };
        let before = state.clone();
        for change in [
            Change::Scene { layer: "back".into(), scene: "x".repeat(TEXT + 1) },
            Change::Scene { layer: "back".into(), scene: "a\nb".into() },
            Change::Set { address: "/control/learn".into(), value: "\u{1b}[2J".into() },
            Change::Set { address: format!("/control/{}/learnt/x", "y".repeat(TEXT)), value: true.into() },
            Change::Frozen(Some(ShowTime(i64::MIN))),
            Change::Fired { cue: "x".into(), count: u64::MAX },
            Change::Ran { rule: "x".into(), run: Run { seen: u64::MAX, ..Run::default() } },
            Change::InHand { name: "x".into(), value: Some(f32::NAN) },
            Change::TempoRange(TempoRange { low: -1.0, high: 1e9, locked: true }),
        ] {
            state.apply(&change);
            assert_eq!(state, before, "{change:?}");
        }
    }
}
