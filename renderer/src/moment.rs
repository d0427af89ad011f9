//! The inputs of scenes at one moment.

use crate::feed::Feed;
use downbeat_protocol::{Beats, Schema, ShowTime, Timeline};

/// Mel bands in a row.
pub const MEL: usize = 32;
/// Number of earlier spectra, one per eighth of a second.
pub const PAST: usize = 8;
/// The cycles of scenes must divide this many seconds or beats, after which those counts restart at 0: a 32-bit float
/// stays exact to less than a millisecond.
pub const WRAP: i64 = 1024;

/// The `music.state` from which there is music: 2 is a breakdown, 3 is playing; 1 is silence, 0 no signal.
const MUSIC: f32 = 2.0;
const PAST_RATE: i64 = 8;
const PEAK_STEPS: i64 = 40;
const PEAK_RATE: i64 = 60;

/// One moment of the show.
#[derive(Clone, Debug)]
pub struct Moment {
    /// When it is seen.
    pub time: ShowTime,
    /// The position of the beat.
    pub timeline: Timeline,
    /// The audio signals.
    pub audio: Audio,
    /// The row itself, for parameters; empty if nothing is known.
    pub row: Vec<f32>,
}

/// The audio signals, in `[0, 1]` unless stated otherwise.
#[derive(Clone, Copy, Debug, Default)]
pub struct Audio {
    /// Confidence in the beat.
    pub trust: f32,
    /// Overall loudness, levelled.
    pub level: f32,
    /// Brightness of the sound: 100 Hz is 0, 10 kHz is 1, by octaves.
    pub centroid: f32,
    /// Decaying pulses of onsets: full, low, mid, high.
    pub onset: [f32; 4],
    /// Onset counts, modulo 1024, in the same order.
    pub onset_count: [f32; 4],
    /// sub, bass, low, lowmid, mid, highmid, high, air.
    pub bands: [f32; 8],
    /// The spectrum.
    pub mel: [f32; MEL],
    /// The spectrum's peaks, held and then falling.
    pub peaks: [f32; MEL],
    /// The spectrum at the beginning of each of the last eighths of a second, newest first.
    pub past: [[f32; MEL]; PAST],
}

impl Moment {
    /// The moment `time`, heard `delay_ns` nanoseconds before it, with the signals scaled by `values`.
    ///
    /// With `history` it includes peaks and past spectra; a memory's ticks do without.
    pub fn read(feed: &dyn Feed, time: ShowTime, delay_ns: i64, values: f32, history: bool) -> Self {
        let mut row = Vec::new();
        let timeline = feed.read(time.offset(-delay_ns), &mut row).unwrap_or_default();
        let mut audio = Audio::of(feed.schema(), &row);
        if history {
            let mut then = Vec::new();
            let mut mel_at = |at: ShowTime| {
                feed.read(at.offset(-delay_ns), &mut then);
                numbers::<MEL>(feed.schema(), &then, bus(feed.schema()), "mel")
            };
            audio.peaks = peaks(audio.mel, time, &mut mel_at);
            audio.past = past(time, &mut mel_at);
        }
        audio.sink(values);
        Self { time, timeline, audio, row }
    }

    /// Seconds since the show began, modulo [`WRAP`].
    pub fn seconds(&self) -> f32 {
        (self.time.0.rem_euclid(WRAP * 1_000_000_000) as f64 * 1e-9) as f32
    }

    /// Beats, modulo [`WRAP`].
    pub fn beats(&self) -> f32 {
        let beats = self.timeline.beats_at(self.time);
        (beats.0.rem_euclid(WRAP * Beats::MICRO) as f64 / Beats::MICRO as f64) as f32
    }

    /// Progress of the current eighth of a second, `[0, 1)`.
    pub fn past_phase(&self) -> f32 {
        let eighth = 1_000_000_000 / PAST_RATE;
        self.time.0.rem_euclid(eighth) as f32 / eighth as f32
    }
}

impl Audio {
    fn of(schema: &Schema, row: &[f32]) -> Self {
        let bus = bus(schema);
        let one = |name: &str| numbers::<1>(schema, row, bus, name)[0];
        let bands = ["sub", "bass", "low", "lowmid", "mid", "highmid", "high", "air"];
        let onsets = ["full", "low", "mid", "high"];
        Self {
            trust: trust(schema, row),
            level: one("level"),
            centroid: ((one("centroid").max(1.0) / 100.0).log2() / 100f32.log2()).clamp(0.0, 1.0),
            onset: onsets.map(|name| one(&format!("onset.{name}"))),
            onset_count: onsets.map(|name| one(&format!("onset-count.{name}"))),
            bands: bands.map(|name| one(&format!("band.{name}"))),
            mel: numbers(schema, row, bus, "mel"),
            peaks: [0.0; MEL],
            past: [[0.0; MEL]; PAST],
        }
    }

    fn sink(&mut self, values: f32) {
        let groups: [&mut [f32]; 5] =
            [&mut self.onset, &mut self.bands, &mut self.mel, &mut self.peaks, self.past.as_flattened_mut()];
        groups
            .into_iter()
            .flatten()
            .chain([&mut self.level])
            .for_each(|value| *value = (*value * values).clamp(0.0, 1.0));
    }
}

/// The value of a signal of one number, by its full name.
pub fn scalar(schema: &Schema, row: &[f32], name: &str) -> Option<f32> {
    let (place, _) = schema.find(name)?;
    row.get(place).copied()
}

/// The bus to draw: `main`, or else the first with a spectrum.
fn bus(schema: &Schema) -> &str {
    let mut buses = schema.signals.iter().filter_map(|signal| signal.name.strip_suffix(".mel"));
    let first = buses.next().unwrap_or("main");
    if buses.any(|bus| bus == "main") { "main" } else { first }
}

/// The first numbers of a bus' signal; zeros if there are none.
fn numbers<const N: usize>(schema: &Schema, row: &[f32], bus: &str, name: &str) -> [f32; N] {
    let mut out = [0.0; N];
    let found = schema.places().find(|(_, signal)| {
        signal.name.strip_prefix(bus).and_then(|rest| rest.strip_prefix('.')).is_some_and(|rest| rest == name)
    });
    if let Some((place, signal)) = found {
        let len = N.min(usize::from(signal.len));
        if let Some(values) = row.get(place..place + len) {
            out[..len].copy_from_slice(values);
        }
    }
    out
}

/// The tracker's confidence; zero in silence or without a signal.
fn trust(schema: &Schema, row: &[f32]) -> f32 {
    let confidence = scalar(schema, row, "tempo.confidence").unwrap_or(0.0);
    let quiet = scalar(schema, row, "music.state").is_some_and(|state| state < MUSIC);
    let sure = ((confidence - 0.1) / 0.4).clamp(0.0, 1.0);
    if quiet { 0.0 } else { sure * sure * (3.0 - 2.0 * sure) }
}

/// Peaks as a function of the last rows, without memory: each earlier value is held for a while and then falls freely;
/// the highest of all is shown.
fn peaks(now: [f32; MEL], time: ShowTime, mel_at: &mut impl FnMut(ShowTime) -> [f32; MEL]) -> [f32; MEL] {
    let mut peaks = now;
    for step in 1..=PEAK_STEPS {
        let age = step as f32 / PEAK_RATE as f32;
        let fallen = 2.6 * (age - 0.12).max(0.0).powi(2);
        let then = mel_at(time.offset(-step * 1_000_000_000 / PEAK_RATE));
        peaks.iter_mut().zip(then).for_each(|(peak, then)| *peak = peak.max(then - fallen));
    }
    peaks
}

fn past(time: ShowTime, mel_at: &mut impl FnMut(ShowTime) -> [f32; MEL]) -> [[f32; MEL]; PAST] {
    let eighth = 1_000_000_000 / PAST_RATE;
    let newest = time.0.div_euclid(eighth);
    std::array::from_fn(|ago| mel_at(ShowTime((newest - ago as i64) * eighth)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rehearsal::Rehearsal;
    use downbeat_protocol::{Signal, Unit};

    #[test]
    fn a_peak_hangs_above_the_spectrum_and_comes_down() {
        let loud = ShowTime::from_secs_f64(10.0);
        let mut only_then = |at: ShowTime| if at <= loud { [0.8; MEL] } else { [0.0; MEL] };
        let after = |ms: i64, then: &mut dyn FnMut(ShowTime) -> [f32; MEL]| {
            peaks([0.0; MEL], loud.offset(ms * 1_000_000), &mut |at| then(at))[0]
        };
        assert!(after(100, &mut only_then) > 0.79);
        assert!((0.3..0.79).contains(&after(400, &mut only_then)));
        assert_eq!(after(700, &mut only_then), 0.0);
    }

    #[test]
    fn the_beat_is_trusted_in_music_and_not_in_silence() {
        let names = [("tempo.confidence", Unit::Ratio), ("music.state", Unit::State)];
        let signals = names.map(|(name, unit)| Signal::scalar(name, unit, [0.0, 3.0])).to_vec();
        let schema = Schema { signals };
        assert_eq!([0.0, 1.0, 2.0, 3.0].map(|state| trust(&schema, &[0.9, state])), [0.0, 0.0, 1.0, 1.0]);
        assert_eq!(trust(&schema, &[0.05, 3.0]), 0.0);
    }

    #[test]
    fn the_same_rows_make_the_same_moment() {
        let feed = Rehearsal::default();
        let at = ShowTime::from_secs_f64(33.3);
        let [one, two] = [0, 1].map(|_| Moment::read(&feed, at, 10_000_000, 1.0, true));
        assert_eq!(format!("{:?}", one.audio), format!("{:?}", two.audio));
    }

    #[test]
    fn without_rows_everything_is_calm_and_finite() {
        struct Nothing(Schema);
        impl Feed for Nothing {
            fn schema(&self) -> &Schema {
                &self.0
            }
            fn read(&self, _: ShowTime, row: &mut Vec<f32>) -> Option<Timeline> {
                row.clear();
                None
            }
        }
        let moment = Moment::read(&Nothing(Schema::default()), ShowTime::ZERO, 0, 1.0, true);
        assert_eq!((moment.audio.level, moment.audio.trust, moment.audio.mel), (0.0, 0.0, [0.0; MEL]));
    }
}
