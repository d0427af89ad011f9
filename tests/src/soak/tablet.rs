//! The operator's tablet, which is connected to both daemons: it moves things, and looks whether it shows what is.

use super::excuses::{Excuses, Part};
use crate::bench::Distribution;
use crate::host_now_ns;
use crate::network::Host;
use crate::surface::{Surface, message};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How often something is moved.
const MOVES: Duration = Duration::from_millis(400);
/// How often it says that it is there.
const PINGS: Duration = Duration::from_secs(1);
/// When a wish counts as not shown.
const NEVER: Duration = Duration::from_secs(2);
/// A daemon that is there says so each second.
const SILENT: Duration = Duration::from_millis(2_500);
/// What was lost on a bad cable has to be right again so long after it is good.
const CORRECTED: Duration = Duration::from_secs(10);
/// Parameters that it moves.
pub const FADERS: usize = 8;
/// As close as a float is told.
const SAME: f64 = 1e-5;

/// What a move passes on its way to what shows it.
const PARTS: [Part; 3] = [Part::Tablet(0), Part::Tablet(1), Part::Lead];

/// What the operator saw.
#[derive(Default)]
pub struct Seen {
    /// From a move until both daemons' feedback showed it.
    pub shown: Distribution,
    /// Moves that one of them did not show within two seconds: what, and when.
    pub never: Vec<(String, i64)>,
    /// Times without a sign of life of a daemon, with how long, in seconds.
    pub silent: Vec<(usize, f64)>,
    /// Moves that were not judged, as a fault lay on their way.
    pub excused: u64,
    /// Times when the two daemons' feedback differed for long, though no fault lay on their way.
    pub differed: u64,
}

/// The tablet.
pub struct Tablet {
    seen: Arc<Mutex<Seen>>,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Tablet {
    /// Switches it on at a host, for the controls of both daemons. Chance is as the seed says.
    pub fn start(host: &Host, daemons: [SocketAddr; 2], excuses: &Excuses, seed: u64) -> Self {
        let (seen, over) = (Arc::<Mutex<Seen>>::default(), Arc::<AtomicBool>::default());
        let (theirs, end, excuses) = (Arc::clone(&seen), Arc::clone(&over), excuses.clone());
        let thread = host.inside(|| std::thread::spawn(move || operate(daemons, &theirs, &end, &excuses, seed)));
        Self { seen, over, thread: Some(thread) }
    }

    /// Switches it off; what was seen.
    pub fn finish(mut self) -> Seen {
        self.over.store(true, Relaxed);
        let _ = self.thread.take().map(JoinHandle::join);
        std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A move that has to be shown.
struct Wish {
    /// The daemon to which it was sent.
    by: usize,
    address: String,
    value: f32,
    made: Instant,
    at: i64,
    shown: [bool; 2],
}

fn operate(daemons: [SocketAddr; 2], seen: &Mutex<Seen>, over: &AtomicBool, excuses: &Excuses, seed: u64) {
    let mut chance = fastrand::Rng::with_seed(seed);
    let mut surfaces = daemons.map(Surface::to);
    let (mut pinged, mut moved) = (Instant::now() - PINGS, Instant::now());
    let mut heard = [Instant::now(); 2];
    let (mut wish, mut agreed): (Option<Wish>, _) = (None, host_now_ns());
    while !over.load(Relaxed) {
        std::thread::sleep(Duration::from_millis(5));
        let now = Instant::now();
        for (daemon, surface) in surfaces.iter_mut().enumerate() {
            surface.receive();
            if !surface.came.is_empty() {
                look_for_gaps(daemon, &mut heard[daemon], now, seen, excuses);
                // What came is in `shows`.
                surface.came.clear();
            }
            if pinged.elapsed() > PINGS {
                surface.send(&message("/ping", 1));
            }
        }
        if pinged.elapsed() > PINGS {
            pinged = now;
        }
        if let Some(open) = &mut wish {
            for (shown, surface) in open.shown.iter_mut().zip(&surfaces) {
                *shown |= surface.number(&open.address).is_some_and(|it| (it - f64::from(open.value)).abs() < SAME);
            }
            judge(&mut wish, &surfaces, seen, excuses);
        } else if !agree(&surfaces) {
            let now = host_now_ns();
            let long = now - agreed > CORRECTED.as_nanos() as i64;
            if long || excuses.cover(&PARTS, agreed, now) {
                seen.lock().unwrap_or_else(PoisonError::into_inner).differed += u64::from(long);
                agreed = now;
            }
        } else if moved.elapsed() > MOVES {
            (moved, agreed) = (now, host_now_ns());
            let address = format!("/param/fader{}", chance.usize(..FADERS));
            // Not what it was: a wish has to be seen.
            let value = (chance.f32() * 1e4).round() / 1e4;
            let by = chance.usize(..2);
            surfaces[by].send(&message(&address, value));
            wish = Some(Wish { by, address, value, made: now, at: host_now_ns(), shown: [false; 2] });
        }
    }
    // One that was never heard again is silent, too.
    let now = Instant::now();
    heard.iter_mut().enumerate().for_each(|(daemon, heard)| look_for_gaps(daemon, heard, now, seen, excuses));
}

/// Whether both daemons told the same of everything that is moved.
fn agree(surfaces: &[Surface; 2]) -> bool {
    let numbers = |surface: &Surface| -> Vec<Option<f64>> {
        (0..FADERS).map(|fader| surface.number(&format!("/param/fader{fader}"))).collect()
    };
    let [one, other] = [numbers(&surfaces[0]), numbers(&surfaces[1])];
    one.iter().zip(other).all(|(one, other)| match (one, other) {
        (Some(one), Some(other)) => (one - other).abs() < SAME,
        (one, other) => one.is_some() == other.is_some(),
    })
}

/// A daemon was heard again.
fn look_for_gaps(daemon: usize, heard: &mut Instant, now: Instant, seen: &Mutex<Seen>, excuses: &Excuses) {
    let gap = now - std::mem::replace(heard, now);
    let end = host_now_ns();
    if gap > SILENT && !excuses.cover(&[Part::Tablet(daemon)], end - gap.as_nanos() as i64, end) {
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.silent.push((daemon, gap.as_secs_f64()));
    }
}

fn judge(wish: &mut Option<Wish>, surfaces: &[Surface; 2], seen: &Mutex<Seen>, excuses: &Excuses) {
    let Some(open) = wish else { return };
    let took = open.made.elapsed();
    let is_shown = open.shown == [true; 2];
    if !is_shown && took < NEVER {
        return;
    }
    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    if excuses.cover(&PARTS, open.at, host_now_ns()) {
        seen.excused += 1;
    } else if is_shown {
        seen.shown.add(took.as_nanos() as i64);
    } else {
        let Wish { by, address, value, .. } = open;
        let shown = surfaces.each_ref().map(|surface| surface.number(address));
        seen.never.push((format!("{address} {value} by {by}, shown {shown:?}"), open.at));
    }
    *wish = None;
}
