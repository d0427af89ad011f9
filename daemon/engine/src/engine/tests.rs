use super::*;
use crate::{Confidences, LayerConfig, ParameterConfig};
use downbeat_protocol::state::Change;
use downbeat_protocol::{Unit, Value, tree};

const HOP: i64 = 5_333_333;

fn config() -> EngineConfig {
    let layer = LayerConfig {
        name: "back".into(),
        scene: "tunnel".into(),
        scenes: vec!["tunnel".into(), "echo".into()],
        opacity: 1.0,
        blend: Default::default(),
    };
    let glow = ParameterConfig { expression: Some("main.rms".into()), ..ParameterConfig::default() };
    EngineConfig {
        buses: vec!["main".into()],
        fields: vec![
            Signal::scalar("rms", Unit::Ratio, [0.0, 1.0]),
            Signal::scalar("onset-count.low", Unit::Count, [0.0, 1023.0]),
        ],
        layers: vec![layer],
        parameters: [("glow".into(), glow)].into(),
        ..EngineConfig::default()
    }
}

fn engine() -> Engine {
    Engine::new(&config(), None).expect("builds")
}

fn value(engine: &Engine, tick: &Tick, name: &str) -> f32 {
    tick.row.values[engine.schema().find(name).expect("a signal").0]
}

fn heard(beat: ShowTime) -> Option<BusBeat> {
    Some(BusBeat {
        state: MusicState::Playing,
        music_at: beat,
        tempo: 120.0,
        confidence: 0.8,
        level_confidence: 0.7,
        phase_confidence: 0.6,
        beat,
        beats_per_bar: 4,
        beat_in_bar: 0,
        bar_confidence: 0.5,
    })
}

fn tick_at(engine: &mut Engine, time: ShowTime) -> (Tick, Vec<Event>) {
    let mut events = Vec::new();
    let tick = engine.tick(time, time, HostTime::ZERO, &mut events);
    (tick, events)
}

fn command(what: Action, when: When) -> Command {
    Command { what, when, from: "test".into() }
}

#[test]
fn a_row_carries_what_was_heard_musical_time_and_parameters() {
    let mut engine = engine();
    let beat = ShowTime::from_secs_f64(2.0);
    engine.observe(0, &[0.25, 7.0], heard(beat));
    let (tick, events) = tick_at(&mut engine, beat);
    let value = |name| value(&engine, &tick, name);
    assert_eq!(value("main.rms"), 0.25);
    assert_eq!(value("param.glow"), 0.25);
    assert_eq!(value("tempo.bpm"), 120.0);
    assert_eq!(value("tempo.confidence"), 0.8);
    assert_eq!([value("tempo.level-confidence"), value("tempo.phase-confidence")], [0.7, 0.6]);
    assert_eq!(value("bar.confidence"), 0.5);
    assert_eq!(value("beat.phase"), 0.0);
    assert_eq!(value("music.state"), 3.0);
    assert!(tick.beating);
    assert!(matches!(&events[..], [Event::Timeline { why, .. }] if why == "audio: beat found"), "{events:?}");
}

#[test]
fn a_bus_without_signal_rests_but_its_counters_stay() {
    let mut engine = engine();
    engine.observe(0, &[0.25, 7.0], heard(ShowTime::ZERO));
    engine.observe(0, &[], None);
    let (tick, _) = tick_at(&mut engine, ShowTime(HOP));
    assert_eq!(value(&engine, &tick, "main.rms"), 0.0);
    assert_eq!(value(&engine, &tick, "main.onset-count.low"), 7.0);
    assert_eq!(value(&engine, &tick, "music.state"), 0.0);
}

#[test]
fn what_was_counted_stays_when_the_stream_begins_anew() {
    let mut engine = engine();
    let count = |engine: &mut Engine, counted: f32, hop: i64| {
        engine.observe(0, &[0.25, counted], heard(ShowTime::ZERO));
        let (tick, _) = tick_at(engine, ShowTime(hop * HOP));
        assert_eq!(value(engine, &tick, "main.rms"), 0.25);
        value(engine, &tick, "main.onset-count.low")
    };
    assert_eq!(count(&mut engine, 1_020.0, 1), 1_020.0);
    engine.teach_again();
    assert_eq!(count(&mut engine, 0.0, 2), 1_020.0, "a desk would press hundreds of buttons otherwise");
    assert_eq!(count(&mut engine, 5.0, 3), 1.0, "it wraps as ever");
    engine.teach_again();
    assert_eq!(count(&mut engine, 2.0, 4), 3.0);
}

#[test]
fn no_value_of_a_row_is_ever_infinite() {
    let mut engine = engine();
    engine.observe(0, &[f32::NAN, f32::INFINITY], heard(ShowTime::ZERO));
    let (tick, _) = tick_at(&mut engine, ShowTime(HOP));
    assert!(tick.row.values.iter().all(|value| value.is_finite()));
}

#[test]
fn rows_are_numbered_and_always_later_than_the_one_before() {
    let mut engine = engine();
    let times = [1_000_000, 900_000, 900_001, 50_000_000];
    let rows: Vec<Row> = times.map(|time| tick_at(&mut engine, ShowTime(time)).0.row).into();
    assert!(rows.windows(2).all(|pair| pair[1].time > pair[0].time && pair[1].seq == pair[0].seq + 1));
    assert_eq!(rows[3].time, ShowTime(50_000_000));
    let mut restarted = Engine::new(&config(), None).expect("builds");
    assert!(tick_at(&mut restarted, ShowTime(60_000_000)).0.row.seq > rows[3].seq);
}

#[test]
fn a_command_for_the_bar_waits_for_it() {
    let mut engine = engine();
    tick_at(&mut engine, ShowTime::ZERO);
    let mut events = Vec::new();
    engine.command(command(Action::Blackout(true), When::Bar), ShowTime::ZERO, &mut events);
    assert!(events.is_empty());
    let changed = (1..1000).map(|hop| hop * HOP).find(|time| {
        let (tick, events) = tick_at(&mut engine, ShowTime(*time));
        assert_eq!(tick.state.blackout, !events.is_empty());
        tick.state.blackout
    });
    // 120 BPM: a bar lasts two seconds.
    assert!(changed.is_some_and(|time| (time - 2_000_000_000).abs() < HOP), "{changed:?}");
}

#[test]
fn what_is_refused_is_said_to_whom_and_why() {
    let mut engine = engine();
    let mut events = Vec::new();
    let scene = Action::Scene { layer: "back".into(), scene: "ecko".into() };
    engine.command(command(scene.clone(), When::Now), ShowTime::ZERO, &mut events);
    engine.command(command(scene, When::Bar), ShowTime::ZERO, &mut events);
    let why = "layer `back` has no scene `ecko`; did you mean `echo`?".to_owned();
    let refused = Event::Refused { from: "test".into(), why };
    assert_eq!(events, [refused.clone(), refused]);
}

#[test]
fn a_full_queue_refuses_the_next_command() {
    let mut engine = engine();
    let mut events = Vec::new();
    for _ in 0..crate::places::Limits::FOR_LATER.of_host + 1 {
        engine.command(command(Action::Tap, When::Bar), ShowTime::ZERO, &mut events);
    }
    assert!(
        matches!(&events[..], [Event::Refused { why, .. }] if why.starts_with("too many commands of yours")),
        "{events:?}"
    );
}

#[test]
fn every_change_is_told_with_its_author_and_the_reducer_agrees() {
    let mut engine = engine();
    let mut events = Vec::new();
    let mut mirror = ShowState::clone(engine.state());
    for what in [
        Action::Scene { layer: "back".into(), scene: "echo".into() },
        Action::Opacity { layer: "back".into(), opacity: 0.5 },
        Action::Parameter { name: "glow".into(), value: 0.75 },
        Action::Freeze(true),
        Action::Hold(true),
    ] {
        engine.command(command(what, When::Now), ShowTime(5), &mut events);
    }
    for event in &events {
        let Event::Changed { change, by } = event else { panic!("{event:?}") };
        assert_eq!(by, "test");
        mirror.apply(change);
    }
    assert_eq!(&mirror, &**engine.state());
    assert!(events.contains(&Event::Changed { change: Change::Frozen(Some(ShowTime(5))), by: "test".into() }));
    let (tick, _) = tick_at(&mut engine, ShowTime(HOP));
    assert_eq!(value(&engine, &tick, "param.glow"), 0.75);
    assert_eq!(engine.lead(), Lead::Hold);
}

#[test]
fn the_same_input_gives_the_same_ticks_to_the_bit() {
    let run = || {
        let mut engine = engine();
        let mut rows = Vec::new();
        let mut events = Vec::new();
        for hop in 0..2000_i64 {
            let time = ShowTime(hop * HOP);
            let beat = ShowTime((time.0 / 480_000_000) * 480_000_000 + hop % 7 * 100_000);
            engine.observe(0, &[(hop % 97) as f32 / 97.0, 0.0], heard(beat));
            if hop % 311 == 0 {
                engine.command(command(Action::Tap, When::Now), time, &mut events);
            }
            let tick = engine.tick(time, time.offset(3_000_000), HostTime::ZERO, &mut events);
            rows.push((tick.row.values.iter().map(|value| value.to_bits()).collect::<Vec<_>>(), tick.timeline));
        }
        (rows, events)
    };
    assert!(run() == run());
}

#[test]
fn what_cannot_be_built_is_refused_with_the_keys_that_lead_there() {
    let mut wrong = config();
    wrong.tempo.range = [200.0, 60.0];
    let error = Engine::new(&wrong, None).expect_err("refused");
    assert_eq!(error.path(), ["tempo", "range"]);
    let mut wrong = config();
    wrong.layers.push(wrong.layers[0].clone());
    let error = Engine::new(&wrong, None).expect_err("refused");
    assert_eq!(error.path(), ["layer", "1"]);
    assert_eq!(error.to_string(), "layer `back`: two layers have this name");
    let mut wrong = config();
    wrong.parameters.get_mut("glow").expect("glow").expression = Some("main.rsm".into());
    let error = Engine::new(&wrong, None).expect_err("refused");
    assert_eq!(error.path(), ["parameter", "glow", "expression"]);
}

#[test]
fn a_locked_show_obeys_only_what_saves_it() {
    let mut engine = engine();
    let mut obey = |what| {
        let mut out = Vec::new();
        engine.command(Command { what, when: When::Now, from: "tablet".into() }, ShowTime(HOP), &mut out);
        out
    };
    let lock = |on: bool| Action::Set { address: tree::LOCK.into(), value: on.into() };
    let opacity = || Action::Opacity { layer: "back".into(), opacity: 0.5 };
    assert!(matches!(&obey(lock(true))[..], [Event::Changed { .. }]));
    let refused = obey(opacity());
    assert!(matches!(&refused[..], [Event::Refused { why, .. }] if why.contains("/show/lock")), "{refused:?}");
    assert!(matches!(&obey(Action::Blackout(true))[..], [Event::Changed { .. }]));
    assert!(matches!(&obey(Action::Freeze(true))[..], [Event::Changed { .. }]));
    obey(lock(false));
    assert!(matches!(&obey(opacity())[..], [Event::Changed { .. }]));
}

#[test]
fn what_is_not_one_of_the_settings_is_not_set() {
    let mut engine = engine();
    let refused = [("/show/lokc", Value::from(true)), ("/show/lock", "later".into()), ("/tempo/tap", true.into())];
    for (address, value) in refused {
        let mut out = Vec::new();
        let what = Action::Set { address: address.into(), value };
        engine.command(Command { what, when: When::Now, from: "quic:x".into() }, ShowTime(HOP), &mut out);
        assert!(matches!(&out[..], [Event::Refused { why, .. }] if why.contains(address)), "{address}: {out:?}");
    }
    assert!(engine.state().settings.is_empty());
}

#[test]
fn a_standby_whose_clock_was_days_ahead_leads_on_the_clock_of_the_leader() {
    let mut engine = engine();
    let (days, hop) = (ShowTime::from_secs_f64(40.0 * 86_400.0), std::time::Duration::from_nanos(HOP as u64));
    let playing = |beat, now| heard(beat).map(|it| BusBeat { music_at: now, ..it });
    // Alone at first, on its own clock.
    for number in 0..400 {
        let time = days.offset(number * HOP);
        engine.observe(0, &[0.25, 7.0], playing(days, time));
        tick_at(&mut engine, time);
    }
    // Then it finds a leader, and follows for a while.
    let start = ShowTime::from_secs_f64(2.0 * 86_400.0);
    let timeline = Timeline { tempo: 120.0, time_origin: start, ..Timeline::default() };
    let mut now = start;
    let mut leader = Mirrored { timeline, sounding: true, ..Mirrored::default() };
    for number in 0..400_u32 {
        now = start.offset(i64::from(number) * HOP);
        leader.row = Some((u64::from(number), now.offset(-HOP)));
        leader.confidences = Confidences { pulse: 0.8, level: 0.7, phase: 0.6, bar: 0.5 };
        engine.mirror(&leader, now, hop, &mut Vec::new());
        engine.observe(0, &[0.25, 7.0], playing(start, now));
        let (tick, _) = tick_at(&mut engine, now);
        assert_eq!(tick.row.time, now, "row {number}");
    }
    // The leader is gone.
    engine.take_over(&leader, now, hop, &mut Vec::new());
    let wait = Command { what: Action::Blackout(true), when: When::Bar, from: "test".into() };
    engine.command(wait, now, &mut Vec::new());
    let (mut silent, mut dark) = (0, None);
    for number in 1..800 {
        now = now.offset(HOP);
        engine.observe(0, &[0.25, 7.0], playing(start, now));
        let (tick, _) = tick_at(&mut engine, now);
        assert_eq!(tick.row.time, now, "row {number} after the takeover");
        silent += usize::from(!tick.beating);
        dark = dark.or(tick.state.blackout.then_some(now));
    }
    assert_eq!(silent, 0, "hops without a beat");
    let bar = 2_000_000_000;
    assert!(dark.is_some_and(|at| (at.since(start) + HOP / 2) % bar < HOP), "the blackout waited for a bar: {dark:?}");
}

#[test]
fn what_a_forged_sender_writes_takes_no_place_of_the_show() {
    let mut engine = engine();
    let set = |number: usize, text: &str| Action::Set {
        address: format!("/control/desk/learnt/fader.{number}"),
        value: Value::Text(text.into()),
    };
    let mut refused = |what: Action, from: &str| {
        let mut events = Vec::new();
        engine.command(Command { what, when: When::Now, from: from.into() }, ShowTime(0), &mut events);
        matches!(events[..], [Event::Refused { .. }])
    };
    assert!(refused(set(0, "/show/blackout"), "osc:192.0.2.66:9?"));
    assert!(refused(set(0, &"x".repeat(50_000)), "osc:192.0.2.7:9"));
    assert!(refused(Action::RemoveCue { name: "drop".into() }, "osc:192.0.2.66:9?"));
    let kept = (0..3_000).filter(|number| !refused(set(*number, "/show/blackout"), "osc:192.0.2.7:9")).count();
    assert_eq!(kept, 1_024);
    // Those may change.
    assert!(!refused(set(7, "/param/glow"), "osc:192.0.2.7:9"));
    assert!(!refused(set(7, ""), "osc:192.0.2.7:9"));
    let restored = Engine::new(&config(), Some(ShowState::clone(engine.state()))).expect("builds");
    assert_eq!(restored.state().settings.len(), 1_023);
}

/// The values of a parameter that somebody plays: each with its arrival and its moment, in hops.
fn played(values: &[(i64, When, f32)]) -> Vec<f32> {
    let mut engine = engine();
    let mut rows = Vec::new();
    for hop in 0..400 {
        let mut events = Vec::new();
        for (_, when, value) in values.iter().filter(|(arrival, ..)| *arrival == hop) {
            let what = Action::Parameter { name: "glow".into(), value: *value };
            let from = "osc:192.0.2.7:9000".into();
            engine.command(Command { what, when: *when, from }, ShowTime(hop * HOP - 1), &mut events);
        }
        let (tick, _) = tick_at(&mut engine, ShowTime(hop * HOP));
        rows.push(value(&engine, &tick, "param.glow"));
    }
    rows.dedup();
    rows
}

#[test]
fn a_parameter_that_is_pressed_and_released_within_a_hop_is_released() {
    assert_eq!(played(&[(100, When::Now, 1.0), (100, When::Now, 0.0)]), [0.0]);
    let twice = [(100, When::Now, 1.0), (102, When::Now, 0.5), (102, When::Now, 1.0)];
    assert_eq!(played(&twice), [0.0, 1.0]);
}

#[test]
fn values_that_a_program_schedules_ahead_all_come_whatever_the_parameter_was_when_they_arrived() {
    // Scheduled 40 hops ahead, and longer apart than that.
    let values: Vec<(i64, When, f32)> = (0..5)
        .map(|note| (50 + note * 60, When::At(ShowTime((90 + note * 60) * HOP)), [1.0, 0.5][note as usize % 2]))
        .collect();
    assert_eq!(played(&values), [0.0, 1.0, 0.5, 1.0, 0.5, 1.0]);
    // On the next beat, and back by hand.
    assert_eq!(played(&[(100, When::Beat, 1.0), (250, When::Now, 0.0)]), [0.0, 1.0, 0.0]);
}
