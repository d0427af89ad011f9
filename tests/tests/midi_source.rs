//! Notes played into a real JACK server move parameters, and end when the keyboard is unplugged.

use e2e::{Daemon, JackServer, Keys, OscDump, turn, wait_for};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(20);

/// What was sent last to an address.
fn last(dump: &OscDump, address: &str) -> Option<f64> {
    dump.to(address).last().map(|message| message.number(0))
}

fn wait_for_value(dump: &OscDump, address: &str, value: f64) {
    wait_for(&format!("{address} at {value}"), SOON, || {
        last(dump, address).filter(|told| (told - value).abs() < 1e-3).map(|_| ())
    });
}

fn config(port: &str, dump: &OscDump) -> String {
    format!(
        r#"
        [midi-source.keys]
        port = "{port}"
        [parameter.glow]
        expression = "keys.velocity"
        [output.desk]
        kind = "osc"
        target = "127.0.0.1:{}"
        format = "messages"
        "#,
        dump.port
    )
}

#[test]
fn notes_at_another_programs_port_are_heard_again_whenever_it_comes_back() {
    let _turn = turn();
    let mut server = JackServer::start();
    let dump = OscDump::start();
    let mut daemon = Daemon::start(&config("keys:*", &dump), Some(&server));
    let mut struck = 0;
    for life in 1..=2 {
        {
            let keys = Keys::join(&server);
            let velocity = 100 + life;
            // The port is looked for once a second; until it is found, nobody hears.
            wait_for("a note heard", SOON, || {
                keys.play([0x90, 60, velocity]);
                last(&dump, "/param/glow").filter(|glow| (glow * 127.0 - f64::from(velocity)).abs() < 0.5).map(|_| ())
            });
            wait_for_value(&dump, "/signal/keys/pitch", 60.0);
            wait_for_value(&dump, "/signal/keys/notes-held", 1.0);
            let count = last(&dump, "/signal/keys/note-count").expect("counted");
            assert!(count > f64::from(struck), "{count} notes");
            struck = count as u32;
        }
        wait_for_value(&dump, "/signal/keys/notes-held", 0.0);
        server.kill();
        assert!(daemon.process.runs(), "the daemon died with its server");
        server.restart();
    }
    daemon.process.signal(15);
    assert!(daemon.process.wait(SOON).success());
}

#[test]
fn a_port_of_our_own_is_there_to_be_connected_by_hand() {
    let _turn = turn();
    let server = JackServer::start();
    let dump = OscDump::start();
    let _daemon = Daemon::start(&config("jack", &dump), Some(&server));
    let keys = Keys::join(&server);
    server.wait_for_port("downbeat-keys:in", SOON);
    server.connect(Keys::PORT, "downbeat-keys:in");
    keys.play([0x90, 64, 127]);
    wait_for_value(&dump, "/param/glow", 1.0);
    wait_for_value(&dump, "/signal/keys/notes-held", 1.0);
    keys.play([0x80, 64, 0]);
    wait_for_value(&dump, "/signal/keys/notes-held", 0.0);
    wait_for_value(&dump, "/signal/keys/note-count", 1.0);
}
