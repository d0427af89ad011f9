//! Prints beats like analyse does: OUT_DIR WAV...
use downbeat_analysis::{Analyzer, Settings, fields};
use std::fmt::Write;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let files: Vec<String> = args[2..].to_vec();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let (out, files, next) = (&args[1], &files, &next);
    std::thread::scope(|s| {
        for _ in 0..2 {
            s.spawn(move || {
                loop {
                    let k = next.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    let Some(f) = files.get(k) else { break };
                    one(f, out);
                }
            });
        }
    });
}
fn one(file: &str, out: &str) {
    let mut r = hound::WavReader::open(file).unwrap();
    let spec = r.spec();
    let sr = f64::from(spec.sample_rate);
    let x: Vec<f32> = if spec.sample_format == hound::SampleFormat::Float {
        r.samples::<f32>().map(|v| v.unwrap()).collect()
    } else {
        r.samples::<i32>().map(|v| v.unwrap() as f32 / (1i64 << (spec.bits_per_sample - 1)) as f32).collect()
    };
    let x: Vec<f32> = x.chunks(spec.channels as usize).map(|c| c.iter().sum::<f32>() / c.len() as f32).collect();
    let mut a = Analyzer::new(&Settings { sample_rate: sr, ..Settings::default() }).unwrap();
    let mut at = std::collections::HashMap::new();
    let mut n = 0;
    for f in fields() {
        at.insert(f.name, n);
        n += f.len;
    }
    let counters: Vec<(usize, &str)> = [
        ("onset-count.full", "onset"),
        ("hit-count.kick", "kick"),
        ("hit-count.snare", "snare"),
        ("hit-count.hat", "hat"),
    ]
    .iter()
    .filter_map(|(f, t)| at.get(f).map(|k| (*k, *t)))
    .collect();
    let mut seen = vec![0.0; counters.len()];
    let mut s = String::new();
    let mut last = f64::MIN;
    let begun = std::time::Instant::now();
    let mut worst = 0.0f64;
    for chunk in x.chunks(256) {
        let t0 = std::time::Instant::now();
        a.push(chunk, chunk, |hop| {
            let end = hop.end as f64 / sr;
            for ((k, t), seen) in counters.iter().zip(&mut seen) {
                if hop.values[*k] != *seen {
                    *seen = hop.values[*k];
                    writeln!(s, "{{\"type\":\"{t}\",\"t\":{end:.4},\"emitted\":{end:.4}}}").unwrap();
                }
            }
            let p = hop.pulse;
            let period = 60.0 / p.tempo;
            if !p.is_beating() {
                return;
            }
            for k in 0..2 {
                let b = p.beat / sr + f64::from(k) * period;
                if b > last + 0.5 * period && b - end <= 0.020 && b > end - 0.3 * period {
                    last = b;
                    writeln!(s, "{{\"type\":\"beat\",\"t\":{b:.4},\"emitted\":{end:.4}}}").unwrap();
                    if (u32::from(p.beat_in_bar) + k as u32) % u32::from(p.beats_per_bar) == 0 {
                        writeln!(s, "{{\"type\":\"downbeat\",\"t\":{b:.4},\"emitted\":{end:.4}}}").unwrap();
                    }
                }
            }
        });
        worst = worst.max(t0.elapsed().as_secs_f64());
    }
    writeln!(s, "{{\"type\":\"cpu\",\"value\":{:.4}}}", begun.elapsed().as_secs_f64()).unwrap();
    let id = std::path::Path::new(file).file_stem().unwrap().to_str().unwrap();
    std::fs::create_dir_all(out).unwrap();
    std::fs::write(format!("{out}/{id}.jsonl"), s).unwrap();
}
