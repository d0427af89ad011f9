//! Events as text, for the log of the page and for senders of commands.

use downbeat_log::one_line;
use downbeat_protocol::tree::{self, Entry, Group, Kind, Read};
use downbeat_protocol::{Event, Value};

/// An event in one line; none for those only of interest to programs.
pub fn event(event: &Event) -> Option<String> {
    words(event).map(|words| one_line(&words, usize::MAX))
}

fn words(event: &Event) -> Option<String> {
    Some(match event {
        Event::Changed { change, by } if by.is_empty() => tree::change(change)?,
        Event::Changed { change, by } => format!("{} ({by})", tree::change(change)?),
        Event::Timeline { timeline, why } => format!("tempo {:.2} BPM: {why}", timeline.tempo),
        Event::Message { output, address, value, by, .. } => {
            let value = value.as_ref().map_or(String::new(), |value| format!(" {value}"));
            format!("{output} sends {address}{value} ({by})")
        }
        Event::Refused { from, why } => format!("refused to {from}: {why}"),
        Event::State(_) => "all settings were replaced".into(),
        Event::Schema(schema) => format!("the signals have changed: {} numbers per row", schema.width()),
        Event::Status(_) | Event::Unknown(_) => return None,
    })
}

/// Whether an event shows that an address was set to this value, as far as the show allows it.
pub fn shows(event: &Event, address: &str, value: Option<&Value>) -> bool {
    let Some((entry, _)) = tree::entry(address) else { return false };
    match event {
        Event::Timeline { .. } => moves_the_beat(address),
        Event::Changed { change, .. } => {
            let told = tree::told(change);
            match address.strip_suffix("/fire") {
                // Firing is confirmed by a count.
                Some(of) => told.iter().any(|(at, _)| at.strip_suffix("/count") == Some(of)),
                // Definitions are in no report.
                None if !entry.group.is_played() => tree::defined(change).is_some_and(|at| address.starts_with(&at)),
                // Undo may restore any value.
                None if entry.address == "/show/undo" => true,
                None => told.iter().any(|(at, is)| at == address && fits(entry, is, value)),
            }
        }
        _ => false,
    }
}

/// Whether an address is confirmed by a new timeline.
fn moves_the_beat(address: &str) -> bool {
    let moves = |entry: &Entry| entry.group == Group::Tempo && !matches!(entry.read, Read::State(_));
    tree::entry(address).is_some_and(|(entry, _)| moves(entry))
}

/// Whether the value is the requested one. Numbers may have been clamped to a range.
pub fn fits(entry: &Entry, is: &Value, wanted: Option<&Value>) -> bool {
    match entry.kind {
        Kind::Trigger => is.switch() == Some(true),
        Kind::Switch => wanted.is_some_and(|wanted| wanted.switch() == is.switch()),
        Kind::Number(..) => true,
        Kind::Choice(_) | Kind::Scene | Kind::Text => wanted == Some(is),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::state::{Change, Run, TempoRange};
    use downbeat_protocol::{ShowTime, Timeline};

    #[test]
    fn an_event_is_told_in_one_line_with_who_did_it() {
        let told = |change| event(&Event::Changed { change, by: "osc:192.0.2.7:9000".into() });
        assert_eq!(told(Change::Frozen(Some(ShowTime(5)))).as_deref(), Some("freeze on (osc:192.0.2.7:9000)"));
        let opacity = Change::Opacity { layer: "back".into(), opacity: 0.5 };
        assert_eq!(told(opacity).as_deref(), Some("back opacity 0.5 (osc:192.0.2.7:9000)"));
        let scene = Change::Scene { layer: "back".into(), scene: "tunnel".into() };
        assert_eq!(told(scene).as_deref(), Some("back scene tunnel (osc:192.0.2.7:9000)"));
        let in_hand = |value| Change::InHand { name: "glow".into(), value };
        assert_eq!(told(in_hand(Some(0.7))).as_deref(), Some("glow value 0.7 (osc:192.0.2.7:9000)"));
        assert_eq!(told(in_hand(None)).as_deref(), Some("glow auto on (osc:192.0.2.7:9000)"));
        let range = told(Change::TempoRange(TempoRange::default())).expect("told");
        assert!(range.starts_with("slowest 60.0 BPM, fastest 200.0 BPM, range off"), "{range}");
        let timeline = Event::Timeline { timeline: Timeline::default(), why: "tap".into() };
        assert_eq!(event(&timeline).as_deref(), Some("tempo 120.00 BPM: tap"));
    }

    #[test]
    fn a_cue_or_rule_that_was_fired_shows_in_its_count() {
        let changed = |change| Event::Changed { change, by: String::new() };
        let fired = changed(Change::Fired { cue: "flash".into(), count: 3 });
        assert!(shows(&fired, "/cue/flash/fire", None) && !shows(&fired, "/cue/dim/fire", None));
        assert_eq!(event(&fired).as_deref(), Some("cue flash fired"));
        let ran = changed(Change::Ran { rule: "bars".into(), run: Run { count: 1, ..Run::default() } });
        assert!(shows(&ran, "/rule/bars/fire", None));
        assert_eq!(event(&ran), None, "a log of every beat would bury the rest");
    }

    #[test]
    fn a_definition_shows_in_the_cue_that_it_defines() {
        let change = Change::Cue { name: "flash".into(), cue: None, edited: true };
        let event = Event::Changed { change, by: String::new() };
        assert!(shows(&event, "/cue/flash/remove", None) && shows(&event, "/cue/flash/definition", Some(&"{}".into())));
        assert!(!shows(&event, "/cue/flash2/remove", None) && !shows(&event, "/rule/flash/remove", None));
    }

    #[test]
    fn only_the_wished_change_counts_as_its_effect() {
        let changed = |change| Event::Changed { change, by: String::new() };
        let on = Some(Value::from(true));
        assert!(shows(&changed(Change::Blackout(true)), "/show/blackout", on.as_ref()));
        assert!(!shows(&changed(Change::Blackout(false)), "/show/blackout", on.as_ref()));
        assert!(!shows(&changed(Change::Hold(true)), "/tempo/tap", None));
        let given_back = changed(Change::InHand { name: "glow".into(), value: None });
        assert!(shows(&given_back, "/param/glow/auto", None));
        assert!(!shows(&given_back, "/param/glow", Some(&1.0.into())));
        let timeline = Event::Timeline { timeline: Timeline::default(), why: "tap".into() };
        assert!(shows(&timeline, "/tempo/tap", None) && !shows(&timeline, "/show/blackout", on.as_ref()));
    }
}
