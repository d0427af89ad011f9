//! What else lives on a JACK server: names given by hardware and by people, and programs that export.

use e2e::port::free_port;
use e2e::{Daemon, JackServer, OscDump, Player, Process, host_now_ns, song, turn, wait_for};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(20);
/// The tempo of the drums.
const TEMPO: f64 = 124.0;

fn on(server: &JackServer, program: &str, arguments: &[&str]) {
    let done = Command::new(program).env("JACK_DEFAULT_SERVER", &server.name).args(arguments).output();
    let done = done.unwrap_or_else(|error| panic!("{program}: {error}"));
    assert!(done.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
}

fn desk(port: u16) -> String {
    format!(
        "[output.desk]\nkind = \"osc\"\ntarget = \"127.0.0.1:{port}\"\nsignals = [\"main.rms\", \"keys.note-count\"]\n\
         parameters = []\nevents = [\"beat\"]\nrate-hz = 10\n"
    )
}

#[test]
fn ports_are_found_by_the_names_of_the_hardware_behind_them() {
    let _turn = turn();
    let server = JackServer::start();
    let _player = Player::start(&server, &song::mix());
    server.wait_for_port(Player::PORTS[1], SOON);
    on(&server, "jack_alias", &[Player::PORTS[0], "Scarlett 18i20:Input 1"]);
    on(&server, "jack_alias", &[Player::PORTS[1], "Scarlett 18i20:Input 2"]);
    let mut command = Command::new("jack_midiseq");
    let keys = command.env("JACK_DEFAULT_SERVER", &server.name).args(["genmidi", "24000", "0", "60", "8000"]);
    let _keys = Process::start("jack_midiseq", keys);
    server.wait_for_port("genmidi:out", SOON);
    on(&server, "jack_alias", &["genmidi:out", "Launchkey MK3 49:midi/capture_1"]);
    for (wanted, keys) in [
        (r#"["Scarlett 18i20:Input 1", "Scarlett 18i20:Input 2"]"#, "launchkey"),
        (r#"["Scarlett*"]"#, "Launchkey MK3*"),
        (r#"["*:Input 1", "player:out_1"]"#, "genmidi"),
    ] {
        let dump = OscDump::start();
        let bus = format!("[bus.main]\nconnect = {wanted}\n[midi-source.keys]\nport = {keys:?}\n");
        let daemon = Daemon::start(&[bus, desk(dump.port)].concat(), Some(&server));
        daemon.process.wait_for_line("connected player:out_0 to downbeat:main_left", SOON);
        daemon.process.wait_for_line("connected player:out_1 to downbeat:main_right", SOON);
        wait_for("music and keys at the desk", SOON, || {
            let told = |address: &str| dump.to(address).iter().any(|message| message.number(0) > 1e-3);
            (told("/signal/main/rms") && told("/signal/keys/note-count")).then_some(())
        });
    }
    // What is not there is listed with its other names.
    let config = "[bus.main]\nconnect = [\"Babyface:*\"]\n[midi-source.keys]\nport = \"keystep\"\n";
    let daemon = Daemon::start(config, Some(&server));
    let bus = daemon.process.wait_for_line("bus \"main\" waiting for Babyface:*", SOON).1;
    assert!(bus.contains("player:out_0 (Scarlett 18i20:Input 1)"), "{bus}");
    let keys = daemon.process.wait_for_line("no MIDI port named `keystep`", SOON).1;
    assert!(keys.contains("genmidi:out (Launchkey MK3 49:midi/capture_1)"), "{keys}");
}

#[test]
fn the_beat_goes_on_while_another_program_exports_and_the_music_is_heard_again_at_once() {
    let _turn = turn();
    let server = JackServer::start();
    let dump = OscDump::start();
    let bus = format!("[bus.main]\nconnect = [{:?}, {:?}]\n", Player::PORTS[0], Player::PORTS[1]);
    let desk = desk(dump.port).replace(", \"keys.note-count\"", "");
    let server_table = format!("[server]\nlisten = \"127.0.0.1:{}\"\n", free_port());
    let daemon = Daemon::start(&[bus, desk, server_table].concat(), Some(&server));
    let mut player = Command::new("mpv");
    player.env("JACK_DEFAULT_SERVER", &server.name).args(["--no-config", "--no-video", "--no-terminal", "--ao=jack"]);
    player.args(["--jack-connect=no", "--jack-name=player", "--audio-samplerate=48000", "--audio-channels=stereo"]);
    let folder = tempfile::tempdir().expect("a directory of the test's own");
    let _player = Process::start("mpv", player.arg("--loop=inf").arg(drums(folder.path())));
    wait_for("beats", SOON, || (dump.to("/beat").len() >= 20).then_some(()));
    for seconds in [2, 12] {
        let since = host_now_ns();
        let before = cpu_ticks(daemon.process.id());
        on(&server, "jack_freewheel", &["y"]);
        daemon.process.wait_for_line("freewheels, because another program is exporting", SOON);
        std::thread::sleep(Duration::from_secs(seconds));
        let used = cpu_ticks(daemon.process.id()) - before;
        on(&server, "jack_freewheel", &["n"]);
        let until = host_now_ns();
        let beats: Vec<_> = dump.to("/beat").into_iter().filter(|it| (since..until).contains(&it.at)).collect();
        let counts: Vec<i64> = beats.iter().map(|beat| beat.number(0) as i64).collect();
        let tempos: Vec<f64> = beats.iter().map(|beat| beat.number(3)).collect();
        let share = used as f64 / ((until - since) as f64 * 1e-9 * 100.0);
        println!("{seconds} s of freewheeling: beats {counts:?}, {:.0} % of a core", share * 100.0);
        assert!(counts.windows(2).all(|two| two[1] == two[0] + 1), "a beat is missing: {counts:?}");
        assert!(counts.len() as f64 >= (until - since) as f64 * 1e-9 * TEMPO / 60.0 - 2.0, "{counts:?}");
        assert!(tempos.iter().all(|tempo| (tempo / TEMPO - 1.0).abs() < 0.02), "{tempos:?}");
        wait_for("music again", Duration::from_secs(2), || {
            let music = dump.to("/signal/main/rms");
            music.iter().any(|it| it.at > until && it.number(0) > 1e-3).then_some(())
        });
        daemon.process.wait_for_line("no longer freewheels", SOON);
        let known = dump.to("/beat").len();
        wait_for("more beats", SOON, || (dump.to("/beat").len() >= known + 24).then_some(()));
        let told: Vec<f64> = dump.to("/beat").iter().skip(known).map(|beat| beat.number(3)).collect();
        println!("and then {told:?}");
        let last = &told[told.len() - 4..];
        assert!(last.iter().all(|tempo| (tempo / TEMPO - 1.0).abs() < 0.02), "{told:?}");
        // The first guesses of an ear that has just begun are not told. A beat may wait for the music once.
        let wild = told.iter().filter(|tempo| (**tempo / TEMPO - 1.0).abs() > 0.05).count();
        assert!(wild <= 2, "{told:?}");
    }
}

/// Four minutes of drums of one tempo, so that it does not matter where a player goes on: a WAV file.
fn drums(folder: &Path) -> PathBuf {
    const RATE: f64 = 48_000.0;
    let beat = RATE * 60.0 / TEMPO;
    let mut noise = 1u32;
    let samples = (0..(496.0 * beat) as usize).map(|sample| {
        let (count, place) = ((sample as f64 / beat) as usize, sample as f64 % beat / RATE);
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let hiss = f64::from(noise) / f64::from(u32::MAX) - 0.5;
        let kick = if count % 2 == 0 { (-place * 12.0).exp() * (place * 340.0).sin() } else { 0.0 };
        let snare = if count % 2 == 1 { (-place * 18.0).exp() * hiss } else { 0.0 };
        let hat = (-(place % (30.0 / TEMPO)) * 60.0).exp() * hiss * 0.4;
        ((0.6 * kick + 0.6 * snare + 0.3 * hat) * 32_000.0) as i16
    });
    let data: Vec<u8> = samples.flat_map(i16::to_le_bytes).collect();
    let size = data.len() as u32;
    let numbers = [16, 1 | 1 << 16, RATE as u32, 2 * RATE as u32, 2 | 16 << 16];
    let head = [b"RIFF".as_slice(), &(36 + size).to_le_bytes(), b"WAVEfmt "].concat();
    let format: Vec<u8> = numbers.into_iter().flat_map(u32::to_le_bytes).collect();
    let path = folder.join("drums.wav");
    std::fs::write(&path, [head.as_slice(), &format, b"data", &size.to_le_bytes(), &data].concat()).expect("written");
    path
}

/// The processor time of a process so far, in hundredths of a second.
fn cpu_ticks(id: u32) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{id}/stat")).expect("it runs");
    let after_name = text.rsplit(')').next().unwrap_or_default();
    after_name.split_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum()
}
