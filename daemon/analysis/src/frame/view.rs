//! The mono view of two sides.

use crate::Settings;

/// A way to make one signal of two sides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum View {
    /// The middle, half of the sum: right for every correctly wired mix.
    #[default]
    Sum,
    /// Half of the difference: the middle of a mix with one side reversed.
    Difference,
    /// One side alone, if the other is dead, or if both views above lose a part of the spectrum.
    Left,
    Right,
}

impl View {
    /// The gains of left and right.
    fn gains(self) -> [f64; 2] {
        match self {
            Self::Sum => [0.5, 0.5],
            Self::Difference => [0.5, -0.5],
            Self::Left => [1.0, 0.0],
            Self::Right => [0.0, 1.0],
        }
    }

    /// A pair of samples as middle and side in this view, both doubled. A single side has no middle: what plays there
    /// stays there.
    pub fn middle_and_side(self, left: f32, right: f32) -> (f32, f32) {
        match self {
            Self::Difference => (left - right, left + right),
            Self::Sum | Self::Left | Self::Right => (left + right, left - right),
        }
    }
}

/// The transition to the next view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passage {
    /// At once: there was silence before.
    Cut,
    /// Fast enough to lose little, slow enough not to click.
    Quick,
    /// Slow enough for twice the level not to be an onset.
    Slow,
}

const QUICK_SECONDS: f64 = 0.015;
const SLOW_SECONDS: f64 = 0.5;

/// Mixes two sides by a view, and changes views without a click.
#[derive(Clone, Debug)]
pub(super) struct Mixer {
    view: View,
    gains: [f64; 2],
    /// The change of the gains per sample, and the samples left.
    steps: [f64; 2],
    left: usize,
    sample_rate: f64,
}

impl Mixer {
    pub fn new(settings: &Settings) -> Self {
        let view = View::default();
        Self { view, gains: view.gains(), steps: [0.0; 2], left: 0, sample_rate: settings.sample_rate }
    }

    pub fn view(&self) -> View {
        self.view
    }

    /// Whether it gives only the sum.
    pub fn is_sum(&self) -> bool {
        self.view == View::Sum && self.left == 0
    }

    pub fn turn(&mut self, view: View, passage: Passage) {
        if view == self.view {
            return;
        }
        self.view = view;
        let seconds = match passage {
            Passage::Cut => 0.0,
            Passage::Quick => QUICK_SECONDS,
            Passage::Slow => SLOW_SECONDS,
        };
        self.left = (seconds * self.sample_rate) as usize;
        let goal = view.gains();
        if self.left == 0 {
            self.gains = goal;
        }
        self.steps = std::array::from_fn(|side| (goal[side] - self.gains[side]) / self.left.max(1) as f64);
    }

    /// The next sample of the view.
    #[inline]
    pub fn mix(&mut self, left: f32, right: f32) -> f64 {
        if self.left > 0 {
            self.left -= 1;
            self.gains = if self.left == 0 {
                self.view.gains()
            } else {
                [self.gains[0] + self.steps[0], self.gains[1] + self.steps[1]]
            };
            // Bit-identical to the plain sum, and the same for a reversed side.
        } else if self.view == View::Sum {
            return 0.5 * f64::from(left + right);
        } else if self.view == View::Difference {
            return 0.5 * f64::from(left - right);
        }
        self.gains[0] * f64::from(left) + self.gains[1] * f64::from(right)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passage_has_no_step_larger_than_its_share() {
        let mut mixer = Mixer::new(&Settings::default());
        let mut last = mixer.mix(0.0, 1.0);
        for view in [View::Difference, View::Left, View::Right, View::Sum] {
            mixer.turn(view, Passage::Quick);
            for _ in 0..1_000 {
                let now = mixer.mix(0.0, 1.0);
                // A full turn of 1 takes 720 samples.
                assert!((now - last).abs() <= 1.001 / 720.0, "{view:?}: from {last} to {now}");
                last = now;
            }
            assert_eq!(last, view.gains()[1]);
        }
        assert!(mixer.is_sum());
    }
}
