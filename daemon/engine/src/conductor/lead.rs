//! Who leads the timeline: every rule of priority and confidence in one place.

use crate::Role;
use downbeat_analysis::Pulse;
use downbeat_protocol::ShowTime;

/// From this confidence on, what is heard may take the lead.
pub(super) const SURE: f32 = Pulse::SURE;
/// What is heard takes the lead no sooner than its beat is more likely where it says than not.
pub(super) const PLACED: f32 = 0.5;
/// Down to this confidence, what has the lead keeps it.
pub(super) const STILL_SURE: f32 = 0.5 * SURE;
/// What a bus is worth more than its confidence says: drums tell the beat best, voices worst.
pub(super) fn bonus(role: Role) -> f32 {
    match role {
        Role::Drums => 0.2,
        Role::Main | Role::Bass | Role::Other => 0.0,
        Role::Vocals => -0.2,
    }
}
/// By how much another bus must be better, and for how long, before it takes over: in confidence and nanoseconds.
pub(super) const BETTER: (f32, i64) = (0.15, 2_000_000_000);
/// For this long after a tap the operator's tapping stands alone, in nanoseconds; then what is heard may agree.
pub(super) const TAPPING: i64 = 2_000_000_000;

/// Who leads, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lead {
    /// The operator holds the timeline: nothing heard moves it.
    Hold,
    /// The operator set a tempo, until the next song.
    Manual,
    /// The operator tapped a tempo, until what is heard agrees or the next song.
    Tap,
    /// A leader that is gone: its timeline goes on until what is heard can be believed.
    Inherited,
    /// What is heard.
    Audio,
    /// Nobody: the timeline goes on as it is.
    Nobody,
}

impl Lead {
    /// The name for the operator.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::Manual => "manual",
            Self::Tap => "tap",
            Self::Inherited => "inherited",
            Self::Audio => "audio",
            Self::Nobody => "none",
        }
    }

    /// Whether a person leads.
    pub fn is_operator(self) -> bool {
        self <= Self::Tap
    }

    /// The strongest of those who want to lead.
    pub(super) fn of(hold: bool, asked: Option<Asked>, audio: bool) -> Self {
        match asked {
            _ if hold => Self::Hold,
            Some(asked) if asked.manual => Self::Manual,
            Some(_) => Self::Tap,
            None if audio => Self::Audio,
            None => Self::Nobody,
        }
    }
}

/// What the operator asked the tempo to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    /// A number, not taps.
    pub manual: bool,
    /// When.
    pub at: ShowTime,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operator_comes_before_what_is_heard() {
        let tapped = Some(Asked { manual: false, at: ShowTime::ZERO });
        let set = Some(Asked { manual: true, at: ShowTime::ZERO });
        assert_eq!(Lead::of(true, set, true), Lead::Hold);
        assert_eq!(Lead::of(false, set, true), Lead::Manual);
        assert_eq!(Lead::of(false, tapped, true), Lead::Tap);
        assert_eq!(Lead::of(false, None, true), Lead::Audio);
        assert_eq!(Lead::of(false, None, false), Lead::Nobody);
        assert!(Lead::Tap.is_operator() && !Lead::Audio.is_operator());
    }
}
