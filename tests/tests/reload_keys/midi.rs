//! A MIDI output and a box on a real JACK server change while music plays.

use crate::rig::{Rig, SOON};
use e2e::{JackServer, Keys, Listener, turn, wait_for};

const CLOCK: u8 = 0xF8;
/// The lights of the first pad of an APC mini mk2.
const PAD: u8 = 0;

/// Waits for a MIDI message of a kind; all that came since the last call until then.
fn wait_for_message(listener: &Listener, what: &str, wanted: impl Fn(&[u8]) -> bool) -> Vec<Vec<u8>> {
    let mut heard = Vec::new();
    wait_for(what, SOON, || {
        heard.extend(listener.heard().midi.into_iter().map(|(_, bytes)| bytes));
        heard.iter().any(|bytes| wanted(bytes)).then_some(())
    });
    heard
}

#[test]
fn midi_ports_notes_and_maps_change_and_the_desk_beside_misses_no_beat() {
    let _turn = turn();
    let server = JackServer::start();
    let mut rig = Rig::start(Some(&server));
    let (listener, keys) = (Listener::join(&server), Keys::join(&server));
    let change = |text: &str, words: &str| {
        rig.write(text);
        assert_eq!(rig.reload(), Ok(words.to_owned()), "{text}");
    };

    let port = "output.notes.port = 'listener:midi'\n";
    change(port, "reopened: output.notes");
    wait_for_message(&listener, "a clock", |bytes| bytes == [CLOCK]);
    let beat = "output.notes.clock = false\noutput.notes.notes = [{ on = 'beat', channel = 10, note = 36 }]\n";
    change(&format!("{port}{beat}"), "reopened: output.notes");
    wait_for_message(&listener, "a note", |bytes| matches!(bytes, [0x99, 36, 1..=127]));
    let heard = wait_for_message(&listener, "another note", |bytes| matches!(bytes, [0x99, 36, 1..=127]));
    assert!(!heard.contains(&vec![CLOCK]), "there is no clock any more: {heard:x?}");
    change("", "reopened: output.notes");

    let ports = "control.box.port = 'keys:*'\ncontrol.box.port-out = 'listener:midi'\n";
    change(&format!("{ports}control.box.map = {{ 'pad.1' = '/show/blackout' }}"), "reopened: control.box");
    wait_for_message(&listener, "the light of a pad", |bytes| matches!(bytes, [0x90..=0x9F, PAD, 1..=127]));
    wait_for("a pad to be obeyed", SOON, || {
        keys.play([0x90, PAD, 127]);
        keys.play([0x80, PAD, 0]);
        (e2e::surface::value(rig.page, "/show/blackout") == true).then_some(())
    });
    change("", "reopened: control.box");
    wait_for_message(&listener, "the pad to be dark", |bytes| matches!(bytes, [0x90..=0x9F, PAD, 0]));
    rig.assert_undisturbed();
}
