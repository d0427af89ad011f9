//! A JACK client of the test's own: hears what the daemon hears, and the MIDI that the daemon plays, on JACK's clock.

use crate::{JackServer, host_now_ns};
use jack::{AsyncClient, AudioIn, Client, ClientOptions, Control, MidiIn, Port, ProcessHandler, ProcessScope};
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
    /// Host time less JACK's time, in nanoseconds.
    offset_ns: i64,
    cycles: Sender<Cycle>,
}

impl ProcessHandler for Ears {
    fn process(&mut self, _: &Client, scope: &ProcessScope) -> Control {
        let Ok(times) = scope.cycle_times() else { return Control::Continue };
        let start_ns = times.current_usecs as i64 * 1000 + self.offset_ns;
        let per_frame = (times.next_usecs - times.current_usecs) as f64 * 1e3 / f64::from(scope.n_frames());
        let midi = self.midi.iter(scope);
        let midi = midi.map(|event| (start_ns + (f64::from(event.time) * per_frame) as i64, event.bytes.to_vec()));
        let (midi, samples) = (midi.collect(), self.audio.as_slice(scope).to_vec());
        let _ = self.cycles.send(Cycle { start_ns, samples, midi });
        Control::Continue
    }
}

/// A running client `listener` with the ports `listener:audio` and `listener:midi`.
pub struct Listener {
    _client: AsyncClient<(), Ears>,
    cycles: Receiver<Cycle>,
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
}

impl Listener {
    /// Joins a server.
    pub fn join(server: &JackServer) -> Self {
        server.select();
        let (client, _) = Client::new("listener", ClientOptions::NO_START_SERVER).expect("the test's jackd runs");
        let audio = client.register_port("audio", AudioIn::default()).expect("a fresh client has no ports");
        let midi = client.register_port("midi", MidiIn::default()).expect("a fresh client has no ports");
        let before = host_now_ns();
        let jack_ns = client.time() as i64 * 1000;
        let offset_ns = (before + host_now_ns()) / 2 - jack_ns;
        let (sender, cycles) = channel();
        let ears = Ears { audio, midi, offset_ns, cycles: sender };
        let client = client.activate_async((), ears).expect("the test's jackd runs");
        Self { _client: client, cycles }
    }

    /// Everything heard since it joined or since the last call.
    pub fn heard(&self) -> Heard {
        let mut heard = Heard::default();
        for cycle in self.cycles.try_iter() {
            heard.cycles.push((heard.samples.len(), cycle.start_ns));
            heard.samples.extend(cycle.samples);
            heard.midi.extend(cycle.midi);
        }
        heard
    }
}

impl Heard {
    /// The host time at which a sample passed.
    pub fn time_of(&self, sample: usize) -> i64 {
        let cycle = self.cycles.partition_point(|(first, _)| *first <= sample).saturating_sub(1);
        let (first, start) = self.cycles[cycle];
        start + ((sample - first) as f64 / 48e3 * 1e9) as i64
    }

    /// The host time at which `music` began, found by its waveform: exact to the sample.
    ///
    /// # Panics
    /// When the music is not in what was heard.
    pub fn start_of(&self, music: &[f32]) -> i64 {
        let lead = music.iter().position(|sample| sample.abs() > 1e-3).expect("the music is not silent");
        let probe = &music[lead..lead + 9600];
        let energy: f32 = probe.iter().map(|sample| sample * sample).sum();
        let first = self.samples.iter().position(|sample| sample.abs() > 5e-4).expect("something was heard");
        let (at, likeness) = (first.saturating_sub(4800)..(first + 4800).min(self.samples.len() - probe.len()))
            .map(|at| {
                let pairs = probe.iter().zip(&self.samples[at..]);
                (at, pairs.map(|(a, b)| a * b).sum::<f32>() / energy)
            })
            .max_by(|a, b| a.1.total_cmp(&b.1))
            .expect("a range to look in");
        assert!((0.9..1.1).contains(&likeness), "the music was not heard as it is: likeness {likeness}");
        self.time_of(at) - (lead as f64 / 48e3 * 1e9) as i64
    }
}
