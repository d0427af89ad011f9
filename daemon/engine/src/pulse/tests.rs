use super::*;
use proptest::prelude::*;

const MS: i64 = 1_000_000;

/// One thing that happens to a timeline: time passes (at least half a beat), then its tempo changes and its beat count
/// steps.
fn step() -> impl Strategy<Value = (i64, f64, i64)> {
    (300 * MS..1500 * MS, 100.0..200.0f64, -Beats::MICRO / 2..=Beats::MICRO / 2)
}

fn fire(pulses: &mut Pulses, line: &Timeline, until: ShowTime) -> Vec<Taken> {
    std::iter::from_fn(|| pulses.take(line, until)).collect()
}

fn numbers(taken: &[Taken]) -> Vec<i64> {
    taken.iter().filter_map(|it| if let Taken::Pulse(pulse) = it { Some(pulse.number) } else { None }).collect()
}

proptest! {
    #[test]
    fn every_part_fires_exactly_once_and_in_order_while_the_timeline_is_corrected(
        steps in proptest::collection::vec(step(), 1..60), per_beat in prop::sample::select(vec![1u32, 2, 4, 24]),
    ) {
        let (mut line, mut now, mut pulses) = (Timeline::default(), ShowTime::ZERO, Pulses::new(per_beat));
        let mut fired = fire(&mut pulses, &line, now);
        for (passes, tempo, correction) in steps {
            let later = now.offset(passes);
            while now < later {
                now = later.min(now.offset(5 * MS));
                fired.extend(fire(&mut pulses, &line, now));
            }
            line = line.with_tempo(tempo, now);
            line.beat_origin = line.beat_origin + Beats(correction);
        }
        let numbers = numbers(&fired);
        prop_assert_eq!(numbers.len(), fired.len(), "no jump was seen");
        prop_assert!(numbers.windows(2).all(|pair| pair[1] == pair[0] + 1), "{:?}", numbers);
        prop_assert!(numbers.first().is_none_or(|first| *first == 1), "{:?}", numbers);
    }

    #[test]
    fn whoever_sleeps_until_the_due_time_finds_the_pulse_due(
        tempo in 20.0..999.0f64, origin in -1_000_000_000_000i64..1_000_000_000_000, start in 0i64..1_000_000_000_000,
    ) {
        let line = Timeline { tempo, time_origin: ShowTime(origin), ..Timeline::default() };
        let mut pulses = Pulses::new(24);
        prop_assert_eq!(pulses.take(&line, ShowTime(start)), None);
        for _ in 0..50 {
            let due = pulses.next_due(&line).expect("running");
            prop_assert_eq!(pulses.take(&line, due.offset(-1)), None);
            let taken = pulses.take(&line, due);
            prop_assert!(matches!(taken, Some(Taken::Pulse(pulse)) if pulse.due == due), "{:?}", taken);
        }
    }
}

#[test]
fn a_beat_has_twenty_four_clocks_and_the_first_lies_on_it() {
    let (line, mut pulses) = (Timeline::default(), Pulses::new(24));
    pulses.take(&line, ShowTime(-1));
    let mut taken = fire(&mut pulses, &line, ShowTime::ZERO);
    taken.extend(fire(&mut pulses, &line, line.time_of(Beats::ONE)));
    assert_eq!(numbers(&taken), (0..=24).collect::<Vec<_>>());
    let on_beat = |it: &Taken| matches!(it, Taken::Pulse(pulse) if pulse.is_beat());
    assert_eq!(taken.iter().filter(|it| on_beat(it)).count(), 2);
}

#[test]
fn a_jump_is_said_and_makes_no_burst() {
    let (mut line, mut pulses) = (Timeline::default(), Pulses::new(24));
    let now = line.time_of(Beats::whole(4));
    pulses.take(&line, now);
    line.beat_origin = Beats::whole(100);
    assert_eq!(fire(&mut pulses, &line, now), [Taken::Jump { from: 96, to: 2496, missed: 0 }]);
    line.beat_origin = Beats::ZERO;
    assert_eq!(fire(&mut pulses, &line, now), [Taken::Jump { from: 2496, to: 96, missed: 0 }]);
    assert_eq!(numbers(&fire(&mut pulses, &line, now.offset(25 * MS))), [97]);
}

#[test]
fn after_a_stall_the_newest_beat_fires_and_the_others_are_counted() {
    let (line, mut pulses) = (Timeline::default(), Pulses::new(1));
    pulses.take(&line, line.time_of(Beats::whole(4)));
    let taken = fire(&mut pulses, &line, line.time_of(Beats::from_f64(10.1)));
    assert_eq!(taken[0], Taken::Jump { from: 4, to: 10, missed: 5 });
    assert_eq!(numbers(&taken), [10]);
    assert_eq!(numbers(&fire(&mut pulses, &line, line.time_of(Beats::whole(11)))), [11]);
}

#[test]
fn after_a_stall_whoever_counts_gets_the_rest_of_a_bar_however_long_it_was() {
    // A bar of 96 clocks.
    for (beats, missed) in [(1.5, 0), (3.9, 0), (4.2, 96), (9.5, 192)] {
        let (line, mut pulses) = (Timeline::default(), Pulses::new(24).counted());
        pulses.take(&line, ShowTime::ZERO);
        let taken = fire(&mut pulses, &line, line.time_of(Beats::from_f64(beats)));
        let skipped: u64 = taken.iter().map(|it| if let Taken::Jump { missed, .. } = it { *missed } else { 0 }).sum();
        let fired = numbers(&taken).len() as i64;
        assert_eq!((skipped, fired + skipped as i64), (missed, (beats * 24.0) as i64), "{beats} beats");
    }
}

#[test]
fn a_jump_of_the_count_keeps_the_phase_of_whoever_counts() {
    let (mut line, mut pulses) = (Timeline::default(), Pulses::new(24).counted());
    let now = line.time_of(Beats::whole(4));
    pulses.take(&line, now);
    for (beat, fired) in [(Beats::from_f64(100.5), 12), (Beats::from_f64(-8.0), 84)] {
        line.beat_origin = beat;
        assert_eq!(numbers(&fire(&mut pulses, &line, now)).len(), fired, "{beat:?}");
    }
}

#[test]
fn a_beat_that_was_sent_ahead_is_not_sent_again_after_a_short_silence() {
    let (line, mut pulses) = (Timeline::default(), Pulses::new(1));
    let beat = line.time_of(Beats::whole(8));
    pulses.take(&line, beat.offset(-100 * MS));
    assert_eq!(numbers(&fire(&mut pulses, &line, beat)), [8]);
    pulses.stop();
    assert_eq!(pulses.next_due(&line), None);
    assert_eq!(fire(&mut pulses, &line, beat.offset(-20 * MS)), []);
    assert_eq!(numbers(&fire(&mut pulses, &line, line.time_of(Beats::whole(9)))), [9]);
}

#[test]
fn a_long_silence_is_no_jump() {
    let (line, mut pulses) = (Timeline::default(), Pulses::new(1));
    pulses.take(&line, ShowTime::ZERO);
    pulses.stop();
    assert_eq!(fire(&mut pulses, &line, line.time_of(Beats::from_f64(50.5))), []);
}

#[test]
fn the_first_of_a_bar_and_of_a_phrase_are_known() {
    let line = Timeline { bar_origin: Beats::whole(2), ..Timeline::default() };
    let mut pulses = Pulses::new(1);
    pulses.take(&line, line.time_of(Beats::from_f64(0.5)));
    let mut places = Vec::new();
    for beat in 1..=18 {
        if let Some(Taken::Pulse(pulse)) = pulses.take(&line, line.time_of(Beats::whole(beat))) {
            places.push((pulse.beat, pulse.beat_in_bar, pulse.bar, pulse.is_bar(), pulse.is_phrase()));
        }
    }
    assert_eq!(places[0], (1, 3, -1, false, false));
    assert_eq!(places[1], (2, 0, 0, true, true));
    assert_eq!(places[5], (6, 0, 1, true, false));
    assert_eq!(places[17], (18, 0, 4, true, true));
}
