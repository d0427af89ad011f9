//! The colours of the picture: few, on a dark background, suitable for the colour-blind.

use image::Rgb;

/// A colour of the picture, 8 bits of sRGB each.
pub type Colour = Rgb<u8>;

/// The background.
pub const GROUND: Colour = Rgb([13, 16, 22]);
/// The background of a panel.
pub const PANEL: Colour = Rgb([20, 24, 32]);
/// Grid lines.
pub const GRID: Colour = Rgb([44, 51, 64]);
/// Primary text.
pub const TEXT: Colour = Rgb([226, 231, 238]);
/// Secondary text.
pub const DIM: Colour = Rgb([139, 149, 164]);
/// The waveform's peaks.
pub const PEAKS: Colour = Rgb([46, 104, 145]);
/// The waveform's energy.
pub const ENERGY: Colour = Rgb([118, 198, 240]);
/// The curve of onset strength.
pub const STRENGTH: Colour = Rgb([230, 159, 60]);
/// Picked onsets.
pub const ONSET: Colour = Rgb([255, 214, 130]);
/// Beats.
pub const BEAT: Colour = Rgb([150, 166, 190]);
/// Downbeats.
pub const DOWNBEAT: Colour = Rgb([255, 255, 255]);
/// The tempo.
pub const TEMPO: Colour = Rgb([126, 219, 150]);

/// New sections.
pub const SECTION: Colour = Rgb([198, 150, 236]);
/// Drops.
pub const DROP: Colour = Rgb([240, 104, 72]);

/// Anchors of the colour map "inferno" by Nathaniel Smith and Stéfan van der Walt (matplotlib, CC0), evenly spaced.
/// It is perceptually uniform: equal steps of the value look like equal steps, in grey too.
const INFERNO: [[u8; 3]; 17] = [
    [0, 0, 4],
    [11, 7, 36],
    [33, 12, 74],
    [61, 9, 101],
    [87, 16, 110],
    [113, 25, 110],
    [138, 34, 106],
    [163, 44, 97],
    [188, 55, 84],
    [210, 70, 68],
    [228, 90, 49],
    [241, 115, 29],
    [249, 142, 9],
    [252, 172, 17],
    [249, 203, 53],
    [242, 234, 105],
    [252, 255, 164],
];

/// The colour of a heat in `[0, 1]`; values outside take the nearest end.
pub fn heat(value: f32) -> Colour {
    let place = value.clamp(0.0, 1.0) * (INFERNO.len() - 1) as f32;
    let below = (place as usize).min(INFERNO.len() - 2);
    mix(Rgb(INFERNO[below]), Rgb(INFERNO[below + 1]), place - below as f32)
}

/// From `a` (0) to `b` (1).
pub fn mix(a: Colour, b: Colour, share: f32) -> Colour {
    let share = share.clamp(0.0, 1.0);
    let blend = |from: u8, to: u8| (f32::from(from) + (f32::from(to) - f32::from(from)) * share).round() as u8;
    Rgb([blend(a[0], b[0]), blend(a[1], b[1]), blend(a[2], b[2])])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_heat_is_always_brighter() {
        let light = |value: f32| {
            let Rgb([red, green, blue]) = heat(value);
            0.2126 * f32::from(red) + 0.7152 * f32::from(green) + 0.0722 * f32::from(blue)
        };
        let steps: Vec<f32> = (0..=64).map(|step| light(step as f32 / 64.0)).collect();
        assert!(steps.is_sorted(), "{steps:?}");
        assert_eq!([heat(-1.0), heat(2.0)], [heat(0.0), heat(1.0)]);
    }
}
