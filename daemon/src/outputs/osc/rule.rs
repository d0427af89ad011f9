//! One `send` rule, with its names resolved.

use super::settings::{Kind, Send, Value, When};
use crate::edges::osc::encode::{Arg, Head};
use crate::edges::scale::Scale;
use crate::edges::value_sender::{Change, Source, ValueSender};
use downbeat_protocol::{HostTime, Row, Unit};
use std::time::Duration;

/// Interval for repeating an unchanged value. Triggers are never repeated.
const REPEAT: Duration = Duration::from_secs(2);

/// A resolved rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// When it sends.
    pub when: When,
    /// How long a button is held; `None` without a trigger, or if it is never released.
    pub release: Option<Duration>,
    head: Head,
    kind: Kind,
    value: ValueSender,
    change: Change,
    text: String,
    decimals: usize,
}

impl Rule {
    /// Resolves a rule; `find` returns the index and unit of a signal.
    pub fn new<E>(send: &Send, find: impl FnOnce(&str) -> Result<(usize, Unit), E>) -> Result<Self, E> {
        let source = match &send.value {
            Value::Number(number) => Source::Number(*number),
            Value::Name(name) => {
                let (place, unit) = find(name)?;
                Source::Column { place, counts: unit == Unit::Count }
            }
        };
        let tags = match send.kind {
            Kind::Float => "f",
            Kind::Int | Kind::Trigger => "i",
            Kind::String => "s",
        };
        let held = send.kind == Kind::Trigger && send.release_ms > 0;
        let range = |range: Option<[f64; 2]>| range.unwrap_or([0.0, 1.0]);
        let scale = send.from.or(send.to).map(|_| Scale { from: range(send.from), to: range(send.to) });
        Ok(Self {
            when: send.when,
            release: held.then(|| Duration::from_millis(send.release_ms.into())),
            head: Head::new(&send.address, tags),
            kind: send.kind,
            // A range of no width maps nothing: the value is sent unchanged.
            value: ValueSender::new(source, scale.filter(|scale| scale.from[0] != scale.from[1])),
            change: Change { step: send.step, repeat: Some(REPEAT) },
            text: send.text.clone(),
            decimals: send.decimals.into(),
        })
    }

    /// The address and type tag.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Whether it presses a button by itself, outside of beats.
    pub fn is_press(&self) -> bool {
        self.kind == Kind::Trigger && matches!(self.when, When::Rate | When::Change)
    }

    /// Whether it follows a counter of events: each is one of its own row, and not of the next at a slow rate.
    pub fn counts(&self) -> bool {
        self.value.counts()
    }

    /// How often the button was pressed until this row.
    pub fn presses(&mut self, row: &Row, now: HostTime) -> u64 {
        self.value.presses(row, now)
    }

    /// The value to send from this row, outside of beats and presses; `None` if there is none.
    pub fn sample(&mut self, row: &Row, now: HostTime) -> Option<f64> {
        match (self.kind, self.when) {
            (Kind::Trigger, _) => None,
            (_, When::Change) => self.value.take(row, self.change, now),
            _ => self.value.value(row),
        }
    }

    /// Goes on where the same rule was in an earlier layout.
    pub fn continue_from(&mut self, earlier: &Self) {
        self.value.continue_from(&earlier.value);
    }

    /// The receiver may have missed something: the next value is sent.
    pub fn forget(&mut self) {
        // A button that is reset misses a press.
        if self.kind != Kind::Trigger {
            self.value.forget();
        }
    }

    /// Others tell the receiver meanwhile: the next reading is the first one, also of a button.
    pub fn begin_anew(&mut self) {
        self.value.forget();
    }

    /// The value to send at a beat; `None` if it is not finite.
    pub fn at_beat(&self, row: &Row) -> Option<f64> {
        if self.kind == Kind::Trigger { Some(1.0) } else { self.value.value(row) }
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
    fn a_change_is_sent_once_and_repeated_now_and_then_for_those_who_missed_it() {
        let mut rule = rule("address='/t'\nvalue='x'\nwhen='change'\nstep=0.1");
        assert_eq!(rule.sample(&row(0.5), at(0)), Some(0.5));
        assert_eq!(rule.sample(&row(0.55), at(10)), None);
        assert!(rule.sample(&row(0.7), at(20)).is_some());
        assert_eq!(rule.sample(&row(0.7), at(2019)), None);
        assert!(rule.sample(&row(0.7), at(2020)).is_some());
    }

    #[test]
    fn a_desk_gets_its_command_as_text() {
        let rule = rule("address='/cmd'\nvalue='tempo.bpm'\ntype='string'\ntext='Master 3.1 At {}'\ndecimals=1");
        let mut bytes = Vec::new();
        rule.put(128.04, &mut bytes);
        assert_eq!(bytes, b"Master 3.1 At 128.0\0");
    }
}
