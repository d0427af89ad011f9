//! What `downbeatctl` shows of a daemon's words, and what it reads of a film.

use super::is_dangerous;
use downbeat_client::View;
use downbeat_ctl::reading::{drawn, frame_said, read_frame};
use downbeat_protocol::message::ServerMessage;
use downbeat_protocol::status::{Bus, Client, Control, Output};
use downbeat_protocol::{Event, Schema, ShowState, Signal, Status, Unit};
use std::sync::Arc;

/// Terminals of every kind: usual, tiny, large.
const SIZES: [(u16, u16); 3] = [(80, 24), (20, 5), (150, 40)];
/// More numbers than any show has.
const WIDEST: usize = 4_096;

/// Messages of a daemon, one a line in JSON: whatever it says, nothing on the page commands the terminal.
pub fn run(bytes: &[u8]) {
    let mut view = View { connected: true, ..View::default() };
    let (mut state, mut events) = (ShowState::default(), Vec::new());
    for line in bytes.split(|byte| *byte == b'\n') {
        match serde_json::from_slice(line) {
            Ok(ServerMessage::Welcome { show, schema, state: all, timeline, .. }) => {
                (view.show, view.schema, state) = (show, Arc::new(schema), all);
                state.mend();
                view.timeline = if timeline.is_sound() { timeline } else { view.timeline };
            }
            Ok(ServerMessage::Refused { why }) => (view.connected, view.why) = (false, why),
            Ok(ServerMessage::Event(event) | ServerMessage::Numbered { event, .. }) => {
                match &event {
                    Event::Changed { change, .. } => state.apply(change),
                    Event::Timeline { timeline, .. } if timeline.is_sound() => view.timeline = *timeline,
                    Event::Schema(schema) => view.schema = Arc::new(schema.clone()),
                    Event::Status(status) => view.status = Some(Arc::new(status.clone())),
                    _ => {}
                }
                events.push(event);
            }
            _ => {}
        }
    }
    if view.schema.width() > WIDEST {
        return;
    }
    let values = vec![0.5; view.schema.width()];
    view.state = Arc::new(state);
    for size in SIZES {
        for row in drawn(view.clone(), values.clone(), &events, size) {
            assert!(!is_dangerous(&row), "{row:?}");
        }
    }
}

/// What ffmpeg writes: pictures, and lines about them.
pub fn run_film(bytes: &[u8]) {
    let mut rest = bytes;
    while let Ok(Some(grey)) = read_frame(&mut rest) {
        assert_eq!(grey.pixels.len(), grey.size.0 * grey.size.1);
    }
    for line in String::from_utf8_lossy(bytes).lines() {
        assert!(frame_said(line).is_none_or(|(time, _)| time.is_finite()), "{line}");
    }
}

/// A daemon's messages, and a status with everything in it.
pub fn seeds() -> Vec<Vec<u8>> {
    let messages: Vec<_> = super::stream::server_seeds().into_iter().map(|message| message[4..].to_vec()).collect();
    let names = ["main.rms", "main.peak", "main.mel", "tempo.confidence", "music.state", "param.glow"];
    let signal = |name: &str| Signal {
        len: if name == "main.mel" { 32 } else { 1 },
        ..Signal::scalar(name, Unit::Ratio, [0.0, 1.0])
    };
    let status = Status {
        uptime: 63.0,
        source: "jack".into(),
        tempo_source: "audio".into(),
        buses: vec![Bus {
            name: "main".into(),
            state: "playing".into(),
            sources: vec!["mpv:out_0".into()],
            cancels: true,
        }],
        outputs: vec![Output { name: "desk".into(), error: "no such port".into(), ..Output::default() }],
        controls: vec![Control { name: "tablet".into(), listens: "0.0.0.0:9000".into(), ..Control::default() }],
        clients: vec![Client { name: "left".into(), role: "renderer".into(), ..Client::default() }],
        ..Status::default()
    };
    let events = [Event::Schema(Schema { signals: names.map(signal).into() }), Event::Status(status)];
    let lines: Vec<_> = events.map(|event| serde_json::to_vec(&ServerMessage::Event(event)).expect("JSON")).into();
    let hostile = "\u{1b}[2J\u{202e}\n\u{7}\u{2028}\u{2066}\u{feff}\u{200b}";
    let refused = ServerMessage::Refused { why: hostile.into() };
    let events = [
        Event::Refused { from: hostile.into(), why: hostile.into() },
        Event::Status(Status {
            standing: hostile.into(),
            tempo_source: hostile.into(),
            outputs: vec![Output { name: hostile.into(), error: hostile.into(), ..Output::default() }],
            clients: vec![Client { name: hostile.into(), role: "renderer".into(), ..Client::default() }],
            ..Status::default()
        }),
    ];
    let told = events.map(|event| serde_json::to_vec(&ServerMessage::Event(event)).expect("JSON")).join(&b'\n');
    vec![messages.join(&b'\n'), lines.join(&b'\n'), serde_json::to_vec(&refused).expect("JSON"), told]
}

/// A picture, and what is said of it.
pub fn film_seeds() -> Vec<Vec<u8>> {
    let said = "[Parsed_showinfo_0 @ 0x55] n:   3 pts:   1501 pts_time:0.0500333 fmt:yuv420p sar:0/1 s:1920x1080 i:P\n";
    vec![b"P5\n2 1\n255\nabP5\n1 2\n255\ncd".to_vec(), said.into(), b"P5 3 2 255\nabcdef".to_vec()]
}
