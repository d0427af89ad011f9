//! Colours for a dark room: few, each with one meaning, and legible on the simplest terminal.

use ratatui::style::{Color, Modifier, Style};

/// The colour depth of the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// 24 bits.
    True,
    /// The 256 of xterm.
    Indexed,
    /// The 16 of ANSI.
    Sixteen,
    /// No colours wanted or available: only bold, dim and reverse.
    Mono,
}

impl Depth {
    /// From the environment: `NO_COLOR` (no-color.org), `COLORTERM`, `TERM`.
    pub fn detect(variable: impl Fn(&str) -> Option<String>) -> Self {
        let term = variable("TERM").unwrap_or_default();
        let colours = variable("COLORTERM").unwrap_or_default();
        if variable("NO_COLOR").is_some_and(|value| !value.is_empty()) || term == "dumb" || term.starts_with("vt") {
            Self::Mono
        } else if colours == "truecolor" || colours == "24bit" || term.ends_with("-direct") {
            Self::True
        } else if term.contains("256color") {
            Self::Indexed
        } else {
            Self::Sixteen
        }
    }
}

/// The meanings of colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// Primary text.
    Text,
    /// Secondary text.
    Dim,
    /// Lines and empty parts of bars.
    Faint,
    /// A beat, and everything that moves with the music.
    Beat,
    /// The downbeat.
    Downbeat,
    /// Good.
    Good,
    /// Needs attention soon.
    Warn,
    /// Needs attention now.
    Bad,
    /// Low frequencies.
    Low,
    /// Middle frequencies.
    Mid,
    /// High frequencies.
    High,
}

/// The background that fading colours fade to.
const GROUND: [u8; 3] = [18, 20, 26];

/// Colours for one depth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Theme {
    /// The colour depth.
    pub depth: Depth,
}

impl Theme {
    /// Text in a colour.
    pub fn style(self, ink: Ink) -> Style {
        let style = Style::new();
        match (self.depth, ink) {
            (Depth::Mono, Ink::Dim | Ink::Faint) => style.add_modifier(Modifier::DIM),
            (Depth::Mono, Ink::Warn | Ink::Bad | Ink::Downbeat) => style.add_modifier(Modifier::BOLD),
            (Depth::Mono, _) => style,
            _ => style.fg(self.colour(ink, 1.0)),
        }
    }

    /// The same in bold.
    pub fn bold(self, ink: Ink) -> Style {
        self.style(ink).add_modifier(Modifier::BOLD)
    }

    /// Text in a faded colour: 1 is full, 0 is nearly the background.
    pub fn faded(self, ink: Ink, strength: f32) -> Style {
        match self.depth {
            Depth::Mono if strength < 0.4 => Style::new().add_modifier(Modifier::DIM),
            Depth::Mono => Style::new().add_modifier(Modifier::BOLD),
            _ => Style::new().fg(self.colour(ink, strength)),
        }
    }

    /// A field filled with a faded colour, as background of text.
    pub fn field(self, ink: Ink, strength: f32) -> Style {
        let lit = strength >= 0.4;
        match self.depth {
            Depth::Mono if lit => Style::new().add_modifier(Modifier::REVERSED | Modifier::BOLD),
            Depth::Mono => Style::new().add_modifier(Modifier::DIM),
            Depth::Sixteen if !lit => Style::new().fg(Color::Gray).bg(Color::Blue),
            _ => {
                let letters = if lit { Color::Black } else { self.colour(Ink::Dim, 1.0) };
                Style::new().fg(letters).bg(self.colour(ink, strength)).add_modifier(Modifier::BOLD)
            }
        }
    }

    fn colour(self, ink: Ink, strength: f32) -> Color {
        let (rgb, sixteen) = pigment(ink);
        let share = strength.clamp(0.0, 1.0);
        let mixed = [0, 1, 2].map(|channel| {
            let (low, high) = (f32::from(GROUND[channel]), f32::from(rgb[channel]));
            (low + (high - low) * (0.15 + 0.85 * share)).round() as u8
        });
        match self.depth {
            Depth::True => Color::Rgb(mixed[0], mixed[1], mixed[2]),
            Depth::Indexed => Color::Indexed(nearest_of_256(mixed)),
            Depth::Sixteen if share < 0.4 => Color::DarkGray,
            Depth::Sixteen => sixteen,
            Depth::Mono => Color::Reset,
        }
    }
}

fn pigment(ink: Ink) -> ([u8; 3], Color) {
    match ink {
        Ink::Text => ([222, 228, 236], Color::White),
        Ink::Dim => ([138, 148, 163], Color::Gray),
        Ink::Faint => ([62, 70, 84], Color::DarkGray),
        Ink::Beat => ([86, 190, 240], Color::Cyan),
        Ink::Downbeat => ([255, 214, 102], Color::LightYellow),
        Ink::Good => ([112, 214, 138], Color::Green),
        Ink::Warn => ([255, 178, 72], Color::Yellow),
        Ink::Bad => ([255, 92, 92], Color::LightRed),
        Ink::Low => ([238, 110, 92], Color::Red),
        Ink::Mid => ([120, 210, 120], Color::Green),
        Ink::High => ([120, 170, 255], Color::LightBlue),
    }
}

/// The nearest of xterm's 6 × 6 × 6 colours, or of its 24 greys for one without hue: a dim colour keeps its hue rather
/// than its exact brightness.
fn nearest_of_256(rgb: [u8; 3]) -> u8 {
    const LEVELS: [i32; 6] = [0, 95, 135, 175, 215, 255];
    let distance = |to: [i32; 3]| (0..3).map(|channel| (i32::from(rgb[channel]) - to[channel]).pow(2)).sum::<i32>();
    let step = |value: u8| (0..6).min_by_key(|&step| (LEVELS[step] - i32::from(value)).abs()).unwrap_or(0);
    let [red, green, blue] = rgb.map(step);
    let cube = (distance([LEVELS[red], LEVELS[green], LEVELS[blue]]), 16 + 36 * red + 6 * green + blue);
    let grey = |index: usize| [8 + 10 * index as i32; 3];
    let hue = rgb.iter().max().zip(rgb.iter().min()).map_or(0, |(most, least)| most - least);
    let greys = (0..24).filter(|_| hue < 40).map(|index| (distance(grey(index)), 232 + index));
    greys.chain([cube]).min().map_or(7, |(_, index)| index as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detect(pairs: &[(&str, &str)]) -> Depth {
        Depth::detect(|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn the_terminal_gets_no_more_colours_than_it_has() {
        assert_eq!(detect(&[("TERM", "xterm-256color"), ("COLORTERM", "truecolor")]), Depth::True);
        assert_eq!(detect(&[("TERM", "screen-256color")]), Depth::Indexed);
        assert_eq!(detect(&[("TERM", "linux")]), Depth::Sixteen);
        assert_eq!(detect(&[("TERM", "xterm-256color"), ("NO_COLOR", "1")]), Depth::Mono);
        assert_eq!(detect(&[("TERM", "dumb")]), Depth::Mono);
    }

    #[test]
    fn a_poor_terminal_still_tells_a_lit_field_from_a_dark_one() {
        for depth in [Depth::True, Depth::Indexed, Depth::Sixteen, Depth::Mono] {
            let theme = Theme { depth };
            assert_ne!(theme.field(Ink::Beat, 1.0), theme.field(Ink::Beat, 0.0), "{depth:?}");
        }
    }

    #[test]
    fn xterm_colours_are_the_nearest() {
        assert_eq!(nearest_of_256([255, 0, 0]), 196);
        assert_eq!(nearest_of_256([8, 8, 8]), 232);
        assert_eq!(nearest_of_256([10, 60, 80]), 16 + 6 + 1, "dark teal, no grey");
    }
}
