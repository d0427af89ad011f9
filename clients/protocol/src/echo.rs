//! Whether a number is one that was told before and comes back, perhaps rounded on its way: as a 32-bit float, as MIDI
//! (14 or 7 bits), in percent, or to a few decimals. Pure.

/// Time in which a told value may come back, in nanoseconds: 2 s.
pub const ECHO_NS: i64 = 2_000_000_000;

/// A person sends what is so already now and then; this often, and as a quarter of all that somebody sends, is a habit.
const HABIT: u32 = 8;
const SHARE: u32 = 4;
/// When the counts are halved, so that the habit is that of late.
const MANY: u32 = 512;

/// What somebody is used to send: repetitions of what was told, or commands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Habit {
    repeated: u32,
    commanded: u32,
}

impl Habit {
    /// Notes a repetition or a command.
    pub fn note(&mut self, repeats: bool) {
        *(if repeats { &mut self.repeated } else { &mut self.commanded }) += 1;
        if self.repeated + self.commanded >= MANY {
            self.repeated /= 2;
            // Whoever has commanded once is not fresh again.
            self.commanded = self.commanded.div_ceil(2);
        }
    }

    /// Whether there was no command so far.
    pub fn is_fresh(&self) -> bool {
        self.commanded == 0
    }

    /// Whether it is mostly repetitions.
    pub fn is_repeater(&self) -> bool {
        self.repeated >= HABIT && self.repeated * SHARE >= self.repeated + self.commanded
    }
}

/// How exactly a number matches one that was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// As exactly as a 32-bit float, 14 or 16 bits, or the decimals for that allow.
    Exact,
    /// As exactly as 7 bits, a percentage or fewer decimals allow: by chance, a person may choose the same.
    Rounded,
}

/// How a number matches one that was told at an address with this range; none if it does not.
pub fn matches(value: f64, told: f64, [low, high]: [f64; 2]) -> Option<Match> {
    let width = (high - low).abs();
    if !(value.is_finite() && told.is_finite() && width.is_finite() && width > 0.0) {
        return (value == told).then_some(Match::Exact);
    }
    let float = 2e-7 * (value.abs() + told.abs());
    let difference = (value - told).abs();
    if difference <= float {
        return Some(Match::Exact);
    }
    // Further away than half of the largest step: nothing else needs a look, and most are.
    if difference > width / 200.0 + float {
        return None;
    }
    // A number that is near by chance lies between the steps: a person's round number is no echo of what passes it.
    let is_step = |step: f64, origin: f64| {
        let place = (value - origin) / step;
        difference <= step / 2.0 + float && (place - place.round()).abs() <= 1e-3 + float / step
    };
    // The first power of ten that is finer than 14 bits.
    let decimal = 10_f64.powf((width / 16_383.0).log10().floor());
    if is_step(width / 16_383.0, low) || is_step(width / 65_535.0, low) || is_step(decimal, 0.0) {
        return Some(Match::Exact);
    }
    // Fewer decimals, as long as there are a thousand steps or more.
    let mut decimals = (1..).map(|power| decimal * 10_f64.powi(power)).take_while(|step| width / step >= 999.0);
    let is_rounded = is_step(width / 127.0, low) || is_step(width / 100.0, low) || decimals.any(|it| is_step(it, 0.0));
    is_rounded.then_some(Match::Rounded)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATIO: [f64; 2] = [0.0, 1.0];
    const BPM: [f64; 2] = [30.0, 300.0];

    #[test]
    fn a_number_is_recognised_after_every_usual_rounding() {
        let told = 0.432_187;
        let rounded = |steps: f64| (told * steps).round() / steps;
        assert_eq!(matches(f64::from(told as f32), told, RATIO), Some(Match::Exact));
        assert_eq!(matches(rounded(16_383.0), told, RATIO), Some(Match::Exact));
        for steps in [127.0, 100.0] {
            assert_eq!(matches(rounded(steps), told, RATIO), Some(Match::Rounded), "{steps}");
            assert_eq!(matches(f64::from(rounded(steps) as f32), told, RATIO), Some(Match::Rounded), "{steps}");
        }
        for steps in [1e3, 1e4] {
            assert_eq!(matches(rounded(steps), told, RATIO), Some(Match::Rounded), "{steps}");
        }
        for steps in [1e5, 1e6, 65_535.0] {
            assert_eq!(matches(f64::from(rounded(steps) as f32), told, RATIO), Some(Match::Exact), "{steps}");
        }
        assert_eq!(matches(128.0, 128.04, BPM), Some(Match::Rounded));
        assert_eq!(matches(128.04, 128.0437, BPM), Some(Match::Exact));
    }

    #[test]
    fn another_number_is_another() {
        for (value, told, range) in [
            (0.44, 0.432_187, RATIO),
            (0.433_5, 0.432_187, RATIO),
            (55.0 / 127.0 + 1.0 / 127.0, 0.432_187, RATIO),
            (128.0, 127.9, BPM),
            (140.0, 128.0, BPM),
            (f64::NAN, 0.5, RATIO),
        ] {
            assert_eq!(matches(value, told, range), None, "{value} is not {told}");
        }
    }

    #[test]
    fn a_round_number_is_not_exactly_what_is_near_it_by_chance() {
        for (value, told, range) in [(0.25, 0.250_006, RATIO), (0.5, 0.499_99, RATIO), (128.0, 128.006, BPM)] {
            assert_ne!(matches(value, told, range), Some(Match::Exact), "{value} is not {told}");
        }
    }
}
