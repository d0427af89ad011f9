//! The clock follower in virtual time: two clocks, a network, and the truth.

#[path = "support/world.rs"]
mod world;

use downbeat_client::clock::Follower;
use downbeat_protocol::{HostTime, ShowTime, quantile};
use proptest::prelude::*;
use std::time::Duration;
use world::{BEGIN, SECOND, World};

/// In microseconds.
fn percentile(errors: &[i64], part: f64) -> f64 {
    quantile(errors.iter().map(|error| *error as f64), part).unwrap_or(f64::NAN) * 1e-3
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
fn a_machine_that_leaves_its_cable_for_wi_fi_keeps_the_time_that_it_knows() {
    let mut worst = 0.0f64;
    // Seconds on the cable: what was learnt there says where the line begins, but hardly how steep it is.
    for (seed, cable) in (1..=12).zip([0.3, 0.5, 1.0, 3.0, 10.0, 40.0].repeat(2)) {
        let mut follower = Follower::new();
        World::new(seed).follow(&mut follower, cable, |_, _, _| {});
        let mut errors = Vec::new();
        let begin = BEGIN + (cable * 1e9) as i64;
        World::wi_fi(seed).go_on(&mut follower, begin, 120.0, |world, follower, host| {
            errors.push((follower.show(HostTime(host)).0 - world.truth(host)).abs());
        });
        errors.sort_unstable();
        let p99 = percentile(&errors, 0.99);
        println!("{cable} s on the cable: p99 {p99:.1} us, max {:.1} us", percentile(&errors, 1.0));
        worst = worst.max(p99);
    }
    assert!(worst <= 300.0, "{worst}");
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

/// What a server that lies about time does next.
#[derive(Clone, Copy, Debug)]
enum Lie {
    Honest,
    Back(i64),
    Jump(i64),
    Faster(f64),
    Absurd(i64),
}

fn lies() -> impl Strategy<Value = Lie> {
    let far = -(1i64 << 55)..(1i64 << 55);
    prop_oneof![
        6 => Just(Lie::Honest),
        1 => (1..10_000_000_000i64).prop_map(Lie::Back),
        1 => (-3_000_000_000..3_000_000_000i64).prop_map(Lie::Jump),
        1 => (-0.3..0.3f64).prop_map(Lie::Faster),
        1 => far.prop_map(Lie::Absurd),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_server_that_lies_about_time_moves_the_clock_out_of_its_bound_only_as_a_jump_that_is_counted(
        lies in proptest::collection::vec((lies(), 0..2_000_000i64, 0..2_000_000i64), 1..60),
    ) {
        let mut follower = Follower::new();
        let (mut now, mut told, mut off, mut faster) = (SECOND, 5 * SECOND, 0i64, 0.0f64);
        for (lie, there, back) in lies {
            match lie {
                Lie::Honest => {}
                Lie::Back(by) => off -= by,
                Lie::Jump(by) => off += by,
                Lie::Faster(by) => faster = by,
                Lie::Absurd(to) => off = to,
            }
            told += SECOND / 10 + ((SECOND / 10) as f64 * faster) as i64;
            let (sent, received) = (now, told + off + there);
            let (answered, home) = (received + 10_000, now + there + 10_000 + back);
            let (before, jumps) = (follower.show(HostTime(home)), follower.jumps());
            let was_synced = follower.synced();
            let took = follower.sample(HostTime(sent), ShowTime(received), ShowTime(answered), HostTime(home));
            if took {
                // What this exchange proves of the show's clock, and what is shown: as far apart as is said, at most.
                let stated = i64::try_from(follower.error(HostTime(home)).as_nanos()).unwrap_or(i64::MAX);
                let late = answered - follower.show(HostTime(home)).0;
                let early = follower.show(HostTime(sent)).0 - received;
                // Between question and answer the line may turn by a hundredth.
                let room = 1_000 + (home - sent) / 50;
                prop_assert!(late <= stated.saturating_add(room), "{lie:?}: behind by {late} ns, says {stated}");
                prop_assert!(early <= stated.saturating_add(room), "{lie:?}: ahead by {early} ns, says {stated}");
            }
            let stepped = follower.show(HostTime(home)) != before;
            if was_synced && stepped {
                prop_assert_eq!(follower.jumps(), jumps + 1, "a step that nobody is told of");
            }
            now += SECOND / 10;
        }
    }
}

#[test]
fn a_server_whose_clock_contradicts_itself_is_counted() {
    let mut world = World::new(14);
    let mut follower = Follower::new();
    world.follow(&mut follower, 20.0, |_, _, _| {});
    assert_eq!((follower.contradictions(), follower.refused()), (0, 0));
    let now = 1_021 * SECOND;
    let lie = world.truth(now) - 60_000_000;
    assert!(follower.sample(HostTime(now), ShowTime(lie), ShowTime(lie), HostTime(now + 100_000)));
    assert!(follower.contradictions() > 0 && follower.jumps() == 0);
    let stated = follower.error(HostTime(now + 100_000));
    assert!(stated > Duration::from_millis(50), "60 ms off by this server's word, and says {stated:?}");
    assert!(!follower.sample(HostTime(now + 200_000), ShowTime(10), ShowTime(0), HostTime(now + 300_000)));
    assert_eq!(follower.refused(), 1);
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

/// Two leaders of one show: the second one's clock says something else by so much.
fn takeover(off: i64, heard_before: bool) -> (i64, i64, Follower) {
    let mut first = World { drift: 30e-6, ..World::new(12) };
    let mut former = Follower::new();
    first.follow(&mut former, 30.0, |_, _, _| {});
    let mut heir = Follower::new();
    let (mut now, truth) = (1_030 * SECOND, |host: i64| first.truth(host) + off);
    let exchange = |heir: &mut Follower, now: i64| {
        let (received, answered) = (truth(now + 50_000), truth(now + 60_000));
        heir.sample(HostTime(now), ShowTime(received), ShowTime(answered), HostTime(now + 110_000));
    };
    if heard_before {
        (0..50).for_each(|k| exchange(&mut heir, now - (50 - k) * SECOND / 10));
    }
    let before = former.show(HostTime(now)).0;
    heir.succeed(&former);
    let step = heir.show(HostTime(now)).0 - before;
    let mut fastest = 0;
    for _ in 0..600 {
        let then = heir.show(HostTime(now)).0;
        exchange(&mut heir, now);
        now += SECOND / 10;
        fastest = fastest.max((heir.show(HostTime(now)).0 - then - SECOND / 10).abs());
    }
    assert!((heir.show(HostTime(now)).0 - truth(now)).abs() < 20_000, "the new leader's clock is reached");
    (step, fastest, heir)
}

#[test]
fn a_change_of_leader_is_no_step_and_ends_at_the_new_leaders_clock() {
    for off in [-100_000_000, -3_000_000, 40_000, 150_000_000] {
        for heard_before in [true, false] {
            let (step, fastest, heir) = takeover(off, heard_before);
            assert_eq!(step, 0, "{off} {heard_before}");
            // A hundredth of the time at most, and the drift.
            assert!(fastest <= SECOND / 1_000 + 10_000, "{off} {heard_before}: {fastest} ns in 100 ms");
            assert!(heir.synced() && heir.jumps() == 0);
        }
    }
}

#[test]
fn the_heir_of_a_clock_that_was_never_set_begins_by_itself() {
    let mut heir = Follower::new();
    heir.succeed(&Follower::new());
    assert!(!heir.is_set() && !heir.synced());
    assert!(heir.sample(HostTime(0), ShowTime(9_000), ShowTime(9_000), HostTime(1_000)));
    assert!((heir.show(HostTime(500)).0 - 9_000).abs() < 10);
}

#[test]
fn a_machine_that_says_it_slept_is_right_from_the_first_answer_on() {
    let mut world = World::new(13);
    let mut follower = Follower::new();
    world.follow(&mut follower, 30.0, |_, _, _| {});
    let (slept, now) = (50_000_000, 1_031 * SECOND);
    follower.slept();
    assert_eq!((follower.jumps(), follower.synced(), follower.error(HostTime(now))), (1, false, Duration::MAX));
    let truth = |host: i64| world.truth(host) + slept;
    follower.sample(
        HostTime(now),
        ShowTime(truth(now + 50_000)),
        ShowTime(truth(now + 50_000)),
        HostTime(now + 100_000),
    );
    assert!((follower.show(HostTime(now)).0 - truth(now)).abs() < 60_000);
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
