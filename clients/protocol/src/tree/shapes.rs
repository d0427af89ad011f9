//! Constructors for common entries of the table, and helpers to read them.

use super::entry::{Entry, Group, Kind, Read, Write};
use super::labels::labels;
use crate::definition::Mistake;
use crate::state::TempoRange;
use crate::{Action, ShowState, Status, Timeline, Unit, Value};
use serde::Serialize;

/// How long a beat light stays lit, in nanoseconds.
const LIT_NS: f64 = 100e6;
/// The highest count at an address: the last that a 32-bit float holds exactly.
const COUNT_MAX: f64 = 16_777_216.0;

type Names<'a> = &'a [&'a str];

pub(super) const fn trigger(
    address: &'static str,
    group: Group,
    label: &'static str,
    help: &'static str,
    action: fn(&[&str]) -> Action,
) -> Entry {
    Entry { address, group, label, help, kind: Kind::Trigger, read: Read::Nothing, write: Write::Trigger(action) }
}

pub(super) const fn switch(
    address: &'static str,
    group: Group,
    label: &'static str,
    help: &'static str,
    action: fn(&[&str], bool) -> Action,
    read: fn(&ShowState, &[&str]) -> Option<Value>,
) -> Entry {
    let (read, write) = (Read::State(read), Write::Switch(action));
    Entry { address, group, label, help, kind: Kind::Switch, read, write }
}

/// An entry stored in the show's settings, under its own address.
pub(super) const fn setting(
    address: &'static str,
    group: Group,
    label: &'static str,
    help: &'static str,
    kind: Kind,
    standard: fn() -> Value,
) -> Entry {
    Entry { address, group, label, help, kind, read: Read::Setting(standard), write: Write::Setting }
}

pub(super) const fn tempo_end(
    address: &'static str,
    label: &'static str,
    help: &'static str,
    action: fn(&[&str], f64) -> Action,
    read: fn(&ShowState, &[&str]) -> Option<Value>,
) -> Entry {
    let kind = Kind::Number([TempoRange::LIMITS.0, TempoRange::LIMITS.1], Unit::Bpm);
    Entry { address, group: Group::Tempo, label, help, kind, read: Read::State(read), write: Write::Number(action) }
}

pub(super) const fn told(
    address: &'static str,
    group: Group,
    label: &'static str,
    help: &'static str,
    kind: Kind,
) -> Entry {
    Entry { address, group, label, help, kind, read: Read::Nothing, write: Write::Nothing }
}

pub(super) const fn status(
    address: &'static str,
    group: Group,
    label: &'static str,
    help: &'static str,
    kind: Kind,
    read: fn(&Status, &[&str]) -> Option<Value>,
) -> Entry {
    Entry { address, group, label, help, kind, read: Read::Status(read), write: Write::Nothing }
}

/// A count or a rate of the rig.
pub(super) const fn counted(
    address: &'static str,
    label: &'static str,
    help: &'static str,
    read: fn(&Status, &[&str]) -> Option<Value>,
) -> Entry {
    status(address, Group::Rig, label, help, Kind::Number([0.0, f64::MAX], Unit::Count), read)
}

/// Whether the light for a cycle of beats is lit this far into it.
pub(super) fn is_lit(line: &Timeline, beats: f64) -> bool {
    beats * line.beat_ns() < LIT_NS
}

/// The item named in the address.
pub(super) fn named<'a, T>(all: &'a [T], name: fn(&T) -> &str, names: Names<'_>) -> Option<&'a T> {
    let wanted = names.first()?;
    let place = labels(all.iter().map(name)).iter().position(|label| label == wanted)?;
    all.get(place)
}

/// A counter of cues and rules.
pub(super) const fn count(
    address: &'static str,
    help: &'static str,
    read: fn(&ShowState, &[&str]) -> Option<Value>,
) -> Entry {
    let kind = Kind::Number([0.0, COUNT_MAX], Unit::Count);
    Entry { address, group: Group::Cues, label: "count", help, kind, read: Read::State(read), write: Write::Nothing }
}

/// What a cue or a rule consists of, as JSON.
pub(super) const fn definition(
    address: &'static str,
    help: &'static str,
    read: fn(&ShowState, &[&str]) -> Option<Value>,
    action: fn(&[&str], &str) -> Result<Action, Mistake>,
) -> Entry {
    let (read, write) = (Read::State(read), Write::Definition(action));
    Entry { address, group: Group::Editing, label: "definition", help, kind: Kind::Text, read, write }
}

/// Whether a cue or a rule is another one than the configuration says.
pub(super) const fn edited(
    address: &'static str,
    help: &'static str,
    read: fn(&ShowState, &[&str]) -> Option<Value>,
) -> Entry {
    let (kind, read) = (Kind::Switch, Read::State(read));
    Entry { address, group: Group::Editing, label: "edited", help, kind, read, write: Write::Nothing }
}

/// As JSON; none where there is nothing, and for what is from a newer Downbeat.
pub(super) fn json(it: Option<impl Serialize>) -> Option<Value> {
    serde_json::to_string(&it?).ok().map(Value::Text)
}

pub(super) fn layer<'a>(state: &'a ShowState, names: Names<'_>) -> Option<&'a crate::Layer> {
    state.layer(names.first()?)
}

/// One of the names in the address.
pub(super) fn own(names: Names<'_>, place: usize) -> String {
    names.get(place).copied().unwrap_or_default().into()
}
