//! Cues and rules from the configuration, and edits made while the show runs, which override them.

use super::Show;
use super::check::named;
use crate::EngineError;
use downbeat_protocol::state::{Change, Edited};
use downbeat_protocol::{Cue, Rule, ShowState};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The cues and rules of the configuration.
#[derive(Clone, Debug, Default)]
pub(super) struct Definitions {
    pub cues: BTreeMap<String, Cue>,
    pub rules: BTreeMap<String, Rule>,
}

impl Definitions {
    /// Merges them into a saved state, in which only edits override them.
    pub fn merge_into(&self, saved: &mut ShowState) {
        let ShowState { cues, rules, edited: Edited { cues: edited_cues, rules: edited_rules }, .. } = saved;
        merge(&self.cues, cues, edited_cues);
        merge(&self.rules, rules, edited_rules);
        saved.fired.retain(|name, _| saved.cues.contains_key(name));
        saved.runs.retain(|name, _| saved.rules.contains_key(name));
        saved.troubles.clear();
    }
}

fn merge<T: Clone>(configured: &BTreeMap<String, T>, all: &mut BTreeMap<String, T>, edited: &BTreeSet<String>) {
    all.retain(|name, _| edited.contains(name));
    let unedited = configured.iter().filter(|(name, _)| !edited.contains(*name));
    all.extend(unedited.map(|(name, it)| (name.clone(), it.clone())));
}

impl Show {
    /// Checks the cues and rules of the configuration, except what must be compiled.
    pub fn check_configured(&self) -> Result<(), EngineError> {
        let Definitions { cues, rules } = &self.configured;
        let mut alone = self.clone();
        let state = Arc::make_mut(&mut alone.state);
        (state.cues, state.rules) = (cues.clone(), rules.clone());
        for (name, cue) in cues {
            let wrong = |(path, why)| EngineError::Cue { name: name.clone(), path, why };
            alone.check_cue(name, cue).map_err(wrong)?;
        }
        for (name, rule) in rules {
            let wrong = |(path, why)| EngineError::Rule { name: name.clone(), path, why };
            alone.check_rule(name, rule).map_err(wrong)?;
        }
        let name = rules.keys().chain(cues.keys()).next().cloned().unwrap_or_default();
        Self::check_room(cues.values(), rules.values()).map_err(|why| EngineError::Rule { name, path: Vec::new(), why })
    }

    pub(super) fn define_cue(&self, name: &str, cue: &Cue) -> Result<Change, String> {
        self.fitting(Change::Cue { name: name.into(), cue: Some(cue.clone()), edited: true })
    }

    pub(super) fn define_rule(&self, name: &str, rule: &Rule) -> Result<Change, String> {
        self.fitting(Change::Rule { name: name.into(), rule: Some(rule.clone()), edited: true })
    }

    pub(super) fn remove_cue(&self, name: &str) -> Result<Change, String> {
        named("cue", name, &self.state.cues)?;
        let edited = self.configured.cues.contains_key(name);
        self.fitting(Change::Cue { name: name.into(), cue: None, edited })
    }

    pub(super) fn remove_rule(&self, name: &str) -> Result<Change, String> {
        named("rule", name, &self.state.rules)?;
        let edited = self.configured.rules.contains_key(name);
        self.fitting(Change::Rule { name: name.into(), rule: None, edited })
    }

    pub(super) fn revert_cue(&self, name: &str) -> Result<Change, String> {
        if !self.state.edited.cues.contains(name) {
            return Err(format!("cue `{name}` has no edits: it is as configured"));
        }
        self.fitting(Change::Cue { name: name.into(), cue: self.configured.cues.get(name).cloned(), edited: false })
    }

    pub(super) fn revert_rule(&self, name: &str) -> Result<Change, String> {
        if !self.state.edited.rules.contains(name) {
            return Err(format!("rule `{name}` has no edits: it is as configured"));
        }
        self.fitting(Change::Rule { name: name.into(), rule: self.configured.rules.get(name).cloned(), edited: false })
    }

    /// The change, if everything still fits after it: a cue cannot be removed while a rule fires it.
    fn fitting(&self, change: Change) -> Result<Change, String> {
        let mut after = self.clone();
        after.apply(&change);
        let state = Arc::clone(&after.state);
        Self::check_room(state.cues.values(), state.rules.values())?;
        let told = |what: &str, name: &str, (path, why): (Vec<String>, String)| {
            let key = if path.is_empty() { String::new() } else { format!("{}: ", path.join(".")) };
            format!("{what} `{name}`: {key}{why}")
        };
        // References are by name, so only a removal can break other definitions.
        let concerned = |name: &str| match &change {
            Change::Cue { name: own, cue: Some(_), .. } | Change::Rule { name: own, rule: Some(_), .. } => own == name,
            _ => true,
        };
        // Errors from an earlier change of the configuration do not prevent the edit.
        for (name, cue) in state.cues.iter().filter(|(name, _)| concerned(name)) {
            match after.check_cue(name, cue) {
                Err(fault) if self.state.cues.get(name) != Some(cue) || self.check_cue(name, cue).is_ok() => {
                    return Err(told("cue", name, fault));
                }
                _ => {}
            }
        }
        for (name, rule) in state.rules.iter().filter(|(name, _)| concerned(name)) {
            match after.check_rule(name, rule) {
                Err(fault) if self.state.rules.get(name) != Some(rule) || self.check_rule(name, rule).is_ok() => {
                    return Err(told("rule", name, fault));
                }
                _ => {}
            }
        }
        Ok(change)
    }
}
