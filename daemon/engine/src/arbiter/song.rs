//! Finds the start of songs, and times without music: the operator's requests hold until the next song.

use crate::MusicState;
use downbeat_protocol::ShowTime;

/// Silence after which music is another song: 4 s. A break inside a song is shorter.
const SONG_GAP: i64 = 4_000_000_000;
/// Beats continue through one empty bar, which bridges a stop in the arrangement, but not longer than this: 3 s.
const LONGEST_STOP: i64 = 3_000_000_000;
/// How long a restarted daemon continues until it detects the music still playing: 3 s.
const RESUMED: i64 = 3_000_000_000;

/// Finds the gaps between songs.
#[derive(Clone, Debug, Default)]
pub(super) struct Song {
    /// Until when beats continue without music.
    sounding_until: Option<ShowTime>,
    /// When the music stopped; at the start there was none.
    silent_since: Option<ShowTime>,
    playing: bool,
}

impl Song {
    /// Takes the state of the music, with bars of `bar` nanoseconds, last heard at `music_at`, if any bus has a signal.
    /// At the start of a song, returns since when there was no music.
    pub fn observe(
        &mut self,
        state: MusicState,
        music_at: Option<ShowTime>,
        bar: f64,
        now: ShowTime,
    ) -> Option<ShowTime> {
        let was_playing = std::mem::replace(&mut self.playing, state.is_music());
        if let Some(music_at) = music_at.filter(|_| self.playing || was_playing) {
            self.sounding_until = Some(music_at.offset((bar as i64).min(LONGEST_STOP)));
        }
        if !self.playing {
            self.silent_since.get_or_insert(now);
            return None;
        }
        let since = self.silent_since.take().filter(|_| !was_playing)?;
        (now.since(since) >= SONG_GAP).then_some(since)
    }

    /// Whether there is music, or was until a moment ago.
    pub fn is_sounding(&self, now: ShowTime) -> bool {
        self.sounding_until.is_some_and(|until| now <= until)
    }

    /// The nanoseconds until beats stop if there is no music.
    pub fn left(&self, now: ShowTime) -> i64 {
        self.sounding_until.map_or(0, |until| until.since(now).max(0))
    }

    /// The daemon has restarted in the middle of a song.
    pub fn resume(&mut self, now: ShowTime) {
        self.sounding_until = Some(now.offset(RESUMED));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BAR: f64 = 2e9;

    fn at(seconds: f64) -> ShowTime {
        ShowTime::from_secs_f64(seconds)
    }

    #[test]
    fn a_song_begins_after_a_long_silence_but_not_after_a_break() {
        let mut song = Song::default();
        let mut observe = |state: MusicState, seconds: f64| song.observe(state, Some(at(seconds)), BAR, at(seconds));
        observe(MusicState::Playing, 0.0);
        observe(MusicState::Silence, 10.0);
        assert_eq!(observe(MusicState::Playing, 13.0), None);
        observe(MusicState::Silence, 20.0);
        observe(MusicState::NoSignal, 22.0);
        assert_eq!(observe(MusicState::Playing, 24.0), Some(at(20.0)));
        assert_eq!(observe(MusicState::Playing, 24.1), None);
    }

    #[test]
    fn beats_go_on_through_one_empty_bar() {
        let stops_after = |bar: f64, told: f64| {
            let mut song = Song::default();
            song.observe(MusicState::Playing, Some(at(9.0)), bar, at(9.0));
            song.observe(MusicState::Silence, Some(at(8.0)), bar, at(told));
            (90..200).map(|tenth| at(f64::from(tenth) / 10.0)).find(|now| !song.is_sounding(*now))
        };
        assert!(!Song::default().is_sounding(at(0.0)));
        // The music was last heard at 8 s, whenever that is reported.
        assert_eq!(stops_after(1.75e9, 9.1), Some(at(9.8)));
        assert_eq!(stops_after(2.35e9, 9.1), Some(at(10.4)));
        assert_eq!(stops_after(2.35e9, 10.2), Some(at(10.4)));
        assert_eq!(stops_after(0.8e9, 9.1), Some(at(9.0)), "a silence that is told is over");
        assert_eq!(stops_after(60e9, 9.1), Some(at(11.1)), "nobody waits for a whole bar of a minute");
    }
}
