//! Carries out cues: changes and fades.

use super::Engine;
use super::by::By;
use super::work::lacks_room;
use downbeat_protocol::cue::Setting;
use downbeat_protocol::fade::Fade;
use downbeat_protocol::state::Change;
use downbeat_protocol::{Action, Cue, Event, ShowTime, tree};

impl Engine {
    /// Ends the fades that have arrived.
    pub(super) fn end_fades(&mut self, now: ShowTime, out: &mut Vec<Event>) {
        while let Some((address, fade)) = self.show.state().fades.iter().find(|(_, fade)| fade.is_over(self.time)) {
            let (address, cue) = (address.clone(), fade.cue.clone());
            let by = By { name: format!("{}{cue}", By::CUE), ..By::default() };
            self.change(Change::FadeEnded { address, cue }, &by, now, out);
        }
    }

    /// Fires a cue whose moment has come.
    pub(super) fn fire_cue(&mut self, name: &str, by: &By, now: ShowTime, out: &mut Vec<Event>) {
        let Some(cue) = self.show.state().cues.get(name).cloned() else { return };
        let by = by.then(By::CUE, name);
        if by.hand {
            self.show.begin_change();
        }
        for setting in &cue.set {
            if let Err(why) = self.set(setting, &cue, name, &by, now, out) {
                let why = format!("cue {name}, {}: {why}", setting.address);
                match by.chain.iter().rev().find_map(|link| link.strip_prefix(By::RULE)) {
                    Some(rule) if !(by.hand && lacks_room(&why)) => self.trouble(rule, why, now, out),
                    _ => out.push(Event::Refused { from: by.name.clone(), why }),
                }
            }
        }
        if by.hand {
            self.show.end_change(now);
        }
        let count = self.show.state().fired.get(name).map_or(1, |count| count.saturating_add(1));
        self.change(Change::Fired { cue: name.into(), count }, &by, now, out);
    }

    /// Applies one setting of a cue: an opacity or a parameter fades if the cue does; all else jumps.
    fn set(
        &mut self,
        setting: &Setting,
        cue: &Cue,
        name: &str,
        by: &By,
        now: ShowTime,
        out: &mut Vec<Event>,
    ) -> Result<(), String> {
        if let Setting { output: Some(output), address, value } = setting {
            let (output, address, value) = (output.clone(), address.clone(), value.clone());
            return self.obey(Action::Send { output, address, value }, by, now, out);
        }
        let action = tree::parse(&setting.address, setting.value.as_ref()).map_err(|error| error.to_string())?;
        let Some(action) = action else { return Ok(()) };
        let length = cue.fade.map_or(0, |fade| fade.ns(self.arbiter.told()));
        let from = self.fades_from(&action).filter(|_| length > 0);
        let change = match (from, self.show.step(&action, now)?) {
            (Some(_), Some(change)) => change,
            _ => return self.obey(action, by, now, out),
        };
        let to = match &change {
            Change::Opacity { opacity, .. } => Some(*opacity),
            Change::InHand { value, .. } => *value,
            _ => None,
        };
        match (from, to) {
            (Some(from), Some(to)) => {
                let fade = Fade { from, to, start: self.time, end: self.time.offset(length), cue: name.into() };
                let fade = Change::Fade { address: setting.address.clone(), fade };
                self.fade(change, fade, by, now, out);
            }
            _ => self.change(change, by, now, out),
        }
        Ok(())
    }

    /// The current value of what an action sets, if it can fade. Before the first row nothing fades.
    fn fades_from(&self, action: &Action) -> Option<f32> {
        self.seq?;
        let state = self.show.state();
        match action {
            Action::Opacity { layer, .. } => Some(state.opacity(state.layer(layer)?, self.time)),
            // A change since the newest row is not in it.
            Action::Parameter { name, .. } => {
                let fade = state.fades.get(&format!("/param/{name}")).map(|fade| fade.at(self.time));
                fade.or_else(|| state.in_hand.get(name).copied()).or_else(|| self.parameter(name))
            }
            _ => None,
        }
    }

    /// A parameter in the newest row.
    pub(super) fn parameter(&self, name: &str) -> Option<f32> {
        self.values.get(self.layout.parameters + self.mapper.place(name)?).copied()
    }
}
