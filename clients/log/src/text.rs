//! Text from outside, made fit for one line of a log or a screen.

use std::fmt::{self, Write};

/// Maximum of characters in a line of the log. Longer messages are cut.
pub const LONGEST: usize = 600;

/// A text on one line: control characters are escaped, and what is longer than `longest` characters is cut, with the
/// number of bytes that are missing.
pub fn one_line(text: &str, longest: usize) -> String {
    let mut line = Line::new(longest);
    // A `Line` takes everything.
    let _ = line.write_str(text);
    line.finish()
}

/// Collects text for one line. Its memory is bounded, however much is written to it.
#[derive(Debug)]
pub struct Line {
    text: String,
    room: usize,
    missing: usize,
}

impl Line {
    /// An empty line with room for so many characters.
    pub fn new(longest: usize) -> Self {
        Self { text: String::new(), room: longest, missing: 0 }
    }

    /// The line.
    pub fn finish(mut self) -> String {
        if self.missing > 0 {
            let _ = write!(self.text, "… ({} bytes more)", self.missing);
        }
        self.text
    }
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for (at, letter) in text.char_indices() {
            if self.room == 0 {
                self.missing += text.len() - at;
                break;
            }
            self.room -= 1;
            if is_dangerous(letter) {
                self.text.extend(letter.escape_default());
            } else {
                self.text.push(letter);
            }
        }
        Ok(())
    }
}

/// Whether a character would end the line, command the terminal, or change the order of what is read: controls, line
/// and paragraph separators, and the marks of writing direction (Unicode TR 36).
fn is_dangerous(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_cannot_be_forged() {
        assert_eq!(one_line("/a\nERROR the show has ended", 100), "/a\\nERROR the show has ended");
        assert_eq!(one_line("\u{1b}[2Jgone\r", 100), "\\u{1b}[2Jgone\\r");
        assert_eq!(one_line("\u{202e}eurt\u{2028}", 100), "\\u{202e}eurt\\u{2028}");
        assert_eq!(one_line("/Bühne/光", 100), "/Bühne/光");
    }

    #[test]
    fn a_long_text_is_cut_and_says_so() {
        assert_eq!(one_line(&"x".repeat(60_000), 4), "xxxx… (59996 bytes more)");
        assert_eq!(one_line("äöüß", 3), "äöü… (2 bytes more)");
        assert_eq!(one_line("four", 4), "four");
    }
}
