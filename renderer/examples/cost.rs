//! What one frame of each scene costs: processor time of the whole process, all threads together.
//!
//! `cargo run --release -p downbeat-renderer --example cost -- [WIDTHxHEIGHT]`. On lavapipe this is the time that one
//! core needs; on a graphics card it is what the processor is left with.

use downbeat_protocol::{Blend, Layer, ShowState, ShowTime};
use downbeat_renderer::config::{Canvas, Slice};
use downbeat_renderer::gpu::Gpu;
use downbeat_renderer::painter::{Frame, Painter};
use downbeat_renderer::presence::Presence;
use downbeat_renderer::rehearsal::Rehearsal;
use downbeat_renderer::scenes::{Card, SCENES};
use std::time::Instant;

const FRAMES: i64 = 60;
const FPS: i64 = 30;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let size = std::env::args().nth(1).unwrap_or_else(|| "640x360".into());
    let (width, height) = size.split_once('x').ok_or("write the size as WIDTHxHEIGHT")?;
    let canvas = Canvas { width: width.parse()?, height: height.parse()? };
    let slice = Slice { x: 0, y: 0, width: canvas.width, height: canvas.height };
    let gpu = Gpu::headless()?;
    println!("{size} at {FPS} frames a second, {}", gpu.adapter.get_info().name);
    println!("{:12} {:>14} {:>14}", "scene", "processor ms", "wall ms");
    let feed = Rehearsal::default();
    for scene in SCENES {
        let (name, scene) = ("back".into(), scene.name.to_owned());
        let layer = Layer { name, scene, scenes: Vec::new(), opacity: 1.0, blend: Blend::Normal };
        let state = ShowState { layers: vec![layer], ..ShowState::default() };
        let mut painter = Painter::new(gpu.clone(), canvas, slice);
        let mut draw = |number: i64| {
            let time = ShowTime(Rehearsal::DROP.0 + number * 1_000_000_000 / FPS);
            let presence = Presence::FULL;
            painter.draw(&Frame {
                number,
                time,
                state: &state,
                feed: &feed,
                delay_ns: 0,
                sure: true,
                presence,
                card: &Card::default(),
                only_card: false,
            });
            painter.read()
        };
        // Compiles, and fills the memory.
        draw(0)?;
        let (busy, started) = (processor_ms()?, Instant::now());
        (1..=FRAMES).try_for_each(|number| draw(number).map(drop))?;
        let wall = started.elapsed().as_secs_f64() * 1000.0 / FRAMES as f64;
        let busy = (processor_ms()? - busy) / FRAMES as f64;
        println!("{:12} {busy:>14.1} {wall:>14.1}", state.layers[0].scene);
    }
    Ok(())
}

/// Time that all threads of this process have run, from `/proc/self/stat` (proc(5): utime and stime, in hundredths).
fn processor_ms() -> Result<f64, Box<dyn std::error::Error>> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields.get(index).and_then(|field| field.parse::<f64>().ok()).ok_or("no such field");
    Ok((ticks(11)? + ticks(12)?) * 10.0)
}
