//! Displays of seven letters by two lines, as Behringer's boxes have them above their faders.

/// Letters in a line.
const LETTERS: usize = 7;
/// Begins a message of Behringer's, and says that it is a text for a display.
const MAKER: [u8; 4] = [0xF0, 0x00, 0x20, 0x32];
const TEXT: u8 = 0x4C;

/// The displays of a box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Displays {
    /// The box, as its manual numbers it.
    pub device: u8,
    /// How many there are.
    pub count: u8,
    /// The elements that they are about: `fader` for `fader.1`, `fader.2`, …
    pub shows: String,
    /// The colour, with 16 and 32 for upper and lower lines that are dark on light.
    pub colour: u8,
}

impl Displays {
    /// The element that a display is about, counted from 0.
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

/// A line as it goes over the wire: what has no letter of seven bits is a question mark.
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
