//! A cable between two hosts, through a third that forwards the frames.

use super::host::run;
use super::wire::Wire;
use super::{Conditions, Host, Lane};
use crate::wait::host_now_ns;
use nix::net::if_::if_nametoindex;
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::time::{TimeSpec, TimeValLike};
use std::net::Ipv4Addr;
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// One way of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From the first to the second.
    There,
    /// From the second to the first.
    Back,
}

/// Each link has a net of its own, 10.77.N.0/24.
static NETS: AtomicU8 = AtomicU8::new(1);
/// The inner ends of the cables.
const ENDS: [&str; 2] = ["end0", "end1"];
/// The longest frame: the usual 1500 bytes, the head, and room for a tag.
const LONGEST: usize = 1_600;
/// How long the thread waits when nothing is on its way; a change of the conditions then counts from the next frame on.
const IDLE_NS: i64 = 50_000_000;

/// Two cables and what lies between them.
pub struct Link {
    /// Holds both inner ends.
    _middle: Host,
    addresses: [Ipv4Addr; 2],
    conditions: Arc<Mutex<[Conditions; 2]>>,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Link {
    /// Joins two hosts. Chance is as the seed says.
    pub fn between(first: &Host, second: &Host, seed: u64) -> Self {
        let middle = Host::new();
        let net = NETS.fetch_add(1, Ordering::Relaxed);
        let addresses = [1, 2].map(|last| Ipv4Addr::new(10, 77, net, last));
        for ((host, end), address) in [first, second].into_iter().zip(ENDS).zip(addresses) {
            let outer = format!("net{net}");
            host.ip(&["link", "add", &outer, "type", "veth", "peer", "name", end, "netns", middle.name()]);
            // Frames are handed across as they are: whole, and with their sums in them.
            let off = ["tx", "off", "rx", "off", "tso", "off", "gso", "off", "gro", "off"];
            run("ip", &[&["netns", "exec", host.name(), "ethtool", "-K", &outer][..], &off].concat());
            host.ip(&["address", "add", &format!("{address}/24"), "dev", &outer]);
            host.ip(&["link", "set", &outer, "up"]);
            middle.ip(&["link", "set", "dev", end, "addrgenmode", "none"]);
            middle.ip(&["link", "set", "dev", end, "up", "promisc", "on"]);
        }
        let (conditions, over) = (Arc::<Mutex<[Conditions; 2]>>::default(), Arc::<AtomicBool>::default());
        let wires = middle.inside(|| ENDS.map(|end| if_nametoindex(end).map(Wire::open)));
        let wires = wires.map(|wire| wire.expect("the end is there").expect("root may open it"));
        let (shared, end) = (Arc::clone(&conditions), Arc::clone(&over));
        let hand = move || hand_across(&wires, &shared, &end, seed);
        let thread = std::thread::Builder::new().name(format!("net{net}")).spawn(hand).expect("a thread can start");
        Self { _middle: middle, addresses, conditions, over, thread: Some(thread) }
    }

    /// The addresses of the first and the second host.
    pub fn addresses(&self) -> [Ipv4Addr; 2] {
        self.addresses
    }

    /// The name of the network card that each of them has for it.
    pub fn interface(&self) -> String {
        format!("net{}", self.addresses[0].octets()[2])
    }

    /// Makes both ways like this from now on. What is on its way stays as late as it is.
    pub fn set(&self, conditions: Conditions) {
        *self.conditions.lock().unwrap_or_else(PoisonError::into_inner) = [conditions; 2];
    }

    /// Makes one way like this from now on.
    pub fn set_way(&self, way: Way, conditions: Conditions) {
        self.conditions.lock().unwrap_or_else(PoisonError::into_inner)[way as usize] = conditions;
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn hand_across(wires: &[Wire; 2], conditions: &Mutex<[Conditions; 2]>, over: &AtomicBool, seed: u64) {
    let mut lanes = [Lane::new(seed), Lane::new(!seed)];
    let mut buffer = [0; LONGEST];
    while !over.load(Ordering::Relaxed) {
        let now = host_now_ns();
        let next = lanes.iter().filter_map(Lane::next).min().map_or(IDLE_NS, |due| (due - now).clamp(0, IDLE_NS));
        let mut ready = wires.each_ref().map(|wire| PollFd::new(wire.as_fd(), PollFlags::POLLIN));
        // An interruption is as good as a time-out.
        let _ = ppoll(&mut ready, Some(TimeSpec::nanoseconds(next)), None);
        let now = host_now_ns();
        let conditions = *conditions.lock().unwrap_or_else(PoisonError::into_inner);
        for (way, lane) in lanes.iter_mut().enumerate() {
            while let Some(frame) = wires[way].take(&mut buffer) {
                lane.enter(frame, &conditions[way], now);
            }
            while let Some(frame) = lane.leave(now) {
                wires[1 - way].give(&frame);
            }
        }
    }
}
