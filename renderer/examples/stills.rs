//! Pictures of every scene at a quiet and a loud moment of the rehearsal: for looking at a scene while writing it.
//!
//! `cargo run -p downbeat-renderer --example stills -- FOLDER [WIDTHxHEIGHT] [SCENE]`

use downbeat_log::Settings;
use downbeat_protocol::{Blend, Layer, ShowState, ShowTime};
use downbeat_renderer::config::{Canvas, Slice};
use downbeat_renderer::gpu::Gpu;
use downbeat_renderer::painter::{Frame, Painter};
use downbeat_renderer::presence::Presence;
use downbeat_renderer::rehearsal::Rehearsal;
use downbeat_renderer::scenes::{Card, SCENES};
use std::path::PathBuf;
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let _log = downbeat_log::start(Settings { variable: "DOWNBEAT_LOG", filter: "warn", times: false });
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().unwrap_or_else(|| "stills".into()));
    let size = arguments.next().unwrap_or_else(|| "1280x360".into());
    let only = arguments.next();
    let (width, height) = size.split_once('x').ok_or("write the size as WIDTHxHEIGHT")?;
    let canvas = Canvas { width: width.parse()?, height: height.parse()? };
    let slice = Slice { x: 0, y: 0, width: canvas.width, height: canvas.height };
    std::fs::create_dir_all(&folder)?;
    let gpu = Gpu::headless()?;
    let feed = Rehearsal::default();
    for scene in SCENES.iter().filter(|scene| only.as_ref().is_none_or(|only| only == scene.name)) {
        let layer = Layer {
            name: "back".into(),
            scene: scene.name.into(),
            scenes: Vec::new(),
            opacity: 1.0,
            blend: Blend::Normal,
        };
        let state = ShowState { layers: vec![layer], ..ShowState::default() };
        let mut painter = Painter::new(gpu.clone(), canvas, slice);
        let moments = [
            ("quiet", Rehearsal::QUIET),
            ("drop", Rehearsal::DROP),
            ("later", Rehearsal::DROP + std::time::Duration::from_millis(200)),
        ];
        for (name, time) in moments {
            // The frame before, so that what is measured is one frame and not the compiler.
            for before in [1, 0] {
                let started = Instant::now();
                let time = ShowTime(time.0 - before * 33_333_333);
                let presence = Presence::FULL;
                painter.draw(&Frame {
                    number: 1234,
                    time,
                    state: &state,
                    feed: &feed,
                    delay_ns: 0,
                    sure: true,
                    presence,
                    card: &Card::default(),
                    only_card: false,
                });
                let image = painter.read()?;
                if before == 0 {
                    let path = folder.join(format!("{}-{name}.png", scene.name));
                    let took = started.elapsed();
                    image::save_buffer(&path, &image.rgba, image.width, image.height, image::ColorType::Rgba8)?;
                    println!("{} in {took:?}", path.display());
                }
            }
        }
    }
    Ok(())
}
