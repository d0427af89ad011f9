//! MIDI boxes: what they send, and files that describe them.

use super::{ENGINE, obey};
use downbeat_config::{surface, surfaces};
use downbeat_protocol::{HostTime, ShowTime, Status, Tree};
use downbeatd::clock::ShowClock;
use downbeatd::controls::midi::assignment::Assignment;
use downbeatd::controls::midi::layout::Layout;
use downbeatd::controls::midi::surface::{Parts, Surface};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// What the elements of a box do, in turn.
const ADDRESSES: [&str; 5] =
    ["/layer/back/opacity", "/layer/back/scene/tunnel", "/show/blackout", "/param/size", "/tempo/tap"];
/// Messages of one input that are obeyed: the show's own part of a run takes longest.
const OBEYED: usize = 4;

/// A box of this layout, with a show.
fn box_of(layout: Layout) -> Surface {
    let elements = layout.elements.iter().zip(ADDRESSES.iter().cycle());
    let assigned = elements.map(|(element, address)| (element.name.clone(), Assignment::to(address))).collect();
    box_with(layout, assigned)
}

/// The same with these assignments.
pub fn box_with(layout: Layout, assigned: BTreeMap<String, Assignment>) -> Surface {
    ENGINE.with(|engine| {
        let mut engine = (**engine).clone();
        let (schema, tree) = (engine.schema(), Tree::new(engine.state(), &engine.schema(), &Status::default()));
        let parts = Parts {
            name: "box".into(),
            clock: ShowClock::default(),
            layout,
            assigned,
            period: Duration::from_millis(30),
            tree: Arc::new(tree),
            schema,
        };
        let mut surface = Surface::new(parts);
        let tick = engine.tick(ShowTime(0), ShowTime(0), HostTime(0), &mut Vec::new());
        surface.watch(Arc::new(tick));
        surface
    })
}

/// Everything that a box is told is MIDI.
pub fn tell(surface: &mut Surface, now: HostTime) {
    let check = |bytes: &[u8]| {
        let whole = match bytes {
            [0xF0, content @ .., 0xF7] => content.iter().all(u8::is_ascii),
            [0x80..0xF0, content @ ..] => (1..=2).contains(&content.len()) && content.iter().all(u8::is_ascii),
            _ => false,
        };
        assert!(whole, "{bytes:02X?} is not a MIDI message");
    };
    surface.connected(now);
    surface.tell(now, &mut |bytes| {
        check(bytes);
        true
    });
    surface.dark().iter().for_each(|bytes| check(bytes));
}

/// Input: the number of a shipped surface, then messages after their lengths. Each is a command or nothing.
pub fn run(bytes: &[u8]) {
    let Some((number, mut rest)) = bytes.split_first() else { return };
    let names = surfaces();
    let text = surface(&names[usize::from(*number) % names.len()]).expect("a shipped surface");
    let mut surface = box_of(Layout::parse("shipped", &text).expect("it can be read"));
    let (mut now, mut commands) = (HostTime(0), Vec::new());
    while let Some((len, after)) = rest.split_first() {
        let (message, after) = after.split_at(usize::from(*len).min(after.len()));
        rest = after;
        now += Duration::from_millis(u64::from(*len) * 10);
        match surface.receive(message, now) {
            Ok(more) => commands.extend(more),
            Err(why) => assert!(!why.is_empty()),
        }
    }
    tell(&mut surface, now + Duration::from_secs(1));
    commands.truncate(OBEYED);
    obey(commands);
}

/// A file is refused with its place, or describes a box that can be told everything.
pub fn run_file(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match Layout::parse("box.toml", text) {
        // No box has more than a few hundred.
        Ok(layout) if layout.elements.len() > 2_000 => {}
        Ok(layout) => tell(&mut box_of(layout), HostTime(1_000_000_000)),
        Err(fault) => assert!(!fault.to_string().is_empty()),
    }
}

/// Every kind of message, to each surface.
pub fn seeds() -> Vec<Vec<u8>> {
    let messages: [&[u8]; 8] = [
        &[0x90, 0x5E, 0x7F],
        &[0x80, 0x5E, 0],
        &[0xB0, 7, 64],
        &[0xE0, 0, 0x40],
        &[0xC0, 3],
        &[0xD0, 0x1F],
        &[0xF0, 0, 1, 0xF7],
        &[0x90, 0x68, 0x7F],
    ];
    let seed = |number: usize| {
        let messages = messages.iter().flat_map(|message| [&[message.len() as u8], *message].concat());
        std::iter::once(number as u8).chain(messages).collect()
    };
    (0..surfaces().len()).map(seed).collect()
}

/// The shipped files.
pub fn file_seeds() -> Vec<Vec<u8>> {
    surfaces().iter().filter_map(|name| surface(name)).map(String::into_bytes).collect()
}
