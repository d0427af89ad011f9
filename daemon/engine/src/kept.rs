//! What outputs tell instead of a parameter in a blackout or in silence: a program that sends it back commands nothing.

use downbeat_protocol::ShowTime;
use downbeat_protocol::echo::{ECHO_NS, matches};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Maximum of parameters: more than any show has.
const PARAMETERS: usize = 4_096;
/// Maximum of values for one of them: outputs may keep different ones.
const MOST: usize = 8;

/// The values, and when they were told last. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Kept(Arc<Mutex<Values>>);

/// By parameter.
type Values = HashMap<String, Vec<(ShowTime, f32)>>;

impl Kept {
    /// Notes a value that an output tells. Realtime-safe: no.
    pub fn note(&self, parameter: &str, value: f32, now: ShowTime) {
        let mut all = self.lock();
        if all.len() >= PARAMETERS && !all.contains_key(parameter) {
            all.retain(|_, kept| kept.iter().any(|(at, _)| is_lately(*at, now)));
            if all.len() >= PARAMETERS {
                return;
            }
        }
        let kept = match all.get_mut(parameter) {
            Some(kept) => kept,
            None => all.entry(parameter.to_owned()).or_default(),
        };
        kept.retain(|(at, earlier)| is_lately(*at, now) && earlier.to_bits() != value.to_bits());
        if kept.len() >= MOST {
            kept.remove(0);
        }
        kept.push((now, value));
    }

    /// Whether a value was told lately.
    pub(super) fn was_told(&self, parameter: &str, value: f64, range: [f64; 2], now: ShowTime) -> bool {
        let all = self.lock();
        let mut kept = all.get(parameter).into_iter().flatten();
        kept.any(|(at, told)| is_lately(*at, now) && matches(value, f64::from(*told), range).is_some())
    }

    fn lock(&self) -> MutexGuard<'_, Values> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The show's time may have been set back since.
fn is_lately(at: ShowTime, now: ShowTime) -> bool {
    now.since(at).abs() <= ECHO_NS
}
