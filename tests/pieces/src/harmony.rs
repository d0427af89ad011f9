//! Keys, chords and melodies.

use crate::chance::Chance;

/// Chords as semitones above the key's note and whether they are minor.
type Progression = [(i32, bool); 4];

const MINOR: [Progression; 4] = [
    [(0, true), (8, false), (3, false), (10, false)],
    [(0, true), (5, true), (8, false), (7, false)],
    [(0, true), (10, false), (8, false), (10, false)],
    [(0, true), (3, false), (10, false), (5, true)],
];
const MAJOR: [Progression; 4] = [
    [(0, false), (7, false), (9, true), (5, false)],
    [(0, false), (9, true), (5, false), (7, false)],
    [(0, false), (5, false), (0, false), (7, false)],
    [(2, true), (7, false), (0, false), (9, true)],
];

/// The harmony of a piece.
pub struct Harmony {
    /// MIDI note of the key in the bass, E1 to D♯2.
    key: i32,
    minor: bool,
    progression: Progression,
    bars_per_chord: usize,
    sevenths: bool,
}

impl Harmony {
    /// A key and a progression by chance.
    pub fn new(chance: &mut Chance) -> Self {
        let minor = chance.yes(0.55);
        Self {
            key: 28 + chance.below(12) as i32,
            minor,
            progression: chance.one_of(if minor { &MINOR } else { &MAJOR }),
            bars_per_chord: chance.one_of(&[1, 1, 2]),
            sevenths: chance.yes(0.4),
        }
    }

    fn chord(&self, bar: usize) -> (i32, bool) {
        self.progression[bar / self.bars_per_chord % 4]
    }

    /// The root of a bar's chord in the bass, MIDI.
    pub fn root(&self, bar: usize) -> f64 {
        let pitch = self.key + self.chord(bar).0;
        f64::from(if pitch > 40 { pitch - 12 } else { pitch })
    }

    /// A bar's chord around middle C, MIDI.
    pub fn chord_notes(&self, bar: usize) -> Vec<f64> {
        let (root, minor) = self.chord(bar);
        let mut steps = vec![0, if minor { 3 } else { 4 }, 7];
        if self.sevenths {
            steps.push(10 + i32::from(!minor));
        }
        // Near middle C whatever the chord: voices move little.
        steps.into_iter().map(|step| f64::from((self.key + root + step - 55).rem_euclid(12) + 55)).collect()
    }

    /// A step of the pentatonic scale of the key, from C5 upwards, MIDI.
    pub fn melody(&self, step: i32) -> f64 {
        let scale = if self.minor { [0, 3, 5, 7, 10] } else { [0, 2, 4, 7, 9] };
        let key = (self.key - 72).rem_euclid(12) + 67;
        f64::from(key + scale[step.rem_euclid(5) as usize] + 12 * step.div_euclid(5))
    }
}
