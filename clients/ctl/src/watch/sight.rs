//! What is known of the show at one moment: all that the page and the plain line are drawn from.

use downbeat_client::View;
use downbeat_protocol::{Beats, HostTime, ShowTime, Timeline};

/// One moment of a show, as this client sees it.
#[derive(Clone, Debug)]
pub struct Sight {
    /// The daemon's address as given.
    pub server: String,
    /// What the session knows.
    pub view: View,
    /// The signals at `show`, laid out by the view's schema; empty while there are none.
    pub values: Vec<f32>,
    /// This machine's time.
    pub now: HostTime,
    /// The show's time at `now`.
    pub show: ShowTime,
    /// When the daemon was last heard; the start of the program if it never was.
    pub heard: HostTime,
}

impl Sight {
    /// The numbers of a signal; empty when there is no such signal or nothing was received yet.
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

    /// The line that tells the beat.
    pub fn timeline(&self) -> &Timeline {
        &self.view.timeline
    }

    /// Where the music is.
    pub fn beats(&self) -> Beats {
        self.timeline().beats_at(self.show)
    }

    /// Whether there is a beat to be shown: music is heard, or the operator holds the tempo.
    pub fn beating(&self) -> bool {
        self.view.connected && (self.view.state.hold || self.music().is_some_and(MusicState::is_music))
    }

    /// What the music does; none until the daemon has said so.
    pub fn music(&self) -> Option<MusicState> {
        self.number("music.state").and_then(|state| MusicState::ALL.get(state.round() as usize).copied())
    }

    /// Whether the daemon has told anything since this program began.
    pub fn ever_connected(&self) -> bool {
        !self.view.show.is_empty() || self.view.connected
    }

    /// Seconds since the daemon was last heard.
    pub fn silent_for(&self) -> f64 {
        self.now.since(self.heard).max(0) as f64 * 1e-9
    }
}

pub use downbeat_engine::MusicState;

/// A span of time in words that keep still: `42 s`, `3 min`, `2 h 05`.
pub fn span(seconds: f64) -> String {
    let whole = seconds.max(0.0) as u64;
    match whole {
        0..60 => format!("{whole} s"),
        60..3600 => format!("{} min", whole / 60),
        _ => format!("{} h {:02}", whole / 3600, whole / 60 % 60),
    }
}

/// A span of time as a clock: `1:02:03` or `2:03`.
pub fn clock(seconds: f64) -> String {
    let whole = seconds.max(0.0) as u64;
    match whole / 3600 {
        0 => format!("{}:{:02}", whole / 60, whole % 60),
        hours => format!("{hours}:{:02}:{:02}", whole / 60 % 60, whole % 60),
    }
}

/// A time that is given in microseconds: `84 µs`, `2.3 ms`, `1.2 s`.
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
