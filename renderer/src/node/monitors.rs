//! The monitors of this machine.

use super::NodeError;
use winit::application::ApplicationHandler;
use winit::event::WindowEvent;
use winit::event_loop::{ActiveEventLoop, EventLoop};
use winit::monitor::MonitorHandle;
use winit::window::WindowId;

/// The monitor with a name or number; the first if that is empty or unknown.
pub fn find(active: &ActiveEventLoop, wish: &str) -> Option<MonitorHandle> {
    let monitors: Vec<_> = active.available_monitors().collect();
    let named = |monitor: &&MonitorHandle| monitor.name().is_some_and(|name| name == wish);
    let numbered = || monitors.get(wish.parse::<usize>().ok()?);
    let found = monitors.iter().find(named).or_else(numbered).cloned();
    if found.is_none() && !wish.is_empty() {
        let there: Vec<_> = monitors.iter().map(describe).collect();
        tracing::warn!(wish, ?there, "no such monitor; using the first");
    }
    found.or_else(|| active.primary_monitor()).or_else(|| monitors.into_iter().next())
}

/// One line per monitor: number, name, size, place, refresh rate.
///
/// # Errors
/// [`NodeError::NoDisplay`] without a display server.
pub fn list() -> Result<Vec<String>, NodeError> {
    let events = EventLoop::new().map_err(|error| NodeError::NoDisplay(error.to_string()))?;
    let mut lister = Lister::default();
    events.run_app(&mut lister).map_err(|error| NodeError::NoDisplay(error.to_string()))?;
    Ok(lister.lines)
}

fn describe(monitor: &MonitorHandle) -> String {
    let (size, place) = (monitor.size(), monitor.position());
    let name = monitor.name().unwrap_or_else(|| "unnamed".into());
    let hertz = monitor.refresh_rate_millihertz().map_or(String::new(), |rate| format!(" {} Hz", rate as f64 / 1000.0));
    format!("{name} {}x{} at {},{}{hertz}", size.width, size.height, place.x, place.y)
}

/// Monitors are only known inside an event loop.
#[derive(Default)]
struct Lister {
    lines: Vec<String>,
}

impl ApplicationHandler for Lister {
    fn resumed(&mut self, active: &ActiveEventLoop) {
        let numbered = active.available_monitors().enumerate();
        self.lines = numbered.map(|(number, monitor)| format!("{number}: {}", describe(&monitor))).collect();
        active.exit();
    }

    fn window_event(&mut self, _: &ActiveEventLoop, _: WindowId, _: WindowEvent) {}
}
