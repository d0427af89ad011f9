//! Rows through bad networks: what is drawn depends on rows and time only.

use downbeat_client::playout::{DECAY, HOLD, Playout};
use downbeat_protocol::datagram::{Datagram, Head, Moment, Published, Rows, decode, encode_rows};
use downbeat_protocol::{Row, Schema, ShowTime, Signal, Timeline, Unit};
use proptest::prelude::*;
use std::sync::Arc;

const HOP: i64 = 5_333_333;
const EPOCH: u64 = 3;

fn schema() -> Arc<Schema> {
    let signal = |name: &str, unit, range| Signal::scalar(name, unit, range);
    let mut mel = signal("main.mel", Unit::Ratio, [0.0, 1.0]);
    mel.len = 8;
    Arc::new(Schema {
        signals: vec![
            signal("main.level", Unit::Ratio, [0.0, 1.0]),
            signal("main.loudness", Unit::Lufs, [-70.0, 0.0]),
            signal("main.centroid", Unit::Hertz, [0.0, 24_000.0]),
            signal("main.onset-count.low", Unit::Count, [0.0, 1023.0]),
            signal("beat.phase", Unit::Phase, [0.0, 1.0]),
            signal("music.state", Unit::State, [0.0, 3.0]),
            signal("param.hue", Unit::Ratio, [0.0, 1.0]),
            mel,
        ],
    })
}

fn timeline() -> Timeline {
    Timeline { tempo: 120.0, ..Timeline::default() }
}

fn row(seq: u64) -> Row {
    let level = (seq % 64) as f32 / 64.0;
    let mut values = vec![level, -60.0 + level, 1_000.0 * level, seq as f32, 0.0, (seq % 4) as f32, 0.75];
    values.extend((0..8).map(|band| level * band as f32 / 8.0));
    Row { seq, time: ShowTime(seq as i64 * HOP), values: values.into() }
}

fn head() -> Head {
    Head { epoch: EPOCH, term: 0, schema: schema().id() }
}

/// The datagrams of one hop with so many rows before it.
fn datagrams(seq: u64, before: u64, max_len: usize) -> Vec<Rows> {
    let rows: Vec<Row> = (seq.saturating_sub(before)..=seq).map(row).collect();
    let timeline = timeline();
    let rows: Vec<_> = rows.iter().map(|row| Published { row, timeline: &timeline, number: 0 }).collect();
    let bytes = encode_rows(head(), &rows, max_len);
    bytes.iter().map(|bytes| if let Ok(Datagram::Rows(rows)) = decode(bytes) { rows } else { panic!("rows") }).collect()
}

fn playout() -> Playout {
    let mut playout = Playout::new();
    playout.follow(EPOCH, &schema());
    playout
}

fn filled(seqs: impl IntoIterator<Item = u64>) -> Playout {
    let mut playout = playout();
    seqs.into_iter().flat_map(|seq| datagrams(seq, 0, 1_150)).for_each(|rows| playout.push(&rows));
    playout
}

fn at(seq: f64) -> ShowTime {
    ShowTime((seq * HOP as f64) as i64)
}

#[test]
fn between_rows_each_signal_moves_as_its_unit_does() {
    let view = filled(0..10).at(at(4.25)).expect("a row");
    assert_eq!(view.seq, 4);
    assert!((view.value("main.level").expect("level") - 4.25 / 64.0).abs() < 1e-5);
    assert!((view.value("main.centroid").expect("centroid") - 1_000.0 * 4.25 / 64.0).abs() < 0.1);
    assert_eq!(view.value("main.onset-count.low"), Some(4.0));
    assert_eq!(view.value("music.state"), Some(0.0));
    assert_eq!(view.value("beat.phase"), Some(timeline().beat_phase(at(4.25)) as f32));
    assert_eq!(view.values("main.mel").map(<[f32]>::len), Some(8));
    assert_eq!((view.value("main.nothing"), view.presence), (None, 1.0));
    assert_eq!(view.timeline, timeline());
}

#[test]
fn before_the_first_row_there_is_nothing() {
    assert_eq!(playout().at(at(1.0)), None);
    let late = filled(5..7);
    assert_eq!(late.at(at(4.9)), None);
    assert!(late.at(at(5.0)).is_some());
}

#[test]
fn when_rows_stay_away_signals_hold_and_then_come_to_rest_while_the_beat_goes_on() {
    let playout = filled(0..40);
    let newest = playout.newest().expect("a row");
    let held = playout.at(newest.time + HOLD).expect("a row");
    assert_eq!((held.value("main.level"), held.presence), (newest.value("main.level"), 1.0));
    let half = playout.at(newest.time + HOLD + DECAY / 2).expect("a row");
    assert_eq!(half.presence, 0.5);
    assert!((half.value("main.level").expect("level") - 0.5 * newest.value("main.level").expect("level")).abs() < 1e-5);
    let later = newest.time + HOLD + DECAY * 10;
    let rest = playout.at(later).expect("a row");
    assert_eq!((rest.value("main.level"), rest.value("main.loudness")), (Some(0.0), Some(-70.0)));
    assert_eq!(rest.value("main.centroid"), newest.value("main.centroid"));
    assert_eq!(rest.value("param.hue"), Some(0.75));
    assert_eq!(rest.value("beat.phase"), Some(timeline().beat_phase(later) as f32));
}

#[test]
fn a_long_gap_is_not_bridged_by_a_line() {
    let second = 1_000_000_000 / HOP as u64;
    let playout = filled([10, 10 + 4 * second]);
    let view = playout.at(at(10.0 + 3.9 * second as f64)).expect("a row");
    assert_eq!((view.value("main.level"), view.presence), (Some(0.0), 0.0));
    assert_eq!(filled([10, 12]).at(at(11.0)).expect("a row").value("main.level"), Some(11.0 / 64.0));
}

#[test]
fn repetition_makes_up_for_loss_and_what_is_lost_is_counted_once() {
    let mut repeated = playout();
    (0..400)
        .filter(|seq| seq % 3 == 0)
        .for_each(|seq| datagrams(seq, 2, 1_150).iter().for_each(|it| repeated.push(it)));
    assert_eq!(repeated.lost(), 0);
    let mut bare = playout();
    (0..400).filter(|seq| seq % 3 == 0).for_each(|seq| datagrams(seq, 0, 1_150).iter().for_each(|it| bare.push(it)));
    // Two of three up to the 64 newest, which may still come.
    assert_eq!(bare.lost(), (0..399 - 64).filter(|seq| seq % 3 != 0).count() as u64);
}

#[test]
fn an_outage_counts_all_its_rows() {
    let mut playout = filled(0..10);
    (100_000..100_100).flat_map(|seq| datagrams(seq, 0, 1_150)).for_each(|rows| playout.push(&rows));
    assert_eq!(playout.lost(), 100_000 - 10);
    assert_eq!(playout.newest().map(|row| row.seq), Some(100_099));
}

#[test]
fn another_show_or_layout_is_ignored_until_it_is_announced() {
    let mut playout = filled(0..4);
    let mut other = datagrams(9, 0, 1_150).remove(0);
    other.head.epoch += 1;
    playout.push(&other);
    assert_eq!((playout.newest().map(|row| row.seq), playout.foreign()), (Some(3), 1));
    playout.follow(EPOCH, &schema());
    assert!(playout.newest().is_some(), "the same show again forgets nothing");
    playout.follow(EPOCH + 1, &schema());
    assert_eq!(playout.newest(), None);
    playout.push(&other);
    assert_eq!(playout.newest().map(|row| row.seq), Some(9));
}

#[test]
fn rows_that_are_numbered_anew_in_the_same_show_are_taken() {
    let mut playout = filled(5_000..5_100);
    let mut again = datagrams(1, 0, 1_150).remove(0);
    again.rows[0].row.time = at(6_000.0);
    playout.push(&again);
    assert_eq!(playout.newest().map(|row| row.seq), Some(1));
}

proptest! {
    #[test]
    fn what_is_drawn_does_not_depend_on_what_arrived_when(
        seed: u64, max_len in 90usize..400, twice in any::<bool>(), moment in 0.0..60.0f64,
    ) {
        let mut sent: Vec<Rows> = (0..60).flat_map(|seq| datagrams(seq, 4, max_len)).collect();
        let mut tidy = playout();
        sent.iter().for_each(|rows| tidy.push(rows));
        if twice {
            sent.extend(sent.clone());
        }
        // Within the time that playout waits anyway, everything may be out of order. What comes first sets the start.
        fastrand::Rng::with_seed(seed).shuffle(&mut sent);
        sent.splice(0..0, datagrams(0, 0, max_len));
        let mut mixed = playout();
        sent.iter().for_each(|rows| mixed.push(rows));
        prop_assert_eq!(tidy.at(at(moment)), mixed.at(at(moment)));
        prop_assert_eq!(mixed.lost(), 0);
    }

    #[test]
    fn rows_from_a_liar_never_panic_and_never_make_a_number_infinite(
        rows in proptest::collection::vec((any::<u64>(), any::<i64>(), 0usize..20, 0usize..20), 0..60), moment: i64,
    ) {
        let mut playout = playout();
        for (seq, time, first_column, width) in rows {
            let row = Row { seq, time: ShowTime(time), values: vec![65_504.0; width].into() };
            let rows = vec![Moment { row, timeline: timeline(), number: 0 }];
            playout.push(&Rows { head: head(), first_column, rows });
            for time in [moment, time, i64::MAX, i64::MIN] {
                let finite = playout.at(ShowTime(time)).is_none_or(|view| view.values.iter().all(|it| it.is_finite()));
                prop_assert!(finite);
            }
        }
    }
}
