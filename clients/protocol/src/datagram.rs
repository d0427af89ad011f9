//! Datagrams: rows, and the four time stamps of the clock.
//!
//! All numbers are big-endian. The first byte is the kind; unknown kinds are skipped.
//!
//! ```text
//! rows   1 | epoch u64 | term u32 | schema u32 | first column u16 | columns u16 | rows u8
//!          | per row, newest first: seq u64 | time i64 | back u8 | number u32 | own timeline u8
//!          | timeline (34 bytes, if own) | columns × f16
//! ping   2 | id u32 | client time i64
//! pong   3 | id u32 | client time i64 | received i64 | sent i64      (the last two in show time)
//! ask    4 | term u32                       (a standby asks: do you hear the leader of this term?)
//! heard  5 | term u32 | age u32             (a client answers: its last row of this term came so many µs ago)
//! want   6 | term u32 | first seq u64 | count u8    (a client asks for rows that it misses)
//! ```
//!
//! Each datagram of rows repeats earlier rows as far as they fit, so a lost one costs nothing. Each row carries the
//! timeline in force when it was made, so a node that gets it late still draws what the others drew; a timeline equal
//! to that of the row before it in the datagram is omitted. A row wider than a datagram travels in several, each with a
//! range of columns.
//!
//! Each row gives its distance to the row published before it, which distinguishes a number never published from a lost
//! one. A client asks for rows that are lost in spite of the repetitions, and gets them in datagrams like any others. A
//! newcomer gets the last [`HISTORY`] in the same form on its own stream: each piece with its length (32 bits) before
//! it, see [`encode_pieces`].

use crate::{Beats, HostTime, Row, ShowTime, Timeline, plausible};
use half::f16;

const ROWS: u8 = 1;
const PING: u8 = 2;
const PONG: u8 = 3;
const ASK: u8 = 4;
const HEARD: u8 = 5;
const WANT: u8 = 6;
const ROWS_HEAD: usize = 1 + 8 + 4 + 4 + 2 + 2 + 1;
const ROW_HEAD: usize = 8 + 8 + 1 + 4 + 1;
const TIMELINE: usize = 8 * 4 + 2;

/// How far back a client can ask for rows, and how much a newcomer gets: a scene's memory and a little more.
pub const HISTORY: std::time::Duration = std::time::Duration::from_secs(5);
/// The longest piece of a history.
pub const PIECE_LEN: usize = 16 * 1024;

/// One decoded datagram.
#[derive(Clone, Debug, PartialEq)]
pub enum Datagram {
    /// Rows, newest first.
    Rows(Rows),
    /// A client asks for the time.
    Ping(Ping),
    /// The daemon's answer.
    Pong(Pong),
    /// A standby asks whether the leader of this term is heard.
    Ask(u32),
    /// A client answers.
    LeaderHeard(LeaderHeard),
    /// A client asks for rows.
    Want(Want),
}

/// The source and the layout of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The show: rows of different epochs are not comparable.
    pub epoch: u64,
    /// How often the show's leader has changed: rows of an earlier term come from a daemon that no longer leads.
    pub term: u32,
    /// [`Schema::id`](crate::Schema::id) of the layout.
    pub schema: u32,
}

/// A range of columns of one or more rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Rows {
    /// Their source and layout.
    pub head: Head,
    /// The first column carried.
    pub first_column: usize,
    /// The rows, newest first, each with only the columns carried.
    pub rows: Vec<Moment>,
}

/// A row and the timeline in force when it was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Moment {
    /// All signals of one hop, or a range of them.
    pub row: Row,
    /// Where the beat was.
    pub timeline: Timeline,
    /// Distance of its number to that of the row published before it, usually 1; 0 if there is none, or it is too far
    /// back.
    pub back: u8,
    /// Number of events sent up to and including the last one that changed the show's state, in 32 bits: the state
    /// after that many belongs to this row.
    pub number: u32,
}

/// A row to send, with its context.
#[derive(Clone, Copy, Debug)]
pub struct Published<'a> {
    /// All signals of one hop.
    pub row: &'a Row,
    /// Where the beat was.
    pub timeline: &'a Timeline,
    /// As [`Moment::back`].
    pub back: u8,
    /// As [`Moment::number`].
    pub number: u32,
}

/// A request for missing rows, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Want {
    /// Their term.
    pub term: u32,
    /// The first number.
    pub first: u64,
    /// How many, from there.
    pub count: u8,
}

/// A client's report about a leader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeaderHeard {
    /// The leader's term.
    pub term: u32,
    /// Age of its last row, in microseconds; [`u32::MAX`] if none ever came, or very long ago.
    pub age_us: u32,
}

/// A client asks for the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ping {
    /// Returned in the answer.
    pub id: u32,
    /// When it left, by the client's clock.
    pub sent: HostTime,
}

/// The daemon's answer to a [`Ping`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pong {
    /// From the ping.
    pub id: u32,
    /// From the ping: when it left, by the client's clock.
    pub sent: HostTime,
    /// When it reached the daemon.
    pub received: ShowTime,
    /// When this answer left the daemon.
    pub answered: ShowTime,
}

/// Why bytes are not a valid datagram.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DatagramError {
    /// It ends too early.
    #[error("datagram ends too early")]
    Truncated,
    /// Its first byte is unknown; a newer peer may send it.
    #[error("datagram of unknown kind {0}")]
    UnknownKind(u8),
    /// A field has an invalid value.
    #[error("datagram with an invalid {0}")]
    Impossible(&'static str),
}

/// The datagrams that carry the newest of `rows` (oldest first, all of the same width), and as many earlier ones as fit
/// into `max_len` bytes.
pub fn encode_rows(head: Head, rows: &[Published<'_>], max_len: usize) -> Vec<Vec<u8>> {
    let Some(newest) = rows.last() else { return Vec::new() };
    let width = newest.row.values.len();
    let columns = width.min(max_len.saturating_sub(ROWS_HEAD + ROW_HEAD + TIMELINE) / 2).max(1);
    let mut datagrams = Vec::with_capacity(width.div_ceil(columns));
    for first in (0..width).step_by(columns) {
        let range = first..width.min(first + columns);
        let mut out = Vec::with_capacity(max_len);
        out.push(ROWS);
        out.extend(head.epoch.to_be_bytes());
        out.extend(head.term.to_be_bytes());
        out.extend(head.schema.to_be_bytes());
        out.extend((first as u16).to_be_bytes());
        out.extend((range.len() as u16).to_be_bytes());
        let count_at = out.len();
        out.push(0);
        let mut before = None;
        for Published { row, timeline, back, number } in rows.iter().rev().take(usize::from(u8::MAX)) {
            let own = before.replace(*timeline) != Some(*timeline);
            let len = ROW_HEAD + if own { TIMELINE } else { 0 } + 2 * range.len();
            if out[count_at] > 0 && out.len() + len > max_len {
                break;
            }
            out.extend(row.seq.to_be_bytes());
            out.extend(row.time.0.to_be_bytes());
            out.push(*back);
            out.extend(number.to_be_bytes());
            out.push(u8::from(own));
            if own {
                put_timeline(&mut out, timeline);
            }
            row.values[range.clone()].iter().for_each(|value| out.extend(narrow(*value).to_be_bytes()));
            out[count_at] += 1;
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

/// The bytes of [`Datagram::Ask`].
pub fn encode_ask(term: u32) -> Vec<u8> {
    let mut out = vec![ASK];
    out.extend(term.to_be_bytes());
    out
}

impl LeaderHeard {
    /// Its bytes.
    pub fn encode(self) -> Vec<u8> {
        let mut out = vec![HEARD];
        out.extend(self.term.to_be_bytes());
        out.extend(self.age_us.to_be_bytes());
        out
    }
}

impl Want {
    /// Its bytes.
    pub fn encode(self) -> Vec<u8> {
        let mut out = vec![WANT];
        out.extend(self.term.to_be_bytes());
        out.extend(self.first.to_be_bytes());
        out.push(self.count);
        out
    }
}

/// Rows (oldest first, all of the same width) as pieces of a history, newest first, each with its length before it.
pub fn encode_pieces(head: Head, rows: &[Published<'_>]) -> Vec<Vec<u8>> {
    let mut pieces = Vec::new();
    let mut rest = rows;
    while !rest.is_empty() {
        // Each piece begins with the newest row left; the number it took gives the start of the next one.
        let parts = encode_rows(head, rest, PIECE_LEN);
        let took = parts.iter().filter_map(|part| part.get(ROWS_HEAD - 1)).min().copied().unwrap_or(0);
        for part in parts {
            let mut piece = (part.len() as u32).to_be_bytes().to_vec();
            piece.extend(part);
            pieces.push(piece);
        }
        rest = &rest[..rest.len() - usize::from(took).clamp(1, rest.len())];
    }
    pieces
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

/// Decodes a datagram. Ignores bytes after it: a newer peer may add fields.
pub fn decode(bytes: &[u8]) -> Result<Datagram, DatagramError> {
    let mut reader = Reader(bytes);
    match reader.u8()? {
        ROWS => decode_rows(&mut reader).map(Datagram::Rows),
        PING => Ok(Datagram::Ping(Ping { id: reader.u32()?, sent: HostTime(reader.i64()?) })),
        PONG => {
            let (id, sent) = (reader.u32()?, HostTime(reader.i64()?));
            let (received, answered) = (ShowTime(reader.i64()?), ShowTime(reader.i64()?));
            if !(sent.is_plausible() && received.is_plausible() && answered.is_plausible()) {
                return Err(DatagramError::Impossible("time in an answer"));
            }
            Ok(Datagram::Pong(Pong { id, sent, received, answered }))
        }
        ASK => Ok(Datagram::Ask(reader.u32()?)),
        HEARD => Ok(Datagram::LeaderHeard(LeaderHeard { term: reader.u32()?, age_us: reader.u32()? })),
        WANT => Ok(Datagram::Want(Want { term: reader.u32()?, first: reader.i64()? as u64, count: reader.u8()? })),
        kind => Err(DatagramError::UnknownKind(kind)),
    }
}

/// Makes a number finite, as the other side requires.
fn narrow(value: f32) -> f16 {
    if value.is_nan() { f16::ZERO } else { f16::from_f32(value.clamp(f16::MIN.to_f32(), f16::MAX.to_f32())) }
}

fn decode_rows(reader: &mut Reader<'_>) -> Result<Rows, DatagramError> {
    let head = Head { epoch: reader.i64()? as u64, term: reader.u32()?, schema: reader.u32()? };
    let first_column = usize::from(reader.u16()?);
    let columns = usize::from(reader.u16()?);
    let count = reader.u8()?;
    let mut rows: Vec<Moment> = Vec::new();
    for _ in 0..count {
        let (seq, time) = (reader.i64()? as u64, ShowTime(reader.i64()?));
        if seq > plausible::COUNT || !time.is_plausible() {
            return Err(DatagramError::Impossible("number or time of a row"));
        }
        let (back, number) = (reader.u8()?, reader.u32()?);
        let timeline = match (reader.u8()?, rows.last()) {
            (0, Some(newer)) => newer.timeline,
            (0, None) => return Err(DatagramError::Impossible("first row without a timeline")),
            _ => take_timeline(reader)?,
        };
        let values: Box<[f32]> = reader
            .bytes(columns * 2)?
            .chunks_exact(2)
            .map(|pair| f16::from_be_bytes([pair[0], pair[1]]).to_f32())
            .collect();
        if !values.iter().all(|value| value.is_finite()) {
            return Err(DatagramError::Impossible("number in a row"));
        }
        rows.push(Moment { row: Row { seq, time, values }, timeline, back, number });
    }
    Ok(Rows { head, first_column, rows })
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
#[path = "datagram_tests.rs"]
mod tests;
