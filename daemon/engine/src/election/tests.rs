use super::*;

const ID: u64 = 5;

fn at(ms: i64) -> HostTime {
    HostTime(ms * 1_000_000)
}

fn election(begin: Begin) -> Election {
    let detection = Duration::from_millis(100);
    Election::new(Settings { id: ID, term: 0, begin, detection, preferred: false }, at(0))
}

#[test]
fn a_client_that_lies_about_terms_costs_nothing_and_one_that_is_ahead_a_new_term() {
    let mut leader = election(Begin::Alone);
    leader.term(at(10), u32::MAX);
    assert_eq!(leader.tick(at(10)), Standing::Leading { term: 0 });
    leader.term(at(20), 9);
    assert_eq!(leader.tick(at(20)), Standing::Waiting { term: 9 });
    let later = (2..40).map(|step| leader.tick(at(step * 10))).last();
    assert_eq!(later, Some(Standing::Leading { term: 10 }), "nobody leads that term");
}

#[test]
fn a_standby_that_never_followed_does_not_lead() {
    let mut standby = election(Begin::Standby);
    assert!((0..1_000).all(|step| standby.tick(at(step * 10)) == Standing::Waiting { term: 0 }));
}

/// Two daemons in one room from a cold start, turn by turn: when the first of them leads, and which. They know of each
/// other from the given moments on, and of nobody else that they should.
fn cold([one, two]: [Settings; 2], known_at: [i64; 2], complete: bool) -> Option<(i64, u64)> {
    let mut daemons = [one, two].map(|settings| Election::new(settings, at(0)));
    for ms in (0..20_000).step_by(4) {
        for me in [0, 1] {
            let other = daemons[1 - me].clone();
            if ms >= known_at[me] {
                daemons[me].heard(at(ms), other.settings.id, other.term, other.leads);
                daemons[me].complete(complete);
            }
            daemons[me].tick(at(ms));
        }
        assert!(!daemons.iter().all(|it| it.leads), "two leaders after {ms} ms");
        if let Some(leader) = daemons.iter().find(|it| it.leads) {
            return Some((ms, leader.settings.id));
        }
    }
    None
}

#[test]
fn of_two_that_only_stand_by_for_each_other_one_leads_after_a_few_seconds() {
    let settings = |id, preferred, term| {
        let detection = Duration::from_millis(100);
        Settings { id, term, begin: Begin::Standby, detection, preferred }
    };
    let plain = [settings(1, false, 0), settings(2, false, 0)];
    let (ms, leader) = cold(plain, [300, 800], true).expect("a leader");
    assert!(leader == 2 && (5_000..7_000).contains(&ms), "{leader} after {ms} ms");
    let (ms, leader) = cold([settings(1, true, 0), settings(2, false, 0)], [300, 300], true).expect("a leader");
    assert!(leader == 1 && (2_500..4_000).contains(&ms), "the preferred one, after {ms} ms");
    let (ms, leader) = cold([settings(1, true, 0), settings(2, true, 0)], [300, 300], true).expect("a leader");
    assert!(leader == 2 && ms < 4_000, "{leader} after {ms} ms");
    let (_, leader) = cold([settings(1, false, 7), settings(2, false, 3)], [300, 300], true).expect("a leader");
    assert_eq!(leader, 1, "it knows a later term");
    assert_eq!(cold(plain, [300, 300], false), None, "the leader may be the one that is missing");
}

#[test]
fn a_standby_without_a_leader_says_so_and_what_to_do() {
    let mut alone = election(Begin::Standby);
    alone.tick(at(1_000));
    assert_eq!(alone.warning(at(1_000)), None, "it may be on its way");
    alone.tick(at(2_000));
    assert!(alone.warning(at(2_000)).is_some_and(|it| it.contains("/lead/take")));
    alone.heard(at(2_100), 9, 0, true);
    assert_eq!(alone.warning(at(2_100)), None);

    let mut two = election(Begin::Standby);
    two.complete(true);
    two.heard(at(10), 9, 0, false);
    two.tick(at(10));
    assert!(two.warning(at(10)).is_some_and(|it| it.contains("all daemons of this show stand by")));
    assert_eq!(election(Begin::Alone).warning(at(9_000)), None);
}
