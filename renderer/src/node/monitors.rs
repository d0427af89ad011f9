//! The monitors of this machine.

use super::NodeError;
use winit::application::ApplicationHandler;
use winit::dpi::{PhysicalPosition, PhysicalSize};
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

/// A monitor: its name, and what it shows of the desktop. Those that mirror each other show the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    name: Option<String>,
    area: (PhysicalPosition<i32>, PhysicalSize<u32>),
}

impl Spot {
    /// That of a monitor.
    pub fn of(monitor: &MonitorHandle) -> Self {
        Self { name: monitor.name(), area: (monitor.position(), monitor.size()) }
    }
}

/// Whether a window is on its monitor. Pure.
#[derive(Debug, Default)]
pub struct Placement {
    /// The wished monitor, if it was there at the last look: then the window is on it.
    placed: Option<Spot>,
    /// The wished monitor and the one that the window was said to be on at the last move, until either changes.
    moved: Option<(Spot, Option<Spot>)>,
}

impl Placement {
    /// Whether the window has to move: the monitor that it should be on is there, and was not at the last look, or the
    /// window is on another. (Without a wish, people may move it.)
    ///
    /// A move without an effect is not made again: on X11 without a window manager, `current` is a guess, and stays.
    pub fn has_to_move(&mut self, wished: Option<Spot>, current: Option<Spot>, is_named: bool) -> bool {
        let placed = std::mem::replace(&mut self.placed, wished.clone());
        let Some(wished) = wished else {
            self.moved = None;
            return false;
        };
        let has_come = placed.is_none_or(|placed| placed.name != wished.name);
        let is_there = current.as_ref().is_some_and(|current| current.area == wished.area);
        let is_elsewhere = is_named && current.is_some();
        let seen = (wished, current);
        let is_in_vain = self.moved.as_ref() == Some(&seen);
        let moves = !is_there && !is_in_vain && (has_come || is_elsewhere);
        self.moved = (moves || is_in_vain).then_some(seen);
        moves
    }
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

    fn spot(name: &str, x: i32, width: u32) -> Option<Spot> {
        let area = (PhysicalPosition::new(x, 0), PhysicalSize::new(width, 1080));
        Some(Spot { name: Some(name.into()), area })
    }

    #[test]
    fn the_picture_goes_to_its_monitor_whenever_that_appears() {
        let (laptop, projector) = (|| spot("eDP-1", 0, 1920), || spot("HDMI-1", 1920, 1920));
        let mut placement = Placement::default();
        // The node starts without it, on the laptop's screen.
        assert!(!placement.has_to_move(None, laptop(), true));
        assert!(placement.has_to_move(projector(), laptop(), true), "switched on");
        assert!(!placement.has_to_move(projector(), projector(), true));
        assert!(placement.has_to_move(projector(), laptop(), true), "unplugged and plugged in again between two looks");
        assert!(!placement.has_to_move(projector(), projector(), true));
        assert!(!placement.has_to_move(None, laptop(), true), "unplugged");
        assert!(placement.has_to_move(projector(), None, true), "plugged in again");
        assert!(!placement.has_to_move(projector(), None, true), "nobody says where the window is");
    }

    #[test]
    fn without_a_wish_people_may_move_the_picture() {
        let (laptop, projector) = (|| spot("eDP-1", 0, 1920), || spot("HDMI-1", 1920, 1920));
        let mut placement = Placement::default();
        assert!(!placement.has_to_move(laptop(), laptop(), false));
        assert!(!placement.has_to_move(laptop(), projector(), false), "moved by hand");
        assert!(placement.has_to_move(projector(), laptop(), false), "another is the first now");
    }

    #[test]
    fn a_monitor_that_mirrors_another_is_at_the_same_place() {
        let mut placement = Placement::default();
        assert!(!placement.has_to_move(spot("HDMI-1", 0, 1920), spot("eDP-1", 0, 1920), true));
        // With another size it is not quite. One move is enough.
        let moves = |_: &i32| placement.has_to_move(spot("HDMI-1", 0, 1280), spot("eDP-1", 0, 1920), true);
        assert_eq!((0..10).filter(moves).count(), 1);
    }

    #[test]
    fn a_move_without_an_effect_is_made_again_only_when_something_has_changed() {
        let (guess, projector) = (|| spot("eDP-1", 0, 1920), || spot("HDMI-1", 1920, 1920));
        let mut placement = Placement::default();
        assert!(placement.has_to_move(projector(), guess(), true));
        assert!(!placement.has_to_move(projector(), guess(), true));
        assert!(placement.has_to_move(spot("HDMI-1", 1920, 1280), guess(), true), "it has another size");
        assert!(!placement.has_to_move(spot("HDMI-1", 1920, 1280), guess(), true));
        assert!(!placement.has_to_move(None, guess(), true), "unplugged");
        assert!(placement.has_to_move(spot("HDMI-1", 1920, 1280), guess(), true), "plugged in again");
        assert!(!placement.has_to_move(spot("HDMI-1", 1920, 1280), guess(), true));
    }
}
