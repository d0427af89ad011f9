//! Tables of outputs, with what they then send, and the messages that cues and rules send through them.

use super::ENGINE;
use downbeat_audio::pattern::fits;
use downbeat_engine::{Kept, Messages, Tick};
use downbeat_protocol::{HostTime, ShowTime, Value};
use downbeatd::clock::ShowClock;
use downbeatd::config::{Config, Peer};
use downbeatd::edges::osc_ports::OscPorts;
use downbeatd::outputs::osc::layout::Layout;
use downbeatd::outputs::policy::{Keeper, Policy};
use downbeatd::outputs::{OUTPUTS, OutputContext, messages, midi, osc};
use rosc::decoder::decode_udp;
use std::sync::Arc;
use std::time::Duration;

/// The longest datagram of UDP over IPv4.
const DATAGRAM: usize = 65_507;

/// A table is refused with its key, or sends only what its receivers can read.
pub fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(config) = Config::parse("rig.toml", &format!("[output.it]\n{text}")) else { return };
    let Some(mut it) = config.outputs.into_iter().find(|output| output.name == "it") else { return };
    let policy = match Policy::take(&mut it.table) {
        Ok(policy) => policy,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let Some(kind) = OUTPUTS.iter().find(|kind| kind.kind == it.kind) else { return };
    let schema = ENGINE.with(|engine| engine.schema());
    let context = OutputContext {
        name: "it".into(),
        clock: ShowClock::new(0),
        schema: Arc::clone(&schema),
        osc_ports: OscPorts::default(),
        jack: None,
    };
    match (kind.open)(it.table.clone(), &context) {
        Err(error) => return assert!(!error.to_string().is_empty()),
        Ok(output) => assert!(!output.target().is_empty()),
    }
    let mut keeper = Keeper::new(policy, &schema, Kept::default());
    let ticks = ticks().map(|tick| keeper.apply(tick));
    match it.kind.as_str() {
        "osc" => send_osc(&it, &context, ticks),
        "midi" => send_midi(&it, &context, ticks),
        _ => {}
    }
}

/// A few hops of the show, with beats.
fn ticks() -> impl Iterator<Item = Arc<Tick>> {
    let mut engine = ENGINE.with(|engine| (**engine).clone());
    (1..=12).map(move |step| {
        let now = step * 250_000_000;
        let tick = engine.tick(ShowTime(now), ShowTime(now), HostTime(now), &mut Vec::new());
        Arc::new(Tick { beating: true, ..tick })
    })
}

fn send_osc(it: &Peer, context: &OutputContext, ticks: impl Iterator<Item = Arc<Tick>>) {
    let settings: osc::settings::Settings = it.table.clone().try_deserialize().expect("it was opened with it");
    let layout = Layout::new(&settings, &context.schema).expect("it was opened with it");
    let mut sequence = osc::sequence::Sequence::new(&settings, layout, true, context.clock.clone(), || 0);
    for tick in ticks {
        let now = tick.heard;
        sequence.take(tick);
        let _ = sequence.wake_at();
        sequence.run(now, &mut |datagram, _, _| {
            assert!(datagram.len() <= DATAGRAM, "a datagram of {} bytes", datagram.len());
            decode_udp(datagram).unwrap_or_else(|error| panic!("{error:?} in {datagram:02X?}"));
        });
    }
}

fn send_midi(it: &Peer, context: &OutputContext, ticks: impl Iterator<Item = Arc<Tick>>) {
    let settings: midi::settings::Settings = it.table.clone().try_deserialize().expect("it was opened with it");
    let sequence = midi::sequence::Sequence::new(&settings, &context.schema, context.clock.clone(), Duration::ZERO);
    let mut sequence = sequence.expect("it was opened with it");
    let mut last = HostTime::ZERO;
    for tick in ticks {
        last = tick.heard;
        sequence.take(tick);
        let _ = sequence.wake_at();
        sequence.run(last, &mut |_, message| check_midi(message.bytes()));
    }
    sequence.close(last, &mut |_, message| check_midi(message.bytes()));
}

/// A status, and data bytes.
fn check_midi(bytes: &[u8]) {
    let is_whole = bytes.split_first().is_some_and(|(status, data)| *status >= 0x80 && data.iter().all(u8::is_ascii));
    assert!(is_whole, "{bytes:02X?} is not a MIDI message");
}

/// An address, and on the next line its value. What passes the check of an output is sent and can be read.
pub fn run_message(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (address, value) =
        text.split_once('\n').map_or((&*text, None), |(address, value)| (address, Some(Value::from(value))));
    let check = |kind| match messages(kind) {
        Messages::Checked(check) => check(address, value.as_ref()),
        Messages::Never | Messages::Disabled => Err("none".into()),
    };
    match check("osc") {
        Err(why) => assert!(!why.is_empty()),
        Ok(()) => {
            let (first, release) = osc::message::datagrams(address, value.as_ref()).expect("what was checked is sent");
            assert_eq!(release.is_some(), value.is_none(), "a press is let go");
            for datagram in std::iter::once(first).chain(release) {
                assert!(datagram.len() <= 1024, "{} bytes", datagram.len());
                decode_udp(&datagram).unwrap_or_else(|error| panic!("{error:?} in {datagram:02X?}"));
            }
        }
    }
    let played: Vec<_> = midi::message::messages(address, value.as_ref(), HostTime::ZERO).collect();
    assert_eq!(check("midi").is_ok(), !played.is_empty());
    played.iter().for_each(|(_, message)| check_midi(message.bytes()));
}

/// A pattern, and on the next line a name: it fits as by the plainest of algorithms.
pub fn run_pattern(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (pattern, name) = text.split_once('\n').unwrap_or((&text, ""));
    assert_eq!(fits(pattern, name), is_fitting(pattern, name), "`{pattern}` and `{name}`");
}

fn is_fitting(pattern: &str, name: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let Some(last) = pieces.next_back() else { return rest.is_empty() };
    for piece in pieces {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    rest.ends_with(last)
}

/// Every key of each kind.
pub fn seeds() -> Vec<Vec<u8>> {
    [
        "kind = \"osc\"\ntarget = \"192.0.2.7:7000\"\n",
        "kind = \"osc\"\ntarget = \"desk.local:8000\"\ntransport = \"tcp\"\nframing = \"length\"\n\
            interface = \"eth0\"\nrate-hz = 30\nformat = \"messages\"\ntime-tag = \"due\"\nlatency-ms = -5\n\
            signals = [\"main.*\", \"tempo.bpm\"]\nparameters = [\"glow\"]\nevents = [\"beat\", \"bar\", \
            \"phrase\", \"onset\", \"hop\"]\nrename = { \"param.glow\" = \"/g\", beat = \"/b\" }\n\
            on-blackout = \"rest\"\non-silence = \"hold\"\non-beat-lost = \"run\"\n",
        "kind = \"osc\"\ntarget = \"x:1\"\nsend = [{ address = \"/a\", value = \"main.rms\", from = [0, 1], \
            to = [1, 0], when = \"change\", type = \"int\", step = 0.5 }, { address = \"/b\", value = 1, \
            when = \"beat\", type = \"trigger\", release-ms = 20 }, { address = \"/c\", \
            value = \"param.glow\", type = \"string\", text = \"Go {}\", decimals = 2 }]\n",
        "kind = \"osc\"\ntarget = \"x:7000\"\nprofile = \"resolume\"\nraw-bpm = true\nresync = \"bar\"\n",
        "kind = \"midi\"\nport = \"jack\"\nclock = true\ntransport = false\nlatency-ms = 2.5\nrate-hz = 50\n\
            notes = [{ on = \"bar\", channel = 10, note = 36, velocity = \"main.rms\", length-ms = 9 }, \
            { on = \"onset.main.low\", channel = 1, note = 60 }]\ncc = [{ value = \"param.size\", channel = 1, \
            controller = 7, from = [1, 4], to = [0, 127] }, { value = \"main.rms\", channel = 2, \
            controller = 3, 14-bit = true }]\n",
        "kind = \"log\"\nlatency-ms = 10\n",
    ]
    .map(|text| text.as_bytes().to_vec())
    .into()
}

/// Each type of value, and each kind of MIDI message.
pub fn message_seeds() -> Vec<Vec<u8>> {
    [
        "/cue/go",
        "/bypass\ntrue",
        "/opacity\n0.5",
        "/cmd\nGo+ Executor 3",
        "/color,i\n3",
        "/x,f\non",
        "/x,s\nred",
        "note.60@10\n90",
        "cc.7\n0",
        "program.5@16",
    ]
    .map(|text| text.as_bytes().to_vec())
    .into()
}

/// With and without stars.
pub fn pattern_seeds() -> Vec<Vec<u8>> {
    [
        "mpv:out_0\nmpv:out_0",
        "*:out_*\nplayer-01:out_left",
        "a*a\naa",
        "a2j:APC [24] (*\na2j:APC [24] (capture)",
        "m**.{o,p}?\nmain.{o,p}?",
    ]
    .map(|text| text.as_bytes().to_vec())
    .into()
}
