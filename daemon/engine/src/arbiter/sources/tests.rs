use super::*;

fn heard(confidence: f32, tempo: f64) -> Option<BusBeat> {
    Some(BusBeat {
        state: MusicState::Playing,
        music_at: ShowTime::ZERO,
        tempo,
        confidence,
        level_confidence: confidence,
        phase_confidence: confidence,
        beat: ShowTime::ZERO,
        beats_per_bar: 4,
        beat_in_bar: 0,
        bar_confidence: 0.0,
    })
}

fn sources(main: f32, drums: f32) -> Sources {
    let mut sources = Sources::new(&[Role::Main, Role::Drums], &[]);
    sources.observe(0, heard(main, 100.0));
    sources.observe(1, heard(drums, 120.0));
    sources
}

fn tempo(sources: &mut Sources, seconds: f64) -> Option<f64> {
    sources.choose(ShowTime::from_secs_f64(seconds)).map(|reference| reference.tempo)
}

#[test]
fn drums_are_believed_first_when_they_are_sure() {
    assert_eq!(tempo(&mut sources(0.8, 0.7), 0.0), Some(120.0));
    let unsure = SURE - 0.01;
    assert_eq!(tempo(&mut sources(0.8, unsure), 0.0), Some(100.0));
    assert_eq!(tempo(&mut sources(unsure, unsure), 0.0), None);
}

#[test]
fn a_voice_leads_only_where_nothing_else_is_sure() {
    let mut sources = Sources::new(&[Role::Vocals, Role::Main], &[]);
    sources.observe(0, heard(0.6, 90.0));
    sources.observe(1, heard(0.5, 120.0));
    assert_eq!(tempo(&mut sources, 0.0), Some(120.0));
    sources.observe(1, None);
    assert_eq!(tempo(&mut sources, 0.1), Some(90.0));
}

#[test]
fn a_better_bus_takes_over_only_when_it_stays_better() {
    let mut sources = sources(0.9, 0.9);
    assert_eq!(tempo(&mut sources, 0.0), Some(120.0));
    sources.observe(1, heard(0.4, 120.0));
    assert_eq!(tempo(&mut sources, 1.0), Some(120.0));
    assert_eq!(tempo(&mut sources, 2.9), Some(120.0));
    assert_eq!(tempo(&mut sources, 3.0), Some(100.0));
}

#[test]
fn a_bus_that_falls_silent_is_left_at_once() {
    let mut sources = sources(0.5, 0.9);
    assert_eq!(tempo(&mut sources, 0.0), Some(120.0));
    sources.observe(1, None);
    assert_eq!(tempo(&mut sources, 0.1), Some(100.0));
}
