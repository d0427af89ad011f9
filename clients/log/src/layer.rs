//! From events of `tracing` to lines.

use crate::limit::Limit;
use crate::queue::Queue;
use crate::text::{LONGEST, Line};
use std::fmt::{self, Debug, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::layer::Context;

/// The target of events of which each is written, as those of an output that logs every bar.
pub const EVERY: &str = "every";

/// Maximum of characters of what a line is about.
const LONGEST_SUBJECT: usize = 64;

/// How lines look.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// The time comes first.
    pub times: bool,
    /// The level has a colour.
    pub colours: bool,
    /// The level is a number that the journal understands.
    pub priorities: bool,
}

impl Style {
    /// The whole line.
    pub fn dress(self, level: Level, text: &str) -> Result<String, fmt::Error> {
        let mut line = String::new();
        if self.times {
            SystemTime.format_time(&mut Writer::new(&mut line))?;
            line.push(' ');
        }
        let (priority, colour) = match level {
            Level::ERROR => (3, 31),
            Level::WARN => (4, 33),
            Level::INFO => (6, 32),
            _ => (7, 34),
        };
        if self.priorities {
            writeln!(line, "<{priority}>{text}")?;
        } else if self.colours {
            writeln!(line, "\x1b[{colour}m{level:>5}\x1b[0m {text}")?;
        } else {
            writeln!(line, "{level:>5} {text}")?;
        }
        Ok(line)
    }
}

/// Writes events to the queue.
pub struct Lines {
    queue: Queue,
    style: Style,
    begun: Instant,
    limit: Arc<Mutex<Limit>>,
}

impl Lines {
    /// With a limit that is also asked for what was left out.
    pub fn new(queue: Queue, style: Style, limit: Arc<Mutex<Limit>>) -> Self {
        Self { queue, style, begun: Instant::now(), limit }
    }
}

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let (data, mut text) = (event.metadata(), Text(Line::new(LONGEST)));
        // Our own lines say themselves what they are about.
        if !data.target().starts_with("downbeat") && data.target() != EVERY {
            let _ = write!(text.0, "{}: ", data.target());
        }
        event.record(&mut text);
        let mut text = text.0.finish().trim_end().to_owned();
        // Who asks for details wants all of them.
        if data.target() != EVERY && *data.level() <= Level::INFO {
            let key = (std::ptr::from_ref(data) as usize, subject(&text).to_owned());
            let mut limit = self.limit.lock().unwrap_or_else(PoisonError::into_inner);
            match limit.admit(key, *data.level(), &text, self.begun.elapsed()) {
                None => return,
                Some(0) => {}
                Some(1) => text.push_str(" (and another one like it before)"),
                Some(missing) => text.push_str(&format!(" (and {missing} more like it before)")),
            }
        }
        if let Ok(line) = self.style.dress(*data.level(), &text) {
            self.queue.push(line);
        }
    }
}

/// What a line is about: an output, a bus, a server. It is what comes before the first colon.
fn subject(text: &str) -> &str {
    let name = text.split_once(": ").map_or("", |(name, _)| name);
    if name.len() > LONGEST_SUBJECT { "" } else { name }
}

/// The message of an event, and its fields.
struct Text(Line);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = match field.name() {
            "message" => write!(self.0, "{value:?} "),
            // Where a line of the `log` crate comes from.
            name if name.starts_with("log.") => return,
            name => write!(self.0, "{name}={value:?} "),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_line_is_about_comes_before_the_colon() {
        assert_eq!(subject("tablet: 192.0.2.1: no"), "tablet");
        assert_eq!(subject("stopping"), "");
        assert_eq!(subject(&format!("{}: no", "x".repeat(60_000))), "");
    }
}
