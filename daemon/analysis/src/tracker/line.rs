//! A straight line through beats.

/// The line of least squares through the times of beats, over their counts. Older beats weigh less; the newest one is the
/// origin, so that the sums stay small however long the music lasts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    /// What a beat still weighs at the next one.
    keeps: f64,
    /// How many beats there were.
    beats: u32,
    weight: f64,
    x: f64,
    xx: f64,
    t: f64,
    xt: f64,
}

impl Line {
    /// A line that forgets a beat to a third after so many more.
    pub fn new(memory: f64) -> Self {
        Self { keeps: (-1.0 / memory).exp(), beats: 0, weight: 0.0, x: 0.0, xx: 0.0, t: 0.0, xt: 0.0 }
    }

    /// Moves the origin on, to a beat so many beats later and to a time so many ticks later.
    pub fn move_on(&mut self, beats: f64, ticks: f64) {
        let Self { keeps, weight, x, xx, t, xt, .. } = *self;
        let kept = keeps.powf(beats);
        self.weight = kept * weight;
        self.x = kept * (x - beats * weight);
        self.xx = kept * (xx - 2.0 * beats * x + beats * beats * weight);
        self.t = kept * (t - ticks * weight);
        self.xt = kept * (xt - beats * t - ticks * x + beats * ticks * weight);
    }

    /// The beat at the origin was so many ticks later than that.
    pub fn add(&mut self, ticks: f64) {
        self.beats += 1;
        self.weight += 1.0;
        self.t += ticks;
    }

    /// Becomes another line, as though that were drawn through so many beats only.
    pub fn begin_with(&mut self, other: &Self, beats: u32) {
        *self = Self { keeps: self.keeps, beats, ..*other };
    }

    /// How many beats it was drawn through.
    pub fn beats(&self) -> u32 {
        self.beats
    }

    /// The sum of squares of how far the beats are from their middle, in beats.
    pub fn spread(&self) -> f64 {
        self.xx - self.x * self.x / self.weight
    }

    /// How long it is, in beats, when all beats in it weigh the same.
    pub fn length(&self) -> f64 {
        (12.0 * self.spread() / self.weight).sqrt()
    }

    /// Ticks from beat to beat.
    pub fn period(&self) -> f64 {
        (self.xt - self.x * self.t / self.weight) / self.spread()
    }

    /// When the beat at the origin is, by the line of this period that is nearest to all beats.
    pub fn beat(&self, period: f64) -> f64 {
        (self.t - period * self.x) / self.weight
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_period_and_the_last_beat_are_found_wherever_the_origin_was() {
        let mut line = Line::new(64.0);
        let mut origin = 0.0;
        for beat in 0..5000 {
            // Every seventh beat is not heard, and the origin moves by a guess.
            let beats = if beat % 7 == 6 { 2.0 } else { 1.0 };
            let (guess, shake) = (47.0 * beats, if beat % 2 == 0 { 0.2 } else { -0.2 });
            line.move_on(beats, guess);
            origin += 46.875 * beats - guess;
            line.add(origin + shake);
        }
        assert!((line.period() / 46.875 - 1.0).abs() < 1e-4, "{}", line.period());
        assert!((line.beat(line.period()) - origin).abs() < 0.05);
        assert!((100.0..300.0).contains(&line.length()), "{}", line.length());
    }
}
