//! JACK runs no cycles for a while.

use super::*;
use crate::outputs::midi::packet::{Channel, Seven};
use std::collections::BTreeMap;
use std::sync::Mutex;

/// Places of the queue.
const PLACES: usize = 1024;

/// A queue that plays only when told to.
#[derive(Clone, Default)]
struct Stalled(Arc<Mutex<Vec<Message>>>);

impl Stalled {
    fn play(&self) -> Vec<Message> {
        std::mem::take(&mut *self.0.lock().expect("unpoisoned"))
    }
}

impl Queue for Stalled {
    fn connected(&self) -> bool {
        true
    }

    fn room(&self) -> usize {
        PLACES - self.0.lock().expect("unpoisoned").len()
    }

    fn send(&self, _: HostTime, message: Message) -> Result<(), MidiFull> {
        let mut queue = self.0.lock().expect("unpoisoned");
        if queue.len() == PLACES {
            return Err(MidiFull);
        }
        queue.push(message);
        Ok(())
    }
}

#[test]
fn after_a_stall_every_controller_has_its_last_value_every_note_ends_and_no_clock_is_missing() {
    let (queue, health) = (Stalled::default(), Arc::new(Health::default()));
    let mut port = JackPort::new("desk", Some(queue.clone()), Arc::clone(&health));
    assert!(port.has_come_back());
    let (channel, seven) = (Channel::try_from(1).expect("one"), |number| Seven::try_from(number).expect("seven"));
    let mut send = |message, ms: i64| port.send(HostTime(ms), message, HostTime(ms));
    for ms in 0..100 {
        (0..100).for_each(|number| send(Message::control_change(channel, seven(number), seven(ms as u8)), ms));
        send(Message::CLOCK, ms);
        send(Message::note_on(channel, seven(60), seven(90)), ms);
        send(Message::note_off(channel, seven(60)), ms);
    }
    assert!(health.error().contains("queue to JACK is full"), "{}", health.error());
    let mut played = queue.play();
    // Until nothing is left.
    for ms in 100..110 {
        port.play(HostTime(ms));
        played.extend(queue.play());
    }
    assert_eq!(played.iter().filter(|message| **message == Message::CLOCK).count(), 100);
    let lasting = played.iter().filter_map(|message| Some((message.lasting()?, message.bytes()[2])));
    let mut last: BTreeMap<[u8; 2], u8> = lasting.collect();
    assert_eq!(last.remove(&[0x80, 60]), Some(0), "the note ends");
    let newest: BTreeMap<[u8; 2], u8> = (0..100).map(|number| ([0xB0, number], 99)).collect();
    assert_eq!(last, newest);
    assert_eq!(health.error(), "", "it works again");
}
