//! The lamps of the beat: lit on it, out shortly after. Pure.

use crate::clock::ShowClock;
use crate::dispatch::LANDS;
use downbeat_engine::Tick;
use downbeat_engine::pulse::{Pulses, Taken};
use downbeat_protocol::tree::{self, Told};
use downbeat_protocol::{HostTime, Value};
use std::time::Duration;

/// How long a lamp is lit.
const BLINK: Duration = Duration::from_millis(100);

/// The lamps.
pub struct Lights {
    /// The addresses of all.
    all: Vec<String>,
    pulses: Pulses,
    /// Those lit for this beat, and until when.
    lit: Vec<String>,
    dark_at: Option<HostTime>,
    /// Beats that were not shown because they were too late.
    missed: u64,
}

impl Default for Lights {
    fn default() -> Self {
        Self { all: tree::lights(), pulses: Pulses::new(1), lit: Vec::new(), dark_at: None, missed: 0 }
    }
}

impl Lights {
    /// When [`run`](Self::run) is next needed.
    pub fn wake_at(&self, tick: &Tick, clock: &ShowClock) -> Option<HostTime> {
        let beat = self.pulses.next_due(&tick.timeline).map(|due| clock.host(due));
        [beat, self.dark_at].into_iter().flatten().min()
    }

    /// The lamps that change, in order.
    pub fn run(&mut self, tick: &Tick, now: HostTime, clock: &ShowClock) -> Vec<Told> {
        let mut told = Vec::new();
        if self.dark_at.take_if(|at| *at <= now).is_some() {
            self.put_out(&mut told);
        }
        if !tick.beating {
            self.pulses.stop();
            return told;
        }
        while let Some(taken) = self.pulses.take(&tick.timeline, clock.show(now)) {
            self.put_out(&mut told);
            let pulse = match taken {
                Taken::Pulse(pulse) => pulse,
                Taken::Jump { missed, .. } => {
                    self.missed += missed;
                    continue;
                }
            };
            // A lamp that comes too late would show another beat.
            if now > clock.host(pulse.due) + LANDS {
                self.missed += 1;
                continue;
            }
            self.dark_at = Some(now + BLINK);
            // A moment into the beat, so that rounding does not put it before the beat.
            self.lit = tree::lit(&tick.timeline, pulse.due.offset(1_000_000));
            told.extend(self.lit.iter().map(|address| (address.clone(), Value::Number(1.0))));
        }
        told
    }

    /// All lamps as they are now, for those who may have missed a change.
    pub fn all(&self) -> impl Iterator<Item = Told> {
        let number = |address: &String| f64::from(u8::from(self.lit.contains(address)));
        self.all.iter().map(move |address| (address.clone(), Value::Number(number(address))))
    }

    /// The number of beats since the last call that were not shown because they were too late.
    pub fn take_missed(&mut self) -> u64 {
        std::mem::take(&mut self.missed)
    }

    fn put_out(&mut self, told: &mut Vec<Told>) {
        told.extend(self.lit.drain(..).map(|address| (address, Value::Number(0.0))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::{Row, Timeline};
    use std::sync::Arc;

    #[test]
    fn after_a_stall_of_several_beats_the_lamp_of_the_newest_is_lit_and_the_others_are_counted() {
        let (mut lights, clock, timeline) = (Lights::default(), ShowClock::default(), Timeline::default());
        let tick = Tick { row: Row::default(), timeline, state: Arc::default(), beating: true, heard: HostTime::ZERO };
        let mut lit = |ms: i64| {
            let told = lights.run(&tick, HostTime(ms * 1_000_000), &clock);
            (told.iter().any(|(_, value)| *value == Value::Number(1.0)), lights.take_missed())
        };
        assert_eq!([lit(400), lit(500)], [(false, 0), (true, 0)]);
        assert_eq!(lit(4020), (true, 6), "20 ms after a beat");
        assert_eq!(lit(8100), (false, 8), "100 ms after a beat");
    }
}
