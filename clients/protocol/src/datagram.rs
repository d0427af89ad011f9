//! Datagrams: rows, and the four time stamps of the clock.
//!
//! All numbers are big-endian. The first byte is the kind; a kind that is not known is skipped.
//!
//! ```text
//! rows   1 | epoch u64 | schema u32 | timeline (34 bytes) | first column u16 | columns u16 | rows u8
//!          | per row, newest first: seq u64 | time i64 | columns × f16
//! ping   2 | id u32 | client time i64
//! pong   3 | id u32 | client time i64 | received i64 | sent i64      (the last two in show time)
//! ```
//!
//! Each datagram of rows repeats earlier rows as far as there is room, so that a lost one costs nothing. A row that is
//! wider than a datagram travels in several, each with a range of columns.

use crate::{Beats, HostTime, Row, ShowTime, Timeline};
use half::f16;

const ROWS: u8 = 1;
const PING: u8 = 2;
const PONG: u8 = 3;
const ROWS_HEAD: usize = 1 + 8 + 4 + TIMELINE + 2 + 2 + 1;
const ROW_HEAD: usize = 8 + 8;
const TIMELINE: usize = 8 * 4 + 2;

/// One decoded datagram.
#[derive(Clone, Debug, PartialEq)]
pub enum Datagram {
    /// Rows, newest first.
    Rows(Rows),
    /// A client asks for the time.
    Ping(Ping),
    /// The daemon's answer.
    Pong(Pong),
}

/// A range of columns of one or more rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    /// Which show: rows of another epoch are not comparable.
    pub epoch: u64,
    /// [`Schema::id`](crate::Schema::id) of the layout.
    pub schema: u32,
    /// Where the beat is.
    pub timeline: Timeline,
    /// The first column carried.
    pub first_column: usize,
    /// The rows, newest first, each with only the columns carried.
    pub rows: Vec<Row>,
}

/// A client asks for the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ping {
    /// Comes back in the answer.
    pub id: u32,
    /// When it left, on the client's clock.
    pub sent: HostTime,
}

/// The daemon's answer to a [`Ping`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pong {
    /// From the ping.
    pub id: u32,
    /// From the ping: when it left, on the client's clock.
    pub sent: HostTime,
    /// When it reached the daemon.
    pub received: ShowTime,
    /// When this answer left the daemon.
    pub answered: ShowTime,
}

/// Why bytes are no datagram of ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DatagramError {
    /// It ends in the middle of something.
    #[error("datagram ends too early")]
    Truncated,
    /// Its first byte is not known; a newer peer may send such.
    #[error("datagram of unknown kind {0}")]
    UnknownKind(u8),
    /// A field has an impossible value.
    #[error("datagram with an impossible {0}")]
    Impossible(&'static str),
}

/// The datagrams that carry the newest of `rows` (oldest first, all of one width), and before it as many earlier ones as
/// fit into `max_len` bytes.
pub fn encode_rows(epoch: u64, schema: u32, timeline: &Timeline, rows: &[Row], max_len: usize) -> Vec<Vec<u8>> {
    let Some(newest) = rows.last() else { return Vec::new() };
    let width = newest.values.len();
    let room = max_len.saturating_sub(ROWS_HEAD);
    let columns = width.min(room.saturating_sub(ROW_HEAD) / 2).max(1);
    let mut datagrams = Vec::with_capacity(width.div_ceil(columns));
    for first in (0..width).step_by(columns) {
        let range = first..width.min(first + columns);
        let count = (room / (ROW_HEAD + 2 * range.len())).clamp(1, rows.len().min(255));
        let mut out = Vec::with_capacity(max_len);
        out.push(ROWS);
        out.extend(epoch.to_be_bytes());
        out.extend(schema.to_be_bytes());
        put_timeline(&mut out, timeline);
        out.extend((first as u16).to_be_bytes());
        out.extend((range.len() as u16).to_be_bytes());
        out.push(count as u8);
        for row in rows.iter().rev().take(count) {
            out.extend(row.seq.to_be_bytes());
            out.extend(row.time.0.to_be_bytes());
            row.values[range.clone()].iter().for_each(|value| out.extend(narrow(*value).to_be_bytes()));
        }
        datagrams.push(out);
    }
    datagrams
}

impl Ping {
    /// Its bytes.
    pub fn encode(self) -> Vec<u8> {
        let mut out = vec![PING];
        out.extend(self.id.to_be_bytes());
        out.extend(self.sent.0.to_be_bytes());
        out
    }
}

impl Pong {
    /// Its bytes.
    pub fn encode(self) -> Vec<u8> {
        let mut out = vec![PONG];
        out.extend(self.id.to_be_bytes());
        [self.sent.0, self.received.0, self.answered.0].iter().for_each(|time| out.extend(time.to_be_bytes()));
        out
    }
}

/// The datagram in `bytes`. Bytes after it are ignored: a newer peer may add fields.
pub fn decode(bytes: &[u8]) -> Result<Datagram, DatagramError> {
    let mut reader = Reader(bytes);
    match reader.u8()? {
        ROWS => decode_rows(&mut reader).map(Datagram::Rows),
        PING => Ok(Datagram::Ping(Ping { id: reader.u32()?, sent: HostTime(reader.i64()?) })),
        PONG => Ok(Datagram::Pong(Pong {
            id: reader.u32()?,
            sent: HostTime(reader.i64()?),
            received: ShowTime(reader.i64()?),
            answered: ShowTime(reader.i64()?),
        })),
        kind => Err(DatagramError::UnknownKind(kind)),
    }
}

/// A number that the other side will take: finite, whatever came in.
fn narrow(value: f32) -> f16 {
    if value.is_nan() { f16::ZERO } else { f16::from_f32(value.clamp(f16::MIN.to_f32(), f16::MAX.to_f32())) }
}

fn decode_rows(reader: &mut Reader<'_>) -> Result<Rows, DatagramError> {
    let epoch = reader.i64()? as u64;
    let schema = reader.u32()?;
    let timeline = take_timeline(reader)?;
    let first_column = usize::from(reader.u16()?);
    let columns = usize::from(reader.u16()?);
    let count = reader.u8()?;
    let rows = (0..count).map(|_| {
        let (seq, time) = (reader.i64()? as u64, ShowTime(reader.i64()?));
        let values =
            reader.bytes(columns * 2)?.chunks_exact(2).map(|pair| f16::from_be_bytes([pair[0], pair[1]]).to_f32());
        let values: Box<[f32]> = values.collect();
        if values.iter().all(|value| value.is_finite()) {
            Ok(Row { seq, time, values })
        } else {
            Err(DatagramError::Impossible("number in a row"))
        }
    });
    Ok(Rows { epoch, schema, timeline, first_column, rows: rows.collect::<Result<_, _>>()? })
}

fn put_timeline(out: &mut Vec<u8>, timeline: &Timeline) {
    out.extend(timeline.tempo.to_be_bytes());
    out.extend(timeline.time_origin.0.to_be_bytes());
    out.extend(timeline.beat_origin.0.to_be_bytes());
    out.extend(timeline.bar_origin.0.to_be_bytes());
    out.extend([timeline.beats_per_bar, timeline.bars_per_phrase]);
}

fn take_timeline(reader: &mut Reader<'_>) -> Result<Timeline, DatagramError> {
    let timeline = Timeline {
        tempo: f64::from_bits(reader.i64()? as u64),
        time_origin: ShowTime(reader.i64()?),
        beat_origin: Beats(reader.i64()?),
        bar_origin: Beats(reader.i64()?),
        beats_per_bar: reader.u8()?,
        bars_per_phrase: reader.u8()?,
    };
    if timeline.is_sound() { Ok(timeline) } else { Err(DatagramError::Impossible("timeline")) }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn bytes(&mut self, len: usize) -> Result<&'a [u8], DatagramError> {
        let (head, tail) = self.0.split_at_checked(len).ok_or(DatagramError::Truncated)?;
        self.0 = tail;
        Ok(head)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], DatagramError> {
        self.bytes(N)?.try_into().map_err(|_| DatagramError::Truncated)
    }

    fn u8(&mut self) -> Result<u8, DatagramError> {
        self.array().map(u8::from_be_bytes)
    }

    fn u16(&mut self) -> Result<u16, DatagramError> {
        self.array().map(u16::from_be_bytes)
    }

    fn u32(&mut self) -> Result<u32, DatagramError> {
        self.array().map(u32::from_be_bytes)
    }

    fn i64(&mut self) -> Result<i64, DatagramError> {
        self.array().map(i64::from_be_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rows(count: u64, width: usize) -> Vec<Row> {
        let row = |seq| Row { seq, time: ShowTime(seq as i64 * 5_333_333), values: vec![seq as f32; width].into() };
        (0..count).map(row).collect()
    }

    #[test]
    fn the_newest_row_comes_first_and_as_many_earlier_ones_as_fit() {
        let sent = rows(8, 100);
        let datagrams = encode_rows(7, 9, &Timeline::default(), &sent, 1200);
        assert_eq!(datagrams.len(), 1);
        assert!(datagrams[0].len() <= 1200);
        let Ok(Datagram::Rows(got)) = decode(&datagrams[0]) else { panic!("rows") };
        assert_eq!((got.epoch, got.schema, got.first_column), (7, 9, 0));
        assert_eq!(got.rows.iter().map(|row| row.seq).collect::<Vec<_>>(), [7, 6, 5, 4, 3]);
        assert_eq!(got.rows[0], sent[7]);
    }

    #[test]
    fn a_row_wider_than_a_datagram_travels_in_several() {
        let datagrams = encode_rows(0, 0, &Timeline::default(), &rows(3, 1500), 1200);
        let mut columns = 0;
        for bytes in &datagrams {
            assert!(bytes.len() <= 1200);
            let Ok(Datagram::Rows(part)) = decode(bytes) else { panic!("rows") };
            assert_eq!(part.first_column, columns);
            columns += part.rows[0].values.len();
        }
        assert_eq!(columns, 1500);
    }

    #[test]
    fn a_number_out_of_range_does_not_cost_the_row() {
        let row = Row { values: vec![f32::NAN, 1e9, f32::NEG_INFINITY].into(), ..rows(1, 0).remove(0) };
        let datagrams = encode_rows(0, 0, &Timeline::default(), &[row], 1200);
        let Ok(Datagram::Rows(got)) = decode(&datagrams[0]) else { panic!("rows") };
        assert_eq!(*got.rows[0].values, [0.0, 65504.0, -65504.0]);
    }

    #[test]
    fn clock_time_stamps_arrive_as_sent() {
        let ping = Ping { id: 3, sent: HostTime(-5) };
        assert_eq!(decode(&ping.encode()), Ok(Datagram::Ping(ping)));
        let pong = Pong { id: 3, sent: HostTime(-5), received: ShowTime(1), answered: ShowTime(2) };
        assert_eq!(decode(&pong.encode()), Ok(Datagram::Pong(pong)));
    }

    #[test]
    fn a_timeline_that_cannot_be_is_refused() {
        let mut bytes = encode_rows(0, 0, &Timeline::default(), &rows(1, 1), 1200).remove(0);
        bytes[13..21].copy_from_slice(&f64::NAN.to_be_bytes());
        assert_eq!(decode(&bytes), Err(DatagramError::Impossible("timeline")));
    }

    proptest! {
        #[test]
        fn garbage_and_truncation_are_errors_and_never_panics(
            garbage in proptest::collection::vec(any::<u8>(), 0..300), keep in 0usize..600,
        ) {
            let _ = decode(&garbage);
            let whole = encode_rows(1, 2, &Timeline::default(), &rows(2, 40), 1200).remove(0);
            let cut = &whole[..keep.min(whole.len())];
            prop_assert_eq!(decode(cut).is_ok(), cut.len() == whole.len());
        }
    }
}
