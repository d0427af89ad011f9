//! When a screen flashes, from how bright it is in each frame of a video: finer than the video's frames.
//!
//! A frame in which the screen turns white has only a part of the light, as much as the exposure was white for. That
//! part tells when within the frame it happened. A flash has two such edges; half-way between them lies its centre, in
//! which most of what a camera does wrong is gone: too bright a picture makes the rise early and the fall late.

/// How long a flash may be lit: the scene's 100 ms, less or more by the frames at its edges at 24 frames/s.
const LIT: std::ops::RangeInclusive<f64> = 0.04..=0.2;

/// The least contrast of a flash, as a share of full light: what stray light and noise do not reach.
const CONTRAST: f64 = 0.08;

/// One flash of one screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flash {
    /// Half-way between rise and fall, seconds of the video.
    pub centre: f64,
    /// How many of its two edges fell between two exposures: they are known to a frame only.
    pub unseen: u8,
}

/// The light that a grey value stands for: video is encoded with a gamma of about 2.2.
pub fn light(grey: f64) -> f64 {
    (grey / 255.0).clamp(0.0, 1.0).powf(2.2)
}

/// The flashes in a series of light values in [0, 1] with the times of their frames in seconds, in order.
///
/// Flashes that the video cuts off are left out.
pub fn flashes(times: &[f64], light: &[f64]) -> Vec<Flash> {
    let dark = quantile(light, 0.5);
    let bright = quantile(light, 0.97);
    if light.len() != times.len() || bright - dark < CONTRAST {
        return Vec::new();
    }
    let above = |at: &f64| *at > 0.5 * (dark + bright);
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = light[at..].iter().position(above).map(|step| at + step) {
        let last = light[first..].iter().position(|at| !above(at)).map_or(light.len(), |step| first + step) - 1;
        found.extend(measure(times, light, (first, last)));
        at = last + 1;
    }
    found
}

/// One flash whose frames `first..=last` are brighter than half.
fn measure(times: &[f64], light: &[f64], (first, last): (usize, usize)) -> Option<Flash> {
    // Two frames on each side: the partial one, and one that is surely dark.
    if first < 2 || last + 2 >= light.len() {
        return None;
    }
    // A frame's time is when it begins. Its length is that of most frames around it: phones change their rate, and lose
    // frames.
    let around = &times[first - 2..=last + 2];
    let lengths: Vec<f64> = around.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let frame = quantile(&lengths, 0.5);
    if !LIT.contains(&(times[last + 1] - times[first])) {
        return None;
    }
    // Levels of this flash, not of the whole film: a camera may turn its exposure. The upper quartile, because frames
    // at the edges are partial ones.
    let bright = quantile(&light[first..=last], 0.75);
    let before = quantile(&light[first.saturating_sub(4)..first - 1], 0.5);
    let after = quantile(&light[last + 2..light.len().min(last + 5)], 0.5);
    let part = |at: usize, dark: f64| ((light[at] - dark) / (bright - dark)).clamp(0.0, 1.0);
    // What is lit of the two frames around each edge.
    let rising = part(first - 1, before) + part(first, before);
    let falling = part(last, after) + part(last + 1, after);
    let rise = times[first] + (1.0 - rising) * frame;
    let fall = times[last] + falling * frame;
    let lost = |at: usize| times[at + 1] - times[at] > 1.5 * frame;
    let unseen = u8::from(near_whole(rising) || lost(first - 1)) + u8::from(near_whole(falling) || lost(last));
    Some(Flash { centre: 0.5 * (rise + fall), unseen })
}

/// Whether no frame at an edge was partly lit, but for noise.
fn near_whole(lit: f64) -> bool {
    (lit - lit.round()).abs() < 0.03
}

/// The value below which a share of the values lie; 0 of none.
pub fn quantile(values: &[f64], share: f64) -> f64 {
    downbeat_protocol::quantile(values.iter().copied(), share).unwrap_or(0.0)
}

#[cfg(test)]
#[path = "flash_tests.rs"]
mod tests;
