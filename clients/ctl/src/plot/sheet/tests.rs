//! A picture of known signals has ink where it should.

use super::*;
use crate::plot::colour::{PANEL, mix};
use downbeat_audio::Recording;
use downbeat_protocol::{Schema, Signal, Unit};
use std::sync::Arc;

/// Seconds of the song.
const LENGTH: f64 = 30.0;

/// A level that is high from 10 s on, a counter that steps at 15 s, and two numbers, the second always hot.
fn rows() -> Rows {
    let mut mel = Signal::scalar("main.mel", Unit::Ratio, [0.0, 1.0]);
    mel.len = 2;
    let signals = vec![
        Signal::scalar("main.level", Unit::Ratio, [0.0, 1.0]),
        mel,
        Signal::scalar("main.drop-count", Unit::Count, [0.0, 1023.0]),
    ];
    let mut rows = Rows::of(Arc::new(Schema { signals }));
    for hop in 1..=(LENGTH / 0.005) as usize {
        let time = hop as f64 * 0.005;
        rows.keep(time, &[f32::from(u8::from(time > 10.0)), 0.0, 1.0, f32::from(u8::from(time > 15.0))]);
    }
    rows
}

fn page(slug: &str) -> RgbImage {
    let samples = vec![0.0; (LENGTH * 8000.0) as usize];
    let recording = Recording { sample_rate: 8000.0, left: samples.clone(), right: samples };
    let song = Song { name: "known.wav".into(), recording };
    let pages = draw(&song, &Findings::default(), &rows(), None).expect("the font is sound");
    pages.into_iter().find(|(of, _)| *of == slug).expect("there is such a page").1
}

/// The column of a moment in the whole file.
fn column(seconds: f64) -> u32 {
    views(LENGTH, None, &rows())[0].column(seconds) as u32
}

#[test]
fn a_curve_is_filled_while_the_signal_is_up_and_only_then() {
    let picture = page("level");
    let middle = HEAD as u32 + 30;
    assert_eq!(picture[(column(5.0), middle)], PANEL);
    let ink = picture[(column(12.0), middle)];
    assert!(ink[2] > 150, "{ink:?}");
}

#[test]
fn a_strip_has_its_first_number_at_the_bottom() {
    let picture = page("level");
    let [top, bottom] = [20, 76].map(|below| picture[(column(5.0), HEAD as u32 + 42 + 14 + below)]);
    assert!(top[0] > 200 && bottom[0] < 20, "{top:?} above {bottom:?}");
}

#[test]
fn a_counter_has_a_tick_where_it_steps_and_the_close_up_begins_a_second_earlier() {
    let picture = page("structure");
    let y = HEAD as u32 + 11;
    let ink = mix(PANEL, GROUPS[3].colour, 0.9);
    let inked: Vec<u32> = (MARGIN as u32..WIDTH as u32 - 600).filter(|x| picture[(*x, y)] == ink).collect();
    assert!(inked.iter().any(|x| x.abs_diff(column(15.0)) <= 1), "{inked:?}");
    assert!(inked.iter().all(|x| x.abs_diff(column(15.0)) <= 3), "{inked:?}");
    let close = views(LENGTH, None, &rows())[1];
    assert!((close.from - 14.0).abs() < 0.01, "from {}", close.from);
    assert_eq!([3.0, 99.0].map(|from| views(LENGTH, Some(from), &rows())[1].from), [3.0, LENGTH - CLOSE_SECONDS]);
}

#[test]
fn a_file_without_a_single_hop_has_empty_pages() {
    let recording = Recording { sample_rate: 8000.0, left: vec![0.0], right: vec![0.0] };
    let song = Song { name: "short.wav".into(), recording };
    let pages = draw(&song, &Findings::default(), &Rows::default(), Some(f64::NAN)).expect("the font is sound");
    assert_eq!(pages.len(), GROUPS.len());
}
