use super::*;
use downbeat_protocol::{Row, Schema, ShowTime, Signal, Timeline, Unit};
use rosc::{OscMessage, OscPacket, decoder::decode_udp};

const MS: i64 = 1_000_000;
/// The show began this much before the machine's clock.
const OFFSET: i64 = 77 * MS;

/// A sequence in virtual time, and what it sent: when, when it was due, and the packet.
struct Rig {
    sequence: Sequence,
    now: HostTime,
    sent: Vec<(HostTime, HostTime, OscPacket)>,
}

impl Rig {
    fn new(toml: &str) -> Self {
        let file = config::File::from_str(&format!("target = 'x:1'\n{toml}"), config::FileFormat::Toml);
        let table = config::Config::builder().add_source(file).build().expect("TOML");
        let settings: Settings = table.try_deserialize().expect("settings");
        let schema = Schema {
            signals: vec![
                Signal::scalar("tempo.bpm", Unit::Bpm, [20.0, 999.0]),
                Signal::scalar("main.onset-count.low", Unit::Count, [0.0, 1023.0]),
            ],
        };
        let layout = Layout::new(&settings, &schema).expect("resolves");
        let sequence = Sequence::new(&settings, layout, true, ShowClock::new(OFFSET), || 0);
        Self { sequence, now: HostTime::ZERO, sent: Vec::new() }
    }

    /// Ticks every 5 ms for a while, and wakes in between when the sequence asks for it.
    fn play(&mut self, ms: i64, line: Timeline, beating: bool, row: [f32; 2]) {
        let end = self.now.offset(ms * MS);
        while self.now < end {
            let row = Row { values: row.into(), time: ShowTime(self.now.0 + OFFSET), seq: 0 };
            let tick = Tick { row, timeline: line, state: Arc::default(), beating, heard: self.now };
            self.sequence.take(Arc::new(tick));
            let next = self.now.offset(5 * MS).min(end);
            while self.now < next {
                let now = self.now;
                self.sequence.run(now, &mut |bytes, leave, _| {
                    let (rest, packet) = decode_udp(bytes).expect("OSC");
                    assert!(rest.is_empty());
                    self.sent.push((now, leave, packet));
                });
                self.now = next.min(self.sequence.wake_at().max(now.offset(1)));
            }
        }
    }

    fn messages(&self, address: &str) -> Vec<(HostTime, OscMessage)> {
        let each = |(now, _, packet): &(HostTime, HostTime, OscPacket)| {
            let messages = flat(packet).into_iter().filter(|message| message.addr == address);
            messages.map(|message| (*now, message)).collect::<Vec<_>>()
        };
        self.sent.iter().flat_map(each).collect()
    }
}

fn flat(packet: &OscPacket) -> Vec<OscMessage> {
    match packet {
        OscPacket::Message(message) => vec![message.clone()],
        OscPacket::Bundle(bundle) => bundle.content.iter().flat_map(flat).collect(),
    }
}

/// 120 BPM, beat zero at show time zero.
fn line() -> Timeline {
    Timeline::default()
}

#[test]
fn beats_leave_ahead_by_the_latency_and_not_a_moment_earlier() {
    let mut rig = Rig::new("latency-ms = 30\nsignals = []\nparameters = []");
    rig.play(2200, line(), true, [120.0, 0.0]);
    let beats = rig.messages("/beat");
    let numbers: Vec<_> = beats.iter().map(|(_, beat)| beat.args[0].clone().int()).collect();
    assert_eq!(numbers, [Some(1), Some(2), Some(3), Some(4)]);
    for (index, (at, beat)) in beats.iter().enumerate() {
        let due = ShowTime((index as i64 + 1) * 500 * MS);
        assert_eq!(*at, HostTime(due.0 - OFFSET - 30 * MS));
        assert_eq!(beat.args[3].clone().float(), Some(120.0));
    }
    assert_eq!(rig.messages("/bar").len(), 1);
    assert!(rig.sent.iter().all(|(at, leave, _)| at == leave));
}

#[test]
fn no_beat_is_sent_while_nothing_plays() {
    let mut rig = Rig::new("");
    rig.play(1000, line(), true, [120.0, 0.0]);
    let before = rig.messages("/beat").len();
    rig.play(3000, line(), false, [120.0, 0.0]);
    assert_eq!(rig.messages("/beat").len(), before);
    rig.play(1000, line(), true, [120.0, 0.0]);
    assert_eq!(rig.messages("/beat").len(), before + 2);
}

#[test]
fn rows_keep_their_rate_and_every_hop_is_sent_on_demand() {
    let mut rig = Rig::new("rate-hz = 50");
    rig.play(1000, line(), false, [120.0, 0.0]);
    assert_eq!(rig.messages("/tempo/bpm").len(), 50);
    let mut rig = Rig::new("rate-hz = 0");
    rig.play(1000, line(), false, [120.0, 0.0]);
    assert_eq!(rig.messages("/tempo/bpm").len(), 200);
}

#[test]
fn waking_late_does_not_slow_the_rate_down() {
    let mut rig = Rig::new("rate-hz = 50");
    for ms in [0, 23, 40] {
        rig.now = HostTime(ms * MS);
        rig.play(1, line(), false, [120.0, 0.0]);
    }
    assert_eq!(rig.messages("/tempo/bpm").len(), 3);
}

#[test]
fn an_onset_leaves_with_the_row_that_brings_it_whatever_the_rate() {
    let mut rig = Rig::new("rate-hz = 1\nevents = ['onset']");
    rig.play(100, line(), true, [120.0, 3.0]);
    rig.play(100, line(), true, [120.0, 4.0]);
    let onsets = rig.messages("/onset/main/low");
    assert_eq!(onsets.len(), 1);
    assert_eq!(onsets[0].0, HostTime(100 * MS));
}

#[test]
fn an_onset_in_the_first_row_of_a_new_layout_is_sent() {
    let toml = "target = 'x:1'\nevents = ['onset']\n\
        send = [{ address = '/hit', value = 'main.onset-count.low', type = 'trigger', when = 'change' }]";
    let mut rig = Rig::new(toml.split_once('\n').expect("two lines").1);
    rig.play(100, line(), false, [120.0, 3.0]);
    let table = config::Config::builder().add_source(config::File::from_str(toml, config::FileFormat::Toml));
    let settings: Settings = table.build().expect("TOML").try_deserialize().expect("settings");
    let names = [("main.onset-count.low", Unit::Count), ("param.glow", Unit::Ratio)];
    let schema = Schema { signals: names.map(|(name, unit)| Signal::scalar(name, unit, [0.0, 1023.0])).into() };
    rig.sequence.change_layout(Layout::new(&settings, &schema).expect("resolves"));
    rig.play(5, line(), false, [4.0, 0.5]);
    let pressed = rig.messages("/hit");
    assert_eq!((rig.messages("/onset/main/low").len(), pressed.len()), (1, 1), "{pressed:?}");
}

#[test]
fn resolume_gets_its_tempo_as_a_fraction_and_a_click_on_the_one() {
    let mut rig = Rig::new("profile = 'resolume'\nresync = 'bar'");
    rig.play(2300, line(), true, [128.0, 0.0]);
    let tempo = rig.messages("/composition/tempocontroller/tempo");
    assert_eq!(tempo[0].1.args[0].clone().float(), Some(0.225));
    assert_eq!(tempo.len(), 2, "once, and once again after two seconds");
    let resync = rig.messages("/composition/tempocontroller/resync");
    let clicks: Vec<_> = resync.iter().map(|(at, message)| (at.0 / MS, message.args[0].clone().int())).collect();
    assert_eq!(clicks, [(1923, Some(1)), (1973, Some(0))]);
    assert!(rig.messages("/beat").is_empty());
}

#[test]
fn resolume_can_be_given_beats_per_minute() {
    let mut rig = Rig::new("profile = 'resolume'\nraw-bpm = true\nresync = 'never'");
    rig.play(100, line(), true, [128.0, 0.0]);
    assert_eq!(rig.messages("/composition/tempocontroller/tempo")[0].1.args[0].clone().float(), Some(128.0));
}

#[test]
fn a_bundle_says_when_its_beat_is_due_if_the_receiver_wants_to_know() {
    let mut rig = Rig::new("latency-ms = 30\ntime-tag = 'due'\nsignals = []\nevents = ['beat']");
    rig.play(500, line(), true, [120.0, 0.0]);
    let OscPacket::Bundle(bundle) = &rig.sent[0].2 else { panic!("a bundle") };
    let due = timetag::moment(bundle.timetag, 0).expect("a moment");
    assert!(due.since(HostTime(500 * MS - OFFSET)).abs() < 5, "{due:?}");
}

#[test]
fn each_hop_is_sent_once_with_its_times_when_asked_for() {
    let mut rig = Rig::new("events = ['hop']\nsignals = []\nparameters = []\nrate-hz = 10");
    let tick = |seq: u64| {
        let row = Row { values: [0.0; 2].into(), time: ShowTime(seq as i64 * MS), seq };
        let heard = HostTime(seq as i64 * MS + 7);
        Arc::new(Tick { row, timeline: Timeline::default(), state: Arc::default(), beating: false, heard })
    };
    for seq in 1..=3 {
        rig.sequence.take(tick(seq));
        for _ in 0..2 {
            rig.sequence.run(HostTime::ZERO, &mut |bytes, leave, _| {
                rig.sent.push((HostTime::ZERO, leave, decode_udp(bytes).expect("OSC").1));
            });
        }
    }
    let arguments: Vec<_> = rig.messages("/hop").into_iter().map(|(_, message)| message.args).collect();
    let expected = [1i64, 2, 3].map(|seq| [seq, seq * MS, seq * MS + 7].map(rosc::OscType::Long).to_vec());
    assert_eq!(arguments, expected);
}

#[test]
fn a_beat_that_can_no_longer_land_is_not_sent_and_the_next_one_is() {
    for (stall, sent, missed) in [(60, 4, 0), (95, 3, 1), (241, 3, 1), (400, 3, 1), (507, 3, 1), (600, 2, 2)] {
        let mut rig = Rig::new("signals = []\nparameters = []\nevents = ['beat']");
        rig.play(920, line(), true, [120.0, 0.0]);
        // The thread stands still across the second beat, due at 923 ms.
        rig.now = HostTime((923 + stall) * MS);
        rig.play(2000 - 923 - stall, line(), true, [120.0, 0.0]);
        let beats = rig.messages("/beat");
        assert_eq!((beats.len(), rig.sequence.take_missed()), (sent, missed), "after {stall} ms: {beats:?}");
        for (at, beat) in &beats {
            let due = i64::from(beat.args[0].clone().int().expect("a count")) * 500 * MS - OFFSET;
            assert!(at.0 - due <= 90 * MS, "{} ms late", (at.0 - due) / MS);
        }
    }
}

#[test]
fn a_button_pressed_by_a_beat_is_released_however_late() {
    let mut rig = Rig::new(
        "signals = []\nparameters = []\nevents = []\n\
         send = [{ address = '/flash', when = 'beat', type = 'trigger', release-ms = 50 }]",
    );
    rig.play(430, line(), true, [120.0, 0.0]);
    rig.now = HostTime(900 * MS);
    rig.play(5, line(), true, [120.0, 0.0]);
    let values: Vec<_> = rig.messages("/flash").iter().map(|(_, it)| it.args[0].clone().int()).collect();
    assert_eq!(values.last(), Some(&Some(0)), "{values:?}");
}

#[test]
fn a_button_that_is_pressed_when_the_layout_changes_or_the_output_ends_is_released() {
    let mut rig = Rig::new(
        "signals = []\nparameters = []\nevents = []\n\
         send = [{ address = '/flash', when = 'beat', type = 'trigger', release-ms = 400 }]",
    );
    rig.play(500, line(), true, [120.0, 0.0]);
    let mut released = Vec::new();
    rig.sequence.release(&mut |bytes, _, worth| {
        let (_, packet) = decode_udp(bytes).expect("OSC");
        let values = flat(&packet).into_iter().map(|it| (it.addr.clone(), it.args[0].clone().int(), worth));
        released.extend(values);
    });
    assert_eq!(released, [("/flash".to_owned(), Some(0), Worth::Release)]);
    rig.play(400, line(), false, [120.0, 0.0]);
    let values: Vec<_> = rig.messages("/flash").iter().map(|(_, it)| it.args[0].clone().int()).collect();
    assert_eq!(values, [Some(1)], "it is released once");
}

#[test]
fn a_button_that_is_pressed_when_another_daemon_takes_the_lead_is_released() {
    let mut rig = Rig::new("");
    rig.sequence.send("/go", None, ShowTime(OFFSET), HostTime::ZERO, &mut |_, _, _| {});
    rig.sequence.silenced();
    let (at, mut sent) = (rig.sequence.wake_at(), Vec::new());
    rig.sequence.run(at, &mut |bytes, _, worth| sent.push((bytes.to_vec(), worth)));
    assert_eq!(sent, [(b"/go\0,i\0\0\0\0\0\0".to_vec(), Worth::Release)]);
}

#[test]
fn once_another_daemon_leads_nothing_is_sent_and_who_takes_the_lead_back_presses_nothing() {
    let mut rig = Rig::new(
        "events = ['beat', 'onset']\n\
         send = [{ address = '/hit', value = 'main.onset-count.low', type = 'trigger' },\
         { address = '/high', value = 'tempo.bpm', type = 'trigger' },\
         { address = '/tempo', value = 'tempo.bpm', when = 'change' }]",
    );
    rig.play(100, line(), true, [0.0, 3.0]);
    rig.sequence.silenced();
    assert_eq!(rig.sequence.wake_at(), HostTime(i64::MAX), "the beat stops");
    rig.now = rig.now.offset(1_500 * MS);
    let (now, mut count) = (rig.now, 0);
    rig.sequence.run(now, &mut |_, _, _| count += 1);
    assert_eq!(count, 0);
    // Onsets have come meanwhile, and the other daemon has told them.
    rig.play(100, line(), false, [120.0, 9.0]);
    let told = |rig: &Rig| ["/hit", "/onset/main/low", "/high"].map(|address| rig.messages(address).len());
    assert_eq!(told(&rig), [0; 3]);
    rig.play(5, line(), false, [120.0, 10.0]);
    assert_eq!(told(&rig), [1, 1, 0], "the next onset is told");
    // What stays is told again: the other daemon may have set it.
    let before = rig.messages("/tempo").len();
    rig.sequence.silenced();
    rig.play(100, line(), false, [120.0, 10.0]);
    assert_eq!(rig.messages("/tempo").len(), before + 1);
}

#[test]
fn an_onset_that_was_heard_too_long_ago_is_counted_and_the_next_one_is_sent() {
    let mut rig = Rig::new("events = ['onset']");
    rig.play(100, line(), false, [120.0, 3.0]);
    // The hop has stood still: its rows come at once, long after they were heard.
    for (count, ago) in [(4.0, 400), (5.0, 100), (6.0, 80)] {
        let row = Row { values: [120.0, count].into(), ..Row::default() };
        let heard = rig.now.offset(-ago * MS);
        rig.sequence.take(Arc::new(Tick { row, timeline: line(), state: Arc::default(), beating: false, heard }));
        let now = rig.now;
        rig.sequence.run(now, &mut |bytes, leave, _| {
            rig.sent.push((now, leave, decode_udp(bytes).expect("OSC").1));
        });
    }
    assert_eq!((rig.messages("/onset/main/low").len(), rig.sequence.take_missed()), (1, 2));
}

#[test]
fn a_press_by_a_rule_that_comes_too_late_is_counted_and_what_stays_is_sent_however_late() {
    let mut rig = Rig::new("");
    rig.now = HostTime(1000 * MS);
    let now = rig.now;
    for (address, value, late) in [
        ("/old", None, 91),
        ("/new", None, 89),
        ("/level", Some(Value::from(0.5)), 5_000),
        ("/lamp", Some(Value::from(false)), 5_000),
    ] {
        let at = ShowTime(now.0 + OFFSET - late * MS);
        rig.sequence.send(address, value.as_ref(), at, now, &mut |bytes, leave, _| {
            rig.sent.push((now, leave, decode_udp(bytes).expect("OSC").1));
        });
    }
    assert_eq!(rig.sequence.take_missed(), 1);
    // One that was not pressed is not released either.
    rig.play(100, line(), false, [120.0, 0.0]);
    let sent = ["/old", "/new", "/level", "/lamp"].map(|address| rig.messages(address).len());
    assert_eq!(sent, [0, 2, 1, 1]);
}

#[test]
fn after_a_stall_of_several_beats_the_newest_is_sent_if_it_can_land_and_the_others_are_counted() {
    for (until, sent, missed) in [(4020, 1, 6), (4100, 0, 7)] {
        let mut rig = Rig::new("signals = []\nparameters = []\nevents = ['beat']");
        rig.play(600, line(), true, [120.0, 0.0]);
        let before = rig.messages("/beat").len();
        rig.now = HostTime(until * MS - OFFSET);
        rig.play(5, line(), true, [120.0, 0.0]);
        let beats = rig.messages("/beat").len() - before;
        assert_eq!((beats, rig.sequence.take_missed()), (sent, missed), "{until} ms");
    }
}

#[test]
fn what_was_counted_while_the_output_stood_still_is_not_sent_as_if_it_were_new() {
    let toml = "rate-hz = 1\nsignals = []\nparameters = []\nevents = ['onset']\n\
        send = [{ address = '/flash', value = 'main.onset-count.low', type = 'trigger' }]";
    for (stall, sent) in [(60, true), (100, false)] {
        let mut rig = Rig::new(toml);
        rig.play(100, line(), false, [120.0, 1022.0]);
        let since = rig.now;
        rig.now = rig.now.offset(stall * MS);
        let (now, row) = (rig.now, Row { values: [120.0, 1.0].into(), ..Row::default() });
        let tick = Tick { row, timeline: line(), state: Arc::default(), beating: false, heard: now };
        rig.sequence.take(Arc::new(tick));
        rig.sequence.skipped(since);
        let mut worths = Vec::new();
        rig.sequence.run(now, &mut |bytes, leave, worth| {
            worths.push(worth);
            rig.sent.push((now, leave, decode_udp(bytes).expect("OSC").1));
        });
        let count = usize::from(sent);
        assert_eq!([rig.messages("/onset/main/low").len(), rig.messages("/flash").len()], [count; 2], "{stall} ms");
        assert!(worths.iter().all(|worth| *worth == Worth::Pulse), "{worths:?}");
        assert_eq!(rig.sequence.take_missed(), if sent { 0 } else { 2 * 3 }, "three onsets, told twice each");
        // The next one is told with its own row, whatever the rate.
        rig.now = now.offset(5 * MS);
        rig.play(5, line(), false, [120.0, 2.0]);
        assert_eq!(rig.messages("/flash").iter().filter(|(at, _)| *at == now.offset(5 * MS)).count(), 1);
    }
}
