//! What an output does without a beat, in silence or in a blackout: words in its table, carried out here for all
//! outputs. Pure.

use crate::edges::OpenError;
use config::{Value, ValueKind};
use downbeat_config::nearest::by_name;
use downbeat_engine::{Kept, Tick};
use downbeat_protocol::tree::{MUSIC, parameter};
use downbeat_protocol::{HostTime, Row, Schema};
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;

/// The keys that every output's table may have.
const KEYS: [&str; 3] = ["on-beat-lost", "on-silence", "on-blackout"];

/// How often the values that go out instead of a parameter's are noted: much more often than an echo counts as one.
const PACE: Duration = Duration::from_millis(250);

/// The words of a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Policy {
    /// Without a beat: stop beats, or let them continue.
    pub on_beat_lost: Beats,
    /// In silence.
    pub on_silence: Values,
    /// In a blackout.
    pub on_blackout: Values,
}

/// What happens to beats.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Beats {
    /// None is sent.
    #[default]
    Stop,
    /// They continue at the last tempo.
    Run,
}

/// What happens to values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Values {
    /// They are sent unchanged.
    #[default]
    Follow,
    /// They keep their last value.
    Hold,
    /// Parameters go to the minimum of their range.
    Rest,
}

impl TryFrom<String> for Beats {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        by_name("policy", &name, &[("stop", Self::Stop), ("run", Self::Run)])
    }
}

impl TryFrom<String> for Values {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        by_name("policy", &name, &[("follow", Self::Follow), ("hold", Self::Hold), ("rest", Self::Rest)])
    }
}

impl Policy {
    /// Takes its own keys out of an output's table.
    ///
    /// # Errors
    /// An unknown word; the error names the key.
    pub fn take(table: &mut Value) -> Result<Self, OpenError> {
        let ValueKind::Table(keys) = &mut table.kind else { return Ok(Self::default()) };
        let own: config::Map<String, Value> =
            KEYS.iter().filter_map(|key| Some(((*key).to_owned(), keys.remove(*key)?))).collect();
        Ok(Value::new(None, ValueKind::Table(own)).try_deserialize()?)
    }
}

/// Applies a policy to rows.
#[derive(Debug)]
pub struct Keeper {
    policy: Policy,
    schema: Schema,
    /// The index of the music's state in a row.
    state: Option<usize>,
    /// The parameters' columns, names and minimums.
    rest: Vec<(usize, String, f32)>,
    /// The last row before values were held.
    held: Option<Row>,
    /// The same, of an earlier layout, until the first row of this one.
    carried: Option<(Schema, Row)>,
    /// Where it notes what goes out instead of a parameter's value.
    kept: Kept,
    /// When that was noted last.
    noted: HostTime,
}

impl Keeper {
    /// For rows of this layout.
    pub fn new(policy: Policy, schema: &Schema, kept: Kept) -> Self {
        let rest = schema.places().filter_map(|(place, signal)| {
            Some((place, parameter(signal)?.to_owned(), signal.range[0].min(signal.range[1])))
        });
        Self {
            policy,
            schema: schema.clone(),
            state: schema.find("music.state").map(|(place, _)| place),
            rest: rest.collect(),
            held: None,
            carried: None,
            kept,
            noted: HostTime(i64::MIN),
        }
    }

    /// The layout of rows changes. What is held stays so, by its name.
    pub fn change_layout(&mut self, schema: &Schema) {
        let held = self.held.take().map(|row| (self.schema.clone(), row));
        let carried = held.or_else(|| self.carried.take());
        *self = Self { carried, ..Self::new(self.policy, schema, self.kept.clone()) };
    }

    /// The tick for the output.
    pub fn apply(&mut self, tick: Arc<Tick>) -> Arc<Tick> {
        let beating = tick.beating || self.policy.on_beat_lost == Beats::Run;
        let values = if tick.state.blackout {
            self.policy.on_blackout
        } else if self.is_silent(&tick.row) {
            self.policy.on_silence
        } else {
            Values::Follow
        };
        let row = match values {
            Values::Follow => {
                (self.held, self.carried) = (None, None);
                None
            }
            Values::Hold => {
                let (schema, carried) = (&self.schema, &mut self.carried);
                let held = self.held.get_or_insert_with(|| carry(carried.take(), schema, &tick.row));
                Some(Row { values: held.values.clone(), ..tick.row.clone() })
            }
            Values::Rest => {
                let mut row = tick.row.clone();
                for (place, _, least) in &self.rest {
                    row.values.get_mut(*place).into_iter().for_each(|value| *value = *least);
                }
                Some(row)
            }
        };
        if let Some(row) = &row {
            self.note(&row.values, &tick);
        }
        match row {
            None if beating == tick.beating => tick,
            row => Arc::new(Tick { beating, row: row.unwrap_or_else(|| tick.row.clone()), ..Tick::clone(&tick) }),
        }
    }

    /// Notes the parameters that are not what they are in the show.
    fn note(&mut self, values: &[f32], tick: &Tick) {
        let now = tick.heard;
        if now < self.noted + PACE {
            return;
        }
        self.noted = now;
        for (place, name, _) in &self.rest {
            if let (Some(told), true) = (values.get(*place), values.get(*place) != tick.row.values.get(*place)) {
                self.kept.note(name, *told, tick.row.time);
            }
        }
    }

    fn is_silent(&self, row: &Row) -> bool {
        let state = self.state.and_then(|place| row.values.get(place)).and_then(|state| MUSIC.get(*state as usize));
        matches!(state, Some(&"silence" | &"no-signal"))
    }
}

/// A row with the values of an earlier layout, where it had them.
fn carry(earlier: Option<(Schema, Row)>, schema: &Schema, row: &Row) -> Row {
    let mut row = row.clone();
    let Some((before, held)) = earlier else { return row };
    for (place, signal) in schema.places() {
        let known = before.find(&signal.name).filter(|(_, known)| known.len == signal.len);
        let len = usize::from(signal.len);
        let values = known.and_then(|(from, _)| held.values.get(from..from + len));
        let places = row.values.get_mut(place..place + len);
        places.into_iter().zip(values).for_each(|(places, values)| places.copy_from_slice(values));
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::{HostTime, ShowState, Signal, Timeline, Unit};

    fn policy(toml: &str) -> Result<Policy, String> {
        let file = config::File::from_str(&format!("[it]\ntarget = 'x'\n{toml}"), config::FileFormat::Toml);
        let mut table: Value = config::Config::builder().add_source(file).build().expect("TOML").get("it").expect("it");
        let policy = Policy::take(&mut table).map_err(|error| error.to_string())?;
        assert_eq!(table.into_table().expect("a table").len(), 1, "its own keys are taken out, the others stay");
        Ok(policy)
    }

    fn schema() -> Schema {
        let names = ["music.state", "main.level", "param.glow"];
        Schema { signals: names.map(|name| Signal::scalar(name, Unit::Ratio, [0.1, 1.0])).into() }
    }

    fn tick(state: f32, glow: f32, blackout: bool) -> Arc<Tick> {
        let row = Row { values: [state, 0.5, glow].into(), ..Row::default() };
        let state = Arc::new(ShowState { blackout, ..ShowState::default() });
        Arc::new(Tick { row, timeline: Timeline::default(), state, beating: false, heard: HostTime::ZERO })
    }

    #[test]
    fn without_a_word_everything_goes_out_as_it_is() {
        let mut keeper = Keeper::new(policy("").expect("none"), &schema(), Kept::default());
        let tick = tick(0.0, 0.7, true);
        assert!(Arc::ptr_eq(&keeper.apply(Arc::clone(&tick)), &tick));
    }

    #[test]
    fn in_the_dark_parameters_rest_and_in_silence_values_stay() {
        let policy = policy("on-blackout = 'rest'\non-silence = 'hold'\non-beat-lost = 'run'").expect("words");
        let mut keeper = Keeper::new(policy, &schema(), Kept::default());
        let mut values = |tick: Arc<Tick>| keeper.apply(tick).row.values.to_vec();
        assert_eq!(values(tick(3.0, 0.7, true)), [3.0, 0.5, 0.1], "signals are no parameters");
        assert_eq!(values(tick(3.0, 0.7, false)), [3.0, 0.5, 0.7]);
        assert_eq!(values(tick(1.0, 0.6, false)), [1.0, 0.5, 0.6]);
        assert_eq!(values(tick(0.0, 0.2, false)), [1.0, 0.5, 0.6], "as when the silence began");
        assert_eq!(values(tick(2.0, 0.2, false)), [2.0, 0.5, 0.2]);
        assert!(keeper.apply(tick(3.0, 0.7, false)).beating, "the beat continues");
    }

    #[test]
    fn what_is_held_stays_so_when_the_layout_changes_and_goes_by_its_name() {
        for (words, silent, dark) in [("on-silence = 'hold'", 0.0, false), ("on-blackout = 'hold'", 3.0, true)] {
            let mut keeper = Keeper::new(policy(words).expect("words"), &schema(), Kept::default());
            keeper.apply(tick(3.0, 0.7, false));
            assert_eq!(keeper.apply(tick(silent, 0.6, dark)).row.values.to_vec(), [silent, 0.5, 0.6]);
            let names = ["param.hue", "param.glow", "music.state", "main.level"];
            let signals = names.map(|name| Signal::scalar(name, Unit::Ratio, [0.1, 1.0])).into();
            // Twice before a row comes.
            keeper.change_layout(&schema());
            keeper.change_layout(&Schema { signals });
            let later = |glow| {
                let row = Row { values: [0.9, glow, silent, 0.0].into(), ..Row::default() };
                Arc::new(Tick { row, ..Tick::clone(&tick(silent, 0.0, dark)) })
            };
            for glow in [0.2, 0.3] {
                assert_eq!(keeper.apply(later(glow)).row.values.to_vec(), [0.9, 0.6, silent, 0.5], "{words}");
            }
        }
    }

    #[test]
    fn a_word_that_there_is_not_is_named_with_those_that_there_are() {
        let why = policy("on-blackout = 'dark'").expect_err("unknown");
        assert!(why.contains("`dark`") && why.contains("rest") && why.contains("on-blackout"), "{why}");
    }
}
