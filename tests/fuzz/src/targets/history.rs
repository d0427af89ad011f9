//! The rows that a daemon keeps, for clients that ask for some.

use downbeat_engine::Tick;
use downbeat_protocol::datagram::{Datagram, Head, PIECE_LEN, Want, decode};
use downbeat_protocol::{HostTime, Row, ShowTime};
use downbeatd::server::archive::{Archive, ArchivedRow};
use downbeatd::server::transport::DATAGRAM_LEN;
use std::collections::BTreeMap;
use std::sync::Arc;

const HEAD: Head = Head { epoch: 1, term: 2, schema: 3 };
/// Columns of the widest row, and rows of one input: more only take longer.
const WIDEST: u16 = 1_500;
const ROWS: usize = 40;

/// The width of rows, how many there are, the steps between them, and datagrams of a client after their lengths: what
/// is asked for comes once, in datagrams that pass the network.
pub fn run(bytes: &[u8]) {
    let Some((&[high, low, count], rest)) = bytes.split_first_chunk() else { return };
    let width = 1 + usize::from(u16::from_be_bytes([high, low]) % WIDEST);
    let (steps, mut rest) = rest.split_at(usize::from(count).min(rest.len()).min(ROWS));
    let (mut archive, mut seq, mut kept) = (Archive::default(), 0, BTreeMap::new());
    for step in steps {
        seq += u64::from(step % 8);
        let row = Row { seq, time: ShowTime(seq as i64 * 5_333_333), values: vec![0.25; width].into() };
        if step % 8 == 0 {
            // Numbers that stand still begin anew.
            kept.clear();
        }
        kept.insert(seq, row.time);
        let (timeline, state) = Default::default();
        let tick = Tick { row, timeline, state, beating: true, heard: HostTime::ZERO };
        archive.keep(ArchivedRow { tick: Arc::new(tick), timeline, back: 1, number: 7 });
    }
    while let Some((len, after)) = rest.split_first() {
        let (asked, after) = after.split_at(usize::from(*len).min(after.len()));
        rest = after;
        if let Ok(Datagram::Want(want)) = decode(asked) {
            answer(&archive, want, &kept);
        }
    }
    for piece in archive.pieces(HEAD) {
        let (len, piece) = piece.split_first_chunk().expect("a length");
        assert!(u32::from_be_bytes(*len) as usize == piece.len() && piece.len() <= PIECE_LEN, "{} bytes", piece.len());
        assert!(matches!(decode(piece), Ok(Datagram::Rows(_))));
    }
}

fn answer(archive: &Archive, want: Want, kept: &BTreeMap<u64, ShowTime>) {
    let mut columns = BTreeMap::<u64, Vec<usize>>::new();
    for datagram in archive.answer(HEAD, want) {
        assert!(datagram.len() <= DATAGRAM_LEN, "{} bytes", datagram.len());
        let Ok(Datagram::Rows(rows)) = decode(&datagram) else { panic!("a daemon's own words") };
        for row in &rows.rows {
            assert_eq!(kept.get(&row.row.seq), Some(&row.row.time));
            columns.entry(row.row.seq).or_default().push(rows.first_column);
        }
    }
    let asked = |seq: u64| seq >= want.first && seq - want.first < u64::from(want.count);
    let missing = kept.keys().find(|seq| asked(**seq) && !columns.contains_key(seq));
    assert_eq!(missing, None, "{want:?}");
    assert!(columns.keys().all(|seq| asked(*seq)), "{want:?}: {columns:?}");
}

/// Rows of any width, with gaps, and requests for some of them.
pub fn seeds() -> Vec<Vec<u8>> {
    let want = |first, count| Want { term: 2, first, count }.encode();
    let seed = |width: u16, steps: &[u8], wants: &[Vec<u8>]| {
        let mut bytes = width.to_be_bytes().to_vec();
        bytes.push(steps.len() as u8);
        bytes.extend(steps);
        wants.iter().for_each(|want| bytes.extend([&[want.len() as u8], &want[..]].concat()));
        bytes
    };
    vec![
        seed(40, &[1; 30], &[want(1, 10), want(25, 255)]),
        seed(1_200, &[1, 1, 3, 1, 1], &[want(1, 8)]),
        seed(0, &[1, 2, 0, 1], &[want(0, 0), want(u64::MAX, 255)]),
    ]
}
