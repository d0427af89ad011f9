//! The sound of a beat, as input for the net of the bars.

use super::Marks;

/// One tick's sound: the inputs of the rhythm's net, and the rise of each of its quick bands in two ticks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sound<'a> {
    pub quick: &'a [f32],
    pub fine: &'a [f32],
    pub rises: &'a [f32],
}

/// The quarters of a beat, collected tick by tick.
pub(crate) struct BeatSound {
    quick: usize,
    fine: usize,
    /// Ticks in each quarter.
    ticks: [u32; SLOTS],
    /// For each quarter the sums of the rises, of the quick and of the fine bands, and the greatest marks.
    rises: Vec<f32>,
    levels: Vec<f32>,
    notes: Vec<f32>,
    marks: [[f32; MARKS]; SLOTS],
    inputs: Vec<f32>,
}

/// A beat's quarters. The first one is centred on the beat, so that it holds early and late sounds.
pub(crate) const SLOTS: usize = 4;
const MARKS: usize = 6;
/// Factor of the rises.
const RISE: f32 = 0.5;

impl BeatSound {
    /// For this many quick and fine bands.
    pub fn new(quick: usize, fine: usize) -> Self {
        Self {
            quick,
            fine,
            ticks: [0; SLOTS],
            rises: vec![0.0; SLOTS * quick],
            levels: vec![0.0; SLOTS * quick],
            notes: vec![0.0; SLOTS * fine],
            marks: [[0.0; MARKS]; SLOTS],
            inputs: Vec::with_capacity(Self::len(quick, fine)),
        }
    }

    fn len(quick: usize, fine: usize) -> usize {
        SLOTS * quick + quick + 2 * fine + SLOTS * MARKS + 1
    }

    /// Clears it for another beat.
    pub fn clear(&mut self) {
        self.ticks = [0; SLOTS];
        self.rises.fill(0.0);
        self.levels.fill(0.0);
        self.notes.fill(0.0);
        self.marks = [[0.0; MARKS]; SLOTS];
    }

    /// Adds a tick in one of the quarters. Realtime-safe: yes.
    pub fn process(&mut self, slot: usize, sound: Sound<'_>, marks: &Marks) {
        self.ticks[slot] += 1;
        add(&mut self.rises[slot * self.quick..], sound.rises);
        add(&mut self.levels[slot * self.quick..], sound.quick);
        add(&mut self.notes[slot * self.fine..], sound.fine);
        let marks = [marks.beat, marks.downbeat, marks.kick, marks.snare, marks.hat, marks.onset];
        self.marks[slot].iter_mut().zip(marks).for_each(|(greatest, mark)| *greatest = greatest.max(mark));
    }

    /// Whether every quarter is complete.
    pub fn is_whole(&self) -> bool {
        self.ticks.iter().all(|ticks| *ticks > 0)
    }

    /// The net's inputs for a beat of this length in seconds. Realtime-safe: yes.
    pub fn inputs(&mut self, seconds: f64) -> &[f32] {
        let Self { quick, fine, .. } = *self;
        let shares = self.ticks.map(|ticks| 1.0 / ticks.max(1) as f32);
        let (levels, notes) = (&self.levels, &self.notes);
        self.inputs.clear();
        self.inputs.extend(self.rises.iter().map(|rise| rise * RISE));
        self.inputs.extend((0..quick).map(|band| {
            let quarters = shares.iter().enumerate().map(|(slot, share)| levels[slot * quick + band] * share);
            quarters.sum::<f32>() / SLOTS as f32
        }));
        for half in [[0, 1], [2, 3]] {
            self.inputs.extend((0..fine).map(|note| {
                let quarters = half.iter().map(|slot| notes[slot * fine + note] * shares[*slot]);
                quarters.sum::<f32>() / half.len() as f32
            }));
        }
        self.inputs.extend(self.marks.as_flattened());
        self.inputs.push(seconds.max(0.1).log2() as f32 + 1.0);
        &self.inputs
    }
}

fn add(sums: &mut [f32], values: &[f32]) {
    sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The order and the scale of `features` in tools/training/bars.py.
    #[test]
    fn a_beat_is_told_as_the_net_was_taught_it() {
        let mut beat = BeatSound::new(2, 1);
        for slot in 0..SLOTS {
            let place = slot as f32;
            let marks = Marks { beat: 0.1 * place, onset: 0.9, ..Marks::default() };
            for _ in 0..2 {
                beat.process(slot, Sound { quick: &[place, 4.0], fine: &[10.0 * place], rises: &[1.0, place] }, &marks);
            }
            assert_eq!(beat.is_whole(), slot == SLOTS - 1);
        }
        let rises = [1.0, 0.0, 1.0, 1.0, 1.0, 2.0, 1.0, 3.0];
        let (levels, notes) = ([1.5, 4.0], [5.0, 25.0]);
        let marks = [0.0f32, 0.1, 0.2, 0.3].map(|beat| [beat, 0.0, 0.0, 0.0, 0.0, 0.9]);
        let told = [&rises[..], &levels, &notes, marks.as_flattened(), &[0.0]].concat();
        let heard = beat.inputs(0.5);
        assert_eq!(heard.len(), told.len());
        assert!(heard.iter().zip(&told).all(|(heard, told)| (heard - told).abs() < 1e-6), "{heard:?} {told:?}");
    }
}
