//! Standard MIDI Files.

use downbeat_engine::notes::{NoteSource, Score, WIDTH};

/// A file that is taken can be played through, and back from the beginning.
pub fn run(bytes: &[u8]) {
    match Score::parse(bytes) {
        Ok(score) => {
            let mut source = NoteSource::score(score, None);
            let mut values = [0.0; WIDTH];
            for position in [0.01, 1.0, 1e9, 0.5, f64::MAX] {
                source.hop(0.005, Some(position), &mut values);
                assert!(values.iter().all(|value| value.is_finite()), "{values:?}");
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// All three formats, a metrical clock and a timecode, a tempo change, running status and a system exclusive.
pub fn seeds() -> Vec<Vec<u8>> {
    let tempo = [0, 0xFF, 0x51, 3, 7, 0xA1, 0x20];
    let notes = [0, 0x90, 60, 100, 10, 61, 100, 10, 0x80, 60, 0, 0x81, 0x00, 0xB0, 123, 0];
    let exclusive = [0, 0xF0, 3, 1, 2, 0xF7, 5, 0x90, 64, 1];
    vec![
        file(0, [0, 96], &[&[&tempo[..], &notes].concat()]),
        file(1, [1, 0xE0], &[&tempo, &notes, &exclusive]),
        file(2, [0, 10], &[&notes, &exclusive]),
        file(0, [(-25_i8) as u8, 40], &[&notes]),
    ]
}

fn file(format: u8, division: [u8; 2], tracks: &[&[u8]]) -> Vec<u8> {
    let mut bytes = b"MThd\x00\x00\x00\x06\x00".to_vec();
    bytes.push(format);
    bytes.extend((tracks.len() as u16).to_be_bytes());
    bytes.extend(division);
    for track in tracks {
        bytes.extend(b"MTrk");
        bytes.extend((track.len() as u32 + 4).to_be_bytes());
        bytes.extend(*track);
        bytes.extend([0, 0xFF, 0x2F, 0]);
    }
    bytes
}
