//! A test card for lining up a wall.

use super::Scene;
use downbeat_client::ClockView;

/// See `shaders/test-card.wgsl`.
pub const TEST_CARD: Scene = Scene {
    name: "test-card",
    shader: include_str!("../../shaders/test-card.wgsl"),
    parameters: &[],
    remembers: false,
};

/// The text on a node's test card.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Card {
    /// The node's name.
    pub name: String,
    /// Its connection, in a few words.
    pub link: String,
    /// Its clock, once known.
    pub clock: Option<ClockView>,
    /// Its playout delay and the one it needs, once known, in milliseconds.
    pub delay_ms: (f64, Option<f64>),
}

/// Glyphs in a line, and lines.
const COLUMNS: usize = 25;
const LINES: usize = 6;
/// Capacity of the shader.
pub const GLYPHS: usize = COLUMNS * LINES;

/// The dots of a glyph, row by row, 5 bits each, from the lowest bit up: 35 bits in two words.
pub type Glyph = [u32; 2];

impl Card {
    /// The text of a frame as dots, line by line.
    pub fn glyphs(&self, frame: i64) -> [Glyph; GLYPHS] {
        let lines = self.lines(frame);
        let mut glyphs = [[0; 2]; GLYPHS];
        for (line, text) in lines.iter().enumerate() {
            for (column, letter) in text.chars().take(COLUMNS).enumerate() {
                glyphs[line * COLUMNS + column] = glyph(letter);
            }
        }
        glyphs
    }
}

impl Card {
    fn lines(&self, frame: i64) -> [String; LINES] {
        let known = self.clock.filter(|clock| clock.error_us.is_finite());
        let clock = known.map_or("CLOCK ?".into(), |clock| {
            format!("CLOCK +-{:.2} MS BY {}", clock.error_us / 1e3, clock.stamps.name())
        });
        let drift = known.map_or(String::new(), |clock| {
            let trip = clock.round_trip_us / 1e3;
            let digits = if trip < 10.0 { 2 } else { 1 };
            format!("{:+.1} PPM {trip:.digits$} MS {} JUMPS", clock.drift_ppm, clock.jumps)
        });
        let (set, wanted) = self.delay_ms;
        let wanted = wanted.map_or(String::new(), |wanted| format!(", NEEDS {wanted:.0}"));
        let delay = format!("DELAY {set:.0} MS{wanted}");
        [self.name.clone(), format!("FRAME {frame}"), clock, drift, delay, self.link.clone()]
    }
}

fn glyph(letter: char) -> Glyph {
    let wanted = letter.to_ascii_uppercase();
    let found = FONT.iter().find(|(known, _)| *known == wanted).or(FONT.last());
    let rows = found.map_or([0; 7], |(_, rows)| *rows);
    // A row has its left dot in the highest of five bits; the shader counts from the left.
    let dots = rows.iter().enumerate().fold(0u64, |dots, (row, bits)| {
        (0..5).filter(|column| bits >> (4 - column) & 1 == 1).fold(dots, |dots, column| dots | 1 << (row * 5 + column))
    });
    [dots as u32, (dots >> 32) as u32]
}

/// A dot-matrix alphabet. The last glyph stands for any other character.
#[rustfmt::skip]
const FONT: &[(char, [u8; 7])] = &[
    (' ', [0, 0, 0, 0, 0, 0, 0]),
    ('0', [0b01110, 0b10001, 0b10011, 0b10101, 0b11001, 0b10001, 0b01110]),
    ('1', [0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110]),
    ('2', [0b01110, 0b10001, 0b00001, 0b00110, 0b01000, 0b10000, 0b11111]),
    ('3', [0b11111, 0b00010, 0b00100, 0b00010, 0b00001, 0b10001, 0b01110]),
    ('4', [0b00010, 0b00110, 0b01010, 0b10010, 0b11111, 0b00010, 0b00010]),
    ('5', [0b11111, 0b10000, 0b11110, 0b00001, 0b00001, 0b10001, 0b01110]),
    ('6', [0b00110, 0b01000, 0b10000, 0b11110, 0b10001, 0b10001, 0b01110]),
    ('7', [0b11111, 0b00001, 0b00010, 0b00100, 0b01000, 0b01000, 0b01000]),
    ('8', [0b01110, 0b10001, 0b10001, 0b01110, 0b10001, 0b10001, 0b01110]),
    ('9', [0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b00010, 0b01100]),
    ('A', [0b01110, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001]),
    ('B', [0b11110, 0b10001, 0b10001, 0b11110, 0b10001, 0b10001, 0b11110]),
    ('C', [0b01110, 0b10001, 0b10000, 0b10000, 0b10000, 0b10001, 0b01110]),
    ('D', [0b11100, 0b10010, 0b10001, 0b10001, 0b10001, 0b10010, 0b11100]),
    ('E', [0b11111, 0b10000, 0b10000, 0b11110, 0b10000, 0b10000, 0b11111]),
    ('F', [0b11111, 0b10000, 0b10000, 0b11110, 0b10000, 0b10000, 0b10000]),
    ('G', [0b01110, 0b10001, 0b10000, 0b10111, 0b10001, 0b10001, 0b01111]),
    ('H', [0b10001, 0b10001, 0b10001, 0b11111, 0b10001, 0b10001, 0b10001]),
    ('I', [0b01110, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110]),
    ('J', [0b00111, 0b00010, 0b00010, 0b00010, 0b00010, 0b10010, 0b01100]),
    ('K', [0b10001, 0b10010, 0b10100, 0b11000, 0b10100, 0b10010, 0b10001]),
    ('L', [0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b10000, 0b11111]),
    ('M', [0b10001, 0b11011, 0b10101, 0b10101, 0b10001, 0b10001, 0b10001]),
    ('N', [0b10001, 0b11001, 0b10101, 0b10011, 0b10001, 0b10001, 0b10001]),
    ('O', [0b01110, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b01110]),
    ('P', [0b11110, 0b10001, 0b10001, 0b11110, 0b10000, 0b10000, 0b10000]),
    ('Q', [0b01110, 0b10001, 0b10001, 0b10001, 0b10101, 0b10010, 0b01101]),
    ('R', [0b11110, 0b10001, 0b10001, 0b11110, 0b10100, 0b10010, 0b10001]),
    ('S', [0b01111, 0b10000, 0b10000, 0b01110, 0b00001, 0b00001, 0b11110]),
    ('T', [0b11111, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100, 0b00100]),
    ('U', [0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b01110]),
    ('V', [0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b01010, 0b00100]),
    ('W', [0b10001, 0b10001, 0b10001, 0b10101, 0b10101, 0b11011, 0b10001]),
    ('X', [0b10001, 0b10001, 0b01010, 0b00100, 0b01010, 0b10001, 0b10001]),
    ('Y', [0b10001, 0b10001, 0b01010, 0b00100, 0b00100, 0b00100, 0b00100]),
    ('Z', [0b11111, 0b00001, 0b00010, 0b00100, 0b01000, 0b10000, 0b11111]),
    ('.', [0, 0, 0, 0, 0, 0b01100, 0b01100]),
    (',', [0, 0, 0, 0, 0b00110, 0b00100, 0b01000]),
    (':', [0, 0b01100, 0b01100, 0, 0b01100, 0b01100, 0]),
    ('-', [0, 0, 0, 0b11111, 0, 0, 0]),
    ('+', [0, 0b00100, 0b00100, 0b11111, 0b00100, 0b00100, 0]),
    ('_', [0, 0, 0, 0, 0, 0, 0b11111]),
    ('/', [0b00001, 0b00010, 0b00010, 0b00100, 0b01000, 0b01000, 0b10000]),
    ('?', [0b01110, 0b10001, 0b00001, 0b00110, 0b00100, 0, 0b00100]),
];

#[cfg(test)]
mod tests {
    use super::*;
    use downbeat_client::Stamps;

    #[test]
    fn the_card_tells_all_of_the_clock_and_it_fits() {
        let mut clock = ClockView::default();
        (clock.error_us, clock.drift_ppm, clock.round_trip_us) = (2_345.6, -99.87, 61_234.5);
        (clock.stamps, clock.jumps) = (Stamps::Kernel, 7);
        let card = Card {
            name: "left".into(),
            link: "FOLLOWS friday".into(),
            clock: Some(clock),
            delay_ms: (60.0, Some(142.0)),
        };
        let lines = card.lines(12_345_678);
        let expected = [
            "left",
            "FRAME 12345678",
            "CLOCK +-2.35 MS BY kernel",
            "-99.9 PPM 61.2 MS 7 JUMPS",
            "DELAY 60 MS, NEEDS 142",
        ];
        assert_eq!(lines[..5], expected);
        assert!(lines.iter().all(|line| line.len() <= COLUMNS), "{lines:?}");
        assert_eq!(Card::default().lines(0)[2], "CLOCK ?");
    }

    #[test]
    fn a_letter_is_dotted_from_the_left_and_from_the_top() {
        let [low, high] = glyph('L');
        let dots = u64::from(high) << 32 | u64::from(low);
        let lit = |column: u32, row: u32| dots >> (row * 5 + column) & 1 == 1;
        assert!(lit(0, 0) && !lit(1, 0) && lit(4, 6));
        assert_eq!(glyph('\u{e9}'), glyph('?'));
        assert_eq!(glyph('l'), glyph('L'));
    }
}
