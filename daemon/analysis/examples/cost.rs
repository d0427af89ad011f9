//! How long the analysis of one bus takes: the seconds for 100 s of the demo song, best of five.
//!
//! `cargo run --release -p downbeat-analysis --example cost`

use downbeat_analysis::{Analyzer, Settings};
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let song = downbeat_song::render();
    let rate = f64::from(song.sample_rate);
    let seconds = song.left.len() as f64 / rate;
    let settings = Settings { sample_rate: rate, ..Settings::default() };
    let mut best = f64::INFINITY;
    for _ in 0..5 {
        let mut analyzer = Analyzer::new(&settings)?;
        let mut sum = 0.0;
        let begun = Instant::now();
        for (left, right) in song.left.chunks(1_024).zip(song.right.chunks(1_024)) {
            analyzer.push(left, right, |hop| sum += f64::from(hop.values[0]));
        }
        best = best.min(begun.elapsed().as_secs_f64() / seconds * 100.0);
        assert!(sum > 0.0);
    }
    println!("{best:.3} s for 100 s of audio at {rate} Hz");
    Ok(())
}
