//! Everything that may set the timeline, and which of it to believe: the highest priority, then the surest, without
//! changing one's mind at every hop.
//!
//! A kind of source has a file of its own, which keeps what it said last. The operator's taps are a source, too: they do
//! not wait to be chosen (`operator`).

mod bus;
mod clock;

use super::reference::{Reference, Source};
use crate::{BusBeat, ClockConfig, MusicState, Role};
use bus::Bus;
use clock::Clock;
use downbeat_analysis::Pulse;
use downbeat_protocol::ShowTime;

/// From this confidence on a source may take the lead.
const SURE: f32 = Pulse::SURE;
/// A source takes the lead no sooner than its beat is more likely where it says than not.
const PLACED: f32 = 0.5;
/// Down to this confidence, what has the lead keeps it.
const STILL_SURE: f32 = 0.5 * SURE;
/// By how much another source must be surer, and for how long, before it takes over: in confidence and nanoseconds.
const BETTER: (f32, i64) = (0.15, 2_000_000_000);

/// All sources.
#[derive(Clone, Debug)]
pub(super) struct Sources {
    buses: Vec<Bus>,
    clocks: Vec<Clock>,
    chosen: Option<Source>,
    /// A source that is better than the chosen one, and since when.
    rival: Option<(Source, ShowTime)>,
}

/// A reference that may be chosen, and what speaks for it.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    priority: i8,
    worth: f32,
    reference: Reference,
}

impl Candidate {
    fn is_better(&self, other: &Self) -> bool {
        (self.priority, self.worth) > (other.priority, other.worth)
    }

    fn is_clearly_better(&self, other: &Self) -> bool {
        self.priority > other.priority || self.worth > other.worth + BETTER.0
    }
}

impl Sources {
    /// The beat trackers of buses with these roles, and these clocks.
    pub fn new(roles: &[Role], clocks: &[ClockConfig]) -> Self {
        Self {
            buses: roles.iter().enumerate().map(|(place, role)| Bus::new(place, *role)).collect(),
            clocks: clocks.iter().map(|clock| Clock::new(&clock.name, clock.priority)).collect(),
            chosen: None,
            rival: None,
        }
    }

    /// Takes what the tracker of a bus believes; without that the bus has no signal.
    pub fn observe(&mut self, bus: usize, heard: Option<BusBeat>) {
        if let Some(bus) = self.buses.get_mut(bus) {
            bus.update(heard);
        }
    }

    /// Takes what a clock says.
    pub fn refer(&mut self, reference: Reference) {
        if let Some(clock) = self.clock(reference.source) {
            clock.update(Some(reference));
        }
    }

    /// A clock is lost.
    pub fn lose(&mut self, source: Source) {
        if let Some(clock) = self.clock(source) {
            clock.update(None);
        }
    }

    /// What the source to believe says, if there is one that is sure.
    pub fn choose(&mut self, now: ShowTime) -> Option<Reference> {
        let best = self.candidates(now).reduce(|best, next| if next.is_better(&best) { next } else { best });
        let chosen = self.candidates(now).find(|it| Some(it.reference.source) == self.chosen);
        let next = match (chosen, best) {
            (Some(chosen), Some(best)) if best.is_clearly_better(&chosen) => {
                let source = best.reference.source;
                let since = self.rival.filter(|(rival, _)| *rival == source).map_or(now, |(_, since)| since);
                self.rival = Some((source, since));
                Some(if now.since(since) >= BETTER.1 { best } else { chosen })
            }
            (Some(chosen), _) => {
                self.rival = None;
                Some(chosen)
            }
            (None, best) => {
                self.rival = None;
                best
            }
        };
        self.chosen = next.map(|it| it.reference.source);
        next.map(|it| it.reference)
    }

    /// The name of a source for the operator.
    pub fn name(&self, source: Source) -> &str {
        match source {
            Source::Bus(_) => "audio",
            Source::Taps => "tap",
            Source::Clock(place) => self.clocks.get(place).map_or("clock", Clock::name),
        }
    }

    /// How many buses there are.
    pub fn buses(&self) -> usize {
        self.buses.len()
    }

    /// A beat and the tempo on one bus, if its tracker is sure of them.
    pub fn beat_of(&self, bus: usize) -> Option<(ShowTime, f64)> {
        let reference = self.buses.get(bus)?.reference().filter(|reference| self.is_usable(reference))?;
        Some((reference.beat(), reference.tempo))
    }

    /// The liveliest state of all buses.
    pub fn state(&self) -> MusicState {
        self.buses.iter().map(Bus::state).max().unwrap_or_default()
    }

    /// When music was last heard on any bus.
    pub fn music_at(&self) -> Option<ShowTime> {
        self.buses.iter().filter_map(Bus::music_at).max()
    }

    /// The state of one bus.
    pub fn state_of(&self, bus: usize) -> MusicState {
        self.buses.get(bus).map(Bus::state).unwrap_or_default()
    }

    /// All references that are sure enough.
    fn candidates(&self, now: ShowTime) -> impl Iterator<Item = Candidate> + '_ {
        let buses = self.buses.iter().map(|bus| (0, bus.bonus(), bus.reference()));
        let clocks = self.clocks.iter().map(move |clock| (clock.priority(), 0.0, clock.reference(now)));
        buses.chain(clocks).filter_map(|(priority, bonus, reference)| {
            let reference = reference.filter(|reference| self.is_usable(reference))?;
            Some(Candidate { priority, worth: reference.sure.pulse + bonus, reference })
        })
    }

    fn clock(&mut self, source: Source) -> Option<&mut Clock> {
        let Source::Clock(place) = source else { return None };
        self.clocks.get_mut(place)
    }

    fn is_usable(&self, reference: &Reference) -> bool {
        let leads = self.chosen == Some(reference.source);
        let least = if leads { STILL_SURE } else { SURE };
        reference.sure.pulse >= least && (leads || reference.sure.phase >= PLACED)
    }
}

#[cfg(test)]
mod tests;
