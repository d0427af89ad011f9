//! How surely there is a beat.

/// Compares what begins on the beats with what begins at any time. Music gives three to eight times as much on the beat
/// as chance would; speech hardly twice as much, noise just as much.
#[derive(Clone, Debug)]
pub(super) struct Contrast {
    on_beat: f64,
    anywhere: f64,
    keeps: f64,
    /// How near to a beat counts as on it, in beats.
    reach: f64,
    /// How much has been heard at all, in ticks, up to what is enough for full trust.
    heard: f64,
    enough: f64,
}

/// The part of a beat, before and after it, that counts as on the beat; at least so many ticks, for a mark is so wide.
const REACH: f64 = 1.0 / 16.0;
const REACH_TICKS: f64 = 2.0;
/// How long is remembered.
const SECONDS: f64 = 8.0;
/// More than this says no more: a few loud strokes must not outvote the rest.
const ENOUGH: f32 = 0.3;
/// At this contrast, hardly more than that of chance, there is no trust where the net is sure that there is a tempo …
const LEAST: f64 = 1.2;
/// … at so much more where it is sure that there is none …
const NONE: f64 = 1.9;
/// … and full trust so far above.
const FULL: f64 = 2.3;
/// The mean activation, over [`SECONDS`], that the evidence must outweigh, so that the first few onsets are not trusted.
const DOUBT: f64 = 0.01;

/// The first sounds of all are not yet trusted.
const TRIAL_SECONDS: f64 = 1.5;
/// What is kept when the beat is set anew: it counts as chance.
const FORGETS: f64 = 0.4;

impl Contrast {
    /// For ticks every `step` seconds.
    pub fn new(step: f64) -> Self {
        Self {
            on_beat: 0.0,
            anywhere: 0.0,
            keeps: (-step / SECONDS).exp(),
            reach: REACH,
            heard: 0.0,
            enough: TRIAL_SECONDS / step,
        }
    }

    /// Hears a tick that has not been heard before: its activation, at a phase of the beat, whose period is given in ticks.
    pub fn hear(&mut self, activation: f32, phase: f64, period: f64) {
        self.heard = (self.heard + 1.0).min(self.enough);
        self.weigh(activation, phase, period);
    }

    /// Weighs an activation of now, or again one of the last moments after [`Self::reset`].
    pub fn weigh(&mut self, activation: f32, phase: f64, period: f64) {
        let reach = (REACH_TICKS / period).max(REACH);
        self.reach = reach;
        let new = f64::from(activation.min(ENOUGH)) * (1.0 - self.keeps);
        self.anywhere = self.anywhere * self.keeps + new;
        let on_beat = !(reach..=1.0 - reach).contains(&phase);
        self.on_beat = self.on_beat * self.keeps + if on_beat { new } else { 0.0 };
    }

    /// The beat was set anew: what is known belongs to another one.
    pub fn reset(&mut self) {
        self.anywhere *= FORGETS;
        self.on_beat = self.anywhere * 2.0 * self.reach;
    }

    /// 0 for no beat, 1 for a clear one; `none` is how likely there is no tempo at all.
    pub fn confidence(&self, none: f32) -> f32 {
        let contrast = self.on_beat / (2.0 * self.reach) / (self.anywhere + DOUBT);
        let least = LEAST + NONE * f64::from(none);
        (self.heard / self.enough * ((contrast - least) / FULL).clamp(0.0, 1.0)) as f32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn confidence(none: f32, activation: impl Fn(usize) -> f32) -> f32 {
        let mut contrast = Contrast::new(0.01);
        (0..2000).for_each(|tick| contrast.hear(activation(tick), (tick % 50) as f64 / 50.0, 50.0));
        contrast.confidence(none)
    }

    #[test]
    fn onsets_on_the_beat_are_trusted_and_onsets_anywhere_are_not() {
        assert_eq!(confidence(0.0, |tick| if tick % 50 < 2 { 0.8 } else { 0.0 }), 1.0);
        assert!(confidence(0.0, |tick| if tick % 37 < 2 { 0.8 } else { 0.0 }) < 0.3);
        assert!(confidence(0.0, |_| 0.1) < 0.2);
        assert_eq!(confidence(0.0, |_| 0.0), 0.0);
    }

    #[test]
    fn where_the_net_feels_no_tempo_more_is_asked() {
        let mostly = |tick: usize| if tick % 50 < 2 || tick % 37 < 2 { 0.8 } else { 0.0 };
        let [felt, doubtful, none] = [0.0, 0.5, 1.0].map(|none| confidence(none, mostly));
        assert!(felt > doubtful && doubtful > none, "{felt} {doubtful} {none}");
        assert_eq!(confidence(1.0, |tick| if tick % 37 < 2 { 0.8 } else { 0.0 }), 0.0);
    }
}
