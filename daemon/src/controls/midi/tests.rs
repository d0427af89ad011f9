use super::assignment::Assignment;
use super::layout::Layout;
use super::*;
use crate::clock::ShowClock;
use crate::door::door;
use downbeat_engine::Tick;
use downbeat_protocol::{Action, HostTime, Row, Schema, ShowState, Status, Timeline, Tree};

/// A box with one button, which freezes the picture while it is held.
fn button() -> Surface {
    let (state, schema) = (ShowState::default(), Schema::default());
    let held = Assignment { toggle: Some(false), ..Assignment::to("/show/freeze") };
    let mut surface = Surface::new(Parts {
        name: "box".into(),
        clock: ShowClock::default(),
        layout: Layout::default(),
        assigned: [("note.36".to_owned(), held)].into(),
        period: IDLE,
        tree: Arc::new(Tree::new(&state, &schema, &Status::default())),
        schema: Arc::new(schema),
    });
    surface.watch(Arc::new(Tick {
        row: Row::default(),
        timeline: Timeline::default(),
        state: Arc::new(state),
        beating: true,
        heard: HostTime::ZERO,
    }));
    surface
}

#[test]
fn a_release_that_finds_no_room_at_the_door_is_sent_once_there_is_some() {
    let (door, mut visitors) = door(1);
    let (health, surface) = (Health::default(), Mutex::new(button()));
    let desk = Desk { name: "box", surface, door: &door, shares: Mutex::default(), health: &health };
    let (arrivals, arrived) = bounded(ARRIVALS);
    let mut refused = Vec::new();
    for bytes in [[0x90, 36, 127], [0x80, 36, 0]] {
        arrivals.send(Arrival::Message(bytes, HostTime::ZERO)).expect("there is room");
        assert!(desk.turn(&arrived, &mut refused));
    }
    let mut next = || visitors.next(false).map(|command| command.what);
    assert_eq!([next(), next()], [Some(Action::Freeze(true)), None]);
    assert!(desk.turn(&arrived, &mut refused));
    assert_eq!(next(), Some(Action::Freeze(false)));
    assert!(refused.is_empty());
}
