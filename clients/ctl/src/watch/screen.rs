//! The page on a real terminal: drawn thirty times a second, keys in between.

use super::desk::Desk;
use super::keys::{Wish, wish};
use super::observer::Observer;
use super::page::Page;
use super::sheet;
use super::sight::Sight;
use super::theme::{Depth, Theme};
use crate::exit::Failure;
use crossterm::event::{self, Event, KeyEventKind};
use crossterm::terminal::{LeaveAlternateScreen, disable_raw_mode};
use crossterm::{Command, cursor};
use nix::libc::{O_NOCTTY, O_NONBLOCK};
use ratatui::DefaultTerminal;
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::time::{Duration, Instant};

/// Frame interval. A beat at 200 BPM still gets nine.
const FRAME: Duration = Duration::from_nanos(1_000_000_000 / 30);

/// Draws until the operator leaves or `over`. Restores the terminal, after a panic too.
pub fn run(observer: &mut Observer, view_only: bool, over: impl Fn() -> bool) -> Result<(), Failure> {
    let theme = Theme { depth: Depth::detect(|name| std::env::var(name).ok()) };
    let mut terminal = ratatui::try_init()?;
    let outcome = frames(&mut terminal, observer, Desk::new(view_only), theme, over);
    ratatui::restore();
    Ok(outcome?)
}

/// Restores a terminal that takes no more, as far as possible without waiting for it.
pub fn abandon() {
    // Nothing is left to do if any of this fails: the process ends.
    let _ = disable_raw_mode();
    let mut codes = String::new();
    let _ = LeaveAlternateScreen.write_ansi(&mut codes).and_then(|()| cursor::Show.write_ansi(&mut codes));
    let terminal = File::options().write(true).custom_flags(O_NONBLOCK | O_NOCTTY).open("/dev/tty");
    let _ = terminal.and_then(|mut terminal| terminal.write_all(codes.as_bytes()));
}

fn frames(
    terminal: &mut DefaultTerminal,
    observer: &mut Observer,
    mut desk: Desk,
    theme: Theme,
    over: impl Fn() -> bool,
) -> std::io::Result<()> {
    let mut due = Instant::now();
    while !over() {
        let sight = observer.look();
        terminal.draw(|frame| {
            let area = frame.area();
            let page = Page { sight: &sight, log: &observer.log, desk: &desk, theme };
            sheet::draw(&page, area, frame.buffer_mut());
        })?;
        // Missed frames, such as while the terminal is suspended, are skipped.
        due = (due + FRAME).max(Instant::now());
        while event::poll(due.saturating_duration_since(Instant::now()))? {
            if !obey(&event::read()?, &sight, observer, &mut desk) {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Runs the action of a key; false to leave.
fn obey(event: &Event, sight: &Sight, observer: &mut Observer, desk: &mut Desk) -> bool {
    let Event::Key(key) = event else { return true };
    if key.kind == KeyEventKind::Release {
        return true;
    }
    match wish(key, &sight.view.state, desk) {
        Some(Wish::Quit) => return false,
        Some(Wish::Help) => desk.help = !desk.help,
        Some(Wish::NextLayer) => desk.next_layer(&sight.view.state),
        Some(Wish::Do(_)) if desk.view_only => {}
        Some(Wish::Do(action)) => observer.command(action),
        None => {}
    }
    true
}
