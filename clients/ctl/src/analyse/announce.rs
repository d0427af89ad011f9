//! When a beat is reported: shortly before it comes, and once.

use downbeat_engine::pulse::{Pulse, Pulses, Taken};
use downbeat_protocol::{ShowTime, Timeline};
use std::time::Duration;

/// The lead time of a beat.
///
/// Long enough for the usual latency of outputs, short enough that the tracker has heard almost everything before the
/// beat. A beat that a correction moves nearer than this is reported as soon as the correction is known.
pub const AHEAD: Duration = Duration::from_millis(20);

/// Picks the beats to report at each hop, with the counter of the outputs.
#[derive(Clone, Debug)]
pub struct Announcer {
    pulses: Pulses,
}

impl Announcer {
    /// An announcer without any reports.
    pub fn new() -> Self {
        Self { pulses: Pulses::new(1) }
    }

    /// The unreported beats within [`AHEAD`] of `now`; none while no beats play.
    pub fn due(&mut self, timeline: &Timeline, now: ShowTime, beating: bool) -> impl Iterator<Item = Pulse> {
        if !beating {
            self.pulses.stop();
        }
        std::iter::from_fn(move || beating.then(|| self.next(timeline, now + AHEAD)).flatten())
    }

    fn next(&mut self, timeline: &Timeline, until: ShowTime) -> Option<Pulse> {
        loop {
            match self.pulses.take(timeline, until)? {
                Taken::Pulse(beat) => return Some(beat),
                Taken::Jump { .. } => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::Beats;

    const HOP: Duration = Duration::from_micros(5333);

    /// Beats reported over some seconds, with the moment of each.
    fn said(announcer: &mut Announcer, line: &Timeline, from: f64, to: f64) -> Vec<(i64, ShowTime)> {
        let mut now = ShowTime::from_secs_f64(from);
        let mut said = Vec::new();
        while now < ShowTime::from_secs_f64(to) {
            said.extend(announcer.due(line, now, true).map(|beat| (beat.number, now)));
            now += HOP;
        }
        said
    }

    #[test]
    fn each_beat_is_said_once_and_just_ahead_of_itself() {
        let line = Timeline::default();
        let said = said(&mut Announcer::new(), &line, 0.1, 5.1);
        assert_eq!(said.iter().map(|(beat, _)| *beat).collect::<Vec<_>>(), (1..=10).collect::<Vec<_>>());
        for (beat, at) in said {
            let ahead = line.time_of(Beats::whole(beat)).since(at);
            assert!((0..=AHEAD.as_nanos() as i64).contains(&ahead), "beat {beat} reported {ahead} ns ahead");
        }
    }

    #[test]
    fn a_step_back_repeats_no_beat_and_a_step_forward_says_it_at_once() {
        let line = Timeline::default();
        let mut announcer = Announcer::new();
        assert_eq!(said(&mut announcer, &line, 0.1, 2.1).last().map(|(beat, _)| *beat), Some(4));
        let back = Timeline { beat_origin: Beats::from_f64(-0.4), ..line };
        assert_eq!(said(&mut announcer, &back, 2.1, 2.6), []);
        let forth = Timeline { beat_origin: Beats::from_f64(0.4), ..line };
        assert_eq!(said(&mut announcer, &forth, 2.6, 2.605), [(5, ShowTime::from_secs_f64(2.6))]);
    }

    #[test]
    fn no_beat_is_said_while_none_is_played() {
        let mut announcer = Announcer::new();
        let line = Timeline::default();
        assert_eq!(announcer.due(&line, ShowTime::from_secs_f64(0.9), false).count(), 0);
        assert_eq!(announcer.due(&line, ShowTime::from_secs_f64(1.1), true).count(), 0);
        assert_eq!(announcer.due(&line, ShowTime::from_secs_f64(1.49), true).count(), 1);
    }
}
