//! The sum of products, fast.

/// The sum of products, in eight lanes so that the processor can vectorise it.
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    let (mut lanes, n) = ([0.0f32; 8], a.len().min(b.len()));
    let (a, b) = (a[..n].chunks_exact(8), b[..n].chunks_exact(8));
    let rest: f32 = a.remainder().iter().zip(b.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a.zip(b) {
        for (lane, (a, b)) in lanes.iter_mut().zip(a.iter().zip(b)) {
            *lane += a * b;
        }
    }
    lanes.iter().sum::<f32>() + rest
}
