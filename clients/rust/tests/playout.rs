//! Rows through bad networks: the picture depends only on rows and time.

use downbeat_client::playout::{DECAY, GIVE_UP, HOLD, Playout, Whole};
use downbeat_protocol::datagram::{Datagram, Head, Moment, Published, Rows, decode, encode_rows};
use downbeat_protocol::{HostTime, Row, Schema, ShowState, ShowTime, Signal, Timeline, Unit};
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
    let rows: Vec<_> = rows.iter().map(|row| Published { row, timeline: &timeline, back: 1, number: 0 }).collect();
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
    // Two of three up to the 256 newest, which may still come.
    assert_eq!(bare.lost(), (0..399 - 256).filter(|seq| seq % 3 != 0).count() as u64);
}

#[test]
fn an_outage_counts_all_its_rows() {
    let mut playout = filled(0..10);
    (100_000..100_300).flat_map(|seq| datagrams(seq, 0, 1_150)).for_each(|rows| playout.push(&rows));
    assert_eq!(playout.lost(), 100_000 - 10);
    assert_eq!(playout.newest().map(|row| row.seq), Some(100_299));
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

#[test]
fn a_liar_who_numbers_rows_anew_again_and_again_cannot_overflow_the_count_of_lost_rows() {
    let mut playout = playout();
    // A far number, and then an earlier one at a later time: the numbers begin anew, and what was between is lost.
    for (seq, time) in [(0, 0), (u64::MAX - 9, 0), (0, 1), (u64::MAX - 9, 1), (0, 2)] {
        let row = Row { seq, time: ShowTime(time), values: vec![0.0; 15].into() };
        let rows = vec![Moment { row, timeline: timeline(), back: 1, number: 0 }];
        playout.push(&Rows { head: head(), first_column: 0, rows });
    }
    assert_eq!(playout.lost(), u64::MAX);
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
            let rows = vec![Moment { row, timeline: timeline(), back: 1, number: 0 }];
            playout.push(&Rows { head: head(), first_column, rows });
            for time in [moment, time, i64::MAX, i64::MIN] {
                let finite = playout.at(ShowTime(time)).is_none_or(|view| view.values.iter().all(|it| it.is_finite()));
                prop_assert!(finite);
            }
        }
    }
}

/// Rows of a leader's term, each published right after the one before it but for the first.
fn published(term: u32, seqs: std::ops::Range<u64>, number: u32) -> Vec<Rows> {
    let first = seqs.start;
    let moment = |seq: u64| Moment { row: row(seq), timeline: timeline(), back: u8::from(seq > first), number };
    let rows = |seq| Rows { head: Head { term, ..head() }, first_column: 0, rows: vec![moment(seq)] };
    seqs.map(rows).collect()
}

fn told(playout: &mut Playout, number: u64) {
    playout.tell(1, number..=number, &Arc::new(ShowState { seed: number as u32, ..ShowState::default() }));
}

#[test]
fn a_moment_is_known_for_good_when_nothing_can_come_between_its_rows_any_more() {
    let mut playout = playout();
    told(&mut playout, 0);
    let rows = published(0, 0..400, 0);
    rows[..100].iter().filter(|it| it.rows[0].row.seq != 60).for_each(|it| playout.push(it));
    assert_eq!(playout.whole(at(61.0), at(98.5)), Whole::Yes);
    assert_eq!(playout.whole(at(61.0), at(99.0)), Whole::Waits, "the row after it is to come");
    assert_eq!(playout.whole(at(60.5), at(90.0)), Whole::Waits, "a row is missing");
    assert_eq!(playout.whole(at(59.0), at(59.0)), Whole::Waits, "its neighbour is missing");
    assert_eq!(playout.whole(at(1.0), at(58.0)), Whole::Yes);
    playout.push(&rows[60]);
    assert_eq!(playout.whole(at(0.0), at(98.5)), Whole::Yes);
    assert_eq!(playout.whole(at(-1.0), at(98.5)), Whole::Never, "the show began there");
    // A hole that nobody fills is given up.
    let given_up = 100 + (GIVE_UP.as_nanos() as i64 / HOP) as u64;
    rows[100..given_up as usize].iter().filter(|it| it.rows[0].row.seq != 110).for_each(|it| playout.push(it));
    assert_eq!(playout.whole(at(100.0), at(118.0)), Whole::Waits);
    rows[given_up as usize..].iter().for_each(|it| playout.push(it));
    assert_eq!(playout.whole(at(100.0), at(118.0)), Whole::Never);
}

#[test]
fn a_number_that_was_never_published_is_no_hole() {
    let mut playout = playout();
    told(&mut playout, 0);
    let mut rows = published(0, 0..20, 0);
    rows[12].rows[0].back = 3;
    rows.iter().filter(|it| ![10, 11].contains(&it.rows[0].row.seq)).for_each(|it| playout.push(it));
    assert_eq!(playout.whole(at(1.0), at(18.0)), Whole::Yes);
    assert!(playout.wants(HostTime::ZERO).is_empty());
}

#[test]
fn what_is_missing_is_asked_for_again_until_it_comes_and_not_too_often() {
    let mut playout = playout();
    let rows = published(0, 0..100, 0);
    let lost = |seq: u64| seq == 20 || (40..60).contains(&seq);
    rows.iter().filter(|it| !lost(it.rows[0].row.seq)).for_each(|it| playout.push(it));
    let asked = |playout: &mut Playout, ms: i64| {
        let wants = playout.wants(HostTime(ms * 1_000_000));
        wants.iter().flat_map(|want| want.first..want.first + u64::from(want.count)).collect::<Vec<_>>()
    };
    assert_eq!(asked(&mut playout, 0), (40..60).chain([20]).collect::<Vec<_>>());
    assert!(asked(&mut playout, 10).is_empty());
    playout.push(&rows[20]);
    rows[40..56].iter().for_each(|it| playout.push(it));
    assert_eq!(asked(&mut playout, 15), [56, 57, 58, 59]);
    rows[56..60].iter().for_each(|it| playout.push(it));
    assert!(asked(&mut playout, 60).is_empty());
}

#[test]
fn a_newcomer_takes_what_was_before_it_came() {
    let mut playout = playout();
    told(&mut playout, 0);
    let rows = published(0, 0..900, 0);
    playout.push(&rows[899]);
    assert_eq!(playout.whole(at(300.0), at(898.0)), Whole::Waits);
    rows[..899].iter().rev().for_each(|it| playout.push(it));
    assert_eq!(playout.whole(at(10.0), at(898.0)), Whole::Yes);
    assert_eq!(playout.lost(), 0);
}

#[test]
fn the_state_of_a_moment_is_the_one_of_its_row_whenever_it_was_heard_of() {
    let mut playout = playout();
    (0..3).for_each(|number| told(&mut playout, number));
    published(0, 0..10, 2).iter().for_each(|it| playout.push(it));
    let mut rows = published(0, 10..20, 3);
    rows[0].rows[0].back = 1;
    rows.iter().for_each(|it| playout.push(it));
    let seed = |playout: &Playout, moment| playout.state_at(moment).map(|state| state.seed);
    assert_eq!((seed(&playout, at(9.9)), seed(&playout, at(10.0))), (Some(2), None));
    assert_eq!(playout.whole(at(5.0), at(12.0)), Whole::Waits, "the change is still to be told");
    told(&mut playout, 3);
    assert_eq!((seed(&playout, at(9.9)), seed(&playout, at(10.0))), (Some(2), Some(3)));
    assert_eq!(playout.whole(at(5.0), at(12.0)), Whole::Yes);
}

#[test]
fn what_lies_across_a_change_of_leader_is_shown_but_not_known_for_good() {
    let mut playout = playout();
    told(&mut playout, 0);
    published(0, 100..200, 0).iter().for_each(|it| playout.push(it));
    let mut later = published(1, 0..100, 0);
    later.iter_mut().for_each(|it| it.rows[0].row.time = it.rows[0].row.time.offset(205 * HOP));
    later.iter().for_each(|it| playout.push(it));
    assert_eq!(playout.whole(at(150.0), at(250.0)), Whole::Never);
    assert_eq!(playout.whole(at(206.0), at(250.0)), Whole::Yes);
    assert_eq!(playout.at(at(150.0)).map(|view| view.seq), Some(150));
    published(0, 200..240, 0).iter().for_each(|it| playout.push(it));
    assert_eq!(playout.at(at(230.0)).map(|view| view.seq), Some(25), "who leads no more is not heard");
}

#[test]
fn the_delay_that_is_proposed_is_how_late_rows_are() {
    let mut playout = playout();
    for rows in published(0, 0..2_000, 0) {
        let seq = rows.rows[0].row.seq;
        if seq % 50 != 7 {
            playout.push_at(&rows, at(seq as f64).offset(20_000_000));
        }
        if seq % 50 == 12 {
            // It was asked for and came five hops late.
            playout.push_at(&published(0, seq - 5..seq - 4, 0)[0], at(seq as f64).offset(20_000_000));
        }
    }
    // A moment just after a row waits for the next one, and at worst for the one that was lost.
    let proposed = playout.lag().proposal_ms().expect("enough");
    assert!((50.0..58.0).contains(&proposed), "{proposed}");
}
