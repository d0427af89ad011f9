//! Surfaces connected by TCP.

use super::{Rig, line};
use crate::liblo::{OscDump, until};
use crate::port::free_port;
use downbeat_protocol::Action;
use downbeat_protocol::state::Change;
use downbeatd::clock::host_now;
use downbeatd::threads::Watchdog;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

#[test]
fn a_surface_may_connect_by_tcp_in_either_framing_and_is_told_everything() {
    let port = free_port();
    let rig = Rig::control(&format!("listen = '127.0.0.1:{port}'"));
    rig.tick(line(), true);
    let sent =
        std::process::Command::new("oscsend").args([&format!("osc.tcp://127.0.0.1:{port}/"), "/tempo/tap"]).status();
    assert!(sent.expect("oscsend is in the package liblo-tools").success());
    assert_eq!(rig.command().what, Action::Tap);
    let packet = b"/show/blackout\0\0,f\0\0\x3f\x80\0\0";
    let length = (packet.len() as u32).to_be_bytes();
    for framed in [[&length[..], packet].concat(), [b"\xC0", &packet[..], b"\xC0"].concat()] {
        let mut surface = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
        surface.set_read_timeout(Some(Duration::from_secs(10))).expect("a socket can be set so");
        for half in framed.chunks(7) {
            surface.write_all(half).expect("taken");
        }
        assert_eq!(rig.command().what, Action::Blackout(true));
        let (mut told, mut bytes) = (Vec::new(), [0; 4096]);
        let begins = if framed[0] == 0xC0 { b"\xC0/" } else { b"\0\0" };
        while !told.windows(14).any(|it| it == b"/show/blackout") {
            let length = surface.read(&mut bytes).expect("it answers");
            assert!(length > 0, "it hung up");
            told.extend_from_slice(&bytes[..length]);
        }
        assert!(told.starts_with(begins), "{:?}", &told[..8]);
    }
}

#[test]
fn a_connection_that_is_not_osc_is_closed_and_one_that_never_reads_costs_nobody_else_anything() {
    let (port, answers) = (free_port(), free_port());
    let dump = OscDump::listen(answers);
    let rig = Rig::control(&format!("listen = '127.0.0.1:{port}'\nfeedback-to = ['127.0.0.1:{answers}']"));
    rig.tick(line(), true);
    until("everything", || (!dump.at("/layer/back/opacity").is_empty()).then_some(()));
    let mut browser = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
    browser.set_read_timeout(Some(Duration::from_secs(10))).expect("a socket can be set so");
    browser.write_all(b"GET / HTTP/1.1\r\n\r\n").expect("taken");
    assert_eq!(browser.read(&mut [0; 16]).ok(), Some(0), "it is hung up on");
    until("a complaint", || rig.health.error().contains("neither length-prefixed").then_some(()));
    let mut sleeper = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
    sleeper.write_all(b"/ping\0\0\0,\0\0\0\xC0").expect("taken");
    for number in 0..50_u16 {
        for _ in 0..200 {
            rig.change(Change::Opacity { layer: "back".into(), opacity: f32::from(number) / 100.0 }, "");
        }
        let value = format!("f {:.6}", f32::from(number) / 100.0);
        until("the named peer's feedback", || {
            dump.at("/layer/back/opacity").iter().any(|it| it.arguments == value).then_some(())
        });
    }
}

#[test]
fn a_desk_that_takes_osc_by_tcp_is_fed_in_either_framing_and_again_after_it_was_restarted() {
    for framing in ["slip", "length"] {
        let port = free_port();
        let target = format!("target = '127.0.0.1:{port}'\ntransport = 'tcp'\nframing = '{framing}'\ninterface = 'lo'");
        let rig = Rig::output(&target);
        until("the complaint", || rig.health.error().contains("nothing listens at tcp").then_some(()));
        for time in ["first", "second"] {
            let (desk, line) = (OscDump::accept(port), line());
            until(&format!("the {time} rows in framing {framing}"), || {
                rig.tick(line, true);
                (!desk.at("/tempo/bpm").is_empty() && !desk.at("/beat").is_empty()).then_some(())
            });
            assert_eq!(desk.at("/signal/main/level")[0].arguments, "f 0.500000");
            assert_eq!(rig.health.error(), "");
        }
    }
}

#[test]
fn one_that_asks_for_lists_without_end_holds_up_nobody_and_is_not_taken_for_a_hang() {
    let (port, answers) = (free_port(), free_port());
    let (dump, watchdog) = (OscDump::listen(answers), Watchdog::default());
    let settings = format!("listen = '127.0.0.1:{port}'\nfeedback-to = ['127.0.0.1:{answers}']");
    let rig = Rig::watched_control(&settings, &watchdog);
    rig.tick(line(), true);
    until("everything", || (!dump.at("/layer/back/opacity").is_empty()).then_some(()));
    // Bundles of four thousand requests, as fast as they are taken.
    let request = b"\0\0\0\x0c/list\0\0\0,\0\0\0";
    let bundle = [&b"#bundle\0\0\0\0\0\0\0\0\x01"[..], &request.repeat(4_000)].concat();
    let framed = [&(bundle.len() as u32).to_be_bytes()[..], &bundle].concat();
    let mut flood = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
    flood.set_write_timeout(Some(Duration::from_millis(100))).expect("a socket can be set so");
    let (over, bundles) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Relaxed) {
                let mut left = &framed[..];
                while !left.is_empty() && !over.load(Relaxed) {
                    left = &left[flood.write(left).unwrap_or(0)..];
                }
                bundles.fetch_add(1, Relaxed);
            }
        });
        let _over = downbeatd::threads::Stop(&over);
        until("the flood", || (bundles.load(Relaxed) > 2).then_some(()));
        for number in 0..5_u16 {
            let before = bundles.load(Relaxed);
            rig.change(Change::Opacity { layer: "back".into(), opacity: f32::from(number) / 100.0 }, "");
            let value = format!("f {:.6}", f32::from(number) / 100.0);
            until("the named peer's feedback", || {
                dump.at("/layer/back/opacity").iter().any(|line| line.arguments == value).then_some(())
            });
            assert_eq!(watchdog.hung(host_now(), Duration::from_secs(2)), [""; 0], "the watchdog would end the daemon");
            until("more of the flood", || (bundles.load(Relaxed) > before).then_some(()));
        }
    });
    assert!(rig.health.dropped.load(Relaxed) > 1_000, "what was refused is counted");
}
