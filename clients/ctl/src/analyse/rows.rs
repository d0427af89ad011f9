//! Every signal of every hop of one file, for the pictures of all signals.

use downbeat_protocol::{Schema, Signal, Unit};
use std::ops::Range;
use std::sync::Arc;

/// The rows of a file. One hour of audio takes less memory here than its samples do.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    schema: Arc<Schema>,
    width: usize,
    times: Vec<f64>,
    values: Vec<f32>,
}

/// A summary of one number over a stretch of hops.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    /// The minimum.
    pub least: f32,
    /// The mean.
    pub mean: f32,
    /// The maximum.
    pub most: f32,
}

impl Rows {
    /// Empty, for this layout.
    pub fn of(schema: Arc<Schema>) -> Self {
        Self { width: schema.width(), schema, ..Self::default() }
    }

    /// Adds a hop: seconds of audio at its end, and its values.
    pub fn keep(&mut self, time: f64, values: &[f32]) {
        self.times.push(time);
        self.values.extend_from_slice(&values[..self.width]);
    }

    /// The signals, each with the index of its first number.
    pub fn signals(&self) -> impl Iterator<Item = (usize, &Signal)> {
        self.schema.places()
    }

    /// The hops that end in `from..to` seconds; at least the one nearest to `from`, if there are any.
    pub fn between(&self, from: f64, to: f64) -> Range<usize> {
        let first = self.times.partition_point(|time| *time < from);
        let last = self.times.partition_point(|time| *time < to);
        match self.times.len() {
            0 => 0..0,
            len if first >= last => first.min(len - 1)..first.min(len - 1) + 1,
            _ => first..last,
        }
    }

    /// One number of one hop.
    pub fn number(&self, hop: usize, place: usize) -> f32 {
        self.values[hop * self.width + place]
    }

    /// The summary of a number over these hops; nothing if there are none.
    pub fn extent(&self, hops: Range<usize>, place: usize) -> Option<Extent> {
        let numbers = || hops.clone().map(|hop| self.number(hop, place));
        (!hops.is_empty()).then(|| Extent {
            least: numbers().fold(f32::INFINITY, f32::min),
            mean: numbers().sum::<f32>() / hops.len() as f32,
            most: numbers().fold(f32::NEG_INFINITY, f32::max),
        })
    }

    /// The times at which a number changed, in seconds.
    pub fn steps(&self, place: usize) -> impl Iterator<Item = f64> {
        (1..self.times.len())
            .filter(move |hop| self.number(*hop, place) != self.number(hop - 1, place))
            .map(|hop| self.times[hop])
    }

    /// The times at which the counter of this name stepped, on any bus; none without such a counter.
    pub fn counted(&self, counter: &str) -> Vec<f64> {
        let place = self
            .signals()
            .find(|(_, signal)| signal.unit == Unit::Count && signal.name.ends_with(&format!(".{counter}")))
            .map(|(place, _)| place);
        place.map_or(vec![], |place| self.steps(place).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_tells_what_happened_in_it() {
        let signals = vec![
            Signal::scalar("main.level", Unit::Ratio, [0.0, 1.0]),
            Signal::scalar("main.drop-count", Unit::Count, [0.0, 1023.0]),
        ];
        let mut rows = Rows::of(Arc::new(Schema { signals }));
        for (index, level) in [0.25, 1.0, 0.5, 0.0].into_iter().enumerate() {
            rows.keep(index as f64 * 0.1, &[level, (index / 2) as f32]);
        }
        let extent = rows.extent(rows.between(0.05, 0.25), 0);
        assert_eq!(extent, Some(Extent { least: 0.5, mean: 0.75, most: 1.0 }));
        assert_eq!(rows.between(9.0, 9.1), 3..4);
        assert_eq!(rows.counted("drop-count"), [0.2]);
        assert!(rows.counted("section-count").is_empty());
        assert_eq!(Rows::default().extent(0..0, 0), None);
    }
}
