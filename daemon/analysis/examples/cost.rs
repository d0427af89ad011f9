//! How long the analysis takes, and how it grows with the buses: the seconds of a processor for 100 s of the demo song,
//! hop by hop on one thread as in the daemon, best of three. Time in which other programs ran does not count (on
//! Linux).
//!
//! `cargo run --release -p downbeat-analysis --example cost`

use downbeat_analysis::{Analyzer, Settings};
use std::time::Instant;

/// Samples that arrive at a time.
const BLOCK: usize = 1_024;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let song = downbeat_song::render();
    let rate = f64::from(song.sample_rate);
    let seconds = song.left.len() as f64 / rate;
    let settings = Settings { sample_rate: rate, ..Settings::default() };
    let start = Instant::now();
    let mut one = f64::NAN;
    for buses in [1, 2, 4, 8] {
        let mut best = f64::INFINITY;
        for _ in 0..3 {
            let mut analyzers = (0..buses).map(|_| Analyzer::new(&settings)).collect::<Result<Vec<_>, _>>()?;
            let mut sum = 0.0;
            let begun = spent(start);
            for (left, right) in song.left.chunks(BLOCK).zip(song.right.chunks(BLOCK)) {
                for analyzer in &mut analyzers {
                    analyzer.push(left, right, |hop| sum += f64::from(hop.values[0]));
                }
            }
            best = best.min((spent(start) - begun) / seconds * 100.0);
            assert!(sum > 0.0);
        }
        if buses == 1 {
            one = best;
        }
        let each = best / f64::from(buses);
        println!(
            "{buses} buses: {best:.3} s for 100 s of audio at {rate} Hz, {each:.3} s each, {:.2} of one",
            each / one
        );
    }
    Ok(())
}

/// Seconds that this thread has run, or that have gone by.
fn spent(start: Instant) -> f64 {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|told| told.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| start.elapsed().as_secs_f64(), |nanoseconds| 1e-9 * nanoseconds)
}
