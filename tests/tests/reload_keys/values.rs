//! Another value for each key than it has in `base.toml`. `{free}` is a port that nobody uses.

use crate::table::How;

/// Keys of a table with their values.
pub type Values = &'static [(&'static str, &'static str)];

pub const SHOW: Values = &[("name", "'other'"), ("state", "'{folder}/state.json'"), ("keys", "'{folder}/other-keys'")];

pub const STANDBY: Values =
    &[("of", "['127.0.0.1:9']"), ("detection-ms", "200"), ("preferred", "true"), ("allow-unpaired", "true")];

pub const AUDIO: Values = &[
    ("source", "'jack'"),
    ("hop", "128"),
    ("client", "'other'"),
    ("server", "'other'"),
    ("pace", "'fast'"),
    ("repeat", "false"),
];

pub const THREADS: Values = &[("realtime", "0"), ("cpus", "[0]"), ("lock-memory", "false")];

pub const BUS: Values = &[("connect", "['nothing:*']"), ("role", "'drums'")];

pub const MIDI_SOURCE: Values = &[
    ("port", "{ port = 'nothing' }"),
    ("file", "{ file = '{folder}/song.mid' }"),
    ("channel", "{ port = 'nothing', channel = 2 }"),
];

pub const TEMPO: Values =
    &[("range", "[80, 160]"), ("beats-per-bar", "3"), ("bars-per-phrase", "8"), ("coast-s", "5.0")];

pub const PARAMETER: Values = &[
    ("expression", "'0.75'"),
    ("curve", "'square'"),
    ("range", "[0.0, 2.0]"),
    ("attack-ms", "20"),
    ("release-ms", "20"),
];

/// A list replaces the whole list.
pub const LAYER: Values = &[
    ("name", "name = 'front', scene = 'tunnel', scenes = ['spectrum', 'tunnel', 'echo']"),
    ("scene", "name = 'back', scene = 'echo', scenes = ['spectrum', 'tunnel', 'echo']"),
    ("scenes", "name = 'back', scene = 'tunnel', scenes = ['tunnel', 'echo']"),
    ("opacity", "name = 'back', scene = 'tunnel', scenes = ['spectrum', 'tunnel', 'echo'], opacity = 0.5"),
    ("blend", "name = 'back', scene = 'tunnel', scenes = ['spectrum', 'tunnel', 'echo'], blend = 'add'"),
];

pub const CUE: Values = &[
    ("set", "[]"),
    ("fade", "{ seconds = 0.5 }"),
    ("fade.beats", "2"),
    ("fade.seconds", "2"),
    ("when", "'bar'"),
    ("safe", "true"),
];

pub const CUE_SET: Values = &[
    ("set.output", "output = 'udp', address = '/go'"),
    ("set.address", "address = '/layer/back/opacity', value = 0.5"),
    ("set.value", "address = '/param/hue', value = 0.125"),
];

pub const RULE: Values = &[
    ("when", "when = 'drop'"),
    ("when.above", "when = { above = { signal = 'main.level', value = 2 } }"),
    ("when.above.signal", "when = { above = { signal = 'main.rms', value = 2 } }"),
    ("when.above.value", "when = { above = { signal = 'main.level', value = 3 } }"),
    ("when.above.hysteresis", "when = { above = { signal = 'main.level', value = 2, hysteresis = 0.1 } }"),
    ("when.below", "when = { below = { signal = 'main.level', value = -2 } }"),
    ("when.below.signal", "when = { below = { signal = 'main.rms', value = -2 } }"),
    ("when.below.value", "when = { below = { signal = 'main.level', value = -3 } }"),
    ("when.below.hysteresis", "when = { below = { signal = 'main.level', value = -2, hysteresis = 0.1 } }"),
    ("every", "every = 4"),
    ("if", "if = 'main.level > 2'"),
    ("do", "do = []"),
    ("choice", "choice = 'cycle'"),
    ("euclid", "euclid = { hits = 1, steps = 2 }"),
    ("euclid.hits", "euclid = { hits = 3, steps = 8 }"),
    ("euclid.steps", "euclid = { hits = 1, steps = 3 }"),
    ("euclid.rotation", "euclid = { hits = 1, steps = 2, rotation = 1 }"),
    ("chance", "chance = 0.5"),
    ("muted", "muted = true"),
    ("rate", "rate = '1/2'"),
];

pub const RULE_DO: Values = &[
    ("do.output", "output = 'udp', address = '/go'"),
    ("do.address", "address = '/layer/back/opacity', value = 0.75"),
    ("do.value", "address = '/param/hue', value = 0.625"),
    ("do.act", "address = '/layer/back/scene', act = 'next'"),
    ("do.act.add", "address = '/param/hue', act = { add = 0.1 }"),
    ("do.act.ramp", "address = '/param/hue', act = { ramp = { from = 0, to = 1, times = 4 } }"),
    ("do.act.ramp.from", "address = '/param/hue', act = { ramp = { from = 0.5, to = 1, times = 4 } }"),
    ("do.act.ramp.to", "address = '/param/hue', act = { ramp = { from = 0, to = 0.5, times = 4 } }"),
    ("do.act.ramp.times", "address = '/param/hue', act = { ramp = { from = 0, to = 1, times = 8 } }"),
    ("do.weight", "address = '/param/hue', value = 0.75, weight = 2"),
];

pub const SERVER: Values = &[
    ("listen", "'127.0.0.1:{free}'"),
    ("clock-port", "{free}"),
    ("allow-unpaired", "true"),
    ("local-needs-pairing", "true"),
    ("announce", "true"),
    ("latency-ms", "5.0"),
];

pub const WEB: Values = &[
    ("listen", "listen = '127.0.0.1:{free}'"),
    ("trusted", "trusted = ['192.0.2.0/24']"),
    ("certificate", "certificate = '{folder}/one.pem'\nweb.key = '{folder}/one.key'"),
    ("key", "certificate = '{folder}/two.pem'\nweb.key = '{folder}/two.key'"),
    ("announce", "announce = true"),
    ("rate-hz", "rate-hz = 20.0"),
];

/// Of every output.
pub const OUTPUT: Values =
    &[("latency-ms", "20"), ("on-beat-lost", "'run'"), ("on-silence", "'hold'"), ("on-blackout", "'rest'")];

pub const OUTPUT_OSC: Values = &[
    ("target", "'127.0.0.1:{free}'"),
    ("framing", "'length'"),
    ("interface", "'lo'"),
    ("rate-hz", "10"),
    ("format", "'messages'"),
    ("time-tag", "'due'"),
    ("signals", "['main.level']"),
    ("parameters", "['hue']"),
    ("events", "['bar']"),
    ("rename", "{ 'param.glow' = '/renamed' }"),
    ("send", "[{ address = '/sent', value = 'param.glow' }]"),
    ("profile", "'resolume'"),
    ("raw-bpm", "true"),
    ("resync", "'bar'"),
];

pub const OUTPUT_OSC_SEND: Values = &[
    ("send.address", "address = '/x'"),
    ("send.value", "address = '/x', value = 'main.rms'"),
    ("send.from", "address = '/x', value = 'main.level', from = [0, 0.5]"),
    ("send.to", "address = '/x', value = 'main.level', from = [0, 1], to = [0, 10]"),
    ("send.when", "address = '/x', value = 'main.level', when = 'beat'"),
    ("send.type", "address = '/x', value = 'main.level', type = 'int'"),
    ("send.step", "address = '/x', value = 'main.level', when = 'change', step = 0.1"),
    ("send.text", "address = '/x', value = 'main.level', type = 'string', text = '{} of 1'"),
    ("send.decimals", "address = '/x', value = 'main.level', type = 'string', decimals = 2"),
    ("send.release-ms", "address = '/x', value = 'main.level', type = 'trigger', release-ms = 100"),
];

pub const OUTPUT_MIDI: Values = &[
    ("port", "'nobody'"),
    ("clock", "false"),
    ("transport", "false"),
    ("rate-hz", "20"),
    ("notes", "[{ on = 'bar', channel = 1, note = 60 }]"),
    ("cc", "[{ value = 'main.level', channel = 1, controller = 7 }]"),
];

pub const OUTPUT_MIDI_NOTES: Values = &[
    ("notes.on", "on = 'beat', channel = 1, note = 60"),
    ("notes.channel", "on = 'bar', channel = 2, note = 60"),
    ("notes.note", "on = 'bar', channel = 1, note = 61"),
    ("notes.velocity", "on = 'bar', channel = 1, note = 60, velocity = 'main.level'"),
    ("notes.length-ms", "on = 'bar', channel = 1, note = 60, length-ms = 100"),
];

pub const OUTPUT_MIDI_CC: Values = &[
    ("cc.value", "value = 'main.rms', channel = 1, controller = 7"),
    ("cc.channel", "value = 'main.level', channel = 2, controller = 7"),
    ("cc.controller", "value = 'main.level', channel = 1, controller = 8"),
    ("cc.from", "value = 'main.level', channel = 1, controller = 7, from = [0, 0.5]"),
    ("cc.to", "value = 'main.level', channel = 1, controller = 7, to = [0, 64]"),
    ("cc.14-bit", "value = 'main.level', channel = 1, controller = 7, 14-bit = true"),
];

pub const CONTROL_OSC: Values = &[
    ("listen", "'127.0.0.1:{free}'"),
    ("tcp", "false"),
    ("feedback", "false"),
    ("feedback-port", "{free}"),
    ("feedback-to", "['127.0.0.1:{other}']"),
    ("trusted", "['192.0.2.0/24']"),
    ("rate-hz", "5"),
    ("meters", "['*.rms']"),
];

pub const CONTROL_MIDI: Values = &[
    ("surface", "'midimix'"),
    ("port", "'nobody'"),
    ("port-out", "'nobody'"),
    ("rate-hz", "20"),
    ("map", "{ 'fader.2' = '/param/glow' }"),
];

pub const CONTROL_MIDI_MAP: Values = &[
    ("map.address", "address = '/show/blackout'"),
    ("map.range", "address = '/param/hue', range = [0, 0.5]"),
    ("map.when", "address = '/show/blackout', when = 'bar'"),
    ("map.toggle", "address = '/show/blackout', toggle = false"),
    ("map.colour", "address = '/show/blackout', colour = 'red'"),
    ("map.light", "address = '/cue/half/fire', light = '/show/blackout'"),
];

/// Another kind has other keys: such a table is only there for the change.
pub const KINDS: &[(&str, How, &str, &str)] = &[
    (
        "output.osc.kind",
        How::Reopened("output.more"),
        "output.more = { kind = 'osc', target = '127.0.0.1:{other}', signals = [] }",
        "output.more = { kind = 'log' }",
    ),
    (
        "output.midi.kind",
        How::Reopened("output.more"),
        "output.more = { kind = 'midi', port = 'nothing' }",
        "output.more = { kind = 'osc', target = '127.0.0.1:{other}', signals = [] }",
    ),
    (
        "output.log.kind",
        How::Reopened("output.more"),
        "output.more = { kind = 'log' }",
        "output.more = { kind = 'midi', port = 'nothing' }",
    ),
    (
        "control.osc.kind",
        How::Reopened("control.more"),
        "control.more = { kind = 'osc', listen = '127.0.0.1:{free}' }",
        "control.more = { kind = 'midi', port = 'nothing' }",
    ),
    (
        "control.midi.kind",
        How::Reopened("control.more"),
        "control.more = { kind = 'midi', port = 'nothing' }",
        "control.more = { kind = 'osc', listen = '127.0.0.1:{free}' }",
    ),
];
