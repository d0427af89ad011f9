//! The conductor in virtual time, with a tracker that is always right unless the test says otherwise.

use super::*;
use downbeat_protocol::state::{Change, TempoRange};
use proptest::prelude::*;

const HOP: i64 = 5_333_333;

/// A conductor, the music that plays, and the time.
struct Stage {
    conductor: Conductor,
    now: ShowTime,
    /// The music's own beats.
    music: Timeline,
    heard: Heard,
    signal: bool,
    hold: bool,
    said: Vec<&'static str>,
}

impl Stage {
    fn new(tempo: f64) -> Self {
        let heard = Heard {
            state: MusicState::Playing,
            tempo,
            confidence: 0.9,
            beat: ShowTime::ZERO,
            beats_per_bar: 4,
            beat_in_bar: 0,
            bar_confidence: 0.0,
        };
        Self {
            conductor: Conductor::new(&[Role::Main], &TempoConfig::default()),
            now: ShowTime::ZERO,
            music: Timeline { tempo, time_origin: ShowTime::from_secs_f64(0.123), ..Timeline::default() },
            heard,
            signal: true,
            hold: false,
            said: Vec::new(),
        }
    }

    /// A stage on which the music has played for a while.
    fn playing(tempo: f64) -> Self {
        let mut stage = Self::new(tempo);
        stage.run(5.0);
        stage.said.clear();
        stage
    }

    fn hop(&mut self) {
        self.now = self.now.offset(HOP);
        let beat = self.music.beats_at(self.now).round();
        self.heard.tempo = self.music.tempo;
        self.heard.beat = self.music.time_of(Beats::whole(beat));
        self.heard.beats_per_bar = self.music.beats_per_bar;
        self.heard.beat_in_bar = self.music.beat_in_bar(beat);
        self.conductor.hear(0, self.signal.then_some(self.heard));
        self.said.extend(self.conductor.advance(self.now, self.hold));
    }

    fn run(&mut self, seconds: f64) {
        (0..(seconds * 1e9) as i64 / HOP).for_each(|_| self.hop());
    }

    fn obey(&mut self, wish: Wish) {
        self.conductor.obey(wish, self.now).expect("possible");
    }

    fn tap(&mut self, times: usize, interval_s: f64) {
        for tap in 0..times {
            if tap > 0 {
                self.run(interval_s);
            }
            self.obey(Wish::Tap);
        }
    }

    /// The tracker goes over to a multiple of the tempo, from a place `beats` beside the told beat on.
    fn follow(&mut self, factor: f64, beats: f64) {
        let (music, told) = (self.music, *self.conductor.told());
        let beat = Beats::whole(told.beats_at(self.now).round()) + Beats::from_f64(beats);
        self.music = Timeline {
            tempo: music.tempo * factor,
            time_origin: told.time_of(beat),
            beat_origin: Beats::ZERO,
            ..music
        };
    }

    /// What the trackers were told since the last call.
    fn advice(&mut self) -> Vec<Advice> {
        self.conductor.advice().map(|(_, advice)| advice).collect()
    }

    fn lock(&mut self, low: f64, high: f64, locked: bool) {
        let range = TempoRange { low, high, locked };
        self.said.extend(self.conductor.heed(&Change::TempoRange(range), self.now));
    }

    /// How far the told beat is from the music's, in milliseconds.
    fn error_ms(&self) -> f64 {
        self.error_to(&self.music, 0.0)
    }

    /// How far the told beat is from that of `line`, whose beats are counted as shifted by a part of a beat.
    fn error_to(&self, line: &Timeline, shift: f64) -> f64 {
        let told = self.conductor.told();
        let music = line.beats_at(self.now).as_f64() + shift;
        let away = told.beats_at(self.now).as_f64() - music;
        (away - away.round()) * told.beat_ns() * 1e-6
    }
}

#[test]
fn the_beat_that_is_heard_is_told_within_five_milliseconds() {
    for tempo in [62.0, 97.3, 128.0, 174.0] {
        let mut stage = Stage::new(tempo);
        stage.run(2.0);
        for _ in 0..2000 {
            stage.hop();
            assert!(stage.error_ms().abs() < 5.0, "{} ms off at {tempo} BPM", stage.error_ms());
        }
        assert_eq!(stage.said, ["audio: beat found"]);
        assert_eq!(stage.conductor.lead(), Lead::Audio);
    }
}

#[test]
fn a_step_in_tempo_is_followed_within_two_beats() {
    for (from, to) in [(120.0, 140.0), (128.0, 96.0), (100.0, 174.0)] {
        let mut stage = Stage::playing(from);
        stage.music = Timeline { tempo: to, time_origin: stage.now.offset(77_000_000), ..stage.music };
        stage.run(2.0 * 60.0 / to + 0.35);
        assert!(stage.error_ms().abs() < 10.0, "{} ms off from {from} to {to}", stage.error_ms());
        assert_eq!(stage.said, ["audio: new tempo"]);
    }
}

#[test]
fn a_tracker_that_shakes_does_not_shake_the_timeline() {
    let mut stage = Stage::playing(120.0);
    let mut told = Vec::new();
    for hop in 0..1000 {
        // 8 ms early, then 8 ms late, changing every quarter of a second.
        let shake = if hop / 47 % 2 == 0 { 8_000_000 } else { -8_000_000 };
        let music = stage.music;
        stage.music.time_origin = music.time_origin.offset(shake);
        stage.hop();
        stage.music = music;
        told.push(stage.conductor.told().tempo);
    }
    assert!(told.iter().all(|tempo| (tempo / 120.0 - 1.0).abs() <= 0.0201));
    assert!(stage.said.is_empty());
}

#[test]
fn a_whim_of_the_tracker_is_ignored_and_a_new_phase_is_believed() {
    let mut stage = Stage::playing(120.0);
    let before = stage.music;
    stage.music.time_origin = before.time_origin.offset(200_000_000);
    stage.run(0.2);
    stage.music = before;
    stage.run(1.0);
    assert!(stage.said.is_empty() && stage.error_ms().abs() < 1.0);
    stage.music.time_origin = before.time_origin.offset(200_000_000);
    stage.run(1.5);
    assert!(stage.error_ms().abs() < 5.0);
    assert_eq!(stage.said, ["audio: beat corrected"]);
}

#[test]
fn beats_stop_soon_after_the_music_and_the_tempo_stays() {
    let mut stage = Stage::new(128.0);
    assert!(!stage.conductor.is_beating(stage.now));
    stage.run(6.0);
    assert!(stage.conductor.is_beating(stage.now));
    stage.heard.state = MusicState::Breakdown;
    stage.heard.confidence = 0.05;
    stage.run(20.0);
    assert!(stage.conductor.is_beating(stage.now), "a breakdown keeps its beat");
    stage.signal = false;
    stage.run(1.2);
    assert!(!stage.conductor.is_beating(stage.now));
    assert_eq!(stage.conductor.goal().tempo, 128.0);
    assert_eq!(stage.conductor.lead(), Lead::Nobody);
}

#[test]
fn a_beat_that_was_hardly_sure_is_not_carried_on() {
    let mut stage = Stage::new(128.0);
    stage.run(2.0);
    assert!(stage.conductor.is_beating(stage.now));
    stage.heard.state = MusicState::Breakdown;
    stage.heard.confidence = 0.05;
    stage.run(3.0);
    assert!(!stage.conductor.is_beating(stage.now), "noise that was taken for a beat has no breakdown");
}

#[test]
fn music_without_a_beat_loses_it_in_the_end() {
    let mut stage = Stage::playing(128.0);
    stage.heard.confidence = 0.05;
    stage.run(9.0);
    assert!(stage.conductor.is_beating(stage.now));
    stage.run(2.0);
    assert!(!stage.conductor.is_beating(stage.now));
}

#[test]
fn a_tap_sets_the_beat_at_once() {
    let mut stage = Stage::new(120.0);
    stage.signal = false;
    stage.run(1.0);
    stage.tap(4, 0.6);
    stage.run(0.4);
    let tapped = Timeline { tempo: 100.0, time_origin: stage.now.offset(-400_000_000), ..Timeline::default() };
    assert!(stage.error_to(&tapped, 0.0).abs() < 10.0, "{} ms", stage.error_to(&tapped, 0.0));
    assert!((stage.conductor.goal().tempo - 100.0).abs() < 1.0);
    assert_eq!(stage.conductor.lead(), Lead::Tap);
    assert!(stage.conductor.is_beating(stage.now), "tapped beats are played in silence");
}

#[test]
fn after_tapping_what_is_heard_takes_over_in_the_tapped_octave() {
    let mut stage = Stage::playing(120.0);
    stage.tap(5, 1.0);
    stage.run(4.0);
    assert_eq!(stage.conductor.lead(), Lead::Audio);
    assert!((stage.conductor.goal().tempo - 60.0).abs() < 1e-6);
}

#[test]
fn tapping_between_the_heard_beats_keeps_them_between() {
    let mut stage = Stage::playing(120.0);
    // To the middle between two beats.
    let to_go = (stage.music.beats_at(stage.now) + Beats::from_f64(0.5)).phase(Beats::ONE);
    stage.run((1.0 - to_go) * 0.5);
    stage.tap(5, 0.5);
    stage.run(5.0);
    assert_eq!(stage.conductor.lead(), Lead::Audio);
    assert!(stage.error_to(&stage.music, 0.5).abs() < 5.0, "{} ms", stage.error_to(&stage.music, 0.5));
}

#[test]
fn a_tapped_tempo_that_is_not_heard_leads_until_the_next_song() {
    let mut stage = Stage::playing(120.0);
    stage.tap(5, 0.7);
    stage.run(10.0);
    assert_eq!(stage.conductor.lead(), Lead::Tap);
    stage.signal = false;
    stage.run(5.0);
    stage.signal = true;
    stage.run(1.0);
    assert_eq!(stage.conductor.lead(), Lead::Audio);
    assert!(stage.error_ms().abs() < 5.0);
}

#[test]
fn what_was_asked_for_in_the_silence_holds_for_the_next_song() {
    let mut stage = Stage::playing(120.0);
    stage.signal = false;
    stage.run(3.0);
    stage.obey(Wish::Bpm(90.0));
    stage.run(3.0);
    stage.signal = true;
    stage.run(1.0);
    assert_eq!(stage.conductor.lead(), Lead::Manual);
    assert_eq!(stage.conductor.goal().tempo, 90.0);
}

#[test]
fn twice_and_half_the_tempo_stick_and_keep_the_bar() {
    for (wish, tempo) in [(Wish::Double, 240.0), (Wish::Halve, 60.0)] {
        for extra in 0..9 {
            let mut stage = Stage::playing(120.0);
            stage.run(0.23 * f64::from(extra));
            let bar_before = stage.conductor.told().next_multiple(stage.now, Beats::whole(4));
            let downbeat = stage.conductor.told().time_of(bar_before);
            stage.obey(wish);
            stage.run(5.0);
            let told = *stage.conductor.told();
            assert_eq!(stage.conductor.goal().tempo, tempo);
            assert_eq!(stage.conductor.lead(), Lead::Audio);
            let phase = (told.beats_at(downbeat) - told.bar_origin).as_f64();
            let unit = if tempo > 120.0 { 4.0 } else { 2.0 };
            let off = phase / unit - (phase / unit).round();
            assert!(off.abs() < 0.02, "the downbeat is {off} off after {wish:?} ({extra})");
        }
    }
}

#[test]
fn whatever_level_the_tracker_goes_to_the_wished_one_is_told() {
    for (wish, told) in [(Wish::Double, 180.0), (Wish::Halve, 45.0)] {
        let mut stage = Stage::playing(90.0);
        stage.obey(wish);
        let factor = told / 90.0;
        // It follows, goes back, falls to the other side, and comes back again.
        for step in [1.0, factor, 1.0 / factor, 1.0 / factor, factor] {
            stage.follow(step, 0.0);
            for _ in 0..600 {
                stage.hop();
                assert!((stage.conductor.told().tempo / told - 1.0).abs() < 0.021, "{wish:?}: {:?}", stage.said);
            }
        }
        assert!(stage.said.is_empty(), "{wish:?}: {:?}", stage.said);
        assert_eq!(stage.conductor.lead(), Lead::Audio);
    }
}

#[test]
fn a_song_that_drifts_takes_the_wished_level_with_it() {
    let mut stage = Stage::playing(90.0);
    stage.obey(Wish::Double);
    for _ in 0..40 {
        stage.music = stage.music.with_tempo(stage.music.tempo * 1.005, stage.now);
        stage.run(0.5);
    }
    assert!((stage.conductor.goal().tempo / (2.0 * stage.music.tempo) - 1.0).abs() < 0.01);
}

#[test]
fn the_trackers_are_told_what_the_operator_says() {
    let mut stage = Stage::playing(120.0);
    stage.advice();
    stage.obey(Wish::Double);
    let told = stage.advice();
    assert!(matches!(told[..], [Advice::Octave(2.0), Advice::Beat(_)]), "{told:?}");
    stage.obey(Wish::Bpm(133.0));
    assert_eq!(stage.advice(), [Advice::Tempo(133.0)], "a tempo that nobody hears");
    let one = stage.conductor.told().beats_at(stage.now).round();
    let at = stage.conductor.told().time_of(Beats::whole(one));
    stage.obey(Wish::TheOne);
    assert_eq!(stage.advice(), [Advice::Downbeat(at)]);
    stage.obey(Wish::Listen);
    assert_eq!(stage.advice(), [Advice::Forget]);
    stage.lock(90.0, 130.0, true);
    assert_eq!(stage.advice(), [Advice::Range(Some([90.0, 130.0]))]);
    stage.lock(90.0, 130.0, false);
    assert_eq!(stage.advice(), [Advice::Range(None)]);
}

#[test]
fn taps_teach_the_octave_and_where_the_beat_is_unless_the_tracker_knows_better() {
    let mut stage = Stage::playing(120.0);
    stage.advice();
    // To a place well beside the beats and the middles between them.
    let to_go = (stage.music.beats_at(stage.now) + Beats::from_f64(0.75)).phase(Beats::ONE);
    stage.run((1.0 - to_go) * 0.5);
    stage.tap(3, 1.0);
    let told = stage.advice();
    assert!(
        matches!(told[..], [Advice::Beat(_), Advice::Octave(0.5), Advice::Beat(_), Advice::Octave(0.5), _]),
        "{told:?}"
    );
    assert_eq!(told.last(), Some(&Advice::Beat(stage.now)));
    stage.run(3.12);
    stage.advice();
    stage.tap(1, 1.0);
    assert_eq!(stage.advice(), [], "on the beat");
}

#[test]
fn held_means_that_the_level_is_right() {
    let mut stage = Stage::playing(120.0);
    stage.advice();
    stage.conductor.heed(&Change::Hold(true), stage.now);
    assert_eq!(stage.advice(), [Advice::Octave(1.0)]);
    stage.conductor.heed(&Change::Hold(false), stage.now);
    assert!(stage.advice().is_empty());
}

#[test]
fn new_trackers_are_told_again_what_holds() {
    let mut stage = Stage::playing(80.0);
    stage.lock(70.0, 190.0, true);
    stage.obey(Wish::Double);
    stage.advice();
    stage.conductor.teach_again();
    assert_eq!(stage.advice(), [Advice::Range(Some([70.0, 190.0])), Advice::Tempo(160.0)]);
}

#[test]
fn a_nudge_by_half_a_beat_is_not_doubled_by_a_tracker_that_sees_it_too() {
    let mut stage = Stage::playing(120.0);
    stage.obey(Wish::NudgeMs(250.0));
    stage.run(1.0);
    let told = *stage.conductor.told();
    stage.follow(1.0, 0.0);
    stage.run(5.0);
    assert!(stage.error_to(&told, 0.0).abs() < 12.0, "{} ms", stage.error_to(&told, 0.0));
    assert!(stage.said.is_empty(), "{:?}", stage.said);
}

#[test]
fn a_locked_range_moves_the_tempo_into_it_at_once_and_keeps_it_there() {
    for (low, high, told) in [(60.0, 90.0, 70.0), (200.0, 300.0, 280.0)] {
        let mut stage = Stage::playing(140.0);
        stage.lock(low, high, true);
        assert_eq!(stage.said, ["into the locked range"]);
        // This tracker stays where it was.
        for _ in 0..1000 {
            stage.hop();
            assert!((stage.conductor.told().tempo / told - 1.0).abs() < 0.021, "{}", stage.conductor.told().tempo);
        }
        stage.lock(low, high, false);
        stage.run(2.0);
        assert!((stage.conductor.goal().tempo - 140.0).abs() < 0.1, "open again: what is heard");
    }
}

#[test]
fn a_range_that_is_locked_after_a_level_was_chosen_has_the_last_word() {
    let mut stage = Stage::playing(90.0);
    stage.obey(Wish::Double);
    stage.lock(60.0, 100.0, true);
    stage.run(2.0);
    assert!((stage.conductor.goal().tempo - 90.0).abs() < 0.1, "{}", stage.conductor.goal().tempo);
    stage.obey(Wish::Double);
    stage.run(2.0);
    assert!((stage.conductor.goal().tempo - 180.0).abs() < 0.1, "the last wish is the one that counts");
}

#[test]
fn listening_anew_forgets_what_was_asked_for() {
    let mut stage = Stage::playing(120.0);
    stage.obey(Wish::Halve);
    stage.obey(Wish::NudgeMs(-40.0));
    stage.obey(Wish::TheOne);
    stage.obey(Wish::Bpm(99.0));
    stage.run(1.0);
    stage.obey(Wish::Listen);
    assert!(!stage.conductor.is_beating(stage.now), "no beat until one is found");
    stage.run(2.0);
    assert_eq!(stage.conductor.lead(), Lead::Audio);
    assert!((stage.conductor.goal().tempo - 120.0).abs() < 1e-6);
    assert!(stage.error_ms().abs() < 5.0, "{} ms", stage.error_ms());
}

#[test]
fn a_nudge_moves_the_beat_and_stays() {
    let mut stage = Stage::playing(120.0);
    stage.obey(Wish::NudgeMs(-30.0));
    stage.run(0.2);
    assert!((stage.error_ms() - 30.0).abs() < 2.0, "{} ms ahead", stage.error_ms());
    stage.run(10.0);
    assert!((stage.error_ms() - 30.0).abs() < 2.0);
    stage.obey(Wish::NudgeMs(40.0));
    stage.run(0.2);
    assert!((stage.error_ms() + 10.0).abs() < 2.0, "{} ms ahead", stage.error_ms());
    assert!(stage.conductor.obey(Wish::NudgeMs(f64::NAN), stage.now).is_err());
}

#[test]
fn the_one_is_the_nearest_beat_whatever_the_music_says() {
    let mut stage = Stage::playing(120.0);
    stage.heard.bar_confidence = 0.9;
    stage.run(6.0);
    let beat = stage.conductor.told().beats_at(stage.now).round();
    stage.obey(Wish::TheOne);
    stage.run(10.0);
    assert_eq!(stage.conductor.told().beat_in_bar(beat), 0);
}

#[test]
fn a_heard_downbeat_moves_the_bar_but_no_beat() {
    let mut stage = Stage::playing(120.0);
    stage.heard.bar_confidence = 0.9;
    stage.music.bar_origin = stage.music.bar_origin + Beats::whole(2);
    stage.run(5.0);
    let told = stage.conductor.told();
    let music_bar = stage.music.bar_phase(stage.now);
    assert!((told.bar_phase(stage.now) - music_bar).abs() < 0.01);
    assert!(stage.said.iter().all(|why| *why == "audio: downbeat"), "{:?}", stage.said);
}

#[test]
fn while_held_nothing_heard_moves_the_timeline() {
    let mut stage = Stage::playing(120.0);
    stage.hold = true;
    stage.run(0.1);
    let held = *stage.conductor.told();
    stage.music.tempo = 150.0;
    stage.run(10.0);
    assert!((stage.conductor.told().tempo - held.tempo).abs() < 1e-9);
    assert_eq!(stage.conductor.lead(), Lead::Hold);
    stage.signal = false;
    stage.run(10.0);
    assert!(stage.conductor.is_beating(stage.now), "held beats are played in silence");
}

#[test]
fn a_tempo_out_of_range_is_refused() {
    let mut stage = Stage::playing(120.0);
    let refused = stage.conductor.obey(Wish::Bpm(5000.0), stage.now);
    assert_eq!(refused, Err("5000 BPM is out of range: 20 to 999 BPM".into()));
    (0..3).for_each(|_| stage.obey(Wish::Double));
    assert!(stage.conductor.obey(Wish::Double, stage.now).is_err());
}

#[test]
fn a_restarted_conductor_goes_on_in_the_same_beat() {
    let stage = Stage::playing(128.0);
    let line = *stage.conductor.told();
    let mut restarted = Stage { conductor: Stage::new(120.0).conductor, ..stage };
    restarted.now = restarted.now.offset(1_500_000_000);
    restarted.conductor.resume(line, restarted.now);
    restarted.signal = false;
    restarted.run(1.0);
    assert!(restarted.conductor.is_beating(restarted.now));
    assert!(restarted.error_ms().abs() < 1.0);
    restarted.signal = true;
    restarted.run(1.0);
    assert!(restarted.said.is_empty(), "nothing to correct");
}

/// Something that may happen to a conductor between two hops.
#[derive(Clone, Debug)]
enum Happening {
    Hear {
        tempo: f64,
        beat_ms: f64,
        confidence: f32,
        bar: u8,
    },
    Nothing,
    Wish(Wish),
    Hold(bool),
    Lock(bool),
    /// Hops pass; the scheduler may be late by this much.
    Pass {
        hops: u8,
        late_ms: u8,
    },
}

fn happening() -> impl Strategy<Value = Happening> {
    let wish = prop_oneof![
        Just(Wish::Tap),
        Just(Wish::Double),
        Just(Wish::Halve),
        Just(Wish::TheOne),
        Just(Wish::Listen),
        (-2000.0..2000.0).prop_map(Wish::NudgeMs),
        (10.0..1200.0).prop_map(Wish::Bpm),
    ];
    prop_oneof![
        3 => (30.0..300.0, -800.0..800.0, 0.0f32..1.0, 0u8..6)
            .prop_map(|(tempo, beat_ms, confidence, bar)| Happening::Hear { tempo, beat_ms, confidence, bar }),
        1 => Just(Happening::Nothing),
        2 => wish.prop_map(Happening::Wish),
        1 => any::<bool>().prop_map(Happening::Hold),
        1 => any::<bool>().prop_map(Happening::Lock),
        5 => (1u8..200, 0u8..60).prop_map(|(hops, late_ms)| Happening::Pass { hops, late_ms }),
    ]
}

proptest! {
    #[test]
    fn the_beat_count_never_runs_backwards_and_never_jumps(happenings in proptest::collection::vec(happening(), 1..120)) {
        let mut conductor = Conductor::new(&[Role::Main], &TempoConfig::default());
        let mut now = ShowTime::ZERO;
        let mut hold = false;
        let mut last = conductor.told().beats_at(now);
        let mut check = |conductor: &mut Conductor, now: ShowTime, step: i64, hold| {
            let tempo = conductor.told().tempo.max(conductor.goal().tempo);
            conductor.advance(now, hold);
            let count = conductor.told().beats_at(now);
            let elapsed = step as f64 / 60e9 * tempo.max(conductor.told().tempo).max(conductor.goal().tempo) * 1.021;
            prop_assert!(count >= last, "{} after {}", count.as_f64(), last.as_f64());
            prop_assert!((count - last).as_f64() <= 0.5 + elapsed + 1e-5, "{} after {}", count.as_f64(), last.as_f64());
            prop_assert!(conductor.told().is_sound());
            last = count;
            Ok(())
        };
        for happening in happenings {
            match happening {
                Happening::Hear { tempo, beat_ms, confidence, bar } => conductor.hear(0, Some(Heard {
                    state: MusicState::Playing,
                    tempo,
                    confidence,
                    beat: now.offset((beat_ms * 1e6) as i64),
                    beats_per_bar: bar,
                    beat_in_bar: bar / 2,
                    bar_confidence: confidence,
                })),
                Happening::Nothing => conductor.hear(0, None),
                Happening::Wish(wish) => { let _ = conductor.obey(wish, now); }
                Happening::Hold(on) => hold = on,
                Happening::Lock(on) => { conductor.lock(on.then_some([90.0, 130.0]), now); }
                Happening::Pass { hops, late_ms } => {
                    for hop in 0..hops {
                        let step = HOP + if hop == 0 { i64::from(late_ms) * 1_000_000 } else { 0 };
                        now = now.offset(step);
                        check(&mut conductor, now, step, hold)?;
                    }
                }
            }
        }
    }
}
