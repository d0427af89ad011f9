//! Where in the pointer's beat window the onsets really are.

/// The pointer knows that an onset falls into its beat window, not where: it is off by a part of the window, which is
/// longer at slow tempi. This measures by how much, as the centre of what begins around the beat.
#[derive(Clone, Debug)]
pub(super) struct Trim {
    moment: f64,
    weight: f64,
    keeps: f64,
}

/// How far around the beat to look, in beats; a sixteenth note is outside.
const REACH: f64 = 0.11;
/// How long is remembered.
const SECONDS: f64 = 4.0;
/// How much activation, over [`SECONDS`], outweighs the presumption that it is not off.
const DOUBT: f64 = 0.001;

impl Trim {
    /// For ticks every `step` seconds.
    pub fn new(step: f64) -> Self {
        Self { moment: 0.0, weight: 0.0, keeps: (-step / SECONDS).exp() }
    }

    /// Hears an activation at a phase of the flywheel's beat, which is `period` ticks long.
    pub fn hear(&mut self, activation: f32, phase: f64, period: f64) {
        let since = if phase < 0.5 { phase } else { phase - 1.0 };
        // Looks around the middle that is known so far, or the far side of a window that is off would be cut away.
        let near = (since * period - self.ticks()).abs() < REACH * period;
        let new = if near { f64::from(activation) * (1.0 - self.keeps) } else { 0.0 };
        self.weight = self.weight * self.keeps + new;
        self.moment = self.moment * self.keeps + new * since * period;
    }

    /// How much later than the flywheel says the onsets are, in ticks.
    pub fn ticks(&self) -> f64 {
        self.moment / (self.weight + DOUBT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beat_that_is_late_against_the_wheel_is_measured_to_a_part_of_a_tick() {
        for late in [-3.25, 0.0, 2.5] {
            let mut trim = Trim::new(0.01);
            for tick in 0..2000 {
                let tick = f64::from(tick);
                let activation = (1.0 - (((tick - late + 25.0) % 50.0) - 25.0).abs() / 2.0).max(0.0);
                trim.hear(activation as f32, (tick % 50.0) / 50.0, 50.0);
            }
            assert!((trim.ticks() - late).abs() < 0.3, "{late}: {}", trim.ticks());
        }
    }
}
