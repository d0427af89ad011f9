//! What sets the timeline, in order of priority: the operator, an inherited timeline, the sources.

use super::reference::Source;
use downbeat_protocol::ShowTime;

/// What sets the timeline, the strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lead {
    /// The operator holds the timeline: no source moves it.
    Hold,
    /// The operator set a tempo, until the next song.
    Manual,
    /// The operator tapped a tempo, until a source agrees or the next song.
    Tap,
    /// A leader that is gone: its timeline continues until a source here can be trusted.
    Inherited,
    /// Another clock.
    Clock,
    /// The audio.
    Audio,
    /// Nothing: the timeline continues as it is.
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
            Self::Clock => "clock",
            Self::Audio => "audio",
            Self::Nobody => "none",
        }
    }

    /// Whether a person sets it.
    pub fn is_operator(self) -> bool {
        self <= Self::Tap
    }

    /// The strongest candidate.
    pub(super) fn of(hold: bool, overrides: Option<Override>, chosen: Option<Source>) -> Self {
        match overrides {
            _ if hold => Self::Hold,
            Some(it) if it.manual => Self::Manual,
            Some(_) => Self::Tap,
            None => match chosen {
                Some(Source::Bus(_)) => Self::Audio,
                Some(Source::Taps) => Self::Tap,
                Some(Source::Clock(_)) => Self::Clock,
                None => Self::Nobody,
            },
        }
    }

    /// Whether it is a source chosen among others.
    pub(super) fn is_source(self) -> bool {
        matches!(self, Self::Clock | Self::Audio)
    }
}

/// A tempo from the operator, which overrides every source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Override {
    /// A number, not taps.
    pub manual: bool,
    /// When.
    pub at: ShowTime,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operator_comes_before_every_source() {
        let tapped = Some(Override { manual: false, at: ShowTime::ZERO });
        let audio = Some(Source::Bus(0));
        let set = Some(Override { manual: true, at: ShowTime::ZERO });
        assert_eq!(Lead::of(true, set, audio), Lead::Hold);
        assert_eq!(Lead::of(false, set, audio), Lead::Manual);
        assert_eq!(Lead::of(false, tapped, audio), Lead::Tap);
        assert_eq!(Lead::of(false, None, audio), Lead::Audio);
        assert_eq!(Lead::of(false, None, None), Lead::Nobody);
        assert_eq!(Lead::of(false, None, Some(Source::Clock(0))), Lead::Clock);
        assert!(Lead::Tap.is_operator() && !Lead::Clock.is_operator() && !Lead::Audio.is_operator());
    }
}
