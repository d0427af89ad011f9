//! What lasts and could not be sent yet. Pure.

use super::worth::Worth;
use std::collections::VecDeque;

/// Maximum of packets; one more replaces the oldest.
const MOST: usize = 64;
/// How a bundle begins.
const BUNDLE: &[u8] = b"#bundle\0";
/// Where its first message begins, after the time tag; a length comes before each.
const FIRST: usize = 16;

/// OSC packets that wait until sending works again, in the order in which they came. Of those to one address, only the
/// newest: it is how things are.
#[derive(Debug, Default)]
pub struct Unsent(VecDeque<(Vec<u8>, Worth)>);

impl Unsent {
    /// Takes a packet; returns whether an older one, to another address, was lost for lack of room.
    pub fn put(&mut self, packet: Vec<u8>, worth: Worth) -> bool {
        self.0.retain(|(older, _)| !addresses(older).eq(addresses(&packet)));
        let is_full = self.0.len() >= MOST;
        if is_full {
            self.0.pop_front();
        }
        self.0.push_back((packet, worth));
        is_full
    }

    /// Gives out the first one.
    pub fn take(&mut self) -> Option<(Vec<u8>, Worth)> {
        self.0.pop_front()
    }

    /// The one that was given out last could not be sent either.
    pub fn put_back(&mut self, packet: Vec<u8>, worth: Worth) {
        self.0.push_front((packet, worth));
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Drops all but releases; returns how many that were.
    pub fn forget_values(&mut self) -> usize {
        let before = self.0.len();
        self.0.retain(|(_, worth)| *worth == Worth::Release);
        before - self.0.len()
    }

    /// Drops everything; returns how many that were.
    pub fn clear(&mut self) -> usize {
        std::mem::take(&mut self.0).len()
    }
}

/// The addresses of a packet's messages, in order. A bundle within a bundle counts as one message to `#bundle`; Downbeat
/// writes none.
fn addresses(packet: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest: &[u8] = if packet.starts_with(BUNDLE) { packet.get(FIRST..).unwrap_or_default() } else { &[] };
    let alone = (!packet.starts_with(BUNDLE)).then_some(packet);
    let of_bundle = std::iter::from_fn(move || {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let (message, others) = after.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        rest = others;
        Some(message)
    });
    let messages = alone.into_iter().chain(of_bundle);
    messages.map(|message| message.split(|byte| *byte == 0).next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edges::osc::encode::{Arg, Head, IMMEDIATE, Writer, message};

    fn all(unsent: &mut Unsent) -> Vec<Vec<u8>> {
        std::iter::from_fn(|| unsent.take()).map(|(packet, _)| packet).collect()
    }

    fn bundle(values: &[(&str, i32)]) -> Vec<u8> {
        let (mut writer, mut written) = (Writer::new(true), Vec::new());
        let send = &mut |bytes: &[u8]| written.extend_from_slice(bytes);
        writer.begin(IMMEDIATE);
        for (address, value) in values {
            writer.message(&Head::new(address, "i"), |bytes| Arg::Int(*value).put(bytes), send);
        }
        writer.end(send);
        written
    }

    #[test]
    fn the_newest_of_each_address_waits_and_the_order_stays() {
        let mut unsent = Unsent::default();
        let plain = |address: &str, value| message(address, &[Arg::Int(value)]);
        let packets = [plain("/a", 1), plain("/b", 1), bundle(&[("/c", 1)]), bundle(&[("/d", 1)]), plain("/a", 0)];
        for packet in packets {
            assert!(!unsent.put(packet, Worth::Lasting));
        }
        assert!(!unsent.put(plain("/c", 0), Worth::Release), "of a bundle as of a message");
        let two = bundle(&[("/a", 2), ("/b", 2)]);
        assert!(!unsent.put(two.clone(), Worth::Lasting), "one with other addresses is another");
        let expected = [plain("/b", 1), bundle(&[("/d", 1)]), plain("/a", 0), plain("/c", 0), two];
        assert_eq!(all(&mut unsent), expected);
        assert!(unsent.is_empty());
    }

    #[test]
    fn there_is_room_for_so_many_and_whoever_is_put_back_is_the_first_again() {
        let mut unsent = Unsent::default();
        let numbered = |number: usize| message(&format!("/{number}"), &[Arg::Int(0)]);
        let lost = (0..MOST + 3).filter(|number| unsent.put(numbered(*number), Worth::Lasting)).count();
        assert_eq!(lost, 3);
        let (first, worth) = unsent.take().expect("some");
        assert_eq!(first, numbered(3), "the oldest are lost");
        unsent.put_back(first, worth);
        assert_eq!(unsent.take(), Some((numbered(3), Worth::Lasting)));
        assert_eq!((unsent.clear(), unsent.is_empty()), (MOST - 1, true));
    }

    #[test]
    fn releases_outlive_the_values() {
        let mut unsent = Unsent::default();
        let plain = |address: &str, value| message(address, &[Arg::Int(value)]);
        unsent.put(plain("/level", 1), Worth::Lasting);
        unsent.put(plain("/hold", 0), Worth::Release);
        unsent.put(plain("/lamp", 1), Worth::Lasting);
        assert_eq!(unsent.forget_values(), 2);
        assert_eq!(all(&mut unsent), [plain("/hold", 0)]);
    }

    #[test]
    fn what_is_no_osc_is_kept_as_it_is() {
        for packet in [&b""[..], b"#bundle\0", b"#bundle\0\0\0\0\0\0\0\0\x01\xff\xff\xff\xff/x", b"/x"] {
            let mut unsent = Unsent::default();
            unsent.put(packet.to_vec(), Worth::Lasting);
            assert_eq!(all(&mut unsent), [packet]);
        }
    }
}
