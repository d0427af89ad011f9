//! Notes of a MIDI file, through the daemon's core in virtual time.

use downbeat_analysis::Settings;
use downbeat_engine::listener::{Listener, Stretch, bus_fields};
use downbeat_engine::notes::{NoteSource, Score};
use downbeat_engine::{Engine, EngineConfig, ParameterConfig};
use downbeat_protocol::{HostTime, ShowTime};

const RATE: f64 = 48_000.0;
const BLOCK: usize = 480;
/// When the first sample was captured.
const START: f64 = 100.0;

/// At 120 BPM with 100 ticks a beat: C at 0.5 s as hard as can be, half as hard at 1 s, both for a quarter of a second.
const SONG: &[u8] = b"MThd\0\0\0\x06\0\0\0\x01\0\x64MTrk\0\0\0\x14\
    \x64\x90\x3C\x7F\x32\x80\x3C\0\x32\x90\x40\x40\x32\x80\x40\0\0\xFF\x2F\0";

/// A listener to one silent bus with the song beside it, and `glow` moved by how hard its notes are.
fn listener() -> Listener {
    let glow = ParameterConfig { expression: Some("keys.velocity".into()), ..ParameterConfig::default() };
    let config = EngineConfig {
        buses: vec!["main".into()],
        fields: bus_fields(),
        note_sources: vec!["keys".into()],
        parameters: [("glow".into(), glow)].into(),
        ..EngineConfig::default()
    };
    let engine = Engine::new(&config, None).expect("builds");
    let song = Score::parse(SONG).expect("a file");
    let settings = Settings { sample_rate: RATE, ..Settings::default() };
    Listener::new(engine, 1, settings).expect("listens").with_notes(vec![NoteSource::score(song, None)])
}

/// Hears silence from this sample on for so many seconds; says when each row was, with `signals` in it.
fn hear<const N: usize>(listener: &mut Listener, first: u64, seconds: f64, signals: [&str; N]) -> Vec<(f64, [f32; N])> {
    let schema = listener.engine().schema();
    let places = signals.map(|name| schema.find(name).expect("a signal").0);
    let channels = vec![vec![0.0; BLOCK]; 2];
    let mut rows = Vec::new();
    for block in 0..(seconds * RATE / BLOCK as f64) as u64 {
        let sample = first + block * BLOCK as u64;
        let time = ShowTime::from_secs_f64(START + sample as f64 / RATE);
        let stretch = Stretch { channels: &channels, first_sample: sample, time, received: HostTime::ZERO };
        listener.push(
            stretch,
            &mut Vec::new(),
            |time| time,
            |tick, _| {
                let time = tick.row.time.since(ShowTime::from_secs_f64(START)) as f64 * 1e-9;
                rows.push((time, places.map(|place| tick.row.values[place])));
            },
        );
    }
    rows
}

#[test]
fn the_notes_of_a_file_are_told_in_the_hop_in_which_they_sound() {
    let rows = hear(&mut listener(), 0, 2.0, ["keys.note-count", "keys.pitch", "keys.notes-held"]);
    let hop = 256.0 / RATE;
    let changes: Vec<_> = rows.windows(2).filter(|pair| pair[0].1 != pair[1].1).map(|pair| pair[1]).collect();
    let expected =
        [(0.5, [1.0, 60.0, 1.0]), (0.75, [1.0, 60.0, 0.0]), (1.0, [2.0, 64.0, 1.0]), (1.25, [2.0, 64.0, 0.0])];
    assert_eq!(changes.len(), expected.len(), "{changes:?}");
    for ((time, values), (due, told)) in changes.into_iter().zip(expected) {
        assert_eq!(values, told);
        // A row carries the time of its last sample.
        assert!((0.0..hop).contains(&(time - due)), "{told:?} at {time} s, not {due} s");
    }
}

#[test]
fn how_hard_a_note_is_moves_a_parameter() {
    let rows = hear(&mut listener(), 0, 1.2, ["param.glow"]);
    let at = |seconds: f64| rows.iter().find(|(time, _)| *time >= seconds).expect("a row").1[0];
    assert_eq!([at(0.4), at(0.6), at(1.1)], [0.0, 1.0, 64.0 / 127.0]);
}

#[test]
fn a_new_stream_plays_the_file_from_its_beginning() {
    let mut listener = listener();
    let rows = hear(&mut listener, 0, 0.6, ["keys.notes-held", "keys.note-count"]);
    assert_eq!(rows.last().expect("rows").1, [1.0, 1.0]);
    let settings = *listener.settings();
    listener.restart(settings).expect("listens");
    let rows = hear(&mut listener, 0, 0.6, ["keys.notes-held", "keys.note-count"]);
    assert_eq!(rows[0].1, [0.0, 1.0], "what was held is let go, what was counted stays");
    assert_eq!(rows.last().expect("rows").1, [1.0, 2.0]);
}

#[test]
fn a_lost_second_of_samples_is_a_second_of_the_file() {
    let mut listener = listener();
    hear(&mut listener, 0, 0.1, ["keys.pitch"]);
    let rows = hear(&mut listener, 48_000 + 24_000, 0.1, ["keys.pitch"]);
    assert_eq!(rows[0].1, [64.0]);
}
