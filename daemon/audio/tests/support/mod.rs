//! Shared by the tests with a real JACK server: the server, a player, and waiting.
#![allow(dead_code, reason = "each test program uses a part of it")]

pub mod jackd;
pub mod place;
pub mod player;

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// libjack attaches to one server per process at a time: the tests of a program take turns.
pub fn one_at_a_time() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Asks again and again until there is an answer. Panics, naming what was awaited, after `limit`.
pub fn wait_for<T>(what: &str, limit: Duration, mut ask: impl FnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(begun.elapsed() < limit, "waited {limit:?} in vain for {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Tries again until an attempt succeeds. Panics if one fails although JACK reported no xrun: an xrun is when a client
/// does not get to run in time, and then its samples and messages are lost or heard twice, which is nobody's fault.
pub fn undisturbed<R>(rig: &mut R, xruns: fn(&R) -> u64, mut attempt: impl FnMut(&mut R) -> Result<(), String>) {
    for _ in 0..30 {
        let before = xruns(rig);
        let Err(why) = attempt(rig) else {
            return;
        };
        wait_for(&format!("an xrun that explains this: {why}"), Duration::from_secs(2), || {
            (xruns(rig) > before).then_some(())
        });
        eprintln!("once more after an xrun: {why}");
    }
    panic!("this machine is too busy: every attempt met an xrun");
}
