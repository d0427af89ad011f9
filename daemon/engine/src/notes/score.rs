//! A Standard MIDI File as messages at their moments (pure).

use midly::{Format, MetaMessage, MidiMessage, Smf, Timing, TrackEventKind};

/// Default microseconds per beat: 120 BPM, by the Standard MIDI Files 1.0 specification.
const DEFAULT_TEMPO_US: f64 = 500_000.0;

/// A file's notes in playing order.
#[derive(Clone, Debug, Default)]
pub struct Score {
    /// Seconds from the start, and the message.
    messages: Vec<(f64, [u8; 3])>,
    /// The first one not yet played.
    next: usize,
    /// The position played so far, in seconds.
    until: f64,
}

/// The bytes are not notes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScoreError {
    /// Not a Standard MIDI File.
    #[error("not a Standard MIDI File ({0})")]
    Format(String),
    /// Its clock stands still.
    #[error("its header gives 0 ticks per beat or frame; export it again")]
    NoTicks,
    /// It contains no notes.
    #[error("it contains no notes")]
    Empty,
}

impl Score {
    /// Reads a file of any of the three formats; the tracks sound together, in format 2 one after the other.
    pub fn parse(bytes: &[u8]) -> Result<Self, ScoreError> {
        // The reader negates the frames of a timecode, which overflows for this value; it means no valid rate anyway.
        // It uses the last header that it finds, wherever that is.
        if bytes.windows(13).any(|header| header.starts_with(b"MThd") && header[12] == 0x80) {
            return Err(ScoreError::Format("its header has an unknown frame rate".into()));
        }
        let file = Smf::parse(bytes).map_err(|error| ScoreError::Format(error.to_string()))?;
        let tick_at = |tempo_us: f64| match file.header.timing {
            Timing::Metrical(ticks) => tempo_us / f64::from(ticks.as_int()) / 1e6,
            Timing::Timecode(rate, ticks) => 1.0 / (f64::from(rate.as_f32()) * f64::from(ticks)),
        };
        let mut seconds_per_tick = tick_at(DEFAULT_TEMPO_US);
        if !seconds_per_tick.is_finite() {
            return Err(ScoreError::NoTicks);
        }
        let (mut seconds, mut last, mut messages) = (0.0, 0, Vec::new());
        for (tick, event) in in_order(&file) {
            seconds += (tick - last) as f64 * seconds_per_tick;
            last = tick;
            match event {
                TrackEventKind::Meta(MetaMessage::Tempo(us)) => seconds_per_tick = tick_at(f64::from(us.as_int())),
                TrackEventKind::Midi { channel, message } => {
                    if let Some(bytes) = note(channel.as_int(), message) {
                        messages.push((seconds, bytes));
                    }
                }
                _ => {}
            }
        }
        if !messages.iter().any(|(_, [status, ..])| status & 0xF0 == 0x90) {
            return Err(ScoreError::Empty);
        }
        Ok(Self { messages, next: 0, until: 0.0 })
    }

    /// Passes over everything before a moment, in seconds from the start: what began earlier is not struck then.
    pub fn join_in(&mut self, at: f64) {
        self.next = self.messages.partition_point(|(moment, _)| *moment < at);
        self.until = at;
    }

    /// Plays messages before `until`, in seconds from the start, that have not been played, by calling `each`. An
    /// earlier time restarts; then `each` gets `None` first. Realtime-safe: yes, if `each` is.
    pub fn play(&mut self, until: f64, mut each: impl FnMut(Option<&[u8]>)) {
        if until < self.until {
            self.next = 0;
            each(None);
        }
        self.until = until;
        while let Some((_, message)) = self.messages.get(self.next).filter(|(at, _)| *at < until) {
            each(Some(message));
            self.next += 1;
        }
    }
}

/// The events of all tracks by their ticks; those of one tick in the order of the tracks.
fn in_order<'a>(file: &Smf<'a>) -> Vec<(u64, TrackEventKind<'a>)> {
    let mut events = Vec::new();
    let mut end = 0;
    for track in &file.tracks {
        let mut tick = if file.header.format == Format::Sequential { end } else { 0 };
        for event in track {
            tick += u64::from(event.delta.as_int());
            events.push((tick, event.kind));
        }
        end = tick;
    }
    events.sort_by_key(|(tick, _)| *tick);
    events
}

/// The bytes of messages that start or end notes.
fn note(channel: u8, message: MidiMessage) -> Option<[u8; 3]> {
    Some(match message {
        MidiMessage::NoteOn { key, vel } => [0x90 | channel, key.as_int(), vel.as_int()],
        MidiMessage::NoteOff { key, vel } => [0x80 | channel, key.as_int(), vel.as_int()],
        MidiMessage::Controller { controller, value } => [0xB0 | channel, controller.as_int(), value.as_int()],
        _ => return None,
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A file with these tracks, whose events have deltas below 128.
    pub fn file(format: u8, ticks_per_beat: u16, tracks: &[&[u8]]) -> Vec<u8> {
        let mut bytes = b"MThd\x00\x00\x00\x06\x00".to_vec();
        bytes.push(format);
        bytes.extend((tracks.len() as u16).to_be_bytes());
        bytes.extend(ticks_per_beat.to_be_bytes());
        for track in tracks {
            bytes.extend(b"MTrk");
            bytes.extend((track.len() as u32 + 4).to_be_bytes());
            bytes.extend(*track);
            bytes.extend([0, 0xFF, 0x2F, 0]);
        }
        bytes
    }

    /// A tempo in beats per minute, at once.
    fn tempo(delta: u8, bpm: u32) -> [u8; 7] {
        let [_, a, b, c] = (60_000_000 / bpm).to_be_bytes();
        [delta, 0xFF, 0x51, 3, a, b, c]
    }

    fn times(bytes: &[u8]) -> Vec<(f64, u8)> {
        let score = Score::parse(bytes).unwrap_or_else(|error| panic!("{error}"));
        score.messages.iter().map(|(at, message)| ((at * 1e6).round() / 1e6, message[1])).collect()
    }

    #[test]
    fn notes_come_at_the_tempo_of_the_file_and_of_its_changes() {
        // A beat at 120, from there on at 60, in another track than the notes.
        let conductor = [tempo(0, 120), tempo(10, 60)].concat();
        let notes = [0, 0x90, 60, 100, 10, 0x90, 61, 100, 10, 0x80, 61, 0, 5, 0x90, 62, 1];
        let expected = [(0.0, 60), (0.5, 61), (1.5, 61), (2.0, 62)];
        assert_eq!(times(&file(1, 10, &[&conductor, &notes])), expected);
    }

    #[test]
    fn without_a_tempo_a_file_plays_at_120() {
        assert_eq!(times(&file(0, 96, &[&[96, 0x90, 60, 100]])), [(0.5, 60)]);
    }

    #[test]
    fn timecode_needs_no_tempo() {
        // 25 frames of 40 ticks: a tick is a millisecond.
        let bytes = file(0, u16::from_be_bytes([(-25_i8) as u8, 40]), &[&[100, 0x90, 60, 100]]);
        assert_eq!(times(&bytes), [(0.1, 60)]);
    }

    #[test]
    fn each_message_is_played_once_and_all_again_from_the_beginning() {
        let bytes = file(0, 10, &[&[0, 0x90, 60, 100, 10, 0x90, 62, 100]]);
        let mut score = Score::parse(&bytes).expect("a file");
        let mut play = |until: f64| {
            let mut played = Vec::new();
            score.play(until, |message| played.push(message.map_or(0, |message| message[1])));
            played
        };
        assert_eq!(play(0.1), [60]);
        assert_eq!(play(0.5), [0_u8; 0], "what is due at the end of a hop belongs to the next");
        assert_eq!(play(0.6), [62]);
        assert_eq!(play(9.0), [0_u8; 0]);
        assert_eq!(play(0.1), [0, 60]);
    }

    #[test]
    fn one_that_joins_in_plays_what_is_still_to_come_and_all_of_it_when_it_begins_anew() {
        let bytes = file(0, 10, &[&[0, 0x90, 60, 100, 10, 0x90, 62, 100, 10, 0x90, 64, 100]]);
        let mut score = Score::parse(&bytes).expect("a file");
        score.join_in(0.7);
        let mut play = |until: f64| {
            let mut played = Vec::new();
            score.play(until, |message| played.push(message.map_or(0, |message| message[1])));
            played
        };
        assert_eq!(play(0.71), [0_u8; 0], "what began before is not struck");
        assert_eq!(play(1.1), [64]);
        assert_eq!(play(0.6), [0, 60, 62]);
    }

    #[test]
    fn what_is_no_file_of_notes_is_refused_with_the_reason() {
        let refused = |bytes: &[u8]| Score::parse(bytes).expect_err("refused");
        assert!(matches!(refused(b"RIFF....WAVE"), ScoreError::Format(_)));
        assert_eq!(refused(&file(0, 10, &[&[]])), ScoreError::Empty);
        let no_such_rate = file(0, 0x8028, &[&[0, 0x90, 60, 100]]);
        assert!(matches!(refused(&no_such_rate), ScoreError::Format(_)));
        let second_header = [&file(0, 10, &[])[..], &no_such_rate].concat();
        assert!(matches!(refused(&second_header), ScoreError::Format(_)));
        assert_eq!(refused(&file(0, 0, &[&[0, 0x90, 60, 100]])), ScoreError::NoTicks);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(track in prop::collection::vec(any::<u8>(), 0..60), ticks in any::<u16>()) {
            if let Ok(mut score) = Score::parse(&file(1, ticks, &[&track])) {
                prop_assert!(score.messages.iter().all(|(at, _)| at.is_finite()));
                score.play(1e9, |_| {});
            }
        }
    }
}
