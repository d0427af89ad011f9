//! Why a command was refused, fit for everyone's eyes.

use downbeat_log::one_line;
use downbeat_protocol::{Command, Event};

/// Maximum of characters of a reason.
pub const LONGEST: usize = 512;

/// An event as it may be told. A refusal repeats what anyone has sent, such as the name of a cue: it is cut, and cannot
/// command a terminal or forge a line, before it goes to every client.
pub fn fit_to_tell(event: Event) -> Event {
    match event {
        Event::Refused { from, why } => {
            Event::Refused { from: Command::shown(&from).to_owned(), why: one_line(&why, LONGEST) }
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_one_line_of_bounded_length_whatever_was_asked_for() {
        let why = format!("no cue `{}`", "\u{1b}[2J\n".repeat(10_000));
        let Event::Refused { from, why } = fit_to_tell(Event::Refused { from: "osc:192.0.2.7:9+".into(), why }) else {
            panic!("a refusal");
        };
        assert_eq!(from, "osc:192.0.2.7:9");
        assert!(why.starts_with("no cue `\\u{1b}[2J\\n") && why.len() < 5_000, "{why}");
        assert!(!why.contains(char::is_control));
    }
}
