//! A progress bar for a person at a terminal; silent otherwise.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;

/// A bar on standard error.
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar for a file of this many seconds. Hidden if standard error is not a terminal.
    pub fn new(name: &str, seconds: f64) -> Self {
        let bar = ProgressBar::new((seconds * 1e3) as u64);
        Self::shown(bar, name, "{msg:30!} {bar:40.cyan/blue} {percent:>3} %  {eta:>4} left")
    }

    /// A counter for a video of unknown length.
    pub fn counting_frames(name: &str) -> Self {
        Self::shown(ProgressBar::new_spinner(), name, "{msg:30!} {spinner} {pos} frames")
    }

    fn shown(bar: ProgressBar, name: &str, template: &str) -> Self {
        if !std::io::stderr().is_terminal() {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        let style = ProgressStyle::with_template(template);
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━━─"));
        bar.set_message(name.to_owned());
        Self { bar }
    }

    /// Counts a frame.
    pub fn frame(&self) {
        self.bar.inc(1);
    }

    /// Prints a warning on standard error, above the bar.
    pub fn warn(&self, words: &str) {
        self.bar.suspend(|| downbeat_log::say(&format!("warning: {words}")));
    }

    /// Moves the bar to this many seconds.
    pub fn heard(&self, seconds: f64) {
        self.bar.set_position((seconds * 1e3) as u64);
    }

    /// Names the work that follows the analysis.
    pub fn finishing(&self, what: &str) {
        self.bar.set_message(what.to_owned());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
