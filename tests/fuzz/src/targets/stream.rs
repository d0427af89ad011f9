//! Messages on streams, and their effect on both sides.

use super::obey;
use downbeat_client::playout::Playout;
use downbeat_protocol::message::{self, Admin, ClientMessage, Daemon, Role, ServerMessage};
use downbeat_protocol::state::Change;
use downbeat_protocol::status::Status;
use downbeat_protocol::{Action, Command, Event, Schema, ShowState, ShowTime, Signal, Timeline, Unit, VERSION, When};
use std::sync::Arc;

/// What a node makes of a daemon's words: its state, its layout, the beat.
pub fn run_server(bytes: &[u8]) {
    let Some(body) = body(bytes) else { return };
    let Ok(message) = message::decode::<ServerMessage>(body) else { return };
    again(&message);
    let mut state = ShowState::default();
    match message {
        ServerMessage::Welcome { schema, state, timeline, .. } => {
            lay_out(schema);
            follow(&timeline);
            let _ = state.layer("back");
        }
        ServerMessage::Event(event) | ServerMessage::Numbered { event, .. } => match event {
            Event::Changed { change, .. } => state.apply(&change),
            Event::Timeline { timeline, .. } => follow(&timeline),
            Event::Schema(schema) => lay_out(schema),
            _ => {}
        },
        _ => {}
    }
}

/// What the daemon makes of a client's words: a command is obeyed or refused.
pub fn run_client(bytes: &[u8]) {
    let Some(body) = body(bytes) else { return };
    let Ok(message) = message::decode::<ClientMessage>(body) else { return };
    again(&message);
    if let ClientMessage::Command(command) = message {
        obey([command]);
    }
}

/// The announced length is believed only as far as there are bytes: what a stream would wait for does not come.
fn body(bytes: &[u8]) -> Option<&[u8]> {
    let (head, rest) = bytes.split_first_chunk()?;
    let len = message::decode_len(*head).ok()?;
    Some(&rest[..len.min(rest.len())])
}

/// What was understood can be passed on and is understood again.
fn again<M: serde::Serialize + serde::de::DeserializeOwned>(message: &M) {
    if let Ok(bytes) = message::encode(message) {
        message::decode::<M>(&bytes[4..]).expect("what we write we can read");
    }
}

fn lay_out(schema: Schema) {
    if schema.width() <= usize::from(u16::MAX) {
        let mut playout = Playout::new();
        playout.follow(1, &Arc::new(schema));
        let _ = playout.at(ShowTime(5));
    }
}

fn follow(timeline: &Timeline) {
    if timeline.is_sound() {
        let time = ShowTime(1_000_000_000);
        let _ = (timeline.beat_phase(time), timeline.bar_phase(time), timeline.time_of(timeline.beats_at(time)));
    }
}

fn encoded<M: serde::Serialize>(messages: &[M]) -> Vec<Vec<u8>> {
    messages.iter().map(|message| message::encode(message).expect("a message can be encoded")).collect()
}

/// One of each message of a daemon.
pub fn server_seeds() -> Vec<Vec<u8>> {
    let state = super::some_state();
    let schema = Schema { signals: vec![Signal::scalar("main.rms", Unit::Ratio, [0.0, 1.0])] };
    let (daemon, timeline) = (Daemon { run: 5, term: 1, leads: true, port: 9440, early_ns: 0 }, Timeline::default());
    let changes = [
        Change::Blackout(true),
        Change::Opacity { layer: "back".into(), opacity: 0.5 },
        Change::Scene { layer: "back".into(), scene: "tunnel".into() },
        Change::InHand { name: "glow".into(), value: Some(0.5) },
    ];
    let changed = changes.map(|change| Event::Changed { change, by: "desk".into() });
    let events = [
        Event::State(state.clone()),
        Event::Timeline { timeline, why: "tap".into() },
        Event::Refused { from: "desk".into(), why: "no".into() },
        Event::Schema(schema.clone()),
        Event::Status(Status::default()),
    ];
    let numbered = changed.into_iter().chain(events).map(|event| ServerMessage::Numbered { number: 8, event });
    let welcome = ServerMessage::Welcome {
        version: VERSION,
        daemon,
        show: "show".into(),
        epoch: 7,
        schema,
        state,
        timeline,
        number: 7,
        set: 0,
        clock_port: 9,
    };
    let others = [welcome, ServerMessage::Refused { why: "no".into() }, ServerMessage::Daemon(daemon)];
    encoded(&others.into_iter().chain(numbered).collect::<Vec<_>>())
}

/// One of each message of a client.
pub fn client_seeds() -> Vec<Vec<u8>> {
    let hello = ClientMessage::Hello {
        version: VERSION,
        name: "wall".into(),
        role: Role::Renderer,
        term: 1,
        epoch: 1,
        daemon: None,
    };
    let actions = [
        Action::Tap,
        Action::Nudge(-12.5),
        Action::Tempo(123.4),
        Action::TempoLow(90.0),
        Action::TempoHigh(180.0),
        Action::Blackout(true),
        Action::Scene { layer: "back".into(), scene: "spectrum".into() },
        Action::Opacity { layer: "back".into(), opacity: 0.25 },
    ];
    let whens = [When::Now, When::Beat, When::Bar, When::Phrase, When::At(ShowTime(2_000_000_000))];
    let command = |(what, when)| ClientMessage::Command(Command { what, when, from: String::new() });
    let commands = actions.into_iter().zip(whens.into_iter().cycle()).map(command);
    let pair = Admin::Pair { code: "07 123 456".into(), role: Some(Role::Renderer), name: None };
    let others = [
        hello,
        ClientMessage::Report(Box::default()),
        ClientMessage::Share("00ff".into()),
        ClientMessage::Proof("00ff".into()),
        ClientMessage::Admin(pair),
        ClientMessage::Admin(Admin::Revoke { name: "wall".into() }),
    ];
    encoded(&others.into_iter().chain(commands).collect::<Vec<_>>())
}
