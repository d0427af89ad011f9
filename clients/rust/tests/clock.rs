//! The clock follower in virtual time: two clocks, a network, and the truth.

#[path = "support/world.rs"]
mod world;

use downbeat_client::clock::Follower;
use downbeat_protocol::{HostTime, ShowTime};
use proptest::prelude::*;
use std::time::Duration;
use world::{SECOND, World};

/// In microseconds.
fn percentile(errors: &[i64], part: f64) -> f64 {
    errors[((errors.len() - 1) as f64 * part) as usize] as f64 * 1e-3
}

/// The worst 99th percentile of several runs of 150 s after 30 s.
fn p99(world: impl Fn(u64) -> World) -> f64 {
    let runs: Vec<Vec<i64>> = (1..=5).map(|seed| world(seed).errors::<Follower>(30.0, 180.0)).collect();
    for errors in &runs {
        let [p50, p99, max] = [0.5, 0.99, 1.0].map(|part| percentile(errors, part));
        println!("p50 {p50:.1} us, p99 {p99:.1} us, max {max:.1} us");
    }
    runs.iter().map(|errors| percentile(errors, 0.99)).fold(0.0, f64::max)
}

#[test]
fn on_one_machine_the_clock_is_right_to_60_us() {
    let p99 = p99(World::loopback);
    assert!(p99 <= 60.0, "{p99}");
}

#[test]
fn with_a_millisecond_of_jitter_each_way_it_is_right_to_100_us() {
    let p99 = p99(World::jittery);
    assert!(p99 <= 100.0, "{p99}");
}

#[test]
fn over_wi_fi_with_bursts_and_loss_it_is_right_to_300_us() {
    let p99 = p99(World::wi_fi);
    assert!(p99 <= 300.0, "{p99}");
}

#[test]
fn the_burst_at_the_start_is_enough_for_a_millisecond() {
    let mut world = World { drift: -80e-6, ..World::new(3) };
    let first_second = world.errors::<Follower>(0.2, 1.0);
    assert!(percentile(&first_second, 1.0) < 1_000.0, "{:?} ns", first_second.last());
}

#[test]
fn a_difference_between_the_ways_stays_inside_the_error_that_is_stated() {
    let mut world = World { least: [100e3, 5_100e3], ..World::new(4) };
    let mut last = (0.0, 0.0);
    world.follow(&mut Follower::new(), 60.0, |world, follower, host| {
        let error = (follower.show(HostTime(host)).0 - world.truth(host)).abs() as f64;
        last = (error, follower.error(HostTime(host)).as_nanos() as f64);
    });
    let (error, stated) = last;
    assert!((error - 2.5e6).abs() < 0.2e6, "half of the difference cannot be seen: {error}");
    assert!(error <= stated && stated < 3.2e6, "{error} {stated}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_clock_never_steps_and_is_never_further_off_than_it_says(
        seed: u64, drift in -100e-6..100e-6f64, there in 0.0..2e6f64, back in 0.0..2e6f64, jitter in 0.0..5e6f64,
        loss in 0.0..0.4f64,
    ) {
        let mut world = World {
            drift, least: [there, back], jitter: [jitter, jitter * 0.5], burst: (0.02, 40e6), loss, ..World::new(seed)
        };
        let mut before: Option<(i64, i64)> = None;
        let mut wrong = None;
        let mut follower = Follower::new();
        world.follow(&mut follower, 20.0, |world, follower, host| {
            let show = follower.show(HostTime(host)).0;
            let (error, stated) = ((show - world.truth(host)).abs(), follower.error(HostTime(host)).as_nanos() as i64);
            if error > stated + 10 {
                wrong = Some(format!("off by {error} ns, says {stated}"));
            }
            if let Some((host_before, show_before)) = before {
                let (passed, shown) = ((host - host_before) as f64, (show - show_before) as f64);
                if (shown / passed - 1.0).abs() > 0.0115 {
                    wrong = Some(format!("{shown} ns shown in {passed}"));
                }
            }
            before = Some((host, show));
        });
        prop_assert_eq!(wrong, None);
        prop_assert_eq!(follower.jumps(), 0);
    }

    #[test]
    fn time_stamps_from_a_liar_never_panic_and_never_stop_the_clock(
        stamps in proptest::collection::vec(any::<[i64; 4]>(), 0..40), near in any::<bool>(),
    ) {
        let mut follower = Follower::new();
        for (at, [sent, received, answered, back]) in stamps.into_iter().enumerate() {
            let base = at as i64 * 1_000_000;
            let pull = |stamp: i64| if near { base + stamp % 3_000_000 } else { stamp };
            let [sent, back] = [pull(sent), pull(back)].map(HostTime);
            follower.sample(sent, ShowTime(pull(received)), ShowTime(pull(answered)), back);
            let _ = (follower.error(back), follower.host(ShowTime(received)), follower.round_trip());
            prop_assert!(follower.drift_ppm().abs() <= 1_000.0);
            if near {
                prop_assert!(follower.show(back) <= follower.show(back + Duration::from_millis(1)));
            }
        }
    }
}

#[test]
fn without_answers_the_clock_runs_on_at_its_drift_and_says_that_it_grows_unsure() {
    let mut world = World { drift: 60e-6, ..World::new(9) };
    let mut follower = Follower::new();
    world.follow(&mut follower, 60.0, |_, _, _| {});
    let (now, later) = (HostTime(1_060 * SECOND), HostTime(1_660 * SECOND));
    let off = (follower.show(later).0 - world.truth(later.0)).abs();
    assert!(off < 3_000_000, "off by {off} ns after ten minutes alone");
    assert!(follower.error(later).as_nanos() as i64 > off);
    assert!(follower.error(later) > follower.error(now));
}

#[test]
fn a_machine_that_slept_is_right_again_after_a_few_answers() {
    let mut world = World::new(10);
    let mut follower = Follower::new();
    world.follow(&mut follower, 30.0, |_, _, _| {});
    let slept = 3_600 * SECOND;
    let mut now = 1_031 * SECOND;
    for _ in 0..20 {
        let (received, answered) = (world.truth(now + slept + 50_000), world.truth(now + slept + 60_000));
        follower.sample(HostTime(now), ShowTime(received), ShowTime(answered), HostTime(now + 110_000));
        now += SECOND / 10;
    }
    assert_eq!(follower.jumps(), 1);
    assert!((follower.show(HostTime(now)).0 - world.truth(now + slept)).abs() < 1_000_000);
}

#[test]
fn another_show_sets_the_clock_anew() {
    let mut world = World::new(11);
    let mut follower = Follower::new();
    world.follow(&mut follower, 5.0, |_, _, _| {});
    assert!(follower.synced());
    follower.restart();
    assert!(!follower.synced());
    assert_eq!(follower.error(HostTime(0)), Duration::MAX);
    let sent = 2_000 * SECOND;
    assert!(follower.sample(HostTime(sent), ShowTime(50_000), ShowTime(50_000), HostTime(sent + 100_000)));
    assert!((follower.show(HostTime(sent + 50_000)).0 - 50_000).abs() < 100);
}

#[test]
fn exchanges_that_cannot_be_true_are_ignored() {
    let mut follower = Follower::new();
    let mut take = |sent, received, answered, back| {
        follower.sample(HostTime(sent), ShowTime(received), ShowTime(answered), HostTime(back))
    };
    assert!(take(1_000, 0, 10, 2_000));
    assert!(!take(3_000, 0, 10, 2_900), "back before it was sent");
    assert!(!take(3_000, 10, 0, 4_000), "answered before it was received");
    assert!(!take(3_000, 0, 5_000, 4_000), "answered for longer than it was away");
    assert!(!take(500, 0, 10, 4_000), "older than the one before");
    assert!(!take(5_000, 0, 10, 5_000 + 3 * SECOND), "too slow");
}
