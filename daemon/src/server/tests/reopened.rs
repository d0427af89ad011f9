//! A server that is opened again while the show runs, because its table has changed.

use super::{LIMIT, Peer, Rig, connected, eventually, in_hand, lockstep, next};
use downbeat_client::session::PathView;
use downbeat_protocol::message::{Role, ServerMessage};
use downbeat_protocol::{Event, ShowState, Status, VERSION};
use std::sync::Arc;

#[test]
fn its_clients_are_told_what_they_missed_and_everything_after_it() {
    let mut rig = Rig::open();
    let session = rig.session("wall", Role::Renderer);
    connected(&session);
    let events = session.events();
    // As many events as a daemon of some age has told.
    (1..=500).for_each(|number| {
        rig.event(in_hand(number));
        assert_eq!(next(&events, |_| true), in_hand(number));
    });
    rig.state = ShowState { in_hand: [("n".into(), 500.0)].into(), ..ShowState::default() }.into();
    lockstep(&mut rig, &session, 3);
    rig.reopen(|rig| rig.state = ShowState { seed: 7, ..ShowState::clone(&rig.state) }.into());
    eventually("it is back", || session.view().welcomes == 2 && session.view().connected);
    lockstep(&mut rig, &session, 3);
    let missed = next(&events, |event| matches!(event, Event::State(state) if state.seed == 7));
    assert_eq!(missed, Event::State(ShowState::clone(&rig.state)));
    rig.event(in_hand(501));
    assert_eq!(next(&events, |event| !matches!(event, Event::State(_))), in_hand(501));
    // What a node draws by.
    rig.state = ShowState { seed: 8, ..ShowState::clone(&rig.state) }.into();
    lockstep(&mut rig, &session, 3);
    let newest = || session.newest_time().and_then(|time| session.state_at(time));
    eventually("the state of the newest row", || newest().is_some_and(|state| state.seed == 8));
}

#[test]
fn whoever_watches_is_given_the_last_status_at_once() {
    let rig = Rig::open();
    let status = Status { uptime: 12.0, config_reads: 3, ..Status::default() };
    rig.event(Event::Status(status.clone()));
    let session = rig.session("before", Role::Viewer);
    eventually("a status", || session.view().status == Some(Arc::new(status.clone())));
    let mut late = Peer::connect(rig.port);
    late.say(&Peer::hello(VERSION));
    assert!(matches!(late.read(), Ok(ServerMessage::Welcome { number: 1, .. })));
    let told = late.read();
    assert!(
        matches!(&told, Ok(ServerMessage::Numbered { number: 1, event: Event::Status(it) }) if *it == status),
        "{told:?}"
    );
    assert!(session.wait(LIMIT, |view| view.connected).connected);
}

#[test]
fn a_server_whose_displays_are_slow_says_how_early_it_tells_the_beat() {
    let rig = Rig::open_for_slow_displays();
    let session = rig.session("tablet", Role::Viewer);
    let told = |path: &PathView| path.daemon.is_some_and(|daemon| daemon.early_ns == 80_000_000);
    let view = session.wait(LIMIT, |view| view.paths.iter().any(told));
    assert!(view.paths.iter().any(told), "{:?}", view.paths);
}
