//! Devices that show a code and wait until it is typed.

use crate::clock::host_now;
use crate::edges::allowance::Allowance;
use crate::edges::kin::Kin;
use crate::edges::places::{self, Limits, Places, Standing};
use downbeat_peer::identity::pairing::Code;
use downbeat_protocol::message::Role;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{mpsc, oneshot};

/// Maximum of waiting devices: a wall during setup. Of one host: a box with many outputs. More must come later, but one of
/// another host takes the newest place of the one that has most. Those at the addresses of paired machines, and programs
/// of this machine, have further places.
const PLACES: Limits = Limits { all: 32, for_kin: 8, at_home: 8, of_host: 8, silence: None };
/// How many places the first two digits of a code can tell apart.
const NUMBERS: u8 = 100;
/// Attempts at once and per second. A person types one in a few seconds; each guess has a chance of one in a million.
const CODES: (f64, f64) = (5.0, 0.1);

/// The waiting devices, by place. Clones share them.
#[derive(Clone, Debug)]
pub struct Waiting {
    inner: Arc<Mutex<Inner>>,
    hosts: Places,
    kin: Kin,
}

impl Default for Waiting {
    fn default() -> Self {
        let kin = Kin::default();
        Self { inner: Arc::default(), hosts: Places::new(PLACES, kin.clone()), kin }
    }
}

#[derive(Debug, Default)]
struct Inner {
    /// By number, each with its ticket.
    places: HashMap<u8, (u64, mpsc::Sender<Typed>)>,
    next: u8,
    tickets: u64,
    codes: Option<Allowance>,
}

/// A code that an operator has typed.
#[derive(Debug)]
pub struct Typed {
    pub code: Code,
    /// The role; the requested one if none is given.
    pub role: Option<Role>,
    /// Its name.
    pub name: Option<String>,
    /// The result, for the operator.
    pub answer: oneshot::Sender<Result<String, String>>,
}

/// A waiting device. Dropping this frees its place.
pub struct Place {
    waiting: Waiting,
    _of_host: places::Place,
    ticket: u64,
    /// The first two digits of its code.
    pub number: u8,
    /// Receives the code when typed. It ends when the device has to make room for another.
    pub typed: mpsc::Receiver<Typed>,
}

impl Waiting {
    /// The addresses from which paired machines have come.
    pub fn kin(&self) -> &Kin {
        &self.kin
    }

    /// A place to wait for a device of a host; none if all are taken, or all of that host.
    pub fn enter(&self, host: IpAddr) -> Option<Place> {
        let ticket = self.lock().ticket();
        let waiting = self.clone();
        let leave = move || waiting.forget(ticket);
        let of_host = self.hosts.enter(host, Standing::of(host, false), host_now(), leave)?;
        let mut inner = self.lock();
        let number =
            (0..NUMBERS).map(|step| (inner.next + step) % NUMBERS).find(|it| !inner.places.contains_key(it))?;
        // Not the same place again at once: a code just shown elsewhere must match nothing.
        inner.next = (number + 1) % NUMBERS;
        let (sender, typed) = mpsc::channel(1);
        inner.places.insert(number, (ticket, sender));
        Some(Place { waiting: self.clone(), _of_host: of_host, ticket, number, typed })
    }

    /// Passes a code to the device that shows it. The answer comes after both have proven to know it.
    pub fn typed(
        &self,
        code: &str,
        role: Option<Role>,
        name: Option<String>,
    ) -> Result<oneshot::Receiver<Result<String, String>>, String> {
        let code = Code::parse(code).ok_or("a code has eight digits, as shown by the device to pair")?;
        let mut inner = self.lock();
        let now = host_now();
        if !inner.codes.get_or_insert_with(|| Allowance::new(CODES.0, CODES.1, now)).take(now) {
            return Err("too many codes: wait ten seconds".into());
        }
        let (_, place) = inner
            .places
            .get(&code.place())
            .ok_or("nothing shows this code; codes expire after a minute: type the latest")?;
        let (answer, answered) = oneshot::channel();
        place.try_send(Typed { code, role, name, answer }).map_err(|_| "this code has been used")?;
        Ok(answered)
    }

    fn forget(&self, ticket: u64) {
        self.lock().places.retain(|_, (of, _)| *of != ticket);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn ticket(&mut self) -> u64 {
        self.tickets += 1;
        self.tickets
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.waiting.forget(self.ticket);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc::error::TryRecvError;

    fn host(number: u8) -> IpAddr {
        [192, 0, 2, number].into()
    }

    #[test]
    fn a_code_reaches_the_one_that_shows_it_once() {
        let waiting = Waiting::default();
        let (mut one, mut two) = (waiting.enter(host(0)).expect("a place"), waiting.enter(host(0)).expect("a place"));
        let code = Code::new(two.number, 5).shown();
        waiting.typed(&code, None, None).expect("two waits");
        assert!(waiting.typed(&code, None, None).is_err(), "once");
        assert!(one.typed.try_recv().is_err());
        assert_eq!(two.typed.try_recv().expect("typed").code.shown(), code);
        drop(two);
        assert!(waiting.typed(&code, None, None).expect_err("nobody").contains("nothing shows"));
    }

    #[test]
    fn four_hosts_that_take_all_places_make_room_for_a_node_whose_code_is_typed() {
        let waiting = Waiting::default();
        let mut crowd: Vec<_> = (0..32).map(|number| waiting.enter(host(number / 8)).expect("a place")).collect();
        let mut node = waiting.enter(host(9)).expect("a place");
        let closed = |place: &mut Place| place.typed.try_recv().err() == Some(TryRecvError::Disconnected);
        assert_eq!(crowd.iter_mut().filter_map(|place| closed(place).then_some(())).count(), 1);
        crowd.extend((0..32).filter_map(|number| waiting.enter(host(number / 8))));
        waiting.typed(&Code::new(node.number, 5).shown(), None, None).expect("it waits");
        assert!(node.typed.try_recv().is_ok());
        waiting.kin().note(host(77), host_now());
        (10..90).for_each(|number| crowd.extend(waiting.enter(host(number))));
        assert!(waiting.enter(host(77)).is_some(), "a paired machine's second output");
    }

    #[test]
    fn who_tries_many_codes_has_to_wait_and_a_crowd_comes_later() {
        let waiting = Waiting::default();
        let places: Vec<_> = (0..32).map(|number| waiting.enter(host(number)).expect("a place")).collect();
        assert!(waiting.enter(host(99)).is_none());
        drop(places);
        let of_one: Vec<_> = (0..32).filter_map(|_| waiting.enter(host(1))).collect();
        assert_eq!(of_one.len(), PLACES.of_host);
        assert!(waiting.enter(host(2)).is_some(), "one host does not take the places of others");
        drop(of_one);
        assert!(waiting.enter(host(0)).is_some());
        let tries: Vec<String> = (0..6).map(|_| waiting.typed("99 000 000", None, None).expect_err("nobody")).collect();
        assert!(tries[5].contains("too many"), "{tries:?}");
        assert!(waiting.typed("12", None, None).expect_err("no code").contains("eight digits"));
    }
}
