//! Everything that may set the timeline, and the choice among it: the highest priority, then the surest, without
//! switching at every hop.
//!
//! Each kind of source has its own file, which keeps its last reference. The operator's taps are a source, too, but do
//! not wait to be chosen (`operator`).

mod bus;
mod clock;

use super::reference::{Reference, Source};
use crate::{BusBeat, ClockConfig, MusicState, Role};
use bus::Bus;
use clock::Clock;
use downbeat_analysis::Pulse;
use downbeat_protocol::ShowTime;

/// Minimum confidence to take the lead.
const SURE: f32 = Pulse::SURE;
/// To take the lead, a source's beat must also be more likely right than wrong.
const PLACED: f32 = 0.5;
/// Minimum confidence to keep the lead.
const STILL_SURE: f32 = 0.5 * SURE;
/// How much surer another source must be, and for how long, to take over: in confidence and nanoseconds.
const BETTER: (f32, i64) = (0.15, 2_000_000_000);

/// All sources.
#[derive(Clone, Debug)]
pub(super) struct Sources {
    buses: Vec<Bus>,
    clocks: Vec<Clock>,
    chosen: Option<Source>,
    /// A source better than the chosen one, and since when.
    rival: Option<(Source, ShowTime)>,
}

/// A candidate, and what speaks for it.
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

    /// Takes the belief of a bus's tracker; without one the bus has no signal.
    pub fn observe(&mut self, bus: usize, heard: Option<BusBeat>) {
        if let Some(bus) = self.buses.get_mut(bus) {
            bus.update(heard);
        }
    }

    /// Takes a clock's reference.
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

    /// Forgets what every source has said.
    pub fn forget(&mut self) {
        self.buses.iter_mut().for_each(|bus| bus.update(None));
        self.clocks.iter_mut().for_each(|clock| clock.update(None));
        (self.chosen, self.rival) = (None, None);
    }

    /// The reference of the trusted source, if there is a sure one.
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

    /// The number of buses.
    pub fn buses(&self) -> usize {
        self.buses.len()
    }

    /// A beat and the tempo on one bus, if its tracker is sure.
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
