//! Values that wait for the next beat, bar or phrase, or for a time. Pure.
//!
//! Until then, another value at the same address takes them back, even if it is the present one, which would otherwise be
//! an echo. That holds for those who are known to receive, and for all others among themselves: no forged packet makes a
//! command of what an operator's surface sends back.

use downbeat_protocol::{HostTime, Value};
use std::collections::HashMap;
use std::time::Duration;

/// Maximum of addresses of those who are known to receive, and of all others.
const KNOWN: usize = 256;
const STRANGERS: usize = 64;
/// How long a value may wait: a slow phrase.
const LONGEST: Duration = Duration::from_secs(60);
/// How long after its time a value has been told: a few hops, and the pace of the telling.
const TOLD: Duration = Duration::from_millis(250);

/// The values that wait: of strangers, and of those who are known to receive.
#[derive(Debug, Default)]
pub struct Scheduled([HashMap<String, (Value, HostTime)>; 2]);

impl Scheduled {
    /// A value waits from now on; until a time, if that is known.
    pub fn note(&mut self, address: &str, value: &Value, is_known: bool, now: HostTime, at: Option<HostTime>) {
        let until = at.map_or(now + LONGEST, |at| at + TOLD);
        let waiting = &mut self.0[usize::from(is_known)];
        waiting.retain(|_, (_, until)| *until > now);
        if waiting.len() < [STRANGERS, KNOWN][usize::from(is_known)] || waiting.contains_key(address) {
            waiting.insert(address.to_owned(), (value.clone(), until));
        }
    }

    /// Whether another value than this waits.
    pub fn is_other(&self, address: &str, value: &Value, is_known: bool, now: HostTime) -> bool {
        let waiting = self.0[usize::from(is_known)].get(address);
        waiting.is_some_and(|(waits, until)| *until > now && !is_same(waits, value))
    }

    /// A value is told: what waits has had its moment.
    pub fn happens(&mut self, address: &str, value: &Value) {
        for waiting in &mut self.0 {
            if waiting.get(address).is_some_and(|(waits, _)| is_same(waits, value)) {
                waiting.remove(address);
            }
        }
    }

    /// Another value was set: what waits is taken back.
    pub fn supersede(&mut self, address: &str, is_known: bool) {
        self.0[usize::from(is_known)].remove(address);
    }
}

/// Whether two values are the same, but for the rounding of 32 bits: a switch may be set by a number, a choice by a text.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one.number(), other.number()) {
        (Some(one), Some(other)) => (one - other).abs() <= 2e-7 * (one.abs() + other.abs()),
        _ => one.to_string() == other.to_string(),
    }
}
