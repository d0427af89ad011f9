//! What a rig assigns to the elements of a MIDI box.

use super::surface::{box_with, tell};
use super::{TREE, obey};
use downbeat_config::surface;
use downbeat_protocol::{HostTime, Schema, Tree};
use downbeatd::clock::ShowClock;
use downbeatd::config::Config;
use downbeatd::controls::ControlContext;
use downbeatd::controls::echoes::Echoes;
use downbeatd::controls::midi::KIND;
use downbeatd::controls::midi::assignment::Assignment;
use downbeatd::controls::midi::layout::Layout;
use downbeatd::controls::midi::surface::Surface;
use downbeatd::edges::osc_ports::OscPorts;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Messages of a fader, an encoder and a button, each in two states.
const MESSAGES: [[u8; 3]; 8] = [
    [0xB0, 70, 0],
    [0xB0, 70, 127],
    [0xB0, 80, 64],
    [0xB0, 80, 127],
    [0x90, 40, 127],
    [0x90, 40, 0],
    [0x90, 24, 127],
    [0x90, 24, 0],
];

/// The lines of a box's map: refused with the element, or the box plays the show with them.
pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let head = "[control.it]\nkind = \"midi\"\nsurface = \"x-touch\"\nport = \"x\"\n[control.it.map]\n";
    let Ok(config) = Config::parse("rig.toml", &format!("{head}{text}")) else { return };
    let Some(it) = config.controls.into_iter().find(|control| control.name == "it") else { return };
    let context = ControlContext {
        name: "it".into(),
        clock: ShowClock::default(),
        schema: Arc::<Schema>::default(),
        tree: Arc::new(TREE.with(|tree| Tree::clone(tree))),
        door: downbeatd::door::door(1).0,
        echoes: Echoes::default(),
        osc_ports: OscPorts::default(),
        leases: None,
    };
    if let Err(error) = (KIND.open)(it.table.clone(), &context) {
        return assert!(!error.to_string().is_empty());
    }
    let layout = Layout::parse("x-touch", &surface("x-touch").expect("a shipped surface")).expect("it can be read");
    let map =
        it.table.into_table().ok().and_then(|mut table| table.remove("map")).and_then(|map| map.into_table().ok());
    let read = |(element, value): (String, _)| {
        let assignment = Assignment::read(value).expect("the box was opened with it");
        assert_eq!(Surface::check(&layout, &context.tree, &element, &assignment), Ok(()));
        (element, assignment)
    };
    let assigned: BTreeMap<_, _> = map.into_iter().flatten().map(read).collect();
    let (mut surface, mut commands) = (box_with(layout, assigned), Vec::new());
    for (message, step) in MESSAGES.iter().zip(1..) {
        match surface.receive(message, HostTime(step * 20_000_000)) {
            Ok(more) => commands.extend(more),
            Err(why) => assert!(!why.is_empty()),
        }
    }
    tell(&mut surface, HostTime(1_000_000_000));
    commands.truncate(4);
    obey(commands);
}

/// Every option, on each kind of element.
pub fn seeds() -> Vec<Vec<u8>> {
    [
        "\"fader.1\" = \"/layer/back/opacity\"\n\"button.1\" = { address = \"/show/blackout\", toggle = false, \
            light = \"/beat/blink\" }\n",
        "\"fader.1\" = { address = \"/param/size\", range = [4, 1], when = \"bar\" }\n\
            \"knob.1\" = \"/next/beat/param/glow\"\n",
        "\"knob.1\" = { address = \"/tempo/nudge\", range = [-50, 50] }\n\"mute.1\" = \"/layer/*/scene/tunnel\"\n",
        "\"fader.1\" = \"/layer/back/scene\"\n\"button.1\" = { address = \"/tempo/tap\", when = \"phrase\" }\n",
        "\"meter.1\" = \"/signal/main/rms\"\n\"mute.1\" = \"/layer/back/scene/spectrum\"\n",
    ]
    .map(|text| text.as_bytes().to_vec())
    .into()
}
