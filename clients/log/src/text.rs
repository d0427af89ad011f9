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

/// Characters that are not seen but do something, in order (Unicode 16): those of the categories Cf, Zl and Zp, and
/// those that a font leaves out (Default_Ignorable_Code_Point). They end a line, change the order of what is read, or
/// make two different names look the same. Left out are U+FE00 to U+FE0F: they follow what is seen, as in ☀️, and only
/// choose between its pictures.
const UNSEEN: [(char, char); 24] = [
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{600}', '\u{605}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{6dd}', '\u{6dd}'),
    ('\u{70f}', '\u{70f}'),
    ('\u{890}', '\u{891}'),
    ('\u{8e2}', '\u{8e2}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{2028}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff0}', '\u{fffb}'),
    ('\u{110bd}', '\u{110bd}'),
    ('\u{110cd}', '\u{110cd}'),
    ('\u{13430}', '\u{1343f}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0000}', '\u{e0fff}'),
];

/// Whether a character would end the line, command the terminal, change the order of what is read, or not be seen
/// (Unicode TR 36).
fn is_dangerous(letter: char) -> bool {
    letter.is_control() || UNSEEN.iter().any(|(first, last)| (*first..=*last).contains(&letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_cannot_be_forged() {
        assert_eq!(one_line("/a\nERROR the show has ended", 100), "/a\\nERROR the show has ended");
        assert_eq!(one_line("\u{1b}[2Jgone\r", 100), "\\u{1b}[2Jgone\\r");
        assert_eq!(one_line("\u{202e}eurt\u{2028}", 100), "\\u{202e}eurt\\u{2028}");
        assert_eq!(one_line("/Bühne/光/☀\u{fe0f}", 100), "/Bühne/光/☀\u{fe0f}");
    }

    #[test]
    fn what_is_not_seen_is_written_out() {
        // An Arabic letter mark, a soft hyphen, a tag of plain text, a filler, a joiner of graphemes, an annotation.
        for letter in ['\u{61c}', '\u{ad}', '\u{e0041}', '\u{e007f}', '\u{3164}', '\u{34f}', '\u{fff9}', '\u{180e}'] {
            let number = u32::from(letter);
            assert_eq!(one_line(&format!("a{letter}b"), 100), format!("a\\u{{{number:x}}}b"));
        }
    }

    #[test]
    fn a_long_text_is_cut_and_says_so() {
        assert_eq!(one_line(&"x".repeat(60_000), 4), "xxxx… (59996 bytes more)");
        assert_eq!(one_line("äöüß", 3), "äöü… (2 bytes more)");
        assert_eq!(one_line("four", 4), "four");
    }
}
