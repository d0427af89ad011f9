//! Every entry of the tree.

use super::entry::{Entry, Group, Kind, Read, Write};
use super::shapes::{
    count, counted, definition, edited, is_lit, json, layer, named, own, setting, status, switch, tempo_end, told,
    trigger,
};
use crate::definition::{cue, rule};
use crate::rule::Rate;
use crate::{Action, Beats, Blend, Signal, Unit, Value};

/// Everything that can be set, and everything reported besides the signals. A new entry is one line here, and one arm
/// in `Show::step` of the engine, which carries out its action.
pub const ENTRIES: &[Entry] = &[
    trigger("/tempo/tap", Group::Tempo, "tap", "Tap a beat", |_| Action::Tap),
    Entry {
        address: "/tempo/nudge",
        group: Group::Tempo,
        label: "nudge",
        help: "Move the beat; positive is later",
        kind: Kind::Number([-500.0, 500.0], Unit::Milliseconds),
        read: Read::Nothing,
        write: Write::Number(|_, ms| Action::Nudge(ms)),
    },
    trigger("/tempo/double", Group::Tempo, "×2", "Double the tempo", |_| Action::Double),
    trigger("/tempo/halve", Group::Tempo, "÷2", "Halve the tempo", |_| Action::Halve),
    trigger("/tempo/one", Group::Tempo, "the one", "Start a bar and a phrase on the nearest beat", |_| Action::TheOne),
    switch(
        "/tempo/hold",
        Group::Tempo,
        "hold",
        "Hold the tempo, whatever the music does",
        |_, on| Action::Hold(on),
        |state, _| Some(state.hold.into()),
    ),
    Entry {
        address: "/tempo/bpm",
        group: Group::Tempo,
        label: "tempo",
        help: "The tempo; a value you set holds until the next song",
        kind: Kind::Number([30.0, 300.0], Unit::Bpm),
        read: Read::Signal("tempo.bpm"),
        write: Write::Number(|_, bpm| Action::Tempo(bpm)),
    },
    tempo_end(
        "/tempo/range/low",
        "slowest",
        "The bottom of the tempo range",
        |_, bpm| Action::TempoLow(bpm),
        |state, _| Some(state.tempo_range.low.into()),
    ),
    tempo_end(
        "/tempo/range/high",
        "fastest",
        "The top of the tempo range",
        |_, bpm| Action::TempoHigh(bpm),
        |state, _| Some(state.tempo_range.high.into()),
    ),
    switch(
        "/tempo/range/lock",
        Group::Tempo,
        "range",
        "Ignore tempos outside the range",
        |_, on| Action::TempoLock(on),
        |state, _| Some(state.tempo_range.locked.into()),
    ),
    trigger("/tempo/listen", Group::Tempo, "listen", "Forget tempo and bar, and listen afresh", |_| Action::Listen),
    Entry {
        read: Read::Meaning("tempo.bpm", |bpm| Some(Value::Text(format!("{bpm:.1}")))),
        ..told("/tempo/text", Group::Tempo, "tempo", "The tempo to one decimal", Kind::Text)
    },
    Entry {
        read: Read::Meaning("tempo.locked", |locked| Some((locked >= 0.5).into())),
        ..told("/tempo/lock", Group::Tempo, "locked", "Whether the beat can be trusted", Kind::Switch)
    },
    Entry {
        read: Read::Beat(|line, now, _| Some(is_lit(line, line.beats_at(now).phase(Beats::ONE)).into())),
        ..told("/beat/blink", Group::Tempo, "beat", "1 on the beat, 0 shortly after", Kind::Switch)
    },
    Entry {
        read: Read::Beat(|line, now, names| {
            let number: u8 = names.first()?.parse().ok()?;
            let beat = line.beats_at(now);
            let place = line.beat_in_bar(beat.0.div_euclid(Beats::ONE.0)) + 1;
            Some((place == number && is_lit(line, beat.phase(Beats::ONE))).into())
        }),
        ..told(
            "/beat/NUMBER",
            Group::Tempo,
            "beat",
            "1 on this beat of the bar, counted from 1, 0 shortly after",
            Kind::Switch,
        )
    },
    Entry {
        read: Read::Beat(|line, now, _| Some(is_lit(line, line.bar_phase(now) * f64::from(line.beats_per_bar)).into())),
        ..told("/bar/blink", Group::Tempo, "bar", "1 on the first beat of a bar, 0 shortly after", Kind::Switch)
    },
    status("/tempo/source", Group::Tempo, "source", "What sets the tempo", Kind::Text, |status, _| {
        Some(status.tempo_source.as_str().into())
    }),
    status("/tempo/why", Group::Tempo, "why", "Why the beat last moved", Kind::Text, |status, _| {
        Some(status.tempo_why.as_str().into())
    }),
    status(
        "/tempo/locked-why",
        Group::Tempo,
        "trust",
        "Why the beat can or cannot be trusted",
        Kind::Text,
        |status, _| Some(status.locked_why.as_str().into()),
    ),
    Entry {
        read: Read::Meaning("music.state", |state| MUSIC.get(state as usize).map(|word| (*word).into())),
        ..told("/music/state", Group::Music, "state", "playing, breakdown, silence or no-signal", Kind::Text)
    },
    status("/bus/BUS/state", Group::Music, "state", "What the audio on a bus is doing", Kind::Text, |status, names| {
        Some(named(&status.buses, |it| &it.name, names)?.state.as_str().into())
    }),
    switch(
        "/levels/freeze",
        Group::Music,
        "levels",
        "Stop levels adapting to the music",
        |_, on| Action::FreezeLevels(on),
        |state, _| Some(state.levels_frozen.into()),
    ),
    switch(
        "/show/blackout",
        Group::Show,
        "blackout",
        "Black out everything",
        |_, on| Action::Blackout(on),
        |state, _| Some(state.blackout.into()),
    ),
    switch(
        "/show/freeze",
        Group::Show,
        "freeze",
        "Freeze the picture and its parameters",
        |_, on| Action::Freeze(on),
        |state, _| Some(state.frozen.is_some().into()),
    ),
    setting(
        LOCK,
        Group::Show,
        "lock",
        "Accept only taps, blackout, freeze, panic, safe cues and this switch; rules keep running",
        Kind::Switch,
        || false.into(),
    ),
    trigger("/show/undo", Group::Show, "undo", "Undo the last change made by a person", |_| Action::Undo),
    switch(
        "/show/panic/black",
        Group::Show,
        "panic black",
        "Black out everything, and stop rules and fades",
        |_, on| Action::PanicBlack(on),
        |state, _| Some(state.panic.black.is_some().into()),
    ),
    switch(
        "/show/panic/freeze",
        Group::Show,
        "panic freeze",
        "Freeze the picture, and stop rules and fades",
        |_, on| Action::PanicFreeze(on),
        |state, _| Some(state.panic.freeze.is_some().into()),
    ),
    Entry {
        read: Read::State(|state, names| Some(state.is_fading(names.first()?).into())),
        ..trigger("/cue/CUE/fire", Group::Cues, "fire", "Fire a cue; lit while it fades", |names| Action::FireCue {
            cue: own(names, 0),
        })
    },
    count("/cue/CUE/count", "How many times a cue has fired", |state, names| {
        Some((state.fired.get(*names.first()?).copied().unwrap_or(0) as f64).into())
    }),
    trigger("/rule/RULE/fire", Group::Cues, "fire", "Fire a rule", |names| Action::FireRule { rule: own(names, 0) }),
    Entry {
        read: Read::State(|state, names| Some(state.is_muted(names.first()?).into())),
        ..setting("/rule/RULE/mute", Group::Cues, "mute", "Mute a rule", Kind::Switch, || false.into())
    },
    Entry {
        read: Read::State(|state, names| Some(state.rate(names.first()?).name().into())),
        ..setting(
            "/rule/RULE/rate",
            Group::Cues,
            "rate",
            "How often a rule acts, as a multiple of its own rate",
            Kind::Choice(Rate::NAMES),
            || Rate::One.name().into(),
        )
    },
    count("/rule/RULE/count", "How many times a rule has acted", |state, names| {
        Some((state.runs.get(*names.first()?).map_or(0, |run| run.count) as f64).into())
    }),
    Entry {
        address: "/rule/RULE/trouble",
        group: Group::Cues,
        label: "trouble",
        help: "Why a rule does not act; empty when nothing is wrong",
        kind: Kind::Text,
        read: Read::State(|state, names| Some(state.troubles.get(*names.first()?).map_or("", String::as_str).into())),
        write: Write::Nothing,
    },
    definition(
        "/cue/CUE/definition",
        "What a cue consists of, as JSON with the keys of the configuration; a new name makes a new cue",
        |state, names| json(state.cues.get(*names.first()?)),
        |names, text| Ok(Action::DefineCue { name: own(names, 0), cue: Box::new(cue(text)?) }),
    ),
    edited("/cue/CUE/edited", "Whether a cue was edited or removed while the show ran", |state, names| {
        Some(state.edited.cues.contains(*names.first()?).into())
    }),
    trigger("/cue/CUE/revert", Group::Editing, "revert", "Give a cue back to the configuration", |names| {
        Action::RevertCue { name: own(names, 0) }
    }),
    trigger("/cue/CUE/remove", Group::Editing, "remove", "Remove a cue", |names| Action::RemoveCue {
        name: own(names, 0),
    }),
    definition(
        "/rule/RULE/definition",
        "What a rule consists of, as JSON with the keys of the configuration; a new name makes a new rule",
        |state, names| json(state.rule(names.first()?)),
        |names, text| Ok(Action::DefineRule { name: own(names, 0), rule: Box::new(rule(text)?) }),
    ),
    edited("/rule/RULE/edited", "Whether a rule was edited or removed while the show ran", |state, names| {
        Some(state.edited.rules.contains(*names.first()?).into())
    }),
    trigger("/rule/RULE/revert", Group::Editing, "revert", "Give a rule back to the configuration", |names| {
        Action::RevertRule { name: own(names, 0) }
    }),
    trigger("/rule/RULE/remove", Group::Editing, "remove", "Remove a rule", |names| Action::RemoveRule {
        name: own(names, 0),
    }),
    Entry {
        address: "/layer/LAYER/scene",
        group: Group::Layers,
        label: "scene",
        help: "The scene on a layer",
        kind: Kind::Scene,
        read: Read::State(|state, names| Some(layer(state, names)?.scene.as_str().into())),
        write: Write::Text(|names, scene| Some(Action::Scene { layer: own(names, 0), scene: scene.into() })),
    },
    Entry {
        read: Read::State(|state, names| Some((layer(state, names)?.scene == own(names, 1)).into())),
        ..trigger("/layer/LAYER/scene/SCENE", Group::Layers, "scene", "Show this scene on a layer", |names| {
            Action::Scene { layer: own(names, 0), scene: own(names, 1) }
        })
    },
    Entry {
        address: "/layer/LAYER/opacity",
        group: Group::Layers,
        label: "opacity",
        help: "The opacity of a layer",
        kind: Kind::Number([0.0, 1.0], Unit::Ratio),
        read: Read::State(|state, names| Some(layer(state, names)?.opacity.into())),
        write: Write::Number(|names, to| Action::Opacity { layer: own(names, 0), opacity: to.clamp(0.0, 1.0) as f32 }),
    },
    Entry {
        address: "/layer/LAYER/blend",
        group: Group::Layers,
        label: "blend",
        help: "How a layer blends with those below",
        kind: Kind::Choice(&["normal", "add", "multiply", "screen"]),
        read: Read::State(|state, names| Some(layer(state, names)?.blend.name().into())),
        write: Write::Text(|names, name| Some(Action::Blend { layer: own(names, 0), blend: Blend::parse(name)? })),
    },
    Entry {
        address: "/param/PARAMETER",
        group: Group::Parameters,
        label: "value",
        help: "The value of a parameter; setting it overrides the mapping",
        kind: Kind::Number([0.0, 1.0], Unit::Ratio),
        read: Read::StateOrSignal(|state, names| Some((*state.in_hand.get(*names.first()?)?).into()), "param.NAME"),
        write: Write::Number(|names, value| Action::Parameter { name: own(names, 0), value: value as f32 }),
    },
    Entry {
        read: Read::State(|state, names| Some((!state.in_hand.contains_key(*names.first()?)).into())),
        ..trigger("/param/PARAMETER/auto", Group::Parameters, "auto", "Return a parameter to its mapping", |names| {
            Action::Auto { name: own(names, 0) }
        })
    },
    status(
        "/daemon/alive",
        Group::Daemon,
        "alive",
        "Counts up once a second; after three seconds without it, the daemon is lost",
        Kind::Number([0.0, 1023.0], Unit::Count),
        |status, _| Some(status.uptime.floor().rem_euclid(Signal::COUNTER_WRAP as f64).into()),
    ),
    status("/daemon/version", Group::Daemon, "version", "The version of the daemon", Kind::Text, |status, _| {
        Some(status.version.as_str().into())
    }),
    status("/daemon/show", Group::Daemon, "show", "The name of the show", Kind::Text, |status, _| {
        Some(status.show.as_str().into())
    }),
    status(
        "/daemon/standing",
        Group::Daemon,
        "standing",
        "Whether this daemon leads or stands by",
        Kind::Text,
        |status, _| Some(status.standing.as_str().into()),
    ),
    status("/daemon/source", Group::Daemon, "audio", "Where the audio comes from", Kind::Text, |status, _| {
        Some(status.source.as_str().into())
    }),
    status(
        "/daemon/uptime",
        Group::Daemon,
        "uptime",
        "How long the daemon has been running",
        Kind::Number([0.0, f64::MAX], Unit::Seconds),
        |status, _| Some(status.uptime.into()),
    ),
    trigger("/daemon/reload", Group::Daemon, "reload", "Read the configuration again", |_| Action::Reload),
    status(
        "/daemon/config",
        Group::Daemon,
        "configuration",
        "What came of the last reload",
        Kind::Text,
        |status, _| Some(status.config.as_str().into()),
    ),
    trigger("/lead/take", Group::Daemon, "take the lead", "Make this daemon the leader", |_| Action::TakeLead),
    trigger("/lead/give", Group::Daemon, "give the lead", "Hand the lead to the standby", |_| Action::GiveLead),
    status("/output/OUTPUT/kind", Group::Rig, "kind", "The kind of output", Kind::Text, |status, names| {
        Some(named(&status.outputs, |it| &it.name, names)?.kind.as_str().into())
    }),
    status("/output/OUTPUT/target", Group::Rig, "target", "Where an output sends", Kind::Text, |status, names| {
        Some(named(&status.outputs, |it| &it.name, names)?.target.as_str().into())
    }),
    counted("/output/OUTPUT/rate", "rate", "Messages per second", |status, names| {
        Some(named(&status.outputs, |it| &it.name, names)?.rate.into())
    }),
    counted("/output/OUTPUT/late", "late", "Messages sent late", |status, names| {
        Some((named(&status.outputs, |it| &it.name, names)?.late as f64).into())
    }),
    counted("/output/OUTPUT/dropped", "dropped", "Messages that could not be sent", |status, names| {
        Some((named(&status.outputs, |it| &it.name, names)?.dropped as f64).into())
    }),
    status(
        "/output/OUTPUT/error",
        Group::Rig,
        "trouble",
        "What is wrong with an output",
        Kind::Text,
        |status, names| Some(named(&status.outputs, |it| &it.name, names)?.error.as_str().into()),
    ),
    status("/control/CONTROL/kind", Group::Rig, "kind", "What kind of control it is", Kind::Text, |status, names| {
        Some(named(&status.controls, |it| &it.name, names)?.kind.as_str().into())
    }),
    status(
        "/control/CONTROL/listens",
        Group::Rig,
        "listens",
        "Where a control listens",
        Kind::Text,
        |status, names| Some(named(&status.controls, |it| &it.name, names)?.listens.as_str().into()),
    ),
    counted("/control/CONTROL/rejected", "rejected", "Packets that could not be read", |status, names| {
        Some((named(&status.controls, |it| &it.name, names)?.rejected as f64).into())
    }),
    status(
        "/control/CONTROL/error",
        Group::Rig,
        "trouble",
        "What is wrong with a control",
        Kind::Text,
        |status, names| Some(named(&status.controls, |it| &it.name, names)?.error.as_str().into()),
    ),
    status("/node/NODE/role", Group::Rig, "role", "The role of a client", Kind::Text, |status, names| {
        Some(named(&status.clients, |it| &it.name, names)?.role.as_str().into())
    }),
    status("/node/NODE/address", Group::Rig, "address", "The address of a client", Kind::Text, |status, names| {
        Some(named(&status.clients, |it| &it.name, names)?.address.as_str().into())
    }),
    counted("/node/NODE/fps", "fps", "Frames per second", |status, names| {
        Some(named(&status.clients, |it| &it.name, names)?.report.fps.into())
    }),
    counted("/node/NODE/dropped", "dropped", "Frames that were due but not drawn", |status, names| {
        Some((named(&status.clients, |it| &it.name, names)?.report.frames_dropped as f64).into())
    }),
    counted("/node/NODE/clock-error", "clock", "How far off its clock may be, in microseconds", |status, names| {
        Some(named(&status.clients, |it| &it.name, names)?.report.clock_error_us.into())
    }),
    status(
        "/node/NODE/trouble",
        Group::Rig,
        "trouble",
        "How its picture differs from the others",
        Kind::Text,
        |status, names| Some(named(&status.clients, |it| &it.name, names)?.differs.as_str().into()),
    ),
    setting(
        LEARN,
        Group::Rig,
        "learn",
        "The address to bind to the next fader or button moved on a MIDI surface; empty stops learning",
        Kind::Text,
        || "".into(),
    ),
    setting(
        LEARNT,
        Group::Rig,
        "learnt",
        "The address that an element of a MIDI surface has learnt; empty forgets it",
        Kind::Text,
        || "".into(),
    ),
];

/// Names of the music's states, indexed by their number in the row.
pub const MUSIC: [&str; 4] = ["no-signal", "silence", "breakdown", "playing"];

/// The address that locks the show.
pub const LOCK: &str = "/show/lock";

/// The address that a MIDI surface is learning.
pub const LEARN: &str = "/control/learn";
/// What the elements of a MIDI surface have learnt.
pub(super) const LEARNT: &str = "/control/CONTROL/learnt/ELEMENT";
