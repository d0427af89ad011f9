//! Carries out the commands of people, cues and rules.

use super::Engine;
use super::by::By;
use crate::arbiter::Request;
use downbeat_protocol::state::{Change, Panic};
use downbeat_protocol::{Action, Event, ShowTime};

/// How long ago a tap may have been made, in nanoseconds; one that waited for longer counts as this old.
const OLDEST_TAP_NS: i64 = 1_000_000_000;

impl Engine {
    /// Carries out an action, or returns why not. Leaves cues and rules that it fires to [`Engine::work`].
    pub(super) fn obey(&mut self, what: Action, by: &By, now: ShowTime, out: &mut Vec<Event>) -> Result<(), String> {
        let request = match what {
            Action::Tap => Request::Tap(now),
            Action::Nudge(ms) => Request::NudgeMs(ms),
            Action::Double => Request::Double,
            Action::Halve => Request::Halve,
            Action::TheOne => Request::TheOne,
            Action::Tempo(bpm) => Request::Bpm(bpm),
            Action::Listen => Request::Listen,
            Action::FireCue { .. } | Action::FireRule { .. } => {
                self.show.step(&what, now)?;
                return match what {
                    Action::FireCue { cue } => self.put_cue(cue, by),
                    Action::FireRule { rule } => self.put_rule(&rule, by),
                    _ => Ok(()),
                };
            }
            Action::Send { .. } => {
                self.show.step(&what, now)?;
                if let Action::Send { output, address, value } = what {
                    out.push(Event::Message { output, address, value, by: by.name.clone(), at: by.at });
                }
                return Ok(());
            }
            Action::Undo => return self.undo(by, now, out),
            Action::PanicBlack(on) => {
                self.panic_black(on, by, now, out);
                return Ok(());
            }
            Action::PanicFreeze(on) => {
                self.panic_freeze(on, by, now, out);
                return Ok(());
            }
            other => {
                if let Action::DefineRule { rule, .. } = &other {
                    self.compiles(rule)?;
                }
                if let Some(change) = self.show.step(&other, now)? {
                    self.change(change, by, now, out);
                }
                return Ok(());
            }
        };
        let why = self.arbiter.obey(request, now)?;
        self.say(why, out);
        Ok(())
    }

    /// A tap is on the beat when it was made, which may have been a moment ago.
    pub(super) fn tap(&mut self, made: ShowTime, now: ShowTime, out: &mut Vec<Event>) -> Result<(), String> {
        let made = made.clamp(now.offset(-OLDEST_TAP_NS), now);
        let why = self.arbiter.obey(Request::Tap(made), now)?;
        self.say(why, out);
        Ok(())
    }

    /// Makes one change and its consequences, and tells everyone.
    pub(super) fn change(&mut self, change: Change, by: &By, now: ShowTime, out: &mut Vec<Event>) {
        self.prepare(&change, by, now, out);
        self.make(change, by, now, out);
    }

    /// Makes a change that fades. The fade is announced first, so that nobody jumps to the end value.
    pub(super) fn fade(&mut self, change: Change, fade: Change, by: &By, now: ShowTime, out: &mut Vec<Event>) {
        self.prepare(&change, by, now, out);
        self.make(fade, by, now, out);
        self.make(change, by, now, out);
    }

    /// Records how to undo a change, and stops the fade that it ends: in this order, since undo returns to the fade's
    /// current value.
    fn prepare(&mut self, change: &Change, by: &By, now: ShowTime, out: &mut Vec<Event>) {
        if by.hand {
            self.show.remember(change, &by.name, self.time, now);
        }
        self.let_go(change, by, now, out);
    }

    fn make(&mut self, change: Change, by: &By, now: ShowTime, out: &mut Vec<Event>) {
        if let Change::InHand { name, .. } = &change
            && let Some(place) = self.mapper.place(name)
        {
            self.rules.causes().note(place, &by.chain, now);
        }
        self.show.apply(&change);
        let why = self.arbiter.apply(&change, now);
        let defined = match &change {
            Change::Cue { .. } => Some(None),
            Change::Rule { name, .. } => Some(Some(name.clone())),
            _ => None,
        };
        let set = if let Change::Set { address, .. } = &change { Some(address.clone()) } else { None };
        out.push(Event::Changed { change, by: by.name.clone() });
        if let Some(address) = set {
            self.set_rule(&address, by, now, out);
        }
        if let Some(rule) = defined {
            self.redefined(rule.as_deref(), by, now, out);
        }
        if let Some(why) = why {
            self.say(why, out);
        }
    }

    /// Setting a value by hand ends the fade of a cue there.
    fn let_go(&mut self, change: &Change, by: &By, now: ShowTime, out: &mut Vec<Event>) {
        if self.show.state().fades.is_empty() {
            return;
        }
        let address = match change {
            Change::Opacity { layer, .. } => format!("/layer/{layer}/opacity"),
            Change::InHand { name, .. } => format!("/param/{name}"),
            _ => return,
        };
        if let Some(fade) = self.show.state().fades.get(&address) {
            let cue = fade.cue.clone();
            self.change(Change::FadeEnded { address, cue }, &By { hand: false, ..by.clone() }, now, out);
        }
    }

    /// A rule's rate or mute has changed: it may try again.
    fn set_rule(&mut self, address: &str, by: &By, now: ShowTime, out: &mut Vec<Event>) {
        let Some((rule, key)) = address.strip_prefix("/rule/").and_then(|rest| rest.split_once('/')) else { return };
        match key {
            "rate" => self.rules.set_rate(rule, self.show.state().rate(rule)),
            _ => self.look_again(rule, &By { hand: false, ..by.clone() }, now, out),
        }
    }

    /// A cue or a rule has changed: its problems are checked for again.
    fn redefined(&mut self, rule: Option<&str>, by: &By, now: ShowTime, out: &mut Vec<Event>) {
        let quietly = By { hand: false, ..by.clone() };
        if let Some(name) = rule {
            // What it says itself holds now.
            for key in ["mute", "rate"] {
                let address = format!("/rule/{name}/{key}");
                if let (Some(rule), true) =
                    (self.show.state().rules.get(name), self.show.state().settings.contains_key(&address))
                {
                    let value = if key == "mute" { rule.muted.into() } else { rule.rate.name().into() };
                    self.change(Change::Set { address, value }, &quietly, now, out);
                }
            }
        }
        let troubled: Vec<String> = self.show.state().troubles.keys().cloned().collect();
        for rule in troubled {
            self.look_again(&rule, &quietly, now, out);
        }
        if let Some(name) = rule
            && let Err(why) = self.compile(name)
            && self.show.state().troubles.get(name) != Some(&why)
        {
            self.change(Change::Trouble { rule: name.into(), why }, &quietly, now, out);
        }
    }

    /// A rule in trouble may act again, unless it does not compile: that stays so until it changes.
    fn look_again(&mut self, rule: &str, by: &By, now: ShowTime, out: &mut Vec<Event>) {
        let state = self.show.state();
        let Some(before) = state.troubles.get(rule) else { return };
        let why = state.rules.get(rule).and_then(|rule| self.flaw(rule)).unwrap_or_default();
        if *before != why {
            self.change(Change::Trouble { rule: rule.into(), why }, by, now, out);
        }
    }

    fn undo(&mut self, by: &By, now: ShowTime, out: &mut Vec<Event>) -> Result<(), String> {
        let back = self.show.last_back().ok_or("nothing to undo")?;
        let by = By { hand: false, ..by.clone() };
        for change in back {
            self.change(change, &by, now, out);
        }
        Ok(())
    }

    fn panic_black(&mut self, on: bool, by: &By, now: ShowTime, out: &mut Vec<Event>) {
        let panic = self.show.state().panic;
        let (before, dark) = (panic.black, self.show.state().blackout);
        if on != before.is_some() {
            self.panic(Panic { black: on.then_some(dark), ..panic }, by, now, out);
        }
        if on || before == Some(false) {
            self.change(Change::Blackout(on), &By { hand: false, ..by.clone() }, now, out);
        }
    }

    fn panic_freeze(&mut self, on: bool, by: &By, now: ShowTime, out: &mut Vec<Event>) {
        let panic = self.show.state().panic;
        let (before, frozen) = (panic.freeze, self.show.state().frozen);
        if on != before.is_some() {
            self.panic(Panic { freeze: on.then_some(frozen.is_some()), ..panic }, by, now, out);
        }
        if on || before == Some(false) {
            let change = Change::Frozen(on.then(|| frozen.unwrap_or(now)));
            self.change(change, &By { hand: false, ..by.clone() }, now, out);
        }
    }

    /// Stops every fade where it is, and drops what waits.
    fn panic(&mut self, panic: Panic, by: &By, now: ShowTime, out: &mut Vec<Event>) {
        let by = By { hand: false, ..by.clone() };
        self.change(Change::Panic(panic), &by, now, out);
        if panic.is_off() {
            return;
        }
        self.waiting.clear();
        self.pending.forget(|command| {
            matches!(command.what, Action::FireCue { .. } | Action::FireRule { .. }) || !By::is_hand(&command.from)
        });
        let state = std::sync::Arc::clone(self.show.state());
        for (address, fade) in &state.fades {
            let value = fade.at(self.time);
            let stopped = if let Some(name) = address.strip_prefix("/param/") {
                Change::InHand { name: name.into(), value: Some(value) }
            } else {
                let layer = address.trim_start_matches("/layer/").trim_end_matches("/opacity");
                Change::Opacity { layer: layer.into(), opacity: value }
            };
            self.change(stopped, &by, now, out);
        }
    }
}
