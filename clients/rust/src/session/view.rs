//! What a session knows, at one moment.

use crate::clock::{Follower, Line};
use downbeat_protocol::message::Daemon;
use downbeat_protocol::{HostTime, Schema, ShowState, ShowTime, Status, Timeline};
use std::sync::Arc;
use std::time::Duration;

/// All that a session knows. What was known stays when the connection is lost.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// Whether the daemon is there and has welcomed this client.
    pub connected: bool,
    /// Why not connected, in words for the operator; empty when all is well.
    pub why: String,
    /// The show's name.
    pub show: String,
    /// Tells a new show from a restarted daemon.
    pub epoch: u64,
    /// The layout of the rows.
    pub schema: Arc<Schema>,
    /// What is set.
    pub state: Arc<ShowState>,
    /// Where the beat is: the newest that is known.
    pub timeline: Timeline,
    /// How the daemon is doing, by its own account; none until it has said so.
    pub status: Option<Arc<Status>>,
    /// When the daemon was last heard, on this machine's clock.
    pub last_heard: HostTime,
    /// The show's clock.
    pub clock: ClockView,
    /// Rows that never came.
    pub rows_lost: u64,
    /// How old the newest row was when it came, in milliseconds, at its worst: a network that stores rows and hands them
    /// over later shows here. Counted while the clock is synced.
    pub oldest_row_ms: f64,
    /// How often this client has begun to follow: more than 1 means that there was nobody to follow in between.
    pub welcomes: u64,
    /// How often the show's leader has changed, as far as this client has heard.
    pub term: u32,
    /// The ways to the daemons, as the settings list them.
    pub paths: Vec<PathView>,
}

/// How one way to a daemon is doing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PathView {
    /// As the settings name it.
    pub server: String,
    /// Whether a daemon has welcomed this client there.
    pub connected: bool,
    /// What that daemon says of itself.
    pub daemon: Option<Daemon>,
    /// Whether what this client knows comes this way first of all.
    pub leads: bool,
    /// Why not connected; empty when all is well.
    pub why: String,
    /// The code to type at the daemon, when this client has to be paired with it.
    pub pairing: Option<String>,
    /// When the last row came this way.
    pub last_row: Option<HostTime>,
}

impl View {
    /// Show time at a moment of this machine.
    pub fn show_time(&self, host: HostTime) -> ShowTime {
        self.clock.show(host)
    }
}

/// The show's clock as it ran after the newest exchange. A copy: it goes on telling the time without the session.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ClockView {
    /// Whether enough was exchanged to trust it. From then on it does not step within one show.
    pub synced: bool,
    /// Show time minus host time, in nanoseconds, at the last exchange.
    pub offset: i64,
    /// What the show's clock gains on this machine's, in millionths.
    pub drift_ppm: f64,
    /// How far it may be off, in microseconds; infinite before the first exchange.
    pub error_us: f64,
    /// The shortest round trip of the last minute, in microseconds.
    pub round_trip_us: f64,
    /// How often it was set after it was synced, because it was off by more than 200 ms or this machine slept.
    pub jumps: u64,
    /// How the times of the last exchange are known.
    pub stamps: Stamps,
    set: bool,
    line: Line,
}

/// How it is known when packets of the clock came, the worst first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stamps {
    /// None has come.
    #[default]
    None,
    /// Over QUIC: when a thread got round to them. The clock port does not answer, or there is none.
    Quic,
    /// From the clock port, when they were read: this system has no better stamps.
    Reading,
    /// From the clock port, by the kernel.
    Kernel,
}

impl Stamps {
    /// In a word: `none`, `quic`, `read` or `kernel`.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Quic => "quic",
            Self::Reading => "read",
            Self::Kernel => "kernel",
        }
    }
}

impl ClockView {
    /// What a follower shows at a moment.
    pub(super) fn of(follower: &Follower, stamps: Stamps, host: HostTime) -> Self {
        let micros = |time: Duration| if time == Duration::MAX { f64::INFINITY } else { time.as_secs_f64() * 1e6 };
        Self {
            synced: follower.synced(),
            offset: follower.offset(host),
            drift_ppm: follower.drift_ppm(),
            error_us: micros(follower.error(host)),
            round_trip_us: micros(follower.round_trip()),
            jumps: follower.jumps(),
            stamps,
            set: follower.is_set(),
            line: follower.line(),
        }
    }

    /// Show time at a moment of this machine.
    pub fn show(&self, host: HostTime) -> ShowTime {
        self.line.show(host)
    }

    /// The clock itself.
    pub fn line(&self) -> Line {
        self.line
    }

    /// The moment of this machine at a show time.
    pub fn host(&self, show: ShowTime) -> HostTime {
        self.line.host(show)
    }

    /// Whether it was ever set.
    pub fn is_set(&self) -> bool {
        self.set
    }
}
