//! Displays of two lines by seven letters, as above the faders of Behringer's boxes.

/// Letters in a line.
const LETTERS: usize = 7;
/// Header of Behringer's message with a text for a display.
const MAKER: [u8; 4] = [0xF0, 0x00, 0x20, 0x32];
const TEXT: u8 = 0x4C;

/// The displays of a box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Displays {
    /// The model number, from its manual.
    pub device: u8,
    /// Their number.
    pub count: u8,
    /// The elements that they belong to: `fader` for `fader.1`, `fader.2`, …
    pub shows: String,
    /// The colour; add 16 or 32 to invert the upper or lower line.
    pub colour: u8,
}

impl Displays {
    /// The element of a display, counted from 0.
    pub fn subject(&self, place: u8) -> String {
        format!("{}.{}", self.shows, u16::from(place) + 1)
    }

    /// The message that writes two lines.
    pub fn write(&self, place: u8, lines: [&str; 2]) -> Vec<u8> {
        let head = [self.device & 0x7F, TEXT, place & 0x7F, self.colour & 0x7F];
        let lines = lines.iter().flat_map(|line| letters(line));
        MAKER.into_iter().chain(head).chain(lines).chain([0xF7]).collect()
    }
}

/// A line as sent: characters beyond seven bits become question marks.
fn letters(line: &str) -> [u8; LETTERS] {
    let mut letters = [b' '; LETTERS];
    for (letter, wanted) in letters.iter_mut().zip(line.chars()) {
        *letter = if (' '..='~').contains(&wanted) { wanted as u8 } else { b'?' };
    }
    letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_lines_are_the_bytes_of_the_manual() {
        let displays = Displays { device: 0x14, count: 8, shows: "fader".into(), colour: 7 };
        let written = displays.write(2, ["back", "opacity is long"]);
        let expected = b"\xF0\x00\x20\x32\x14\x4C\x02\x07back   opacity\xF7";
        assert_eq!(written, expected);
        assert_eq!(displays.write(0, ["größe\u{7}", ""])[8..13], *b"gr??e");
        assert_eq!(displays.subject(7), "fader.8");
    }
}
