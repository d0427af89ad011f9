//! A snapshot of a session.

use crate::clock::{Follower, Line};
use downbeat_protocol::message::Daemon;
use downbeat_protocol::{HostTime, Schema, ShowState, ShowTime, Status, Timeline};
use std::sync::Arc;
use std::time::Duration;

/// A snapshot of a session. Values stay when the connection is lost.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// Whether the daemon is connected and has welcomed this client.
    pub connected: bool,
    /// Why not connected, for the operator; empty if connected.
    pub why: String,
    /// The show's name.
    pub show: String,
    /// Distinguishes a new show from a restarted daemon.
    pub epoch: u64,
    /// The layout of the rows.
    pub schema: Arc<Schema>,
    /// The state.
    pub state: Arc<ShowState>,
    /// The newest timeline.
    pub timeline: Timeline,
    /// The daemon's status; none until it has sent one.
    pub status: Option<Arc<Status>>,
    /// When the daemon was last heard, by this machine's clock.
    pub last_heard: HostTime,
    /// The show's clock.
    pub clock: ClockView,
    /// Rows that never came.
    pub rows_lost: u64,
    /// The worst age of a newest row on arrival, in milliseconds; reveals a network that buffers rows. Measured while
    /// the clock is synced.
    pub oldest_row_ms: f64,
    /// How often this client has started to follow: more than 1 means that there was no daemon in between.
    pub welcomes: u64,
    /// How often the show's leader has changed, as far as this client knows.
    pub term: u32,
    /// The paths to the daemons, in the order of the settings.
    pub paths: Vec<PathView>,
}

/// The condition of one path to a daemon.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PathView {
    /// Its name in the settings.
    pub server: String,
    /// Whether a daemon has welcomed this client there.
    pub connected: bool,
    /// That daemon's own standing.
    pub daemon: Option<Daemon>,
    /// Whether this path is the one followed.
    pub leads: bool,
    /// Why not connected; empty if connected.
    pub why: String,
    /// The code to type at the daemon, if this client must be paired with it.
    pub pairing: Option<String>,
    /// When the last row arrived on this path.
    pub last_row: Option<HostTime>,
}

impl View {
    /// Show time at a moment of this machine.
    pub fn show_time(&self, host: HostTime) -> ShowTime {
        self.clock.show(host)
    }
}

/// The show's clock as of the newest exchange. A copy, which keeps time without the session.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ClockView {
    /// Whether there were enough exchanges to trust it. From then on it does not step within one show.
    pub synced: bool,
    /// Show time minus host time, in nanoseconds, at the last exchange.
    pub offset: i64,
    /// How fast the show's clock gains on this machine's, in millionths.
    pub drift_ppm: f64,
    /// How far off it may be, in microseconds; infinite before the first exchange.
    pub error_us: f64,
    /// The shortest round trip of the last minute, in microseconds.
    pub round_trip_us: f64,
    /// How often it was reset after syncing, because it was off by more than 200 ms or this machine slept.
    pub jumps: u64,
    /// The source of the last exchange's stamps.
    pub stamps: Stamps,
    set: bool,
    line: Line,
}

/// The source of receive stamps of clock packets, worst first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stamps {
    /// No exchange yet.
    #[default]
    None,
    /// Over QUIC, when a thread got round to it. The clock port does not answer, or there is none.
    Quic,
    /// From the clock port, when they were read: this system has no better stamps.
    Reading,
    /// From the clock port, by the kernel.
    Kernel,
}

impl Stamps {
    /// Its name: `none`, `quic`, `read` or `kernel`.
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
    /// A follower's display at a moment.
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

    /// Whether it has been set.
    pub fn is_set(&self) -> bool {
        self.set
    }
}
