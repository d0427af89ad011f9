//! Which rules led to the value of a parameter, to detect rules that fire each other through parameters.

use downbeat_protocol::ShowTime;

/// How long a value counts as the effect of the rule that set it, in nanoseconds: 1 s. A slower loop is intended.
const HELD_NS: i64 = 1_000_000_000;

/// The rules and cues behind each parameter that was set lately.
#[derive(Clone, Debug, Default)]
pub(crate) struct Causes(Vec<Cause>);

#[derive(Clone, Debug)]
struct Cause {
    parameter: usize,
    at: ShowTime,
    chain: Vec<String>,
}

impl Causes {
    /// Records that a parameter was set; without rules or cues, by hand.
    pub fn note(&mut self, parameter: usize, chain: &[String], now: ShowTime) {
        self.0.retain(|cause| cause.parameter != parameter && now.since(cause.at) <= HELD_NS);
        if !chain.is_empty() {
            self.0.push(Cause { parameter, at: now, chain: chain.to_vec() });
        }
    }

    /// The rules and cues that led to the newest value of some parameters.
    pub fn of(&self, parameters: &[usize], now: ShowTime) -> Vec<String> {
        let behind = |cause: &&Cause| parameters.contains(&cause.parameter) && now.since(cause.at) <= HELD_NS;
        self.0.iter().filter(behind).max_by_key(|cause| cause.at).map_or_else(Vec::new, |cause| cause.chain.clone())
    }
}
