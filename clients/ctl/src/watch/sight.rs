//! The state of the show at one moment: everything drawn by the page and the plain line.

use downbeat_client::View;
use downbeat_protocol::{Beats, HostTime, ShowTime, Timeline};

/// One moment of a show, as this client sees it.
#[derive(Clone, Debug)]
pub struct Sight {
    /// The daemon's address as given.
    pub server: String,
    /// The session's view.
    pub view: View,
    /// The signals at `show`, laid out by the view's schema; empty if there are none.
    pub values: Vec<f32>,
    /// Host time.
    pub now: HostTime,
    /// Show time at `now`.
    pub show: ShowTime,
    /// When the daemon was last heard; the program's start before that.
    pub heard: HostTime,
}

impl Sight {
    /// The numbers of a signal; empty if unknown or not received yet.
    pub fn signal(&self, name: &str) -> &[f32] {
        match self.view.schema.find(name) {
            Some((place, signal)) => self.values.get(place..place + usize::from(signal.len)).unwrap_or(&[]),
            None => &[],
        }
    }

    /// The number of a signal.
    pub fn number(&self, name: &str) -> Option<f32> {
        self.signal(name).first().copied()
    }

    /// The timeline of the beat.
    pub fn timeline(&self) -> &Timeline {
        &self.view.timeline
    }

    /// The musical position.
    pub fn beats(&self) -> Beats {
        self.timeline().beats_at(self.show)
    }

    /// Whether to show a beat: there is music, or the operator holds the tempo.
    pub fn beating(&self) -> bool {
        self.view.connected && (self.view.state.hold || self.music().is_some_and(MusicState::is_music))
    }

    /// The state of the music; none until the daemon has sent it.
    pub fn music(&self) -> Option<MusicState> {
        self.number("music.state").and_then(|state| MusicState::ALL.get(state.round() as usize).copied())
    }

    /// Whether the daemon has sent anything since this program started.
    pub fn ever_connected(&self) -> bool {
        !self.view.show.is_empty() || self.view.connected
    }

    /// Seconds since the daemon was last heard.
    pub fn silent_for(&self) -> f64 {
        self.now.since(self.heard).max(0) as f64 * 1e-9
    }
}

pub use downbeat_engine::MusicState;

/// A duration in a stable format: `42 s`, `3 min`, `2 h 05`.
pub fn span(seconds: f64) -> String {
    let whole = seconds.max(0.0) as u64;
    match whole {
        0..60 => format!("{whole} s"),
        60..3600 => format!("{} min", whole / 60),
        _ => format!("{} h {:02}", whole / 3600, whole / 60 % 60),
    }
}

/// A duration as a clock: `1:02:03` or `2:03`.
pub fn clock(seconds: f64) -> String {
    let whole = seconds.max(0.0) as u64;
    match whole / 3600 {
        0 => format!("{}:{:02}", whole / 60, whole % 60),
        hours => format!("{hours}:{:02}:{:02}", whole / 60 % 60, whole % 60),
    }
}

/// A time in microseconds: `84 µs`, `2.3 ms`, `1.2 s`.
pub fn micros(microseconds: f64) -> String {
    match microseconds {
        us if us < 1_000.0 => format!("{us:.0} µs"),
        us if us < 1e6 => format!("{:.1} ms", us / 1e3),
        us if us < 1e10 => format!("{:.1} s", us / 1e6),
        _ => "?".into(),
    }
}

/// A count in at most five cells: `123`, `12.3k`, `4.56M`.
pub fn count(number: u64) -> String {
    match number {
        0..10_000 => number.to_string(),
        10_000..1_000_000 => format!("{:.1}k", number as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1}M", number as f64 / 1e6),
        _ => format!("{:.1}G", number as f64 / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_counts_fit_their_columns() {
        assert_eq!([span(0.4), span(61.0), span(7500.0)], ["0 s", "1 min", "2 h 05"]);
        assert_eq!([clock(63.0), clock(3723.0)], ["1:03", "1:02:03"]);
        assert_eq!([count(9999), count(12_345), count(4_560_000)], ["9999", "12.3k", "4.6M"]);
    }
}
