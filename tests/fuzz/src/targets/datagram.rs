//! Datagrams, and the playout of their rows.

use downbeat_client::playout::Playout;
use downbeat_protocol::datagram::{
    Datagram, Head, LeaderHeard, Ping, Pong, Published, Want, decode, encode_ask, encode_rows,
};
use downbeat_protocol::{HostTime, Row, Schema, ShowTime, Signal, Timeline, Unit};
use std::sync::Arc;

/// The show that the seeds belong to.
const EPOCH: u64 = 7;

fn schema() -> Schema {
    let mut mel = Signal::scalar("main.mel", Unit::Ratio, [0.0, 1.0]);
    mel.len = 32;
    let kinds = [Unit::Phase, Unit::Count, Unit::State, Unit::Bpm];
    let scalars = kinds.map(|unit| Signal::scalar(format!("main.{unit:?}"), unit, [0.0, 1.0]));
    Schema { signals: [vec![mel], scalars.into()].concat() }
}

/// Whatever comes, the picture's numbers are numbers, at the rows' moments, between and after them.
pub fn run(bytes: &[u8]) {
    let Ok(Datagram::Rows(rows)) = decode(bytes) else { return };
    let mut playout = Playout::new();
    playout.push(&rows);
    playout.follow(rows.head.epoch, &Arc::new(schema()));
    playout.push(&rows);
    playout.push(&rows);
    for moment in &rows.rows {
        for later in [0, 3_000_000, 400_000_000, i64::MAX] {
            let time = moment.row.time.0.saturating_add(later);
            let Some(view) = playout.at(ShowTime(time)) else { continue };
            assert!(view.values.iter().all(|value| value.is_finite()), "{:?}", view.values);
        }
        let (line, time) = (moment.timeline, moment.row.time);
        for phase in [line.beat_phase(time), line.bar_phase(time), line.phrase_phase(time)] {
            assert!((0.0..1.0).contains(&phase), "{phase} of {line:?}");
        }
    }
    let _ = playout.newest();
}

/// One of each kind, and rows with and without a timeline of their own.
pub fn seeds() -> Vec<Vec<u8>> {
    let schema = schema();
    let rows: Vec<Row> = (0..6)
        .map(|seq| Row {
            seq,
            time: ShowTime(seq as i64 * 5_333_333),
            values: vec![0.25 * seq as f32; schema.width()].into(),
        })
        .collect();
    let (early, late) = (Timeline::default(), Timeline { tempo: 93.0, beats_per_bar: 7, ..Timeline::default() });
    let published = |(row, timeline)| Published { row, timeline, back: 1, number: 9 };
    let rows: Vec<_> = rows.iter().zip([&early, &early, &early, &late, &late, &late]).map(published).collect();
    let head = Head { epoch: EPOCH, term: 2, schema: schema.id() };
    let (sent, received, answered) = (HostTime(5_000_000_000), ShowTime(7_000_000_000), ShowTime(7_000_020_000));
    let mut seeds = encode_rows(head, &rows, 1_150);
    seeds.extend(encode_rows(head, &rows[..1], 150));
    seeds.push(Ping { id: 3, sent }.encode());
    seeds.push(Pong { id: 3, sent, received, answered }.encode());
    seeds.push(encode_ask(2));
    seeds.push(Want { term: 2, first: 3, count: 4 }.encode());
    seeds.push(LeaderHeard { term: 2, age_us: 5_000 }.encode());
    seeds
}
