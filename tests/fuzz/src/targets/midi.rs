//! Bytes from a MIDI port. Each message of a run starts with its length in one byte.

use downbeat_engine::notes::{Arrival, NoteSource, WIDTH};

/// Whatever arrives, and in whatever order, the signals of the notes are numbers.
pub fn run(bytes: &[u8]) {
    let Some((channel, mut rest)) = bytes.split_first() else { return };
    let (mut source, arrivals) = NoteSource::arriving((*channel < 16).then_some(*channel));
    let mut values = [0.0; WIDTH];
    while let Some((len, after)) = rest.split_first() {
        let (message, after) = after.split_at(usize::from(*len).min(after.len()));
        rest = after;
        if let Some(arrival) = Arrival::of(message) {
            // A full queue drops the rest, as at a port.
            let _ = arrivals.try_send(arrival);
        }
        if message.is_empty() {
            let _ = arrivals.try_send(Arrival::Gone);
            source.hop(0.005, None, &mut values);
        }
    }
    source.hop(0.005, None, &mut values);
    assert!(values.iter().all(|value| value.is_finite()), "{values:?}");
}

/// Notes that begin and end, controllers, a reset, running status that should not be there.
pub fn seeds() -> Vec<Vec<u8>> {
    vec![
        vec![255, 3, 0x90, 60, 100, 3, 0x80, 60, 0, 0],
        vec![1, 3, 0x91, 60, 100, 3, 0x91, 60, 0, 3, 0xB1, 123, 0, 0],
        vec![255, 3, 0x9F, 127, 127, 1, 0xFF, 0, 3, 0xB0, 120, 0],
        vec![255, 1, 0xF8, 6, 0xF0, 0x7E, 0x7F, 6, 1, 0xF7, 2, 60, 100],
    ]
}
