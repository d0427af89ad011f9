//! How each change takes effect, and what is said of it. `docs/reload.md` tells the same to people.

use crate::values::{
    AUDIO, BUS, CONTROL_MIDI, CONTROL_MIDI_MAP, CONTROL_OSC, CUE, CUE_SET, KINDS, LAYER, MIDI_SOURCE, OUTPUT,
    OUTPUT_MIDI, OUTPUT_MIDI_CC, OUTPUT_MIDI_NOTES, OUTPUT_OSC, OUTPUT_OSC_SEND, PARAMETER, RULE, RULE_DO, SERVER,
    SHOW, STANDBY, TEMPO, THREADS, Values, WEB,
};
use How::{Closed, InForce, Reopened, Restart};

/// How a change takes effect: the table that is named for it.
#[derive(Clone, Copy, Debug)]
pub enum How {
    /// At once.
    InForce(&'static str),
    /// It is closed and opened again.
    Reopened(&'static str),
    /// It is closed.
    Closed(&'static str),
    /// When the daemon starts again.
    Restart(&'static str),
}

impl How {
    /// What is said of the change.
    pub fn words(self) -> String {
        match self {
            InForce(table) => format!("in force: {table}"),
            Reopened(table) => format!("reopened: {table}"),
            Closed(table) => format!("closed: {table}"),
            Restart(table) => format!("in force after a restart: {table}"),
        }
    }
}

/// One key, another value for it, and what becomes of that.
#[derive(Clone, Debug)]
pub struct Row {
    /// By its table, without names.
    pub key: String,
    /// What stands in the drop-in before the change.
    pub before: &'static str,
    /// The drop-in with the change.
    pub text: String,
    pub how: How,
}

impl Row {
    /// What is said when the drop-in is empty again.
    pub fn taken_back(&self) -> String {
        match self.how {
            Closed(table) => format!("opened: {table}"),
            // The table was only there for the change.
            Reopened(table) if !self.before.is_empty() => Closed(table).words(),
            how => how.words(),
        }
    }
}

/// Every row.
pub fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    let mut put = |table: &str, line: &str, how: How, values: &[(&str, &str)]| {
        rows.extend(values.iter().map(|(key, value)| Row {
            key: format!("{table}.{key}"),
            before: "",
            text: line.replace("KEY", key).replace("VALUE", value),
            how,
        }));
    };
    put("show", "show.KEY = VALUE", Restart("show"), SHOW);
    put("show", "show.KEY = VALUE", InForce("show.watch"), &[("watch", "true")]);
    put("standby", "standby.KEY = VALUE", Restart("standby"), STANDBY);
    put("audio", "audio.KEY = VALUE", Restart("audio"), AUDIO);
    put("audio", "audio.KEY = VALUE", Restart("audio, bus"), &[("files", "{ drums = '{song}' }")]);
    put("threads", "threads.KEY = VALUE", Restart("threads"), THREADS);
    put("bus", "bus.main.KEY = VALUE", Restart("bus"), BUS);
    put("midi-source", "midi-source.keys = VALUE", Restart("midi-source"), MIDI_SOURCE);
    put("tempo", "tempo.KEY = VALUE", Restart("tempo"), TEMPO);
    put("parameter", "parameter.glow.KEY = VALUE", InForce("parameter.glow"), PARAMETER);
    put("parameter", "parameter.still.KEY = VALUE", InForce("parameter.still"), &[("default", "0.5")]);
    put("layer", "layer = [{ VALUE }]", InForce("layer"), LAYER);
    put("cue", "cue.half.KEY = VALUE", InForce("cue.half"), CUE);
    put("cue", "cue.half.set = [{ VALUE }]", InForce("cue.half"), CUE_SET);
    put("rule", "rule.go.VALUE", InForce("rule.go"), RULE);
    put("rule", "rule.go.do = [{ VALUE }]", InForce("rule.go"), RULE_DO);
    put("server", "server.KEY = VALUE", Closed("server"), OFF);
    put("server", "server.KEY = VALUE", Reopened("server"), SERVER);
    put("web", "web.KEY = VALUE", Closed("web"), OFF);
    put("web", "web.VALUE", Reopened("web"), WEB);
    for (name, table, other) in [("udp", "output.udp", "'tcp'"), ("tcp", "output.tcp", "'udp'")] {
        let of = |line: &str| line.replace("NAME", name);
        put("output.osc", &of("output.NAME.KEY = VALUE"), Closed(table), OFF);
        put("output.osc", &of("output.NAME.KEY = VALUE"), Reopened(table), OUTPUT);
        put("output.osc", &of("output.NAME.KEY = VALUE"), Reopened(table), OUTPUT_OSC);
        put("output.osc", &of("output.NAME.KEY = VALUE"), Reopened(table), &[("transport", other)]);
        put("output.osc", &of("output.NAME.send = [{ VALUE }]"), Reopened(table), OUTPUT_OSC_SEND);
    }
    put("output.midi", "output.notes.KEY = VALUE", Closed("output.notes"), OFF);
    put("output.midi", "output.notes.KEY = VALUE", Reopened("output.notes"), OUTPUT);
    put("output.midi", "output.notes.KEY = VALUE", Reopened("output.notes"), OUTPUT_MIDI);
    put("output.midi", "output.notes.notes = [{ VALUE }]", Reopened("output.notes"), OUTPUT_MIDI_NOTES);
    put("output.midi", "output.notes.cc = [{ VALUE }]", Reopened("output.notes"), OUTPUT_MIDI_CC);
    put("output.log", "output.bars.KEY = VALUE", Closed("output.bars"), OFF);
    put("output.log", "output.bars.KEY = VALUE", Reopened("output.bars"), OUTPUT);
    put("control.osc", "control.tablet.KEY = VALUE", Closed("control.tablet"), OFF);
    put("control.osc", "control.tablet.KEY = VALUE", Reopened("control.tablet"), CONTROL_OSC);
    put("control.midi", "control.box.KEY = VALUE", Closed("control.box"), OFF);
    put("control.midi", "control.box.KEY = VALUE", Reopened("control.box"), CONTROL_MIDI);
    put("control.midi", "control.box.map = { 'pad.1' = { VALUE } }", Reopened("control.box"), CONTROL_MIDI_MAP);
    rows.extend(KINDS.iter().map(|(key, how, before, text)| Row {
        key: (*key).into(),
        before,
        text: (*text).into(),
        how: *how,
    }));
    rows
}

const OFF: Values = &[("enabled", "false")];
