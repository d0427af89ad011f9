//! Shows frames in a window or on a whole monitor.

use super::monitors::{self, Placement, Spot};
use super::surface::{Canvas, Shown};
use super::systemd::Systemd;
use super::{FrameLoop, NodeError, Plan, Step};
use crate::config::{Config, Mode};
use crate::painter::Painter;
use crate::presence::Presence;
use downbeat_client::{Session, View};
use downbeat_protocol::ShowTime;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use winit::application::ApplicationHandler;
use winit::dpi::PhysicalSize;
use winit::event::WindowEvent;
use winit::event_loop::{ActiveEventLoop, ControlFlow, EventLoop};
use winit::window::{Fullscreen, Window, WindowId};

/// Maximum sleep, and so the delay of a request to stop.
const NAP: Duration = Duration::from_millis(20);
/// How often to look whether the window is on its monitor: a projector may be switched on late, or plugged in again.
const LOOK: Duration = Duration::from_secs(1);
/// Interval of attempts to reopen a lost adapter or surface.
const RETRY: Duration = Duration::from_millis(500);

/// Shows frames until `stop` is set or the window is closed.
pub fn run(config: Config, stop: &Arc<AtomicBool>) -> Result<(), NodeError> {
    let events = EventLoop::new().map_err(|error| NodeError::NoDisplay(error.to_string()))?;
    let frames = FrameLoop::new(&config, 1, Duration::ZERO, Presence::default())?;
    let mut stage = Stage {
        stop: Arc::clone(stop),
        frames,
        config,
        window: None,
        placement: Placement::default(),
        look: Instant::now() + LOOK,
        open: None,
        reading: None,
        retry: None,
        opened: false,
        systemd: None,
        failed: None,
    };
    events.run_app(&mut stage).map_err(|error| NodeError::NoDisplay(error.to_string()))?;
    stage.systemd.iter().for_each(Systemd::stopping);
    stage.failed.map_or(Ok(()), Err)
}

/// The window and its picture.
struct Stage {
    stop: Arc<AtomicBool>,
    config: Config,
    frames: FrameLoop,
    window: Option<Arc<Window>>,
    /// Whether the window is on its monitor.
    placement: Placement,
    /// When to look again.
    look: Instant,
    /// None without an adapter and surface.
    open: Option<(Canvas, Painter)>,
    /// The moment of the picture being read back.
    reading: Option<ShowTime>,
    retry: Option<Instant>,
    /// Whether adapter and surface were ever open.
    opened: bool,
    /// From the first picture on: without a graphics card, the shaders of that one take their time.
    systemd: Option<Systemd>,
    failed: Option<NodeError>,
}

impl ApplicationHandler for Stage {
    fn resumed(&mut self, active: &ActiveEventLoop) {
        if self.window.is_none() {
            match active.create_window(self.attributes(active)) {
                Ok(window) => self.window = Some(Arc::new(window)),
                Err(error) => return self.fail(active, NodeError::NoDisplay(error.to_string())),
            }
        }
        self.open(active);
    }

    fn suspended(&mut self, _: &ActiveEventLoop) {
        (self.open, self.reading) = (None, None);
    }

    fn window_event(&mut self, active: &ActiveEventLoop, _: WindowId, event: WindowEvent) {
        match event {
            WindowEvent::CloseRequested => active.exit(),
            WindowEvent::Resized(size) => {
                if let Some((canvas, painter)) = &mut self.open {
                    canvas.resize(painter.gpu(), size.width, size.height);
                }
            }
            // Uncovered: shows the current picture again.
            WindowEvent::RedrawRequested => {
                self.show();
            }
            _ => {}
        }
    }

    fn about_to_wait(&mut self, active: &ActiveEventLoop) {
        if self.stop.load(Ordering::Acquire) {
            return active.exit();
        }
        if let Some(systemd) = &mut self.systemd {
            systemd.alive();
        }
        if self.open.is_none() && self.retry.is_some_and(|at| Instant::now() >= at) {
            self.open(active);
        }
        if Instant::now() >= self.look {
            self.look = Instant::now() + LOOK;
            self.place(active);
        }
        let view = self.frames.view();
        let painter = self.open.as_ref().map(|(_, painter)| painter);
        let wait = match self.frames.next(&view, painter) {
            Step::Wait(wait) => wait.min(NAP),
            Step::Draw(plan) => {
                self.perform(plan, &view);
                Duration::ZERO
            }
        };
        active.set_control_flow(ControlFlow::WaitUntil(Instant::now() + wait));
    }
}

impl Stage {
    fn attributes(&self, active: &ActiveEventLoop) -> winit::window::WindowAttributes {
        let slice = self.config.slice();
        let attributes = Window::default_attributes()
            .with_title(format!("Downbeat: {}", self.config.node.name))
            .with_inner_size(PhysicalSize::new(slice.width, slice.height));
        if self.config.display.mode != Mode::Fullscreen {
            return attributes;
        }
        let monitor = monitors::find(active, &self.config.display.monitor);
        // On a bare display server without a window manager, nothing else makes it as large as the monitor.
        let attributes = match &monitor {
            Some(monitor) => attributes.with_inner_size(monitor.size()).with_position(monitor.position()),
            None => attributes,
        };
        attributes.with_fullscreen(Some(Fullscreen::Borderless(monitor)))
    }

    /// Puts a fullscreen window on its monitor, if that is there and the window is not on it.
    fn place(&mut self, active: &ActiveEventLoop) {
        let Some(window) = self.window.as_ref().filter(|_| self.config.display.mode == Mode::Fullscreen) else {
            return;
        };
        let wish = &self.config.display.monitor;
        let (wished, current) = (monitors::wished(active, wish), window.current_monitor());
        let [there, here] = [&wished, &current].map(|monitor| monitor.as_ref().map(Spot::of));
        let has_to_move = self.placement.has_to_move(there, here, !wish.is_empty());
        let Some(monitor) = wished.filter(|_| has_to_move) else { return };
        tracing::info!("the picture moves to the monitor {}", monitor.name().unwrap_or_else(|| wish.clone()));
        let (size, position) = (monitor.size(), monitor.position());
        let whole = Some(Fullscreen::Borderless(Some(monitor)));
        // What is in force already would not be asked for again: the monitor was away meanwhile.
        if window.fullscreen() == whole {
            window.set_fullscreen(None);
        }
        window.set_fullscreen(whole);
        // As in the attributes: without a window manager, nothing else does it.
        let _ = window.request_inner_size(size);
        window.set_outer_position(position);
    }

    /// Opens adapter and surface, or schedules the next attempt.
    fn open(&mut self, active: &ActiveEventLoop) {
        let Some(window) = &self.window else { return };
        match Canvas::open(active, window) {
            Ok((canvas, gpu)) => {
                let painter = Painter::new(gpu, self.config.canvas, self.config.slice());
                self.open = Some((canvas, painter));
                self.retry = None;
                window.set_cursor_visible(self.config.display.mode != Mode::Fullscreen);
                self.opened = true;
            }
            // It never worked: the operator must act. Later it may recover by itself.
            Err(error) if !self.opened => self.fail(active, error.into()),
            Err(error) => {
                tracing::debug!(%error, "still nothing to draw with");
                self.retry = Some(Instant::now() + RETRY);
            }
        }
    }

    /// Draws a frame and hands it over at its moment.
    fn perform(&mut self, mut plan: Plan, view: &View) {
        let Some((_, painter)) = &mut self.open else {
            self.frames.lost += 1;
            return;
        };
        if let Some((moment, image)) = self.reading.and_then(|moment| Some((moment, painter.take()?))) {
            self.frames.seen(moment, &image);
            self.reading = None;
        }
        self.frames.draw(painter, &mut plan, view);
        if self.reading.is_none() && self.frames.is_witnessed(&plan) {
            painter.begin_read();
            self.reading = Some(plan.time);
        }
        self.frames.ready(&plan);
        std::thread::sleep(Session::host_now().until(plan.due));
        let shown = self.show();
        if shown {
            self.systemd.get_or_insert_with(Systemd::ready);
        }
        if let (true, Some((_, painter))) = (shown, &self.open) {
            self.frames.handed(painter, &plan, None);
        }
    }

    /// Puts the picture on the display. Returns whether it may be visible.
    fn show(&mut self) -> bool {
        let Some((canvas, painter)) = &mut self.open else { return false };
        let shown = canvas.show(painter.gpu(), painter.picture(), painter.pixels());
        if shown == Shown::NotNow {
            self.frames.lost += 1;
        }
        if shown == Shown::Lost || painter.gpu().is_lost() {
            (self.open, self.reading) = (None, None);
            self.retry = Some(Instant::now());
        }
        shown == Shown::Yes
    }

    fn fail(&mut self, active: &ActiveEventLoop, error: NodeError) {
        self.failed = Some(error);
        active.exit();
    }
}
