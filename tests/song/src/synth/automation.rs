//! A setting that changes along the song.

/// Points `(bar, value)` in order, joined by straight lines; before the first and after the last it rests.
#[derive(Clone, Copy)]
pub struct Automation(pub &'static [(f64, f64)]);

impl Automation {
    /// The value at a position in bars. Two points at one bar are a step.
    pub fn at(self, bar: f64) -> f64 {
        let next = self.0.partition_point(|(point, _)| *point <= bar);
        match (next.checked_sub(1).map(|last| self.0[last]), self.0.get(next).copied()) {
            (Some((start, from)), Some((end, to))) => from + (to - from) * (bar - start) / (end - start),
            (Some((_, value)), None) | (None, Some((_, value))) => value,
            (None, None) => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_moves_in_straight_lines_and_steps() {
        let line = Automation(&[(1.0, 10.0), (3.0, 20.0), (3.0, 5.0)]);
        assert_eq!((line.at(0.0), line.at(2.0), line.at(3.0), line.at(9.0)), (10.0, 15.0, 5.0, 5.0));
    }
}
