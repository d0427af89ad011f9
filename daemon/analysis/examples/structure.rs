//! Prints what the structure detection hears in WAV files: one line for each event, and with `--trace` one for each
//! beat.
//!
//! ```text
//! cargo run --release --example structure -- [--trace] FILE.wav ...
//! ```
//!
//! Each line has the file, the seconds, the kind and its value, separated by tabs.

use downbeat_analysis::{Analyzer, Pulse, Settings, fields};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let (options, files): (Vec<String>, Vec<String>) = std::env::args().skip(1).partition(|arg| arg.starts_with("--"));
    let trace = options.iter().any(|option| option == "--trace");
    for file in &files {
        listen(file, trace)?;
    }
    Ok(())
}

fn listen(file: &str, trace: bool) -> Result<(), Box<dyn Error>> {
    let (rate, left, right) = read(file)?;
    let place = |name: &str| {
        let fields = fields();
        let before = fields.iter().take_while(|field| field.name != name);
        before.map(|field| field.len).sum::<usize>()
    };
    let ratios = ["section-novelty", "build-up", "drop-probability", "breakdown", "silence", "applause", "speech"];
    let ratios = ratios.map(|name| (name, place(name)));
    let mut counts = [("section", place("section-count"), 0.0f32), ("drop", place("drop-count"), 0.0)];
    let mut highest = [0.0f32; 7];
    let mut beat = f64::MIN;
    let line = |at: f64, kind: &str, value: String| println!("{file}\t{at:.3}\t{kind}\t{value}");
    Analyzer::new(&Settings { sample_rate: rate, ..Settings::default() })?.push(&left, &right, |hop| {
        let at = hop.end as f64 / rate;
        for (kind, place, last) in &mut counts {
            if hop.values[*place] != *last {
                *last = hop.values[*place];
                line(at, kind, last.to_string());
            }
        }
        for (highest, (_, place)) in highest.iter_mut().zip(&ratios) {
            *highest = highest.max(hop.values[*place]);
        }
        let pulse = hop.pulse;
        if trace && hop.end as f64 >= pulse.beat && pulse.beat > beat {
            beat = pulse.beat + 30.0 / pulse.tempo * rate;
            let values: Vec<String> =
                ratios.iter().map(|(name, place)| format!("{name}={:.2}", hop.values[*place])).collect();
            line(at, "beat", format!("{} {}", describe(&pulse), values.join(" ")));
        }
    });
    for (highest, (name, _)) in highest.iter().zip(&ratios) {
        line(left.len() as f64 / rate, &format!("highest-{name}"), format!("{highest:.3}"));
    }
    Ok(())
}

fn describe(pulse: &Pulse) -> String {
    let Pulse { confidence, beat_in_bar, beats_per_bar, bar_confidence, .. } = pulse;
    let Pulse { bar_in_phrase, phrase_bars, phrase_confidence, .. } = pulse;
    format!(
        "{beat_in_bar}/{beats_per_bar} {confidence:.2} {bar_confidence:.2} phrase {bar_in_phrase}/{phrase_bars} \
         {phrase_confidence:.2}"
    )
}

/// A sample rate and both sides.
type Sound = (f64, Vec<f32>, Vec<f32>);

/// Reads a WAV file.
fn read(file: &str) -> Result<Sound, Box<dyn Error>> {
    let mut reader = hound::WavReader::open(file)?;
    let spec = reader.spec();
    let samples: Vec<f32> = match spec.sample_format {
        hound::SampleFormat::Float => reader.samples::<f32>().collect::<Result<_, _>>()?,
        hound::SampleFormat::Int => {
            let full = 2f32.powi(i32::from(spec.bits_per_sample) - 1);
            reader.samples::<i32>().map(|sample| sample.map(|x| x as f32 / full)).collect::<Result<_, _>>()?
        }
    };
    let channels = usize::from(spec.channels.max(1));
    let side = |side: usize| samples.chunks_exact(channels).map(|frame| frame[side.min(channels - 1)]).collect();
    Ok((f64::from(spec.sample_rate), side(0), side(1)))
}
