//! How long the beat continues by the clock after the audio itself was lost: the server died, the stream broke, the
//! interface was unplugged. Not silence: that is heard, and [`Song`](super::song::Song) and
//! [`Holdover`](super::holdover::Holdover) decide what it means.

use downbeat_protocol::ShowTime;

/// Whether samples arrive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hearing {
    /// They do.
    #[default]
    Live,
    /// They do not, and nobody knows for how long.
    Lost,
    /// They do not, because the server is known to do something else for a while.
    Suspended,
}

/// Measures how long the beat has continued without audio.
#[derive(Clone, Copy, Debug)]
pub(super) struct Coast {
    /// In nanoseconds.
    limit: i64,
    since: Option<ShowTime>,
    /// Whether there was music when samples last arrived.
    had_music: bool,
}

impl Coast {
    /// Continues for at most this many seconds.
    pub fn new(limit_s: f64) -> Self {
        Self { limit: (limit_s * 1e9) as i64, since: None, had_music: false }
    }

    /// Ends it, and forgets the music.
    pub fn forget(&mut self) {
        *self = Self { limit: self.limit, since: None, had_music: false };
    }

    /// Advances to `now`. `music` is whether there is music now, and `beating` whether beats are sent because of it.
    /// Returns whether the beat continues by the clock: until there is music again, or the time is over.
    pub fn advance(&mut self, hearing: Hearing, music: bool, beating: bool, now: ShowTime) -> bool {
        match hearing {
            Hearing::Live if music => (self.since, self.had_music) = (None, true),
            // A server that is back still waits for its players.
            Hearing::Live if self.since.is_some() => {}
            Hearing::Live => self.had_music = false,
            Hearing::Lost | Hearing::Suspended => {
                if std::mem::take(&mut self.had_music) && beating {
                    self.since = Some(now);
                }
                if hearing == Hearing::Suspended {
                    self.since = self.since.map(|_| now);
                }
            }
        }
        self.since = self.since.filter(|since| now.since(*since) < self.limit);
        self.since.is_some()
    }

    /// Whether the beat continues by the clock.
    pub fn is_on(&self) -> bool {
        self.since.is_some()
    }

    /// The time left, in nanoseconds.
    pub fn left(&self, now: ShowTime) -> Option<i64> {
        self.since.map(|since| (self.limit - now.since(since)).max(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Hearing::{Live, Lost, Suspended};

    /// Whether the beat continues at each step of a second.
    fn coasts(steps: &[(Hearing, bool)]) -> Vec<bool> {
        let mut coast = Coast::new(3.0);
        let at = |second: usize| ShowTime::from_secs_f64(second as f64);
        (0..).zip(steps).map(|(second, (hearing, music))| coast.advance(*hearing, *music, true, at(second))).collect()
    }

    #[test]
    fn the_beat_goes_on_for_its_time_and_not_again_without_music_in_between() {
        let lost = (Lost, false);
        let steps = [(Live, true), lost, lost, lost, lost, lost, (Live, false), lost];
        assert_eq!(coasts(&steps), [false, true, true, true, false, false, false, false]);
    }

    #[test]
    fn a_server_that_is_back_without_its_player_gives_it_the_rest_of_the_time() {
        let steps = [(Live, true), (Lost, false), (Live, false), (Live, true), (Lost, false)];
        assert_eq!(coasts(&steps), [false, true, true, false, true]);
    }

    #[test]
    fn silence_that_was_heard_before_is_not_carried_on() {
        assert_eq!(coasts(&[(Live, true), (Live, false), (Lost, false)]), [false, false, false]);
    }

    #[test]
    fn while_the_server_does_something_else_the_time_stands_still() {
        let mut steps = vec![(Live, true)];
        steps.extend([(Suspended, false); 20]);
        assert!(coasts(&steps)[1..].iter().all(|on| *on));
    }
}
