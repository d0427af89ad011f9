//! Carries out rules: whether one acts this time, and its actions.

use super::Engine;
use super::by::By;
use super::work::{lacks_room, no_room};
use crate::rules::{Names, OnGrid, Rules, choice};
use downbeat_protocol::state::{Change, Run};
use downbeat_protocol::{Action, Command, Event, Rule, ShowTime, When};
use std::sync::Arc;

/// Why a rule fired by a person does not act.
const HELD: &str = "its condition, pattern or chance does not allow it";

impl Engine {
    /// Runs a rule whose moment has come, if it acts.
    pub(super) fn run_rule(
        &mut self,
        name: &str,
        on_grid: Option<OnGrid>,
        by: &By,
        by_key: bool,
        now: ShowTime,
        out: &mut Vec<Event>,
    ) {
        if self.show.state().is_muted(name) {
            if by.hand {
                out.push(Event::Refused { from: by.name.clone(), why: format!("rule `{name}` is muted") });
            }
            return;
        }
        let Some(rule) = self.show.state().rules.get(name).cloned() else { return };
        let run = self.show.state().runs.get(name).copied().unwrap_or_default();
        let acts = self.acts(name, &rule, on_grid, by_key, run.seen);
        if by.hand && !acts {
            out.push(Event::Refused {
                from: by.name.clone(),
                why: format!("rule `{name}` does not act this time: {HELD}"),
            });
        }
        let seen = run.seen.saturating_add(u64::from(on_grid.is_none()));
        let by = by.then(By::RULE, name);
        if acts && let Err(why) = self.take_steps(&rule, &by, name, run.count, now, out) {
            // Whoever fires without end fills places of its own: nothing is wrong with the rule.
            if by.hand && lacks_room(&why) {
                out.push(Event::Refused { from: by.name.clone(), why });
            } else {
                self.trouble(name, why, now, out);
            }
        }
        if acts || seen != run.seen {
            let quarter = on_grid.map(|place| place.quarter).or(run.quarter);
            let run = Run { count: run.count.saturating_add(u64::from(acts)), seen, quarter };
            self.change(Change::Ran { rule: name.into(), run }, &By { hand: false, ..by }, now, out);
        }
    }

    /// Whether a fired rule acts: its pattern, chance and condition must allow it.
    fn acts(&mut self, name: &str, rule: &Rule, on_grid: Option<OnGrid>, by_key: bool, seen: u64) -> bool {
        let follows_grid = rule.when.cycle(self.arbiter.told()).is_some();
        // On the grid, the spacing already includes `every` and the rate.
        let place = match on_grid {
            Some(place) => Some(place.cycle),
            // A press by hand does not count as a step of the pattern.
            None if follows_grid && by_key => None,
            None => {
                let rate = u64::from(self.show.state().rate(name).quarters());
                let every = (u64::from(rule.every.max(1)) * 4 / rate).max(1);
                if !seen.is_multiple_of(every) {
                    return false;
                }
                Some((seen / every) as i64)
            }
        };
        let fits = place.is_none_or(|place| rule.euclid.is_none_or(|pattern| choice::is_hit(pattern, place)));
        let lucky = choice::is_lucky(name, rule.chance, place.map_or(seen, |place| place as u64));
        fits && lucky && self.rules.holds(name, &self.values, self.time)
    }

    fn take_steps(
        &mut self,
        rule: &Rule,
        by: &By,
        name: &str,
        count: u64,
        now: ShowTime,
        out: &mut Vec<Event>,
    ) -> Result<(), String> {
        if by.hand {
            self.show.begin_change();
        }
        let mut outcome = Ok(());
        for place in choice::steps(name, rule, count) {
            let step = &rule.steps[place];
            let done = self.show.action(step, |name| self.parameter(name), count).and_then(|action| match action {
                Some(action) => self.take_step(action, by, now, out),
                None => Ok(()),
            });
            outcome = outcome.and(done.map_err(|why| format!("{}: {why}", step.address)));
        }
        if by.hand {
            self.show.end_change(now);
        }
        outcome
    }

    /// A cue that waits for the beat also waits when a rule fires it.
    fn take_step(&mut self, action: Action, by: &By, now: ShowTime, out: &mut Vec<Event>) -> Result<(), String> {
        let when = match &action {
            Action::FireCue { cue } => self.show.start_of(cue),
            _ => When::Now,
        };
        if when == When::Now {
            return self.obey(action, by, now, out);
        }
        let command = Command { what: action, when, from: by.name.clone() };
        self.pending.push(command, by.payer()).map_err(|lack| no_room(lack, "commands"))
    }

    /// Whether a rule compiles.
    pub(super) fn compiles(&self, rule: &Rule) -> Result<(), String> {
        Rules::check(rule, self.names()).map_err(|(path, why)| format!("{}: {why}", path.join(".")))
    }

    /// Why a rule does not compile, worded like [`compile`](Self::compile).
    pub(super) fn flaw(&self, rule: &Rule) -> Option<String> {
        Rules::check(rule, self.names()).err().map(|(_, why)| why)
    }

    /// Tells why rules do not act that did not compile when they were defined.
    pub(super) fn tell_flaws(&mut self) {
        let state = Arc::clone(self.show.state());
        for (name, rule) in state.rules.iter().filter(|(name, _)| !self.rules.is_compiled(name)) {
            if let Some(why) = self.flaw(rule) {
                self.show.apply(&Change::Trouble { rule: name.clone(), why });
            }
        }
    }

    /// Compiles a rule as currently defined.
    pub(super) fn compile(&mut self, name: &str) -> Result<(), String> {
        let names = Names { layout: &self.layout, mapper: &self.mapper, known: &self.known };
        self.rules.define(name, self.show.state(), names)
    }

    fn names(&self) -> Names<'_> {
        Names { layout: &self.layout, mapper: &self.mapper, known: &self.known }
    }
}
