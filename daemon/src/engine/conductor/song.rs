//! When a song begins and when there is no music: what the operator asked for lasts until the next song.

use crate::engine::MusicState;
use downbeat_protocol::ShowTime;

/// Silence after which music is another song: 4 s. A break inside a song is shorter.
const SONG_GAP: i64 = 4_000_000_000;
/// Beats go on for this long after the music has gone: 1 s, which bridges a stop in the arrangement.
const GRACE: i64 = 1_000_000_000;
/// A daemon that starts again goes on for this long until it hears the music that still plays: 3 s.
const RESUMED: i64 = 3_000_000_000;

/// Listens for the gaps between songs.
#[derive(Clone, Debug, Default)]
pub(super) struct Song {
    /// Until when beats go on though nothing is heard.
    sounding_until: Option<ShowTime>,
    /// When the music went; at the start there was none.
    silent_since: Option<ShowTime>,
    playing: bool,
}

impl Song {
    /// Takes the state of the music. When a new song begins: since when there was silence before it.
    pub fn hear(&mut self, state: MusicState, now: ShowTime) -> Option<ShowTime> {
        let was_playing = std::mem::replace(&mut self.playing, state.is_music());
        if !self.playing {
            self.silent_since.get_or_insert(now);
            return None;
        }
        self.sounding_until = Some(now.offset(GRACE));
        let since = self.silent_since.take().filter(|_| !was_playing)?;
        (now.since(since) >= SONG_GAP).then_some(since)
    }

    /// Whether there is music, or was until a moment ago.
    pub fn is_sounding(&self, now: ShowTime) -> bool {
        self.sounding_until.is_some_and(|until| now <= until)
    }

    /// The daemon has started again in the middle of a song.
    pub fn resume(&mut self, now: ShowTime) {
        self.sounding_until = Some(now.offset(RESUMED));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: f64) -> ShowTime {
        ShowTime::from_secs_f64(seconds)
    }

    #[test]
    fn a_song_begins_after_a_long_silence_but_not_after_a_break() {
        let mut song = Song::default();
        song.hear(MusicState::Playing, at(0.0));
        song.hear(MusicState::Silence, at(10.0));
        assert_eq!(song.hear(MusicState::Playing, at(13.0)), None);
        song.hear(MusicState::Silence, at(20.0));
        song.hear(MusicState::NoSignal, at(22.0));
        assert_eq!(song.hear(MusicState::Playing, at(24.0)), Some(at(20.0)));
        assert_eq!(song.hear(MusicState::Playing, at(24.1)), None);
    }

    #[test]
    fn beats_go_on_for_a_moment_after_the_music() {
        let mut song = Song::default();
        assert!(!song.is_sounding(at(0.0)));
        song.hear(MusicState::Playing, at(1.0));
        song.hear(MusicState::Silence, at(1.5));
        assert!(song.is_sounding(at(2.0)));
        assert!(!song.is_sounding(at(2.1)));
    }
}
