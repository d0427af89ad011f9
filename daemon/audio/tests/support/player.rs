//! A JACK client for the test: plays numbered samples and records the MIDI it receives.

use std::sync::mpsc::{Receiver, Sender, channel};

use jack::{
    AsyncClient, AudioOut, Client, ClientOptions, Control, CycleTimes, MidiIn, Port, ProcessHandler, ProcessScope,
};

/// Sample values count up to this and begin again: an `f32` holds them all exactly.
pub const MODULUS: u32 = 1 << 24;

/// A MIDI message as it arrived.
#[derive(Clone, Debug)]
pub struct MidiEvent {
    pub bytes: Vec<u8>,
    /// Its place in the cycle, in samples.
    pub offset: u32,
    /// Samples in the cycle.
    pub frames: u32,
    /// The cycle, as JACK itself times it.
    pub cycle: CycleTimes,
}

/// The client. Its outputs carry JACK's frame time, modulo [`MODULUS`]; the second one negative.
pub struct Player {
    client: AsyncClient<(), Numbers>,
    midi: Receiver<MidiEvent>,
}

impl Player {
    /// Starts a client with these outputs and the input `midi_in`. [`use_server`] must have been called.
    pub fn start(name: &str, outputs: &[&str]) -> Self {
        let (client, _) = Client::new(name, ClientOptions::NO_START_SERVER).expect("a client of the test's");
        let outputs =
            outputs.iter().map(|port| client.register_port(port, AudioOut::default()).expect("a port")).collect();
        let midi_in = client.register_port("midi_in", MidiIn::default()).expect("a port");
        let (heard, midi) = channel();
        let client = client.activate_async((), Numbers { outputs, midi_in, heard }).expect("an active client");
        Self { client, midi }
    }

    pub fn client(&self) -> &Client {
        self.client.as_client()
    }

    /// What to add to JACK's time for `CLOCK_MONOTONIC`, in microseconds: from the quickest of some readings.
    pub fn clock_offset_us(&self) -> f64 {
        let reading = |_| {
            let before_ns = host_now_ns();
            let jack_us = self.client().time() as f64;
            let after_ns = host_now_ns();
            (after_ns - before_ns, (before_ns + after_ns) as f64 / 2000.0 - jack_us - 0.5)
        };
        (0..20).map(reading).min_by_key(|(length_ns, _)| *length_ns).map_or(0.0, |(_, offset)| offset)
    }

    /// The MIDI messages that have come so far, taken.
    pub fn take_midi(&self) -> Vec<MidiEvent> {
        self.midi.try_iter().collect()
    }
}

/// Makes a server the default one for libjack in this process.
pub fn use_server(name: &str) {
    // SAFETY: the tests of a program take turns, and what else runs then reads no environment.
    #[expect(unsafe_code, reason = "the binding has no other way to name a server")]
    unsafe {
        std::env::set_var("JACK_DEFAULT_SERVER", name);
    }
}

fn host_now_ns() -> i64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is valid for writing.
    #[expect(unsafe_code, reason = "the standard library hides the number")]
    unsafe {
        libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut time);
    }
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}

struct Numbers {
    outputs: Vec<Port<AudioOut>>,
    midi_in: Port<MidiIn>,
    heard: Sender<MidiEvent>,
}

impl ProcessHandler for Numbers {
    fn process(&mut self, _: &Client, scope: &ProcessScope) -> Control {
        let first = scope.last_frame_time();
        for (index, output) in self.outputs.iter_mut().enumerate() {
            let sign = if index == 1 { -1.0 } else { 1.0 };
            for (sample, number) in output.as_mut_slice(scope).iter_mut().zip(0..) {
                *sample = sign * (first.wrapping_add(number) % MODULUS) as f32;
            }
        }
        let cycle = scope.cycle_times().expect("a cycle");
        for event in self.midi_in.iter(scope) {
            let bytes = event.bytes.to_vec();
            let _gone = self.heard.send(MidiEvent { bytes, offset: event.time, frames: scope.n_frames(), cycle });
        }
        Control::Continue
    }
}
