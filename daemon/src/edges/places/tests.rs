use super::*;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

const LIMITS: Limits = Limits { all: 16, for_kin: 4, at_home: 2, of_host: 4, silence: None };

/// Places, who has one, and how many had to leave.
struct Hall {
    places: Places,
    kin: Kin,
    inside: Vec<(String, Place)>,
    left: Arc<AtomicUsize>,
}

impl Hall {
    fn new(limits: Limits) -> Self {
        let kin = Kin::default();
        Self { places: Places::new(limits, kin.clone()), kin, inside: Vec::new(), left: Arc::default() }
    }

    fn enters(&mut self, address: &str, is_trusted: bool, second: i64) -> bool {
        let (ip, left) = (address.parse().expect("an address"), Arc::clone(&self.left));
        let leave = move || _ = left.fetch_add(1, Relaxed);
        let place = self.places.enter(ip, Standing::of(ip, is_trusted), at(second), leave);
        let is_in = place.is_some();
        self.inside.extend(place.map(|place| (address.to_owned(), place)));
        is_in
    }

    fn stranger(&mut self, host: usize) -> bool {
        self.enters(&format!("192.0.2.{host}"), false, 0)
    }

    fn has(&self, address: &str) -> usize {
        let inner = self.places.lock();
        self.inside.iter().filter(|(it, place)| it == address && inner.taken.contains_key(&place.number)).count()
    }

    fn left(&self) -> usize {
        self.left.load(Relaxed)
    }
}

fn at(second: i64) -> HostTime {
    HostTime(second * 1_000_000_000)
}

#[test]
fn hosts_that_take_all_places_make_room_for_another_and_are_told() {
    let mut hall = Hall::new(LIMITS);
    assert!((1..=4).all(|host| (0..4).all(|_| hall.stranger(host))), "all");
    assert!(!hall.stranger(1), "a host has its own places only");
    assert!(hall.stranger(5) && hall.left() == 1);
    assert_eq!(hall.has("192.0.2.4"), 3, "the newest of one that has most");
    assert!((6..=20).filter(|host| hall.stranger(*host)).count() >= 7, "until all have as few");
    assert_eq!(hall.has("192.0.2.5"), 1, "nobody leaves for one that has more");
    assert_eq!(hall.places.lock().taken.len(), LIMITS.all);
    let places = hall.places.clone();
    drop(hall);
    assert!(places.lock().taken.is_empty());
}

#[test]
fn the_rig_always_finds_room_and_makes_none_for_strangers() {
    let mut hall = Hall::new(LIMITS);
    (1..=16).for_each(|host| assert!(hall.stranger(host)));
    assert!(!hall.stranger(99), "all have one");
    let address = |number: usize| format!("198.51.100.{number}");
    assert!((1..=4).all(|number| hall.enters(&address(number), true, 0)) && hall.left() == 0, "places of its own");
    hall.kin.note(address(5).parse().expect("an address"), at(0));
    assert!(hall.enters(&address(5), false, 0) && hall.left() == 1, "a paired machine has come from there");
    assert!((6..=20).all(|number| hall.enters(&address(number), true, 0)));
    assert_eq!((1..=20).map(|number| hall.has(&address(number))).sum::<usize>(), 20);
    assert!(!hall.enters(&address(21), true, 0) && !hall.stranger(99), "it is full");
    assert!(hall.enters("127.0.0.1", false, 0) && hall.enters("::1", false, 0) && !hall.enters("::1", false, 0));
}

#[test]
fn who_has_commanded_lately_stays_and_who_is_silent_leaves_for_any_host() {
    let mut hall = Hall::new(Limits { silence: Some(Duration::from_secs(60)), ..LIMITS });
    (1..=4).for_each(|host| (0..4).for_each(|_| assert!(hall.stranger(host))));
    hall.inside.iter().for_each(|(_, place)| place.hear(true, at(100)));
    assert!(!hall.enters("192.0.2.9", false, 159), "all play");
    assert!(hall.enters("192.0.2.9", false, 160));
    let mut hall = Hall::new(Limits { silence: Some(Duration::from_secs(60)), ..LIMITS });
    (1..=16).for_each(|host| assert!(hall.stranger(host)));
    hall.inside[1..].iter().for_each(|(_, place)| place.hear(false, at(30)));
    assert!(!hall.enters("192.0.2.99", false, 59) && hall.enters("192.0.2.99", false, 60));
    assert_eq!((hall.has("192.0.2.1"), hall.has("192.0.2.2")), (0, 1));
}

#[test]
fn a_machine_with_many_addresses_has_the_places_of_one_and_its_neighbours_find_room() {
    let mut hall = Hall::new(LIMITS);
    assert_eq!((1..100).filter(|it| hall.enters(&format!("2001:db8::{it:x}"), false, 0)).count(), LIMITS.of_host);
    assert!(hall.enters("2001:db8::7", true, 0), "of the rig, in the same network");
    let mut hall = Hall::new(LIMITS);
    (0..4).for_each(|_| assert!(hall.enters("fe80::66", false, 0)));
    assert!(hall.enters("fe80::7", false, 0) && hall.has("fe80::66") == 3, "another machine on the cable");
    assert!(!hall.enters("fe80::66", false, 0));
}
