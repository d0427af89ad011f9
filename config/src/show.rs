//! A show's cues and rules in the format of the configuration, for people to save, read and edit.

use downbeat_protocol::{Cue, Rule, ShowState};
use serde::Serialize;
use std::fmt::Write;

/// The cues and rules of a show as TOML, which reads back as the same.
pub fn to_toml(state: &ShowState) -> String {
    let mut text = String::new();
    for (name, cue) in &state.cues {
        table(&mut text, &format!("cue.{name}"), cue, Cue::KEYS);
    }
    for name in state.rules.keys() {
        // Keeps mutes and rates set on stage.
        table(&mut text, &format!("rule.{name}"), &state.rule(name), Rule::KEYS);
    }
    text
}

/// The same as a file, which names the show.
pub fn show_file(show: &str, state: &ShowState) -> String {
    let head = format!("# The cues and rules of the show \"{}\".\n", show.replace(char::is_control, " "));
    match to_toml(state) {
        text if text.is_empty() => format!("{head}# There are none.\n"),
        text => format!("{head}\n{text}"),
    }
}

/// Keys in the order of their definition, and one line for each step.
fn table(text: &mut String, heading: &str, value: &impl Serialize, keys: &[&str]) {
    let gap = if text.is_empty() { "" } else { "\n" };
    let Ok(table) = toml::Table::try_from(value) else {
        let _ = writeln!(text, "{gap}# [{heading}] is from a newer Downbeat, which this version cannot write.");
        return;
    };
    let _ = writeln!(text, "{gap}[{heading}]");
    for key in keys {
        match table.get(*key) {
            Some(toml::Value::Array(list)) if !list.is_empty() => {
                let _ = writeln!(text, "{key} = [");
                list.iter().for_each(|value| _ = writeln!(text, "    {value},"));
                let _ = writeln!(text, "]");
            }
            Some(value) => _ = writeln!(text, "{key} = {value}"),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::cue::Setting;
    use downbeat_protocol::fade::Span;
    use downbeat_protocol::rule::{Act, Choice, Crossing, Euclid, Occasion, Ramp, Rate, Step};
    use downbeat_protocol::{Value, When};
    use proptest::collection::{btree_map, vec};
    use proptest::option::of;
    use proptest::prelude::*;
    use serde::Deserialize;
    use std::collections::BTreeMap;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct File {
        cue: BTreeMap<String, Cue>,
        rule: BTreeMap<String, Rule>,
    }

    fn number() -> impl Strategy<Value = f64> {
        prop_oneof![-1e6..1e6, Just(0.0), Just(1.0), Just(1e-9)]
    }

    fn value() -> impl Strategy<Value = Value> {
        prop_oneof![
            any::<bool>().prop_map(Value::Bool),
            number().prop_map(Value::Number),
            ".{0,9}".prop_map(Value::Text)
        ]
    }

    fn cue() -> impl Strategy<Value = Cue> {
        let setting = (of(".{0,9}"), ".{0,20}", of(value()));
        let setting = setting.prop_map(|(output, address, value)| Setting { output, address, value });
        let span = prop_oneof![number().prop_map(Span::Beats), number().prop_map(Span::Seconds)];
        let when = prop_oneof![Just(When::Now), Just(When::Beat), Just(When::Bar), Just(When::Phrase)];
        (vec(setting, 0..4), of(span), when, any::<bool>()).prop_map(|(set, fade, when, safe)| Cue {
            set,
            fade,
            when,
            safe,
        })
    }

    fn step() -> impl Strategy<Value = Step> {
        let act = prop_oneof![
            Just(Act::Set),
            Just(Act::Toggle),
            Just(Act::Next),
            Just(Act::Previous),
            number().prop_map(Act::Add),
            (number(), number(), 1..99u32).prop_map(|(from, to, times)| Act::Ramp(Ramp { from, to, times })),
        ];
        (of(".{0,9}"), ".{0,20}", of(value()), act, number()).prop_map(|(output, address, value, act, weight)| Step {
            output,
            address,
            value,
            act,
            weight,
        })
    }

    fn rule() -> impl Strategy<Value = Rule> {
        let crossing = || {
            (".{0,9}", number(), number()).prop_map(|(signal, value, hysteresis)| Crossing {
                signal,
                value,
                hysteresis,
            })
        };
        let when = prop_oneof![
            Just(Occasion::Key),
            Just(Occasion::Phrase),
            Just(Occasion::BuildUp),
            Just(Occasion::NoSignal),
            crossing().prop_map(Occasion::Above),
            crossing().prop_map(Occasion::Below),
        ];
        let choice = prop_oneof![Just(Choice::All), Just(Choice::Cycle), Just(Choice::Shuffle), Just(Choice::Weighted)];
        let euclid = (0..9u32, 1..17u32, 0..9u32).prop_map(|(hits, steps, rotation)| Euclid { hits, steps, rotation });
        let rate = prop_oneof![Just(Rate::Quarter), Just(Rate::One), Just(Rate::Fourfold)];
        let how_often = (1..99u32, number(), any::<bool>(), rate);
        (when, ".{0,20}", vec(step(), 0..4), choice, of(euclid), how_often).prop_map(
            |(when, only_if, steps, choice, euclid, (every, chance, muted, rate))| Rule {
                when,
                every,
                only_if,
                steps,
                choice,
                euclid,
                chance,
                muted,
                rate,
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_written_reads_as_the_same_cues_and_rules(
            cues in btree_map("[a-z][a-z0-9_-]{0,8}", cue(), 0..4),
            rules in btree_map("[a-z0-9][a-z0-9_-]{0,8}", rule(), 0..4),
        ) {
            let state = ShowState { cues, rules, ..ShowState::default() };
            let text = to_toml(&state);
            let read: File = toml::from_str(&text).unwrap_or_else(|error| panic!("{error} in\n{text}"));
            prop_assert_eq!(&read, &File { cue: state.cues, rule: state.rules }, "{}", text);
        }
    }

    #[test]
    fn the_file_names_the_show_and_holds_its_cues() {
        let mut state = ShowState::default();
        assert!(show_file("Friday\n", &state).ends_with("show \"Friday \".\n# There are none.\n"));
        state.cues.insert("flash".into(), Cue::default());
        assert!(show_file("Friday", &state).contains("\n[cue.flash]\n"));
    }

    #[test]
    fn a_rule_that_was_muted_by_hand_is_written_as_muted() {
        let mut state = ShowState::default();
        state.rules.insert("bars".into(), Rule { when: Occasion::Bar, ..Rule::default() });
        state.settings.insert("/rule/bars/mute".into(), true.into());
        assert_eq!(to_toml(&state), "[rule.bars]\nwhen = \"bar\"\ndo = []\nmuted = true\n");
    }
}
