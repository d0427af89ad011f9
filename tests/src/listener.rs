//! A JACK client for the test: gets the daemon's audio and its MIDI, on JACK's clock.

use crate::jack_server::{CALLED, joined};
use crate::{JackServer, host_now_ns};
use jack::{AsyncClient, AudioIn, Client, ClientOptions, Control, MidiIn, NotificationHandler, Port};
use jack::{ProcessHandler, ProcessScope};
use std::ops::Range;
use std::sync::mpsc::{Receiver, Sender, channel};

/// What one cycle brought.
struct Cycle {
    start_ns: i64,
    samples: Vec<f32>,
    midi: Vec<(i64, Vec<u8>)>,
}

struct Ears {
    audio: Port<AudioIn>,
    midi: Port<MidiIn>,
    cycles: Sender<Cycle>,
}

impl ProcessHandler for Ears {
    fn process(&mut self, client: &Client, scope: &ProcessScope) -> Control {
        let Ok(times) = scope.cycle_times() else { return Control::Continue };
        // JACK's clock is not the host's and drifts against it: the difference is taken anew each time.
        let (before, jack, after) = (host_now_ns(), client.time(), host_now_ns());
        let ago_ns = (jack as i64 - times.current_usecs as i64) * 1000;
        let start_ns = (before + after) / 2 - ago_ns;
        // After a lost cycle JACK's own estimate of the next one may lie before this one.
        let length_us = times.next_usecs as f64 - times.current_usecs as f64;
        let nominal_us = 1e6 * f64::from(scope.n_frames()) / client.sample_rate() as f64;
        let is_sane = (0.5..2.0).contains(&(length_us / nominal_us));
        let per_frame = if is_sane { length_us } else { nominal_us } * 1e3 / f64::from(scope.n_frames());
        let mut midi = Vec::new();
        // Not collected, which asks how many there are: where this comes too late, the server takes them back
        // meanwhile.
        for event in self.midi.iter(scope) {
            midi.push((start_ns + (f64::from(event.time) * per_frame) as i64, event.bytes.to_vec()));
        }
        let samples = self.audio.as_slice(scope).to_vec();
        let _ = self.cycles.send(Cycle { start_ns, samples, midi });
        Control::Continue
    }
}

/// Notes when JACK says that a cycle was not done in time.
struct Witness(Sender<i64>);

impl NotificationHandler for Witness {
    fn xrun(&mut self, _: &Client) -> Control {
        let _ = self.0.send(host_now_ns());
        Control::Continue
    }
}

/// A running client `listener` with the ports `listener:audio` and `listener:midi`.
pub struct Listener {
    _client: AsyncClient<Witness, Ears>,
    cycles: Receiver<Cycle>,
    xruns: Receiver<i64>,
}

/// Everything that a [`Listener`] heard.
#[derive(Default)]
pub struct Heard {
    /// Samples, one after the other.
    pub samples: Vec<f32>,
    /// The host time of the first sample of each cycle, with the index of that sample.
    pub cycles: Vec<(usize, i64)>,
    /// MIDI messages with their host times.
    pub midi: Vec<(i64, Vec<u8>)>,
    /// When JACK said that a cycle was not done in time: what was due in it was heard a cycle later, or never.
    pub xruns: Vec<i64>,
}

impl Listener {
    /// Joins a server.
    pub fn join(server: &JackServer) -> Self {
        joined(|| Self::try_to_join(server), |this| this.cycles.recv_timeout(CALLED).is_ok())
    }

    fn try_to_join(server: &JackServer) -> Self {
        server.select();
        let (client, _) = Client::new("listener", ClientOptions::NO_START_SERVER).expect("the test's jackd runs");
        let audio = client.register_port("audio", AudioIn::default()).expect("a fresh client has no ports");
        let midi = client.register_port("midi", MidiIn::default()).expect("a fresh client has no ports");
        let (sender, cycles) = channel();
        let (witness, xruns) = channel();
        let ears = Ears { audio, midi, cycles: sender };
        let client = client.activate_async(Witness(witness), ears).expect("the test's jackd runs");
        Self { _client: client, cycles, xruns }
    }

    /// Everything heard since it joined or since the last call.
    pub fn heard(&self) -> Heard {
        let mut heard = Heard { xruns: self.xruns.try_iter().collect(), ..Heard::default() };
        for cycle in self.cycles.try_iter() {
            heard.cycles.push((heard.samples.len(), cycle.start_ns));
            heard.samples.extend(cycle.samples);
            heard.midi.extend(cycle.midi);
        }
        heard
    }
}

impl Heard {
    /// Whether JACK itself lost a cycle in a span of time, or so near to it that its word may have come late.
    pub fn is_disturbed(&self, span: &Range<i64>) -> bool {
        self.xruns.iter().any(|xrun| (span.start - 20_000_000..span.end + 20_000_000).contains(xrun))
    }

    /// The host time at which a sample passed.
    pub fn time_of(&self, sample: usize) -> i64 {
        let cycle = self.cycles.partition_point(|(first, _)| *first <= sample).saturating_sub(1);
        let (first, start) = self.cycles[cycle];
        start + ((sample - first) as f64 / 48e3 * 1e9) as i64
    }

    /// Where `music` is in what was heard, found by its waveform, exact to the sample and all along: a player that
    /// misses a cycle is late from there on.
    ///
    /// # Panics
    /// When the music is not in what was heard.
    pub fn align(&self, music: &[f32]) -> Alignment {
        let lead = music.iter().position(|sample| sample.abs() > 1e-3).expect("the music is not silent");
        let first = self.samples.iter().position(|sample| sample.abs() > 5e-4).expect("something was heard");
        let mut shift = first as i64 - lead as i64;
        let mut anchors = Vec::new();
        for at in (lead..music.len() - PROBE).step_by(ANCHOR) {
            let (probe, around) = (&music[at..at + PROBE], at as i64 + shift);
            // Mostly nothing has slipped since the last place.
            if let Some(found) = self.find(probe, around, 1).or_else(|| self.find(probe, around, REACH)) {
                shift = found - at as i64;
                anchors.push((at, self.time_of(found as usize)));
            }
        }
        assert!(anchors.len() > music.len() / ANCHOR / 2, "only {} places of the music were heard", anchors.len());
        Alignment { anchors }
    }

    /// The sample, at most `reach` from `around`, from which `probe` was heard as it is.
    fn find(&self, probe: &[f32], around: i64, reach: i64) -> Option<i64> {
        let energy: f32 = probe.iter().map(|sample| sample * sample).sum();
        let places = (around - reach).max(0)..(around + reach + 1).min(self.samples.len() as i64 - probe.len() as i64);
        let likeness = |at: i64| {
            let pairs = probe.iter().zip(&self.samples[at as usize..]);
            pairs.map(|(a, b)| a * b).sum::<f32>() / energy
        };
        let best = places.map(|at| (at, likeness(at))).max_by(|a, b| a.1.total_cmp(&b.1))?;
        (energy > 1e-3 && (0.95..1.05).contains(&best.1)).then_some(best.0)
    }
}

/// Samples that are compared, every so many samples, in this neighbourhood: less than a beat, so that a loop is not
/// taken for its repetition.
const PROBE: usize = 2400;
const ANCHOR: usize = 12_000;
const REACH: i64 = 4800;

/// When each moment of a piece of music was heard.
pub struct Alignment {
    /// Samples of the music with their host times.
    anchors: Vec<(usize, i64)>,
}

impl Alignment {
    /// The host time of a moment of the music.
    pub fn time_of(&self, seconds: f64) -> i64 {
        let sample = (seconds * 48e3) as usize;
        let next = self.anchors.partition_point(|(at, _)| *at <= sample);
        let (at, time) = self.anchors[next.saturating_sub(1)];
        time + ((seconds - at as f64 / 48e3) * 1e9) as i64
    }

    /// The moment of the music at a host time, in seconds.
    pub fn moment(&self, time: i64) -> f64 {
        let next = self.anchors.partition_point(|(_, at)| *at <= time);
        let (at, since) = self.anchors[next.saturating_sub(1)];
        at as f64 / 48e3 + (time - since) as f64 * 1e-9
    }
}
