//! A picture of the accuracy of confidences: one row per set of pieces, one panel per question.

use super::calibration::{BINS, Calibration, QUESTIONS, Reliability};
use crate::plot::canvas::{Area, Canvas};
use crate::plot::colour::{DIM, GRID, GROUND, PANEL, PEAKS, STRENGTH, TEXT};
use crate::plot::text::{Align, Pen};
use image::RgbImage;

/// The side of a panel, and the room around it for texts, in pixels.
const SIDE: i32 = 360;
const LEFT: i32 = 64;
const TOP: i32 = 76;
const FOOT: i32 = 60;
/// The least room between two panels and at the right edge.
const GAP: i32 = 20;
/// Bars of counts reach up to this share of a panel, so that the curve stays readable.
const COUNTS: f32 = 0.3;

/// Draws what was found in each set.
///
/// # Errors
/// Only when the font inside the program is broken.
pub fn draw(sets: &[(&str, &Calibration)]) -> Result<RgbImage, String> {
    let pen = Pen::new().map_err(|error| error.to_string())?;
    let (across, down) = (LEFT + SIDE + GAP, TOP + SIDE + FOOT);
    let mut canvas =
        Canvas::new((across * QUESTIONS.len() as i32 + GAP) as u32, (down * sets.len() as i32) as u32, GROUND);
    for (row, (set, calibration)) in sets.iter().enumerate() {
        for (column, ((question, _), reliability)) in QUESTIONS.into_iter().zip(&calibration.0).enumerate() {
            let (x, y) = (column as i32 * across + LEFT, row as i32 * down + TOP);
            let area = Area { x, y, width: SIDE, height: SIDE };
            scale(&mut canvas, &pen, area);
            let title = format!("{set}: {question}");
            pen.write(&mut canvas, &title, (x as f32, y as f32 - 44.0), 20.0, Align::Left, TEXT);
            let count = reliability.count();
            let found = match count > 0.0 {
                true => format!("off by {:.3} (ECE), {count:.0} answers", reliability.error()),
                false => "no answers".to_owned(),
            };
            pen.write(&mut canvas, &found, (x as f32, y as f32 - 18.0), 15.0, Align::Left, DIM);
            curve(&mut canvas, area, reliability);
        }
    }
    Ok(canvas.finish())
}

/// The panel, its grid, the line on which confidences mean what they say, and what the axes are.
fn scale(canvas: &mut Canvas, pen: &Pen, area: Area) {
    canvas.fill(area, PANEL, 1.0);
    for step in 0..=4 {
        let share = step as f32 / 4.0;
        let (x, y) = place(area, share, share);
        canvas.across(area.x, y as i32, area.width, GRID, 1.0);
        canvas.upright(x as i32, area.y as f32, area.bottom() as f32 - 1.0, GRID, 1.0);
        let label = format!("{share:.2}");
        pen.write(canvas, &label, (area.x as f32 - 8.0, y), 13.0, Align::Right, DIM);
        pen.write(canvas, &label, (x, area.bottom() as f32 + 14.0), 13.0, Align::Middle, DIM);
    }
    canvas.line(place(area, 0.0, 0.0), place(area, 1.0, 1.0), 1.0, DIM);
    let middle = (area.x + area.width / 2) as f32;
    let axes = "across: confidence. up: share that is right. bars: answers";
    pen.write(canvas, axes, (middle, area.bottom() as f32 + 36.0), 12.0, Align::Middle, DIM);
}

fn curve(canvas: &mut Canvas, area: Area, reliability: &Reliability) {
    let most = reliability.0.iter().map(|bin| bin.count).fold(1.0, f64::max);
    let width = area.width / BINS as i32;
    let mut before = None;
    for (index, bin) in reliability.0.iter().enumerate().filter(|(_, bin)| bin.count > 0.0) {
        let height = ((bin.count / most) as f32 * COUNTS * area.height as f32).ceil() as i32;
        let x = area.x + index as i32 * width;
        canvas.fill(Area { x: x + 2, y: area.bottom() - height, width: width - 4, height }, PEAKS, 0.8);
        let point = place(area, (bin.confidence / bin.count) as f32, (bin.right / bin.count) as f32);
        if let Some(before) = before {
            canvas.line(before, point, 2.0, STRENGTH);
        }
        canvas.line(point, point, 9.0, STRENGTH);
        before = Some(point);
    }
}

/// Where a confidence and a share lie in a panel.
fn place(area: Area, confidence: f32, share: f32) -> (f32, f32) {
    (area.x as f32 + confidence.clamp(0.0, 1.0) * (area.width - 1) as f32, area.level(share))
}

#[cfg(test)]
mod tests {
    use super::super::calibration::Bin;
    use super::*;

    #[test]
    fn a_point_lies_where_confidence_and_share_meet() {
        let mut calibration = Calibration::default();
        calibration.0[1].0[7] = Bin { count: 100.0, right: 25.0, confidence: 75.0 };
        let picture = draw(&[("dry", &calibration)]).expect("draws");
        let found = picture.enumerate_pixels().filter(|(.., pixel)| **pixel == STRENGTH);
        let (x, y): (Vec<u32>, Vec<u32>) = found.map(|(x, y, _)| (x, y)).unzip();
        let middle = |of: &[u32]| of.iter().sum::<u32>() as f32 / of.len() as f32;
        let area = Area { x: LEFT + SIDE + GAP + LEFT, y: TOP, width: SIDE, height: SIDE };
        let (right, up) = place(area, 0.75, 0.25);
        assert!((middle(&x) - right).abs() < 1.0 && (middle(&y) - up).abs() < 1.0, "{} {}", middle(&x), middle(&y));
    }
}
