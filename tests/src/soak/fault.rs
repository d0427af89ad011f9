//! The faults, each with the parts of the rig at which it is felt.

use super::excuses::Part;
use super::noise::{self, Noise};
use super::rig::{DESK, NODES, Rig, SERVER, STRANGER, TABLET};
use crate::binaries::binary;
use crate::network::Conditions;
use nix::sys::signal::Signal;
use std::net::Ipv4Addr;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

/// What kinds of faults exclude each other: two of one group never happen at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Audio stops.
    Audio,
    /// A daemon's box is concerned: the other one has to be whole.
    Box,
    /// A receiver.
    Receiver,
    /// A node.
    Node,
    /// Somebody sends.
    Sender,
    /// Everything else.
    Other,
}

/// A kind of fault.
pub struct Kind {
    /// What it is called.
    pub name: &'static str,
    /// What it excludes.
    pub group: Group,
    /// How long it lasts, in seconds.
    pub lasts: (f64, f64),
    /// How long after it everything has to be right again, in seconds.
    pub settles: f64,
    /// Only for something that has lived for long: memory is judged by whole lives.
    pub ends_a_life: bool,
    /// Begins it. Which of two is concerned is given.
    pub begin: fn(&mut Rig, usize, u64) -> Fault,
}

/// What ends a fault.
type End = Box<dyn FnOnce(&mut Rig) + Send>;

/// A fault that has begun.
#[derive(Default)]
pub struct Fault {
    /// What it is felt at.
    pub parts: Vec<Part>,
    end: Option<End>,
}

impl Fault {
    fn none() -> Self {
        Self::default()
    }

    fn felt_at(parts: &[Part]) -> Self {
        Self { parts: parts.to_vec(), end: None }
    }

    fn until(mut self, end: impl FnOnce(&mut Rig) + Send + 'static) -> Self {
        self.end = Some(Box::new(end));
        self
    }

    /// Ends it.
    pub fn end(self, rig: &mut Rig) {
        if let Some(end) = self.end {
            end(rig);
        }
    }
}

/// Audio comes back within a beat or two, and has to be believed again: `locked` after 2 s (docs/hearing.md).
const RELOCKS: f64 = 12.0;
/// A link that was away is found again after a retry.
const RETRIES: f64 = 10.0;

const fn kind(
    name: &'static str,
    group: Group,
    lasts: (f64, f64),
    settles: f64,
    begin: fn(&mut Rig, usize, u64) -> Fault,
) -> Kind {
    Kind { name, group, lasts, settles, ends_a_life: false, begin }
}

/// One that ends a life.
const fn ending(mut kind: Kind) -> Kind {
    kind.ends_a_life = true;
    kind
}

/// All kinds.
pub const KINDS: &[Kind] = &[
    kind("nobody reads a daemon's log", Group::Other, (5.0, 25.0), 0.0, |rig, which, _| {
        rig.daemons[which].output.blocked.store(true, Relaxed);
        Fault::none().until(move |rig| rig.daemons[which].output.blocked.store(false, Relaxed))
    }),
    kind("nobody reads a node's log", Group::Other, (5.0, 25.0), 0.0, |rig, which, _| {
        rig.nodes[which].output.blocked.store(true, Relaxed);
        Fault::none().until(move |rig| rig.nodes[which].output.blocked.store(false, Relaxed))
    }),
    kind("the disk of a state is full", Group::Other, (5.0, 25.0), 0.0, |rig, which, _| {
        rig.disks[which].fill();
        Fault::none().until(move |rig| rig.disks[which].clear())
    }),
    kind("nonsense at every port", Group::Sender, (2.0, 8.0), 0.0, |rig, which, seed| {
        sending(rig, (STRANGER, which), 20, noise::nonsense, seed)
    }),
    kind("forty tablets of strangers", Group::Sender, (3.0, 10.0), 0.0, |rig, which, seed| {
        sending(rig, (STRANGER, which), 100, noise::pings, seed)
    }),
    kind("half-open connections", Group::Sender, (3.0, 15.0), 0.0, |rig, which, seed| {
        sending(rig, (STRANGER, which), 20, noise::half_open, seed)
    }),
    kind("pages that nobody reads", Group::Sender, (3.0, 15.0), 0.0, |rig, which, seed| {
        sending(rig, (TABLET, which), 50, noise::deaf_pages, seed)
    }),
    kind("bursts of 300 changes", Group::Sender, (2.0, 5.0), 3.0, |rig, which, seed| {
        sending(rig, (STRANGER, which), 200, noise::bursts, seed)
    }),
    kind("bundles from a clock that is ahead", Group::Sender, (2.0, 5.0), 0.0, |rig, which, seed| {
        sending(rig, (STRANGER, which), 50, noise::from_the_future, seed)
    }),
    kind("more commands than can wait", Group::Sender, (2.0, 5.0), 0.0, |rig, which, seed| {
        sending(rig, (STRANGER, which), 100, noise::waiting, seed)
    }),
    kind("a program that echoes everything", Group::Sender, (4.0, 12.0), 0.0, |rig, which, seed| {
        sending(rig, (STRANGER, which), 5, noise::echo, seed)
    }),
    kind("a file with a mistake is saved", Group::Other, (2.0, 6.0), 0.0, |rig, which, seed| {
        let mistakes = ["[output.desk]\nkind = \"osc\"\n", "[parameter.bad]\nexpression = \"1 +\"\n", "what = \n"];
        rig.configure(which, mistakes[seed as usize % mistakes.len()]);
        Fault::none().until(move |rig| rig.configure(which, ""))
    }),
    kind("the configuration changes", Group::Other, (3.0, 10.0), 0.0, |rig, which, _| {
        let desk = rig.star.address(DESK);
        let more = format!(
            "[output.more]\nkind = \"osc\"\ntarget = \"{desk}:9199\"\n[parameter.more]\nexpression = \"main.level\"\n"
        );
        rig.configure(which, &more);
        Fault::none().until(move |rig| rig.configure(which, ""))
    }),
    kind("the machine is busy", Group::Other, (4.0, 12.0), 0.0, |_, _, _| {
        let busy = || Command::new("sh").args(["-c", "while :; do :; done"]).spawn().expect("there is a shell");
        let mut busy: Vec<Child> = (0..3).map(|_| busy()).collect();
        Fault::none().until(move |_| {
            for child in &mut busy {
                let _ = child.kill();
                let _ = child.wait();
            }
        })
    }),
    kind("the player pauses", Group::Audio, (0.3, 6.0), RELOCKS, |rig, _, _| {
        rig.player.signal(Signal::SIGSTOP);
        Fault::felt_at(&[Part::Audio]).until(|rig| rig.player.signal(Signal::SIGCONT))
    }),
    kind("the player dies", Group::Audio, (1.0, 4.0), RELOCKS, |rig, _, _| {
        rig.player.kill(true);
        Fault::felt_at(&[Part::Audio]).until(|rig| rig.player.release())
    }),
    kind("JACK stands still", Group::Audio, (0.1, 0.6), RELOCKS, |rig, _, _| {
        rig.server.signal(Signal::SIGSTOP);
        Fault::felt_at(&[Part::Audio]).until(|rig| rig.server.signal(Signal::SIGCONT))
    }),
    kind("JACK dies", Group::Audio, (0.5, 5.0), RELOCKS + 5.0, |rig, _, _| {
        rig.player.kill(true);
        rig.follower.stop();
        rig.midi_is_off = true;
        rig.server.kill();
        Fault::felt_at(&[Part::Audio, Part::Midi]).until(|rig| {
            rig.server.restart();
            rig.midi_is_off = false;
            rig.player.release();
        })
    }),
    ending(kind("a daemon is killed", Group::Box, (1.0, 8.0), RETRIES + 5.0, |rig, which, _| {
        rig.daemons[which].kill(true);
        Fault::felt_at(&[Part::Lead, Part::Tablet(which)]).until(move |rig| rig.daemons[which].release())
    })),
    kind("a daemon hangs", Group::Box, (0.2, 5.0), RETRIES + RELOCKS, |rig, which, _| {
        // JACK waits for it, and then throws it out: the other daemon's audio suffers, too, as both share one server.
        rig.daemons[which].signal(Signal::SIGSTOP);
        let parts = [Part::Audio, Part::Midi, Part::Lead, Part::Tablet(which), Part::Node(0), Part::Node(1)];
        Fault::felt_at(&parts).until(move |rig| rig.daemons[which].signal(Signal::SIGCONT))
    }),
    kind("a daemon's cable is out", Group::Box, (0.2, 5.0), RETRIES, |rig, which, _| {
        rig.star.set(which, Conditions { cut: true, ..Conditions::default() });
        let parts = [Part::Desk, Part::Media, Part::Midi, Part::Lead, Part::Tablet(which)];
        Fault::felt_at(&parts).until(move |rig| rig.star.set(which, Conditions::default()))
    }),
    kind("a daemon's cable is bad", Group::Box, (2.0, 10.0), 3.0, |rig, which, _| {
        rig.star.set(which, BAD);
        Fault::felt_at(&[Part::Desk, Part::Media, Part::Lead, Part::Tablet(which)])
            .until(move |rig| rig.star.set(which, Conditions::default()))
    }),
    kind("a daemon's address changes", Group::Box, (2.0, 6.0), RETRIES, |rig, which, _| {
        rig.roam(which, true);
        let parts = [Part::Desk, Part::Media, Part::Midi, Part::Lead, Part::Tablet(which)];
        Fault::felt_at(&parts).until(move |rig| rig.roam(which, false))
    }),
    kind("the lead is taken", Group::Box, (0.5, 1.0), 3.0, |rig, which, _| {
        let mut command = rig.star.host(which).command(binary("downbeatctl"));
        command.env("DOWNBEAT_KEYS", rig.folder.join(format!("keys-{which}")));
        command.args(["command", "/lead/take", "--server", &format!("127.0.0.1:{SERVER}")]);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Fault::felt_at(&[Part::Lead]).until(move |_| {
            if let Ok(mut child) = child {
                let _ = child.kill();
                let _ = child.wait();
            }
        })
    }),
    ending(kind("a node is killed", Group::Node, (1.0, 5.0), RETRIES + 5.0, |rig, which, _| {
        rig.nodes[which].kill(true);
        Fault::felt_at(&[Part::Node(which)]).until(move |rig| rig.nodes[which].release())
    })),
    kind("a node hangs", Group::Node, (0.5, 8.0), RETRIES, |rig, which, _| {
        rig.nodes[which].signal(Signal::SIGSTOP);
        Fault::felt_at(&[Part::Node(which)]).until(move |rig| rig.nodes[which].signal(Signal::SIGCONT))
    }),
    kind("a node's cable is out", Group::Node, (0.2, 8.0), RETRIES, |rig, which, _| {
        rig.star.set(NODES[which], Conditions { cut: true, ..Conditions::default() });
        Fault::felt_at(&[Part::Node(which)]).until(move |rig| rig.star.set(NODES[which], Conditions::default()))
    }),
    kind("a node's cable is bad", Group::Node, (3.0, 15.0), 3.0, |rig, which, _| {
        rig.star.set(NODES[which], BAD);
        Fault::felt_at(&[Part::Node(which)]).until(move |rig| rig.star.set(NODES[which], Conditions::default()))
    }),
    kind("the desk's cable is out", Group::Receiver, (0.2, 6.0), RETRIES, |rig, _, _| {
        rig.star.set(DESK, Conditions { cut: true, ..Conditions::default() });
        Fault::felt_at(&[Part::Desk, Part::Media]).until(|rig| rig.star.set(DESK, Conditions::default()))
    }),
    kind("the desk is off", Group::Receiver, (1.0, 8.0), 2.0, |rig, _, _| {
        rig.desk.switches.off.store(true, Relaxed);
        Fault::felt_at(&[Part::Desk]).until(|rig| rig.desk.switches.off.store(false, Relaxed))
    }),
    kind("the media server does not read", Group::Receiver, (2.0, 15.0), RETRIES, |rig, _, _| {
        rig.media.switches.stalls.store(true, Relaxed);
        Fault::felt_at(&[Part::Media]).until(|rig| rig.media.switches.stalls.store(false, Relaxed))
    }),
    kind("the media server is off", Group::Receiver, (1.0, 15.0), RETRIES, |rig, _, _| {
        rig.media.switches.off.store(true, Relaxed);
        Fault::felt_at(&[Part::Media]).until(|rig| rig.media.switches.off.store(false, Relaxed))
    }),
    kind("the MIDI machine is off", Group::Receiver, (1.0, 8.0), 3.0, |rig, _, _| {
        rig.midi_is_off = true;
        rig.follower.stop();
        Fault::felt_at(&[Part::Midi]).until(|rig| rig.midi_is_off = false)
    }),
    kind("the tablet's Wi-Fi is bad", Group::Receiver, (3.0, 15.0), 4.0, |rig, _, _| {
        rig.star.set(TABLET, BAD);
        Fault::felt_at(&[Part::Tablet(0), Part::Tablet(1)]).until(|rig| rig.star.set(TABLET, Conditions::default()))
    }),
    kind("the tablet's Wi-Fi is gone", Group::Receiver, (0.5, 8.0), 4.0, |rig, _, _| {
        rig.star.set(TABLET, Conditions { cut: true, ..Conditions::default() });
        Fault::felt_at(&[Part::Tablet(0), Part::Tablet(1)]).until(|rig| rig.star.set(TABLET, Conditions::default()))
    }),
];

/// A cable that loses a packet of twenty, repeats some and is late.
const BAD: Conditions = Conditions {
    delay: 1e6,
    jitter: 3e6,
    burst: (0.002, 60e6),
    loss: 0.05,
    duplicate: 0.01,
    overtake: 0.01,
    rate: 0.0,
    cut: false,
};

/// Somebody on a host sends to a daemon.
fn sending<Act: FnMut(&mut fastrand::Rng) + 'static>(
    rig: &Rig,
    (host, daemon): (usize, usize),
    every_ms: u64,
    make: fn(Ipv4Addr) -> Act,
    seed: u64,
) -> Fault {
    let daemon = rig.star.address(daemon);
    let noise = Noise::on(rig.star.host(host), Duration::from_millis(every_ms), move || make(daemon), seed);
    Fault::none().until(move |_| drop(noise))
}
