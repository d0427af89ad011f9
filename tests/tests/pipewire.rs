//! PipeWire's JACK instead of jackd: the daemon hears a player, and a restart of PipeWire is not felt in the beat.

use e2e::{Daemon, OscDump, PipeWire, host_now_ns, song, turn, wait_for};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(30);
/// The tempo of the song while this test listens.
const TEMPO: f64 = 124.0;

#[test]
fn a_song_is_heard_through_pipewire_and_its_beat_survives_a_restart_of_it() {
    let _turn = turn();
    let mut pipewire = PipeWire::start();
    let dump = OscDump::start();
    let config = format!(
        "[bus.main]\nconnect = [\"pw-play:*\"]\n[output.desk]\nkind = \"osc\"\ntarget = \"127.0.0.1:{}\"\n\
         signals = [\"main.rms\"]\nparameters = []\nevents = [\"beat\"]\nrate-hz = 10\n",
        dump.port
    );
    let mut daemon = Daemon::start(&config, None);
    let _player = pipewire.play(&song::mix());
    wait_for("beats", SOON, || (dump.to("/beat").len() >= 20).then_some(()));
    let told: Vec<f64> = dump.to("/beat").iter().rev().take(4).map(|beat| beat.number(3)).collect();
    assert!(told.iter().all(|tempo| (tempo / TEMPO - 1.0).abs() < 0.02), "{told:?}");
    for round in 1..=2 {
        let since = host_now_ns();
        pipewire.kill();
        // Longer than the bar for which beats go on in silence.
        std::thread::sleep(Duration::from_secs(4));
        pipewire.restart();
        let player = pipewire.play(&song::mix());
        wait_for("music again", SOON, || {
            let music = dump.to("/signal/main/rms");
            music.iter().any(|it| it.at > since + 1_000_000_000 && it.number(0) > 1e-3).then_some(())
        });
        let back = host_now_ns();
        let during = dump.to("/beat").into_iter().filter(|beat| (since..back).contains(&beat.at));
        let counts: Vec<i64> = during.map(|beat| beat.number(0) as i64).collect();
        println!("restart {round}: PipeWire away for {:.1} s, beats {counts:?}", (back - since) as f64 * 1e-9);
        assert!(counts.windows(2).all(|two| two[1] == two[0] + 1), "a beat is missing: {counts:?}");
        assert!(counts.len() as f64 >= (back - since) as f64 * 1e-9 * TEMPO / 60.0 - 2.0, "{counts:?}");
        assert!(daemon.process.runs());
        let known = dump.to("/beat").len();
        wait_for("more beats", SOON, || (dump.to("/beat").len() >= known + 24).then_some(()));
        drop(player);
    }
}
