//! What a peer has still to be told: the newest value of each address, at a pace that the peer can follow. Pure.
//!
//! A burst of changes is sent as fast as a tablet reads; meanwhile newer values take the place of older ones. What has
//! waited for longest is sent first, so that nothing that changes often holds up anything else. So whatever happens at
//! once, a peer ends up with the last value of everything.

use downbeat_protocol::HostTime;
use std::collections::{HashMap, VecDeque};

/// Packets at once: a quarter of what a system's usual receive buffer holds.
const BURST: f64 = 64.0;
/// Packets per second.
const PER_SECOND: f64 = 4_000.0;
/// Maximum of waiting answers, such as the entries of a list, and of their bytes.
const ANSWERS: usize = 16_384;
const ANSWER_BYTES: usize = 256 * 1024;
/// An answer has at least every such place: values that never rest hold up no list.
const TURN: u32 = 4;

/// The packets that wait for a peer.
#[derive(Debug)]
pub struct Outbox {
    owed: HashMap<String, Vec<u8>>,
    /// The addresses that wait, those first that wait for longest.
    order: VecDeque<String>,
    answers: VecDeque<Vec<u8>>,
    answer_bytes: usize,
    /// Values sent since the last answer.
    values: u32,
    credit: f64,
    filled: HostTime,
}

impl Outbox {
    /// Nothing waits.
    pub fn new(now: HostTime) -> Self {
        Self {
            owed: HashMap::new(),
            order: VecDeque::new(),
            answers: VecDeque::new(),
            answer_bytes: 0,
            values: 0,
            credit: BURST,
            filled: now,
        }
    }

    /// Takes a value: `send` gets it at once if nothing of this address waits and the peer can take it; otherwise it waits.
    /// `send` returns whether there was room.
    pub fn tell(&mut self, address: &str, bytes: &[u8], now: HostTime, send: &mut impl FnMut(&[u8]) -> bool) {
        if let Some(owed) = self.owed.get_mut(address) {
            bytes.clone_into(owed);
        } else if !(self.owed.is_empty() && self.pays(now) && send(bytes)) {
            self.owed.insert(address.to_owned(), bytes.to_vec());
            self.order.push_back(address.to_owned());
        }
    }

    /// Takes an answer, after the earlier ones. Those beyond the maximum are dropped; returns false then.
    pub fn answer(&mut self, bytes: Vec<u8>) -> bool {
        let has_room = self.answers.len() < ANSWERS && self.answer_bytes + bytes.len() <= ANSWER_BYTES;
        if has_room {
            self.answer_bytes += bytes.len();
            self.answers.push_back(bytes);
        }
        has_room
    }

    /// Sends what waits, as far as the peer can take it.
    pub fn run(&mut self, now: HostTime, send: &mut impl FnMut(&[u8]) -> bool) {
        while !self.is_empty() && self.pays(now) {
            // Values first: they age.
            let is_answers_turn = self.order.is_empty() || self.values + 1 >= TURN && !self.answers.is_empty();
            let sent = if is_answers_turn { self.send_answer(send) } else { self.send_value(send) };
            if !sent {
                return;
            }
        }
    }

    fn send_value(&mut self, send: &mut impl FnMut(&[u8]) -> bool) -> bool {
        let oldest = self.order.front().and_then(|address| self.owed.get(address));
        let sent = oldest.is_some_and(|bytes| send(bytes));
        if sent && let Some(address) = self.order.pop_front() {
            self.owed.remove(&address);
            self.values += 1;
        }
        sent
    }

    fn send_answer(&mut self, send: &mut impl FnMut(&[u8]) -> bool) -> bool {
        let sent = self.answers.front().is_some_and(|bytes| send(bytes));
        if sent && let Some(bytes) = self.answers.pop_front() {
            self.answer_bytes -= bytes.len();
            self.values = 0;
        }
        sent
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.owed.is_empty() && self.answers.is_empty()
    }

    fn pays(&mut self, now: HostTime) -> bool {
        let passed = now.since(self.filled).max(0) as f64 * 1e-9;
        self.credit = (self.credit + passed * PER_SECOND).min(BURST);
        self.filled = self.filled.max(now);
        let pays = self.credit >= 1.0;
        self.credit -= if pays { 1.0 } else { 0.0 };
        pays
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn at(ms: i64) -> HostTime {
        HostTime(ms * 1_000_000)
    }

    #[test]
    fn a_burst_ends_with_the_last_value_of_every_address() {
        let (mut outbox, mut shown, mut sent) = (Outbox::new(at(0)), BTreeMap::new(), 0);
        let mut send = |bytes: &[u8]| {
            shown.insert(bytes[0], bytes[1]);
            sent += 1;
            true
        };
        for value in 0..100 {
            for address in 0..50_u8 {
                outbox.tell(&address.to_string(), &[address, value], at(i64::from(value) / 10), &mut send);
            }
        }
        (10..100).for_each(|ms| outbox.run(at(ms), &mut send));
        assert!(outbox.is_empty() && shown.len() == 50 && shown.values().all(|value| *value == 99), "{shown:?}");
        assert!(sent < 250, "{sent} packets for 50 addresses");
    }

    #[test]
    fn a_peer_that_takes_nothing_gets_the_newest_once_it_does() {
        let (mut outbox, mut shown) = (Outbox::new(at(0)), Vec::new());
        (0..5_000_u16).for_each(|value| outbox.tell("/a", &value.to_be_bytes(), at(0), &mut |_| false));
        outbox.run(at(1_000), &mut |bytes| {
            shown.push(bytes.to_vec());
            true
        });
        assert_eq!(shown, [4_999_u16.to_be_bytes()]);
    }

    #[test]
    fn a_long_list_comes_whole_and_at_a_pace() {
        let (mut outbox, mut sent) = (Outbox::new(at(0)), 0);
        assert!((0..1_000).all(|_| outbox.answer(vec![0])));
        let mut send = |_: &[u8]| {
            sent += 1;
            true
        };
        outbox.run(at(0), &mut send);
        (1..=300).for_each(|ms| outbox.run(at(ms), &mut send));
        assert!(outbox.is_empty());
        assert_eq!(sent, 1_000);
    }

    #[test]
    fn what_changes_all_the_time_holds_up_neither_the_end_of_the_alphabet_nor_a_list() {
        let (mut outbox, mut sent) = (Outbox::new(at(0)), Vec::new());
        // Ten values and no more are taken each millisecond, by a slow connection; fifty change in that time.
        for ms in 0..40_i64 {
            let mut room = 10;
            let send = &mut |bytes: &[u8]| {
                room -= i32::from(room > 0);
                sent.extend((room > 0).then(|| String::from_utf8_lossy(bytes).into_owned()));
                room > 0
            };
            if ms == 1 {
                outbox.tell("/show/blackout", b"/show/blackout", at(ms), send);
                (0..20).for_each(|_| assert!(outbox.answer(b"an answer".to_vec())));
            }
            for number in 0..50 {
                let address = format!("/param/{number:02}");
                outbox.tell(&address, address.as_bytes(), at(ms), send);
            }
            outbox.run(at(ms), send);
        }
        // All fifty come first, once, and every fourth packet is an answer: 68 packets at 9 in a millisecond.
        let place = sent.iter().position(|it| it == "/show/blackout").expect("sent");
        assert!(place <= 75, "it came {place} packets later");
        assert_eq!(sent.iter().filter(|it| *it == "an answer").count(), 20, "{sent:?}");
    }

    #[test]
    fn answers_that_nobody_reads_take_a_bounded_memory() {
        let mut outbox = Outbox::new(at(0));
        let taken = (0..1_000).filter(|_| outbox.answer(vec![0; 1_024])).count();
        assert_eq!(taken, 256);
        outbox.run(at(0), &mut |_| true);
        assert!(outbox.answer(vec![0; 1_024]), "there is room again");
    }
}
