//! Meters on tablets: levels, parameters, tempo. Sent on change. Pure.

use super::settings::Settings;
use downbeat_audio::pattern::fits;
use downbeat_protocol::tree::{address, parameter};
use downbeat_protocol::{Row, Schema, Signal};

/// Minimum change, as a part of the signal's range: half a step of a fader of 100 pixels.
const STEP: f32 = 0.005;
/// A tempo is shown with one decimal place.
const TEMPO_STEP: f32 = 0.05;

/// One number on a tablet.
#[derive(Clone, Debug)]
pub struct Meter {
    /// Its address.
    pub address: String,
    place: usize,
    step: f32,
    told: Option<f32>,
}

impl Meter {
    /// Everything that a control shows: its meters, every parameter, and the tempo.
    pub fn all(settings: &Settings, schema: &Schema) -> Vec<Self> {
        let wanted = |signal: &Signal| {
            let named = signal.len == 1 && settings.meters.iter().any(|pattern| fits(pattern, &signal.name));
            named || parameter(signal).is_some() || matches!(signal.name.as_str(), "tempo.bpm" | "tempo.confidence")
        };
        let meter = |(place, signal): (usize, &Signal)| {
            let range = (signal.range[1] - signal.range[0]).abs();
            let step = if signal.name == "tempo.bpm" { TEMPO_STEP } else { STEP * range };
            wanted(signal).then(|| Self { address: address(signal), place, step, told: None })
        };
        schema.places().filter_map(meter).collect()
    }

    /// The value, if it has changed enough to send.
    pub fn take(&mut self, row: &Row) -> Option<f32> {
        let value = self.read(row)?;
        // Zero is always sent, so that no meter sticks just above it.
        let is_news = self.told.is_none_or(|told| (value - told).abs() >= self.step || (value == 0.0 && told != 0.0));
        is_news.then(|| *self.told.insert(value))
    }

    /// The value, sent or not.
    pub fn read(&self, row: &Row) -> Option<f32> {
        row.values.get(self.place).copied().filter(|value| value.is_finite())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::Unit;

    #[test]
    fn a_meter_is_told_when_it_moves_and_when_it_comes_to_rest() {
        let schema = Schema { signals: vec![Signal::scalar("main.level", Unit::Ratio, [0.0, 1.0])] };
        let settings: Settings = config::Config::builder().build().expect("empty").try_deserialize().expect("defaults");
        let mut meters = Meter::all(&settings, &schema);
        assert_eq!(meters[0].address, "/signal/main/level");
        let row = |value: f32| Row { values: [value].into(), ..Row::default() };
        let told = [0.5, 0.503, 0.506, f32::NAN, 0.003, 0.0, 0.0].map(|value| meters[0].take(&row(value)));
        assert_eq!(told, [Some(0.5), None, Some(0.506), None, Some(0.003), Some(0.0), None]);
    }
}
