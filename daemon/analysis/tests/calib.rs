mod signal;
use signal::*;
#[test]
fn calib() {
    for rate in [8000.0, 44100.0, 48000.0, 96000.0] {
        for bpm in [70.0, 90.0, 120.0, 128.0, 140.0, 174.0] {
            let mut s = String::new();
            for kind in 0..5 {
                let mut m = Music::silence(30.0, rate);
                let beats: Vec<f64> = if kind == 4 {
                    m.four_on_the_floor(0.5, 30.0, bpm)
                } else {
                    (0..).map(|k| 0.503 + f64::from(k) * 60.0 / bpm).take_while(|b| *b < 29.9).collect()
                };
                for b in &beats {
                    match kind {
                        0 => m.kick(*b, 0.7),
                        1 => m.snare(*b, 0.5),
                        2 => m.hat(*b, 0.3),
                        3 => m.chord(*b, 0.3, 220.0, 0.1),
                        _ => {}
                    }
                }
                let p = m.pulses(256);
                let sh = shown(&p, rate);
                let late: Vec<f64> = beats.iter().copied().filter(|b| *b > 10.0 && *b < 29.0).collect();
                let e = errors(&late, &sh);
                let mut ae: Vec<f64> = e.iter().map(|e| e.abs()).collect();
                ae.sort_by(f64::total_cmp);
                let first = sh.first().copied().unwrap_or(99.0);
                s += &format!(
                    " | {:6.1} max {:5.1} f{:4.1} bpm {:.2}",
                    1e3 * median(&e),
                    1e3 * ae.last().unwrap(),
                    first,
                    p.last().unwrap().1.tempo
                );
            }
            println!("{rate} {bpm}{s}");
        }
    }
}
