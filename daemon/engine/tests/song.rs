//! The demo song through analyser and engine, in virtual time: the timeline's beats against the truth.

use downbeat_analysis::Settings;
use downbeat_engine::listener::{Listener, Stretch, bus_fields};
use downbeat_engine::{Engine, EngineConfig};
use downbeat_protocol::{Beats, HostTime, ShowTime, Timeline};
use downbeat_song::{SAMPLE_RATE, Tempo, render};

/// Samples handed over at once: a JACK block.
const BLOCK: usize = 128;
/// From this long after a new tempo on, in seconds, the beat has to be right.
const LOCKED_AFTER_S: f64 = 8.0;
/// How far a told beat may be from the true one, in seconds.
const NEAR_S: f64 = 0.025;

/// The moments of all beats that were told, as everyone who follows the timeline would have played them.
fn told_beats(channels: &[Vec<f32>], buses: &[&str]) -> Vec<f64> {
    let config = EngineConfig {
        buses: buses.iter().map(|bus| (*bus).to_owned()).collect(),
        fields: bus_fields(),
        ..EngineConfig::default()
    };
    let engine = Engine::new(&config, None).expect("builds");
    let settings = Settings { sample_rate: f64::from(SAMPLE_RATE), ..Settings::default() };
    let mut listener = Listener::new(engine, buses.len(), settings).expect("listens");
    let mut beats = Vec::new();
    let mut last: Option<Timeline> = None;
    let mut block: Vec<Vec<f32>> = vec![Vec::new(); channels.len()];
    for first in (0..channels[0].len()).step_by(BLOCK) {
        let end = channels[0].len().min(first + BLOCK);
        for (block, channel) in block.iter_mut().zip(channels) {
            block.clear();
            block.extend_from_slice(&channel[first..end]);
        }
        let time = ShowTime::from_secs_f64(first as f64 / f64::from(SAMPLE_RATE));
        let stretch = Stretch { channels: &block, first_sample: first as u64, time, received: HostTime::ZERO };
        listener.push(
            stretch,
            &mut Vec::new(),
            |time| time,
            |tick, _| {
                if let (Some(before), true) = (&last, tick.beating) {
                    let beat = Beats::whole(before.beats_at(tick.row.time).floor());
                    let at = before.time_of(beat);
                    // The beat that this line has brought since the tick before it.
                    if tick.row.time.since(at) < 5_333_334 {
                        beats.push(at.as_secs_f64());
                    }
                }
                last = Some(tick.timeline);
            },
        );
    }
    beats
}

/// Of the true beats from eight seconds after each change of tempo on: each with how far the nearest told one is.
fn errors(told: &[f64], beats: &[f64], tempos: &[Tempo]) -> Vec<(f64, f64)> {
    let start = |beat: f64| tempos.iter().map(|tempo| tempo.start).filter(|start| *start <= beat).fold(0.0, f64::max);
    let counted = beats.iter().filter(|beat| **beat - start(**beat) >= LOCKED_AFTER_S);
    let nearest = |beat: &f64| told.iter().map(|told| told - beat).min_by(|a, b| a.abs().total_cmp(&b.abs()));
    counted.map(|beat| (*beat, nearest(beat).unwrap_or(f64::INFINITY))).collect()
}

#[test]
fn the_songs_beats_are_told_on_time() {
    let song = render();
    let mix = [song.left.clone(), song.right.clone()];
    let drums = song.stem("drums").expect("has drums");
    let with_stem = [song.left.clone(), song.right.clone(), drums.left.clone(), drums.right.clone()];
    for (channels, buses) in [(&mix[..], &["main"][..]), (&with_stem[..], &["main", "drums"][..])] {
        let told = told_beats(channels, buses);
        let errors = errors(&told, &song.truth.beats, &song.truth.tempos);
        let missed: Vec<_> = errors.iter().filter(|(_, error)| error.abs() > NEAR_S).collect();
        println!("{buses:?}: {} of {} beats missed by more than {} ms", missed.len(), errors.len(), NEAR_S * 1e3);
        assert!(errors.len() > 100 && missed.len() * 100 <= errors.len() * 5, "with {buses:?} missed: {missed:.3?}");
    }
}
