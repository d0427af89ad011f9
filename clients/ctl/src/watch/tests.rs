//! The page as a terminal would show it.

use super::desk::Desk;
use super::log::Log;
use super::page::Page;
use super::plain;
use super::sheet;
use super::sight::Sight;
use super::theme::{Depth, Theme};
use downbeat_client::View;
use downbeat_client::session::PathView;
use downbeat_protocol::message::Daemon;
use downbeat_protocol::status::{Bus, Client, Control, Output, Report};
use downbeat_protocol::{Beats, Blend, HostTime, Layer, Schema, ShowState, ShowTime, Signal, Status, Timeline, Unit};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::Modifier;
use std::sync::Arc;

/// A show in progress: beat 3 of a bar, at a quarter of the beat.
fn sight() -> Sight {
    let (schema, values) = rows();
    let mut view = View {
        connected: true,
        show: "friday".into(),
        epoch: 1,
        schema: Arc::new(schema),
        state: Arc::new(state()),
        timeline: Timeline { tempo: 127.96, beat_origin: Beats::from_f64(6.25), ..Timeline::default() },
        status: Some(Arc::new(status())),
        last_heard: HostTime::from_secs_f64(100.0),
        ..View::default()
    };
    view.clock.synced = true;
    view.clock.error_us = 84.0;
    let now = HostTime::from_secs_f64(100.0);
    Sight { server: "127.0.0.1:9440".into(), view, values, now, show: ShowTime::ZERO, heard: now }
}

fn rows() -> (Schema, Vec<f32>) {
    let mut schema = Schema::default();
    let mut values = Vec::new();
    let mut add = |name: &str, numbers: &[f32]| {
        let signal = Signal::scalar(name, Unit::Ratio, [0.0, 1.0]);
        schema.signals.push(Signal { len: numbers.len() as u16, ..signal });
        values.extend_from_slice(numbers);
    };
    add("main.rms", &[0.18]);
    add("main.peak", &[0.5]);
    add("main.onset.low", &[1.0]);
    add("main.loudness.short", &[-12.3]);
    add("main.band.bass", &[0.9]);
    add("main.mel", &[0.5; 32]);
    add("tempo.confidence", &[0.87]);
    add("tempo.locked", &[1.0]);
    add("music.state", &[3.0]);
    add("param.glow", &[0.62]);
    (schema, values)
}

fn state() -> ShowState {
    let layer = |name: &str, scene: &str, opacity| Layer {
        name: name.into(),
        scene: scene.into(),
        scenes: vec!["tunnel".into(), "echo".into()],
        opacity,
        blend: Blend::Add,
    };
    ShowState { layers: vec![layer("back", "tunnel", 1.0), layer("front", "echo", 0.4)], ..ShowState::default() }
}

fn status() -> Status {
    Status {
        uptime: 3723.0,
        source: "jack 48000 Hz".into(),
        buses: vec![Bus {
            name: "main".into(),
            state: "playing".into(),
            sources: vec!["mpv:out_0".into()],
            ..Bus::default()
        }],
        tempo_source: "audio".into(),
        tempo_why: "correction at the bar".into(),
        outputs: vec![
            Output {
                name: "resolume".into(),
                kind: "osc".into(),
                target: "192.0.2.5:7000".into(),
                rate: 186.0,
                sent: 98_304,
                ..Output::default()
            },
            Output { name: "desk".into(), kind: "midi".into(), error: "no such port".into(), ..Output::default() },
        ],
        controls: vec![Control { name: "touchosc".into(), listens: "0.0.0.0:9000".into(), ..Control::default() }],
        clients: vec![Client {
            name: "left".into(),
            role: "renderer".into(),
            address: "127.0.0.1:40000".into(),
            differs: String::new(),
            report: Report { clock_error_us: 61.0, fps: 60.0, ..Report::default() },
        }],
        ..Status::default()
    }
}

fn draw(sight: &Sight, (width, height): (u16, u16), desk: &Desk) -> Buffer {
    let mut log = Log::default();
    log.note(HostTime::from_secs_f64(58.0), "blackout off (osc:192.0.2.7)", false);
    let theme = Theme { depth: Depth::True };
    let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a terminal");
    terminal
        .draw(|frame| {
            let area = frame.area();
            sheet::draw(&Page { sight, log: &log, desk, theme }, area, frame.buffer_mut());
        })
        .expect("drawn");
    terminal.backend().buffer().clone()
}

fn text(buffer: &Buffer) -> String {
    let rows = buffer
        .area
        .rows()
        .map(|row| row.columns().map(|cell| buffer[(cell.x, cell.y)].symbol().to_owned()).collect::<String>() + "\n");
    rows.collect()
}

fn with_help() -> Desk {
    let mut desk = Desk::default();
    desk.help = true;
    desk
}

fn shown(sight: &Sight, size: (u16, u16)) -> String {
    text(&draw(sight, size, &Desk::default()))
}

#[test]
fn everything_that_an_operator_needs_fits_80_by_24() {
    let page = shown(&sight(), (80, 24));
    let wanted = [
        "friday",
        "clock ±84 µs",
        "up 1:02:03",
        "beat 3/4",
        "PLAYING",
        "87 %",
        "led by audio",
        "correction at the bar",
        "main",
        "-6.0 dB",
        "low",
        "mpv:out_0",
        "-12.3 LUFS",
        "back",
        "tunnel",
        "front",
        "40 %",
        "add",
        "glow",
        "0.62",
        "resolume",
        "192.0.2.5:7000",
        "186",
        "98.3k",
        "desk",
        "no such port",
        "touchosc",
        "left",
        "±61 µs",
        "60",
        "42 s",
        "blackout off",
        "q quit",
    ];
    for word in wanted {
        assert!(page.contains(word), "`{word}` is missing in\n{page}");
    }
}

#[test]
fn the_tempo_stands_there_in_large_figures() {
    let page = draw(&sight(), (80, 24), &Desk::default());
    let mut figures = Buffer::empty(ratatui::layout::Rect::new(0, 0, super::digits::width("128.0"), 5));
    let area = figures.area;
    super::digits::draw(&mut figures, area, "128.0", ratatui::style::Style::new());
    for cell in figures.area.positions() {
        assert_eq!(page[(cell.x, cell.y + 2)].symbol(), figures[cell].symbol(), "at {cell}\n{}", text(&page));
    }
}

#[test]
fn only_the_present_beat_is_lit() {
    let light = |phase: f64, beat: u16| {
        let mut sight = sight();
        sight.view.timeline.beat_origin = Beats::from_f64(4.0 + phase);
        let page = draw(&sight, (84, 24), &Desk::default());
        // The blocks start after the figures, 11 columns each.
        match page[(40 + beat * 11 + 1, 2)].bg {
            ratatui::style::Color::Rgb(red, green, blue) => u32::from(red) + u32::from(green) + u32::from(blue),
            other => panic!("no colour but {other:?}"),
        }
    };
    assert!(light(2.0, 2) > 2 * light(2.0, 1) && light(2.0, 1) > light(2.0, 3));
    assert!(light(2.0, 2) > light(2.6, 2), "a beat fades until the next");
    assert!(light(3.0, 3) > light(3.0, 2));
}

#[test]
fn with_no_music_no_beat_is_lit_and_no_beat_is_told() {
    let mut sight = sight();
    let place = sight.view.schema.find("music.state").expect("there").0;
    sight.values[place] = 0.0;
    let page = shown(&sight, (80, 24));
    assert!(page.contains("NO SIGNAL") && page.contains("beat –/4"), "{page}");
}

#[test]
fn blackout_freeze_and_hold_cannot_be_missed() {
    let mut sight = sight();
    sight.view.state =
        Arc::new(ShowState { blackout: true, frozen: Some(ShowTime(-5_000_000_000)), hold: true, ..state() });
    for size in [(80, 24), (120, 40), (20, 5)] {
        let page = draw(&sight, size, &Desk::default());
        let told = text(&page);
        assert!(["BLACKOUT", "FROZEN for 5 s", "TEMPO HELD"].iter().all(|word| told.contains(word)), "{told}");
        let row = told.lines().position(|line| line.contains("BLACKOUT")).expect("there") as u16;
        let filled = (0..size.0).filter(|x| page[(*x, row)].bg != ratatui::style::Color::Reset).count();
        assert_eq!(filled, usize::from(size.0), "the whole row is filled");
    }
}

#[test]
fn a_standby_that_is_away_is_said_to_be_and_who_leads_is_told_once_it_changed() {
    let mut sight = sight();
    let path = |server: &str| PathView { server: server.into(), ..PathView::default() };
    sight.view.paths = vec![
        PathView { daemon: Some(Daemon { run: 1, term: 1, leads: true, port: 0, early_ns: 0 }), ..path("a:1") },
        path("b:2"),
    ];
    assert!(shown(&sight, (80, 24)).contains("B:2 IS AWAY"));
    assert!(!shown(&sight, (220, 24)).contains("leads (term 1)"));
    sight.view.term = 1;
    let status = Status { standing: "leads (term 1): the leader is gone".into(), ..Status::default() };
    sight.view.status = Some(Arc::new(status));
    let page = shown(&sight, (220, 24));
    assert!(page.contains("leads (term 1): the leader is gone"), "{page}");
}

#[test]
fn a_daemon_that_is_gone_is_said_to_be_gone_and_since_when() {
    let mut sight = sight();
    sight.view.connected = false;
    sight.view.why = "connection refused".into();
    sight.now = HostTime::from_secs_f64(112.0);
    let page = shown(&sight, (80, 24));
    assert!(page.contains("DAEMON gone for 12 s, reconnecting") && page.contains("\nconnection refused"), "{page}");
    assert!(page.contains("beat –/4"), "nobody plays beats: {page}");
    sight.view = View { why: "connection refused".into(), ..View::default() };
    sight.values.clear();
    let page = shown(&sight, (80, 24));
    assert!(page.contains("DAEMON not found for 12 s"), "{page}");
}

#[test]
fn the_page_draws_at_any_size() {
    let mut lost = sight();
    lost.view = View::default();
    lost.values.clear();
    for sight in [sight(), lost] {
        for width in [1, 7, 20, 43, 44, 80, 149, 150, 400] {
            for height in [1, 2, 5, 11, 12, 17, 18, 24, 33, 34, 90] {
                draw(&sight, (width, height), &with_help());
            }
        }
    }
}

#[test]
fn in_a_tiny_terminal_the_tempo_is_left() {
    assert!(shown(&sight(), (20, 5)).contains("128.0 BPM  3/4"));
}

#[test]
fn trouble_comes_first_and_what_does_not_fit_is_counted() {
    let mut sight = sight();
    let mut status = status();
    status.outputs = (0..30).map(|k| Output { name: format!("out{k}"), ..Output::default() }).collect();
    status.outputs[29].error = "unplugged".into();
    sight.view.status = Some(Arc::new(status));
    let page = shown(&sight, (80, 24));
    assert!(page.contains("unplugged") && page.contains("OUTPUTS +2"), "{page}");
}

#[test]
fn a_node_whose_picture_differs_comes_first_with_what_is_wrong() {
    let mut sight = sight();
    let mut status = status();
    let right = Client { name: "right".into(), differs: "draws other pixels".into(), ..status.clients[0].clone() };
    status.clients.push(right);
    sight.view.status = Some(Arc::new(status));
    let page = shown(&sight, (120, 40));
    let rows: Vec<&str> = page.lines().skip_while(|line| !line.starts_with("CLIENTS")).skip(1).take(2).collect();
    assert!(rows[0].starts_with("right") && rows[0].contains("draws other pixels"), "{page}");
    assert!(rows[1].starts_with("left") && rows[1].contains("127.0.0.1:40000"), "{page}");
}

#[test]
fn without_colours_the_lit_beat_is_reversed() {
    let (sight, log, desk) = (sight(), Log::default(), Desk::default());
    let mut buffer = Buffer::empty(ratatui::layout::Rect::new(0, 0, 84, 24));
    let theme = Theme { depth: Depth::Mono };
    let area = buffer.area;
    sheet::draw(&Page { sight: &sight, log: &log, desk: &desk, theme }, area, &mut buffer);
    let reversed = |beat: u16| buffer[(40 + beat * 11 + 1, 2)].modifier.contains(Modifier::REVERSED);
    assert_eq!([0, 1, 2, 3].map(reversed), [false, false, true, false]);
}

#[test]
fn the_plain_line_tells_the_same_in_one_row() {
    let mut sight = sight();
    let line = plain::line(&sight);
    assert!(line.starts_with("1:02:03  127.96 BPM  beat 3/4  playing  confidence 87 %  clock ±84 µs drift"), "{line}");
    assert!(line.contains("  led by audio") && line.contains("TROUBLE desk"), "{line}");
    sight.view.state = Arc::new(ShowState { blackout: true, ..state() });
    assert!(plain::line(&sight).contains("BLACKOUT"));
    sight.view.connected = false;
    sight.view.why = "timed out".into();
    assert_eq!(plain::line(&sight), "daemon 127.0.0.1:9440 gone for 0 s: timed out");
}
