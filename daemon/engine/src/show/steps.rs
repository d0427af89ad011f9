//! The action of a rule's step, given the current value.

use super::Show;
use crate::rules::choice;
use downbeat_protocol::rule::{Act, Step};
use downbeat_protocol::{Action, Value, tree};

impl Show {
    /// The action of a step. `heard` is the value of a parameter in the row, if it is not held by hand; `count` is how
    /// often the rule acted before.
    pub fn action(
        &self,
        step: &Step,
        heard: impl Fn(&str) -> Option<f32>,
        count: u64,
    ) -> Result<Option<Action>, String> {
        let address = &step.address;
        if let Some(output) = &step.output {
            let (output, address, value) = (output.clone(), address.clone(), step.value.clone());
            return Ok(Some(Action::Send { output, address, value }));
        }
        let there = || self.there(address, heard);
        let value: Option<Value> = match &step.act {
            Act::Set => step.value.clone(),
            Act::Toggle => Some((!there().and_then(|value| value.switch()).unwrap_or(false)).into()),
            Act::Next => self.beside(address, there(), 1),
            Act::Previous => self.beside(address, there(), -1),
            Act::Add(by) => {
                let [low, high] = self.range_of(address).unwrap_or([f64::MIN, f64::MAX]);
                Some((there().and_then(|value| value.number()).unwrap_or(low) + by).clamp(low, high).into())
            }
            Act::Ramp(ramp) => Some(choice::ramp(ramp, count).into()),
            Act::Unknown(act) => return Err(format!("unknown act `{act}`")),
        };
        tree::parse(address, value.as_ref()).map_err(|error| error.to_string())
    }

    fn there(&self, address: &str, heard: impl Fn(&str) -> Option<f32>) -> Option<Value> {
        let (entry, names) = tree::entry(address)?;
        entry.set_to(address, &names, &self.state).or_else(|| heard(names.first()?).map(Value::from))
    }

    /// The choice this many places after the current one; the first or last if the current one is unknown.
    fn beside(&self, address: &str, there: Option<Value>, places: isize) -> Option<Value> {
        let choices = self.choices(address);
        let here = choices.iter().position(|choice| there == Some(choice.as_str().into()));
        let here = here.map_or(if places > 0 { -1 } else { 0 }, |place| place as isize);
        let place = (here + places).rem_euclid(choices.len().max(1) as isize);
        choices.get(place as usize).map(|choice| choice.as_str().into())
    }
}
