//! Attack and release: how fast a parameter may follow.

/// Smooths a value with a one-pole filter whose time constant differs between rise and fall.
#[derive(Clone, Copy, Debug)]
pub(super) struct Envelope {
    attack_s: f64,
    release_s: f64,
    value: f64,
}

impl Envelope {
    /// Times in milliseconds; zero or less follows at once.
    pub fn new(attack_ms: f32, release_ms: f32, value: f64) -> Self {
        Self { attack_s: f64::from(attack_ms) * 1e-3, release_s: f64::from(release_ms) * 1e-3, value }
    }

    /// Moves towards `target` for `seconds`, with the same result in any number of steps. Realtime-safe: yes.
    pub fn follow(&mut self, target: f64, seconds: f64) -> f64 {
        let constant = if target > self.value { self.attack_s } else { self.release_s };
        self.value =
            if constant > 0.0 { target + (self.value - target) * (-seconds.max(0.0) / constant).exp() } else { target };
        self.value
    }

    /// The current value.
    pub fn value(&self) -> f64 {
        self.value
    }

    /// Sets the value; the filter continues from there.
    pub fn set(&mut self, value: f64) {
        self.value = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_rises_by_its_attack_and_falls_by_its_release() {
        let mut envelope = Envelope::new(10.0, 100.0, 0.0);
        let risen = (0..10).map(|_| envelope.follow(1.0, 0.001)).last();
        assert!((risen.expect("ten steps") - (1.0 - (-1.0_f64).exp())).abs() < 1e-9, "63 % after its attack");
        envelope.set(1.0);
        assert!((envelope.follow(0.0, 0.1) - (-1.0_f64).exp()).abs() < 1e-9, "37 % after its release");
    }

    #[test]
    fn without_times_it_follows_at_once() {
        assert_eq!(Envelope::new(0.0, 0.0, 0.0).follow(0.7, 0.005), 0.7);
    }
}
