//! Writes frames to files.

use super::png::PngWriter;
use super::systemd::Systemd;
use super::{FrameLoop, NodeError, Step};
use crate::config::Config;
use crate::gpu::Gpu;
use crate::painter::Painter;
use crate::presence::Presence;
use downbeat_client::Session;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Maximum sleep, and so the delay of a request to stop.
const NAP: Duration = Duration::from_millis(20);
/// Interval of attempts to reopen a lost adapter.
const RETRY: Duration = Duration::from_millis(500);

/// Draws each requested frame, and writes it if there is a folder, until `stop` is set or all are written. Starts when
/// the picture is what every other node would write, after this node's own start-up.
///
/// A service does not end with its last picture: systemd would start it again, and it would write them all once more.
pub fn run(config: &Config, stop: &AtomicBool) -> Result<(), NodeError> {
    let wanted = &config.headless;
    let folder = |source| NodeError::Folder { path: wanted.directory.clone(), source };
    let writes = !wanted.directory.as_os_str().is_empty();
    let writer = writes.then(|| PngWriter::open(&wanted.directory).map_err(folder)).transpose()?;
    let mut painter = Painter::new(Gpu::headless()?, config.canvas, config.slice());
    let lag = Duration::from_secs_f64(wanted.lag_ms / 1000.0);
    // Nobody watches the fade from the safe look at the start.
    let mut frames = FrameLoop::new(config, wanted.every, lag, Presence::FULL)?;
    let mut systemd = Systemd::ready();
    let (mut begun, mut written) = (false, 0);
    while !stop.load(Ordering::Acquire) && (wanted.count == 0 || written < wanted.count) {
        systemd.alive();
        let view = frames.view();
        let mut plan = match frames.next(&view, Some(&painter)) {
            Step::Wait(wait) => {
                frames.wait(&view, wait.min(NAP));
                continue;
            }
            Step::Draw(plan) => plan,
        };
        begun = begun || plan.sure;
        if !begun {
            continue;
        }
        frames.draw(&mut painter, &mut plan, &view);
        match painter.read() {
            Ok(image) => {
                frames.ready(&plan);
                std::thread::sleep(Session::host_now().until(plan.due));
                frames.handed(&painter, &plan, Some(&image));
                let taken = writer.as_ref().is_none_or(|writer| writer.write(plan.frame, image));
                written += u64::from(taken);
                frames.lost += u64::from(!taken);
            }
            Err(_) => {
                frames.lost += 1;
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
    let rests = Systemd::is_service();
    let ends = || !rests || stop.load(Ordering::Acquire);
    if ends() {
        systemd.stopping();
    }
    if let Some(writer) = writer {
        writer.finish(stop, || systemd.alive());
    }
    if ends() {
        return Ok(());
    }
    tracing::info!("all {written} pictures that `count` in [headless] asks for are done; resting until told to stop");
    // Neither the daemon nor the graphics card is needed any more.
    drop(frames);
    drop(painter);
    while !ends() {
        systemd.alive();
        std::thread::sleep(NAP);
    }
    systemd.stopping();
    Ok(())
}
