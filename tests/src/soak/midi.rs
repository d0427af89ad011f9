//! A machine that follows MIDI clock: jack-example-tools' `jack_midi_dump`, connected by a patchbay.

use super::excuses::{Excuses, Part};
use crate::JackServer;
use crate::host_now_ns;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

/// Its port.
pub const PORT: &str = "midi-monitor:input";
/// Clocks in a beat (MIDI 1.0, System Real Time).
pub const PER_BEAT: i64 = 24;

/// A clock that came: when it was read, on which life of the machine, and at which of JACK's frames.
#[derive(Clone, Copy)]
pub struct Clock {
    read: i64,
    life: u32,
    frame: i64,
}

/// The machine.
#[derive(Default)]
pub struct Follower {
    clocks: Arc<Mutex<Vec<Clock>>>,
    child: Option<Child>,
    life: u32,
}

/// How the clocks came.
#[derive(Clone, Debug, Default)]
pub struct Clocks {
    /// Clocks that came.
    pub came: usize,
    /// Clocks that did not, though nothing excuses it.
    pub lost: i64,
    /// When, and how many.
    pub places: Vec<(i64, i64)>,
    /// Clocks that fell into a takeover.
    pub in_takeovers: i64,
    /// Clocks that faults took.
    pub excused: i64,
    /// Clocks that JACK lost.
    pub by_jack: i64,
}

/// Clocks that did not come when they should.
#[derive(Clone, Copy, Default)]
struct Late {
    count: i64,
    since: i64,
    until: i64,
}

/// A clock that comes up to so much later is late; then it is lost.
const CATCHES_UP_NS: i64 = 300_000_000;

impl Clocks {
    fn take(&mut self, late: Late, excuses: &Excuses, missed: impl Fn(i64, i64) -> bool) {
        let Late { count, since, until } = late;
        if count <= 0 {
            return;
        }
        if excuses.cover(&[Part::Midi, Part::Audio], since, until) {
            self.excused += count;
        } else if excuses.cover(&[Part::Lead], since, until) {
            self.in_takeovers += count;
        } else if missed(since, until) {
            self.by_jack += count;
        } else {
            self.lost += count;
            self.places.push((since, count));
        }
    }
}

impl Follower {
    /// Switches it on, if it is not.
    pub fn start(&mut self, server: &JackServer) {
        if self.child.as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None))) {
            return;
        }
        // A program that writes to a pipe keeps its lines back otherwise.
        let mut command = Command::new("stdbuf");
        command.args(["-oL", "jack_midi_dump", "-a"]).env("JACK_DEFAULT_SERVER", &server.name);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("jack-example-tools are installed");
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        self.child = Some(child);
        self.life += 1;
        let (clocks, life) = (Arc::clone(&self.clocks), self.life);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                // `12345: f8 ...`
                let mut parts = line.split(':');
                let (Some(frame), Some(bytes)) = (parts.next(), parts.next()) else { continue };
                if let (Ok(frame), true) = (frame.trim().parse(), bytes.trim_start().starts_with("f8")) {
                    let clock = Clock { read: host_now_ns(), life, frame };
                    clocks.lock().unwrap_or_else(PoisonError::into_inner).push(clock);
                }
            }
        });
    }

    /// Switches it off.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// How many clocks came.
    pub fn count(&self) -> usize {
        self.clocks.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Judges what came from a moment on; a beat lasts `period` nanoseconds, and `missed` is whether JACK had lost a
    /// cycle between two moments.
    pub fn judge(&self, from: i64, period: i64, excuses: &Excuses, missed: impl Fn(i64, i64) -> bool) -> Clocks {
        let clocks = self.clocks.lock().unwrap_or_else(PoisonError::into_inner);
        let clocks: Vec<Clock> = clocks.iter().filter(|clock| clock.read >= from).copied().collect();
        let mut result = Clocks { came: clocks.len(), ..Clocks::default() };
        let apart = period as f64 / PER_BEAT as f64;
        let mut late = Late::default();
        for pair in clocks.windows(2) {
            let [last, next] = [pair[0], pair[1]];
            let gap = match next.life == last.life {
                true => (next.frame - last.frame) as f64 / 48e3 * 1e9,
                false => (next.read - last.read) as f64,
            };
            if gap < apart / 2.0 {
                // What a cycle of JACK held up comes with the next one.
                late.count -= 1;
                continue;
            }
            if next.read - late.since > CATCHES_UP_NS {
                result.take(std::mem::take(&mut late), excuses, &missed);
            }
            let missing = (gap / apart).round() as i64 - 1;
            if missing > 0 {
                late = Late { count: late.count.max(0) + missing, since: last.read, until: next.read };
            }
        }
        result.take(late, excuses, &missed);
        result
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.stop();
    }
}
