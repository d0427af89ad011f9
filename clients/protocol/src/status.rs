//! How everything is doing: what the operator's page shows.

use crate::picture::Picture;
use serde::{Deserialize, Serialize};

/// A picture of the daemon's health.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Status {
    /// The show's name.
    pub show: String,
    /// The daemon's version.
    pub version: String,
    /// Seconds since the daemon started.
    pub uptime: f64,
    /// Whether the daemon leads the show or stands by, and since what, in words.
    pub standing: String,
    /// Where the audio comes from and how that goes, in words.
    pub source: String,
    /// Audio blocks dropped because the analysis fell behind.
    pub audio_dropped: u64,
    /// Interruptions that JACK reported.
    pub xruns: u64,
    /// The audio inputs.
    pub buses: Vec<Bus>,
    /// What leads the tempo now, in words: `audio`, `tap`, `hold`, `manual`.
    pub tempo_source: String,
    /// Whether the operator has set the tempo to a number, so that what is heard does not lead.
    pub tempo_by_hand: bool,
    /// Whether the beat can be trusted.
    pub locked: bool,
    /// Why, or why not, in words.
    pub locked_why: String,
    /// Why the timeline was last changed.
    pub tempo_why: String,
    /// The outputs.
    pub outputs: Vec<Output>,
    /// The controls.
    pub controls: Vec<Control>,
    /// Who is connected. Renderers are not told.
    pub clients: Vec<Client>,
    /// 99th percentile of the time that one hop takes to compute, in microseconds.
    pub hop_p99_us: f64,
}

/// One audio input.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Bus {
    /// Its name.
    pub name: String,
    /// `playing`, `breakdown`, `silence` or `no-signal`.
    pub state: String,
    /// The ports that feed it.
    pub sources: Vec<String>,
    /// Whether its left and right cancel, because one of them is reversed.
    pub cancels: bool,
}

/// One output.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Output {
    /// Its name in the configuration.
    pub name: String,
    /// Its kind: `osc`, `midi`, `quic`.
    pub kind: String,
    /// Where it sends.
    pub target: String,
    /// Messages a second, over the last second.
    pub rate: f64,
    /// Messages since the start.
    pub sent: u64,
    /// Messages that left after their due time.
    pub late: u64,
    /// Messages that could not be kept or sent.
    pub dropped: u64,
    /// The latest trouble, empty when all is well.
    pub error: String,
}

/// One control.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Control {
    /// Its name in the configuration.
    pub name: String,
    /// What kind of control it is: `osc`, `midi`.
    pub kind: String,
    /// Where it listens.
    pub listens: String,
    /// Commands taken.
    pub commands: u64,
    /// Packets that made no sense.
    pub rejected: u64,
    /// The latest trouble, empty when all is well.
    pub error: String,
}

/// One connected client, partly by its own report.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Client {
    /// Its name.
    pub name: String,
    /// What it does.
    pub role: String,
    /// Its address.
    pub address: String,
    /// How its picture differs from that of the other nodes, in words; empty while it does not.
    pub differs: String,
    /// Its own account.
    pub report: Report,
}

/// What a client says of itself, once a second.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Report {
    /// How far its clock may be off, in microseconds.
    pub clock_error_us: f64,
    /// Show time less its own time, in milliseconds.
    pub clock_offset_ms: f64,
    /// What the show's clock gains on its own, in millionths.
    pub clock_drift_ppm: f64,
    /// How it knows when packets of the clock came: `kernel`, `read` (from the clock port), `quic` (no clock port), `none`.
    pub clock_stamps: String,
    /// How often its clock was set instead of running faster or slower.
    pub clock_jumps: u64,
    /// Round trip to the daemon, in microseconds.
    pub round_trip_us: f64,
    /// Rows that never came.
    pub rows_lost: u64,
    /// Frames drawn.
    pub frames: u64,
    /// Frames that were due but not drawn.
    pub frames_dropped: u64,
    /// Frames drawn while no row of the last 100 ms before their moment was there: what was heard before was held, and
    /// then came to rest.
    pub frames_held: u64,
    /// Frames that were due while something that belongs to them was still to come: the picture before them was kept.
    pub frames_kept: u64,
    /// Frames drawn from less than all that the other nodes may know.
    pub frames_unsure: u64,
    /// Frames a second.
    pub fps: f64,
    /// How late after their moments the last ten seconds' frames were handed over to the display, in milliseconds: the
    /// median, and what 99 of 100 stay within.
    pub late_ms: [f64; 2],
    /// How long before its moment the rows of a frame were heard, in milliseconds.
    pub playout_delay_ms: f64,
    /// The playout delay with which one frame in a thousand would have to wait, in milliseconds; 0 until it is known.
    pub delay_wanted_ms: f64,
    /// What it showed at the last whole second of the show.
    pub picture: Option<Picture>,
}

impl Report {
    /// Whether it is what a client would say: numbers that are some, and short texts.
    pub fn is_sound(&self) -> bool {
        let numbers = [
            self.clock_error_us,
            self.clock_offset_ms,
            self.clock_drift_ppm,
            self.round_trip_us,
            self.fps,
            self.playout_delay_ms,
            self.delay_wanted_ms,
        ];
        let finite = numbers.iter().chain(&self.late_ms).all(|number| number.is_finite());
        let stamps = self.clock_stamps.len() <= 16 && !self.clock_stamps.chars().any(char::is_control);
        finite && stamps && self.picture.as_ref().is_none_or(Picture::is_sound)
    }
}
