//! Scores the reports about a piece.

use super::calibration::Calibration;
use super::continuity::continuity;
use super::drums::score_drums;
use super::locking::{lock, steps};
use super::matching::{f_measure, nearest};
use super::music::Music;
use super::presence::{score_absence, score_after};
use super::quantiles::median;
use super::rest::score_rest;
use super::said::{Event, Kind, Said, sorted};
use super::score::Score;
use super::structure::score_structure;
use std::collections::BTreeSet;

/// How far a beat may be off, in seconds.
const BEAT: f64 = 0.07;
/// How far an onset may be off, in seconds.
const ONSET: f64 = 0.05;
/// Nothing is expected before, in seconds: the start of a piece says too little.
const WARM_UP: f64 = 5.0;
/// A piece of fewer beats says nothing about a tracker.
const FEW: usize = 8;

/// Scores what was said about a piece by somebody who `tells` some kinds of events, here or elsewhere: whoever tells
/// beats and is silent here gets nothing for it, and whoever never tells any is an onset detector.
pub fn score(music: &Music, said: &Said, tells: &BTreeSet<Kind>) -> Score {
    let mut score = Score::default();
    score.set("cpu", 100.0 * said.cpu / music.duration);
    if music.no_beat {
        score.set("false-per-minute", 60.0 * said.of(Kind::Beat).len() as f64 / music.duration);
    } else {
        if tells.contains(&Kind::Beat) && music.beats.len() >= FEW {
            score_beats(&mut score, music, said);
            score_absence(&mut score, music, said);
            score_after(&mut score, music, said);
            score_rest(&mut score, music, said);
        }
        if tells.contains(&Kind::Downbeat) {
            score_downbeats(&mut score, music, said);
        }
        if tells.contains(&Kind::Onset) {
            score_onsets(&mut score, music, said);
        }
    }
    if let Some(drums) = &music.drums {
        score_drums(&mut score, drums, said);
    }
    score_structure(&mut score, music, said);
    score.calibration = Calibration::of(music, said);
    score
}

fn score_beats(score: &mut Score, music: &Music, said: &Said) {
    let (told, had) = (said.of(Kind::Beat), said.had(Kind::Beat));
    let (truth, settled) = (later(&music.beats), later(&had));
    if truth.len() >= 2 {
        score.set("f", if settled.len() < 2 { 0.0 } else { f_measure(&truth, &settled, BEAT) });
        let (right, allowed) = continuity(&truth, &settled);
        score.set("cmlt", right);
        score.set("amlt", allowed);
    }
    score.beat_late = late(&truth, told, BEAT);
    score.set("lock", lock(&music.beats, &had, BEAT).unwrap_or(music.duration));
    for step in steps(&music.beats) {
        let again = lock(&music.beats[step..], &had, BEAT);
        score.set("relock", again.unwrap_or(music.duration - music.beats[step]));
    }
    score_tempo(score, music, told);
}

fn score_tempo(score: &mut Score, music: &Music, told: &[Event]) {
    let Some(tempo) = music.tempo.filter(|_| music.group != "stress" || is_even(&music.beats)) else { return };
    let late: Vec<f64> = told.iter().map(|beat| beat.t).filter(|t| *t >= WARM_UP).collect();
    let heard = if late.len() > 2 { 60.0 / median(late.windows(2).map(|pair| pair[1] - pair[0])) } else { 0.0 };
    score.set("tempo", f64::from(u8::from((heard - tempo).abs() <= 0.04 * tempo)));
}

fn score_downbeats(score: &mut Score, music: &Music, said: &Said) {
    let told = said.of(Kind::Downbeat);
    if let Some(truth) = music.downbeats.as_deref().filter(|truth| !truth.is_empty() && music.beats.len() >= FEW) {
        let had = sorted(told.iter().filter(|event| event.t >= WARM_UP).map(|event| event.had()));
        score.set("downbeat-f", f_measure(&later(truth), &had, BEAT));
    }
}

fn score_onsets(score: &mut Score, music: &Music, said: &Said) {
    let told = said.of(Kind::Onset);
    if let Some(truth) = music.onsets.as_deref().filter(|onsets| !onsets.is_empty()) {
        let mut had: Vec<f64> = told.iter().map(|event| event.had()).collect();
        had.sort_by(f64::total_cmp);
        score.set("onset-f", f_measure(truth, &had, ONSET));
        score.onset_late = late(truth, told, ONSET);
    }
}

/// How late each true event was had that is answered within a window of its own time.
fn late(truth: &[f64], told: &[Event], window: f64) -> Vec<f64> {
    let times: Vec<f64> = told.iter().map(|event| event.t).collect();
    let answer = |real: &f64| nearest(&times, *real).filter(|near| (times[*near] - real).abs() <= window);
    truth.iter().filter_map(|real| answer(real).map(|near| told[near].had() - real)).collect()
}

fn later(times: &[f64]) -> Vec<f64> {
    times.iter().copied().filter(|time| *time >= WARM_UP).collect()
}

fn is_even(beats: &[f64]) -> bool {
    let intervals: Vec<f64> = beats.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let mean = intervals.iter().sum::<f64>() / intervals.len() as f64;
    let variance = intervals.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / intervals.len() as f64;
    variance.sqrt() / mean < 0.05
}

#[cfg(test)]
mod tests {
    use super::*;

    fn music() -> Music {
        let beats: Vec<f64> = (0..100).map(|beat| 0.5 * f64::from(beat)).collect();
        let downbeats = Some(beats.iter().copied().step_by(4).collect());
        Music { duration: 50.0, tempo: Some(120.0), beats, downbeats, ..Music::default() }
    }

    /// Beats at their times plus `off`, said `ahead` before they come; every fourth is a downbeat.
    fn said(off: f64, ahead: f64) -> Said {
        let mut said = Said::default();
        for (index, beat) in music().beats.iter().enumerate() {
            let event = Event { t: beat + off, emitted: beat + off - ahead };
            said.add(Kind::Beat, event);
            if index % 4 == 0 {
                said.add(Kind::Downbeat, event);
            }
        }
        said
    }

    fn scored(music: &Music, said: &Said) -> Score {
        score(music, said, &said.kinds())
    }

    #[test]
    fn predicted_beats_score_full_and_are_not_early() {
        let score = scored(&music(), &said(0.0, 0.02));
        for name in ["f", "cmlt", "amlt", "downbeat-f", "tempo"] {
            assert_eq!(score.figure(name), Some(1.0), "{name}");
        }
        assert_eq!(score.figure("lock"), Some(0.0));
        assert!(score.beat_late.iter().all(|late| late.abs() < 1e-9));
    }

    #[test]
    fn beats_that_are_said_too_late_do_not_count() {
        let score = scored(&music(), &said(0.0, -0.1));
        assert!(score.figure("f") < Some(0.05), "{:?}", score.figure("f"));
        assert!((median(score.beat_late.iter().copied()) - 0.1).abs() < 1e-9);
    }

    #[test]
    fn beats_in_silence_are_counted_by_the_minute() {
        let silence = Music { no_beat: true, duration: 30.0, ..Music::default() };
        let score = scored(&silence, &said(0.0, 0.0));
        assert_eq!(score.figure("false-per-minute"), Some(200.0));
        assert_eq!(score.figure("f"), None);
    }

    #[test]
    fn a_tracker_that_is_silent_on_a_piece_gets_nothing_and_an_onset_detector_is_not_asked() {
        let mut onsets = Said::default();
        onsets.add(Kind::Onset, Event { t: 1.0, emitted: 1.0 });
        let silent = score(&music(), &onsets, &[Kind::Beat, Kind::Downbeat, Kind::Onset].into());
        let names = ["f", "amlt", "downbeat-f", "lock", "no-beat-seconds"];
        assert_eq!(names.map(|name| silent.figure(name)), [0.0, 0.0, 0.0, 50.0, 49.5].map(Some));
        let detector = scored(&music(), &onsets);
        assert_eq!(names.map(|name| detector.figure(name)), [None; 5]);
    }
}
