//! Real sockets: sessions of the real client, and peers that misbehave.

mod between;
mod clock_port;
mod pairing;
mod peer;
mod relay;
mod reopened;
mod rig;

use downbeat_client::playout::Whole;
use downbeat_client::{Events, Session};
use downbeat_protocol::message::{ClientMessage, Role, ServerMessage};
use downbeat_protocol::picture::Picture;
use downbeat_protocol::state::Change;
use downbeat_protocol::status::Report;
use downbeat_protocol::{Action, Event, ShowState, VERSION, When, close};
use peer::Peer;
use relay::Relay;
use rig::Rig;
use std::sync::atomic::Ordering::Relaxed;
use std::time::{Duration, Instant};

/// How long a condition may take on a busy machine before it counts as never.
const LIMIT: Duration = Duration::from_secs(10);

/// Waits for a condition.
#[track_caller]
fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let end = Instant::now() + LIMIT;
    while !condition() {
        assert!(Instant::now() < end, "never: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[track_caller]
fn connected(session: &Session) {
    let view = session.wait(LIMIT, |view| view.connected);
    assert!(view.connected, "{}", view.why);
}

/// Sends ticks, each once the session has the last.
#[track_caller]
fn lockstep(rig: &mut Rig, session: &Session, ticks: usize) {
    for _ in 0..ticks {
        let seq = rig.tick();
        eventually("the row arrives", || session.newest_row().is_some_and(|row| row.seq == seq));
    }
}

fn next(events: &Events, wanted: impl Fn(&Event) -> bool) -> Event {
    let end = Instant::now() + LIMIT;
    while let Some(event) = events.next(end.saturating_duration_since(Instant::now())) {
        if wanted(&event) {
            return event;
        }
    }
    panic!("the event never came");
}

fn in_hand(number: usize) -> Event {
    let change = Change::InHand { name: "n".into(), value: Some(number as f32) };
    Event::Changed { change, by: "test".into() }
}

#[test]
fn a_newcomer_is_told_everything_and_then_gets_every_row() {
    let mut rig = Rig::open();
    rig.event(Event::Changed { change: Change::Blackout(true), by: "test".into() });
    let session = rig.session("wall", Role::Renderer);
    let view = session.wait(LIMIT, |view| view.connected && view.state.blackout);
    assert_eq!((view.show.as_str(), view.epoch, view.why.as_str()), ("proof", rig::EPOCH, ""));
    assert_eq!(view.schema, rig.schema);
    assert!(view.state.blackout);
    lockstep(&mut rig, &session, 300);
    let row = session.newest_row().expect("a row");
    assert_eq!(row.value("main.level"), Some(rig::level(row.seq)));
    let view = session.wait(LIMIT, |view| view.timeline == rig.timeline());
    assert_eq!((view.timeline, view.rows_lost), (rig.timeline(), 0));
}

#[test]
fn every_row_that_comes_too_fast_to_be_sent_is_counted() {
    let mut rig = Rig::open();
    let session = rig.session("wall", Role::Renderer);
    connected(&session);
    lockstep(&mut rig, &session, 1);
    let health = std::sync::Arc::clone(&rig.health);
    let count = || health.sent.load(Relaxed) + health.dropped.load(Relaxed);
    let before = count();
    // Far faster than any thread passes them on.
    let last = (0..20_000).map(|_| rig.tick()).last();
    eventually("the last row arrives", || session.newest_row().map(|row| row.seq) == last);
    assert!(count() - before >= 20_000, "{} of 20000 were sent or counted", count() - before);
    assert!(health.dropped.load(Relaxed) > 0, "a flood of rows was sent whole");
}

#[test]
fn the_clock_of_a_node_is_right_within_the_error_that_it_states() {
    let rig = Rig::open();
    let session = rig.session("wall", Role::Renderer);
    let view = session.wait(LIMIT, |view| view.clock.synced && view.clock.error_us < 2_000.0);
    assert!(view.clock.synced, "{}", view.why);
    let now = Session::host_now();
    let off_us = view.clock.show(now).since(rig.clock.show(now)).abs() as f64 * 1e-3;
    assert!(off_us <= view.clock.error_us + 1.0, "off by {off_us} us of {} us", view.clock.error_us);
}

#[test]
fn a_controllers_command_comes_through_the_door_under_its_name() {
    let rig = Rig::open();
    let session = rig.session("desk", Role::Controller);
    connected(&session);
    let scene = Action::Scene { layer: "back".into(), scene: "tunnel".into() };
    session.command(scene.clone(), When::Bar).expect("taken");
    let command = rig.command(LIMIT).expect("a command");
    assert_eq!((command.what, command.when, command.from.as_str()), (scene, When::Bar, "quic:desk"));
}

#[test]
fn a_viewers_command_is_refused_to_its_face_only() {
    let rig = Rig::open();
    let (viewer, other) = (rig.session("tablet", Role::Viewer), rig.session("wall", Role::Renderer));
    connected(&viewer);
    connected(&other);
    let (at_viewer, at_other) = (viewer.events(), other.events());
    viewer.command(Action::Tap, When::Now).expect("sent");
    let Event::Refused { from, why } = next(&at_viewer, |event| matches!(event, Event::Refused { .. })) else {
        panic!("a refusal")
    };
    assert_eq!(from, "quic:tablet");
    assert!(why.contains("viewer"), "{why}");
    rig.event(in_hand(1));
    assert_eq!(next(&at_other, |_| true), in_hand(1));
    assert!(rig.command(Duration::ZERO).is_none());
}

#[test]
fn clients_are_listed_with_their_reports_until_they_leave() {
    let rig = Rig::open();
    let session = rig.session("wall", Role::Renderer);
    session.report(Report { frames: 12, ..Report::default() });
    eventually("the report arrives", || {
        rig.clients.all().iter().any(|it| it.name == "wall" && it.role == "renderer" && it.report.frames == 12)
    });
    drop(session);
    eventually("the client has left", || rig.clients.all().is_empty());
}

#[test]
fn a_report_that_makes_no_sense_changes_nothing_and_is_counted() {
    let rig = Rig::open();
    let mut peer = Peer::connect(rig.port);
    peer.say(&Peer::hello(VERSION));
    assert!(matches!(peer.read(), Ok(ServerMessage::Welcome { .. })));
    let picture = Picture { adapter: "x".repeat(1_000), ..Picture::default() };
    for picture in [Some(picture), None] {
        let report = Report { frames: 7 + u64::from(picture.is_none()), picture, ..Report::default() };
        peer.say(&ClientMessage::Report(Box::new(report)));
    }
    eventually("the second report", || rig.clients.all().iter().any(|client| client.report.frames == 8));
    assert_eq!(rig.health.dropped.load(Relaxed), 1);
}

#[test]
fn whoever_joins_in_the_middle_misses_no_change_and_gets_none_twice() {
    let rig = Rig::open();
    std::thread::scope(|scope| {
        let joiners: Vec<_> = (0..8).map(|number| scope.spawn(move || joined_at(number, rig.port))).collect();
        let mut sent = 0;
        while !joiners.iter().all(|joiner| joiner.is_finished()) {
            sent += 1;
            rig.event(in_hand(sent));
            std::thread::sleep(Duration::from_millis(1));
        }
        let starts: Vec<f32> = joiners.into_iter().map(|joiner| joiner.join().expect("counts on")).collect();
        assert!(starts.iter().any(|start| *start > 0.0), "nobody joined in the middle: {starts:?}");
    });

    fn joined_at(number: u64, port: u16) -> f32 {
        std::thread::sleep(Duration::from_millis(15 * number));
        let mut peer = Peer::connect(port);
        peer.say(&Peer::hello(VERSION));
        let Ok(ServerMessage::Welcome { state, .. }) = peer.read() else { panic!("a welcome") };
        let start = state.in_hand.get("n").copied().unwrap_or(0.0);
        for step in 1..=20 {
            let expected = in_hand(start as usize + step);
            assert!(
                matches!(peer.read(), Ok(ServerMessage::Numbered { event, .. }) if event == expected),
                "step {step}"
            );
        }
        start
    }
}

#[test]
fn what_a_full_mailbox_lost_is_told_as_a_whole() {
    let mut rig = Rig::open();
    let session = rig.session("wall", Role::Renderer);
    connected(&session);
    lockstep(&mut rig, &session, 1);
    rig.state = ShowState { blackout: true, seed: 7, ..ShowState::default() }.into();
    lockstep(&mut rig, &session, 3);
    assert_eq!(session.wait(LIMIT, |view| view.state.seed == 7).state, rig.state);
}

#[test]
fn a_session_is_back_within_three_seconds_of_its_daemon() {
    let rig = Rig::open();
    let session = rig.session("wall", Role::Renderer);
    connected(&session);
    let port = rig.port;
    rig.close();
    let view = session.wait(LIMIT, |view| !view.connected);
    assert!(view.why.contains("daemon"), "{}", view.why);
    let mut rig = Rig::open_at(port);
    let opened = Instant::now();
    connected(&session);
    assert!(opened.elapsed() < Duration::from_secs(3), "{:?}", opened.elapsed());
    assert_eq!(session.view().welcomes, 2);
    lockstep(&mut rig, &session, 5);
}

#[test]
fn a_link_that_goes_dead_is_noticed_and_followed_again_when_it_is_back() {
    let mut rig = Rig::open();
    let relay = Relay::to(rig.port);
    let session = rig.session_at(relay.port, "wall", Role::Renderer);
    connected(&session);
    lockstep(&mut rig, &session, 5);
    relay.cut(true);
    let cut = Instant::now();
    let view = session.wait(LIMIT, |view| !view.connected);
    assert!(!view.connected && cut.elapsed() < Duration::from_secs(3), "{:?}", cut.elapsed());
    for _ in 0..200 {
        rig.tick();
    }
    relay.cut(false);
    let mended = Instant::now();
    connected(&session);
    assert!(mended.elapsed() < Duration::from_secs(3), "{:?}", mended.elapsed());
    lockstep(&mut rig, &session, 5);
}

#[test]
fn after_a_short_outage_the_newest_row_comes_first_and_what_was_missed_is_asked_for() {
    let mut rig = Rig::open();
    let relay = Relay::to(rig.port);
    let session = rig.session_at(relay.port, "wall", Role::Renderer);
    connected(&session);
    lockstep(&mut rig, &session, 5);
    let before = rig.clock.now();
    lockstep(&mut rig, &session, 5);
    relay.cut(true);
    for _ in 0..300 {
        rig.tick();
        std::thread::sleep(Duration::from_millis(1));
    }
    relay.cut(false);
    connected(&session);
    let after = rig.clock.now();
    lockstep(&mut rig, &session, 2);
    let end = Instant::now() + LIMIT;
    while session.whole(before, after) != Whole::Yes {
        assert!(Instant::now() < end, "{:?} after {LIMIT:?}", session.whole(before, after));
        lockstep(&mut rig, &session, 1);
    }
}

#[test]
fn a_renderer_that_joins_is_given_the_last_seconds() {
    let mut rig = Rig::open();
    let early = rig.session("early", Role::Renderer);
    connected(&early);
    lockstep(&mut rig, &early, 5);
    let before = rig.clock.now();
    lockstep(&mut rig, &early, 500);
    let late = rig.session("late", Role::Renderer);
    connected(&late);
    lockstep(&mut rig, &late, 1);
    let after = late.newest_row().expect("a row").time;
    let end = Instant::now() + LIMIT;
    lockstep(&mut rig, &late, 1);
    // It cannot know the settings of that time, but it has the rows.
    while late.row_at(before).is_none_or(|row| row.seq < 5) || early.row_at(before) != late.row_at(before) {
        assert!(Instant::now() < end, "nothing of {before:?} at {after:?}");
        lockstep(&mut rig, &late, 1);
    }
}

#[test]
fn garbage_harms_nobody_but_its_sender() {
    let mut rig = Rig::open();
    let session = rig.session("wall", Role::Renderer);
    connected(&session);
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").expect("a socket");
    for len in 0..200 {
        let junk: Vec<u8> = (0..len * 7).map(|at| (at * 131 + len) as u8).collect();
        socket.send_to(&junk, ("127.0.0.1", rig.port)).expect("sent");
    }
    let dropped = rig.health.dropped.load(Relaxed);
    let mut before_hello = Peer::connect(rig.port);
    before_hello.say_bytes(b"\x00\x00\x00\x04GET ");
    assert_eq!(before_hello.close_code(), Some(close::GARBAGE));
    let mut flood = Peer::connect(rig.port);
    flood.say_bytes(&[0xff; 64]);
    assert_eq!(flood.close_code(), Some(close::GARBAGE));
    let mut datagram = Peer::connect(rig.port);
    datagram.say(&Peer::hello(VERSION));
    datagram.datagram(b"\x02\x00");
    assert_eq!(datagram.close_code(), Some(close::GARBAGE));
    let mut twice = Peer::connect(rig.port);
    twice.say(&Peer::hello(VERSION));
    twice.say(&Peer::hello(VERSION));
    assert_eq!(twice.close_code(), Some(close::GARBAGE));
    assert!(rig.health.dropped.load(Relaxed) >= dropped + 4);
    lockstep(&mut rig, &session, 20);
    assert_eq!(session.view().welcomes, 1);
}

#[test]
fn a_client_that_says_nothing_or_too_much_is_sent_away() {
    let rig = Rig::open();
    let mut silent = Peer::connect(rig.port);
    let mut loud = Peer::connect(rig.port);
    loud.say(&Peer::hello(VERSION));
    let report = ClientMessage::Report(Box::default());
    // The connection may end before everything is sent.
    (0..3_000).all(|_| loud.try_say(&report));
    assert_eq!(loud.close_code(), Some(close::FLOOD));
    assert_eq!(silent.close_code(), Some(close::SILENT));
}

#[test]
fn another_version_is_refused_and_told_why() {
    let rig = Rig::open();
    let mut peer = Peer::connect(rig.port);
    peer.say(&Peer::hello(VERSION + 1));
    let Ok(ServerMessage::Refused { why }) = peer.read() else { panic!("a refusal") };
    assert!(why.contains("version"), "{why}");
    assert_eq!(peer.close_code(), Some(close::REFUSED));
}

#[test]
fn a_refusal_reaches_the_operator_at_the_other_end() {
    let rig = Rig::open();
    let session = rig.session(&"x".repeat(65), Role::Renderer);
    let view = session.wait(LIMIT, |view| view.why.contains("characters"));
    assert!(!view.connected && view.why.contains("1 to 64 characters"), "{}", view.why);
}

#[test]
fn a_client_that_stalls_is_sent_away_and_the_others_miss_nothing() {
    let rig = Rig::open();
    let mut stalled = Peer::connect(rig.port);
    stalled.say(&Peer::hello(VERSION));
    assert!(matches!(stalled.read(), Ok(ServerMessage::Welcome { .. })));
    let session = rig.session("wall", Role::Renderer);
    connected(&session);
    let bulk = "x".repeat(64 * 1024);
    for number in 1..=20 {
        let change = Change::InHand { name: bulk.clone(), value: Some(number as f32) };
        rig.event(Event::Changed { change, by: "test".into() });
        let view = session.wait(LIMIT, |view| view.state.in_hand.get(&bulk) == Some(&(number as f32)));
        assert_eq!(view.state.in_hand.get(&bulk), Some(&(number as f32)));
    }
    assert_eq!(stalled.close_code(), Some(close::TOO_SLOW));
    assert_eq!(session.view().welcomes, 1);
}

#[test]
fn a_port_that_is_taken_is_named() {
    let rig = Rig::open();
    let error = rig::open_server(&format!("127.0.0.1:{}", rig.port)).err().expect("taken");
    let text = error.to_string();
    assert!(text.contains(&rig.port.to_string()), "{text}");
}

#[test]
fn an_unknown_key_or_a_bad_address_is_an_error_of_configuration() {
    assert!(rig::open_table(&[("listne", "127.0.0.1:0")]).is_err());
    assert!(rig::open_table(&[("listen", "everywhere")]).is_err());
}
