//! Whatever happens.

use super::*;
use proptest::prelude::*;

/// Something that may happen to a arbiter between two hops.
#[derive(Clone, Debug)]
enum Happening {
    Hear {
        tempo: f64,
        beat_ms: f64,
        confidence: f32,
        bar: u8,
    },
    Nothing,
    Request(Request),
    Hold(bool),
    Lock(bool),
    /// Hops pass; the scheduler may be late by this much.
    Pass {
        hops: u8,
        late_ms: u8,
    },
}

fn happening() -> impl Strategy<Value = Happening> {
    let request = prop_oneof![
        (0..6_000_i64).prop_map(|ms| Request::Tap(ShowTime(ms * 1_000_000))),
        Just(Request::Double),
        Just(Request::Halve),
        Just(Request::TheOne),
        Just(Request::Listen),
        (-2000.0..2000.0).prop_map(Request::NudgeMs),
        (10.0..1200.0).prop_map(Request::Bpm),
    ];
    prop_oneof![
        3 => (30.0..300.0, -800.0..800.0, 0.0f32..1.0, 0u8..6)
            .prop_map(|(tempo, beat_ms, confidence, bar)| Happening::Hear { tempo, beat_ms, confidence, bar }),
        1 => Just(Happening::Nothing),
        2 => request.prop_map(Happening::Request),
        1 => any::<bool>().prop_map(Happening::Hold),
        1 => any::<bool>().prop_map(Happening::Lock),
        5 => (1u8..200, 0u8..60).prop_map(|(hops, late_ms)| Happening::Pass { hops, late_ms }),
    ]
}

proptest! {
    #[test]
    fn the_beat_count_never_runs_backwards_and_never_jumps(happenings in proptest::collection::vec(happening(), 1..120)) {
        let mut arbiter = Arbiter::new(&[Role::Main], &[], &TempoConfig::default());
        let mut now = ShowTime::ZERO;
        let mut hold = false;
        let mut last = arbiter.told().beats_at(now);
        let mut check = |arbiter: &mut Arbiter, now: ShowTime, step: i64, hold| {
            let tempo = arbiter.told().tempo.max(arbiter.goal().tempo);
            arbiter.advance(now, hold);
            let count = arbiter.told().beats_at(now);
            let elapsed = step as f64 / 60e9 * tempo.max(arbiter.told().tempo).max(arbiter.goal().tempo) * 1.021;
            prop_assert!(count >= last, "{} after {}", count.as_f64(), last.as_f64());
            prop_assert!((count - last).as_f64() <= 0.5 + elapsed + 1e-5, "{} after {}", count.as_f64(), last.as_f64());
            prop_assert!(arbiter.told().is_sound());
            last = count;
            Ok(())
        };
        for happening in happenings {
            match happening {
                Happening::Hear { tempo, beat_ms, confidence, bar } => arbiter.observe(0, Some(BusBeat {
                    state: MusicState::Playing,
                    music_at: now,
                    tempo,
                    confidence,
                    level_confidence: confidence,
                    phase_confidence: confidence,
                    beat: now.offset((beat_ms * 1e6) as i64),
                    beats_per_bar: bar,
                    beat_in_bar: bar / 2,
                    bar_confidence: confidence,
                })),
                Happening::Nothing => arbiter.observe(0, None),
                Happening::Request(request) => { let _ = arbiter.obey(request, now); }
                Happening::Hold(on) => hold = on,
                Happening::Lock(on) => { arbiter.limit(on.then_some([90.0, 130.0]), now); }
                Happening::Pass { hops, late_ms } => {
                    for hop in 0..hops {
                        let step = HOP + if hop == 0 { i64::from(late_ms) * 1_000_000 } else { 0 };
                        now = now.offset(step);
                        check(&mut arbiter, now, step, hold)?;
                    }
                }
            }
        }
    }
}
