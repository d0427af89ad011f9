//! The rows of the last seconds, for newcomers and for clients that missed some. Pure.

use super::clients::transport::DATAGRAM_LEN;
use downbeat_engine::Tick;
use downbeat_protocol::Timeline;
use downbeat_protocol::datagram::{HISTORY, Head, Published, Want, encode_pieces, encode_rows};
use std::collections::VecDeque;
use std::sync::Arc;

/// Maximum of rows, whatever their times: [`HISTORY`] of the shortest hop.
const MOST: usize = 4_096;

/// A published row.
#[derive(Clone, Debug)]
pub struct ArchivedRow {
    /// With its tick.
    pub tick: Arc<Tick>,
    /// Its timeline, as sent.
    pub timeline: Timeline,
    /// The number of rows since the previously published one; 0 if there is none, or too many.
    pub back: u8,
    /// The last event before it that changed the state, in 32 bits.
    pub number: u32,
}

impl ArchivedRow {
    /// As encoded in a datagram.
    pub fn published(&self) -> Published<'_> {
        Published { row: &self.tick.row, timeline: &self.timeline, back: self.back, number: self.number }
    }
}

/// Rows in order of their numbers, all of one layout.
#[derive(Debug, Default)]
pub struct Archive {
    rows: VecDeque<ArchivedRow>,
}

impl Archive {
    /// Adds the next row. A new layout clears the archive.
    pub fn keep(&mut self, kept: ArchivedRow) {
        let width = |kept: &ArchivedRow| kept.tick.row.values.len();
        let goes_on = |last: &ArchivedRow| width(last) == width(&kept) && last.tick.row.seq < kept.tick.row.seq;
        if !self.rows.back().is_none_or(goes_on) {
            self.rows.clear();
        }
        let oldest = kept.tick.row.time - HISTORY;
        while self.rows.len() >= MOST || self.rows.front().is_some_and(|first| first.tick.row.time < oldest) {
            self.rows.pop_front();
        }
        self.rows.push_back(kept);
    }

    /// The datagrams with the requested rows, as far as they were published and are still here. At most as many rows as
    /// one request may have, each once.
    pub fn answer(&self, head: Head, want: Want) -> Vec<Vec<u8>> {
        let first = self.rows.partition_point(|kept| kept.tick.row.seq < want.first);
        let wanted =
            self.rows.iter().skip(first).take_while(|kept| kept.tick.row.seq - want.first < u64::from(want.count));
        let rows: Vec<Published<'_>> = wanted.map(ArchivedRow::published).collect();
        let (mut datagrams, mut rest) = (Vec::new(), rows.as_slice());
        while let Some((newest, _)) = rest.split_last() {
            let width = newest.row.values.len();
            datagrams.extend(encode_rows(head, rest, DATAGRAM_LEN));
            // As many as surely fit into one datagram, each with its own timeline.
            rest = &rest[..rest.len().saturating_sub((DATAGRAM_LEN / (2 * width + 64)).max(1))];
        }
        datagrams
    }

    /// Everything, for a newcomer.
    pub fn pieces(&self, head: Head) -> Vec<Vec<u8>> {
        encode_pieces(head, &self.rows.iter().map(ArchivedRow::published).collect::<Vec<_>>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_protocol::datagram::{Datagram, decode};
    use downbeat_protocol::{HostTime, Row, ShowTime};

    const HEAD: Head = Head { epoch: 1, term: 2, schema: 3 };
    const HOP: i64 = 5_000_000;

    fn kept(seq: u64, width: usize) -> ArchivedRow {
        let row = Row { seq, time: ShowTime(seq as i64 * HOP), values: vec![0.5; width].into() };
        let (timeline, state) = Default::default();
        let tick = Tick { row, timeline, state, beating: true, heard: HostTime::ZERO };
        ArchivedRow { tick: Arc::new(tick), timeline, back: 1, number: 0 }
    }

    fn archive(seqs: std::ops::Range<u64>, width: usize) -> Archive {
        let mut archive = Archive::default();
        seqs.for_each(|seq| archive.keep(kept(seq, width)));
        archive
    }

    fn answered(archive: &Archive, first: u64, count: u8) -> Vec<u64> {
        let mut rows = Vec::new();
        for bytes in archive.answer(HEAD, Want { term: 2, first, count }) {
            let Ok(Datagram::Rows(part)) = decode(&bytes) else { panic!("rows") };
            assert!(bytes.len() <= DATAGRAM_LEN);
            rows.extend(part.rows.iter().map(|it| it.row.seq));
        }
        rows.sort_unstable();
        rows.dedup();
        rows
    }

    #[test]
    fn what_is_wanted_is_given_as_far_as_it_is_there() {
        for width in [3, 130, 900] {
            let archive = archive(0..2_000, width);
            assert_eq!(answered(&archive, 1_500, 8), (1_500..1_508).collect::<Vec<_>>(), "{width} columns");
            assert_eq!(answered(&archive, 1_998, 8), [1_998, 1_999]);
            assert_eq!(answered(&archive, 990, 20), (999..1_010).collect::<Vec<_>>(), "five seconds and no more");
            assert!(answered(&archive, 0, 255).is_empty() && answered(&archive, u64::MAX, 255).is_empty());
        }
    }

    #[test]
    fn a_number_that_was_never_published_is_passed_over() {
        let mut archive = archive(0..10, 4);
        archive.keep(kept(15, 4));
        assert_eq!(answered(&archive, 8, 8), [8, 9, 15]);
    }

    #[test]
    fn another_layout_or_numbers_from_the_beginning_end_what_was() {
        let mut archive = archive(0..10, 4);
        archive.keep(kept(10, 5));
        assert_eq!(archive.rows.len(), 1);
        archive.keep(kept(3, 5));
        assert_eq!(archive.rows.len(), 1);
    }
}
