//! `[output.NAME]` of kind `midi`.

use super::packet::{Channel, Seven};
use crate::dispatch::Latency;
use crate::edges::{OpenError, cadence};
use serde::Deserialize;

/// Default length of a note, in milliseconds.
pub(super) const DEFAULT_LENGTH_MS: u32 = 50;

/// The contents of the table.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Settings {
    /// `jack` for the daemon's own JACK port, or another port by its name, a part of it, or a pattern with `*`.
    pub port: String,
    /// Send the clock.
    #[serde(default = "yes")]
    pub clock: bool,
    /// Send start, stop, continue and the song position.
    #[serde(default = "yes")]
    pub transport: bool,
    /// Latency of the receiver.
    #[serde(default)]
    pub latency_ms: Latency,
    /// Maximum rate of controllers.
    #[serde(default = "default_rate")]
    pub rate_hz: f64,
    /// Notes.
    #[serde(default)]
    pub notes: Vec<Note>,
    /// Controllers.
    #[serde(default)]
    pub cc: Vec<ControlChange>,
}

/// A note played on an event.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Note {
    /// When: `beat`, `bar`, `phrase` or `onset.BUS.BAND`.
    pub on: String,
    /// 1 to 16.
    pub channel: Channel,
    /// 0 to 127; 60 is the middle C.
    pub note: Seven,
    /// Its velocity.
    #[serde(default)]
    pub velocity: Velocity,
    /// Its length, in milliseconds.
    #[serde(default = "default_length")]
    pub length_ms: u32,
}

/// A velocity.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Velocity {
    /// Fixed: 1 to 127.
    Number(Seven),
    /// From a signal: 0..1 maps to 1..127.
    Name(String),
}

impl Default for Velocity {
    fn default() -> Self {
        Self::Number(default_velocity())
    }
}

/// A controller that follows a signal.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ControlChange {
    /// A signal or a parameter (`param.NAME`).
    pub value: String,
    /// 1 to 16.
    pub channel: Channel,
    /// 0 to 127; 0 to 31 with `14-bit`.
    pub controller: Seven,
    /// The range of the value.
    #[serde(default = "default_from")]
    pub from: [f64; 2],
    /// The output range; by default all that the controller can take.
    pub to: Option<[f64; 2]>,
    /// Two messages with 16384 steps: the controller and the one 32 above it.
    #[serde(default, rename = "14-bit")]
    pub fourteen_bit: bool,
}

fn yes() -> bool {
    true
}

fn default_rate() -> f64 {
    50.0
}

fn default_length() -> u32 {
    DEFAULT_LENGTH_MS
}

/// The default velocity.
pub(super) fn default_velocity() -> Seven {
    Seven::nearest(100.0)
}

fn default_from() -> [f64; 2] {
    [0.0, 1.0]
}

impl Settings {
    /// Refuses impossible settings.
    pub fn check(&self) -> Result<(), OpenError> {
        let refuse = |text| Err(OpenError::Value(text));
        if self.port.trim().is_empty() {
            return refuse("port is empty; use `jack` or the name of a MIDI port".into());
        }
        if let Some(why) = cadence::refusal(self.rate_hz, 1000.0) {
            return refuse(format!("rate-hz: {why}"));
        }
        match self.cc.iter().find(|cc| cc.fourteen_bit && cc.controller.lower_half().is_none()) {
            Some(cc) => refuse(format!("14-bit needs a controller from 0 to 31, not {:?}", cc.controller)),
            None => Ok(()),
        }
    }
}
