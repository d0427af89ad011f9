//! Functions that are bit-identical on every machine, unlike the platform's own.

/// Sine of an angle in turns; the error is below 10⁻⁷.
pub fn sine(turns: f64) -> f64 {
    let turns = turns - (turns + 0.5).floor();
    let folded = if turns > 0.25 {
        0.5 - turns
    } else if turns < -0.25 {
        -0.5 - turns
    } else {
        turns
    };
    let x = folded * std::f64::consts::TAU;
    let y = x * x;
    // Taylor to the eleventh power; inside a quarter turn the next term is below 6·10⁻⁸.
    x * (1.0 - y / 6.0 * (1.0 - y / 20.0 * (1.0 - y / 42.0 * (1.0 - y / 72.0 * (1.0 - y / 110.0)))))
}

/// Cosine of an angle in turns.
pub fn cosine(turns: f64) -> f64 {
    sine(turns + 0.25)
}

/// Two to the power of `x`; the relative error is below 10⁻⁸. `x` is kept in ±1000.
pub fn exp2(x: f64) -> f64 {
    let x = x.clamp(-1000.0, 1000.0);
    let whole = x.floor();
    let y = (x - whole) * std::f64::consts::LN_2;
    let mut sum = 1.0;
    for n in (1..=9).rev() {
        sum = 1.0 + sum * y / f64::from(n);
    }
    sum * f64::from_bits(((whole as i64 + 1023) as u64) << 52)
}

/// Frequency of a MIDI note number, A4 = 69 = 440 Hz.
pub fn hertz(pitch: f64) -> f64 {
    440.0 * exp2((pitch - 69.0) / 12.0)
}

/// Bends towards ±1 as valves do: a rational function near tanh.
pub fn soft_clip(x: f64) -> f64 {
    let x = x.clamp(-3.0, 3.0);
    x * (27.0 + x * x) / (27.0 + 9.0 * x * x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_functions_agree_with_the_platforms() {
        for step in -2000..2000 {
            let x = f64::from(step) * 0.0037;
            assert!((sine(x) - (x * std::f64::consts::TAU).sin()).abs() < 1e-7, "sine {x}");
            assert!((exp2(x) / x.exp2() - 1.0).abs() < 1e-8, "exp2 {x}");
        }
        assert!((hertz(57.0) - 220.0).abs() < 1e-5);
    }
}
