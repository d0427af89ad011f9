//! Drum hits detected in the demo song's mix.

use downbeat_analysis::{Analyzer, Settings, fields};
use downbeat_song::Truth;
use std::sync::OnceLock;

const DRUMS: [&str; 3] = ["kick", "snare", "hat"];
/// The song's drums that count as these.
const KINDS: [&[&str]; 3] = [&["kick"], &["snare", "clap"], &["closed-hat", "open-hat", "hat"]];
/// Later than this a flash is seen to miss its stroke.
const WINDOW: f64 = 0.05;

/// The song's truth, and when each drum was said to be struck.
fn song() -> &'static (Truth, [Vec<f64>; 3]) {
    static SONG: OnceLock<(Truth, [Vec<f64>; 3])> = OnceLock::new();
    SONG.get_or_init(|| {
        let song = downbeat_song::render();
        let settings = Settings { sample_rate: f64::from(song.sample_rate), ..Settings::default() };
        let places = DRUMS.map(|drum| place(&format!("hit-count.{drum}")));
        let (mut said, mut counts) = ([const { Vec::new() }; 3], [0.0; 3]);
        Analyzer::new(&settings).expect("the usual settings").push(&song.left, &song.right, |hop| {
            for (drum, place) in places.into_iter().enumerate() {
                if std::mem::replace(&mut counts[drum], hop.values[place]) != hop.values[place] {
                    said[drum].push(hop.end as f64 / settings.sample_rate);
                }
            }
        });
        (song.truth, said)
    })
}

fn place(name: &str) -> usize {
    fields().into_iter().take_while(|field| field.name != name).map(|field| field.len).sum()
}

/// The share of strokes that were said in time, and of what was said that is of a stroke.
fn recall_and_precision(drum: usize, (from, to): (f64, f64)) -> (f64, f64) {
    let (truth, said) = song();
    let strokes: Vec<f64> = KINDS[drum].iter().flat_map(|kind| truth.onsets.get(*kind)).flatten().copied().collect();
    let belongs = |stroke: f64, said: f64| (0.0..WINDOW).contains(&(said - stroke));
    let share = |of: &[f64], test: &dyn Fn(f64) -> bool| {
        let inside: Vec<f64> = of.iter().copied().filter(|at| (from..to).contains(at)).collect();
        inside.iter().filter(|at| test(**at)).count() as f64 / inside.len().max(1) as f64
    };
    (
        share(&strokes, &|stroke| said[drum].iter().any(|said| belongs(stroke, *said))),
        share(&said[drum], &|said| strokes.iter().any(|stroke| belongs(*stroke, said))),
    )
}

/// A section of the song by its name.
fn section(name: &str) -> (f64, f64) {
    let section = song().0.section(name).unwrap_or_else(|| panic!("the song has a section {name}"));
    (section.start, section.end)
}

// Tolerances: what is reached, less a tenth, so that other sounds of the song do not break the tests but deaf ears do.

#[test]
fn where_the_drop_plays_each_drum_is_told_from_the_others() {
    for (drum, recall, precision) in [(0, 0.9, 0.9), (1, 0.75, 0.55), (2, 0.7, 0.8)] {
        let (found, right) = recall_and_precision(drum, section("drop"));
        let name = DRUMS[drum];
        assert!(found >= recall && right >= precision, "{name}: {found:.2} of them, {right:.2} of what was said");
    }
}

#[test]
fn a_roll_that_leads_up_to_the_drop_is_heard_though_no_backbeat_is_so_fast() {
    let (found, right) = recall_and_precision(1, section("build-up"));
    assert!(found >= 0.45 && right >= 0.8, "{found:.2} of the strokes, {right:.2} of what was said");
}
