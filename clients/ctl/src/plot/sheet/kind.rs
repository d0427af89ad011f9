//! How a signal is drawn, according to its schema.

use crate::analyse::Extent;
use crate::plot::colour::{Colour, heat, mix};
use downbeat_engine::MusicState;
use downbeat_protocol::{Signal, Unit};
use image::Rgb;

/// A way to draw.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// One number as a filled curve.
    Curve,
    /// A frequency as a filled curve, octaves evenly spaced.
    Octaves,
    /// A counter as a tick for each step.
    Ticks,
    /// Several numbers as a heat strip, the first at the bottom.
    Heat,
    /// Several numbers below and above zero as a band.
    Band,
    /// A state as labelled stretches.
    Names(fn(f32) -> String),
}

/// The start of an octave axis, in hertz: one that reaches up to the air needs no bass.
fn lowest(high: f32) -> f32 {
    if high > 2000.0 { 100.0 } else { 40.0 }
}

/// Below and above zero, in strips of signed numbers; zero is dark.
const NEGATIVE: Colour = Rgb([90, 160, 255]);
const POSITIVE: Colour = Rgb([255, 170, 60]);
/// Steps of heat: enough for the eye, and small in the file.
const HEATS: f32 = 32.0;

impl Kind {
    /// How to draw a signal.
    pub fn of(signal: &Signal) -> Self {
        match (signal.unit, signal.len) {
            (Unit::Count, _) => Self::Ticks,
            (Unit::State, 1) if signal.name == "music.state" => Self::Names(state),
            (Unit::State, 1) if signal.name.ends_with(".key") => Self::Names(key),
            (Unit::Hertz, 1) => Self::Octaves,
            (_, 1) => Self::Curve,
            _ if signal.name.ends_with(".waveform") => Self::Band,
            _ => Self::Heat,
        }
    }

    /// Height of the row in pixels.
    pub fn height(self, signal: &Signal) -> i32 {
        let len = i32::from(signal.len.max(1));
        match self {
            Self::Curve | Self::Octaves => 42,
            Self::Ticks => 22,
            Self::Names(_) => 26,
            Self::Band => 64,
            // The same number of pixels for each number, so that all look alike.
            Self::Heat => len * (96 / len).max(1),
        }
    }

    /// The position of a value in its signal's range, 0 to 1.
    pub fn share(self, signal: &Signal, value: f32) -> f32 {
        let [low, high] = signal.range;
        let share = match self {
            Self::Octaves => {
                let least = lowest(high);
                (value.max(least) / least).ln() / (high.max(2.0 * least) / least).ln()
            }
            _ => (value - low) / (high - low),
        };
        if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 }
    }

    /// The colour of a number in a strip. Small signed ones are spread, because most are small.
    pub fn colour(self, signal: &Signal, extent: Extent) -> Colour {
        let [low, high] = signal.range;
        let stepped = |share: f32| (share * HEATS).round() / HEATS;
        if low >= 0.0 {
            return heat(stepped(self.share(signal, extent.most)));
        }
        let share = (extent.mean / high.max(-low)).clamp(-1.0, 1.0);
        mix(heat(0.0), if share < 0.0 { NEGATIVE } else { POSITIVE }, stepped(share.abs().powf(0.4)))
    }

    /// The labels at the top and at the bottom of the row.
    pub fn ends(self, signal: &Signal) -> (String, String) {
        let [low, high] = signal.range;
        let unit = match signal.unit {
            Unit::Decibel => " dB",
            Unit::Lufs => " LUFS",
            Unit::Bpm => " BPM",
            Unit::Seconds => " s",
            Unit::Milliseconds => " ms",
            _ => "",
        };
        match self {
            Self::Octaves if high >= 1000.0 => (format!("{} kHz", high / 1000.0), format!("{}", lowest(high))),
            Self::Octaves => (format!("{high} Hz"), format!("{}", lowest(high))),
            Self::Curve | Self::Band => (format!("{high}{unit}"), format!("{low}")),
            Self::Heat => (format!("[{}]", signal.len.saturating_sub(1)), "[0]".into()),
            Self::Ticks => ("counts".into(), String::new()),
            Self::Names(_) => (String::new(), String::new()),
        }
    }

    /// The second line of the name: the legend of a strip's colours.
    pub fn note(self, signal: &Signal) -> String {
        let [low, high] = signal.range;
        let colours = if low < 0.0 { ", blue below 0" } else { "" };
        if matches!(self, Self::Heat) {
            format!("{} numbers, {low} to {high}{colours}", signal.len)
        } else {
            String::new()
        }
    }
}

fn state(number: f32) -> String {
    MusicState::ALL.get(number.round() as usize).copied().unwrap_or_default().name().into()
}

fn key(number: f32) -> String {
    const NOTES: [&str; 12] = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"];
    let number = number.round().max(0.0) as usize;
    format!("{} {}", NOTES[number % 12], if number < 12 { "major" } else { "minor" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_called_as_the_documentation_numbers_them() {
        assert_eq!([key(0.0), key(11.0), key(12.0), key(21.0)], ["C major", "B major", "C minor", "A minor"]);
    }

    #[test]
    fn an_octave_takes_the_same_height_wherever_it_lies() {
        let pitch = Signal::scalar("main.pitch", Unit::Hertz, [0.0, 1000.0]);
        let share = |hertz| Kind::of(&pitch).share(&pitch, hertz);
        assert!((share(200.0) - share(100.0) - (share(800.0) - share(400.0))).abs() < 1e-6);
        assert_eq!((share(0.0), share(1000.0), share(f32::NAN)), (0.0, 1.0, 0.0));
    }
}
