//! The time of a screen's flashes, from its brightness in each video frame: finer than the frames.
//!
//! A frame in which the screen turns white has part of the light, in proportion to the exposure. That part gives the
//! time within the frame. A flash has two such edges; half-way between them is its centre, in which most camera errors
//! cancel: overexposure makes the rise early and the fall late.

/// Length of a flash: the scene's 100 ms, give or take the frames at its edges at 24 frames/s.
const LIT: std::ops::RangeInclusive<f64> = 0.04..=0.2;

/// Minimum contrast of a flash, as a share of full light: above stray light and noise.
const CONTRAST: f64 = 0.08;

/// One flash of one screen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flash {
    /// Half-way between rise and fall, seconds of the video.
    pub centre: f64,
    /// How many of its two edges fell between two exposures: those are only known to a frame.
    pub unseen: u8,
}

/// The light of a grey value: video is encoded with a gamma of about 2.2.
pub fn light(grey: f64) -> f64 {
    (grey / 255.0).clamp(0.0, 1.0).powf(2.2)
}

/// The flashes in a series of light values in [0, 1] with the times of their frames in seconds, in order.
///
/// Flashes cut off by the video are left out.
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
    // A frame's time is its start. Its length is that of most frames around it: phones change their rate, and lose
    // frames.
    let around = &times[first - 2..=last + 2];
    let lengths: Vec<f64> = around.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let frame = quantile(&lengths, 0.5);
    if !LIT.contains(&(times[last + 1] - times[first])) {
        return None;
    }
    // Levels of this flash, not of the whole film: a camera may change its exposure. The upper quartile, because frames
    // at the edges are partial.
    let bright = quantile(&light[first..=last], 0.75);
    let before = quantile(&light[first.saturating_sub(4)..first - 1], 0.5);
    let after = quantile(&light[last + 2..light.len().min(last + 5)], 0.5);
    let part = |at: usize, dark: f64| ((light[at] - dark) / (bright - dark)).clamp(0.0, 1.0);
    // The lit share of the two frames around each edge.
    let rising = part(first - 1, before) + part(first, before);
    let falling = part(last, after) + part(last + 1, after);
    let rise = times[first] + (1.0 - rising) * frame;
    let fall = times[last] + falling * frame;
    let lost = |at: usize| times[at + 1] - times[at] > 1.5 * frame;
    let unseen = u8::from(near_whole(rising) || lost(first - 1)) + u8::from(near_whole(falling) || lost(last));
    Some(Flash { centre: 0.5 * (rise + fall), unseen })
}

/// Whether no frame at an edge was partly lit, apart from noise.
fn near_whole(lit: f64) -> bool {
    (lit - lit.round()).abs() < 0.03
}

/// The quantile of the values; 0 of none.
pub fn quantile(values: &[f64], share: f64) -> f64 {
    downbeat_protocol::quantile(values.iter().copied(), share).unwrap_or(0.0)
}

#[cfg(test)]
#[path = "flash_tests.rs"]
mod tests;
