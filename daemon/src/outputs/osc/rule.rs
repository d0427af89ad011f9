//! One `send` rule, with its names resolved.

use super::settings::{Kind, Send, Value, When};
use crate::edges::osc::encode::{Arg, Head};
use downbeat_protocol::{HostTime, Row, Unit};
use std::time::Duration;

/// A value that does not change is repeated this often: a message may be lost, and a program may have been started
/// after the last change. Triggers are never repeated.
const REPEAT: Duration = Duration::from_secs(2);

/// A rule that is ready to send.
#[derive(Clone, Debug)]
pub struct Rule {
    /// When it sends.
    pub when: When,
    /// How long a button is held; `None` for what is no trigger, or never let go.
    pub release: Option<Duration>,
    head: Head,
    source: Source,
    kind: Kind,
    range: Option<[[f64; 2]; 2]>,
    step: f64,
    text: String,
    decimals: usize,
    last: Option<(f64, HostTime)>,
}

/// Where a rule's value comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Source {
    Number(f64),
    Signal { place: usize, counts: bool },
}

impl Rule {
    /// Resolves a rule; `find` gives the place and unit of a signal.
    pub fn new<E>(send: &Send, find: impl FnOnce(&str) -> Result<(usize, Unit), E>) -> Result<Self, E> {
        let source = match &send.value {
            Value::Number(number) => Source::Number(*number),
            Value::Name(name) => {
                let (place, unit) = find(name)?;
                Source::Signal { place, counts: unit == Unit::Count }
            }
        };
        let tags = match send.kind {
            Kind::Float => "f",
            Kind::Int | Kind::Trigger => "i",
            Kind::String => "s",
        };
        let held = send.kind == Kind::Trigger && send.release_ms > 0;
        Ok(Self {
            when: send.when,
            release: held.then(|| Duration::from_millis(send.release_ms.into())),
            head: Head::new(&send.address, tags),
            source,
            kind: send.kind,
            range: send.from.or(send.to).map(|_| [send.from.unwrap_or([0.0, 1.0]), send.to.unwrap_or([0.0, 1.0])]),
            step: send.step,
            text: send.text.clone(),
            decimals: send.decimals.into(),
            last: None,
        })
    }

    /// The address and type tag.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// What to send from this row, outside of beats; `None` when there is nothing to send now.
    pub fn sample(&mut self, row: &Row, now: HostTime) -> Option<f64> {
        let value = self.value(row)?;
        if self.kind == Kind::Trigger {
            let pressed = self.presses(value);
            self.last = Some((value, now));
            return pressed.then_some(1.0);
        }
        if self.when == When::Change {
            let same = |(last, _): (f64, HostTime)| (value - last).abs() <= self.step;
            let fresh = |(_, at): (f64, HostTime)| now < at + REPEAT;
            if self.last.is_some_and(|last| same(last) && fresh(last)) {
                return None;
            }
            self.last = Some((value, now));
        }
        Some(value)
    }

    /// What to send at a beat; `None` when the value is not a number now.
    pub fn at_beat(&self, row: &Row) -> Option<f64> {
        if self.kind == Kind::Trigger { Some(1.0) } else { self.value(row) }
    }

    /// Appends the argument.
    pub fn put(&self, value: f64, bytes: &mut Vec<u8>) {
        match self.kind {
            Kind::Float => Arg::Float(value as f32).put(bytes),
            Kind::Int | Kind::Trigger => Arg::Int(value.round() as i32).put(bytes),
            Kind::String => {
                let number = format!("{value:.*}", self.decimals);
                Arg::Text(&self.text.replace("{}", &number)).put(bytes);
            }
        }
    }

    /// The value in the units of `to`; `None` when it is not finite.
    fn value(&self, row: &Row) -> Option<f64> {
        let value = match self.source {
            Source::Number(number) => number,
            Source::Signal { place, .. } => f64::from(*row.values.get(place)?),
        };
        let mapped = match self.range {
            Some([[from, until], [to, end]]) if from != until => {
                to + (end - to) * ((value - from) / (until - from)).clamp(0.0, 1.0)
            }
            _ => value,
        };
        mapped.is_finite().then_some(mapped)
    }

    /// Whether a button is pressed by this value: a counter that counts, or a rise past one half.
    fn presses(&self, value: f64) -> bool {
        let counts = matches!(self.source, Source::Signal { counts: true, .. });
        self.last.is_some_and(|(last, _)| if counts { value != last } else { last < 0.5 && value >= 0.5 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(toml: &str) -> Rule {
        let file = config::File::from_str(toml, config::FileFormat::Toml);
        let table = config::Config::builder().add_source(file).build().expect("TOML");
        let send: Send = table.try_deserialize().expect("a rule");
        let unit = if toml.contains("count") { Unit::Count } else { Unit::Ratio };
        Rule::new(&send, |_| Ok::<_, ()>((0, unit))).expect("resolves")
    }

    fn row(value: f32) -> Row {
        Row { values: [value].into(), ..Row::default() }
    }

    fn at(ms: i64) -> HostTime {
        HostTime(ms * 1_000_000)
    }

    #[test]
    fn a_value_is_mapped_from_its_range_to_the_targets_and_clamped() {
        let mut rule = rule("address='/t'\nvalue='tempo.bpm'\nfrom=[20,500]\nto=[0,1]");
        assert_eq!(rule.sample(&row(128.0), at(0)), Some(0.225));
        assert_eq!(rule.sample(&row(900.0), at(0)), Some(1.0));
        assert_eq!(rule.sample(&row(f32::NAN), at(0)), None);
    }

    #[test]
    fn a_change_is_sent_once_and_repeated_now_and_then_for_those_who_missed_it() {
        let mut rule = rule("address='/t'\nvalue='x'\nwhen='change'\nstep=0.1");
        assert_eq!(rule.sample(&row(0.5), at(0)), Some(0.5));
        assert_eq!(rule.sample(&row(0.55), at(10)), None);
        assert!(rule.sample(&row(0.7), at(20)).is_some());
        assert_eq!(rule.sample(&row(0.7), at(2019)), None);
        assert!(rule.sample(&row(0.7), at(2020)).is_some());
    }

    #[test]
    fn a_button_is_pressed_when_its_value_rises_or_its_counter_counts() {
        let mut rising = rule("address='/t'\nvalue='x'\ntype='trigger'");
        let pressed = [0.9, 0.2, 0.6, 0.7, 0.1, 0.5].map(|value| rising.sample(&row(value), at(0)).is_some());
        assert_eq!(pressed, [false, false, true, false, false, true]);
        let mut counting = rule("address='/t'\nvalue='count'\ntype='trigger'");
        let pressed = [7.0, 7.0, 8.0, 0.0].map(|value| counting.sample(&row(value), at(0)).is_some());
        assert_eq!(pressed, [false, false, true, true]);
    }

    #[test]
    fn a_desk_gets_its_command_as_text() {
        let rule = rule("address='/cmd'\nvalue='tempo.bpm'\ntype='string'\ntext='Master 3.1 At {}'\ndecimals=1");
        let mut bytes = Vec::new();
        rule.put(128.04, &mut bytes);
        assert_eq!(bytes, b"Master 3.1 At 128.0\0");
    }
}
