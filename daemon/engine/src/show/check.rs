//! Checks cues and rules when they are defined, so that nothing fails on stage.

use super::Show;
use crate::Messages;
use downbeat_protocol::cue::Setting;
use downbeat_protocol::nearest::hint;
use downbeat_protocol::rule::{Act, Choice, Occasion, Step};
use downbeat_protocol::tree::{self, Access, Kind};
use downbeat_protocol::{Cue, Rule, ShowTime, Value};

/// Maximum of settings in a cue, and of steps in a rule.
const STEPS: usize = 32;
/// Maximum of cues, and of rules.
const MOST: usize = 128;
/// Maximum length of all cues and rules together, in characters: a state must fit into a message.
const CHARACTERS: usize = 256 * 1024;
/// Maximum length of a name, in characters.
const NAME: usize = 48;
/// The valid counts of times, steps or bars.
const TIMES: std::ops::RangeInclusive<u32> = 1..=4096;

/// Known tables, each with an example for the error message.
const TABLES: [(&str, &str); 4] = [
    ("above", "{ above = { signal = \"main.level\", value = 0.7, hysteresis = 0.1 } }"),
    ("below", "{ below = { signal = \"main.level\", value = 0.2, hysteresis = 0.1 } }"),
    ("add", "{ add = 0.1 }"),
    ("ramp", "{ ramp = { from = 0, to = 1, times = 8 } }"),
];

/// An error, and the keys that lead to it.
pub(crate) type Fault = (Vec<String>, String);

impl Show {
    /// Checks a cue of this name.
    pub fn check_cue(&self, name: &str, cue: &Cue) -> Result<(), Fault> {
        check_name("cue", name)?;
        if cue.set.len() > STEPS {
            return fault(&["set"], format!("a cue sets at most {STEPS} addresses, not {}", cue.set.len()));
        }
        if cue.fade.is_some_and(|fade| !fade.is_sound()) {
            return fault(&["fade"], "a fade takes 0 to 3600 beats or seconds".into());
        }
        for (place, setting) in cue.set.iter().enumerate() {
            let Setting { output, address, value } = setting;
            self.check_target(output.as_deref(), address, value.as_ref()).map_err(|it| at("set", place, it))?;
        }
        Ok(())
    }

    /// Checks the steps, counts and choices of a rule of this name.
    pub fn check_rule(&self, name: &str, rule: &Rule) -> Result<(), Fault> {
        check_name("rule", name)?;
        if let Occasion::Unknown(wanted) = &rule.when {
            return fault(
                &["when"],
                unknown("occasion", wanted, Occasion::NAMES.into_iter().chain(["above", "below"])),
            );
        }
        if let Occasion::Above(crossing) | Occasion::Below(crossing) = &rule.when
            && !(crossing.value.is_finite() && (0.0..f64::INFINITY).contains(&crossing.hysteresis))
        {
            return fault(&["when"], "`value` must be a number, and `hysteresis` a number from 0".into());
        }
        if let Choice::Unknown(wanted) = &rule.choice {
            return fault(&["choice"], unknown("choice", wanted, Choice::NAMES));
        }
        if !TIMES.contains(&rule.every) {
            return fault(
                &["every"],
                format!("{} is out of range; choose {} to {}", rule.every, TIMES.start(), TIMES.end()),
            );
        }
        if !(0.0..=1.0).contains(&rule.chance) {
            return fault(&["chance"], format!("{} is out of range; 0 is never, 1 is always", rule.chance));
        }
        if let Some(pattern) = rule.euclid
            && !(TIMES.contains(&pattern.steps) && pattern.hits <= pattern.steps)
        {
            let (hits, steps) = (pattern.hits, pattern.steps);
            return fault(&["euclid"], format!("{hits} hits do not fit in {steps} steps"));
        }
        if rule.steps.len() > STEPS {
            return fault(&["do"], format!("a rule has at most {STEPS} steps, not {}", rule.steps.len()));
        }
        for (place, step) in rule.steps.iter().enumerate() {
            self.check_step(step).map_err(|it| at("do", place, it))?;
        }
        Ok(())
    }

    /// Checks the room for all cues and rules.
    pub fn check_room<'a>(
        cues: impl Iterator<Item = &'a Cue> + Clone,
        rules: impl Iterator<Item = &'a Rule> + Clone,
    ) -> Result<(), String> {
        if cues.clone().count() > MOST || rules.clone().count() > MOST {
            return Err(format!("a show has at most {MOST} cues and {MOST} rules"));
        }
        let of_value = |value: &Option<Value>| if let Some(Value::Text(text)) = value { written(text) } else { 8 };
        let of_output = |output: &Option<String>| output.as_deref().map_or(0, written);
        let of_cue = |cue: &Cue| {
            cue.set.iter().map(|it| of_output(&it.output) + written(&it.address) + of_value(&it.value)).sum::<usize>()
        };
        let of_rule = |rule: &Rule| {
            let of_step = |it: &Step| of_output(&it.output) + written(&it.address) + of_value(&it.value);
            let steps = rule.steps.iter().map(of_step).sum::<usize>();
            let signal = match &rule.when {
                Occasion::Above(crossing) | Occasion::Below(crossing) => written(&crossing.signal),
                _ => 0,
            };
            steps + signal + written(&rule.only_if)
        };
        let characters = cues.map(of_cue).sum::<usize>() + rules.map(of_rule).sum::<usize>();
        if characters > CHARACTERS {
            return Err(format!("all cues and rules together may have {CHARACTERS} characters, not {characters}"));
        }
        Ok(())
    }

    fn check_step(&self, step: &Step) -> Result<(), Fault> {
        if !(0.0..1e6).contains(&step.weight) {
            return fault(&["weight"], format!("{} is out of range; a weight is 0 or more", step.weight));
        }
        if step.act == Act::Set {
            return self.check_target(step.output.as_deref(), &step.address, step.value.as_ref());
        }
        if step.output.is_some() {
            return fault(&["act"], "a message to an output has only an address and a value".into());
        }
        let (entry, _) = tree::entry(&step.address).ok_or_else(|| self.unknown_address(&step.address))?;
        if step.value.is_some() {
            return fault(&["value"], "only `set` takes a value".into());
        }
        let wrong = |why: &str| fault(&["act"], format!("`{}` {why}", step.address));
        if entry.access() != Access::ReadWrite {
            return wrong("can only be set, with or without a value");
        }
        let numbers = match (&step.act, entry.kind) {
            (Act::Toggle, Kind::Switch) => return self.check_setting(&step.address, Some(&true.into())),
            (Act::Toggle, _) => return wrong("cannot be toggled: it is not a switch"),
            (Act::Next | Act::Previous, Kind::Choice(_) | Kind::Scene) => {
                return match self.choices(&step.address).is_empty() {
                    true => wrong("has no next: it has no choices"),
                    false => Ok(()),
                };
            }
            (Act::Next | Act::Previous, _) => return wrong("has no next: it is not a choice"),
            (Act::Unknown(wanted), _) => return fault(&["act"], unknown("act", wanted, Act::NAMES)),
            (_, Kind::Number(..)) => match &step.act {
                Act::Ramp(ramp) if !TIMES.contains(&ramp.times) => {
                    let why = format!("a ramp takes {} to {} times, not {}", TIMES.start(), TIMES.end(), ramp.times);
                    return fault(&["act"], why);
                }
                Act::Ramp(ramp) => vec![ramp.from, ramp.to],
                Act::Add(by) if !by.is_finite() => return wrong("needs a number to add"),
                // Any number shows whether the address exists.
                _ => self.range_of(&step.address).into_iter().flatten().take(1).collect(),
            },
            _ => return wrong("is not a number"),
        };
        numbers.into_iter().try_for_each(|number| self.check_setting(&step.address, Some(&number.into())))
    }

    fn check_target(&self, output: Option<&str>, address: &str, value: Option<&Value>) -> Result<(), Fault> {
        match output {
            Some(output) => self.check_message(output, address, value),
            None => self.check_setting(address, value),
        }
    }

    /// Whether an output can send a message.
    pub fn check_message(&self, output: &str, address: &str, value: Option<&Value>) -> Result<(), Fault> {
        match self.outputs.get(output) {
            Some(Messages::Checked(check)) => check(address, value).or_else(|why| fault(&["address"], why)),
            Some(Messages::Disabled) => Ok(()),
            Some(Messages::Never) => fault(&["output"], format!("output `{output}` takes no messages")),
            None => {
                let hint = hint(output, self.outputs.keys().map(String::as_str));
                fault(&["output"], format!("unknown output `{output}`; {hint}"))
            }
        }
    }

    fn check_setting(&self, address: &str, value: Option<&Value>) -> Result<(), Fault> {
        let edits = tree::entry(address).is_some_and(|(entry, _)| !entry.group.is_played());
        if edits || address.starts_with("/lead/") || ["/show/undo", tree::LOCK].contains(&address) {
            return fault(&["address"], format!("only people can set `{address}`"));
        }
        if tree::entry(address).is_none() {
            return Err(self.unknown_address(address));
        }
        let wrong = |error: tree::ActionError| (vec!["value".to_owned()], error.to_string());
        let Some(action) = tree::parse(address, value).map_err(wrong)? else {
            return fault(&["value"], format!("`{address}` is a button: `true` presses it, `false` does nothing"));
        };
        if let (Some([low, high]), Some(number)) = (self.range_of(address), value.and_then(Value::number))
            // A range end such as 0.4 has 32 bits, and a message carries no more.
            && let ([low, high], number) = ([low as f32, high as f32], number as f32)
            && !(low..=high).contains(&number)
        {
            return fault(&["value"], format!("{number} is out of range; `{address}` takes {low} to {high}"));
        }
        let wrong = |why: String| (vec!["address".to_owned()], why);
        self.step(&action, ShowTime::ZERO).map(|_| ()).map_err(wrong)
    }

    /// The range at an address, if it takes a number.
    pub fn range_of(&self, address: &str) -> Option<[f64; 2]> {
        let (entry, names) = tree::entry(address)?;
        let Kind::Number(range, _) = entry.kind else { return None };
        let own = address.starts_with("/param/").then(|| names.first().and_then(|name| self.parameters.get(*name)));
        let own = own.flatten().map(|[from, to]| [from.min(*to), from.max(*to)].map(f64::from));
        Some(own.unwrap_or(range))
    }

    /// The choices at an address, if it has any.
    pub fn choices(&self, address: &str) -> Vec<String> {
        let Some((entry, names)) = tree::entry(address) else { return Vec::new() };
        match entry.kind {
            Kind::Choice(words) => words.iter().map(|word| (*word).to_owned()).collect(),
            Kind::Scene => {
                names.first().and_then(|name| self.state.layer(name)).map_or_else(Vec::new, |it| it.scenes.clone())
            }
            _ => Vec::new(),
        }
    }

    fn unknown_address(&self, address: &str) -> Fault {
        let parameters: Vec<&str> = self.parameters.keys().map(String::as_str).collect();
        let known = tree::settable(&self.state, &parameters);
        let hint = hint(address, known.iter().map(String::as_str));
        (vec!["address".into()], format!("unknown address `{address}`; {hint}"))
    }
}

/// Checks that the cue or rule of an action exists.
pub(super) fn named<'a, T>(
    what: &str,
    name: &str,
    all: &'a std::collections::BTreeMap<String, T>,
) -> Result<&'a T, String> {
    all.get(name).ok_or_else(|| format!("no {what} `{name}`; {}", hint(name, all.keys().map(String::as_str))))
}

/// The length of a text in a message, where control characters and quotes are escaped.
fn written(text: &str) -> usize {
    let of_byte = |byte: u8| match byte {
        b'"' | b'\\' => 2,
        0..0x20 => 6,
        _ => 1,
    };
    text.bytes().map(of_byte).sum()
}

fn check_name(what: &str, name: &str) -> Result<(), Fault> {
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || name.len() > NAME || !name.chars().all(letters) {
        return fault(&[], format!("the name of a {what} has 1 to {NAME} letters, digits, - and _"));
    }
    Ok(())
}

fn unknown<'a>(what: &str, wanted: &impl ToString, names: impl IntoIterator<Item = &'a str>) -> String {
    let wanted = wanted.to_string();
    let wanted = wanted.trim_matches('"');
    // A known table with wrong contents.
    if let Some((_, example)) = TABLES.iter().find(|(name, _)| wanted.starts_with(&format!("{{\"{name}\""))) {
        return format!("cannot read {wanted}; write {example}");
    }
    format!("unknown {what} `{wanted}`; {}", hint(wanted, names))
}

fn fault<T>(path: &[&str], why: String) -> Result<T, Fault> {
    Err((path.iter().map(|key| (*key).to_owned()).collect(), why))
}

fn at(list: &str, place: usize, (path, why): Fault) -> Fault {
    ([vec![list.to_owned(), place.to_string()], path].concat(), why)
}
