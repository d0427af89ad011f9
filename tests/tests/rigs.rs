//! The shipped rigs do what their pages say, as seen by the receiver.

use e2e::{Daemon, JackServer, Listener, OscDump, Player, binaries::root, song, turn, wait_for};
use std::time::Duration;

/// The demo song's first tempo.
const BPM: f64 = 124.0;
/// A tempo that is right: 1 %.
const TEMPO_TOLERANCE: f64 = 0.01;
const LISTEN: Duration = Duration::from_secs(40);

#[test]
fn resolume_gets_its_tempo_its_resync_and_a_layer_that_moves_with_the_bass() {
    let _turn = turn();
    let dump = OscDump::start();
    let sets = [
        format!("[audio]\nsource = \"file\"\nfiles = {{ main = {:?} }}", song::mix()),
        format!("[output.resolume]\ntarget = \"127.0.0.1:{}\"", dump.port),
    ];
    let _daemon = Daemon::start_shipped(&root().join("config/examples/resolume.toml"), &sets, None);

    let tempo = "/composition/tempocontroller/tempo";
    wait_for("the song's tempo, as Resolume takes it", LISTEN, || {
        // 0 is 20 BPM and 1 is 500 BPM.
        let last = dump.to(tempo).last().map(|message| 20.0 + 480.0 * message.number(0));
        last.filter(|bpm| (bpm / BPM - 1.0).abs() < TEMPO_TOLERANCE)
    });
    assert!(dump.to(tempo).iter().all(|message| (0.0..=1.0).contains(&message.number(0))));

    let resync = "/composition/tempocontroller/resync";
    let clicks = wait_for("three clicks on Resync", LISTEN, || Some(dump.to(resync)).filter(|it| it.len() >= 6));
    let values: Vec<f64> = clicks.iter().map(|click| click.number(0)).collect();
    assert_eq!(values[..4], [1.0, 0.0, 1.0, 0.0], "a click is pressed and let go");
    // The first one may be said while it is not yet heard where the bar begins.
    let phrase = (clicks[4].at - clicks[2].at) as f64 * 1e-9;
    let beats = phrase * BPM / 60.0;
    assert!(
        (beats / 16.0 - (beats / 16.0).round()).abs() < 0.05,
        "clicks are whole phrases apart, not {beats:.1} beats"
    );

    let opacity: Vec<f64> =
        dump.to("/composition/layers/1/video/opacity").iter().map(|message| message.number(0)).collect();
    let (low, high) = (opacity.iter().copied().fold(1.0, f64::min), opacity.iter().copied().fold(0.0, f64::max));
    assert!(low >= 0.2 - 1e-6 && high <= 1.0, "{low}..{high} leaves the range of the rule");
    assert!(high - low > 0.4, "the layer hardly moves: {low}..{high}");
}

#[test]
fn a_desk_gets_faders_flashes_on_the_beat_and_notes_and_clock_by_midi() {
    let _turn = turn();
    let server = JackServer::start();
    let dump = OscDump::start();
    let sets = [
        format!("[bus.main]\nconnect = [\"{}\", \"{}\"]", Player::PORTS[0], Player::PORTS[1]),
        format!("[output.desk]\ntarget = \"127.0.0.1:{}\"\nlatency-ms = 0", dump.port),
        "[output.desk-midi]\nlatency-ms = 0".into(),
    ];
    let _daemon = Daemon::start_shipped(&root().join("config/examples/desk.toml"), &sets, Some(&server));
    let listener = Listener::join(&server);
    server.wait_for_port("downbeat:midi_out", Duration::from_secs(5));
    server.connect("downbeat:midi_out", "listener:midi");
    let _player = Player::start(&server, &song::mix());

    let flash = "/pb/10/flash";
    let flashes = wait_for("twenty flashes", LISTEN, || Some(dump.to(flash)).filter(|it| it.len() >= 40));
    let pressed: Vec<i64> = flashes.iter().filter(|it| it.number(0) == 1.0).map(|it| it.at).collect();
    let heard = listener.heard();
    let notes = |note: u8| -> Vec<i64> {
        let on = heard.midi.iter().filter(|(_, bytes)| bytes.starts_with(&[0x90, note]) && bytes[2] > 0);
        on.map(|(at, _)| *at).collect()
    };
    // A beat leaves at one moment by both ways; sockets, pipes and one JACK period lie between.
    let beats = notes(48);
    let together = pressed.iter().filter(|at| beats.iter().any(|beat| (*at - beat).abs() < 15_000_000)).count();
    assert!(together + 2 >= pressed.len(), "{together} of {} flashes came with their note", pressed.len());
    assert!(notes(50).len() * 3 <= beats.len(), "a downbeat's note is rarer than a beat's");
    assert!(!notes(36).is_empty(), "the kick plays its note");
    assert!(heard.midi.iter().any(|(_, bytes)| bytes[..] == [0xF8]), "the clock runs");
    assert!(heard.midi.iter().any(|(_, bytes)| bytes.starts_with(&[0xB0, 20])), "the wash moves its controller");
    for fader in ["/pb/1", "/pb/2", "/pb/3"] {
        let values: Vec<f64> = dump.to(fader).iter().map(|message| message.number(0)).collect();
        let (low, high) = (values.iter().copied().fold(1.0, f64::min), values.iter().copied().fold(0.0, f64::max));
        assert!(low >= 0.0 && high <= 1.0 && high - low > 0.2, "{fader} hardly moves: {low}..{high}");
    }
}
