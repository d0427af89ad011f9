use super::*;
use downbeat_protocol::{Layer, Row, Signal, Timeline, Unit};

/// A box with one of everything.
const BOX: &str = r#"
name = "box"
[palette]
red = 5
[[element]]
name = "fader"
kind = "fader"
cc = "1-2"
[[element]]
name = "motor"
kind = "fader"
cc = "3"
touch-note = "100"
motor = true
[[element]]
name = "fine"
kind = "fader"
cc = "4"
14-bit = true
[[element]]
name = "wheel"
kind = "encoder"
cc = "60"
relative = "twos-complement"
ring = { cc = "61", range = [1, 13] }
[[element]]
name = "pad"
kind = "button"
note = "0-3"
lamp = { off = [0, 7], available = [3, 1], active = [21, 7] }
[[element]]
name = "meter"
kind = "meter"
cc = "90"
[display]
device = 0x14
count = 2
shows = "fader"
colour = 7
"#;

/// A show with a box, whose commands are carried out at once.
struct Show {
    surface: Surface,
    state: ShowState,
    glow: f32,
    now: HostTime,
    /// Whether settings take effect at once.
    is_slow: bool,
}

impl Show {
    fn new(map: &[(&str, &str)]) -> Self {
        Self::with(&map.iter().map(|(element, address)| (*element, Assignment::to(address))).collect::<Vec<_>>())
    }

    fn with(map: &[(&str, Assignment)]) -> Self {
        let layer = Layer {
            name: "back".into(),
            scene: "tunnel".into(),
            scenes: vec!["tunnel".into(), "echo".into()],
            opacity: 0.5,
            ..Layer::default()
        };
        let state = ShowState { layers: vec![layer], ..ShowState::default() };
        let schema = Schema { signals: vec![Signal::scalar("param.glow", Unit::Ratio, [0.0, 1.0])] };
        let surface = Surface::new(Parts {
            name: "box".into(),
            clock: ShowClock::default(),
            layout: Layout::parse("box.toml", BOX).unwrap_or_else(|fault| panic!("{fault}")),
            assigned: map.iter().map(|(element, assignment)| ((*element).into(), assignment.clone())).collect(),
            period: Duration::from_millis(33),
            tree: Arc::new(Tree::new(&state, &schema, &Status::default())),
            schema: Arc::new(schema),
        });
        let mut show = Self { surface, state, glow: 0.0, now: HostTime(1_000_000_000), is_slow: false };
        show.tick();
        show
    }

    fn tick(&mut self) {
        self.surface.watch(Arc::new(Tick {
            row: Row { values: [self.glow].into(), ..Row::default() },
            timeline: Timeline::default(),
            state: Arc::new(self.state.clone()),
            beating: true,
            heard: HostTime::ZERO,
        }));
    }

    fn wait(&mut self, ms: u64) {
        self.now += Duration::from_millis(ms);
    }

    /// Someone sets something; everyone sees it.
    fn change(&mut self, change: Change, by: &str) {
        self.state.apply(&change);
        self.surface.observe(&Event::Changed { change, by: by.into() }, self.now);
        if !self.is_slow {
            self.tick();
        }
    }

    /// The box sends something; returns what it set.
    fn plays(&mut self, bytes: [u8; 3]) -> Vec<Action> {
        let commands = self.surface.receive(&bytes, self.now).unwrap_or_else(|why| panic!("{why}"));
        for Command { what, from, .. } in &commands {
            let change = match what.clone() {
                Action::Opacity { layer, opacity } => Change::Opacity { layer, opacity },
                Action::Scene { layer, scene } => Change::Scene { layer, scene },
                Action::Blackout(on) => Change::Blackout(on),
                Action::Parameter { name, value } => Change::InHand { name, value: Some(value) },
                Action::Set { address, value } => Change::Set { address, value },
                _ => continue,
            };
            self.change(change, from);
        }
        commands.into_iter().map(|command| command.what).collect()
    }

    /// The box is unplugged; returns what that sets.
    fn goes(&mut self) -> Vec<Action> {
        self.surface.gone(self.now).into_iter().map(|command| command.what).collect()
    }

    fn opacity(&mut self, bytes: [u8; 3]) -> f32 {
        self.plays(bytes);
        self.state.layers[0].opacity
    }

    /// Messages to the box until there are none left.
    fn told(&mut self) -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        loop {
            self.wait(33);
            let before = all.len();
            self.surface.tell(self.now, &mut |bytes| {
                all.push(bytes.to_vec());
                true
            });
            assert!(all.len() - before <= BURST, "{} at once", all.len() - before);
            if all.len() == before {
                return all;
            }
        }
    }
}

#[test]
fn a_fader_does_not_move_a_value_before_it_has_come_past_it() {
    let mut show = Show::new(&[("fader.1", "/layer/back/opacity")]);
    assert_eq!([10, 40, 60].map(|at| show.opacity([0xB0, 1, at])), [0.5; 3]);
    assert!(show.opacity([0xB0, 1, 70]) > 0.55);
    assert_eq!(show.opacity([0xB0, 1, 127]), 1.0);
}

#[test]
fn a_fader_keeps_hold_though_what_it_set_has_not_been_seen_yet() {
    let mut show = Show::new(&[("fader.1", "/layer/back/opacity")]);
    show.is_slow = true;
    assert_eq!(show.opacity([0xB0, 1, 64]), 64.0 / 127.0);
    assert_eq!([90, 20, 120].map(|at| show.opacity([0xB0, 1, at])), [90.0, 20.0, 120.0].map(|at: f32| at / 127.0));
}

#[test]
fn what_somebody_else_moved_has_to_be_taken_hold_of_anew() {
    let mut show = Show::new(&[("fader.1", "/layer/back/opacity"), ("fader.2", "/layer/back/opacity")]);
    show.opacity([0xB0, 1, 64]);
    show.change(Change::Opacity { layer: "back".into(), opacity: 0.1 }, "osc:192.0.2.7:9000");
    assert_eq!(show.opacity([0xB0, 1, 70]), 0.1);
    assert_eq!(show.opacity([0xB0, 1, 5]), 5.0 / 127.0);
    show.opacity([0xB0, 2, 5]);
    show.opacity([0xB0, 2, 100]);
    assert_eq!(show.opacity([0xB0, 1, 6]), 100.0 / 127.0, "the second fader of the same box is somebody else");
}

#[test]
fn after_another_scene_a_fader_goes_on_from_where_its_value_is() {
    let mut show = Show::new(&[("fader.1", "/layer/back/opacity"), ("pad.1", "/layer/back/scene/echo")]);
    show.opacity([0xB0, 1, 64]);
    assert_eq!(show.plays([0x90, 0, 100]), [Action::Scene { layer: "back".into(), scene: "echo".into() }]);
    assert_eq!(show.opacity([0xB0, 1, 65]), 65.0 / 127.0);
}

#[test]
fn a_motor_fader_and_a_wheel_move_at_once() {
    let mut show = Show::new(&[("motor", "/layer/back/opacity"), ("wheel", "/layer/back/opacity")]);
    assert_eq!(show.opacity([0xB0, 3, 127]), 1.0);
    show.is_slow = true;
    show.opacity([0xB0, 60, 127]);
    assert!((show.opacity([0xB0, 60, 127]) - 125.0 / 127.0).abs() < 1e-6, "two clicks before the first was seen");
}

#[test]
fn fourteen_bits_are_taken_together() {
    let mut show = Show::new(&[("fine", "/layer/back/opacity")]);
    show.plays([0xB0, 4, 63]);
    assert_eq!(show.opacity([0xB0, 36, 127]), 8191.0 / 16_383.0);
}

#[test]
fn a_motor_is_not_told_its_own_movement_and_not_while_a_hand_is_on_it() {
    let mut show = Show::new(&[("motor", "/layer/back/opacity")]);
    assert!(show.told().contains(&vec![0xB0, 3, 64]), "where the value is");
    show.plays([0x90, 100, 127]);
    show.plays([0xB0, 3, 100]);
    show.wait(1000);
    assert_eq!(show.told(), Vec::<Vec<u8>>::new(), "its own movement");
    show.change(Change::Opacity { layer: "back".into(), opacity: 0.0 }, "web");
    assert_eq!(show.told(), Vec::<Vec<u8>>::new(), "touched");
    show.plays([0x80, 100, 0]);
    assert_eq!(show.told(), [[0xB0, 3, 0]]);
}

#[test]
fn lights_say_whether_something_is_there_and_whether_it_is_on() {
    let mut show = Show::new(&[("pad.1", "/layer/back/scene/tunnel"), ("pad.2", "/layer/back/scene/echo")]);
    let told = show.told();
    for light in [[0x96, 0, 21], [0x90, 1, 3], [0x96, 2, 0]] {
        assert!(told.iter().any(|bytes| *bytes == light), "{light:?} in {told:?}");
    }
    assert_eq!(show.told(), Vec::<Vec<u8>>::new(), "only what changes");
    show.change(Change::Scene { layer: "back".into(), scene: "echo".into() }, "web");
    assert_eq!(show.told(), [[0x90, 0, 3], [0x96, 1, 21]]);
    show.plays([0x80, 1, 0]);
    assert_eq!(show.told(), [[0x96, 1, 21]], "a box may have changed the light when the button was let go");
    assert!(show.surface.dark().contains(&vec![0x96, 1, 0]));
}

#[test]
fn a_box_that_comes_back_is_told_everything_and_knows_nothing() {
    let mut show = Show::new(&[("fader.1", "/layer/back/opacity"), ("wheel", "/param/glow"), ("meter", "/param/glow")]);
    let first = show.told();
    assert!(first.contains(&vec![0xB0, 61, 1]) && first.contains(&vec![0xB0, 90, 0]), "{first:?}");
    show.opacity([0xB0, 1, 64]);
    show.told();
    show.surface.connected(show.now);
    let told = show.told();
    assert_eq!(told.len(), first.len());
    assert!(told.iter().any(|it| it.windows(5).any(|word| word == b"0.504")), "the display");
    assert_eq!(show.opacity([0xB0, 1, 100]), 64.0 / 127.0);
}

#[test]
fn a_box_that_was_connected_is_told_once_more_and_its_faders_keep_their_hold() {
    let mut show = Show::new(&[("fader.1", "/layer/back/opacity"), ("pad.1", "/layer/back/scene/tunnel")]);
    show.surface.connected(show.now);
    // As when JACK has not connected the port yet.
    let lost = show.told();
    assert!(lost.contains(&vec![0x96, 0, 21]), "{lost:?}");
    show.opacity([0xB0, 1, 64]);
    show.told();
    show.now += SETTLES;
    assert!(show.told().contains(&vec![0x96, 0, 21]));
    assert_eq!(show.opacity([0xB0, 1, 70]), 70.0 / 127.0);
    show.told();
    show.now += SETTLES;
    assert_eq!(show.told(), Vec::<Vec<u8>>::new(), "only once");
}

#[test]
fn what_a_box_does_not_take_is_told_later() {
    let mut show = Show::new(&[("pad.1", "/layer/back/scene/tunnel")]);
    show.surface.tell(show.now, &mut |_| false);
    assert!(show.told().contains(&vec![0x96, 0, 21]));
}

#[test]
fn the_next_fader_that_is_moved_learns_and_sets_nothing_meanwhile() {
    let mut show = Show::new(&[("fader.1", "/layer/back/opacity")]);
    show.opacity([0xB0, 1, 64]);
    show.change(Change::Set { address: LEARN.into(), value: "/param/glow".into() }, "web");
    assert!(show.plays([0xB0, 1, 65]).is_empty(), "it trembles");
    let set = |address: &str, value: &str| Action::Set { address: address.into(), value: value.into() };
    assert_eq!(show.plays([0xB0, 1, 70]), [set("/control/box/learnt/fader.1", "/param/glow"), set(LEARN, "")]);
    assert_eq!(show.state.layers[0].opacity, 64.0 / 127.0);
    assert!(show.plays([0xB0, 1, 71]).is_empty(), "it has not taken hold yet");
    assert_eq!(show.plays([0xB0, 1, 0]), [Action::Parameter { name: "glow".into(), value: 0.0 }]);
    show.change(Change::Set { address: "/control/box/learnt/fader.1".into(), value: "".into() }, "web");
    show.plays([0xB0, 1, 60]);
    assert!(show.opacity([0xB0, 1, 70]) > 0.55, "forgotten: the rig's own again");
}

#[test]
fn what_no_file_names_is_learnt_by_what_it_sends() {
    let mut show = Show::new(&[]);
    show.change(Change::Set { address: LEARN.into(), value: "/show/blackout".into() }, "web");
    show.plays([0x95, 40, 90]);
    assert_eq!(show.state.settings["/control/box/learnt/note.40@6"], Value::from("/show/blackout"));
    assert_eq!(show.plays([0x95, 40, 90]), [Action::Blackout(true)]);
    assert!(show.told().contains(&vec![0x95, 40, 127]), "lit as most boxes are");
}

#[test]
fn what_cannot_be_learnt_is_said_and_nothing_is_bound() {
    let mut show = Show::new(&[]);
    show.change(Change::Set { address: LEARN.into(), value: "/param/glwo".into() }, "web");
    assert!(show.plays([0x90, 0, 90]).is_empty());
    assert!(show.surface.trouble(show.now).contains("did you mean `/param/glow`?"));
    show.change(Change::Set { address: LEARN.into(), value: "".into() }, "web");
    assert_eq!(show.surface.trouble(show.now), "");
    show.surface.observe(&Event::Refused { from: "box:pad.1".into(), why: "locked".into() }, show.now);
    assert_eq!(show.surface.trouble(show.now), "box:pad.1: locked");
    show.wait(11_000);
    assert_eq!(show.surface.trouble(show.now), "");
}

#[test]
fn an_element_or_address_that_is_not_there_is_refused_with_the_nearest() {
    let show = Show::new(&[]);
    let (layout, tree) = (&show.surface.layout, &show.surface.tree);
    let why =
        |element, assignment: Assignment| Surface::check(layout, tree, element, &assignment).expect_err("refused");
    let why_address = why("fader.1", Assignment::to("/layer/bakc/opacity"));
    assert!(why_address.contains("did you mean `/layer/back/opacity`?"), "{why_address}");
    assert_eq!(why("fadre.1", Assignment::to("/param/glow")), "unknown element `fadre.1`; did you mean `fader.1`?");
    let colour = Assignment { colour: Some("rad".into()), ..Assignment::to("/show/blackout") };
    assert_eq!(why("pad.1", colour), "unknown colour `rad`; did you mean `red`?");
}

#[test]
fn a_fader_presses_a_button_when_it_comes_past_the_middle() {
    let mut show = Show::new(&[("fader.1", "/tempo/tap")]);
    assert_eq!([100, 110, 20, 30].map(|at| show.plays([0xB0, 1, at]).len()), [0; 4]);
    assert_eq!(show.plays([0xB0, 1, 80]), [Action::Tap]);
    assert!(show.plays([0xB0, 1, 90]).is_empty());
}

#[test]
fn a_pad_fires_a_cue_that_was_made_while_the_show_runs() {
    let mut show = Show::new(&[("pad.1", "/cue/flash/fire")]);
    assert!(show.plays([0x90, 0, 127]).is_empty(), "there is no such cue");
    let cue = Some(downbeat_protocol::Cue::default());
    show.change(Change::Cue { name: "flash".into(), cue, edited: true }, "page");
    assert_eq!(show.plays([0x90, 0, 127]), [Action::FireCue { cue: "flash".into() }]);
}

#[test]
fn a_box_that_reports_where_its_motor_was_sent_sets_nothing_and_a_hand_does() {
    let mut show = Show::new(&[("motor", "/layer/back/opacity")]);
    let mut sent = Vec::new();
    for step in 1..=10 {
        let change = Change::Opacity { layer: "back".into(), opacity: step as f32 / 20.0 };
        show.change(change, "web");
        show.wait(33);
        sent.extend(show.told().into_iter().filter(|bytes| bytes.starts_with(&[0xB0, 3])));
    }
    assert!(sent.len() > 5, "{sent:?}");
    show.wait(100);
    for bytes in &sent {
        let bytes: [u8; 3] = bytes.as_slice().try_into().expect("a position");
        assert!(show.plays(bytes).is_empty(), "{bytes:?} came back");
    }
    assert_eq!(show.opacity([0xB0, 3, 100]), 100.0 / 127.0);
    assert_eq!(show.opacity([0xB0, 3, sent[3][2]]), f32::from(sent[3][2]) / 127.0, "it goes on to where it was");
}

#[test]
fn after_changes_that_went_by_unseen_a_fader_takes_hold_anew() {
    let mut show = Show::new(&[("fader.1", "/layer/back/opacity")]);
    show.opacity([0xB0, 1, 60]);
    show.opacity([0xB0, 1, 70]);
    show.state.apply(&Change::Opacity { layer: "back".into(), opacity: 0.1 });
    show.surface.missed_changes();
    show.tick();
    assert!(show.plays([0xB0, 1, 71]).is_empty(), "it would jump");
}

#[test]
fn a_box_that_was_switched_off_and_on_unnoticed_is_told_everything_within_ten_seconds() {
    let mut show = Show::new(&[("motor", "/layer/back/opacity"), ("pad.1", "/layer/back/scene/tunnel")]);
    let mut first = show.told();
    show.plays([0x90, 100, 127]);
    let mut again = |ms: u64, hand: bool| {
        let mut all = Vec::new();
        for _ in 0..ms / 33 {
            show.wait(33);
            let before = all.len();
            show.surface.tell(show.now, &mut |bytes| {
                all.push(bytes.to_vec());
                true
            });
            assert!(all.len() - before <= 2, "{} at once", all.len() - before);
        }
        if !hand {
            show.plays([0x80, 100, 0]);
        }
        all.sort();
        all
    };
    first.sort();
    assert_eq!(again(9_000, true), Vec::<Vec<u8>>::new(), "nothing is lost yet");
    let motor = vec![0xB0, 3, 64];
    let second: Vec<Vec<u8>> = first.iter().filter(|bytes| **bytes != motor).cloned().collect();
    assert_eq!(again(10_900, false), second, "the motor is touched");
    let third = again(10_000, false);
    assert!(third.contains(&motor) && first.iter().all(|bytes| third.contains(bytes)), "{third:?}");
}

/// A box that sends back at once whatever it is told; returns what that sets.
fn round(show: &mut Show, ticks: usize) -> Vec<Action> {
    let mut set = Vec::new();
    for _ in 0..ticks {
        show.wait(33);
        let mut sent = Vec::new();
        show.surface.tell(show.now, &mut |bytes| {
            sent.push(bytes.to_vec());
            true
        });
        show.wait(10);
        for bytes in sent {
            set.extend(bytes.try_into().map_or_else(|_| Vec::new(), |bytes| show.plays(bytes)));
        }
    }
    set
}

#[test]
fn a_light_that_comes_back_presses_nothing_and_a_finger_does() {
    for address in ["/show/blackout", "/cue/flash/fire"] {
        let mut show = Show::new(&[("note.36", address), ("pad.1", "/show/blackout")]);
        show.change(Change::Cue { name: "flash".into(), cue: Some(Default::default()), edited: true }, "page");
        show.surface.connected(show.now);
        show.change(Change::Blackout(true), "web");
        assert_eq!(round(&mut show, 30), [], "{address}, when the box is connected");
        for on in [false, true, false, true] {
            show.change(Change::Blackout(on), "web");
            assert_eq!(round(&mut show, 10), [], "{address}, when something changes");
        }
        assert!(show.surface.trouble(show.now).contains("MIDI thru"), "{}", show.surface.trouble(show.now));
        assert_eq!(show.plays([0x90, 36, 100]).len(), 1, "a finger");
        assert_eq!(round(&mut show, 10), []);
        show.plays([0x80, 36, 0]);
    }
}

#[test]
fn a_circle_that_is_closed_during_the_show_toggles_nothing() {
    let mut show = Show::new(&[("note.36", "/show/blackout")]);
    show.told();
    show.wait(1_000);
    show.change(Change::Blackout(true), "web");
    assert_eq!(round(&mut show, 10), []);
    assert!(show.state.blackout);
    assert_eq!(show.plays([0x90, 36, 127]), [Action::Blackout(false)], "a finger");
}

#[test]
fn a_button_that_is_held_and_released_right_after_its_light_went_out_is_released() {
    let held = Assignment { toggle: Some(false), ..Assignment::to("/show/blackout") };
    let mut show = Show::with(&[("note.36", held)]);
    show.told();
    show.wait(1_000);
    assert_eq!(show.plays([0x90, 36, 127]), [Action::Blackout(true)]);
    show.told();
    assert_eq!(show.plays([0x80, 36, 0]), [Action::Blackout(false)]);
    show.wait(33);
    show.surface.tell(show.now, &mut |_| true);
    show.wait(5);
    assert_eq!(show.plays([0x90, 36, 90]), [Action::Blackout(true)]);
    assert_eq!(show.plays([0x80, 36, 0]), [Action::Blackout(false)]);
}

#[test]
fn what_a_button_holds_ends_when_the_box_is_unplugged_and_what_it_has_toggled_stays() {
    let held = Assignment { toggle: Some(false), ..Assignment::to("/show/freeze") };
    let to = Assignment::to;
    let toggled = to("/show/blackout");
    let map = [("pad.1", held), ("pad.2", to("/param/glow")), ("pad.3", toggled), ("pad.4", to("/tempo/tap"))];
    let mut show = Show::with(&map);
    let glow = |value: f32| Action::Parameter { name: "glow".into(), value };
    assert_eq!(show.plays([0x90, 0, 127]), [Action::Freeze(true)]);
    assert_eq!(show.plays([0x90, 1, 127]), [glow(1.0)]);
    assert_eq!([2, 3].map(|pad| show.plays([0x90, pad, 127]).len()), [1, 1]);
    // Its way out was opened again meanwhile, or was missed first.
    show.surface.connected(show.now);
    assert_eq!(show.goes(), [Action::Freeze(false), glow(0.0)]);
    show.surface.connected(show.now);
    assert_eq!(show.goes(), [], "once");
    show.plays([0x90, 0, 127]);
    show.plays([0x80, 0, 0]);
    assert_eq!(show.goes(), [], "it was released");
}

#[test]
fn a_button_that_is_pressed_again_as_soon_as_it_is_released_switches_again() {
    let mut show = Show::new(&[("note.36", "/show/blackout")]);
    show.told();
    show.wait(1_000);
    assert_eq!(show.plays([0x90, 36, 127]), [Action::Blackout(true)]);
    show.wait(20);
    assert_eq!(show.told(), [[0x90, 36, 127]]);
    show.wait(60);
    assert_eq!(show.plays([0x80, 36, 0]), []);
    show.wait(20);
    let mut again = Vec::new();
    show.surface.tell(show.now, &mut |bytes| {
        again.push(bytes.to_vec());
        true
    });
    assert_eq!(again, [[0x90, 36, 127]]);
    show.wait(45);
    assert_eq!(show.plays([0x90, 36, 127]), [Action::Blackout(false)]);
}

#[test]
fn a_button_that_is_pressed_just_when_its_light_is_told_once_more_switches() {
    let mut show = Show::new(&[("note.36", "/show/blackout")]);
    show.change(Change::Blackout(true), "web");
    show.told();
    let is_told_again = (0..1_000).any(|_| {
        show.wait(33);
        let mut is_it = false;
        show.surface.tell(show.now, &mut |bytes| {
            is_it |= bytes == [0x90, 36, 127];
            true
        });
        is_it
    });
    assert!(is_told_again);
    show.wait(20);
    assert_eq!(show.plays([0x90, 36, 127]), [Action::Blackout(false)]);
}

#[test]
fn a_finger_switches_once_at_each_press_though_a_circle_is_closed() {
    let mut show = Show::new(&[("note.36", "/show/blackout")]);
    show.told();
    show.wait(1_000);
    for on in [true, false, true] {
        assert_eq!(show.plays([0x90, 36, 127]), [Action::Blackout(on)]);
        assert_eq!(round(&mut show, 3), [], "while it is held");
        assert_eq!(show.plays([0x80, 36, 0]), []);
        assert_eq!(round(&mut show, 10), [], "when it is released");
    }
}
