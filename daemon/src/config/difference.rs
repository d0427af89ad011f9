//! What becomes of a changed configuration while the show runs. Pure.

use super::{Config, Peer, ShowConfig};
use std::collections::BTreeMap;
use std::fmt;

/// A table that belongs to an edge, which is closed and opened again for a change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// `[control.NAME]`.
    Control(String),
    /// `[web]`.
    Web,
    /// `[server]`.
    Server,
    /// `[output.NAME]`.
    Output(String),
}

impl fmt::Display for Table {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Control(name) => write!(out, "control.{name}"),
            Self::Web => out.write_str("web"),
            Self::Server => out.write_str("server"),
            Self::Output(name) => write!(out, "output.{name}"),
        }
    }
}

/// The difference between the configuration in force and a new one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Tables that take effect at once.
    pub live: Vec<String>,
    /// Edges to close, because they are gone or have changed.
    pub close: Vec<Table>,
    /// Edges to open, because they are new or have changed.
    pub open: Vec<Table>,
    /// Tables that take effect when the daemon starts again.
    pub restart: Vec<String>,
}

impl Difference {
    /// Compares two configurations.
    pub fn between(old: &Config, new: &Config) -> Self {
        let mut this = Self::default();
        this.live("parameter", &old.engine.parameters, &new.engine.parameters);
        if old.engine.layers != new.engine.layers {
            this.live.push("layer".into());
        }
        this.live("cue", &old.engine.cues, &new.engine.cues);
        this.live("rule", &old.engine.rules, &new.engine.rules);
        this.edges(&old.controls, &new.controls, Table::Control);
        this.edge(old.web.as_ref(), new.web.as_ref(), &Table::Web);
        this.edge(old.server.as_ref(), new.server.as_ref(), &Table::Server);
        this.edges(&old.outputs, &new.outputs, Table::Output);
        let started = [
            ("show", old.show == ShowConfig { watch: old.show.watch, ..new.show.clone() }),
            ("standby", old.standby == new.standby),
            ("audio", old.audio == new.audio),
            ("threads", old.threads == new.threads),
            ("tempo", old.engine.tempo == new.engine.tempo),
            ("bus", old.buses == new.buses),
            ("midi-source", old.midi_sources == new.midi_sources),
        ];
        if old.show.watch != new.show.watch {
            this.live.push("show.watch".into());
        }
        this.restart = started.iter().filter(|(_, same)| !same).map(|(table, _)| (*table).to_owned()).collect();
        this
    }

    /// Whether nothing has changed.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the engine needs another configuration: outputs are among it, since cues may send through them.
    pub fn changes_the_show(&self) -> bool {
        let is_output = |table: &Table| matches!(table, Table::Output(_));
        !self.live.is_empty() || self.close.iter().chain(&self.open).any(is_output)
    }

    fn live<T: PartialEq>(&mut self, table: &str, old: &BTreeMap<String, T>, new: &BTreeMap<String, T>) {
        let gone = old.keys().filter(|name| !new.contains_key(*name));
        let other = new.iter().filter(|(name, it)| old.get(*name) != Some(it)).map(|(name, _)| name);
        self.live.extend(gone.chain(other).map(|name| format!("{table}.{name}")));
    }

    fn edges(&mut self, old: &[Peer], new: &[Peer], table: fn(String) -> Table) {
        let find = |all: &[Peer], name: &String| all.iter().find(|peer| peer.name == *name).cloned();
        for peer in old.iter().filter(|peer| !new.iter().any(|it| it.name == peer.name)) {
            self.close.push(table(peer.name.clone()));
        }
        for peer in new {
            self.edge(find(old, &peer.name).as_ref(), Some(peer), &table(peer.name.clone()));
        }
    }

    fn edge<T: PartialEq>(&mut self, old: Option<&T>, new: Option<&T>, table: &Table) {
        if old != new {
            self.close.extend(old.map(|_| table.clone()));
            self.open.extend(new.map(|_| table.clone()));
        }
    }
}

/// What was done, for the operator.
impl fmt::Display for Difference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return out.write_str("no change");
        }
        let list = |tables: &[Table]| tables.iter().map(Table::to_string).collect::<Vec<_>>().join(", ");
        let (reopened, opened): (Vec<_>, Vec<_>) = self.open.iter().cloned().partition(|it| self.close.contains(it));
        let closed: Vec<_> = self.close.iter().filter(|it| !self.open.contains(it)).cloned().collect();
        let parts = [
            ("in force", self.live.join(", ")),
            ("opened", list(&opened)),
            ("reopened", list(&reopened)),
            ("closed", list(&closed)),
            ("in force after a restart", self.restart.join(", ")),
        ];
        let parts = parts.iter().filter(|(_, what)| !what.is_empty());
        out.write_str(&parts.map(|(how, what)| format!("{how}: {what}")).collect::<Vec<_>>().join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Config {
        Config::parse("show.toml", text).unwrap_or_else(|fault| panic!("{fault}"))
    }

    fn words(old: &str, new: &str) -> String {
        Difference::between(&config(old), &config(new)).to_string()
    }

    #[test]
    fn each_table_takes_effect_in_its_own_way() {
        let glow = "[parameter.glow]\nexpression = \"main.level\"\n";
        assert_eq!(words(glow, glow), "no change");
        assert_eq!(words(glow, "[parameter.hue]\n"), "in force: parameter.glow, parameter.hue");
        assert_eq!(words("", "[cue.one]\nset = [{ address = \"/show/blackout\", value = 1 }]\n"), "in force: cue.one");
        let desk = |port: u16| format!("[output.desk]\nkind = \"osc\"\ntarget = \"192.0.2.1:{port}\"\n");
        assert_eq!(words("", &desk(1)), "opened: output.desk");
        assert_eq!(words(&desk(1), &desk(2)), "reopened: output.desk");
        assert_eq!(words(&desk(1), &format!("{}enabled = false\n", desk(1))), "closed: output.desk");
        let folder = tempfile::TempDir::new().expect("a folder");
        for (file, table, reopened) in [
            ("box.toml", "[control.box]\nkind = \"midi\"\nsurface", "control.box"),
            ("page.pem", "[web]\ncertificate", "web"),
            ("page.key", "[web]\nkey", "web"),
        ] {
            let path = folder.path().join(file);
            let text = format!("{table} = {path:?}\n");
            std::fs::write(&path, "old").expect("written");
            let old = config(&text);
            assert!(Difference::between(&old, &config(&text)).is_empty());
            std::fs::write(&path, "new").expect("written");
            let told = Difference::between(&old, &config(&text)).to_string();
            assert_eq!(told, format!("reopened: {reopened}"), "the file has changed");
        }
        assert_eq!(words("", "[web]\nenabled = false\n"), "closed: web");
        assert_eq!(words("", "[server]\nlisten = \"0.0.0.0:7000\"\n"), "reopened: server");
        assert_eq!(
            words("", "[audio]\nhop = 128\n[threads]\nrealtime = 0\n[tempo]\nbeats-per-bar = 3\n"),
            "in force after a restart: audio, threads, tempo"
        );
    }
}
