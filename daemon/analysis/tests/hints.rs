//! The operator's hints, and the tracker's response.

mod signal;

use downbeat_analysis::{Analyzer, Hint, Pulse};
use signal::{Music, analyzer};

const RATE: f64 = 48_000.0;
const HOP: usize = 256;

/// An analyser in the middle of music.
struct Listening {
    music: Music,
    analyzer: Analyzer,
    heard: usize,
}

impl Listening {
    fn to(music: Music) -> Self {
        Self { music, analyzer: analyzer(RATE, HOP), heard: 0 }
    }

    /// Hears music up to a time, in seconds, and says what was believed at each hop.
    fn until(&mut self, seconds: f64) -> Vec<Pulse> {
        let end = ((seconds * RATE) as usize).min(self.music.samples.len());
        let part = &self.music.samples[self.heard..end];
        let mut pulses = Vec::new();
        self.analyzer.push(part, part, |hop| pulses.push(hop.pulse));
        self.heard = end;
        pulses
    }

    fn now(&self) -> f64 {
        self.heard as f64
    }
}

/// Four on the floor and a rest after it.
fn floor(bpm: f64, seconds: f64, rest: f64) -> (Music, Vec<f64>) {
    let mut music = Music::silence(seconds + rest, RATE);
    let beats = music.four_on_the_floor(0.5, seconds, bpm);
    (music, beats)
}

fn is_near(tempo: f64, wanted: f64) -> bool {
    (tempo / wanted - 1.0).abs() < 0.02
}

fn last(pulses: &[Pulse]) -> Pulse {
    *pulses.last().expect("a hop")
}

#[test]
fn twice_or_half_the_tempo_is_obeyed_within_a_beat_and_kept_until_the_next_song() {
    for (bpm, factor) in [(95.0, 2.0), (140.0, 0.5), (128.0, 0.5), (172.0, 0.5)] {
        let mut listening = Listening::to(floor(bpm, 30.0, 0.0).0);
        let believed = last(&listening.until(8.0)).tempo;
        listening.analyzer.hint(Hint::Octave(factor));
        let wanted = believed * factor;
        let soon = listening.until(8.0 + 60.0 / bpm);
        let tempi: Vec<f64> = soon.iter().map(|pulse| pulse.tempo).collect();
        assert!(
            soon.iter().skip(1).all(|pulse| is_near(pulse.tempo, wanted)),
            "{bpm} × {factor}, from {believed}: {tempi:?}"
        );
        let later = listening.until(30.0);
        // Where half of the beats are as loud as the others, the tracker may still go over to those, with a swing.
        let far = later.iter().find(|pulse| (pulse.tempo / wanted - 1.0).abs() > 0.1);
        assert_eq!(far, None, "{bpm} × {factor}");
        assert!(last(&later).is_beating(), "{bpm} × {factor}: {:?}", last(&later));
    }
}

#[test]
fn after_a_long_silence_the_level_is_open_again() {
    let (mut music, _) = floor(128.0, 20.0, 26.0);
    music.four_on_the_floor(26.0, 46.0, 128.0);
    let mut listening = Listening::to(music);
    listening.until(8.0);
    listening.analyzer.hint(Hint::Octave(0.5));
    assert!(is_near(last(&listening.until(20.0)).tempo, 64.0));
    assert!(is_near(last(&listening.until(45.0)).tempo, 128.0), "the next song is heard as it is");
}

#[test]
fn a_level_that_cannot_be_tracked_leaves_the_tempo_as_it_is() {
    let mut listening = Listening::to(floor(128.0, 12.0, 0.0).0);
    listening.until(8.0);
    listening.analyzer.hint(Hint::Octave(2.0));
    assert!(listening.until(12.0).iter().all(|pulse| is_near(pulse.tempo, 128.0)));
}

#[test]
fn a_locked_range_moves_the_tempo_into_it_within_a_beat() {
    for (low, high, wanted) in [(60.0, 90.0, 70.0), (100.0, 160.0, 140.0)] {
        let mut listening = Listening::to(floor(140.0, 24.0, 0.0).0);
        listening.until(8.0);
        listening.analyzer.hint(Hint::Range(low, high));
        let later = listening.until(16.0);
        assert!(later.iter().skip(1).all(|pulse| (low..=high).contains(&pulse.tempo)), "{low} to {high}");
        assert!(is_near(last(&later).tempo, wanted), "{low} to {high}: {}", last(&later).tempo);
        listening.analyzer.hint(Hint::Range(0.0, 0.0));
        listening.analyzer.hint(Hint::Forget);
        assert!(is_near(last(&listening.until(24.0)).tempo, 140.0), "unlocked, it is heard as it is");
    }
}

#[test]
fn a_locked_range_holds_for_the_next_song_too() {
    let (mut music, _) = floor(140.0, 10.0, 26.0);
    music.four_on_the_floor(18.0, 36.0, 150.0);
    let mut listening = Listening::to(music);
    listening.until(4.0);
    listening.analyzer.hint(Hint::Range(60.0, 90.0));
    assert!(listening.until(36.0).iter().skip(1).all(|pulse| (60.0..=90.0).contains(&pulse.tempo)));
}

#[test]
fn the_one_moves_the_bar_at_once_and_it_stays_there() {
    let (music, beats) = floor(122.0, 40.0, 0.0);
    let mut listening = Listening::to(music);
    let heard = last(&listening.until(16.0));
    // What the music says is the third beat is to be the first.
    let moved = (heard.beat_in_bar + 2) % 4;
    let one = heard.beat + f64::from(4 - moved) * 60.0 / heard.tempo * RATE;
    listening.analyzer.hint(Hint::Downbeat(one));
    let soon = listening.until(16.0 + 2.0 * HOP as f64 / RATE);
    assert_eq!(soon[0].beat_in_bar, moved);
    assert_eq!(soon[0].bar_confidence, 1.0);
    let later = last(&listening.until(39.9));
    let nearest = |beat: f64| beats.iter().position(|truth| (truth - beat / RATE).abs() < 0.1).expect("a beat");
    let since = nearest(later.beat) - nearest(heard.beat);
    assert_eq!(usize::from(later.beat_in_bar), (usize::from(moved) + since) % 4);
}

#[test]
fn a_tap_between_the_beats_moves_the_beat_there_at_once() {
    // Hats between the kicks: where the beat is, a person may hear otherwise.
    let mut music = Music::silence(14.0, RATE);
    (0..26).map(|k| 0.5 + 0.5 * f64::from(k)).for_each(|at| music.hat(at, 0.3));
    let mut listening = Listening::to(music);
    let heard = last(&listening.until(8.0));
    let tap = heard.beat + 0.5 * 60.0 / heard.tempo * RATE;
    listening.analyzer.hint(Hint::Beat(tap));
    let soon = listening.until(8.0 + 2.0 * HOP as f64 / RATE)[0];
    let away = (soon.beat - tap) / (60.0 / soon.tempo * RATE);
    assert!((away - away.round()).abs() < 0.1, "{away} beats from the tap");
}

#[test]
fn an_imprecise_tap_on_the_beat_leaves_it_where_the_music_has_it() {
    let (music, beats) = floor(120.0, 12.0, 0.0);
    let mut listening = Listening::to(music);
    let heard = last(&listening.until(8.0));
    listening.analyzer.hint(Hint::Beat(heard.beat + 0.03 * RATE));
    for pulse in listening.until(12.0) {
        let beat = pulse.beat / RATE;
        let error = beats.iter().map(|truth| (truth - beat).abs()).fold(f64::MAX, f64::min);
        assert!(error < 0.02 || beat > beats[beats.len() - 1], "{error} s off at {beat}");
    }
}

#[test]
fn a_tempo_that_is_said_is_taken_at_once_with_its_level() {
    let mut listening = Listening::to(floor(140.0, 20.0, 0.0).0);
    listening.until(2.0);
    listening.analyzer.hint(Hint::Tempo(70.5));
    assert!(is_near(listening.until(2.1)[0].tempo, 70.5));
    assert!(is_near(last(&listening.until(20.0)).tempo, 70.0), "the music says how exactly");
}

#[test]
fn what_is_forgotten_is_unlearnt_at_once_and_found_again() {
    let mut listening = Listening::to(floor(128.0, 20.0, 0.0).0);
    assert!(last(&listening.until(10.0)).is_beating());
    listening.analyzer.hint(Hint::Octave(0.5));
    listening.analyzer.hint(Hint::Downbeat(listening.now()));
    listening.until(10.5);
    listening.analyzer.hint(Hint::Forget);
    let soon = listening.until(10.52)[0];
    assert!(!soon.is_beating() && soon.bar_confidence < 0.1, "{soon:?}");
    let later = last(&listening.until(20.0));
    assert!(later.is_beating() && is_near(later.tempo, 128.0), "{later:?}");
}

#[test]
fn hints_that_make_no_sense_are_ignored() {
    let mut listening = Listening::to(floor(128.0, 12.0, 0.0).0);
    listening.until(8.0);
    for nonsense in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 0.0, 1e300] {
        for hint in [
            Hint::Tempo(nonsense),
            Hint::Octave(nonsense),
            Hint::Range(nonsense, nonsense),
            Hint::Range(nonsense, 90.0),
            Hint::Range(200.0, nonsense),
            Hint::Beat(nonsense),
            Hint::Downbeat(nonsense),
        ] {
            listening.analyzer.hint(hint);
            let pulse = listening.until(listening.now() / RATE + 0.02)[0];
            assert!(pulse.tempo.is_finite() && pulse.beat.is_finite() && (60.0..=200.0).contains(&pulse.tempo));
        }
    }
    listening.analyzer.hint(Hint::Range(0.0, 0.0));
}
