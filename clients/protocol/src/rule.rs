//! Rules: when something happens, if a condition holds, do something.

use crate::{Beats, Timeline, Value};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One rule. Its name is its key in [`ShowState::rules`](crate::ShowState::rules).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
pub struct Rule {
    /// What fires it.
    pub when: Occasion,
    /// Fires once in this many times: with bars and 8, at the first of every eight bars.
    #[serde(skip_serializing_if = "is_one")]
    pub every: u32,
    /// An expression that must exceed 0.5; empty always holds.
    #[serde(rename = "if", skip_serializing_if = "String::is_empty")]
    pub only_if: String,
    /// Its actions.
    #[serde(rename = "do")]
    pub steps: Vec<Step>,
    /// Which of its steps it takes.
    #[serde(skip_serializing_if = "is_all")]
    pub choice: Choice,
    /// Acts on a pattern of its occasions, spread as evenly as possible.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub euclid: Option<Euclid>,
    /// The chance that it acts, `[0, 1]`.
    #[serde(skip_serializing_if = "is_certain")]
    pub chance: f64,
    /// Starts muted.
    #[serde(skip_serializing_if = "is_false")]
    pub muted: bool,
    /// Its initial rate, relative to `when` and `every`.
    #[serde(skip_serializing_if = "is_usual")]
    pub rate: Rate,
}

impl Default for Rule {
    fn default() -> Self {
        Self {
            when: Occasion::default(),
            every: 1,
            only_if: String::new(),
            steps: Vec::new(),
            choice: Choice::default(),
            euclid: None,
            chance: 1.0,
            muted: false,
            rate: Rate::default(),
        }
    }
}

impl Rule {
    /// The keys of its table.
    pub const KEYS: &[&str] = &["when", "every", "if", "do", "choice", "euclid", "chance", "muted", "rate"];
}

/// What fires a rule.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Occasion {
    /// Only its own address, `/rule/NAME/fire`.
    #[default]
    Key,
    /// A beat.
    Beat,
    /// The first beat of a bar.
    Bar,
    /// The first beat of a phrase.
    Phrase,
    /// A drop.
    Drop,
    /// The start of a build-up.
    BuildUp,
    /// A new section of the piece.
    Section,
    /// The music starts with its usual drive.
    Playing,
    /// The drums drop out.
    Breakdown,
    /// The end of the music.
    Silence,
    /// The loss of the input.
    NoSignal,
    /// A signal rises to a value.
    Above(Crossing),
    /// A signal falls to a value.
    Below(Crossing),
    /// An event unknown to this build: it never happens.
    #[serde(untagged)]
    Unknown(serde_json::Value),
}

impl Occasion {
    /// The names of those without parameters.
    pub const NAMES: [&str; 11] =
        ["key", "beat", "bar", "phrase", "drop", "build-up", "section", "playing", "breakdown", "silence", "no-signal"];

    /// The length of its grid in a timeline; none if it follows no grid.
    pub fn cycle(&self, line: &Timeline) -> Option<Beats> {
        match self {
            Self::Beat => Some(Beats::ONE),
            Self::Bar => Some(line.bar()),
            Self::Phrase => Some(line.phrase()),
            _ => None,
        }
    }
}

/// A signal that crosses a value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Crossing {
    /// A signal, or an expression over signals.
    pub signal: String,
    /// The value.
    pub value: f64,
    /// How far it must fall back before it can cross again.
    #[serde(default)]
    pub hysteresis: f64,
}

impl Crossing {
    /// The keys of its table.
    pub const KEYS: &[&str] = &["signal", "value", "hysteresis"];
}

/// Which of its steps a rule takes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// All, in order.
    #[default]
    All,
    /// One after the other.
    Cycle,
    /// One at random, without repeats until all have been taken.
    Shuffle,
    /// One at random, by weight.
    Weighted,
    /// A choice unknown to this build: the rule does nothing.
    #[serde(untagged)]
    Unknown(serde_json::Value),
}

impl Choice {
    /// All names.
    pub const NAMES: [&str; 4] = ["all", "cycle", "shuffle", "weighted"];
}

/// What a rule does at one address.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The output to send it through; without one, it is set in the show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// An address of the show, such as `/cue/NAME/fire`, or one in the output's own protocol.
    pub address: String,
    /// The value to set; none presses a button.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// How the value changes.
    #[serde(default, skip_serializing_if = "is_set")]
    pub act: Act,
    /// Its weight if the choice is weighted.
    #[serde(default = "one", skip_serializing_if = "is_certain")]
    pub weight: f64,
}

impl Step {
    /// The keys of its table.
    pub const KEYS: &[&str] = &["output", "address", "value", "act", "weight"];
}

impl Default for Step {
    fn default() -> Self {
        Self { output: None, address: String::new(), value: None, act: Act::Set, weight: 1.0 }
    }
}

/// How a step changes what is at its address.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// Sets it to the step's value.
    #[default]
    Set,
    /// Flips a switch.
    Toggle,
    /// The next choice; after the last, the first.
    Next,
    /// The previous choice; before the first, the last.
    Previous,
    /// Adds to the number, within its range.
    Add(f64),
    /// Steps from one number to another, one step at a time, then starts again.
    Ramp(Ramp),
    /// A way unknown to this build: nothing happens.
    #[serde(untagged)]
    Unknown(serde_json::Value),
}

impl Act {
    /// All names.
    pub const NAMES: [&str; 6] = ["set", "toggle", "next", "previous", "add", "ramp"];
}

/// From one number to another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ramp {
    /// The first time.
    pub from: f64,
    /// The last time.
    pub to: f64,
    /// Number of steps, including both ends.
    pub times: u32,
}

impl Ramp {
    /// The keys of its table.
    pub const KEYS: &[&str] = &["from", "to", "times"];
}

/// `hits` spread over `steps` as evenly as possible, after Euclid; rotated to the left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Euclid {
    /// The occasions on which it acts ...
    pub hits: u32,
    /// ... of how many.
    pub steps: u32,
    /// Steps by which the pattern is delayed.
    #[serde(default)]
    pub rotation: u32,
}

impl Euclid {
    /// The keys of its table.
    pub const KEYS: &[&str] = &["hits", "steps", "rotation"];
}

/// How often a rule acts: at, above or below its defined rate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rate {
    /// A quarter as often.
    Quarter,
    /// Half as often.
    Half,
    /// As defined.
    #[default]
    One,
    /// Twice as often.
    Double,
    /// Four times as often.
    Fourfold,
}

impl Rate {
    /// All names, the slowest first.
    pub const NAMES: &[&str] = &["1/4", "1/2", "1", "2", "4"];
    const ALL: [Self; 5] = [Self::Quarter, Self::Half, Self::One, Self::Double, Self::Fourfold];

    /// The rate with a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::NAMES.iter().zip(Self::ALL).find(|(known, _)| **known == name).map(|(_, rate)| rate)
    }

    /// The rate of a value: a name or its number.
    pub fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Text(name) => Self::parse(name),
            other => Self::ALL.into_iter().find(|rate| other.number() == Some(f64::from(rate.quarters()) / 4.0)),
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }

    /// Four times its factor, a whole number.
    pub fn quarters(self) -> u32 {
        1 << self as u32
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// A rate unknown to this build is the usual one.
impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::of(&Value::deserialize(deserializer)?).unwrap_or_default())
    }
}

fn one() -> f64 {
    1.0
}

fn is_one(number: &u32) -> bool {
    *number == 1
}

fn is_certain(number: &f64) -> bool {
    *number == 1.0
}

fn is_false(on: &bool) -> bool {
    !on
}

fn is_all(choice: &Choice) -> bool {
    *choice == Choice::All
}

fn is_set(act: &Act) -> bool {
    *act == Act::Set
}

fn is_usual(rate: &Rate) -> bool {
    *rate == Rate::One
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Rule {
        serde_json::from_str(text).expect("a rule")
    }

    #[test]
    fn a_rule_reads_as_it_is_written_by_hand() {
        let rule = read(
            r#"{"when": "bar", "every": 8, "if": "main.level > 0.3", "choice": "shuffle", "rate": 2,
                "do": [{"address": "/layer/back/scene", "act": "next"}, {"address": "/param/glow", "act": {"add": 0.1}}]}"#,
        );
        assert_eq!((rule.when, rule.every, rule.rate), (Occasion::Bar, 8, Rate::Double));
        assert_eq!([&rule.steps[0].act, &rule.steps[1].act], [&Act::Next, &Act::Add(0.1)]);
        let rule = read(r#"{"when": {"above": {"signal": "main.level", "value": 0.7}}}"#);
        assert!(matches!(rule.when, Occasion::Above(Crossing { hysteresis: 0.0, .. })), "{rule:?}");
    }

    #[test]
    fn what_a_newer_build_says_is_known_as_unknown() {
        let rule =
            read(r#"{"when": "eclipse", "choice": {"markov": 2}, "do": [{"address": "/x", "act": "spin"}], "hue": 3}"#);
        assert!(matches!(rule.when, Occasion::Unknown(_)) && matches!(rule.choice, Choice::Unknown(_)), "{rule:?}");
        assert!(matches!(rule.steps[0].act, Act::Unknown(_)), "{rule:?}");
        assert_eq!(read(r#"{"rate": "8"}"#).rate, Rate::One);
    }

    #[test]
    fn what_is_as_usual_is_left_out() {
        let text = serde_json::to_string(&Rule { when: Occasion::Beat, ..Rule::default() }).expect("JSON");
        assert_eq!(text, r#"{"when":"beat","do":[]}"#);
    }

    #[test]
    fn every_name_is_that_of_its_kind() {
        for name in Occasion::NAMES {
            assert!(!matches!(read(&format!(r#"{{"when": "{name}"}}"#)).when, Occasion::Unknown(_)), "{name}");
        }
        for name in Choice::NAMES {
            assert!(!matches!(read(&format!(r#"{{"choice": "{name}"}}"#)).choice, Choice::Unknown(_)), "{name}");
        }
        for name in Rate::NAMES {
            assert_eq!(Rate::parse(name).map(Rate::name), Some(*name));
        }
        assert_eq!(Rate::ALL.map(Rate::quarters), [1, 2, 4, 8, 16]);
    }
}
