//! Controllers that follow signals: sent when they change. Pure.

use super::packet::{Channel, Message, Seven};
use super::settings::ControlChange;
use super::signals::Place;
use crate::edges::OpenError;
use crate::edges::scale::Scale;
use crate::edges::value_sender::{Change, ValueSender};
use downbeat_protocol::{HostTime, Row, Schema};

/// One rule, with its name resolved.
#[derive(Clone, Debug)]
pub struct Controller {
    value: ValueSender,
    channel: Channel,
    upper: Seven,
    /// The controller of the lower half, with fourteen bits.
    lower: Option<Seven>,
}

impl Controller {
    /// Resolves a rule.
    pub fn new(rule: &ControlChange, schema: &Schema) -> Result<Self, OpenError> {
        let most = if rule.fourteen_bit { 16_383.0 } else { 127.0 };
        let to = rule.to.unwrap_or([0.0, most]).map(|end| end.clamp(0.0, most));
        let scale = Scale { from: rule.from, to };
        Ok(Self {
            value: ValueSender::new(Place::find(schema, &rule.value)?.source(), Some(scale)).whole(),
            channel: rule.channel,
            upper: rule.controller,
            lower: rule.fourteen_bit.then(|| rule.controller.lower_half()).flatten(),
        })
    }

    /// Passes on a change. With fourteen bits the upper half goes first, as MIDI 1.0 requires.
    pub fn follow(&mut self, row: &Row, now: HostTime, send: &mut impl FnMut(Message)) {
        let Some(number) = self.value.take(row, Change::default(), now) else { return };
        let halves = if self.lower.is_some() { Seven::pair(number) } else { [Seven::nearest(number); 2] };
        send(Message::control_change(self.channel, self.upper, halves[0]));
        if let Some(lower) = self.lower {
            send(Message::control_change(self.channel, lower, halves[1]));
        }
    }

    /// Goes on where the same controller was in an earlier layout.
    pub fn continue_from(&mut self, earlier: &Self) {
        self.value.continue_from(&earlier.value);
    }

    /// The receiver may have missed something: the next value is sent even if it is the same.
    pub fn forget(&mut self) {
        self.value.forget();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::{Signal, Unit};

    fn controller(toml: &str) -> Controller {
        let file = config::File::from_str(toml, config::FileFormat::Toml);
        let table = config::Config::builder().add_source(file).build().expect("TOML");
        let schema = Schema { signals: vec![Signal::scalar("param.glow", Unit::Ratio, [0.0, 1.0])] };
        Controller::new(&table.try_deserialize().expect("a rule"), &schema).expect("resolves")
    }

    fn follow(controller: &mut Controller, value: f32) -> Vec<Vec<u8>> {
        let mut sent = Vec::new();
        let row = Row { values: [value].into(), ..Row::default() };
        controller.follow(&row, HostTime::ZERO, &mut |message| sent.push(message.bytes().to_vec()));
        sent
    }

    #[test]
    fn a_controller_is_sent_when_its_seven_bits_change() {
        let mut controller = controller("value = 'param.glow'\nchannel = 1\ncontroller = 7\nto = [0, 100]");
        assert_eq!(follow(&mut controller, 0.5), [[0xB0, 7, 50]]);
        assert!(follow(&mut controller, 0.501).is_empty());
        assert_eq!(follow(&mut controller, 2.0), [[0xB0, 7, 100]]);
        assert!(follow(&mut controller, f32::NAN).is_empty());
        controller.forget();
        assert_eq!(follow(&mut controller, 1.0).len(), 1);
    }

    #[test]
    fn fourteen_bits_go_as_two_messages_upper_half_first() {
        let mut controller = controller("value = 'param.glow'\nchannel = 3\ncontroller = 1\n14-bit = true");
        assert_eq!(follow(&mut controller, 0.5), [[0xB2, 1, 64], [0xB2, 33, 0]]);
    }
}
