//! Whether the beat can be trusted, and why: decided here once, shown everywhere.

use super::lead::Lead;
use crate::MusicState;

/// Confidence from which a source is trusted.
const TRUSTED: f32 = 0.5;
/// Down to this confidence it stays trusted, so that no lamp flickers.
const STILL_TRUSTED: f32 = 0.25;

/// Whether the beat can be trusted, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lock {
    /// Whether it can.
    pub locked: bool,
    /// Why, for the operator.
    pub why: &'static str,
}

impl Default for Lock {
    fn default() -> Self {
        Self { locked: false, why: "no signal" }
    }
}

impl Lock {
    /// From what sets the tempo, whether beats are sent, the confidence in a beat, and the state of the music.
    pub(super) fn next(self, lead: Lead, beating: bool, pulse: f32, state: MusicState) -> Self {
        let told = |why| Self { locked: true, why };
        let sure = beating && pulse >= if self.locked { STILL_TRUSTED } else { TRUSTED };
        match lead {
            Lead::Hold => told("the tempo is held"),
            Lead::Manual => told("the tempo was set manually"),
            Lead::Tap => told("the tempo was tapped"),
            Lead::Inherited if sure => told("continues from the previous leader"),
            Lead::Clock if sure => told("set by another clock"),
            Lead::Audio if sure => told("the beat is clear"),
            Lead::Inherited | Lead::Clock | Lead::Audio | Lead::Nobody => {
                let why = match state {
                    MusicState::NoSignal => "no signal",
                    MusicState::Silence => "silence",
                    MusicState::Breakdown | MusicState::Playing => "no sure beat",
                };
                Self { locked: false, why }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use MusicState::{Playing, Silence};

    #[test]
    fn what_is_heard_is_trusted_when_it_is_sure_and_until_it_is_clearly_not() {
        let heard = |before: Lock, pulse| before.next(Lead::Audio, true, pulse, Playing);
        let lock = heard(Lock::default(), 0.45);
        assert_eq!(lock, Lock { locked: false, why: "no sure beat" });
        let lock = heard(lock, 0.55);
        assert_eq!(lock, Lock { locked: true, why: "the beat is clear" });
        assert!(heard(lock, 0.3).locked && !heard(lock, 0.2).locked);
        assert_eq!(lock.next(Lead::Audio, false, 0.9, Silence), Lock { locked: false, why: "silence" });
    }

    #[test]
    fn the_operator_is_trusted_in_silence() {
        let held = Lock::default().next(Lead::Hold, true, 0.0, Silence);
        assert_eq!(held, Lock { locked: true, why: "the tempo is held" });
        assert!(!held.next(Lead::Nobody, false, 0.0, Silence).locked);
    }
}
