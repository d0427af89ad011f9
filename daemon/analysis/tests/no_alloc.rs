//! `Analyzer::push` and `hint` promise to be realtime-safe: here an allocation aborts.

mod signal;

use assert_no_alloc::{AllocDisabler, assert_no_alloc};
use downbeat_analysis::Hint;
use signal::{Music, analyzer};

#[global_allocator]
static ALLOCATOR: AllocDisabler = AllocDisabler;

#[test]
fn push_and_hint_allocate_nothing() {
    let mut music = Music::silence(30.0, 48_000.0);
    music.four_on_the_floor(1.0, 12.0, 128.0);
    music.speech(14.0, 20.0);
    music.four_on_the_floor(20.0, 30.0, 150.0);
    music.samples[48_000 * 13] = f32::NAN;
    let mut analyzer = analyzer(music.rate, 256);
    let mut checksum = 0.0;
    let hints = [
        Hint::Octave(0.5),
        Hint::Tempo(150.0),
        Hint::Range(80.0, 100.0),
        Hint::Beat(24_000.0),
        Hint::Downbeat(24_000.0),
        Hint::Forget,
    ];
    for (number, block) in music.samples.chunks(128).enumerate() {
        assert_no_alloc(|| {
            if number % 500 == 0 {
                analyzer.hint(hints[number / 500 % hints.len()]);
            }
            analyzer.push(block, block, |hop| checksum += f64::from(hop.values[0]) + hop.pulse.beat);
        });
    }
    assert!(checksum > 0.0);
}
