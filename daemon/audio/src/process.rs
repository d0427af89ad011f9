//! The body of JACK's process callback, without JACK, so that a test can forbid allocations.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicU64, Ordering::Relaxed},
};

use crate::{
    MidiOut,
    block_ring::{BlockWriter, Header},
    dll::{Dll, Span},
    midi::Schedule,
    signal::Signal,
};

/// Bandwidth of the loop over the cycle times. JACK's own has 1/8 Hz; ours must follow it, not lag behind it.
const BANDWIDTH_HZ: f64 = 1.0;

/// A jump of the server's sample counter beyond this is a restarted counter rather than a gap. In seconds.
const LONGEST_GAP: f64 = 10.0;

/// The ports of one cycle.
pub(crate) trait Ports {
    /// The samples of an input; empty if JACK has none.
    fn input(&self, channel: usize) -> &[f32];

    /// Writes a message into the MIDI port; false if there is no room.
    fn write_midi(&mut self, offset: u32, bytes: &[u8]) -> bool;
}

/// The server's data about one cycle.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cycle {
    /// Samples per channel in it.
    pub(crate) frames: u32,
    /// The server's sample counter at its beginning; it wraps.
    pub(crate) counter: u32,
    /// When it began, in microseconds of JACK's clock.
    pub(crate) start_us: u64,
    /// When the server expects the next one to begin, in the same unit.
    pub(crate) next_us: u64,
    /// `CLOCK_MONOTONIC` at the callback, in nanoseconds.
    pub(crate) now_host_ns: i64,
}

/// Shared between the callback and other threads: settings from them, and counts for them.
#[derive(Debug, Default)]
pub(crate) struct Gauges {
    /// Offset from JACK's time to `CLOCK_MONOTONIC`, in nanoseconds.
    pub(crate) clock_offset_ns: AtomicI64,
    /// The age of the samples in our ports in samples, as reported by the graph.
    pub(crate) capture_latency: AtomicU32,
    /// Set by an xrun: the cycle times have jumped.
    pub(crate) resync: AtomicBool,
    /// Whether the server freewheels: it runs cycles as fast as it can, for an export, and nobody hears them.
    pub(crate) freewheels: AtomicBool,
    /// Cycles so far.
    pub(crate) cycles: AtomicU64,
    /// Blocks dropped for lack of room.
    pub(crate) dropped: AtomicU64,
    /// Notified of every block.
    pub(crate) reader: Signal,
}

/// The body of the process callback, with its state.
pub(crate) struct Process {
    sample_rate: f64,
    gauges: Arc<Gauges>,
    blocks: BlockWriter,
    midi: (Schedule, MidiOut),
    dll: Dll,
    next_sample: u64,
    next_counter: Option<u32>,
    /// Whether the last cycle was one of a freewheeling server.
    freewheeled: bool,
}

impl Process {
    pub(crate) fn new(sample_rate: f64, gauges: Arc<Gauges>, blocks: BlockWriter, midi: (Schedule, MidiOut)) -> Self {
        let dll = Dll::new(BANDWIDTH_HZ);
        Self { sample_rate, gauges, blocks, midi, dll, next_sample: 0, next_counter: None, freewheeled: false }
    }

    /// Copies the inputs into the ring and writes the MIDI messages that are due.
    ///
    /// Realtime-safe: yes. Its work is bounded by the size of the block and of the MIDI queue; it takes no lock, makes
    /// at most one system call (the futex that wakes the reader), and has no path to a panic.
    pub(crate) fn cycle(&mut self, cycle: Cycle, ports: &mut impl Ports) {
        if self.gauges.freewheels.load(Relaxed) {
            return self.freewheel(cycle, ports);
        }
        if std::mem::take(&mut self.freewheeled) {
            self.begin_again();
        }
        let first_sample = self.count(cycle);
        let server_span = self.server_span(cycle);
        let (schedule, midi) = &mut self.midi;
        let write = |offset, bytes: &[u8]| ports.write_midi(offset, bytes);
        let given_up = schedule.play(server_span.start_ns, server_span.length_ns, cycle.frames, write);
        if given_up > 0 {
            midi.count_dropped(given_up);
        }
        if self.gauges.resync.swap(false, Relaxed) {
            self.dll.reset();
        }
        let span = self.dll.update(server_span.start_ns, self.period_ns(cycle));
        let header = Header {
            frames: cycle.frames as usize,
            first_sample,
            time_host_ns: span.start_ns.saturating_sub(self.capture_latency_ns()),
            received_host_ns: cycle.now_host_ns,
        };
        if !self.blocks.write(header, |channel| ports.input(channel)) {
            self.gauges.dropped.fetch_add(1, Relaxed);
        }
        self.gauges.cycles.fetch_add(1, Relaxed);
        self.gauges.reader.notify();
    }

    /// A cycle that nobody hears, at a time of no meaning: its samples are left alone, and MIDI keeps to the clock.
    fn freewheel(&mut self, cycle: Cycle, ports: &mut impl Ports) {
        self.freewheeled = true;
        let (schedule, midi) = &mut self.midi;
        // What is due by now, and nothing that is still to come.
        let given_up = schedule.play(cycle.now_host_ns, 1.0, cycle.frames, |_, bytes| ports.write_midi(0, bytes));
        midi.count_dropped(given_up);
        self.gauges.cycles.fetch_add(1, Relaxed);
    }

    /// The music is another piece of itself now: a gap that nobody fills.
    fn begin_again(&mut self) {
        self.dll.reset();
        self.next_counter = None;
        self.next_sample += (LONGEST_GAP * self.sample_rate) as u64;
    }

    /// The number of the cycle's first sample. Cycles that ran without us leave a gap.
    fn count(&mut self, cycle: Cycle) -> u64 {
        let skipped = self.next_counter.map_or(0, |expected| cycle.counter.wrapping_sub(expected));
        if skipped != 0 {
            self.dll.reset();
            if f64::from(skipped) < LONGEST_GAP * self.sample_rate {
                self.next_sample += u64::from(skipped);
            }
        }
        let first_sample = self.next_sample;
        self.next_sample += u64::from(cycle.frames);
        self.next_counter = Some(cycle.counter.wrapping_add(cycle.frames));
        first_sample
    }

    /// The cycle as the server times it, in this machine's time. MIDI messages use this: JACK's own relation of frames
    /// to time, like every other client, without the lag of another filter.
    fn server_span(&self, cycle: Cycle) -> Span {
        let offset_ns = self.gauges.clock_offset_ns.load(Relaxed);
        let start_ns = (cycle.start_us as i64).saturating_mul(1000).saturating_add(offset_ns);
        let length_us = cycle.next_us.saturating_sub(cycle.start_us);
        let length_ns = if length_us > 0 { length_us as f64 * 1000.0 } else { self.period_ns(cycle) };
        Span { start_ns, length_ns }
    }

    fn period_ns(&self, cycle: Cycle) -> f64 {
        f64::from(cycle.frames) / self.sample_rate * 1e9
    }

    fn capture_latency_ns(&self) -> i64 {
        let frames = self.gauges.capture_latency.load(Relaxed);
        (f64::from(frames) / self.sample_rate * 1e9) as i64
    }
}

#[cfg(test)]
mod tests {
    use assert_no_alloc::assert_no_alloc;

    use super::*;
    use crate::{
        Block,
        block_ring::{BlockReader, block_ring},
    };

    const RATE: f64 = 48_000.0;
    const FRAMES: u32 = 128;
    const PERIOD_US: u64 = 2_667;

    struct FakePorts {
        samples: [Vec<f32>; 2],
        midi: Vec<(u32, u8)>,
    }

    impl Ports for FakePorts {
        fn input(&self, channel: usize) -> &[f32] {
            &self.samples[channel]
        }

        fn write_midi(&mut self, offset: u32, bytes: &[u8]) -> bool {
            self.midi.push((offset, bytes[0]));
            true
        }
    }

    struct Rig {
        process: Process,
        gauges: Arc<Gauges>,
        reader: BlockReader,
        midi: MidiOut,
        ports: FakePorts,
        block: Block,
    }

    impl Rig {
        fn new() -> Self {
            let gauges = Arc::new(Gauges::default());
            let midi = MidiOut::default();
            let (writer, reader) = block_ring(2, 10 * FRAMES as usize);
            let process = Process::new(RATE, Arc::clone(&gauges), writer, (midi.attach(), midi.clone()));
            let samples = [vec![0.5; FRAMES as usize], vec![-0.5; FRAMES as usize]];
            let ports = FakePorts { samples, midi: Vec::with_capacity(10_000) };
            Self { process, gauges, reader, midi, ports, block: Block::default() }
        }

        /// Runs the cycle in which the server's counter says `counter`, on time.
        fn cycle(&mut self, counter: u32) {
            let start_us = (f64::from(counter) / RATE * 1e6) as u64;
            let next_us = start_us + PERIOD_US;
            let cycle = Cycle { frames: FRAMES, counter, start_us, next_us, now_host_ns: 7 };
            assert_no_alloc(|| self.process.cycle(cycle, &mut self.ports));
        }

        fn read(&mut self) -> Option<u64> {
            self.reader.read(&mut self.block).then_some(self.block.first_sample)
        }
    }

    #[test]
    fn nothing_is_allocated_whatever_happens() {
        let mut rig = Rig::new();
        for index in 0..200 {
            for message in 0..20 {
                let _full = rig.midi.send(index * 1_000_000 + message, &[0xF8]);
            }
            if index == 100 {
                rig.gauges.resync.store(true, Relaxed);
            }
            // Nobody reads: the ring is full from the tenth cycle on.
            rig.cycle(index as u32 * FRAMES + u32::from(index > 150) * 64);
        }
        assert!(rig.gauges.dropped.load(Relaxed) > 100);
        assert!(rig.ports.midi.len() > 1000);
    }

    #[test]
    fn samples_are_numbered_from_zero_wherever_the_server_counts() {
        let mut rig = Rig::new();
        rig.cycle(u32::MAX - 200);
        rig.cycle((u32::MAX - 200).wrapping_add(FRAMES));
        rig.cycle((u32::MAX - 200).wrapping_add(2 * FRAMES));
        assert_eq!([rig.read(), rig.read(), rig.read(), rig.read()], [Some(0), Some(128), Some(256), None]);
    }

    #[test]
    fn a_full_ring_is_counted_and_leaves_a_gap_of_the_right_size() {
        let mut rig = Rig::new();
        for cycle in 0..15 {
            rig.cycle(cycle * FRAMES);
        }
        assert_eq!(rig.gauges.dropped.load(Relaxed), 5);
        while rig.read().is_some() {}
        rig.cycle(15 * FRAMES);
        assert_eq!(rig.read(), Some(15 * 128));
    }

    #[test]
    fn cycles_that_ran_without_us_leave_a_gap_but_a_new_counter_does_not() {
        let mut rig = Rig::new();
        rig.cycle(0);
        rig.cycle(3 * FRAMES);
        rig.cycle(0);
        assert_eq!([rig.read(), rig.read(), rig.read()], [Some(0), Some(384), Some(512)]);
    }

    #[test]
    fn a_freewheeling_server_gives_no_blocks_and_midi_keeps_to_the_clock() {
        let mut rig = Rig::new();
        rig.cycle(0);
        assert_eq!(rig.read(), Some(0));
        rig.gauges.freewheels.store(true, Relaxed);
        rig.midi.send(5, &[0xF8]).unwrap();
        rig.midi.send(1_000_000_000, &[0xFA]).unwrap();
        (1..5_000).for_each(|cycle| rig.cycle(cycle * FRAMES));
        assert_eq!((rig.read(), rig.ports.midi.as_slice()), (None, &[(0, 0xF8)][..]), "it is 7 ns past the start");
        assert_eq!(rig.gauges.dropped.load(Relaxed), 0);
        rig.gauges.freewheels.store(false, Relaxed);
        rig.cycle(5_000 * FRAMES);
        assert_eq!(rig.read(), Some(128 + 480_000), "a gap in which everything begins anew");
    }

    #[test]
    fn the_time_of_a_block_is_the_cycle_in_host_time_less_the_capture_latency() {
        let mut rig = Rig::new();
        rig.gauges.clock_offset_ns.store(5_000_000, Relaxed);
        rig.gauges.capture_latency.store(480, Relaxed);
        rig.cycle(48_000);
        rig.read();
        assert_eq!(rig.block.time_host_ns, 1_000_000_000 + 5_000_000 - 10_000_000);
        assert_eq!(rig.block.received_host_ns, 7);
    }

    #[test]
    fn midi_is_placed_by_the_servers_own_times() {
        let mut rig = Rig::new();
        rig.gauges.clock_offset_ns.store(1_000_000_000, Relaxed);
        rig.cycle(0);
        // The server's clock runs at half speed: halfway through the cycle is twice as late.
        rig.midi.send(1_000_000_000 + 4_000_000 + 2_000_000, &[0xF8]).unwrap();
        let slow = Cycle { frames: FRAMES, counter: FRAMES, start_us: 4_000, next_us: 8_000, now_host_ns: 0 };
        rig.process.cycle(slow, &mut rig.ports);
        assert_eq!(rig.ports.midi, [(64, 0xF8)]);
    }

    #[test]
    fn an_xrun_makes_the_next_cycle_believed_as_measured() {
        let mut rig = Rig::new();
        rig.cycle(0);
        rig.gauges.resync.store(true, Relaxed);
        let late_us = 4_000;
        let next_us = late_us + PERIOD_US;
        let late = Cycle { frames: FRAMES, counter: FRAMES, start_us: late_us, next_us, now_host_ns: 0 };
        rig.process.cycle(late, &mut rig.ports);
        rig.read();
        rig.read();
        assert_eq!(rig.block.time_host_ns, 4_000_000);
    }
}
