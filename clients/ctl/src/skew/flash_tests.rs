//! A simulated camera films screens with known skew.

use super::super::compare::{Skew, compare};
use super::*;

/// A camera: frames per second, seconds of exposure, the start of its first frame, noise of a region's mean in grey
/// values.
struct Camera {
    fps: f64,
    exposure: f64,
    begins: f64,
    noise: f64,
}

impl Camera {
    /// Half a minute of a screen that is late by `late` seconds: times, and light as decoded from the video.
    fn films(&self, late: f64, seed: u32) -> (Vec<f64>, Vec<f64>) {
        let mut chance = seed;
        (0..(30.0 * self.fps) as usize)
            .map(|frame| {
                let time = frame as f64 / self.fps;
                let opens = time + self.begins - late;
                let lit = (lit_until(opens + self.exposure) - lit_until(opens)) / self.exposure;
                chance = chance.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let noise = self.noise * (f64::from(chance >> 8) / f64::from(1 << 23) - 1.0);
                // The camera's whole grey values, after the mean over a region has removed the rest.
                let grey = 255.0 * (0.02 + 0.7 * lit).powf(1.0 / 2.2) + noise;
                (time, light(grey))
            })
            .unzip()
    }
}

/// Seconds of light from a punctual screen since long ago: 100 ms of each second.
fn lit_until(time: f64) -> f64 {
    0.1 * time.floor() + (time - time.floor()).min(0.1)
}

fn measured(camera: &Camera, late_ms: &[f64]) -> Vec<Skew> {
    let screens: Vec<Vec<Flash>> = late_ms
        .iter()
        .zip(1..)
        .map(|(late, seed)| {
            let (times, light) = camera.films(late / 1000.0, seed);
            flashes(&times, &light)
        })
        .collect();
    compare(&screens, 1.0 / camera.fps).expect("flashes in all of them")
}

#[test]
fn skews_are_found_to_a_twentieth_of_a_video_frame_when_the_exposure_fills_it() {
    for fps in [29.97, 59.94, 120.0, 240.0] {
        for begins in [0.0031, 0.0107, 0.4219] {
            let camera = Camera { fps, exposure: 1.0 / fps, begins, noise: 1.0 };
            let skews = measured(&camera, &[0.0, 3.2, -7.5]);
            for (skew, late) in skews.iter().zip([0.0, 3.2, -7.5]) {
                // Grey values off by one are off by a hundredth of a frame; several edges are averaged.
                let tolerance = 0.05 * 1000.0 / fps;
                assert!((skew.skew_ms - late).abs() < tolerance, "{fps} fps from {begins}: {skew:?} for {late}");
                assert!(skew.flashes >= 28, "{skew:?}");
            }
        }
    }
}

#[test]
fn a_short_exposure_never_costs_more_than_the_time_in_which_the_camera_is_blind() {
    for (fps, exposure) in [(29.97, 1.0 / 60.0), (59.94, 1.0 / 120.0), (240.0, 1.0 / 500.0)] {
        let camera = Camera { fps, exposure, begins: 0.0107, noise: 1.0 };
        for (skew, late) in measured(&camera, &[0.0, 3.2, -7.5]).iter().zip([0.0, 3.2, -7.5]) {
            let blind = 1000.0 * (1.0 / fps - exposure);
            assert!((skew.skew_ms - late).abs() < blind, "{fps} fps: {skew:?} for {late}");
        }
    }
}

#[test]
fn frames_that_the_camera_lost_do_not_move_the_measurement() {
    let camera = Camera { fps: 59.94, exposure: 1.0 / 59.94, begins: 0.0107, noise: 1.0 };
    let screens: Vec<Vec<Flash>> = [(0.0, 1), (3.2, 2), (-7.5, 3)]
        .map(|(late, seed)| {
            let (times, light) = camera.films(late / 1000.0, seed);
            // One in nine: each flash has lost a frame, or its neighbourhood has.
            let kept = times.into_iter().zip(light).enumerate().filter(|(at, _)| at % 9 != 0);
            let (times, light): (Vec<f64>, Vec<f64>) = kept.map(|(_, frame)| frame).unzip();
            flashes(&times, &light)
        })
        .to_vec();
    let skews = compare(&screens, 1.0 / camera.fps).expect("flashes in all of them");
    for (skew, late) in skews.iter().zip([0.0, 3.2, -7.5]) {
        // A tenth of a frame: the median over the complete flashes.
        assert!((skew.skew_ms - late).abs() < 1.7, "{skew:?} for {late}");
    }
}

#[test]
fn edges_that_fall_between_two_exposures_are_told_as_uncertainty() {
    // In step with the show: no frame is ever partly lit.
    let camera = Camera { fps: 60.0, exposure: 1.0 / 60.0, begins: 0.0, noise: 0.0 };
    let skews = measured(&camera, &[0.0, 50.0]);
    assert!((skews[1].skew_ms - skews[0].skew_ms - 50.0).abs() < 0.1, "{skews:?}");
    assert!(skews.iter().all(|skew| skew.uncertainty_ms > 8.0), "half a video frame: {skews:?}");
}

#[test]
fn darkness_a_steady_light_noise_and_a_slow_blink_have_no_flashes() {
    let times: Vec<f64> = (0..1800).map(|frame| f64::from(frame) / 60.0).collect();
    let flashing = |lit: &dyn Fn(f64) -> f64| flashes(&times, &times.iter().map(|at| lit(*at)).collect::<Vec<_>>());
    assert_eq!(flashing(&|_| 0.0), []);
    assert_eq!(flashing(&|_| 0.9), []);
    assert_eq!(flashing(&|at| 0.02 + 0.01 * (1e4 * at).sin()), []);
    assert_eq!(flashing(&|at| if at % 4.0 < 1.5 { 1.0 } else { 0.0 }), []);
    assert_eq!(flashes(&[], &[]), []);
    assert_eq!(flashes(&[0.0], &[f64::NAN]), []);
}

#[test]
fn screens_that_share_no_flashes_are_not_compared() {
    let at = |second: f64| Flash { centre: second, unseen: 0 };
    assert_eq!(compare(&[vec![at(1.0), at(2.0), at(3.0)], vec![at(11.0), at(12.0), at(13.0)]], 0.02), None);
    assert_eq!(compare(&[], 0.02), None);
}
