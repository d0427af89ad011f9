//! Passes: what a link carries, so that a tablet that was not let in may fetch a layout by it.

use downbeat_peer::identity::{hex, secret};
use downbeat_protocol::HostTime;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The passes that count now. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Passes(Arc<Mutex<Vec<Pass>>>);

#[derive(Debug)]
struct Pass {
    text: String,
    until: HostTime,
}

impl Passes {
    /// For how long a new pass counts.
    pub const SECONDS: u32 = 600;

    /// A pass that counts for at least half of that time. All who ask within the other half get the same. None where the
    /// system has no random numbers.
    pub fn issue(&self, now: HostTime) -> Option<String> {
        let mut passes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        passes.retain(|pass| pass.until > now);
        let half = now + Duration::from_secs((Self::SECONDS / 2).into());
        if let Some(pass) = passes.last().filter(|pass| pass.until > half) {
            return Some(pass.text.clone());
        }
        let text = hex::digits(&secret::<8>()?);
        passes.push(Pass { text: text.clone(), until: now + Duration::from_secs(Self::SECONDS.into()) });
        Some(text)
    }

    /// Whether a pass counts.
    pub fn admits(&self, text: &str, now: HostTime) -> bool {
        let passes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        passes.iter().any(|pass| pass.until > now && pass.text == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_counts_for_ten_minutes_and_any_other_text_never() {
        let passes = Passes::default();
        let at = |seconds| HostTime(1_000_000_000) + Duration::from_secs(seconds);
        let first = passes.issue(at(0)).expect("a pass");
        assert_eq!(passes.issue(at(299)).as_ref(), Some(&first), "who asks soon gets the same");
        let second = passes.issue(at(301)).expect("a pass");
        assert_ne!(first, second);
        assert!(passes.admits(&first, at(599)) && passes.admits(&second, at(900)));
        assert!(!passes.admits(&first, at(600)) && !passes.admits("", at(0)) && !passes.admits(&first[..8], at(0)));
    }
}
