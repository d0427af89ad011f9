//! A simulated band, without a daemon: rows computed from the time alone, for tests, stills and new scenes.

use crate::feed::Feed;
use crate::moment::MEL;
use downbeat_protocol::{Beats, Schema, ShowTime, Signal, Timeline, Unit};

/// 16 seconds each of intro, build-up, drop and breakdown at 125 BPM, repeated.
#[derive(Clone, Debug)]
pub struct Rehearsal {
    schema: Schema,
    timeline: Timeline,
}

impl Rehearsal {
    /// A quiet moment: in the breakdown, between two beats.
    pub const QUIET: ShowTime = ShowTime(55_400_000_000);
    /// A loud moment: in the drop, just after a downbeat.
    pub const DROP: ShowTime = ShowTime(40_370_000_000);
}

impl Default for Rehearsal {
    fn default() -> Self {
        let ratio = |name: String| Signal::scalar(name, Unit::Ratio, [0.0, 1.0]);
        let bands = ["sub", "bass", "low", "lowmid", "mid", "highmid", "high", "air"];
        let onsets = ["full", "low", "mid", "high"];
        let mut signals: Vec<Signal> = bands.iter().map(|name| ratio(format!("main.band.{name}"))).collect();
        signals.push(Signal { len: MEL as u16, ..ratio("main.mel".into()) });
        signals.push(ratio("main.level".into()));
        signals.push(Signal::scalar("main.centroid", Unit::Hertz, [0.0, 20_000.0]));
        signals.extend(onsets.iter().map(|name| ratio(format!("main.onset.{name}"))));
        let count = |name| Signal::scalar(format!("main.onset-count.{name}"), Unit::Count, [0.0, 1024.0]);
        signals.extend(onsets.iter().map(count));
        signals.push(ratio("tempo.confidence".into()));
        signals.push(Signal::scalar("music.state", Unit::State, [0.0, 3.0]));
        Self { schema: Schema { signals }, timeline: Timeline { tempo: 125.0, ..Timeline::default() } }
    }
}

impl Feed for Rehearsal {
    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn read(&self, at: ShowTime, row: &mut Vec<f32>) -> Option<Timeline> {
        let seconds = at.as_secs_f64();
        let part = seconds.rem_euclid(64.0) / 16.0;
        let beats = self.timeline.beats_at(at);
        let band = Band::at(part, beats);
        row.clear();
        let spectrum: [f32; MEL] = std::array::from_fn(|index| band.spectrum(index, seconds));
        let mean = |from: usize, to: usize| spectrum[from..to].iter().sum::<f32>() / (to - from) as f32;
        row.extend((0..8).map(|index| (mean(index * 4, index * 4 + 4) * 1.15).min(1.0)));
        row.extend(spectrum);
        row.push((0.15 + 0.8 * band.loudness) * (0.7 + 0.3 * band.kick));
        row.push(600.0 + 2400.0 * band.hat);
        row.extend([band.kick.max(band.snare), band.kick, band.snare, band.hat]);
        let counter = |rate: i64| (beats.0 * rate).div_euclid(Beats::MICRO).rem_euclid(1024) as f32;
        row.extend([counter(4), counter(1), counter(1), counter(4)]);
        let state = if part < 3.0 { 3.0 } else { 2.0 };
        row.extend([if band.loudness > 0.1 { 0.9 } else { 0.3 }, state]);
        Some(self.timeline)
    }
}

/// The level of each instrument.
struct Band {
    loudness: f32,
    kick: f32,
    snare: f32,
    hat: f32,
    chord: f32,
}

impl Band {
    fn at(part: f64, beats: Beats) -> Self {
        let fall = |phase: f64, sharpness: f64| (-sharpness * phase).exp() as f32;
        let beat = beats.phase(Beats::ONE);
        let [kick, snare, hat, loudness] = match part as i32 {
            0 => [0.5, 0.0, 0.35, 0.45],
            1 => [0.7, 0.5, 0.6, 0.45 + 0.35 * part.fract() as f32],
            2 => [1.0, 0.9, 0.9, 1.0],
            _ => [0.0, 0.0, 0.15, 0.28],
        };
        let backbeat = (beats + Beats::ONE).phase(Beats::whole(2));
        Self {
            loudness,
            kick: kick * fall(beat, 5.0),
            snare: snare * fall(backbeat * 2.0, 6.0),
            hat: hat
                * fall((beats + Beats(500_000)).phase(Beats::ONE), 7.0)
                    .max(0.4 * fall(beats.phase(Beats(250_000)), 4.0)),
            chord: 0.35 + 0.4 * loudness * (0.6 + 0.4 * beats.phase(Beats::whole(4)) as f32),
        }
    }

    fn spectrum(&self, index: usize, seconds: f64) -> f32 {
        let x = index as f32;
        let bump = |centre: f32, width: f32| (-((x - centre) / width).powi(2)).exp();
        let shimmer = 0.5 + 0.5 * ((seconds * (1.1 + 0.37 * f64::from(x % 7.0)) + f64::from(x) * 2.4).sin() as f32);
        let tones = [5.0, 8.0, 11.0, 15.0, 19.0].iter().map(|note| bump(*note, 0.9)).sum::<f32>();
        let body = 0.18 * self.loudness * (1.0 - x / 48.0) * (0.6 + 0.8 * shimmer);
        let sum = body
            + 0.9 * self.kick * bump(0.5, 2.6)
            + 0.55 * self.loudness * bump(2.0, 2.0) * (0.55 + 0.45 * shimmer)
            + self.chord * tones * (0.35 + 0.65 * shimmer)
            + 0.75 * self.snare * bump(17.0, 6.0) * (0.7 + 0.3 * shimmer)
            + 0.8 * self.hat * bump(27.0, 4.5) * (0.6 + 0.4 * shimmer);
        sum.clamp(0.0, 1.0)
    }
}
