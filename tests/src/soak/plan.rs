//! When which fault happens.

use super::excuses::Excuses;
use super::fault::{Fault, Group, KINDS, Kind};
use super::rig::Rig;
use crate::host_now_ns;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// How often the rig is looked after.
const LOOK: Duration = Duration::from_millis(20);
/// How often memory is looked at.
const SAMPLES: Duration = Duration::from_secs(5);
/// The mean time from one fault to the next, in seconds.
const APART: f64 = 6.0;
/// At the beginning, and at the end, nothing happens for a while.
const CALM: Duration = Duration::from_secs(20);

/// A fault that happened.
#[derive(Clone, Copy, Debug)]
pub struct Happened {
    /// Its kind's place in [`KINDS`].
    pub kind: usize,
    /// When it began and when it ended, in [`host_now_ns`].
    pub span: (i64, i64),
}

/// One that goes on.
struct Open {
    kind: usize,
    fault: Fault,
    excuses: Vec<usize>,
    begun: i64,
    until: Instant,
}

/// One that is over, but may still be felt.
struct Settling {
    group: Group,
    until: Instant,
}

/// What is to happen.
pub struct Course<'a> {
    /// For how long.
    pub lasts: Duration,
    /// The age that a process is to reach at least twice before it is killed.
    pub settled: Duration,
    /// What chance begins with.
    pub seed: u64,
    /// Only the kinds with this in their name.
    pub only: Option<&'a str>,
    /// Ends it early.
    pub stop: &'a AtomicBool,
}

/// Lets faults happen to a rig. `tell` hears what happens, and what share of the time is over.
pub fn run(rig: &mut Rig, excuses: &Excuses, course: &Course<'_>, mut tell: impl FnMut(&str, f64)) -> Vec<Happened> {
    let Course { lasts, settled, seed, only, stop } = *course;
    let mut chance = fastrand::Rng::with_seed(seed);
    let begun = Instant::now();
    let (mut next, mut sampled) = (begun + CALM, begun);
    let (mut open, mut settling, mut happened): (Vec<Open>, Vec<Settling>, Vec<Happened>) = Default::default();
    while begun.elapsed() < lasts && !stop.load(Relaxed) {
        std::thread::sleep(LOOK);
        rig.tend();
        let now = Instant::now();
        if now > sampled + SAMPLES {
            sampled = now;
            rig.sample();
        }
        settling.retain(|it| now < it.until);
        for over in open.extract_if(.., |it| now > it.until) {
            settling.push(end(over, rig, excuses, &mut happened));
        }
        if now < next || now + CALM * 2 > begun + lasts {
            continue;
        }
        next = now + Duration::from_secs_f64(-APART * (1.0 - chance.f64()).ln());
        let (kind, which) = (chance.usize(..KINDS.len()), chance.usize(..2));
        let busy =
            |group| open.iter().any(|it| KINDS[it.kind].group == group) || settling.iter().any(|it| it.group == group);
        let spec = &KINDS[kind];
        if only.is_some_and(|only| !spec.name.contains(only)) {
            next = now;
            continue;
        }
        let same = open.iter().any(|it| it.kind == kind);
        if same || (spec.group != Group::Sender && spec.group != Group::Other && busy(spec.group)) {
            continue;
        }
        if spec.ends_a_life && !is_old(rig, spec, which, settled) {
            continue;
        }
        let length = spec.lasts.0 + chance.f64() * (spec.lasts.1 - spec.lasts.0);
        let begins = host_now_ns();
        let fault = (spec.begin)(rig, which, chance.u64(..));
        tell(
            &format!("{} ({which}) for {length:.1} s", spec.name),
            begun.elapsed().as_secs_f64() / lasts.as_secs_f64(),
        );
        let parts = fault.parts.iter().map(|part| excuses.begin(*part, begins)).collect();
        let until = Instant::now() + Duration::from_secs_f64(length);
        open.push(Open { kind, fault, excuses: parts, begun: begins, until });
    }
    for over in open.drain(..) {
        end(over, rig, excuses, &mut happened);
    }
    happened
}

/// Whether what would be killed has lived for long enough.
fn is_old(rig: &Rig, kind: &Kind, which: usize, settled: Duration) -> bool {
    let program = if kind.group == Group::Box { &rig.daemons[which] } else { &rig.nodes[which] };
    program.age() > settled * 2
}

fn end(over: Open, rig: &mut Rig, excuses: &Excuses, happened: &mut Vec<Happened>) -> Settling {
    let kind = &KINDS[over.kind];
    over.fault.end(rig);
    let now = host_now_ns();
    over.excuses.iter().for_each(|number| excuses.end(*number, now + (kind.settles * 1e9) as i64));
    happened.push(Happened { kind: over.kind, span: (over.begun, now) });
    Settling { group: kind.group, until: Instant::now() + Duration::from_secs_f64(kind.settles) }
}
