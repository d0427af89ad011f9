use super::*;

const HOP: i64 = 5_333_333;

fn steering() -> Steering {
    let mut steering = Steering::new(Timeline::default());
    steering.advance(ShowTime::ZERO);
    steering
}

/// A goal that is `beats` ahead of the default line.
fn ahead(beats: f64) -> Timeline {
    Timeline { beat_origin: Beats::from_f64(beats), ..Timeline::default() }
}

fn away(steering: &Steering, now: ShowTime) -> f64 {
    (steering.goal().beats_at(now) - steering.told().beats_at(now)).as_f64()
}

/// Runs for a number of hops from `start`; the counts at each.
fn run(steering: &mut Steering, start: ShowTime, hops: i64) -> Vec<f64> {
    (1..=hops)
        .map(|hop| {
            let now = start.offset(hop * HOP);
            steering.advance(now);
            steering.told().beats_at(now).as_f64()
        })
        .collect()
}

#[test]
fn a_small_difference_is_slewed_within_three_percent() {
    for (difference, tempo) in [(0.02, 121.2), (0.079, 123.6)] {
        let mut steering = steering();
        steering.aim(ahead(difference), ShowTime::ZERO, Pace::Slew);
        steering.advance(ShowTime(HOP));
        assert!((steering.told().tempo - tempo).abs() < 0.05, "{}", steering.told().tempo);
        run(&mut steering, ShowTime(HOP), 2000);
        assert!(away(&steering, ShowTime(HOP * 2001)).abs() < 0.001);
    }
}

#[test]
fn a_step_forward_waits_for_the_beat_and_is_made_there() {
    let mut steering = steering();
    steering.aim(ahead(0.3), ShowTime::ZERO, Pace::AtBeat);
    let counts = run(&mut steering, ShowTime::ZERO, 200);
    let step = counts.windows(2).find(|pair| pair[1] - pair[0] > 0.2).expect("a step");
    assert!(step[0] < 1.0 && step[0] > 0.97 && step[1] > 1.25, "{step:?}");
    assert!(away(&steering, ShowTime(HOP * 200)).abs() < 0.01);
}

#[test]
fn a_step_back_becomes_a_wait_that_never_runs_backwards() {
    let mut steering = steering();
    let start = ShowTime::from_secs_f64(1.1);
    steering.advance(start);
    steering.aim(ahead(-0.4), start, Pace::AtOnce);
    let counts = run(&mut steering, start, 75);
    assert!(counts.is_sorted());
    assert!(away(&steering, start.offset(75 * HOP)).abs() < 0.001, "gone within 400 ms");
}

#[test]
fn a_difference_that_grows_large_is_corrected_unasked() {
    let mut steering = steering();
    steering.aim(ahead(-0.2), ShowTime::ZERO, Pace::Slew);
    assert!(steering.advance(ShowTime(HOP)));
    run(&mut steering, ShowTime(HOP), 200);
    assert!(away(&steering, ShowTime(HOP * 201)).abs() < 0.001);
}

#[test]
fn without_a_difference_the_line_stays_the_same_line() {
    let mut steering = steering();
    run(&mut steering, ShowTime::ZERO, 1000);
    assert_eq!(steering.told(), &Timeline::default());
}

/// The default line, as a tracker places it that is off by up to 2 ms, another way at each hop.
fn shaken(hop: i64, tempo: f64, late: i64) -> Timeline {
    let noise = (hop * 7_919_000 % 4_000_001) - 2_000_000;
    Timeline { tempo, time_origin: ShowTime(noise + late), ..Timeline::default() }
}

#[test]
fn a_goal_that_keeps_its_tempo_but_shakes_is_told_to_the_last_bit() {
    let mut steering = steering();
    for hop in 1..20_000 {
        let now = ShowTime(HOP * hop);
        steering.aim(shaken(hop, 120.0, 0), now, Pace::Slew);
        steering.advance(now);
        // Five bars, in which the first differences average out.
        assert!(hop < 2000 || steering.told().tempo == 120.0, "{} at hop {hop}", steering.told().tempo);
    }
}

#[test]
fn what_does_not_average_out_is_slewed_away_though_nobody_would_notice_it() {
    let mut steering = steering();
    let start = 1000;
    for hop in 1..start + 4000 {
        let now = ShowTime(HOP * hop);
        steering.aim(shaken(hop, 120.0, if hop < start { 0 } else { 2_500_000 }), now, Pace::Slew);
        steering.advance(now);
    }
    let late = -steering.told().beats_at(ShowTime(2_500_000)).as_f64() * steering.told().beat_ns();
    assert!(late.abs() < 1.0e6, "{late} ns");
}

#[test]
fn a_goal_whose_tempo_wavers_is_followed_as_closely_as_can_be() {
    let mut steering = steering();
    for hop in 1..=1000 {
        let now = ShowTime(HOP * hop);
        let tempo = if hop % 2 == 0 { 120.1 } else { 119.9 };
        steering.aim(ahead(0.0028).with_tempo(tempo, now), now, Pace::Slew);
        steering.advance(now);
    }
    assert!(away(&steering, ShowTime(HOP * 1000)).abs() < 0.001);
}
