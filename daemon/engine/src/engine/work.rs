//! Fires cues and rules.
//!
//! Everything fired waits in one queue, and a hop carries out a limited number: whatever a show asks for, beat and rows
//! come in time, and the rest follows a hop later. Each piece of work knows the cues and rules that led to it. One that
//! would fire itself again closes a loop: it is stopped there and named; everything else continues.

use super::Engine;
use super::by::By;
use crate::places::{self, Lack, Limits, Places};
use crate::rules::{Hop, OnGrid, SetOff};
use downbeat_protocol::state::Change;
use downbeat_protocol::{Event, ShowTime};
use std::collections::VecDeque;
use std::sync::Arc;

/// Maximum of cues and rules carried out in one hop.
const AT_ONCE: usize = 32;
/// Maximum of rules set off that wait, with all else.
const SET_OFF: usize = 2 * places::ALL;
/// Maximum of characters in what is wrong with a rule.
const LONGEST: usize = 512;
/// Ends what [`no_room`] says.
const NO_ROOM: &str = "are waiting; this one was dropped";

/// A cue or rule that was fired.
#[derive(Clone, Debug)]
enum Target {
    Cue(String),
    /// With its place on the grid of beats, if that fired it.
    Rule(Arc<str>, Option<OnGrid>),
}

/// One piece of work.
#[derive(Clone, Debug)]
struct Work {
    target: Target,
    by: By,
    /// Whether it was fired at its address, by anyone.
    by_key: bool,
}

/// What waits to be carried out.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    queue: VecDeque<Work>,
    places: Places,
}

impl Default for Waiting {
    fn default() -> Self {
        Self { queue: VecDeque::new(), places: Places::new(Limits::FOR_NOW) }
    }
}

impl Waiting {
    /// Adds what was fired at its address, by a person, a cue or a rule.
    fn put(&mut self, work: Work) -> Result<(), Lack> {
        if work.by.hand { self.places.take(&work.by.sender) } else { self.places.take_for_show() }?;
        self.queue.push_back(work);
        Ok(())
    }

    /// Adds a rule whose moment has come: before all others, in a place that is always there.
    fn put_first(&mut self, work: Work) -> Result<(), Lack> {
        if self.queue.len() >= SET_OFF {
            return Err(Lack::All);
        }
        self.queue.push_front(work);
        Ok(())
    }

    fn next(&mut self) -> Option<Work> {
        let work = self.queue.pop_front()?;
        match (work.by_key, work.by.hand) {
            (false, _) => {}
            (true, true) => self.places.leave(&work.by.sender),
            (true, false) => self.places.leave_for_show(),
        }
        Some(work)
    }

    /// Drops everything.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

impl Engine {
    /// Queues a fired cue, unless that would close a loop.
    pub(super) fn put_cue(&mut self, cue: String, by: &By) -> Result<(), String> {
        self.put(Target::Cue(cue), by)
    }

    /// The same for a rule.
    pub(super) fn put_rule(&mut self, rule: &str, by: &By) -> Result<(), String> {
        self.put(Target::Rule(rule.into(), None), by)
    }

    fn put(&mut self, target: Target, by: &By) -> Result<(), String> {
        let link = match &target {
            Target::Cue(cue) => format!("{}{cue}", By::CUE),
            Target::Rule(rule, _) => format!("{}{rule}", By::RULE),
        };
        if let Some(circle) = by.circle(&link) {
            return Err(circle);
        }
        let work = Work { target, by: by.clone(), by_key: true };
        self.waiting.put(work).map_err(|lack| no_room(lack, "cues and rules"))
    }

    /// Fires the rules of this hop. Returns whether there were any.
    pub(super) fn run_rules(&mut self, time: ShowTime, now: ShowTime, out: &mut Vec<Event>) -> bool {
        // The first row has no parameters yet.
        let Some(_) = self.seq else { return false };
        let hop = Hop {
            row: &self.values,
            time,
            now,
            line: self.arbiter.told(),
            beating: self.arbiter.is_beating(now),
            music: self.arbiter.state(),
        };
        let calm = self.show.state().panic.is_off();
        // Allocates only when a rule fires.
        let mut set_off = Vec::new();
        self.rules.hop(hop, self.show.state(), self.leads, &mut set_off);
        // This hop's events go first, however many rules are still queued.
        set_off.into_iter().rev().filter(|_| calm).for_each(|set_off| self.put_set_off(set_off, now, out));
        let done = self.work(now, out);
        self.done = 0;
        done
    }

    /// A rule fired by a parameter may have fired itself.
    fn put_set_off(&mut self, set_off: SetOff, now: ShowTime, out: &mut Vec<Event>) {
        let SetOff { rule, on_grid, at, chain } = set_off;
        let by = By { chain, at, ..By::default() };
        match by.circle(&format!("{}{rule}", By::RULE)) {
            Some(circle) => self.trouble(&rule, circle, now, out),
            None => {
                let work = Work { target: Target::Rule(Arc::clone(&rule), on_grid), by, by_key: false };
                if let Err(lack) = self.waiting.put_first(work) {
                    self.trouble(&rule, no_room(lack, "cues and rules"), now, out);
                }
            }
        }
    }

    /// A problem keeps a rule from acting: reported once, and shown until the rule is changed or muted.
    pub(super) fn trouble(&mut self, rule: &str, why: String, now: ShowTime, out: &mut Vec<Event>) {
        // It is kept in the state, which must fit into a message.
        let why: String = why.chars().take(LONGEST).collect();
        if self.show.state().troubles.get(rule) == Some(&why) {
            return;
        }
        let by = By { name: format!("{}{rule}", By::RULE), ..By::default() };
        out.push(Event::Refused { from: by.name.clone(), why: why.clone() });
        self.change(Change::Trouble { rule: rule.into(), why }, &by, now, out);
    }

    /// Carries out as much of the queue as one hop can. Returns whether there was any.
    pub(super) fn work(&mut self, now: ShowTime, out: &mut Vec<Event>) -> bool {
        let before = self.done;
        while self.done < AT_ONCE {
            let Some(work) = self.waiting.next() else { break };
            self.done += 1;
            match work.target {
                Target::Cue(name) => self.fire_cue(&name, &work.by, now, out),
                Target::Rule(name, on_grid) => self.run_rule(&name, on_grid, &work.by, work.by_key, now, out),
            }
        }
        self.done > before
    }
}

/// Whether that is what is wrong: it passes by itself.
pub(super) fn lacks_room(why: &str) -> bool {
    why.ends_with(NO_ROOM)
}

/// Why something is dropped that would have to wait.
pub(super) fn no_room(lack: Lack, what: &str) -> String {
    format!("too many {what}{} {NO_ROOM}", lack.whose())
}
