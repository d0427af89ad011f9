//! One pulse, end to end: a real player plays the demo song into a real JACK server; the beats arrive as OSC at liblo's
//! `oscdump`, and as a MIDI clock at a JACK client.

use e2e::{Daemon, JackServer, Listener, OscDump, Player, song, turn};
use std::time::Duration;

/// What an audience takes for "on the beat" next to a drum hit; also the promise of the project.
const TOLERANCE_NS: i64 = 25_000_000;
/// How long a tracker may take to be sure of a new tempo.
const SETTLE_S: f64 = 8.0;

#[test]
fn beats_and_midi_clock_of_the_demo_song_arrive_in_time() {
    let _turn = turn();
    let server = JackServer::start();
    let dump = OscDump::start();
    let config = format!(
        r#"
        [bus.main]
        connect = ["{}", "{}"]
        [output.beats]
        kind = "osc"
        target = "127.0.0.1:{}"
        signals = []
        parameters = []
        events = ["beat"]
        [output.clock]
        kind = "midi"
        port = "jack"
        "#,
        Player::PORTS[0],
        Player::PORTS[1],
        dump.port
    );
    let _daemon = Daemon::start(&config, Some(&server));
    let listener = Listener::join(&server);
    server.wait_for_port("downbeat:midi_out", Duration::from_secs(5));
    server.connect("downbeat:midi_out", "listener:midi");
    let mut player = Player::start(&server, &song::mix());
    server.wait_for_port(Player::PORTS[0], Duration::from_secs(10));
    server.connect(Player::PORTS[0], "listener:audio");
    player.wait(Duration::from_secs(120));

    let heard = listener.heard();
    let song = downbeat_song::render();
    let played = heard.align(&song.left);
    let truth = &song.truth;
    let steady: Vec<f64> = truth.beats.iter().copied().filter(|beat| is_settled(truth, *beat)).collect();
    let beats: Vec<i64> = dump.to("/beat").iter().map(|message| message.at).collect();
    let errors: Vec<i64> = steady.iter().map(|beat| nearest(&beats, played.time_of(*beat))).collect();
    for (beat, error) in steady.iter().zip(&errors).filter(|(_, error)| error.abs() > TOLERANCE_NS) {
        println!("the beat at {beat:.3} s came {:+.1} ms", *error as f64 * 1e-6);
    }
    let hit = errors.iter().filter(|error| error.abs() <= TOLERANCE_NS).count();
    let share = hit as f64 / errors.len() as f64;
    let mut sorted = errors.clone();
    sorted.sort_unstable();
    println!(
        "beats: {hit} of {} within 25 ms ({:.1} %), median error {:.1} ms",
        errors.len(),
        share * 100.0,
        sorted[sorted.len() / 2] as f64 * 1e-6
    );
    assert!(share >= 0.95, "only {:.1} % of the beats arrived within 25 ms", share * 100.0);

    let ticks: Vec<i64> = heard.midi.iter().filter(|(_, bytes)| bytes[..] == [0xF8]).map(|(at, _)| *at).collect();
    let mut worst = 0.0f64;
    let mut counted = 0;
    for pair in beats.windows(2) {
        let settled = |at: i64| is_settled(truth, played.moment(at));
        if !(settled(pair[0]) && settled(pair[1])) {
            continue;
        }
        // A beat as OSC and its tick as MIDI leave at the same due time; half a tick is room for the sockets' jitter.
        let half = (pair[1] - pair[0]) / 48;
        let between = (pair[0] - half)..(pair[1] - half);
        // In a cycle that JACK loses nobody hears what was played in it.
        if heard.is_disturbed(&between) {
            continue;
        }
        let inside: Vec<i64> = ticks.iter().copied().filter(|tick| between.contains(tick)).collect();
        assert_eq!(inside.len(), 24, "ticks after the beat at {:.3} s", played.moment(pair[0]));
        let even = (inside[23] - inside[0]) as f64 / 23.0;
        worst = inside.windows(2).map(|two| ((two[1] - two[0]) as f64 - even).abs()).fold(worst, f64::max);
        counted += 1;
    }
    assert!(counted > 60, "only {counted} settled beats came while JACK was undisturbed");
    println!(
        "MIDI clock: 24 ticks in each of {counted} beats, intervals within {:.3} ms of even; JACK lost {} cycles",
        worst * 1e-6,
        heard.xruns.len()
    );
    assert!(worst <= 1e6, "a tick interval is {:.3} ms off", worst * 1e-6);
}

/// Whether a moment of the song comes late enough after the start of its tempo, and before the song's last beat.
fn is_settled(truth: &downbeat_song::Truth, seconds: f64) -> bool {
    let tempo = truth.tempos.iter().rev().find(|tempo| tempo.start <= seconds);
    let last = truth.beats.last().copied().unwrap_or(0.0);
    tempo.is_some_and(|tempo| seconds >= tempo.start + SETTLE_S) && seconds <= last
}

/// The signed distance from `at` to the nearest of `times`.
fn nearest(times: &[i64], at: i64) -> i64 {
    times.iter().map(|time| time - at).min_by_key(|distance| distance.abs()).unwrap_or(i64::MAX)
}
