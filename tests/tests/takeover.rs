//! The leader of a show is killed: its standby continues as if nothing had happened.

use e2e::takeover::Rig;
use e2e::turn;
use std::time::Duration;

#[test]
fn a_standby_goes_on_where_a_killed_leader_stops_and_the_killed_one_stands_by_when_it_returns() {
    let _turn = turn();
    let mut rig = Rig::start(Duration::from_secs(300));
    for (round, after) in [2_300, 3_170, 2_740].into_iter().enumerate() {
        let taken = rig.take_over(Duration::from_millis(after), Duration::from_secs(4));
        println!("takeover {round}: {taken:?}");
        // Half a beat at 120 BPM: less than a picture that is held, and nobody sees it.
        assert!(taken.gap_ms <= 250.0, "{taken:?}");
        // A millisecond is a sixteenth of a frame; five are a third of one, and less than a musician's timing.
        assert!(taken.show_step_ms <= 1.0 && taken.beat_step_ms <= 5.0, "{taken:?}");
        assert_eq!(taken.beats_missed[1], 0, "{taken:?}");
        assert_eq!(taken.two_leaders_ms, 0.0, "{taken:?}");
    }
    assert_eq!(rig.two_leaders_ms(), 0.0);
}
