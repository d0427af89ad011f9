//! What to show without the daemon. Pure: driven by the time since the last row, in seconds.
//!
//! | silence | picture |
//! |---|---|
//! | up to 0.25 s | nothing changes ([`HOLD`] of the playout) |
//! | up to 2.25 s | signals decay ([`DECAY`] of the playout); the beat follows the last timeline, parameters stay |
//! | from 4 s | within 3 s the safe look takes over: slow, dim, without a beat, never black |
//! | rows again | within 1 s everything is back |
//!
//! [`HOLD`]: downbeat_client::playout::HOLD
//! [`DECAY`]: downbeat_client::playout::DECAY

use downbeat_client::playout::{DECAY, HOLD};

/// The daemon's presence in the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Presence {
    safe: f32,
    whole: bool,
    values: f32,
}

const SAFE_AFTER_S: f32 = 4.0;
const TO_SAFE_S: f32 = 3.0;
const BACK_S: f32 = 1.0;

impl Default for Presence {
    fn default() -> Self {
        Self { safe: 1.0, whole: false, values: 0.0 }
    }
}

impl Presence {
    /// With the daemon always present: for pictures without a network.
    pub const FULL: Self = Self { safe: 0.0, whole: true, values: 1.0 };

    /// Advances by `step` seconds; `silence` is the time since the newest row, None before the first.
    pub fn advance(&mut self, silence: Option<f32>, step: f32) {
        let Some(silence) = silence else { return };
        let target = if silence > SAFE_AFTER_S { 1.0 } else { 0.0 };
        let pace = if target > self.safe { step / TO_SAFE_S } else { step / BACK_S };
        self.safe += (target - self.safe).clamp(-pace, pace);
        // By then the signals have decayed completely: they rise from there rather than jump back.
        let gone = silence >= (HOLD + DECAY).as_secs_f32();
        self.values = if gone { 0.0 } else { (self.values + step / BACK_S).min(1.0) };
        self.whole = silence < HOLD.as_secs_f32();
    }

    /// The opacity of the safe look over the picture, `[0, 1]`.
    pub fn safe(&self) -> f32 {
        // Smooth at both ends.
        self.safe * self.safe * (3.0 - 2.0 * self.safe)
    }

    /// How far the signals have returned, `[0, 1]`.
    pub fn values(&self) -> f32 {
        self.values
    }

    /// Whether the picture is the same as on every other node: nothing is held, decayed or faded.
    pub fn is_settled(&self) -> bool {
        self.whole && self.safe == 0.0 && self.values == 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Plays `seconds` at 60 frames a second, starting after `silence` seconds without rows.
    fn play(presence: &mut Presence, seconds: f32, mut silence: Option<f32>, rows: bool) -> Vec<Presence> {
        let step = 1.0 / 60.0;
        let frames = (seconds * 60.0) as usize;
        let frame = |_| {
            silence = if rows { Some(0.005) } else { silence.map(|silence| silence + step) };
            presence.advance(silence, step);
            *presence
        };
        (0..frames).map(frame).collect()
    }

    #[test]
    fn before_the_first_row_the_safe_look_is_shown() {
        let mut presence = Presence::default();
        play(&mut presence, 10.0, None, false);
        assert_eq!(presence.safe(), 1.0);
        play(&mut presence, 1.1, None, true);
        assert!(presence.is_settled());
    }

    #[test]
    fn a_short_silence_changes_nothing() {
        let mut presence = Presence::FULL;
        play(&mut presence, 0.2, Some(0.0), false);
        assert!(presence.is_settled());
    }

    #[test]
    fn the_safe_look_comes_only_when_the_signals_have_sunk_and_in_the_end_is_all_that_is_seen() {
        let mut presence = Presence::FULL;
        play(&mut presence, 3.9, Some(0.0), false);
        assert_eq!((presence.values(), presence.safe()), (0.0, 0.0));
        play(&mut presence, 4.0, Some(3.9), false);
        assert_eq!(presence.safe(), 1.0);
    }

    #[test]
    fn nothing_jumps_on_the_way_there_and_back() {
        let mut presence = Presence::FULL;
        let away = play(&mut presence, 12.0, Some(0.0), false);
        let back = play(&mut presence, 2.0, None, true);
        let largest = |shown: &[Presence], of: fn(&Presence) -> f32| {
            shown.windows(2).map(|pair| (of(&pair[1]) - of(&pair[0])).abs()).fold(0.0, f32::max)
        };
        assert!(largest(&away, Presence::safe) < 0.02);
        assert!(largest(&back, Presence::safe) < 0.03);
        assert!(largest(&back, Presence::values) < 0.02);
        assert!(presence.is_settled());
    }
}
