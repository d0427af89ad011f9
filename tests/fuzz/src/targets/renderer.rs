//! The renderer: its configuration, and the moment of a picture that it makes of rows.

use super::sources::parts;
use clap::Parser;
use downbeat_client::playout::Playout;
use downbeat_protocol::datagram::{Datagram, decode};
use downbeat_protocol::{Schema, ShowTime, Signal, Timeline, Unit};
use downbeat_renderer::config::{DEFAULTS, Flags, Snapshot, of};
use downbeat_renderer::feed::Feed;
use downbeat_renderer::moment::{Moment, WRAP};
use std::sync::Arc;

/// A file, the flags, and the environment: a fault that can be told, or a node whose numbers can be used.
pub fn run_config(bytes: &[u8]) {
    let Some([file, flags, environment]) = parts(bytes) else { return };
    let Ok(flags) = Flags::try_parse_from(std::iter::once("downbeat-renderer").chain(flags.lines())) else { return };
    let environment: Vec<_> = environment
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.into(), value.into()))
        .collect();
    let load = |texts: &[(&str, &str)]| {
        let files = texts.iter().map(|(name, text)| ((*name).into(), (*text).to_owned()));
        of(&Snapshot(files.collect()), &flags, environment.clone())
    };
    match load(&[("wall.toml", &file)]) {
        Err(fault) => assert!(!fault.to_string().is_empty()),
        Ok(config) => {
            let (slice, canvas) = (config.slice(), config.canvas);
            assert!(slice.width > 0 && u64::from(slice.x) + u64::from(slice.width) <= u64::from(canvas.width));
            assert!(slice.height > 0 && u64::from(slice.y) + u64::from(slice.height) <= u64::from(canvas.height));
            assert!((1..=480).contains(&config.display.fps) && config.headless.every > 0);
            assert!(config.display.latency_ms <= config.display.playout_delay_ms);
            let twice = load(&[("wall.toml", &file), ("wall.toml.d/again.toml", &file)]);
            assert_eq!(twice.as_ref(), Ok(&config), "a drop-in that says the same changes nothing");
        }
    }
}

/// The shipped configurations, and every flag and variable.
pub fn config_seeds() -> Vec<Vec<u8>> {
    let flags = "--name=left\n--server=booth:9440\n--canvas=1280x360\n--slice=640,0,640,360\n--fps=30\n\
        --headless=out\n--every=15\n--frames=4";
    let environment = "DOWNBEAT__DISPLAY__FPS=50\nDOWNBEAT__CANVAS__WIDTH=640\nDOWNBEAT__AUDIO__HOP=128";
    [
        DEFAULTS.to_owned(),
        include_str!("../../../../config/examples/wall-left.toml").to_owned(),
        include_str!("../../../../config/examples/wall-right.toml").to_owned(),
        format!("===\n{flags}\n===\n{environment}"),
        "[display]\nmode = \"headless\"\nlatency-ms = 5\n[headless]\nlag-ms = 7.5\n===\n--offscreen\n--allow-unpaired"
            .to_owned(),
    ]
    .map(String::into_bytes)
    .into()
}

/// Rows of one of a few layouts, as a feed.
struct Rows(Arc<Schema>, Playout);

impl Feed for Rows {
    fn schema(&self) -> &Schema {
        &self.0
    }

    fn read(&self, at: ShowTime, row: &mut Vec<f32>) -> Option<Timeline> {
        row.clear();
        let view = self.1.at(at)?;
        row.extend_from_slice(&view.values);
        Some(view.timeline)
    }
}

/// The whole layout, one that is short of everything, and one of another bus.
fn schemas() -> [Schema; 3] {
    let of = |names: &[(&str, u16)]| Schema {
        signals: names
            .iter()
            .map(|(name, len)| Signal { len: *len, ..Signal::scalar(*name, Unit::Ratio, [0.0, 1.0]) })
            .collect(),
    };
    let bands =
        ["sub", "bass", "low", "lowmid", "mid", "highmid", "high", "air"].map(|band| format!("main.band.{band}"));
    let bands: Vec<_> = bands.iter().map(|band| (band.as_str(), 1)).collect();
    let main =
        [("main.mel", 32), ("main.level", 1), ("main.centroid", 1), ("main.onset.low", 1), ("main.onset-count.low", 1)];
    let music = [("tempo.confidence", 1), ("music.state", 1)];
    [
        of(&[&main[..], &bands, &music].concat()),
        of(&[("main.mel", 3), ("main.level", 0)]),
        of(&[("drums.mel", 40), ("drums.level", 2), ("music.state", 1)]),
    ]
}

/// The number of a layout, and a datagram: every number of the picture is in its range, around the rows' moments.
pub fn run_moment(bytes: &[u8]) {
    let Some((number, datagram)) = bytes.split_first() else { return };
    let schemas = schemas();
    let schema = Arc::new(schemas[usize::from(*number) % schemas.len()].clone());
    let Ok(Datagram::Rows(mut rows)) = decode(datagram) else { return };
    // Chance does not find its fingerprint.
    rows.head.schema = schema.id();
    let mut playout = Playout::new();
    playout.follow(rows.head.epoch, &schema);
    playout.push(&rows);
    let feed = Rows(schema, playout);
    for row in rows.rows.iter().take(2) {
        for later in [0, 40_000_000, 3_000_000_000] {
            let moment = Moment::read(&feed, row.row.time.offset(later), 10_000_000, 1.0, later == 0);
            let audio = &moment.audio;
            let scaled = [audio.trust, audio.level, audio.centroid];
            let groups = [&scaled[..], &audio.onset, &audio.bands, &audio.mel, &audio.peaks, audio.past.as_flattened()];
            for value in groups.into_iter().flatten() {
                assert!((0.0..=1.0).contains(value), "{audio:?}");
            }
            assert!(audio.onset_count.iter().all(|count| count.is_finite()), "{audio:?}");
            for cycle in [moment.seconds(), moment.beats()] {
                assert!((0.0..=WRAP as f32).contains(&cycle), "{cycle}");
            }
            assert!((0.0..=1.0).contains(&moment.past_phase()));
        }
    }
}

/// A row of each layout.
pub fn moment_seeds() -> Vec<Vec<u8>> {
    use downbeat_protocol::Row;
    use downbeat_protocol::datagram::{Head, Published, encode_rows};
    let seed = |(number, schema): (usize, &Schema)| {
        let timeline = Timeline::default();
        let rows = [0, 1].map(|seq: u64| Row {
            seq,
            time: ShowTime(seq as i64 * 5_333_333),
            values: (0..schema.width()).map(|column| column as f32 * 0.125).collect(),
        });
        let published = rows.each_ref().map(|row| Published { row, timeline: &timeline, back: 1, number: 1 });
        let head = Head { epoch: 1, term: 1, schema: schema.id() };
        encode_rows(head, &published, 1_150).into_iter().map(move |it| [&[number as u8], &it[..]].concat())
    };
    schemas().iter().enumerate().flat_map(seed).collect()
}
