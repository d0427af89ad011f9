//! Which rules led to what a parameter is now: so that rules that set each other off over parameters are found out.

use downbeat_protocol::ShowTime;

/// For how long what a rule has set is held to be its doing, in nanoseconds: a second. What takes longer to come round
/// goes in circles slowly enough to be meant so.
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
    /// A parameter was set, by a hand where no rules or cues led to it.
    pub fn note(&mut self, parameter: usize, chain: &[String], now: ShowTime) {
        self.0.retain(|cause| cause.parameter != parameter && now.since(cause.at) <= HELD_NS);
        if !chain.is_empty() {
            self.0.push(Cause { parameter, at: now, chain: chain.to_vec() });
        }
    }

    /// The rules and cues that led to the newest value among some parameters.
    pub fn of(&self, parameters: &[usize], now: ShowTime) -> Vec<String> {
        let behind = |cause: &&Cause| parameters.contains(&cause.parameter) && now.since(cause.at) <= HELD_NS;
        self.0.iter().filter(behind).max_by_key(|cause| cause.at).map_or_else(Vec::new, |cause| cause.chain.clone())
    }
}
