//! A straight line through beats.

/// A least-squares line through the times of beats, over their counts. Older beats weigh less; the newest one is the
/// origin, so that the sums stay small at any length.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    /// The weight of a beat at the next one.
    keeps: f64,
    /// The number of beats.
    beats: u32,
    weight: f64,
    x: f64,
    xx: f64,
    t: f64,
    xt: f64,
}

impl Line {
    /// A line whose memory decays to a third over this many beats.
    pub fn new(memory: f64) -> Self {
        Self { keeps: (-1.0 / memory).exp(), beats: 0, weight: 0.0, x: 0.0, xx: 0.0, t: 0.0, xt: 0.0 }
    }

    /// Moves the origin by this many beats and ticks.
    pub fn move_on(&mut self, beats: f64, ticks: f64) {
        let Self { keeps, weight, x, xx, t, xt, .. } = *self;
        let kept = keeps.powf(beats);
        self.weight = kept * weight;
        self.x = kept * (x - beats * weight);
        self.xx = kept * (xx - 2.0 * beats * x + beats * beats * weight);
        self.t = kept * (t - ticks * weight);
        self.xt = kept * (xt - beats * t - ticks * x + beats * ticks * weight);
    }

    /// Adds the beat at the origin, this many ticks late.
    pub fn add(&mut self, ticks: f64) {
        self.beats += 1;
        self.weight += 1.0;
        self.t += ticks;
    }

    /// Copies another line, as though drawn through only this many beats.
    pub fn begin_with(&mut self, other: &Self, beats: u32) {
        *self = Self { keeps: self.keeps, beats, ..*other };
    }

    /// The number of beats in it.
    pub fn beats(&self) -> u32 {
        self.beats
    }

    /// The sum of squares of the beats' distance from their middle, in beats.
    pub fn spread(&self) -> f64 {
        self.xx - self.x * self.x / self.weight
    }

    /// Its length in beats, with all beats in it weighted the same.
    pub fn length(&self) -> f64 {
        (12.0 * self.spread() / self.weight).sqrt()
    }

    /// Ticks per beat.
    pub fn period(&self) -> f64 {
        (self.xt - self.x * self.t / self.weight) / self.spread()
    }

    /// The time of the beat at the origin, by the best line with this period.
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
