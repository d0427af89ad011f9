//! `Analyzer::push` promises to be realtime-safe: here an allocation aborts.

mod signal;

use assert_no_alloc::{AllocDisabler, assert_no_alloc};
use signal::{Music, analyzer};

#[global_allocator]
static ALLOCATOR: AllocDisabler = AllocDisabler;

#[test]
fn push_allocates_nothing() {
    let mut music = Music::silence(30.0, 48_000.0);
    music.four_on_the_floor(1.0, 12.0, 128.0);
    music.speech(14.0, 20.0);
    music.four_on_the_floor(20.0, 30.0, 150.0);
    music.samples[48_000 * 13] = f32::NAN;
    let mut analyzer = analyzer(music.rate, 256);
    let mut checksum = 0.0;
    for block in music.samples.chunks(128) {
        assert_no_alloc(|| analyzer.push(block, block, |hop| checksum += f64::from(hop.values[0]) + hop.pulse.beat));
    }
    assert!(checksum > 0.0);
}
