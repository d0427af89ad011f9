//! What is written is read again, and garbage is an error.

use super::*;
use proptest::prelude::*;

fn rows(count: u64, width: usize) -> Vec<Row> {
    let row = |seq| Row { seq, time: ShowTime(seq as i64 * 5_333_333), values: vec![seq as f32; width].into() };
    (0..count).map(row).collect()
}

const HEAD: Head = Head { epoch: 7, term: 3, schema: 9 };

fn encode(rows: &[Row]) -> Vec<Vec<u8>> {
    let steady = Timeline::default();
    let rows: Vec<_> =
        rows.iter().map(|row| Published { row, timeline: &steady, back: 1, number: row.seq as u32 }).collect();
    encode_rows(HEAD, &rows, 1200)
}

fn decoded(bytes: &[u8]) -> Rows {
    match decode(bytes) {
        Ok(Datagram::Rows(rows)) => rows,
        other => panic!("rows, not {other:?}"),
    }
}

#[test]
fn the_newest_row_comes_first_and_as_many_earlier_ones_as_fit() {
    let sent = rows(8, 100);
    let datagrams = encode(&sent);
    assert_eq!(datagrams.len(), 1);
    assert!(datagrams[0].len() <= 1200);
    let got = decoded(&datagrams[0]);
    assert_eq!((got.head, got.first_column), (HEAD, 0));
    assert_eq!(got.rows[1].number, 6);
    assert_eq!(got.rows.iter().map(|it| it.row.seq).collect::<Vec<_>>(), [7, 6, 5, 4, 3]);
    assert_eq!(got.rows[0].row, sent[7]);
}

#[test]
fn each_row_keeps_the_timeline_that_it_was_made_with() {
    let sent = rows(4, 3);
    let early = Timeline::default();
    let late = early.with_tempo(128.0, ShowTime(1));
    let with = |(row, timeline)| Published { row, timeline, back: 1, number: 0 };
    let sent: Vec<_> = sent.iter().zip([&early, &early, &late, &late]).map(with).collect();
    let got = decoded(&encode_rows(HEAD, &sent, 1200)[0]);
    assert_eq!(got.rows.iter().map(|it| it.timeline.tempo).collect::<Vec<_>>(), [128.0, 128.0, 120.0, 120.0]);
}

#[test]
fn a_row_wider_than_a_datagram_travels_in_several() {
    let datagrams = encode(&rows(3, 1500));
    let mut columns = 0;
    for bytes in &datagrams {
        assert!(bytes.len() <= 1200);
        let part = decoded(bytes);
        assert_eq!(part.first_column, columns);
        columns += part.rows[0].row.values.len();
    }
    assert_eq!(columns, 1500);
}

#[test]
fn a_number_out_of_range_does_not_cost_the_row() {
    let row = Row { values: vec![f32::NAN, 1e9, f32::NEG_INFINITY].into(), ..rows(1, 0).remove(0) };
    assert_eq!(*decoded(&encode(&[row])[0]).rows[0].row.values, [0.0, 65504.0, -65504.0]);
}

#[test]
fn clock_time_stamps_arrive_as_sent() {
    let ping = Ping { id: 3, sent: HostTime(-5) };
    assert_eq!(decode(&ping.encode()), Ok(Datagram::Ping(ping)));
    let pong = Pong { id: 3, sent: HostTime(-5), received: ShowTime(1), answered: ShowTime(2) };
    assert_eq!(decode(&pong.encode()), Ok(Datagram::Pong(pong)));
}

#[test]
fn times_and_numbers_that_cannot_be_meant_are_refused() {
    for end in [i64::MAX, i64::MIN, i64::MAX - 5, 1 << 62] {
        let pong = Pong { id: 3, sent: HostTime(-5), received: ShowTime(1), answered: ShowTime(2) };
        for pong in [
            Pong { sent: HostTime(end), ..pong },
            Pong { received: ShowTime(end), ..pong },
            Pong { answered: ShowTime(end), ..pong },
        ] {
            assert!(matches!(decode(&pong.encode()), Err(DatagramError::Impossible(_))), "{pong:?}");
        }
        let row = rows(1, 3).remove(0);
        for row in [Row { time: ShowTime(end), ..row.clone() }, Row { seq: end as u64, ..row.clone() }] {
            assert!(
                matches!(decode(&encode(std::slice::from_ref(&row))[0]), Err(DatagramError::Impossible(_))),
                "{row:?}"
            );
        }
    }
}

#[test]
fn a_question_for_the_leader_and_its_answer_arrive_as_sent() {
    let heard = LeaderHeard { term: 3, age_us: 5_000 };
    assert_eq!(decode(&encode_ask(3)), Ok(Datagram::Ask(3)));
    assert_eq!(decode(&heard.encode()), Ok(Datagram::LeaderHeard(heard)));
}

#[test]
fn a_history_brings_every_row_once_in_pieces() {
    let want = Want { term: 3, first: 1 << 40, count: 9 };
    assert_eq!(decode(&want.encode()), Ok(Datagram::Want(want)));
    let (sent, steady) = (rows(400, 100), Timeline::default());
    let sent: Vec<_> = sent.iter().map(|row| Published { row, timeline: &steady, back: 1, number: 2 }).collect();
    let mut numbers = Vec::new();
    for piece in encode_pieces(HEAD, &sent) {
        let (len, body) = piece.split_at(4);
        assert_eq!(u32::from_be_bytes(len.try_into().expect("four")) as usize, body.len());
        assert!(body.len() <= PIECE_LEN);
        numbers.extend(decoded(body).rows.iter().map(|it| (it.row.seq, it.back)));
    }
    assert_eq!(numbers, (0..400).rev().map(|seq| (seq, 1)).collect::<Vec<_>>());
}

#[test]
fn a_timeline_that_cannot_be_is_refused() {
    let mut bytes = encode(&rows(1, 1)).remove(0);
    let tempo = ROWS_HEAD + ROW_HEAD;
    bytes[tempo..tempo + 8].copy_from_slice(&f64::NAN.to_be_bytes());
    assert_eq!(decode(&bytes), Err(DatagramError::Impossible("timeline")));
}

proptest! {
    #[test]
    fn garbage_and_truncation_are_errors_and_never_panics(
        garbage in proptest::collection::vec(any::<u8>(), 0..300), keep in 0usize..600,
    ) {
        let _ = decode(&garbage);
        let whole = encode(&rows(2, 40)).remove(0);
        let cut = &whole[..keep.min(whole.len())];
        prop_assert_eq!(decode(cut).is_ok(), cut.len() == whole.len());
    }
}
