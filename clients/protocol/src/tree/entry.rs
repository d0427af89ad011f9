//! The type of a line of the table.

use crate::definition::Mistake;
use crate::{Action, ShowState, ShowTime, Status, Timeline, Unit, Value};

/// One line of [`ENTRIES`](super::ENTRIES).
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The address. Words in capitals, such as `LAYER`, stand for names of the show.
    pub address: &'static str,
    /// Its group.
    pub group: Group,
    /// The label of its button or fader, in a word or two.
    pub label: &'static str,
    /// What it does, in one sentence without a full stop.
    pub help: &'static str,
    /// What kind of value is there.
    pub kind: Kind,
    /// How it is read.
    pub read: Read,
    /// What it writes.
    pub write: Write,
}

/// The group of an entry; surfaces show a group together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// The beat.
    Tempo,
    /// The audio.
    Music,
    /// The whole show.
    Show,
    /// Cues and rules.
    Cues,
    /// The definitions of cues and rules. They are read and written, not played: only pages and the command line show them.
    Editing,
    /// The layers of the picture.
    Layers,
    /// The parameters of scenes and lamps.
    Parameters,
    /// The daemon itself, and the lead.
    Daemon,
    /// Clients, outputs and controls.
    Rig,
}

impl Group {
    /// All groups, in the order of the surfaces.
    pub const ALL: [Self; 9] = [
        Self::Tempo,
        Self::Music,
        Self::Show,
        Self::Cues,
        Self::Editing,
        Self::Layers,
        Self::Parameters,
        Self::Daemon,
        Self::Rig,
    ];

    /// Whether surfaces with faders, buttons and lamps show it, and cues and rules can set it.
    pub fn is_played(self) -> bool {
        self != Self::Editing
    }

    /// Its heading.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tempo => "Tempo",
            Self::Music => "Music",
            Self::Show => "Show",
            Self::Cues => "Cues and rules",
            Self::Editing => "Editing",
            Self::Layers => "Layers",
            Self::Parameters => "Parameters",
            Self::Daemon => "Daemon",
            Self::Rig => "Rig",
        }
    }
}

/// The kind of value at an address.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A button: it acts when pressed, and reads as a lamp.
    Trigger,
    /// On or off.
    Switch,
    /// A number within a range; the show's own range for a parameter.
    Number([f64; 2], Unit),
    /// One of a few words.
    Choice(&'static [&'static str]),
    /// The name of one of the layer's scenes.
    Scene,
    /// A text.
    Text,
}

/// How an entry is read. Names are those in the address for the words in capitals.
#[derive(Clone, Copy)]
pub enum Read {
    /// Not at all.
    Nothing,
    /// From the state.
    State(fn(&ShowState, &[&str]) -> Option<Value>),
    /// From the row: the signal of this name, where `NAME` is the name in the address.
    Signal(&'static str),
    /// From the row: the meaning of this signal's number.
    Meaning(&'static str, fn(f32) -> Option<Value>),
    /// From the timeline at a moment.
    Beat(fn(&Timeline, ShowTime, &[&str]) -> Option<Value>),
    /// From the status.
    Status(fn(&Status, &[&str]) -> Option<Value>),
    /// From the state, or from the row if it is not set there.
    StateOrSignal(fn(&ShowState, &[&str]) -> Option<Value>, &'static str),
    /// From the show's settings, under its own address; by default, this.
    Setting(fn() -> Value),
}

/// What an entry writes. Names are as in [`Read`].
#[derive(Clone, Copy)]
pub enum Write {
    /// Read-only.
    Nothing,
    /// Pressed.
    Trigger(fn(&[&str]) -> Action),
    /// Switched on or off.
    Switch(fn(&[&str], bool) -> Action),
    /// Set to a number.
    Number(fn(&[&str], f64) -> Action),
    /// Set to a word; `None` if the word is unknown.
    Text(fn(&[&str], &str) -> Option<Action>),
    /// Defined by a text in JSON.
    Definition(fn(&[&str], &str) -> Result<Action, Mistake>),
    /// Stored in the show's settings under its own address.
    Setting,
}

/// Whether an entry can be read, written, or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read-only.
    Read,
    /// Write-only.
    Write,
    /// Both.
    ReadWrite,
}

impl Entry {
    /// Whether it can be read, written, or both.
    pub fn access(&self) -> Access {
        match (self.read, self.write) {
            (Read::Nothing, _) => Access::Write,
            (_, Write::Nothing) => Access::Read,
            _ => Access::ReadWrite,
        }
    }

    /// The value set at its address; none for signals. `names` are those in the address.
    pub fn set_to(&self, address: &str, names: &[&str], state: &ShowState) -> Option<Value> {
        match self.read {
            Read::State(read) | Read::StateOrSignal(read, _) => read(state, names),
            Read::Setting(standard) => Some(state.settings.get(address).cloned().unwrap_or_else(standard)),
            Read::Signal(_) | Read::Meaning(..) | Read::Beat(_) | Read::Status(_) | Read::Nothing => None,
        }
    }

    /// The parts of its address between the slashes.
    pub fn parts(&self) -> impl Iterator<Item = &'static str> {
        self.address[1..].split('/')
    }

    /// The names in an address for the words in capitals of this entry; none if the address belongs to another entry.
    pub fn names<'a>(&self, address: &'a str) -> Option<Vec<&'a str>> {
        let mut names = Vec::new();
        let mut own = self.parts();
        for part in address.strip_prefix('/').unwrap_or(address).split('/') {
            let wanted = own.next()?;
            if is_name(wanted) && !part.is_empty() {
                names.push(part);
            } else if wanted != part {
                return None;
            }
        }
        own.next().is_none().then_some(names)
    }

    /// Its address with names in place of the words in capitals.
    pub fn with_names(&self, names: &[&str]) -> String {
        let mut names = names.iter();
        let part = |part: &'static str| if is_name(part) { names.next().copied().unwrap_or(part) } else { part };
        self.parts().map(part).fold(String::new(), |address, part| address + "/" + part)
    }
}

/// Whether a part of an address stands for a name of the show.
pub(super) fn is_name(part: &str) -> bool {
    part.starts_with(|c: char| c.is_ascii_uppercase())
}

impl std::fmt::Debug for Read {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Nothing => "Nothing",
            Self::State(_) => "State",
            Self::Signal(_) => "Signal",
            Self::StateOrSignal(..) => "StateOrSignal",
            Self::Setting(_) => "Setting",
            Self::Meaning(..) => "Meaning",
            Self::Beat(_) => "Beat",
            Self::Status(_) => "Status",
        })
    }
}

impl std::fmt::Debug for Write {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Nothing => "Nothing",
            Self::Trigger(_) => "Trigger",
            Self::Switch(_) => "Switch",
            Self::Number(_) => "Number",
            Self::Text(_) => "Text",
            Self::Definition(_) => "Definition",
            Self::Setting => "Setting",
        })
    }
}
