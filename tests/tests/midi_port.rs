//! MIDI to another program's port by name, through midir, beside the daemon's own JACK client: it plays, and recovers
//! after the server is killed, without taking the daemon down.

use e2e::{Daemon, JackServer, Listener, Player, song, turn, wait_for};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(20);

#[test]
fn a_clock_to_a_named_port_survives_the_death_of_the_server() {
    let _turn = turn();
    let mut server = JackServer::start();
    let config = format!(
        r#"
        [bus.main]
        connect = ["{}", "{}"]
        [output.synth]
        kind = "midi"
        port = "listener:midi"
        "#,
        Player::PORTS[0],
        Player::PORTS[1]
    );
    let mut daemon = Daemon::start(&config, Some(&server));
    for life in 1..=3 {
        {
            let listener = Listener::join(&server);
            let _player = Player::start(&server, &song::mix());
            let mut ticks = 0;
            wait_for("a MIDI clock at the named port", SOON, || {
                ticks += listener.heard().midi.iter().filter(|(_, bytes)| bytes[..] == [0xF8]).count();
                (ticks > 24).then_some(())
            });
        }
        println!("life {life}: the clock runs");
        server.kill();
        assert!(daemon.process.runs(), "the daemon died with its server");
        server.restart();
    }
    daemon.process.signal(15);
    assert!(daemon.process.wait(SOON).success());
}

#[test]
fn the_daemons_own_port_is_there_before_an_output_needs_it() {
    let _turn = turn();
    let server = JackServer::start();
    let _daemon = Daemon::start("", Some(&server));
    server.wait_for_port("downbeat:midi_out", SOON);
}

#[test]
fn a_port_that_comes_back_at_once_is_connected_again() {
    let _turn = turn();
    let server = JackServer::start();
    let config = format!(
        r#"
        [bus.main]
        connect = ["{}", "{}"]
        [output.synth]
        kind = "midi"
        port = "listener:midi"
        "#,
        Player::PORTS[0],
        Player::PORTS[1]
    );
    let mut daemon = Daemon::start(&config, Some(&server));
    let _player = Player::start(&server, &song::mix());
    // More often than the daemon looks: most of these are between two looks.
    for life in 1..=4 {
        let listener = Listener::join(&server);
        let mut ticks = 0;
        wait_for("a MIDI clock at the port that is back", SOON, || {
            ticks += listener.heard().midi.iter().filter(|(_, bytes)| bytes[..] == [0xF8]).count();
            (ticks > 24).then_some(())
        });
        println!("life {life}: the clock runs");
    }
    daemon.process.signal(15);
    assert!(daemon.process.wait(SOON).success());
}
