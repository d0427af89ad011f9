//! Whether to draw a frame, or to keep the last picture while input is still on its way. Pure.

use downbeat_client::playout::{HOLD, Whole};
use downbeat_protocol::HostTime;

/// What to do with a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Draw it from final input: every node that draws it draws the same.
    Sure,
    /// Draw it from the available input.
    Unsure,
    /// Keep the last picture.
    Keep,
}

/// The start of the wait.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hold {
    since: Option<HostTime>,
}

impl Hold {
    /// Decides on a frame from what is known. After [`HOLD`] of waiting, frames are drawn from the available input.
    pub fn decide(&mut self, whole: Whole, now: HostTime) -> Decision {
        match whole {
            Whole::Yes => {
                self.since = None;
                Decision::Sure
            }
            Whole::Never => {
                self.since = None;
                Decision::Unsure
            }
            Whole::Waits => {
                let since = *self.since.get_or_insert(now);
                if now.since(since) < HOLD.as_nanos() as i64 { Decision::Keep } else { Decision::Unsure }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_picture_is_kept_for_a_quarter_of_a_second_and_no_longer() {
        let mut hold = Hold::default();
        let ms = |ms: i64| HostTime(ms * 1_000_000);
        assert_eq!(hold.decide(Whole::Yes, ms(0)), Decision::Sure);
        let waited: Vec<_> = [20, 200, 260, 280, 500].map(|at| hold.decide(Whole::Waits, ms(at))).into();
        assert_eq!(waited, [Decision::Keep, Decision::Keep, Decision::Keep, Decision::Unsure, Decision::Unsure]);
        assert_eq!(hold.decide(Whole::Yes, ms(520)), Decision::Sure);
        assert_eq!(hold.decide(Whole::Waits, ms(540)), Decision::Keep);
        assert_eq!(hold.decide(Whole::Never, ms(560)), Decision::Unsure);
    }
}
