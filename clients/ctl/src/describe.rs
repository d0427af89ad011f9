//! Events in words, for the log of the page and for whoever sent a command.

use downbeat_protocol::state::{Change, TempoRange};
use downbeat_protocol::{Action, Event};

/// What an event says in one line; none for what only programs need.
pub fn event(event: &Event) -> Option<String> {
    Some(match event {
        Event::Changed { change, by } if by.is_empty() => self::change(change)?,
        Event::Changed { change, by } => format!("{} ({by})", self::change(change)?),
        Event::Timeline { timeline, why } => format!("tempo {:.2} BPM: {why}", timeline.tempo),
        Event::Refused { from, why } => format!("refused to {from}: {why}"),
        Event::State(_) => "all settings were replaced".into(),
        Event::Schema(schema) => format!("the signals have changed: {} numbers a row", schema.width()),
        Event::Status(_) | Event::Unknown(_) => return None,
    })
}

fn change(change: &Change) -> Option<String> {
    let switch = |on: bool| if on { "on" } else { "off" };
    Some(match change {
        Change::Blackout(on) => format!("blackout {}", switch(*on)),
        Change::Frozen(at) => format!("freeze {}", switch(at.is_some())),
        Change::Hold(on) => format!("hold {}", switch(*on)),
        Change::TempoRange(TempoRange { low, high, locked }) => {
            format!("tempo range {low:.0} to {high:.0} BPM {}", if *locked { "locked" } else { "open" })
        }
        Change::LevelsFrozen(on) => format!("levels {}", if *on { "frozen" } else { "free" }),
        Change::Scene { layer, scene } => format!("layer {layer} shows {scene}"),
        Change::Opacity { layer, opacity } => format!("layer {layer} at {:.0} %", opacity * 100.0),
        Change::Blend { layer, blend } => format!("layer {layer} blends {}", blend.name()),
        Change::InHand { name, value: Some(value) } => format!("{name} in hand at {value}"),
        Change::InHand { name, value: None } => format!("{name} given back to its mapping"),
        Change::Unknown(_) => return None,
    })
}

/// Whether an event shows that an action was obeyed.
pub fn shows(event: &Event, action: &Action) -> bool {
    match (event, action) {
        (Event::Timeline { .. }, action) => moves_the_beat(action),
        (Event::Changed { change, .. }, action) => matches(change, action),
        _ => false,
    }
}

/// Whether an action is answered by a new timeline.
pub fn moves_the_beat(action: &Action) -> bool {
    use Action::{Double, Halve, Hold, Listen, Nudge, Tap, Tempo, TheOne};
    matches!(action, Tap | Nudge(_) | Double | Halve | TheOne | Tempo(_) | Hold(_) | Listen)
}

fn matches(change: &Change, action: &Action) -> bool {
    match (change, action) {
        (Change::Blackout(is), Action::Blackout(wanted)) | (Change::Hold(is), Action::Hold(wanted)) => is == wanted,
        (Change::TempoRange(_), Action::TempoLow(_) | Action::TempoHigh(_)) => true,
        (Change::TempoRange(range), Action::TempoLock(wanted)) => range.locked == *wanted,
        (Change::LevelsFrozen(is), Action::FreezeLevels(wanted)) => is == wanted,
        (Change::Frozen(at), Action::Freeze(wanted)) => at.is_some() == *wanted,
        (Change::Scene { layer, scene }, Action::Scene { layer: on, scene: wanted }) => layer == on && scene == wanted,
        (Change::Opacity { layer, .. }, Action::Opacity { layer: on, .. })
        | (Change::Blend { layer, .. }, Action::Blend { layer: on, .. }) => layer == on,
        (Change::InHand { name, value }, Action::Parameter { name: on, .. }) => name == on && value.is_some(),
        (Change::InHand { name, value }, Action::Auto { name: on }) => name == on && value.is_none(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::{ShowTime, Timeline};

    #[test]
    fn an_event_is_told_in_one_line_with_who_did_it() {
        let told = |change| event(&Event::Changed { change, by: "osc:192.0.2.7:9000".into() });
        assert_eq!(told(Change::Frozen(Some(ShowTime(5)))).as_deref(), Some("freeze on (osc:192.0.2.7:9000)"));
        let timeline = Event::Timeline { timeline: Timeline::default(), why: "tap".into() };
        assert_eq!(event(&timeline).as_deref(), Some("tempo 120.00 BPM: tap"));
    }

    #[test]
    fn only_the_wished_change_counts_as_its_effect() {
        let changed = |change| Event::Changed { change, by: String::new() };
        assert!(shows(&changed(Change::Blackout(true)), &Action::Blackout(true)));
        assert!(!shows(&changed(Change::Blackout(false)), &Action::Blackout(true)));
        assert!(!shows(&changed(Change::Hold(true)), &Action::Tap));
        let given_back = changed(Change::InHand { name: "glow".into(), value: None });
        assert!(shows(&given_back, &Action::Auto { name: "glow".into() }));
        assert!(!shows(&given_back, &Action::Parameter { name: "glow".into(), value: 1.0 }));
        let timeline = Event::Timeline { timeline: Timeline::default(), why: "tap".into() };
        assert!(shows(&timeline, &Action::Tap) && !shows(&timeline, &Action::Blackout(true)));
    }
}
