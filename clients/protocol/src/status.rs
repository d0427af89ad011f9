//! The status, as the operator's page shows it.

use crate::picture::Picture;
use serde::{Deserialize, Serialize};

/// The status of the daemon.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Status {
    /// The show's name.
    pub show: String,
    /// The daemon's version.
    pub version: String,
    /// Seconds since the daemon started.
    pub uptime: f64,
    /// Whether the daemon leads the show or stands by, and why, as text.
    pub standing: String,
    /// What became of the configuration when it was last read, as text.
    pub config: String,
    /// How often it was read since the daemon started.
    pub config_reads: u64,
    /// The audio source and its condition, as text.
    pub source: String,
    /// Audio blocks dropped because the analysis fell behind.
    pub audio_dropped: u64,
    /// Xruns reported by JACK.
    pub xruns: u64,
    /// The audio inputs.
    pub buses: Vec<Bus>,
    /// What sets the tempo: `audio`, `tap`, `hold`, `manual`.
    pub tempo_source: String,
    /// Whether the operator has set the tempo to a number, which overrides the audio.
    pub tempo_by_hand: bool,
    /// Whether the beat can be trusted.
    pub locked: bool,
    /// Why, or why not, as text.
    pub locked_why: String,
    /// Why the timeline last changed.
    pub tempo_why: String,
    /// The outputs.
    pub outputs: Vec<Output>,
    /// The controls.
    pub controls: Vec<Control>,
    /// The connected clients. Not sent to renderers.
    pub clients: Vec<Client>,
    /// 99th percentile of the computing time of a hop, in microseconds.
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
    /// Whether left and right cancel, because the polarity of one is reversed.
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
    /// Messages in the last second.
    pub rate: f64,
    /// Messages since the start.
    pub sent: u64,
    /// Messages sent late.
    pub late: u64,
    /// Messages that could not be queued or sent.
    pub dropped: u64,
    /// The latest fault; empty if there is none.
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
    /// Commands accepted.
    pub commands: u64,
    /// Packets that could not be read.
    pub rejected: u64,
    /// The latest fault; empty if there is none.
    pub error: String,
}

/// A connected client, partly from its own report.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Client {
    /// Its name.
    pub name: String,
    /// Its role.
    pub role: String,
    /// Its address.
    pub address: String,
    /// How its picture differs from that of the other nodes; empty if it does not.
    pub differs: String,
    /// Its own report.
    pub report: Report,
}

/// A client's report, sent once a second.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Report {
    /// How far off its clock may be, in microseconds.
    pub clock_error_us: f64,
    /// Show time minus its own time, in milliseconds.
    pub clock_offset_ms: f64,
    /// How fast the show's clock gains on its own, in millionths.
    pub clock_drift_ppm: f64,
    /// Receive stamps of clock packets: `kernel`, `read` (from the clock port), `quic` (no clock port), `none`.
    pub clock_stamps: String,
    /// How often its clock was reset instead of running faster or slower.
    pub clock_jumps: u64,
    /// Round trip to the daemon, in microseconds.
    pub round_trip_us: f64,
    /// Rows that never came.
    pub rows_lost: u64,
    /// Frames drawn.
    pub frames: u64,
    /// Frames that were due but not drawn.
    pub frames_dropped: u64,
    /// Frames drawn without a row from the last 100 ms before their moment: signals held, then came to rest.
    pub frames_held: u64,
    /// Frames due while some of their input was still on its way: the previous picture stayed.
    pub frames_kept: u64,
    /// Frames drawn from incomplete input.
    pub frames_unsure: u64,
    /// Frames per second.
    pub fps: f64,
    /// How late after their moments the frames of the last ten seconds were handed over, in milliseconds: median and
    /// 99th percentile.
    pub late_ms: [f64; 2],
    /// The playout delay, in milliseconds.
    pub playout_delay_ms: f64,
    /// The playout delay at which one frame in a thousand would have to wait, in milliseconds; 0 until known.
    pub delay_wanted_ms: f64,
    /// Its picture at the last whole second of the show.
    pub picture: Option<Picture>,
}

impl Report {
    /// Whether it is plausible: finite numbers, and short texts.
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
