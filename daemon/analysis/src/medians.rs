//! Running medians: over time for many bands at once, and over neighbouring bands.

/// For each of some bands, the median of its last values. It only uses the past, without delay.
#[derive(Clone, Debug)]
pub(crate) struct Medians {
    length: usize,
    /// The last values of each band, and the same sorted.
    past: Vec<f32>,
    sorted: Vec<f32>,
    at: usize,
    medians: Vec<f32>,
}

impl Medians {
    /// For this many bands and values; everything before the first call was zero.
    pub fn new(bands: usize, length: usize) -> Self {
        let values = vec![0.0; bands * length];
        Self { length, past: values.clone(), sorted: values, at: 0, medians: vec![0.0; bands] }
    }

    /// Takes the next value of each band. Realtime-safe: yes.
    pub fn process(&mut self, values: &[f32]) -> &[f32] {
        let bands = self.past.chunks_exact_mut(self.length).zip(self.sorted.chunks_exact_mut(self.length));
        for (((past, sorted), median), value) in bands.zip(&mut self.medians).zip(values) {
            replace(sorted, std::mem::replace(&mut past[self.at], *value), *value);
            *median = sorted[self.length / 2];
        }
        self.at = (self.at + 1) % self.length;
        &self.medians
    }
}

/// The median of each value and its neighbours.
#[derive(Clone, Debug)]
pub(crate) struct Sliding {
    sorted: Vec<f32>,
    medians: Vec<f32>,
}

impl Sliding {
    /// Over an odd number of neighbours; near the ends the last value stands in for missing ones.
    pub fn new(neighbours: usize) -> Self {
        Self { sorted: vec![0.0; neighbours], medians: Vec::with_capacity(Self::MOST) }
    }

    /// Maximum number of values.
    const MOST: usize = 1024;

    /// Over these values, of which at most [`MOST`](Self::MOST) count. Realtime-safe: yes.
    pub fn over(&mut self, values: &[f32]) -> &[f32] {
        let values = &values[..values.len().min(Self::MOST)];
        self.medians.clear();
        let Some(last) = values.len().checked_sub(1) else { return &self.medians };
        let length = self.sorted.len();
        let reach = length / 2;
        let at = |place: usize| values[place.saturating_sub(reach).min(last)];
        // Places start `reach` before the first value.
        for (place, value) in self.sorted.iter_mut().enumerate() {
            *value = at(place);
        }
        self.sorted.sort_unstable_by(f32::total_cmp);
        for place in 0..=last {
            self.medians.push(self.sorted[reach]);
            replace(&mut self.sorted, at(place), at(place + length));
        }
        &self.medians
    }
}

/// Replaces a value, and sorts again.
fn replace(sorted: &mut [f32], old: f32, new: f32) {
    let Some(mut place) = sorted.iter().position(|value| *value == old) else { return };
    sorted[place] = new;
    while place > 0 && sorted[place - 1] > new {
        sorted.swap(place - 1, place);
        place -= 1;
    }
    while place + 1 < sorted.len() && sorted[place + 1] < new {
        sorted.swap(place, place + 1);
        place += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn median(values: &[f32]) -> f32 {
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f32::total_cmp);
        sorted[sorted.len() / 2]
    }

    proptest! {
            #[test]
            fn running_medians_are_those_that_sorting_finds(values in proptest::collection::vec(0.0f32..9.0, 1..60)) {
                let mut medians = Medians::new(1, 5);
                let padded: Vec<f32> = std::iter::repeat_n(0.0, 4).chain(values.iter().copied()).collect();
                for (value, window) in values.iter().zip(padded.windows(5)) {
                    prop_assert_eq!(medians.process(&[*value])[0], median(window));
                }
                let last = values.len() - 1;
                let window = |place: usize| (0..7).map(|k| values[(place + k).saturating_sub(3).min(last)]).collect();
                let expected: Vec<f32> = (0..=last).map(|place| { let w: Vec<f32> = window(place); median(&w) }).collect();
    let mut sliding = Sliding::new(7);
                prop_assert_eq!(sliding.over(&values), &expected[..]);
            }
        }

    #[test]
    fn a_stroke_is_shorter_than_the_median_and_a_note_is_not() {
        let mut medians = Medians::new(1, 9);
        let stroke: Vec<f32> = [0.0, 1.0, 1.0, 1.0, 0.0, 0.0].map(|value| medians.process(&[value])[0]).into();
        assert_eq!(stroke, [0.0; 6]);
        let note: Vec<f32> = (0..9).map(|_| medians.process(&[1.0])[0]).collect();
        assert_eq!(note[8], 1.0);
    }
}
