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
