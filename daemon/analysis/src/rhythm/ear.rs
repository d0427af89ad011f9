//! The running ear: samples in, ticks out, at any hop length.

use super::{Ears, Net, RATE, Rhythm, Sound, StrokeNet, Tick};

/// Detects at each of its ticks what has just started. It has its own windows, so that its output does not depend on
/// the hop.
pub(crate) struct Ear {
    ears: Ears,
    net: Net,
    strokes: StrokeNet,
    rhythm: Rhythm,
    ticks: Vec<Tick>,
    /// The inputs and their rises.
    sounds: Vec<f32>,
    /// Samples so far, and their number at the next tick.
    heard: u64,
    next: u64,
    number: u64,
    samples_a_tick: f64,
}

impl Ear {
    /// For hops of this many samples.
    pub fn new(sample_rate: f64, hop: usize) -> Self {
        let samples_a_tick = sample_rate / RATE;
        let most = (hop as f64 / samples_a_tick) as usize + 2;
        let ears = Ears::new(sample_rate);
        Self {
            sounds: Vec::with_capacity(most * (ears.len() + ears.quick())),
            ears,
            net: Net::new(),
            strokes: StrokeNet::new(),
            rhythm: Rhythm::default(),
            ticks: Vec::with_capacity(most),
            heard: 0,
            next: samples_a_tick as u64,
            number: 1,
            samples_a_tick,
        }
    }

    /// Takes a hop. Realtime-safe: yes.
    pub fn process(&mut self, samples: &[f32]) {
        self.ticks.clear();
        self.sounds.clear();
        let mut rest = samples;
        while !rest.is_empty() {
            let wanted = (self.next - self.heard) as usize;
            let (now, later) = rest.split_at(wanted.min(rest.len()));
            self.ears.slide(now);
            self.heard += now.len() as u64;
            if self.heard == self.next {
                let drive = self.ears.tick();
                let (marks, music) = self.net.process(self.ears.inputs(), &mut self.rhythm);
                let strokes = self.strokes.process(self.ears.inputs(), self.net.trunk());
                self.sounds.extend_from_slice(self.ears.inputs());
                self.sounds.extend_from_slice(self.ears.rises());
                self.ticks.push(Tick { number: self.number, marks, music, strokes, drive });
                self.number += 1;
                // Counted from the start, so that rates that 100 does not divide do not drift.
                self.next = (self.number as f64 * self.samples_a_tick) as u64;
            }
            rest = later;
        }
    }

    /// The ticks of the last hop, none to a dozen.
    pub fn ticks(&self) -> &[Tick] {
        &self.ticks
    }

    /// The sound of each of these ticks.
    pub fn sounds(&self) -> impl Iterator<Item = Sound<'_>> {
        let (len, split) = (self.ears.len(), self.ears.quick());
        self.sounds.chunks_exact(len + split).map(move |sound| {
            let (inputs, rises) = sound.split_at(len);
            let (quick, fine) = inputs.split_at(split);
            Sound { quick, fine, rises }
        })
    }

    /// The number of quick and fine bands in a sound.
    pub fn bands(&self) -> (usize, usize) {
        (self.ears.quick(), self.ears.len() - self.ears.quick())
    }

    /// The tempo.
    pub fn rhythm(&self) -> &Rhythm {
        &self.rhythm
    }
}
