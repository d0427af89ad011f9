//! JACK's process callback: gives the cycle's ports to [`Process`].

use ::jack::{AudioIn, Client, Control, Frames, MidiOut, MidiWriter, Port, ProcessHandler, ProcessScope, RawMidi};

use std::sync::Arc;

use crate::{
    host_time::host_now_ns,
    process::{Cycle, Ports, Process},
    signal::Signal,
};

/// The callback that libjack runs once per cycle.
pub(super) struct Callback {
    pub(super) process: Process,
    /// Left and right of each bus.
    pub(super) inputs: Vec<Port<AudioIn>>,
    pub(super) midi: Port<MidiOut>,
    pub(super) supervisor: Arc<Signal>,
}

impl ProcessHandler for Callback {
    /// Realtime-safe: yes. See [`Process::cycle`].
    fn process(&mut self, _: &Client, scope: &ProcessScope) -> Control {
        let now_host_ns = host_now_ns();
        // Before the server's first cycle there are no times, and no sound either.
        if let Ok(times) = scope.cycle_times() {
            let cycle = Cycle {
                frames: scope.n_frames(),
                counter: times.current_frames,
                start_us: times.current_usecs,
                next_us: times.next_usecs,
                now_host_ns,
            };
            guarded(|| {
                let midi = self.midi.writer(scope);
                self.process.cycle(cycle, &mut CyclePorts { scope, inputs: &self.inputs, midi });
            });
        }
        Control::Continue
    }

    /// Not on the real-time thread, and never during a cycle. Each block has its own size, so only the status changes.
    fn buffer_size(&mut self, _: &Client, _: Frames) -> Control {
        self.supervisor.notify();
        Control::Continue
    }
}

struct CyclePorts<'a> {
    scope: &'a ProcessScope,
    inputs: &'a [Port<AudioIn>],
    midi: MidiWriter<'a>,
}

impl Ports for CyclePorts<'_> {
    #[expect(unsafe_code, reason = "the safe accessor asserts, and takes a missing buffer for a valid one")]
    fn input(&self, channel: usize) -> &[f32] {
        let Some(port) = self.inputs.get(channel) else {
            return &[];
        };
        let frames = self.scope.n_frames();
        // SAFETY: the port is an audio input of the client whose cycle this is; its buffer, if there is one, holds
        // `frames` samples until the cycle ends, and the scope does not outlive that.
        unsafe {
            let buffer = port.buffer(frames).cast::<f32>();
            if buffer.is_null() { &[] } else { std::slice::from_raw_parts(buffer, frames as usize) }
        }
    }

    fn write_midi(&mut self, offset: u32, bytes: &[u8]) -> bool {
        self.midi.write(&RawMidi { time: offset, bytes }).is_ok()
    }
}

/// In this crate's own tests an allocation in the callback, under a real server, ends the process.
#[cfg(test)]
use assert_no_alloc::assert_no_alloc as guarded;

#[cfg(not(test))]
fn guarded(body: impl FnOnce()) {
    body();
}
