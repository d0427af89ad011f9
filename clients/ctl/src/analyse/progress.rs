//! How far the work has come, for a person at a terminal; silent otherwise.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;

/// A bar on standard error.
pub struct Progress {
    bar: ProgressBar,
}

impl Progress {
    /// A bar for a file of so many seconds. Hidden when standard error is no terminal.
    pub fn new(name: &str, seconds: f64) -> Self {
        let bar = if std::io::stderr().is_terminal() {
            ProgressBar::new((seconds * 1e3) as u64)
        } else {
            ProgressBar::hidden()
        };
        let style = ProgressStyle::with_template("{msg:30!} {bar:40.cyan/blue} {percent:>3} %  {eta:>4} left");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━━─"));
        bar.set_message(name.to_owned());
        Self { bar }
    }

    /// So many seconds have been heard.
    pub fn heard(&self, seconds: f64) {
        self.bar.set_position((seconds * 1e3) as u64);
    }

    /// What is done after the listening.
    pub fn finishing(&self, what: &str) {
        self.bar.set_message(what.to_owned());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
