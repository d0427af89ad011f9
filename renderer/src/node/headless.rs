//! Frames into files.

use super::png::PngWriter;
use super::systemd::Systemd;
use super::{Conductor, NodeError};
use crate::config::Config;
use crate::gpu::Gpu;
use crate::painter::Painter;
use crate::presence::Presence;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The longest sleep: how late a wish to stop may be noticed.
const NAP: Duration = Duration::from_millis(20);
/// Between attempts to open a lost adapter again.
const RETRY: Duration = Duration::from_millis(500);

/// Writes each wanted frame until `stop` is set or all are written. The first file comes when it is what every other
/// node would write: nobody sees this node's beginnings.
pub fn run(config: &Config, stop: &AtomicBool) -> Result<(), NodeError> {
    let wanted = &config.headless;
    let folder = |source| NodeError::Folder { path: wanted.directory.clone(), source };
    let writer = PngWriter::open(&wanted.directory).map_err(folder)?;
    let mut painter = Painter::new(Gpu::headless()?, config.canvas, config.slice());
    let lag = Duration::from_secs_f64(wanted.lag_ms / 1000.0);
    // Nobody watches a fade from the safe look at the beginning.
    let mut conductor = Conductor::new(config, wanted.every, lag, Presence::FULL)?;
    let mut systemd = Systemd::ready();
    let (mut begun, mut written) = (false, 0);
    while !stop.load(Ordering::Acquire) && (wanted.count == 0 || written < wanted.count) {
        systemd.alive();
        let view = conductor.view();
        let frame = match conductor.next(&view) {
            Err(wait) => {
                std::thread::sleep(wait.min(NAP));
                continue;
            }
            Ok(frame) => frame,
        };
        begun = begun || conductor.is_complete(frame, &view);
        if !begun {
            continue;
        }
        conductor.draw(&mut painter, frame, &view);
        match painter.read() {
            Ok(image) => {
                let taken = writer.write(frame, image);
                written += u64::from(taken);
                conductor.lost += u64::from(!taken);
            }
            Err(_) => {
                conductor.lost += 1;
                match Gpu::headless() {
                    Ok(gpu) => painter = Painter::new(gpu, config.canvas, config.slice()),
                    Err(error) => {
                        tracing::debug!(%error, "still no adapter");
                        std::thread::sleep(RETRY);
                    }
                }
            }
        }
    }
    systemd.stopping();
    Ok(())
}
