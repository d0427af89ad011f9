//! What can be seen from outside after a change.

use crate::rig::{Rig, SOON};
use downbeat_client::session::{Session, Settings};
use downbeat_protocol::message::Role;
use e2e::surface::{ask, value};
use e2e::{OscDump, wait_for};
use serde_json::{Value, json};
use std::net::{TcpStream, UdpSocket};
use std::process::Command;

/// Looks at the rig from outside, and panics where it is not as it should be.
pub type Look = fn(&Rig);

/// The key, a part of the change (where several have the key), and what to look at.
pub const SEEN: [(&str, &str, Look); 33] = [
    ("parameter.expression", "", |rig| glow(rig, 0.75)),
    ("parameter.curve", "", |rig| glow(rig, 0.0625)),
    ("parameter.range", "", |rig| glow(rig, 0.5)),
    ("parameter.default", "", |rig| told(rig, "/param/still", &json!(0.5))),
    ("layer.name", "", |rig| told(rig, "/layer/front/scene", &json!("tunnel"))),
    ("layer.scene", "", |rig| told(rig, "/layer/back/scene", &json!("echo"))),
    ("layer.scenes", "", |rig| {
        wait_for("two scenes to choose from", SOON, || {
            let choices = &ask(rig.page, "/layer/back/scene?RANGE")["RANGE"][0]["VALS"];
            (*choices == json!(["tunnel", "echo"])).then_some(())
        });
    }),
    ("layer.opacity", "", |rig| told(rig, "/layer/back/opacity", &json!(0.5))),
    ("layer.blend", "", |rig| told(rig, "/layer/back/blend", &json!("add"))),
    ("cue.set.output", "", |rig| {
        rig.command(&["/cue/half/fire"]);
        arrives(&rig.other, "/go");
    }),
    ("cue.set.value", "", |rig| {
        rig.command(&["/cue/half/fire"]);
        told(rig, "/param/hue", &json!(0.125));
    }),
    ("rule.do.value", "", |rig| {
        rig.command(&["/rule/go/fire"]);
        told(rig, "/param/hue", &json!(0.625));
    }),
    ("rule.muted", "", |rig| told(rig, "/rule/go/mute", &json!(true))),
    ("rule.rate", "", |rig| told(rig, "/rule/go/rate", &json!("1/2"))),
    ("server.enabled", "", |rig| {
        wait_for("the server's port to be free", SOON, || UdpSocket::bind(("127.0.0.1", rig.server)).ok());
    }),
    ("server.listen", "", |rig| node_at(rig.free.get())),
    ("server.clock-port", "", |rig| {
        wait_for("the clock's port to be in use", SOON, || {
            UdpSocket::bind(("127.0.0.1", rig.free.get())).is_err().then_some(())
        });
    }),
    ("server.latency-ms", "", |rig| node_at(rig.server)),
    ("web.enabled", "", |rig| {
        wait_for("the page to be gone", SOON, || TcpStream::connect(("127.0.0.1", rig.page)).is_err().then_some(()));
    }),
    ("web.listen", "", |rig| {
        told_at(rig.free.get(), "/show/blackout", &json!(false));
        let (link, told) = (format!("http://127.0.0.1:{}", rig.free.get()), rig.ctl(&["web"]).stdout);
        assert!(String::from_utf8_lossy(&told).contains(&link), "whoever asks is sent to {link}: {told:?}");
    }),
    ("web.certificate", "", |rig| https(rig, "one.pem")),
    ("web.key", "", |rig| https(rig, "two.pem")),
    ("output.osc.enabled", ".udp.", |rig| {
        let before = rig.other.messages().len();
        wait_for("beats at the desk beside", SOON, || {
            let beats = rig.desk.to("/beat");
            (beats.len() >= 2 && beats.last()?.at > e2e::host_now_ns() - 50_000_000).then_some(())
        });
        assert!(rig.other.messages().len() <= before + 2, "a closed output goes on");
    }),
    ("output.osc.target", ".udp.", |rig| {
        let socket = UdpSocket::bind(("127.0.0.1", rig.free.get())).expect("it is free");
        socket.set_read_timeout(Some(SOON)).expect("set");
        socket.recv(&mut [0; 2048]).expect("packets at the new target");
    }),
    ("output.osc.rename", ".udp.", |rig| arrives(&rig.other, "/renamed")),
    ("output.osc.send", ".udp.", |rig| arrives(&rig.other, "/sent")),
    ("output.osc.profile", ".udp.", |rig| arrives(&rig.other, "/composition/tempocontroller/tempo")),
    ("output.osc.rate-hz", ".tcp.", |rig| connects(rig, |first| first != 0)),
    ("output.osc.framing", ".tcp.", |rig| connects(rig, |first| first == 0)),
    ("control.osc.listen", "", |rig| {
        sets(rig.free.get(), rig);
        let info = ask(rig.page, "/?HOST_INFO");
        assert_eq!(info["OSC_PORT"], json!(rig.free.get()), "programs are told the new port");
    }),
    ("control.osc.enabled", "", |rig| {
        let info = ask(rig.page, "/?HOST_INFO");
        assert!(info.get("OSC_PORT").is_none() && info.get("NAME").is_some(), "{info}");
    }),
    ("control.osc.feedback-to", "", |rig| arrives(&rig.other, "/daemon/alive")),
    ("output.midi.enabled", "", |rig| {
        wait_for("one output less", SOON, || {
            let outputs = ask(rig.page, "/status")["status"]["outputs"].as_array()?.clone();
            outputs.iter().all(|output| output["name"] != "notes").then_some(())
        });
    }),
];

/// Everything is as `base.toml` says.
pub fn base(rig: &Rig) {
    glow(rig, 0.25);
    node_at(rig.server);
    sets(rig.tablet, rig);
    arrives(&rig.other, "/param/glow");
    told(rig, "/rule/go/mute", &json!(false));
    assert_eq!(ask(rig.page, "/?HOST_INFO")["OSC_PORT"], json!(rig.tablet));
}

fn glow(rig: &Rig, wanted: f64) {
    wait_for(&format!("glow at {wanted}"), SOON, || {
        let last = rig.desk.to("/param/glow").last().map(|it| it.number(0));
        last.filter(|value| (value - wanted).abs() < 1e-6)
    });
}

fn told(rig: &Rig, address: &str, wanted: &Value) {
    told_at(rig.page, address, wanted);
}

fn told_at(page: u16, address: &str, wanted: &Value) {
    wait_for(&format!("{wanted} at {address}"), SOON, || (value(page, address) == *wanted).then_some(()));
}

/// A new message at an address.
fn arrives(dump: &OscDump, address: &str) {
    let before = e2e::host_now_ns();
    // A click may have come before anybody looked.
    let lately = before - 1_000_000_000;
    wait_for(address, SOON, || dump.to(address).last().filter(|message| message.at > lately).map(|_| ()));
}

/// The output by TCP connects again, and begins in the right way.
fn connects(rig: &Rig, is_right: impl Fn(u8) -> bool) {
    wait_for("a connection by TCP", SOON, || rig.connections.try_iter().any(&is_right).then_some(()));
}

/// What is sent to a tablet's port is obeyed.
fn sets(port: u16, rig: &Rig) {
    let sent = f64::from(port % 1000) / 1000.0;
    let set = ["127.0.0.1", &port.to_string(), "/param/hue", "f", &sent.to_string()].map(str::to_owned);
    assert!(Command::new("oscsend").args(set).status().expect("liblo's oscsend is there").success());
    wait_for("what a tablet has sent", SOON, || {
        let told = value(rig.page, "/param/hue").as_f64()?;
        ((told - sent).abs() < 1e-6).then_some(())
    });
}

fn node_at(port: u16) {
    let session = Session::start(Settings::new(&format!("127.0.0.1:{port}"), "node", Role::Viewer));
    let view = session.wait(SOON, |view| view.connected && view.status.is_some());
    assert!(view.connected, "{}", view.why);
}

/// The page is served with a certificate.
fn https(rig: &Rig, certificate: &str) {
    let certificate = rig.folder.path().join(certificate);
    wait_for("the page by HTTPS", SOON, || {
        let mut curl = Command::new("curl");
        curl.args(["-sf", "-m", "5", "--cacert"]).arg(&certificate);
        let url = format!("https://localhost:{}/show/blackout?VALUE", rig.page);
        curl.arg(url).output().is_ok_and(|it| it.status.success()).then_some(())
    });
}
