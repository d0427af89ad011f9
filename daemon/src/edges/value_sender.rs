//! How to send one number of the row: value, range, change, repeat. For every protocol that sends values. Pure.

use super::scale::Scale;
use downbeat_protocol::{HostTime, Row, Signal};
use std::time::Duration;

/// The source of the value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Source {
    /// A constant.
    Number(f64),
    /// A column of the row; whether it counts events.
    Column {
        /// Its place.
        place: usize,
        /// Whether it is a counter.
        counts: bool,
    },
}

/// When to send a value.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Change {
    /// Minimum change. At 0 every change counts.
    pub step: f64,
    /// Interval for repeating an unchanged value: a message may be lost, and a program may start after the last change.
    pub repeat: Option<Duration>,
}

/// A value and its last sent reading.
#[derive(Clone, Debug)]
pub struct ValueSender {
    source: Source,
    scale: Option<Scale>,
    /// Whether it only sends whole numbers.
    whole: bool,
    last: Option<(f64, HostTime)>,
}

impl ValueSender {
    /// Sends the source's value, mapped if there is a scale.
    pub fn new(source: Source, scale: Option<Scale>) -> Self {
        Self { source, scale, whole: false, last: None }
    }

    /// Sends only whole numbers: smaller changes do not count.
    pub fn whole(self) -> Self {
        Self { whole: true, ..self }
    }

    /// The value as sent; `None` if it is not finite.
    pub fn value(&self, row: &Row) -> Option<f64> {
        let value = match self.source {
            Source::Number(number) => number,
            Source::Column { place, .. } => f64::from(*row.values.get(place)?),
        };
        let mapped = self.scale.map_or(value, |scale| scale.map(value));
        let mapped = if self.whole { mapped.round() } else { mapped };
        mapped.is_finite().then_some(mapped)
    }

    /// The value, if it is due.
    pub fn take(&mut self, row: &Row, change: Change, now: HostTime) -> Option<f64> {
        let value = self.value(row)?;
        let same = |(last, _): (f64, HostTime)| (value - last).abs() <= change.step;
        let fresh = |(_, at): (f64, HostTime)| change.repeat.is_none_or(|repeat| now < at + repeat);
        if self.last.is_some_and(|last| same(last) && fresh(last)) {
            return None;
        }
        self.last = Some((value, now));
        Some(value)
    }

    /// Whether its value is a counter of events.
    pub fn counts(&self) -> bool {
        matches!(self.source, Source::Column { counts: true, .. })
    }

    /// How often a button was pressed until this row: a counter has counted, or the value has risen past one half.
    pub fn presses(&mut self, row: &Row, now: HostTime) -> u64 {
        let Some(value) = self.value(row) else { return 0 };
        let Some((last, _)) = self.last.replace((value, now)) else { return 0 };
        match (self.counts(), self.scale) {
            (true, None) => counted(last, value),
            (true, Some(_)) => u64::from(value != last),
            (false, _) => u64::from(last < 0.5 && value >= 0.5),
        }
    }

    /// Goes on where another one was, which had the same value.
    pub fn continue_from(&mut self, earlier: &Self) {
        self.last = earlier.last;
    }

    /// The receiver may have missed something: the next value is sent even if it is the same.
    pub fn forget(&mut self) {
        self.last = None;
    }
}

/// The number of events between two readings of a counter.
pub fn counted(before: f64, after: f64) -> u64 {
    (after - before).rem_euclid(Signal::COUNTER_WRAP as f64) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMN: Source = Source::Column { place: 0, counts: false };

    fn row(value: f32) -> Row {
        Row { values: [value].into(), ..Row::default() }
    }

    fn at(ms: i64) -> HostTime {
        HostTime(ms * 1_000_000)
    }

    #[test]
    fn a_value_is_mapped_from_its_range_to_the_targets_and_held_at_the_ends() {
        let scale = Scale { from: [20.0, 500.0], to: [0.0, 1.0] };
        let tempo = ValueSender::new(COLUMN, Some(scale));
        assert_eq!(tempo.value(&row(128.0)), Some(0.225));
        assert_eq!(tempo.value(&row(900.0)), Some(1.0));
        assert_eq!(tempo.value(&row(f32::NAN)), None);
        let downwards = Scale { from: [0.0, 1.0], to: [127.0, 0.0] };
        assert_eq!(downwards.map(0.25), 95.25);
        assert_eq!(Scale { from: [1.0, 1.0], to: [3.0, 4.0] }.map(1.0), 3.0);
    }

    #[test]
    fn a_change_is_sent_once_and_repeated_now_and_then_for_those_who_missed_it() {
        let mut sender = ValueSender::new(COLUMN, None);
        let change = Change { step: 0.1, repeat: Some(Duration::from_secs(2)) };
        let mut take = |value, ms| sender.take(&row(value), change, at(ms)).is_some();
        assert_eq!([take(0.5, 0), take(0.55, 10), take(0.7, 20)], [true, false, true]);
        assert_eq!([take(0.7, 2019), take(0.7, 2020)], [false, true]);
    }

    #[test]
    fn whole_numbers_change_by_one_and_a_receiver_that_was_away_is_told_anew() {
        let mut sender = ValueSender::new(COLUMN, Some(Scale { from: [0.0, 1.0], to: [0.0, 100.0] })).whole();
        let mut take = |value| sender.take(&row(value), Change::default(), at(0));
        assert_eq!([take(0.5), take(0.504), take(0.506)], [Some(50.0), None, Some(51.0)]);
        sender.forget();
        assert_eq!(sender.take(&row(0.506), Change::default(), at(1)), Some(51.0));
    }

    #[test]
    fn a_button_is_pressed_when_its_value_rises_or_its_counter_counts() {
        let mut rising = ValueSender::new(COLUMN, None);
        let pressed = [0.9, 0.2, 0.6, 0.7, 0.1, 0.5].map(|value| rising.presses(&row(value), at(0)));
        assert_eq!(pressed, [0, 0, 1, 0, 0, 1]);
        let mut counting = ValueSender::new(Source::Column { place: 0, counts: true }, None);
        assert_eq!([7.0, 7.0, 8.0, 1023.0, 1.0].map(|value| counting.presses(&row(value), at(0))), [0, 0, 1, 1015, 2]);
    }
}
