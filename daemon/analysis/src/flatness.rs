//! Noisiness of a sound.

/// The geometric over the arithmetic mean of powers, 0 to 1.
pub(crate) fn flatness(powers: &[f32]) -> f32 {
    if powers.is_empty() {
        return 0.0;
    }
    let count = powers.len() as f32;
    let arithmetic = powers.iter().sum::<f32>() / count;
    let geometric = (powers.iter().map(|power| power.max(1e-20).ln()).sum::<f32>() / count).exp();
    if arithmetic < 1e-14 { 0.0 } else { (geometric / arithmetic).clamp(0.0, 1.0) }
}
