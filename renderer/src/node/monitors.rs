//! The monitors of this machine.

use super::NodeError;
use winit::application::ApplicationHandler;
use winit::event::WindowEvent;
use winit::event_loop::{ActiveEventLoop, EventLoop};
use winit::monitor::MonitorHandle;
use winit::window::WindowId;

/// The monitor with a name or number; the first if that is empty, or not there yet.
pub fn find(active: &ActiveEventLoop, wish: &str) -> Option<MonitorHandle> {
    let found = wished(active, wish);
    if found.is_none() && !wish.is_empty() {
        let there: Vec<_> = active.available_monitors().map(|monitor| describe(&monitor)).collect();
        tracing::warn!(wish, ?there, "no such monitor; using the first until it is there");
    }
    found.or_else(|| first(active))
}

/// The monitor with a name or number, if it is there; the first if that is empty.
pub fn wished(active: &ActiveEventLoop, wish: &str) -> Option<MonitorHandle> {
    if wish.is_empty() {
        return first(active);
    }
    let monitors: Vec<_> = active.available_monitors().collect();
    let names: Vec<_> = monitors.iter().map(MonitorHandle::name).collect();
    choose(&names, wish).map(|place| monitors[place].clone())
}

/// Whether a window has to move: the monitor that it should be on is there, and was not when the window was last placed,
/// or the window is on another. (Without a wish, people may move it.)
pub fn is_misplaced<M: PartialEq>(wished: Option<&M>, placed: Option<&M>, current: Option<&M>, is_named: bool) -> bool {
    let is_elsewhere = |wished: &M| is_named && current.is_some_and(|current| current != wished);
    wished.is_some_and(|wished| placed != Some(wished) || is_elsewhere(wished))
}

/// The place of the monitor with a name or number.
fn choose(names: &[Option<String>], wish: &str) -> Option<usize> {
    let named = names.iter().position(|name| name.as_deref() == Some(wish));
    named.or_else(|| wish.parse().ok().filter(|number| *number < names.len()))
}

fn first(active: &ActiveEventLoop) -> Option<MonitorHandle> {
    active.primary_monitor().or_else(|| active.available_monitors().next())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_projector_is_found_by_its_name_or_number_once_it_is_there() {
        let names = |all: &[&str]| all.iter().map(|name| Some((*name).to_owned())).collect::<Vec<_>>();
        let (off, on) = (names(&["eDP-1"]), names(&["eDP-1", "HDMI-1"]));
        for wish in ["HDMI-1", "1"] {
            assert_eq!((choose(&off, wish), choose(&on, wish)), (None, Some(1)), "{wish}");
        }
        assert_eq!(choose(&[None, Some("0".into())], "0"), Some(1), "a name before a number");
    }

    #[test]
    fn the_picture_goes_to_its_monitor_whenever_that_appears() {
        let (laptop, projector) = ("eDP-1", "HDMI-1");
        // The node starts without it, on the laptop's screen.
        assert!(!is_misplaced(None, None, Some(&laptop), true));
        assert!(is_misplaced(Some(&projector), None, Some(&laptop), true), "switched on");
        assert!(!is_misplaced(Some(&projector), Some(&projector), Some(&projector), true));
        assert!(is_misplaced(Some(&projector), None, None, true), "unplugged and plugged in again");
        assert!(is_misplaced(Some(&projector), Some(&projector), Some(&laptop), true), "between two looks");
        assert!(!is_misplaced(Some(&projector), Some(&projector), Some(&laptop), false), "moved by hand");
    }
}
