//! Everything that makes a wall one picture: matching slices, late nodes, layers, blackout, freeze.
//!
//! Really drawn, on any available adapter; lavapipe (mesa-vulkan-drivers) without a card.

use downbeat_protocol::fade::Fade;
use downbeat_protocol::{Blend, Layer, Schema, ShowState, ShowTime, Timeline};
use downbeat_renderer::config::{Canvas, Slice};
use downbeat_renderer::feed::Feed;
use downbeat_renderer::gpu::{Gpu, Image};
use downbeat_renderer::painter::{Frame, Painter};
use downbeat_renderer::presence::Presence;
use downbeat_renderer::rehearsal::Rehearsal;
use downbeat_renderer::scenes::{Card, SCENES};
use downbeat_renderer::still::render_frame;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

const CANVAS: Canvas = Canvas { width: 320, height: 90 };
const WHOLE: Slice = Slice { x: 0, y: 0, width: 320, height: 90 };
const FPS: i64 = 30;

/// One adapter, used by one test at a time: drawing on the processor is slow enough alone.
fn gpu() -> MutexGuard<'static, Gpu> {
    static GPU: LazyLock<Mutex<Gpu>> =
        LazyLock::new(|| Mutex::new(Gpu::headless().expect("an adapter, lavapipe at least")));
    GPU.lock().unwrap_or_else(PoisonError::into_inner)
}

fn layer(name: &str, scene: &str, opacity: f32, blend: Blend) -> Layer {
    Layer { name: name.into(), scene: scene.into(), scenes: Vec::new(), opacity, blend }
}

fn showing(scene: &str) -> ShowState {
    ShowState { layers: vec![layer("back", scene, 1.0, Blend::Normal)], seed: 7, ..ShowState::default() }
}

fn draw_at(painter: &mut Painter, state: &ShowState, time: ShowTime) -> Image {
    draw_from(&Rehearsal::default(), painter, state, time)
}

fn draw_from(feed: &dyn Feed, painter: &mut Painter, state: &ShowState, time: ShowTime) -> Image {
    draw_surely(feed, painter, state, time, true)
}

/// From what is known for good, or not.
fn draw_surely(feed: &dyn Feed, painter: &mut Painter, state: &ShowState, time: ShowTime, sure: bool) -> Image {
    let number = time.0 * FPS / 1_000_000_000;
    let presence = Presence::FULL;
    painter.draw(&Frame {
        number,
        time,
        state,
        feed,
        delay_ns: 10_000_000,
        sure,
        presence,
        card: &Card::default(),
        only_card: false,
    });
    painter.read().expect("a picture")
}

/// The rehearsal as a node hears it that was connected only at a moment.
struct HeardSince(Rehearsal, ShowTime);

impl Feed for HeardSince {
    fn schema(&self) -> &Schema {
        self.0.schema()
    }

    fn read(&self, at: ShowTime, row: &mut Vec<f32>) -> Option<Timeline> {
        row.clear();
        if at < self.1 { None } else { self.0.read(at, row) }
    }
}

fn frame(number: i64) -> ShowTime {
    ShowTime(Rehearsal::DROP.0 + number * 1_000_000_000 / FPS)
}

/// The largest difference of a channel between a slice's picture and its part of the whole one.
fn difference(part: &Image, slice: Slice, whole: &Image) -> u8 {
    let pixels = (0..slice.height).flat_map(|y| (0..slice.width).map(move |x| (x, y)));
    let apart = |(x, y)| {
        let (one, other) = (part.pixel(x, y), whole.pixel(slice.x + x, slice.y + y));
        one.iter().zip(other).map(|(one, other)| one.abs_diff(other)).max().unwrap_or(0)
    };
    pixels.map(apart).max().unwrap_or(0)
}

fn spread(image: &Image) -> u8 {
    let bytes = image.rgba.chunks(4).map(|pixel| pixel[..3].iter().max().copied().unwrap_or(0));
    bytes.clone().max().unwrap_or(0) - bytes.min().unwrap_or(0)
}

#[test]
fn a_fade_is_drawn_at_the_time_of_the_row_and_the_same_whenever_it_was_told() {
    let gpu = gpu();
    let time = frame(3);
    // The row of a frame was heard 10 ms before it.
    let heard = time.offset(-10_000_000);
    let fade = Fade { from: 1.0, to: 0.5, start: heard.offset(-500), end: heard.offset(500), cue: "dim".into() };
    let mut fading = showing("tunnel");
    fading.layers[0].opacity = 0.5;
    fading.fades.insert("/layer/back/opacity".into(), fade);
    let mut still = showing("tunnel");
    still.layers[0].opacity = 0.75;
    let mut painter = Painter::new(gpu.clone(), CANVAS, WHOLE);
    let (at_once, halfway) = (draw_at(&mut painter, &still, time), draw_at(&mut painter, &fading, time));
    assert_eq!(difference(&halfway, WHOLE, &at_once), 0);
    still.layers[0].opacity = 0.5;
    let (landed, arrived) = (draw_at(&mut painter, &still, frame(9)), draw_at(&mut painter, &fading, frame(9)));
    assert_eq!(difference(&arrived, WHOLE, &landed), 0);
    assert!(difference(&landed, WHOLE, &at_once) > 8);
}

#[test]
fn every_slice_of_every_scene_is_its_part_of_the_whole_canvas() {
    let gpu = gpu();
    let slices = [(0, 0, 160, 90), (160, 0, 160, 90), (37, 11, 101, 53)];
    // The test card and the flash show the slice itself.
    for scene in SCENES.iter().filter(|scene| !matches!(scene.name, "test-card" | "flash")) {
        let (state, feed) = (showing(scene.name), Rehearsal::default());
        let picture = |slice| render_frame(&gpu, (CANVAS, slice), &state, &feed, Rehearsal::DROP).expect("a picture");
        let whole = picture(WHOLE);
        for (x, y, width, height) in slices {
            let slice = Slice { x, y, width, height };
            let worst = difference(&picture(slice), slice, &whole);
            assert!(worst <= 2, "{} at {slice:?}: {worst}", scene.name);
        }
    }
}

#[test]
fn scenes_move_with_the_music_and_are_not_black() {
    let gpu = gpu();
    for scene in SCENES.iter().filter(|scene| !matches!(scene.name, "test-card" | "flash" | "solid" | "safe")) {
        let state = showing(scene.name);
        let mut painter = Painter::new(gpu.clone(), CANVAS, WHOLE);
        let [quiet, drop] = [Rehearsal::QUIET, Rehearsal::DROP].map(|time| draw_at(&mut painter, &state, time));
        assert!(spread(&quiet) > 40 && spread(&drop) > 100, "{}", scene.name);
        assert!(difference(&quiet, WHOLE, &drop) > 60, "{}", scene.name);
    }
}

#[test]
fn a_node_that_joins_late_shows_what_the_others_show_after_two_seconds() {
    let gpu = gpu();
    for scene in ["spectrum", "tunnel", "echo"] {
        let state = showing(scene);
        let [mut early, mut late] = [0, 1].map(|_| Painter::new(gpu.clone(), CANVAS, WHOLE));
        // It hears nothing of what was before, and draws at another rate.
        let feed = HeardSince(Rehearsal::default(), frame(0));
        (-60..61).step_by(3).for_each(|number| drop(draw_at(&mut early, &state, frame(number))));
        (0..61).step_by(10).for_each(|number| drop(draw_from(&feed, &mut late, &state, frame(number))));
        for number in 61..64 {
            let shown = draw_at(&mut early, &state, frame(number));
            let worst = difference(&draw_from(&feed, &mut late, &state, frame(number)), WHOLE, &shown);
            assert!(worst <= 2 && spread(&shown) > 100, "{scene}, frame {number}: {worst}");
        }
    }
}

#[test]
fn a_node_that_stood_still_shows_what_the_others_show() {
    let gpu = gpu();
    let state = showing("echo");
    let [mut steady, mut stalled] = [0, 1].map(|_| Painter::new(gpu.clone(), CANVAS, WHOLE));
    draw_at(&mut stalled, &state, frame(-400));
    (-100..-1).step_by(5).for_each(|number| drop(draw_at(&mut steady, &state, frame(number))));
    let [one, other] = [&mut stalled, &mut steady].map(|painter| draw_at(painter, &state, frame(0)));
    assert_eq!(difference(&one, WHOLE, &other), 0);
    assert_eq!(stalled.made_of(), steady.made_of());
}

#[test]
fn pictures_of_what_is_known_for_good_are_alike_to_the_last_bit_whenever_a_node_began() {
    let gpu = gpu();
    for scene in SCENES {
        let state = showing(scene.name);
        let [mut early, mut late] = [0, 1].map(|_| Painter::new(gpu.clone(), CANVAS, WHOLE));
        (-200..0).step_by(7).for_each(|number| drop(draw_at(&mut early, &state, frame(number))));
        for number in (0..90).step_by(9) {
            let [one, other] = [&mut early, &mut late].map(|painter| draw_at(painter, &state, frame(number)));
            assert_eq!(difference(&one, WHOLE, &other), 0, "{}, frame {number}", scene.name);
            assert!(early.made_of().is_some() && early.made_of() == late.made_of(), "{}", scene.name);
        }
    }
}

#[test]
fn a_node_that_had_to_draw_from_less_shows_what_the_others_show_as_soon_as_it_knows_all() {
    let gpu = gpu();
    let (state, all) = (showing("echo"), Rehearsal::default());
    let less = HeardSince(Rehearsal::default(), frame(0));
    let [mut knowing, mut poor] = [0, 1].map(|_| Painter::new(gpu.clone(), CANVAS, WHOLE));
    let draw =
        |painter: &mut Painter, feed: &dyn Feed, number, sure| draw_surely(feed, painter, &state, frame(number), sure);
    for number in 0..15 {
        let [shown, other] = [draw(&mut knowing, &all, number, true), draw(&mut poor, &less, number, false)];
        assert!(number < 3 || difference(&shown, WHOLE, &other) > 2, "nothing was missing in frame {number}");
        assert_eq!(poor.made_of(), None);
    }
    let [shown, other] = [draw(&mut knowing, &all, 15, true), draw(&mut poor, &all, 15, true)];
    assert_eq!(difference(&shown, WHOLE, &other), 0);
    assert_eq!(poor.made_of(), knowing.made_of());
}

#[test]
fn layers_blend_as_their_rules_say() {
    let gpu = gpu();
    let mut painter =
        Painter::new(gpu.clone(), Canvas { width: 16, height: 16 }, Slice { x: 0, y: 0, width: 16, height: 16 });
    let mut pixel = |layers: Vec<Layer>| {
        let state = ShowState { layers, ..ShowState::default() };
        draw_at(&mut painter, &state, Rehearsal::DROP).pixel(8, 8).map(|channel| f64::from(channel) / 255.0)
    };
    // A flat colour below; a scene that is flat enough at one pixel above.
    let below = pixel(vec![layer("below", "solid", 1.0, Blend::Normal)]);
    let above = pixel(vec![layer("above", "safe", 1.0, Blend::Normal)]);
    for (name, blend) in Blend::ALL {
        for opacity in [1.0, 0.6, 0.0] {
            let got = pixel(vec![layer("below", "solid", 1.0, Blend::Normal), layer("above", "safe", opacity, blend)]);
            for channel in 0..3 {
                let (d, s, a) = (below[channel], above[channel], f64::from(opacity));
                let wanted = match blend {
                    Blend::Normal => s * a + d * (1.0 - a),
                    Blend::Add => (d + s * a).min(1.0),
                    Blend::Multiply => d * (1.0 - a + s * a),
                    Blend::Screen => 1.0 - (1.0 - d) * (1.0 - s * a),
                };
                let apart = (got[channel] - wanted).abs();
                assert!(apart <= 2.0 / 255.0, "{name} at {opacity}: {got:?}, channel {channel} should be {wanted}");
            }
        }
    }
}

#[test]
fn a_blackout_is_black_and_what_was_there_comes_back() {
    let gpu = gpu();
    let mut painter = Painter::new(gpu.clone(), CANVAS, WHOLE);
    let (lit, dark) = (showing("tunnel"), ShowState { blackout: true, ..showing("tunnel") });
    let before = draw_at(&mut painter, &lit, frame(0));
    let during = draw_at(&mut painter, &dark, frame(1));
    assert!(during.rgba.chunks(4).all(|pixel| pixel == [0, 0, 0, 255]));
    assert!(painter.picture().is_none());
    assert_eq!(difference(&draw_at(&mut painter, &lit, frame(0)), WHOLE, &before), 0);
}

#[test]
fn a_frozen_show_stands_still_at_the_same_moment_on_every_node() {
    let gpu = gpu();
    for scene in ["spectrum", "echo"] {
        let frozen = ShowState { frozen: Some(frame(0)), ..showing(scene) };
        let [mut prompt, mut slow] = [0, 1].map(|_| Painter::new(gpu.clone(), CANVAS, WHOLE));
        draw_at(&mut prompt, &showing(scene), frame(-1));
        let still = draw_at(&mut prompt, &frozen, frame(0));
        // The other one hears of it three frames later.
        (1..3).for_each(|number| drop(draw_at(&mut slow, &showing(scene), frame(number))));
        assert!(difference(&draw_at(&mut slow, &frozen, frame(3)), WHOLE, &still) <= 2, "{scene}");
        assert_eq!(difference(&draw_at(&mut prompt, &frozen, frame(90)), WHOLE, &still), 0, "{scene}");
        assert!(difference(&draw_at(&mut prompt, &showing(scene), frame(90)), WHOLE, &still) > 10, "{scene}");
    }
}

#[test]
fn a_show_without_layers_or_with_an_unknown_scene_is_not_black() {
    let gpu = gpu();
    for state in [ShowState::default(), showing("from-a-newer-daemon")] {
        let image = draw_at(&mut Painter::new(gpu.clone(), CANVAS, WHOLE), &state, Rehearsal::QUIET);
        assert!(image.rgba.chunks(4).any(|pixel| pixel[..3].iter().any(|channel| *channel > 20)));
    }
}

#[test]
fn without_the_daemon_the_safe_look_lies_over_the_layers() {
    let gpu = gpu();
    let mut alone = Presence::FULL;
    alone.advance(Some(60.0), 60.0);
    let feed = Rehearsal::default();
    let picture = |state: &ShowState, presence| {
        let mut painter = Painter::new(gpu.clone(), CANVAS, WHOLE);
        let time = Rehearsal::DROP + Duration::from_millis(5);
        painter.draw(&Frame {
            number: 0,
            time,
            state,
            feed: &feed,
            delay_ns: 0,
            sure: true,
            presence,
            card: &Card::default(),
            only_card: false,
        });
        painter.read().expect("a picture")
    };
    let safe = picture(&showing("safe"), Presence::FULL);
    assert!(difference(&picture(&showing("tunnel"), alone), WHOLE, &safe) <= 2);
    assert!(difference(&picture(&showing("tunnel"), Presence::FULL), WHOLE, &safe) > 60);
}

#[test]
fn a_lost_adapter_is_noticed_and_another_one_draws_on() {
    let _quiet = gpu();
    let gone = Gpu::headless().expect("an adapter");
    let mut painter = Painter::new(gone.clone(), CANVAS, WHOLE);
    let state = showing("tunnel");
    let before = draw_at(&mut painter, &state, frame(0));
    gone.device.destroy();
    let feed = Rehearsal::default();
    let presence = Presence::FULL;
    painter.draw(&Frame {
        number: 1,
        time: frame(1),
        state: &state,
        feed: &feed,
        delay_ns: 0,
        sure: true,
        presence,
        card: &Card::default(),
        only_card: false,
    });
    assert!(painter.read().is_err());
    let mut again = Painter::new(Gpu::headless().expect("an adapter"), CANVAS, WHOLE);
    assert_eq!(difference(&draw_at(&mut again, &state, frame(0)), WHOLE, &before), 0);
}

#[test]
fn the_flash_is_white_from_its_second_for_100_ms_on_every_slice_and_nearly_black_before_and_after() {
    let gpu = gpu();
    let state = showing("flash");
    for slice in [WHOLE, Slice { x: 37, y: 11, width: 101, height: 53 }] {
        let mut painter = Painter::new(gpu.clone(), CANVAS, slice);
        // A tenth of a millisecond beside the edges: seconds reach the shader with 24 bits, 0.06 ms at worst.
        for (ms, white) in [(39_999.9, false), (40_000.0, true), (40_099.9, true), (40_100.1, false), (40_900.0, false)]
        {
            let image = draw_at(&mut painter, &state, ShowTime((ms * 1e6) as i64));
            let dark = (0..slice.height).flat_map(|y| (0..slice.width).map(move |x| (x, y)));
            let lit = dark.filter(|&(x, y)| image.pixel(x, y)[0] > 200).count() as f64;
            let share = lit / f64::from(slice.width * slice.height);
            // The bar alone is two pixels wide at these sizes.
            assert!(if white { share == 1.0 } else { share < 0.03 }, "{ms} ms: {share}");
        }
    }
}

#[test]
fn a_picture_that_is_read_while_a_blackout_begins_is_the_one_from_before() {
    let state = showing("tunnel");
    let mut painter = Painter::new(gpu().clone(), CANVAS, WHOLE);
    let before = draw_at(&mut painter, &state, ShowTime(40_000_000_000));
    painter.begin_read();
    let black = draw_at(&mut painter, &ShowState { blackout: true, ..state }, ShowTime(40_020_000_000));
    let end = std::time::Instant::now() + std::time::Duration::from_secs(10);
    let taken = loop {
        if let Some(image) = painter.take() {
            break image;
        }
        assert!(std::time::Instant::now() < end, "the picture never comes");
        std::thread::yield_now();
    };
    assert!(taken == before && taken != black);
}
