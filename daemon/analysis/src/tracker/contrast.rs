//! How far the beat stands out.

/// Compares the activation on the beats with that at any time. Music has three to eight times as much on the beat as
/// chance would give; speech hardly twice as much, noise the same.
#[derive(Clone, Debug)]
pub(super) struct Contrast {
    on_beat: f64,
    anywhere: f64,
    keeps: f64,
    /// How near to a beat counts as on it, in beats.
    reach: f64,
}

/// The part of a beat, before and after it, that counts as on the beat; at least this many ticks, the width of a mark.
const REACH: f64 = 1.0 / 16.0;
const REACH_TICKS: f64 = 2.0;
/// Time constant.
const SECONDS: f64 = 8.0;
/// Maximum activation: a few loud strokes must not outweigh the rest.
const ENOUGH: f32 = 0.3;
/// The mean activation, over [`SECONDS`], to outweigh, so that the first few onsets are not trusted.
const DOUBT: f64 = 0.01;

/// The share kept when the beat moves: the rest counts as chance.
const FORGETS: f64 = 0.4;

impl Contrast {
    /// For ticks every `step` seconds.
    pub fn new(step: f64) -> Self {
        Self { on_beat: 0.0, anywhere: 0.0, keeps: (-step / SECONDS).exp(), reach: REACH }
    }

    /// Takes a tick's activation, at a phase of the beat, whose period is in ticks: the current one, or after
    /// [`Self::reset`] one of the last moments again.
    pub fn process(&mut self, activation: f32, phase: f64, period: f64) {
        let reach = (REACH_TICKS / period).max(REACH);
        self.reach = reach;
        let new = f64::from(activation.min(ENOUGH)) * (1.0 - self.keeps);
        self.anywhere = self.anywhere * self.keeps + new;
        let on_beat = !(reach..=1.0 - reach).contains(&phase);
        self.on_beat = self.on_beat * self.keeps + if on_beat { new } else { 0.0 };
    }

    /// The beat has moved: the evidence belongs to another one.
    pub fn reset(&mut self) {
        self.anywhere *= FORGETS;
        self.on_beat = self.anywhere * 2.0 * self.reach;
    }

    /// The ratio of activation on the beats to chance, and the total activation.
    pub fn measures(&self) -> (f32, f32) {
        let contrast = self.on_beat / (2.0 * self.reach) / (self.anywhere + DOUBT);
        (contrast as f32, self.anywhere as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contrast(activation: impl Fn(usize) -> f32) -> f32 {
        let mut contrast = Contrast::new(0.01);
        (0..2000).for_each(|tick| contrast.process(activation(tick), (tick % 50) as f64 / 50.0, 50.0));
        contrast.measures().0
    }

    #[test]
    fn onsets_on_the_beat_stand_out_and_onsets_anywhere_do_not() {
        assert!(contrast(|tick| if tick % 50 < 2 { 0.8 } else { 0.0 }) > 3.5);
        assert!(contrast(|tick| if tick % 37 < 2 { 0.8 } else { 0.0 }) < 1.5);
        assert!(contrast(|_| 0.1) < 1.2);
        assert_eq!(contrast(|_| 0.0), 0.0);
    }
}
